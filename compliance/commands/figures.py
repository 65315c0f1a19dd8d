"""Count the figures, a day at a time, each once; and count them anew, to compare or to rebuild."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from compliance.models import ComplianceSignal, FigureProgress, MonthlyFigure
from compliance.records import signals
from compliance.records.figures import FLOWS, RECORDED, Numbers, bounds, of_day, standing
from compliance.records.programs import program_day
from compliance.rules import days
from ledger.minutes import REACH
from ledger.models import LogRecord
from outbox.turns import Turn

#: A number, by month, figure and place.
Key = tuple[date, str, UUID | None]


def count_days(*, at: datetime, turn: Turn | None = None) -> int:
    """Count each day that is over and was not counted yet, until the turn is over; how many were.

    A day is counted once all of its records have been committed. Each is one transaction: what is interrupted is begun
    anew, and two workers do not count it twice.
    """
    done = 0
    while not (turn is not None and turn.is_over()) and _count_next(at):
        done += 1
    return done


def _count_next(at: datetime) -> bool:
    last_over = _last_over(at)
    with transaction.atomic():
        progress = FigureProgress.objects.select_for_update().first() or _begun()
        if progress is None or progress.last_day >= last_over:
            return False
        day = days.plus(progress.last_day, 1)
        raised = signals.of_day(day, bounds(day))
        _write(day, of_day(day, raised), adds=True)
        if day == last_over:
            _write(day, standing(day), adds=False)
            raised += signals.never_reversed(day)
        signals.keep(day, raised)
        progress.last_day = day
        progress.save()
    return True


def _last_over(at: datetime) -> date:
    """The last day whose records are all there."""
    return days.plus(program_day(at - REACH), -1)


def _begun() -> FigureProgress | None:
    """The day before the first record; None while there is no record."""
    first = _first_day()
    if first is None:
        return None
    made, _new = FigureProgress.objects.get_or_create(id=1, defaults={"last_day": days.plus(first, -1)})
    return FigureProgress.objects.select_for_update().get(pk=made.pk)


def _first_day() -> date | None:
    """The day of the first record. It is looked for once, when the figures begin."""
    first = LogRecord.objects.order_by("at").values_list("at", flat=True).first()
    return program_day(first) if first is not None else None


_WRITE = """
INSERT INTO compliance_monthlyfigure (month, figure, place, number)
SELECT %(month)s, figure, place, number FROM unnest(%(figures)s::text[], %(places)s::uuid[], %(numbers)s::bigint[])
    AS one (figure, place, number)
ON CONFLICT (figure, place, month) DO UPDATE SET number = EXCLUDED.number
    + CASE WHEN %(adds)s THEN compliance_monthlyfigure.number ELSE 0 END
"""


def _write(day: date, numbers: Numbers, *, adds: bool) -> None:
    month, rows = day.replace(day=1), sorted(numbers.items(), key=lambda one: (one[0].figure, str(one[0].place)))
    if not adds:
        MonthlyFigure.objects.filter(month=month).exclude(figure__in=FLOWS).delete()
    with connection.cursor() as cursor:
        values: dict[str, Any] = {
            "month": month, "adds": adds, "figures": [one.figure for one, _number in rows],
            "places": [one.place for one, _number in rows], "numbers": [number for _one, number in rows],
        }  # fmt: skip
        cursor.execute(_WRITE, values)


def rebuild(*, at: datetime) -> int:
    """Count all days anew; how many there are. What stood at the end of earlier months is kept: no record tells it."""
    with transaction.atomic():
        FigureProgress.objects.select_for_update().first()
        MonthlyFigure.objects.filter(figure__in=FLOWS).delete()
        FigureProgress.objects.all().delete()
    return count_days(at=at)


def differences() -> Iterator[tuple[Key, int, int]]:
    """Each number that is not what the records say: which, what stands there, and what it should be.

    What became of messages is no record, and is not compared.
    """
    progress = FigureProgress.objects.first()
    counted: Counter[Key] = Counter()
    day = _first_day()
    if progress is not None and day is not None:
        while day <= progress.last_day:
            for (figure, place), number in of_day(day).items():
                if figure in RECORDED:
                    counted[day.replace(day=1), figure, place] += number
            day += timedelta(days=1)
    rows = MonthlyFigure.objects.filter(figure__in=RECORDED).values_list("month", "figure", "place", "number")
    standing_there: Counter[Key] = Counter({(month, figure, place): n for month, figure, place, n in rows})
    for key in sorted({*counted, *standing_there}, key=str):
        if counted[key] != standing_there[key]:
            yield key, standing_there[key], counted[key]
    yield from _signals_missing(counted)


def _signals_missing(counted: Counter[Key]) -> Iterator[tuple[Key, int, int]]:
    """Where the rows of signals are not as many as were raised at a place in a month."""
    kept: Counter[Key] = Counter(
        (day.replace(day=1), f"signal-{code}", place)
        for day, code, place in ComplianceSignal.objects.exclude(code=signals.NEVER_REVERSED)
        .values_list("day", "code", "place").iterator()
    )  # fmt: skip
    raised = {key for key in counted if key[1].startswith("signal-") and key[2] is not None}
    for month, figure, place in sorted({*raised, *kept}, key=str):
        key = month, figure, place
        if counted[key] != kept[key]:
            yield (month, f"rows of {figure}", place), kept[key], counted[key]


def counted_to() -> date | None:
    """The last day that was counted; None before the first."""
    return FigureProgress.objects.values_list("last_day", flat=True).first()
