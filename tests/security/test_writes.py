"""The watch on statements, by which the other tests say that nothing was written, sees whatever writes."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, transaction

from accounts.models import User
from patients.models import Invitation, Patient

from .fixtures import SiteFixture
from .writes import sums, watched


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


WRITE: dict[str, Callable[[SiteFixture], object]] = {
    "a saved row": lambda site: site.patient.save(),
    "a new row": lambda site: Invitation.objects.create(
        patient=site.patient, sent_at=site.at, expires_at=site.at + timedelta(days=1)
    ),
    "rows changed at once": lambda site: User.objects.update(name="x"),
    "rows created at once": lambda site: User.objects.bulk_create([User(email="x@example.org", opened_as="patient")]),
    "rows changed one after the other": lambda site: Patient.objects.bulk_update([site.patient], ["given_name"]),
    "rows deleted": lambda site: Invitation.objects.all().delete(),
    "words in SQL": lambda site: run("update only patients_patient set given_name = 'x'"),
    "a WITH that gives no row": lambda site: run(
        "WITH gone AS (DELETE FROM patients_invitation RETURNING id) SELECT id FROM gone WHERE false"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRITE)
def test_what_writes_is_seen(site: SiteFixture, name: str) -> None:
    before = sums()
    with watched() as writes:
        WRITE[name](site)
    assert writes
    assert set(writes.tables) >= {table for table, now in sums().items() if now != before[table]}


def rolled_back(site: SiteFixture) -> None:
    with transaction.atomic():
        site.patient.save()
        transaction.set_rollback(True)


NOTHING: dict[str, Callable[[SiteFixture], object]] = {
    "a query": lambda site: list(Patient.objects.all()),
    "a lock": lambda site: list(Patient.objects.select_for_update()),
    "what meets no row": lambda site: User.objects.filter(email="nobody").update(name="x"),
    "a savepoint that was rolled back": rolled_back,
    "a word that is a value": lambda site: list(Patient.objects.filter(given_name='UPDATE "patients_patient"')),
}


@pytest.mark.parametrize("name", NOTHING)
def test_what_writes_nothing_is_not(site: SiteFixture, name: str) -> None:
    with watched() as writes:
        NOTHING[name](site)
    assert writes.tables == []
