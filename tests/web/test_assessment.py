"""The assessment of a period: the same numbers whenever it is asked for, on a checkpoint, held against plain SQL."""

from datetime import date, timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.roles import OFFICER
from compliance.commands import certifying, checkpoints, figures
from compliance.commands.entries import enter
from compliance.models import PregnancyCase
from compliance.records.programs import program_day
from compliance.records.yearly import Assessed, assessed
from compliance.rules.care.pregnancies import PregnancyFollowed
from compliance.rules.records import Discontinued, EntryStruck, PregnancyReported
from ledger import log
from ledger.actor import Actor
from ledger.erasable_text import make_erasable
from patients.models import Patient
from tests import factories
from tests.clocks import Clock
from tests.histories import NOW, ClinicFactory
from web.office.assessment import SECTIONS

pytestmark = pytest.mark.django_db
DECEMBER = date(2026, 12, 1), date(2026, 12, 31)
#: When December is counted; the last that is counted of what comes then; and a year later.
COUNTED, COUNTED_ON, A_YEAR_LATER = (NOW + timedelta(days=days) for days in (18, 65, 380))
PAGE = "/office/oversight/assessment/"
ADDRESS = "?from=2026-12&to=2026-12"


@pytest.fixture(autouse=True)
def from_there_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Days are counted from December on. The clinic's certifications are of 2020: nothing of these tests is."""
    monkeypatch.setattr(figures, "_first_day", lambda: DECEMBER[0])


@pytest.fixture
def from_enrolment_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """The days of November too, in which the patients were enrolled."""
    monkeypatch.setattr(figures, "_first_day", lambda: program_day(NOW) - timedelta(days=45))


@pytest.fixture
def december(clinic: ClinicFactory) -> Patient:
    """A month with a fill, a course that ended, a pregnancy, a suspension; counted, with a checkpoint. The pregnant."""
    filled, ended, expecting = clinic.ready(), clinic.ready(), clinic.ready()
    number = clinic.authorize(filled).number
    assert number and clinic.dispense(filled, number) is None
    assert clinic.enter(ended, Discontinued("done"))
    assert clinic.enter(expecting, PregnancyReported())
    _suspend(clinic, "prescriber", clinic.other.pk)
    figures.count_days(at=COUNTED)
    checkpoints.publish(at=COUNTED)
    return expecting


def _suspend(clinic: ClinicFactory, kind: Any, subject: Any, at: Any = NOW) -> None:
    certifying.suspend(
        kind=kind, subject=subject, reason=make_erasable("because"), by=Actor(factories.officer().pk, OFFICER), at=at,
        key=uuid4(),
    )  # fmt: skip


def _found() -> Assessed:
    found = assessed(*DECEMBER)
    assert found is not None
    return found


def _follow(patient: Patient, outcome: str, at: Any) -> None:
    record = PregnancyFollowed(PregnancyCase.objects.get(patient=patient).record, outcome, "exposed", "method-failed")
    by = Actor(factories.officer().pk, OFFICER)
    enter(patient=patient.pk, records=[record], by=by, at=at, key=uuid4())


@pytest.mark.usefixtures("from_enrolment_on")
def test_the_numbers_of_a_month(clinic: ClinicFactory, december: Patient) -> None:
    numbers = _found().numbers
    expected = {
        "open-before": 3, "open": 2, "enrolled": 0, "ended": 1, "fills": 1, "days-to-fill": 2, "suspended": 1,
        "certified-prescriber": 1, "certified-pharmacy": 2, "pregnancies": 1, "phase-before-first-fill": 1,
        "outcome-pending": 1, "exposure-unknown": 1, "tests": 3, "tests-laboratory": 3, "missed-pick-up": 0,
    }  # fmt: skip
    assert {code: numbers[code] for code in expected} == expected


def test_asked_a_year_later_nothing_is_different(clinic: ClinicFactory, december: Patient, clock: Clock) -> None:
    before = _found()
    later = COUNTED + timedelta(days=2)
    _follow(december, "miscarriage", later)
    _suspend(clinic, "pharmacy", clinic.pharmacies[0].pk, later)
    clinic.now = COUNTED + timedelta(days=46)
    assert clinic.enter(clinic.ready(), PregnancyReported(), at=clinic.now)
    figures.count_days(at=COUNTED_ON)
    checkpoints.publish(at=COUNTED_ON)
    clock.at = A_YEAR_LATER
    after = _found()
    assert after.numbers == before.numbers
    assert (after.checkpoint.number, after.checkpoint.hash) == (before.checkpoint.number, before.checkpoint.hash)
    assert figures.rebuild(at=COUNTED_ON) and _found().numbers == before.numbers, "counted anew as well"


def test_what_became_of_a_pregnancy_is_known_as_of_the_checkpoint(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    assert clinic.enter(patient, PregnancyReported())
    _follow(patient, "live-birth", COUNTED - timedelta(hours=1))
    figures.count_days(at=COUNTED)
    checkpoints.publish(at=COUNTED)
    numbers = _found().numbers
    assert (numbers["outcome-live-birth"], numbers["exposure-exposed"]) == (1, 1)
    assert "outcome-pending" not in numbers


@pytest.mark.usefixtures("from_enrolment_on")
def test_an_end_that_was_voided_is_no_end(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    assert clinic.enter(patient, Discontinued("wrong one"))
    (number,) = [row.number for row in log.read(patient.pk) if row.kind == "discontinued"]
    assert clinic.enter(patient, EntryStruck(number, "wrong one"))
    figures.count_days(at=COUNTED)
    checkpoints.publish(at=COUNTED)
    assert _found().numbers["open"] == 1


def test_it_is_not_there_before_its_days_are_counted_and_signed_over(clinic: ClinicFactory) -> None:
    clinic.ready()
    checkpoints.publish(at=NOW)
    figures.count_days(at=COUNTED)
    assert assessed(*DECEMBER) is None, "the checkpoint is from before its end"
    checkpoints.publish(at=COUNTED)
    assert assessed(*DECEMBER) is not None
    assert assessed(date(2026, 12, 1), date(2027, 1, 31)) is None


# --- the pages ----------------------------------------------------------------------------------------
@pytest.fixture
def office(clock: Clock) -> Client:
    clock.at = COUNTED
    return factories.as_(factories.officer())


def test_page_csv_and_pdf_say_the_same_on_the_same_checkpoint(december: Patient, office: Client) -> None:
    found = _found()
    page = " ".join(unescape(office.get(PAGE + ADDRESS).content.decode()).split())
    assert found.checkpoint.hash in page
    assert "not collected" in page
    text = office.get(f"{PAGE}csv/{ADDRESS}").content.decode()
    rows = dict(line.split(",") for line in text.splitlines())
    assert (rows["first-day"], rows["last-day"]) == ("2026-12-01", "2026-12-31")
    assert rows["checkpoint-hash"] == found.checkpoint.hash
    assert (rows["fills"], rows["days"], rows["rate"], rows["at-once"]) == ("1", "2.0", "1000.0", "100.0")
    assert {code for _heading, lines in SECTIONS for code, _label in lines} <= rows.keys()
    once, again = (office.get(f"{PAGE}pdf/{ADDRESS}").content for _ in range(2))
    assert once == again and once.startswith(b"%PDF-")


def test_a_period_that_is_not_there_is_said_so_and_is_no_file(office: Client) -> None:
    assert "Not there yet" in office.get(PAGE + "?from=2027-01&to=2027-02").content.decode()
    assert office.get(f"{PAGE}csv/?from=2027-01&to=2027-02").status_code == 404
    for hostile in ("?from=2026-13&to=2026-12", "?from=x", "?from=2026-12&to=2026-01", "?from=%00&to=9999-12"):
        assert office.get(PAGE + hostile).status_code == 200
