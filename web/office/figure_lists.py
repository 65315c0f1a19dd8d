"""The lists behind figures: to whom it happened in a month, and of whom it is so now.

Whoever is named on a page was viewed, which the access log says.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.roles import OFFICER, for_roles
from compliance.models import PatientStatus
from compliance.records.programs import program_day
from compliance.records.status import ANSWER_OWED
from ledger import access_log
from ledger.clock import now
from ledger.models import LoggedRequest, LogRecord
from patients.models import Patient
from patients.people import actor_of
from patients.visibility import visible_patients
from ui import times
from ui.times import short_month
from web.shared.common import reader_of
from web.shared.lists import page_of

from . import refused
from .figure_records import OF_PATIENTS, OF_PLACES, RECORDS, REQUESTS
from .figures import FIGURES
from .months import choices, chosen_month, last_months, month_bounds
from .noncompliance import place_names

#: Of whom it is so: the blocker in the status, by the figure. Each has an index of its own.
BLOCKED: Mapping[str, str] = {"mismatch": "contraception-mismatch", "gap": "course-gap"}
#: The figure of tests owed, whose list is of patients after treatment.
OWED = "owed"


class Happened(NamedTuple):
    """A line: who it happened to, with the practice of a patient, and when."""

    name: str
    url: str
    at: datetime
    number: str = ""
    practice: str = ""


@require_safe
@for_roles(OFFICER)
def happened(request: HttpRequest, code: str) -> HttpResponse:
    """To whom it happened in the month that the address names, or the last one, newest first; one line each time."""
    if code in REQUESTS:
        rows: QuerySet[Any] = LoggedRequest.objects.filter(REQUESTS[code])
    elif code in RECORDS:
        kinds, counted = RECORDS[code]
        rows = LogRecord.objects.filter(counted, subject_kind__in=kinds)
    else:
        raise Http404
    months = last_months()
    month = chosen_month(request, months)
    since, until = month_bounds(month)
    page = page_of(request, rows.filter(at__gte=since, at__lt=until), "-at", "-id")
    context: dict[str, Any] = {
        "page": page, "figure": FIGURES[code], "chosen": short_month(month), "months": choices(months, month),
    }  # fmt: skip
    if code in REQUESTS:
        return render(request, "office/asked.html", context | {"lines": refused.lines(page)})
    context |= {"lines": _lines(request, code, page), "of_patients": code in OF_PATIENTS}
    return render(request, "office/happened.html", context)


def _lines(request: HttpRequest, code: str, page: Iterable[LogRecord]) -> list[Happened]:
    """A line for each record whose patient, place or account is there. Two queries at most."""
    rows = list(page)
    ids = {row.subject for row in rows}
    if code in OF_PATIENTS:
        patients = _viewed(reader_of(request), ids, "figure", now())
        found = {
            pk: (one.list_name, reverse("office:patient", args=[pk]), one.number, one.prescriber.practice_name)
            for pk, one in patients.items()
        }
        return [
            Happened(found[row.subject][0], found[row.subject][1], row.at, *found[row.subject][2:])
            for row in rows if row.subject in found
        ]  # fmt: skip
    if code in OF_PLACES:
        names = place_names(ids)
        return [Happened(names.get(row.subject, ""), _place_url(row), row.at) for row in rows]
    accounts = dict(User.objects.filter(pk__in=ids).values_list("pk", "name"))
    return [Happened(accounts.get(row.subject, ""), _account_url(row), row.at) for row in rows]


def _place_url(row: LogRecord) -> str:
    return reverse("office:place", kwargs={"kind": row.subject_kind, "subject": row.subject})


def _account_url(row: LogRecord) -> str:
    return reverse("office:account", kwargs={"account": row.subject})


def _viewed(reader: User, ids: Iterable[UUID], what: str, at: datetime) -> Mapping[UUID, Patient]:
    rows = visible_patients(reader).filter(pk__in=set(ids)).select_related("prescriber")
    found = {row.pk: row for row in rows}
    access_log.add_all(list(found), by=actor_of(reader), what=what, why="program-office", at=at)
    return found


@require_safe
@for_roles(OFFICER)
def blocked(request: HttpRequest, code: str) -> HttpResponse:
    """Of whom it is so as their status stands now."""
    if code != OWED and code not in BLOCKED:
        raise Http404
    reader, at = reader_of(request), now()
    # Only after treatment a test is owed.
    is_so = Q(stage="followed-up") if code == OWED else Q(blockers__contains=[[BLOCKED[code]]])
    rows = PatientStatus.objects.filter(is_so, patient__in=visible_patients(reader))
    page = page_of(request, rows.exclude(stage="").select_related("patient__prescriber"), "pk")
    viewed = [row.patient_id for row in page]
    access_log.add_all(viewed, by=actor_of(reader), what="figure", why="program-office", at=at)
    context = {"page": page, "heading": FIGURES[code].label}
    if code == OWED:
        today = program_day(at)
        return render(request, "office/owed.html", context | {"lines": [(row, _owed(row, today)) for row in page]})
    return render(request, "office/stage.html", context)


def _owed(row: PatientStatus, today: date) -> list[tuple[str, bool]]:
    """The day from which each test is owed, and whether that is over."""
    tests = [date.fromisoformat(on) for test, on in row.owed if test != ANSWER_OWED]
    return [(times.plain_day(on), on < today) for on in tests]
