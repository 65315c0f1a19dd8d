"""The course as spans of days: what became of each window, for how long there is supply, when the next test is due."""

from datetime import date

import pytest

from compliance.rules.course_spans import course_windows, days_of_next_test, hand_overs, supplies
from compliance.rules.days import Span
from compliance.rules.due_tests import supply_ends_on
from compliance.rules.history import History, read
from compliance.rules.programs.isotretinoin_us import ISOTRETINOIN_US
from compliance.rules.records import Authorized, CategoryChanged, Dispensed, PregnancyReported
from tests.histories import CANNOT, HistoryFactory

START = date(2026, 11, 20)


def filled(*, supply: int = 30) -> HistoryFactory:
    """The window of days 31 to 37 was used on day 32."""
    made = HistoryFactory(START).begun().month(31)
    return made.enter(31.1, Authorized("1", "P", supply, made.on(37))).enter(32, Dispensed("1"))


def missed_first() -> HistoryFactory:
    """The window of days 31 to 37 was missed, and that of days 50 to 56 used on day 51."""
    made = HistoryFactory(START).begun().month(31).month(50)
    return made.enter(50.1, Authorized("1", "P", 30, made.on(56))).enter(51, Dispensed("1"))


def twice() -> HistoryFactory:
    """Filled on days 32 and 60: the second month while there was supply of the first."""
    made = filled().month(59)
    return made.enter(59.1, Authorized("2", "P", 30, made.on(65))).enter(60, Dispensed("2"))


def told_late() -> HistoryFactory:
    """The hand-over of day 33 was entered on day 45, when its window was over."""
    made = HistoryFactory(START).begun().month(31)
    return made.enter(31.1, Authorized("1", "P", 30, made.on(37))).enter(45, Dispensed("1", made.on(33)))


def changed() -> HistoryFactory:
    """Tested on day 31, and filled on day 32 as one who cannot become pregnant."""
    made = HistoryFactory(START).begun().month(31).enter(31.1, CategoryChanged(CANNOT, "hysterectomy"))
    return made.enter(31.2, Authorized("1", "P", 30, made.on(37))).enter(32, Dispensed("1"))


def earlier(made: HistoryFactory, now: History) -> list[tuple[History, date]]:
    found = []
    for fill in hand_overs(now):
        before = [entry for entry in made.entries if entry.number < fill.number]
        found.append((read(ISOTRETINOIN_US, before, before[-1].at), fill.on))
    return found


#: Name -> (what happened, asked on day, the windows by the days after the start, and what became of each).
WINDOWS: dict[str, tuple[HistoryFactory, int, list[tuple[int, int, str]]]] = {
    "open": (HistoryFactory(START).begun().month(31), 33, [(31, 37, "open")]),
    "missed": (HistoryFactory(START).begun().month(31), 38, [(31, 37, "missed")]),
    "used": (filled(), 33, [(31, 37, "used")]),
    "used, long ago": (filled(), 90, [(31, 37, "used")]),
    "missed before one that was used": (missed_first(), 52, [(31, 37, "missed"), (50, 56, "used")]),
    "used, and the next is open": (filled().month(58), 60, [(31, 37, "used"), (58, 64, "open")]),
    "used, and the next is missed": (filled().month(58), 65, [(31, 37, "used"), (58, 64, "missed")]),
    "both used": (twice(), 61, [(31, 37, "used"), (59, 65, "used")]),
    "used, entered late": (told_late(), 46, [(31, 37, "used")]),
    "none of who was tested before the category changed": (changed(), 33, []),
    "none yet": (HistoryFactory(START).begun(), 10, []),
}


@pytest.mark.parametrize("case", WINDOWS)
def test_every_window_of_the_course_and_what_became_of_it(case: str) -> None:
    made, day, expected = WINDOWS[case]
    now = made.ask(day)
    found = course_windows(now, earlier(made, now.history))
    assert [(one.span, one.state) for one in found] == [
        (Span(made.on(first), made.on(last)), state) for first, last, state in expected
    ]


def test_window_of_before_the_first_edition_is_left_out() -> None:
    made = HistoryFactory(date(2021, 10, 1)).begun().month(31)
    made.enter(31.1, Authorized("1", "P", 30, made.on(37))).enter(32, Dispensed("1"))
    now = made.ask(90)
    assert course_windows(now, earlier(made, now.history)) == []
    made.month(80).enter(80.1, Authorized("2", "P", 30, made.on(86))).enter(81, Dispensed("2"))
    now = made.ask(150)
    found = course_windows(now, earlier(made, now.history))
    assert [(one.span, one.state) for one in found] == [(Span(made.on(80), made.on(86)), "used")]


#: Name -> (what happened, asked on day, the spans of supply by the days after the start).
SUPPLIES: dict[str, tuple[HistoryFactory, int, list[tuple[int, int]]]] = {
    "nothing filled": (HistoryFactory(START).begun().month(31), 33, []),
    "thirty days": (filled(), 33, [(32, 61)]),
    "ten days": (filled(supply=10), 33, [(32, 41)]),
    "one day": (filled(supply=1), 33, [(32, 32)]),
    "from the day of the hand-over": (told_late(), 46, [(33, 62)]),
    "the first until the second": (twice(), 61, [(32, 59), (60, 89)]),
}


@pytest.mark.parametrize("case", SUPPLIES)
def test_supply_goes_from_each_fill_to_its_end_or_the_next(case: str) -> None:
    made, day, expected = SUPPLIES[case]
    now = made.ask(day)
    assert supplies(now.history) == [Span(made.on(first), made.on(last)) for first, last in expected]
    ends = supply_ends_on(now)
    assert ends == (made.on(expected[-1][1] + 1) if expected else None)


#: Name -> (what happened, asked on day, from which day to which the next test is asked for).
NEXT: dict[str, tuple[HistoryFactory, int, tuple[int, int] | None]] = {
    "before it makes sense": (filled(), 40, (55, 61)),
    "in these days": (filled(), 58, (58, 61)),
    "on the last day of the supply": (filled(), 61, (61, 61)),
    "the supply has ended": (filled(), 64, (64, 70)),
    "a window is open": (filled().month(58), 59, None),
    "before the first fill": (HistoryFactory(START).begun(), 10, (30, 36)),
    "after a stop": (filled().enter(40, PregnancyReported()), 41, None),
}


@pytest.mark.parametrize("case", NEXT)
def test_days_of_the_next_test_end_with_the_supply(case: str) -> None:
    made, day, expected = NEXT[case]
    found = days_of_next_test(made.ask(day))
    assert found == (Span(made.on(expected[0]), made.on(expected[1])) if expected else None)
