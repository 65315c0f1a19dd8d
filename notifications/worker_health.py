"""The health of the worker: what of its regular work stands still, by its heartbeats and by what waits.

That a process runs, or answers, says nothing of this: what is read here is written by the work itself.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, F, Max, Min, Q, QuerySet, When
from prometheus_client import Gauge

from compliance.models import ColumnCheck, PdfJob
from ledger.models import Checkpoint, LogRecord
from outbox import heartbeats, unreachable
from outbox.models import Message

#: The longest pause between two heartbeats of a task, and the longest that anything waits for its first attempt.
LONGEST_PAUSE = timedelta(minutes=5)
LONGEST_WAIT = timedelta(minutes=10)

#: Each task that must have a heartbeat, and what is not done without it.
SENTENCES = {
    heartbeats.SWEEP: "Nothing was swept for more than five minutes: no reminder falls due.",
    heartbeats.DELIVER: "Nothing looked for messages to deliver for more than five minutes.",
    heartbeats.SIGNED_PDFS: "Nothing looked for signed documents to make for more than five minutes.",
    heartbeats.MINUTE_CHECKPOINT: "No minute checkpoint for more than five minutes: what is young could be rewritten.",
}
UNDELIVERED = "Messages wait for more than ten minutes, and none was delivered since: is the mail server reachable?"
UNMADE = "Signed documents wait for more than ten minutes, and none was made since."
NO_CHECKPOINT = "No checkpoint was made for more than two hours."
NOT_COMPARED = "Columns were not compared with the log for more than two hours."

#: The longest pause between two of what is done each hour.
LONGEST_HOUR = timedelta(hours=2)

#: An error that is the e-mail's own: others may well be delivered.
_OWN_FAULT = ("SMTPRecipientsRefused",)

_LAST = Gauge("clearfill_worker_heartbeat_timestamp_seconds", "When a task of the worker was last done", ["task"])
_WAITING = Gauge("clearfill_worker_waiting", "What waits for the worker", ["what"])
_DIFFERING = Gauge("clearfill_columns_differing", "Subjects whose columns differed from the log at the last check")
_OLDEST = Gauge("clearfill_oldest_undelivered_seconds", "How long the message waits that has been due the longest")
_CHECKPOINT = Gauge("clearfill_last_checkpoint_timestamp_seconds", "When the last checkpoint was made; 0: none yet")
_UNREACHABLE = Gauge("clearfill_unreachable_addresses", "Addresses that take no e-mail")
_STANDSTILL = Gauge("clearfill_worker_standstill", "How many kinds of the worker's work stand still")


def standstill(at: datetime) -> list[str]:
    """What stands still at `at`, each in a sentence; nothing where all is well."""
    last = heartbeats.last()
    found = heart_stops(at)
    if _undelivered(at, last.get(heartbeats.DELIVERED)):
        found.append(UNDELIVERED)
    if _unmade(at):
        found.append(UNMADE)
    # In a new installation nothing is old enough to have been missed by the work of an hour.
    if LogRecord.objects.filter(at__lte=at - LONGEST_HOUR).exists():
        found += _missed_hours(at - LONGEST_HOUR)
    return found


def heart_stops(at: datetime) -> list[str]:
    """Which of the regular tasks left no heartbeat for too long, each in a sentence."""
    last = heartbeats.last()
    return [words for task, words in SENTENCES.items() if task not in last or last[task] < at - LONGEST_PAUSE]


def _missed_hours(since: datetime) -> list[str]:
    made = Checkpoint.objects.filter(at__gte=since).exists()
    compared = ColumnCheck.objects.filter(finished_at__gte=since).exists()
    return [*([] if made else [NO_CHECKPOINT]), *([] if compared else [NOT_COMPARED])]


def _undelivered(at: datetime, delivered: datetime | None) -> bool:
    """Whether a message has waited too long, and none went out since it was due: one bad address is no standstill."""
    before = at - LONGEST_WAIT
    stuck = _messages().filter(enqueued_at__lte=before, since__lte=before).exclude(last_error__in=_OWN_FAULT)
    if delivered is not None:
        stuck = stuck.filter(Q(enqueued_at__gt=delivered) | Q(since__gt=delivered))
    return stuck.exists()


def _unmade(at: datetime) -> bool:
    """Whether a document was not tried for too long; or the latest that was tried failed, and none was made since."""
    jobs = _jobs()
    if jobs.filter(attempts=0, next_attempt_at__lte=at - LONGEST_WAIT).exists():
        return True
    failed = jobs.filter(attempts__gt=1).aggregate(Max("pk"))["pk__max"]
    return failed is not None and not PdfJob.objects.filter(pk__gt=failed).exclude(done_at=None).exists()


def _messages() -> QuerySet[Any]:
    """What waits, each with the instant since when: one that is put off to its reader's hour, from then on."""
    since = Case(When(attempts=0, then=F("next_attempt_at")), default=F("due_at"))
    return Message.objects.filter(delivered_at=None, dropped_at=None).annotate(since=since)


def _jobs() -> QuerySet[PdfJob]:
    return PdfJob.objects.filter(done_at=None)


def measure(at: datetime) -> None:
    """Set the figures, as they are at `at`."""
    for task, done_at in heartbeats.last().items():
        _LAST.labels(task=task).set(done_at.timestamp())
    _WAITING.labels(what="messages").set(_messages().filter(since__lte=at).count())
    _WAITING.labels(what="signed-pdfs").set(_jobs().count())
    oldest = _messages().filter(since__lte=at).aggregate(Min("since"))["since__min"]
    _OLDEST.set((at - oldest).total_seconds() if oldest else 0)
    made = Checkpoint.objects.aggregate(Max("at"))["at__max"]
    _CHECKPOINT.set(made.timestamp() if made else 0)
    _UNREACHABLE.set(unreachable.count())
    _STANDSTILL.set(len(standstill(at)))
    compared = ColumnCheck.objects.exclude(finished_at=None).order_by("-finished_at").first()
    _DIFFERING.set(compared.differing if compared else 0)
