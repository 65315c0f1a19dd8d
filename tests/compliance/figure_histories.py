"""Small histories, by hand, of whatever the office's figures count: around December 2026, beside the demo's people."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from accounts import events
from accounts.roles import OFFICER, PATIENT, PHARMACIST, PRESCRIBER
from compliance.commands import gate
from compliance.rules.care.pregnancies import EXPOSURES, OUTCOMES, PregnancyFollowed
from compliance.rules.care.side_effects import SideEffectReported
from compliance.rules.records import (
    CategoryChanged,
    ConsentSigned,
    ContraceptionDeclared,
    Counselled,
    Discontinued,
    Enrolled,
    EntryStruck,
    HomeTestingSet,
    PregnancyReported,
    PregnancyTest,
    Record,
    Registered,
)
from ledger import log
from ledger.actor import SYSTEM, Actor
from ledger.log import NewRecord
from outbox import box
from outbox.models import Message
from patients.models import Patient
from patients.numbers import new_number
from tests import factories
from tests.histories import CANNOT, METHODS, NOW, OTHER_METHODS, ClinicFactory, by_patient, by_practice

TODAY = NOW.date()
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
#: So late that a window of then is open when the year ends.
LATE = NOW + 15 * DAY
PLACE_KINDS = ("applied", "approved", "turned_down", "suspended", "reinstated", "renewed", "trained", "case_opened")
STEPS = (
    "notice", "plan-asked", "plan-accepted", "plan-refused", "appeal-upheld", "appeal-dismissed", "closed", "suspended",
)  # fmt: skip
ANSWERS = ("reply", "plan", "appeal")


def filled(clinic: ClinicFactory, patient: Patient, at: datetime = NOW, counter: int = 0) -> None:
    number = clinic.authorize(patient, counter, at=at).number
    assert number and clinic.dispense(patient, number, counter, at=at + MINUTE) is None


def last_of(patient: Patient, kind: str) -> int:
    return [row.number for row in log.read(patient.pk) if row.kind == kind][-1]


def struck(clinic: ClinicFactory, patient: Patient, kind: str, at: datetime = NOW) -> None:
    assert clinic.enter(patient, EntryStruck(last_of(patient, kind), "wrong one"), at=at)


# --- the counter --------------------------------------------------------------------------------------
def a_fill_at_once_and_one_after_a_no(clinic: ClinicFactory) -> None:
    filled(clinic, clinic.ready())
    patient = clinic.ready()
    for supply in (31, 30):
        decision = gate.authorize_patient(
            patient=patient.pk, pharmacy=clinic.pharmacies[0].pk, days_supply=supply, by=clinic.counters[0],
            at=NOW + supply * MINUTE if supply == 30 else NOW, key=uuid4(),
        )  # fmt: skip
    assert decision.number and clinic.dispense(patient, decision.number, at=NOW + 40 * MINUTE) is None


def hand_overs_entered_late(clinic: ClinicFactory) -> None:
    for later, counter in ((DAY, 0), (9 * DAY, 1)):
        patient = clinic.ready()
        number = clinic.authorize(patient, counter).number
        assert number and clinic.dispense(patient, number, counter, at=NOW + later, on=TODAY) is None


def given_back(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    number = clinic.authorize(patient).number
    assert number and clinic.reverse(patient, number) is None


def never_given_back(clinic: ClinicFactory) -> None:
    """Expired for more than thirty days; and void for more, while its last day is nearer."""
    for back, is_void in ((21 * DAY, False), (16 * DAY, True)):
        clinic.now = NOW - back
        patient = clinic.ready()
        assert clinic.authorize(patient, at=clinic.now).number
        if is_void:
            struck(clinic, patient, "counselled", at=clinic.now + MINUTE)
    clinic.now = NOW


def tried_on_a_void_one_while_another_has_a_new_one(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    first = clinic.authorize(patient, 0).number
    struck(clinic, patient, "counselled", at=NOW + MINUTE)
    assert clinic.enter(patient, Counselled(TODAY), at=NOW + 2 * MINUTE)
    assert clinic.authorize(patient, 1, at=NOW + 3 * MINUTE).number
    assert first and clinic.dispense(patient, first, 0, at=NOW + 4 * MINUTE) == "authorization-void"


def looked_up_nobody_until_paused_and_locked(clinic: ClinicFactory) -> None:
    by = Actor(factories.account(PHARMACIST).pk, PHARMACIST, clinic.pharmacies[0].pk)
    gate.authorize(
        number="22222222", born_on=date(1999, 1, 1), pharmacy=clinic.pharmacies[0].pk, days_supply=30, by=by, at=NOW,
        key=uuid4(),
    )  # fmt: skip
    events.note(by.account, "lookups_paused", by=by, at=NOW, data={"until": "x"})
    events.note(clinic.doctor.account, "signing_locked", by=clinic.doctor, at=NOW, data={"until": "x"})
    events.note(by.account, "password_closed", by=SYSTEM, at=NOW)


# --- tests and the days to the fill -------------------------------------------------------------------
def tests_of_each_kind(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    assert clinic.enter(patient, HomeTestingSet(True, "video visit"))
    for result, setting, ago in (("negative", "home", 0), ("indeterminate", "clinic", 1), ("negative", "clinic", 15)):
        assert clinic.enter(patient, PregnancyTest(TODAY - ago * DAY, result, setting, "first_five_days"))


def a_test_in_error_before_the_fill(clinic: ClinicFactory) -> None:
    """It is not the one from which the days count."""
    patient = clinic.ready()
    assert clinic.enter(patient, PregnancyTest(TODAY - DAY, "negative", "laboratory", "first_five_days"))
    struck(clinic, patient, "pregnancy_test")
    filled(clinic, patient, at=NOW + MINUTE)


def filled_by_who_cannot_become_pregnant(clinic: ClinicFactory) -> None:
    """The tests of before ask for nothing any more."""
    patient = clinic.ready()
    clinic._enter(patient, NOW, CategoryChanged(CANNOT, "hysterectomy"), Counselled(TODAY))
    filled(clinic, patient)


# --- courses ------------------------------------------------------------------------------------------
def an_end_in_error(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    assert clinic.enter(patient, Discontinued("wrong one"))
    struck(clinic, patient, "discontinued")


def a_second_course_in_the_gap(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    filled(clinic, patient)
    assert clinic.enter(patient, Discontinued("done", TODAY), at=NOW + MINUTE)
    clinic._enter(patient, NOW + DAY, Enrolled("can_become_pregnant", prescriber=str(clinic.prescriber.pk)))


def owing_tests_and_reporting_at_once(clinic: ClinicFactory) -> None:
    """The practice owes an answer besides, which is no test."""
    patient = clinic.ready()
    filled(clinic, patient)
    assert clinic.enter(patient, Discontinued("done", TODAY), at=NOW + MINUTE)
    clinic._enter(patient, NOW + DAY, SideEffectReported(("chest-pain",), 1, "en", "ambulance"))


def late_in_the_month(clinic: ClinicFactory) -> None:
    """Windows that are open when the year ends: ready, authorized, with something lacking, of differing methods."""
    clinic.now = LATE
    clinic.ready(), clinic.ready()
    assert clinic.authorize(clinic.ready(), at=LATE).number
    clinic._enter(clinic.ready(), LATE, *by_patient(OTHER_METHODS))
    struck(clinic, clinic.ready(), "counselled", at=LATE)
    clinic.now = NOW


def of_who_cannot_become_pregnant(clinic: ClinicFactory) -> None:
    """Filled under the edition that asks a visit each month; and no visit yet."""
    for visits in ((NOW - 35 * DAY,), ()):
        account = factories.account(PATIENT)
        patient = Patient.objects.create(
            number=new_number(), given_name="A", family_name="B", born_on=date(1999, 1, 1),
            user=account, prescriber=clinic.prescriber, created_at=NOW, program="isotretinoin-us",
        )  # fmt: skip
        clinic._enter(
            patient, NOW - 35 * DAY, Registered(patient.born_on, patient.number, str(clinic.prescriber.pk)),
            Enrolled(CANNOT, "male", prescriber=str(clinic.prescriber.pk)),
            ConsentSigned("patient-information", "patient"), *(Counselled(at.date()) for at in visits),
        )  # fmt: skip
        if visits:
            filled(clinic, patient, at=visits[0] + MINUTE)


# --- windows that were missed -------------------------------------------------------------------------
def windows_missed_by_each(clinic: ClinicFactory) -> None:
    clinic.ready()
    clinic.ready(born_on=date(2010, 5, 1))
    for kinds in ([Counselled], [ContraceptionDeclared, Counselled]):
        _second_month(clinic, *kinds)
    patient = clinic.ready()
    clinic._enter(patient, NOW, *by_patient(OTHER_METHODS))
    stopped = clinic.ready()
    assert clinic.enter(stopped, PregnancyReported(), at=NOW + MINUTE)
    twice = clinic.ready()
    assert clinic.enter(twice, PregnancyTest(TODAY, "negative", "laboratory", "first_five_days"))


def _second_month(clinic: ClinicFactory, *lacking: type[Record]) -> None:
    """Filled on the first of December; another test ten days later, without what is lacking of the month."""
    before, clinic.now = clinic.now, NOW - 14 * DAY
    patient = clinic.ready()
    filled(clinic, patient, at=clinic.now)
    clinic.now, at = before, NOW - 4 * DAY
    month = [PregnancyTest(at.date(), "negative", "laboratory"), *by_practice(at.date())[1:], *by_patient()]
    clinic._enter(patient, at, *(record for record in month if not isinstance(record, lacking)))


# --- pregnancies --------------------------------------------------------------------------------------
def pregnancies_with_each_outcome(clinic: ClinicFactory) -> None:
    for number, outcome in enumerate(OUTCOMES):
        patient = clinic.ready()
        if number % 3:
            filled(clinic, patient)
        if number % 3 == 2:
            assert clinic.enter(patient, Discontinued("done", TODAY), at=NOW + 2 * MINUTE)
        assert clinic.enter(patient, PregnancyReported(), at=NOW + 3 * MINUTE)
        followed(clinic, patient, outcome, EXPOSURES[number % 3])


def followed(clinic: ClinicFactory, patient: Patient, outcome: str, exposure: str, at: datetime = LATE) -> None:
    case = last_of(patient, "pregnancy_reported")
    clinic._enter(patient, at, PregnancyFollowed(case, outcome, exposure, "unknown"))


def found_twice(clinic: ClinicFactory) -> None:
    """A report after a test is the same pregnancy; one after its outcome is another."""
    for outcome in ("pending", "miscarriage"):
        patient = clinic.ready()
        assert clinic.enter(patient, PregnancyReported())
        followed(clinic, patient, outcome, "exposed", at=NOW + MINUTE)
        assert clinic.enter(patient, PregnancyTest(TODAY, "positive", "clinic"), at=NOW + 2 * MINUTE)


# --- signals, places, messages ------------------------------------------------------------------------
def signed_at_once(clinic: ClinicFactory) -> None:
    """Within three seconds, after more, and across midnight."""
    midnight = NOW.replace(hour=5) + DAY
    for at in (NOW, NOW + 2 * MINUTE / 60, NOW + 5 * MINUTE / 60, midnight - MINUTE / 60, midnight + MINUTE / 60):
        assert clinic.enter(clinic.ready(), ContraceptionDeclared("prescriber", METHODS, TODAY), at=at)


_SIGNATURE: dict[str, Any] = {
    "document": "monthly", "version": 1, "language": "en", "sha256": "x", "answers": {}, "meaning": "attest",
    "means": "password", "statement": "x", "local_time": "x", "covers": [1],
}  # fmt: skip


def signed_in_one_browser(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    assert patient.user_id
    me = Actor(patient.user_id, PATIENT, patient.pk)
    for by, browser in ((clinic.doctor, "one"), (me, "one"), (me, "one"), (me, "other"), (clinic.doctor, "third")):
        raw("patient", patient.pk, "attested", {**_SIGNATURE, "browser": browser}, by=by)


def raw(kind_of_log: str, subject: UUID, kind: str, data: Mapping[str, Any] | None = None, *, by: Actor) -> None:
    """A record as it stands in a log, whatever wrote it."""
    head = log.head_of(log.read(subject))
    log.append(kind_of_log, subject, [NewRecord(kind, data or {})], head=head, by=by, at=NOW, request_id=uuid4())


def practices_and_pharmacies_of_each_kind(clinic: ClinicFactory) -> None:
    officer = Actor(uuid4(), OFFICER)
    for kind_of_log in ("prescriber", "pharmacy"):
        place = uuid4()
        for kind in PLACE_KINDS:
            raw(kind_of_log, place, kind, by=officer)
        for step in STEPS:
            data = {"case": 8, "step": step}
            raw(
                kind_of_log,
                place,
                *(("suspended", {"case": 8}) if step == "suspended" else ("case_step", data)),
                by=officer,
            )
        for step in ANSWERS:
            raw(kind_of_log, place, "case_answered", {"case": 8, "step": step}, by=Actor(uuid4(), PRESCRIBER, place))
    raw("prescriber", clinic.other.pk, "suspended", by=officer)


def messages_that_came_to_each_end(clinic: ClinicFactory) -> None:
    went, dropped = {"delivered_at": NOW}, {"dropped_at": NOW}
    ends: list[dict[str, Any]] = [
        *(went | {"outcome": outcome} for outcome in ("delivered", "bounced")), went, dropped, {},
        *(dropped | {"outcome": outcome} for outcome in ("refused", "invalid-address", "given-up", "not-wanted")),
    ]  # fmt: skip
    for channel in ("email", "sms"):
        for number, columns in enumerate([*ends, went]):
            message(f"{channel}:{number}", **columns, channel=channel)
    message("line", **went, digest_id=Message.objects.get(key="email:0").pk)


def message(key: str, **columns: Any) -> None:
    box.enqueue([Message(key=key, kind="invitation", data={}, due_at=NOW)], at=NOW)
    Message.objects.filter(key=key).update(**columns)


HISTORIES: tuple[Callable[[ClinicFactory], None], ...] = (
    a_fill_at_once_and_one_after_a_no, hand_overs_entered_late, given_back, never_given_back,
    tried_on_a_void_one_while_another_has_a_new_one, looked_up_nobody_until_paused_and_locked, tests_of_each_kind,
    a_test_in_error_before_the_fill, filled_by_who_cannot_become_pregnant, an_end_in_error, a_second_course_in_the_gap,
    owing_tests_and_reporting_at_once, late_in_the_month, of_who_cannot_become_pregnant, windows_missed_by_each,
    pregnancies_with_each_outcome, found_twice, signed_at_once, signed_in_one_browser,
    practices_and_pharmacies_of_each_kind, messages_that_came_to_each_end,
)  # fmt: skip
