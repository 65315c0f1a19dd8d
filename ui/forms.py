"""The form that every form of the product is: one helper, one key, one way to show what is wrong.

A form validates and hands over `cleaned_data`; it never saves.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar
from uuid import UUID, uuid4

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from ledger import clock

from . import zone
from .fields import BirthDateField, DateField, KeyField, ask_about, show_everything
from .navigation import Words

#: What a browser may fill in, by the name of the field, in a form that asks people about themselves.
AUTOCOMPLETE = {
    "email": "email",
    "name": "name",
    "given_name": "given-name",
    "family_name": "family-name",
    "born_on": "bday",
    "phone": "tel",
    "address": "street-address",
    "practice_name": "organization",
    "password": "current-password",
    "password1": "new-password",
    "password2": "new-password",
    "code": "one-time-code",
}
_PICK = (forms.RadioSelect, forms.Select)


@dataclass(frozen=True, slots=True)
class FormProblem:
    """One error as the summary shows it: the field's label, the sentence, the id of what to put right (or empty)."""

    label: Words
    message: str
    anchor: str

    @property
    def text(self) -> str:
        """Label and sentence in one line."""
        label = str(self.label)
        return f"{label}{'' if label[-1:] in '?.!:' else ':'} {self.message}".strip() if label else self.message


def problems(form: forms.BaseForm) -> Iterator[FormProblem]:
    """Every error of a form, in the order of its fields, those of the whole form first."""
    for message in form.non_field_errors():
        yield FormProblem("", str(message), "")
    for bound in form:
        for message in bound.errors:
            hidden = bound.is_hidden
            yield FormProblem("" if hidden else bound.label, str(message), "" if hidden else anchor(bound))


def anchor(bound: forms.BoundField) -> str:
    """The id of the element that takes the focus for that field: of a group, its first choice."""
    if bound.id_for_label:
        return bound.id_for_label
    choices = bound.subwidgets
    return (choices[0].id_for_label if choices else "") or f"{bound.auto_id}_0"


class BaseForm(forms.Form):
    """Fields, an error summary, a note on what is required, and the key that makes sending twice harmless.

    A form that only looks things up sets `method = "get"` and has no key.
    `submit` is the button's text, `danger` draws it as a step that cannot be taken back. `about_self` lets the
    browser fill in names and addresses; a form about somebody else must not take the reader's own.
    """

    submit: ClassVar[Words] = _("Save")
    method: ClassVar[str] = "post"
    danger: ClassVar[bool] = False
    about_self: ClassVar[bool] = False

    key = KeyField()

    #: What Django found wrong; None before it looked.
    _errors: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.method == "get":
            del self.fields["key"]
        for name, field in self.fields.items():
            _say_what_is_missing(field)
            show_everything(field)
            self._let_browser_fill(name, field)

    def full_clean(self) -> None:
        """Check everything, once: an answer does not change by being asked for again."""
        if self._errors is None:
            super().full_clean()

    def _let_browser_fill(self, name: str, field: forms.Field) -> None:
        widget = field.widget
        if isinstance(widget, (forms.RadioSelect, forms.CheckboxInput)) or widget.is_hidden:
            return
        widget.attrs.setdefault("autocomplete", AUTOCOMPLETE.get(name, "off") if self.about_self else "off")

    def layout(self) -> Layout | None:
        """How the visible fields stand, for a form that needs more than one below the other."""
        return None

    @cached_property
    def helper(self) -> FormHelper:
        """What `{% crispy form %}` draws by."""
        helper = FormHelper()
        helper.template = "components/form.html"
        helper.field_template = "components/field.html"
        helper.form_class = "form"
        helper.form_method = self.method
        helper.layout = self.layout()
        return helper

    @property
    def required_note(self) -> Words:
        """What the reader must fill in; nothing for a form of one field."""
        fields = [bound.field.required for bound in self.visible_fields()]
        if len(fields) < 2 or not any(fields):
            return ""
        return _("Please fill in everything.") if all(fields) else _("Please fill in all that is not marked optional.")

    @property
    def button(self) -> Words:
        """The text of the button that sends it."""
        return self.submit

    # --- what is asked once more before it is taken ------------------------------------------
    @property
    def today(self) -> date:
        """The day by which a typed day lies far back; a form that knows the instant of its request says it."""
        return clock.for_display().astimezone(zone.program()).date()

    @property
    def asks_about_days(self) -> bool:
        """Whether a day is asked about once more."""
        asked = (getattr(field, "asked", None) for field in self.fields.values())
        return any(question is not None and not question.answered for question in asked)

    @property
    def waits(self) -> bool:
        """Whether something is asked once more, without which nothing is taken."""
        return self.asks_about_days

    def ask_nothing(self) -> None:
        """Take back what is asked about days."""
        for field in self.fields.values():
            if isinstance(field, (DateField, BirthDateField)):
                field.asked = None

    def is_valid(self) -> bool:
        """Whether it can be taken: nothing is wrong, and nothing is asked once more."""
        return super().is_valid() and not self.waits

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # not in the stubs
        for name, field in self.fields.items():
            day = self.cleaned_data.get(name)
            if not isinstance(field, (DateField, BirthDateField)) or not isinstance(day, date):
                continue
            if day == self.get_initial_for_field(field, name):
                continue  # It stood there: whoever entered it was asked.
            box = f"{self.add_prefix(name)}_is_right"
            field.asked = ask_about(field, day, self.today, name=box, answer=self.data.get(box))

    def refuse(self, message: Words, field: str | None = None) -> None:
        """Show what an action refused, beside its field, keep all that was typed, and take a new key.

        The old key stays with the refused request; what is sent next is another request.
        """
        self.add_error(field, ValidationError(str(message)))
        data: Any = self.data.copy()  # type: ignore[attr-defined]  # a QueryDict, or a test's dict
        data[self.add_prefix("key")] = str(uuid4())
        self.data = data

    @property
    def idempotency_key(self) -> UUID:
        """The key of this valid form."""
        key = self.cleaned_data["key"]
        assert isinstance(key, UUID)
        return key


class Press(BaseForm):
    """A button with nothing to fill in: its key, and no more. `{% request_key %}` draws it."""


def _say_what_is_missing(field: forms.Field) -> None:
    """Say in the words of the field what to do when it was left empty."""
    if field.error_messages["required"] is not forms.Field.default_error_messages["required"]:
        return
    if isinstance(field.widget, forms.CheckboxSelectMultiple):
        field.error_messages["required"] = _("Choose at least one.")
    elif isinstance(field.widget, forms.CheckboxInput):
        field.error_messages["required"] = _("Tick this box to go on.")
    elif isinstance(field.widget, _PICK):
        field.error_messages["required"] = _("Choose one.")
    else:
        field.error_messages["required"] = _("Fill this in.")
