"""One-time codes: the step before is taken, each code once, and a late one costs no try (NIST SP 800-63B-4, 3.1.4)."""

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts import one_time_codes, rate_limits
from accounts.models import User
from accounts.roles import PHARMACIST
from devtools.demo.codes import code_for
from devtools.demo.second_factors import activate_app
from tests import factories
from tests.factories import PASSWORD
from tests.web.unrendered import unrendered

pytestmark = pytest.mark.usefixtures("no_time_passes")

SECRET = "JBSWY3DPEHPK3PXP"
OVER = "This code is over."


@pytest.fixture
def user(empty_cache: None) -> User:
    user = factories.account(PHARMACIST, password=PASSWORD)
    activate_app(user, SECRET)
    return user


def code(steps: int = 0) -> str:
    """The code that the app shows so many steps from now."""
    return code_for(SECRET, time.time() + 30 * steps)


def enter(client: Client, user: User, typed: str) -> HttpResponse:
    """Sign in as far as the code, and enter that one."""
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    response = client.post(reverse("mfa_authenticate"), {"code": typed})
    assert isinstance(response, HttpResponse)
    return response


def came_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def tries(user: User) -> int:
    user.refresh_from_db()
    return user.failed_attempts + user.failed_attempts_trusted


#: Steps from now, and whether the code of that step opens the account.
STEPS: dict[str, tuple[int, bool]] = {
    "the present step": (0, True),
    "the step before": (-1, True),
    "the step after, of a fast clock": (1, True),
    "two steps before": (-2, False),
    "ten minutes before": (-20, False),
}


@pytest.mark.parametrize(("steps", "taken"), STEPS.values(), ids=STEPS)
def test_code_of_a_step_is_taken_or_late_and_a_late_one_costs_no_try(
    client: Client, user: User, steps: int, taken: bool
) -> None:
    response = enter(client, user, code(steps))
    assert came_in(client) is taken
    assert (OVER in response.content.decode()) is not taken
    assert tries(user) == 0


@pytest.mark.parametrize("typed", ["000000", "12345", "", "１２３４５６", "a long one that is no code"])
def test_code_that_never_was_one_costs_a_try(client: Client, user: User, typed: str) -> None:
    enter(client, user, typed)
    assert not came_in(client)
    assert tries(user) == (1 if typed else 0)


def test_late_codes_without_end_leave_the_right_one_as_good_as_before(
    client: Client, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(rate_limits.RATE_LIMITS, "sign_in_failed", "6/m/ip")
    # More than an account or an address may have wrong.
    with unrendered():
        for _ in range(8):
            enter(client, user, code(-3))
    enter(client, user, code())
    assert came_in(client)


def test_wrong_codes_hold_back_the_right_one(client: Client, user: User) -> None:
    for _ in range(6):
        enter(client, user, "000000")
    enter(client, user, code())
    assert not came_in(client)


@pytest.mark.parametrize("again", [0, -1], ids=["the same", "the one before it"])
@pytest.mark.parametrize("forgets", [False, True], ids=["", "the cache is emptied"])
def test_code_is_taken_once(client: Client, user: User, again: int, forgets: bool) -> None:
    enter(client, user, code())
    assert came_in(client)
    if forgets:
        cache.clear()
    other = Client()
    response = enter(other, user, code(again))
    assert not came_in(other)
    assert OVER in response.content.decode()
    assert tries(user) == 0


@pytest.mark.usefixtures("committed")
@pytest.mark.parametrize("steps", [0, -1, 1], ids=["the present step", "the step before", "the step after"])
def test_code_that_added_the_app_is_used_by_it(client: Client, steps: int) -> None:
    user = factories.account(PHARMACIST, password=PASSWORD)
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    secret = str(*re.findall(r"<samp>([A-Z2-7]+)</samp>", client.get(reverse("mfa_activate_totp")).content.decode()))
    first = code_for(secret, time.time() + 30 * steps)
    assert client.post(reverse("mfa_activate_totp"), {"code": first}).status_code == 302
    other = Client()
    assert OVER in enter(other, user, first).content.decode()
    assert not came_in(other)


def test_code_is_taken_once_for_asking_again_too(client: Client, user: User) -> None:
    enter(client, user, code())
    response = client.post(reverse("mfa_reauthenticate"), {"code": code()})
    assert OVER in response.content.decode()
    assert tries(user) == 0


def test_of_two_requests_with_one_code_the_second_is_shown_the_page_again(
    client: Client, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = Authenticator.objects.get(user=user)
    judge = one_time_codes.judge

    def overtaken(row: Authenticator, typed: str) -> one_time_codes.Verdict:
        verdict = judge(row, typed)
        assert one_time_codes.use(app, typed)
        return verdict

    monkeypatch.setattr(one_time_codes, "judge", overtaken)
    response = enter(client, user, code())
    assert not came_in(client)
    assert OVER in client.get(response["Location"]).content.decode()
    assert tries(user) == 0
