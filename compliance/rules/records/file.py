"""Records of the file itself: who the patient is, who stands by them, where the file lies, what was put right."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from ..fields import number, on, plain, text
from ..record import Record
from .formats import FIRST_PROGRAM


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
class EntryStruck(Record):
    """A wrong entry is left out from here on; `entry` is its number in the log."""

    kind = "entry_struck"
    readers = {"entry": number, "reason": text}
    entry: int
    reason: str


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
