"""One frozen dataclass for each kind of record in a patient's log, and how it is read from plain data.

This module alone knows what a kind of record means (rules, section 3). Plain data is what JSON can
hold: it comes from forms, from scenario files and from the log itself, and takes the same way in.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from ..care.kinds import CARE
from ..record import Record
from ..refusals import Refusal, Refused
from .enrolment import (
    SIGNERS,
    Attested,
    CategoryChanged,
    ComprehensionPassed,
    ConsentRefused,
    ConsentSigned,
    ConsentWithdrawn,
    Enrolled,
    PdfSealed,
)
from .file import (
    BirthDateCorrected,
    ContactCorrected,
    EntryStruck,
    ErasureAsked,
    FileLinked,
    FileTransferred,
    FileUnlinked,
    GuardianCorrected,
    GuardianEnded,
    GuardianNamed,
    InvitationAccepted,
    Invited,
    KeptApart,
    Registered,
    TextsErased,
    TransferDeclined,
    TransferOffered,
    Transferred,
    TransferWithdrawn,
)
from .formats import FIRST_PROGRAM, RENAMED_KINDS, UPCASTERS
from .month import (
    DECLARERS,
    MENSES,
    RESULTS,
    Authorized,
    ContraceptionDeclared,
    Counselled,
    Discontinued,
    Dispensed,
    HomeTestingSet,
    LastDoseCorrected,
    PregnancyReported,
    PregnancyTest,
    Reversed,
    StopCleared,
)

__all__ = [
    "DECLARERS", "ENTERED", "FIRST_PROGRAM", "FORMATS", "KINDS", "MENSES", "RENAMED_KINDS", "RESULTS", "SIGNERS",
    "UPCASTERS", "Attested", "Authorized", "BirthDateCorrected", "CategoryChanged", "ComprehensionPassed",
    "ConsentRefused", "ConsentSigned", "ConsentWithdrawn", "ContactCorrected", "ContraceptionDeclared",
    "Counselled", "Discontinued", "Dispensed", "Enrolled", "EnteredBy", "Entry", "EntryStruck", "ErasureAsked",
    "FileLinked", "FileTransferred", "FileUnlinked", "GuardianCorrected", "GuardianEnded", "GuardianNamed",
    "HomeTestingSet", "InvitationAccepted", "Invited", "KeptApart", "LastDoseCorrected", "PdfSealed",
    "PregnancyReported", "PregnancyTest", "Record", "Registered", "Reversed", "Shape", "StopCleared",
    "TextsErased", "TransferDeclined", "TransferOffered", "TransferWithdrawn", "Transferred", "dump", "load",
    "names_of", "parse",
]  # fmt: skip

#: What the rules read, and what the program itself notes; `CARE` are those that no gate asks for.
_KINDS: tuple[type[Record], ...] = (
    Registered,
    BirthDateCorrected,
    ContactCorrected,
    GuardianNamed,
    GuardianCorrected,
    GuardianEnded,
    Invited,
    InvitationAccepted,
    Enrolled,
    CategoryChanged,
    ConsentSigned,
    ConsentRefused,
    Attested,
    PdfSealed,
    ConsentWithdrawn,
    Counselled,
    ContraceptionDeclared,
    HomeTestingSet,
    PregnancyTest,
    Transferred,
    FileTransferred,
    TransferOffered,
    TransferDeclined,
    TransferWithdrawn,
    FileLinked,
    FileUnlinked,
    KeptApart,
    ComprehensionPassed,
    PregnancyReported,
    StopCleared,
    Discontinued,
    LastDoseCorrected,
    EntryStruck,
    Authorized,
    Dispensed,
    Reversed,
    ErasureAsked,
    TextsErased,
    *CARE,
)

KINDS: dict[str, type[Record]] = {cls.kind: cls for cls in _KINDS}

#: The format in which each kind is written today: one more than it was brought up from.
FORMATS: dict[str, int] = {kind: 1 + sum(old == kind for old, _format in UPCASTERS) for kind in KINDS}

#: The kinds that people enter (rules, section 3); the gate and the program itself write the others.
ENTERED = (
    "enrolled", "category_changed", "consent_signed", "consent_withdrawn", "counselled", "contraception_declared",
    "home_testing_set", "pregnancy_test", "transferred", "comprehension_passed", "pregnancy_reported",
    "stop_cleared", "discontinued", "last_dose_corrected", "entry_struck",
)  # fmt: skip


def names_of(kind: type[Record]) -> frozenset[str]:
    """The kinds of that class in the log: today's name and older ones."""
    return frozenset({kind.kind, *(old for old, (new, _read) in RENAMED_KINDS.items() if new == kind.kind)})


class EnteredBy(NamedTuple):
    """Who entered a record: the account, in which role, and for which practice, pharmacy or patient."""

    account: UUID
    role: str
    acting_for: UUID | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A record where it stands: its number in the patient's log, the instant it was recorded, and by whom."""

    number: int
    at: datetime
    record: Record
    #: None in a history that never was in a log. The rules do not ask.
    by: EnteredBy | None = None


Shape = tuple[tuple[str, Callable[[object], Any], bool], ...]

#: For each kind its fields as (name, reader, required); a field without a default is required.
_SHAPES: dict[str, Shape] = {
    kind: tuple((f.name, cls.readers[f.name], f.default is MISSING) for f in fields(cls)) for kind, cls in KINDS.items()
}


def parse(kind: str, data: Mapping[str, object]) -> Record:
    """The record of that kind in `data`.

    Raises Refused, naming the field and the rule, for a required field that is missing, a date that
    is none, or a value that is not listed. A field that may be null and is missing is null.
    """
    if kind not in KINDS:
        raise Refused(Refusal("kind", "not-listed"))
    values: dict[str, Any] = {}
    for name, reader, required in _SHAPES[kind]:
        raw = data.get(name)
        if raw is None:
            if required:
                raise Refused(Refusal(name, "missing"))
            continue
        if kind == "contraception_declared" and name == "started_on" and data.get("by") == "patient":
            continue  # a patient's is ignored, whatever it says
        try:
            values[name] = reader(raw)
        except (ValueError, TypeError) as wrong:
            raise Refused(Refusal(name, str(wrong))) from None
    return KINDS[kind](**values)


def dump(record: Record) -> dict[str, Any]:
    """`record` as plain data, without what is null; `parse` gives it back."""
    plain_form: dict[str, Any] = {}
    for name, _, _ in _SHAPES[record.kind]:
        value = getattr(record, name)
        if value is None:
            continue
        if isinstance(value, date):
            value = value.isoformat()
        elif isinstance(value, tuple):
            value = list(value)
        plain_form[name] = value
    return plain_form


def load(kind: str, format_: int, data: Mapping[str, Any]) -> Record:
    """The record of that kind as it stands in the log, old formats brought up to today's."""
    current = dict(data)
    if kind in RENAMED_KINDS:
        kind, rename = RENAMED_KINDS[kind]
        current = rename(current)
    for step in range(format_, FORMATS.get(kind, format_)):
        current = UPCASTERS[kind, step](current)
    return parse(kind, current)
