"""What was sent about a patient, for those who may see it; and whom no e-mail reaches."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as translated
from django.utils.translation import gettext_lazy as _

from outbox import states, unreachable
from outbox.models import Message
from patients.models import Guardian
from ui import times
from ui.components import Action, OpenTask
from ui.navigation import Words
from web.shared.common import PatientContext
from web.shared.message_words import STATE, StateWords, kind_words

#: How many of the newest messages a patient's page has.
NEWEST = 20

_TO = {
    "patient": _("to the patient"),
    "guardian": _("to the guardian"),
    "prescriber": _("to the practice"),
    "designee": _("to the practice"),
    "pharmacy": _("to the pharmacy"),
    "officer": _("to the program office"),
    "office": _("to the program office"),
}


@dataclass(frozen=True, slots=True)
class SentLine:
    """A message about the patient: what kind, to whom, through what, and what became of it and when. No address."""

    kind: Words
    to: Words
    through: Words
    state: StateWords
    at: datetime
    answer: str


def sent_lines(ctx: PatientContext) -> list[SentLine]:
    """The newest messages about the patient, newest first. One query."""
    rows = Message.objects.filter(subject=ctx.patient.pk, due_at__lte=ctx.at)
    rows = states.with_state(rows).order_by("-enqueued_at", "id")[:NEWEST]
    return [_line(row) for row in rows]


def _line(row: Message) -> SentLine:
    state = str(getattr(row, "state"))  # noqa: B009  # annotated
    to = _TO.get(str(row.data.get("to") or row.data.get("as") or ""), "")
    at = row.delivered_at or row.dropped_at or row.enqueued_at
    return SentLine(kind_words(row.kind), to, _("by e-mail"), STATE[state], at, row.answer)


def unreachable_tasks(ctx: PatientContext, guardians: Sequence[Guardian]) -> list[OpenTask]:
    """A task for the practice for each of the patient and the guardians whom no e-mail reaches. One query.

    It ends when the address is corrected, or when an e-mail arrives there after all.
    """
    patient = ctx.patient
    in_care = ctx.assessment is not None and (ctx.assessment.course is not None or bool(ctx.assessment.owed))
    silent = unreachable.since([patient.email, *(row.email for row in guardians)])
    contact = reverse("prescriber:entry", kwargs={"patient": patient.pk, "slug": "contact"})
    tasks = []
    if patient.email in silent:
        words = translated("E-mail to the patient cannot be delivered since %(since)s.")
        tasks.append(_check(words % {"since": times.moment(silent[patient.email])}, contact))
    elif in_care and not patient.email:
        tasks.append(_name(translated("The patient has no e-mail address: no reminder reaches them."), contact))
    for row in guardians:
        url = reverse("prescriber:correct_guardian", kwargs={"patient": patient.pk, "guardian": row.pk})
        if row.email in silent:
            words = translated("E-mail to the guardian %(name)s cannot be delivered since %(since)s.")
            tasks.append(_check(words % {"name": row.name, "since": times.moment(silent[row.email])}, url))
        elif in_care and not row.email:
            words = translated("The guardian %(name)s has no e-mail address: no reminder reaches them.")
            tasks.append(_name(words % {"name": row.name}, url))
    return tasks


def _check(sentence: str, url: str) -> OpenTask:
    """An address that takes nothing."""
    action = Action(_("Correct the address"), url, "mail", "main")
    return OpenTask(sentence, _("Check the address with them and correct it."), (_("you"),), yours=True, action=action)


def _name(sentence: str, url: str) -> OpenTask:
    """No address at all."""
    remedy = _("Enter an address if there is one; else remind them yourself.")
    return OpenTask(
        sentence, remedy, (_("you"),), yours=True, action=Action(_("Enter an address"), url, "mail", "main")
    )
