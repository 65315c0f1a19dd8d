"""Threads that begin at once, each on a connection of its own; what they begin with; and what must hold of a log
afterwards."""

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.db import connection, connections, transaction

from compliance.records.file import entries_of, read_file
from compliance.rules import authorizations
from compliance.rules.assessment import GateQuestion
from compliance.rules.days import Span
from compliance.rules.records import (
    Authorized,
    Dispensed,
)
from ledger import log
from patients.models import Patient, Prescriber
from tests import amount, databases
from tests.databases import Snapshot
from tests.histories import NOW, ClinicFactory

#: Seconds that a step may be late, which is about as long as another takes to its lock: each comes first now and then.
LATE = 0.003


#: Who is late, and by how many seconds.
type Late = tuple[int, float]


def _crowd(_: object) -> ClinicFactory:
    clinic = ClinicFactory()
    clinic.waiting = [clinic.ready() for _ in range(40)]
    clinic.over = [clinic.ended() for _ in range(30)]
    return clinic


#: A practice with patients for the rounds of a race: to make them takes longer than a round does.
CROWD = Snapshot("crowd", _crowd, at=NOW.isoformat())


@contextmanager
def committed_copy[T](snapshot: Snapshot[T]) -> Iterator[T]:
    """Real commits in a copy of a snapshot, by the machine's clock; within it, what is known of the snapshot."""
    before, known = databases.name(), snapshot.made().value
    name = f"{before}_{snapshot.name}"
    databases.drop(name)
    databases.copy(name, of=snapshot.database)
    databases.point(name)
    try:
        yield known
    finally:
        databases.point(before)
        databases.drop(name)


class Runners:
    """Threads that stay, so that a thousand rounds do not open thousands of connections."""

    def __init__(self, count: int) -> None:
        self.pool = ThreadPoolExecutor(count)
        self.count = count

    def together(self, steps: Sequence[Callable[[], Any]], *, late: Late | None = None) -> list[Any]:
        """The results of the steps, begun at the same moment; but for the one that is a little late."""
        line = threading.Barrier(len(steps))

        def go(place: int, step: Callable[[], Any]) -> Any:
            line.wait()
            if late and place == late[0]:
                time.sleep(late[1])
            return step()

        return list(self.pool.map(go, range(len(steps)), steps))

    @contextmanager
    def overtaken(self, lock: Callable[[], Any], step: Callable[[], Any]) -> Iterator[Future[Any]]:
        """Within it the step, on a connection of its own, waits for what `lock` locked here, or is done.

        What is locked is given back at the end.
        """
        with transaction.atomic():
            lock()
            begun = self.pool.submit(step)
            while not begun.done() and not _waited_for():
                time.sleep(0.005)
            yield begun

    def leave(self) -> None:
        """End the threads' connections: the next are to the database of then."""
        line = threading.Barrier(self.count)

        def end(_: int) -> None:
            line.wait()
            connections.close_all()

        list(self.pool.map(end, range(self.count)))

    def close(self) -> None:
        """End the threads and their connections."""
        self.leave()
        self.pool.shutdown()


class Rounds:
    """The rounds of a race: until each way in which it can end has come often enough, and at most as many as are said.

    That is five times where the ways are who came first. Where a way is also how the race was set up, each comes as
    often as makes five or six for each side: `enough`. In a run of everything all rounds.
    """

    def __init__(self, most: int, *, ways: int, enough: int = 5) -> None:
        self.most, self.ways, self.enough = most, ways, enough
        self.came: Counter[object] = Counter()
        #: By who was late, the ways in which the rounds ended.
        self.of: defaultdict[int | None, Counter[object]] = defaultdict(Counter)
        self.who: int | None = None

    def __iter__(self) -> Iterator[int]:
        for round_ in range(self.most):
            if not amount.EVERYTHING and len(self.came) == self.ways and min(self.came.values()) >= self.enough:
                return
            yield round_

    def late(self, round_: int, of: tuple[int, ...] = (0, 1), *, by: float = LATE) -> Late | None:
        """Which of them is late in that round: none, the one, the other; for three rounds each, one a skew.

        Where one way came often enough it is whoever was late most when those came that still lack. And it grows with
        the rounds, as on a busy machine the other takes longer to its lock. `by` is how late at first: as long as a
        third of them holds the locks that both wait for.
        """
        self.who = (None, *of)[round_ // 3 % (1 + len(of))]
        lacking = [way for way, count in self.came.items() if count < self.enough]
        if lacking and len(lacking) < len(self.came) == self.ways and not amount.EVERYTHING:
            # Each is supposed to have brought one more: nobody is given up for good after a few rounds without luck.
            came = {who: 1 + sum(self.of[who][way] for way in lacking) for who in of}
            self.who = max(of, key=lambda who: came[who] / (1 + self.of[who].total()))
        return None if self.who is None else (self.who, by * 2 ** (round_ // 18 % 4))

    def ended(self, *way: object) -> None:
        """This round ended in that way."""
        self.came[way] += 1
        self.of[self.who][way] += 1


def _waited_for() -> bool:
    """Whether somebody waits for this connection's transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT true FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))")
        return cursor.fetchone() is not None


def unjustified(patient: Patient) -> list[str]:
    """Every yes and every dispense that the log, read in order from its beginning, does not justify."""
    rows = log.read(patient.pk)
    entries = entries_of(rows)
    whole = read_file(patient.pk, NOW + timedelta(days=1))
    span = (Span(date(2020, 1, 1), date(2035, 1, 1)),)
    certifications = {str(pk): span for pk in Prescriber.objects.values_list("pk", flat=True)}
    found = []
    for place, entry in enumerate(entries):
        record, before = entry.record, entries[:place]
        linked = {other: tuple(e for e in theirs if e.at < entry.at) for other, theirs in whole.linked.items()}
        if isinstance(record, Authorized):
            file = replace(whole, entries=before, prescribers=certifications, linked=linked)
            answer = file.assess(entry.at, GateQuestion(days_supply=record.days_supply))
            if not answer.allowed:
                found.append(f"{entry.number}: authorized, although {answer.codes}")
        elif isinstance(record, Dispensed):
            file = replace(whole, entries=before, prescribers={}, linked=linked)
            pharmacy = next(
                e.record.pharmacy
                for e in before
                if isinstance(e.record, Authorized) and e.record.number == record.authorization
            )
            history, on = file.history(entry.at), record.handed_over_on
            code = authorizations.refuse_dispense(history, record.authorization, pharmacy, on)
            if code is not None:
                found.append(f"{entry.number}: dispensed, although {code}")
    return found
