"""The gate: authorize, dispense, reverse. Commands of a pharmacy at the counter."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from accounts.roles import PHARMACIST
from compliance.records.file import File, read_file
from compliance.rules import authorizations, fields
from compliance.rules.assessment import GateQuestion
from compliance.rules.editions import NoEdition
from compliance.rules.records import Authorized, Dispensed, Reversed
from compliance.rules.refusals import Refused
from ledger.actor import Actor
from ledger.canonical import LARGEST
from ledger.idempotency import Answer, Request

from . import lookups
from .decide import NOT_THEIRS, Outcome, by_id, by_number, decide
from .decisions import AUTHORIZE, NO_EDITION, NO_SUCH_PATIENT, Decision, decision_of, of_now
from .entries import raise_refusals, refused_as

__all__ = (
    "NO_EDITION",
    "NO_SUCH_PATIENT",
    "BadSupply",
    "Decision",
    "authorize",
    "authorize_patient",
    "dispense",
    "new_number",
    "reverse",
)


def _at_counter(by: Actor, pharmacy: UUID) -> bool:
    """Whether this is somebody of that pharmacy."""
    return by.role == PHARMACIST and by.acting_for == pharmacy


class BadSupply(ValueError):
    """The days' supply is no whole number of at least one, or one that no record can hold. Nothing was asked."""


def authorize(
    *, number: str, born_on: date, pharmacy: UUID, days_supply: object, by: Actor, at: datetime, key: UUID
) -> Decision:
    """May this pharmacy dispense `days_supply` days to the patient with that number and birth date, now?

    A yes is an authorization, recorded. A retry gets the same answer, and whether that may still be dispensed on.
    Raises BadSupply before anything is asked.
    """
    who = [number, born_on.isoformat()]
    request, work = _asking(who, pharmacy, days_supply, by=by, at=at, key=key)
    lock, lookup = by_number(number, born_on), lookups.number_digest(number)
    answer = decide(request, lock, work, pharmacy=pharmacy, unknown=NO_SUCH_PATIENT, lookup=lookup)
    return _answered(answer, pharmacy, at)


def authorize_patient(
    *, patient: UUID, pharmacy: UUID, days_supply: object, by: Actor, at: datetime, key: UUID
) -> Decision:
    """As `authorize`, for a patient who is known by id."""
    request, work = _asking([str(patient)], pharmacy, days_supply, by=by, at=at, key=key)
    answer = decide(request, by_id(patient), work, pharmacy=pharmacy, unknown=NO_SUCH_PATIENT)
    return _answered(answer, pharmacy, at)


def _asking(
    who: list[str], pharmacy: UUID, days_supply: object, *, by: Actor, at: datetime, key: UUID
) -> "tuple[Request, _Authorizing]":
    """The request for an authorization, and what runs for it under the lock. Raises BadSupply."""
    if not isinstance(days_supply, int) or isinstance(days_supply, bool) or not 1 <= days_supply <= LARGEST:
        raise BadSupply
    body = {"patient": who, "pharmacy": str(pharmacy), "days_supply": days_supply}
    request = Request(action=AUTHORIZE, by=by, at=at, key=key, body=body)
    return request, _Authorizing(by, pharmacy, days_supply)


@dataclass(frozen=True, slots=True)
class _Authorizing:
    """The question of a pharmacy as it runs under the patient's lock."""

    by: Actor
    pharmacy: UUID
    supply: int

    def __call__(self, file: File, now: datetime) -> Outcome:
        if not _at_counter(self.by, self.pharmacy):
            return NOT_THEIRS
        return _asked(file, now, self.pharmacy, self.supply)


def _asked(file: File, at: datetime, pharmacy: UUID, supply: int) -> Outcome:
    try:
        assessment = file.assess(at, GateQuestion(pharmacy=file.pharmacy, days_supply=supply))
    except NoEdition:
        return Outcome(codes=(NO_EDITION,), answer={"at": at.isoformat(), "pharmacy": str(pharmacy)})
    window = assessment.window
    answer: Answer = {
        "pharmacy": str(pharmacy),
        "program": file.program.code,
        "edition": assessment.edition.code,
        "blockers": [[b.code, _iso(b.clears_on), *b.who] for b in assessment.blockers],
        "window": [_iso(window.first), _iso(window.last)] if window else None,
        "patient": str(file.patient),
        "days_supply": supply,
        "at": at.isoformat(),
    }
    if assessment.dispense_by is None:
        return Outcome(codes=assessment.codes, answer=answer, edition=assessment.edition.code)
    record = Authorized(
        number=new_number(),
        pharmacy=str(pharmacy),
        days_supply=supply,
        dispense_by=assessment.dispense_by,
        first_day=assessment.day,
        edition=assessment.edition.code,
        edition_version=assessment.edition.version,
        decided_on=file.head.number,
    )
    issued = {"number": record.number, "dispense_by": _iso(record.dispense_by)}
    return Outcome(records=(record,), answer=answer | issued, edition=assessment.edition.code)


def _iso(on: date | None) -> str | None:
    return on.isoformat() if on else None


def _answered(answer: Answer, pharmacy: UUID, at: datetime) -> Decision:
    """The decision; of a retry, what became of its authorization is judged as of now."""
    decision = decision_of(answer)
    return of_now(decision, pharmacy, at) if decision.repeated else decision


#: Digits and letters that are not mistaken for one another when read aloud or copied by hand.
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_number() -> str:
    """A number for an authorization: ten characters, random, so that nobody can guess another's."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(10))


def dispense(
    *, patient: UUID, number: str, pharmacy: UUID, by: Actor, at: datetime, key: UUID, handed_over_on: object = None
) -> str | None:
    """The product was handed over. The code of the refusal, or None when it is recorded.

    `handed_over_on` is the day on which the patient got it, as plain data; None is the day of `at`. Raises
    EntryRefused, naming the field, where it is no day, one to come, or one before the authorization.
    """
    body = _body(patient, pharmacy, number)
    if handed_over_on is not None:
        body["handed_over_on"] = str(handed_over_on)
    request = Request(action="dispense", by=by, at=at, key=key, body=body)
    return _end(request, patient, _Dispensing(by, pharmacy, number, handed_over_on))


def reverse(*, patient: UUID, number: str, pharmacy: UUID, by: Actor, at: datetime, key: UUID) -> str | None:
    """The authorization is given back. The code of the refusal, or None when it is recorded."""
    request = Request(action="reverse", by=by, at=at, key=key, body=_body(patient, pharmacy, number))
    return _end(request, patient, _Reversing(by, pharmacy, number))


def _body(patient: UUID, pharmacy: UUID, number: str) -> dict[str, Any]:
    return {"patient": str(patient), "pharmacy": str(pharmacy), "number": number}


@dataclass(frozen=True, slots=True)
class _Dispensing:
    """A hand-over, as it runs under the patient's lock."""

    by: Actor
    pharmacy: UUID
    number: str
    handed_over_on: object

    def __call__(self, file: File, now: datetime) -> Outcome:
        if not _at_counter(self.by, self.pharmacy):
            return NOT_THEIRS
        history, on = file.history(now), self.handed_over_on
        try:
            code = authorizations.refuse_dispense(history, self.number, str(self.pharmacy), on)
        except Refused as refused:
            return refused_as([(0, refused.refusal)])
        day = history.day if on is None else fields.on(on)
        if code:
            # Whose hand-over was refused: it may be a signal.
            return Outcome(codes=(code,), answer={"pharmacy": str(self.pharmacy)})
        return Outcome(records=(Dispensed(self.number, day),))


@dataclass(frozen=True, slots=True)
class _Reversing:
    """A reversal, as it runs under the patient's lock."""

    by: Actor
    pharmacy: UUID
    number: str

    def __call__(self, file: File, now: datetime) -> Outcome:
        if not _at_counter(self.by, self.pharmacy):
            return NOT_THEIRS
        code = authorizations.refuse_reverse(file.history(now), self.number, str(self.pharmacy))
        return Outcome(codes=(code,)) if code else Outcome(records=(Reversed(self.number),))


def _end(request: Request, patient: UUID, work: _Dispensing | _Reversing) -> str | None:
    answer = decide(request, by_id(patient), work, unknown=authorizations.UNKNOWN)
    raise_refusals(answer)
    codes: list[str] = answer["codes"]
    if codes and answer["repeated"]:
        return _refused_now(codes[0], patient, work, request.at)
    return codes[0] if codes else None


def _refused_now(code: str, patient: UUID, work: _Dispensing | _Reversing, at: datetime) -> str:
    """The code of a refusal that is given again: it tells what became of the authorization by now."""
    file = read_file(patient, at, of_now=True)
    fact = authorizations.own(file.history(file.earliest(at)), work.number, str(work.pharmacy))
    return code if fact is None or fact.state == "open" else f"authorization-{fact.state}"
