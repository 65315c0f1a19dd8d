"""MFA of staff, session limits, passwords, account recovery by two officers, and the pause after wrong look-ups."""

import re
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import LazySettings
from django.contrib.auth.password_validation import validate_password
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse

import outbox
from accounts import recovery, sessions, set_password_link
from accounts.mfa import VERIFIED_KEY
from accounts.models import User
from accounts.recovery import RecoveryRefused
from accounts.roles import GUARDIAN, OFFICER, PATIENT, PHARMACIST, PRESCRIBER, STAFF
from accounts.sessions import AGAIN
from accounts.views import HOME_OF_ROLE
from compliance import documents
from compliance.commands.lookups import MAX_BY_EVERYBODY, MAX_OF_ANY_NUMBER, MAX_OF_ONE_NUMBER
from devtools.demo.codes import code_of, secret_of
from devtools.demo.second_factors import activate_app, activate_recovery_codes
from ledger import log
from ledger.actor import Actor
from patients import invitations
from tests import factories
from tests.clocks import Clock
from tests.factories import PASSWORD
from tests.histories import NOW, ClinicFactory
from tests.web.opened import send
from tests.web.unrendered import unrendered

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_time_passes")]

KEY = "5e0d6dd8-7b8f-4a53-a42c-4cf0b1d0f2a1"
NEW_PRACTICE = {
    "practice_name": "P", "npi": factories.npi(), "address": "1 Main Street", "name": "Paula Mora",
    **factories.ticks("prescriber-attestation"),
}  # fmt: skip


# --- the second factor ----------------------------------------------------------------------------
@pytest.mark.parametrize("role", sorted(HOME_OF_ROLE))
def test_mfa_staff_see_no_page_of_their_role_by_a_password_alone(role: str) -> None:
    user, client = factories.each_role().accounts()[role], Client()
    user.set_password(PASSWORD)
    user.save()
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    page = client.get(reverse(HOME_OF_ROLE[role]))
    if role not in STAFF:
        assert page.status_code == 200
        return
    assert page["Location"] == reverse("mfa_index")
    assert client.get(reverse(HOME_OF_ROLE[role]), headers={"Accept": "application/json"}).json() == {
        "error": "second-factor"
    }
    assert client.get(reverse("mfa_index")).status_code == 200
    factories.sign_in(client, user)
    assert client.get(reverse(HOME_OF_ROLE[role])).status_code == 200


def test_mfa_password_alone_does_not_sign_in_once_a_second_factor_exists(client: Client) -> None:
    user = factories.account(PATIENT, password=PASSWORD)
    activate_app(user, "JBSWY3DPEHPK3PXP")
    answer = client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    assert answer["Location"] == reverse("mfa_authenticate")
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("means", ["an authenticator's code", "a recovery code"])
def test_mfa_code_signs_staff_in(client: Client, means: str) -> None:
    user = factories.prescriber().user
    user.set_password(PASSWORD)
    user.save()
    activate_app(user, secret_of(user.email))
    spare = activate_recovery_codes(user)[0]
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    code = spare if means == "a recovery code" else code_of(user.email)
    assert client.post(reverse("mfa_authenticate"), {"code": code})["Location"] == "/"
    assert client.get("/prescriber/").status_code == 200


@pytest.mark.parametrize("role", [PATIENT, GUARDIAN])
def test_patients_and_guardians_are_offered_a_passkey_until_they_have_one(client: Client, role: str) -> None:
    user = factories.each_role().accounts()[role]
    factories.sign_in(client, user)
    offer = f'href="{reverse("mfa_add_webauthn")}"'
    assert offer in client.get(reverse(HOME_OF_ROLE[role])).content.decode()
    Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data={})
    assert offer not in client.get(reverse(HOME_OF_ROLE[role])).content.decode()


def test_mfa_verification_belongs_to_one_session() -> None:
    user = factories.prescriber().user
    with_it, without = Client(), Client()
    factories.sign_in(with_it, user)
    without.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert with_it.get("/prescriber/").status_code == 200
    assert without.get("/prescriber/").status_code == 302
    assert VERIFIED_KEY not in without.session


# --- sessions -------------------------------------------------------------------------------------
def aged(client: Client, **ago: int) -> None:
    session, now = client.session, int(time.time())
    session["signed_in_at"] = now - ago.get("began", 0)
    session["seen_at"] = now - ago.get("seen", 0)
    session.save()


LIMITS: dict[str, tuple[str, dict[str, int], bool]] = {
    "staff, a moment before": (PRESCRIBER, {"seen": sessions.IDLE_LIMIT - 5}, True),
    "staff, a quarter of an hour idle": (PRESCRIBER, {"seen": sessions.IDLE_LIMIT}, False),
    "a pharmacist, idle": (PHARMACIST, {"seen": sessions.IDLE_LIMIT}, False),
    "an officer, idle": (OFFICER, {"seen": sessions.IDLE_LIMIT}, False),
    "a patient, idle": (PATIENT, {"seen": sessions.IDLE_LIMIT, "began": sessions.IDLE_LIMIT}, True),
    "a patient, twelve hours": (PATIENT, {"began": sessions.ABSOLUTE_LIMIT}, False),
    "a guardian, twelve hours": (GUARDIAN, {"began": sessions.ABSOLUTE_LIMIT}, False),
    "staff, twelve hours of work": (PRESCRIBER, {"began": sessions.ABSOLUTE_LIMIT, "seen": 1}, False),
    "staff, a moment before twelve hours": (PRESCRIBER, {"began": sessions.ABSOLUTE_LIMIT - 5, "seen": 1}, True),
}


@pytest.mark.parametrize("name", LIMITS)
def test_session_limit_signs_out(name: str, client: Client) -> None:
    role, ago, still = LIMITS[name]
    factories.sign_in(client, factories.each_role().accounts()[role])
    aged(client, **ago)
    page = client.get(reverse(HOME_OF_ROLE[role]))
    assert (page.status_code == 200) is still
    if not still:
        assert page["Location"] == reverse("account_login") + AGAIN
        assert "_auth_user_id" not in client.session
        why = "after twelve hours" if "twelve" in name else "because nothing happened"
        told = client.get(reverse("account_login")).content.decode()
        assert f"You were signed out {why}" in told
        assert told.count("Please sign in again.") == 1


def test_session_limit_idle_time_restarts_with_each_request(client: Client) -> None:
    factories.sign_in(client, factories.prescriber().user)
    aged(client, seen=sessions.IDLE_LIMIT - 60)
    told = client.get(reverse("stay"))
    assert len(told.json()["csrf"]) > 30
    assert time.time() - client.session["seen_at"] < 5
    page = client.get("/prescriber/").content.decode()
    assert 'data-idle="900"' in page
    assert 'data-warned="120"' in page


def test_session_limit_patient_is_warned_of_the_absolute_limit_only(client: Client) -> None:
    factories.sign_in(client, factories.each_role().accounts()[PATIENT])
    aged(client, began=sessions.ABSOLUTE_LIMIT - 600, seen=3600)
    page = client.get("/patient/").content.decode()
    assert "data-idle" not in page
    (left,) = re.findall(r'data-left="(\d+)"', page)
    assert 590 <= int(left) <= 600
    assert 590 <= client.get(reverse("stay")).json()["left"] <= 600


def test_the_cookie_lives_no_longer_than_the_session(settings: Any) -> None:
    assert settings.SESSION_COOKIE_AGE == sessions.ABSOLUTE_LIMIT


TABLET = "Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1"


def test_ones_sessions_are_seen_and_ended(client: Client) -> None:
    user = factories.account(PATIENT, password=PASSWORD)
    elsewhere = Client(headers={"User-Agent": "Another telephone"})
    for browser in (client, elsewhere):
        browser.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    page = client.get(reverse("usersessions_list")).content.decode()
    assert "Another telephone" in page
    asked = client.post(reverse("usersessions_list"))
    assert asked["Location"].startswith(reverse("account_reauthenticate"))
    assert "_auth_user_id" in elsewhere.session
    client.post(asked["Location"], {"password": PASSWORD})
    assert "_auth_user_id" not in elsewhere.session
    assert "_auth_user_id" in client.session
    assert UserSession.objects.filter(user=user).count() == 1


def test_one_of_ones_sessions_is_ended_and_nobody_elses(client: Client) -> None:
    user, stranger = factories.account(PATIENT, password=PASSWORD), factories.account(PATIENT, password=PASSWORD)
    telephone, tablet, theirs = (Client(headers={"User-Agent": name}) for name in ("Phone", TABLET, "Other"))
    for browser, who in ((client, user), (telephone, user), (tablet, user), (theirs, stranger)):
        browser.post(reverse("account_login"), {"login": who.email, "password": PASSWORD})
    assert "Safari on iPad" in client.get(reverse("usersessions_list")).content.decode()
    rows = {row.user_agent: row.pk for row in UserSession.objects.all()}
    assert client.post(reverse("end_session", args=[rows["Other"]]), {"key": KEY}).status_code == 404
    asked = client.post(reverse("end_session", args=[rows[TABLET]]), {"key": KEY})
    assert asked["Location"].startswith(reverse("account_reauthenticate"))
    assert "_auth_user_id" in tablet.session, "not before it is known who asks"
    done = client.post(asked["Location"], {"password": PASSWORD}, follow=True)
    assert "Signed out there." in done.content.decode()
    signed_in = ["_auth_user_id" in browser.session for browser in (client, telephone, tablet, theirs)]
    assert signed_in == [True, True, False, True]


def by_an_invitation(client: Client) -> User:
    patient = factories.patient(factories.prescriber(), email="ana@example.org")
    path = reverse("public:invitation", args=[invitations.make_token(factories.invitation(patient).pk)])
    client.post(path, {"born_on": "04/09/2001", "password1": PASSWORD, "key": KEY})
    return User.objects.get(email="ana@example.org")


def by_registering(client: Client) -> User:
    document = documents.current("prescriber-attestation", on=factories.AT.date())
    form = NEW_PRACTICE | {"password1": PASSWORD, "displayed_sha256": document.sha256, "key": KEY}
    client.post(factories.registration("practice"), form)
    return User.objects.get(email="new@example.org")


def by_signing_in(client: Client) -> User:
    user = factories.account(PATIENT, password=PASSWORD)
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    return user


@pytest.mark.parametrize("come_in", [by_an_invitation, by_registering, by_signing_in])
def test_session_is_listed_and_ended_whatever_the_way_of_signing_in(
    client: Client, come_in: Callable[[Client], User], clock: Clock
) -> None:
    library = Client(headers={"User-Agent": "Library computer"})
    user = come_in(library)
    assert "_auth_user_id" in library.session
    assert UserSession.objects.filter(user=user).count() == 1, "one row, and not two"
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    assert "Library computer" in client.get(reverse("usersessions_list")).content.decode()
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    client.post(reverse("usersessions_list"))
    assert "_auth_user_id" not in library.session
    assert "_auth_user_id" in client.session


@pytest.mark.parametrize("come_in", [by_an_invitation, by_registering, by_signing_in])
def test_session_ends_with_the_browser_whatever_the_way_of_signing_in(
    client: Client, come_in: Callable[[Client], User], clock: Clock, settings: LazySettings
) -> None:
    come_in(client)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    assert (cookie["max-age"], cookie["expires"]) == ("", "")


# --- passwords ------------------------------------------------------------------------------------
PASSWORDS = {
    "apricot lantern 42": True,
    "correct horse battery": True,
    "ナイトライダーは夜を走る車です": True,
    "x" * 5 + "Ab1 " * 40: True,
    "short but good": False,
    "clearfill-password": False,
    "aaaaaaaaaaaaaaaaaaaa": False,
    "ana.mora.pharmacy1": False,
    "passwordpassword": False,
    # Of the letters of the name, which nobody would see in it, and with a word that has it inside.
    "roman amoral noma ramona": True,
    "a banana on a lamp": True,
    "three cranes, mo ran": True,
    # With the name in it.
    "my name is ana, so": False,
    "purple amora lanterns": False,
    "Ánä likes lanterns": False,
    "ana_likes_lanterns": False,
    "MORA123 lanterns go": False,
    # Common ones, as they leaked, and lengthened.
    "manchesterunited": False,
    "1qaz2wsx3edc4rfv": False,
    "123456789012345678": False,
    "abcdefghijklmnopqrst": False,
    "iloveyouiloveyou": False,
    "liverpool 2019!!!": False,
    "Dragon123456789!": False,
    "qwertyuiop[]asdfghjkl": False,
}


@pytest.mark.parametrize("password", PASSWORDS)
def test_which_passwords_are_taken(password: str) -> None:
    user = User(email="ana.mora@example.org", name="Ana Mora", opened_as=PATIENT)
    try:
        validate_password(password, user)
        taken = True
    except ValidationError:
        taken = False
    assert taken is PASSWORDS[password]


#: What breaks more than one rule, and the sentence on the first of them.
SENTENCES = {
    "ana": "too short", "password": "too short", "passwordpassword": "too common", "anamora anamora": "Your name",
    "": "too short", "a" * 14: "too short",
}  # fmt: skip


@pytest.mark.parametrize("password", SENTENCES)
def test_password_that_breaks_several_rules_gets_one_sentence(password: str) -> None:
    user = User(email="ana.mora@example.org", name="Ana Mora", opened_as=PATIENT)
    with pytest.raises(ValidationError) as refused:
        validate_password(password, user)
    (sentence,) = refused.value.messages
    assert SENTENCES[password] in sentence


def test_nobodys_own_name_is_their_password_however_the_account_began(client: Client) -> None:
    own = "paula.mora.2001"
    patient = factories.patient(
        factories.prescriber(), given_name="Paula", family_name="Mora", email="paula@example.org"
    )
    colleague = User.objects.create_user(email="paula@example.com", password=None, name="Paula Mora", role=PHARMACIST)
    forms: dict[str, dict[str, str]] = {
        reverse("public:invitation", args=[invitations.make_token(factories.invitation(patient).pk)]): {
            "born_on": "04/09/2001"
        },
        reverse("public:set_password", args=[set_password_link.make_token(colleague)]): {},
        factories.registration("practice"): NEW_PRACTICE,
    }
    for path, form in forms.items():
        answer = send(client, path, form | {"password1": own, "key": KEY})
        assert answer.status_code == 422, path
        assert set(answer.context["form"].errors) == {"password1"}
        assert send(client, path, form | {"password1": PASSWORD, "key": KEY}).status_code == 302, path
        client.logout()


# --- account recovery -----------------------------------------------------------------------------
def test_account_recovery_takes_two_officers(client: Client, clock: Clock) -> None:
    owner = factories.account(PRESCRIBER, password=PASSWORD)
    activate_app(owner, "JBSWY3DPEHPK3PXP")
    first, second = (Actor(factories.officer().pk, OFFICER) for _ in range(2))
    client.force_login(owner, backend="allauth.account.auth_backends.AuthenticationBackend")
    with pytest.raises(RecoveryRefused):
        recovery.confirm(account=owner, by=second, at=clock(), key=uuid4())
    recovery.request(account=owner, by=first, at=clock(), key=uuid4())
    with pytest.raises(RecoveryRefused):
        recovery.confirm(account=owner, by=first, at=clock(), key=uuid4())
    assert Authenticator.objects.filter(user=owner).exists()
    recovery.confirm(account=owner, by=second, at=clock(), key=uuid4())
    owner.refresh_from_db()
    assert not owner.has_usable_password()
    assert not Authenticator.objects.filter(user=owner).exists()
    assert client.get("/").status_code == 200  # the front page: the session is gone
    assert "_auth_user_id" not in client.session or client.get("/prescriber/").status_code == 302
    assert [row.kind for row in log.read(owner.pk)] == ["reissue_asked", "account_reissued"]
    outbox.deliver(at=clock())
    (email,) = [email for email in mail.outbox if email.to == [owner.email]]
    link = re.search(r"/set-password/\S+", str(email.body))
    assert link is not None
    assert client.get(link.group()).status_code == 200
    with pytest.raises(RecoveryRefused):
        recovery.confirm(account=owner, by=second, at=clock(), key=uuid4())


def test_account_recovery_refuses_own_account_and_other_roles() -> None:
    officer, owner = factories.officer(), factories.account(PATIENT, password=PASSWORD)
    with pytest.raises(RecoveryRefused):
        recovery.request(account=officer, by=Actor(officer.pk, OFFICER), at=NOW, key=uuid4())
    for role in (PRESCRIBER, PATIENT, PHARMACIST):
        with pytest.raises(PermissionDenied):
            recovery.request(account=owner, by=Actor(factories.account(role).pk, role), at=NOW, key=uuid4())


def test_account_recovery_on_the_office_page(clock: Clock) -> None:
    owner = factories.account(PATIENT, password=PASSWORD)
    one, other = Client(), Client()
    factories.sign_in(one, factories.officer())
    factories.sign_in(other, factories.officer())
    form = {"email": owner.email, "sure": "on", "key": KEY}
    assert one.post("/office/accounts/", form).status_code == 302
    assert "Another officer confirms" in one.get("/office/accounts/").content.decode()
    one.post(f"/office/accounts/{owner.pk}/recover/", {"key": str(uuid4())})
    owner.refresh_from_db()
    assert owner.has_usable_password()
    other.post(f"/office/accounts/{owner.pk}/recover/", {"key": str(uuid4())})
    owner.refresh_from_db()
    assert not owner.has_usable_password()
    assert other.post("/office/accounts/", form | {"email": "nobody@example.org"}).status_code == 422


# --- look-ups -------------------------------------------------------------------------------------
def ask(client: Client, number: str, born_on: str = "01/01/1999") -> Any:
    from uuid import uuid4

    form = {"number": number, "born_on": born_on, "days_supply": "30", "key": str(uuid4())}
    return client.post("/counter/", form)


def counter(clinic: ClinicFactory, place: int = 0) -> Client:
    client = Client()
    factories.sign_in(client, clinic.pharmacies[place].pharmacists.get().user)
    return client


def test_wrong_dates_on_one_number_pause_whoever_tries(clinic: ClinicFactory, clock: Clock) -> None:
    patient, client = clinic.ready(), counter(clinic)
    statuses = [ask(client, patient.number, f"01/{day:02}/1999").status_code for day in range(1, MAX_OF_ONE_NUMBER + 1)]
    assert statuses == [422] * (MAX_OF_ONE_NUMBER - 1) + [429]
    paused = ask(client, patient.number, "04/02/2001")
    assert paused.status_code == 429
    assert 0 < int(paused["Retry-After"]) <= 300
    assert "try again at 11:05 AM" in paused.content.decode()
    assert ask(counter(clinic, 1), patient.number, "04/02/2001").status_code == 302
    clock.forward(minutes=6)
    assert ask(client, clinic.ready().number, "04/02/2001").status_code == 302


def test_many_different_numbers_pause_as_well(clinic: ClinicFactory) -> None:
    client, numbers = counter(clinic), [clinic.ready().number for _ in range(MAX_OF_ANY_NUMBER)]
    with unrendered():
        statuses = [ask(client, number).status_code for number in numbers]
    assert statuses == [422] * (MAX_OF_ANY_NUMBER - 1) + [429]


def test_a_few_slips_pause_nobody(clinic: ClinicFactory) -> None:
    patient, client = clinic.ready(), counter(clinic)
    for _ in range(MAX_OF_ONE_NUMBER - 1):
        ask(client, patient.number)
    assert ask(client, patient.number, "04/02/2001").status_code == 302


def test_an_attack_from_many_accounts_on_one_number_is_told_to_the_office(clinic: ClinicFactory, clock: Clock) -> None:
    patient, officer = clinic.ready(), factories.officer()
    pharmacy = clinic.pharmacies[0]
    for _ in range(MAX_BY_EVERYBODY):
        user = factories.account(PHARMACIST)
        pharmacy.pharmacists.create(user=user)
        client = Client()
        factories.sign_in(client, user)
        with unrendered():
            assert ask(client, patient.number).status_code == 422
    outbox.deliver(at=clock() + timedelta(seconds=1))
    (email,) = [email for email in mail.outbox if email.to == [officer.email]]
    assert patient.number not in f"{email.body}{email.subject}"
