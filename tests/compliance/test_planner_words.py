"""The planner's words: for every state, shortfall and holiday, to both sides, and on each day that can be."""

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given, settings

from compliance.rules.planner import STATES, Plan, plan
from compliance.rules.programs.isotretinoin_us import ISOTRETINOIN_US
from compliance.rules.workdays import holiday
from compliance.words import planner as words
from tests.amount import share
from tests.compliance.rules.growing import SMALL, Log
from tests.compliance.rules.test_planner import CASES, DAY, LATER, begun_logs, judge_of, planned
from tests.histories import HistoryFactory

SIDES = ("patient", "prescriber")


def test_every_state_has_words() -> None:
    assert set(words.STATES) == set(STATES)
    labels = [str(one.label) for one in words.STATES.values()]
    assert all(labels) and len(set(labels)) == len(labels), "each state is told apart by its words alone"


@pytest.mark.parametrize("table", [words.WAITS, words.LOST, words.OPENS], ids=["waits", "lost", "opens"])
def test_both_sides_have_the_same_words(table: dict[str, dict[str, str]]) -> None:
    assert set(table) == set(SIDES)
    assert table["patient"].keys() == table["prescriber"].keys()


def test_every_holiday_of_many_years_has_words() -> None:
    days = [date(2020, 1, 1) + count * DAY for count in range(366 * 25)]
    names = {holiday(day) for day in days} - {""}
    assert {name.removesuffix(" (observed)") for name in names} == set(words.HOLIDAYS)
    assert all(words.closed_words(day) for day in days if holiday(day))


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2026, 12, 24), ""),
        (date(2026, 12, 25), "Christmas Day"),
        (date(2026, 12, 26), "weekend"),
        (date(2027, 12, 31), "New Year’s Day, observed"),
        (date(2027, 7, 4), "Independence Day"),
        (date(2027, 7, 5), "Independence Day, observed"),
    ],
)
def test_days_on_which_laboratories_may_be_closed_are_named(day: date, said: str) -> None:
    assert words.closed_words(day) == said


@pytest.mark.parametrize(("ahead", "said"), [(0, "today"), (1, "tomorrow"), (2, "in 2 days"), (42, "in 42 days")])
def test_days_are_told_by_their_distance(ahead: int, said: str) -> None:
    assert words.days_from(date(2026, 12, 1) + ahead * DAY, date(2026, 12, 1)) == said


def said_of(found: Plan) -> list[str]:
    """Everything that is said of a plan, to both sides."""
    return [
        text
        for role in SIDES
        for day in found.days
        for text in (*words.day_words(found, day, role), words.range_words(found, day, role))
    ]


@pytest.mark.parametrize("name", CASES)
def test_every_day_is_told_in_whole_sentences(name: str) -> None:
    make: Callable[[], HistoryFactory] = CASES[name][0]
    found = planned(make(), CASES[name][1])
    assert found is not None
    for text in said_of(found):
        assert text and text.endswith(".") and "{" not in text and "None" not in text


@settings(SMALL, max_examples=share(1_000, 25))
@given(begun_logs(), LATER)
def test_every_history_has_words(log: Log, later: int) -> None:
    found = plan(judge_of(ISOTRETINOIN_US, log.entries), log.entries[-1].at + later * DAY, days_ahead=42)
    if found is not None:
        codes = {day.shortfalls[0].code for day in found.days if day.state == "lost"}
        assert codes <= set(words.LOST["patient"])
        assert all(text and "{" not in text for text in said_of(found))
