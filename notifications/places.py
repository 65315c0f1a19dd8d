"""Messages about a practice or a pharmacy itself: its application and its certification.

What is due is worked out each hour, with two queries for all of them, and once more before a message is sent.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection
from django.urls import reverse

import outbox
from compliance.commands.certifying import Kind
from compliance.records.programs import program_day, program_of
from compliance.rules.blockers import PHARMACY, PRESCRIBER
from compliance.rules.due_places import APPLICATION_WAITS_DAYS, CERTIFICATION_AHEAD_DAYS, certification_ending
from compliance.rules.records import FIRST_PROGRAM
from compliance.words.notices import words_of
from outbox.models import Message
from patients.models import APPLIED, APPROVED, DECLINED, Pharmacy, Prescriber
from ui import zone

from . import recipients
from .recipients import Recipient
from .rendering import Content, ForReader, render

ENDING, WAITING = "certification-ending", "application-waiting"

_TABLES: Mapping[Kind, str] = {"prescriber": "patients_prescriber", "pharmacy": "patients_pharmacy"}

#: Places in that state, each with the last day of its certifications and how often it has applied.
_SELECT = """
SELECT place.id, place.program, log.last, log.times FROM {table} place CROSS JOIN LATERAL (
    SELECT max(record.data->>'last') FILTER (WHERE record.kind = 'certified'
               AND coalesce(record.data->>'program', %(first_program)s) = place.program) AS last,
           max(record.at) FILTER (WHERE record.kind = 'applied') AS applied_at,
           count(*) FILTER (WHERE record.kind = 'applied') AS times
    FROM ledger_record record WHERE record.subject = place.id
) log WHERE place.state = %(state)s AND {condition}
"""
#: Some days more than the first announcement: the day is the program's.
_ENDS_SOON = "log.last BETWEEN %(today)s AND %(soon)s"
_HAS_WAITED = "log.applied_at <= %(before)s"


@dataclass(frozen=True, slots=True)
class _Place:
    """A practice or a pharmacy, as its log says."""

    kind: Kind
    id: UUID
    program: str
    last: date | None
    #: How often it has applied.
    times: int

    def ahead(self, at: datetime) -> int | None:
        """Which announcement of its end is due."""
        if self.last is None:
            return None
        return certification_ending(self.last, program_day(at, program_of(self.program)))


def tell(*, at: datetime) -> int:
    """Enqueue what is due about practices and pharmacies; how many messages are new."""
    messages = [message for kind in _TABLES for message in (*_endings(kind, at), *_waiting(kind, at))]
    return outbox.enqueue(messages, at=at)


def _endings(kind: Kind, at: datetime) -> Iterable[Message]:
    for place in _read(kind, APPROVED, _ENDS_SOON, at):
        if (ahead := place.ahead(at)) is not None:
            data = {"side": kind, "place": str(place.id), "last": str(place.last), "ahead": ahead}
            yield Message(key=f"{ENDING}:{place.id}:{place.last}:{ahead}", kind=ENDING, data=data, due_at=at)


def _waiting(kind: Kind, at: datetime) -> Iterable[Message]:
    found = _read(kind, APPLIED, _HAS_WAITED, at)
    officers = recipients.office() if found else []
    for place in found:
        for one in officers:
            data = {"side": kind, "place": str(place.id), "officer": one.code}
            again = f":{place.times}" if place.times > 1 else ""
            yield Message(key=f"{WAITING}:{place.id}:{one.code}{again}", kind=WAITING, data=data, due_at=at)


def _read(kind: Kind, state: str, condition: str, at: datetime, place: str | None = None) -> list[_Place]:
    values: dict[str, str | datetime | None] = {
        "first_program": FIRST_PROGRAM, "state": state, "before": at - timedelta(days=APPLICATION_WAITS_DAYS),
        "today": str((at - timedelta(days=1)).date()), "place": place,
        "soon": str((at + timedelta(days=CERTIFICATION_AHEAD_DAYS[0] + 1)).date()),
    }  # fmt: skip
    text = _SELECT.format(table=_TABLES[kind], condition=condition) + ("AND place.id = %(place)s" if place else "")
    with connection.cursor() as cursor:
        cursor.execute(text, values)
        return [
            _Place(kind, pk, program, date.fromisoformat(last) if last else None, times)
            for pk, program, last, times in cursor.fetchall()
        ]


def ending(message: Message, at: datetime) -> ForReader | None:
    """To the prescriber, or to who is in charge at the pharmacy, while it is still the last day, and so near."""
    data = message.data
    for place in _read(data["side"], APPROVED, _ENDS_SOON, at, data["place"]):
        if place.last is not None and str(place.last) == data["last"] and place.ahead(at) == data["ahead"]:
            path = "prescriber:recertify" if data["side"] == "prescriber" else "pharmacy:training"
            over_at = zone.end_of(place.last)
            return _to_place(message, Content(path=reverse(path), on=place.last, over_at=over_at))
    return None


def approved(message: Message, at: datetime) -> ForReader | None:
    """To who applied, unless the office has suspended it since."""
    prescribes = message.data["side"] == "prescriber"
    rows = (Prescriber if prescribes else Pharmacy).objects.filter(pk=message.data["place"], state=APPROVED)
    path = reverse("prescriber:home" if prescribes else "pharmacy:home")
    return _to_place(message, Content(path=path)) if rows.exists() else None


def turned_down(message: Message, at: datetime) -> ForReader | None:
    """To who applied, unless they have applied again since. The reason stands on their page."""
    prescribes = message.data["side"] == "prescriber"
    rows = (Prescriber if prescribes else Pharmacy).objects.filter(pk=message.data["place"], state=DECLINED)
    path = reverse("prescriber:practice" if prescribes else "pharmacy:profile")
    return _to_place(message, Content(path=path)) if rows.exists() else None


def case_letter(message: Message, at: datetime) -> ForReader | None:
    """To the prescriber, or who is in charge at the pharmacy. What it is about stands on their page alone."""
    prescribes = message.data["side"] == "prescriber"
    return _to_place(message, Content(path=reverse("prescriber:cases" if prescribes else "pharmacy:cases")))


def still_waits(message: Message, at: datetime) -> bool:
    """Whether the application still waits for the office."""
    return bool(_read(message.data["side"], APPLIED, _HAS_WAITED, at, message.data["place"]))


def _to_place(message: Message, content: Content) -> ForReader | None:
    place = message.data["place"]
    if message.data["side"] == "prescriber":
        prescriber = recipients.open_prescriber(place)
        to: Recipient | None = recipients.of_user(prescriber.user) if prescriber else None
        return render(words_of(message.kind, PRESCRIBER), to, PRESCRIBER, content) if to else None
    to = next(iter(recipients.pharmacy(place)), None)
    return render(words_of(message.kind, PHARMACY), to, PHARMACY, content) if to else None
