"""Histories that grow from entries that the rules take, plausible ones with strays in between."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from compliance.rules import authorizations, entries
from compliance.rules.assessment import Assessment
from compliance.rules.care.notes import BookedTest
from compliance.rules.days import Span
from compliance.rules.gate import assess
from compliance.rules.history import read
from compliance.rules.programs.isotretinoin_us import ISOTRETINOIN_US, SETTINGS
from compliance.rules.records import (
    MENSES,
    RESULTS,
    Authorized,
    CategoryChanged,
    ConsentSigned,
    ConsentWithdrawn,
    ContraceptionDeclared,
    Counselled,
    Discontinued,
    Dispensed,
    Enrolled,
    Entry,
    EntryStruck,
    HomeTestingSet,
    LastDoseCorrected,
    PregnancyReported,
    PregnancyTest,
    Record,
    Registered,
    Reversed,
    StopCleared,
)
from compliance.rules.refusals import Refused
from tests.amount import share
from tests.histories import by_patient, by_practice

NEW_YORK = ZoneInfo("America/New_York")
PRESCRIBERS = {"p": (Span(date(2020, 1, 1), date(2030, 1, 1)),)}
PAIRS = [("combined-pill", "male-latex-condom"), ("iud", "sponge"), ("abstinence",)]
CAN, CANNOT = "can_become_pregnant", "cannot_become_pregnant"
START = datetime(2026, 9, 20, 15, tzinfo=UTC)
SMALL = settings(max_examples=share(5_000, 60), deadline=None, suppress_health_check=list(HealthCheck))


def on(at: datetime) -> date:
    return at.astimezone(NEW_YORK).date()


def month(at: datetime, pair: tuple[str, ...], setting: str) -> list[Record]:
    """What a well-run month enters."""
    return [*by_practice(on(at), setting, pair), *by_patient(pair)]


@st.composite
def stray(draw: st.DrawFn, at: datetime, entered: list[Entry]) -> list[Record]:
    """Something else that may happen, likely or not."""
    count, ends = len(entered), [e.number for e in entered if isinstance(e.record, Discontinued)]
    collected = on(at) - timedelta(days=draw(st.integers(0, 12)))
    result, setting = draw(st.sampled_from(RESULTS)), draw(st.sampled_from(SETTINGS))
    category, pair = draw(st.sampled_from([CAN, CANNOT])), draw(st.sampled_from(PAIRS))
    by, flag = draw(st.sampled_from(["patient", "prescriber"])), draw(st.booleans())
    happens: list[list[Record]] = [
        [PregnancyTest(collected, result, setting, draw(st.sampled_from([*MENSES, None])))],
        [PregnancyReported()],
        [StopCleared("r")],
        [CategoryChanged(category, "male")],
        [ConsentWithdrawn("birth-defects" if flag else "patient-information")],
        [ConsentSigned("patient-information", "patient"), ConsentSigned("birth-defects", "patient")],
        [Discontinued("r", collected if flag else None)],
        [Enrolled(category, "male", prescriber="p")],
        [HomeTestingSet(flag)],
        [EntryStruck(draw(st.integers(1, max(1, count))), "r")],
        # The latest end, or one that is voided at once: the course goes on.
        [EntryStruck(ends[-1], "r")] if ends else [Discontinued("r"), EntryStruck(count + 1, "r")],
        [*([] if ends else [Discontinued("r", collected)]), LastDoseCorrected("r", collected if flag else None)],
        [ContraceptionDeclared(by, pair, collected)],
        [Counselled(collected)],
        # A note that decides nothing.
        [BookedTest(on(at) + timedelta(days=draw(st.integers(0, 9))) if flag else None)],
    ]
    return draw(st.sampled_from(happens))


class Log:
    """A log that takes what the rules take, and asks the gate as a pharmacy does."""

    def __init__(self, born_on: date) -> None:
        self.entries: list[Entry] = []
        self.issued = 0
        self.put(START, Registered(born_on, prescriber="p"))

    def __repr__(self) -> str:
        return "".join(f"\n  {e.number} {e.at:%Y-%m-%d %H:%M} {e.record}" for e in self.entries)

    def put(self, at: datetime, record: Record) -> None:
        history = read(ISOTRETINOIN_US, self.entries, at)
        if entries.refusal(history, self.entries, record, at) is None:
            self.entries.append(Entry(len(self.entries) + 1, at, record))

    def ask(self, at: datetime) -> Assessment:
        return assess(ISOTRETINOIN_US, self.entries, at=at, prescribers=PRESCRIBERS)

    def gate(self, at: datetime, end: str) -> None:
        answer = self.ask(at)
        if answer.dispense_by is not None:
            self.issued += 1
            number = str(self.issued)
            self.put(at, Authorized(number, "p", 30, answer.dispense_by))
            if end != "open":
                self.put(at, Dispensed(number) if end == "dispense" else Reversed(number))

    def hand_over(self, at: datetime, number: str, handed_over_on: date) -> None:
        """Entered at `at`, where the rules take it; `number` may be of any authorization, or of none."""
        history = read(ISOTRETINOIN_US, self.entries, at)
        try:
            code = authorizations.refuse_dispense(history, number, "p", handed_over_on.isoformat())
        except Refused:
            return
        if code is None:
            self.put(at, Dispensed(number, handed_over_on))


@st.composite
def logs(draw: st.DrawFn) -> Log:
    """A plausible course under any edition, with strays in between."""
    log = Log(draw(st.sampled_from([date(2001, 4, 2), date(2010, 1, 20), date(2014, 11, 30), date(2008, 2, 29)])))
    at = START
    category = draw(st.sampled_from([CAN, CAN, CAN, CANNOT]))
    log.put(at, Enrolled(category, "male", prescriber="p"))
    for document in ("patient-information", "birth-defects"):
        for signer in draw(st.sampled_from([("patient",), *[("patient", "guardian")] * 3, ()])):
            log.put(at, ConsentSigned(document, signer))
    pair = draw(st.sampled_from(PAIRS))
    log.put(at, ContraceptionDeclared("prescriber", pair, on(at)))
    log.put(at, PregnancyTest(on(at), "negative", "clinic"))
    for _ in range(draw(st.integers(2, 4))):
        at += timedelta(days=draw(st.sampled_from([31, 31, 30, 29, 28, 8, 20])), minutes=draw(st.integers(0, 600)))
        for record in month(at, pair, draw(st.sampled_from(["laboratory", "laboratory", "clinic", "home"]))):
            if draw(st.integers(0, 19)):
                log.put(at, record)
        at = draw(strays(log, at))
        end = draw(st.sampled_from(["dispense", "dispense", "open", "reverse", "late", "late", "late"]))
        log.gate(at, "open" if end == "late" else end)
        if end == "late":
            at = draw(late_hand_overs(log, at))
    return log


@st.composite
def late_hand_overs(draw: st.DrawFn, log: Log, issued: datetime) -> datetime:
    """Days later, after whatever else happened, something is entered as handed over, and perhaps once more."""
    at = draw(strays(log, issued))
    if draw(st.booleans()):
        at += timedelta(days=draw(st.integers(1, 4)))
        voids = [PregnancyReported(), ConsentWithdrawn("patient-information"), Discontinued("r")]
        log.put(at, draw(st.sampled_from(voids)))
    at += timedelta(days=draw(st.integers(0, 12)))
    for _ in range(draw(st.integers(1, 2))):
        number = max(1, log.issued - draw(st.sampled_from([0, 0, 1])))
        log.hand_over(at, str(number), on(issued) + timedelta(days=draw(st.integers(-1, 8))))
    return at


@st.composite
def strays(draw: st.DrawFn, log: Log, at: datetime) -> datetime:
    """Up to two strays enter the log; the instant of the last."""
    for _ in range(draw(st.integers(0, 2))):
        at += timedelta(hours=draw(st.integers(0, 40)))
        for record in draw(stray(at, log.entries)):
            log.put(at, record)
    return at


def reached(asked: set[str], found: Callable[..., set[str]], *drawn: st.SearchStrategy[Any]) -> set[str]:
    """What is found in what is drawn, by as many examples as a property has, and again from other seeds.

    Once all that is asked for was found nothing more is drawn. One long run would find the rare later: its examples
    are made of one another.
    """
    seen: set[str] = set()
    once = settings(SMALL, max_examples=60, derandomize=False, database=None, phases=[Phase.generate])
    for start in range(16):

        @seed(start)
        @once
        @given(st.tuples(*drawn))
        def look(example: tuple[Any, ...]) -> None:
            if not seen >= asked:
                seen.update(found(*example))

        look()
        if seen >= asked:
            break
    return seen
