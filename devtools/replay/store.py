"""A scenario through the real actions, the database and the projections, in a database of its own."""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

from accounts.models import User
from accounts.roles import DESIGNEE, GUARDIAN, OFFICER, PATIENT, PHARMACIST, PRESCRIBER
from compliance import documents
from compliance.commands import gate
from compliance.commands.certifying import certification_record
from compliance.commands.decide import Outcome, write
from compliance.commands.enrolment import empty_file
from compliance.commands.entries import EntryRefused, enter
from compliance.commands.permissions import MAY_ENTER
from compliance.records.file import read_file
from compliance.records.programs import DEFAULT, program_of
from compliance.rules.assessment import STATUS
from compliance.rules.editions import NoEdition, Program
from compliance.rules.records import ConsentSigned, ContraceptionDeclared, Record, Registered
from compliance.rules.refusals import Refused
from compliance.signatures import agreed, signature_for_records
from ledger import log
from ledger.actor import SYSTEM, Actor
from ledger.idempotency import Request
from patients.models import Guardian, Patient, Pharmacy, Prescriber
from patients.numbers import new_number

from . import scenario
from .scenario import ENROLLING, ReplayAnswer, ReplayStep

_LONG_AGO = datetime(1900, 1, 1, tzinfo=UTC)


class Store:
    """One patient in the database; every step goes the way a page's request would."""

    def __init__(self, story: Mapping[str, Any]) -> None:
        self.program = program_of(story.get("program", DEFAULT.code))
        first = min(scenario.instant(step) for step in story["steps"])
        self.numbers: dict[str, int] = {}
        self.prescribers: dict[str, UUID] = {}
        self.pharmacies: dict[str, UUID] = {}
        self.issued: list[str] = []
        self._prescriber(ENROLLING, story["prescriber"]["certified"])
        for name, other in story.get("prescribers", {}).items():
            self._prescriber(name, other["certified"])
        for name, pharmacy in story["pharmacies"].items():
            self._pharmacy(name, pharmacy["certified"])
        self.account = _account(PATIENT)
        self.guardian = _account(GUARDIAN)
        self.patient = self._patient(date.fromisoformat(story["patient"]["born_on"]), first)

    def answer(self, step: ReplayStep) -> ReplayAnswer:
        """The answer to one step."""
        at = scenario.instant(step)
        if "do" in step:
            return self._enter(step, at)
        if step["ask"] == "status":
            return self._status(at)
        return self._authorize(step, at) if step["ask"] == "authorize" else self._end(step, at)

    def _prescriber(self, name: str, spans: object) -> UUID:
        row = Prescriber.objects.create(
            program=self.program.code,
            user=_account(PRESCRIBER),
            practice_name="Scenario",
            npi=_npi(),
            phone="",
            address="",
            state="approved",
        )
        _certify("prescriber", row.id, spans, self.program)
        self.prescribers[name] = row.id
        return row.id

    def _pharmacy(self, name: str, spans: object) -> UUID:
        row = Pharmacy.objects.create(
            name="Scenario", npi=_npi(), phone="", address="", state="approved", program=self.program.code
        )
        _certify("pharmacy", row.id, spans, self.program)
        self.pharmacies[name] = row.id
        return row.id

    def _patient(self, born_on: date, at: datetime) -> UUID:
        prescriber = self.prescribers[ENROLLING]
        row = Patient.objects.create(
            program=self.program.code,
            number=new_number(), given_name="S", family_name="S", born_on=born_on, email="", phone="",
            prescriber_id=prescriber, user=self.account, created_at=at,
        )  # fmt: skip
        Guardian.objects.create(patient=row, user=self.guardian, name="G", email="")
        registered = Registered(born_on, row.number, str(prescriber), program=self.program.code)
        request = Request(action="register", by=SYSTEM, at=at, key=uuid4(), body={})
        write(empty_file(row.id, prescriber, at, self.program), Outcome(records=(registered,)), request, at)
        return row.id

    def _by(self, record: Record) -> Actor:
        """Somebody whose role may enter the record."""
        if isinstance(record, (ConsentSigned, ContraceptionDeclared)):
            role = record.signer if isinstance(record, ConsentSigned) else record.by
        else:
            order = (PRESCRIBER, PATIENT, OFFICER, DESIGNEE, GUARDIAN)
            role = next(role for role in order if role in MAY_ENTER[record.kind])
        if role == PATIENT:
            return Actor(self.account.id, role, self.patient)
        if role == GUARDIAN:
            return Actor(self.guardian.id, role)
        if role == PRESCRIBER:
            current = Patient.objects.select_related("prescriber").get(pk=self.patient).prescriber
            return Actor(current.user_id, role, current.pk)
        return Actor(uuid4(), role)

    def _enter(self, step: ReplayStep, at: datetime) -> ReplayAnswer:
        try:
            record = scenario.record_of(self._named(step), self.numbers)
            if isinstance(record, ConsentSigned):
                record = _whole(record)
            by, key = self._by(record), uuid4()
            signature = signature_for_records([record], "Scenario", subject=self.patient, by=by, key=key, on=at.date())
            numbers = enter(patient=self.patient, records=[record], by=by, at=at, key=key, signature=signature)
        except (Refused, EntryRefused, FileNotFoundError):  # the last: a text that nobody knows
            return {"refused": True}
        if "id" in step:
            self.numbers[step["id"]] = numbers[0]
        return {"refused": False}

    def _named(self, step: ReplayStep) -> ReplayStep:
        """The step with the names of prescribers turned into ids; one nobody knows has no certification."""
        renamed = dict(step)
        if step["do"] == "enrolled":
            renamed["prescriber"] = str(self.prescribers[ENROLLING])
        name = step.get("prescriber")
        if step["do"] == "transferred" and isinstance(name, str):
            renamed["prescriber"] = str(self.prescribers.get(name) or self._prescriber(name, []))
        return renamed

    def _status(self, at: datetime) -> ReplayAnswer:
        try:
            assessment = read_file(self.patient, at).assess(at, STATUS)
        except NoEdition:
            return {"error": "no-edition"}
        return scenario.of_assessment(assessment, with_owed=True)

    def _pharmacist(self, step: ReplayStep) -> Actor:
        name = scenario.pharmacy_of(step)
        return Actor(uuid4(), PHARMACIST, self.pharmacies.get(name) or self._pharmacy(name, []))

    def _authorize(self, step: ReplayStep, at: datetime) -> ReplayAnswer:
        by = self._pharmacist(step)
        assert by.acting_for is not None
        try:
            decision = gate.authorize_patient(
                patient=self.patient,
                pharmacy=by.acting_for,
                days_supply=step.get("days_supply"),
                by=by,
                at=at,
                key=uuid4(),
            )
        except gate.BadSupply:
            return {"refused": True}
        if decision.fault == gate.NO_EDITION:
            return {"error": "no-edition"}
        answer: ReplayAnswer = {
            "edition": decision.edition,
            "allowed": decision.allowed,
            "blockers": [
                {"code": b.code, "clears_on": b.clears_on.isoformat() if b.clears_on else None}
                for b in decision.blockers
            ],
            "window": [day.isoformat() for day in decision.window] if decision.window else None,
        }
        if decision.number is None or decision.dispense_by is None:
            return answer
        self.issued.append(decision.number)
        return scenario.issued(answer, decision.dispense_by, len(self.issued))

    def _end(self, step: ReplayStep, at: datetime) -> ReplayAnswer:
        by = self._pharmacist(step)
        assert by.acting_for is not None
        place = scenario.authorization_of(step, len(self.issued))
        number = self.issued[place - 1] if place is not None else "unknown"
        body: dict[str, Any] = {"patient": self.patient, "number": number, "pharmacy": by.acting_for}
        body |= {"by": by, "at": at, "key": uuid4()}
        try:
            code = (
                gate.dispense(**body, handed_over_on=step.get("handed_over_on"))
                if step["ask"] == "dispense"
                else gate.reverse(**body)
            )
        except EntryRefused:
            return {"refused": True}
        return {"done": True} if code is None else {"done": False, "code": code}


def _whole(consent: ConsentSigned) -> ConsentSigned:
    """The consent with what scenarios leave out: the text, and a yes to every item."""
    document = documents.load(consent.document, 1, documents.FALLBACK)
    return replace(
        consent, answers=agreed(document) | dict(consent.answers or {}), version=document.version,
        language=document.language, sha256=document.sha256,
    )  # fmt: skip


def _account(role: str) -> User:
    return User.objects.create(email=f"{uuid4()}@scenario.invalid", name="Scenario", opened_as=role)


def _certify(kind: str, subject: UUID, spans: object, program: Program) -> None:
    drafts = [certification_record(span.first, span.last, program.code) for span in scenario.spans(spans)]
    if drafts:
        log.append(kind, subject, drafts, head=log.EMPTY, by=SYSTEM, at=_LONG_AGO, request_id=uuid4())


def _npi() -> str:
    """Ten digits: what stands in the check digit's place does not matter here."""
    return f"{secrets.randbelow(10**10):010d}"
