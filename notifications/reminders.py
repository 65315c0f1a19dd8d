"""Renders the messages that follow from a patient's file: each is worked out once more before it is sent."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.urls import reverse

import outbox
from accounts.roles import DESIGNEE, OFFICER
from compliance.models import Authorization
from compliance.records.columns import ended_guardians
from compliance.records.file import File
from compliance.rules import due
from compliance.rules.blockers import GUARDIAN, OFFICE, PATIENT, PHARMACY, PRESCRIBER
from compliance.rules.editions import NoEdition
from compliance.rules.notice import Notice
from compliance.words.notices import words_of
from ledger.models import AccessEvent
from outbox.models import Message
from patients.invitations import make_token
from patients.models import Invitation

from . import recipients
from .kinds import KINDS
from .recipients import About, Recipient, divide
from .rendering import Content, ForReader, render
from .sources import Sources

#: Kinds whose day is the first on which something can be done; on the day of every other it ends.
_FROM_DAY = ("lead-in-ending", "book-ahead")

#: Pages that name a patient among others, and say nothing of a stop.
_LISTS = ("offers", "take-back", "duplicates", "links", "linked_file")

#: The kind by which the office hears that nobody is left at a practice.
NOBODY_ACTS = "nobody-acts"


@dataclass(frozen=True, slots=True)
class StillDue:
    """The notice behind a message, as the file has it now."""

    notice: Notice
    #: The guardians whose part has ended.
    ended: frozenset[UUID] = frozenset()
    #: Whether the practice gets a message of the same kind now.
    practice_is_told: bool = False


def still_due(message: Message, file: File, at: datetime) -> StillDue | None:
    """The notice behind the message; None where it is due no more."""
    moment = file.earliest(at)
    try:
        notices = due.notices(file.assess(moment))
    except NoEdition:
        return None
    current = [notice for notice in notices if notice.is_current(moment)]
    key = message.data.get(recipients.OF, message.key)
    notice = next((notice for notice in current if f"{message.subject}:{notice.key}" == key), None)
    if notice is None or _was_opened(file.patient, notice):
        return None
    told = any(other.kind == notice.kind and other.to == PRESCRIBER for other in current)
    return StillDue(notice, ended_guardians(file.entries), told)


#: Who has to have looked at the patient's page, by kind. An officer settles no report: the practice calls the patient.
_OPENED_BY = {"stop-unopened": (PRESCRIBER, DESIGNEE, OFFICER), "report-unanswered": (PRESCRIBER, DESIGNEE)}


def _was_opened(patient: UUID, notice: Notice) -> bool:
    """Whether somebody has looked at the patient's page, of a notice that is for nobody any more then."""
    if notice.since is None:
        return False
    viewed = AccessEvent.objects.filter(subject=patient, role__in=_OPENED_BY[notice.kind], at__gte=notice.since)
    return viewed.exclude(what__in=_LISTS).exists()


def reminder(message: Message, at: datetime, sources: Sources | None = None) -> ForReader | None:
    """A reminder, if what it reminds of is still so."""
    sources = sources or Sources(at)
    who = sources.about(message.subject)
    if who is None or (found := still_due(message, sources.file(who.patient.pk), at)) is None:
        return None
    notice = found.notice
    side, people = _people(found, who, at)
    before = f"{message.subject}:{notice.before}" if notice.before else ""
    if (to := divide(message, people, before=before)) is None:
        return None
    content = Content(
        path=_path(message, side, to, notice), on=notice.by, is_first=notice.kind in _FROM_DAY, acts=notice.acts,
        patient=who.patient, over_at=notice.until, from_hour=notice.from_hour, until_hour=notice.until_hour,
    )  # fmt: skip
    return render(words_of(notice.kind, side), to, side, content)


def _people(found: StillDue, who: About, at: datetime) -> tuple[str, list[Recipient]]:
    """Everybody who gets it now, and on which side they stand. Where no guardian can sign, the practice names one."""
    to = found.notice.to
    if to == GUARDIAN:
        guardians = who.guardians(besides=found.ended)
        if guardians or found.practice_is_told:
            return GUARDIAN, guardians
    if to in (GUARDIAN, PRESCRIBER):
        return PRESCRIBER, practice(who, found.notice.kind, at)
    if to == PHARMACY:
        return PHARMACY, recipients.pharmacy(found.notice.pharmacy)
    return to, who.patients if to == PATIENT else recipients.office()


def practice(who: About, kind: str, at: datetime) -> list[Recipient]:
    """The prescriber, who covers, and designees who chose that kind.

    Where neither the prescriber nor anybody who covers is left, each officer hears that, once a day.
    """
    if not who.practice:
        _tell_office(who, at)
    return [*who.practice, *who.designees(kind)]


def _tell_office(who: About, at: datetime) -> None:
    prescriber = who.patient.prescriber_id
    messages = [
        Message(
            key=f"{NOBODY_ACTS}:{prescriber}:{at:%Y-%m-%d}:{one.code}", kind=NOBODY_ACTS, subject=None, due_at=at,
            data={"officer": one.code},
        )
        for one in recipients.office()
    ]  # fmt: skip
    outbox.enqueue(messages, at=at)


def _path(message: Message, side: str, to: Recipient, notice: Notice) -> str:
    """The very page. Addresses of pages that say what somebody has to do are none for a letter."""
    if to.is_invited and (link := _invitation(message, side, to)) is not None:
        return link
    if side == PRESCRIBER:
        return reverse("prescriber:patient", kwargs={"patient": message.subject})
    if side == PHARMACY:
        number = notice.key.split(":")[1]
        row = Authorization.objects.filter(number=number).values_list("pk", flat=True).first()
        return reverse("pharmacy:authorization", kwargs={"authorization": row}) if row else reverse("pharmacy:list")
    if side == OFFICE:
        return reverse(KINDS[notice.kind].office_page)
    return reverse("guardian:home" if side == GUARDIAN else "patient:home")


def _invitation(message: Message, side: str, to: Recipient) -> str | None:
    """The link of the invitation that is open to somebody who has no account yet."""
    guardian = UUID(to.code) if side == GUARDIAN else None
    rows = Invitation.objects.filter(patient=message.subject, guardian=guardian, accepted_at=None, revoked_at=None)
    row = rows.values_list("pk", flat=True).first()
    return reverse("public:invitation", kwargs={"token": make_token(row)}) if row else None
