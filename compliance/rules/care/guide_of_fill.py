"""Whether the Medication Guide was opened for the fill to come, and when it is offered. It decides nothing."""

from ..assessment import Assessment
from ..history import History, in_order
from ..records import Dispensed, Entry
from ..stages import stage
from ..windows import patient_part_start
from .guide import GuideOpened

#: The stages in which a fill is near, where no test opens a window for it.
_NEAR = frozenset({"month", "ready", "authorized"})


def opened_for_fill(history: History) -> Entry | None:
    """The latest opening of the guide in the course since its latest fill; None where there is none."""
    fills = [entry for entry, _record in history.in_course(Dispensed)]
    openings = [entry for entry, _record in history.in_course(GuideOpened)]
    if not openings or (fills and in_order(openings[-1]) < in_order(fills[-1])):
        return None
    return openings[-1]


def is_offered(assessment: Assessment) -> bool:
    """Whether the guide is to be opened now: as soon as the patient's part of the month counts, until the fill."""
    if assessment.course is None or assessment.history.stops.open:
        return False
    if assessment.testing is None:
        return stage(assessment) in _NEAR
    return patient_part_start(assessment.history, assessment.testing) is not None
