"""A clock that differs from PostgreSQL's is a fault: no decision."""

from datetime import timedelta

import pytest
from django.test import Client

from accounts.roles import PHARMACIST
from ledger import clock
from ledger.models import LoggedRequest
from tests import factories

FORM = {
    "number": "22222222",
    "born_on": "04/02/2001",
    "days_supply": "30",
    "key": "5e0d6dd8-7b8f-4a53-a42c-4cf0b1d0f2a1",
}


@pytest.mark.django_db
def test_this_machines_clock_is_close_enough() -> None:
    assert clock.now().utcoffset() == timedelta(0)


@pytest.mark.django_db
def test_a_clock_that_is_off_gives_no_decision(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "TOLERANCE", timedelta(seconds=-1))
    with pytest.raises(clock.ClockFault):
        clock.now()
    pharmacist = factories.pharmacist()
    assert pharmacist.user.role == PHARMACIST
    client = Client(raise_request_exception=False)
    factories.sign_in(client, pharmacist.user)
    answer = client.post("/counter/", FORM)
    assert answer.status_code == 503
    assert "No decision. Do not dispense." in answer.content.decode()
    assert not LoggedRequest.objects.exists()
