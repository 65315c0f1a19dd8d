"""The zone of an account: what its owner's browser tells, once signed in; written where it differs, nowhere else."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.zones import remember, zone_of
from ledger.models import LogRecord
from tests import factories

pytestmark = pytest.mark.django_db

#: What the browser tells, and what is kept of it beside an account that has Europe/Madrid.
TOLD = {
    "another zone": ("Pacific/Auckland", "Pacific/Auckland"),
    "one of three parts": ("America/Argentina/Ushuaia", "America/Argentina/Ushuaia"),
    "the same": ("Europe/Madrid", "Europe/Madrid"),
    "nothing": ("", "Europe/Madrid"),
    "no zone": ("Mars/Olympus", "Europe/Madrid"),
    "a path": ("../../etc/passwd", "Europe/Madrid"),
    "far too much": ("Europe/" + "x" * 200, "Europe/Madrid"),
}


def client_of(user: User, told: str) -> Client:
    client = factories.as_(user)
    client.cookies["__Host-zone"] = told
    return client


@pytest.mark.parametrize("name", TOLD)
def test_the_zone_of_the_owners_browser_is_kept(name: str) -> None:
    told, kept = TOLD[name]
    user = factories.account("patient")
    User.objects.filter(pk=user.pk).update(zone="Europe/Madrid")
    client_of(user, told).get("/patient/")
    user.refresh_from_db()
    assert user.zone == kept
    assert str(zone_of(user)) == kept


def test_it_is_written_once_and_only_where_it_differs() -> None:
    user = factories.account("patient")
    client = client_of(user, "America/Chicago")
    writes = []
    for _ in range(3):
        with CaptureQueriesContext(connection) as done:
            client.get("/patient/")
        writes.append(sum('SET "zone"' in one["sql"] for one in done.captured_queries))
    assert writes == [1, 0, 0]
    assert not remember(User.objects.get(pk=user.pk), "America/Chicago")


def test_nobody_who_is_not_signed_in_writes_a_zone_and_nothing_stands_in_the_log() -> None:
    user, before = factories.account("patient"), LogRecord.objects.count()
    client = Client()
    client.cookies["__Host-zone"] = "America/Chicago"
    client.get("/")
    assert not User.objects.exclude(zone="").exists()
    client_of(user, "America/Chicago").get("/patient/")
    assert LogRecord.objects.count() == before


def test_an_account_without_a_zone_has_none_and_the_database_takes_no_nonsense() -> None:
    user = factories.account("patient")
    assert zone_of(user) is None
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=user.pk).update(zone="../x y")
