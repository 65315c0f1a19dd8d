"""The language in which somebody is addressed: asked, recorded, corrected with a reason, chosen by its owner."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from accounts.erased import MARK
from accounts.models import User
from accounts.roles import DESIGNEE, GUARDIAN, OFFICER, PATIENT, PHARMACIST, PRESCRIBER, ROLES
from compliance.commands import address_change, contacts, enrolment, guardians, held_decisions, invitations
from compliance.commands.address_change import NothingChanged
from compliance.commands.decide import NotPermitted
from compliance.commands.enrolment import Enrolment, NewPatient
from compliance.commands.entries import EntryRefused
from compliance.commands.invitations import Acceptance
from compliance.records.file import read_file
from compliance.records.rebuild import differences
from compliance.rules.records import ConsentSigned, ContactCorrected, GuardianCorrected
from compliance.verification import written
from ledger import log
from ledger.actor import Actor
from ledger.erasable_text import read_texts
from patients.language import language_of
from patients.models import Guardian, Invitation, Patient
from tests import factories
from tests.clocks import Clock
from tests.histories import NOW, ClinicFactory

pytestmark = pytest.mark.django_db

CHILD = date(2012, 2, 3)
LATER = NOW + timedelta(hours=1)


@pytest.fixture(autouse=True)
def _today(clock: Clock) -> None:
    clock.at = LATER


def enrol(
    clinic: ClinicFactory, language: str = "", guardian_language: str = "", *, email: str = "mina@example.org",
    guardian_email: str = "ada@example.org",
) -> Enrolment:  # fmt: skip
    new = NewPatient(
        given_name="Mina", family_name="Roe", born_on=CHILD, email=email, phone="", category="can_become_pregnant",
        guardian_name="Ada Roe", guardian_email=guardian_email, language=language, guardian_language=guardian_language,
    )  # fmt: skip
    return enrolment.enrol(new=new, by=clinic.doctor, at=NOW, key=uuid4())


def enrolled(clinic: ClinicFactory, language: str = "", guardian_language: str = "", **more: str) -> Patient:
    file = enrol(clinic, language, guardian_language, **more).patient
    assert file is not None
    return Patient.objects.get(pk=file)


def accept(patient: Patient, guardian: Guardian | None, account: User | None = None) -> User:
    invitation = Invitation.objects.get(patient=patient, guardian=guardian)
    password = "" if account else factories.PASSWORD
    acceptance = Acceptance(born_on=patient.born_on, password=password, account=account)
    return invitations.accept(invitation=invitation.pk, acceptance=acceptance, at=NOW, key=uuid4())


@dataclass(frozen=True)
class Family:
    """A minor of the first practice with a guardian, both with an account, and everybody else who might ask."""

    clinic: ClinicFactory
    patient: UUID
    guardian: UUID
    accounts: dict[str, UUID]

    def actor(self, who: str) -> Actor:
        other = self.clinic.other
        return {
            PRESCRIBER: self.clinic.doctor,
            DESIGNEE: Actor(factories.designee(self.clinic.prescriber).user_id, DESIGNEE, self.clinic.prescriber.pk),
            PATIENT: Actor(self.accounts[PATIENT], PATIENT, self.patient),
            GUARDIAN: Actor(self.accounts[GUARDIAN], GUARDIAN),
            "other guardian": Actor(factories.account(GUARDIAN).pk, GUARDIAN),
            "other practice": Actor(other.user_id, PRESCRIBER, other.pk),
            "other designee": Actor(factories.designee(other).user_id, DESIGNEE, other.pk),
            "other patient": Actor(factories.account(PATIENT).pk, PATIENT, self.patient),
            PHARMACIST: self.clinic.counters[0],
            OFFICER: self.clinic.officer,
        }[who]

    def correct(self, whose: str, by: Actor, language: str, reason: str = "misheard", key: UUID | None = None) -> None:
        contact, key = {"language": language}, key or uuid4()
        if whose == PATIENT:
            contacts.correct_patient(patient=self.patient, contact=contact, reason=reason, by=by, at=LATER, key=key)
        else:
            guardians.correct_guardian(
                patient=self.patient, guardian=self.guardian, contact=contact, reason=reason, by=by, at=LATER, key=key
            )

    def row(self, whose: str) -> Patient | Guardian:
        if whose == PATIENT:
            return Patient.objects.get(pk=self.patient)
        return Guardian.objects.get(pk=self.guardian)

    def records(self) -> int:
        return len(log.read(self.patient))


@pytest.fixture
def family(clinic: ClinicFactory) -> Family:
    patient = enrolled(clinic)
    guardian = patient.guardians.get()
    accounts = {PATIENT: accept(patient, None).pk, GUARDIAN: accept(patient, guardian).pk}
    return Family(clinic, patient.pk, guardian.pk, accounts)


def languages(subject: UUID) -> list[tuple[str, str]]:
    """What the log says of languages, by the kind of record, in order."""
    found = [(row.kind, row.data["sealed"]["language"]) for row in log.read(subject)
             if "language" in (row.data.get("sealed") or {})]  # fmt: skip
    said = read_texts(digest for _kind, digest in found)
    return [(kind, said[digest]) for kind, digest in found]


# --- asked at enrolment ---------------------------------------------------------------------------
@pytest.mark.parametrize("language", ["", "en", "es"])
def test_enrolment_records_it_and_the_account_takes_it(clinic: ClinicFactory, language: str) -> None:
    patient = enrolled(clinic, language, language)
    recorded = [("registered", language), ("guardian_named", language)] if language else []
    assert languages(patient.pk) == recorded
    guardian = patient.guardians.get()
    for row, account in ((patient, accept(patient, None)), (guardian, accept(patient, guardian))):
        assert (row.language, User.objects.get(pk=account.pk).language) == (language, language)
    assert list(differences()) == []


def test_account_that_says_a_language_keeps_it_when_it_joins_another_file(clinic: ClinicFactory) -> None:
    account = factories.account(GUARDIAN)
    User.objects.filter(pk=account.pk).update(language="en")
    account.refresh_from_db()
    patient = enrolled(clinic, "", "es", guardian_email=account.email)
    accept(patient, patient.guardians.get(), account)
    assert language_of(patient.guardians.get()) == "en"


@pytest.mark.parametrize("field", ["language", "guardian_language"])
def test_enrolment_in_a_language_that_there_is_not_is_refused_beside_its_field(
    clinic: ClinicFactory, field: str
) -> None:
    with pytest.raises(EntryRefused) as refused:
        enrol(clinic, *(("de", "") if field == "language" else ("", "de")))
    assert [(one.field, one.rule) for _, one in refused.value.refusals] == [(field, "not-listed")]


@pytest.mark.parametrize("language", ["", "es"])
def test_guardian_is_named_with_a_language(clinic: ClinicFactory, language: str) -> None:
    patient = clinic.ready(born_on=CHILD)
    named = guardians.name_guardian(
        patient=patient.pk, name="Bo", email="bo@example.org", by=clinic.doctor, at=LATER, key=uuid4(),
        language=language,
    )  # fmt: skip
    assert Guardian.objects.get(pk=named).language == language
    assert languages(patient.pk) == ([("guardian_named", language)] if language else [])
    with pytest.raises(EntryRefused, match="not-listed"):
        guardians.name_guardian(
            patient=patient.pk, name="Cy", email="cy@example.org", by=clinic.doctor, at=LATER, key=uuid4(),
            language="de",
        )  # fmt: skip


def test_enrolment_that_the_office_lets_through_keeps_the_languages(clinic: ClinicFactory) -> None:
    first = enrolled(clinic, email="first@example.org")
    held = enrol(clinic, "es", "en", guardian_email="other@example.org").held
    assert held is not None
    for _officer in range(2):
        by = Actor(factories.officer().pk, OFFICER)
        held_decisions.decide_held(held=held, let_through=True, by=by, at=LATER, key=uuid4(), reason="seen")
    patient = Patient.objects.exclude(pk=first.pk).get()
    assert (patient.language, patient.guardians.get().language) == ("es", "en")


# --- corrected by the practice, with a reason; chosen by its owner ----------------------------------
BY_PRACTICE = [PRESCRIBER, DESIGNEE]
MAY = [
    *((whose, who) for whose in (PATIENT, GUARDIAN) for who in BY_PRACTICE),
    (PATIENT, PATIENT),
    (GUARDIAN, GUARDIAN),
]


@pytest.mark.parametrize(("whose", "who"), MAY)
def test_who_may_corrects_it_by_a_record_with_a_reason_and_the_old_one_stays(
    family: Family, whose: str, who: str
) -> None:
    by, key = family.actor(who), uuid4()
    family.correct(whose, family.clinic.doctor, "en", reason="first")
    for _again in range(2):
        family.correct(whose, by, "es", key=key)
    row = family.row(whose)
    account = User.objects.get(pk=family.accounts[whose])
    assert (row.language, account.language, language_of(row)) == ("es", "es", "es")
    kind = ContactCorrected.kind if whose == PATIENT else GuardianCorrected.kind
    assert languages(family.patient) == [(kind, "en"), (kind, "es")]
    reasons = [row.data["reason"] for row in log.read(family.patient) if row.kind == kind]
    assert [read_texts(reasons)[digest] for digest in reasons] == ["first", "misheard"]
    assert languages(account.pk) == [("language_changed", "en"), ("language_changed", "es")]
    assert list(differences()) == []
    assert not [problem for problem in written.problems() if problem.subject == account.pk]


STRANGERS = ["other practice", "other designee", "other patient", "other guardian", PHARMACIST, OFFICER]
MAY_NOT = [
    *((whose, who) for whose in (PATIENT, GUARDIAN) for who in STRANGERS), (PATIENT, GUARDIAN), (GUARDIAN, PATIENT),
]  # fmt: skip


@pytest.mark.parametrize(("whose", "who"), MAY_NOT)
def test_nobody_else_corrects_it(family: Family, whose: str, who: str) -> None:
    by = family.actor(who)
    before = family.records()
    with pytest.raises(NotPermitted):
        family.correct(whose, by, "es")
    assert (language_of(family.row(whose)), family.records()) == ("", before)


@pytest.mark.parametrize("whose", [PATIENT, GUARDIAN])
def test_language_that_there_is_not_is_refused_beside_its_field(family: Family, whose: str) -> None:
    before = family.records()
    for code in ("de", "EN", "español"):
        with pytest.raises(EntryRefused) as refused:
            family.correct(whose, family.clinic.doctor, code)
        assert [(one.field, one.rule) for _, one in refused.value.refusals] == [("language", "not-listed")]
    assert (language_of(family.row(whose)), family.records()) == ("", before)


@pytest.mark.parametrize("whose", [PATIENT, GUARDIAN])
def test_same_language_twice_is_nothing_changed(family: Family, whose: str) -> None:
    family.correct(whose, family.clinic.doctor, "es")
    before = family.records()
    with pytest.raises(EntryRefused, match="nothing-changed"):
        family.correct(whose, family.clinic.doctor, "es")
    assert family.records() == before


@pytest.mark.parametrize("whose", [PATIENT, GUARDIAN])
def test_it_goes_back_to_not_known(family: Family, whose: str) -> None:
    family.correct(whose, family.clinic.doctor, "es")
    family.correct(whose, family.clinic.doctor, "")
    assert language_of(family.row(whose)) == ""


def test_signatures_windows_and_an_open_authorization_stay(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    decision = clinic.authorize(patient)
    signed = read_file(patient.pk, LATER).history(LATER).of(ConsentSigned)
    contacts.correct_patient(
        patient=patient.pk, contact={"language": "es"}, reason="r", by=clinic.doctor, at=LATER, key=uuid4()
    )
    assert read_file(patient.pk, LATER).history(LATER).of(ConsentSigned) == signed
    assert clinic.dispense(patient, decision.number or "", at=LATER + timedelta(minutes=1)) is None


# --- chosen by the owner of an account ------------------------------------------------------------
def choose(user: User, language: str, by: Actor | None = None) -> None:
    address_change.choose_language(
        user=user, language=language, by=by or Actor(user.pk, user.opened_as), at=LATER, key=uuid4()
    )


@pytest.mark.parametrize("role", ROLES)
def test_everybody_chooses_their_own_and_nobody_elses(role: str) -> None:
    user, other = factories.account(role), factories.account(role)
    choose(user, "es")
    choose(user, "en")
    assert User.objects.get(pk=user.pk).language == "en"
    assert languages(user.pk) == [("language_changed", "es"), ("language_changed", "en")]
    with pytest.raises(NothingChanged):
        choose(user, "en")
    with pytest.raises(ValueError, match="no such language"):
        choose(user, "de")
    with pytest.raises(NotPermitted):
        choose(user, "es", by=Actor(other.pk, role))
    assert User.objects.get(pk=user.pk).language == "en"
    assert len(log.read(user.pk)) == 2


@pytest.mark.parametrize("whose", [PATIENT, GUARDIAN])
def test_choice_follows_in_every_file_but_one_that_was_erased(family: Family, whose: str) -> None:
    account, erased = User.objects.get(pk=family.accounts[whose]), family.clinic.ready(born_on=CHILD)
    if whose == PATIENT:
        Patient.objects.filter(pk=erased.pk).update(given_name=MARK, user=account)
    else:
        Guardian.objects.create(patient=erased, user=account, name=MARK)
    choose(account, "es")
    kind = ContactCorrected if whose == PATIENT else GuardianCorrected
    assert (family.row(whose).language, languages(family.patient)) == ("es", [(kind.kind, "es")])
    assert languages(erased.pk) == []
    assert not [problem for problem in written.problems() if problem.subject == account.pk]
