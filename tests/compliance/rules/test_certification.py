"""On which days someone is certified, after certifications, suspensions and reinstatements."""

from datetime import date

import pytest

from compliance.rules.certification import Spans, certified_spans, covers
from compliance.rules.days import Span

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
NEXT, END = date(2027, 1, 1), date(2027, 12, 31)
YEAR, YEAR_AFTER = Span(FIRST, LAST), Span(NEXT, END)

CERTIFIED, AGAIN = ("certified", FIRST, LAST), ("certified", NEXT, END)
SUSPENDED, REINSTATED = ("suspended", None, None), ("reinstated", None, None)

#: Name -> (events, the spans that stand).
STAND: dict[str, tuple[list[tuple[str, date | None, date | None]], Spans]] = {
    "nothing yet": ([], ()),
    "certified": ([CERTIFIED], (YEAR,)),
    "certified twice": ([CERTIFIED, AGAIN], (YEAR, YEAR_AFTER)),
    "suspended": ([CERTIFIED, SUSPENDED], ()),
    "suspended and reinstated": ([CERTIFIED, SUSPENDED, REINSTATED], (YEAR,)),
    "certified while suspended": ([CERTIFIED, SUSPENDED, AGAIN], ()),
    "certified while suspended, then reinstated": ([CERTIFIED, SUSPENDED, AGAIN, REINSTATED], (YEAR, YEAR_AFTER)),
    "reinstated and never suspended": ([CERTIFIED, REINSTATED], (YEAR,)),
    "suspended by a record with days": ([CERTIFIED, ("suspended", FIRST, LAST)], ()),
    "something else after a suspension": ([CERTIFIED, SUSPENDED, ("other", FIRST, LAST)], ()),
    "something else": ([("other", FIRST, LAST), CERTIFIED, ("other", None, None)], (YEAR,)),
    "a certification without its first day": ([("certified", None, LAST)], ()),
    "a certification without its last day": ([("certified", FIRST, None)], ()),
}


@pytest.mark.parametrize("name", STAND)
def test_which_certifications_stand(name: str) -> None:
    events, spans = STAND[name]
    assert certified_spans(events) == spans


def test_one_of_several_certifications_is_enough() -> None:
    assert covers((YEAR, YEAR_AFTER), LAST)
    assert covers((YEAR, YEAR_AFTER), NEXT)
    assert not covers((YEAR, YEAR_AFTER), date(2028, 1, 1))
    assert not covers((), FIRST)
