"""Rate limits per IP address: of failed attempts to sign in, to sign and to look up, and of registrations."""

import hashlib
from typing import Any
from uuid import uuid4

import pytest
from allauth.core import context
from django.conf import LazySettings
from django.core.cache import cache
from django.db import connection
from django.test import Client, RequestFactory
from django.urls import reverse
from structlog.testing import capture_logs

from accounts import rate_limits
from accounts.models import User
from accounts.roles import PATIENT
from accounts.signature_credentials import Credentials, LockedOut, WrongCredentials, prove
from devtools.demo.second_factors import activate_app, activate_recovery_codes
from outbox.models import Message
from tests import factories
from tests.accounts.test_staff_access import ask, counter
from tests.clocks import Clock
from tests.factories import PASSWORD
from tests.histories import NOW, ClinicFactory
from tests.web.opened import send
from tests.web.unrendered import unrendered

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_time_passes", "empty_cache")]


# --- signing in -----------------------------------------------------------------------------------
#: So many failed sign-ins a minute, where it is asked what counts, and not how many.
FEW = 6


@pytest.fixture
def few_sign_ins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(rate_limits.RATE_LIMITS, "sign_in_failed", f"{FEW}/m/ip")


def tries(count: int, user: User, **headers: str) -> bool:
    """So many wrong ones, each for another address of mail; whether `user` comes in with the right one after."""
    path, last = reverse("account_login"), Client(headers=headers)
    with unrendered():
        for place in range(count):
            Client(headers=headers).post(path, {"login": f"nobody-{place}@example.org", "password": "wrong"})
        last.post(path, {"login": user.email, "password": PASSWORD})
    return "_auth_user_id" in last.session


@pytest.mark.parametrize(("count", "comes_in"), [(29, True), (30, False)])
def test_rate_limit_is_thirty_failed_sign_ins_a_minute_per_ip(count: int, comes_in: bool) -> None:
    assert tries(count, factories.account(PATIENT, password=PASSWORD)) is comes_in


def test_rate_limit_ignores_forged_forwarded_addresses(settings: LazySettings, few_sign_ins: None) -> None:
    """The proxy adds who asked it to the end of the header; what stands before that, the client wrote."""
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    user = factories.account(PATIENT, password=PASSWORD)
    for place in range(FEW):
        header = {"X-Forwarded-For": f"192.0.2.{place}, 198.51.100.7"}
        Client(headers=header).post(reverse("account_login"), {"login": f"n{place}@example.org", "password": "wrong"})
    assert not tries(0, user, **{"X-Forwarded-For": "203.0.113.1, 198.51.100.7"})
    assert tries(0, user, **{"X-Forwarded-For": "198.51.100.7, 203.0.113.9"})


@pytest.mark.parametrize("right", ["a password", "a second factor"])
def test_rate_limit_is_not_reset_by_a_successful_sign_in(right: str, few_sign_ins: None) -> None:
    own, victim = (factories.account(PATIENT, password=PASSWORD) for _ in range(2))
    if right == "a second factor":
        activate_app(own, "JBSWY3DPEHPK3PXP")
    spare = activate_recovery_codes(own) if right == "a second factor" else []
    for round_ in range(2):
        assert tries(FEW // 2, victim) is (round_ == 0)
        client = Client()
        client.post(reverse("account_login"), {"login": own.email, "password": PASSWORD})
        if spare and round_ == 0:
            client.post(reverse("mfa_authenticate"), {"code": spare[round_]})
        assert ("_auth_user_id" in client.session) is (round_ == 0)


def test_rate_limit_counts_wrong_codes_like_wrong_passwords(few_sign_ins: None) -> None:
    user = factories.account(PATIENT, password=PASSWORD)
    activate_app(user, "JBSWY3DPEHPK3PXP")
    code = activate_recovery_codes(user)[0]
    client = Client()
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    assert client.post(reverse("mfa_authenticate"), {"code": "00000000"}).status_code == 200
    assert not tries(FEW - 1, factories.account(PATIENT, password=PASSWORD))
    assert client.post(reverse("mfa_authenticate"), {"code": code}).status_code == 200, "nor is a code looked at"
    cache.clear()  # as after a minute
    assert client.post(reverse("mfa_authenticate"), {"code": code}).status_code == 302


def test_rate_limit_per_account_ignores_the_spelling_of_the_host() -> None:
    user, path = factories.account(PATIENT, password=PASSWORD), reverse("account_login")
    for place in range(5):
        browser = Client(headers={"Host": f"testserver:{1000 + place}"})
        browser.post(path, {"login": f" {user.email.upper()} ", "password": "wrong"})
    client = Client(headers={"Host": "testserver:2000"})
    client.post(path, {"login": user.email, "password": PASSWORD})
    assert "_auth_user_id" not in client.session


def test_rate_limit_counters_name_nobody() -> None:
    user = factories.account(PATIENT, password=PASSWORD)
    Client().post(reverse("account_login"), {"login": user.email, "password": "wrong"})
    with connection.cursor() as cursor:
        cursor.execute("SELECT key FROM accounts_ratelimitcount")
        keys = " ".join(key for (key,) in cursor.fetchall())
    assert "login_failed" in keys
    assert user.email not in keys
    for plain in (user.email, f"testserver:{user.email}"):
        assert hashlib.sha256(plain.encode()).hexdigest() not in keys, "a hash that anybody can make names them too"


@pytest.mark.parametrize(("wrong", "changed"), [(4, True), (5, False)])
def test_rate_limit_counts_wrong_current_passwords_like_sign_in(
    wrong: int, changed: bool, settings: LazySettings
) -> None:
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"change_password": "100/m/user"}
    user, client = factories.account(PATIENT, password=PASSWORD), Client()
    factories.sign_in(client, user)

    def change(present: str) -> int:
        new = "another long pass phrase"
        form = {"oldpassword": present, "password1": new, "password2": new}
        return client.post(reverse("account_change_password"), form).status_code

    with capture_logs() as lines:
        for place in range(wrong):
            change(f"wrong {place}")
    assert [line["event"] for line in lines].count("sign_in_failed") == wrong
    change(PASSWORD)
    user.refresh_from_db()
    assert user.check_password("another long pass phrase") is changed


# --- signing, and the counter ---------------------------------------------------------------------
@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three of each, instead of dozens."""
    monkeypatch.setattr(rate_limits, "RATE_LIMITS", dict.fromkeys(rate_limits.RATE_LIMITS, "3/10m/ip"))


def test_rate_limited_address_one_wrong_signature_locks_signing(few: None) -> None:
    wrong = Credentials(password="wrong")
    with context.request_context(RequestFactory().post("/")):
        for _ in range(3):
            with pytest.raises(WrongCredentials):
                prove(factories.account(PATIENT, password=PASSWORD), wrong, statement="ab" * 32, at=NOW)
        one = factories.account(PATIENT, password=PASSWORD)
        with pytest.raises(LockedOut):
            prove(one, wrong, statement="ab" * 32, at=NOW)
        with pytest.raises(LockedOut):
            prove(one, Credentials(password=PASSWORD), statement="ab" * 32, at=NOW)
    with context.request_context(RequestFactory().post("/", REMOTE_ADDR="10.0.0.9")), pytest.raises(WrongCredentials):
        prove(factories.account(PATIENT, password=PASSWORD), wrong, statement="ab" * 32, at=NOW)


def test_rate_limited_address_one_wrong_look_up_pauses_the_pharmacist(clinic: ClinicFactory, few: None) -> None:
    patient = clinic.ready()
    clients: list[Any] = [counter(clinic), counter(clinic, 1)]
    assert [ask(clients[0], clinic.ready().number).status_code for _ in range(3)] == [422] * 3
    # Nobody who asks rightly is kept waiting for it.
    assert ask(clients[1], patient.number, "04/02/2001").status_code == 302
    assert ask(clients[1], patient.number).status_code == 429
    assert ask(clients[1], patient.number, "04/02/2001").status_code == 429


# --- registering ----------------------------------------------------------------------------------
def test_rate_limited_address_cannot_register(few: None) -> None:
    """Each whole form counts, also one whose NPI is in use: it says so, and is a guess at who is here."""
    known = factories.prescriber().npi

    def register(email: str, npi: str, **headers: str) -> int:
        form = {
            "practice_name": "New", "npi": npi, "address": "1 Main Street", "phone": "", "name": "New One",
            "password1": PASSWORD, "key": str(uuid4()),
            **factories.ticks("prescriber-attestation"),
        }  # fmt: skip
        answer: Any = send(Client(**headers), factories.registration("practice", email), form)  # type: ignore[arg-type]
        return int(answer.status_code)

    # Half a form asks nothing, and counts for nothing.
    assert [register("new@example.org", "1") for _ in range(5)] == [422] * 5
    assert [register("new@example.org", known) for _ in range(2)] == [422] * 2
    assert register("new@example.org", factories.npi()) == 302
    assert register("newer@example.org", factories.npi()) == 429
    assert register("newer@example.org", known) == 429
    assert not User.objects.filter(email="newer@example.org").exists()
    assert register("newer@example.org", factories.npi(), REMOTE_ADDR="10.0.0.9") == 302


def test_rate_limited_address_cannot_have_letters_sent(few: None) -> None:
    def ask(email: str) -> int:
        return int(Client().post("/register/practice/", {"email": email, "key": str(uuid4())}).status_code)

    assert [ask(f"{place}@example.org") for place in range(5)] == [302] * 3 + [429] * 2


def test_one_address_gets_one_letter_however_often_it_is_asked_for(clock: Clock) -> None:
    for _ in range(4):
        Client().post("/register/practice/", {"email": "new@example.org", "key": str(uuid4())})
    assert Message.objects.filter(kind="registration").count() == 1
