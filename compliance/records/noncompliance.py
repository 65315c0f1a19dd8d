"""Cases of non-compliance, as the logs of practices and pharmacies say; and the rows of the office's queue."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django.db import connection

from compliance.models import ComplianceCase
from compliance.rules.noncompliance import OPENED, SUSPENDED, Case, Event
from ledger.log import Row

from .programs import program_day

#: What the office writes of a case, and what the place does. A suspension is the record that it always was.
CASE_OPENED, CASE_STEP, CASE_ANSWERED = "case_opened", "case_step", "case_answered"


def event_of(row: Row) -> tuple[int, Event] | None:
    """The number of the case of which a record is a step, and the step; None for any other record."""
    data, due = row.data, row.data.get("due")
    if row.kind == CASE_OPENED:
        case, step = row.number, OPENED
    elif row.kind in (CASE_STEP, CASE_ANSWERED):
        case, step = data["case"], data["step"]
    elif row.kind == SUSPENDED and "case" in data:
        case, step = data["case"], SUSPENDED
    else:
        return None
    day = program_day(row.at)
    return case, Event(row.number, day, step, str(row.actor), date.fromisoformat(due) if due else None)


def cases_of(rows: Iterable[Row]) -> dict[int, Case]:
    """The cases of one log by their numbers, oldest first."""
    events: dict[int, list[Event]] = {}
    for row in rows:
        found = event_of(row)
        if found is not None:
            events.setdefault(found[0], []).append(found[1])
    return {number: Case(tuple(own)) for number, own in events.items()}


def texts_of(rows: Iterable[Row]) -> dict[int, str]:
    """The digest of what was said at each step, by the number of its record."""
    return {
        row.number: digest for row in rows if event_of(row) is not None
        for digest in [row.data["sealed"].get("text") or row.data["sealed"].get("reason", "")]
    }  # fmt: skip


_COLUMNS = (
    "place_kind", "signal", "opened_at", "stage", "stage_at", "is_appealed", "waits_for", "due_on", "closed_at",
)  # fmt: skip
#: All that follows of the log.
CASE_COLUMNS = ("place", "number", *_COLUMNS)

_UPSERT = f"""
INSERT INTO compliance_compliancecase (id, place, number, {", ".join(_COLUMNS)})
VALUES ({", ".join(["%s"] * (3 + len(_COLUMNS)))}) ON CONFLICT (place, number) DO UPDATE SET
    ({", ".join(_COLUMNS)}) = ({", ".join(f"EXCLUDED.{name}" for name in _COLUMNS)})
"""


def row_of(case: Case, rows: Sequence[Row]) -> dict[str, Any]:
    """The columns of a case, as its log says."""
    by_number = {row.number: row for row in rows}
    opened, stage = by_number[case.number], by_number[case.stage.number]
    signals = opened.data["signals"]
    return {
        "place_kind": opened.subject_kind, "signal": signals[0]["code"] if signals else "", "opened_at": opened.at,
        "stage": case.stage.step, "stage_at": stage.at, "is_appealed": case.appeal is not None,
        "waits_for": case.waits_for, "due_on": case.due_on,
        "closed_at": None if case.is_open else by_number[case.events[-1].number].at,
    }  # fmt: skip


def project(place: UUID, rows: Sequence[Row], number: int) -> Case:
    """Write the row of one case as the log of the place has it now; the case. One statement."""
    case = cases_of(rows)[number]
    columns = row_of(case, rows)
    with connection.cursor() as cursor:
        cursor.execute(_UPSERT, [uuid4(), place, number, *(columns[name] for name in _COLUMNS)])
    return case


def case_rows(place: UUID, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Each case of the place as the table has it."""
    return [{"place": place, "number": number} | row_of(case, rows) for number, case in cases_of(rows).items()]


def restore(place: UUID, rows: Sequence[Row]) -> None:
    """Write every case of the place as its log has it, and none that it does not have."""
    numbers = list(cases_of(rows))
    ComplianceCase.objects.filter(place=place).exclude(number__in=numbers).delete()
    for number in numbers:
        project(place, rows, number)
