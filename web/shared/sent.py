"""What was sent about a patient, for those who may see it; and whom it does not reach."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from notifications import numbers
from outbox import states, unreachable
from outbox.channels import EMAIL, SMS
from outbox.models import Message
from patients.models import Guardian, Patient
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


#: Through what it went.
THROUGH = {EMAIL: _("by e-mail"), SMS: _("by text message")}


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
    in_digest = row.digest_id is not None and row.channel == EMAIL
    through = _("in a morning's digest, by e-mail") if in_digest else THROUGH[row.channel]
    return SentLine(kind_words(row.kind), to, through, STATE[state], at, row.answer)


def unreachable_tasks(ctx: PatientContext, guardians: Sequence[Guardian]) -> list[OpenTask]:
    """Tasks for the practice: the patient and the guardians whom e-mail, text messages or nothing reaches. Two queries.

    Each ends when the address or the number is corrected, or when something arrives there after all.
    """
    patient = ctx.patient
    in_care = ctx.assessment is not None and (ctx.assessment.course is not None or bool(ctx.assessment.owed))
    people: list[Patient | Guardian] = [patient, *guardians]
    silent = unreachable.since([where for row in people for where in (row.email, row.phone)])
    reached = numbers.are_reached(people)
    contact = reverse("prescriber:entry", kwargs={"patient": patient.pk, "slug": "contact"})
    who = _Person(_PATIENT, {}, contact)
    tasks = list(who.tasks(patient, silent, is_alone=in_care and patient.pk not in reached))
    for row in guardians:
        url = reverse("prescriber:correct_guardian", kwargs={"patient": patient.pk, "guardian": row.pk})
        who = _Person(_GUARDIAN, {"name": row.name}, url)
        tasks += who.tasks(row, silent, is_alone=in_care and row.pk not in reached)
    return tasks


class _Sentences(NamedTuple):
    """What is said of somebody whom something does not reach."""

    no_email: Words
    no_text: Words
    nothing: Words


_PATIENT = _Sentences(
    _("E-mail to the patient cannot be delivered since %(since)s."),
    _("Text messages to the patient cannot be delivered since %(since)s."),
    _("The patient has no e-mail address: no reminder reaches them."),
)
_GUARDIAN = _Sentences(
    _("E-mail to the guardian %(name)s cannot be delivered since %(since)s."),
    _("Text messages to the guardian %(name)s cannot be delivered since %(since)s."),
    _("The guardian %(name)s has no e-mail address: no reminder reaches them."),
)


@dataclass(frozen=True, slots=True)
class _Person:
    """Somebody of whom it is said, and where the practice corrects how to reach them."""

    sentences: _Sentences
    names: Mapping[str, str]
    url: str

    def tasks(self, row: Patient | Guardian, silent: Mapping[str, datetime], *, is_alone: bool) -> Iterator[OpenTask]:
        """The tasks about one person. `is_alone`: without an e-mail address nothing reaches them."""
        if row.email in silent:
            yield self._check(self.sentences.no_email, silent[row.email])
        elif is_alone and not row.email:
            remedy = _("Enter an address if there is one; else remind them yourself.")
            yield self._task(str(self.sentences.nothing) % self.names, remedy, _("Enter an address"))
        if row.phone in silent:
            yield self._check(self.sentences.no_text, silent[row.phone], is_number=True)

    def _check(self, sentence: Words, since: datetime, *, is_number: bool = False) -> OpenTask:
        """An address or a number that takes nothing."""
        said = str(sentence) % {**self.names, "since": times.moment(since)}
        if is_number:
            return self._task(said, _("Check the number with them and correct it."), _("Correct the number"))
        return self._task(said, _("Check the address with them and correct it."), _("Correct the address"))

    def _task(self, sentence: str, remedy: Words, label: Words) -> OpenTask:
        action = Action(label, self.url, "mail", "main")
        return OpenTask(sentence, remedy, (_("you"),), yours=True, action=action)
