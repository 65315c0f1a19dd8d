"""The watch on statements, by which the other tests say that nothing was written, sees whatever writes."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, transaction

from accounts.models import User
from patients.models import Invitation, Patient

from .world import World
from .writes import sums, watched


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


WRITE: dict[str, Callable[[World], object]] = {
    "a saved row": lambda world: world.patient.save(),
    "a new row": lambda world: Invitation.objects.create(
        patient=world.patient, sent_at=world.at, expires_at=world.at + timedelta(days=1)
    ),
    "rows changed at once": lambda world: User.objects.update(name="x"),
    "rows created at once": lambda world: User.objects.bulk_create([User(email="x@example.org", role="patient")]),
    "rows changed one after the other": lambda world: Patient.objects.bulk_update([world.patient], ["given_name"]),
    "rows deleted": lambda world: Invitation.objects.all().delete(),
    "words in SQL": lambda world: run("update only patients_patient set given_name = 'x'"),
    "a WITH that gives no row": lambda world: run(
        "WITH gone AS (DELETE FROM patients_invitation RETURNING id) SELECT id FROM gone WHERE false"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRITE)
def test_what_writes_is_seen(world: World, name: str) -> None:
    before = sums()
    with watched() as writes:
        WRITE[name](world)
    assert writes
    assert set(writes.tables) >= {table for table, now in sums().items() if now != before[table]}


def rolled_back(world: World) -> None:
    with transaction.atomic():
        world.patient.save()
        transaction.set_rollback(True)


NOTHING: dict[str, Callable[[World], object]] = {
    "a look": lambda world: list(Patient.objects.all()),
    "a lock": lambda world: list(Patient.objects.select_for_update()),
    "what meets no row": lambda world: User.objects.filter(email="nobody").update(name="x"),
    "a savepoint that was rolled back": rolled_back,
    "a word that is a value": lambda world: list(Patient.objects.filter(given_name='UPDATE "patients_patient"')),
}


@pytest.mark.parametrize("name", NOTHING)
def test_what_writes_nothing_is_not(world: World, name: str) -> None:
    with watched() as writes:
        NOTHING[name](world)
    assert writes.tables == []
