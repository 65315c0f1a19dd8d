"""Holding an enrolment, and letting it through: by the rules first, by two officers where something is at stake."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from accounts.models import User
from accounts.roles import PATIENT, PRESCRIBER
from accounts.two_officers import LIFETIME
from compliance.commands import certifying, enrolment, held_decisions
from compliance.commands.decide import NotPermitted
from compliance.commands.enrolment import NewPatient, NotDecided
from compliance.commands.entries import EntryRefused
from compliance.models import Proposal
from compliance.records.rebuild import differences
from compliance.rules.records import BirthDateCorrected, PregnancyReported
from ledger.actor import Actor
from ledger.erasable_text import make_erasable
from ledger.models import ErasableText, LogRecord
from ledger.verify import verify
from patients.models import HeldEnrolment, Patient
from patients.numbers import new_number
from tests import factories, linked
from tests.histories import NOW, ClinicFactory

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)
ANA = NewPatient(
    given_name="Ana", family_name="Mora", born_on=date(2001, 4, 9), email="ana@example.org", phone="",
    category="can_become_pregnant",
)  # fmt: skip


def enrol(clinic: ClinicFactory, new: NewPatient = ANA) -> enrolment.Enrolment:
    return enrolment.enrol(new=new, by=clinic.doctor, at=NOW, key=uuid4())


def held(clinic: ClinicFactory) -> UUID:
    """An enrolment that is held beside a file in which nothing ever happened."""
    factories.patient(clinic.other, born_on=ANA.born_on)
    found = enrol(clinic).held
    assert found is not None
    return found


def decide(clinic: ClinicFactory, case: UUID, by: Actor | None = None, **more: Any) -> enrolment.Enrolment:
    values: dict[str, Any] = {"let_through": True, "reason": "both were called", "key": uuid4()} | more
    return held_decisions.decide_held(held=case, by=by or clinic.officer, at=LATER, **values)


REFUSED: dict[str, tuple[NewPatient, str, str]] = {
    "too young": (replace(ANA, born_on=date(2016, 1, 1), guardian_name="G", guardian_email="g@example.org"),
                  "born_on", "under-age"),
    "not born yet": (replace(ANA, born_on=date(2027, 1, 1), guardian_name="G", guardian_email="g@example.org"),
                     "born_on", "in-the-future"),
    "no reason for the category": (replace(ANA, category="cannot_become_pregnant", reason="tubal-sterilization"),
                                   "reason", "reason-not-listed"),
    "no category that there is": (replace(ANA, category="neither"), "category", "not-listed"),
    "a guardian of an adult": (replace(ANA, guardian_name="G", guardian_email="g@example.org"),
                               "guardian", "patient-of-age"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_rules_refuse_is_refused_before_it_is_held(clinic: ClinicFactory, name: str) -> None:
    new, field, rule = REFUSED[name]
    factories.patient(clinic.other, born_on=new.born_on)
    with pytest.raises(EntryRefused) as refused:
        enrol(clinic, new)
    assert (refused.value.first.field, refused.value.first.rule) == (field, rule)
    assert not HeldEnrolment.objects.exists()


def _data(case: UUID, **changed: object) -> None:
    row = HeldEnrolment.objects.get(pk=case)
    HeldEnrolment.objects.filter(pk=case).update(data=row.data | changed)


def _suspended(clinic: ClinicFactory, case: UUID) -> None:
    certifying.suspend(
        kind="prescriber", subject=clinic.prescriber.pk, reason=make_erasable("x"), by=clinic.officer, at=NOW,
        key=uuid4(),
    )  # fmt: skip


def _mail_taken(clinic: ClinicFactory, case: UUID) -> None:
    User.objects.create_user(email=ANA.email, password=None, name="Some One", role=PATIENT)


#: What happened meanwhile, and what then comes of letting it through: a code, or nothing where it is done.
MEANWHILE: dict[str, tuple[Callable[[ClinicFactory, UUID], object], str]] = {
    "nothing": (lambda c, h: None, ""),
    "too young by now's rules": (
        lambda c, h: _data(h, born_on="2016-01-01", guardian_name="G", guardian_email="g@example.org"), "under-age"),
    "a birth date to come": (
        lambda c, h: _data(h, born_on="2027-01-01", guardian_name="G", guardian_email="g@example.org"),
        "in-the-future"),
    "a reason that is listed no more": (
        lambda c, h: _data(h, category="cannot_become_pregnant", reason="gone"), "reason-not-listed"),
    "the prescriber is suspended": (_suspended, "prescriber-not-certified"),
    "the prescriber is gone": (
        lambda c, h: User.objects.filter(pk=c.prescriber.user_id).update(is_active=False),
        "prescriber-not-certified"),
    "the prescriber never was certified": (
        lambda c, h: HeldEnrolment.objects.update(prescriber=factories.prescriber()), "prescriber-not-certified"),
    "an account has the address": (_mail_taken, ""),
    "somebody alike came to the program": (
        lambda c, h: factories.patient(c.other, born_on=ANA.born_on, family_name="Mora-Lopez"), "new-candidates"),
    "it was let through": (lambda c, h: decide(c, h), "decided-already"),
    "it was turned down": (lambda c, h: decide(c, h, let_through=False), "decided-already"),
}  # fmt: skip


@pytest.mark.parametrize("name", MEANWHILE)
def test_letting_through_asks_the_rules_again(clinic: ClinicFactory, name: str) -> None:
    happens, code = MEANWHILE[name]
    case = held(clinic)
    happens(clinic, case)
    before = Patient.objects.count()
    if code == "":
        assert decide(clinic, case).patient is not None
        return
    with pytest.raises((NotDecided, EntryRefused)) as refused:
        decide(clinic, case)
    error = refused.value
    assert (error.first.rule if isinstance(error, EntryRefused) else error.args[0]) == code
    assert Patient.objects.count() == before


@pytest.mark.parametrize("name", MEANWHILE)
def test_letting_through_is_never_a_fault_of_the_page(clinic: ClinicFactory, name: str) -> None:
    happens, code = MEANWHILE[name]
    case = held(clinic)
    happens(clinic, case)
    form = {"decision": "through", "reason": "both were called", "key": str(uuid4())}
    answer = factories.as_(factories.officer()).post(f"/office/duplicates/{case}/", form)
    assert answer.status_code == (422 if code else 302)


def test_a_new_candidate_is_shown_and_then_decided_about(clinic: ClinicFactory) -> None:
    case = held(clinic)
    other = factories.patient(clinic.other, born_on=ANA.born_on, family_name="Mora-Lopez")
    with pytest.raises(NotDecided):
        decide(clinic, case)
    assert str(other.pk) in HeldEnrolment.objects.get(pk=case).candidates
    assert decide(clinic, case).patient is not None


AT_STAKE: dict[str, Callable[[ClinicFactory], Patient]] = {
    "an open course": lambda c: c.ready(born_on=ANA.born_on),
    "a stop": lambda c: stopped(c),
}


def stopped(clinic: ClinicFactory) -> Patient:
    patient = clinic.ready(born_on=ANA.born_on)
    clinic.enter(patient, PregnancyReported())
    return patient


@pytest.mark.parametrize("linked", [False, True], ids=["another person", "linked"])
@pytest.mark.parametrize("name", AT_STAKE)
def test_two_officers_let_through_beside_a_stop_or_a_course(clinic: ClinicFactory, name: str, linked: bool) -> None:
    file = AT_STAKE[name](clinic)
    case = enrol(clinic, replace(ANA, given_name=file.given_name, family_name=file.family_name)).held
    assert case is not None
    same_as = file.pk if linked else None
    first, second = clinic.officer, Actor(factories.officer().pk, clinic.officer.role)
    for _ in range(2):
        assert decide(clinic, case, first, same_as=same_as).waits
    assert HeldEnrolment.objects.get(pk=case).state == "waiting"
    assert not decide(clinic, case, second, same_as=same_as, reason="").waits
    row = HeldEnrolment.objects.get(pk=case)
    assert (row.state, row.asked_by, row.decided_by) == ("let_through", first.account, second.account)
    assert row.reason == "both were called"
    assert not Proposal.objects.filter(ended_at=None).exists()


def test_the_reason_of_letting_through_is_in_the_log_as_an_erasable_text(clinic: ClinicFactory) -> None:
    patient = decide(clinic, held(clinic)).patient
    assert patient is not None
    registered = LogRecord.objects.get(subject=patient, kind="registered")
    row = ErasableText.objects.get(digest=registered.data["sealed"]["let_through"])
    assert (row.subject, row.text) == (patient, "both were called")


@pytest.mark.parametrize("at_stake", [False, True])
def test_nothing_is_let_through_or_asked_for_without_a_reason(clinic: ClinicFactory, at_stake: bool) -> None:
    case: UUID | None = None
    if at_stake:
        file = clinic.ready(born_on=ANA.born_on)
        case = enrol(clinic, replace(ANA, given_name=file.given_name, family_name=file.family_name)).held
    case = case or held(clinic)
    with pytest.raises(NotDecided) as refused:
        decide(clinic, case, reason=" ")
    assert refused.value.code == "reason-missing"
    assert HeldEnrolment.objects.get(pk=case).state == "waiting"
    assert not Proposal.objects.exists()


def test_another_decision_of_the_second_officer_begins_anew(clinic: ClinicFactory) -> None:
    file = clinic.ready(born_on=ANA.born_on)
    case = enrol(clinic, replace(ANA, given_name=file.given_name, family_name=file.family_name)).held
    assert case is not None
    second = Actor(factories.officer().pk, clinic.officer.role)
    assert decide(clinic, case).waits
    assert decide(clinic, case, second, same_as=file.pk).waits
    assert not decide(clinic, case, same_as=file.pk).waits


def test_one_officer_turns_down(clinic: ClinicFactory) -> None:
    file = stopped(clinic)
    case = enrol(clinic, replace(ANA, given_name=file.given_name, family_name=file.family_name)).held
    assert case is not None
    decide(clinic, case, let_through=False)
    assert HeldEnrolment.objects.get(pk=case).state == "turned_down"


def _corrected(clinic: ClinicFactory) -> tuple[Patient, Patient]:
    """Two files of one name, whose birth dates are alike once one of them is corrected."""
    one, other = clinic.ready(), clinic.ready(born_on=date(1999, 12, 30))
    assert not HeldEnrolment.objects.exists()
    clinic.enter(other, BirthDateCorrected(one.born_on, make_erasable("x").digest))
    return one, other


def test_a_corrected_birth_date_that_matches_is_shown_to_the_office(clinic: ClinicFactory) -> None:
    one, other = _corrected(clinic)
    case = HeldEnrolment.objects.get()
    assert (case.patient_id, case.is_correction, case.candidates) == (other.pk, True, [str(one.pk)])
    client = factories.as_(factories.officer())
    assert "Birth date corrected by" in client.get("/office/duplicates/").content.decode()
    assert "Corrected file" in client.get(f"/office/duplicates/{case.pk}/").content.decode()


@pytest.mark.parametrize("linked", [False, True], ids=["kept apart", "linked"])
def test_a_corrected_file_is_decided_about_by_two_officers(clinic: ClinicFactory, linked: bool) -> None:
    one, other = _corrected(clinic)
    case, before = HeldEnrolment.objects.get(), Patient.objects.count()
    same_as = one.pk if linked else None
    with pytest.raises(NotDecided):
        decide(clinic, case.pk, let_through=False)
    assert decide(clinic, case.pk, same_as=same_as).waits
    second = Actor(factories.officer().pk, clinic.officer.role)
    decide(clinic, case.pk, second, same_as=same_as, reason="")
    assert Patient.objects.count() == before
    row = LogRecord.objects.filter(subject=other.pk).order_by("number").last()
    assert row is not None
    assert (row.kind, row.actor) == ("file_linked" if linked else "kept_apart", second.account)
    assert row.data["asked_by"] == str(clinic.officer.account)
    assert ErasableText.objects.get(digest=row.data["reason"], subject=other.pk).text == "both were called"
    assert linked or str(one.pk) not in str(row.data), "the log of one person names no other"
    assert row.number not in {problem.number for problem in verify([other.pk])}
    assert list(differences()) == []
    assert Patient.objects.filter(linked_to__isnull=False).count() == (2 if linked else 0)
    other.refresh_from_db()


def test_a_corrected_file_that_was_linked_meanwhile_is_decided_all_the_same(clinic: ClinicFactory) -> None:
    one, other = _corrected(clinic)
    case = HeldEnrolment.objects.get()
    linked.link(one.pk, other.pk, at=NOW)
    for by in (clinic.officer, Actor(factories.officer().pk, clinic.officer.role)):
        result = decide(clinic, case.pk, by, same_as=one.pk)
    assert (result.waits, result.patient) == (False, other.pk)
    assert [row.kind for row in LogRecord.objects.filter(subject=one.pk)].count("file_linked") == 1


def test_a_corrected_birth_date_that_matches_nobody_shows_nothing(clinic: ClinicFactory) -> None:
    other = clinic.ready(born_on=date(1999, 12, 30))
    clinic.enter(other, BirthDateCorrected(date(1998, 12, 30), make_erasable("x").digest))
    assert not HeldEnrolment.objects.exists()


@pytest.mark.parametrize("name", ["a stop opens", "a week passes"])
def test_what_one_officer_decided_lapses(clinic: ClinicFactory, name: str) -> None:
    file = clinic.ready(born_on=ANA.born_on)
    case = enrol(clinic, replace(ANA, given_name=file.given_name, family_name=file.family_name)).held
    assert case is not None
    assert decide(clinic, case).waits
    page, path = factories.as_(factories.officer()), f"/office/duplicates/{case}/"
    if name == "a stop opens":
        assert "One officer has decided" in page.get(path).content.decode()
        clinic.enter(file, PregnancyReported())
        assert "One officer has decided" not in page.get(path).content.decode()
        assert "Another officer confirms" not in page.get("/office/duplicates/").content.decode()
    else:
        Proposal.objects.update(asked_at=LATER - LIFETIME)
    second = Actor(factories.officer().pk, clinic.officer.role)
    assert decide(clinic, case, second).waits
    assert not decide(clinic, case).waits


def test_only_an_officer_decides(clinic: ClinicFactory) -> None:
    case = held(clinic)
    for by in (clinic.doctor, Actor(uuid4(), PATIENT), Actor(uuid4(), PRESCRIBER)):
        with pytest.raises(NotPermitted):
            decide(clinic, case, by)
    assert HeldEnrolment.objects.get(pk=case).state == "waiting"


@pytest.mark.parametrize("is_held", [False, True], ids=["enrolled at once", "let through"])
def test_a_number_that_a_file_has_is_drawn_again(
    clinic: ClinicFactory, monkeypatch: pytest.MonkeyPatch, *, is_held: bool
) -> None:
    somebody = factories.patient(clinic.other, given_name="Zoe", family_name="Quill", born_on=date(1990, 1, 1))
    taken, free = somebody.number, new_number()
    case = held(clinic) if is_held else None
    monkeypatch.setattr(enrolment, "new_number", iter([taken, taken, free]).__next__)
    opened = decide(clinic, case) if case else enrol(clinic)
    assert opened.patient is not None
    assert Patient.objects.get(pk=opened.patient).number == free
