"""Compare the columns of practices, pharmacies, delegations and cases with what the logs of these places say."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from compliance.models import ComplianceCase
from ledger import log
from ledger.log import Row
from patients.models import APPLIED, APPROVED, DECLINED, SUSPENDED, Delegate, Pharmacy, Prescriber

from .columns import differing_rows
from .noncompliance import CASE_COLUMNS, case_rows

_STATES = {
    "applied": APPLIED, "approved": APPROVED, "reinstated": APPROVED, "suspended": SUSPENDED, "turned_down": DECLINED,
}  # fmt: skip

#: A delegation: to whom, since when, and when it ended.
Delegation = tuple[UUID, datetime, datetime | None]


def place_columns(kind: str, rows: Iterable[Row]) -> dict[str, Any]:
    """The columns of a practice or a pharmacy that its log says something about."""
    said: dict[str, Any] = {}
    for row in rows:
        if row.kind in _STATES:
            said["state"] = _STATES[row.kind]
        if row.kind == "applied" and kind == "prescriber":
            said["user_id"] = row.actor
        if row.kind == "certified" and "program" in row.data:
            said["program"] = row.data["program"]
    return said


def delegations(rows: Iterable[Row]) -> list[Delegation]:
    """The delegations of a prescriber, in the order in which they were made."""
    result: list[Delegation] = []
    for row in rows:
        if row.kind == "delegate_named":
            result.append((UUID(row.data["delegate"]), row.at, None))
        elif row.kind == "delegate_ended":
            place = next(i for i, d in enumerate(result) if str(d[0]) == row.data["delegate"] and d[2] is None)
            result[place] = (*result[place][:2], row.at)
    return result


def differences(page: int) -> Iterator[tuple[UUID, str]]:
    """Each practice and pharmacy whose rows are not what its log says, and which columns."""
    for kind, model in (("prescriber", Prescriber), ("pharmacy", Pharmacy)):
        after = UUID(int=0)
        while True:
            found = list(model.objects.filter(pk__gt=after).order_by("pk")[:page])
            yield from _of_page(kind, found)
            if len(found) < page:
                break
            after = found[-1].pk


def differs(subject: UUID) -> bool:
    """Whether the rows of this practice or pharmacy differ now."""
    models = (("prescriber", Prescriber), ("pharmacy", Pharmacy))
    return any(any(_of_page(kind, list(model.objects.filter(pk=subject)))) for kind, model in models)


def _of_page(kind: str, found: list[Any]) -> Iterator[tuple[UUID, str]]:
    logs: defaultdict[UUID, list[Row]] = defaultdict(list)
    for record in log.read(*[one.pk for one in found]):
        logs[record.subject].append(record)
    delegates: defaultdict[UUID, list[Delegation]] = defaultdict(list)
    if kind == "prescriber":
        rows = Delegate.objects.filter(prescriber__in=[one.pk for one in found]).order_by("named_at", "id")
        for row in rows:
            delegates[row.prescriber_id].append((row.delegate_id, row.named_at, row.ended_at))
    cases: defaultdict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for case in ComplianceCase.objects.filter(place__in=[one.pk for one in found]).values(*CASE_COLUMNS):
        cases[case["place"]].append(case)
    for one in found:
        said = place_columns(kind, logs[one.pk])
        wrong = [name for name, value in said.items() if getattr(one, name) != value]
        if sorted(map(str, delegations(logs[one.pk]))) != sorted(map(str, delegates[one.pk])):
            wrong.append("delegations")
        wrong += differing_rows("case", "number", case_rows(one.pk, logs[one.pk]), cases[one.pk])
        if wrong:
            yield one.pk, ", ".join(wrong)
