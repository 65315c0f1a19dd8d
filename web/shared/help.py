"""Help beside a field: the words of the glossary that it asks for, opened by a press where they stand."""

from django import forms

from compliance.words.glossary import terms


def explain(form: forms.Form, **codes: tuple[str, ...]) -> None:
    """Beside each named field that the form has, what these words mean (`components/field_texts.html`)."""
    for name, wanted in codes.items():
        if name in form.fields:
            form.fields[name].explained = terms(wanted)  # type: ignore[attr-defined]
