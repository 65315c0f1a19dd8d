"""Assessment: the answer that a patient's log gives at an instant, as plain data, with the facts it rests on.

`gate.assess` makes it. Stage, next steps and the next change are functions over it (`stages`, `change`).
"""

from dataclasses import dataclass
from datetime import date, datetime

from . import days
from .authorizations import AuthorizationFact
from .blockers import Blocker
from .certification import Spans
from .days import Span
from .editions import Edition
from .followup import Owed
from .history import Course, History
from .windows import Testing


@dataclass(frozen=True, slots=True, kw_only=True)
class GateQuestion:
    """The question: by a pharmacy with these certifications (None: any that is certified), for so many days."""

    pharmacy: Spans | None = None
    days_supply: int = 1


STATUS = GateQuestion()


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """Everything that follows from a patient's log at an instant."""

    history: History
    edition: Edition
    question: GateQuestion
    prescriber_spans: Spans
    testing: Testing | None
    #: The latest window, whether it is open or over; None where there is none.
    latest_window: Span | None
    blockers: tuple[Blocker, ...]
    authorization: AuthorizationFact | None
    owed: tuple[Owed, ...]

    @property
    def at(self) -> datetime:
        """The instant of the question."""
        return self.history.at

    @property
    def day(self) -> date:
        """The day of the question, in program time."""
        return self.history.day

    @property
    def course(self) -> Course | None:
        """The course that is open."""
        return self.history.course

    @property
    def allowed(self) -> bool:
        """Whether the answer is yes."""
        return not self.blockers

    @property
    def codes(self) -> tuple[str, ...]:
        """The blockers' codes, in order."""
        return tuple(b.code for b in self.blockers)

    @property
    def window(self) -> Span | None:
        """The window, if it is open on this day."""
        latest = self.latest_window
        return latest if latest is not None and latest.covers(self.day) else None

    @property
    def dispense_by(self) -> date | None:
        """The last day on which an authorization issued now could be used; None when the answer is no."""
        if not self.allowed:
            return None
        return self.window.last if self.window else days.plus(self.day, self.edition.windowless_days)
