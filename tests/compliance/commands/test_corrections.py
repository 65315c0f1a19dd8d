"""What is known of a person is put right: by a record, with a reason, and the text before stays."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.mail import EmailMessage
from django.db.models import QuerySet
from django.urls import reverse

from accounts.address_change import make_token
from accounts.models import User
from accounts.roles import DESIGNEE, GUARDIAN, OFFICER, PATIENT, PHARMACIST
from compliance.commands import address_change, contacts, enrolment, guardians, invitations, places
from compliance.commands.address_change import AddressTaken, LinkOver
from compliance.commands.certifying import Kind
from compliance.commands.decide import NotPermitted
from compliance.commands.enrolment import NewPatient
from compliance.commands.entries import EntryRefused
from compliance.commands.invitations import Acceptance, NotAccepted
from compliance.records.columns import ended_guardians
from compliance.records.file import read_file
from compliance.records.rebuild import differences
from compliance.rules.records import ContactCorrected, GuardianEnded
from ledger import log
from ledger.actor import Actor
from ledger.erasable_text import read_texts
from ledger.models import ErasableText
from outbox.models import Message
from outbox.tasks import deliver
from patients.models import Guardian, HeldEnrolment, Invitation, Patient, Prescriber
from patients.visibility import visible_patients
from tests import factories
from tests.clocks import Clock
from tests.factories import as_
from tests.histories import NOW, ClinicFactory

pytestmark = pytest.mark.django_db

#: The subject of an invitation to somebody whose language is not known.
INVITED = "You are invited to Clearfill / Le invitan a Clearfill"

BORN, CHILD = date(2001, 4, 2), date(2012, 2, 3)
PASSWORD = "a good long pass phrase"
LATER = NOW + timedelta(hours=1)


@pytest.fixture(autouse=True)
def _today(clock: Clock) -> None:
    clock.at = NOW


def enrolled(
    clinic: ClinicFactory, *, born_on: date = BORN, name: str = "Mina", email: str = "mina@example.org",
    phone: str = "+12125550100",
) -> Patient:  # fmt: skip
    new = NewPatient(
        given_name=name, family_name="Roe", born_on=born_on, email=email, phone=phone,
        category="can_become_pregnant", guardian_name="Ada Roe" if born_on == CHILD else "",
        guardian_email="ada@example.org" if born_on == CHILD else "",
    )  # fmt: skip
    result = enrolment.enrol(new=new, by=clinic.doctor, at=NOW, key=uuid4())
    assert result.patient is not None
    return Patient.objects.get(pk=result.patient)


def accepted(patient: Patient, guardian: Guardian | None = None) -> User:
    invitation = Invitation.objects.get(patient=patient, guardian=guardian, accepted_at=None, revoked_at=None)
    acceptance = Acceptance(born_on=patient.born_on, password=PASSWORD)
    return invitations.accept(invitation=invitation.pk, acceptance=acceptance, at=NOW, key=uuid4())


def correct(patient: Patient, by: Actor, reason: str = "misheard", **contact: str) -> contacts.Corrected:
    return contacts.correct_patient(patient=patient.pk, contact=contact, reason=reason, by=by, at=LATER, key=uuid4())


def letters(mailoutbox: list[EmailMessage]) -> list[tuple[str, str]]:
    deliver()
    return [(mail.to[0], str(mail.subject)) for mail in mailoutbox]


CHANGES = [
    ("given_name", "Minna"), ("family_name", "Rowe"), ("phone", "+12125550199"), ("phone", ""),
    ("email", "new@example.org"),
]  # fmt: skip


@pytest.mark.parametrize(("column", "text"), CHANGES)
def test_each_is_corrected_by_a_record_and_the_text_before_stays(clinic: ClinicFactory, column: str, text: str) -> None:
    patient = enrolled(clinic)
    before = {row.digest for row in texts_of(patient)}
    correct(patient, clinic.doctor, **{column: text})
    assert getattr(Patient.objects.get(pk=patient.pk), column) == text
    record = read_file(patient.pk, LATER).history(LATER).of(ContactCorrected)[-1][1]
    assert set(record.sealed) == {column}
    assert read_texts([record.sealed[column], record.reason]) == {
        record.sealed[column]: text,
        record.reason: "misheard",
    }
    assert before <= {row.digest for row in texts_of(patient)}
    assert list(differences()) == []


def texts_of(patient: Patient) -> QuerySet[ErasableText]:
    return ErasableText.objects.filter(subject=patient.pk)


def test_nothing_changed_is_refused(clinic: ClinicFactory) -> None:
    patient = enrolled(clinic)
    with pytest.raises(EntryRefused, match="nothing-changed"):
        correct(patient, clinic.doctor, given_name="Mina", email="MINA@example.org")


def test_who_may(clinic: ClinicFactory) -> None:
    patient = enrolled(clinic)
    owner = accepted(patient)
    designee = factories.designee(clinic.prescriber)
    correct(patient, Actor(designee.user_id, DESIGNEE, clinic.prescriber.pk), given_name="Minna")
    own = Actor(owner.pk, PATIENT, patient.pk)
    correct(patient, own, phone="+12125550111")
    strangers = [
        Actor(clinic.other.user_id, "prescriber", clinic.other.pk), clinic.counters[0],
        Actor(factories.account(PATIENT).pk, PATIENT, patient.pk),
        Actor(factories.designee(clinic.other).user_id, DESIGNEE, clinic.other.pk),
    ]  # fmt: skip
    for stranger in strangers:
        with pytest.raises(NotPermitted):
            correct(patient, stranger, phone="+12125550122")
    with pytest.raises(NotPermitted):
        correct(patient, own, family_name="Doe")
    assert Patient.objects.get(pk=patient.pk).phone == "+12125550111"


def test_new_address_before_an_account_ends_the_old_invitation_and_tells_the_old_address(
    clinic: ClinicFactory, mailoutbox: list[EmailMessage]
) -> None:
    patient = enrolled(clinic)
    (old,) = Invitation.objects.filter(patient=patient)
    assert not correct(patient, clinic.doctor, email="Right@example.org").waits
    with pytest.raises(NotAccepted, match="invitation-unknown"):
        invitations.accept(
            invitation=old.pk, acceptance=Acceptance(born_on=BORN, password=PASSWORD), at=LATER, key=uuid4()
        )
    sent = letters(mailoutbox)
    assert ("right@example.org", INVITED) in sent
    assert ("mina@example.org", "Clearfill no longer writes to this address") in sent
    assert ("mina@example.org", INVITED) not in sent
    assert accepted(patient).email == "right@example.org"


def test_new_address_of_an_account_counts_once_its_owner_opened_the_link(
    clinic: ClinicFactory, mailoutbox: list[EmailMessage]
) -> None:
    patient = enrolled(clinic)
    owner = accepted(patient)
    deliver()
    mailoutbox.clear()
    assert correct(patient, clinic.doctor, email="new@example.org").waits
    assert Patient.objects.get(pk=patient.pk).email == owner.email == "mina@example.org"
    # In either order: both were enqueued at one instant.
    assert sorted(letters(mailoutbox)) == [
        ("mina@example.org", "Another address was given for your Clearfill account"),
        ("new@example.org", "Please confirm your address for Clearfill"),
    ]
    confirm = next(mail for mail in mailoutbox if mail.to == ["new@example.org"])
    token = confirm.body.split("/account/address/")[1].split("/")[0]
    by = Actor(owner.pk, PATIENT, patient.pk)
    address_change.confirm(token=token, by=by, at=LATER, key=uuid4())
    assert User.objects.get(pk=owner.pk).email == "new@example.org"
    assert Patient.objects.get(pk=patient.pk).email == "new@example.org"
    assert [row.kind for row in log.read(owner.pk)][-1] == "address_changed"
    assert read_file(patient.pk, LATER).history(LATER).of(ContactCorrected)
    assert letters(mailoutbox)[2:] == [("mina@example.org", "Clearfill no longer writes to this address")]
    with pytest.raises(LinkOver):
        address_change.confirm(token=token, by=by, at=LATER, key=uuid4())


def test_nobody_but_the_owner_confirms_an_address(clinic: ClinicFactory) -> None:
    owner, other = factories.account(GUARDIAN), factories.account(GUARDIAN)
    token = make_token(owner, "new@example.org")
    with pytest.raises(LinkOver):
        address_change.confirm(token=token, by=Actor(other.pk, GUARDIAN), at=NOW, key=uuid4())
    assert {User.objects.get(pk=user.pk).email for user in (owner, other)} == {owner.email, other.email}


@pytest.mark.parametrize("change", ["password", "address", "closed"])
def test_link_is_over_once_the_account_has_changed(clinic: ClinicFactory, change: str) -> None:
    owner = factories.account(GUARDIAN)
    token = make_token(owner, "new@example.org")
    if change == "password":
        owner.set_password("another long pass phrase")
    elif change == "address":
        owner.email = "third@example.org"
    else:
        owner.is_active = False
    owner.save()
    with pytest.raises(NotPermitted if change == "closed" else LinkOver):
        address_change.confirm(token=token, by=Actor(owner.pk, GUARDIAN), at=NOW, key=uuid4())


def test_address_that_somebody_else_has_meanwhile_is_refused_and_nothing_changes(clinic: ClinicFactory) -> None:
    owner, other = factories.account(OFFICER), factories.account(GUARDIAN)
    token = make_token(owner, other.email)
    with pytest.raises(AddressTaken):
        address_change.confirm(token=token, by=Actor(owner.pk, OFFICER), at=NOW, key=uuid4())
    assert User.objects.get(pk=owner.pk).email == owner.email


def test_corrected_name_is_searched_for_as_at_an_enrolment(clinic: ClinicFactory) -> None:
    enrolled(clinic)
    other = enrolled(clinic, name="Quentin", email="quentin@example.org", phone="+13125550777")
    assert not HeldEnrolment.objects.filter(is_correction=True).exists()
    correct(other, clinic.doctor, given_name="Mina")
    assert HeldEnrolment.objects.filter(is_correction=True, patient=other).exists()


def test_corrected_name_is_that_of_the_account_too(clinic: ClinicFactory) -> None:
    patient = enrolled(clinic)
    owner = accepted(patient)
    correct(patient, clinic.doctor, given_name="Minna")
    assert User.objects.get(pk=owner.pk).name == "Minna Roe"
    assert [row.kind for row in log.read(owner.pk)] == ["name_corrected"]


# --- guardians ------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Family:
    patient: Patient
    guardian: Guardian
    account: User


@pytest.fixture
def family(clinic: ClinicFactory) -> Family:
    patient = enrolled(clinic, born_on=CHILD)
    guardian = patient.guardians.get()
    return Family(patient, guardian, accepted(patient, guardian))


def ended(patient: UUID) -> frozenset[UUID]:
    return ended_guardians(read_file(patient, LATER).entries)


def test_ended_guardian_sees_and_signs_nothing_more(clinic: ClinicFactory, family: Family) -> None:
    assert visible_patients(family.account).exists()
    guardians.end_guardian(
        patient=family.patient.pk, guardian=family.guardian.pk, reason="r", by=clinic.doctor, at=LATER, key=uuid4()
    )
    assert not visible_patients(family.account).exists()
    assert ended(family.patient.pk) == {family.guardian.pk}
    with pytest.raises(NotPermitted):
        guardians.correct_guardian(
            patient=family.patient.pk, guardian=family.guardian.pk, contact={"name": "X"}, reason="",
            by=Actor(family.account.pk, GUARDIAN), at=LATER, key=uuid4(),
        )  # fmt: skip
    assert list(differences()) == []
    for again in (guardians.end_guardian,):
        with pytest.raises(EntryRefused, match="no-such-guardian"):
            again(
                patient=family.patient.pk,
                guardian=family.guardian.pk,
                reason="r",
                by=clinic.doctor,
                at=LATER,
                key=uuid4(),
            )
    with pytest.raises(EntryRefused, match="no-such-guardian"):
        invitations.invite(
            patient=family.patient.pk, guardian=family.guardian.pk, by=clinic.doctor, at=LATER, key=uuid4()
        )


def test_replaced_guardian_ends_and_the_new_one_is_invited(
    clinic: ClinicFactory, family: Family, mailoutbox: list[EmailMessage]
) -> None:
    new = guardians.name_guardian(
        patient=family.patient.pk, name="Bo Roe", email="bo@example.org", by=clinic.doctor, at=LATER, key=uuid4(),
        instead_of=family.guardian.pk, reason="moved",
    )  # fmt: skip
    assert ended(family.patient.pk) == {family.guardian.pk}
    assert not visible_patients(family.account).exists()
    assert ("bo@example.org", INVITED) in letters(mailoutbox)
    account = accepted(family.patient, Guardian.objects.get(pk=new))
    assert visible_patients(account).get() == family.patient


def test_guardian_is_named_when_a_corrected_birth_date_makes_a_minor(clinic: ClinicFactory) -> None:
    patient = clinic.ready(born_on=CHILD)
    new = guardians.name_guardian(
        patient=patient.pk, name="Bo Roe", email="bo@example.org", by=clinic.doctor, at=LATER, key=uuid4()
    )
    assert Guardian.objects.get(pk=new).patient == patient


def test_guardian_of_somebody_of_age_is_refused(clinic: ClinicFactory) -> None:
    patient = enrolled(clinic)
    with pytest.raises(EntryRefused, match="patient-of-age"):
        guardians.name_guardian(
            patient=patient.pk, name="Bo", email="bo@example.org", by=clinic.doctor, at=LATER, key=uuid4()
        )
    assert not patient.guardians.exists()


def test_guardians_new_address_before_an_account_gets_another_invitation(
    clinic: ClinicFactory, mailoutbox: list[EmailMessage]
) -> None:
    patient = enrolled(clinic, born_on=CHILD)
    guardian = patient.guardians.get()
    guardians.correct_guardian(
        patient=patient.pk, guardian=guardian.pk, contact={"email": "ada.roe@example.org", "name": "Ada B. Roe"},
        reason="r", by=clinic.doctor, at=LATER, key=uuid4(),
    )  # fmt: skip
    row = Guardian.objects.get(pk=guardian.pk)
    assert (row.name, row.email) == ("Ada B. Roe", "ada.roe@example.org")
    sent = letters(mailoutbox)
    assert ("ada.roe@example.org", INVITED) in sent
    assert ("ada@example.org", "Clearfill no longer writes to this address") in sent
    assert ("ada@example.org", INVITED) not in sent


@pytest.mark.parametrize("way", ["named", "corrected", "replaced"])
def test_patients_own_address_is_no_guardians(clinic: ClinicFactory, family: Family, way: str) -> None:
    """One account could not sign for both: it is said here, and not to whoever opens the link."""
    known, records = Guardian.objects.count(), len(log.read(family.patient.pk))
    own = family.patient.email.upper()
    about: dict[str, Any] = {"patient": family.patient.pk, "by": clinic.doctor, "at": LATER, "key": uuid4()}
    correct = partial(guardians.correct_guardian, guardian=family.guardian.pk, contact={"email": own}, reason="r")
    name = partial(guardians.name_guardian, name="G", email=own)
    replace_them = partial(name, instead_of=family.guardian.pk, reason="r")
    ways: dict[str, Callable[..., object]] = {"corrected": correct, "named": name, "replaced": replace_them}
    with pytest.raises(EntryRefused) as refused:
        ways[way](**about)
    assert (refused.value.first.field, refused.value.first.rule) == ("email", "guardians-own-address")
    assert (Guardian.objects.count(), len(log.read(family.patient.pk))) == (known, records)


def test_guardian_of_another_patient_is_not_ended_here(clinic: ClinicFactory, family: Family) -> None:
    other = clinic.ready(born_on=CHILD)
    with pytest.raises(EntryRefused, match="no-such-guardian"):
        guardians.end_guardian(
            patient=other.pk, guardian=family.guardian.pk, reason="r", by=clinic.doctor, at=LATER, key=uuid4()
        )
    assert not read_file(other.pk, LATER).history(LATER).of(GuardianEnded)


# --- staff, practices, pharmacies -----------------------------------------------------------------
def test_own_name_follows_in_every_file_of_a_guardian(clinic: ClinicFactory, family: Family) -> None:
    address_change.correct_name(
        user=family.account, name="Ada C. Roe", by=Actor(family.account.pk, GUARDIAN), at=LATER, key=uuid4()
    )
    assert Guardian.objects.get(pk=family.guardian.pk).name == "Ada C. Roe"
    assert User.objects.get(pk=family.account.pk).name == "Ada C. Roe"


def test_patient_does_not_rename_themselves(clinic: ClinicFactory) -> None:
    patient = enrolled(clinic)
    owner = accepted(patient)
    with pytest.raises(NotPermitted):
        address_change.correct_name(
            user=owner, name="X", by=Actor(owner.pk, PATIENT, patient.pk), at=LATER, key=uuid4()
        )


PLACES: list[tuple[Kind, str]] = [("prescriber", "practice_name"), ("pharmacy", "name")]


@pytest.mark.parametrize(("kind", "column"), PLACES)
@pytest.mark.parametrize("field", ["name", "phone", "address"])
@pytest.mark.parametrize("who", ["own", "officer"])
def test_places_contact_data_is_corrected(clinic: ClinicFactory, kind: Kind, column: str, field: str, who: str) -> None:
    first = factories.pharmacist()
    place = clinic.prescriber if kind == "prescriber" else first.pharmacy
    own = clinic.doctor if kind == "prescriber" else Actor(first.user_id, PHARMACIST, first.pharmacy_id)
    by = own if who == "own" else clinic.officer
    name = column if field == "name" else field
    places.correct_place(
        kind=kind,
        subject=place.pk,
        contact={name: "Elsewhere 5"},
        reason="moved",
        by=by,
        at=LATER,
        key=uuid4(),
    )
    place.refresh_from_db()
    assert getattr(place, name) == "Elsewhere 5"
    assert log.read(place.pk)[-1].kind == "contact_corrected"


@pytest.mark.parametrize("kind", ["prescriber", "pharmacy"])
def test_office_corrects_an_npi_and_nobody_else_does(clinic: ClinicFactory, kind: Kind) -> None:
    first = factories.pharmacist()
    place: Any = clinic.prescriber if kind == "prescriber" else first.pharmacy
    other: Any = clinic.other if kind == "prescriber" else clinic.pharmacies[0]
    own = clinic.doctor if kind == "prescriber" else Actor(first.user_id, PHARMACIST, first.pharmacy_id)
    correct_npi = partial(places.correct_place, kind=kind, subject=place.pk, reason="a digit was wrong", at=LATER)
    new, before, known = factories.npi(), place.npi, len(log.read(place.pk))
    with pytest.raises(NotPermitted):
        correct_npi(contact={"npi": new}, by=own, key=uuid4())
    with pytest.raises(ValueError, match="not an NPI"):
        correct_npi(contact={"npi": "1234567890"}, by=clinic.officer, key=uuid4())
    for contact, refused in (({"npi": other.npi}, places.NpiTaken), ({"npi": before}, places.NothingChanged)):
        with pytest.raises(refused):
            correct_npi(contact=contact, by=clinic.officer, key=uuid4())
    place.refresh_from_db()
    assert (place.npi, len(log.read(place.pk))) == (before, known)
    key = uuid4()
    for _ in range(2):
        correct_npi(contact={"npi": new}, by=clinic.officer, key=key)
    place.refresh_from_db()
    assert (place.npi, len(log.read(place.pk))) == (new, known + 1)
    sealed = log.read(place.pk)[-1].data["sealed"]
    assert read_texts(sealed.values())[sealed["npi"]] == new


@pytest.mark.parametrize("kind", ["prescriber", "pharmacy"])
def test_the_page_asks_the_office_alone_for_an_npi(clinic: ClinicFactory, kind: Kind) -> None:
    first = factories.pharmacist()
    place: Any = clinic.prescriber if kind == "prescriber" else first.pharmacy
    other: Any = clinic.other if kind == "prescriber" else clinic.pharmacies[0]
    own = clinic.prescriber.user if kind == "prescriber" else first.user
    page = as_(own).get(reverse("prescriber:practice_contact" if kind == "prescriber" else "pharmacy:contact"))
    assert 'name="phone"' in page.content.decode()
    assert 'name="npi"' not in page.content.decode()
    path = reverse("office:place_contact", kwargs={"kind": kind, "subject": place.pk})
    officer = as_(factories.officer())
    form = {"name": "Elm Street", "phone": "+12125550199", "address": "1 Elm", "reason": "typed wrong"}
    for typed, said in (("1234567890", "NPI"), (other.npi, "is registered under this NPI")):
        answer = officer.post(path, form | {"npi": typed, "key": str(uuid4())})
        assert answer.status_code == 422
        assert said in answer.content.decode()
        assert typed in answer.content.decode(), "what was typed is kept"
    assert officer.post(path, form | {"npi": factories.npi(), "key": str(uuid4())}).status_code == 302


def test_strangers_correct_no_place(clinic: ClinicFactory) -> None:
    strangers = [
        Actor(clinic.other.user_id, "prescriber", clinic.other.pk), clinic.counters[0],
        Actor(factories.designee(clinic.prescriber).user_id, DESIGNEE, clinic.prescriber.pk),
    ]  # fmt: skip
    for by in strangers:
        with pytest.raises(NotPermitted):
            places.correct_place(
                kind="prescriber", subject=clinic.prescriber.pk, contact={"phone": "1"}, reason="r", by=by, at=LATER,
                key=uuid4(),
            )  # fmt: skip
    colleague = Actor(factories.account(PHARMACIST).pk, PHARMACIST, clinic.pharmacies[0].pk)
    with pytest.raises(NotPermitted):
        places.correct_place(
            kind="pharmacy", subject=clinic.pharmacies[0].pk, contact={"phone": "1"}, reason="r", by=colleague,
            at=LATER, key=uuid4(),
        )  # fmt: skip
    assert Prescriber.objects.get(pk=clinic.prescriber.pk).phone == clinic.prescriber.phone


def test_one_legal_name_is_enough(clinic: ClinicFactory) -> None:
    patient = enrolled(clinic, name="")
    assert (patient.name, patient.list_name) == ("Roe", "Roe")
    assert accepted(patient).name == "Roe"
    correct(patient, clinic.doctor, given_name="Mina", family_name="")
    assert Patient.objects.get(pk=patient.pk).name == "Mina"


@pytest.mark.parametrize("role", ["officer", "pharmacist"])
def test_no_link_is_sent_for_who_corrects_nothing(clinic: ClinicFactory, family: Family, role: str) -> None:
    """Although nothing would be recorded before the link is opened."""
    patient = enrolled(clinic, name="Quentin", email="quentin@example.org", phone="+13125550777")
    accepted(patient)
    by, before = clinic.officer if role == "officer" else clinic.counters[0], Message.objects.count()
    with pytest.raises(NotPermitted):
        correct(patient, by, email="theirs@example.org")
    with pytest.raises(NotPermitted):
        guardians.correct_guardian(
            patient=family.patient.pk, guardian=family.guardian.pk, contact={"email": "theirs@example.org"}, reason="r",
            by=by, at=LATER, key=uuid4(),
        )  # fmt: skip
    assert Message.objects.count() == before


@pytest.mark.parametrize("contact", [{"name": "Mine"}, {"email": "mine@example.org"}])
def test_guardian_corrects_no_other_guardian(clinic: ClinicFactory, family: Family, contact: dict[str, str]) -> None:
    other = guardians.name_guardian(
        patient=family.patient.pk, name="Bo Roe", email="bo@example.org", by=clinic.doctor, at=LATER, key=uuid4()
    )
    with pytest.raises(NotPermitted):
        guardians.correct_guardian(
            patient=family.patient.pk, guardian=other, contact=contact, reason="r",
            by=Actor(family.account.pk, GUARDIAN), at=LATER, key=uuid4(),
        )  # fmt: skip
    row = Guardian.objects.get(pk=other)
    assert (row.name, row.email) == ("Bo Roe", "bo@example.org")
