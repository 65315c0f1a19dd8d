"""The worker's part of the reminders."""

from datetime import timedelta

from celery import shared_task

from compliance.commands import checkpoints
from compliance.commands.column_check import check_columns as check
from compliance.commands.figures import count_days
from compliance.commands.what_if import work_out
from ledger.clock import now
from ledger.models import Checkpoint
from outbox.box import queue
from outbox.heartbeats import CHECKPOINT, COLUMN_CHECK, FIGURES, MINUTE_CHECKPOINT, SWEEP, WHAT_IF
from outbox.turns import TIME_LIMIT, turn

from . import places
from . import sweep as sweeping

#: So many processes sweep at once. The others are free for what else there is.
SWEEPERS = 2

#: Seconds for which a task that is queued makes sense. After them beat has sent another.
MINUTE, HOUR = 60, 3600


@shared_task(name="notifications.tasks.sweep", time_limit=TIME_LIMIT, expires=MINUTE // 2)
def sweep() -> int:
    """Bring up to date whatever is due now, or a part of it: others may be at it too."""
    with turn(SWEEP, places=SWEEPERS) as mine:
        if mine is None:
            return 0
        done = sweeping.sweep(at=now(), turn=mine)
        more = mine.is_over()
    if more:
        queue(sweep)
    return done


@shared_task(name="notifications.tasks.places", expires=HOUR)
def tell_places() -> int:
    """Enqueue what is due about practices and pharmacies; how many messages are new."""
    return places.tell(at=now())


@shared_task(name="notifications.tasks.checkpoint", expires=HOUR)
def checkpoint() -> int | None:
    """Make this hour's checkpoint and hand it out; its number, None where there is one already."""
    with turn(CHECKPOINT) as mine:
        at = now()
        hour = at.replace(minute=0, second=0, microsecond=0)
        if mine is None or Checkpoint.objects.filter(at__gte=hour, at__lt=hour + timedelta(hours=1)).exists():
            return None
        return checkpoints.publish(at=at).number


@shared_task(name="notifications.tasks.minute_checkpoint", time_limit=TIME_LIMIT, expires=MINUTE)
def minute_checkpoint() -> int | None:
    """Sign what was written since the last checkpoint; its number, None where nothing was."""
    with turn(MINUTE_CHECKPOINT) as mine:
        return checkpoints.publish_minute(at=now()) if mine is not None else None


@shared_task(name="notifications.tasks.check_columns", time_limit=TIME_LIMIT, expires=HOUR)
def check_columns() -> int:
    """Compare all columns that are projections with the log; how many subjects differ, of those compared so far."""
    with turn(COLUMN_CHECK) as mine:
        if mine is None:
            return 0
        done = check(at=now(), turn=mine)
    if done is None:
        queue(check_columns)
        return 0
    return done.differing


@shared_task(name="notifications.tasks.figures", time_limit=TIME_LIMIT, expires=HOUR)
def figures() -> int:
    """Count the days that are over for the office's figures, or some of them; how many."""
    with turn(FIGURES) as mine:
        if mine is None:
            return 0
        done = count_days(at=now(), turn=mine)
        more = mine.is_over()
    if more:
        queue(figures)
    return done


@shared_task(name="notifications.tasks.what_if", time_limit=TIME_LIMIT, expires=HOUR)
def what_if() -> bool:
    """Go on with what the office asked of another edition; whether there is more to do."""
    with turn(WHAT_IF) as mine:
        if mine is None:
            return False
        more = work_out(at=now(), turn=mine)
    if more:
        queue(what_if)
    return more
