"""The timeline of a treatment course as plain geometry: the template draws it, nothing here is markup.

Positions along the axis are shares of the width in per cent, so that the drawing fits a telephone and a desk
alike while its letters keep their size; heights are pixels.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext_lazy as _

from .navigation import Words

#: Pixels: the top of the first lane, its height, and of the axis below the last.
LANE_TOP, LANE_HEIGHT, AXIS_HEIGHT = 30, 46, 44
#: Per cent of the width left free at both ends, so that nothing is cut off.
MARGIN = 2.0
#: Axis labels at most: on a desk, and on a telephone (the others are left out there).
MOST_LABELS, MOST_ON_PHONE = 9, 4

#: Kind of span -> lane. Kind of mark -> lane and shape.
SPAN_LANES = {"lead-in": 0, "window": 0, "window-missed": 0}
MARK_LANES = {
    "test-negative": (1, "dot"),
    "test-unclear": (1, "ring"),
    "test-positive": (1, "diamond"),
    "stop": (1, "diamond"),
    "dispensed": (2, "square"),
    "enrolled": (0, "flag"),
    "discontinued": (0, "flag"),
}
#: What the key beside the picture calls each kind, in its order.
KEY: dict[str, Words] = {
    "enrolled": _("Enrolled"),
    "lead-in": _("Lead-in"),
    "window": _("Window"),
    "window-missed": _("Missed window"),
    "test-negative": _("Negative test"),
    "test-unclear": _("Unclear test"),
    "test-positive": _("Positive test"),
    "stop": _("Stop"),
    "dispensed": _("Dispensed"),
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
    """What is to be drawn. `lanes` names the three lanes: days, tests, dispenses. `start` is where week 1 begins."""

    title: Words
    start: date
    today: date
    lanes: tuple[Words, Words, Words]
    spans: tuple[TimelineSpan, ...] = ()
    marks: tuple[TimelineMark, ...] = ()


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
    """A week on the axis. `phone` tells whether it is labelled on a telephone too."""

    week: int
    day: date
    x: str
    phone: bool


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

    axis = LANE_TOP + LANE_HEIGHT * len(picture.lanes)
    return Drawing(
        height=axis + AXIS_HEIGHT,
        top=LANE_TOP,
        axis=axis,
        lanes=tuple(Lane(name, _line(lane), _line(lane) - 16) for lane, name in enumerate(picture.lanes)),
        bars=tuple(_bar(span, at(span.first), at(span.last + timedelta(days=1))) for span in picture.spans),
        dots=tuple(_dot(mark, at(mark.on)) for mark in picture.marks),
        ticks=_ticks(picture.start, first, last, at),
        key=_key(picture),
        today=_share(at(picture.today)),
        today_side=_side(at(picture.today)),
        first=first,
        last=last,
        facts=tuple(sorted((*picture.spans, *picture.marks), key=_begins)),
    )


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


def _line(lane: int) -> int:
    return LANE_TOP + LANE_HEIGHT * lane + 28


def _bar(span: TimelineSpan, begin: float, end: float) -> Bar:
    return Bar(span, _share(begin), _share(end - begin), _line(SPAN_LANES[span.kind]) - 8, 16)


def _dot(mark: TimelineMark, centre: float) -> Dot:
    lane, shape = MARK_LANES[mark.kind]
    return Dot(mark, shape, _share(centre), _line(lane))


def _ticks(start: date, first: date, last: date, at: Callable[[date], float]) -> tuple[Tick, ...]:
    """Weeks from the start on, every one or every second, fourth, … so that the labels do not touch."""
    weeks = [n for n in range((last - start).days // 7 + 1) if start + timedelta(weeks=n) >= first]
    step = _step(len(weeks), MOST_LABELS)
    shown = [n for n in weeks if n % step == 0]
    phone = _step(len(shown), MOST_ON_PHONE)
    return tuple(
        Tick(n + 1, day := start + timedelta(weeks=n), _share(at(day)), index % phone == 0)
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
