"""Cases of non-compliance of a practice or a pharmacy: which step may follow which, who has to act, and by when.

A case is what the log of the place says of it. The gate asks none of this: a suspension counts there as it always did.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from . import days

#: Steps of the office, and what the place answers.
OPENED, NOTICE, PLAN_ASKED, PLAN_ACCEPTED, PLAN_REFUSED = (
    "opened", "notice", "plan-asked", "plan-accepted", "plan-refused",
)  # fmt: skip
SUSPENDED, CLOSED, UPHELD, DISMISSED = "suspended", "closed", "appeal-upheld", "appeal-dismissed"
REPLY, PLAN, APPEAL = "reply", "plan", "appeal"

OFFICE_STEPS = (NOTICE, PLAN_ASKED, PLAN_ACCEPTED, PLAN_REFUSED, SUSPENDED, UPHELD, DISMISSED, CLOSED)
PLACE_STEPS = (REPLY, PLAN, APPEAL)

#: The stages of a case after which each step may come. What is written by an appeal stands beside: see `Case.may`.
_AFTER: Mapping[str, frozenset[str]] = {
    NOTICE: frozenset({OPENED}),
    REPLY: frozenset({NOTICE}),
    PLAN_ASKED: frozenset({NOTICE, REPLY, PLAN_ASKED, SUSPENDED, UPHELD}),
    PLAN: frozenset({PLAN_ASKED, PLAN_REFUSED}),
    PLAN_ACCEPTED: frozenset({PLAN}),
    PLAN_REFUSED: frozenset({PLAN}),
    SUSPENDED: frozenset({OPENED, NOTICE, REPLY, PLAN_ASKED, PLAN, PLAN_ACCEPTED, PLAN_REFUSED, UPHELD}),
    CLOSED: frozenset({
        OPENED, NOTICE, REPLY, PLAN_ASKED, PLAN, PLAN_ACCEPTED, PLAN_REFUSED, SUSPENDED, UPHELD,
    }),
}  # fmt: skip

#: Steps that name a day: by then the place answers, or has carried out its plan.
WITH_DUE = frozenset({NOTICE, PLAN_ASKED, PLAN_ACCEPTED, PLAN_REFUSED})
APPEALABLE = frozenset({NOTICE, PLAN_REFUSED, SUSPENDED})
_DECISIONS = frozenset({UPHELD, DISMISSED})
_BESIDE = frozenset({APPEAL, DISMISSED})

#: Days, all assumed: to appeal; in which the office tells the place of a case, answers it, and looks at a suspension.
APPEAL_DAYS, TELL_DAYS, ANSWER_DAYS, REVIEW_DAYS = 30, 7, 14, 30
_OFFICE_DAYS: Mapping[str, int] = {
    OPENED: TELL_DAYS, REPLY: ANSWER_DAYS, PLAN: ANSWER_DAYS, UPHELD: TELL_DAYS, SUSPENDED: REVIEW_DAYS,
}  # fmt: skip

OFFICE, PLACE = "office", "place"


@dataclass(frozen=True, slots=True)
class Event:
    """A step of a case: the number of its record, its day, who wrote it, and the day that it names."""

    number: int
    day: date
    step: str
    actor: str
    due: date | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A case, by its steps in order; the first opened it."""

    events: tuple[Event, ...]

    @property
    def number(self) -> int:
        """The number of the record that opened it."""
        return self.events[0].number

    @property
    def stage(self) -> Event:
        """The latest step but an appeal, and but one that left all as it was."""
        return [event for event in self.events if event.step not in _BESIDE][-1]

    @property
    def appeal(self) -> Event | None:
        """The appeal that waits for its decision."""
        beside = [event for event in self.events if event.step == APPEAL or event.step in _DECISIONS]
        return beside[-1] if beside and beside[-1].step == APPEAL else None

    @property
    def appealable(self) -> Event | None:
        """The latest step against which an appeal goes, or went."""
        return next((event for event in reversed(self.events) if event.step in APPEALABLE), None)

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to act."""
        return self.stage.step != CLOSED or self.appeal is not None

    @property
    def waits_for(self) -> str:
        """The side that acts next; empty once it is closed."""
        if not self.is_open:
            return ""
        return OFFICE if self.appeal is not None or self.stage.step not in (WITH_DUE - {PLAN_ACCEPTED}) else PLACE

    @property
    def due_on(self) -> date | None:
        """By which day that side is to act; None once it is closed."""
        if not self.is_open:
            return None
        if self.appeal is not None:
            return days.plus(self.appeal.day, ANSWER_DAYS)
        return self.stage.due or days.plus(self.stage.day, _OFFICE_DAYS[self.stage.step])

    @property
    def appeal_until(self) -> date | None:
        """The last day to appeal; None where there is nothing to appeal against, or it was appealed against."""
        decided = self.appealable
        if decided is None or any(event.step == APPEAL and event.number > decided.number for event in self.events):
            return None
        return days.plus(decided.day, APPEAL_DAYS)

    def may(self, step: str, on: date) -> bool:
        """Whether this step may come on that day. Who may take it, `may_decide` and the roles say."""
        if step == APPEAL:
            return self.appeal_until is not None and on <= self.appeal_until
        if step in _DECISIONS:
            return self.appeal is not None
        # Nothing but a suspension, which may be urgent, comes between an appeal and its decision.
        if self.appeal is not None and step in OFFICE_STEPS and step != SUSPENDED:
            return False
        return self.stage.step in _AFTER.get(step, frozenset())

    def may_decide(self, step: str, actor: str) -> bool:
        """Whether this officer may: an appeal is decided by another one than the step against which it goes."""
        return step not in _DECISIONS or self.appealable is None or self.appealable.actor != actor
