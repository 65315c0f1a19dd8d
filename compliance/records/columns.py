"""What a patient's log says of the columns beside it. A column that says otherwise decides nothing."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import structlog
from prometheus_client import Counter

from compliance.rules.history import ENDS_AN_OFFER
from compliance.rules.records import (
    BirthDateCorrected,
    Enrolled,
    Entry,
    FileLinked,
    FileTransferred,
    FileUnlinked,
    GuardianEnded,
    InvitationAccepted,
    Invited,
    Registered,
    TransferOffered,
    Transferred,
)

logger = structlog.get_logger(__name__)

CONTRADICTIONS = Counter(
    "clearfill_columns_contradicted_total",
    "Reads of a file that ended because a column contradicts the log",
    ["column"],
)

#: The columns of `Patient` that its own log decides, in the order in which they are read.
PATIENT_COLUMNS = ("number", "program", "born_on", "prescriber_id", "offered_to_id", "user_id")

#: Columns that decide nothing: of the program the log alone is asked, and a page shows whose patient the row says.
_OF_NO_CONSEQUENCE = frozenset({"program"})
_OF_NO_CONSEQUENCE_FOR_PAGES = frozenset({"program", "prescriber_id", "offered_to_id"})

#: By column, as a row has it.
Columns = Mapping[str, Any]


class NotAsRecorded(RuntimeError):
    """Columns contradict the log of a patient: there is no decision, and no page, until they are rebuilt."""

    def __init__(self, patient: UUID, columns: Iterable[str]) -> None:
        self.patient, self.columns = patient, tuple(columns)
        super().__init__(f"patient {patient}: {', '.join(self.columns)} contradicts the log")


def patient_columns(entries: Iterable[Entry]) -> dict[str, Any]:
    """The columns of the patient's row, each of which the log says something about."""
    said: dict[str, Any] = {}
    for entry in entries:
        _read_into(said, entry.record)
    return said


def _read_into(said: dict[str, Any], record: object) -> None:
    if isinstance(record, Registered):
        said |= {"program": record.program, "born_on": record.born_on, "offered_to_id": None}
        said |= {"number": record.number} if record.number else {}
        said |= {"prescriber_id": UUID(record.prescriber)} if record.prescriber else {}
    elif isinstance(record, BirthDateCorrected):
        said["born_on"] = record.born_on
    elif isinstance(record, Enrolled) and record.prescriber:
        said.setdefault("prescriber_id", UUID(record.prescriber))
    elif isinstance(record, TransferOffered):
        said["offered_to_id"] = UUID(record.prescriber)
    elif isinstance(record, Invited) and record.guardian is None:
        said.setdefault("user_id", None)
    elif isinstance(record, InvitationAccepted) and record.guardian is None:
        said["user_id"] = UUID(record.account)
    if isinstance(record, (Transferred, FileTransferred)):
        said["prescriber_id"] = UUID(record.prescriber)
    if isinstance(record, ENDS_AN_OFFER):
        said["offered_to_id"] = None


def guardian_accounts(entries: Iterable[Entry]) -> dict[UUID, UUID | None]:
    """The account of each guardian who was invited: None until the invitation was accepted, and after the end."""
    said: dict[UUID, UUID | None] = {}
    for entry in entries:
        record = entry.record
        if isinstance(record, Invited) and record.guardian is not None:
            said.setdefault(UUID(record.guardian), None)
        elif isinstance(record, InvitationAccepted) and record.guardian is not None:
            said[UUID(record.guardian)] = UUID(record.account)
        elif isinstance(record, GuardianEnded):
            said[UUID(record.guardian)] = None
    return said


def ended_guardians(entries: Iterable[Entry]) -> frozenset[UUID]:
    """The guardians whose part has ended."""
    return frozenset(UUID(entry.record.guardian) for entry in entries if isinstance(entry.record, GuardianEnded))


def linked_files(entries: Iterable[Entry]) -> frozenset[UUID]:
    """The files that the office holds to be of the same person, as of the last record."""
    linked: set[UUID] = set()
    for entry in entries:
        if isinstance(entry.record, FileLinked):
            linked.add(UUID(entry.record.file))
        elif isinstance(entry.record, FileUnlinked):
            linked.discard(UUID(entry.record.file))
    return frozenset(linked)


def contradicted(entries: Iterable[Entry], row: Columns) -> list[str]:
    """The columns of `row` that are not what the log says. A column of which it says nothing is left out."""
    return [name for name, value in patient_columns(entries).items() if name in row and row[name] != value]


def contradicted_on_page(entries: Sequence[Entry], *, row: Columns, linked: Iterable[UUID]) -> list[str]:
    """The columns that contradict the log, and are of consequence where a file is only shown."""
    wrong = [name for name in contradicted(entries, row) if name not in _OF_NO_CONSEQUENCE_FOR_PAGES]
    return [*wrong, *_not_read(entries, linked)]


def ensure_as_recorded(
    patient: UUID,
    entries: Sequence[Entry],
    *,
    row: Columns,
    linked: Iterable[UUID],
    guardians: Mapping[UUID, UUID | None] | None = None,
) -> None:
    """Raises NotAsRecorded, with a fault for the operator, where columns contradict the log of the patient.

    `linked` are the files that were read with it: a file that is linked by the log and was not read could hold a
    stop. `guardians` are the accounts of the rows of guardians, where somebody acts as one.
    """
    wrong = [name for name in contradicted(entries, row) if name not in _OF_NO_CONSEQUENCE]
    said = guardian_accounts(entries) if guardians is not None else {}
    if guardians is not None and any(guardians.get(one) != account for one, account in said.items()):
        wrong.append("guardian.user_id")
    ensure_none_contradicted(patient, [*wrong, *_not_read(entries, linked)])


def _not_read(entries: Iterable[Entry], linked: Iterable[UUID]) -> list[str]:
    return ["linked_to_id"] if linked_files(entries) - set(linked) else []


def ensure_none_contradicted(patient: UUID, wrong: Sequence[str]) -> None:
    """Raises NotAsRecorded, with a fault for the operator, where there are columns that contradict the log."""
    if not wrong:
        return
    for name in wrong:
        CONTRADICTIONS.labels(column=name).inc()
    logger.error("column_contradicts_log", patient=str(patient), columns=list(wrong))
    raise NotAsRecorded(patient, wrong)


def differing_rows(noun: str, key: str, said: Iterable[dict[str, Any]], rows: Iterable[dict[str, Any]]) -> list[str]:
    """The columns in which rows differ; one that has no row, or that no record knows, is named as such."""
    by_log, by_row = ({one[key]: one for one in each} for each in (said, rows))
    wrong = {f"{noun}.missing" for one in by_log.keys() - by_row.keys()}
    wrong |= {f"{noun}.not recorded" for one in by_row.keys() - by_log.keys()}
    for one in by_log.keys() & by_row.keys():
        wrong |= {f"{noun}.{name}" for name, value in by_log[one].items() if by_row[one][name] != value}
    return sorted(wrong)
