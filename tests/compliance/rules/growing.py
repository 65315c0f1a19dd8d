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


# What is drawn from, made once: to make it anew for each draw takes longer than the rules do.
_COIN = st.booleans()
_OF_FIFTEEN, _OF_TWENTY = st.integers(0, 14), st.integers(0, 19)
_BACK, _AHEAD = st.integers(0, 12), st.integers(0, 9)
_RESULT, _SETTING, _MENSES = st.sampled_from(RESULTS), st.sampled_from(SETTINGS), st.sampled_from([*MENSES, None])
_CATEGORY, _PAIR = st.sampled_from([CAN, CANNOT]), st.sampled_from(PAIRS)
_BY = st.sampled_from(["patient", "prescriber"])


def _stray(draw: st.DrawFn, at: datetime, entered: list[Entry]) -> list[Record]:
    """Something else that may happen, likely or not."""
    count, ends = len(entered), [e.number for e in entered if isinstance(e.record, Discontinued)]
    collected = on(at) - timedelta(days=draw(_BACK))
    result, setting, category, pair = draw(_RESULT), draw(_SETTING), draw(_CATEGORY), draw(_PAIR)
    by, flag = draw(_BY), draw(_COIN)
    happens: list[list[Record]] = [
        [PregnancyTest(collected, result, setting, draw(_MENSES))],
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
        [BookedTest(on(at) + timedelta(days=draw(_AHEAD)) if flag else None)],
    ]
    return happens[draw(_OF_FIFTEEN)]


stray = st.composite(_stray)


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


_BORN_ON = st.sampled_from([date(2001, 4, 2), date(2010, 1, 20), date(2014, 11, 30), date(2008, 2, 29)])
_MOSTLY_CAN = st.sampled_from([CAN, CAN, CAN, CANNOT])
_SIGNERS = st.sampled_from([("patient",), *[("patient", "guardian")] * 3, ()])
_MONTHS, _MINUTES = st.integers(2, 4), st.integers(0, 600)
_DAYS = st.sampled_from([31, 31, 30, 29, 28, 8, 20])
_MOSTLY_LABORATORY = st.sampled_from(["laboratory", "laboratory", "clinic", "home"])
_END = st.sampled_from(["dispense", "dispense", "open", "reverse", "late", "late", "late"])


@st.composite
def logs(draw: st.DrawFn) -> Log:
    """A plausible course under any edition, with strays in between."""
    log = Log(draw(_BORN_ON))
    at = START
    log.put(at, Enrolled(draw(_MOSTLY_CAN), "male", prescriber="p"))
    for document in ("patient-information", "birth-defects"):
        for signer in draw(_SIGNERS):
            log.put(at, ConsentSigned(document, signer))
    pair = draw(_PAIR)
    log.put(at, ContraceptionDeclared("prescriber", pair, on(at)))
    log.put(at, PregnancyTest(on(at), "negative", "clinic"))
    for _ in range(draw(_MONTHS)):
        at += timedelta(days=draw(_DAYS), minutes=draw(_MINUTES))
        for record in month(at, pair, draw(_MOSTLY_LABORATORY)):
            if draw(_OF_TWENTY):
                log.put(at, record)
        at = _strays(draw, log, at)
        end = draw(_END)
        log.gate(at, "open" if end == "late" else end)
        if end == "late":
            at = _late_hand_overs(draw, log, at)
    return log


_VOIDS = st.sampled_from([PregnancyReported(), ConsentWithdrawn("patient-information"), Discontinued("r")])
_FEW_DAYS, _ONCE_OR_TWICE, _AROUND = st.integers(1, 4), st.integers(1, 2), st.integers(-1, 8)
_MOSTLY_LAST = st.sampled_from([0, 0, 1])


def _late_hand_overs(draw: st.DrawFn, log: Log, issued: datetime) -> datetime:
    """Days later, after whatever else happened, something is entered as handed over, and perhaps once more."""
    at = _strays(draw, log, issued)
    if draw(_COIN):
        at += timedelta(days=draw(_FEW_DAYS))
        log.put(at, draw(_VOIDS))
    at += timedelta(days=draw(_BACK))
    for _ in range(draw(_ONCE_OR_TWICE)):
        number = max(1, log.issued - draw(_MOSTLY_LAST))
        log.hand_over(at, str(number), on(issued) + timedelta(days=draw(_AROUND)))
    return at


_UP_TO_TWO, _HOURS = st.integers(0, 2), st.integers(0, 40)


def _strays(draw: st.DrawFn, log: Log, at: datetime) -> datetime:
    """Up to two strays enter the log; the instant of the last."""
    for _ in range(draw(_UP_TO_TWO)):
        at += timedelta(hours=draw(_HOURS))
        for record in _stray(draw, at, log.entries):
            log.put(at, record)
    return at


class _Enough(Exception):
    """All was found: nothing more is drawn."""


def reached(asked: set[str], found: Callable[..., set[str]], *drawn: st.SearchStrategy[Any]) -> set[str]:
    """What is found in what is drawn, by a few examples of one seed, and again from other seeds.

    Once all that is asked for was found nothing more is drawn. One long run would find the rare later: its examples
    are made of one another.
    """
    seen: set[str] = set()
    once = settings(SMALL, max_examples=12, derandomize=False, database=None, phases=[Phase.generate])
    for start in range(80):

        @seed(start)
        @once
        @given(st.tuples(*drawn))
        def look(example: tuple[Any, ...]) -> None:
            seen.update(found(*example))
            if seen >= asked:
                raise _Enough

        try:
            look()
        except _Enough:
            break
    return seen
