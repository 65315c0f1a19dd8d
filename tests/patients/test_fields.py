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
    "a patient number as it is read out": (PatientNumberField(), "abcd 2348", "ABCD2348"),
    "a patient number in a scanned address": (
        PatientNumberField(),
        "https://clearfill.example/card/ABCD-2348?v=1",
        "ABCD2348",
    ),
    "a patient number in a scanned card": (
        PatientNumberField(),
        "Patient number: abcd-2348 Date of birth: 04/27/2008",
        "ABCD2348",
    ),
    "a patient number twice in one code": (PatientNumberField(), "ABCD-2348 abcd2348", "ABCD2348"),
}
REFUSED = {
    "a telephone without an area code": (PhoneField(), "555"),
    "a telephone that is a word": (PhoneField(), "call me"),
    "an npi with a wrong check digit": (NpiField(), "1234567890"),
    "a missing npi": (NpiField(), ""),
    "a missing patient number": (PatientNumberField(), ""),
    "a patient number with a wrong check character": (PatientNumberField(), "abcd 2345"),
    "a patient number with a letter that is none": (PatientNumberField(), "abcd 2340"),
    "a code with two patient numbers": (PatientNumberField(), "ABCD-2348 ABCE-234D"),
    "a code without a patient number": (PatientNumberField(), "https://clearfill.example/"),
}


@pytest.mark.parametrize(("field", "typed", "kept"), KEPT.values(), ids=KEPT)
def test_kept(field: Field, typed: str, kept: str) -> None:
    assert field.clean(typed) == kept


@pytest.mark.parametrize(("field", "typed"), REFUSED.values(), ids=REFUSED)
def test_refused(field: Field, typed: str) -> None:
    with pytest.raises(ValidationError):
        field.clean(typed)


def test_of_a_scanned_code_the_number_alone_is_shown_again() -> None:
    """The rest may name the patient: it is neither looked up nor kept on the page."""
    field = PatientNumberField()
    assert field.bound_data("Ana Mora, ABCD2348, 04/27/2008", None) == "ABCD-2348"
    assert field.bound_data("abcd 2345", None) == "abcd 2345"
