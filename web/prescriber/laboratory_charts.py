"""Laboratory values as small pictures: against the limit and the patient's own first value, with the same in words."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import pairwise

from compliance.rules.care import laboratory
from compliance.rules.care.dose import rounded
from compliance.rules.care.laboratory import GRAVE, TESTS, UNITS, LaboratoryResult, Value
from compliance.words.dose import number
from compliance.words.laboratory import ADVICE, TEST_LABELS
from ui.navigation import Words

#: Pixels: the height of a picture, and what is left free above and below.
HEIGHT, FREE = 96, 12
#: Per cent of the width left free at both ends.
MARGIN = 4


@dataclass(frozen=True, slots=True)
class Point:
    """A value as drawn, and as it is said; `is_over` says whether it is above the limit."""

    x: str
    y: int
    on: date
    words: str
    is_over: bool


@dataclass(frozen=True, slots=True)
class Segment:
    """The line between two points."""

    start: Point
    end: Point


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """The values of one test."""

    title: Words
    unit: str
    height: int
    limit_y: int
    limit: str
    baseline_y: int
    baseline: str
    points: tuple[Point, ...]
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class AdviceLine:
    """What is advised of one value."""

    test: Words
    sentence: Words
    is_grave: bool


def charts(results: list[LaboratoryResult]) -> list[Chart]:
    """A chart of each test that was ever made."""
    ordered = laboratory.by_day(results)
    of_test = {test: [(one.drawn_on, value) for one in ordered if (value := one.value(test))] for test in TESTS}
    return [_chart(test, values) for test, values in of_test.items() if values]


def _chart(test: str, values: list[tuple[date, Value]]) -> Chart:
    comparable = [value.comparable(test) for _on, value in values]
    limit, baseline = values[-1][1].limit(test), comparable[0]
    top = max(*comparable, limit) * Fraction(11, 10)
    first, last = values[0][0], values[-1][0]
    days = max((last - first).days, 1)

    def y(value: Fraction) -> int:
        return HEIGHT - FREE - int((HEIGHT - 2 * FREE) * value / top)

    def x(on: date) -> str:
        share = Fraction(50) if first == last else MARGIN + Fraction((100 - 2 * MARGIN) * (on - first).days, days)
        return f"{rounded(share, '0.1')}%"

    points = tuple(
        Point(x(on), y(found), on, _in_words(found, value, test), found > value.limit(test))
        for (on, value), found in zip(values, comparable, strict=True)
    )
    return Chart(
        title=TEST_LABELS[test], unit=next(iter(UNITS[test])), height=HEIGHT,
        limit_y=y(limit), limit=number(rounded(limit, "1")),
        baseline_y=y(baseline), baseline=number(rounded(baseline, "1")),
        points=points, segments=tuple(Segment(*pair) for pair in pairwise(points)),
    )  # fmt: skip


def _in_words(found: Fraction, value: Value, test: str) -> str:
    """The value in the unit of the picture, and as it was entered where that was another."""
    unit = next(iter(UNITS[test]))
    words = f"{number(rounded(found, '1' if found >= 10 else '0.1'))} {unit}"
    return words if value.unit == unit else f"{words} ({number(laboratory.decimal(value.number))} {value.unit})"


def latest_advice(results: list[LaboratoryResult]) -> list[AdviceLine]:
    """What is to be said of the latest values of each test; the grave first."""
    ordered = laboratory.by_day(results)
    lines: list[AdviceLine] = []
    for test in TESTS:
        made = [one for one in ordered if one.value(test) is not None]
        if not made:
            continue
        codes = [code for of_test, code in laboratory.advice(made[-1]) if of_test == test]
        value = made[-1].value(test)
        assert value is not None
        if len(made) > 1 and not codes and laboratory.is_doubled(test, value, made[0].value(test)):
            codes = ["doubled"]
        lines += [AdviceLine(TEST_LABELS[test], ADVICE[code], code in GRAVE) for code in codes]
    return sorted(lines, key=lambda line: not line.is_grave)
