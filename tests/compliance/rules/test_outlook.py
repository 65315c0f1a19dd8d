"""What an entry would open, or why it counts for nothing and what would: the rules say it, before it is entered."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.rules import entries
from compliance.rules.assessment import Assessment
from compliance.rules.gate import assess
from compliance.rules.history import read
from compliance.rules.outlook import EFFECTS, NOTHING, Effect, Outlook, menses_decides, what_follows
from compliance.rules.programs.isotretinoin_us import ISOTRETINOIN_US
from compliance.rules.records import (
    BirthDateCorrected,
    ComprehensionPassed,
    ContraceptionDeclared,
    Counselled,
    Discontinued,
    Enrolled,
    Entry,
    HomeTestingSet,
    LastDoseCorrected,
    PregnancyReported,
    PregnancyTest,
    Record,
    StopCleared,
)
from tests.amount import share
from tests.compliance.rules.growing import PRESCRIBERS, SMALL, Log, logs, month, on, stray
from tests.compliance.rules.test_boundaries import JUNE, OCTOBER, filled, ready
from tests.histories import ALWAYS, CANNOT, METHODS, OTHER_METHODS, HistoryFactory

DAY = timedelta(days=1)


def outlook(history: HistoryFactory, day: float, *records: Record) -> Outlook:
    """What follows of these records, entered on that day."""
    at, number = history.at(day), len(history.entries)
    new = [Entry(number + place, at, record) for place, record in enumerate(records, 1)]

    def judge(more: object) -> Assessment:
        return assess(ISOTRETINOIN_US, [*history.entries, *more], at=at, prescribers={"p": ALWAYS})  # type: ignore[misc]

    return what_follows(judge, new)


def negative(history: HistoryFactory, day: int, setting: str = "laboratory", menses: str | None = "first_five_days",
             result: str = "negative") -> PregnancyTest:  # fmt: skip
    return PregnancyTest(history.on(day), result, setting, menses)


def begun(start: date = OCTOBER) -> HistoryFactory:
    return HistoryFactory(start).begun()


def missed(start: date) -> HistoryFactory:
    """A first window, of days 31 to 37, that closed without a fill."""
    return begun(start).test(31, menses="first_five_days")


def ended(start: date = OCTOBER) -> HistoryFactory:
    return filled(start).enter(40, Discontinued("r", filled(start).on(39)))


def cannot(start: date = JUNE) -> HistoryFactory:
    return HistoryFactory(start, category=CANNOT).sign()


Case = tuple[Callable[[], HistoryFactory], float, Callable[[HistoryFactory], Record], str, dict[str, int | None]]

#: Name -> (a history, the day, what is entered, its effect, what it lacks and the day from which it would do).
CASES: dict[str, Case] = {
    "the first test": (lambda: HistoryFactory(OCTOBER).sign(), 0, lambda h: negative(h, 0), "first-test", {}),
    "the first test at home": (
        lambda: HistoryFactory(OCTOBER).sign(), 0, lambda h: negative(h, 0, "home"), NOTHING,
        {"setting-not-accepted": None}),
    "the first test, entered after the second": (
        lambda: HistoryFactory(OCTOBER).sign().enter(0, ContraceptionDeclared("prescriber", METHODS, OCTOBER)).test(
            31, menses="first_five_days"),
        32, lambda h: negative(h, 0), "window", {}),
    "an indeterminate test": (
        begun, 31, lambda h: negative(h, 31, result="indeterminate"), NOTHING, {"not-negative": None}),
    "the second test": (begun, 31, lambda h: negative(h, 31), "window", {}),
    "the second test, on the first day that does": (begun, 30, lambda h: negative(h, 30), "window", {}),
    "the second test with menses not known": (
        begun, 31, lambda h: negative(h, 31, menses=None), NOTHING, {"menses-not-known": None}),
    "the second test in the lead-in": (begun, 29, lambda h: negative(h, 29), NOTHING, {"in-lead-in": 30}),
    "the second test in the first days": (
        begun, 18, lambda h: negative(h, 18), NOTHING, {"too-soon-after-first": 19, "in-lead-in": 30}),
    "the second test too soon, and menses not known": (
        begun, 20, lambda h: negative(h, 20, menses=None), NOTHING, {"in-lead-in": 30, "menses-not-known": None}),
    "the second test at home": (
        begun, 31, lambda h: negative(h, 31, "home"), NOTHING, {"setting-not-accepted": None}),
    "the second test before the methods": (
        lambda: HistoryFactory(OCTOBER).sign().test(0), 31, lambda h: negative(h, 31), NOTHING,
        {"methods-not-declared": None}),
    "a second test that was collected too long ago": (
        begun, 40, lambda h: negative(h, 31), NOTHING, {"window-over": 34}),
    "the same test again": (
        lambda: begun().test(31, menses="first_five_days"), 31, lambda h: negative(h, 31), NOTHING, {"already": None}),
    "another test in the window": (
        lambda: begun().test(31, menses="first_five_days"), 33, lambda h: negative(h, 33), "window", {}),
    "a retest in the lockout": (
        lambda: missed(JUNE), 40, lambda h: negative(h, 40), NOTHING, {"in-lockout": 50}),
    "a retest after the lockout": (lambda: missed(JUNE), 50, lambda h: negative(h, 50), "window", {}),
    "a retest, menses not known": (
        lambda: missed(JUNE), 50, lambda h: negative(h, 50, menses=None), NOTHING, {"menses-not-known": None}),
    "a retest where menses are not asked": (
        lambda: missed(OCTOBER), 50, lambda h: negative(h, 50, menses=None), "window", {}),
    "the month's test": (filled, 60, lambda h: negative(h, 60, menses=None), "window", {}),
    "the month's test, of the day of the fill": (
        filled, 36, lambda h: negative(h, 31), NOTHING, {"not-after-fill": 32}),
    "the month's test at home, not permitted": (
        filled, 60, lambda h: negative(h, 60, "home"), NOTHING, {"home-not-permitted": None}),
    "the month's test at home, permitted": (
        lambda: filled().enter(40, HomeTestingSet(True)), 60, lambda h: negative(h, 60, "home"), "window", {}),
    "the month's test at home, permitted no longer": (
        lambda: filled().enter(40, HomeTestingSet(True)).enter(41, HomeTestingSet(False)), 60,
        lambda h: negative(h, 60, "home"), NOTHING, {"home-not-permitted": None}),
    "a test of the day of the stop": (
        lambda: filled().enter(60, PregnancyReported()).enter(61, StopCleared("r")), 61, lambda h: negative(h, 60),
        NOTHING, {"not-after-stop": 61}),
    "a test of the day after": (
        lambda: filled().enter(60, PregnancyReported()).enter(61, StopCleared("r")), 61, lambda h: negative(h, 61),
        "window", {}),
    "a positive test": (filled, 60, lambda h: negative(h, 60, result="positive"), "stop", {}),
    "a test after treatment": (ended, 41, lambda h: negative(h, 41), "owed-test", {}),
    "a test after treatment that is indeterminate": (
        ended, 41, lambda h: negative(h, 41, result="indeterminate"), NOTHING, {"not-conclusive": None}),
    "a test after treatment at home, where only a laboratory's counts": (
        lambda: ended(date(2022, 6, 1)), 41, lambda h: negative(h, 41, "home"), NOTHING,
        {"setting-not-accepted": None}),
    "a test from before the last dose": (ended, 41, lambda h: negative(h, 38), NOTHING, {"before-due": 39}),
    "a second test in the first month after": (
        lambda: ended().test(41), 45, lambda h: negative(h, 45), NOTHING, {"before-due": 69}),
    "a third test after treatment": (
        lambda: ended().test(41).test(70), 71, lambda h: negative(h, 71), NOTHING, {"nothing-owed": None}),
    "the end's test too late": (
        lambda: ended().test(70), 71, lambda h: negative(h, 71), NOTHING, {"after-due": None}),
    "a test of who cannot become pregnant": (cannot, 1, lambda h: negative(h, 1), NOTHING, {"not-asked": None}),
    "a visit": (begun, 31, lambda h: Counselled(h.on(31)), "visit", {}),
    "a visit again": (
        lambda: begun().enter(31, Counselled(OCTOBER + 31 * DAY)), 31, lambda h: Counselled(h.on(31)), NOTHING,
        {"already": None}),
    "a visit that opens the window": (cannot, 1, lambda h: Counselled(h.on(1)), "window", {}),
    "a visit that opens the window that is open": (
        lambda: cannot().enter(1, Counselled(JUNE + DAY)), 1, lambda h: Counselled(h.on(1)), NOTHING,
        {"already": None}),
    "a visit outside the window": (cannot, 31, lambda h: Counselled(h.on(0)), NOTHING, {"window-over": 1}),
    "a visit on the last day that does": (cannot, 31, lambda h: Counselled(h.on(1)), "window", {}),
    "a visit for the whole course": (lambda: cannot(date(2026, 11, 20)), 1, lambda h: Counselled(h.on(1)), "visit", {}),
    "the methods that begin the lead-in": (
        lambda: HistoryFactory(OCTOBER).sign(), 0, lambda h: ContraceptionDeclared("prescriber", METHODS, h.on(0)),
        "methods", {}),
    "the same methods again": (
        begun, 5, lambda h: ContraceptionDeclared("prescriber", METHODS, h.on(0)), NOTHING, {"already": None}),
    "other methods": (
        begun, 5, lambda h: ContraceptionDeclared("prescriber", OTHER_METHODS, h.on(5)), "methods", {}),
    "methods of who cannot become pregnant": (
        cannot, 1, lambda h: ContraceptionDeclared("prescriber", METHODS, h.on(0)), NOTHING, {"not-asked": None}),
    "the patient's methods before the window": (
        begun, 5, lambda h: ContraceptionDeclared("patient", METHODS), NOTHING, {"no-window": None}),
    "the patient's methods": (
        lambda: missed(OCTOBER), 31, lambda h: ContraceptionDeclared("patient", METHODS), "methods", {}),
    "the patient's questions before the window": (
        begun, 5, lambda h: ComprehensionPassed(), NOTHING, {"no-window": None}),
    "the patient's questions": (lambda: missed(OCTOBER), 31, lambda h: ComprehensionPassed(), "questions", {}),
    "the patient's questions again": (ready, 31, lambda h: ComprehensionPassed(), NOTHING, {"already": None}),
    "the patient's questions of who cannot become pregnant": (
        cannot, 1, lambda h: ComprehensionPassed(), NOTHING, {"not-asked": None}),
    "tests at home are permitted": (begun, 5, lambda h: HomeTestingSet(True), "home-tests", {}),
    "tests at home are not permitted": (begun, 5, lambda h: HomeTestingSet(False), "home-tests", {}),
    "tests at home are not permitted, again": (
        lambda: begun().enter(4, HomeTestingSet(False)), 5, lambda h: HomeTestingSet(False), NOTHING,
        {"already": None}),
    "tests at home are not permitted, again, after they were": (
        lambda: begun().enter(3, HomeTestingSet(True)).enter(4, HomeTestingSet(False)), 5,
        lambda h: HomeTestingSet(False), NOTHING, {"already": None}),
    "tests at home under the first edition": (
        lambda: begun(date(2022, 3, 1)), 5, lambda h: HomeTestingSet(True), NOTHING, {"no-home-tests": None}),
    "tests at home of who cannot become pregnant": (
        cannot, 1, lambda h: HomeTestingSet(True), NOTHING, {"not-asked": None}),
    "the birth date that stands there": (
        begun, 5, lambda h: BirthDateCorrected(date(2001, 4, 2), "r"), NOTHING, {"already": None}),
    "another birth date": (begun, 5, lambda h: BirthDateCorrected(date(2001, 4, 3), "r"), "entered", {}),
    "the last dose that stands there": (
        ended, 41, lambda h: LastDoseCorrected("r", h.on(39)), NOTHING, {"already": None}),
    "another last dose": (ended, 41, lambda h: LastDoseCorrected("r", h.on(40)), "entered", {}),
    "a further course": (ended, 41, lambda h: Enrolled("can_become_pregnant", prescriber="p"), "entered", {}),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_an_entry_opens_or_lacks(name: str) -> None:
    make, day, record, code, lacking = CASES[name]
    history = make()
    follows = outlook(history, day, record(history))
    (effect,) = follows.effects
    expected = {what: None if from_day is None else history.on(from_day) for what, from_day in lacking.items()}
    assert effect.code == code
    assert {shortfall.code: shortfall.from_day for shortfall in effect.shortfalls} == expected
    assert effect.counts is (not lacking)
    assert effect.window == (follows.after.window if code == "window" else None)


def test_the_cases_name_every_effect() -> None:
    assert {case[3] for case in CASES.values()} == {*EFFECTS, NOTHING}


def test_a_month_counts_as_a_whole_unless_a_part_of_it_opens_nothing() -> None:
    """In the second month the methods are as they were declared first: that is no fault."""
    history = begun()
    visit, methods = Counselled(history.on(31)), ContraceptionDeclared("prescriber", METHODS, history.on(0))
    good = outlook(history, 31, negative(history, 31), visit, methods)
    assert [effect.code for effect in good.effects] == ["window", "visit", NOTHING]
    assert good.counts
    assert good.effects[0].window == good.after.window
    assert not outlook(history, 31, negative(history, 31, menses=None), visit, methods).counts
    assert not outlook(history, 31, methods).counts


def test_a_month_entered_twice_counts_for_nothing() -> None:
    history = begun()
    records = [negative(history, 31), Counselled(history.on(31)), ContraceptionDeclared("prescriber", METHODS, OCTOBER)]
    history.enter(31, *records)
    again = outlook(history, 31, *records)
    assert [effect.repeats for effect in again.effects] == [True, True, True]
    assert not again.counts


def test_the_test_at_the_end_says_when_the_next_is_due() -> None:
    history = ended()
    (first,) = outlook(history, 41, negative(history, 41)).effects
    (second,) = outlook(history.test(41), 71, negative(history, 71)).effects
    assert (first.code, first.next_on) == ("owed-test", history.on(69))
    assert (second.code, second.next_on) == ("owed-test", None)


def test_the_first_test_says_from_when_the_second_may_be_collected() -> None:
    history = HistoryFactory(OCTOBER).sign()
    (alone,) = outlook(history, 0, negative(history, 0)).effects
    assert alone.next_on is None, "nothing anchors the lead-in"
    declared = ContraceptionDeclared("prescriber", METHODS, history.on(0))
    first, methods = outlook(history, 0, negative(history, 0), declared).effects
    assert (first.next_on, methods.next_on) == (history.on(30), history.on(30))


#: Name -> (a history, the day, whether menses decide whether a test of that day opens a window).
MENSES: dict[str, tuple[Callable[[], HistoryFactory], float, bool]] = {
    "before the first test": (lambda: HistoryFactory(OCTOBER).sign(), 0, False),
    "before the second": (begun, 31, True),
    "in the first window": (lambda: missed(JUNE), 32, True),
    "after it was missed": (lambda: missed(JUNE), 50, True),
    "after it was missed, where it is not asked": (lambda: missed(OCTOBER), 50, False),
    "after a fill": (filled, 60, False),
    "who cannot become pregnant": (cannot, 1, False),
    "after treatment": (ended, 41, False),
}


@pytest.mark.parametrize("name", MENSES)
def test_when_menses_decide(name: str) -> None:
    make, day, decides = MENSES[name]
    assert menses_decides(make().ask(day)) is decides


# --- held against the gate -------------------------------------------------------------------------
def judged(log: Log, at: datetime, new: list[Entry]) -> Assessment:
    return assess(ISOTRETINOIN_US, [*log.entries, *new], at=at, prescribers=PRESCRIBERS)


def taken(log: Log, at: datetime, records: list[Record]) -> list[Entry]:
    """The entries that the rules take of these, each after those before."""
    new: list[Entry] = []
    for record in records:
        log_now = [*log.entries, *new]
        if entries.refusal(read(ISOTRETINOIN_US, log_now, at), log_now, record, at) is None:
            new.append(Entry(len(log_now) + 1, at, record))
    return new


def followed(log: Log, at: datetime, new: list[Entry]) -> Outlook:
    return what_follows(lambda more: judged(log, at, list(more)), new)


@settings(SMALL, max_examples=share(10_000, 80))
@given(logs(), st.data())
def test_the_outlook_says_what_the_gate_says_afterwards(log: Log, data: st.DataObject) -> None:
    at = log.entries[-1].at + data.draw(st.integers(0, 40)) * DAY
    records = data.draw(st.one_of(stray(at, log.entries), st.just(month(at, METHODS, "laboratory"))))
    new = taken(log, at, records)
    found = followed(log, at, new)
    assert found.after.codes == judged(log, at, new).codes
    for effect in found.effects:
        without = judged(log, at, [entry for entry in new if entry is not effect.entry])
        if effect.code == "window":
            assert effect.window == found.after.window != without.window
        elif effect.window is None and not isinstance(effect.entry.record, PregnancyTest):
            pass
        elif effect.code != "stop":
            assert found.after.window == without.window, "no window without a word"
        if not effect.counts:
            assert found.after.allowed == without.allowed
            assert effect.shortfalls


def mended(effect: Effect, at: datetime) -> tuple[datetime, PregnancyTest]:
    """The test as the reasons say that it would count, and when it could be entered."""
    test = effect.entry.record
    assert isinstance(test, PregnancyTest)
    lacking = {shortfall.code for shortfall in effect.shortfalls}
    days = [shortfall.from_day for shortfall in effect.shortfalls if shortfall.from_day is not None]
    if lacking & {"not-negative", "not-conclusive"}:
        test = replace(test, result="negative")
    if lacking & {"setting-not-accepted", "home-not-permitted"}:
        test = replace(test, setting="laboratory")
    if "menses-not-known" in lacking:
        test = replace(test, menses="first_five_days")
    if days:
        test = replace(test, collected_on=max(days))
        at = max(at, at + (max(days) - on(at)))
    return at, test


@settings(SMALL, max_examples=share(10_000, 80))
@given(logs(), st.data())
def test_what_would_count_does_count(log: Log, data: st.DataObject) -> None:
    """A test that lacks something counts once that is put right; at a later day, perhaps, after another round."""
    at = log.entries[-1].at + data.draw(st.integers(0, 40)) * DAY
    test = PregnancyTest(
        on(at) - data.draw(st.integers(0, 25)) * DAY, data.draw(st.sampled_from(["negative", "indeterminate"])),
        data.draw(st.sampled_from(["laboratory", "clinic", "home"])),
        data.draw(st.sampled_from(["first_five_days", None])),
    )  # fmt: skip
    for _round in range(6):
        new = taken(log, at, [test])
        if not new:
            return
        (effect,) = followed(log, at, new).effects
        lacking = {shortfall.code for shortfall in effect.shortfalls}
        if lacking & {"not-asked", "methods-not-declared", "nothing-owed", "already", "after-due"}:
            return
        if effect.counts:
            return
        at, test = mended(effect, at)
    raise AssertionError(f"never counts: {effect}{log}")
