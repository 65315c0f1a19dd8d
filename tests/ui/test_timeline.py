"""The picture of a course: where everything stands, and that nothing is left out of its text."""

import itertools
from collections.abc import Callable
from datetime import date, timedelta

import pytest

from tests.ui.styleguide import render
from ui.timeline import (
    FREE,
    HALF_A_MARK,
    KEY,
    MARK_LANES,
    MOST_LABELS,
    MOST_ON_PHONE,
    NARROWEST,
    SPAN_LANES,
    Drawing,
    Picture,
    TimelineMark,
    TimelineSpan,
    draw,
)
from web.styleguide.examples import picture

START = date(2026, 7, 6)


def course(days: int, *, spans: tuple[TimelineSpan, ...] = (), marks: tuple[TimelineMark, ...] = ()) -> Picture:
    return Picture("Course", START, START + timedelta(days=days), ("Windows", "Tests", "Fills", "Supply"), spans, marks)


def share(text: str) -> float:
    return float(text.removesuffix("%"))


@pytest.mark.parametrize("days", [0, 1, 10, 40, 180, 400, 1500])
def test_labels_never_crowd(days: int) -> None:
    ticks = draw(course(days)).ticks
    assert 1 <= len(ticks) <= MOST_LABELS
    assert ticks[0].week == 1
    assert ticks[0].day == START
    assert 1 <= sum(tick.phone for tick in ticks) <= MOST_ON_PHONE
    assert {(b.day - a.day).days % 7 for a, b in itertools.pairwise(ticks)} <= {0}


def test_everything_lies_within_the_picture() -> None:
    drawing = draw(picture())
    for bar in drawing.bars:
        assert share(bar.x) >= 0
        assert share(bar.x) + share(bar.width) <= 100
    assert all(0 <= share(dot.x) <= 100 for dot in drawing.dots)
    assert all(dot.y < drawing.axis < drawing.height for dot in drawing.dots)


def test_a_span_covers_its_last_day() -> None:
    a_day = TimelineSpan("window", START, START, "One day")
    a_week = TimelineSpan("window", START, START + timedelta(days=6), "Seven days")
    one, seven = draw(course(60, spans=(a_day, a_week))).bars
    assert share(seven.width) == pytest.approx(7 * share(one.width), abs=0.05)


def test_what_lies_before_the_start_or_after_today_widens_the_axis() -> None:
    early = TimelineMark("test-negative", START - timedelta(days=9), "Early test")
    late = TimelineSpan("window", START + timedelta(days=80), START + timedelta(days=86), "Window ahead")
    drawing = draw(course(10, spans=(late,), marks=(early,)))
    assert drawing.first == early.on
    assert drawing.last > late.last
    assert share(drawing.dots[0].x) < share(drawing.ticks[0].x)


def boxes(drawing: Drawing) -> list[tuple[float, float, float, float]]:
    """Left, top, right, bottom of everything drawn, in pixels of the narrowest drawing."""
    scale = NARROWEST / 100
    bars = [
        (share(bar.x) * scale, bar.y, (share(bar.x) + share(bar.width)) * scale, bar.y + bar.height)
        for bar in drawing.bars
    ]  # fmt: skip
    half = HALF_A_MARK - FREE / 2
    dots = [
        (share(dot.x) * scale - half, dot.y - half, share(dot.x) * scale + half, dot.y + half) for dot in drawing.dots
    ]  # fmt: skip
    return [*bars, *dots]


def together(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    """Whether two boxes have more than a hairline in common."""
    across = min(one[2], other[2]) - max(one[0], other[0])
    return across > 0.1 and min(one[3], other[3]) > max(one[1], other[1])


def crowded() -> Picture:
    """Many things in few days, on an axis of many."""
    spans = tuple(
        TimelineSpan(kind, START + timedelta(days=on), START + timedelta(days=on + 6), "Span")
        for kind in SPAN_LANES
        for on in (0, 0, 3, 7, 90)
    )
    marks = tuple(
        TimelineMark(kind, START + timedelta(days=on), "Mark") for kind in MARK_LANES for on in (0, 0, 1, 5, 90, 180)
    )
    return course(200, spans=spans, marks=marks)


@pytest.mark.parametrize("of", [picture, crowded])
def test_nothing_overlaps_and_several_on_one_day_show_as_several(of: Callable[[], Picture]) -> None:
    drawing = draw(of())
    drawn = boxes(drawing)
    assert len(drawn) == len(of().spans) + len(of().marks)
    assert [pair for pair in itertools.combinations(drawn, 2) if together(*pair)] == []
    assert all(bottom <= drawing.axis for _left, _top, _right, bottom in drawn)


def test_lane_with_nothing_in_it_is_left_out() -> None:
    drawing = draw(course(30, marks=(TimelineMark("dispensed", START, "Fill"),)))
    assert [lane.name for lane in drawing.lanes] == ["Fills"]


def test_facts_are_told_in_order_of_time() -> None:
    facts = draw(picture()).facts
    days = [fact.on if isinstance(fact, TimelineMark) else fact.first for fact in facts]
    assert days == sorted(days)
    assert len(facts) == len(picture().spans) + len(picture().marks)


@pytest.mark.parametrize(("days_before_end", "side"), [(0, "end"), (60, "middle"), (120, "start")])
def test_the_word_today_is_never_cut_off(days_before_end: int, side: str) -> None:
    ahead = TimelineSpan("window", START + timedelta(days=120), START + timedelta(days=120), "Window")
    assert draw(course(120 - days_before_end, spans=(ahead,))).today_side == side


def test_every_kind_has_its_place_and_its_words() -> None:
    assert set(KEY) == set(SPAN_LANES) | set(MARK_LANES)


def test_the_page_tells_in_words_what_the_picture_shows() -> None:
    page = render("{% timeline picture %}")
    words = page[page.index("The same as a list") :]
    facts: list[TimelineSpan | TimelineMark] = [*picture().spans, *picture().marks]
    for fact in facts:
        assert str(fact.label) in words
    assert 'role="img"' in page
    assert "style=" not in page
