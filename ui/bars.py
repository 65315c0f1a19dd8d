"""A bar for each month, drawn by the server: plain geometry, no markup. The same numbers stand in a table below it."""

from collections.abc import Sequence
from dataclasses import dataclass

from .navigation import Words

#: Pixels: the height of the tallest bar, what stands above it (its number), and below all bars (their labels).
HEIGHT, HEAD, FOOT = 160, 22, 26
#: The share of a bar's place, in per cent, that is left free beside it.
GAP = 22.0
#: Labels at most on a telephone.
MOST_ON_PHONE = 4


@dataclass(frozen=True, slots=True)
class Point:
    """One month: its label, its number, and how the number is written; None where there is none."""

    label: Words
    number: float | None
    written: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A point as drawn: x, width and centre in per cent, y and height in pixels. `phone`: labelled on a telephone."""

    point: Point
    x: str
    width: str
    centre: str
    y: int
    height: int
    text_y: int
    phone: bool


@dataclass(frozen=True, slots=True)
class BarChart:
    """What is to be drawn."""

    title: Words
    bars: tuple[Bar, ...]
    height: int = HEAD + HEIGHT + FOOT
    floor: int = HEAD + HEIGHT
    label_y: int = HEAD + HEIGHT + FOOT - 8


def draw(title: Words, points: Sequence[Point]) -> BarChart:
    """Work the chart out, from nought to the greatest number."""
    most = max((point.number or 0 for point in points), default=0)
    step = -(-len(points) // MOST_ON_PHONE) or 1
    place = 100 / max(len(points), 1)
    bars = []
    for at, point in enumerate(points):
        height = round(HEIGHT * (point.number or 0) / most) if most else 0
        # What is more than nothing is seen.
        height = max(height, 2) if point.number else height
        y = HEAD + HEIGHT - height
        width = place * (100 - GAP) / 100
        left = place * at + (place - width) / 2
        is_labelled = (len(points) - 1 - at) % step == 0
        bars.append(Bar(point, _share(left), _share(width), _share(left + width / 2), y, height, y - 6, is_labelled))
    return BarChart(title, tuple(bars))


def _share(of: float) -> str:
    return f"{of:.2f}%"
