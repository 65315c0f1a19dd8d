"""The code of a printed letter: what it opens for its owner, and nothing for anybody else."""

import json
import logging
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse

import outbox
from accounts import rate_limits, recovery
from accounts.models import User
from accounts.roles import GUARDIAN, OFFICER, PATIENT
from compliance.commands import invitations, letters
from compliance.records.file import read_file
from compliance.rules.records import InvitationAccepted
from compliance.words.notices import FORBIDDEN
from config.logs import formatter
from ledger.clock import now
from patients.invitations import LIFETIME
from patients.models import Guardian, Invitation, Patient
from patients.people import actor_of
from tests import factories
from tests.compliance.commands.test_letters import enrol, minor, print_letter
from tests.factories import PASSWORD, as_
from tests.histories import ClinicFactory
from tests.security.test_enumeration import seen
from tests.security.test_no_link_at_rest import stored
from tests.web.unrendered import unrendered

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_cache")]

TYPE, ACCOUNT = "/letter/", "/letter/account/"
NAME = "maple-river-42"


@pytest.fixture
def clinic() -> ClinicFactory:
    return ClinicFactory(now())


def post(client: Client, path: str, **form: object) -> Any:
    return client.post(path, {"key": str(uuid4())} | form)


def type_code(client: Client, code: str, born_on: date) -> Any:
    return post(client, TYPE, code=code, born_on=f"{born_on:%m/%d/%Y}")


def opened(client: Client, letter: letters.Letter, patient: Patient, user_name: str = NAME) -> User:
    """Who has typed the code and chosen a user name."""
    assert type_code(client, letter.code, patient.born_on).headers["Location"] == ACCOUNT
    answer = post(client, ACCOUNT, user_name=user_name, password1=PASSWORD)
    assert answer.status_code == 302, answer.content.decode()
    return User.objects.get(user_name=user_name.lower())


def reader_id(client: Client) -> str | None:
    return client.session.get("_auth_user_id")


# --- what it opens --------------------------------------------------------------------------------
def test_code_and_birth_date_open_an_account_with_a_user_name(clinic: ClinicFactory) -> None:
    patient, client = enrol(clinic), Client()
    user = opened(client, print_letter(clinic, patient), patient, "Maple-River-42")
    patient.refresh_from_db()
    assert (patient.user, user.email, user.name) == (user, "", "Ana Mora")
    assert reader_id(client) == str(user.pk)
    accepted = read_file(patient.pk, now()).entries[-1].record
    assert isinstance(accepted, InvitationAccepted)
    again = Client()
    again.post("/account/login/", {"login": NAME, "password": PASSWORD})
    assert reader_id(again) == str(user.pk)
    assert again.get("/patient/").status_code == 200


def test_code_opens_the_account_of_a_guardian(clinic: ClinicFactory) -> None:
    patient = minor(clinic)
    guardian = patient.guardians.get()
    user = opened(Client(), print_letter(clinic, patient, guardian), patient)
    guardian.refresh_from_db()
    assert (guardian.user, user.role, user.name) == (user, GUARDIAN, "Gloria Mora")


def test_form_suggests_a_user_name_that_is_taken_as_it_is(clinic: ClinicFactory) -> None:
    patient, client = enrol(clinic), Client()
    type_code(client, print_letter(clinic, patient).code, patient.born_on)
    page = client.get(ACCOUNT)
    suggested = page.context["form"]["user_name"].value()
    assert suggested in page.content.decode()
    assert post(client, ACCOUNT, user_name=suggested, password1=PASSWORD).status_code == 302


REFUSED: dict[str, tuple[dict[str, str], str]] = {
    "an address": ({"user_name": "ana@example.org"}, "Four to thirty characters"),
    "too short": ({"user_name": "ana"}, "Four to thirty characters"),
    "accents": ({"user_name": "mañana-42"}, "Four to thirty characters"),
    "taken": ({"user_name": "Taken-Name"}, "Somebody has this user name already"),
    "no name": ({"user_name": ""}, "Fill this in."),
    "a password made of it": ({"password1": "a river with one maple"}, "Leave that out."),
    "a short password": ({"password1": "short"}, "15 characters"),
}


@pytest.mark.parametrize("how", REFUSED)
def test_user_name_or_password_that_cannot_be_is_refused_and_the_letter_stays_good(
    clinic: ClinicFactory, how: str
) -> None:
    User.objects.create_user(user_name="taken-name", password=PASSWORD, name="N", role=PATIENT)
    patient, client = enrol(clinic), Client()
    letter = print_letter(clinic, patient)
    type_code(client, letter.code, patient.born_on)
    typed, words = REFUSED[how]
    answer = post(client, ACCOUNT, **{"user_name": NAME, "password1": PASSWORD} | typed)
    assert (answer.status_code, words in answer.content.decode()) == (422, True)
    assert opened(client, letter, patient).name == "Ana Mora"


def test_same_form_twice_lets_in_once_more(clinic: ClinicFactory) -> None:
    patient, client = enrol(clinic), Client()
    type_code(client, print_letter(clinic, patient).code, patient.born_on)
    form = {"user_name": NAME, "password1": PASSWORD, "key": str(uuid4())}
    assert [client.post(ACCOUNT, form).headers.get("Location") for _ in range(2)] == ["/", "/"]
    assert User.objects.filter(user_name=NAME).count() == 1


def test_another_form_after_the_letter_was_used_opens_nothing(clinic: ClinicFactory) -> None:
    patient, thief = enrol(clinic), Client()
    letter = print_letter(clinic, patient)
    type_code(thief, letter.code, patient.born_on)
    opened(Client(), letter, patient)
    answer = post(thief, ACCOUNT, user_name="another-name", password1=PASSWORD)
    assert "This invitation was used already" in answer.content.decode()
    assert reader_id(thief) is None
    assert type_code(Client(), letter.code, patient.born_on).status_code == 422


ENDS: dict[str, tuple[Callable[[Patient], object], str]] = {
    "replaced": (lambda patient: Invitation.objects.update(revoked_at=now()), "replaced by a newer one"),
    "locked": (lambda patient: Invitation.objects.update(failed_attempts=5), "Too many wrong dates"),
}


@pytest.mark.parametrize("how", ENDS)
def test_letter_that_ends_after_its_code_was_typed_opens_nothing(clinic: ClinicFactory, how: str) -> None:
    patient, client = enrol(clinic), Client()
    type_code(client, print_letter(clinic, patient).code, patient.born_on)
    ENDS[how][0](patient)
    answer = post(client, ACCOUNT, user_name=NAME, password1=PASSWORD)
    assert ENDS[how][1] in answer.content.decode()
    assert not User.objects.filter(user_name=NAME).exists()


def test_birth_date_is_looked_at_once_more_at_the_acceptance(clinic: ClinicFactory) -> None:
    patient, client = enrol(clinic), Client()
    type_code(client, print_letter(clinic, patient).code, patient.born_on)
    Patient.objects.update(born_on=date(2001, 4, 10))
    assert post(client, ACCOUNT, user_name=NAME, password1=PASSWORD).status_code == 422


# --- what it says to whom it is not for -----------------------------------------------------------
def test_page_after_the_code_opens_for_nobody_who_has_not_typed_it(clinic: ClinicFactory) -> None:
    print_letter(clinic, enrol(clinic))
    for answer in (Client().get(ACCOUNT), post(Client(), ACCOUNT, user_name=NAME, password1=PASSWORD)):
        assert answer.status_code in (200, 422)
        assert "Type the code of your letter" in answer.content.decode()


def test_typed_code_is_forgotten_after_half_an_hour(clinic: ClinicFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    patient, client = enrol(clinic), Client()
    type_code(client, print_letter(clinic, patient).code, patient.born_on)
    monkeypatch.setattr("web.public.letters._LIFETIME", timedelta(seconds=-1))
    assert "Type the code of your letter" in client.get(ACCOUNT).content.decode()


def expired(patient: Patient) -> None:
    sent_at = Invitation.objects.get(patient=patient).sent_at - LIFETIME * 2
    Invitation.objects.filter(patient=patient).update(sent_at=sent_at, expires_at=sent_at + LIFETIME)


ALIKE: dict[str, Callable[[Patient], object]] = {
    "expired": expired,
    "replaced": lambda patient: Invitation.objects.update(revoked_at=now()),
    "used": lambda patient: Invitation.objects.update(accepted_at=now()),
    "locked": lambda patient: Invitation.objects.update(failed_attempts=5),
    "of another birth date": lambda patient: Patient.objects.filter(pk=patient.pk).update(born_on=date(1970, 1, 1)),
    "never made": lambda patient: Invitation.objects.update(code_digest="0" * 64),
}


def typing(form: dict[str, str]) -> Callable[[Client], Any]:
    return lambda client: client.post(TYPE, form)


def test_code_that_opens_nothing_is_answered_alike_whatever_it_is(
    clinic: ClinicFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In words, and in the work done meanwhile."""
    answers = {}
    for serial, (how, end) in enumerate(ALIKE.items()):
        Invitation.objects.all().delete()
        patient = enrol(clinic, given_name=f"Ana{chr(97 + serial)}", born_on=date(1980 + serial, 1, 1 + serial))
        letter = print_letter(clinic, patient)
        end(patient)
        form = {"code": letter.code, "born_on": f"{patient.born_on:%m/%d/%Y}", "key": str(uuid4())}
        answers[how] = seen(monkeypatch, typing(form))
    words = {how: re.sub(r'value="[^"]*"', "", answer.words) for how, answer in answers.items()}
    assert len(set(words.values())) == 1
    assert "No letter that counts has this code" in words["expired"]
    assert len({(answer.status, answer.hashed, answer.queries) for answer in answers.values()}) == 1
    assert answers["expired"].status == 422


def test_wrong_codes_are_limited_per_ip_whatever_they_are(clinic: ClinicFactory) -> None:
    patient = enrol(clinic)
    letter = print_letter(clinic, patient)
    with unrendered():
        codes = [f"2345-6789-{20 + serial}AB" for serial in range(31)]
        answers = [type_code(Client(), code, patient.born_on).status_code for code in codes]
    assert answers == [422] * 30 + [429]
    assert type_code(Client(), letter.code, patient.born_on).status_code == 429, "the right one comes too late"
    assert Invitation.objects.get().failed_attempts == 0


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Six, where it is asked what counts, and not that there are thirty."""
    monkeypatch.setitem(rate_limits.RATE_LIMITS, "letter_failed", "6/h/ip")


def test_right_codes_are_not_limited(clinic: ClinicFactory, few: None) -> None:
    patient = enrol(clinic)
    letter = print_letter(clinic, patient)
    assert {type_code(Client(), letter.code, patient.born_on).status_code for _ in range(8)} == {302}


def test_trying_user_names_is_limited(clinic: ClinicFactory, few: None) -> None:
    User.objects.create_user(user_name="taken-name", password=PASSWORD, name="N", role=PATIENT)
    patient, client = enrol(clinic), Client()
    type_code(client, print_letter(clinic, patient).code, patient.born_on)
    with unrendered():
        for _ in range(5):
            post(client, ACCOUNT, user_name="taken-name", password1=PASSWORD)
    pages = [post(client, ACCOUNT, user_name="taken-name", password1=PASSWORD).content.decode() for _ in range(2)]
    assert "Somebody has this user name already" in pages[0]
    assert "Too many" in pages[1]


# --- somebody who is signed in --------------------------------------------------------------------
def signed_in_as(user: User, letter: letters.Letter, patient: Patient) -> tuple[Client, Any]:
    client = as_(user)
    assert type_code(client, letter.code, patient.born_on).status_code == 302
    return client, client.get(ACCOUNT)


STRANGERS: dict[str, Callable[[ClinicFactory, Patient], User]] = {
    "the prescriber": lambda clinic, patient: clinic.prescriber.user,
    "another patient": lambda clinic, patient: factories.account(PATIENT, name="Otto Other"),
    "another guardian": lambda clinic, patient: factories.account(GUARDIAN, name="Gloria Other"),
    "an officer": lambda clinic, patient: factories.account(OFFICER, name="Office"),
    "the guardian of this patient": lambda clinic, patient: opened(
        Client(), print_letter(clinic, patient, patient.guardians.get()), patient, "guardian-name"
    ),
}


@pytest.mark.parametrize("who", STRANGERS)
def test_code_typed_while_somebody_else_is_signed_in_says_so_and_does_nothing(clinic: ClinicFactory, who: str) -> None:
    patient = minor(clinic)
    reader = STRANGERS[who](clinic, patient)
    client, page = signed_in_as(reader, print_letter(clinic, patient), patient)
    assert "You are signed in as somebody else" in page.content.decode()
    answer = post(client, ACCOUNT, user_name=NAME, password1=PASSWORD)
    assert (answer.status_code, reader_id(client)) == (422, str(reader.pk))
    patient.refresh_from_db()
    assert patient.user is None
    assert not User.objects.filter(user_name=NAME).exists()


def test_own_account_takes_another_place_by_the_code(clinic: ClinicFactory) -> None:
    """A father with a user name, who stands beside a second child."""
    first = minor(clinic)
    father = opened(Client(), print_letter(clinic, first, first.guardians.get()), first)
    second = minor(clinic, given_name="Bruno", born_on=date(2013, 5, 6))
    client, page = signed_in_as(father, print_letter(clinic, second, second.guardians.get()), second)
    assert "another place of your account" in page.content.decode()
    form = {"key": str(uuid4())}
    assert [client.post(ACCOUNT, form).headers.get("Location") for _ in range(2)] == ["/", "/"]
    assert Guardian.objects.filter(user=father).count() == 2


def test_who_has_an_account_signs_in_between_and_comes_back(clinic: ClinicFactory) -> None:
    first = minor(clinic)
    father = opened(Client(), print_letter(clinic, first, first.guardians.get()), first)
    second = minor(clinic, given_name="Bruno", born_on=date(2013, 5, 6))
    client = Client()
    type_code(client, print_letter(clinic, second, second.guardians.get()).code, second.born_on)
    assert f"/account/login/?next={ACCOUNT}" in client.get(ACCOUNT).content.decode()
    come_back = client.post(f"/account/login/?next={ACCOUNT}", {"login": NAME, "password": PASSWORD, "next": ACCOUNT})
    assert come_back.headers["Location"] == ACCOUNT
    assert post(client, ACCOUNT).status_code == 302
    assert Guardian.objects.filter(user=father).count() == 2


def test_one_person_is_never_on_both_sides_of_a_file(clinic: ClinicFactory) -> None:
    """A guardian of the same name as the patient."""
    patient = minor(clinic, guardian_name="Ana Mora")
    guardian = opened(Client(), print_letter(clinic, patient, patient.guardians.get()), patient)
    client, page = signed_in_as(guardian, print_letter(clinic, patient), patient)
    assert "stands on the other side of this file" in page.content.decode()
    post(client, ACCOUNT)
    patient.refresh_from_db()
    assert patient.user is None


# --- where the code stands ------------------------------------------------------------------------
def printed(client: Client, path: str, key: str | None = None) -> str:
    return client.post(path, {"key": key or str(uuid4())}).content.decode()


def code_in(page: str) -> str:
    found = re.search(r'letter__code">([^<]+)<', page)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("whose", ["patient", "guardian"])
def test_code_stands_on_the_letter_alone(
    clinic: ClinicFactory, whose: str, caplog: pytest.LogCaptureFixture, mailoutbox: list[EmailMessage]
) -> None:
    patient, client = minor(clinic), as_(clinic.prescriber.user)
    parts = {"patient": patient.pk} | ({"guardian": patient.guardians.get().pk} if whose == "guardian" else {})
    path = reverse("prescriber:guardian_letter" if whose == "guardian" else "prescriber:letter", kwargs=parts)
    with caplog.at_level(logging.DEBUG):
        code = code_in(printed(client, path))
        typist = Client()
        type_code(typist, code, patient.born_on)
        opened(typist, letters.Letter(code, now()), patient)
        outbox.deliver(at=now())
    plain = code.replace("-", "")
    lines = "\n".join(formatter().format(record) for record in caplog.records)
    everything = [*(text for _table, text in stored()), lines, json.dumps(dict(client.session)), str(mailoutbox)]
    assert [text for text in everything if plain in text or code in text] == []


def test_letter_says_what_to_do_in_neutral_words(clinic: ClinicFactory) -> None:
    patient, practice = enrol(clinic), clinic.prescriber
    practice.practice_name, practice.phone = "Harbor Skin Practice", "+1 212 555 0100"
    practice.save()
    page = printed(as_(practice.user), reverse("prescriber:letter", kwargs={"patient": patient.pk}))
    text = page[page.index("<article") : page.index("</article>")]
    for shown in ("Harbor Skin Practice", "+1 212 555 0100", "Ana Mora", "/letter/", "works once, until"):
        assert shown in text, shown
    for word in FORBIDDEN:
        assert word not in text.lower().replace("date of birth", ""), word


def test_page_is_kept_by_no_browser_and_written_in_the_access_log(clinic: ClinicFactory) -> None:
    patient, client = enrol(clinic), as_(clinic.prescriber.user)
    answer = client.post(reverse("prescriber:letter", kwargs={"patient": patient.pk}), {"key": str(uuid4())})
    assert "no-store" in answer.headers["Cache-Control"]


def test_same_press_shows_the_same_letter_and_makes_one_invitation(clinic: ClinicFactory) -> None:
    patient, client, key = enrol(clinic), as_(clinic.prescriber.user), str(uuid4())
    path = reverse("prescriber:letter", kwargs={"patient": patient.pk})
    assert code_in(printed(client, path, key)) == code_in(printed(client, path, key))
    assert Invitation.objects.count() == 1


def test_practice_reads_who_cannot_be_written_to_and_prints_instead_of_sending(clinic: ClinicFactory) -> None:
    patient, client = minor(clinic), as_(clinic.prescriber.user)
    page = client.get(f"/prescriber/patients/{patient.pk}/").content.decode()
    assert page.count("No e-mail address: we cannot write to them. Call.") == 2
    assert page.count("Print a letter with a code") == 2
    assert "Send the invitation again" not in page
    opened(Client(), print_letter(clinic, patient), patient)
    page = client.get(f"/prescriber/patients/{patient.pk}/").content.decode()
    assert (page.count("Print a letter with a code"), NAME in page) == (1, True)


def test_invitation_by_mail_is_not_sent_to_who_has_no_address(clinic: ClinicFactory) -> None:
    patient, client = enrol(clinic), as_(clinic.prescriber.user)
    answer = client.post(
        reverse("prescriber:invite", kwargs={"patient": patient.pk}), {"key": str(uuid4())}, follow=True
    )
    assert "Print a letter instead." in answer.content.decode()
    assert not Invitation.objects.exists()


# --- an account that was recovered ----------------------------------------------------------------
def recovered(account: User) -> None:
    for step in (recovery.request, recovery.confirm):
        officer = factories.officer()
        step(account=account, by=actor_of(officer), at=now(), key=uuid4())
    account.refresh_from_db()


def test_account_with_a_user_name_that_two_officers_recovered_opens_anew_by_a_letter(
    clinic: ClinicFactory, mailoutbox: list[EmailMessage]
) -> None:
    patient = enrol(clinic)
    user = opened(Client(), print_letter(clinic, patient), patient)
    assert not letters.needs_letter(Patient.objects.get(pk=patient.pk)), "not by the practice alone"
    recovered(user)
    outbox.deliver(at=now())
    assert mailoutbox == []
    letter, client = print_letter(clinic, patient), Client()
    type_code(client, letter.code, patient.born_on)
    page = client.get(ACCOUNT).content.decode()
    assert (NAME in page, 'name="user_name"' in page) == (True, False)
    assert post(client, ACCOUNT, password1="another good pass phrase").status_code == 302
    assert reader_id(client) == str(user.pk)
    user.refresh_from_db()
    assert user.check_password("another good pass phrase")
    assert User.objects.filter(user_name=NAME).count() == 1
    assert type_code(Client(), letter.code, patient.born_on).status_code == 422


def test_letter_opens_no_account_that_its_owner_can_sign_in_to(clinic: ClinicFactory) -> None:
    patient = enrol(clinic)
    user = opened(Client(), print_letter(clinic, patient), patient)
    recovered(user)
    letter = print_letter(clinic, patient)
    user.set_password(PASSWORD)
    user.save()
    acceptance = invitations.Acceptance(born_on=patient.born_on, password="another good pass phrase")
    row = letters.find(code=letter.code, born_on=patient.born_on, at=now())
    assert row is not None
    with pytest.raises(invitations.NotAccepted, match="invitation-used"):
        invitations.accept(invitation=row.pk, acceptance=acceptance, at=now(), key=uuid4())
    assert User.objects.get(pk=user.pk).check_password(PASSWORD)
