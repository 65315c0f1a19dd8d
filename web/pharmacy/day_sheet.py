"""The day's sheet: what this pharmacy asked, handed over and reversed on one day, to be printed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.roles import PHARMACIST, for_roles
from compliance.commands.decisions import AUTHORIZE
from compliance.models import Authorization
from compliance.records.authorizations import present_states
from compliance.records.programs import program_day
from compliance.rules.days import plus
from ledger import access_log
from ledger.clock import now
from ledger.models import LoggedRequest
from patients.models import Patient
from patients.people import actor_of
from ui import times, zone
from ui.navigation import Words
from web.shared.common import reader_of

from .own import authorizations_of, patients_asked_about, pharmacy_of
from .presenters import initials


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One thing that happened. It names the patient by number and initials, and says nothing of why."""

    at: datetime
    patient: Patient
    what: Words
    authorization: str = ""
    days_supply: int | None = None
    #: The day of a hand-over, where it was entered on a later one.
    handed_over_on: date | None = None

    @property
    def time(self) -> str:
        """The time of day, in the program's zone."""
        return times.program_day_and_time(self.at)[1]

    @property
    def initials(self) -> str:
        """Of the patient; empty where the names were erased."""
        return initials(self.patient)


@require_safe
@for_roles(PHARMACIST)
def day_sheet(request: HttpRequest) -> HttpResponse:
    """The sheet of today, or of an earlier day that the address names."""
    at, reader = now(), reader_of(request)
    pharmacy, today = pharmacy_of(request), program_day(at)
    day = min(_day_of(request.GET.get("day", "")) or today, today)
    lines = sorted([*_of_authorizations(request, day, at), *_refused(request, pharmacy.pk, day)], key=lambda x: x.at)
    patients = sorted({line.patient.pk for line in lines})
    access_log.add_all(patients, by=actor_of(reader), what="day-sheet", why="obtained-here", at=at)
    context = {
        "pharmacy": pharmacy, "day": day, "lines": lines, "printed_at": at, "printed_by": reader.name,
        "is_today": day == today, "before": plus(day, -1).isoformat(), "after": plus(day, 1).isoformat(),
    }  # fmt: skip
    return render(request, "pharmacy/day_sheet.html", context)


def _day_of(typed: str) -> date | None:
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        return None
    return day if day.year >= 2000 else None


def _of_authorizations(request: HttpRequest, day: date, at: datetime) -> Iterator[SheetLine]:
    """What was authorized on that day, and what became of it then; and late hand-overs that were entered on it."""
    begin, end = zone.begin_of(day), zone.end_of(day)
    rows = authorizations_of(request).filter(Q(issued_at__gte=begin, issued_at__lt=end) | Q(entered_on=day))
    presents = present_states(rows, at)
    for row in rows:
        if begin <= row.issued_at < end:
            yield _line(row, row.issued_at, _("Authorized"))
        present = presents.get(row.number)
        ended = present.fact.ended if present is not None else None
        if present is None or ended is None or not begin <= ended.at < end:
            continue
        if present.fact.state == "dispensed":
            on = present.handed_over_on
            yield _line(row, ended.at, _("Handed over"), on if on != day else None)
        elif present.fact.state == "reversed":
            yield _line(row, ended.at, _("Reversed"))


def _line(row: Authorization, at: datetime, what: Words, handed_over_on: date | None = None) -> SheetLine:
    return SheetLine(at, row.patient, what, row.number, row.days_supply, handed_over_on)


def _refused(request: HttpRequest, pharmacy: UUID, day: date) -> Iterator[SheetLine]:
    """Each no that this pharmacy got on that day. A look-up that found nobody is nobody's."""
    asked = LoggedRequest.objects.filter(
        ~Q(codes=[]), action=AUTHORIZE, answer__pharmacy=str(pharmacy), subject__isnull=False,
        at__gte=zone.begin_of(day), at__lt=zone.end_of(day),
    )  # fmt: skip
    rows = list(asked)
    patients = patients_asked_about(request, {row.subject for row in rows if row.subject is not None})
    for row in rows:
        if row.subject in patients:
            yield SheetLine(
                row.at, patients[row.subject], _("Do not dispense"), days_supply=row.answer.get("days_supply")
            )
