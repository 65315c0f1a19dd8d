"""A ready patient made by the real actions, and threads that begin at once, each on a connection of its own."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import connection, connections, transaction

from accounts.roles import OFFICER, PATIENT, PHARMACIST, PRESCRIBER
from compliance.actions import gate
from compliance.actions.certifying import certified
from compliance.actions.decide import Outcome, Request, write
from compliance.actions.enrolment import empty_file
from compliance.actions.entries import EntryRefused, enter
from compliance.actions.signing import told
from compliance.projection.file import File, entries_of, read_file
from compliance.rules import authorizations
from compliance.rules.assessment import Question
from compliance.rules.days import Span, day, zone
from compliance.rules.records import (
    Authorized,
    ComprehensionPassed,
    ConsentSigned,
    ContraceptionDeclared,
    Counselled,
    Dispensed,
    Enrolled,
    PregnancyTest,
    Record,
    Registered,
)
from ledger import log
from ledger.actor import SYSTEM, Actor
from patients.models import Patient, Pharmacy, Prescriber
from patients.numbers import new_number
from tests import amount, people

NOW = datetime(2026, 12, 15, 15, tzinfo=UTC)
METHODS = ("combined-pill", "male-latex-condom")


class Town:
    """A certified prescriber and two certified pharmacies, for many patients."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now
        self.prescriber: Prescriber = people.prescriber()
        self.other: Prescriber = people.prescriber()
        self.pharmacies: list[Pharmacy] = [people.pharmacist().pharmacy for _ in range(2)]
        for kind, subject in [
            ("prescriber", self.prescriber.pk),
            ("prescriber", self.other.pk),
            *[("pharmacy", p.pk) for p in self.pharmacies],
        ]:
            span = certified(date(2020, 1, 1), date(2035, 1, 1))
            at = datetime(2020, 1, 1, tzinfo=UTC)
            log.append(kind, subject, [span], head=log.EMPTY, by=SYSTEM, at=at, request_id=uuid4())
        self.doctor = Actor(self.prescriber.user_id, PRESCRIBER, self.prescriber.pk)
        self.officer = Actor(uuid4(), OFFICER)
        self.counters = [Actor(uuid4(), PHARMACIST, pharmacy.pk) for pharmacy in self.pharmacies]

    def ready(self, born_on: date = date(2001, 4, 2)) -> Patient:
        """A patient whom a pharmacy may dispense to now; one under age still lacks a guardian's signature."""
        account = people.account(PATIENT)
        patient = Patient.objects.create(
            number=new_number(), given_name="A", family_name="B", born_on=born_on, user=account,
            prescriber=self.prescriber, created_at=self.now,
        )  # fmt: skip
        begun, tested = self.now - timedelta(days=40), self.now - timedelta(days=2)
        self._enter(
            patient, begun,
            Registered(patient.born_on, patient.number, str(self.prescriber.pk)),
            Enrolled("can_become_pregnant", prescriber=str(self.prescriber.pk)),
            ConsentSigned("patient-information", "patient"),
            ConsentSigned("birth-defects", "patient"),
            PregnancyTest(_on(begun), "negative", "clinic"),
            ContraceptionDeclared("prescriber", METHODS, _on(begun)),
        )  # fmt: skip
        self._enter(
            patient, tested,
            PregnancyTest(_on(tested), "negative", "laboratory", "first_five_days"),
            Counselled(_on(tested)),
            ContraceptionDeclared("prescriber", METHODS, _on(tested)),
            ContraceptionDeclared("patient", METHODS),
            ComprehensionPassed(),
        )  # fmt: skip
        return patient

    def _enter(self, patient: Patient, at: datetime, *records: Record) -> None:
        file = read_file(patient.pk, at) if log.read(patient.pk) else empty_file(patient.pk, self.prescriber.pk, at)
        request = Request(action="seed", by=SYSTEM, at=at, key=uuid4(), body={})
        write(file, Outcome(records=records), request, at)

    # --- what threads do, each at its own instant ---------------------------------------------
    def authorize(
        self, patient: Patient, counter: int = 0, at: datetime = NOW, key: UUID | None = None
    ) -> gate.Decision:
        by = self.counters[counter]
        return gate.authorize_patient(
            patient=patient.pk, pharmacy=self.pharmacies[counter].pk, days_supply=30, by=by, at=at, key=key or uuid4()
        )

    def dispense(self, patient: Patient, number: str, counter: int = 0, at: datetime = NOW) -> str | None:
        by, pharmacy = self.counters[counter], self.pharmacies[counter].pk
        return gate.dispense(patient=patient.pk, number=number, pharmacy=pharmacy, by=by, at=at, key=uuid4())

    def reverse(self, patient: Patient, number: str, counter: int = 0, at: datetime = NOW) -> str | None:
        by, pharmacy = self.counters[counter], self.pharmacies[counter].pk
        return gate.reverse(patient=patient.pk, number=number, pharmacy=pharmacy, by=by, at=at, key=uuid4())

    def enter(self, patient: Patient, record: Record, at: datetime = NOW) -> bool:
        """Enter one record as whoever may; whether it was taken."""
        by = self.doctor
        if record.kind == "transferred":
            by = self.officer
        elif record.kind == "consent_withdrawn":
            assert patient.user_id is not None
            by = Actor(patient.user_id, PATIENT, patient.pk)
        try:
            key = uuid4()
            signature = told([record], "Some One", subject=patient.pk, by=by, key=key, on=at.date())
            enter(patient=patient.pk, records=[record], by=by, at=at, key=key, signature=signature)
        except EntryRefused:
            return False
        return True


def _on(at: datetime) -> date:
    return day(at, zone("America/New_York"))


#: Seconds that a step may be late, which is about as long as another takes to its lock: each comes first now and then.
LATE = 0.003


def late(round_: int) -> int | None:
    """Which of two is late in that round: neither, the one, the other; for three rounds each, one a skew."""
    return (None, 0, 1)[round_ // 3 % 3]


class Runners:
    """Threads that stay, so that a thousand rounds do not open thousands of connections."""

    def __init__(self, count: int) -> None:
        self.pool = ThreadPoolExecutor(count)
        self.count = count

    def together(self, steps: Sequence[Callable[[], Any]], *, late: int | None = None) -> list[Any]:
        """The results of the steps, begun at the same moment; but for the one that is a little late."""
        line = threading.Barrier(len(steps))

        def go(place: int, step: Callable[[], Any]) -> Any:
            line.wait()
            if place == late:
                time.sleep(LATE)
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

    def close(self) -> None:
        """End the threads and their connections."""
        line = threading.Barrier(self.count)

        def end(_: int) -> None:
            line.wait()
            connections.close_all()

        list(self.pool.map(end, range(self.count)))
        self.pool.shutdown()


class Rounds:
    """The rounds of a race: until each way in which it can end has come ten times, and at most as many as are said.

    In a run of everything all of them.
    """

    ENOUGH = 10

    def __init__(self, most: int, *, ways: int) -> None:
        self.most, self.ways = most, ways
        self.came: Counter[object] = Counter()

    def __iter__(self) -> Iterator[int]:
        for round_ in range(self.most):
            if not amount.EVERYTHING and len(self.came) == self.ways and min(self.came.values()) >= self.ENOUGH:
                return
            yield round_

    def ended(self, *way: object) -> None:
        """This round ended in that way."""
        self.came[way] += 1


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
            file = File(patient=patient.pk, entries=before, head=whole.head, prescribers=certifications, linked=linked)
            answer = file.assess(entry.at, Question(days_supply=record.days_supply))
            if not answer.allowed:
                found.append(f"{entry.number}: authorized, although {answer.codes}")
        elif isinstance(record, Dispensed):
            file = File(patient=patient.pk, entries=before, head=whole.head, prescribers={}, linked=linked)
            pharmacy = next(
                e.record.pharmacy
                for e in before
                if isinstance(e.record, Authorized) and e.record.number == record.authorization
            )
            code = authorizations.refuse_dispense(file.history(entry.at), record.authorization, pharmacy)
            if code is not None:
                found.append(f"{entry.number}: dispensed, although {code}")
    return found
