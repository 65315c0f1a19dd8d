"""What holds for every history, however it came about. Histories are grown from entries that the rules take."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from compliance.rules import authorizations, entries
from compliance.rules.assessment import Assessment
from compliance.rules.change import next_change
from compliance.rules.days import Span
from compliance.rules.gate import assess
from compliance.rules.history import read
from compliance.rules.programs.isotretinoin_us import ISOTRETINOIN_US
from compliance.rules.records import (
    MENSES,
    RESULTS,
    SETTINGS,
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
    PregnancyReported,
    PregnancyTest,
    Record,
    Registered,
    Reversed,
    StopCleared,
)
from compliance.rules.stages import stage, steps
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
def stray(draw: st.DrawFn, at: datetime, count: int) -> list[Record]:
    """Something else that may happen, likely or not."""
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
        [ContraceptionDeclared(by, pair, collected)],
        [Counselled(collected)],
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


@st.composite
def logs(draw: st.DrawFn) -> Log:
    """A plausible course under any edition, with strays in between."""
    log = Log(draw(st.sampled_from([date(2001, 4, 2), date(2010, 1, 20), date(2014, 11, 30), date(2008, 2, 29)])))
    at = START
    category = draw(st.sampled_from([CAN, CAN, CAN, CANNOT]))
    log.put(at, Enrolled(category, "male", prescriber="p"))
    for document in ("patient-information", "birth-defects"):
        for signer in draw(st.sampled_from([("patient",), ("patient", "guardian"), ()])):
            log.put(at, ConsentSigned(document, signer))
    pair = draw(st.sampled_from(PAIRS))
    log.put(at, ContraceptionDeclared("prescriber", pair, on(at)))
    log.put(at, PregnancyTest(on(at), "negative", "clinic"))
    for _ in range(draw(st.integers(1, 4))):
        at += timedelta(days=draw(st.sampled_from([31, 31, 30, 29, 28, 8, 20])), minutes=draw(st.integers(0, 600)))
        for record in month(at, pair, draw(st.sampled_from(["laboratory", "laboratory", "clinic", "home"]))):
            if draw(st.integers(0, 9)):
                log.put(at, record)
        for _ in range(draw(st.integers(0, 2))):
            at += timedelta(hours=draw(st.integers(0, 40)))
            for record in draw(stray(at, len(log.entries))):
                log.put(at, record)
        log.gate(at, draw(st.sampled_from(["dispense", "dispense", "open", "reverse"])))
    return log


def moments(log: Log) -> list[datetime]:
    last = log.entries[-1].at
    return [last, last + timedelta(days=1), last + timedelta(days=5, hours=9), last + timedelta(days=30)]


def stands(course: list[Entry], document: str) -> bool:
    signed = [e.number for e in course if isinstance(e.record, ConsentSigned) and e.record.document == document]
    withdrawn = [e.number for e in course if isinstance(e.record, ConsentWithdrawn) and e.record.document == document]
    return bool(signed) and max(signed) > max(withdrawn, default=0)


def is_stop(record: Record) -> bool:
    return isinstance(record, PregnancyReported) or (isinstance(record, PregnancyTest) and record.result == "positive")


def justified(log: Log, at: datetime) -> bool:
    """The page's main demands on a yes, written down without the engine."""
    seen = [e for e in log.entries if e.at <= at]
    struck = {e.record.entry for e in seen if isinstance(e.record, EntryStruck)}
    seen = [e for e in seen if e.number not in struck]
    opened = max(e.number for e in seen if isinstance(e.record, Enrolled))
    course = [e for e in seen if e.number >= opened]
    category = [e.record.category for e in course if isinstance(e.record, (Enrolled, CategoryChanged))][-1]
    if any(isinstance(e.record, Discontinued) for e in course) or not stands(course, "patient-information"):
        return False
    if category == CANNOT:
        return True
    latest = max(
        (e for e in course if isinstance(e.record, (Dispensed, Enrolled, CategoryChanged))), key=lambda e: e.number
    )
    after = [on(latest.at)] if isinstance(latest.record, Dispensed) else []
    for entry in seen:
        if is_stop(entry.record):
            test = entry.record
            after.append(test.collected_on if isinstance(test, PregnancyTest) else on(entry.at))
    tests = [e.record for e in course if isinstance(e.record, PregnancyTest) and e.record.result == "negative"]
    recent = [
        t for t in tests if 0 <= (on(at) - t.collected_on).days <= 6 and t.collected_on > max(after, default=date.min)
    ]
    this_month = [e.record for e in course if e.at >= latest.at]  # of the very instant of the fill too: section 4.4
    said = {r.by: set(r.methods) for r in this_month if isinstance(r, ContraceptionDeclared)}
    agreed = len(said) == 2 and said["patient"] == said["prescriber"]
    return stands(course, "birth-defects") and bool(recent) and agreed


def stopped(log: Log, at: datetime) -> bool:
    state = False
    for entry in log.entries:
        if entry.at <= at:
            state = is_stop(entry.record) or (state and not isinstance(entry.record, StopCleared))
    return state


@settings(SMALL, max_examples=share(20_000, 60))
@given(logs())
def test_every_yes_is_justified_without_the_engine(log: Log) -> None:
    for at in moments(log):
        if log.ask(at).allowed:
            assert justified(log, at)


@SMALL
@given(logs())
def test_no_yes_from_a_stop_until_it_is_cleared(log: Log) -> None:
    for at in moments(log):
        if stopped(log, at):
            assert not log.ask(at).allowed


@SMALL
@given(logs(), st.randoms(use_true_random=False))
def test_the_order_of_loading_does_not_matter(log: Log, random: object) -> None:
    at = log.entries[-1].at
    before, shuffled = log.ask(at), list(log.entries)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    log.entries = shuffled
    assert facts(log.ask(at)) == facts(before)


@SMALL
@given(logs())
def test_asking_twice_changes_nothing(log: Log) -> None:
    for at in moments(log):
        assert facts(log.ask(at)) == facts(log.ask(at))


@SMALL
@given(logs(), st.floats(0, 1))
def test_the_next_change_is_never_late(log: Log, share: float) -> None:
    for at in moments(log):
        answer = log.ask(at)
        end = next_change(answer) or at + timedelta(days=400)
        assert end > at
        between = at + share * (end - at - timedelta(microseconds=1))
        assert facts(log.ask(between)) == facts(answer)


@SMALL
@given(logs())
def test_never_two_open_authorizations(log: Log) -> None:
    for at in moments(log):
        found = authorizations.all_of(read(ISOTRETINOIN_US, log.entries, at)).values()
        assert sum(a.state == "open" for a in found) <= 1


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(logs())
def test_the_histories_are_worth_asking_about(log: Log) -> None:
    """Some of them are answered with a yes: a strategy that never gets one would prove nothing."""
    assume(any(isinstance(entry.record, Authorized) for entry in log.entries))


def facts(answer: Assessment) -> object:
    """Everything that an answer says, but for the instant and what moves with the day by itself."""
    blockers = [(b.code, b.clears_on, b.who) for b in answer.blockers]
    return answer.edition.code, blockers, answer.window, answer.latest_window, stage(answer), answer.owed, steps(answer)
