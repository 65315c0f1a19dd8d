"""The timeline of a course: lead-in, windows, tests, dispenses."""

from datetime import date, timedelta

from django.utils.translation import gettext_lazy as _

from compliance.rules import windows
from compliance.rules.assessment import Assessment
from compliance.rules.records import Dispensed, PregnancyTest
from ui.timeline import Picture, TimelineMark, TimelineSpan

_MARKS = {
    "negative": ("test-negative", _("Negative test")),
    "positive": ("test-positive", _("Positive test")),
    "indeterminate": ("test-unclear", _("Unclear test")),
}

#: So many days at most are drawn, up to today.
_REACH = timedelta(days=200)


def picture(assessment: Assessment) -> Picture | None:
    """The open course, from its beginning or as far back as is drawn; None where there is none."""
    if assessment.course is None or assessment.testing is None:
        return None
    start = max(assessment.history.day_of(assessment.course.opened.at), assessment.day - _REACH)
    marks = [mark for mark in _marks(assessment) if mark.on >= start]
    spans = [span for span in _spans(assessment) if span.last >= start]
    return Picture(
        title=_("The course so far"),
        start=start,
        today=assessment.day,
        lanes=(_("Lead-in and windows"), _("Tests"), _("Fills")),
        spans=tuple(spans),
        marks=tuple(marks),
    )


def _spans(assessment: Assessment) -> list[TimelineSpan]:
    testing = assessment.testing
    assert testing is not None
    spans = []
    if testing.anchor is not None and testing.lead_in_over_on is not None:
        spans.append(TimelineSpan("lead-in", testing.anchor, _before(testing.lead_in_over_on), _("Lead-in")))
    over = {window.first for window in windows.missed(testing.windows, assessment.day)}
    for window in testing.windows:
        missed = window.first in over
        kind, label = ("window-missed", _("Window missed")) if missed else ("window", _("Window"))
        spans.append(TimelineSpan(kind, window.first, window.last, label))
    return spans


def _before(on: date) -> date:
    return on - timedelta(days=1)


def _marks(assessment: Assessment) -> list[TimelineMark]:
    marks = []
    for _entry, test in assessment.history.in_course(PregnancyTest):
        kind, label = _MARKS[test.result]
        marks.append(TimelineMark(kind, test.collected_on, label))
    for entry, record in assessment.history.in_course(Dispensed):
        marks.append(TimelineMark("dispensed", windows.handed_over_on(assessment.history, entry, record), _("Fill")))
    return marks
