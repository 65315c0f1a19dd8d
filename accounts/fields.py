"""Form fields about an account."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from . import user_names


class UserNameField(forms.CharField):
    """A user name that somebody chooses; one is suggested. In small letters, however it is typed."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        kwargs.setdefault("label", _("Choose a user name"))
        kwargs.setdefault("initial", user_names.suggest)
        kwargs.setdefault("widget", forms.TextInput(attrs=attrs))
        kwargs.setdefault(
            "help_text",
            _(
                "We suggest one. Four characters or more: letters without accents, digits, dots and dashes, a letter "
                "first. Better not your own name. Write it down."
            ),
        )
        super().__init__(max_length=user_names.LONGEST, **kwargs)

    def clean(self, value: Any) -> str:
        """The user name as it is kept."""
        name = user_names.normalise(super().clean(value))
        if not user_names.is_valid(name):
            raise ValidationError(
                _("Four to thirty characters: letters without accents, digits, dots and dashes, a letter first.")
            )
        return name
