"""Pages of long lists by keyset: the rows beyond one that the address names, without counting or skipping the others.

The address holds the id of a row and nothing of what it says. The row is looked up in the reader's own list: an id that
is not in it, or is none, gives the first page. Rows that come meanwhile move nothing from one page to another.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest

PAGE_LENGTH = 25

#: Which page an address asks for: that after this row, or that before it.
AFTER, BEFORE = "after", "before"


@dataclass(frozen=True, slots=True)
class Page[Row]:
    """The rows of a page; beside it the ids by which the pages before and after it are asked for, if there are any."""

    rows: list[Row] = field(default_factory=list)
    before: str = ""
    after: str = ""

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def page_of(request: HttpRequest, rows: QuerySet[Any], *order: str) -> Page[Any]:
    """The page of `rows`, in that order, that the address asks for. Two queries at most, neither of which counts.

    `order` are names of fields or annotations that are never null, with a "-" for the largest first. The last of them
    is unique, so that no two rows have the same place. They may look different later, but not in what they say here.
    """
    assert order[-1].lstrip("-") in ("id", "pk", "number"), "no two rows may have the same place"
    keys = [(name.lstrip("-"), name.startswith("-")) for name in order]
    after, before = request.GET.get(AFTER, ""), request.GET.get(BEFORE, "")
    if after and (place := _place(rows, keys, after)) is not None:
        found = _first(rows.filter(_beyond(keys, place)), keys)
        if found:
            return _page(found, is_before=True)
    elif before and (place := _place(rows, keys, before)) is not None:
        back = [(name, not largest_first) for name, largest_first in keys]
        found = _first(rows.filter(_beyond(back, place)), back)
        if found:
            return _page(found[PAGE_LENGTH - 1 :: -1], is_before=len(found) > PAGE_LENGTH, is_after=True)
    return _page(_first(rows, keys))


def page_of_list[Row](request: HttpRequest, rows: Sequence[Row], id_of: Callable[[Row], str]) -> Page[Row]:
    """The same of rows that are read whole: those of one patient. `id_of` says which row it is, and nothing else."""
    places = {id_of(row): place for place, row in enumerate(rows)}
    after, before = places.get(request.GET.get(AFTER, "")), places.get(request.GET.get(BEFORE, ""))
    first = after + 1 if after is not None else max((before or 0) - PAGE_LENGTH, 0)
    last = before if after is None and before else first + PAGE_LENGTH
    shown = list(rows[first:last])
    if not shown:
        first, last, shown = 0, PAGE_LENGTH, list(rows[:PAGE_LENGTH])
    return Page(
        shown,
        before=id_of(shown[0]) if first else "",
        after=id_of(shown[-1]) if last < len(rows) else "",
    )


def row_after[Row: Model](rows: QuerySet[Row], every: QuerySet[Row], row: object, *order: str) -> Row | None:
    """The row of `rows` that comes after the one of that id, which is looked up in `every`. Two queries."""
    keys = [(name.lstrip("-"), name.startswith("-")) for name in order]
    place = _place(every, keys, str(row))
    return next(iter(_first(rows.filter(_beyond(keys, place)), keys, 1)), None) if place is not None else None


def count_up_to(rows: QuerySet[Any], most: int) -> int:
    """How many there are, or `most + 1` where there are more: no more are read than that."""
    return sum(1 for _row in islice(rows.order_by().values_list("pk", flat=True)[: most + 1], most + 1))


# --- by keyset --------------------------------------------------------------------------------------------
type _Keys = Sequence[tuple[str, bool]]


def _place(rows: QuerySet[Any], keys: _Keys, typed: str) -> tuple[Any, ...] | None:
    """What the row of that id has in each key; None where the list has no such row."""
    try:
        pk = rows.model._meta.pk.to_python(typed)
    except ValidationError:
        return None
    return rows.filter(pk=pk).order_by().values_list(*(name for name, _largest_first in keys)).first()


def _beyond(keys: _Keys, place: Sequence[Any]) -> Q:
    """The rows that come after that place. The first condition of each step is what an index is read by."""
    (name, largest_first), *more = keys
    then = "lt" if largest_first else "gt"
    later = Q(**{f"{name}__{then}": place[0]})
    if not more:
        return later
    return Q(**{f"{name}__{then}e": place[0]}) & (later | _beyond(more, place[1:]))


def _first[Row: Model](rows: QuerySet[Row], keys: _Keys, most: int | None = None) -> list[Row]:
    """As many as a page has, and one more where there is one; or so many at most."""
    order = [f"-{name}" if largest_first else name for name, largest_first in keys]
    return list(rows.order_by(*order)[: most or PAGE_LENGTH + 1])


def _page[Row: Model](found: list[Row], *, is_before: bool = False, is_after: bool = False) -> Page[Row]:
    shown = found[:PAGE_LENGTH]
    return Page(
        shown,
        before=str(shown[0].pk) if is_before else "",
        after=str(shown[-1].pk) if is_after or len(found) > PAGE_LENGTH else "",
    )
