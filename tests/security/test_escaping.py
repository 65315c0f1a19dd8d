"""Whatever anybody types stands on every page as letters: no tag, no attribute, no template comes of it.

That a name stands in a signed PDF as letters: `tests/compliance/signing/test_pdf.py`. What is typed into each field:
`test_forms.py`.
"""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from uuid import uuid4

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import LazySettings
from django.core.mail import EmailMultiAlternatives
from django.test import Client, override_settings
from django.utils.html import escape

import outbox
from accounts.models import User
from ledger.clock import now
from ledger.models import ErasableText
from outbox.models import CapturedEmail
from tests import factories
from tests.accounts.passkey import Passkey
from tests.accounts.test_view_roles import EVERY
from tests.clocks import Clock
from tests.conftest import RestoreSnapshot
from tests.databases import Snapshot
from tests.factories import PASSWORD, as_
from tests.histories import METHODS
from tests.mailbox import emails

from .addresses import ROLE, ROWS
from .fixtures import AT, Names, SiteFixture
from .reading import send
from .writes import undone

#: Out of an attribute of either sort, into a tag, and a template's braces.
MARK = """\"'><i id=x1>{{7}}&lt"""
#: What comes before the mark on the pages of each reader: the free texts that the pages above are looked at for.
SHOWN = {
    "nobody": "Typed",
    "prescriber": "Ana Guardian Lindgren Mina Mora Practice Reason Robin Safeguard Sought Typed",
    "delegate": "Ana Guardian Lindgren Mina Mora Practice Reason Robin Safeguard Sought Typed",
    "other prescriber": "Practice Robin Sought Typed",
    "designee": "Ana Guardian Lindgren Mina Mora Practice Reason Robin Safeguard Sought Typed",
    "patient": "Key Pharmacy Practice Robin Typed",
    "guardian": "Mina Practice Robin Typed",
    "pharmacist": "Pharmacy Robin Typed",
    "officer": "Ana Body Email Fault Lindgren Mina Mora Pharmacy Practice Reader Robin Typed",
}


class Tags(HTMLParser):
    """What a browser makes of a page: nothing of the mark may become a tag or an attribute."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        odd = [name for name, value in attrs if value == "x1" or re.search(r"[\"'<>{}]", name)]
        if odd:
            self.wrong.append(f"<{tag} {odd}>")


def built(_: object) -> SiteFixture:
    """A site in which everything that can be typed bears the mark."""
    with override_settings(EMAIL_BACKEND="outbox.mail.PageBackend"):
        site = SiteFixture(Names(MARK))
        sign(site)
        patient = site.readers["patient"]
        registration = Passkey("testserver").registration() | {"name": f"Key{MARK}"}
        Authenticator.objects.create(user=patient, type=Authenticator.Type.WEBAUTHN, data=registration)
        UserSession.objects.filter(user=patient).update(user_agent=f"Device{MARK}")
        link = f"Body{MARK} https://clearfill.example/{MARK}"
        CapturedEmail.objects.create(message_id=str(uuid4()), to=f"Reader{MARK}", subject=f"Email{MARK}", body=link)
        message = outbox.models.Message(key="x", kind="account", subject=None, data={}, due_at=now())
        outbox.enqueue([message], at=now())
        outbox.models.Message.objects.filter(key="x").update(last_error=f"Fault{MARK}"[:64])
    return site


ESCAPING = Snapshot("escaping", built, at=AT)


@pytest.fixture
def _marked(shared_snapshot: RestoreSnapshot) -> SiteFixture:
    site: SiteFixture = shared_snapshot(ESCAPING)
    return site


@pytest.fixture
def marked(_marked: SiteFixture, db: None, settings: LazySettings) -> SiteFixture:
    """It, and e-mails that are kept for the page that shows them."""
    settings.EMAIL_BACKEND = "outbox.mail.PageBackend"
    return _marked


def sign(site: SiteFixture) -> None:
    """Free texts that are typed into signed and unsigned entries."""
    own = site.readers["patient"]
    ticks = factories.ticks("monthly-patient")
    month: dict[str, Any] = signature(own) | ticks | {"methods": list(METHODS), "key": str(uuid4())}
    assert send(as_(own), "/patient/methods/", month).status_code == 302
    doctor = site.readers["prescriber"]
    patient, client = f"/prescriber/patients/{site.patient.pk}/", as_(doctor)
    client.get(patient)  # an access, which the patient sees with the practice's name
    safeguard = {"permitted": "yes", "safeguard": f"Safeguard{MARK}"}
    reason = {"reason": f"Reason{MARK}"}
    for path, form in (
        ("home-testing/", safeguard | signature(doctor) | factories.ticks("permitting-home-tests")),
        (
            "birth-date/",
            reason | {"born_on": "04/03/2001"} | signature(doctor) | factories.ticks("correcting-birth-date"),
        ),
        (f"void/{site.voidable}/", reason | signature(doctor) | factories.ticks("striking")),
    ):
        assert send(client, patient + path, form | {"key": str(uuid4())}).status_code == 302, path


def signature(user: User) -> dict[str, str]:
    """The fields of a signature of that person, printed name with the mark."""
    return {"signer_password": PASSWORD}


#: What is typed into every field of forms that are then shown again, for want of something else.
TYPED = dict.fromkeys((
    "q", "reason", "safeguard", "name", "given_name", "family_name", "guardian_name", "practice_name", "pharmacy_name",
    "address", "phone", "email", "npi", "born_on", "number", "first", "second", "login", "days_supply",
    "collected_on", "visit_on", "key", "version_token", "methods", "category", "answer",
), f"Typed{MARK}")  # fmt: skip


def pages(site: SiteFixture, reader: str) -> Iterator[tuple[str, str]]:
    """Every page that the reader is shown, by its address; and every form as it comes back."""
    client = as_(site.readers.get(reader))
    if ROLE.get(reader) in ("prescriber", "designee"):
        yield "/prescriber/", client.post("/prescriber/", {"q": f"Sought{MARK}"}, follow=True).content.decode()
        yield "a minor", client.get(f"/prescriber/patients/{site.minor.pk}/").content.decode()
    shown = [(row.path(site), row.expected(reader)) for row in ROWS]
    if reader in ("nobody", "patient"):
        shown += [(place.path(), (200, 200)) for place in EVERY if place.theirs and "log" not in place.name]
    for path, expected in shown:
        if expected[0] == 200 and (answer := client.get(path))["Content-Type"].startswith("text/html"):
            yield path, answer.content.decode()
        if expected[1] in (200, 422):
            with undone():
                yield path, client.post(path, TYPED).content.decode()


@pytest.mark.parametrize("reader", SHOWN)
def test_no_page_makes_more_of_it_than_letters(marked: SiteFixture, reader: str, settings: LazySettings) -> None:
    settings.DEMO = True  # Captured letters are shown nowhere else.
    wrong: list[tuple[str, str]] = []
    seen: set[str] = set()
    for path, page in pages(marked, reader):
        seen |= set(re.findall(rf"([A-Z][a-z]+)\d*{re.escape(escape(MARK)[:20])}", page))
        wrong += [(path, fault) for fault in faults(page)]
    assert wrong == []
    assert seen == set(SHOWN[reader].split())


def faults(page: str) -> Iterator[str]:
    """What is wrong with a page."""
    yield from Tags(page).wrong
    if "<i id=x1" in page:
        yield "as it was typed"
    if "&amp;lt;i id" in page or "&amp;#x27;" in page:
        yield "escaped twice"


def test_what_is_sealed_is_kept_as_it_was_typed(marked: SiteFixture) -> None:
    """Escaping is for the page: the text itself is whole."""
    kept = set(ErasableText.objects.values_list("text", flat=True))
    assert {f"Reason{MARK}", f"Safeguard{MARK}"} <= kept


def test_emails_are_plain_text_and_the_same_words_in_html(
    marked: SiteFixture, settings: LazySettings, clock: Clock
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    clock.forward(minutes=1)
    Client().post("/account/password/reset/", {"email": factories.account("patient", password=PASSWORD).email})
    assert len(emails()) > 3
    for email in emails():
        assert email.content_subtype == "plain"
        assert isinstance(email, EmailMultiAlternatives)
        ((content, kind),) = email.alternatives
        html = str(content)
        assert kind == "text/html"
        assert MARK not in f"{email.subject}{email.body}{html}"
        assert not list(faults(html))
