"""Security event log: sign-ins, failed sign-ins and denials are logged, without names or addresses."""

import json
import logging
from collections.abc import Callable
from uuid import uuid4

import pytest
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from django.contrib.sessions.backends.cache import SessionStore
from django.core.management import CommandError, call_command
from django.test import Client, RequestFactory
from django.urls import reverse
from structlog.testing import capture_logs

from accounts.adapter import SecondFactor
from accounts.models import User
from accounts.roles import OFFICER, PHARMACIST
from accounts.signature_credentials import MAX_FAILED_ATTEMPTS, Credentials, LockedOut, WrongCredentials, prove
from compliance.commands.lookups import MAX_OF_ONE_NUMBER
from config.logs import formatter
from tests import factories
from tests.clocks import Clock
from tests.factories import PASSWORD
from tests.histories import NOW, ClinicFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_time_passes", "empty_cache")]


@pytest.fixture
def user() -> User:
    return factories.account(OFFICER, password=PASSWORD)


def lines(what: Callable[[], object], event: str) -> list[dict[str, object]]:
    """The lines of that event while `what` was done; none of them names the address that was typed."""
    with capture_logs() as found:
        what()
    return [dict(line) for line in found if line["event"] == event]


def sign_in(client: Client, email: str, password: str = PASSWORD) -> None:
    client.post(reverse("account_login"), {"login": email, "password": password})


def test_who_came_in_and_who_went(client: Client, user: User) -> None:
    (came,) = lines(lambda: sign_in(client, user.email), "signed_in")
    assert came["account"] == str(user.pk)
    assert came["role"] == OFFICER
    (went,) = lines(lambda: client.post(reverse("account_logout")), "signed_out")
    assert went["account"] == str(user.pk)


def test_who_did_not_is_the_same_one_each_time_and_nobody_by_name(client: Client, user: User) -> None:
    first = lines(lambda: sign_in(client, user.email, "wrong"), "sign_in_failed")
    again = lines(lambda: sign_in(client, user.email.upper(), "wrong too"), "sign_in_failed")
    other = lines(lambda: sign_in(client, "nobody@example.org", "wrong"), "sign_in_failed")
    assert first[0]["address_hash"] == again[0]["address_hash"] != other[0]["address_hash"]
    assert "@" not in str(first + again + other)
    assert "wrong" not in str(first + again + other)


@pytest.mark.parametrize("signal", ["authenticator_added", "authenticator_removed", "authentication_failed"])
def test_what_happens_to_a_second_factor(user: User, signal: str) -> None:
    data = {"secret": SecondFactor().encrypt("JBSWY3DPEHPK3PXP")}
    factor = Authenticator.objects.create(user=user, type="totp", data=data)
    event = {"authentication_failed": "mfa_failed"}.get(signal, signal.replace("authenticator", "mfa"))
    asked = RequestFactory().get("/")
    asked.session = SessionStore()
    sent = lines(
        lambda: getattr(mfa, signal).send(Authenticator, request=asked, user=user, authenticator=factor), event
    )
    assert [(line["account"], line["means"]) for line in sent] == [(str(user.pk), "totp")]


def test_access_denied_is_logged(client: Client) -> None:
    pharmacist = factories.pharmacist().user
    factories.sign_in(client, pharmacist)
    (line,) = lines(lambda: client.get(reverse("office:home")), "access_denied")
    assert line | {"account": str(pharmacist.pk), "role": PHARMACIST, "page": "office:home", "status": 403} == line
    (line,) = lines(lambda: client.get(reverse("pharmacy:authorization", args=[uuid4()])), "access_denied")
    assert line["status"] == 404


def test_a_forged_form(user: User) -> None:
    client = Client(enforce_csrf_checks=True)
    factories.sign_in(client, user)
    (line,) = lines(lambda: client.post(reverse("account_logout")), "access_denied")
    assert line["status"] == 403


def test_wrong_credentials_at_a_signature_and_the_lock_that_follows(user: User) -> None:
    wrong = Credentials(password="not this one")

    def tries() -> None:
        for _ in range(MAX_FAILED_ATTEMPTS):
            with pytest.raises((WrongCredentials, LockedOut)):
                prove(user, wrong, statement="ab" * 32, at=NOW)

    with capture_logs() as found:
        tries()
    assert [line["event"] for line in found] == ["signing_failed"] * MAX_FAILED_ATTEMPTS + ["signing_locked"]
    assert {line["account"] for line in found} == {str(user.pk)}
    assert "@" not in str(found)
    assert "this one" not in str(found)


def test_look_ups_that_find_nobody(clock: Clock) -> None:
    clock.set("2026-12-15T11:00-05:00")
    clinic, client = ClinicFactory(), Client()
    account = clinic.pharmacies[0].pharmacists.get().user
    factories.sign_in(client, account)
    number = clinic.ready().number

    def tries() -> None:
        for _ in range(MAX_OF_ONE_NUMBER):
            form = {"number": number, "born_on": "01/01/1999", "days_supply": "30", "key": str(uuid4())}
            client.post(reverse("pharmacy:home"), form)

    with capture_logs() as found:
        tries()
    events = [line["event"] for line in found if line["event"] in ("lookups_paused", "access_denied")]
    assert events == ["lookups_paused", "access_denied"]
    assert {line["account"] for line in found if "account" in line} == {str(account.pk)}
    assert number not in str(found)


def test_a_line_stays_one_line_whatever_was_typed() -> None:
    record = logging.makeLogRecord(
        {"name": "x", "levelno": 30, "levelname": "WARNING", "msg": 'a\n{"event": "b"}\r\x1b'}
    )
    text = formatter().format(record)
    assert "\n" not in text
    assert "\x1b" not in text
    assert json.loads(text)["event"].startswith("a\n")
    assert json.loads(text)["timestamp"].endswith("Z")


def test_an_operator_ends_sessions(user: User, capsys: pytest.CaptureFixture[str]) -> None:
    one, another, stranger = Client(), Client(), Client()
    for client in (one, another):
        factories.sign_in(client, user)
    factories.sign_in(stranger, factories.account(OFFICER))
    call_command("end_sessions", str(user.pk))
    assert "2 sessions ended" in capsys.readouterr().out
    assert {c.get(reverse("signed_in")).status_code for c in (one, another)} == {302}
    assert stranger.get(reverse("signed_in")).status_code == 200
    call_command("end_sessions", "--all")
    assert stranger.get(reverse("signed_in")).status_code == 302
    with pytest.raises(CommandError):
        call_command("end_sessions")
