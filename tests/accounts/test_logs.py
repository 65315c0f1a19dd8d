"""What a log line never holds: the links by which a password is chosen or an invitation accepted."""

import logging

import pytest
from django.test import Client

from accounts.passwords import choose_password_path
from accounts.roles import PATIENT
from config.logs import formatter
from patients.invitations import token
from tests import people

pytestmark = pytest.mark.django_db


def lines(caplog: pytest.LogCaptureFixture) -> str:
    """The log as it is written."""
    written = formatter()
    return "\n".join(written.format(record) for record in caplog.records)


def test_no_link_that_chooses_a_password(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    path = choose_password_path(people.account(PATIENT))
    secret = path.strip("/").rsplit("/", 1)[1].split("-", 1)[1]
    with caplog.at_level(logging.INFO):
        client.get(path, follow=True)
        client.get(path + "elsewhere/")
    assert "password/reset/key/***" in lines(caplog)
    assert secret not in lines(caplog)


def test_no_link_of_an_invitation(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    link = token(people.invitation(people.patient(people.prescriber())).id)
    with caplog.at_level(logging.INFO):
        client.get(f"/invitation/{link}/")
        client.get(f"/invitation/{link}/elsewhere/")
    assert "invitation/***" in lines(caplog)
    assert link not in lines(caplog)
    assert link.split(":")[1] not in lines(caplog)
