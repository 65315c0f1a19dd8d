"""Enumeration: a stranger learns nothing by trying, neither from the words nor from the work done meanwhile.

Work is counted, not timed: how often a password is hashed, and how many queries are asked. More on the words:
`tests/accounts/test_sign_in.py`.
"""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

import outbox
from accounts import registration_link, set_password_link
from accounts.models import User
from accounts.roles import DESIGNEE, OFFICER, PATIENT
from ledger.clock import now
from patients.invitations import MAX_FAILED_ATTEMPTS, make_token
from patients.models import Invitation
from tests import factories
from tests.clocks import Clock
from tests.factories import PASSWORD, as_
from tests.mailbox import emails, nothing_waits

from .fixtures import SiteFixture
from .reading import brought, words_of
from .test_mass_assignment import accepted
from .writes import undone

#: What one typed oneself.
_OWN = re.compile(r'value="[^"]*@[^"]*"')


@dataclass(frozen=True, slots=True)
class Seen:
    """All that a stranger gets: answer, words, where to, and the work behind it."""

    status: int
    words: str
    location: str
    hashed: int
    queries: int
    emails: int


@contextmanager
def hashing(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Every time that a password is hashed in the meantime."""
    done: list[str] = []
    hashes = MD5PasswordHasher.encode

    def encode(self: MD5PasswordHasher, password: str, salt: str) -> str:
        done.append(password)
        return hashes(self, password, salt)

    with monkeypatch.context() as patch:
        patch.setattr(MD5PasswordHasher, "encode", encode)
        yield done


def seen(monkeypatch: pytest.MonkeyPatch, ask: Callable[[Client], Any], client: Client | None = None) -> Seen:
    """What comes of asking, as the first who asks today."""
    before = len(mail.outbox)
    cache.clear()
    with undone():
        with hashing(monkeypatch) as hashed, CaptureQueriesContext(connection) as queries:
            answer = ask(client or Client())
        sent = len(emails()) - before
    words = _OWN.sub("", words_of(answer))
    where = answer.headers.get("Location", "")
    return Seen(answer.status_code, words, where, len(hashed), len(queries), sent)


def accounts() -> dict[str, str]:
    """An address each that is known, closed, not opened yet, and nobody's."""
    closed = factories.account(PATIENT, password=PASSWORD)
    User.objects.filter(pk=closed.pk).update(is_active=False)
    return {
        "known": factories.account(PATIENT, password=PASSWORD).email,
        "staff": factories.account(OFFICER, password=PASSWORD).email,
        "closed": closed.email,
        "without a password yet": factories.account(DESIGNEE).email,
        "nobody's": "nobody@example.org",
    }


@pytest.mark.django_db
def test_sign_in_with_a_wrong_password(monkeypatch: pytest.MonkeyPatch) -> None:
    def ask(address: str) -> Callable[[Client], Any]:
        return lambda client: client.post("/account/login/", {"login": address, "password": "wrong"})

    known = accounts()
    seen(monkeypatch, ask("first@example.org"))  # what is looked up once, and remembered
    answers = {name: seen(monkeypatch, ask(address)) for name, address in known.items()}
    assert answers["known"].hashed == 1
    for name, answer in answers.items():
        assert answer == answers["known"], name


@pytest.mark.django_db
def test_asking_for_a_new_password(monkeypatch: pytest.MonkeyPatch) -> None:
    def ask(address: str) -> Callable[[Client], Any]:
        return lambda client: client.post("/account/password/reset/", {"email": address})

    known = accounts()
    seen(monkeypatch, ask("first@example.org"))
    answers = {name: seen(monkeypatch, ask(address)) for name, address in known.items()}
    for name, answer in answers.items():
        told = (answer.status, answer.words, answer.location, answer.emails)
        assert told == (302, "", "/account/password/reset/done/", 1), name
        assert answer == answers["nobody's"], name
    # What the emails say differs; only whoever reads that mailbox sees it.
    links = [email.to[0] for email in mail.outbox if "password/reset/key" in str(email.body)]
    assert set(links) <= {known[name] for name in ("known", "staff", "without a password yet")}


@pytest.mark.django_db
def test_a_passkey_is_asked_of_nobody_in_particular(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Client().get("/account/2fa/webauthn/login/", headers={"Accept": "application/json"})
    assert not re.search(r"allowCredentials\W+\[\W*\{", asked.content.decode())


# --- the counter ----------------------------------------------------------------------------------
NOBODY_AT_THE_COUNTER: dict[str, Callable[[SiteFixture], dict[str, str]]] = {
    "the wrong birth date": lambda w: {"number": w.patient.number, "born_on": "04/03/2001"},
    "a number of nobody": lambda w: {"number": "ABCD2348", "born_on": "04/02/2001"},
    "another patient's birth date": lambda w: {"number": w.patient.number, "born_on": f"{w.minor.born_on:%m/%d/%Y}"},
}  # fmt: skip


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_the_counter_says_the_same_of_whom_it_does_not_know(
    site: SiteFixture, accept: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask(form: dict[str, str]) -> Callable[[Client], Any]:
        data = form | {"days_supply": "30", "key": str(uuid4())}
        return lambda client: client.post("/counter/", data, headers={"Accept": accept})

    nothing_waits()
    answers = {}
    for name, form in NOBODY_AT_THE_COUNTER.items():
        client = as_(site.readers["pharmacist"])
        client.get("/counter/")
        answers[name] = seen(monkeypatch, ask(form(site)), client)
    wanted = answers["the wrong birth date"]
    assert wanted.status == 422
    for name, answer in answers.items():
        typed = re.sub(r'value="[^"]*"', "", answer.words), re.sub(r'value="[^"]*"', "", wanted.words)
        assert typed[0] == typed[1], name
        assert (answer.status, answer.queries) == (wanted.status, wanted.queries), name


# --- registering ----------------------------------------------------------------------------------
def ask_to_register(what: str, address: str) -> Callable[[Client], Any]:
    """Ask for the link to a registration with that address."""
    return lambda client: client.post(f"/register/{what}/", {"email": address, "key": str(uuid4())}, follow=True)


@pytest.mark.django_db
@pytest.mark.parametrize("what", ["practice", "pharmacy"])
def test_asking_to_register_is_answered_alike_whosever_the_address_is(
    what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = {who: seen(monkeypatch, ask_to_register(what, address)) for who, address in accounts().items()}
    told = {(answer.status, answer.words, answer.hashed, answer.queries) for answer in answers.values()}
    assert len(told) == 1
    assert "Check your email" in answers["nobody's"].words


@pytest.mark.django_db
def test_only_the_letter_says_whether_the_address_has_an_account(mailoutbox: list[EmailMessage]) -> None:
    for who, address in accounts().items():
        assert ask_to_register("practice", address)(Client()).status_code == 200
        outbox.deliver(at=now())
        (body,) = [str(letter.body) for letter in mailoutbox if letter.to == [address]]
        assert ("has an account already" in body) is (who != "nobody's"), who
        assert ("/register/practice/" in body) is (who == "nobody's"), who


def test_stranger_cannot_take_the_address_of_an_invited_patient(site: SiteFixture) -> None:
    address = site.invited.email
    registered = {"practice_name": "New", "npi": factories.npi(), "address": "1 Main Street", "name": "Evil",
        "password1": PASSWORD, **factories.ticks("prescriber-attestation")}  # fmt: skip
    for path in ("/register/practice/", "/register/pharmacy/"):
        client = Client()
        client.post(path, registered | {"email": address, **brought(Client(), path)})
    assert not User.objects.filter(email=address).exists()
    answer = Client().post(f"/invitation/{site.own_invitation}/", accepted(site) | {"key": str(uuid4())})
    assert answer.status_code == 302
    assert User.objects.get(email=address).role == PATIENT


def test_link_to_a_registration_ends(monkeypatch: pytest.MonkeyPatch, site: SiteFixture) -> None:
    path, later = factories.registration("practice"), time.time() + registration_link.LIFETIME.total_seconds() + 5
    assert "password1" in Client().get(path).content.decode()
    monkeypatch.setattr(time, "time", lambda: later)
    for answer in (Client().get(path), Client().post(path, {"name": "New"})):
        assert "This link is over" in answer.content.decode()


def test_link_to_a_registration_registers_no_other_address(site: SiteFixture) -> None:
    path = factories.registration("practice", "new@example.org")
    form = {"practice_name": "New", "npi": factories.npi(), "address": "1 Main Street", "name": "New",
        "email": "other@example.org", "password1": PASSWORD, 
        **factories.ticks("prescriber-attestation")}  # fmt: skip
    assert Client().post(path, form | brought(Client(), path) | {"key": str(uuid4())}).status_code == 302
    assert User.objects.filter(email="new@example.org").exists()
    assert not User.objects.filter(email="other@example.org").exists()


def test_link_to_a_registration_of_somebody_who_has_an_account_leads_to_sign_in(site: SiteFixture) -> None:
    page = Client().get(factories.registration("practice", site.readers["patient"].email)).content.decode()
    assert "This address has an account" in page
    assert "password1" not in page


# --- links ----------------------------------------------------------------------------------------
ENDED: dict[str, dict[str, Any]] = {
    "used": {"accepted_at": "2026-12-15T16:00Z"},
    "revoked": {"revoked_at": "2026-12-15T16:00Z"},
    "expired": {},
    "locked": {"failed_attempts": MAX_FAILED_ATTEMPTS},
}


@pytest.mark.parametrize("name", ENDED)
def test_an_invitation_that_is_over_tells_no_birth_date(site: SiteFixture, name: str, clock: Clock) -> None:
    own = Invitation.objects.get(patient=site.invited, guardian=None)
    Invitation.objects.filter(pk=own.pk).update(sent_at=own.sent_at, **ENDED[name])
    clock.forward(days=15 if name == "expired" else 1)
    right, wrong = f"{site.invited.born_on:%m/%d/%Y}", "01/01/2001"
    told = set()
    for born_on in (right, wrong):
        form = {"born_on": born_on, "password1": PASSWORD, "key": str(uuid4())}
        answer = Client().post(f"/invitation/{make_token(own.pk)}/", form)
        told.add((answer.status_code, re.sub(r'value="[^"]*"|nonce="[^"]*"', "", answer.content.decode())))
    assert len(told) == 1
    assert next(iter(told))[0] == 422
    own.patient.refresh_from_db()
    assert own.patient.user is None


#: What is sent instead of the birth date, or after the invitation has ended: nothing then says whose it is.
NO_BIRTH_DATE: dict[str, dict[str, Any]] = {"none": {}, "the wrong one": {}, **ENDED}


@pytest.mark.parametrize("name", NO_BIRTH_DATE)
@pytest.mark.parametrize("who", ["patient", "guardian"])
def test_without_the_birth_date_no_password_says_whose_invitation_it_is(
    site: SiteFixture, who: str, name: str, clock: Clock
) -> None:
    """Passwords made of the name and the address of whoever is invited, and one of strange words."""
    guardian = site.invited_guardian if who == "guardian" else None
    one = guardian or site.invited
    own = Invitation.objects.get(patient=site.invited, guardian=guardian)
    Invitation.objects.filter(pk=own.pk).update(**NO_BIRTH_DATE[name])
    clock.forward(days=15 if name == "expired" else 1)
    born_on = {"none": "", "the wrong one": "01/01/2001"}.get(name, f"{site.invited.born_on:%m/%d/%Y}")
    told = set()
    for password in (one.name, one.email, f"{one.name}.{one.email}", "a stranger's pass phrase"):
        form = {"born_on": born_on, "password1": password.ljust(15, "x"), "key": str(uuid4())}
        answer = Client().post(f"/invitation/{make_token(own.pk)}/", form)
        told.add((answer.status_code, re.sub(r'value="[^"]*"|nonce="[^"]*"', "", answer.content.decode())))
    assert len(told) == 1
    assert next(iter(told))[0] == 422


def test_a_link_that_is_none_is_told_from_one_that_is_over_by_nothing(site: SiteFixture) -> None:
    """Links to choose a password: spoilt, of nobody, and used."""
    used = factories.account(DESIGNEE, password=PASSWORD)
    told = {
        (answer.status_code, re.sub(r'nonce="[^"]*"', "", answer.content.decode()))
        for link in (
            set_password_link.make_token(used),
            set_password_link.make_token(User()),
            site.set_password_token[:-1] + "~",
            "nothing",
        )
        for answer in [Client().get(f"/set-password/{link}/")]
    }
    assert len(told) == 1
    assert next(iter(told))[0] == 404


def test_an_invitation_names_nobody_before_the_birth_date(site: SiteFixture) -> None:
    page = Client().get(f"/invitation/{site.own_invitation}/").content.decode()
    for word in (site.invited.given_name, site.invited.family_name, site.invited.email, site.prescriber.user.name):
        assert word not in page
