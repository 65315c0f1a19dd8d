"""Form fields for what identifies people and places here, each brought to the form in which it is kept."""

import re
from typing import Any

import phonenumbers
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from . import numbers

#: Where a number without a country's prefix is taken to be.
REGION = "US"


class PhoneField(forms.CharField):
    """A telephone number; kept as E.164, such as +12125550100."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Phone"))
        kwargs.setdefault("max_length", 32)
        kwargs.setdefault("widget", forms.TextInput(attrs={"type": "tel"}))
        super().__init__(**kwargs)
        self.error_messages["invalid"] = _("Enter a phone number with its area code, for example 212 555 0100.")

    def clean(self, value: Any) -> str:
        """The number as E.164, or an empty text."""
        typed = str(super().clean(value))
        return typed and self._e164(typed)

    def _e164(self, typed: str) -> str:
        try:
            number = phonenumbers.parse(typed, REGION)
        except phonenumbers.NumberParseException as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error
        if not phonenumbers.is_possible_number(number):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


class NpiField(forms.CharField):
    """A National Provider Identifier; kept as ten digits. The check digit catches what was mistyped."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("NPI"))
        kwargs.setdefault("help_text", _("National Provider Identifier, ten digits"))
        kwargs.setdefault("max_length", 20)
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "numeric", "class": "input-number"}))
        super().__init__(**kwargs)
        self.error_messages["invalid"] = _("This is not an NPI: check its ten digits.")

    def clean(self, value: Any) -> str:
        """The ten digits, or an empty text."""
        npi = re.sub(r"[\s-]", "", str(super().clean(value)))
        if npi and not numbers.npi_is_valid(npi):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return npi


class PatientNumberField(forms.CharField):
    """A patient number as it was read out, typed or scanned; kept as its eight characters.

    A scanned code may hold more than the number: the number is taken, and the rest is dropped. A number with a wrong
    check character is refused before anything is looked up.
    """

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"class": "input-number", "autocapitalize": "characters", "spellcheck": "false"}
        kwargs.setdefault("label", _("Patient number"))
        kwargs.setdefault("help_text", _("Eight letters and digits, such as ABCD-2348"))
        kwargs.setdefault("max_length", 1000)
        kwargs.setdefault("widget", forms.TextInput(attrs=attrs))
        super().__init__(**kwargs)
        self.error_messages["invalid"] = _("This number is mistyped. Check each letter and digit.")

    def clean(self, value: Any) -> str:
        """The number in the form in which it is kept."""
        number = numbers.scanned(str(super().clean(value)))
        if number and not numbers.is_valid(number):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return number

    def bound_data(self, data: Any, initial: Any) -> Any:
        """What is shown again: of a code that held more, the number alone."""
        number = numbers.scanned(str(data or ""))
        return numbers.pretty(number) if numbers.is_valid(number) else data

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """No length in the browser: a scanner may type more than a number has."""
        return {name: value for name, value in super().widget_attrs(widget).items() if name != "maxlength"}
