"""The bench: throughput of the rules, the gate and sign-in on this machine, in one run. `bin/bench` runs it."""

import argparse
import itertools
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from devtools import embedded

JSON = "application/json"
PASSWORD = "a bench pass phrase"
PROCESSES, CONNECTIONS = 2, 8
#: What is compared is measured in so many turns: the machine may be slower a moment later.
TURNS = 4


def main() -> int:
    """Print the figures; 1 when the log is not clean afterwards."""
    parser = argparse.ArgumentParser(prog="bin/bench")
    parser.add_argument("--patients", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=8.0)
    options = parser.parse_args()
    base = embedded.folder(f"bench-{os.getpid()}")
    os.environ |= {"CLEARFILL_FOLDER": str(base), "DJANGO_SETTINGS_MODULE": "config.settings", "LOG_LEVEL": "ERROR"}
    try:
        embedded.ensure_postgres(base)
        embedded.ensure_redis(base)
        return _bench(options.patients, options.seconds)
    finally:
        embedded.stop(base, delete=True)


def _bench(patients: int, seconds: float) -> int:
    import django

    django.setup()
    from django.core.management import call_command

    _pure()
    call_command("migrate", verbosity=0)
    from devtools.bench.reminders import after_a_night
    from devtools.bench.seeding import seed

    begun = time.monotonic()
    seeded = seed(patients, datetime.now(UTC), PASSWORD)
    after_a_night()
    print(f"seeded: {patients} patients of 21 and 20 records in {time.monotonic() - begun:.0f} s")
    with server() as port:
        _http(port, seeded, seconds)
    from ledger.verify import count, verify

    problems = list(verify())
    print("chains: {} logs, {} records, {} problems".format(*count(), len(problems)))
    return 1 if problems else 0


def _pure() -> None:
    """Assessments a second of a log of 60 records, by the rules alone."""
    from compliance.rules.days import Span
    from compliance.rules.gate import assess
    from compliance.rules.programs.isotretinoin_us import ISOTRETINOIN_US
    from compliance.rules.records import Counselled, Entry
    from devtools.bench.seeding import history

    now = datetime.now(UTC)
    story = history("p", "P", "N", now, complete=True)
    extra = [(now - timedelta(days=60), Counselled(now.date() - timedelta(days=60)))] * (60 - len(story))
    dated = sorted([*story, *extra], key=lambda pair: pair[0])
    entries = [Entry(number, at, record) for number, (at, record) in enumerate(dated, 1)]
    spans = {"p": (Span(now.date() - timedelta(days=900), now.date() + timedelta(days=900)),)}
    assert assess(ISOTRETINOIN_US, entries, at=now, prescribers=spans).allowed
    begun, rounds = time.monotonic(), 0
    while time.monotonic() - begun < 2:
        assess(ISOTRETINOIN_US, entries, at=now, prescribers=spans)
        rounds += 1
    print(
        f"pure: {rounds / (time.monotonic() - begun):.0f} assessments a second, log of {len(entries)} records, one core"
    )


def _http(port: int, seeded: object, seconds: float) -> None:
    from devtools.bench.client import Tally, run
    from devtools.bench.seeding import Seeded

    assert isinstance(seeded, Seeded)
    sessions = [session_of(user) for user in seeded.pharmacists]

    def plain(status: int, body: str) -> str:
        return str(status)

    run(port, sessions, _empty(), 1, plain)
    asks = asks_of(seeded.yes, seeded.no)
    kinds: dict[str, Callable[[float], Tally]] = {
        "empty page, signed in": lambda part: run(port, sessions, _empty(), part, plain),
        "gate, JSON, signed in": lambda part: run(port, sessions, asks, part, answer_of, JSON),
        "gate, form, signed in": lambda part: run(port, sessions, asks, part, plain, to_the_end=False),
        "gate, form and answer": lambda part: run(port, sessions, asks, part, answer_of),
    }
    tallies = {name: Tally() for name in kinds}
    for _turn in range(TURNS):
        for name, measure in kinds.items():
            tallies[name] += measure(seconds / TURNS)
    empty = tallies["empty page, signed in"]
    for name, tally in tallies.items():
        ratio = "" if tally is empty else f"   {tally.rate / empty.rate:.2f} of the empty page"
        print(f"{name}:    {tally.line()}{ratio}")
    sign_in = run(port, [""] * CONNECTIONS, _sign_ins(), seconds, plain)
    print(f"sign-in (argon2id):       {sign_in.line()}")
    threading.Thread(target=run, args=(port, [""] * 2, _sign_ins(), seconds, plain), daemon=True).start()
    beside = run(port, sessions, asks, seconds, answer_of, JSON)
    print(f"gate beside sign-ins:     {beside.line()}")


def answer_of(status: int, body: str) -> str:
    if status == 200 and "Yes, dispense" in body:
        return "yes"
    return "no" if status == 200 and "Do not dispense" in body else f"status {status}"


def _empty() -> Iterator[tuple[str, None]]:
    return itertools.repeat(("/health/signed-in", None))


def asks_of(yes: list[str], no: list[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Each patient once, a yes and a no in turn."""
    for number in itertools.chain.from_iterable(zip(yes, no, strict=True)):
        form = {"number": number, "born_on": "04/02/2001", "days_supply": "30", "key": str(uuid4())}
        yield "/counter/", form


def _sign_ins() -> Iterator[tuple[str, dict[str, str]]]:
    for place in itertools.count():
        yield "/account/login/", {"login": f"p{place % 8}@bench.invalid", "password": PASSWORD}


def session_of(user: object) -> str:
    """A session of this person, as signing in makes it."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from accounts.mfa import VERIFIED_KEY
    from accounts.models import User

    assert isinstance(user, User)
    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store[VERIFIED_KEY] = True
    store.create()
    return str(store.session_key)


@contextmanager
def server() -> Iterator[int]:
    """A web server of two processes on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    command = [
        sys.executable, "-m", "gunicorn", "config.wsgi", "-b", f"127.0.0.1:{port}", "-w", str(PROCESSES),
        "--log-level", "error",
    ]  # fmt: skip
    started = subprocess.Popen(command)
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        time.sleep(1)
        yield port
    finally:
        started.terminate()
        started.wait(10)


if __name__ == "__main__":
    sys.exit(main())
