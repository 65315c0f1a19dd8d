"""Enrol a patient: open the file, begin the course, invite to sign. A likely second file goes to the office first."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from accounts.events import is_open, still_open
from accounts.languages import LISTED
from accounts.roles import PRESCRIBER
from compliance.records.file import File, file_of
from compliance.records.programs import program_day, program_of
from compliance.rules.days import birthday
from compliance.rules.editions import NoEdition, Program
from compliance.rules.records import Enrolled, GuardianNamed, Invited, Record, Registered
from compliance.rules.refusals import Refusal
from ledger import log
from ledger.actor import Actor
from ledger.erasable_text import make_erasable
from ledger.idempotency import Answer, Refused, Request, Result, once
from ledger.log import EMPTY
from ledger.models import ErasableText
from patients.duplicates import Identity, matches_of, name_key
from patients.models import Guardian, HeldEnrolment, Patient, Prescriber, whole_name
from patients.numbers import new_number

from . import identity
from .decide import NotPermitted, Outcome, share_prescriber, write
from .entries import answer_of, refusal_of, refusals_of
from .invitations import new_invitation, save_invitation, under_age
from .joining import address_refusals


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPatient:
    """The data by which a prescriber enrols a patient; with a guardian for a minor.

    Who has no e-mail address is invited by a printed letter (`letters`).
    """

    given_name: str
    family_name: str
    born_on: date
    email: str
    phone: str
    category: str
    reason: str | None = None
    proof: Mapping[str, str] | None = None
    guardian_name: str = ""
    guardian_email: str = ""
    #: In which they want to be addressed (`accounts.languages`); empty where nobody said.
    language: str = ""
    guardian_language: str = ""
    guardian_phone: str = ""

    def plain(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self) | {"born_on": self.born_on.isoformat()}

    @property
    def identity(self) -> Identity:
        """What tells the patient from another person."""
        return Identity(self.given_name, self.family_name, self.born_on, self.phone, self.email)

    @classmethod
    def of_plain(cls, data: Mapping[str, Any]) -> "NewPatient":
        """From plain data."""
        return cls(**{**data, "born_on": date.fromisoformat(data["born_on"])})


@dataclass(frozen=True, slots=True)
class Enrolment:
    """The patient who was enrolled, or the enrolment that the office holds; or who of the practice it may be."""

    patient: UUID | None
    held: UUID | None
    #: The practice's own patients who may be the same person: nothing was recorded.
    own: tuple[UUID, ...] = ()
    #: Whether another officer has to ask for the same before it is done.
    waits: bool = False


class NotDecided(LookupError):
    """A held enrolment is not decided so; the code says why."""

    @property
    def code(self) -> str:
        """Why not."""
        return str(self.args[0])


def possible_from(born_on: date, at: datetime, program: Program) -> date | None:
    """The day from which somebody too young today can be enrolled; None for whoever is old enough.

    None before the program's first edition, too: no age is known then.
    """
    today = program_day(at, program)
    try:
        of_age = birthday(born_on, program.edition_on(today).least_age)
    except NoEdition:
        return None
    return of_age if today < of_age else None


class GuardianMissing(ValueError):
    """A patient under age is enrolled with a guardian."""


def enrol(*, new: NewPatient, by: Actor, at: datetime, key: UUID, shows_own: bool = False) -> Enrolment:
    """Enrol a patient of the prescriber who asks.

    Where the same person may be in the program already, in whichever practice, nothing is recorded but a
    held enrolment, and the office decides; the one who enrols learns no more than that. With `shows_own` patients of
    the practice itself who may be the same are named instead, and nothing is held: the same whether there are others.
    Raises EntryRefused, NotPermitted, GuardianMissing, KeyReused.
    """
    if by.role != PRESCRIBER or by.acting_for is None:
        raise NotPermitted
    program = program_of_prescriber(by.acting_for)
    if under_age(new.born_on, at, program) and not new.guardian_name:
        raise GuardianMissing
    shows = {"shows_own": True} if shows_own else {}
    request = Request(action="enrol", by=by, at=at, key=key, body=new.plain() | shows)
    work = partial(_enrol, new, by.acting_for, program, request)
    return enrolment_of(once(request, identity.lock, work, still=still_open(by)))


def _enrol(new: NewPatient, prescriber: UUID, program: Program, request: Request, _locked: None) -> Result:
    """Runs under the lock of identities. What the rules refuse is refused before it is held."""
    if not is_open(request.by.account):
        raise NotPermitted
    refusals = enrol_refusals(new, prescriber, program, request.at)
    if refusals:
        return Result(codes=tuple(refusal.rule for _, refusal in refusals), answer=answer_of(refusals))
    addresses = address_refusals(
        prescriber=prescriber, given_name=new.given_name, email=new.email, guardian_email=new.guardian_email
    )
    if refusals := list(addresses):
        return Result(codes=tuple(refusal.rule for _, refusal in refusals), answer=answer_of(refusals))
    matches = matches_of(new.identity)
    if request.body.get("shows_own") and (own := _own(matches, prescriber)):
        return Result(codes=("own-patient",), answer={"patient": None, "held": None, "own": own})
    if matches:
        held = _hold(new, prescriber, matches, request)
        return Result(codes=("held",), answer={"patient": None, "held": str(held)})
    patient = open_file(new, prescriber, program, request)
    return Result(subject=patient, answer={"patient": str(patient), "held": None})


def enrol_refusals(new: NewPatient, prescriber: UUID, program: Program, at: datetime) -> list[tuple[int, Refusal]]:
    """Why the rules would refuse this enrolment at `at`. Nothing is written."""
    if new.born_on > program_day(at, program):
        return [(0, Refusal("born_on", "in-the-future"))]
    if possible_from(new.born_on, at, program) is not None:
        return [(0, Refusal("born_on", "under-age"))]
    if unlisted := [name for name in ("language", "guardian_language") if getattr(new, name) not in LISTED]:
        return [(0, Refusal(name, "not-listed")) for name in unlisted]
    patient = Patient(number="", program=program.code, prescriber_id=prescriber)
    guardian = Guardian(patient=patient) if new.guardian_name else None
    texts = {name: make_erasable(text) for name, text in _texts(new).items()}
    file = empty_file(patient.id, prescriber, at, program)
    return refusals_of(file, _records(patient, new, guardian, texts), at.astimezone(UTC))


def enrolment_of(answer: Answer) -> Enrolment:
    """The enrolment of an answer. Raises the refusal that it holds."""
    if "refusals" in answer:
        raise refusal_of(answer)
    if "held" not in answer:
        raise NotDecided(*answer["codes"])
    patient, held = answer["patient"], answer["held"]
    return Enrolment(
        UUID(patient) if patient else None,
        UUID(held) if held else None,
        own=tuple(map(UUID, answer.get("own", ()))),
        waits="second-officer" in answer["codes"],
    )


def _own(matches: Iterable[UUID], prescriber: UUID) -> list[str]:
    """Those of these files that are the practice's own."""
    rows = Patient.objects.filter(pk__in=matches, prescriber=prescriber).order_by("pk")
    return [str(pk) for pk in rows.values_list("pk", flat=True)]


def _hold(new: NewPatient, prescriber: UUID, matches: list[UUID], request: Request) -> UUID:
    case = HeldEnrolment.objects.create(
        prescriber_id=prescriber,
        data=new.plain(),
        candidates=[str(match) for match in matches],
        state="waiting",
        created_at=request.at,
    )
    return case.pk


def program_of_prescriber(prescriber: UUID) -> Program:
    """The program for which a prescriber is certified, in which their patients are enrolled."""
    return program_of(Prescriber.objects.values_list("program", flat=True).get(pk=prescriber))


def open_file(new: NewPatient, prescriber: UUID, program: Program, request: Request, reason: str = "") -> UUID:
    """Open the file of a patient: the row, the first records, the invitations by mail.

    `reason` is that of letting through.
    """
    share_prescriber(prescriber)
    request.waited()
    patient = Patient.objects.create(
        program=program.code,
        number=_unused_number(),
        given_name=new.given_name,
        family_name=new.family_name,
        name_key=name_key(new.given_name, new.family_name),
        born_on=new.born_on,
        email=new.email.lower(),
        phone=new.phone,
        language=new.language,
        prescriber_id=prescriber,
        created_at=request.at,
    )
    guardian = _guardian(patient, new)
    invited = [
        person.pk if isinstance(person, Guardian) else None for person in (patient, guardian) if person and person.email
    ]
    invitations = [new_invitation(patient.id, who, request.at, request.key) for who in invited]
    texts = {name: make_erasable(text) for name, text in _texts(new, reason).items()}
    records = _records(patient, new, guardian, texts)
    records += [Invited(str(i.id), str(i.guardian_id) if i.guardian_id else None) for i in invitations]
    _write(patient, records, list(texts.values()), request)
    for invitation in invitations:
        save_invitation(invitation, request.at)
    return patient.id


def _unused_number() -> str:
    """A number that no file has: of a million files, one new number in twenty thousand is taken.

    Whoever draws the same one at the same instant is refused by the database.
    """
    while Patient.objects.filter(number=(number := new_number())).exists():
        pass
    return number


def _guardian(patient: Patient, new: NewPatient) -> Guardian | None:
    if not new.guardian_name:
        return None
    return Guardian.objects.create(
        id=uuid4(), patient=patient, name=new.guardian_name, email=new.guardian_email.lower(),
        language=new.guardian_language, phone=new.guardian_phone,
    )  # fmt: skip


def _texts(new: NewPatient, let_through: str = "") -> dict[str, str]:
    """The texts that name or describe a person, and are therefore erasable; with the reason of letting through."""
    texts = {
        "name": whole_name(new.given_name, new.family_name),
        "email": new.email,
        "phone": new.phone,
        "guardian_name": new.guardian_name,
        "guardian_email": new.guardian_email,
        "language": new.language,
        "guardian_language": new.guardian_language if new.guardian_name else "",
        "guardian_phone": new.guardian_phone if new.guardian_name else "",
        "let_through": let_through,
    }
    return {name: text for name, text in texts.items() if text}


def _records(
    patient: Patient, new: NewPatient, guardian: Guardian | None, texts: Mapping[str, ErasableText]
) -> list[Record]:
    digests = {name: erasable.digest for name, erasable in texts.items()}
    entry: dict[str, str] = {name: digest for name, digest in digests.items() if not name.startswith("guardian")}
    prescriber = str(patient.prescriber_id)
    records: list[Record] = [Registered(new.born_on, patient.number, prescriber, entry, patient.program)]
    if guardian is not None:
        names = ("name", "email", "phone", "language")
        theirs = {name: digests[f"guardian_{name}"] for name in names if f"guardian_{name}" in digests}
        records.append(GuardianNamed(str(guardian.id), theirs))
    records.append(Enrolled(new.category, new.reason, new.proof, prescriber))
    return records


def _write(patient: Patient, records: list[Record], erasable: list[ErasableText], request: Request) -> None:
    for text in erasable:
        text.subject, text.at = patient.id, request.at
    file = empty_file(patient.id, patient.prescriber_id, request.at, program_of(patient.program))
    refusals = refusals_of(file, records, request.at.astimezone(UTC))
    if refusals:
        raise Refused(*(refusal.rule for _, refusal in refusals), answer=answer_of(refusals))
    write(file, Outcome(records=tuple(records), texts=tuple(erasable)), request, request.at)


def empty_file(patient: UUID, prescriber: UUID | None, at: datetime, program: Program) -> File:
    """The file of a patient about whom nothing is recorded yet."""
    logs = {prescriber: log.read(prescriber)} if prescriber else {}
    file = file_of(logs, patient, prescriber=prescriber, pharmacy=None, at=at, program=program)
    assert file.head == EMPTY
    return file
