"""The lists behind figures: to whom it happened in a month, and of whom it is so now.

Whoever is named on a page was viewed, which the access log says.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.roles import OFFICER, for_roles
from compliance.models import PatientStatus
from compliance.records.figures import bounds
from ledger import access_log
from ledger.clock import now
from ledger.models import LogRecord
from patients.models import Patient
from patients.people import actor_of
from patients.visibility import visible_patients
from ui.times import short_month
from web.shared.common import reader_of
from web.shared.lists import page_of

from .figures import FIGURES, RECORDS
from .months import chosen_month, following, last_months

#: Of whom it is so: the blocker in the status, by the figure. Each has an index of its own.
BLOCKED: Mapping[str, str] = {"mismatch": "contraception-mismatch", "gap": "course-gap"}


@require_safe
@for_roles(OFFICER)
def happened(request: HttpRequest, code: str) -> HttpResponse:
    """To whom it happened in the month that the address names, or the last one, newest first; one line each time."""
    kind = RECORDS.get(code)
    if kind is None:
        raise Http404
    reader, months = reader_of(request), last_months()
    month = chosen_month(request, months)
    since, _end = bounds(month)
    until, _end = bounds(following(month))
    rows = LogRecord.objects.filter(subject_kind="patient", kind=kind, at__gte=since, at__lt=until)
    page = page_of(request, rows, "-at", "-id")
    patients = _viewed(reader, (row.subject for row in page), "figure", now())
    lines = [(patients[row.subject], row.at) for row in page if row.subject in patients]
    context = {
        "page": page, "lines": lines, "figure": FIGURES[code], "chosen": short_month(month),
        "months": _choices(months, month),
    }  # fmt: skip
    return render(request, "office/happened.html", context)


def _choices(months: Iterable[date], chosen: date) -> list[tuple[str, str, bool]]:
    return [(f"{month:%Y-%m}", short_month(month), month == chosen) for month in reversed(list(months))]


def _viewed(reader: User, ids: Iterable[UUID], what: str, at: datetime) -> Mapping[UUID, Patient]:
    rows = visible_patients(reader).filter(pk__in=set(ids)).select_related("prescriber")
    found = {row.pk: row for row in rows}
    access_log.add_all(list(found), by=actor_of(reader), what=what, why="program-office", at=at)
    return found


@require_safe
@for_roles(OFFICER)
def blocked(request: HttpRequest, code: str) -> HttpResponse:
    """Of whom it is so as their status stands now."""
    blocker = BLOCKED.get(code)
    if blocker is None:
        raise Http404
    reader = reader_of(request)
    rows = PatientStatus.objects.filter(blockers__contains=[[blocker]], patient__in=visible_patients(reader))
    page = page_of(request, rows.exclude(stage="").select_related("patient__prescriber"), "pk")
    viewed = [row.patient_id for row in page]
    access_log.add_all(viewed, by=actor_of(reader), what="figure", why="program-office", at=now())
    return render(request, "office/stage.html", {"page": page, "heading": FIGURES[code].label})
