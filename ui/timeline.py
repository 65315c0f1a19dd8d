"""The timeline of a treatment course as plain geometry: the template draws it, nothing here is markup.

Positions along the axis are shares of the width in per cent, so that the drawing fits a telephone and a desk
alike while its letters keep their size; heights are pixels.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext_lazy as _

from .navigation import Words

#: Pixels: the top of the first lane, the height of a lane of one row, of each further row, and of the axis below.
LANE_TOP, LANE_HEIGHT, ROW_HEIGHT, AXIS_HEIGHT = 20, 40, 21, 38
#: Pixels: the axis where only days stand on it.
DAYS_HEIGHT = 26
#: Per cent of the width left free at both ends, so that nothing is cut off.
MARGIN = 2.0
#: Axis labels at most: on a desk, and on a telephone (the others are left out there).
MOST_LABELS, MOST_ON_PHONE = 9, 3
#: Pixels: the narrowest drawing, on a telephone of 320; half of a mark; and what is left free beside each thing.
NARROWEST, HALF_A_MARK, FREE = 250, 10, 2
#: Pixels from the top of a lane to its first row.
FIRST_ROW = 26

#: Kind of span -> lane. Kind of mark -> lane and shape.
SPAN_LANES = {
    "lead-in": 0,
    "window": 0,
    "window-used": 0,
    "window-missed": 0,
    "test-days": 1,
    "supply": 3,
}
MARK_LANES = {
    "test-negative": (1, "dot"),
    "test-unclear": (1, "ring"),
    "test-positive": (1, "diamond"),
    "stop": (1, "diamond"),
    "stop-cleared": (1, "ring"),
    "booked": (1, "flag"),
    "authorized": (2, "ring"),
    "dispensed": (2, "square"),
    "enrolled": (0, "flag"),
    "discontinued": (0, "flag"),
}
#: What the key beside the picture calls each kind, in its order.
KEY: dict[str, Words] = {
    "enrolled": _("Enrolled"),
    "lead-in": _("Lead-in"),
    "window": _("Window"),
    "window-used": _("Window used"),
    "window-missed": _("Missed window"),
    "test-negative": _("Negative test"),
    "test-unclear": _("Unclear test"),
    "test-positive": _("Positive test"),
    "stop": _("Stop"),
    "stop-cleared": _("Stop cleared"),
    "test-days": _("Days for the next test"),
    "booked": _("Test booked"),
    "authorized": _("Authorization"),
    "dispensed": _("Dispensed"),
    "supply": _("Medicine in hand"),
    "discontinued": _("Discontinued"),
}


@dataclass(frozen=True, slots=True)
class TimelineSpan:
    """Days from first to last, both included."""

    kind: str
    first: date
    last: date
    label: Words


@dataclass(frozen=True, slots=True)
class TimelineMark:
    """Something that happened on a day."""

    kind: str
    on: date
    label: Words


@dataclass(frozen=True, slots=True)
class Picture:
    """What is to be drawn. `lanes` names the lanes: days, tests, fills, supply. `start` is where week 1 begins.

    Without `weeks` the axis has days alone.
    """

    title: Words
    start: date
    today: date
    lanes: tuple[Words, Words, Words, Words]
    spans: tuple[TimelineSpan, ...] = ()
    marks: tuple[TimelineMark, ...] = ()
    weeks: bool = True


@dataclass(frozen=True, slots=True)
class Bar:
    """A span as drawn: x and width in per cent, y and height in pixels."""

    span: TimelineSpan
    x: str
    width: str
    y: int
    height: int


@dataclass(frozen=True, slots=True)
class Dot:
    """A mark as drawn; its centre in per cent and pixels."""

    mark: TimelineMark
    shape: str
    x: str
    y: int


@dataclass(frozen=True, slots=True)
class Tick:
    """A week on the axis. `phone` tells whether it is labelled on a telephone too, `side` where its labels stand."""

    week: int
    day: date
    x: str
    phone: bool
    side: str


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane as drawn: the name, where its line runs, and where the foot of its name stands above it."""

    name: Words
    y: int
    text_y: int


@dataclass(frozen=True, slots=True)
class Key:
    """A line of the key: a kind, its words, and its shape (empty for a span)."""

    kind: str
    words: Words
    shape: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """Everything the template needs, and the same facts in order of time for those who read and do not look."""

    height: int
    top: int
    axis: int
    lanes: tuple[Lane, ...]
    bars: tuple[Bar, ...]
    dots: tuple[Dot, ...]
    ticks: tuple[Tick, ...]
    key: tuple[Key, ...]
    today: str
    today_side: str
    first: date
    last: date
    facts: tuple[TimelineSpan | TimelineMark, ...]


def draw(picture: Picture) -> Drawing:
    """Work the picture out. Nothing is left out: the axis reaches from the first fact, or the start, to the last."""
    first, last = _reach(picture)
    days = max((last - first).days, 1)

    def at(day: date) -> float:
        return MARGIN + (100 - 2 * MARGIN) * (day - first).days / days

    lanes, bars, dots, axis = _placed(picture, at)
    return Drawing(
        height=axis + (AXIS_HEIGHT if picture.weeks else DAYS_HEIGHT),
        top=LANE_TOP,
        axis=axis,
        lanes=lanes,
        bars=bars,
        dots=dots,
        ticks=_ticks(picture.start, first, last, at),
        key=_key(picture),
        today=_share(at(picture.today)),
        today_side=_side(at(picture.today)),
        first=first,
        last=last,
        facts=tuple(sorted((*picture.spans, *picture.marks), key=_begins)),
    )


def _placed(
    picture: Picture, at: Callable[[date], float]
) -> tuple[tuple[Lane, ...], tuple[Bar, ...], tuple[Dot, ...], int]:
    """The lanes in which something is, what is in them, and the foot of the last.

    Each thing takes the first row of its lane in which it touches nothing, were the drawing as narrow as it gets.
    """
    facts: list[TimelineSpan | TimelineMark] = sorted((*picture.spans, *picture.marks), key=_begins)
    lanes, bars, dots, top = [], [], [], LANE_TOP
    for lane, name in enumerate(picture.lanes):
        line, ends = top + FIRST_ROW, list[float]()
        for fact in facts:
            if _lane(fact) != lane:
                continue
            begin, end = _extent(fact, at)
            row = next((row for row, taken in enumerate(ends) if taken <= begin), len(ends))
            ends[row : row + 1] = [end]
            if isinstance(fact, TimelineSpan):
                bars.append(_bar(fact, at, line + ROW_HEIGHT * row))
            else:
                dots.append(Dot(fact, MARK_LANES[fact.kind][1], _share(at(fact.on)), line + ROW_HEIGHT * row))
        if ends:
            lanes.append(Lane(name, line, line - 16))
            top += LANE_HEIGHT + ROW_HEIGHT * (len(ends) - 1)
    return tuple(lanes), tuple(bars), tuple(dots), top


def _lane(fact: TimelineSpan | TimelineMark) -> int:
    return SPAN_LANES[fact.kind] if isinstance(fact, TimelineSpan) else MARK_LANES[fact.kind][0]


def _extent(fact: TimelineSpan | TimelineMark, at: Callable[[date], float]) -> tuple[float, float]:
    """From where to where it reaches, in pixels of the narrowest drawing. Bars may touch one another."""
    scale = NARROWEST / 100
    if isinstance(fact, TimelineSpan):
        return at(fact.first) * scale, at(fact.last + timedelta(days=1)) * scale
    centre = at(fact.on) * scale
    return centre - HALF_A_MARK, centre + HALF_A_MARK + FREE


def _key(picture: Picture) -> tuple[Key, ...]:
    shown = {span.kind for span in picture.spans} | {mark.kind for mark in picture.marks}
    return tuple(Key(kind, words, MARK_LANES.get(kind, (0, ""))[1]) for kind, words in KEY.items() if kind in shown)


def _begins(fact: TimelineSpan | TimelineMark) -> date:
    return fact.first if isinstance(fact, TimelineSpan) else fact.on


def _reach(picture: Picture) -> tuple[date, date]:
    ends = [picture.start, picture.today, *(mark.on for mark in picture.marks)]
    first = min([*ends, *(span.first for span in picture.spans)])
    last = max([*ends, *(span.last for span in picture.spans)])
    return first, max(last + timedelta(days=3), first + timedelta(days=28))


def _bar(span: TimelineSpan, at: Callable[[date], float], line: int) -> Bar:
    begin, end = at(span.first), at(span.last + timedelta(days=1))
    return Bar(span, _share(begin), _share(end - begin), line - 8, 16)


def _ticks(start: date, first: date, last: date, at: Callable[[date], float]) -> tuple[Tick, ...]:
    """Weeks from the start on, every one or every second, fourth, … so that the labels do not touch."""
    weeks = [n for n in range((last - start).days // 7 + 1) if start + timedelta(weeks=n) >= first]
    step = _step(len(weeks), MOST_LABELS)
    shown = [n for n in weeks if n % step == 0]
    phone = _step(len(shown), MOST_ON_PHONE)
    return tuple(
        Tick(n + 1, day := start + timedelta(weeks=n), _share(at(day)), index % phone == 0, _side(at(day)))
        for index, n in enumerate(shown)
    )


def _step(count: int, most: int) -> int:
    step = 1
    while -(-count // step) > most:
        step += 1 if step == 1 else 2
    return step


def _side(value: float) -> str:
    """To which side of its line a word is written so that the edge does not cut it off."""
    return "start" if value < 10 else "end" if value > 90 else "middle"


def _share(value: float) -> str:
    return f"{value:.2f}%"
