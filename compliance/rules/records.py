"""One frozen dataclass for each kind of record in a patient's log, and how it is read from plain data.

This module alone knows what a kind of record means (rules, section 3). Plain data is what JSON can
hold: it comes from forms, from scenario files and from the log itself, and takes the same way in.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from .care.kinds import CARE
from .fields import flag, listed, methods, number, numbers, on, plain, text
from .record import Record as Record
from .refusals import Refusal, Refused

#: The program of every file and certification that was recorded before records named theirs.
FIRST_PROGRAM = "isotretinoin-us"

RESULTS = ("negative", "positive", "indeterminate")
MENSES = ("first_five_days", "irregular_or_absent")
SIGNERS = ("patient", "guardian")
DECLARERS = ("prescriber", "patient")


@dataclass(frozen=True, slots=True)
class Registered(Record):
    """The file was opened: who the patient is. Texts that name a person are digests of erasable text."""

    kind = "registered"
    readers = {"born_on": on, "number": text, "prescriber": text, "sealed": plain, "program": text}
    born_on: date
    number: str = ""
    prescriber: str = ""
    sealed: Mapping[str, str] | None = None
    #: The code of the program to which the file belongs.
    program: str = FIRST_PROGRAM


@dataclass(frozen=True, slots=True)
class BirthDateCorrected(Record):
    """The birth date was wrong; from here on this one counts."""

    kind = "birth_date_corrected"
    readers = {"born_on": on, "reason": text}
    born_on: date
    reason: str


@dataclass(frozen=True, slots=True)
class ContactCorrected(Record):
    """The patient's name, e-mail, phone or language was wrong or has changed; `sealed` has what counts from here on."""

    kind = "contact_corrected"
    readers = {"sealed": plain, "reason": text}
    sealed: Mapping[str, str]
    reason: str


@dataclass(frozen=True, slots=True)
class GuardianNamed(Record):
    """A guardian stands beside the patient."""

    kind = "guardian_named"
    readers = {"guardian": text, "sealed": plain}
    guardian: str
    sealed: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class GuardianCorrected(Record):
    """A guardian's name, e-mail or language was wrong or has changed; `sealed` has what counts from here on."""

    kind = "guardian_corrected"
    readers = {"guardian": text, "sealed": plain, "reason": text}
    guardian: str
    sealed: Mapping[str, str]
    reason: str


@dataclass(frozen=True, slots=True)
class GuardianEnded(Record):
    """The guardian stands beside the patient no more. What they signed stays signed."""

    kind = "guardian_ended"
    readers = {"guardian": text, "reason": text}
    guardian: str
    reason: str


@dataclass(frozen=True, slots=True)
class Invited(Record):
    """An invitation to sign was sent, to the patient or to a guardian."""

    kind = "invited"
    readers = {"invitation": text, "guardian": text}
    invitation: str
    guardian: str | None = None


@dataclass(frozen=True, slots=True)
class InvitationAccepted(Record):
    """The one who was invited opened an account with it."""

    kind = "invitation_accepted"
    readers = {"invitation": text, "account": text, "guardian": text}
    invitation: str
    account: str
    guardian: str | None = None


@dataclass(frozen=True, slots=True)
class Enrolled(Record):
    """A course of treatment begins."""

    kind = "enrolled"
    readers = {"category": text, "reason": text, "proof": plain, "prescriber": text}
    category: str
    reason: str | None = None
    proof: Mapping[str, str] | None = None
    prescriber: str | None = None


@dataclass(frozen=True, slots=True)
class CategoryChanged(Record):
    """The patient belongs to the other category from now on."""

    kind = "category_changed"
    readers = {"category": text, "reason": text, "proof": plain}
    category: str
    reason: str
    proof: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class ConsentSigned(Record):
    """A document was agreed to: which text exactly, and every answer. The signature on it is the `attested` behind."""

    kind = "consent_signed"
    readers = {
        "document": text, "signer": listed(*SIGNERS), "answers": plain, "version": number, "language": text,
        "sha256": text, "guardian": text,
    }  # fmt: skip
    document: str
    signer: str
    answers: Mapping[str, bool] | None = None
    version: int | None = None
    language: str | None = None
    sha256: str | None = None
    guardian: str | None = None


@dataclass(frozen=True, slots=True)
class ConsentRefused(Record):
    """A document was read and not signed, and its signer says so. It asks for nothing and blocks nothing."""

    kind = "consent_refused"
    readers = {"document": text, "signer": listed(*SIGNERS)}
    document: str
    signer: str


@dataclass(frozen=True, slots=True)
class Attested(Record):
    """A signature on the records whose numbers it covers: which text, every answer, what it means, by which means.

    `statement` is the SHA-256 of all that was signed (see `docs/record-log.md`); `local_time` is the program's clock.
    `proof` is what the signer's passkey answered, where it was a passkey.
    """

    kind = "attested"
    readers = {
        "document": text, "version": number, "language": text, "sha256": text, "answers": plain, "meaning": text,
        "means": text, "statement": text, "local_time": text, "covers": numbers, "proof": plain, "sealed": plain,
    }  # fmt: skip
    document: str
    version: int
    language: str
    sha256: str
    answers: Mapping[str, bool]
    meaning: str
    means: str
    statement: str
    local_time: str
    covers: tuple[int, ...]
    proof: Mapping[str, str] | None = None
    sealed: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class PdfSealed(Record):
    """The PDF of a signature was made and sealed, once: of which record, and the SHA-256 of its bytes."""

    kind = "pdf_sealed"
    readers = {"signature": number, "pdf": text, "sha256": text}
    signature: int
    pdf: str
    sha256: str


@dataclass(frozen=True, slots=True)
class ConsentWithdrawn(Record):
    """Every valid signature on this document is taken back."""

    kind = "consent_withdrawn"
    readers = {"document": text}
    document: str


@dataclass(frozen=True, slots=True)
class Counselled(Record):
    """The prescriber counselled the patient at a visit."""

    kind = "counselled"
    readers = {"visit_on": on}
    visit_on: date


@dataclass(frozen=True, slots=True)
class ContraceptionDeclared(Record):
    """The methods in use, as declared by one side; the prescriber also says since when."""

    kind = "contraception_declared"
    readers = {"by": listed(*DECLARERS), "methods": methods, "started_on": on}
    by: str
    methods: tuple[str, ...]
    started_on: date | None = None


@dataclass(frozen=True, slots=True)
class HomeTestingSet(Record):
    """Whether tests at home are permitted, and what guards against misreading and falsification."""

    kind = "home_testing_set"
    readers = {"permitted": flag, "safeguard": text}
    permitted: bool
    safeguard: str | None = None


@dataclass(frozen=True, slots=True)
class PregnancyTest(Record):
    """A pregnancy test, by the day on which the specimen was collected."""

    kind = "pregnancy_test"
    readers = {
        "collected_on": on, "result": listed(*RESULTS), "setting": text, "menses": listed(*MENSES),
    }  # fmt: skip
    collected_on: date
    result: str
    setting: str
    menses: str | None = None


@dataclass(frozen=True, slots=True)
class Transferred(Record):
    """Another prescriber takes the patient over."""

    kind = "transferred"
    readers = {"prescriber": text}
    prescriber: str


@dataclass(frozen=True, slots=True)
class FileTransferred(Record):
    """Between two courses another prescriber takes the patient over: whose the file is until a course begins.

    The gate does not ask for it: the prescriber whom it judges is named by `enrolled` and `transferred` alone.
    """

    kind = "file_transferred"
    readers = {"prescriber": text}
    prescriber: str


@dataclass(frozen=True, slots=True)
class TransferOffered(Record):
    """The patient is offered to another prescriber, who accepts or declines: by the prescriber, by the program office
    for one who is gone, or by the patient, who asks for that one."""

    kind = "transfer_offered"
    readers = {"prescriber": text}
    prescriber: str


@dataclass(frozen=True, slots=True)
class TransferDeclined(Record):
    """The one to whom the patient was offered declines."""

    kind = "transfer_declined"
    readers = {}


@dataclass(frozen=True, slots=True)
class TransferWithdrawn(Record):
    """Whoever may offer the patient takes the offer back."""

    kind = "transfer_withdrawn"
    readers = {}


@dataclass(frozen=True, slots=True)
class FileLinked(Record):
    """The office holds `file` to be of the same person: from here on they share stops, open authorizations, gaps."""

    kind = "file_linked"
    readers = {"file": text, "reason": text, "asked_by": text}
    file: str
    reason: str
    #: The officer who asked for it first; None where one officer was enough.
    asked_by: str | None = None


@dataclass(frozen=True, slots=True)
class FileUnlinked(Record):
    """The office was wrong: `file` is of somebody else. Nothing is shared from here on; what was authorized is void."""

    kind = "file_unlinked"
    readers = {"file": text, "reason": text, "asked_by": text}
    file: str
    reason: str
    #: The officer who asked for it first; None where one officer was enough.
    asked_by: str | None = None


@dataclass(frozen=True, slots=True)
class KeptApart(Record):
    """The office compared the file with others that may be of the same person, and holds it to be of another one.

    The log of one person does not name the file of another: `case` is the office's.
    """

    kind = "kept_apart"
    readers = {"case": text, "reason": text, "asked_by": text}
    case: str
    reason: str
    #: The officer who asked for it first; None where one officer was enough.
    asked_by: str | None = None


@dataclass(frozen=True, slots=True)
class ComprehensionPassed(Record):
    """The patient answered the month's questions."""

    kind = "comprehension_passed"
    readers = {"questions": plain, "version": number, "language": text}
    questions: Mapping[str, str] | None = None
    version: int | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class PregnancyReported(Record):
    """A pregnancy, or the suspicion of one, was reported."""

    kind = "pregnancy_reported"
    readers = {}


@dataclass(frozen=True, slots=True)
class StopCleared(Record):
    """The prescriber cleared every stop that was open, in this file and in those that were linked with it."""

    kind = "stop_cleared"
    readers = {"reason": text}
    reason: str


@dataclass(frozen=True, slots=True)
class Discontinued(Record):
    """The course ended; `last_dose_on` is None when no dose was taken."""

    kind = "discontinued"
    readers = {"last_dose_on": on, "reason": text}
    reason: str
    last_dose_on: date | None = None


@dataclass(frozen=True, slots=True)
class LastDoseCorrected(Record):
    """The day of the last dose of the latest course that ended was wrong; None when no dose was taken after all."""

    kind = "last_dose_corrected"
    readers = {"last_dose_on": on, "reason": text}
    reason: str
    last_dose_on: date | None = None


@dataclass(frozen=True, slots=True)
class EntryStruck(Record):
    """A wrong entry is left out from here on; `entry` is its number in the log."""

    kind = "entry_struck"
    readers = {"entry": number, "reason": text}
    entry: int
    reason: str


@dataclass(frozen=True, slots=True)
class Authorized(Record):
    """The gate said yes. `decided_on` is the log's last number that the decision read."""

    kind = "authorized"
    readers = {
        "number": text, "pharmacy": text, "days_supply": number, "dispense_by": on, "first_day": on,
        "edition": text, "edition_version": number, "decided_on": number,
    }  # fmt: skip
    number: str
    pharmacy: str
    days_supply: int
    dispense_by: date
    first_day: date | None = None
    edition: str = ""
    edition_version: int = 1
    decided_on: int = 0


@dataclass(frozen=True, slots=True)
class Dispensed(Record):
    """The pharmacy handed the supply over, on the day of the entry where `handed_over_on` is None."""

    kind = "dispensed"
    readers = {"authorization": text, "handed_over_on": on}
    authorization: str
    handed_over_on: date | None = None


@dataclass(frozen=True, slots=True)
class Reversed(Record):
    """The pharmacy gave the authorization back; the product is in stock again."""

    kind = "reversed"
    readers = {"authorization": text}
    authorization: str


@dataclass(frozen=True, slots=True)
class ErasureAsked(Record):
    """An officer asks that the erasable texts of this patient be erased."""

    kind = "erasure_asked"
    readers = {}


@dataclass(frozen=True, slots=True)
class TextsErased(Record):
    """The erasable texts of this patient were erased; who asked for it, and how many there were."""

    kind = "texts_erased"
    readers = {"asked_by": text, "texts": number}
    asked_by: str
    texts: int


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

#: The kinds that people enter (rules, section 3); the gate and the program itself write the others.
ENTERED = (
    "enrolled", "category_changed", "consent_signed", "consent_withdrawn", "counselled", "contraception_declared",
    "home_testing_set", "pregnancy_test", "transferred", "comprehension_passed", "pregnancy_reported",
    "stop_cleared", "discontinued", "last_dose_corrected", "entry_struck",
)  # fmt: skip

Data = dict[str, Any]


def _handed_over_on_the_day_of_entry(data: Data) -> Data:
    """Format 1 of `dispensed` had no day of its own: the product was handed over when that was entered."""
    return data | {"handed_over_on": None}


def _of_the_first_program(data: Data) -> Data:
    """Format 1 of `registered` did not name the program: there was one."""
    return data | {"program": FIRST_PROGRAM}


def _by_one_officer(data: Data) -> Data:
    """Format 1 of `file_linked` and `file_unlinked` knew one officer, who wrote it."""
    return data | {"asked_by": None}


#: Older shapes of a kind's data, by (kind, format), each turned into the next; the log is never rewritten.
UPCASTERS: dict[tuple[str, int], Callable[[Data], Data]] = {
    ("dispensed", 1): _handed_over_on_the_day_of_entry,
    ("file_linked", 1): _by_one_officer,
    ("file_unlinked", 1): _by_one_officer,
    ("registered", 1): _of_the_first_program,
}

#: The format in which each kind is written today.
FORMATS: dict[str, int] = dict.fromkeys(KINDS, 1) | dict.fromkeys(
    ("dispensed", "file_linked", "file_unlinked", "registered"), 2
)


def _pdf_of_paper(data: Data) -> Data:
    """Upcast `paper_made`, which named its PDF `paper`."""
    return {("pdf" if name == "paper" else name): value for name, value in data.items()}


#: Kinds that had another name in the log once, and how their data is read. Such rows are never rewritten.
RENAMED_KINDS: dict[str, tuple[str, Callable[[Data], Data]]] = {"paper_made": ("pdf_sealed", _pdf_of_paper)}


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
