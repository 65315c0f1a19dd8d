"""Requests of every kind, each made ready to be sent as often as one likes with one key."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from accounts import recovery, set_password_link
from accounts.roles import DESIGNEE, OFFICER, PATIENT, PHARMACIST, PRESCRIBER
from compliance import documents
from compliance.commands import (
    certifying,
    comprehension,
    consents,
    delegation,
    drafts,
    enrolment,
    erasure,
    gate,
    invitations,
    linking,
    registering,
    transfers,
)
from compliance.commands import people as accounts
from compliance.commands.enrolment import NewPatient
from compliance.commands.entries import enter
from compliance.commands.registering import Applicant
from compliance.records.file import read_file
from compliance.rules.records import (
    ConsentWithdrawn,
    Counselled,
    Discontinued,
    Enrolled,
    PregnancyReported,
    Record,
    TransferOffered,
)
from compliance.signatures import agreed, make_signature, signature_for_records
from ledger.actor import Actor
from ledger.erasable_text import make_erasable
from patients.models import HeldEnrolment, Invitation, Patient
from patients.people import actor_of
from tests import people
from tests.histories import NOW, Town
from tests.people import PASSWORD

LATER = NOW + timedelta(minutes=5)

#: A request, made ready: it is called with a key, as often as it is sent.
Send = Callable[[UUID], Any]


def _new(**more: Any) -> NewPatient:
    plain: dict[str, Any] = {
        "given_name": "Ana", "family_name": "Mora", "born_on": date(2001, 4, 9), "email": f"{uuid4()}@example.org",
        "phone": "", "category": "can_become_pregnant",
    }  # fmt: skip
    return NewPatient(**plain | more)


def enrol(town: Town) -> Send:
    new = _new(given_name=uuid4().hex, family_name=uuid4().hex)
    return lambda key: enrolment.enrol(new=new, by=town.doctor, at=NOW, key=key)


def enrol_one_who_is_known(town: Town) -> Send:
    new = _new()
    enrolment.enrol(new=new, by=town.doctor, at=NOW, key=uuid4())
    by = Actor(town.other.user_id, PRESCRIBER, town.other.pk)
    return lambda key: enrolment.enrol(new=new, by=by, at=NOW, key=key)


def enrol_without_a_reason(town: Town) -> Send:
    new = _new(given_name=uuid4().hex, category="cannot_become_pregnant", reason="tubal-sterilization")
    return lambda key: enrolment.enrol(new=new, by=town.doctor, at=NOW, key=key)


def held(town: Town) -> UUID:
    new = _new(given_name=uuid4().hex, family_name=uuid4().hex)
    enrolment.enrol(new=new, by=town.doctor, at=NOW, key=uuid4())
    by = Actor(town.other.user_id, PRESCRIBER, town.other.pk)
    found = enrolment.enrol(new=new, by=by, at=NOW, key=uuid4()).held
    assert found is not None
    return found


def let_through(town: Town) -> Send:
    case = HeldEnrolment.objects.get(pk=held(town))
    same = UUID(case.candidates[0])
    return lambda key: enrolment.decide_held(
        held=case.pk, let_through=True, by=town.officer, at=LATER, key=key, same_as=same
    )


def turn_down(town: Town) -> Send:
    case = held(town)
    return lambda key: enrolment.decide_held(held=case, let_through=False, by=town.officer, at=LATER, key=key)


def authorize(town: Town) -> Send:
    patient = town.ready()
    return lambda key: town.authorize(patient, key=key)


def _look_up(town: Town, number: str, born_on: date) -> Send:
    by = Actor(people.account(PHARMACIST).pk, PHARMACIST, town.pharmacies[0].pk)
    return lambda key: gate.authorize(
        number=number, born_on=born_on, pharmacy=town.pharmacies[0].pk, days_supply=30, by=by, at=NOW, key=key
    )


def look_nobody_up(town: Town) -> Send:
    return _look_up(town, "22222222", date(1999, 1, 1))


def look_up_with_a_wrong_birth_date(town: Town) -> Send:
    return _look_up(town, town.ready().number, date(1999, 1, 1))


def _authorized(town: Town) -> tuple[Patient, str]:
    patient = town.ready()
    number = town.authorize(patient).number
    assert number is not None
    return patient, number


def dispense(town: Town) -> Send:
    patient, number = _authorized(town)
    return lambda key: gate.dispense(
        patient=patient.pk, number=number, pharmacy=town.pharmacies[0].pk, by=town.counters[0], at=NOW, key=key
    )


def reverse(town: Town) -> Send:
    patient, number = _authorized(town)
    return lambda key: gate.reverse(
        patient=patient.pk, number=number, pharmacy=town.pharmacies[0].pk, by=town.counters[0], at=NOW, key=key
    )


def dispense_what_is_not_there(town: Town) -> Send:
    patient = town.ready()
    return lambda key: gate.dispense(
        patient=patient.pk, number="2222222222", pharmacy=town.pharmacies[0].pk, by=town.counters[0], at=NOW, key=key
    )


def _enter(town: Town, patient: Patient, record: Record, by: Actor | None = None) -> Send:
    return lambda key: enter(patient=patient.pk, records=[record], by=by or town.doctor, at=NOW, key=key)


def entry(town: Town) -> Send:
    return _enter(town, town.ready(), Counselled(date(2026, 12, 14)))


def refused_entry(town: Town) -> Send:
    return _enter(town, town.ready(), Enrolled("can_become_pregnant", prescriber=str(town.prescriber.pk)))


def report(town: Town) -> Send:
    return _enter(town, town.ready(), PregnancyReported())


def offer(town: Town) -> Send:
    return _enter(town, town.ready(), TransferOffered(str(town.other.pk)))


def withdraw(town: Town) -> Send:
    patient = town.ready()
    return _enter(town, patient, ConsentWithdrawn("birth-defects"), _of(patient))


def _of(patient: Patient) -> Actor:
    assert patient.user_id is not None
    return Actor(patient.user_id, PATIENT, patient.pk)


def sign(town: Town) -> Send:
    patient = town.ready()
    document, by = documents.current("birth-defects", on=NOW.date()), _of(patient)
    record = consents.consent(patient=patient.pk, document=document, answers=agreed(document), by=by)

    def send(key: UUID) -> Any:
        signature = signature_for_records([record], "A B", subject=patient.pk, by=by, key=key, on=NOW.date())
        assert signature is not None
        return consents.sign(patient=patient.pk, record=record, signature=signature, by=by, at=NOW, key=key)

    return send


def refuse(town: Town) -> Send:
    patient = town.ready()
    return lambda key: consents.refuse(patient=patient.pk, document="birth-defects", by=_of(patient), at=NOW, key=key)


def keep_a_no(town: Town) -> Send:
    patient = town.ready()
    return lambda key: drafts.save(
        patient=patient.pk, what="consent:x", answers={"a": False}, by=_of(patient), at=NOW, key=key
    )


def answer_questions(town: Town, right: bool = True) -> Send:
    patient = town.ready()
    by, found = _of(patient), read_file(patient.pk, NOW).assess(NOW)
    asked = comprehension.current(patient=patient.pk, account=by.account, assessment=found)
    choices = {q.id: q.right if right else q.right + 1 for q in asked.questions}
    return lambda key: comprehension.answer(patient=patient.pk, asked=asked, choices=choices, by=by, at=NOW, key=key)


def answer_questions_wrong(town: Town) -> Send:
    return answer_questions(town, right=False)


def _offered(town: Town) -> tuple[Patient, Actor]:
    patient = town.ready()
    assert town.enter(patient, TransferOffered(str(town.other.pk)))
    return patient, Actor(town.other.user_id, PRESCRIBER, town.other.pk)


def accept_offer(town: Town) -> Send:
    patient, by = _offered(town)
    return lambda key: transfers.accept(patient=patient.pk, by=by, at=NOW, key=key)


def decline_offer(town: Town) -> Send:
    patient, by = _offered(town)
    return lambda key: transfers.decline(patient=patient.pk, by=by, at=NOW, key=key)


def link(town: Town) -> Send:
    one, other = town.ready(), town.ready()
    return lambda key: linking.link(files=(one.pk, other.pk), reason="same", by=town.officer, at=NOW, key=key)


def unlink(town: Town) -> Send:
    one, other = town.ready(), town.ready()
    linking.link(files=(one.pk, other.pk), reason="same", by=town.officer, at=NOW, key=uuid4())
    return lambda key: linking.unlink(file=one.pk, reason="not", by=town.officer, at=LATER, key=key)


def _ended(town: Town) -> Patient:
    patient = town.ready()
    assert town.enter(patient, Discontinued("moved"))
    return patient


def ask_erasure(town: Town) -> Send:
    patient = _ended(town)
    return lambda key: erasure.ask(patient=patient.pk, by=town.officer, at=NOW, key=key)


def confirm_erasure(town: Town) -> Send:
    patient = _ended(town)
    erasure.ask(patient=patient.pk, by=Actor(uuid4(), OFFICER), at=NOW, key=uuid4())
    return lambda key: erasure.confirm(patient=patient.pk, by=town.officer, at=NOW, key=key)


def invite(town: Town) -> Send:
    patient = enrolment.enrol(new=_new(family_name=uuid4().hex), by=town.doctor, at=NOW, key=uuid4()).patient
    assert patient is not None
    return lambda key: invitations.invite(patient=patient, by=town.doctor, at=LATER, key=key)


def _invitation(town: Town) -> Invitation:
    new = _new(given_name=uuid4().hex, family_name=uuid4().hex)
    patient = enrolment.enrol(new=new, by=town.doctor, at=NOW, key=uuid4()).patient
    return Invitation.objects.select_related("patient").get(patient=patient)


def accept_invitation(town: Town) -> Send:
    found = _invitation(town)
    given = invitations.Acceptance(born_on=found.patient.born_on, password=PASSWORD)
    return lambda key: invitations.accept(invitation=found.pk, given=given, at=LATER, key=key)


def accept_with_a_wrong_birth_date(town: Town) -> Send:
    given = invitations.Acceptance(born_on=date(1990, 1, 1), password=PASSWORD)
    found = _invitation(town)
    return lambda key: invitations.accept(invitation=found.pk, given=given, at=LATER, key=key)


def _register(town: Town, role: str) -> Send:
    code = "prescriber-attestation" if role == PRESCRIBER else "pharmacy-attestation"
    document, npi, email = documents.current(code, on=NOW.date()), people.npi(), f"{uuid4()}@example.org"
    action = registering.practice if role == PRESCRIBER else registering.pharmacy

    def send(key: UUID) -> Any:
        who = Applicant(
            name="N", email=email, password=PASSWORD, place="P", npi=npi, phone="+12125550100", address="1 Main"
        )
        signature = make_signature(document, "N", certifying.APPLICATION, subject=who.id, by=who.actor(role), key=key)
        return action(who=who, signature=signature, at=NOW, key=key)

    return send


def register_practice(town: Town) -> Send:
    return _register(town, PRESCRIBER)


def register_pharmacy(town: Town) -> Send:
    return _register(town, PHARMACIST)


def approve(town: Town) -> Send:
    row = people.prescriber(state="applied")
    return lambda key: certifying.approve(kind="prescriber", subject=row.pk, by=town.officer, at=NOW, key=key)


def suspend(town: Town) -> Send:
    row = people.prescriber()
    return lambda key: certifying.suspend(
        kind="prescriber",
        subject=row.pk,
        reason=make_erasable("x", subject=row.pk, at=NOW),
        by=town.officer,
        at=NOW,
        key=key,
    )


def reinstate(town: Town, state: str = "suspended") -> Send:
    row = people.prescriber(state=state)
    return lambda key: certifying.reinstate(kind="prescriber", subject=row.pk, by=town.officer, at=NOW, key=key)


def reinstate_one_who_is_not_suspended(town: Town) -> Send:
    return reinstate(town, "approved")


def renew(town: Town) -> Send:
    row = people.prescriber()
    document, by = documents.current("prescriber-attestation", on=NOW.date()), actor_of(row.user)

    def send(key: UUID) -> Any:
        signature = make_signature(document, "N", certifying.RECERTIFICATION, subject=row.pk, by=by, key=key)
        return certifying.recertify(subject=row.pk, signature=signature, by=by, at=NOW, key=key)

    return send


def name_delegate(town: Town) -> Send:
    one, other = people.prescriber(), people.prescriber()
    return lambda key: delegation.add_delegate(prescriber=one, delegate=other, by=actor_of(one.user), at=NOW, key=key)


def end_delegate(town: Town) -> Send:
    one = people.prescriber()
    by = actor_of(one.user)
    row = delegation.add_delegate(prescriber=one, delegate=people.prescriber(), by=by, at=NOW, key=uuid4())
    return lambda key: delegation.end_delegation(row=row, by=by, at=NOW, key=key)


def add_designee(town: Town) -> Send:
    email = f"{uuid4()}@example.org"
    return lambda key: accounts.add_designee(
        prescriber=town.prescriber, name="N", email=email, by=town.doctor, at=NOW, key=key
    )


def add_pharmacist(town: Town) -> Send:
    email = f"{uuid4()}@example.org"
    return lambda key: accounts.add_pharmacist(
        pharmacy=town.pharmacies[0], name="N", email=email, by=town.counters[0], at=NOW, key=key
    )


def close_account(town: Town) -> Send:
    user = people.account(PATIENT)
    return lambda key: accounts.deactivate(account=user, by=town.officer, at=NOW, key=key)


def reopen_account(town: Town) -> Send:
    user = people.account(PATIENT)
    accounts.deactivate(account=user, by=town.officer, at=NOW, key=uuid4())
    return lambda key: accounts.reactivate(account=user, by=town.officer, at=NOW, key=key)


def ask_reissue(town: Town) -> Send:
    user = people.account(PATIENT)
    return lambda key: recovery.request(account=user, by=town.officer, at=NOW, key=key)


def confirm_recovery(town: Town) -> Send:
    user = people.account(PATIENT)
    recovery.request(account=user, by=Actor(uuid4(), OFFICER), at=NOW, key=uuid4())
    return lambda key: recovery.confirm(account=user, by=town.officer, at=NOW, key=key)


def choose_password(town: Town) -> Send:
    user = people.account(DESIGNEE)
    return lambda key: isinstance(set_password_link.set_password(user, PASSWORD, at=NOW, key=key), bool)


REQUESTS: tuple[Callable[[Town], Send], ...] = (
    enrol, enrol_one_who_is_known, enrol_without_a_reason, let_through, turn_down, authorize, look_nobody_up,
    look_up_with_a_wrong_birth_date, dispense, reverse, dispense_what_is_not_there, entry, refused_entry, report,
    offer, withdraw, sign, refuse, keep_a_no, answer_questions, answer_questions_wrong, accept_offer, decline_offer,
    link, unlink, ask_erasure, confirm_erasure, invite, accept_invitation, accept_with_a_wrong_birth_date,
    register_practice, register_pharmacy, approve, suspend, reinstate, reinstate_one_who_is_not_suspended, renew,
    name_delegate, end_delegate, add_designee, add_pharmacist, close_account, reopen_account, ask_reissue,
    confirm_recovery, choose_password,
)  # fmt: skip
