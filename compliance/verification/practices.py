"""The log of a practice or a pharmacy: each step from a state that goes with it, each certification of a year.

And each step of a case of non-compliance in an order that goes, an appeal decided by another officer.
"""

from collections.abc import Iterator, Sequence

from compliance.commands.certifying import LASTS_DAYS, STEPS
from compliance.records.noncompliance import CASE_OPENED, event_of
from compliance.records.programs import PROGRAMS, program_day
from compliance.rules import days
from compliance.rules.noncompliance import Case
from compliance.rules.records import FIRST_PROGRAM
from ledger.log import Row
from patients.models import APPLIED


def problems(kind: str, rows: Sequence[Row]) -> Iterator[tuple[Row, str]]:
    """Each row that does not follow from those before it, and why."""
    state = APPLIED
    cases: dict[int, Case] = {}
    for row in rows:
        if not _follows(row, cases):
            yield row, "is a step that its case of non-compliance does not take"
        step = STEPS.get(row.kind)
        if step is not None:
            if state not in step.before:
                yield row, f"is a step that a {kind} in that state does not take"
            state = step.after
        elif row.kind == "certified" and not _lasts_a_year(row):
            yield row, "certifies for other days than a year from then on"


def _follows(row: Row, cases: dict[int, Case]) -> bool:
    """Whether a step of a case may come there, or the record is none; the case has it from then on."""
    found = event_of(row)
    if found is None:
        return True
    number, event = found
    case = cases.get(number)
    cases[number] = Case((*(case.events if case is not None else ()), event))
    if case is None:
        return row.kind == CASE_OPENED
    return case.may(event.step, event.day) and case.may_decide(event.step, event.actor)


def _lasts_a_year(row: Row) -> bool:
    program = PROGRAMS.get(row.data.get("program", FIRST_PROGRAM))
    if program is None:
        return False
    first = program_day(row.at, program)
    span = (row.data.get("first"), row.data.get("last"))
    return span == (first.isoformat(), days.plus(first, LASTS_DAYS - 1).isoformat())
