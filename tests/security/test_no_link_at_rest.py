"""A link that opens something stands nowhere but in the letter: in no table, no log line, nothing the worker is told.

After each such letter was enqueued, and once more after it was sent, every column of every table is read. What opens
nothing by itself may stand there: the id of an invitation, of an account.
"""

import json
import logging
import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any
from uuid import uuid4

import pytest
from django.core.mail import EmailMessage
from django.db import connection
from django.test import Client

import outbox
from accounts import recovery, registration_link, set_password_link
from accounts.models import User
from accounts.roles import OFFICER
from compliance.commands import invitations, people
from config.logs import formatter
from ledger.clock import now
from outbox import tasks
from patients.invitations import invitation_of_token
from patients.models import Invitation
from patients.people import actor_of
from tests import factories
from tests.factories import as_
from tests.mailbox import nothing_waits

from .fixtures import SiteFixture
from .writes import undone

#: The part of a link that opens something, by where the link leads.
_LINK = re.compile(
    r"/(?:invitation|set-password|register/(?:practice|pharmacy))/(?P<token>[^/\s]+)/"
    r"|/reset/key/[^-/]+-[^-/]+-(?P<hash>[^/\s]+)/"
)


def _invite(site: SiteFixture, guardian: bool = False) -> None:
    invitations.invite(
        patient=site.invited.pk, by=actor_of(site.readers["prescriber"]), at=now(), key=uuid4(),
        guardian=site.invited_guardian.pk if guardian else None,
    )  # fmt: skip


def _officer(site: SiteFixture) -> None:
    first, second = (actor_of(site.readers[name]) for name in ("officer", "second officer"))
    made = people.add_officer(name="N", email="new@example.org", by=first, at=now(), key=uuid4())
    people.reactivate(account=User.objects.get(pk=made), by=second, at=now(), key=uuid4())


def _recovered(site: SiteFixture) -> None:
    account = site.readers["patient"]
    for step, officer in ((recovery.request, "officer"), (recovery.confirm, "second officer")):
        step(account=account, by=actor_of(site.readers[officer]), at=now(), key=uuid4())


def _posts(reader: str, path: str, **form: str) -> Callable[[SiteFixture], object]:
    return lambda site: as_(site.readers.get(reader)).post(path, form | {"key": str(uuid4())})


#: What makes a letter with a link in it.
LETTERS: dict[str, Callable[[SiteFixture], object]] = {
    "an invitation": _invite,
    "a guardian's invitation": lambda site: _invite(site, guardian=True),
    "an added designee": _posts("prescriber", "/prescriber/practice/", name="N", email="new@example.org"),
    "an added colleague": _posts("pharmacist", "/counter/profile/", name="N", email="new@example.org"),
    "an added officer": _officer,
    "an account that two officers recover": _recovered,
    "registering a practice": _posts("nobody", "/register/practice/", email="new@example.org"),
    "registering a pharmacy": _posts("nobody", "/register/pharmacy/", email="new@example.org"),
    "a new password": lambda site: _posts(
        "nobody", "/account/password/reset/", email=site.readers["patient"].email)(site),
}  # fmt: skip


def stored() -> Iterator[tuple[str, str]]:
    """Every text in every column of every table, with the name of its table; also those within JSON."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT to_jsonb(t)::text FROM "{table}" AS t')
            for (row,) in cursor.fetchall():
                yield from ((table, text) for text in _texts(json.loads(row)))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, one in value.items():
            yield from (*_texts(name), *_texts(one))
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, str):
        yield value


def opens(text: str) -> bool:
    """Whether some door takes that text for a link of ours."""
    try:
        email = registration_link.email_of_token(text)
    except registration_link.LinkOver:
        return True
    return any((email, set_password_link.account_of(text), invitation_of_token(text)))


def test_link_stands_in_the_letter_alone(
    site: SiteFixture, mailoutbox: list[EmailMessage], caplog: pytest.LogCaptureFixture
) -> None:
    nothing_waits()
    opening = cache(opens)  # most of what stands in the tables stands there for each letter
    for name, make in LETTERS.items():
        mailoutbox.clear()
        caplog.clear()
        with caplog.at_level(logging.DEBUG), undone():
            make(site)
            waiting = set(stored())
            outbox.deliver(at=now())
            after = set(stored())
            (letter,) = mailoutbox
            link = _LINK.search(str(letter.body))
            assert link is not None, name
            # Signed links name what they open; what nobody else can make is the signature behind it.
            signature = (link["token"] or link["hash"]).rpartition(":")[2]
            assert len(signature) >= 20, name
            for when, texts in (("while it waits", waiting), ("after it was sent", after)):
                found = {table for table, text in texts if signature in text or opening(text)}
                assert found == set(), (name, when)
        lines = "\n".join(formatter().format(record) for record in caplog.records)
        assert signature not in lines, name


def test_walk_finds_a_link_that_stands_in_a_table(site: SiteFixture) -> None:
    """As it stood before: within the data of a message."""
    token = registration_link.make_token("new@example.org")
    messages = [outbox.models.Message(id=uuid4(), key="x", kind="registration", data={"a": [token]}, due_at=now())]
    outbox.enqueue(messages, at=now())
    assert [(table, text) for table, text in stored() if opens(text)] == [("outbox_message", token)]


@pytest.mark.notifies_worker
def test_worker_is_told_that_there_is_something_and_not_what(
    site: SiteFixture, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    told: list[tuple[object, ...]] = []
    monkeypatch.setattr(tasks.deliver, "apply_async", lambda *args, **more: told.append((*args, *more.items())))
    for letter in LETTERS.values():
        monkeypatch.setattr("outbox.box._comes_at", float("-inf"))
        with django_capture_on_commit_callbacks(execute=True):
            letter(site)
    assert told
    assert set(told) == {(("countdown", 0.0),)}


def test_link_of_each_letter_opens_what_it_is_for(site: SiteFixture, mailoutbox: list[EmailMessage]) -> None:
    """The walk above would find nothing either if no letter had a link that works."""
    for name in ("an invitation", "an added designee", "registering a practice", "a new password"):
        nothing_waits()
        mailoutbox.clear()
        LETTERS[name](site)
        outbox.deliver(at=now())
        path = re.findall(r"https?://[^/\s]+(/\S+)", str(mailoutbox[0].body))[0]
        page = Client().get(path, follow=True)
        assert page.status_code == 200, name
        assert "password1" in page.content.decode(), name
    assert Invitation.objects.filter(accepted_at=None).exists()
    assert factories.officer().role == OFFICER
