"""The office's cases of pregnancies, as the log of each patient says."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from compliance.rules.care.pregnancies import PregnancyFollowed
from compliance.rules.history import History, is_stop
from compliance.rules.pregnancies import PregnancyCase, pregnancy_cases
from compliance.rules.records import EntryStruck, Record

from .file import File

_FOLLOWED = ("found_at", "found_by", "phase", "outcome", "exposure", "cause", "followed_at")
#: All that follows of the log.
CASE_COLUMNS = ("patient_id", "record", *_FOLLOWED)

_UPSERT = f"""
INSERT INTO compliance_pregnancycase (id, {", ".join(CASE_COLUMNS)})
VALUES {{}} ON CONFLICT (patient_id, record) DO UPDATE SET
    ({", ".join(_FOLLOWED)}) = ({", ".join(f"EXCLUDED.{name}" for name in _FOLLOWED)})
"""
_VALUES = f"({', '.join(['%s'] * (1 + len(CASE_COLUMNS)))})"
_DELETE_OTHERS = "DELETE FROM compliance_pregnancycase WHERE patient_id = %s AND record <> ALL(%s)"


def touches(record: Record) -> bool:
    """Whether a record opens a case, says something of one, or takes back what a case was worked out of."""
    return is_stop(record) or isinstance(record, (PregnancyFollowed, EntryStruck))


def project(cursor: Any, file: File, at: datetime) -> None:
    """Write each case of the file as it stands, and none that it does not have; two statements at most."""
    rows = case_rows(file.patient, file.history(at))
    cursor.execute(_DELETE_OTHERS, [file.patient, [row["record"] for row in rows]])
    if rows:
        values = [value for row in rows for value in (uuid4(), *(row[name] for name in CASE_COLUMNS))]
        cursor.execute(_UPSERT.format(", ".join([_VALUES] * len(rows))), values)


def case_rows(patient: UUID, history: History) -> list[dict[str, Any]]:
    """Each case as the table has it."""
    return [_row(patient, case) for case in pregnancy_cases(history)]


def _row(patient: UUID, case: PregnancyCase) -> dict[str, Any]:
    latest = case.latest
    return {
        "patient_id": patient, "record": case.opened.number, "found_at": case.opened.at, "found_by": case.found_by,
        "phase": case.phase, "outcome": case.outcome, "exposure": latest.exposure if latest else "unknown",
        "cause": latest.cause if latest else "unknown", "followed_at": case.followed.at if case.followed else None,
    }  # fmt: skip
