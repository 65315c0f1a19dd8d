"""Readiness: what an installation needs to do all of its work. Each check answers a sentence, or nothing."""

from functools import cache
from typing import Any, cast

import redis
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.loader import MigrationLoader
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from ledger.clock import ClockFault, now
from notifications.worker_health import standstill

DATABASE = "The database does not answer."
MIGRATIONS = "Migrations were not applied: the tables are older than the program."
BROKER = "The queue does not answer."
CLOCK = "The clocks of this machine and of PostgreSQL differ: nothing is decided."

#: For how long it is waited for, connecting and asking: a page waits, too.
_PATIENCE: dict[str, Any] = {"socket_timeout": 0.5, "socket_connect_timeout": 0.5}

#: More tasks than these wait only where no worker takes them.
MANY_TASKS = 500
MANY = "More than {count} tasks wait in the queue: no worker takes them."


def database() -> str:
    """Whether the database answers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, InterfaceError):
        return DATABASE
    return ""


def migrations() -> str:
    """Whether each migration of the program was applied; in a new database none was."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('django_migrations') IS NULL")
        if cursor.fetchone()[0]:
            return MIGRATIONS
        cursor.execute("SELECT app, name FROM django_migrations")
        applied = set(cursor.fetchall())
    return "" if all(one in applied for one in _of_program()) else MIGRATIONS


@cache
def _of_program() -> frozenset[tuple[str, str]]:
    """Every migration of the program; those of a running process do not change."""
    return frozenset(MigrationLoader(None).disk_migrations)


def broker() -> str:
    """Whether the queue answers, within half a second, and somebody takes what is in it."""
    try:
        with redis.Redis.from_url(_address(), retry=Retry(NoBackoff(), 0), **_PATIENCE) as queue:
            count = sum(cast(int, queue.llen(one.name)) for one in settings.CELERY_TASK_QUEUES)
    except (RedisError, OSError):
        return BROKER
    return MANY.format(count=MANY_TASKS) if count > MANY_TASKS else ""


def _address() -> str:
    """The queue's address as its own driver reads it, not Celery's transport."""
    address: str = settings.CELERY_BROKER_URL
    for theirs, own in (("redis+socket://", "unix://"), ("virtual_host=", "db="), ("CERT_REQUIRED", "required")):
        address = address.replace(theirs, own)
    return address


def clock() -> str:
    """Whether the clocks of this machine and of PostgreSQL agree."""
    try:
        now()
    except ClockFault:
        return CLOCK
    return ""


def unready() -> list[str]:
    """All that is missing, each in a sentence that names nobody; nothing where all is well."""
    if said := database():
        return [said, *filter(None, [broker()])]
    found = [said for said in (migrations(), broker(), clock()) if said]
    return found if MIGRATIONS in found or CLOCK in found else found + standstill(now())
