"""What became of an authorization, and whether it may be dispensed on now.

An authorization holds until its last day, unless a record makes it void (rules, section 5.3). Its answer may be given
again long after: whether the pharmacy may dispense is then judged anew, of now.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from . import authorizations, gate
from .assessment import Assessment, GateQuestion
from .authorizations import AuthorizationFact
from .blockers import Blocker
from .certification import Spans
from .editions import Edition, NoEdition, Program
from .history import History
from .records import Dispensed
from .windows import handed_over_on

#: What the authorization itself has settled for its days: the month's own rows (rules, section 5.2), and the question.
_SETTLED = frozenset({
    "lead-in-not-complete", "screening-test-missing", "confirmatory-test-missing", "monthly-test-missing",
    "window-expired", "lockout", "counselling-missing", "contraception-missing:prescriber",
    "contraception-missing:patient", "contraception-mismatch", "comprehension-missing", "authorization-open",
    "supply-too-long",
})  # fmt: skip

#: Whether a hand-over can be entered: one of now; only one that was before; none.
HandOver = Literal["now", "before", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PresentState:
    """An authorization as it stands at an instant."""

    fact: AuthorizationFact
    program: Program
    #: What stands in the way of dispensing on one that is open.
    blockers: tuple[Blocker, ...]
    #: The edition that judged it; None where no rules are in force.
    edition: Edition | None
    hand_over: HandOver
    #: The day on which the patient got the product, where it was dispensed.
    handed_over_on: date | None

    @property
    def allowed(self) -> bool:
        """Whether the pharmacy may dispense on it now."""
        return self.fact.state == "open" and self.edition is not None and not self.blockers


def present_state(
    history: History, number: str, *, prescribers: Mapping[str, Spans], pharmacy: Spans
) -> PresentState | None:
    """The authorization of that number as it stands at the instant of `history`; None where there is none.

    `pharmacy` are the certifications of the pharmacy that obtained it.
    """
    fact = authorizations.all_of(history).get(number)
    if fact is None:
        return None
    blockers: tuple[Blocker, ...] = ()
    edition: Edition | None = None
    if fact.state == "open":
        try:
            assessment = gate.judge(history, prescribers=prescribers, question=GateQuestion(pharmacy=pharmacy))
        except NoEdition:
            pass
        else:
            edition = assessment.edition
            blockers = in_the_way(assessment)
    return PresentState(
        fact=fact,
        program=history.program,
        blockers=blockers,
        edition=edition,
        hand_over=_hand_over(history, fact, allowed=edition is not None and not blockers),
        handed_over_on=_day_of_hand_over(history, fact),
    )


def in_the_way(assessment: Assessment) -> tuple[Blocker, ...]:
    """What stands in the way of dispensing on an authorization that is open, in order."""
    return tuple(blocker for blocker in assessment.blockers if blocker.code not in _SETTLED)


def _hand_over(history: History, fact: AuthorizationFact, *, allowed: bool) -> HandOver:
    """An open one always takes a hand-over that was; one that is expired or void, on a day while it was valid."""
    if fact.state == "open":
        return "now" if allowed else "before"
    if fact.overdue and authorizations.late_until(history, fact) >= history.day_of(fact.entry.at):
        return "before"
    return "none"


def _day_of_hand_over(history: History, fact: AuthorizationFact) -> date | None:
    entry = fact.dispensed
    if entry is None or not isinstance(entry.record, Dispensed):
        return None
    return handed_over_on(history, entry, entry.record)
