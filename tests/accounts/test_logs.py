"""Log lines hold no set-password link and no invitation link."""

import logging
import re

import pytest
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.roles import PATIENT
from config.logs import formatter
from patients.invitations import make_token
from tests import factories
from tests.mailbox import emails

pytestmark = pytest.mark.django_db


def lines(caplog: pytest.LogCaptureFixture) -> str:
    """The log as it is written."""
    written = formatter()
    return "\n".join(written.format(record) for record in caplog.records)


def test_no_link_that_chooses_a_password(
    client: Client, caplog: pytest.LogCaptureFixture, mailoutbox: list[EmailMessage]
) -> None:
    with caplog.at_level(logging.INFO):
        client.post(reverse("account_reset_password"), {"email": factories.account(PATIENT).email})
        (link,) = re.findall(r"http://\S+", str(emails()[0].body))
        client.get(link, follow=True)
        client.get(link + "elsewhere/")
    assert "password/reset/key/***" in lines(caplog)
    assert link.strip("/").split("-", 2)[2] not in lines(caplog)


def test_no_link_by_which_a_new_account_is_opened(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        client.get(reverse("public:set_password", kwargs={"token": "a-secret"}))
        client.get("/welcome/a-secret/")
        client.get("/register/practice/a-secret/")
        client.post("/register/pharmacy/a-secret/")
        client.get("/calendar/feed/a-secret.ics")
    assert "set-password/***" in lines(caplog)
    assert "welcome/***" in lines(caplog)
    assert "register/practice/***" in lines(caplog)
    assert "register/pharmacy/***" in lines(caplog)
    assert "calendar/feed/***" in lines(caplog)
    assert "a-secret" not in lines(caplog)


def test_no_row_that_the_database_refused(caplog: pytest.LogCaptureFixture) -> None:
    name, email = "Ana\nMora", factories.account(PATIENT).email
    for address, role in ((email, PATIENT), (f"new-{email}", "none")):
        with caplog.at_level(logging.ERROR):
            try:
                with transaction.atomic():
                    User.objects.create_user(email=address, password=None, name=name, role=role)
            except IntegrityError:
                logging.getLogger("django.request").exception("Internal Server Error")
    assert lines(caplog).count("DETAIL: ***") >= 2
    for word in (email, "Ana", "Mora"):
        assert word not in lines(caplog)


def test_no_link_of_an_invitation(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    link = make_token(factories.invitation(factories.patient(factories.prescriber())).id)
    with caplog.at_level(logging.INFO):
        client.get(f"/invitation/{link}/")
        client.get(f"/invitation/{link}/elsewhere/")
    assert "invitation/***" in lines(caplog)
    assert link not in lines(caplog)
    assert link.split(":")[1] not in lines(caplog)
