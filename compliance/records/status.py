"""The patient status and the other projections of a patient's log: authorizations, the patient's columns, notices."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import connection

import outbox
from compliance.rules import authorizations, days, due, gate, practice, stages
from compliance.rules.assessment import Assessment
from compliance.rules.authorizations import AuthorizationFact
from compliance.rules.care.open_reports import open_urgent
from compliance.rules.editions import NoEdition, Program
from compliance.rules.history import ENDS_AN_OFFER, History
from compliance.rules.questions import open_questions
from compliance.rules.records import (
    Authorized,
    BirthDateCorrected,
    ContactCorrected,
    Dispensed,
    GuardianCorrected,
    GuardianEnded,
    InvitationAccepted,
    Record,
    Registered,
    TransferOffered,
)
from compliance.rules.windows import handed_over_on
from outbox.models import Message

from . import contacts, pregnancies
from .columns import patient_columns
from .file import File


def editions_of(program: Program) -> str:
    """Names what a row is worked out with: the editions, and the version of the notices. A release that changes any
    of them makes the program's rows due.
    """
    editions = ",".join(f"{edition.code}.{edition.version}" for edition in program.editions)
    return f"{editions}{_DUE}{due.VERSION}"


#: Before the version of the notices. Rows of the releases that had none do not name one.
_DUE = ";due."


def awaits_sweep(editions: str, program: Program) -> bool:
    """Whether a row that names these was worked out with the same editions and earlier notices: it is due since the
    release, and only what comes next differs.
    """
    then, _, version = editions.partition(_DUE)
    same = then == editions_of(program).partition(_DUE)[0]
    return same and (not version or (version.isdecimal() and int(version) < due.VERSION))


#: Among what is owed: an answer of the practice to an urgent report.
ANSWER_OWED = "answer"

_COLUMNS = (
    "patient_id", "program", "stage", "category", "window_first", "window_last", "blockers", "acts", "owed",
    "prescriber_acts_from", "designee_acts_from", "asks_since", "log_number", "editions", "assessed_at", "next_due_at",
    "failures",
)  # fmt: skip
_VALUES = ", ".join(_COLUMNS)

#: In the order of the rows: whoever writes several statuses gives them by the patient's id.
_UPSERT_STATUSES = f"""
INSERT INTO compliance_patientstatus ({_VALUES})
SELECT {_VALUES} FROM jsonb_to_recordset(%s::jsonb) AS status (
    patient_id uuid, program text, stage text, category text, window_first date, window_last date, blockers jsonb,
    acts jsonb, owed jsonb, prescriber_acts_from date, designee_acts_from date, asks_since date, log_number integer,
    editions text, assessed_at timestamptz, next_due_at timestamptz, failures integer)
ON CONFLICT (patient_id) DO UPDATE SET ({_VALUES}) = ({", ".join(f"EXCLUDED.{name}" for name in _COLUMNS)})
"""


def _iso(on: date | None) -> str | None:
    return on.isoformat() if on else None


def row_of(file: File, at: datetime) -> tuple[dict[str, Any], Assessment | None]:
    """The columns of `PatientStatus` as of `at`, and the assessment behind them (None before the first edition)."""
    base: dict[str, Any] = {
        "patient_id": file.patient, "program": file.program.code, "log_number": file.head.number,
        "editions": editions_of(file.program), "assessed_at": at,
    }  # fmt: skip
    history = file.history(at)
    try:
        assessment = gate.judge(history, prescribers=file.prescribers)
    except NoEdition:
        first = min(e.in_force_from for e in file.program.editions)
        opens = days.midnight(first, history.zone)
        empty: dict[str, Any] = {
            "stage": "", "category": "", "window_first": None, "window_last": None, "prescriber_acts_from": None,
            "designee_acts_from": None, "asks_since": None,
        }  # fmt: skip
        return base | empty | {"blockers": [], "acts": [], "owed": [], "next_due_at": opens}, None
    window = assessment.latest_window
    entry = {
        "stage": stages.stage(assessment),
        "category": assessment.course.category.code if assessment.course else "",
        "window_first": window.first if window else None,
        "window_last": window.last if window else None,
        "blockers": [[b.code, _iso(b.clears_on)] for b in assessment.blockers],
        "acts": sorted({who for b in assessment.blockers for who in b.who}),
        "owed": [[o.code, _iso(o.due_on)] for o in assessment.owed] + _answers_owed(assessment),
        "prescriber_acts_from": practice.acts_from(assessment),
        "designee_acts_from": practice.acts_from(assessment, designee=True),
        "asks_since": _asks_since(history),
        "next_due_at": due.next_due(assessment),
    }
    return base | entry, assessment


def _asks_since(history: History) -> date | None:
    """The day of the oldest question that the practice has not noted as answered."""
    waiting = open_questions(history)
    return history.day_of(waiting[0].at) if waiting else None


def _answers_owed(assessment: Assessment) -> list[list[str | None]]:
    """That the practice owes an answer to an urgent report, and since which day; nothing where it owes none."""
    waiting = open_urgent(assessment.history)
    return [[ANSWER_OWED, _iso(assessment.history.day_of(waiting[-1].at))]] if waiting else []


def project(file: File, at: datetime, written: tuple[Record, ...] = (), *, whole: bool = False) -> Assessment | None:
    """Bring the tables in line with `file` as of `at`, after the records `written`, and enqueue what notices are due.

    `whole`: the authorizations too, although no record touches them. In the caller's transaction, under the lock on
    the patient's row.
    """
    projection = projection_of(file, at)
    with connection.cursor() as cursor:
        _upsert_statuses(cursor, [projection])
        if whole or any(_touches_authorizations(record) for record in written):
            _project_authorizations(cursor, file, at, whole=whole)
        if whole or any(pregnancies.touches(record) for record in written):
            pregnancies.project(cursor, file, at)
        for record in written:
            _project_patient(cursor, file, record)
    if projection.messages:
        outbox.enqueue(projection.messages, at=at)
    return projection.assessment


@dataclass(frozen=True, slots=True)
class Projection:
    """What follows of one file without any new record: its status, and the messages that are due."""

    columns: Mapping[str, Any]
    assessment: Assessment | None
    messages: Sequence[Message]


def projection_of(file: File, at: datetime) -> Projection:
    """Work it out as of `at`; nothing is written."""
    columns, assessment = row_of(file, at)
    return Projection(columns, assessment, messages_due(file, assessment) if assessment is not None else ())


def write_projections(projections: Iterable[Projection], at: datetime) -> None:
    """Write those of many files, in two statements, under the locks on the patients' rows."""
    ordered = sorted(projections, key=lambda one: one.columns["patient_id"])
    if not ordered:
        return
    with connection.cursor() as cursor:
        _upsert_statuses(cursor, ordered)
    outbox.enqueue([message for one in ordered for message in one.messages], at=at)


def _upsert_statuses(cursor: Any, projections: Iterable[Projection]) -> None:
    rows = [{**one.columns, "failures": 0} for one in projections]
    cursor.execute(_UPSERT_STATUSES, [json.dumps(rows, default=str)])


def _touches_authorizations(record: Record) -> bool:
    return isinstance(record, Authorized) or record.kind in ("dispensed", "reversed") or authorizations.voids(record)


#: The columns of an authorization, all of which the log decides.
AUTHORIZATION_COLUMNS = (
    "number", "patient_id", "pharmacy_id", "record", "issued_at", "first_day", "dispense_by", "days_supply", "state",
    "handed_over_on", "entered_on",
)  # fmt: skip

_UPSERT_AUTHORIZATIONS = f"""
INSERT INTO compliance_authorization (id, {", ".join(AUTHORIZATION_COLUMNS)})
VALUES {{}} ON CONFLICT (number) DO UPDATE SET (state, handed_over_on, entered_on)
    = (EXCLUDED.state, EXCLUDED.handed_over_on, EXCLUDED.entered_on)
WHERE (compliance_authorization.state, compliance_authorization.handed_over_on, compliance_authorization.entered_on)
    IS DISTINCT FROM (EXCLUDED.state, EXCLUDED.handed_over_on, EXCLUDED.entered_on)
"""
_AUTHORIZATION_VALUES = f"(%s, {', '.join(['%s'] * len(AUTHORIZATION_COLUMNS))})"


def authorization_rows(patient: UUID, history: History) -> list[dict[str, Any]]:
    """Each authorization as the table has it. Its state never says expired: that is a matter of the clock."""
    return [_row(patient, history, one) for one in authorizations.all_of(history).values()]


def _row(patient: UUID, history: History, authorization: AuthorizationFact) -> dict[str, Any]:
    record, issued, entry = authorization.record, authorization.entry, authorization.dispensed
    state, handed_over, entered = authorization.state, None, None
    if entry is not None and isinstance(entry.record, Dispensed):
        handed_over, entered = handed_over_on(history, entry, entry.record), history.day_of(entry.at)
    return {
        "number": record.number, "patient_id": patient, "pharmacy_id": UUID(record.pharmacy), "record": issued.number,
        "issued_at": issued.at, "first_day": history.day_of(issued.at), "dispense_by": record.dispense_by,
        "days_supply": record.days_supply, "state": "open" if state == "expired" else state,
        "handed_over_on": handed_over, "entered_on": entered,
    }  # fmt: skip


def _project_authorizations(cursor: Any, file: File, at: datetime, *, whole: bool) -> None:
    """One row an authorization, all in one statement; `whole`: every row anew, each with the id that it had."""
    rows = authorization_rows(file.patient, file.history(at))
    ids: dict[str, UUID] = {}
    if whole:
        numbers = [row["number"] for row in rows]
        cursor.execute(
            "DELETE FROM compliance_authorization WHERE patient_id = %s OR number = ANY(%s) "
            "RETURNING number, record, id",
            [file.patient, numbers],
        )
        for number, record, row_id in sorted(cursor.fetchall(), key=lambda found: found[0] in numbers):
            by_record = next((row["number"] for row in rows if row["record"] == record), number)
            ids[number if number in numbers else by_record] = row_id
    if rows:
        values = [v for row in rows for v in (ids.get(row["number"]) or uuid4(), *row.values())]
        cursor.execute(_UPSERT_AUTHORIZATIONS.format(", ".join([_AUTHORIZATION_VALUES] * len(rows))), values)


#: What decides a column of the patient's row.
_DECIDES_COLUMNS = (Registered, BirthDateCorrected, InvitationAccepted, TransferOffered, *ENDS_AN_OFFER)


def _project_patient(cursor: Any, file: File, record: Record) -> None:
    """The columns of the patient, and of a guardian, that a record decides."""
    if isinstance(record, _DECIDES_COLUMNS):
        columns = patient_columns(file.entries)
        assignments = ", ".join(f"{name} = %s" for name in columns)
        cursor.execute(f"UPDATE patients_patient SET {assignments} WHERE id = %s", [*columns.values(), file.patient])
    if isinstance(record, InvitationAccepted) and record.guardian is not None:
        values = [record.account, record.guardian, file.patient]
        cursor.execute("UPDATE patients_guardian SET user_id = %s WHERE id = %s AND patient_id = %s", values)
    if isinstance(record, ContactCorrected):
        contacts.project_patient(file.patient, record)
    elif isinstance(record, GuardianCorrected):
        contacts.project_guardian(record)
    elif isinstance(record, GuardianEnded):
        values = [record.guardian, file.patient]
        cursor.execute("UPDATE patients_guardian SET user_id = NULL WHERE id = %s AND patient_id = %s", values)


def messages_due(file: File, assessment: Assessment) -> list[Message]:
    """A message for every notice that is due now; one that was enqueued before stays the only one."""
    return [
        Message(
            key=f"{file.patient}:{notice.key}",
            kind=notice.kind,
            subject=file.patient,
            data={"to": notice.to, "pharmacy": notice.pharmacy, "by": _iso(notice.by)},
            due_at=notice.due_at,
        )
        for notice in due.notices(assessment)
        if notice.is_current(assessment.at)
    ]
