"""Patients are handed over: by the office, at the patient's asking, between courses; who takes over, and who cannot."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from uuid import UUID, uuid4

import pytest

from accounts.roles import OFFICER, PATIENT, PRESCRIBER
from compliance.commands import certifying, delegation, offers, people, transfers
from compliance.commands.certifying import certification_record
from compliance.commands.decide import NotPermitted
from compliance.commands.entries import enter
from compliance.commands.offers import NotOffered
from compliance.commands.transfers import CannotTakeOver, NoTransferOffer, NotTakenBack
from compliance.models import Authorization
from compliance.records.file import entries_of, read_file
from compliance.records.programs import DEFAULT
from compliance.records.rebuild import differences
from compliance.rules.entries import refusal
from compliance.rules.history import History
from compliance.rules.records import (
    Discontinued,
    Enrolled,
    EntryStruck,
    FileTransferred,
    PregnancyReported,
    TransferOffered,
)
from compliance.signatures import signature_for_records
from compliance.verification import decisions
from ledger import log
from ledger.actor import SYSTEM, Actor
from ledger.erasable_text import make_erasable
from ledger.idempotency import KeyReused
from outbox.models import Message
from patients.models import Patient, Prescriber
from patients.visibility import visible_patients
from tests import factories
from tests.histories import NOW, ClinicFactory

pytestmark = pytest.mark.django_db


def actor(prescriber: Prescriber) -> Actor:
    return Actor(prescriber.user_id, PRESCRIBER, prescriber.pk)


def oneself(patient: Patient) -> Actor:
    assert patient.user_id is not None
    return Actor(patient.user_id, PATIENT, patient.pk)


def certified() -> Prescriber:
    """Another prescriber, certified for years."""
    row = factories.prescriber()
    span = certification_record(date(2020, 1, 1), date(2035, 1, 1), DEFAULT.code)
    at = NOW - timedelta(days=900)
    log.append("prescriber", row.pk, [span], head=log.EMPTY, by=SYSTEM, at=at, request_id=uuid4())
    return row


def hand_over(clinic: ClinicFactory, patient: Patient, to: Prescriber, by: Actor | None = None) -> None:
    patient.refresh_from_db()
    offers.hand_over(
        of=patient.prescriber_id, patients=[patient.pk], to=to.pk, by=by or clinic.officer, at=NOW, key=uuid4()
    )  # fmt: skip


def ask(patient: Patient, to: Prescriber, by: Actor | None = None) -> None:
    offers.ask(patient=patient.pk, to=to.pk, by=by or oneself(patient), at=NOW, key=uuid4())


def accept(patient: Patient, by: Prescriber) -> None:
    transfers.accept(patient=patient.pk, by=actor(by), at=NOW, key=uuid4())


def suspend(clinic: ClinicFactory, whom: Prescriber) -> None:
    reason = make_erasable("licence lost", subject=whom.pk, at=NOW)
    certifying.suspend(kind="prescriber", subject=whom.pk, reason=reason, by=clinic.officer, at=NOW, key=uuid4())


def close(clinic: ClinicFactory, whom: Prescriber) -> None:
    """As an office does it."""
    people.deactivate(account=whom.user, by=Actor(factories.officer().pk, OFFICER), at=NOW, key=uuid4())


def history(patient: Patient) -> History:
    return read_file(patient.pk, NOW).history(NOW + timedelta(hours=1))


def codes_later(patient: Patient) -> tuple[str, ...]:
    """What blocks after all of it."""
    at = NOW + timedelta(hours=1)
    return read_file(patient.pk, at).assess(at).codes


def sound() -> None:
    """Columns are as the log says, and the rules justify every record."""
    assert list(differences()) == []
    assert list(decisions.problems()) == []


def lapsed() -> Prescriber:
    """A prescriber whose certification is over."""
    row = factories.prescriber()
    span = certification_record(date(2020, 1, 1), date(2021, 1, 1), DEFAULT.code)
    at = NOW - timedelta(days=900)
    log.append("prescriber", row.pk, [span], head=log.EMPTY, by=SYSTEM, at=at, request_id=uuid4())
    return row


def suspended(clinic: ClinicFactory) -> Prescriber:
    row = certified()
    suspend(clinic, row)
    return row


def closed(clinic: ClinicFactory) -> Prescriber:
    row = certified()
    close(clinic, row)
    return row


#: Who takes nobody over.
CANNOT: dict[str, Callable[[ClinicFactory], Prescriber]] = {
    "suspended": suspended,
    "closed": closed,
    "lapsed": lambda _clinic: lapsed(),
    "not certified": lambda _clinic: factories.prescriber(),
    "not approved": lambda _clinic: factories.prescriber(state="applied"),
}

#: How a patient comes to be offered.
OFFERED: dict[str, Callable[[ClinicFactory, Patient, Prescriber], object]] = {
    "by the prescriber": lambda clinic, patient, to: clinic.enter(patient, TransferOffered(str(to.pk))),
    "by the office": hand_over,
    "at the patient's asking": lambda _clinic, patient, to: ask(patient, to),
}

#: What becomes of a prescriber after patients were offered to them.
FALLS: dict[str, Callable[[ClinicFactory, Prescriber], None]] = {"suspended": suspend, "closed": close}


# --- a course is open ------------------------------------------------------------------------------------
@pytest.mark.parametrize("offered", OFFERED)
def test_a_window_stays_open_and_an_authorization_is_void(clinic: ClinicFactory, offered: str) -> None:
    patient = clinic.ready()
    window = read_file(patient.pk, NOW).assess(NOW).window
    clinic.authorize(patient)
    OFFERED[offered](clinic, patient, clinic.other)
    assert Authorization.objects.get(patient=patient).state == "open"
    accept(patient, clinic.other)
    patient.refresh_from_db()
    assert (patient.prescriber, patient.offered_to) == (clinic.other, None)
    assert Authorization.objects.get(patient=patient).state == "void"
    after = read_file(patient.pk, NOW).assess(NOW + timedelta(minutes=1))
    assert (after.window, after.codes) == (window, ())
    assert visible_patients(clinic.other.user).filter(pk=patient.pk).exists()
    assert not visible_patients(clinic.prescriber.user).filter(pk=patient.pk).exists()
    sound()


@pytest.mark.parametrize("gone", FALLS)
def test_patients_of_one_who_is_gone_are_handed_over(clinic: ClinicFactory, gone: str) -> None:
    patient, another = clinic.ready(), clinic.ready()
    FALLS[gone](clinic, clinic.prescriber)
    hand_over(clinic, patient, clinic.other)
    ask(another, clinic.other)
    for one in (patient, another):
        accept(one, clinic.other)
        assert clinic.authorize(one).number is not None
    sound()


@pytest.mark.parametrize("offered", OFFERED)
@pytest.mark.parametrize("fall", FALLS)
def test_nobody_accepts_who_has_fallen_since(clinic: ClinicFactory, offered: str, fall: str) -> None:
    patient = clinic.ready()
    OFFERED[offered](clinic, patient, clinic.other)
    FALLS[fall](clinic, clinic.other)
    with pytest.raises((CannotTakeOver, NotPermitted)):
        accept(patient, clinic.other)
    patient.refresh_from_db()
    assert patient.prescriber == clinic.prescriber


@pytest.mark.parametrize("who", CANNOT)
def test_nobody_is_offered_or_asked_who_takes_nobody_over(clinic: ClinicFactory, who: str) -> None:
    patient, whom = clinic.ready(), CANNOT[who](clinic)
    for step in (partial(hand_over, clinic, patient, whom), partial(ask, patient, whom)):
        with pytest.raises(NotOffered) as refused:
            step()
        assert refused.value.code == "not-certified"
    # An offer that the prescriber made is not accepted either.
    assert clinic.enter(patient, TransferOffered(str(whom.pk)))
    with pytest.raises((CannotTakeOver, NotPermitted)):
        accept(patient, whom)


def test_a_suspended_prescriber_takes_nobody_back(clinic: ClinicFactory) -> None:
    patient, third = clinic.ready(), certified()
    delegation.add_delegate(prescriber=clinic.prescriber, delegate=clinic.other, by=clinic.doctor, at=NOW, key=uuid4())
    acting = Actor(clinic.other.user_id, PRESCRIBER, clinic.prescriber.pk)
    enter(patient=patient.pk, records=[TransferOffered(str(third.pk))], by=acting, at=NOW, key=uuid4())
    accept(patient, third)
    suspend(clinic, clinic.prescriber)
    with pytest.raises(CannotTakeOver):
        transfers.take_back(patient=patient.pk, by=clinic.doctor, at=NOW, key=uuid4())


# --- who may ---------------------------------------------------------------------------------------------
def test_only_officers_hand_over_and_only_the_patient_asks(clinic: ClinicFactory) -> None:
    patient, stranger = clinic.ready(), clinic.ready()
    for by in (clinic.doctor, oneself(patient), clinic.counters[0], actor(clinic.other)):
        with pytest.raises(NotPermitted):
            hand_over(clinic, patient, clinic.other, by)
    for by in (clinic.doctor, oneself(stranger), clinic.officer, Actor(uuid4(), PATIENT, patient.pk)):
        with pytest.raises(NotPermitted):
            ask(patient, clinic.other, by)
        with pytest.raises(NotPermitted):
            offers.take_request_back(patient=patient.pk, by=by, at=NOW, key=uuid4())
    with pytest.raises(NotPermitted):
        enter(patient=patient.pk, records=[TransferOffered(str(clinic.other.pk))], by=oneself(patient), at=NOW,
              key=uuid4())  # fmt: skip


def test_nobody_is_handed_to_their_own(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    for step in (partial(hand_over, clinic, patient, clinic.prescriber), partial(ask, patient, clinic.prescriber)):
        with pytest.raises(NotOffered) as refused:
            step()
        assert refused.value.code == "same-prescriber"


def test_one_who_covers_takes_over_whom_the_office_or_the_patient_offers(clinic: ClinicFactory) -> None:
    delegation.add_delegate(prescriber=clinic.prescriber, delegate=clinic.other, by=clinic.doctor, at=NOW, key=uuid4())
    for offered in ("by the office", "at the patient's asking"):
        patient = clinic.ready()
        OFFERED[offered](clinic, patient, clinic.other)
        accept(patient, clinic.other)
        patient.refresh_from_db()
        assert patient.prescriber == clinic.other


# --- one offer at a time ---------------------------------------------------------------------------------
def test_the_office_replaces_any_offer(clinic: ClinicFactory) -> None:
    third = certified()
    for offered in OFFERED.values():
        patient = clinic.ready()
        offered(clinic, patient, clinic.other)
        hand_over(clinic, patient, third)
        patient.refresh_from_db()
        assert patient.offered_to == third
        with pytest.raises(NoTransferOffer):
            accept(patient, clinic.other)
    sound()


def test_a_patient_asks_another_instead_and_takes_the_request_back(clinic: ClinicFactory) -> None:
    patient, third = clinic.ready(), certified()
    ask(patient, clinic.other)
    ask(patient, third)
    patient.refresh_from_db()
    assert patient.offered_to == third
    offers.take_request_back(patient=patient.pk, by=oneself(patient), at=NOW, key=uuid4())
    with pytest.raises(NoTransferOffer):
        accept(patient, third)
    with pytest.raises(NotOffered):
        offers.take_request_back(patient=patient.pk, by=oneself(patient), at=NOW, key=uuid4())


def test_a_patient_replaces_anothers_offer_only_where_nobody_can_accept_it(clinic: ClinicFactory) -> None:
    patient, third = clinic.ready(), certified()
    hand_over(clinic, patient, clinic.other)
    with pytest.raises(NotOffered) as refused:
        ask(patient, third)
    assert refused.value.code == "offer-open"
    with pytest.raises(NotOffered):
        offers.take_request_back(patient=patient.pk, by=oneself(patient), at=NOW, key=uuid4())
    suspend(clinic, clinic.other)
    ask(patient, third)
    accept(patient, third)


def test_a_request_that_is_declined_is_told_the_patient(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    ask(patient, clinic.other)
    transfers.decline(patient=patient.pk, by=actor(clinic.other), at=NOW, key=uuid4())
    assert Message.objects.filter(kind="request-declined", subject=patient.pk).count() == 1
    hand_over(clinic, patient, clinic.other)
    transfers.decline(patient=patient.pk, by=actor(clinic.other), at=NOW, key=uuid4())
    assert Message.objects.filter(kind="request-declined", subject=patient.pk).count() == 1


def test_each_prescriber_is_told_once_of_all_that_the_office_hands_over(clinic: ClinicFactory) -> None:
    patients, key = [clinic.ready().pk, clinic.ready().pk], uuid4()
    gone = clinic.ready()
    ask(gone, clinic.other)
    accept(gone, clinic.other)
    Message.objects.all().delete()
    for _twice in range(2):
        answer = offers.hand_over(
            of=clinic.prescriber.pk, patients=[*patients, gone.pk], to=clinic.other.pk, by=clinic.officer, at=NOW,
            key=key,
        )  # fmt: skip
        assert (answer["offered"], answer["left"]) == (2, 1)
    with pytest.raises(KeyReused):
        offers.hand_over(
            of=clinic.prescriber.pk, patients=patients, to=certified().pk, by=clinic.officer, at=NOW, key=key
        )  # fmt: skip
    told = Message.objects.filter(kind__in=["offered-to-you", "offered-by-office"]).order_by("kind")
    assert [(one.kind, UUID(one.data["prescriber"])) for one in told] == [
        ("offered-by-office", clinic.prescriber.pk), ("offered-to-you", clinic.other.pk),
    ]  # fmt: skip


# --- between courses -------------------------------------------------------------------------------------
def between(clinic: ClinicFactory, *, transferred: bool = False) -> Patient:
    """A patient whose course has ended; who was transferred in the course, from one prescriber to another and back."""
    patient = clinic.ready()
    if transferred:
        clinic.enter(patient, TransferOffered(str(clinic.other.pk)))
        accept(patient, clinic.other)
        ask(patient, clinic.prescriber)
        accept(patient, clinic.prescriber)
    assert clinic.enter(patient, Discontinued("done", None))
    return patient


@pytest.mark.parametrize("transferred", [False, True])
@pytest.mark.parametrize("offered", OFFERED)
def test_between_courses_the_file_goes_over_and_the_next_course_names_its_prescriber(
    clinic: ClinicFactory, offered: str, transferred: bool
) -> None:
    patient = between(clinic, transferred=transferred)
    OFFERED[offered](clinic, patient, clinic.other)
    before = read_file(patient.pk, NOW).assess(NOW).codes
    accept(patient, clinic.other)
    patient.refresh_from_db()
    assert patient.prescriber == clinic.other
    # The gate answers as if there were no such record.
    assert read_file(patient.pk, NOW).assess(NOW + timedelta(minutes=1)).codes == before
    assert (history(patient).prescriber, history(patient).holder) == (str(clinic.prescriber.pk), str(clinic.other.pk))
    assert list(differences()) == []
    new = Enrolled("can_become_pregnant", prescriber=str(clinic.other.pk))
    with pytest.raises(NotPermitted):
        enter(patient=patient.pk, records=[new], by=clinic.doctor, at=NOW, key=uuid4())
    enter(patient=patient.pk, records=[new], by=actor(clinic.other), at=NOW, key=uuid4())
    assert history(patient).prescriber == history(patient).holder == str(clinic.other.pk)
    kinds = [entry.record.kind for entry in entries_of(log.read(patient.pk))]
    assert kinds[-2:] == (["enrolled", "transferred"] if transferred else ["file_transferred", "enrolled"])
    suspend(clinic, clinic.prescriber)
    assert "prescriber-not-certified" not in codes_later(patient)
    suspend(clinic, clinic.other)
    assert "prescriber-not-certified" in codes_later(patient)
    sound()


def test_between_courses_the_gate_still_judges_the_prescriber_of_the_last_course(clinic: ClinicFactory) -> None:
    patient = between(clinic)
    hand_over(clinic, patient, clinic.other)
    accept(patient, clinic.other)
    suspend(clinic, clinic.prescriber)
    codes = codes_later(patient)
    assert codes == ("prescriber-not-certified", "not-enrolled")
    decision = clinic.authorize(patient, at=NOW + timedelta(hours=1))
    assert tuple(blocker.code for blocker in decision.blockers) == codes
    assert list(differences()) == []


def test_an_end_that_is_struck_leaves_the_course_with_who_took_the_file_over(clinic: ClinicFactory) -> None:
    patient = between(clinic)
    ended = log.read(patient.pk)[-1].number
    ask(patient, clinic.other)
    accept(patient, clinic.other)
    struck, key = EntryStruck(ended, "too early"), uuid4()
    by, on = actor(clinic.other), NOW.date()
    signature = signature_for_records([struck], "Some One", subject=patient.pk, by=by, key=key, on=on)
    enter(patient=patient.pk, records=[struck], by=by, at=NOW, key=key, signature=signature)
    assert history(patient).prescriber == history(patient).holder == str(clinic.other.pk)
    suspend(clinic, clinic.prescriber)
    assert "prescriber-not-certified" not in codes_later(patient)
    sound()


def test_a_stop_stays_with_the_file(clinic: ClinicFactory) -> None:
    for ended in (False, True):
        patient = between(clinic) if ended else clinic.ready()
        assert clinic.enter(patient, PregnancyReported())
        hand_over(clinic, patient, clinic.other)
        accept(patient, clinic.other)
        assert history(patient).stops.open
    sound()


def test_between_courses_one_takes_back_whom_another_handed_over_in_their_name(clinic: ClinicFactory) -> None:
    patient, third = between(clinic), certified()
    delegation.add_delegate(prescriber=clinic.prescriber, delegate=clinic.other, by=clinic.doctor, at=NOW, key=uuid4())
    acting = Actor(clinic.other.user_id, PRESCRIBER, clinic.prescriber.pk)
    enter(patient=patient.pk, records=[TransferOffered(str(third.pk))], by=acting, at=NOW, key=uuid4())
    accept(patient, third)
    transfers.take_back(patient=patient.pk, by=clinic.doctor, at=NOW, key=uuid4())
    patient.refresh_from_db()
    assert patient.prescriber == clinic.prescriber
    with pytest.raises(NotTakenBack):
        transfers.take_back(patient=patient.pk, by=clinic.doctor, at=NOW, key=uuid4())
    sound()


def test_a_file_is_taken_over_between_courses_alone_and_by_another(clinic: ClinicFactory) -> None:
    open_, ended = history(clinic.ready()), history(between(clinic))
    cases = [(open_, clinic.other, "course-open"), (ended, clinic.prescriber, "same-prescriber")]
    for log_, whom, rule in cases:
        refused = refusal(log_, log_.entries, FileTransferred(str(whom.pk)), NOW)
        assert refused is not None
        assert refused.rule == rule
    assert refusal(ended, ended.entries, FileTransferred(str(clinic.other.pk)), NOW) is None
