"""Enrol a patient: open the file, begin the course, invite to sign. A likely second file goes to the office first."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from typing import Any
from uuid import UUID, uuid4, uuid5

from django.db import connection

import outbox
from accounts.events import is_open
from accounts.roles import OFFICER, PRESCRIBER
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
from outbox.models import Message
from patients.duplicates import likely_matches, name_key
from patients.models import Guardian, HeldEnrolment, Patient, Prescriber
from patients.numbers import new_number

from . import linking
from .decide import NotPermitted, Outcome, share_prescriber, write
from .entries import answer_of, refusal_of, refusals_of
from .invitations import new_invitation, save_invitation, under_age


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPatient:
    """The data by which a prescriber enrols a patient; with a guardian for a minor."""

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

    def plain(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self) | {"born_on": self.born_on.isoformat()}

    @classmethod
    def of_plain(cls, data: Mapping[str, Any]) -> "NewPatient":
        """From plain data."""
        return cls(**{**data, "born_on": date.fromisoformat(data["born_on"])})


@dataclass(frozen=True, slots=True)
class Enrolment:
    """The patient who was enrolled, or the enrolment that the office holds."""

    patient: UUID | None
    held: UUID | None


#: The reason of a link that is made when a held enrolment is let through.
HELD = "held-enrolment"


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


def enrol(*, new: NewPatient, by: Actor, at: datetime, key: UUID) -> Enrolment:
    """Enrol a patient of the prescriber who asks.

    Where the same person may be in the program already, in whichever practice, nothing is recorded but a
    held enrolment, and the office decides; the one who enrols learns no more than that.
    Raises EntryRefused, NotPermitted, GuardianMissing, KeyReused.
    """
    if by.role != PRESCRIBER or by.acting_for is None:
        raise NotPermitted
    program = _program_of(by.acting_for)
    if under_age(new.born_on, at, program) and not (new.guardian_name and new.guardian_email):
        raise GuardianMissing
    request = Request(action="enrol", by=by, at=at, key=key, body=new.plain())
    work = partial(_enrol, new, by.acting_for, program, request)
    return _result(once(request, partial(_one_at_a_time, new.born_on), work))


def _enrol(new: NewPatient, prescriber: UUID, program: Program, request: Request, _locked: None) -> Result:
    """Runs under the lock of the birth date."""
    if not is_open(request.by.account):
        raise NotPermitted
    if possible_from(new.born_on, request.at, program) is not None:
        return Result(codes=("under-age",), answer=answer_of([(0, Refusal("born_on", "under-age"))]))
    matches = likely_matches(new.given_name, new.family_name, new.born_on, new.phone, new.email)
    if matches:
        held = _hold(new, prescriber, matches, request)
        return Result(codes=("held",), answer={"patient": None, "held": str(held)})
    patient = _open(new, prescriber, program, request)
    return Result(subject=patient, answer={"patient": str(patient), "held": None})


def decide_held(
    *, held: UUID, let_through: bool, by: Actor, at: datetime, key: UUID, same_as: UUID | None = None
) -> Enrolment:
    """The office lets a held enrolment through, or turns it down. The prescriber is told either way.

    `same_as` is the file of the same person, with which the new one is linked.
    Raises NotPermitted for anyone but an officer, LookupError when it is decided already, or when `same_as` is
    none of its candidates; EntryRefused, KeyReused.
    """
    if by.role != OFFICER:
        raise NotPermitted
    body = {"held": str(held), "yes": let_through, "same_as": str(same_as) if same_as else None}
    request = Request(action="decide-held", by=by, at=at, key=key, body=body)
    return _result(once(request, partial(_lock_held, held), partial(_decide_held, let_through, same_as, request)))


def _lock_held(held: UUID) -> HeldEnrolment | None:
    return HeldEnrolment.objects.select_for_update().filter(pk=held).first()


def _as_of_age(new: NewPatient, at: datetime, program: Program) -> NewPatient:
    """Without the guardian, where the patient came of age while the office held the enrolment."""
    return new if under_age(new.born_on, at, program) else replace(new, guardian_name="", guardian_email="")


def _decide_held(let_through: bool, same_as: UUID | None, request: Request, case: HeldEnrolment | None) -> Result:
    """Runs under the lock of the held enrolment."""
    if case is None or case.state != "waiting":
        return Result(codes=("decided-already",))
    if same_as is not None and str(same_as) not in case.candidates:
        return Result(codes=("not-a-candidate",))
    HeldEnrolment.objects.filter(pk=case.pk).update(
        state="let_through" if let_through else "turned_down", decided_by=request.by.account, decided_at=request.at
    )
    _tell_prescriber(case, request.at)
    if not let_through:
        return Result(codes=("turned-down",), answer={"patient": None, "held": str(case.pk)})
    program = _program_of(case.prescriber_id)
    new = _as_of_age(NewPatient.of_plain(case.data), request.at, program)
    patient = _open(new, case.prescriber_id, program, request)
    if same_as is not None:
        linking.link(
            files=(same_as, patient), reason=HELD, by=request.by, at=request.at, key=uuid5(request.key, "link")
        )  # fmt: skip
    return Result(subject=patient, answer={"patient": str(patient), "held": str(case.pk)})


def _result(answer: Answer) -> Enrolment:
    """The enrolment of an answer. Raises the refusal that it holds."""
    if "refusals" in answer:
        raise refusal_of(answer)
    if "held" not in answer:
        raise LookupError(*answer["codes"])
    patient, held = answer["patient"], answer["held"]
    return Enrolment(UUID(patient) if patient else None, UUID(held) if held else None)


def _one_at_a_time(born_on: date) -> None:
    """Two enrolments of the same birth date wait for one another, so that a second file is always seen."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [born_on.toordinal()])


def _hold(new: NewPatient, prescriber: UUID, matches: list[UUID], request: Request) -> UUID:
    case = HeldEnrolment.objects.create(
        prescriber_id=prescriber,
        data=new.plain(),
        candidates=[str(match) for match in matches],
        state="waiting",
        created_at=request.at,
    )
    return case.pk


def _tell_prescriber(case: HeldEnrolment, at: datetime) -> None:
    message = Message(
        key=f"held-enrolment:{case.pk}",
        kind="held-enrolment",
        subject=None,
        data={"held": str(case.pk)},
        due_at=at,
    )
    outbox.enqueue([message], at=at)


def _program_of(prescriber: UUID) -> Program:
    """The program for which a prescriber is certified, in which their patients are enrolled."""
    return program_of(Prescriber.objects.values_list("program", flat=True).get(pk=prescriber))


def _open(new: NewPatient, prescriber: UUID, program: Program, request: Request) -> UUID:
    """Open the file of a patient: the row, the first records, the invitations."""
    share_prescriber(prescriber)
    request.waited()
    patient = Patient.objects.create(
        program=program.code,
        number=new_number(),
        given_name=new.given_name,
        family_name=new.family_name,
        name_key=name_key(new.given_name, new.family_name),
        born_on=new.born_on,
        email=new.email.lower(),
        phone=new.phone,
        prescriber_id=prescriber,
        created_at=request.at,
    )
    guardian = _guardian(patient, new)
    row = new_invitation(patient.id, None, request.at, request.key)
    invitations = [row]
    if guardian is not None:
        invitations.append(new_invitation(patient.id, guardian.id, request.at, request.key))
    texts = {name: make_erasable(text) for name, text in _texts(new).items()}
    records = _records(patient, new, guardian, texts)
    records += [Invited(str(i.id), str(i.guardian_id) if i.guardian_id else None) for i in invitations]
    _write(patient, records, list(texts.values()), request)
    for invitation in invitations:
        save_invitation(invitation, request.at)
    return patient.id


def _guardian(patient: Patient, new: NewPatient) -> Guardian | None:
    if not new.guardian_email:
        return None
    return Guardian.objects.create(
        id=uuid4(), patient=patient, name=new.guardian_name, email=new.guardian_email.lower()
    )


def _texts(new: NewPatient) -> dict[str, str]:
    """The texts that name or describe a person, and are therefore erasable."""
    texts = {
        "name": f"{new.given_name} {new.family_name}",
        "email": new.email,
        "phone": new.phone,
        "guardian_name": new.guardian_name,
        "guardian_email": new.guardian_email,
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
        theirs = {"name": digests["guardian_name"], "email": digests["guardian_email"]}
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
    rows = log.read(prescriber) if prescriber else []
    file = file_of(rows, patient, prescriber=prescriber, pharmacy=None, at=at, program=program)
    assert file.head == EMPTY
    return file
