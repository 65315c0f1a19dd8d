"""By whose part a window was missed: what was still lacking in its last instant."""

from .assessment import Assessment
from .blockers import GUARDIAN, PATIENT, PRESCRIBER

#: Nothing was lacking, or an authorization was open: nobody came for the fill, or no pharmacy asked.
PICK_UP = "pick-up"

#: More than one had something to do.
SEVERAL = "several"

#: Whose part it can be.
PARTS = (PRESCRIBER, PATIENT, GUARDIAN, SEVERAL, PICK_UP)

#: Asked of the practice, and not of its patient's month. No pharmacy is named here.
_NOT_OF_THE_MONTH = "prescriber-not-certified"


def missed_by(assessment: Assessment) -> str | None:
    """Of an assessment in the last instant of a day: by whose part the window that ends with it is missed.

    None where no window ends on that day without a fill, and while a stop is open: then nothing was to be filled.
    """
    window = assessment.latest_window
    if assessment.testing is None or window is None or window.last != assessment.day or assessment.history.stops.open:
        return None
    lacking = [blocker for blocker in assessment.blockers if blocker.code != _NOT_OF_THE_MONTH]
    who = {one for blocker in lacking for one in blocker.who} & {PRESCRIBER, PATIENT, GUARDIAN}
    if not who:
        return PICK_UP
    return who.pop() if len(who) == 1 else SEVERAL
