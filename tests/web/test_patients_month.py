"""The patient's part of the month counts from the window's first day; before it nothing is asked, and nothing taken."""

import re
from datetime import UTC, date, datetime
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from compliance.commands import comprehension
from compliance.models import Draft
from compliance.records.file import read_file
from compliance.rules.records import (
    ContraceptionDeclared,
    Counselled,
    PregnancyReported,
    PregnancyTest,
    Record,
)
from ledger.models import LogRecord as Row
from tests import factories
from tests.clocks import Clock
from tests.histories import METHODS, ClinicFactory
from tests.web.opened import send
from tests.web.test_signing import client_of, month
from tests.web.unrendered import unrendered

pytestmark = pytest.mark.django_db

PAGES = {"methods": "Birth control this month", "questions": "Five questions"}
NOT_YET = "We ask you here once your prescriber has entered this month's test."


class Month:
    """A patient whose first window goes from 13 to 19 December, before the patient's own pages."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        clock.set("2026-12-15T11:00-05:00")
        self.clinic = ClinicFactory()
        self.patient = self.clinic.ready()
        assert self.patient.user is not None
        self.user = self.patient.user

    def enter(self, at: str, *records: Record) -> None:
        """Entered at that instant; the clock stands a minute later."""
        self.clinic._enter(self.patient, datetime.fromisoformat(at).astimezone(UTC), *records)
        self.clock.set(at)
        self.clock.forward(minutes=1)

    def fill(self) -> None:
        number = self.clinic.authorize(self.patient).number
        assert number is not None
        assert self.clinic.dispense(self.patient, number) is None

    def test(self, on: str) -> None:
        """A negative test, collected and entered that day, with the prescriber's part of the month."""
        day = date.fromisoformat(on)
        declared = ContraceptionDeclared("prescriber", METHODS, day)
        test = PregnancyTest(day, "negative", "laboratory", "first_five_days")
        self.enter(f"{on}T09:00-05:00", test, Counselled(day), declared)

    def client(self) -> Client:
        return client_of(self.user)

    def shown(self, page: str) -> Any:
        return self.client().get(f"/patient/{page}/")

    def open(self) -> bool:
        """Whether both pages take what is typed; they are always both open, or both not."""
        with unrendered():
            opened = {name: "form" in (self.shown(name).context or {}) for name in PAGES}
        assert len(set(opened.values())) == 1, opened
        return opened["methods"]

    def codes(self) -> set[str]:
        with unrendered():
            page = self.clinic_page()
        return {blocker.code for blocker in page.context["assessment"].blockers}

    def clinic_page(self) -> Any:
        client = Client()
        factories.sign_in(client, self.clinic.prescriber.user)
        return client.get(f"/prescriber/patients/{self.patient.pk}/")

    def answers(self) -> dict[str, str]:
        """Every question's right answer, sent at once: the page asks one, and takes several."""
        file = read_file(self.patient.pk, self.clock.at)
        round_ = comprehension.current(
            patient=self.patient.pk, account=self.user.pk, assessment=file.assess(self.clock.at)
        )
        return {"key": str(uuid4())} | {question.id: str(question.right) for question in round_.questions}


@pytest.fixture
def patients(clock: Clock) -> Month:
    return Month(clock)


def filled(found: Month) -> None:
    """Supply in hand; the next test was not taken yet."""
    found.fill()
    found.clock.set("2027-01-05T11:00-05:00")


def missed(found: Month) -> None:
    """The window is over since midnight."""
    found.clock.set("2026-12-20T00:00-05:00")


def stopped(found: Month) -> None:
    """The test counts no more."""
    found.enter("2026-12-15T12:00-05:00", PregnancyReported())


SHUT = {"after a fill": filled, "after a missed window": missed, "stopped": stopped}


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("name", SHUT)
def test_before_the_window_the_page_says_from_when(patients: Month, name: str, page: str) -> None:
    SHUT[name](patients)
    shown = patients.shown(page)
    text = unescape(shown.content.decode())
    assert shown.status_code == 200
    assert "Not yet" in text
    assert NOT_YET in text
    assert PAGES[page] in text
    assert not re.search(r'name="(methods|signer_password|answer)"', text)


@pytest.mark.parametrize("name", SHUT)
def test_what_is_sent_before_the_window_is_not_taken(patients: Month, name: str) -> None:
    """As from a page that was open when the window ended; with everything right but the day."""
    answers, brought = patients.answers(), patients.shown("methods").context["form"]["displayed_sha256"].value()
    SHUT[name](patients)
    before = (Row.objects.count(), list(Draft.objects.values_list("answers", flat=True)))
    for page, form in (("methods", month(patients.user) | {"displayed_sha256": brought}), ("questions", answers)):
        answer = patients.client().post(f"/patient/{page}/", form)
        assert answer.status_code == 422, page
        assert NOT_YET in unescape(answer.content.decode())
    assert (Row.objects.count(), list(Draft.objects.values_list("answers", flat=True))) == before


def test_the_first_page_says_who_is_waited_for(patients: Month) -> None:
    """No button leads to what is not open, and the patient is not said to have something to do."""
    filled(patients)
    page = unescape(patients.client().get("/patient/").content.decode())
    assert "/patient/methods/" not in page
    assert "/patient/questions/" not in page
    assert NOT_YET in page
    assert "They come once your prescriber has entered this month" in page
    patients.test("2027-01-05")
    page = unescape(patients.client().get("/patient/").content.decode())
    assert "/patient/methods/" in page
    assert NOT_YET not in page


#: The instant, and whether the pages of a window from 5 to 11 January are open at it.
DAYS = {
    "its first day, entered": ("2027-01-05T09:01-05:00", True),
    "its last second": ("2027-01-11T23:59:59-05:00", True),
    "the midnight after": ("2027-01-12T00:00-05:00", False),
}


@pytest.mark.parametrize("name", DAYS)
def test_from_its_first_day_to_its_last(patients: Month, clock: Clock, name: str) -> None:
    at, opened = DAYS[name]
    filled(patients)
    assert not patients.open()
    patients.test("2027-01-05")
    clock.set(at)
    assert patients.open() is opened


def test_the_month_that_is_done_on_its_pages_is_answered_with_a_yes(patients: Month) -> None:
    filled(patients)
    patients.test("2027-01-05")
    assert patients.codes() == {"contraception-missing:patient", "comprehension-missing"}
    assert send(patients.client(), "/patient/methods/", month(patients.user)).status_code == 302
    patients.clock.forward(minutes=1)
    answers = patients.answers()
    assert patients.client().post("/patient/questions/", answers)["Location"] == "/patient/"
    patients.clock.forward(minutes=1)
    assert patients.clinic.authorize(patients.patient, at=patients.clock.at).allowed


def test_what_was_said_before_the_test_does_not_count(patients: Month) -> None:
    """As it was recorded before this was the law: a declaration for a month to come."""
    filled(patients)
    patients.enter("2027-01-04T23:59-05:00", ContraceptionDeclared("patient", METHODS))
    patients.test("2027-01-05")
    assert "contraception-missing:patient" in patients.codes()


def test_what_was_said_on_the_windows_first_day_counts_whenever_the_test_was_entered(patients: Month) -> None:
    filled(patients)
    patients.enter("2027-01-05T00:00-05:00", ContraceptionDeclared("patient", METHODS))
    patients.test("2027-01-05")
    assert "contraception-missing:patient" not in patients.codes()


def test_another_test_in_an_open_window_asks_the_patient_anew(patients: Month) -> None:
    """By the letter of 4.4: the last window is that of the latest test that opened one."""
    asked = {"contraception-missing:patient", "comprehension-missing"}
    assert patients.codes() == set(), "the patient's part is of 13 December"
    for day, missing in ((13, set()), (14, asked)):
        test = PregnancyTest(date(2026, 12, day), "negative", "laboratory", "first_five_days")
        patients.enter("2026-12-16T12:00-05:00", test)
        assert patients.codes() == missing, day
    assert patients.open()
    assert send(patients.client(), "/patient/methods/", month(patients.user)).status_code == 302
    patients.clock.forward(minutes=1)
    assert patients.codes() == {"comprehension-missing"}
