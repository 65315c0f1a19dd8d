"""Requests of every kind, each made ready to be sent as often as one likes with one key."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, cast
from uuid import UUID, uuid4

import outbox
from accounts import recovery, set_password_link
from accounts.address_change import make_token as make_address_token
from accounts.roles import DESIGNEE, GUARDIAN, OFFICER, PATIENT, PHARMACIST, PRESCRIBER
from compliance import documents
from compliance.commands import (
    address_change,
    certifying,
    comprehension,
    consents,
    contacts,
    delegation,
    drafts,
    enrolment,
    erasure,
    gate,
    guardians,
    held_decisions,
    invitations,
    laboratory_schedule,
    letters,
    linking,
    noncompliance,
    offers,
    places,
    register_checks,
    registering,
    surveys,
    text_number,
    transfers,
    what_if,
)
from compliance.commands import people as accounts
from compliance.commands.enrolment import NewPatient
from compliance.commands.entries import enter
from compliance.commands.noncompliance import Said
from compliance.commands.registering import Applicant
from compliance.models import ComplianceSignal
from compliance.records.file import read_file
from compliance.rules.records import (
    ConsentWithdrawn,
    Counselled,
    Discontinued,
    Enrolled,
    PregnancyReported,
    Record,
    TransferOffered,
    Transferred,
)
from compliance.signatures import agreed, make_signature, signature_for_records
from ledger.actor import Actor
from ledger.erasable_text import make_erasable
from notifications import preferences
from notifications.preferences import Box
from outbox.models import Message
from patients.models import HeldEnrolment, Invitation, Patient
from patients.people import actor_of
from tests import factories, linked
from tests.factories import PASSWORD
from tests.histories import NOW, ClinicFactory

LATER = NOW + timedelta(minutes=5)

#: A request, made ready: it is called with a key, as often as it is sent.
Send = Callable[[UUID], Any]


def _new(**more: Any) -> NewPatient:
    plain: dict[str, Any] = {
        "given_name": "Ana", "family_name": "Mora", "born_on": date(2001, 4, 9), "email": f"{uuid4()}@example.org",
        "phone": "", "category": "can_become_pregnant",
    }  # fmt: skip
    return NewPatient(**plain | more)


def enrol(clinic: ClinicFactory) -> Send:
    new = _new(given_name=uuid4().hex, family_name=uuid4().hex)
    return lambda key: enrolment.enrol(new=new, by=clinic.doctor, at=NOW, key=key)


def enrol_one_who_is_known(clinic: ClinicFactory) -> Send:
    new = _new()
    enrolment.enrol(new=new, by=clinic.doctor, at=NOW, key=uuid4())
    by = Actor(clinic.other.user_id, PRESCRIBER, clinic.other.pk)
    return lambda key: enrolment.enrol(new=new, by=by, at=NOW, key=key)


def enrol_without_a_reason(clinic: ClinicFactory) -> Send:
    new = _new(given_name=uuid4().hex, category="cannot_become_pregnant", reason="tubal-sterilization")
    return lambda key: enrolment.enrol(new=new, by=clinic.doctor, at=NOW, key=key)


def held(clinic: ClinicFactory) -> UUID:
    new = _new(given_name=uuid4().hex, family_name=uuid4().hex)
    enrolment.enrol(new=new, by=clinic.doctor, at=NOW, key=uuid4())
    by = Actor(clinic.other.user_id, PRESCRIBER, clinic.other.pk)
    found = enrolment.enrol(new=new, by=by, at=NOW, key=uuid4()).held
    assert found is not None
    return found


def let_through(clinic: ClinicFactory) -> Send:
    case = HeldEnrolment.objects.get(pk=held(clinic))
    same = UUID(case.candidates[0])
    return lambda key: held_decisions.decide_held(
        held=case.pk, let_through=True, by=clinic.officer, at=LATER, key=key, same_as=same, reason="they were called"
    )


def turn_down(clinic: ClinicFactory) -> Send:
    case = held(clinic)
    return lambda key: held_decisions.decide_held(held=case, let_through=False, by=clinic.officer, at=LATER, key=key)


def authorize(clinic: ClinicFactory) -> Send:
    patient = clinic.ready()
    return lambda key: clinic.authorize(patient, key=key)


def _look_up(clinic: ClinicFactory, number: str, born_on: date) -> Send:
    by = Actor(factories.account(PHARMACIST).pk, PHARMACIST, clinic.pharmacies[0].pk)
    return lambda key: gate.authorize(
        number=number, born_on=born_on, pharmacy=clinic.pharmacies[0].pk, days_supply=30, by=by, at=NOW, key=key
    )


def look_nobody_up(clinic: ClinicFactory) -> Send:
    return _look_up(clinic, "22222222", date(1999, 1, 1))


def look_up_with_a_wrong_birth_date(clinic: ClinicFactory) -> Send:
    return _look_up(clinic, clinic.ready().number, date(1999, 1, 1))


def _authorized(clinic: ClinicFactory) -> tuple[Patient, str]:
    patient = clinic.ready()
    number = clinic.authorize(patient).number
    assert number is not None
    return patient, number


def dispense(clinic: ClinicFactory) -> Send:
    patient, number = _authorized(clinic)
    return lambda key: gate.dispense(
        patient=patient.pk, number=number, pharmacy=clinic.pharmacies[0].pk, by=clinic.counters[0], at=NOW, key=key
    )


def reverse(clinic: ClinicFactory) -> Send:
    patient, number = _authorized(clinic)
    return lambda key: gate.reverse(
        patient=patient.pk, number=number, pharmacy=clinic.pharmacies[0].pk, by=clinic.counters[0], at=NOW, key=key
    )


def dispense_what_is_not_there(clinic: ClinicFactory) -> Send:
    patient = clinic.ready()
    return lambda key: gate.dispense(
        patient=patient.pk,
        number="2222222222",
        pharmacy=clinic.pharmacies[0].pk,
        by=clinic.counters[0],
        at=NOW,
        key=key,
    )


def _enter(clinic: ClinicFactory, patient: Patient, record: Record, by: Actor | None = None) -> Send:
    return lambda key: enter(patient=patient.pk, records=[record], by=by or clinic.doctor, at=NOW, key=key)


def entry(clinic: ClinicFactory) -> Send:
    return _enter(clinic, clinic.ready(), Counselled(date(2026, 12, 14)))


def refused_entry(clinic: ClinicFactory) -> Send:
    return _enter(clinic, clinic.ready(), Enrolled("can_become_pregnant", prescriber=str(clinic.prescriber.pk)))


def report(clinic: ClinicFactory) -> Send:
    return _enter(clinic, clinic.ready(), PregnancyReported())


def offer(clinic: ClinicFactory) -> Send:
    return _enter(clinic, clinic.ready(), TransferOffered(str(clinic.other.pk)))


def withdraw(clinic: ClinicFactory) -> Send:
    patient = clinic.ready()
    return _enter(clinic, patient, ConsentWithdrawn("birth-defects"), _of(patient))


def _of(patient: Patient) -> Actor:
    assert patient.user_id is not None
    return Actor(patient.user_id, PATIENT, patient.pk)


def sign(clinic: ClinicFactory) -> Send:
    patient = clinic.ready()
    document, by = documents.current("birth-defects", on=NOW.date()), _of(patient)
    record = consents.consent(patient=patient.pk, document=document, answers=agreed(document), by=by)

    def send(key: UUID) -> Any:
        signature = signature_for_records([record], "A B", subject=patient.pk, by=by, key=key, on=NOW.date())
        assert signature is not None
        return consents.sign(patient=patient.pk, record=record, signature=signature, by=by, at=NOW, key=key)

    return send


def refuse(clinic: ClinicFactory) -> Send:
    patient = clinic.ready()
    return lambda key: consents.refuse(patient=patient.pk, document="birth-defects", by=_of(patient), at=NOW, key=key)


def ask_with_a_no(clinic: ClinicFactory) -> Send:
    patient, document = clinic.ready(), documents.load("birth-defects", 2, "en")

    def send(key: UUID) -> None:
        """The text has another salt each time, as a form that is sent again makes it."""
        question = make_erasable("Why two?", subject=patient.pk, at=NOW)
        consents.ask(
            patient=patient.pk, document=document, item="two-forms", draft="consent:x", question=question,
            by=_of(patient), at=NOW, key=key,
        )  # fmt: skip

    return send


def keep_a_no(clinic: ClinicFactory) -> Send:
    patient = clinic.ready()
    return lambda key: drafts.save(
        patient=patient.pk, what="consent:x", answers={"a": False}, by=_of(patient), at=NOW, key=key
    )


def answer_questions(clinic: ClinicFactory, right: bool = True) -> Send:
    patient = clinic.ready()
    by, found = _of(patient), read_file(patient.pk, NOW).assess(NOW)
    month_questions = comprehension.current(patient=patient.pk, account=by.account, assessment=found)
    choices = {q.id: q.right if right else q.right + 1 for q in month_questions.questions}
    return lambda key: comprehension.answer(
        patient=patient.pk, round_=month_questions, choices=choices, by=by, at=NOW, key=key
    )


def answer_questions_wrong(clinic: ClinicFactory) -> Send:
    return answer_questions(clinic, right=False)


def _offered(clinic: ClinicFactory) -> tuple[Patient, Actor]:
    patient = clinic.ready()
    assert clinic.enter(patient, TransferOffered(str(clinic.other.pk)))
    return patient, Actor(clinic.other.user_id, PRESCRIBER, clinic.other.pk)


def accept_offer(clinic: ClinicFactory) -> Send:
    patient, by = _offered(clinic)
    return lambda key: transfers.accept(patient=patient.pk, by=by, at=NOW, key=key)


def decline_offer(clinic: ClinicFactory) -> Send:
    patient, by = _offered(clinic)
    return lambda key: transfers.decline(patient=patient.pk, by=by, at=NOW, key=key)


def hand_over(clinic: ClinicFactory) -> Send:
    of, patients, to = clinic.prescriber.pk, [clinic.ready().pk, clinic.ready().pk], clinic.other.pk
    return lambda key: offers.hand_over(of=of, patients=patients, to=to, by=clinic.officer, at=NOW, key=key)


def ask_another(clinic: ClinicFactory) -> Send:
    patient = clinic.ready()
    return lambda key: offers.ask(patient=patient.pk, to=clinic.other.pk, by=_of(patient), at=NOW, key=key)


def take_request_back(clinic: ClinicFactory) -> Send:
    patient = clinic.ready()
    offers.ask(patient=patient.pk, to=clinic.other.pk, by=_of(patient), at=NOW, key=uuid4())
    return lambda key: offers.take_request_back(patient=patient.pk, by=_of(patient), at=LATER, key=key)


def link(clinic: ClinicFactory) -> Send:
    one, other = clinic.ready(), clinic.ready()
    linking.link(files=(one.pk, other.pk), reason="same", by=linked.OFFICERS[0], at=NOW, key=uuid4())
    return lambda key: linking.link(files=(one.pk, other.pk), reason="same", by=clinic.officer, at=NOW, key=key)


def ask_to_link(clinic: ClinicFactory) -> Send:
    one, other = clinic.ready(), clinic.ready()
    return lambda key: linking.link(files=(one.pk, other.pk), reason="same", by=clinic.officer, at=NOW, key=key)


def unlink(clinic: ClinicFactory) -> Send:
    file = _linked(clinic)
    linking.unlink(file=file, reason="not", by=linked.OFFICERS[0], at=LATER, key=uuid4())
    return lambda key: linking.unlink(file=file, reason="not", by=clinic.officer, at=LATER, key=key)


def ask_to_unlink(clinic: ClinicFactory) -> Send:
    file = _linked(clinic)
    return lambda key: linking.unlink(file=file, reason="not", by=clinic.officer, at=LATER, key=key)


def _linked(clinic: ClinicFactory) -> UUID:
    one, other = clinic.ready(), clinic.ready()
    linked.link(one.pk, other.pk, at=NOW)
    return one.pk


def _ended(clinic: ClinicFactory) -> Patient:
    patient = clinic.ready()
    assert clinic.enter(patient, Discontinued("moved"))
    return patient


def ask_erasure(clinic: ClinicFactory) -> Send:
    patient = _ended(clinic)
    return lambda key: erasure.ask(patient=patient.pk, by=clinic.officer, at=NOW, key=key)


def confirm_erasure(clinic: ClinicFactory) -> Send:
    patient = _ended(clinic)
    erasure.ask(patient=patient.pk, by=Actor(uuid4(), OFFICER), at=NOW, key=uuid4())
    return lambda key: erasure.confirm(patient=patient.pk, by=clinic.officer, at=NOW, key=key)


def invite(clinic: ClinicFactory) -> Send:
    patient = enrolment.enrol(new=_new(family_name=uuid4().hex), by=clinic.doctor, at=NOW, key=uuid4()).patient
    assert patient is not None
    return lambda key: invitations.invite(patient=patient, by=clinic.doctor, at=LATER, key=key)


def _invitation(clinic: ClinicFactory) -> Invitation:
    new = _new(given_name=uuid4().hex, family_name=uuid4().hex)
    patient = enrolment.enrol(new=new, by=clinic.doctor, at=NOW, key=uuid4()).patient
    return Invitation.objects.select_related("patient").get(patient=patient)


def accept_invitation(clinic: ClinicFactory) -> Send:
    found = _invitation(clinic)
    acceptance = invitations.Acceptance(born_on=found.patient.born_on, password=PASSWORD)
    return lambda key: invitations.accept(invitation=found.pk, acceptance=acceptance, at=LATER, key=key)


def accept_with_a_wrong_birth_date(clinic: ClinicFactory) -> Send:
    acceptance = invitations.Acceptance(born_on=date(1990, 1, 1), password=PASSWORD)
    found = _invitation(clinic)
    return lambda key: invitations.accept(invitation=found.pk, acceptance=acceptance, at=LATER, key=key)


def _register(clinic: ClinicFactory, role: str) -> Send:
    code = "prescriber-attestation" if role == PRESCRIBER else "pharmacy-attestation"
    document, npi, email = documents.current(code, on=NOW.date()), factories.npi(), f"{uuid4()}@example.org"
    action = registering.practice if role == PRESCRIBER else registering.pharmacy

    def send(key: UUID) -> Any:
        who = Applicant(
            name="N", email=email, password=PASSWORD, place="P", npi=npi, phone="+12125550100", address="1 Main"
        )
        signature = make_signature(document, "N", certifying.APPLICATION, subject=who.id, by=who.actor(role), key=key)
        return action(who=who, signature=signature, at=NOW, key=key)

    return send


def register_practice(clinic: ClinicFactory) -> Send:
    return _register(clinic, PRESCRIBER)


def register_pharmacy(clinic: ClinicFactory) -> Send:
    return _register(clinic, PHARMACIST)


def approve(clinic: ClinicFactory) -> Send:
    row = factories.prescriber(state="applied")
    return lambda key: certifying.approve(kind="prescriber", subject=row.pk, by=clinic.officer, at=NOW, key=key)


def turn_down_an_application(clinic: ClinicFactory) -> Send:
    row = factories.prescriber(state="applied")
    return lambda key: certifying.turn_down(
        kind="prescriber", subject=row.pk, reason=make_erasable("x", subject=row.pk, at=NOW), by=clinic.officer,
        at=NOW, key=key,
    )  # fmt: skip


def apply_again(clinic: ClinicFactory) -> Send:
    row = factories.prescriber(state="declined")
    document, by = documents.current("prescriber-attestation", on=NOW.date()), actor_of(row.user)

    def send(key: UUID) -> Any:
        signature = make_signature(document, "N", certifying.APPLICATION, subject=row.pk, by=by, key=key)
        return certifying.apply_again(
            kind="prescriber", subject=row.pk, signature=signature, by=by, at=NOW, key=key
        )  # fmt: skip

    return send


def suspend(clinic: ClinicFactory) -> Send:
    row = factories.prescriber()
    return lambda key: certifying.suspend(
        kind="prescriber",
        subject=row.pk,
        reason=make_erasable("x", subject=row.pk, at=NOW),
        by=clinic.officer,
        at=NOW,
        key=key,
    )


def open_case(clinic: ClinicFactory) -> Send:
    signal = ComplianceSignal.objects.create(
        code="backdated", day=NOW.date(), place_kind="prescriber", place=clinic.prescriber.pk,
        patient=clinic.ready().pk, record=1,
    )  # fmt: skip
    return lambda key: noncompliance.open_case(
        kind="prescriber", subject=clinic.prescriber.pk, signals=[signal.pk], note=make_erasable("x"),
        by=clinic.officer, at=NOW, key=key,
    )  # fmt: skip


def _notice(clinic: ClinicFactory, case: int) -> Send:
    def send(key: UUID) -> None:
        said = Said(text=make_erasable("x"), due=NOW.date() + timedelta(days=14))
        noncompliance.take_step(
            kind="prescriber", subject=clinic.prescriber.pk, case=case, step="notice", said=said, by=clinic.officer,
            at=NOW, key=key,
        )  # fmt: skip

    return send


def take_case_step(clinic: ClinicFactory) -> Send:
    return _notice(clinic, cast(int, open_case(clinic)(uuid4())))


def answer_case(clinic: ClinicFactory) -> Send:
    case = cast(int, open_case(clinic)(uuid4()))
    _notice(clinic, case)(uuid4())
    return lambda key: noncompliance.answer(
        kind="prescriber", subject=clinic.prescriber.pk, case=case, step="reply", said=Said(text=make_erasable("x")),
        by=clinic.doctor, at=NOW, key=key,
    )  # fmt: skip


def reinstate(clinic: ClinicFactory, state: str = "suspended") -> Send:
    row = factories.prescriber(state=state)
    return lambda key: certifying.reinstate(kind="prescriber", subject=row.pk, by=clinic.officer, at=NOW, key=key)


def reinstate_one_who_is_not_suspended(clinic: ClinicFactory) -> Send:
    return reinstate(clinic, "approved")


def renew(clinic: ClinicFactory) -> Send:
    row = factories.prescriber()
    document, by = documents.current("prescriber-attestation", on=NOW.date()), actor_of(row.user)

    def send(key: UUID) -> Any:
        signature = make_signature(document, "N", certifying.RECERTIFICATION, subject=row.pk, by=by, key=key)
        return certifying.recertify(subject=row.pk, signature=signature, by=by, at=NOW, key=key)

    return send


def name_delegate(clinic: ClinicFactory) -> Send:
    one, other = factories.prescriber(), factories.prescriber()
    return lambda key: delegation.add_delegate(prescriber=one, delegate=other, by=actor_of(one.user), at=NOW, key=key)


def schedule_laboratory(clinic: ClinicFactory) -> Send:
    one, months = factories.prescriber(), (0, 1, 3)
    return lambda key: laboratory_schedule.set_schedule(
        prescriber=one, months=months, by=actor_of(one.user), at=NOW, key=key
    )


def end_delegate(clinic: ClinicFactory) -> Send:
    one = factories.prescriber()
    by = actor_of(one.user)
    row = delegation.add_delegate(prescriber=one, delegate=factories.prescriber(), by=by, at=NOW, key=uuid4())
    return lambda key: delegation.end_delegation(row=row, by=by, at=NOW, key=key)


def add_designee(clinic: ClinicFactory) -> Send:
    email = f"{uuid4()}@example.org"
    return lambda key: accounts.add_designee(
        prescriber=clinic.prescriber, name="N", email=email, by=clinic.doctor, at=NOW, key=key
    )


def add_pharmacist(clinic: ClinicFactory) -> Send:
    email = f"{uuid4()}@example.org"
    return lambda key: accounts.add_pharmacist(
        pharmacy=clinic.pharmacies[0], name="N", email=email, by=clinic.counters[0], at=NOW, key=key
    )


def close_account(clinic: ClinicFactory) -> Send:
    user = factories.account(PATIENT)
    return lambda key: accounts.deactivate(account=user, by=clinic.officer, at=NOW, key=key)


def reopen_account(clinic: ClinicFactory) -> Send:
    user = factories.account(PATIENT)
    accounts.deactivate(account=user, by=clinic.officer, at=NOW, key=uuid4())
    return lambda key: accounts.reactivate(account=user, by=clinic.officer, at=NOW, key=key)


def add_officer(clinic: ClinicFactory) -> Send:
    email = f"{uuid4()}@example.org"
    return lambda key: accounts.add_officer(name="N", email=email, by=clinic.officer, at=NOW, key=key)


def ask_to_close_an_officer(clinic: ClinicFactory) -> Send:
    user = factories.officer()
    return lambda key: accounts.deactivate(account=user, by=clinic.officer, at=NOW, key=key)


def close_an_officer(clinic: ClinicFactory) -> Send:
    user = factories.officer()
    assert not accounts.deactivate(account=user, by=Actor(uuid4(), OFFICER), at=NOW, key=uuid4())
    return lambda key: accounts.deactivate(account=user, by=clinic.officer, at=NOW, key=key)


def officers_report(clinic: ClinicFactory) -> Send:
    patient = clinic.ready()
    return lambda key: enter(patient=patient.pk, records=[PregnancyReported()], by=clinic.officer, at=NOW, key=key)


def officers_transfer(clinic: ClinicFactory) -> Send:
    patient, records = clinic.ready(), [Transferred(str(clinic.other.pk))]
    return lambda key: enter(patient=patient.pk, records=records, by=clinic.officer, at=NOW, key=key)


def request_recovery(clinic: ClinicFactory) -> Send:
    user = factories.account(PATIENT)
    return lambda key: recovery.request(account=user, by=clinic.officer, at=NOW, key=key)


def confirm_recovery(clinic: ClinicFactory) -> Send:
    user = factories.account(PATIENT)
    recovery.request(account=user, by=Actor(uuid4(), OFFICER), at=NOW, key=uuid4())
    return lambda key: recovery.confirm(account=user, by=clinic.officer, at=NOW, key=key)


def choose_password(clinic: ClinicFactory) -> Send:
    user = factories.account(DESIGNEE)
    return lambda key: isinstance(set_password_link.set_password(user, PASSWORD, at=NOW, key=key), bool)


# --- what is known of a person is put right --------------------------------------------------------
def correct_contact(clinic: ClinicFactory) -> Send:
    patient, name, phone = clinic.ready().pk, uuid4().hex, f"+1212{uuid4().int % 10**7:07d}"
    # Like nobody else, so that the office has nothing to look at.
    Patient.objects.filter(pk=patient).update(given_name=name, family_name=name, name_key=name)
    return lambda key: contacts.correct_patient(
        patient=patient, contact={"phone": phone}, reason="x", by=clinic.doctor, at=NOW, key=key
    )


def _minor(clinic: ClinicFactory) -> tuple[UUID, UUID]:
    """A minor, and the guardian who was named."""
    patient = clinic.ready(born_on=date(2012, 2, 3)).pk
    return patient, guardians.name_guardian(
        patient=patient, name="G", email=f"{uuid4()}@example.org", by=clinic.doctor, at=NOW, key=uuid4()
    )


def name_guardian(clinic: ClinicFactory) -> Send:
    patient, email = clinic.ready(born_on=date(2012, 2, 3)).pk, f"{uuid4()}@example.org"
    return lambda key: guardians.name_guardian(
        patient=patient, name="G", email=email, by=clinic.doctor, at=NOW, key=key
    )


def correct_guardian(clinic: ClinicFactory) -> Send:
    patient, guardian = _minor(clinic)
    return lambda key: guardians.correct_guardian(
        patient=patient, guardian=guardian, contact={"name": "H"}, reason="x", by=clinic.doctor, at=NOW, key=key
    )


def end_guardian(clinic: ClinicFactory) -> Send:
    patient, guardian = _minor(clinic)
    return lambda key: guardians.end_guardian(
        patient=patient, guardian=guardian, reason="x", by=clinic.doctor, at=NOW, key=key
    )


def correct_place(clinic: ClinicFactory) -> Send:
    return lambda key: places.correct_place(
        kind="prescriber", subject=clinic.prescriber.pk, contact={"address": f"{key.hex} Street"}, reason="x",
        by=clinic.doctor, at=NOW, key=key,
    )  # fmt: skip


def check_register(clinic: ClinicFactory) -> Send:
    applicant = factories.prescriber(state="applied")
    by = clinic.officer
    texts = {"looked_up": applicant.npi, "found": ""}
    return lambda key: register_checks.note_check(
        kind="prescriber", subject=applicant.pk, register="nppes", result="agrees", texts=texts, by=by, at=NOW, key=key
    )


def ask_what_if(clinic: ClinicFactory) -> Send:
    return lambda key: what_if.ask(edition="2026", sample=100, by=clinic.officer, at=NOW, key=key)


def ask_address(clinic: ClinicFactory) -> Send:
    user, email = factories.account(DESIGNEE), f"{uuid4()}@example.org"
    return lambda key: address_change.ask(user=user, email=email, by=Actor(user.pk, DESIGNEE), at=NOW, key=key)


def confirm_address(clinic: ClinicFactory) -> Send:
    user = factories.account(DESIGNEE)
    token = make_address_token(user, f"{uuid4()}@example.org")
    return lambda key: address_change.confirm(token=token, by=Actor(user.pk, DESIGNEE), at=NOW, key=key)


def give_up_address(clinic: ClinicFactory) -> Send:
    user = factories.account(PATIENT)
    return lambda key: address_change.give_up(
        user=user, user_name=f"name-{user.pk.hex[:8]}", by=Actor(user.pk, PATIENT), at=NOW, key=key
    )


def print_letter(clinic: ClinicFactory) -> Send:
    new = _new(given_name=uuid4().hex, family_name=uuid4().hex, email="")
    patient = enrolment.enrol(new=new, by=clinic.doctor, at=NOW, key=uuid4()).patient
    assert patient is not None
    return lambda key: letters.print_letter(patient=patient, by=clinic.doctor, at=LATER, key=key)


def correct_own_name(clinic: ClinicFactory) -> Send:
    user = factories.account(DESIGNEE)
    return lambda key: address_change.correct_name(
        user=user, name="Another Name", by=Actor(user.pk, DESIGNEE), at=NOW, key=key
    )


def choose_language(clinic: ClinicFactory) -> Send:
    user = factories.account(DESIGNEE)
    return lambda key: address_change.choose_language(
        user=user, language="es", by=Actor(user.pk, DESIGNEE), at=NOW, key=key
    )


def ask_text_number(clinic: ClinicFactory) -> Send:
    user = factories.account(DESIGNEE)
    return lambda key: text_number.ask(user=user, number="+12125550166", by=Actor(user.pk, DESIGNEE), at=NOW, key=key)


def confirm_text_number(clinic: ClinicFactory) -> Send:
    user = factories.account(DESIGNEE)
    by = Actor(user.pk, DESIGNEE)
    text_number.ask(user=user, number="+12125550166", by=by, at=NOW, key=uuid4())
    said = [outbox.facts_of(row) for row in Message.objects.filter(kind=text_number.KIND)]
    code = next(facts["code"] for facts in said if facts["account"] == str(user.pk))
    return lambda key: text_number.confirm(user=user, code=code, by=by, at=NOW, key=key)


def remove_text_number(clinic: ClinicFactory) -> Send:
    user = factories.account(DESIGNEE)
    factories.text_number(user, "+12125550166")
    return lambda key: text_number.remove(user=user, by=Actor(user.pk, DESIGNEE), at=NOW, key=key)


def answer_survey(clinic: ClinicFactory) -> Send:
    """Of a month in which somebody has answered already: the sums stand there."""
    bank = documents.questions(version=1, bank=documents.SURVEYS[1])
    choices = {question.id: question.right for question in bank}
    first, by = (Actor(factories.designee(clinic.prescriber).user_id, DESIGNEE, clinic.prescriber.pk) for _ in "ab")
    surveys.answer(version=1, choices=choices, by=first, at=NOW, key=uuid4())
    return lambda key: surveys.answer(version=1, choices=choices, by=by, at=NOW, key=key)


def put_survey_off(clinic: ClinicFactory) -> Send:
    by = Actor(factories.designee(clinic.prescriber).user_id, DESIGNEE, clinic.prescriber.pk)
    return lambda key: surveys.put_off(by=by, at=NOW, key=key)


def choose_messages(clinic: ClinicFactory) -> Send:
    user = factories.designee(clinic.prescriber).user
    on = [Box(DESIGNEE, "test-due", "email")]
    return lambda key: preferences.save(user=user, on=on, off=[], by=Actor(user.pk, DESIGNEE), at=NOW, key=key)


def correct_own_phone(clinic: ClinicFactory) -> Send:
    _patient, guardian = _minor(clinic)
    found = Invitation.objects.select_related("patient").get(guardian=guardian)
    given = invitations.Acceptance(born_on=found.patient.born_on, password=PASSWORD)
    user = invitations.accept(invitation=found.pk, acceptance=given, at=NOW, key=uuid4())
    return lambda key: address_change.correct_own_phone(
        user=user, phone="+12125550177", by=Actor(user.pk, GUARDIAN), at=NOW, key=key
    )


#: What officers do.
OFFICERS: tuple[Callable[[ClinicFactory], Send], ...] = (
    let_through, turn_down, link, ask_to_link, unlink, ask_to_unlink, ask_erasure, confirm_erasure, approve,
    turn_down_an_application, suspend, reinstate, close_account, reopen_account, ask_to_close_an_officer,
    close_an_officer, add_officer, request_recovery, confirm_recovery, officers_report, officers_transfer,
    check_register, ask_what_if, open_case, take_case_step,
)  # fmt: skip

REQUESTS: tuple[Callable[[ClinicFactory], Send], ...] = (
    *OFFICERS, enrol, enrol_one_who_is_known, enrol_without_a_reason, authorize, look_nobody_up,
    look_up_with_a_wrong_birth_date, dispense, reverse, dispense_what_is_not_there, entry, refused_entry, report,
    offer, withdraw, sign, refuse, ask_with_a_no, keep_a_no, answer_questions, answer_questions_wrong, accept_offer,
    decline_offer, hand_over, ask_another, take_request_back,
    invite, accept_invitation, accept_with_a_wrong_birth_date, register_practice, register_pharmacy,
    reinstate_one_who_is_not_suspended, renew, apply_again, name_delegate, schedule_laboratory, end_delegate,
    add_designee, add_pharmacist,
    choose_password, correct_contact, name_guardian, correct_guardian, end_guardian, correct_place, ask_address,
    confirm_address, correct_own_name, give_up_address, print_letter, choose_language, correct_own_phone,
    ask_text_number, confirm_text_number, remove_text_number, choose_messages,
    answer_survey, put_survey_off,
    answer_case,
)  # fmt: skip
