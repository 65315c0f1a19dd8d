"""What the prescriber's pages show, worked out from the assessment. Wording and shapes; no rule."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.roles import NAMES
from compliance.actions import drafts
from compliance.desks import timeline
from compliance.desks.common import Case
from compliance.desks.needs import needs_of
from compliance.desks.records import describe
from compliance.projection.file import certified
from compliance.rules.categories import CAN
from compliance.rules.certification import covers
from compliance.rules.entries import can_be_struck
from compliance.rules.followup import safe_from
from compliance.rules.gate import Assessment
from compliance.rules.records import Entry, EntryStruck
from compliance.words.stages import stage_words
from ledger import log
from patients.models import Patient, Prescriber
from ui.navigation import Words
from ui.shapes import Action

from .pages import PAGES

#: Which entry puts which step right.
_STEP_PAGES = {
    "enter-test": "month",
    "counsel": "month",
    "declare-methods": "month",
    "clear-stop": "clear-stop",
    "enrol": "course",
}

_TONES = {
    "ready": "yes", "authorized": "yes", "between-fills": "quiet", "closed": "quiet", "stopped": "no",
    "window-missed": "act", "month": "act", "consent": "act", "invited": "wait", "lead-in": "wait",
    "second-test": "act", "followed-up": "wait",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """A patient in the worklist."""

    patient: Patient
    stage: Words
    tone: str
    closes_on: date | None
    acts: str


def line(row: Patient, at: datetime) -> Line:
    """A patient's line, from the standing that serves lists."""
    standing = getattr(row, "standing", None)
    if standing is None:
        return Line(row, "", "quiet", None, "")
    acts = [str(_ACTS[who]) for who in standing.acts if who in _ACTS]
    open_window = standing.window_last is not None and standing.window_last >= at.date() - timedelta(days=1)
    closes = standing.window_last if open_window and standing.stage in ("month", "ready", "authorized") else None
    words = stage_words(standing.stage, "prescriber") if standing.stage else None
    return Line(row, words.label if words else "", _TONES.get(standing.stage, "quiet"), closes, ", ".join(acts))


_ACTS = {"prescriber": _("You"), "patient": _("Patient"), "guardian": _("Guardian"), "pharmacy": _("Pharmacy")}


def short_name(patient: Patient) -> str:
    """The name, as the way back to the patient's page is labelled."""
    return patient.name


def url_of(patient: Patient) -> str:
    """The patient's page."""
    return reverse("prescriber:patient", kwargs={"patient": patient.pk})


def entry_url(patient: Patient, slug: str) -> str:
    """The page of one kind of entry."""
    return reverse("prescriber:entry", kwargs={"patient": patient.pk, "slug": slug})


def patient_page(case: Case) -> dict[str, Any]:
    """Everything on a patient's page."""
    patient, found, roles = case.patient, case.assessment, _roles(case)
    steps = {
        step: Action(PAGES[slug].title, entry_url(patient, slug), PAGES[slug].icon, "main")
        for step, slug in _STEP_PAGES.items()
        if case.reader.role in PAGES[slug].roles
    }
    stage = stage_words(found.stage, "prescriber") if found else None
    return {
        "patient": patient,
        "assessment": found,
        "stage": stage,
        "tone": _TONES.get(found.stage, "quiet") if found else "quiet",
        "needs": needs_of(found, case.reader.role, steps) if found else [],
        "facts": _facts(case, found) if found else [],
        "owed": _owed(found) if found else [],
        "picture": timeline.picture(found) if found else None,
        "entries": _entries(case, found),
        "records": [record_line(entry, case, roles) for entry in reversed(case.file.entries)],
        "declined": drafts.declined(patient.id),
        "guardians": list(patient.guardians.select_related("user").order_by("id")),
        "can_invite": patient.user is None,
    }


def _facts(case: Case, found: Assessment) -> list[tuple[Words, Any]]:
    from compliance.words.choices import CATEGORY

    facts: list[tuple[Words, Any]] = []
    if found.course:
        facts.append((_("Category"), CATEGORY[found.course.category]))
    if found.testing and found.testing.lead_in_over_on and found.testing.dispensed is None:
        facts.append((_("Lead-in ends"), found.testing.lead_in_over_on))
    if found.latest_window:
        facts.append((_("Window opened"), found.latest_window.first))
        facts.append((_("Window closes at the end of"), found.latest_window.last))
    if found.authorization:
        facts.append((_("Authorized; do not dispense after"), found.authorization.record.dispense_by))
    if (safe := safe_from(found.history, found.edition)) is not None:
        facts.append((_("Contraception, and no blood donation, until"), safe))
    facts.append((_("Rules"), _("Edition %(code)s") % {"code": found.edition.code}))
    return facts


def _owed(found: Assessment) -> list[tuple[Words, date]]:
    names = {
        "end-of-treatment-test": _("Test at the end of treatment, due"),
        "month-after-test": _("Test a month after, due"),
    }
    return [(names[test.code], test.due_on) for test in found.owed]


def _entries(case: Case, found: Assessment | None) -> list[Action]:
    """The entries that make sense now, for this reader."""
    if found is None:
        return []
    slugs = _with_course(found) if found.course else _without_course(found)
    return [
        Action(PAGES[slug].title, entry_url(case.patient, slug), PAGES[slug].icon)
        for slug in slugs
        if case.reader.role in PAGES[slug].roles
    ]


def _with_course(found: Assessment) -> list[str]:
    stop = ["clear-stop"] if found.history.stops.open else []
    if found.course and found.course.category == CAN:
        return [*stop, "month", "test", "visit", "methods", "home-testing", "category", "birth-date", "pregnancy",
                "discontinue"]  # fmt: skip
    return [*stop, "visit", "test", "category", "birth-date", "pregnancy", "discontinue"]


def _without_course(found: Assessment) -> list[str]:
    ended = found.history.last_discontinued is not None
    first = ["clear-stop"] if found.history.stops.open else ["course"]
    return [*first, *(["test", "pregnancy"] if ended else []), "birth-date"]


@dataclass(frozen=True, slots=True)
class RecordLine:
    """A record as a line of the patient's history."""

    number: int
    at: datetime
    title: Words
    text: str
    struck: bool
    strike_url: str
    by: str


def _roles(case: Case) -> dict[int, str]:
    """Who entered each record, by role. One query."""
    rows = log.read(case.patient.pk)
    return {row.number: str(NAMES.get(row.role, _("Clearfill"))) for row in rows}


def record_line(entry: Entry, case: Case, roles: Mapping[int, str]) -> RecordLine:
    """One record, with the way to strike it where that can be done."""
    title, text = describe(entry.record, clinical=True)
    struck = any(isinstance(e.record, EntryStruck) and e.record.entry == entry.number for e in case.file.entries)
    may = case.reader.role == "prescriber" and can_be_struck(entry.record) and not struck
    url = reverse("prescriber:strike", kwargs={"patient": case.patient.pk, "number": entry.number}) if may else ""
    return RecordLine(entry.number, entry.at, title, text, struck, url, roles.get(entry.number, ""))


def practice_page(prescriber: Prescriber, at: datetime) -> dict[str, Any]:
    """The practice and its certification."""
    from compliance.projection.file import PROGRAM
    from compliance.rules.days import day, zone

    spans = certified(log.read(prescriber.pk), at)
    today = day(at, zone(PROGRAM.zone))
    return {
        "prescriber": prescriber,
        "certified": covers(spans, today),
        "certified_until": max((span.last for span in spans), default=None),
    }
