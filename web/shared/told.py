"""Who was told of an open stop, and when: the same lines for the practice and for the patient."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from compliance.commands import stops
from outbox.models import Message
from ui.navigation import Words
from web.shared.common import PatientContext

_OFFICE = _("The program office")


@dataclass(frozen=True, slots=True)
class ToldLine:
    """One person, or the office, and when they were told; `sent_at` is None while the letter is on its way."""

    who: Words
    at: datetime
    sent_at: datetime | None


def told(ctx: PatientContext) -> list[ToldLine]:
    """Who was told of the stops that are open, first told first. Two queries; none without a stop."""
    assessment = ctx.assessment
    since = assessment.history.stops.since if assessment is not None else None
    if since is None:
        return []
    rows = Message.objects.filter(subject=ctx.patient.pk, kind__in=stops.KINDS, enqueued_at__gte=since)
    messages = list(rows.order_by("enqueued_at", "id"))
    names = dict(User.objects.filter(pk__in=[row.data["account"] for row in messages]).values_list("pk", "name"))
    return list(_lines(messages, {str(pk): name for pk, name in names.items()}))


def _lines(messages: list[Message], names: dict[str, str]) -> Iterator[ToldLine]:
    """A line each; the office is one, whoever works there."""
    office = False
    for row in messages:
        if row.data["as"] != "officer":
            yield ToldLine(names.get(row.data["account"], ""), row.enqueued_at, row.delivered_at)
        elif not office:
            office = True
            yield ToldLine(_OFFICE, row.enqueued_at, row.delivered_at)
