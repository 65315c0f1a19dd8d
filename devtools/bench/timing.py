"""What time tells of an address: known and unknown ones tried in turn at each door. `bin/bench-timing` runs it.

Asked within this process, without a network between: an attacker measures the same through more noise.
"""

import argparse
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from math import erfc, sqrt
from uuid import uuid4

from devtools import embedded

PASSWORD = "a bench pass phrase"
#: More right guesses than this, of who has an account, and a door is told to be leaking.
MOST_RIGHT = 0.55
WARMING = 10


@dataclass(frozen=True, slots=True)
class Compared:
    """Seconds that each try took, for addresses with an account and for others."""

    known: Sequence[float]
    unknown: Sequence[float]

    @property
    def ratio(self) -> float:
        """The median of the known, by that of the unknown."""
        return statistics.median(self.known) / statistics.median(self.unknown)

    @property
    def rank(self) -> float:
        """Mann and Whitney: how often a known one takes longer than an unknown one; 0.5 where time tells nothing."""
        wins = sum((one > other) + (one == other) / 2 for one in self.known for other in self.unknown)
        return wins / (len(self.known) * len(self.unknown))

    @property
    def chance(self) -> float:
        """How likely a rank at least so far from 0.5 is where time tells nothing (normal approximation)."""
        n, m = len(self.known), len(self.unknown)
        return erfc(abs(self.rank - 0.5) / sqrt((n + m + 1) / (12 * n * m)) / sqrt(2))

    @property
    def right(self) -> float:
        """The share that whoever knows the median of all would guess right."""
        middle = statistics.median([*self.known, *self.unknown])
        above = sum(one > middle for one in self.known) + sum(one <= middle for one in self.unknown)
        share = above / (len(self.known) + len(self.unknown))
        return max(share, 1 - share)

    def line(self) -> str:
        """The comparison in a line."""
        return (
            f"median {1000 * statistics.median(self.known):6.2f} ms known, "
            f"{1000 * statistics.median(self.unknown):6.2f} ms unknown, ratio {self.ratio:.3f}   "
            f"rank {self.rank:.3f} (p = {self.chance:.2f})   guessed right {self.right:.1%}"
        )


def interleaved(ask: Callable[[str], float], known: Sequence[str], unknown: Sequence[str]) -> Compared:
    """Try each address once, in pairs of one known and one unknown, the first of a pair by lot."""
    took: dict[bool, list[float]] = {True: [], False: []}
    for place, pair in enumerate(zip(known, unknown, strict=True)):
        tries = [(True, pair[0]), (False, pair[1])]
        random.shuffle(tries)
        for is_known, address in tries:
            seconds = ask(address)
            if place >= WARMING:
                took[is_known].append(seconds)
    return Compared(took[True], took[False])


def main() -> int:
    """Print the figures; 1 when a door tells in more than 55 % of the tries who has an account."""
    parser = argparse.ArgumentParser(prog="bin/bench-timing")
    parser.add_argument("--tries", type=int, default=200, help="tries at each door, half of them known")
    options = parser.parse_args()
    base = embedded.folder(f"bench-{os.getpid()}")
    os.environ |= {"CLEARFILL_FOLDER": str(base), "DJANGO_SETTINGS_MODULE": "config.settings", "LOG_LEVEL": "ERROR"}
    try:
        embedded.ensure_postgres(base)
        embedded.ensure_redis(base)
        return _bench(options.tries // 2)
    finally:
        embedded.stop(base, delete=True)


def _bench(pairs: int) -> int:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    random.seed(20261129)
    leaking = 0
    for name, ask in _doors().items():
        known, unknown = _addresses(name, pairs + WARMING)
        compared = interleaved(ask, known, unknown)
        print(f"{name:<22} {compared.line()}")
        leaking += compared.right > MOST_RIGHT and compared.chance < 0.01
    return 1 if leaking else 0


def _addresses(door: str, pairs: int) -> tuple[list[str], list[str]]:
    """So many with an account that has a password, and as many of the same length without."""
    from accounts.models import User

    word = door.replace(" ", "-")
    known = [f"{word}-{place:04}-k@bench.invalid" for place in range(pairs)]
    for address in known:
        User.objects.create_user(email=address, password=PASSWORD, name="B", role="patient")
    return known, [f"{word}-{place:04}-u@bench.invalid" for place in range(pairs)]


def _doors() -> dict[str, Callable[[str], float]]:
    """Each place where a stranger, or whoever adds somebody, types an address."""
    from django.test import Client

    from tests import factories

    places, prescriber = count(1), factories.prescriber()
    signed_in = factories.as_(prescriber.user).cookies

    def posts(path: str, fields: Callable[[str], dict[str, str]], cookies: object = None) -> Callable[[str], float]:
        def ask(address: str) -> float:
            place = next(places)
            # Each from elsewhere: what is measured is the door, not the limit before it.
            client = Client(REMOTE_ADDR=f"10.{place >> 16}.{place >> 8 & 255}.{place & 255}", HTTP_HOST="localhost")
            if cookies is not None:
                client.cookies = cookies  # type: ignore[assignment]
            form = fields(address) | {"key": str(uuid4())}
            begun = time.perf_counter()
            answer = client.post(path, form)
            took = time.perf_counter() - begun
            assert answer.status_code in (200, 302), (path, answer.status_code)
            return took

        return ask

    return {
        "sign-in": posts("/account/login/", lambda address: {"login": address, "password": "a wrong pass phrase"}),
        "recovery": posts("/account/password/reset/", lambda address: {"email": address}),
        "registering": posts("/register/practice/", lambda address: {"email": address}),
        "adding a designee": posts(
            "/prescriber/practice/", lambda address: {"name": "N", "email": address}, signed_in
        ),
    }  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
