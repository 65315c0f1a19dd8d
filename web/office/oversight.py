"""Oversight: each figure with its list, its chart by month, and by practice and pharmacy. Nothing counts the log."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.roles import OFFICER, for_roles
from compliance.commands.figures import counted_to
from compliance.models import MonthlyFigure, PatientStatus
from compliance.records.programs import program_day
from compliance.rules.stages import STAGES
from compliance.words.stages import stage_label
from ledger import access_log
from ledger.clock import now
from patients.models import Pharmacy, Prescriber
from patients.people import actor_of
from patients.visibility import visible_patients
from ui import bars
from ui.navigation import Words
from ui.times import short_month
from web.shared.common import reader_of
from web.shared.lists import page_of

from .figures import BLOCKED, FIGURES, GROUPS, HAPPENED, Figure
from .months import before, choices, chosen_month, last_months, over
from .small_numbers import shown_of
from .stage_counts import stage_counts


class FigureLine(NamedTuple):
    """A figure on the page: this month so far, the month before, and where its list is."""

    figure: Figure
    now: str
    before: str
    list_url: str


class PlaceLine(NamedTuple):
    """A practice or a pharmacy and its number."""

    name: str
    url: str
    written: str


@require_safe
@for_roles(OFFICER)
def oversight(request: HttpRequest) -> HttpResponse:
    """All figures, as they were counted by month; before the first day is counted, the stages as they stand."""
    last_day, today = counted_to(), program_day(now())
    month = (last_day or today).replace(day=1)
    numbers, standing = _numbers([month, before(month)]), _stages()
    groups = [(heading, [_line(figure, numbers, standing, month) for figure in figures]) for heading, figures in GROUPS]
    months = {"month": short_month(month), "before": short_month(before(month))}
    context = {"groups": groups, "counted_to": last_day} | months
    return render(request, "office/oversight.html", context)


def _numbers(months: Sequence[date]) -> Mapping[tuple[date, str], int]:
    # Named, they are found by the index of figures: the rows of places are very many more.
    named = {code for figure in FIGURES.values() for code in (figure.code, figure.of) if code}
    rows = MonthlyFigure.objects.filter(figure__in=sorted(named), place=None, month__in=months)
    return {(month, figure): number for month, figure, number in rows.values_list("month", "figure", "number")}


def _stages() -> Mapping[str, int]:
    counted = stage_counts()
    return {f"stage-{stage}": counted.get(stage, 0) for stage in STAGES}


def _line(
    figure: Figure, numbers: Mapping[tuple[date, str], int], standing: Mapping[str, int], month: date
) -> FigureLine:
    earlier = _written(figure, numbers, before(month))
    url = _list_url(figure, month)
    if figure.code in standing:
        return FigureLine(figure, number_format(standing[figure.code], force_grouping=True), earlier, url)
    return FigureLine(figure, _written(figure, numbers, month), earlier, url)


def _list_url(figure: Figure, month: date) -> str:
    """Where its list is, of that month where the list is one of months; empty where there is none."""
    if not figure.list_name:
        return ""
    arguments = "&".join(filter(None, (figure.arguments, f"month={month:%Y-%m}" if figure.by_month else "")))
    names = {HAPPENED: "code", BLOCKED: "code"}
    kwargs = {names.get(figure.list_name, "stage"): figure.query} if figure.query else None
    return reverse(figure.list_name, kwargs=kwargs) + (f"?{arguments}" if arguments else "")


def _has_standing(figure: Figure, numbers: Mapping[tuple[date, str], int], month: date) -> bool:
    """Whether what stands was looked at in that month: then some patient stood in some stage."""
    return not figure.is_standing or any((month, f"stage-{one}") in numbers for one in STAGES)


def _value(figure: Figure, number: int, divisor: int) -> float | None:
    if not figure.of:
        return float(number)
    if not divisor:
        return None
    return 100 * number / divisor if figure.is_share else number / divisor


def _value_of(figure: Figure, numbers: Mapping[tuple[date, str], int], month: date) -> float | None:
    if not _has_standing(figure, numbers, month):
        return None
    return _value(figure, numbers.get((month, figure.code), 0), numbers.get((month, figure.of), 0))


def _in_words(figure: Figure, value: float | None) -> str:
    if value is None:
        return "—"
    # `number_format` cuts digits off: it does not round.
    if figure.is_share:
        return _("%(number)s %%") % {"number": number_format(round(value), 0)}
    return number_format(round(value, 1), 1 if figure.of else 0, force_grouping=True)


def _written(figure: Figure, numbers: Mapping[tuple[date, str], int], month: date) -> str:
    return _in_words(figure, _value_of(figure, numbers, month))


# --- one figure ---------------------------------------------------------------------------------------
@require_safe
@for_roles(OFFICER)
def figure(request: HttpRequest, code: str) -> HttpResponse:
    """One figure by month; and by practice and pharmacy in the month that the address names, or the last one.

    By place the numbers of a month are shown once it is over, but for those that are about the place itself.
    """
    one = FIGURES.get(code)
    if one is None:
        raise Http404
    months = last_months()
    numbers = _numbers(months)
    points = [_point(one, numbers, month) for month in months]
    # Two looks at a month that still grows would tell of a place what one patient did between them.
    of_places = over(months) if one.floor > 1 else months
    chosen = chosen_month(request, of_places) if of_places else None
    shown = [chosen] if chosen else []
    rows = MonthlyFigure.objects.filter(figure=one.of or one.code, month__in=shown, place__isnull=False)
    rows = MonthlyFigure.objects.filter(figure=one.of or one.code, place__isnull=False)
    rows = rows.filter(month=chosen) if chosen else rows.none()
    page = page_of(request, shown_of(one, rows), "-number", "id")
    context = {
        "figure": one,
        "chart": bars.draw(one.label, points),
        "months": choices(of_places, chosen),
        "chosen": short_month(chosen) if chosen else "",
        "page": page,
        "lines": _places(one, list(page), chosen) if chosen else [],
        "floor": one.floor if one.floor > 1 else 0,
        "list_url": _list_url(one, chosen or months[-1]),
    }
    return render(request, "office/figure.html", context)


def _point(figure: Figure, numbers: Mapping[tuple[date, str], int], month: date) -> bars.Point:
    value = _value_of(figure, numbers, month)
    return bars.Point(short_month(month), value, _in_words(figure, value))


def _places(figure: Figure, rows: Sequence[MonthlyFigure], month: date) -> list[PlaceLine]:
    """Each place of the page by name, with its number where it tells of nobody (`_tells`)."""
    ids = [row.place for row in rows if row.place is not None]
    names = _names(ids)
    counted: dict[UUID | None, int] = defaultdict(int)
    if figure.of:
        own = MonthlyFigure.objects.filter(figure=figure.code, month=month, place__in=ids)
        counted.update(own.values_list("place", "number"))
    lines = []
    for row in rows:
        part = counted[row.place] if figure.of else row.number
        value = None if _tells(figure, part, row.number) else _value(figure, part, row.number)
        lines.append(PlaceLine(*names.get(row.place, (str(row.place), "")), _in_words(figure, value)))
    return lines


def _tells(figure: Figure, part: int, whole: int) -> bool:
    """Whether a share says of fewer than the floor that they belong to it, or that they do not: 40 % of 5 are two."""
    return figure.is_share and any(0 < number < figure.floor for number in (part, whole - part))


def _names(ids: Iterable[UUID]) -> Mapping[UUID | None, tuple[str, str]]:
    names: dict[UUID | None, tuple[str, str]] = {}
    wanted = list(ids)
    for kind, rows in (
        ("prescriber", Prescriber.objects.filter(pk__in=wanted).values_list("pk", "practice_name")),
        ("pharmacy", Pharmacy.objects.filter(pk__in=wanted).values_list("pk", "name")),
    ):
        for pk, name in rows:
            names[pk] = (name, reverse("office:place", kwargs={"kind": kind, "subject": pk}))
    return names


# --- the patients of a stage --------------------------------------------------------------------------
@require_safe
@for_roles(OFFICER)
def stage(request: HttpRequest, stage: str) -> HttpResponse:
    """The patients who are in one stage. Whoever is named on the page was viewed, which the access log says."""
    if stage not in STAGES:
        raise Http404
    reader, at = reader_of(request), now()
    rows = PatientStatus.objects.filter(stage=stage, patient__in=visible_patients(reader))
    page = page_of(request, rows.select_related("patient__prescriber"), "pk")
    viewed = [row.patient_id for row in page]
    access_log.add_all(viewed, by=actor_of(reader), what="stage", why="program-office", at=at)
    heading: Words = stage_label(stage)
    return render(request, "office/stage.html", {"page": page, "heading": heading, "stage": stage})
