"""The gate's answers: as they were recorded, and as they stand now.

A recorded answer is a fact and stays one. Whether its authorization may be dispensed on is a judgement, and is made
anew whenever the answer is given again: `of_now`.
"""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from compliance.records.file import read_file
from compliance.rules import blockers
from compliance.rules.authorizations import State
from compliance.rules.blockers import Blocker
from compliance.rules.present import HandOver, PresentState, present_state
from compliance.rules.records import FIRST_PROGRAM
from ledger.idempotency import Answer
from ledger.models import LoggedRequest
from patients.models import Pharmacist

AUTHORIZE = "authorize"
NO_SUCH_PATIENT = "no-such-patient"
NO_EDITION = "no-edition"


@dataclass(frozen=True, slots=True)
class Blocked:
    """A blocker as the answer keeps it."""

    code: str
    clears_on: date | None
    #: Who must act.
    who: tuple[str, ...]

    @classmethod
    def kept(cls, code: str, clears_on: str | None, *who: str) -> "Blocked":
        """A blocker from the answer that was kept; one of an older release does not say who acts."""
        return cls(code, day_of(clears_on), who or blockers.rule(code).who)

    @classmethod
    def of(cls, blocker: Blocker) -> "Blocked":
        """A blocker of now."""
        return cls(blocker.code, blocker.clears_on, tuple(blocker.who))


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The gate's answer: what was recorded, and whether it may be dispensed on now.

    A no stays as it was recorded. Of a yes, `allowed`, `blockers` and `state` are of now, also when it is given again.
    """

    #: Whether the pharmacy may dispense now.
    allowed: bool
    edition: str
    #: The program whose edition it is; empty where there was nothing to decide.
    program: str = ""
    blockers: tuple[Blocked, ...] = ()
    number: str | None = None
    dispense_by: date | None = None
    window: tuple[date, date] | None = None
    patient: UUID | None = None
    #: For how many days was asked; None in an answer of an older release.
    days_supply: int | None = None
    #: `no-such-patient` or `no-edition`, where there was nothing to decide.
    fault: str | None = None
    #: When it was recorded; None in an answer of an older release.
    at: datetime | None = None
    #: What became of the authorization, and since when; None of a no.
    state: State | None = None
    since: datetime | None = None
    #: The day on which the patient got the product, where it was dispensed.
    handed_over_on: date | None = None
    #: Whether a hand-over can be entered now.
    hand_over: HandOver = "none"
    #: The edition that judged it now, where that is another one.
    edition_of_now: str | None = None
    #: Whether this is a retry, which was answered before.
    repeated: bool = field(default=False, compare=False)


def day_of(raw: str | None) -> date | None:
    """The day that an answer keeps as text."""
    return date.fromisoformat(raw) if raw else None


def decision_of(answer: Answer) -> Decision:
    """The answer that was kept, as it stood when it was recorded."""
    codes, at = answer["codes"], answer.get("at")
    instant = datetime.fromisoformat(at) if isinstance(at, str) else None
    if NO_SUCH_PATIENT in codes or NO_EDITION in codes:
        return Decision(allowed=False, edition="", fault=codes[0], at=instant, repeated=answer["repeated"])
    window, number = answer["window"], answer.get("number")
    return Decision(
        allowed=not codes,
        # An answer of an older release does not name it.
        program=answer.get("program", FIRST_PROGRAM),
        edition=answer["edition"],
        blockers=tuple(Blocked.kept(*kept) for kept in answer["blockers"]),
        number=number,
        dispense_by=day_of(answer.get("dispense_by")),
        window=(date.fromisoformat(window[0]), date.fromisoformat(window[1])) if window else None,
        patient=UUID(answer["patient"]),
        days_supply=answer.get("days_supply"),
        at=instant,
        state="open" if number else None,
        hand_over="now" if number else "none",
        repeated=answer["repeated"],
    )


def of_now(decision: Decision, pharmacy: UUID, at: datetime) -> Decision:
    """The same answer, with what became of its authorization judged as of `at`. A no is as it was."""
    if decision.number is None or decision.patient is None:
        return decision
    file = read_file(decision.patient, at, pharmacy=pharmacy, of_now=True)
    # No earlier than its last record: the clock of whoever wrote that may be ahead of the one here.
    history = file.history(file.earliest(at))
    present = present_state(history, decision.number, prescribers=file.prescribers, pharmacy=file.pharmacy)
    if present is None:
        return replace(decision, allowed=False, hand_over="none")
    return _with(decision, present)


def _with(decision: Decision, present: PresentState) -> Decision:
    now = present.edition.code if present.edition else None
    return replace(
        decision,
        allowed=present.allowed,
        blockers=tuple(Blocked.of(blocker) for blocker in present.blockers),
        state=present.fact.state,
        since=present.fact.ended.at if present.fact.ended else None,
        handed_over_on=present.handed_over_on,
        hand_over=present.hand_over,
        edition_of_now=now if now != decision.edition else None,
    )


def recorded(*, key: UUID, pharmacy: UUID, reader: UUID, at: datetime) -> Decision | None:
    """The answer that somebody of this pharmacy got for the question with that key, as of `at`; None where none did.

    Two of them may have used the same key: the reader's own comes first.
    """
    accounts = Pharmacist.objects.filter(pharmacy=pharmacy).values("user")
    rows = LoggedRequest.objects.filter(key=key, action=AUTHORIZE, actor__in=accounts)
    # A pharmacist may work at two stores: an answer is the store's that got it. An older one does not name it.
    own = [row for row in rows if row.answer.get("pharmacy", str(pharmacy)) == str(pharmacy)]
    row = min(own, key=lambda row: row.actor != reader, default=None)
    if row is None or ("patient" not in row.answer and NO_EDITION not in row.codes):
        return None
    kept: dict[str, Any] = {"codes": row.codes, "records": row.records, "repeated": True, "at": row.at.isoformat()}
    return of_now(decision_of(row.answer | kept), pharmacy, at)
