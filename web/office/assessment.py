"""The yearly assessment: the figures of a period, as a page, as CSV and as a PDF, the same whenever it is asked for."""

import csv
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from io import StringIO
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import number_format
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.roles import OFFICER, for_roles
from compliance import documents
from compliance.documents import SURVEYS
from compliance.records.programs import program_day
from compliance.records.surveys import answers_of
from compliance.records.yearly import Assessed, assessed
from compliance.rules.care.pregnancies import EXPOSURES, OUTCOMES
from compliance.rules.missed import PARTS
from compliance.rules.pregnancies import PHASES
from compliance.signing.pdf.render import draw
from compliance.words.pregnancies import EXPOSURE_SHORT, OUTCOME, PHASE
from ledger.clock import now
from ui import times
from ui.navigation import Words
from web.shared.page_language import document_language

from .figures import FIGURES, FLOOR

type Lines = tuple[tuple[str, Words], ...]


def _of(*codes: str) -> Lines:
    return tuple((code, FIGURES[code].label) for code in codes)


#: In the order of the page: a heading, and each figure by its code.
SECTIONS: tuple[tuple[Words, Lines], ...] = (
    (gettext_lazy("Enrolment"), (
        ("open-before", gettext_lazy("Courses open when the period began")),
        ("enrolled", gettext_lazy("Enrolled")),
        ("enrolled-can", gettext_lazy("Enrolled, of them: can become pregnant")),
        ("ended", gettext_lazy("Courses ended")),
        ("reopened", gettext_lazy("Ends of courses that were entered in error, and do not count")),
        ("open", gettext_lazy("Courses open at the end of the period")),
    )),
    (gettext_lazy("Certification"), (
        *_of("applied", "approved", "turned-down", "suspended"),
        ("reinstated", gettext_lazy("Reinstated")),
        ("renewed", gettext_lazy("Yearly attestations of prescribers")),
        ("trained", gettext_lazy("Yearly trainings of pharmacies")),
        ("certified-prescriber", gettext_lazy("Prescribers certified on the last day")),
        ("certified-pharmacy", gettext_lazy("Pharmacies certified on the last day")),
    )),
    (gettext_lazy("Non-compliance"), (
        *_of("case-opened"),
        ("case-notice", gettext_lazy("Notices sent")),
        ("case-plan-asked", gettext_lazy("Plans asked for")),
        ("case-plan-accepted", gettext_lazy("Plans accepted")),
        ("case-suspended", gettext_lazy("Suspensions that were a step of a case")),
        *_of("case-appeal"),
        ("case-appeal-upheld", gettext_lazy("Appeals granted")),
        *_of("case-closed"),
    )),
    (gettext_lazy("Pregnancy tests"), (
        ("tests", gettext_lazy("Tests entered")),
        ("tests-negative", gettext_lazy("Negative")),
        ("found-by-test", gettext_lazy("Positive")),
        ("tests-indeterminate", gettext_lazy("Indeterminate")),
        ("tests-laboratory", gettext_lazy("In a laboratory")),
        ("tests-clinic", gettext_lazy("In a clinic or office")),
        ("tests-home", gettext_lazy("At home")),
    )),
    (gettext_lazy("Pregnancies found in the period"), (
        ("pregnancies", gettext_lazy("Pregnancies, with those only suspected")),
        ("rate", gettext_lazy("For each 1,000 fills after a test")),
        *((f"phase-{code}", PHASE[code]) for code in PHASES),
        *((f"exposure-{code}", EXPOSURE_SHORT[code]) for code in EXPOSURES),
        *((f"outcome-{code}", _outcome) for code, _outcome in OUTCOME.items() if code in OUTCOMES),
    )),
    (gettext_lazy("Timeliness"), (
        ("fills", gettext_lazy("Fills")),
        ("days", gettext_lazy("Days from test to fill, on average")),
        ("at-once", gettext_lazy("Yes at the first question, in per cent")),
        *_of("refused", "fills-late", "reversed"),
        *_of(*(f"missed-{part}" for part in PARTS)),
    )),
)  # fmt: skip

#: What an assessment asks for and Clearfill does not have.
NOT_COLLECTED: tuple[Words, ...] = (
    gettext_lazy("Fills outside the program, and sales of wholesalers: not collected."),
)


#: The surveys, by the readers of whom they ask.
_SURVEYS: Mapping[str, Words] = dict(zip(SURVEYS, (
    gettext_lazy("Survey of patients: right answers in per cent"),
    gettext_lazy("Survey of prescribers and designees: right answers in per cent"),
    gettext_lazy("Survey of pharmacists: right answers in per cent"),
), strict=True))  # fmt: skip


def _survey_sections(report: Assessed) -> Iterator[tuple[Words, list[tuple[str, Words, str]]]]:
    """For each survey how many answered it, and for each of its questions how many of them knew: code, words, number.

    A month in which fewer answered than the floor of small numbers is left out.
    """
    for one in answers_of(report.first, report.last, floor=FLOOR):
        code = f"{one.survey}-{one.version}"
        lines: list[tuple[str, Words, str]] = [(f"{code}-answered", _("Answered by"), str(one.answered))]
        for question in documents.questions(document_language(), version=one.version, bank=one.survey):
            answered, right = one.questions.get(question.id, (0, 0))
            share = f"{100 * right / answered:.1f}" if answered else ""
            lines.append((f"{code}-{question.id}", question.question, share))
        yield _SURVEYS[one.survey], lines


def _number(numbers: Mapping[str, int], code: str) -> str:
    """As it is written for machines: a quotient with one decimal, empty where there is nothing to divide by."""
    quotients = {
        "rate": (1000 * numbers.get("pregnancies", 0), numbers.get("fills-after-test", 0)),
        "days": (numbers.get("days-to-fill", 0), numbers.get("fills-after-test", 0)),
        "at-once": (100 * numbers.get("authorized-at-once", 0), numbers.get("authorized", 0)),
    }
    if code in quotients:
        number, divisor = quotients[code]
        return f"{number / divisor:.1f}" if divisor else ""
    return str(numbers.get(code, 0))


def _in_words(written: str) -> str:
    if not written:
        return "—"
    return number_format(written, 1 if "." in written else 0, force_grouping=True)


# --- the period ---------------------------------------------------------------------------------------
def _end(month: date) -> date:
    """The last day of a month."""
    following = (month.replace(day=28) + timedelta(days=4)).replace(day=1)
    return following - timedelta(days=1)


def _month(typed: str) -> date | None:
    try:
        return date.fromisoformat(f"{typed}-01") if len(typed) == 7 else None
    except ValueError:
        return None


def _period(request: HttpRequest) -> tuple[date, date]:
    """The months that the address names, or the last twelve that are over."""
    today = program_day(now())
    last = today.replace(day=1) - timedelta(days=1)
    first = (last.replace(day=1) - timedelta(days=330)).replace(day=1)
    typed = _month(request.GET.get("from", "")), _month(request.GET.get("to", ""))
    if typed[0] is None or typed[1] is None or typed[0] > typed[1]:
        return first, last
    return typed[0], _end(typed[1])


def _choices(first: date, last: date) -> list[tuple[str, str]]:
    """The months of the last five years, newest first, and those that are chosen."""
    month = program_day(now()).replace(day=1)
    months = {first.replace(day=1), last.replace(day=1)}
    for _number_of_month in range(60):
        month = (month - timedelta(days=1)).replace(day=1)
        months.add(month)
    return [(f"{one:%Y-%m}", times.short_month(one)) for one in sorted(months, reverse=True)]


def _sections(report: Assessed) -> list[tuple[Words, list[tuple[Words, str]]]]:
    figures = [
        (heading, [(label, _in_words(_number(report.numbers, code))) for code, label in lines])
        for heading, lines in SECTIONS
    ]
    surveys = [
        (heading, [(label, _in_words(number)) for _code, label, number in lines])
        for heading, lines in _survey_sections(report)
    ]
    return figures + surveys


@require_safe
@for_roles(OFFICER)
def assessment(request: HttpRequest) -> HttpResponse:
    """The assessment of a period; what is missing where it cannot be given yet."""
    first, last = _period(request)
    report = assessed(first, last)
    context = {
        "report": report,
        "sections": _sections(report) if report is not None else [],
        "not_collected": NOT_COLLECTED,
        "from": f"{first:%Y-%m}",
        "to": f"{last:%Y-%m}",
        "heading": _period_in_words(first, last),
        "months": _choices(first, last),
    }
    return render(request, "office/assessment.html", context)


def _period_in_words(first: date, last: date) -> str:
    return _("%(first)s to %(last)s") % {"first": times.short_month(first), "last": times.short_month(last)}


def _report(request: HttpRequest) -> Assessed:
    report = assessed(*_period(request))
    if report is None:
        raise Http404
    return report


@require_safe
@for_roles(OFFICER)
def as_csv(request: HttpRequest) -> HttpResponse:
    """The same numbers for machines: codes do not change with the language."""
    report = _report(request)
    response = HttpResponse(_csv(report), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="clearfill-assessment.csv"'
    return response


def _csv(report: Assessed) -> str:
    out = StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(["code", "number"])
    rows.writerows(_rows(report))
    return out.getvalue()


def _rows(report: Assessed) -> Iterator[tuple[str, str]]:
    yield "first-day", report.first.isoformat()
    yield "last-day", report.last.isoformat()
    yield "checkpoint", str(report.checkpoint.number)
    yield "checkpoint-hash", report.checkpoint.hash
    for _heading, lines in SECTIONS:
        for code, _label in lines:
            yield code, _number(report.numbers, code)
    for _heading, answers in _survey_sections(report):
        yield from ((code, number) for code, _label, number in answers)


@require_safe
@for_roles(OFFICER)
def as_pdf(request: HttpRequest) -> HttpResponse:
    """The same as a PDF, with the numbers for machines attached. It is dated by its checkpoint, and so the same."""
    report = _report(request)
    response = HttpResponse(draw(_content(report), report.checkpoint.at), content_type="application/pdf")
    response["Content-Disposition"] = 'attachment; filename="clearfill-assessment.pdf"'
    return response


def _content(report: Assessed) -> dict[str, Any]:
    entries = [
        {"title": f"{heading}: {label}", "text": number}
        for heading, lines in _sections(report)
        for label, number in lines
    ]
    stands_on = _("Checkpoint %(number)s, %(hash)s") % {
        "number": report.checkpoint.number, "hash": report.checkpoint.hash,
    }  # fmt: skip
    return {
        "title": _("Assessment"), "version": _period_in_words(report.first, report.last), "language": get_language(),
        "items": [], "introduction": f"{stands_on}. {' '.join(str(one) for one in NOT_COLLECTED)}",
        "entries_title": _("Figures"), "entries": entries, "signature_title": "", "signature": [],
        "footer": _("Clearfill is not the official program."), "attached": _("The same numbers as data"),
        "record": _csv(report),
    }  # fmt: skip
