"""Who was told of an open stop, and when: the same lines for the practice and for the patient."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import DESIGNEE, PRESCRIBER
from compliance.commands import stops
from compliance.rules.history import is_stop
from outbox.models import Message
from outbox.outcomes import UNDELIVERED
from ui.navigation import Words
from web.shared.common import PatientContext

_OFFICE = _("The program office")


@dataclass(frozen=True, slots=True)
class ToldLine:
    """One person, or the office, and when they were told; `sent_at` is None while the letter is on its way.

    `failed` where it did not arrive, and never will: they have to be told in another way.
    """

    who: Words
    at: datetime
    sent_at: datetime | None
    failed: bool = False


def told(ctx: PatientContext) -> list[ToldLine]:
    """Who was told of the stops that are open, first told first. Two queries; none without a stop."""
    assessment = ctx.assessment
    since = assessment.history.stops.since if assessment is not None else None
    if since is None:
        return []
    messages = _messages(ctx, stops.KINDS, since)
    known = _entered(ctx, since)
    accounts = [row.data["account"] for row in messages] + [str(account) for account, _at in known]
    names = {str(pk): name for pk, name in User.objects.filter(pk__in=accounts).values_list("pk", "name")}
    # Who entered it knows, and gets no letter.
    entered = [ToldLine(names.get(str(account), ""), at, at) for account, at in known]
    return [*entered, *_lines(messages, names)]


def told_of_problem(ctx: PatientContext, since: datetime) -> list[ToldLine]:
    """Who was told of what the patient reported then. Two queries."""
    return told_of(ctx, (stops.PROBLEM,), since)


def told_of(ctx: PatientContext, kinds: tuple[str, ...], since: datetime) -> list[ToldLine]:
    """Who was told by messages of these kinds since then. Two queries."""
    messages = _messages(ctx, kinds, since)
    accounts = [row.data["account"] for row in messages]
    names = {str(pk): name for pk, name in User.objects.filter(pk__in=accounts).values_list("pk", "name")}
    return list(_lines(messages, names))


def _messages(ctx: PatientContext, kinds: tuple[str, ...], since: datetime) -> list[Message]:
    rows = Message.objects.filter(subject=ctx.patient.pk, kind__in=kinds, enqueued_at__gte=since)
    return list(rows.order_by("enqueued_at", "id"))


def _entered(ctx: PatientContext, since: datetime) -> list[tuple[UUID, datetime]]:
    """Those of the practice who entered what stops."""
    stops_now = [entry for entry in ctx.file.entries if entry.at >= since and is_stop(entry.record)]
    return [(e.by.account, e.at) for e in stops_now if e.by is not None and e.by.role in (PRESCRIBER, DESIGNEE)]


def _lines(messages: list[Message], names: dict[str, str]) -> Iterator[ToldLine]:
    """A line each; the office is one, whoever works there."""
    for row in messages:
        if row.data["as"] != "officer":
            yield ToldLine(names.get(row.data["account"], ""), row.enqueued_at, row.delivered_at, _failed(row))
    office = [row for row in messages if row.data["as"] == "officer"]
    if office:
        # That it reached one of them is enough.
        first = next((row for row in office if not _failed(row)), office[0])
        yield ToldLine(_OFFICE, first.enqueued_at, first.delivered_at, _failed(first))


def _failed(row: Message) -> bool:
    return row.outcome in UNDELIVERED
