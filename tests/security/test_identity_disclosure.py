"""Disclosure: names stand, escaped, on the pages of the people concerned, and nowhere else.

Everybody and everything in the site has a mark in its name; every page of every reader is opened and searched.
"""

import html
import logging
import re
from collections.abc import Iterator
from functools import partial

import pytest
from django.core.mail import EmailMessage
from django.test import Client

import outbox
from compliance.words.notices import FORBIDDEN
from config.logs import formatter
from notifications.rendering import harmless_name, harmless_phone
from outbox.models import Message
from patients.models import Prescriber
from tests.conftest import RestoreSnapshot
from tests.databases import Snapshot
from tests.factories import as_

from .addresses import ROWS
from .fixtures import AT, READERS, Names, SiteFixture, built
from .reading import Page

MARK = "Zqxjw<b>&\"'7"
#: What may stand in no address, title, line of a log, count or e-mail.
HEALTH = r"negative|positive|indeterminate|pregnan|condom|vasectomy|combined.pill|steriliz|isotretinoin|accutane|rems\b"
PERSON = r"@example\.org|Zqxjw|Lindgren|2001-04-0|04/02/2001|2011-02-0|\+1212555"
#: Addresses of ours that are words of the program and not about anybody: which page, which text.
SAYS_WHICH_PAGE = re.compile(r"/(pregnan\w+|methods|birth-date|birth-defects)(?=/|$)|/static/.*")


IDENTITIES = Snapshot("identities", partial(built, Names(MARK)), at=AT)


@pytest.fixture
def _marked(shared_snapshot: RestoreSnapshot) -> SiteFixture:
    site: SiteFixture = shared_snapshot(IDENTITIES)
    return site


@pytest.fixture
def marked(_marked: SiteFixture, db: None) -> SiteFixture:
    """A site in which everybody and everything has the mark in its name."""
    return _marked


def pages(client: Client, site: SiteFixture, reader: str) -> Iterator[tuple[str, str]]:
    """Every page that the reader may open: its address, and what stands there."""
    for row in ROWS:
        if row.expected(reader)[0] == 200:
            path = row.path(site)
            answer = client.get(path)
            if "html" in answer["Content-Type"]:
                yield path, answer.content.decode()


@pytest.mark.parametrize("reader", READERS)
def test_addresses_titles_and_logs(marked: SiteFixture, reader: str, caplog: pytest.LogCaptureFixture) -> None:
    client, wrong, shown = as_(marked.readers.get(reader)), [], 0
    with caplog.at_level(logging.DEBUG):
        for path, text in pages(client, marked, reader):
            page = Page(path, text)
            # A number to be called is dialled, and sent to no server.
            asked = [address for address in page.addresses if not address.startswith("tel:")]
            where = " ".join(SAYS_WHICH_PAGE.sub("", address) for address in (path, *asked))
            wrong += [(path, found) for found in re.findall(f"(?i){PERSON}|{HEALTH}", where)]
            wrong += [(path, found) for found in re.findall(f"(?i){PERSON}|negative|positive", page.title)]
            shown += text.count(html.escape(MARK))
            wrong += [(path, "not escaped")] * (MARK in text or "Zqxjw<" in text)
    assert not wrong
    assert shown > 0 or reader == "nobody", "the mark is seen nowhere: nothing was searched"
    written = formatter()
    lines = [
        SAYS_WHICH_PAGE.sub("", written.format(line)) for line in caplog.records if line.name != "django.db.backends"
    ]
    assert [line for line in lines if re.search(f"(?i){PERSON}", line)] == []


def test_emails(marked: SiteFixture, mailoutbox: list[EmailMessage]) -> None:
    Message.objects.update(next_attempt_at=marked.at, due_at=marked.at)
    assert outbox.deliver(at=marked.at) == len(mailoutbox) > 0
    # A message to a patient names the practice and its telephone, whatever they are, in one line.
    lines = [
        f"\n{line}: {harmless_name(practice_name)}, {word} {harmless_phone(phone)}"
        for practice_name, phone in Prescriber.objects.values_list("practice_name", "phone")
        for line, word in (("Your practice", "phone"), ("Su consulta", "teléfono"))
    ]
    for email in mailoutbox:
        text = f"{email.subject} {email.body}"
        for line in lines:
            text = text.replace(line, "")
        assert not re.search(f"(?i){PERSON}|{HEALTH}", text), email.subject
        assert not [word for word in FORBIDDEN if word in re.sub(r"http\S+", "", text).lower()]
        assert "\n" not in email.subject


def test_counts(marked: SiteFixture) -> None:
    for reader in ("prescriber", "patient", "pharmacist", "officer"):
        list(pages(as_(marked.readers[reader]), marked, reader))
    text = Client().get("/metrics").content.decode()
    assert "clearfill_" in text
    for person in (marked.patient, marked.minor):
        assert str(person.pk) not in text
        assert person.number not in text
    samples = " ".join(line for line in text.splitlines() if not line.startswith("#"))
    assert not re.search(f"(?i){PERSON}|isotretinoin", samples)
