"""Set-password links, partial sign-ins and requests for account recovery end when the account changes."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts import recovery, set_password_link
from accounts.models import User
from accounts.recovery import RecoveryRefused
from accounts.roles import OFFICER, PRESCRIBER
from devtools.demo.second_factors import activate_app
from ledger import log
from ledger.actor import Actor
from tests import factories
from tests.clocks import Clock
from tests.factories import PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_time_passes", "empty_cache")]

KEY = "5e0d6dd8-7b8f-4a53-a42c-4cf0b1d0f2a1"
NEW_PASSWORD = "another long pass phrase"


@pytest.fixture
def user() -> User:
    return factories.account(PRESCRIBER, password=PASSWORD)


def recovered(user: User, at: datetime) -> None:
    one, other = (Actor(factories.officer().pk, OFFICER) for _ in range(2))
    recovery.request(account=user, by=one, at=at, key=uuid4())
    recovery.confirm(account=user, by=other, at=at, key=uuid4())


def choose(client: Client, link: str, password: str = PASSWORD) -> int:
    path = reverse("public:set_password", args=[link])
    return int(client.post(path, {"password1": password, "key": str(uuid4())}).status_code)


# --- the link by which a password is chosen -------------------------------------------------------
def test_used_set_password_link_stays_used_after_account_recovery(client: Client, clock: Clock) -> None:
    user = factories.account(PRESCRIBER)
    before = set_password_link.make_token(user)
    assert choose(client, before) == 302
    assert client.get(reverse("public:set_password", args=[before])).status_code == 404
    recovered(user, clock())
    assert choose(client, before, NEW_PASSWORD) == 404
    user.refresh_from_db()
    assert choose(client, set_password_link.make_token(user), NEW_PASSWORD) == 302


def test_set_password_link_used_twice_at_once_sets_one_password(clock: Clock) -> None:
    user = factories.account(PRESCRIBER)
    first, second = (set_password_link.user_of_token(set_password_link.make_token(user)) for _ in range(2))
    assert first is not None
    assert second is not None
    set_password_link.set_password(first, PASSWORD, at=clock(), key=uuid4())
    with pytest.raises(set_password_link.LinkUsed):
        set_password_link.set_password(second, NEW_PASSWORD, at=clock(), key=uuid4())
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_set_password_link_use_is_recorded_in_the_accounts_log(client: Client, clock: Clock) -> None:
    user = factories.account(PRESCRIBER)
    choose(client, set_password_link.make_token(user))
    (row,) = log.read(user.pk)
    assert (row.kind, row.actor) == ("password_chosen", user.pk)
    factories.sign_in(client, factories.officer())
    assert "Password chosen by a link" in client.get("/office/accounts/").content.decode()


# --- half a sign-in -------------------------------------------------------------------------------
def waiting_for_the_code(user: User) -> Client:
    activate_app(user, "JBSWY3DPEHPK3PXP")
    client = Client()
    answer = client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    assert answer["Location"] == reverse("mfa_authenticate")
    assert client.get(reverse("mfa_authenticate")).status_code == 200
    return client


def password_changed(user: User, at: datetime) -> None:
    user.set_password(NEW_PASSWORD)
    user.save()


def closed(user: User, at: datetime) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


@pytest.mark.parametrize("change", [recovered, password_changed, closed])
def test_partial_sign_in_ends_when_the_account_changes(
    user: User, change: Callable[[User, datetime], None], clock: Clock
) -> None:
    client = waiting_for_the_code(user)
    change(user, clock())
    page = client.get(reverse("mfa_authenticate"), follow=True)
    assert page.redirect_chain == [(reverse("account_login"), 302)]
    assert page.status_code == 200


def test_account_recovery_link_works_in_a_browser_with_a_partial_sign_in(user: User, clock: Clock) -> None:
    client = waiting_for_the_code(user)
    recovered(user, clock())
    user.refresh_from_db()
    path = reverse("public:set_password", args=[set_password_link.make_token(user)])
    page = client.post(path, {"password1": NEW_PASSWORD, "key": KEY}, follow=True)
    assert [where for where, _status in page.redirect_chain] == [reverse("account_login")]
    assert "Your password is saved." in page.content.decode()


# --- what one officer asked for -------------------------------------------------------------------
@pytest.mark.parametrize(("days", "in_time"), [(6.9, True), (7, False)])
def test_account_recovery_request_ends_after_a_week(user: User, days: float, in_time: bool, clock: Clock) -> None:
    one, other = factories.officer(), factories.officer()
    recovery.request(account=user, by=Actor(one.pk, OFFICER), at=clock(), key=uuid4())
    client = Client()
    factories.sign_in(client, other)
    assert "Can be confirmed until" in client.get("/office/accounts/").content.decode()
    clock.forward(days=days)
    assert ("Can be confirmed until" in client.get("/office/accounts/").content.decode()) is in_time
    if in_time:
        recovery.confirm(account=user, by=Actor(other.pk, OFFICER), at=clock(), key=uuid4())
    else:
        with pytest.raises(RecoveryRefused):
            recovery.confirm(account=user, by=Actor(other.pk, OFFICER), at=clock(), key=uuid4())
        recovery.request(account=user, by=Actor(one.pk, OFFICER), at=clock() + timedelta(hours=1), key=uuid4())
        recovery.confirm(account=user, by=Actor(other.pk, OFFICER), at=clock() + timedelta(hours=1), key=uuid4())
