"""A site in which everything that can be typed bears a mark, and what no page may make of it."""

import html
import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.test import override_settings

import outbox
from accounts.models import User
from ledger.clock import now
from outbox.models import CapturedEmail
from tests import factories
from tests.accounts.passkey import Passkey
from tests.databases import Snapshot
from tests.factories import PASSWORD, as_
from tests.histories import METHODS
from tests.spanish import Visible
from tests.web.opened import send

from .fixtures import AT, Names, SiteFixture
from .reading import Page

#: What tells that a text is about somebody.
OF_SOMEBODY = "Zqxjw"
#: Out of an attribute of either sort, into a tag, and a template's braces.
_OUT = """\"'><i id=x1>{{7}}&lt"""
MARK = OF_SOMEBODY + _OUT
_ESCAPED = html.escape(MARK)


def built(_: object) -> SiteFixture:
    """A site in which everything that can be typed bears the mark."""
    with override_settings(EMAIL_BACKEND="outbox.mail.PageBackend"):
        site = SiteFixture(Names(MARK))
        _sign(site)
        patient = site.readers["patient"]
        registration = Passkey("testserver").registration() | {"name": f"Key{MARK}"}
        Authenticator.objects.create(user=patient, type=Authenticator.Type.WEBAUTHN, data=registration)
        UserSession.objects.filter(user=patient).update(user_agent=f"Device{MARK}")
        # An address in a letter is followed, and therefore one on the page that shows it.
        link = f"Body{MARK} https://clearfill.example/{_OUT}"
        CapturedEmail.objects.create(message_id=str(uuid4()), to=f"Reader{MARK}", subject=f"Email{MARK}", body=link)
        message = outbox.models.Message(key="x", kind="account", subject=None, data={}, due_at=now())
        outbox.enqueue([message], at=now())
        outbox.models.Message.objects.filter(key="x").update(last_error=f"Fault{MARK}"[:64])
    return site


MARKED = Snapshot("marked", built, at=AT)


def _sign(site: SiteFixture) -> None:
    """Free texts that are typed into signed and unsigned entries."""
    own = site.readers["patient"]
    ticks = factories.ticks("monthly-patient")
    month: dict[str, Any] = _signature(own) | ticks | {"methods": list(METHODS), "key": str(uuid4())}
    assert send(as_(own), "/patient/methods/", month).status_code == 302
    doctor = site.readers["prescriber"]
    patient, client = f"/prescriber/patients/{site.patient.pk}/", as_(doctor)
    client.get(patient)  # an access, which the patient sees with the practice's name
    safeguard = {"permitted": "yes", "safeguard": f"Safeguard{MARK}"}
    reason = {"reason": f"Reason{MARK}"}
    for path, form in (
        ("home-testing/", safeguard | _signature(doctor) | factories.ticks("permitting-home-tests")),
        (
            "birth-date/",
            reason | {"born_on": "04/03/2001"} | _signature(doctor) | factories.ticks("correcting-birth-date"),
        ),
    ):
        assert send(client, patient + path, form | {"key": str(uuid4())}).status_code == 302, path


def strike(site: SiteFixture) -> None:
    """Void an entry of the patient, with a reason; what hung on it is void too."""
    doctor = site.readers["prescriber"]
    form = _signature(doctor) | factories.ticks("striking") | {"reason": f"Struck{MARK}", "key": str(uuid4())}
    path = f"/prescriber/patients/{site.patient.pk}/void/{site.voidable}/"
    assert send(as_(doctor), path, form).status_code == 302


def _signature(user: User) -> dict[str, str]:
    """The fields of a signature of that person, printed name with the mark."""
    return {"signer_password": PASSWORD}


#: What is typed into every field of forms that are then shown again, for want of something else.
TYPED = dict.fromkeys((
    "q", "reason", "safeguard", "name", "given_name", "family_name", "guardian_name", "practice_name", "pharmacy_name",
    "address", "phone", "email", "npi", "born_on", "number", "first", "second", "login", "days_supply",
    "collected_on", "visit_on", "key", "version_token", "methods", "category", "answer",
), f"Typed{MARK}")  # fmt: skip


class MarkedPage(Page):
    """A page, and what a browser makes of the mark: nothing of it may become a tag or an attribute; and its words."""

    def __init__(self, path: str, text: str) -> None:
        self.text = text
        self.odd: list[str] = []
        self.visible = Visible("")
        super().__init__(path, text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        odd = [name for name, value in attrs if value == "x1" or re.search(r"[\"'<>{}]", name)]
        self.odd += [f"<{tag} {odd}>"] * bool(odd)
        super().handle_starttag(tag, attrs)
        self.visible.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        super().handle_endtag(tag)
        self.visible.handle_endtag(tag)

    def handle_data(self, data: str) -> None:
        super().handle_data(data)
        self.visible.handle_data(data)

    @property
    def marked(self) -> set[str]:
        """The words before the mark: which of the free texts stand here."""
        return set(re.findall(rf"([A-Z][a-z]+)\d*{re.escape(_ESCAPED[:20])}", self.text))

    def faults(self) -> Iterator[str]:
        """What is made of the mark beyond letters."""
        yield from self.odd
        if "<i id=x1" in self.text or MARK in self.text:
            yield "as it was typed"
        if "&amp;lt;i id" in self.text or "&amp;#x27;" in self.text:
            yield "escaped twice"
