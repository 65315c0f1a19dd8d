"""Form fields that identify people and places: accepted input, and the form in which it is kept."""

import pytest
from django.core.exceptions import ValidationError
from django.forms import Field

from patients.fields import NpiField, PatientNumberField, PhoneField

KEPT = {
    "a telephone as people write it": (PhoneField(), "(212) 555-0100", "+12125550100"),
    "a telephone from abroad": (PhoneField(), "+49 30 123456", "+4930123456"),
    "no telephone": (PhoneField(required=False), "", ""),
    "an npi with spaces": (NpiField(), " 1234 567 893", "1234567893"),
    "no npi": (NpiField(required=False), "", ""),
    "a patient number as it is read out": (PatientNumberField(), "abcd 2345", "ABCD2345"),
    "a patient number that belongs to nobody": (PatientNumberField(), "abcd 2340", "ABCD2340"),
}
REFUSED = {
    "a telephone without an area code": (PhoneField(), "555"),
    "a telephone that is a word": (PhoneField(), "call me"),
    "an npi with a wrong check digit": (NpiField(), "1234567890"),
    "a missing npi": (NpiField(), ""),
    "a missing patient number": (PatientNumberField(), ""),
}


@pytest.mark.parametrize(("field", "typed", "kept"), KEPT.values(), ids=KEPT)
def test_kept(field: Field, typed: str, kept: str) -> None:
    assert field.clean(typed) == kept


@pytest.mark.parametrize(("field", "typed"), REFUSED.values(), ids=REFUSED)
def test_refused(field: Field, typed: str) -> None:
    with pytest.raises(ValidationError):
        field.clean(typed)
