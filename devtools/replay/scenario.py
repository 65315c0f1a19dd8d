"""A step of a scenario file in the terms of the rules, and the form of its answer."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Protocol

from compliance.rules.assessment import Assessment
from compliance.rules.certification import Spans
from compliance.rules.days import Span
from compliance.rules.programs.isotretinoin_us import CANNOT, PROOF_OF_MENOPAUSE
from compliance.rules.records import ENTERED, Record, parse
from compliance.rules.refusals import Refusal, Refused

#: The prescriber of a scenario's enrolments, who has no name there.
ENROLLING = "the-prescriber"

_NOT_FIELDS = {"at", "do", "id", "ask", "expect"}

ReplayStep = Mapping[str, Any]
ReplayAnswer = dict[str, Any]


class Runner(Protocol):
    """Answers the steps of one scenario, in order."""

    def answer(self, step: ReplayStep) -> ReplayAnswer:
        """The answer to one step."""


def instant(step: ReplayStep) -> datetime:
    """When the step happens, in UTC."""
    return datetime.fromisoformat(step["at"]).astimezone(UTC)


def born_on(raw: str) -> date:
    """The patient's birth date."""
    return date.fromisoformat(raw)


def spans(certified: object) -> Spans:
    """Certifications, from pairs of dates, both included."""
    assert isinstance(certified, list)
    return tuple(Span(date.fromisoformat(a), date.fromisoformat(b)) for a, b in certified)


def record_of(step: ReplayStep, numbers: Mapping[str, int]) -> Record:
    """The record that a `do` step enters. Raises Refused for fields that cannot be read.

    What scenarios leave out is filled in: the enrolling prescriber, a reason of enrolment, the proof
    of menopause. `numbers` gives the log number of each step's id; an unknown id names no record.
    """
    data = {name: value for name, value in step.items() if name not in _NOT_FIELDS}
    kind = step["do"]
    if kind not in ENTERED:
        raise Refused(Refusal("kind", "not-listed"))
    if kind == "entry_struck" and data.get("entry") is not None:
        named = data["entry"]
        data["entry"] = numbers.get(named, 0) if isinstance(named, str) else 0
    if kind == "enrolled":
        data.setdefault("prescriber", ENROLLING)
        if data.get("category") == CANNOT:
            data.setdefault("reason", "male")
    if kind in ("enrolled", "category_changed"):
        data.setdefault("proof", PROOF_OF_MENOPAUSE.findings)
    return parse(kind, data)


def whole_days(raw: object) -> int | None:
    """A number of days' supply that can be asked about; None for bad input."""
    if not isinstance(raw, int) or isinstance(raw, bool) or raw < 1:
        return None
    return raw


def authorization_of(step: ReplayStep, issued: int) -> int | None:
    """The place, from 1, of the authorization that is meant; None for one that was never issued."""
    raw = step.get("authorization")
    if not isinstance(raw, int) or isinstance(raw, bool):
        return None
    return raw if 1 <= raw <= issued else None


def pharmacy_of(step: ReplayStep) -> str:
    """The name of the pharmacy that asks; what is no name is one that nobody knows."""
    raw = step.get("pharmacy")
    return raw if isinstance(raw, str) else ""


def of_assessment(assessment: Assessment, *, with_owed: bool) -> ReplayAnswer:
    """The answer to `status`, and the part of it that `authorize` shares."""
    window = assessment.window
    answer: ReplayAnswer = {
        "edition": assessment.edition.code,
        "allowed": assessment.allowed,
        "blockers": [
            {"code": b.code, "clears_on": b.clears_on.isoformat() if b.clears_on else None} for b in assessment.blockers
        ],
        "window": [window.first.isoformat(), window.last.isoformat()] if window else None,
    }
    if with_owed:
        answer["owed"] = [{"code": o.code, "due_on": o.due_on.isoformat()} for o in assessment.owed]
    return answer


def issued(answer: ReplayAnswer, dispense_by: date, number: int) -> ReplayAnswer:
    """`answer` with the authorization that followed."""
    return answer | {"dispense_by": dispense_by.isoformat(), "authorization": number}


def unmet(expected: object, answer: ReplayAnswer) -> list[str]:
    """The keys of `expect` that the answer does not meet."""
    if expected is None:
        return []
    assert isinstance(expected, Mapping)
    return [key for key, value in expected.items() if key not in answer or answer[key] != value]
