"""What the planner says of a day is what the gate says once the test is entered on it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import groupby

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.rules import due_tests
from compliance.rules.assessment import Assessment
from compliance.rules.days import Span, midnight
from compliance.rules.editions import Program
from compliance.rules.gate import assess
from compliance.rules.planner import STATES, Plan, PlannerDay, plan, planned_day
from compliance.rules.programs.isotretinoin_us import ISOTRETINOIN_US
from compliance.rules.records import (
    Authorized,
    BirthDateCorrected,
    ContraceptionDeclared,
    Discontinued,
    Dispensed,
    Enrolled,
    Entry,
    HomeTestingSet,
    PregnancyReported,
    PregnancyTest,
    Record,
    Registered,
    StopCleared,
)
from compliance.rules.stages import stage
from tests.amount import share
from tests.compliance.rules.growing import NEW_YORK, PRESCRIBERS, SMALL, Log, logs, reached
from tests.compliance.rules.second_program import SECOND
from tests.compliance.rules.test_boundaries import JUNE, OCTOBER, filled, further_course, ready, young
from tests.compliance.rules.test_outlook import begun as begun_in
from tests.compliance.rules.test_outlook import cannot, ended, missed
from tests.histories import ALWAYS, CAN, HistoryFactory

DAY = timedelta(days=1)


def judge_of(program: Program, entries: Sequence[Entry], prescribers: object = None) -> Callable[..., Assessment]:
    def judge(more: Sequence[Entry], at: datetime) -> Assessment:
        return assess(program, [*entries, *more], at=at, prescribers=prescribers or PRESCRIBERS)  # type: ignore[arg-type]

    return judge


# --- a table of cases ------------------------------------------------------------------------------
def planned(history: HistoryFactory, day: float, ahead: int = 42) -> Plan | None:
    return plan(judge_of(ISOTRETINOIN_US, history.entries, {"p": ALWAYS}), history.at(day), days_ahead=ahead)


def runs(history: HistoryFactory, day: float, ahead: int = 42) -> list[tuple[str, int, int]]:
    """The states of the days ahead, each with the first and last of its days."""
    found = planned(history, day, ahead)
    assert found is not None
    groups = [(state, list(days)) for state, days in groupby(found.days, lambda one: one.state)]
    return [(state, (days[0].on - history.start).days, (days[-1].on - history.start).days) for state, days in groups]


def stopped() -> HistoryFactory:
    return filled().enter(40, PregnancyReported())


def stopped_at_the_end() -> HistoryFactory:
    """A stop that was cleared on the last day with supply: a test of that day counts for nothing."""
    return filled().enter(60, PregnancyReported()).enter(60.1, StopCleared("r"))


#: The 56th day after it is a Saturday too.
SATURDAY = date(2026, 11, 21)

#: Name -> (a history, today, the states of the days ahead with the first and last day of each).
CASES: dict[str, tuple[Callable[[], HistoryFactory], float, list[tuple[str, int, int]]]] = {
    "before the first test": (lambda: HistoryFactory(OCTOBER).sign(), 0, [("best", 0, 6), ("fits", 7, 42)]),
    "before the methods": (lambda: HistoryFactory(OCTOBER).sign().test(0), 1, [("lost", 1, 43)]),
    "in the lead-in": (begun_in, 1, [("lost", 1, 29), ("best", 30, 36), ("fits", 37, 43)]),
    "after the lead-in": (begun_in, 33, [("best", 33, 39), ("fits", 40, 75)]),
    "in the first window": (ready, 32, [("again", 32, 37), ("best", 38, 44), ("fits", 45, 74)]),
    "after a missed window": (lambda: missed(OCTOBER), 40, [("best", 40, 46), ("fits", 47, 82)]),
    "after a missed window, in the lockout": (
        lambda: missed(JUNE), 40, [("lost", 40, 49), ("best", 50, 56), ("fits", 57, 82)]),
    "after a fill of thirty days": (
        filled, 32, [("too-early", 32, 53), ("best", 54, 57), ("fits", 58, 60), ("late", 61, 74)]),
    "on the day of the fill": (
        filled, 31.2, [("lost", 31, 31), ("too-early", 32, 53), ("best", 54, 57), ("fits", 58, 60), ("late", 61, 73)]),
    "two days before the supply ends": (filled, 59, [("best", 59, 59), ("fits", 60, 60), ("late", 61, 101)]),
    "on the first day without supply": (filled, 61, [("best", 61, 67), ("fits", 68, 103)]),
    "after the supply ended": (filled, 70, [("best", 70, 76), ("fits", 77, 112)]),
    "with an authorization that is open": (
        lambda: ready().enter(31.1, Authorized("1", "P", 30, date(2026, 12, 27))), 32,
        [("again", 32, 37), ("best", 38, 44), ("fits", 45, 74)]),
    "stopped": (stopped, 41, [("stopped", 41, 83)]),
    "stopped today": (stopped, 40.1, [("lost", 40, 40), ("stopped", 41, 82)]),
    "after the stop was cleared": (
        lambda: stopped().enter(45, StopCleared("r")), 45,
        [("too-early", 45, 53), ("best", 54, 57), ("fits", 58, 60), ("late", 61, 87)]),
    "after treatment": (
        ended, 41, [("best", 41, 47), ("fits", 48, 83)]),
    "after treatment, one of two taken": (
        lambda: ended().test(41), 42, [("lost", 42, 68), ("best", 69, 75), ("fits", 76, 84)]),
    "between two courses": (
        further_course, 90, [("lost", 90, 90), ("too-early", 91, 108), ("best", 109, 115), ("fits", 116, 132)]),
    "under age": (
        young, 31,
        [("too-early", 31, 44), ("best", 45, 51), ("fits", 52, 73)]),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_states_of_the_days_ahead(name: str) -> None:
    make, day, expected = CASES[name]
    assert runs(make(), day) == expected


def test_every_state_has_a_case() -> None:
    assert {state for _, _, expected in CASES.values() for state, _, _ in expected} == set(STATES)


@pytest.mark.parametrize(
    ("make", "day"),
    [
        pytest.param(cannot, 10, id="who cannot become pregnant"),
        pytest.param(lambda: ended().test(41).test(70), 71, id="whose tests after treatment are taken"),
    ],
)
def test_nothing_is_planned_where_no_test_is_asked_for(make: Callable[[], HistoryFactory], day: int) -> None:
    assert planned(make(), day) is None


def day_of(history: HistoryFactory, today: float, day: int) -> PlannerDay:
    found = planned(history, today)
    assert found is not None
    one = found.day(history.on(day))
    assert one is not None
    return one


def test_a_day_that_is_too_early_says_what_is_left_and_for_when_a_window_is_needed() -> None:
    history = filled()
    one = day_of(history, 32, 43)
    assert (one.days_left, one.needed_on, one.pick_up) == (18, history.on(60), Span(history.on(43), history.on(49)))
    found = planned(history, 32)
    assert found is not None and found.supply_until == history.on(60)


@pytest.mark.parametrize(("day", "left"), [(60, 1), (61, 0), (62, 0), (74, 0)])
def test_days_of_supply_that_are_left_are_none_once_it_has_ended(day: int, left: int) -> None:
    assert day_of(filled(), 32, day).days_left == left


def test_where_nothing_was_handed_over_no_supply_is_counted() -> None:
    assert day_of(begun_in(), 1, 30).days_left is None


def at_home() -> HistoryFactory:
    return filled().enter(40, HomeTestingSet(True))


LAB, CLINIC, HOME = "laboratory", "clinic", "home"
#: Name -> (a history, today, the day of the test, where it counts, whether the menses timing decides).
PLACES: dict[str, tuple[Callable[[], HistoryFactory], float, int, tuple[str, ...], bool]] = {
    "the first test": (lambda: HistoryFactory(OCTOBER).sign(), 0, 0, (LAB, CLINIC), False),
    "the second test": (begun_in, 1, 30, (LAB, CLINIC), True),
    "a test that counts for nothing": (begun_in, 1, 29, (), False),
    "a retest under rules that ask for the timing": (lambda: missed(date(2022, 6, 1)), 50, 50, (LAB,), True),
    "a retest under rules that do not": (lambda: missed(OCTOBER), 50, 50, (LAB, CLINIC), False),
    "a month's test": (filled, 32, 54, (LAB, CLINIC), False),
    "a month's test, at home too": (at_home, 41, 54, (LAB, CLINIC, HOME), False),
    "a test after treatment": (ended, 41, 41, (LAB, CLINIC, HOME), False),
}


@pytest.mark.parametrize("name", PLACES)
def test_where_a_test_counts_and_what_is_supposed_of_it(name: str) -> None:
    """It is planned as negative, at the first place where it counts but not at home, with the surest menses timing."""
    make, today, day, places, decides = PLACES[name]
    history = make()
    one = day_of(history, today, day)
    assert (one.places, one.menses_decide) == (places, decides)
    assert one.effect.entry.record == PregnancyTest(one.on, "negative", LAB, "first_five_days")
    assert one.effect.entry.number == len(history.entries) + 1, "it comes behind all that is entered"


def test_a_window_is_needed_for_the_day_on_which_the_last_is_over_that_time_alone_clears() -> None:
    """Two are in the way: eight weeks after the last dose, until day 115, and her twelfth birthday, on day 120."""
    history = further_course()
    history.enter(62, BirthDateCorrected((history.on(120)).replace(year=2015), "r"))
    one = day_of(history, 90, 112)
    assert (one.state, one.pick_up, one.needed_on) == ("too-early", None, history.on(120))
    assert day_of(history, 90, 114).pick_up == Span(history.on(120), history.on(120))


def test_a_window_that_time_alone_shortens_opens_later() -> None:
    history = further_course()
    assert day_of(history, 90, 112).pick_up == Span(history.on(115), history.on(118))


def test_a_window_over_which_other_rules_come_into_force_opens_as_the_first_of_its_days_says() -> None:
    """From 12 November on; eight weeks after the last dose are over on the 14th, and on the 15th an edition begins."""
    history = further_course(date(2026, 7, 22))
    one = day_of(history, 90, 113)
    assert one.open_on == Span(date(2026, 11, 12), date(2026, 11, 18))
    assert one.pick_up == Span(date(2026, 11, 14), date(2026, 11, 18))


def test_a_lockout_that_the_next_edition_drops_is_over_with_it() -> None:
    """Collected in the lockout of 2023, its window stands from the first day of 2026 on."""
    history = HistoryFactory(date(2026, 10, 1)).begun().test(31, menses="first_five_days")
    one = day_of(history, 39, 44)
    assert one.on == date(2026, 11, 14)
    assert (one.state, one.window) == ("best", Span(date(2026, 11, 14), date(2026, 11, 20)))
    assert one.pick_up == Span(date(2026, 11, 15), date(2026, 11, 20))
    early = day_of(history, 39, 39)
    assert (early.window, early.open_on) == (
        Span(early.on, date(2026, 11, 15)),
        Span(date(2026, 11, 15), date(2026, 11, 15)),
    )


def test_a_test_that_is_entered_already_opens_nothing_once_more_when_other_rules_come() -> None:
    """It was collected in the lockout of 2023; on the first day of 2026 it opens its window by itself."""
    history = HistoryFactory(date(2026, 10, 1)).begun().test(31, menses="first_five_days").test(42)
    judge = judge_of(ISOTRETINOIN_US, history.entries, {"p": ALWAYS})
    again = planned_day(judge, history.at(42.1), history.on(42))
    assert again.on == date(2026, 11, 12)
    assert (again.state, again.window) == ("lost", None)


@pytest.mark.parametrize(
    ("make", "day", "earliest", "last", "recommended"),
    [
        # Day 30 is a Sunday, day 54 a Wednesday, day 69 a Thursday.
        pytest.param(begun_in, 1, 30, None, 31, id="in the lead-in"),
        pytest.param(filled, 32, 32, 60, 54, id="after a fill"),
        pytest.param(lambda: ended().test(41), 42, 69, None, 69, id="after treatment"),
        pytest.param(ready, 32, 32, None, None, id="before a pick-up"),
        pytest.param(filled, 59, 59, 60, 59, id="the one best day is a holiday"),
        pytest.param(lambda: filled(SATURDAY), 56, 56, 60, 56, id="the best days are a weekend"),
        pytest.param(stopped_at_the_end, 60.2, 61, None, 61, id="all days are late"),
        pytest.param(stopped, 41, None, None, None, id="stopped"),
        pytest.param(lambda: HistoryFactory(OCTOBER).sign().test(0), 1, None, None, None, id="before the methods"),
    ],
)
def test_earliest_last_and_recommended_day(
    make: Callable[[], HistoryFactory], day: float, earliest: int | None, last: int | None, recommended: int | None
) -> None:
    history = make()
    found = planned(history, day)
    assert found is not None
    said = [one and (one.on - history.start).days for one in (found.earliest, found.last, found.recommended)]
    assert said == [earliest, last, recommended]


@pytest.mark.parametrize(("ahead", "last"), [(28, None), (29, 60), (30, 60)])
def test_the_last_day_is_known_once_a_later_one_is_seen(ahead: int, last: int | None) -> None:
    history = filled()
    found = planned(history, 32, ahead)
    assert found is not None
    assert (found.last and found.last.on) == (None if last is None else history.on(last))


@pytest.mark.parametrize(
    ("make", "day", "waits"),
    [(stopped, 41, "stopped"), (ready, 32, "pick-up"), (filled, 32, ""), (begun_in, 1, "")],
)
def test_what_comes_before_any_test(make: Callable[[], HistoryFactory], day: int, waits: str) -> None:
    found = planned(make(), day)
    assert found is not None and found.waits == waits


def test_a_holiday_is_not_recommended() -> None:
    """The best days begin on Christmas, a Friday."""
    history = filled(date(2026, 11, 1))
    found = planned(history, 45)
    assert found is not None and found.recommended is not None
    assert next(day.on for day in found.days if day.state == "best") == date(2026, 12, 25)
    assert found.recommended.on == date(2026, 12, 28)


# --- held against the gate -------------------------------------------------------------------------
def entered(judge: Callable[..., Assessment], one: PlannerDay) -> Callable[[datetime], tuple[Assessment, Assessment]]:
    """The assessments at an instant without the test and with it, entered as planned."""
    return lambda at: (judge((), at), judge([one.effect.entry], at))


def holds(judge: Callable[..., Assessment], at: datetime, one: PlannerDay) -> None:
    """On each day from the test on, the gate names exactly the window that was planned."""
    program = judge((), at).history.program
    zone = judge((), at).history.zone
    ask = entered(judge, one)
    test = one.effect.entry.record
    assert isinstance(test, PregnancyTest) and test.collected_on == one.on
    for ahead in range(max(edition.window_last_day for edition in program.editions) + 3):
        instant = max(one.effect.entry.at, midnight(one.on + ahead * DAY, zone))
        without, after = ask(instant)
        stands = one.open_on is not None and one.open_on.covers(after.day)
        assert after.window == (one.window if stands else without.window), after.day
        in_the_way = [blocker for blocker in after.blockers if blocker.clears_on is not None]
        picks_up = stands and not in_the_way and not after.history.stops.open
        assert picks_up == (one.pick_up is not None and one.pick_up.covers(after.day)), after.day
    without, after = ask(one.effect.entry.at)
    counts_in_its_places(judge, one, without, after)
    assert (one.effect.code == "owed-test") == (without.owed != after.owed)
    if not one.effect.counts:
        assert one.effect.shortfalls and one.state == "lost"
        assert (after.allowed, after.owed) == (without.allowed, without.owed)
        # A window that is over on the day of the entry is a missed one, and is told so.
        is_over = any(shortfall.code == "window-over" for shortfall in one.shortfalls)
        assert is_over or after.codes == without.codes


#: How many days after the last record it is asked: soon, or when something has run out.
LATER = st.sampled_from([0, 0, 1, 2, 5, 9, 16, 23, 27, 40])


@st.composite
def begun_logs(draw: st.DrawFn) -> Log:
    """A history, or no more than its beginning: the stages before the first fill are as likely as those after it."""
    log = draw(logs())
    if draw(st.booleans()):
        log.entries = log.entries[: draw(st.integers(2, 12))]
    return log


@settings(SMALL, max_examples=share(10_000, 100))
@given(begun_logs(), st.data())
def test_the_planned_window_is_the_one_that_the_gate_names(log: Log, data: st.DataObject) -> None:
    judge = judge_of(ISOTRETINOIN_US, log.entries)
    at = log.entries[-1].at + data.draw(LATER) * DAY
    today = at.astimezone(NEW_YORK).date()
    holds(judge, at, planned_day(judge, at, today + data.draw(st.integers(-8, 45)) * DAY))


def counts_in_its_places(
    judge: Callable[..., Assessment], one: PlannerDay, without: Assessment, after: Assessment
) -> None:
    """Taken where the planner says, it does the same; taken elsewhere, nothing."""
    test = one.effect.entry.record
    assert isinstance(test, PregnancyTest)
    if not one.effect.counts or (one.open_on is not None and one.open_on.first > after.day):
        assert one.effect.counts or one.places == ()
        return
    for setting in after.history.program.settings:
        elsewhere = judge([replace(one.effect.entry, record=replace(test, setting=setting))], after.at)
        expected = after if setting in one.places else without
        assert (elsewhere.window, elsewhere.owed) == (expected.window, expected.owed), setting


@st.composite
def of_the_second_program(draw: st.DrawFn) -> list[Entry]:
    """A course of a program with other tables: tests, methods and fills on any days."""
    start = midnight(date(2026, 3, 1), NEW_YORK) + 12 * timedelta(hours=1)
    enrolled = Enrolled(draw(st.sampled_from([CAN, CAN, "cannot_become_pregnant"])), "male", prescriber="p")
    entries = [Entry(1, start, Registered(date(2001, 4, 2), prescriber="p")), Entry(2, start, enrolled)]
    at = start
    for _ in range(draw(st.integers(0, 5))):
        at += draw(st.integers(0, 12)) * DAY
        day = at.astimezone(NEW_YORK).date()
        happens: list[list[Record]] = [
            [PregnancyTest(day, "negative", "home", None)],
            [PregnancyTest(day, "negative", "clinic", None)],
            [ContraceptionDeclared("prescriber", ("ring", "foam"), day)],
            [Authorized(str(len(entries)), "p", 30, day), Dispensed(str(len(entries)))],
            [Discontinued("r", day)],
        ]
        for record in draw(st.sampled_from(happens)):
            entries.append(Entry(len(entries) + 1, at, record))
    return entries


@settings(SMALL, max_examples=share(5_000, 60))
@given(of_the_second_program(), st.integers(0, 20), st.integers(-3, 30))
def test_the_planned_window_is_the_gates_in_another_program(entries: list[Entry], later: int, ahead: int) -> None:
    judge = judge_of(SECOND, entries)
    at = entries[-1].at + later * DAY
    holds(judge, at, planned_day(judge, at, at.astimezone(NEW_YORK).date() + ahead * DAY))


@settings(SMALL, max_examples=share(2_000, 25))
@given(begun_logs(), LATER)
def test_the_first_sensible_day_is_the_one_that_is_due(log: Log, later: int) -> None:
    """The reminders, the calendar and the planner name one day."""
    judge = judge_of(ISOTRETINOIN_US, log.entries)
    at = log.entries[-1].at + later * DAY
    found, now = plan(judge, at, days_ahead=45), judge((), at)
    due = due_tests.test_due_on(now)
    if found is None or due is None or not due <= now.day + 45 * DAY or reaches_an_edition(now):
        return
    first = next(day.on for day in found.days if day.state in ("best", "fits", "late"))
    assert first == max(due, now.day)


def reaches_an_edition(now: Assessment) -> bool:
    """Whether other rules come into force on the days that are planned."""
    return any(now.day < edition.in_force_from <= now.day + 60 * DAY for edition in now.history.program.editions)


def test_the_histories_reach_every_stage_and_state() -> None:
    """A strategy that never gets there would prove nothing."""
    stages = {
        "consent", "lead-in", "second-test", "month", "ready", "between-fills", "window-missed", "stopped",
        "followed-up", "closed",
    }  # fmt: skip
    states = set(STATES) - {"best"}
    asked = {f"stage {one}" for one in stages} | {f"state {one}" for one in states}

    def found(log: Log, later: int, ahead: int) -> set[str]:
        judge = judge_of(ISOTRETINOIN_US, log.entries)
        at = log.entries[-1].at + later * DAY
        today = at.astimezone(NEW_YORK).date()
        days = (planned_day(judge, at, today + days * DAY) for days in {*range(0, 41, 5), ahead})
        return {f"stage {stage(judge((), at))}", *(f"state {day.state}" for day in days)}

    assert reached(asked, found, begun_logs(), LATER, st.integers(0, 30)) >= asked
