"""Links that open something reach their recipient by mail, and outside the demo nobody else: no officer reads one."""

import logging
import re
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.mail import EmailMessage
from django.test import Client

import outbox
from config.logs import formatter
from ledger.models import LoggedRequest
from outbox.box import _RENDERERS
from outbox.models import CapturedEmail, Message
from tests import amount, factories
from tests.factories import as_

from .fixtures import SiteFixture
from .reading import next_page
from .walking import pages

KINDS = sorted(_RENDERERS)
#: What opens something to whoever has it, as it stands in a link.
OPENS = re.compile(r"/(?:invitation|set-password|welcome|register/practice|register/pharmacy|reset/key)/([^/\s\"<]+)")


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """As an installation is, which has a mail server."""
    monkeypatch.setattr(settings, "DEMO", False)


def written(kind: str) -> str:
    """A captured e-mail of that kind, its message with a token in its data, and a request in the log; the token."""
    token = f"opens-by-{kind}"
    mail = {"to": "somebody@example.org", "subject": kind, "body": f"http://localhost/invitation/{token}/"}
    CapturedEmail.objects.create(message_id=f"<{kind}@x>", **mail)
    at = factories.AT
    Message.objects.create(
        key=f"test:{kind}",
        kind=kind,
        data={"address": token, "to": token},
        enqueued_at=at,
        due_at=at,
        next_attempt_at=at,
    )
    return token


def whole_list(client: Client, path: str) -> Iterator[str]:
    """Each page of a list, to its end."""
    text = client.get(path).content.decode()
    yield text
    while query := next_page(text):
        text = client.get(path + query).content.decode()
        yield text


@pytest.mark.parametrize("reader", ["officer", "second officer"] if amount.EVERYTHING else ["officer"])
def test_officers_read_no_link_of_any_kind(
    site: SiteFixture, installed: None, mailoutbox: list[EmailMessage], reader: str,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    """What waits, and what was sent, stands on no page and in no line of an officer."""
    tokens, client = {kind: written(kind) for kind in KINDS}, as_(site.readers[reader])
    outbox_pages = list(whole_list(client, "/office/outbox/"))
    unseen = [kind for kind in KINDS if not any(f">{kind}</td>" in text for text in outbox_pages)]
    assert unseen == [], "the message stands on no page: nothing was searched"
    Message.objects.filter(key__startswith="test:").update(dropped_at=site.at)
    Message.objects.filter(dropped_at=None).update(next_attempt_at=site.at, due_at=site.at)
    with caplog.at_level(logging.DEBUG):
        assert outbox.deliver(at=site.at)
        sent = {token for mail in mailoutbox for token in OPENS.findall(str(mail.body))}
        shown = "".join([*outbox_pages, *(text for _path, text in pages(client, site, reader))])
    assert sent
    kept = [str(row) for row in LoggedRequest.objects.values_list("answer", "codes", "records")]
    lines = [formatter().format(line) for line in caplog.records if line.name != "django.db.backends"]
    assert [kind for kind, token in tokens.items() if token in shown] == []
    assert [token for token in sent if token in shown + "".join(kept) + "".join(lines)] == []
    officers = {site.readers["officer"].email, site.readers["second officer"].email}
    assert not [mail for mail in mailoutbox if officers & set(mail.to) and OPENS.search(str(mail.body))]


def test_the_demo_shows_them(site: SiteFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "DEMO", True)
    token = written("invitation")
    assert token in as_(site.readers["officer"]).get("/office/outbox/").content.decode()
