"""A line of a digest that its reader may switch off carries the link that its own e-mail would carry."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.test import Client

import outbox
from accounts.models import User
from accounts.roles import DESIGNEE
from compliance.rules.blockers import PRESCRIBER
from compliance.rules.notice import Notice
from compliance.words.digest_lines import LINES
from notifications import preferences, reminders
from notifications.kinds import KINDS
from notifications.preferences import Box
from notifications.recipients import of_user
from notifications.reminders import StillDue
from outbox.channels import EMAIL
from outbox.models import Message
from tests import factories
from tests.histories import NOW, ClinicFactory

pytestmark = pytest.mark.django_db

REQUIRED, OPTIONAL, OTHER = "test-due", "last-dose", "book-ahead"


@pytest.fixture(autouse=True)
def _always_due(monkeypatch: pytest.MonkeyPatch) -> None:
    def still_due(row: Message, *_: Any) -> StillDue:
        until = NOW + timedelta(days=3)
        return StillDue(Notice(row.kind, row.key, row.data["to"], NOW, until, NOW.date(), ""))

    monkeypatch.setattr(reminders, "still_due", still_due)


def digests(clinic: ClinicFactory, *kinds: str) -> dict[str, EmailMultiAlternatives]:
    """The digests of a morning on which these kinds are due, each of another patient, by address."""
    patients = [clinic.ready() for _ in kinds]
    Message.objects.all().delete()
    rows = [
        Message(key=f"{kind}:{uuid4()}", kind=kind, subject=patient.pk, data={"to": PRESCRIBER}, due_at=NOW)
        for kind, patient in zip(kinds, patients, strict=True)
    ]
    outbox.enqueue(rows, at=NOW)
    for hours in (0, 24):
        outbox.deliver(at=NOW + timedelta(hours=hours))
    emails = [email for email in mail.outbox if isinstance(email, EmailMultiAlternatives)]
    return {email.to[0]: email for email in emails}


def ends(email: EmailMultiAlternatives) -> dict[str, str]:
    """Which lines of it can be ended, each with its link."""
    found = re.findall(r"To get no more of “(.+?)” by e-mail, open this link: (\S+)", str(email.body))
    assert all(url in str(email.alternatives[0][0]) for _, url in found)
    return dict(found)


def is_on(user: User, side: str, kind: str) -> bool:
    return bool(preferences.channels(of_user(user), side, KINDS[kind]))


def open_link(url: str) -> None:
    assert Client().post(url[url.index("/", 8) :]).status_code == 200


def test_each_kind_that_may_be_switched_off_has_its_link_once(clinic: ClinicFactory) -> None:
    user = clinic.prescriber.user
    email = digests(clinic, REQUIRED, OPTIONAL, OPTIONAL, OTHER)[user.email]
    links = ends(email)
    assert set(links) == {str(LINES[OPTIONAL]), str(LINES[OTHER])}
    assert str(email.body).count("To get no more of") == 2
    open_link(links[str(LINES[OPTIONAL])])
    assert [is_on(user, PRESCRIBER, kind) for kind in (REQUIRED, OPTIONAL, OTHER)] == [True, False, True]
    assert "List-Unsubscribe" not in email.extra_headers, "one click would end one kind of several"


def test_one_click_ends_what_stands_there_alone(clinic: ClinicFactory) -> None:
    email = digests(clinic, OPTIONAL, OPTIONAL)[clinic.prescriber.user.email]
    (url,) = ends(email).values()
    assert email.extra_headers["List-Unsubscribe"] == f"<{url}>"


def test_what_is_required_has_no_link(clinic: ClinicFactory) -> None:
    email = digests(clinic, REQUIRED)[clinic.prescriber.user.email]
    assert ends(email) == {}
    assert "List-Unsubscribe" not in email.extra_headers


def test_a_designee_may_end_whatever_a_designee_chose(clinic: ClinicFactory) -> None:
    user = factories.designee(clinic.prescriber).user
    preferences.write(user.pk, {Box(DESIGNEE, kind, EMAIL): True for kind in (REQUIRED, OTHER)}, at=NOW)
    email = digests(clinic, REQUIRED, OTHER)[user.email]
    links = ends(email)
    assert set(links) == {str(LINES[REQUIRED]), str(LINES[OTHER])}
    open_link(links[str(LINES[REQUIRED])])
    assert [is_on(user, DESIGNEE, kind) for kind in (REQUIRED, OTHER)] == [False, True]
