"""Whoever adds somebody by an e-mail address learns nothing of it: only the letter that goes there says more.

The address becomes an account's own when the link in the letter was opened, and not before.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import uuid4

import pytest
from django.core.mail import EmailMessage
from django.test import Client

import outbox
from accounts import set_password_link
from accounts.models import User
from accounts.roles import DESIGNEE, OFFICER, PHARMACIST
from compliance.commands import people
from ledger.clock import now
from ledger.models import LogRecord
from patients.models import Invitation
from patients.people import actor_of
from tests import amount, factories
from tests.factories import PASSWORD, as_
from tests.mailbox import nothing_waits
from tests.web.opened import send

from .fixtures import SiteFixture
from .test_enumeration import Seen, accounts, seen

_IDENTIFIER = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
_NEW_PATIENT = {"given_name": "Nora", "family_name": "Newman", "phone": "", "category": "can_become_pregnant"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Adding:
    """A form by which somebody adds somebody else, whose address is typed."""

    reader: str
    path: str
    form: Callable[[str], Mapping[str, str]]
    status: int = 302


_NAMED: Callable[[str], Mapping[str, str]] = lambda address: {"name": "New One", "email": address}  # noqa: E731

ADDING = {
    "a designee": Adding(reader="prescriber", path="/prescriber/practice/", form=_NAMED),
    "a colleague": Adding(reader="pharmacist", path="/counter/profile/", form=_NAMED),
    "an officer": Adding(reader="officer", path="/office/accounts/officer/", form=_NAMED),
    "a patient": Adding(
        reader="prescriber", path="/prescriber/enrol/",
        form=lambda address: _NEW_PATIENT | {"born_on": "05/06/1991", "email": address}),
    "a guardian": Adding(
        reader="prescriber", path="/prescriber/enrol/",
        form=lambda address: _NEW_PATIENT | {
            "born_on": "05/06/2011", "email": "nora@example.org", "guardian_name": "Gale Newman",
            "guardian_email": address}),
    "whoever registers a practice": Adding(reader="nobody", path="/register/practice/", form=_NAMED),
    "whoever registers a pharmacy": Adding(reader="nobody", path="/register/pharmacy/", form=_NAMED),
}  # fmt: skip


def told(answer: Seen, address: str) -> tuple[object, ...]:
    """All that a page told and the work behind it, but for the ids of what is new."""
    words, location = (_IDENTIFIER.sub("", text).replace(address, "") for text in (answer.words, answer.location))
    return answer.status, words, location, answer.hashed, answer.queries, answer.emails


def by_turns(known: dict[str, str], turn: int) -> dict[str, str]:
    """Nobody's address, and two of the others; in a run of everything all of them."""
    others = [who for who in known if who != "nobody's"]
    chosen = others if amount.EVERYTHING else [others[turn % len(others)], others[(turn + 1) % len(others)]]
    return {who: known[who] for who in (*chosen, "nobody's")}


@pytest.mark.parametrize("name", ADDING)
def test_adding_is_answered_alike_whosever_the_address_is(
    site: SiteFixture, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = ADDING[name]
    reader = site.readers.get(case.reader)

    def add(address: str) -> Seen:
        form = dict(case.form(address)) | {"key": str(uuid4())}
        return seen(monkeypatch, lambda client: send(client, case.path, form), as_(reader))

    nothing_waits()
    add("first@example.org")  # what is looked up once, and remembered
    answers = {who: told(add(address), address) for who, address in by_turns(accounts(), [*ADDING].index(name)).items()}
    assert answers["nobody's"][0] == case.status
    for who, answer in answers.items():
        assert answer == answers["nobody's"], who


@pytest.mark.parametrize("name", ["a designee", "a colleague", "an officer"])
def test_page_after_adding_shows_the_same_whosever_the_address_is(site: SiteFixture, name: str) -> None:
    case, pages = ADDING[name], set()
    for who in ("patient", "other pharmacist", "guardian", "nobody"):
        address = site.readers[who].email if who != "nobody" else "nobody@example.org"
        client = as_(site.readers[case.reader])
        done = client.post(case.path, dict(case.form(address)) | {"key": str(uuid4())}, follow=True)
        page = done.content.decode()
        pages.add("Link not opened yet" in page)
        added = User.objects.get(invited_email=address)
        assert added.email == ""
        if name != "an officer":
            assert "We sent a link to that address." in page
    assert pages == {True}


# --- the letter -----------------------------------------------------------------------------------
def _added(site: SiteFixture, role: str, address: str) -> User:
    """Somebody who was added by that address; an officer is opened by a second one."""
    by = {DESIGNEE: "prescriber", PHARMACIST: "pharmacist", OFFICER: "officer"}[role]
    actor, at = actor_of(site.readers[by]), now()
    if role == DESIGNEE:
        return people.add_designee(
            prescriber=site.prescriber, name="New One", email=address, by=actor, at=at, key=uuid4()
        ).user
    if role == PHARMACIST:
        return people.add_pharmacist(
            pharmacy=site.pharmacy, name="New One", email=address, by=actor, at=at, key=uuid4()
        ).user
    made = User.objects.get(pk=people.add_officer(name="New One", email=address, by=actor, at=at, key=uuid4()))
    people.reactivate(account=made, by=actor_of(site.readers["second officer"]), at=at, key=uuid4())
    return User.objects.get(pk=made.pk)


@pytest.mark.parametrize("role", [DESIGNEE, PHARMACIST, OFFICER])
def test_only_the_letter_says_whether_the_address_has_an_account(
    site: SiteFixture, role: str, mailoutbox: list[EmailMessage]
) -> None:
    nothing_waits()
    for who, address in accounts().items():
        _added(site, role, address)
        outbox.deliver(at=now())
        (body,) = [str(letter.body) for letter in mailoutbox if letter.to == [address]]
        assert ("has an account already" in body) is (who != "nobody's"), who
        assert ("/set-password/" in body) is (who == "nobody's"), who
        if who != "nobody's":
            assert "wanted to add you" in body
            assert "another address" in body


# --- whose the address is -------------------------------------------------------------------------
@pytest.mark.parametrize("role", [DESIGNEE, PHARMACIST, OFFICER])
def test_address_is_taken_when_its_owner_opens_the_link_and_not_before(site: SiteFixture, role: str) -> None:
    user = _added(site, role, "robin@example.org")
    assert not User.objects.filter(email="robin@example.org").exists()
    path = f"/set-password/{set_password_link.make_token(user)}/"
    assert "password1" in Client().get(path).content.decode()
    assert not User.objects.filter(email="robin@example.org").exists(), "looking at the page uses nothing up"
    client = Client()
    assert send(client, path, {"password1": PASSWORD, "key": str(uuid4())}).status_code == 302
    assert User.objects.get(email="robin@example.org").pk == user.pk
    assert client.post("/account/login/", {"login": "robin@example.org", "password": PASSWORD}).status_code == 302
    assert client.session["_auth_user_id"] == str(user.pk) or "account_login" in client.session


@pytest.mark.parametrize("role", [DESIGNEE, PHARMACIST, OFFICER])
def test_somebody_who_was_added_keeps_nobody_from_the_address(site: SiteFixture, role: str) -> None:
    """Added by a stranger, an invited patient opens their own account, and somebody else registers."""
    _added(site, role, site.invited.email)
    form = {"born_on": f"{site.invited.born_on:%m/%d/%Y}", "password1": PASSWORD, "key": str(uuid4())}
    assert send(Client(), f"/invitation/{site.own_invitation}/", form).status_code == 302
    assert User.objects.get(email=site.invited.email).patients.get() == site.invited
    _added(site, role, "new@example.org")
    assert "password1" in Client().get(factories.registration("practice", "new@example.org")).content.decode()


@pytest.mark.parametrize("role", [DESIGNEE, PHARMACIST, OFFICER])
def test_link_to_an_address_that_has_an_account_by_now_opens_nothing_and_says_so(site: SiteFixture, role: str) -> None:
    user = _added(site, role, site.readers["guardian"].email)
    path, records = f"/set-password/{set_password_link.make_token(user)}/", LogRecord.objects.count()
    for answer in (Client().get(path), send(Client(), path, {"password1": PASSWORD, "key": str(uuid4())})):
        page = answer.content.decode()
        assert "This address has an account" in page
        assert "password1" not in page
    user.refresh_from_db()
    assert (user.email, user.has_usable_password(), LogRecord.objects.count()) == ("", False, records)


@pytest.mark.parametrize("role", [DESIGNEE, PHARMACIST, OFFICER])
def test_nobody_signs_in_or_is_written_to_before_the_link_was_opened(
    site: SiteFixture, role: str, mailoutbox: list[EmailMessage]
) -> None:
    nothing_waits()
    user = _added(site, role, "robin@example.org")
    for login in ("", "robin@example.org"):
        client = Client()
        client.post("/account/login/", {"login": login, "password": PASSWORD})
        assert "_auth_user_id" not in client.session
    user.refresh_from_db()
    assert user.failed_attempts == 0
    Client().post("/account/password/reset/", {"email": "robin@example.org", "key": str(uuid4())})
    outbox.deliver(at=now())
    bodies = [str(letter.body) for letter in mailoutbox if letter.to == ["robin@example.org"]]
    assert not any("password/reset/key" in body for body in bodies)


def test_password_is_not_made_of_the_address_to_which_the_link_went(site: SiteFixture) -> None:
    user = _added(site, DESIGNEE, "robin.hale.longname@example.org")
    path = f"/set-password/{set_password_link.make_token(user)}/"
    answer = send(Client(), path, {"password1": "robin.hale.longname", "key": str(uuid4())})
    assert answer.status_code == 422
    assert "robin.hale.longname" not in User.objects.values_list("email", flat=True)


def test_guardian_who_has_an_account_is_told_by_the_link_alone(site: SiteFixture) -> None:
    """The page for enrolling says nothing of it: whoever opens the link in that mailbox is asked to sign in."""
    invitation = Invitation.objects.get(guardian=site.invited_guardian)
    site.invited_guardian.email = site.readers["other guardian"].email
    site.invited_guardian.save()
    form = {"born_on": f"{site.invited.born_on:%m/%d/%Y}", "password1": PASSWORD, "key": str(uuid4())}
    answer = send(Client(), f"/invitation/{site.guardian_invitation}/", form)
    assert "There is an account with your address already." in answer.content.decode()
    assert Invitation.objects.get(pk=invitation.pk).accepted_at is None
