"""On which days a prescriber or a pharmacy is certified. Their own logs say so: certified, suspended, reinstated."""

from collections.abc import Iterable
from datetime import date

from .days import Span

Spans = tuple[Span, ...]


def covers(spans: Spans, on: date) -> bool:
    """Whether one of the certifications covers the day `on`."""
    return any(span.covers(on) for span in spans)


def certified_spans(events: Iterable[tuple[str, date | None, date | None]]) -> Spans:
    """The spans that stand after `events` of (kind, first day, last day), in order.

    `certified` adds a span; `suspended` takes all of them away until `reinstated` gives them back.
    """
    spans: list[Span] = []
    suspended = False
    for kind, first, last in events:
        if kind == "certified" and first is not None and last is not None:
            spans.append(Span(first, last))
        elif kind in ("suspended", "reinstated"):
            suspended = kind == "suspended"
    return () if suspended else tuple(spans)
