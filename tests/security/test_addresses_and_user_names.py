"""An address is added to an account with a user name, and taken away from one, in each way that there is."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse

import outbox
from accounts import address_change as links
from accounts import recovery
from accounts.models import User
from accounts.roles import GUARDIAN, PATIENT
from compliance.commands import contacts, guardians, invitations, letters
from compliance.commands.entries import EntryRefused
from ledger.clock import now
from ledger.models import ErasableText, LogRecord
from patients.models import Designee, Guardian, Invitation, Patient
from patients.people import actor_of
from tests import factories
from tests.compliance.commands.test_letters import enrol, minor, print_letter
from tests.factories import PASSWORD, as_
from tests.histories import ClinicFactory
from tests.security.test_letters import NAME, opened, post

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_cache")]


@pytest.fixture
def clinic() -> ClinicFactory:
    return ClinicFactory(now())


def signed_in(login: str, password: str = PASSWORD) -> Client:
    client = Client()
    client.post("/account/login/", {"login": login, "password": password})
    assert "_auth_user_id" in client.session, login
    return client


def reads(login: str) -> bool:
    client = Client()
    client.post("/account/login/", {"login": login, "password": PASSWORD})
    return "_auth_user_id" in client.session


def with_address(clinic: ClinicFactory, address: str = "ana@example.org") -> tuple[Patient, User]:
    """A patient whose account signs in by an address."""
    patient = enrol(clinic, email=address)
    user = User.objects.create_user(email=address, password=PASSWORD, name="Ana Mora", role=PATIENT)
    return patient, _accepted(Invitation.objects.get(patient=patient).pk, user, patient)


def _accepted(invitation: UUID, user: User, patient: Patient) -> User:
    acceptance = invitations.Acceptance(born_on=patient.born_on, password="", account=user)
    return invitations.accept(invitation=invitation, acceptance=acceptance, at=now(), key=uuid4())


def correct(clinic: ClinicFactory, patient: Patient, email: str) -> contacts.Corrected:
    return contacts.correct_patient(
        patient=patient.pk, contact={"email": email}, reason="Told us.", by=clinic.doctor, at=now(), key=uuid4()
    )


# --- an address is added --------------------------------------------------------------------------
def by_owner(clinic: ClinicFactory, patient: Patient, user: User) -> None:
    client = signed_in(NAME)
    assert "Add an e-mail address" in client.get(reverse("mfa_index")).content.decode()
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    assert post(client, reverse("own_account:address"), email="new@example.org").status_code == 302


def by_practice(clinic: ClinicFactory, patient: Patient, user: User) -> None:
    assert correct(clinic, patient, "new@example.org").waits


@pytest.mark.parametrize("ask", [by_owner, by_practice])
def test_address_takes_the_place_of_the_user_name_once_its_link_is_opened(
    clinic: ClinicFactory, ask: Callable[[ClinicFactory, Patient, User], None], mailoutbox: list[EmailMessage]
) -> None:
    patient = enrol(clinic)
    user = opened(Client(), print_letter(clinic, patient), patient)
    ask(clinic, patient, user)
    outbox.deliver(at=now())
    assert [mail.to for mail in mailoutbox] == [["new@example.org"]], "nothing goes to an address that there is not"
    patient.refresh_from_db()
    assert (patient.email, reads(NAME)) == ("", True), "nothing changes before the link is opened"
    token = links.make_token(user, "new@example.org")
    client = signed_in(NAME)
    assert post(client, reverse("own_account:confirm_address", kwargs={"token": token})).status_code == 302
    for row in (patient, user):
        row.refresh_from_db()
    assert (patient.email, user.email, user.user_name) == ("new@example.org", "new@example.org", "")
    assert (reads("new@example.org"), reads(NAME)) == (True, False)


# --- an address is taken away ---------------------------------------------------------------------
def test_owner_goes_on_by_a_user_name_and_is_written_to_no_more(
    clinic: ClinicFactory, mailoutbox: list[EmailMessage]
) -> None:
    patient, user = with_address(clinic)
    outbox.deliver(at=now())
    mailoutbox.clear()
    elsewhere, client = signed_in("ana@example.org"), signed_in("ana@example.org")
    path = reverse("own_account:user_name")
    assert post(client, path, user_name=NAME).status_code == 302, "one is asked who one is"
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    assert post(client, path, user_name=NAME).headers["Location"] == reverse("mfa_index")
    for row in (patient, user):
        row.refresh_from_db()
    assert (patient.email, user.email, user.user_name) == ("", "", NAME)
    assert (reads(NAME), reads("ana@example.org")) == (True, False)
    assert client.get(reverse("mfa_index")).status_code == 200
    assert elsewhere.get("/patient/").status_code == 302, "signed out elsewhere"
    outbox.deliver(at=now())
    assert [mail.to for mail in mailoutbox] == [["ana@example.org"]], "the address before is told"
    assert not letters.needs_letter(Patient.objects.get(pk=patient.pk))


def test_owner_does_not_take_the_user_name_of_another(clinic: ClinicFactory) -> None:
    User.objects.create_user(user_name=NAME, password=PASSWORD, name="N", role=PATIENT)
    with_address(clinic)
    client = signed_in("ana@example.org")
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    answer = post(client, reverse("own_account:user_name"), user_name=NAME)
    assert (answer.status_code, "Somebody has this user name" in answer.content.decode()) == (422, True)
    assert reads("ana@example.org")


def test_account_with_a_place_of_staff_keeps_its_address(clinic: ClinicFactory) -> None:
    _patient, user = with_address(clinic)
    Designee.objects.create(user=user, prescriber=clinic.other)
    client = as_(user)
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    answer = post(client, reverse("own_account:user_name"), user_name=NAME)
    assert answer.status_code != 200
    assert User.objects.get(pk=user.pk).email == "ana@example.org"


def test_practice_does_not_take_away_the_address_by_which_an_account_signs_in(clinic: ClinicFactory) -> None:
    patient, _user = with_address(clinic)
    with pytest.raises(EntryRefused) as refused:
        correct(clinic, patient, "")
    assert refused.value.codes == ("address-of-the-account",)
    patient.refresh_from_db()
    assert (patient.email, reads("ana@example.org")) == ("ana@example.org", True)
    page = as_(clinic.prescriber.user).post(
        f"/prescriber/patients/{patient.pk}/contact/",
        {
            "key": str(uuid4()),
            "given_name": "Ana",
            "family_name": "Mora",
            "email": "",
            "phone": "",
            "reason": "Told us.",
        },
    )
    assert "I have no e-mail any more" in page.content.decode()


def recovered(user: User) -> None:
    for step in (recovery.request, recovery.confirm):
        step(account=user, by=actor_of(factories.officer()), at=now(), key=uuid4())


def test_practice_takes_the_address_away_once_two_officers_have_recovered_the_account(clinic: ClinicFactory) -> None:
    """No refusal names a step that ends in the same refusal: then a letter opens the account."""
    patient, user = with_address(clinic)
    recovered(user)
    correct(clinic, patient, "")
    patient = Patient.objects.get(pk=patient.pk)
    assert (patient.email, letters.needs_letter(patient)) == ("", True)
    assert opened(Client(), print_letter(clinic, patient), patient).pk == user.pk
    assert reads(NAME)


def test_same_for_a_guardian(clinic: ClinicFactory) -> None:
    patient = minor(clinic, guardian_email="g@example.org")
    guardian = patient.guardians.get()
    user = User.objects.create_user(email="g@example.org", password=PASSWORD, name="Gloria Mora", role=GUARDIAN)
    _accepted(guardian.invitations.get().pk, user, patient)

    def take_away() -> None:
        guardians.correct_guardian(
            patient=patient.pk, guardian=guardian.pk, contact={"email": ""}, reason="x", by=clinic.doctor, at=now(),
            key=uuid4(),
        )  # fmt: skip

    with pytest.raises(EntryRefused, match="address-of-the-account"):
        take_away()
    recovered(user)
    take_away()
    assert letters.needs_letter(Guardian.objects.select_related("user").get(pk=guardian.pk))
    guardian.refresh_from_db()
    assert opened(Client(), print_letter(clinic, patient, guardian), patient).pk == user.pk


# --- the program office ---------------------------------------------------------------------------
@pytest.mark.parametrize("typed", [NAME, "Maple-River-42"])
def test_office_finds_and_recovers_an_account_by_its_user_name(clinic: ClinicFactory, typed: str) -> None:
    patient = enrol(clinic)
    user = opened(Client(), print_letter(clinic, patient), patient)
    officers = [as_(factories.officer()) for _ in range(2)]
    found = post(officers[0], reverse("office:find_account"), email=typed)
    assert str(user.pk) in found.headers["Location"]
    assert NAME in officers[0].get(found.headers["Location"]).content.decode()
    assert post(officers[0], reverse("office:accounts"), email=typed, sure="on").status_code == 302
    path = reverse("office:confirm_recovery", kwargs={"account": user.pk})
    confirmed = officers[1].post(path, {"key": str(uuid4())}, follow=True)
    assert "it prints a letter with a code" in confirmed.content.decode()


def test_user_name_stands_in_the_log_as_a_text_that_can_be_erased(clinic: ClinicFactory) -> None:
    _patient, user = with_address(clinic)
    client = signed_in("ana@example.org")
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    post(client, reverse("own_account:user_name"), user_name=NAME)
    record = LogRecord.objects.get(subject=user.pk, kind="address_changed")
    assert NAME not in str(record.data)
    assert ErasableText.objects.filter(digest=record.data["sealed"]["user_name"], text=NAME).exists()
