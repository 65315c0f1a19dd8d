"""What must not grow with the number of patients, beside the sweep: `bin/bench scale`.

Each size has servers of its own. Two processes sweep a day's reminders. A checkpoint, the export of one patient and the
check of all logs each run in a process of its own, with its time and memory. The counter is asked without a sweep and
beside two processes that sweep on and on. The office's pages are asked for one after the other (`office`).
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import Executor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread

from devtools.bench import office
from devtools.bench.apart import run_apart
from devtools.bench.client import run
from devtools.bench.reminders import PROCESSES, a_day, after_a_night, line, swept
from devtools.bench.run import JSON, PASSWORD, answer_of, asks_of, server, session_of

SIZES = (10_000, 100_000)
#: Patients whom the counter is asked about, beside all others: more than it answers for in a second.
A_SECOND = 300


def main() -> int:
    """Print the figures of each size."""
    parser = argparse.ArgumentParser(prog="bin/bench scale")
    parser.add_argument("--patients", type=int, help="measure this size alone")
    parser.add_argument("--seconds", type=float, default=10.0, help="so long the counter is asked each time")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--part", choices=PARTS, help=argparse.SUPPRESS)
    options = parser.parse_args(sys.argv[2:] if sys.argv[1:2] == ["scale"] else None)
    if options.part:
        _part(options.part)
    elif options.inside:
        _measured(options.patients, options.seconds)
    else:
        for size in [options.patients] if options.patients else SIZES:
            _of_size(size, options.seconds)
    return 0


def _of_size(size: int, seconds: float) -> None:
    """Measure that size in a process of its own."""
    run_apart(__spec__.name, str(size), "--inside", "--patients", str(size), "--seconds", str(seconds))


def _measured(size: int, seconds: float) -> None:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from devtools.bench.bulk import seed_many
    from ledger.models import LogRecord

    now = datetime.now(UTC)
    seeding = seed_many(size, now, processes=PROCESSES)
    after_a_night()
    print(f"{size:,} patients, {LogRecord.objects.count():,} records, seeded in {seeding:.0f} s", flush=True)
    print(f"a day's reminders: {line(a_day(now))}", flush=True)
    kept = os.environ | {"CHECKPOINT_FOLDER": tempfile.mkdtemp()}
    for name in PARTS:
        if name == LONGEST:
            _counter(seconds)
            office.measure(seconds)
        subprocess.run([sys.executable, "-m", __spec__.name, "--part", name], env=kept, check=True)


# --- one part, in this process ------------------------------------------------------------------------


def _part(name: str) -> None:
    import django

    django.setup()
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
    begun, cpu = time.monotonic(), time.process_time()
    what = PARTS[name]()
    took = time.monotonic() - begun
    memory = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) // 1024
    print(f"{name}: {took:.1f} s, {time.process_time() - cpu:.1f} s of processor here, {memory} MB at most ({what})")


def _checkpoint() -> str:
    from compliance.commands.checkpoints import publish
    from ledger.clock import now

    made = publish(at=now())
    return f"number {made.number}, {made.leaves:,} logs"


def _export() -> str:
    from django.core.management import call_command

    from patients.models import Patient

    with tempfile.TemporaryDirectory() as folder:
        to = Path(folder) / "bundle"
        patient = Patient.objects.order_by("pk")[0]
        call_command("export_record", str(patient.pk), "--to", str(to), stdout=sys.stderr)
        return f"{sum(1 for _file in to.rglob('*'))} files"


def _verify() -> str:
    from compliance.verification.check import problems_in_processes
    from ledger.clock import now
    from ledger.verify import count

    found = sum(1 for _problem in problems_in_processes(PROCESSES, at=now()))
    logs, records = count()
    return f"{logs:,} logs, {records:,} records in {PROCESSES} processes, {found:,} problems: nobody signed the cohort"


#: In this order: a first checkpoint writes every head, a second one those that changed.
LONGEST = "verify_log"
PARTS: dict[str, Callable[[], str]] = {
    "first checkpoint": _checkpoint, "second checkpoint": _checkpoint, "export of one patient": _export,
    LONGEST: _verify,
}  # fmt: skip


# --- the counter, without a sweep and beside one ------------------------------------------------------


def _counter(seconds: float) -> None:
    from devtools.bench.seeding import seed
    from ledger.processes import call, pool

    now = datetime.now(UTC)
    seeded = seed(2 * round(A_SECOND * (seconds + 1)), now, PASSWORD)
    sessions = [session_of(user) for user in seeded.pharmacists[:1]]
    asks = asks_of(seeded.yes, seeded.no)
    with server() as port, pool(PROCESSES) as workers:
        for one in [workers.submit(call, "devtools.bench.reminders", swept.__name__, now) for _ in range(PROCESSES)]:
            one.result()
        run(port, sessions, asks, 2, answer_of, JSON)
        alone = run(port, sessions, asks, seconds, answer_of, JSON)
        print(f"counter without a sweep:  {alone.line()}", flush=True)
        over, due = Event(), [0]
        sweeping = Thread(target=_sweep_on, args=(workers, now, over, due))
        sweeping.start()
        beside = run(port, sessions, asks, seconds, answer_of, JSON)
        over.set()
        sweeping.join()
    ratio = beside.percentile(0.99) / alone.percentile(0.99)
    print(f"counter beside a sweep:   {beside.line()}   p99 {ratio:.1f} times that without, {due[0]:,} rows swept")


def _sweep_on(workers: Executor, now: datetime, over: Event, due: list[int]) -> None:
    """Two processes sweep the rows of one day after the other: never does the counter have a pause."""
    from ledger.processes import call

    day = 0
    while not over.is_set():
        day += 1
        at = now + timedelta(days=day)
        sweeps = [workers.submit(call, "devtools.bench.reminders", swept.__name__, at) for _ in range(PROCESSES)]
        due[0] += sum(int(one.result()["done"]) for one in sweeps)


if __name__ == "__main__":
    sys.exit(main())
