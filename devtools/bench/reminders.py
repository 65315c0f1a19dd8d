"""A day's due reminders for a large cohort: `bin/bench reminders`.

Each size has servers of its own. Two processes share the sweep of everything that falls due within a day, with all that
belongs to it: reading the logs, working them out anew, writing statuses and messages.
"""

import argparse
import json
import os
import resource
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from devtools import embedded
from devtools.bench.apart import run_apart

SIZES = (10_000, 100_000)
PROCESSES = 2
#: A due row may take so much more processor time among 100,000 than among 10,000: time itself other work has a part in.
MOST_GROWTH = 1.2


def main() -> int:
    """Print the figures of each size; 1 where a due row costs more among many than it may."""
    parser = argparse.ArgumentParser(prog="bin/bench reminders")
    parser.add_argument("--patients", type=int, help="measure this size alone, or beside 10,000 and 100,000 with --all")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--size", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args(sys.argv[2:] if sys.argv[1:2] == ["reminders"] else None)
    if options.size:
        print(json.dumps(_measured(options.size)))
        return 0
    sizes = [*(SIZES if options.all or not options.patients else ()), *([options.patients] if options.patients else [])]
    figures = {size: _of_size(size) for size in dict.fromkeys(sizes)}
    if not set(SIZES) <= figures.keys():
        return 0
    few, many = (figures[size] for size in SIZES)
    growth = many["cost"] / few["cost"]
    work = (many["cpu"] + many["database"]) / (few["cpu"] + few["database"])
    print(f"a due row among 100,000 by one among 10,000: {growth:.2f} of the time, {work:.2f} of the processor time")
    return 1 if work > MOST_GROWTH else 0


def _of_size(size: int) -> dict[str, float]:
    """Measure that size in a process of its own, and print it."""
    answer = run_apart("devtools.bench.reminders", str(size), "--size", str(size), is_read=True)
    figures = json.loads(answer.splitlines()[-1])
    print("{patients:,} patients, {records:,} records, seeded in {seeding:.0f} s: ".format(**figures), end="")
    print(line(figures), flush=True)
    return dict(figures)


def line(figures: dict[str, Any]) -> str:
    """The figures of `a_day` in words."""
    return (
        "{due:,} due rows and {messages:,} messages in {seconds:.1f} s, {cost:.3f} ms a due row ({cpu:.3f} ms of "
        "processor in the worker, {database:.3f} ms in PostgreSQL), {rss} MB a worker at most".format(**figures)
    )


def _measured(size: int) -> dict[str, Any]:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from devtools.bench.bulk import seed_many
    from ledger.models import LogRecord

    now = datetime.now(UTC)
    seeding = seed_many(size, now, processes=PROCESSES)
    after_a_night()
    return {"patients": size, "records": LogRecord.objects.count(), "seeding": seeding} | a_day(now)


def a_day(now: datetime) -> dict[str, Any]:
    """Sweep what falls due within a day of `now`, in two processes: the figures of it."""
    from compliance.models import PatientStatus
    from ledger.processes import call, pool
    from outbox.models import Message

    at = now + timedelta(days=1)
    due, sent = PatientStatus.objects.filter(next_due_at__lte=at).count(), Message.objects.count()
    with pool(PROCESSES) as workers:
        # Each has imported what it needs, as a worker that runs for days.
        for one in [workers.submit(call, "devtools.bench.reminders", swept.__name__, now) for _ in range(PROCESSES)]:
            one.result()
        begun = time.monotonic()
        sweeps = [workers.submit(call, "devtools.bench.reminders", swept.__name__, at) for _ in range(PROCESSES)]
        done = [one.result() for one in sweeps]
        seconds = time.monotonic() - begun
    assert sum(one["done"] for one in done) >= due
    assert not PatientStatus.objects.filter(next_due_at__lte=at).exists()
    return {
        "due": due, "seconds": seconds,
        "messages": Message.objects.count() - sent, "cost": 1000 * seconds / due,
        "cpu": 1000 * sum(one["cpu"] for one in done) / due,
        "database": 1000 * sum(one["database"] for one in done) / due,
        "rss": max(one["rss"] for one in done),
    }  # fmt: skip


def swept(at: datetime) -> dict[str, float]:
    """Sweep in this process: how many were refreshed, the most memory that it had in MB, and seconds of processor.

    `cpu` is this process's, `database` that of PostgreSQL on the other end of its connection.
    """
    from notifications.sweep import sweep

    begun, database = time.process_time(), _seconds_of_backend()
    done = sweep(at=at)
    return {
        "done": done, "rss": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "cpu": time.process_time() - begun, "database": _seconds_of_backend() - database,
    }  # fmt: skip


def _seconds_of_backend() -> float:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        fields = Path(f"/proc/{cursor.fetchone()[0]}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def after_a_night() -> None:
    """What autovacuum has done in an installation by the next morning."""
    import psycopg

    base = Path(os.environ["CLEARFILL_FOLDER"])
    with psycopg.connect(
        host=str(base / "pg"), user=embedded.OWNER, dbname=embedded.DATABASE, autocommit=True
    ) as owner:
        owner.execute("VACUUM (ANALYZE)")
        owner.execute("CHECKPOINT")


if __name__ == "__main__":
    sys.exit(main())
