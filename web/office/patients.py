"""One patient before the office: what blocks, the course, the fills, and the record but what is not for the office."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as translated
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.roles import NAMES, OFFICER, for_roles
from compliance.models import Authorization
from compliance.records.file import File
from compliance.rules.assessment import Assessment
from compliance.rules.care.kinds import CARE
from compliance.rules.care.notes import BookedTest, ProblemReported, ReportMistaken
from compliance.rules.care.pregnancies import PregnancyFollowed
from compliance.rules.record import Record
from compliance.rules.records import Entry, EntryStruck
from compliance.rules.stages import stage
from compliance.words.choices import CATEGORY
from compliance.words.records import describe
from compliance.words.stages import stage_label
from ledger.clock import now
from patients.models import Patient
from patients.who_acts import who_acts
from ui import times
from ui.navigation import Words
from web.shared import timeline
from web.shared.advice import Advice
from web.shared.common import PatientContext, patient_context
from web.shared.lists import page_of_list
from web.shared.manifestations import SHOWN_WITH_OTHERS
from web.shared.open_tasks import open_tasks_of
from web.shared.sent import sent_lines
from web.shared.written import with_words, written_in

#: Of what surrounds the fill, the kinds that the office sees. How somebody feels is for those who treat them alone:
#: a kind that is not named here is not shown.
SEEN_OF_CARE: frozenset[type[Record]] = frozenset({ReportMistaken, ProblemReported, BookedTest, PregnancyFollowed})


class RecordLine(NamedTuple):
    """A record as the office reads it."""

    entry: Entry
    title: Words
    text: str
    by: Words
    voided: bool


def is_seen(record: Record) -> bool:
    """Whether the office sees a record of this kind in a patient's file."""
    return type(record) not in CARE or type(record) in SEEN_OF_CARE


@require_safe
@for_roles(OFFICER)
def patient(request: HttpRequest, patient: UUID) -> HttpResponse:
    """What an officer may see of a patient; the access log says that it was viewed."""
    ctx = patient_context(request, patient, now())
    entries = _shown(ctx.file)
    page = page_of_list(request, entries, lambda entry: str(entry.number))
    context = _page(ctx) | {"page": page, "lines": _lines(ctx.file, list(page))}
    return render(request, "office/patient.html", context)


def _shown(file: File) -> list[Entry]:
    """The entries that are lines of their own, newest first."""
    entries = reversed(file.entries)
    return [entry for entry in entries if entry.record.kind not in SHOWN_WITH_OTHERS and is_seen(entry.record)]


def _lines(file: File, entries: Sequence[Entry]) -> list[RecordLine]:
    voided = {entry.record.entry for entry in file.entries if isinstance(entry.record, EntryStruck)}
    written, lines = written_in(entries, OFFICER), []
    for entry in entries:
        title, text = describe(entry.record)
        text = with_words(text, written.get(entry.number, ""))
        lines.append(RecordLine(entry, title, text, _role(entry), entry.number in voided))
    return lines


def _role(entry: Entry) -> Words:
    return NAMES.get(entry.by.role, _("Clearfill")) if entry.by is not None else _("Clearfill")


def _page(ctx: PatientContext) -> dict[str, Any]:
    patient, assessment = ctx.patient, ctx.assessment
    fills = Authorization.objects.filter(patient=patient).select_related("pharmacy").order_by("-issued_at")
    linked = [UUID(file) for file in ctx.file.linked]
    return {
        "patient": patient,
        "stage": stage_label(stage(assessment)) if assessment else "",
        "tasks": open_tasks_of(assessment, OFFICER, advice=Advice(who_acts(patient.prescriber))) if assessment else [],
        "facts": _facts(ctx, assessment) if assessment else [],
        "picture": timeline.picture(ctx.file, assessment) if assessment else None,
        "fills": fills[:_NEWEST],
        "linked": Patient.objects.filter(pk__in=linked).order_by("created_at") if linked else [],
        "sent": sent_lines(ctx),
    }


#: So many of the newest authorizations are shown: those of two years.
_NEWEST = 24


def _facts(ctx: PatientContext, assessment: Assessment) -> list[tuple[Words, Words]]:
    facts: list[tuple[Words, Words]] = []
    if assessment.course:
        facts.append((_("Category"), CATEGORY[assessment.course.category.code]))
    if assessment.latest_window:
        facts.append((_("Window opened"), times.first_day(assessment.latest_window.first)))
        facts.append((_("Window closes at the end of"), times.last_day(assessment.latest_window.last)))
    owed = ", ".join(times.plain_day(test.due_on) for test in assessment.owed)
    if owed:
        facts.append((_("Tests owed after treatment, due"), owed))
    facts.append((_("Rules"), translated("Edition %(code)s") % {"code": assessment.edition.code}))
    return facts
