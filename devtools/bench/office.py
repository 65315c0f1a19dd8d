"""The pages of the program office among many patients: `bin/bench office`, and a part of `bin/bench scale`.

Finding by a part of a name, oversight and its lists, cases, the assessment of a year, and the start of a what-if. Each
is asked for, one request after the other, by an officer, beside the same server's empty page.
"""

import argparse
import itertools
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from devtools.bench.apart import run_apart
from devtools.bench.client import FOUND, one, run
from devtools.bench.reminders import PROCESSES, after_a_night
from devtools.bench.run import server, session_of

#: What is looked for: a part that very many names have, a rarer one, one that nobody has, and a whole name.
SOUGHT = ("mar", "kilmarti", "xyz", "Kilmar Banesruti")
PATHS = (
    "/office/", "/office/oversight/", "/office/oversight/enrolled/",
    *(f"/office/oversight/happened/{code}/" for code in (
        "enrolled", "tests", "fills", "days-to-fill", "authorized-at-once", "stops", "asked", "unknown", "lockouts",
    )),
    "/office/oversight/now/mismatch/", "/office/oversight/now/owed/", "/office/oversight/stages/between-fills/",
    "/office/oversight/cases/", "/office/oversight/cases/?state=all", "/office/oversight/assessment/",
    "/office/oversight/what-if/", "/office/oversight/noncompliance/", "/office/oversight/noncompliance/signals/",
    "/office/applications/", "/office/accounts/", "/office/request-log/", "/office/overdue/", "/office/late/",
    "/office/delivery/?channel=email&state=not-arrived", "/office/delivery/?channel=email&state=delivered",
)  # fmt: skip
#: Figures are counted of so many days.
DAYS = 3
#: Of so many patients one has a case: the cohort has none of its own.
ONE_CASE_OF = 500


def main() -> int:
    """Print how long each page takes, and the empty page."""
    parser = argparse.ArgumentParser(prog="bin/bench office")
    parser.add_argument("--patients", type=int, default=20_000, help="patients of the whole program")
    parser.add_argument("--seconds", type=float, default=5.0, help="so long each page is asked for")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(sys.argv[2:] if sys.argv[1:2] == ["office"] else None)
    if options.inside:
        _seeded(options.patients)
        measure(options.seconds)
        return 0
    sizes = ("--patients", str(options.patients), "--seconds", str(options.seconds))
    run_apart(__spec__.name, "office", "--inside", *sizes)
    return 0


def _seeded(patients: int) -> None:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from devtools.bench.bulk import seed_many

    seed_many(patients, datetime.now(UTC), processes=PROCESSES)


def measure(seconds: float) -> None:
    """Count the figures and add cases, then ask for each page for so long. The cohort is there."""
    from accounts.models import User
    from accounts.roles import OFFICER

    begun = time.monotonic()
    counted = _counted()
    took = time.monotonic() - begun
    cases = _with_cases()
    after_a_night()
    print(f"figures of {counted} days counted in {took:.1f} s, {cases:,} cases added", flush=True)
    officer = User(email="officer@bulk.invalid", name="B", opened_as=OFFICER)
    officer.set_unusable_password()
    officer.save()
    session = session_of(officer)
    with server() as port:
        for path in ("/health/signed-in", *PATHS):
            _measured(port, session, path, path, seconds)
        for text in SOUGHT:
            _measured(port, session, f"find {text!r}", _search(port, session, text), seconds)
        print(f"{'start of a what-if':46} {run(port, [session], _started(), seconds, _status).line()}", flush=True)


def _measured(port: int, session: str, name: str, path: str, seconds: float) -> None:
    run(port, [session], _pages(path), 1, _status)
    print(f"{name:46} {run(port, [session], _pages(path), seconds, _status).line()}", flush=True)


def _pages(path: str) -> Iterator[tuple[str, None]]:
    return itertools.repeat((path, None))


def _status(status: int, body: str) -> str:
    return str(status)


def _counted() -> int:
    """The figures as the worker counts them each night, of the last days: each day is a look at the log."""
    from django.db import connection

    from compliance.commands.figures import count_days
    from compliance.models import FigureProgress
    from compliance.records.programs import program_day

    now = datetime.now(UTC)
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
    FigureProgress.objects.update_or_create(id=1, defaults={"last_day": program_day(now - timedelta(days=DAYS))})
    return count_days(at=now)


def _with_cases() -> int:
    """Rows of cases for a share of the patients, for the lists alone: no record says them."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO compliance_pregnancycase (id, patient_id, record, found_at, found_by, phase, outcome, "
            "exposure, cause) "
            "SELECT gen_random_uuid(), id, 1, now() - number * interval '1 minute', 'test', 'during-treatment', "
            "CASE WHEN number %% 3 = 0 THEN 'pending' ELSE 'live-birth' END, 'unknown', 'unknown' "
            "FROM (SELECT id, row_number() OVER (ORDER BY id) AS number FROM patients_patient) AS one "
            "WHERE number %% %s = 0", [ONE_CASE_OF],
        )  # fmt: skip
        return int(cursor.rowcount)


# --- forms ------------------------------------------------------------------------------------------
def _search(port: int, session: str, text: str) -> str:
    """The address of what that text finds: the text itself is posted."""
    status, _body, address = one(port, session, ("/office/find/", {"q": text}), "text/html")
    assert status == FOUND, f"the search was answered by {status}"
    return address


def _started() -> Iterator[tuple[str, dict[str, str]]]:
    """Ask for a what-if of all patients, each time anew. The worker, who is not there, would begin."""
    while True:
        yield "/office/oversight/what-if/", {"edition": "2026", "sample": "0", "key": str(uuid4())}


if __name__ == "__main__":
    sys.exit(main())
