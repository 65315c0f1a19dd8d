"""Figures by month: counted a day at a time, each once, from the records; rebuilt and compared."""

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command

from accounts import events
from accounts.roles import PHARMACIST
from compliance.commands import figures, gate
from compliance.models import ComplianceSignal, FigureProgress, MonthlyFigure, PatientStatus
from compliance.records.figures import FLOWS, Place, of_day, standing
from compliance.records.programs import program_day
from compliance.rules.records import ContraceptionDeclared, Counselled, Discontinued, PregnancyReported, PregnancyTest
from ledger.actor import Actor
from notifications import tasks
from outbox.turns import Turn
from tests import factories
from tests.histories import METHODS, NOW, OTHER_METHODS, ClinicFactory, by_patient

pytestmark = pytest.mark.django_db
TODAY = program_day(NOW)
START = TODAY - timedelta(days=45)
#: When the whole of that day is there to be counted.
NEXT_DAY = NOW + timedelta(days=1)


@pytest.fixture(autouse=True)
def from_there_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clinic's certifications are of 2020: nothing of these tests is."""
    monkeypatch.setattr(figures, "_first_day", lambda: START)


def numbers(place: UUID | None = None, month: date | None = None) -> dict[str, int]:
    rows = MonthlyFigure.objects.filter(place=place, month=month or TODAY.replace(day=1))
    return dict(rows.values_list("figure", "number"))


def refused(clinic: ClinicFactory, patient: UUID) -> None:
    decision = gate.authorize_patient(
        patient=patient, pharmacy=clinic.pharmacies[0].pk, days_supply=31, by=clinic.counters[0], at=NOW, key=uuid4()
    )
    assert decision.number is None


def filled_at_once(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    number = clinic.authorize(patient).number
    assert number and clinic.dispense(patient, number) is None


def filled_after_a_call(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    refused(clinic, patient.pk)
    number = clinic.authorize(patient, at=NOW + timedelta(minutes=1)).number
    assert number and clinic.dispense(patient, number, at=NOW + timedelta(minutes=2)) is None


def entered_late(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    number = clinic.authorize(patient, at=NOW - timedelta(days=1)).number
    assert number and clinic.dispense(patient, number, on=TODAY - timedelta(days=1)) is None


def given_back(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    number = clinic.authorize(patient).number
    assert number and clinic.reverse(patient, number) is None


def positive(clinic: ClinicFactory) -> None:
    assert clinic.enter(clinic.ready(), PregnancyTest(TODAY, "positive", "clinic"))


def reported(clinic: ClinicFactory) -> None:
    assert clinic.enter(clinic.ready(), PregnancyReported())


def ended(clinic: ClinicFactory) -> None:
    assert clinic.enter(clinic.ready(), Discontinued("done"))


def nobody_there(clinic: ClinicFactory) -> None:
    by = Actor(factories.account(PHARMACIST).pk, PHARMACIST, clinic.pharmacies[0].pk)
    gate.authorize(
        number="22222222", born_on=date(1999, 1, 1), pharmacy=clinic.pharmacies[0].pk, days_supply=30, by=by, at=NOW,
        key=uuid4(),
    )  # fmt: skip


def locked(clinic: ClinicFactory) -> None:
    events.note(clinic.doctor.account, "signing_locked", by=clinic.doctor, at=NOW, data={"until": "x"})


def backdated(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    number = clinic.authorize(patient, at=NOW - timedelta(days=1)).number
    assert number and clinic.dispense(patient, number, at=NOW + timedelta(days=8), on=TODAY - timedelta(days=1)) is None


def tried_too_late(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    number = clinic.authorize(patient, at=NOW - timedelta(days=1)).number
    assert number and clinic.dispense(patient, number, at=NOW + timedelta(days=8)) == "authorization-expired"


def signed_at_once(clinic: ClinicFactory) -> None:
    for number, patient in enumerate([clinic.ready(), clinic.ready(), clinic.ready()]):
        declared = ContraceptionDeclared("prescriber", METHODS, TODAY)
        assert clinic.enter(patient, declared, at=NOW + timedelta(seconds=(0, 2, 9)[number]))


#: What is a signal, on which day it is counted, and of whom it is.
SIGNALS: dict[str, tuple[Callable[[ClinicFactory], None], int, str, bool]] = {
    "a hand-over entered nine days later": (backdated, 8, "signal-backdated", True),
    "a hand-over that was tried after the last day": (tried_too_late, 8, "signal-after-last-day", True),
    "signatures about two patients within three seconds": (signed_at_once, 0, "signal-at-once", False),
}


@pytest.mark.parametrize("name", SIGNALS)
def test_a_signal_is_counted_once_of_the_place(clinic: ClinicFactory, name: str) -> None:
    happens, day, figure, of_pharmacy = SIGNALS[name]
    happens(clinic)
    place = clinic.pharmacies[0].pk if of_pharmacy else clinic.prescriber.pk
    found = {one: n for one, n in of_day(TODAY + timedelta(days=day)).items() if one.figure.startswith("signal")}
    assert found == {(figure, None): 1, (figure, place): 1}


def test_a_test_of_long_ago_is_a_signal_and_one_of_last_week_is_none(clinic: ClinicFactory) -> None:
    for days_ago in (15, 14, 3):
        assert clinic.enter(clinic.ready(), PregnancyTest(TODAY - timedelta(days=days_ago), "negative", "clinic"))
    assert of_day(TODAY)[Place("signal-backdated", clinic.prescriber.pk)] == 1


def test_what_was_never_reversed_is_a_signal_after_thirty_days(clinic: ClinicFactory) -> None:
    assert clinic.authorize(clinic.ready()).number
    last_day = TODAY + timedelta(days=4)
    assert not standing(last_day + timedelta(days=30))[Place("signal-never-reversed", clinic.pharmacies[0].pk)]
    assert standing(last_day + timedelta(days=31))[Place("signal-never-reversed", clinic.pharmacies[0].pk)] == 1


def visited(clinic: ClinicFactory) -> None:
    assert clinic.enter(clinic.ready(), Counselled(TODAY))


#: What happens on one day, and what it adds to the figures of the program on that day.
DAYS: dict[str, tuple[Callable[[ClinicFactory], None], dict[str, int]]] = {
    "a fill at the first question": (
        filled_at_once,
        {"asked": 1, "authorized": 1, "authorized-at-once": 1, "fills": 1, "fills-after-test": 1, "days-to-fill": 2},
    ),
    "a fill after a no": (
        filled_after_a_call,
        {"asked": 2, "refused": 1, "authorized": 1, "fills": 1, "fills-after-test": 1, "days-to-fill": 2},
    ),
    "a hand-over of the day before": (
        entered_late, {"fills": 1, "fills-late": 1, "fills-after-test": 1, "days-to-fill": 1},
    ),
    "a reversal": (given_back, {"asked": 1, "authorized": 1, "authorized-at-once": 1, "reversed": 1}),
    "a positive test": (positive, {"tests": 1, "found-by-test": 1, "tests-clinic": 1, "stops": 1}),
    "a report of pregnancy": (reported, {"stops": 1}),
    "the end of a course": (ended, {"ended": 1}),
    "a look-up of nobody": (nobody_there, {"asked": 1, "refused": 1, "unknown": 1}),
    "a lock": (locked, {"lockouts": 1}),
    "a visit": (visited, {}),
}  # fmt: skip


@pytest.mark.parametrize("name", DAYS)
def test_one_day_adds(clinic: ClinicFactory, name: str) -> None:
    happens, added = DAYS[name]
    happens(clinic)
    counted = {place.figure: number for place, number in of_day(TODAY).items() if place.place is None}
    assert counted == added
    assert counted.keys() <= set(FLOWS)


def test_enrolments_and_tests_are_of_the_days_on_which_they_were_entered(clinic: ClinicFactory) -> None:
    clinic.ready()
    assert of_day(TODAY - timedelta(days=40)).total() == 5, "an enrolment and a test, by their kinds too"
    assert of_day(TODAY - timedelta(days=2)).total() == 3, "the second test"


def test_what_a_pharmacy_did_is_its_number_too(clinic: ClinicFactory) -> None:
    filled_at_once(clinic)
    figures.count_days(at=NEXT_DAY)
    place = clinic.pharmacies[0].pk
    assert numbers(place)["fills"] == numbers()["fills"] == 1
    assert numbers(clinic.pharmacies[1].pk) == {}
    assert "asked" not in numbers(place), "a question names no pharmacy for good"


# --- windows that were missed -------------------------------------------------------------------------
def test_a_missed_window_is_counted_on_its_last_day_alone(clinic: ClinicFactory) -> None:
    """Ready and never filled: by whose part is a matter of the rules (`tests/compliance/rules/test_missed.py`)."""
    clinic.ready()
    filled_at_once(clinic)
    for day in range(10):
        found = of_day(TODAY + timedelta(days=day))
        missed = {place: number for place, number in found.items() if place.figure.startswith("missed-")}
        expected = {("missed-pick-up", None): 1, ("missed-pick-up", clinic.prescriber.pk): 1}
        assert missed == (expected if day == 4 else {}), day


# --- each day once ------------------------------------------------------------------------------------
def test_each_day_is_counted_once_and_the_last_one_when_all_of_it_is_there(clinic: ClinicFactory) -> None:
    filled_at_once(clinic)
    assert figures.count_days(at=NOW) == 45, "the day is not over"
    assert "fills" not in numbers()
    midnight = NOW.replace(hour=5) + timedelta(days=1)
    assert figures.count_days(at=midnight + timedelta(minutes=9)) == 0, "a record may still be on its way"
    assert figures.count_days(at=midnight + timedelta(minutes=11)) == 1
    assert numbers()["fills"] == 1
    assert figures.count_days(at=midnight + timedelta(hours=3)) == 0
    assert numbers()["fills"] == 1
    assert figures.counted_to() == TODAY


def test_who_stops_after_any_day_goes_on_there(clinic: ClinicFactory) -> None:
    filled_at_once(clinic)
    clinic.ready()
    figures.count_days(at=NEXT_DAY)
    whole = sorted(MonthlyFigure.objects.values_list("month", "figure", "place", "number"), key=str)
    MonthlyFigure.objects.all().delete()
    FigureProgress.objects.all().delete()
    for _ in range(46):
        assert figures._count_next(NEXT_DAY)
    assert sorted(MonthlyFigure.objects.values_list("month", "figure", "place", "number"), key=str) == whole
    assert figures.count_days(at=NEXT_DAY, turn=Turn(ends_at=0)) == 0


def test_a_day_that_fails_half_way_leaves_nothing(clinic: ClinicFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    filled_at_once(clinic)
    figures.count_days(at=NOW)
    with monkeypatch.context() as patch:
        patch.setattr(figures, "standing", lambda day: Counter({1: 1 // 0}))
        with pytest.raises(ZeroDivisionError):
            figures.count_days(at=NEXT_DAY)
    assert "fills" not in numbers()
    figures.count_days(at=NEXT_DAY)
    assert numbers()["fills"] == 1


def test_the_task_counts_in_its_turn(clinic: ClinicFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    filled_at_once(clinic)
    FigureProgress.objects.create(last_day=TODAY - timedelta(days=2))
    monkeypatch.setattr(tasks, "now", lambda: NEXT_DAY)
    assert tasks.figures() == 2
    assert tasks.figures() == 0


# --- compared and rebuilt -----------------------------------------------------------------------------
def test_a_wrong_number_is_named_and_rebuilt(clinic: ClinicFactory) -> None:
    filled_after_a_call(clinic)
    figures.count_days(at=NEXT_DAY)
    call_command("rebuild_figures", "--check")
    MonthlyFigure.objects.filter(place=None, figure="refused").update(number=7)
    MonthlyFigure.objects.filter(place=None, figure="asked").delete()
    found = [(figure, stands, counted) for (_month, figure, _place), stands, counted in figures.differences()]
    assert found == [("asked", 0, 2), ("refused", 7, 1)]
    with pytest.raises(CommandError):
        call_command("rebuild_figures", "--check")
    assert figures.rebuild(at=NEXT_DAY) == 46
    assert list(figures.differences()) == []


def test_a_signal_that_is_missing_is_named_and_rebuilt(clinic: ClinicFactory) -> None:
    backdated(clinic)
    at = NEXT_DAY + timedelta(days=9)
    figures.count_days(at=at)
    call_command("rebuild_figures", "--check")
    ComplianceSignal.objects.all().delete()
    found = [(figure, stands, counted) for (_month, figure, _place), stands, counted in figures.differences()]
    assert found == [("rows of signal-backdated", 0, 1)]
    figures.rebuild(at=at)
    assert list(figures.differences()) == []
    assert ComplianceSignal.objects.count() == 1


# --- what stands at the end of a day ------------------------------------------------------------------
def test_what_stands_is_that_of_the_last_day_and_is_replaced(clinic: ClinicFactory) -> None:
    one, _other = clinic.ready(), clinic.ready()
    figures.count_days(at=NEXT_DAY)
    assert numbers()["stage-ready"] == numbers(clinic.prescriber.pk)["stage-ready"] == 2
    clinic.authorize(one, at=NEXT_DAY)
    figures.count_days(at=NEXT_DAY + timedelta(days=1))
    assert (numbers()["stage-ready"], numbers()["stage-authorized"]) == (1, 1)


def test_owed_and_late_and_mismatched_and_overdue_are_counted(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    number = clinic.authorize(patient).number
    assert number and clinic.dispense(patient, number) is None
    assert clinic.enter(patient, Discontinued("done", last_dose_on=TODAY))
    other = clinic.ready()
    clinic._enter(other, NOW, *by_patient(OTHER_METHODS))
    waiting = clinic.ready()
    assert clinic.authorize(waiting).number
    figures.count_days(at=NEXT_DAY)
    assert {"owed": 2, "mismatch": 1}.items() <= numbers(clinic.prescriber.pk).items()
    assert "overdue" not in numbers() and "owed-late" not in numbers()
    figures.count_days(at=NOW + timedelta(days=6))
    assert numbers()["owed-late"] == 1, "that of a month later is not due yet"
    assert numbers(clinic.pharmacies[0].pk)["overdue"] == 1
    assert PatientStatus.objects.count() == 3
