"""The counter's question: what is typed or scanned, and what costs a try."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from compliance.commands.lookups import MAX_OF_ONE_NUMBER
from ledger.models import LoggedRequest
from patients import numbers
from patients.models import Patient
from tests.clocks import Clock
from tests.factories import as_
from tests.histories import ClinicFactory

pytestmark = pytest.mark.django_db

MISTYPED = "This number is mistyped. Check each letter and digit."
NOBODY = "No patient with that number and date of birth."


class Counter:
    """A patient who is ready, and the pharmacist before whom they stand, on 15 December at 3:06 PM."""

    def __init__(self, clock: Clock) -> None:
        clock.set("2026-12-15T15:06-05:00")
        self.clock, self.clinic = clock, ClinicFactory()
        self.patient: Patient = self.clinic.ready()
        self.client: Client = as_(self.clinic.pharmacies[0].pharmacists.get().user)

    def ask(self, **typed: str) -> Any:
        form = {"number": self.patient.number, "born_on": "04/02/2001", "days_supply": "30", "key": str(uuid4())}
        return self.client.post("/counter/", form | typed, follow=True)

    def says(self, **typed: str) -> str:
        return str(self.ask(**typed).content.decode())


@pytest.fixture
def counter(clock: Clock) -> Counter:
    return Counter(clock)


def mistyped(number: str) -> str:
    """The number with a wrong check character."""
    return number[:-1] + next(c for c in numbers.ALPHABET if c != number[-1])


def test_the_first_field_has_the_focus_when_the_page_is_opened(counter: Counter) -> None:
    page = counter.client.get("/counter/").content.decode()
    first = page.index('name="number"')
    assert page.count("autofocus") == 1
    assert first < page.index("autofocus") < page.index('name="born_on"')


def test_wrong_check_character_is_said_beside_its_field_and_costs_no_try(counter: Counter) -> None:
    before = LoggedRequest.objects.count()
    for _ in range(MAX_OF_ONE_NUMBER + 1):
        answer = counter.ask(number=mistyped(counter.patient.number))
        assert answer.status_code == 422
        assert MISTYPED in answer.content.decode()
    assert LoggedRequest.objects.count() == before
    assert "Yes, dispense" in counter.says()


def test_number_that_belongs_to_nobody_costs_one(counter: Counter) -> None:
    before = LoggedRequest.objects.count()
    assert NOBODY in counter.says(number="ABCD2348")
    assert LoggedRequest.objects.count() == before + 1


SCANNED = {
    "the number": "{}",
    "as it is printed": "{pretty}",
    "an address": "https://clearfill.example/card/{}",
    "a card with more on it": "Patient {pretty} Ana Mora, born 04/02/2001",
}


@pytest.mark.parametrize("code", SCANNED.values(), ids=SCANNED)
def test_of_what_a_scanner_reads_the_number_is_taken(counter: Counter, code: str) -> None:
    number = counter.patient.number
    scanned = code.format(number, pretty=numbers.pretty(number))
    assert "Yes, dispense" in counter.says(number=scanned)


def test_scan_without_a_birth_date_keeps_the_number_and_nothing_else_of_the_code(counter: Counter) -> None:
    """Without JavaScript the Enter of a scanner sends the form; the name in the code is dropped."""
    page = counter.says(number=f"{counter.patient.number} Ana Mora", born_on="")
    assert f'value="{numbers.pretty(counter.patient.number)}"' in page
    assert "Mora" not in page
