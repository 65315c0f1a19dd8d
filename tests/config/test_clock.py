"""A clock that differs from PostgreSQL's is a fault: no decision."""

import time
from datetime import UTC, datetime, timedelta, tzinfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

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
def test_one_comparison_serves_all_readings_of_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "HOLDS", 60.0)
    clock.now()
    with CaptureQueriesContext(connection) as asked:
        assert timedelta(0) < clock.now() - clock.now() + timedelta(seconds=1) <= timedelta(seconds=1)
    assert len(asked) == 0


@pytest.mark.django_db
@pytest.mark.parametrize("step", [timedelta(hours=1), timedelta(seconds=-6)], ids=["set ahead", "set back"])
def test_a_clock_that_was_set_since_is_compared_anew(step: timedelta, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "HOLDS", 60.0)
    clock.now()

    class Stepped(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "Stepped":
            return cls.fromtimestamp((datetime.now(UTC) + step).timestamp(), tz)

    monkeypatch.setattr(clock, "datetime", Stepped)
    with pytest.raises(clock.ClockFault):
        clock.now()


@pytest.mark.django_db
def test_a_comparison_ends_after_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "HOLDS", 0.05)
    clock.now()
    time.sleep(0.06)
    with CaptureQueriesContext(connection) as asked:
        clock.now()
    assert len(asked) == 1


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
