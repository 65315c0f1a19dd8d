"""The pregnancies in a patient's file: by what and when each was found, and what the office knows of it."""

from dataclasses import dataclass, replace

from .care.pregnancies import PENDING, PregnancyFollowed
from .history import History, is_stop
from .records import Discontinued, Dispensed, Enrolled, Entry, PregnancyTest

#: When it was found.
BEFORE_FIRST, DURING, AFTER = PHASES = ("before-first-fill", "during-treatment", "after-treatment")


@dataclass(frozen=True, slots=True)
class PregnancyCase:
    """One pregnancy, or the suspicion of one."""

    opened: Entry
    phase: str
    followed: Entry | None = None
    #: What the latest follow-up says; of a case that nobody has followed up, that nothing is known.
    latest: PregnancyFollowed | None = None

    @property
    def found_by(self) -> str:
        """`test` or `report`."""
        return "test" if isinstance(self.opened.record, PregnancyTest) else "report"

    @property
    def outcome(self) -> str:
        """As far as it is known."""
        return self.latest.outcome if self.latest is not None else PENDING

    @property
    def is_open(self) -> bool:
        """Whether its outcome is not known yet."""
        return self.outcome == PENDING


def pregnancy_cases(history: History) -> list[PregnancyCase]:
    """The cases, in order. A test and a report after it are one pregnancy until its outcome is known."""
    cases: list[PregnancyCase] = []
    phase, is_in_course = BEFORE_FIRST, False
    for entry in history.entries:
        record = entry.record
        if isinstance(record, Enrolled):
            phase, is_in_course = BEFORE_FIRST, True
        elif isinstance(record, Dispensed):
            phase = DURING if is_in_course else AFTER  # a hand-over may be entered after the course has ended
        elif isinstance(record, Discontinued):
            phase, is_in_course = AFTER if phase == DURING else phase, False
        elif is_stop(record) and not (cases and cases[-1].is_open):
            cases.append(PregnancyCase(entry, phase))
        elif isinstance(record, PregnancyFollowed):
            cases = [_followed(case, entry, record) for case in cases]
    return cases


def _followed(case: PregnancyCase, entry: Entry, record: PregnancyFollowed) -> PregnancyCase:
    return replace(case, followed=entry, latest=record) if case.opened.number == record.case else case
