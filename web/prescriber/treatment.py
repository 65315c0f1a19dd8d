"""The panel of the treatment on a patient's page: the prescription in force, and the course so far."""

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from compliance.rules import days
from compliance.rules.care import laboratory_due
from compliance.rules.care.course_dose import BAND, CourseDose, course_dose
from compliance.rules.care.dose import rounded
from compliance.rules.care.prescription import Prescribed
from compliance.rules.history import History
from compliance.words import dose as words
from ui import times
from web.shared.common import PatientContext
from web.shared.health_changes import HealthChanges, health_changes

from .health_form import FlagLine, flag_lines, last_answered, other_words
from .laboratory_charts import AdviceLine, latest_advice

#: What the bar reaches to, in mg for each kg.
REACH = 180


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseBar:
    """The bar of a course: shares of its width in per cent, as the drawing takes them."""

    filled: str
    band_x: str
    band_width: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TreatmentPanel:
    """What the panel shows; `can_prescribe` says whether this reader enters prescriptions, and a course is open."""

    is_open: bool
    prescribed: str
    can_prescribe: bool
    bar: CourseBar | None = None
    lines: list[str] = field(default_factory=list)
    #: Whether allergies, medicines and conditions were asked; what was answered that matters, and in their own words.
    was_asked: bool = False
    #: What the patient said has changed since; and when they said that nothing has.
    changes: HealthChanges | None = None
    flags: list[FlagLine] = field(default_factory=list)
    other: str = ""
    #: What the latest laboratory values advise, and when the next are due.
    advice: list[AdviceLine] = field(default_factory=list)
    has_values: bool = False
    laboratory: str = ""


def treatment_panel(ctx: PatientContext, *, may_prescribe: bool) -> TreatmentPanel | None:
    """The panel; None where there was no course yet, or no edition is in force."""
    if ctx.assessment is None:
        return None
    history = ctx.assessment.history
    course = course_dose(history)
    if course is None:
        return None
    prescribed = history.in_course(Prescribed)
    answered = last_answered(ctx)
    product = prescribed[-1][1].product if prescribed else ""
    values = laboratory_due.results(history)
    return TreatmentPanel(
        is_open=history.course is not None,
        prescribed=words.prescribed_words(prescribed[-1][1]) if prescribed else "",
        can_prescribe=may_prescribe and history.course is not None,
        bar=_bar(course) if course.fills else None,
        lines=list(_lines(ctx, course)),
        was_asked=answered is not None,
        changes=health_changes(ctx),
        flags=flag_lines(ctx, product),
        other=other_words(answered),
        advice=latest_advice(values),
        has_values=bool(values),
        laboratory=_next_values(history),
    )


def _next_values(history: History) -> str:
    """When laboratory values are due."""
    due = laboratory_due.next_laboratory(history)
    if due is None:
        return ""
    if due.month == 0:
        return _("Laboratory: values before the first dose were not entered.")
    day = times.plain_day(due.on, _("M j, Y"))
    return _("Laboratory: the next values are due %(day)s.") % {"day": day}


def _share(value: Fraction) -> str:
    return f"{rounded(100 * min(value, Fraction(REACH)) / REACH, '0.1')}%"


def _bar(course: CourseDose) -> CourseBar:
    return CourseBar(
        filled=_share(course.mg_per_kg),
        band_x=_share(Fraction(BAND[0])),
        band_width=_share(Fraction(BAND[1] - BAND[0])),
        sentence=_("%(sum)s mg/kg handed over; the aim is %(low)s to %(high)s.")
        % {"sum": words.number(rounded(course.mg_per_kg, "1")), "low": BAND[0], "high": BAND[1]},
    )


def _month(on: date) -> str:
    # Translators: a month with its year, in the letters of Django's `date` filter.
    return times.plain_day(on, _("F Y"))


def _lines(ctx: PatientContext, course: CourseDose) -> list[str]:
    """Each thing that is to be said of the course, in a sentence."""
    assert ctx.assessment is not None
    history, lines = ctx.assessment.history, []
    if course.uncounted:
        lines.append(
            ngettext(
                "%(number)s fill is not counted: no prescription was entered before it.",
                "%(number)s fills are not counted: no prescription was entered before them.",
                course.uncounted,
            )
            % {"number": course.uncounted}
        )
    if history.course is not None:
        lines += _ahead(course)
    between = ctx.assessment.edition.between_courses_days
    last_dose_on = history.last_ended.last_dose_on if history.last_ended is not None else None
    if history.course is None and last_dose_on is not None:
        on = days.plus(last_dose_on, between)
        lines.append(_("A second course, if it is needed: not before %(day)s.") % {"day": times.first_day(on)})
    elif history.course is not None:
        lines.append(_("A second course, if it is needed: eight weeks after the last dose at the earliest."))
    return lines


def _ahead(course: CourseDose) -> list[str]:
    lines = []
    if course.state != "below":
        above = _("The course is above the aim.") if course.state == "above" else _("The course has reached the aim.")
        lines.append(above)
    if course.enough_on is not None:
        first, last = (_month(on) for on in course.enough_on)
        words_of = (
            _("Last month at this dose: %(first)s.")
            if first == last
            else _("Last month at this dose: %(first)s to %(last)s.")
        )
        lines.append(words_of % {"first": first, "last": last})
    if course.weeks_end is not None:
        first, last = (times.plain_day(on, _("M j, Y")) for on in course.weeks_end)
        lines.append(_("15 to 20 weeks end between %(first)s and %(last)s.") % {"first": first, "last": last})
    return lines
