"""The office's cases of pregnancies, as the log of each patient says."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from compliance.rules.care.pregnancies import PregnancyFollowed
from compliance.rules.history import is_stop
from compliance.rules.pregnancies import PregnancyCase, pregnancy_cases
from compliance.rules.records import Record

from .file import File

_COLUMNS = ("found_at", "found_by", "phase", "outcome", "exposure", "cause", "followed_at")

_UPSERT = f"""
INSERT INTO compliance_pregnancycase (id, patient_id, record, {", ".join(_COLUMNS)})
VALUES {{}} ON CONFLICT (patient_id, record) DO UPDATE SET
    ({", ".join(_COLUMNS)}) = ({", ".join(f"EXCLUDED.{name}" for name in _COLUMNS)})
"""
_VALUES = f"({', '.join(['%s'] * (3 + len(_COLUMNS)))})"


def touches(record: Record) -> bool:
    """Whether a record opens a case, or says something of one."""
    return is_stop(record) or isinstance(record, PregnancyFollowed)


def project(cursor: Any, file: File, at: datetime) -> None:
    """Write each case of the file as it stands; one statement, none where there is no case."""
    cases = pregnancy_cases(file.history(at))
    if cases:
        values = [value for case in cases for value in (uuid4(), file.patient, *_row(case))]
        cursor.execute(_UPSERT.format(", ".join([_VALUES] * len(cases))), values)


def _row(case: PregnancyCase) -> tuple[Any, ...]:
    latest = case.latest
    return (
        case.opened.number, case.opened.at, case.found_by, case.phase, case.outcome,
        latest.exposure if latest else "unknown", latest.cause if latest else "unknown",
        case.followed.at if case.followed else None,
    )  # fmt: skip
