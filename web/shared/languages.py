"""The field that asks in which language somebody wants to be addressed."""

from typing import Any

from django import forms
from django.conf.locale import LANG_INFO
from django.utils.translation import gettext_lazy as _

from accounts.languages import LANGUAGES, UNKNOWN
from ui.navigation import Words

NOT_KNOWN = _("Not known")

#: What it is asked for, said to a practice.
LANGUAGE_HELP = _("Pages, texts to sign and messages are in it.")


def language_field(label: Words, *, unknown: Words = NOT_KNOWN, **kwargs: Any) -> forms.ChoiceField:
    """One of the languages, each by its own name; or none."""
    options: list[tuple[str, Words]] = [(code, LANG_INFO[code]["name_local"].capitalize()) for code in LANGUAGES]
    return forms.ChoiceField(
        label=label, choices=[*options, (UNKNOWN, unknown)], widget=forms.RadioSelect, required=False, **kwargs
    )
