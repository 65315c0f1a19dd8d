"""The demo's people as a snapshot, and somebody who writes to their logs what the program never would."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from io import StringIO
from typing import Any
from uuid import UUID, uuid4

from django.core.management import CommandError, call_command

from accounts.models import User
from accounts.roles import GUARDIAN, OFFICER, PATIENT, PHARMACIST, PRESCRIBER
from compliance.models import PatientStatus
from compliance.records.programs import DEFAULT
from compliance.rules.records import FORMATS, Record, dump
from compliance.signatures import signature_for_records
from compliance.verification import pdfs, written
from compliance.verification.check import problems, problems_of
from ledger import log
from ledger.actor import Actor
from ledger.clock import now
from ledger.log import NewRecord, Row
from ledger.verify import Part, Problem
from ledger.verify import beside as beside_logs
from patients.models import Patient, Pharmacy, Prescriber
from patients.people import actor_of
from tests import amount, factories
from tests.databases import Snapshot
from tests.histories import CAN, NOW

#: The instant at which the logs are checked, and what is forged was written.
LATER = NOW + timedelta(hours=2)
NAME = "Some One"

#: One patient of each story of the demo, as the real commands wrote them.
DEMO = Snapshot[object](
    "demo_of_each", lambda _: call_command("seed_demo", "--one-of-each", verbosity=0), at=NOW.isoformat()
)


class Forger:
    """Somebody who owns the database, and appends records that are chained and hashed rightly."""

    def __init__(self) -> None:
        self.officers = [actor_of(user) for user in User.objects.filter(opened_as=OFFICER)]
        self.officers.append(actor_of(factories.officer()))

    def patient(self, stage: str, category: str = CAN) -> Patient:
        """A patient at that stage."""
        row = PatientStatus.objects.filter(stage=stage, category=category).order_by("patient__number")[0]
        return Patient.objects.select_related("prescriber__user", "user").get(pk=row.patient_id)

    def minor(self) -> Patient:
        """A patient under age, who has a guardian."""
        return Patient.objects.filter(guardians__user__isnull=False).select_related("prescriber__user", "user")[0]

    def practice(self, patient: Patient) -> Actor:
        """The patient's prescriber."""
        assert patient.prescriber is not None
        return Actor(patient.prescriber.user_id, PRESCRIBER, patient.prescriber_id)

    def other_practice(self, patient: Patient) -> Actor:
        """A prescriber whose patient it is not."""
        return self.other_practices(patient)[0]

    def other_practices(self, patient: Patient) -> list[Actor]:
        """The approved prescribers whose patient it is not."""
        others = Prescriber.objects.filter(state="approved").exclude(pk=patient.prescriber_id).order_by("npi")
        return [Actor(other.user_id, PRESCRIBER, other.pk) for other in others]

    def own(self, patient: Patient) -> Actor:
        """The patient."""
        assert patient.user_id is not None
        return Actor(patient.user_id, PATIENT, patient.pk)

    def guardian(self, patient: Patient) -> Actor:
        """The patient's guardian."""
        guardian = patient.guardians.filter(user__isnull=False)[0]
        assert guardian.user_id is not None
        return Actor(guardian.user_id, GUARDIAN)

    def counter(self, state: str = "approved", place: int = 0) -> Actor:
        """A pharmacist of a pharmacy in that state."""
        pharmacy = Pharmacy.objects.filter(state=state).order_by("npi")[place]
        return Actor(pharmacy.pharmacists.all()[0].user_id, PHARMACIST, pharmacy.pk)

    def append(
        self, subject: UUID, drafts: Sequence[NewRecord], by: Actor, *, kind: str = "patient", at: datetime = LATER,
        key: UUID | None = None,
    ) -> list[Row]:  # fmt: skip
        """Write these at the end of a log."""
        head = log.head_of(log.read(subject))
        return log.append(kind, subject, drafts, head=head, by=by, at=at, request_id=key or uuid4())

    def enter(self, patient: Patient, *records: Record, by: Actor, at: datetime = LATER) -> list[Row]:
        """Write records to a patient's log, without a signature."""
        return self.append(patient.pk, [draft(record) for record in records], by, at=at)

    def sign(
        self, patient: Patient, *records: Record, by: Actor, as_: Actor | None = None, **changed: Any
    ) -> list[Row]:
        """Write records with a signature, of which something is otherwise than the program writes it."""
        key, place = uuid4(), log.read(patient.pk)[-1].number + 1
        signature = signature_for_records(
            records, NAME, subject=patient.pk, by=by, key=key, on=LATER.date()
        )  # fmt: skip
        assert signature is not None
        attested = signature.record(range(place, place + len(records)), LATER, DEFAULT)
        signature.statement.name.at = LATER
        signature.statement.name.save(force_insert=True)
        written = self.enter_with(patient, key, [draft(record) for record in records], by)
        written += self.enter_with(patient, key, [draft(replace(attested, **changed))], as_ or by)
        return written

    def enter_with(self, patient: Patient, key: UUID, drafts: Sequence[NewRecord], by: Actor) -> list[Row]:
        """Write drafts to a patient's log, of one request."""
        return self.append(patient.pk, drafts, by, key=key)


def draft(record: Record, edition: str = "") -> NewRecord:
    """A record as the log has it."""
    return NewRecord(kind=record.kind, data=dump(record), format=FORMATS[record.kind], edition=edition)


def verify_log(*arguments: str) -> str:
    """What the command says of problems; nothing where there are none."""
    err = StringIO()
    with suppress(CommandError):
        call_command("verify_log", *arguments, stdout=StringIO(), stderr=err)
    return err.getvalue()


def problems_around(subjects: Iterable[UUID], *, at: datetime, rules: bool = False) -> list[Problem]:
    """What the check finds in these logs and beside all logs, as one of several processes does: the other logs are
    those of the demo, which `test_demo_has_no_problems` reads. In a run of everything they are read as well."""
    if amount.EVERYTHING:
        return list(problems(at=at, rules=rules))
    beside = [*beside_logs(), *written.beside(), *pdfs.beside()]
    of_each = [problems_of(Part(UUID(int=one.int - 1), one), at, rules) for one in subjects]
    return [*beside, *(problem for found in of_each for problem in found)]


def said_of(subject: UUID, *, rules: bool = False) -> str:
    """What the check says of that log."""
    return "\n".join(one.what for one in problems_around([subject], at=now(), rules=rules) if one.subject == subject)


def named(output: str, subject: UUID) -> str:
    """The lines about one log."""
    return "\n".join(line for line in output.splitlines() if f" {subject}, " in line)
