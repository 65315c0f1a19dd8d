"""A practice's worklist of thousands of patients, beside the same server's empty page: `bin/bench worklist`."""

import argparse
import itertools
import sys
from collections.abc import Iterator
from datetime import UTC, datetime

from devtools.bench.apart import run_apart
from devtools.bench.client import run
from devtools.bench.reminders import PROCESSES, after_a_night
from devtools.bench.run import server, session_of

#: The list as it opens, what the reader can do now, and one stage.
PATHS = ("/prescriber/", "/prescriber/?mine=1", "/prescriber/?stage=between-fills")


def main() -> int:
    """Print how long each list takes, and the empty page."""
    parser = argparse.ArgumentParser(prog="bin/bench worklist")
    parser.add_argument("--patients", type=int, default=5_000, help="patients of the one practice")
    parser.add_argument("--seconds", type=float, default=5.0, help="so long each page is asked for")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(sys.argv[2:] if sys.argv[1:2] == ["worklist"] else None)
    if options.inside:
        _measured(options.patients, options.seconds)
        return 0
    sizes = ("--patients", str(options.patients), "--seconds", str(options.seconds))
    run_apart(__spec__.name, "worklist", "--inside", *sizes)
    return 0


def _measured(patients: int, seconds: float) -> None:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from devtools.bench.bulk import seed_many
    from patients.models import Patient, Prescriber

    seed_many(patients, datetime.now(UTC), processes=PROCESSES)
    doctor = Prescriber.objects.select_related("user").order_by("pk")[0]
    # The list reads columns and statuses alone, and all are to be of one practice.
    Patient.objects.update(prescriber=doctor)
    after_a_night()
    session = session_of(doctor.user)
    with server() as port:
        for path in ("/health/signed-in", *PATHS):
            run(port, [session], _pages(path), 1, _status)
            print(f"{path:40} {run(port, [session], _pages(path), seconds, _status).line()}", flush=True)


def _pages(path: str) -> Iterator[tuple[str, None]]:
    return itertools.repeat((path, None))


def _status(status: int, body: str) -> str:
    return str(status)


if __name__ == "__main__":
    sys.exit(main())
