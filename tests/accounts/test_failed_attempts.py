"""Failed attempts and lockout: wrong passwords and codes are counted per account, apart in a trusted browser."""

import re
import time
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

import outbox
from accounts import rate_limits, recovery, set_password_link, trusted_browsers
from accounts.failed_attempts import MAX_FAILED_ATTEMPTS
from accounts.models import User
from accounts.roles import OFFICER, PATIENT, PHARMACIST
from devtools.demo.codes import code_for
from devtools.demo.second_factors import activate_app
from ledger import log
from ledger.actor import SYSTEM, Actor
from tests import factories
from tests.clocks import Clock
from tests.factories import PASSWORD
from tests.mailbox import emails
from tests.web.unrendered import unrendered

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_time_passes", "empty_cache")]

NEW_PASSWORD = "another long pass phrase"
STRANGER = "192.0.2.1"


@pytest.fixture
def user() -> User:
    return factories.account(PATIENT, password=PASSWORD)


def comes_in(client: Client, user: User, password: str = PASSWORD) -> bool:
    """Whether that password opens the account there; signed out again after."""
    with unrendered():
        client.post(reverse("account_login"), {"login": user.email, "password": password})
        came = "_auth_user_id" in client.session
        if came:
            client.post(reverse("account_logout"))
    return came


def known(user: User) -> Client:
    """A browser in which the owner signed in before."""
    client = Client()
    assert comes_in(client, user)
    return client


def tries(user: User, count: int, client: Client | None = None, *, slowly: bool = True) -> None:
    """So many wrong passwords; slowly enough for every other limit."""
    for place in range(count):
        assert not comes_in(client or Client(REMOTE_ADDR=STRANGER), user, f"wrong {place}")
        if slowly:
            cache.clear()


# --- a browser that is known ----------------------------------------------------------------------
def test_lockout_by_a_stranger_does_not_reach_the_trusted_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    user, now = factories.account(PHARMACIST, password=PASSWORD), [1_800_000_000.0]
    monkeypatch.setattr(time, "time", lambda: now[0])
    own = known(user)
    # Twice as many as hold back an account for five minutes.
    for _minute in range(10):
        tries(user, 1, slowly=False)
        now[0] += 30
        assert comes_in(own, user)
        now[0] += 30
    tries(user, 5, slowly=False)
    assert not comes_in(Client(), user), "elsewhere the account is delayed"


def test_lockout_from_the_same_ip_address_does_not_reach_the_trusted_browser(
    user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(rate_limits.RATE_LIMITS, "sign_in_failed", "6/m/ip")  # of thirty: test_rate_limits.py
    own = known(user)
    for place in range(6):
        comes_in(Client(), User(email=f"nobody-{place}@example.org"), "wrong")
    assert not comes_in(Client(), user)
    assert comes_in(own, user)


def test_lockout_of_a_trusted_browser_comes_after_as_many_failed_attempts(user: User) -> None:
    own, other = known(user), known(user)
    tries(user, 5, own, slowly=False)
    assert not comes_in(own, user)
    assert comes_in(other, user)
    assert comes_in(Client(), user)


def test_trusted_browser_is_trusted_only_by_accounts_that_signed_in_there(user: User) -> None:
    colleague, stranger = (factories.account(PATIENT, password=PASSWORD) for _ in range(2))
    shared = known(colleague)
    assert comes_in(shared, user)
    for one in (colleague, user, stranger):
        tries(one, 5, slowly=False)
    assert [comes_in(shared, one) for one in (colleague, user, stranger)] == [True, True, False]


@pytest.mark.parametrize("spoil", ["another's signature", "another name in it", "too long ago"])
def test_trusted_browser_cookie_with_a_wrong_signature_is_ignored(
    user: User, spoil: str, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, name = known(user), settings.TRUSTED_BROWSER_COOKIE_NAME
    if spoil == "another's signature":
        settings.SECRET_KEY = "another-" * 10
    elif spoil == "another name in it":
        own.cookies[name] = "0" * 32 + own.cookies[name].value[32:]
    else:
        monkeypatch.setattr(trusted_browsers, "COOKIE_AGE", -1)
    tries(user, 5, slowly=False)
    assert not comes_in(own, user)


def test_trusted_browser_cookie_names_nobody_and_holds_a_few_accounts(settings: LazySettings) -> None:
    client, name = Client(), settings.TRUSTED_BROWSER_COOKIE_NAME
    users = [factories.account(PATIENT, password=PASSWORD) for _ in range(trusted_browsers.MAX_ACCOUNTS + 1)]
    for user in users:
        assert comes_in(client, user)
    told = client.cookies[name].value.split(":")[0]
    assert told.split(".")[1:] == [trusted_browsers.address_digest(user.email) for user in reversed(users[1:])]
    assert not any(user.email in told or user.pk.hex in told for user in users)
    assert client.cookies[name]["httponly"]
    assert client.cookies[name]["max-age"] == trusted_browsers.COOKIE_AGE


# --- a hundred in a row ---------------------------------------------------------------------------
def test_lockout_after_too_many_failed_attempts_in_a_row(user: User, clock: Clock) -> None:
    own = known(user)
    tries(user, 3)
    # Each counts by itself: those between need not be made.
    assert User.objects.filter(pk=user.pk, failed_attempts=3).update(failed_attempts=MAX_FAILED_ATTEMPTS - 3)
    tries(user, 2)
    (row,) = User.objects.filter(pk=user.pk).values("failed_attempts", "failed_attempts_trusted")
    assert row == {"failed_attempts": MAX_FAILED_ATTEMPTS - 1, "failed_attempts_trusted": 0}
    tries(user, 2)
    assert not comes_in(Client(), user), "nor does the right one"
    assert comes_in(own, user)
    assert not comes_in(Client(), user), "and what is closed stays so"
    assert [(row.kind, row.actor) for row in log.read(user.pk)] == [("password_closed", SYSTEM.account)]
    outbox.deliver(at=clock())
    (email,) = mail.outbox
    assert email.to == [user.email]
    assert reverse("account_reset_password") in str(email.body)


def test_failed_attempts_are_reset_by_a_right_password(user: User) -> None:
    for _ in range(2):
        User.objects.filter(pk=user.pk).update(
            failed_attempts=MAX_FAILED_ATTEMPTS - 2, failed_attempts_trusted=MAX_FAILED_ATTEMPTS - 2
        )
        tries(user, 1)
        assert comes_in(Client(), user)
    assert User.objects.filter(pk=user.pk, failed_attempts=0, failed_attempts_trusted=0).exists()


def test_failed_attempts_in_trusted_and_other_browsers_make_a_hundred_together(user: User) -> None:
    own = known(user)
    User.objects.filter(pk=user.pk).update(
        failed_attempts=MAX_FAILED_ATTEMPTS - 2, failed_attempts_trusted=MAX_FAILED_ATTEMPTS - 1
    )
    tries(user, 1, own)
    assert not comes_in(own, user)
    tries(user, 1)
    assert comes_in(Client(), user)
    assert not comes_in(own, user)
    assert 2 * MAX_FAILED_ATTEMPTS <= 100


def test_failed_attempts_include_wrong_codes(user: User) -> None:
    activate_app(user, "JBSWY3DPEHPK3PXP")
    User.objects.filter(pk=user.pk).update(failed_attempts=MAX_FAILED_ATTEMPTS - 1)
    client = Client()
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    user.refresh_from_db()
    assert user.failed_attempts == MAX_FAILED_ATTEMPTS - 1, "half a sign-in ends no row"
    client.post(reverse("mfa_authenticate"), {"code": "000000"})
    cache.clear()
    assert client.post(reverse("mfa_authenticate"), {"code": code_for("JBSWY3DPEHPK3PXP")}).status_code == 200
    assert "_auth_user_id" not in client.session


def test_lockout_answers_a_right_password_like_a_wrong_one(user: User) -> None:
    User.objects.filter(pk=user.pk).update(failed_attempts=MAX_FAILED_ATTEMPTS)
    pages = []
    for password in (PASSWORD, "wrong"):
        cache.clear()
        for _ in range(6):
            page = Client().post(reverse("account_login"), {"login": user.email, "password": password})
            pages.append(re.sub(r'value="[^"]*"|nonce="[^"]*"', "", page.content.decode()))
    assert pages[:6] == pages[6:]
    assert pages[4] != pages[5], "the sixth is not looked at"


def by_mail(user: User, clock: Clock) -> None:
    client = Client()
    client.post(reverse("account_reset_password"), {"email": user.email})
    (link,) = re.findall(r"http://\S+", str(emails()[0].body))
    page = client.get(link, follow=True)
    client.post(page.redirect_chain[-1][0], {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})


def by_the_office(user: User, clock: Clock) -> None:
    one, other = (Actor(factories.officer().pk, OFFICER) for _ in range(2))
    recovery.request(account=user, by=one, at=clock(), key=uuid4())
    recovery.confirm(account=user, by=other, at=clock(), key=uuid4())
    user.refresh_from_db()
    set_password_link.set_password(user, NEW_PASSWORD, at=clock(), key=uuid4())


@pytest.mark.parametrize("choose", [by_mail, by_the_office])
def test_lockout_ends_with_a_new_password(user: User, choose: object, clock: Clock) -> None:
    User.objects.filter(pk=user.pk).update(
        failed_attempts=MAX_FAILED_ATTEMPTS, failed_attempts_trusted=MAX_FAILED_ATTEMPTS
    )
    assert callable(choose)
    choose(user, clock)
    assert comes_in(Client(), user, NEW_PASSWORD)
