"""When a message goes to its reader: at once, at their hour, after their night, or within the digest of a practice.

It is asked each time a message is rendered, and so of every message whose reader is known; what is put off has not been
tried.
"""

from datetime import datetime

from compliance.rules.blockers import PRESCRIBER
from outbox import Later, RenderedMessage
from outbox.box import Timing
from outbox.channels import EMAIL
from outbox.digests import DIGEST
from outbox.models import Message

from . import digest, hours
from .hours import MORNING
from .kinds import WITH_PRACTICE, Kind
from .rendering import ForReader


def timing_of(kind: Kind) -> Timing:
    """Decides when messages of that kind go: of each whose reader is known. All others go at once."""

    def timing(message: Message, found: RenderedMessage, at: datetime) -> RenderedMessage | Later | None:
        return _timed(kind, message, found, at) if isinstance(found, ForReader) else found

    return timing


def _timed(kind: Kind, message: Message, found: ForReader, at: datetime) -> RenderedMessage | Later | None:
    over_at = found.over_at
    if over_at is not None and at >= over_at:
        return None
    if kind.code == DIGEST and digest.is_held(message.due_at, found.clock, at):
        return Later(hours.following(at, MORNING, found.clock))
    if kind.at_any_hour:
        return found
    may_join = kind.in_digest and found.side == PRESCRIBER and message.channel == EMAIL
    if may_join and (goes_at := digest.join(message, found, at)) is not None:
        return Later(goes_at)
    goes_at = max(at, found.goes_from or at)
    if _is_held(kind, found, goes_at):
        morning = hours.following(goes_at, MORNING, found.clock)
        goes_at = morning if over_at is None or morning < over_at else goes_at
    return Later(goes_at) if goes_at > at else found


def _is_held(kind: Kind, found: ForReader, at: datetime) -> bool:
    """Whether it is night for the reader; of what the practice does in its day, for the practice too."""
    patient = found.content.patient
    if kind.goes == WITH_PRACTICE and patient is not None:
        return hours.is_quiet(at, found.clock) and hours.is_quiet(at, digest.clock_of_practice(found))
    return hours.is_quiet(at, found.clock)
