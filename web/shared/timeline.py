"""The timeline of a course: lead-in, windows, tests, fills, supply in hand, stops, and what is ahead."""

from collections.abc import Iterator
from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from compliance.records.file import File
from compliance.rules import authorizations, course_spans
from compliance.rules.assessment import Assessment
from compliance.rules.booking import booked_on
from compliance.rules.records import PregnancyReported, PregnancyTest, StopCleared
from ui.timeline import Picture, TimelineMark, TimelineSpan

_TESTS = {
    "negative": ("test-negative", _("Negative test")),
    "positive": ("test-positive", _("Positive test")),
    "indeterminate": ("test-unclear", _("Unclear test")),
}
_WINDOWS = {
    "open": ("window", _("Window")),
    "used": ("window-used", _("Window used")),
    "missed": ("window-missed", _("Window missed")),
}
_AUTHORIZATIONS = {
    "open": _("Authorization"),
    "dispensed": _("Authorization"),
    "expired": _("Authorization, expired"),
    "void": _("Authorization, void"),
    "reversed": _("Authorization, reversed"),
}
_LANES = (_("Lead-in and windows"), _("Tests"), _("Fills"), _("Medicine in hand"))

#: So many days at most are drawn, up to today; and so many of the month, where nothing was filled.
_REACH, _MONTH = timedelta(days=200), timedelta(days=30)


def picture(file: File, assessment: Assessment) -> Picture | None:
    """The open course, from its beginning or as far back as is drawn; None where there is none with tests."""
    if assessment.course is None or assessment.testing is None:
        return None
    start = max(assessment.history.day_of(assessment.course.opened.at), assessment.day - _REACH)
    return Picture(
        title=_("The course so far"),
        start=start,
        today=assessment.day,
        lanes=_LANES,
        spans=tuple(span for span in _spans(file, assessment) if span.last >= start),
        marks=tuple(mark for mark in _marks(assessment) if mark.on >= start),
    )


def month(file: File, assessment: Assessment) -> Picture | None:
    """The month that is being worked on, since the last fill or thirty days ago, for the patient.

    None where there is nothing to draw, and on hold, where other things are to be read.
    """
    whole = picture(file, assessment)
    if whole is None or assessment.history.stops.open:
        return None
    fills = course_spans.hand_overs(assessment.history)
    start = max(whole.start, fills[-1].on if fills else assessment.day - _MONTH)
    spans = tuple(span for span in whole.spans if span.last >= start)
    # From the beginning of what reaches into the month, so that the test before a fill stands with its window.
    start = min([start, *(span.first for span in spans)])
    marks = tuple(mark for mark in whole.marks if mark.on >= start)
    return Picture(_("Your month"), start, whole.today, _LANES, spans, marks, weeks=False) if spans or marks else None


def _spans(file: File, assessment: Assessment) -> Iterator[TimelineSpan]:
    testing = assessment.testing
    assert testing is not None
    if testing.anchor is not None and testing.lead_in_over_on is not None:
        over = testing.lead_in_over_on - timedelta(days=1)
        yield TimelineSpan("lead-in", testing.anchor, over, _("Lead-in"))
    earlier = []
    for fill in course_spans.hand_overs(assessment.history):
        if fill.on >= assessment.day - _REACH:
            before = file.before(fill.number)
            earlier.append((before.history(before.entries[-1].at), fill.on))
    for window in course_spans.course_windows(assessment, earlier):
        kind, label = _WINDOWS[window.state]
        yield TimelineSpan(kind, window.span.first, window.span.last, label)
    for supply in course_spans.supplies(assessment.history):
        yield TimelineSpan("supply", supply.first, supply.last, _("Medicine in hand"))
    if (ahead := course_spans.days_of_next_test(assessment)) is not None:
        yield TimelineSpan("test-days", ahead.first, ahead.last, _("Days for the next test"))


def _marks(assessment: Assessment) -> Iterator[TimelineMark]:
    history = assessment.history
    for _entry, test in history.in_course(PregnancyTest):
        kind, label = _TESTS[test.result]
        yield TimelineMark(kind, test.collected_on, label)
    for entry, _report in history.in_course(PregnancyReported):
        yield TimelineMark("stop", history.day_of(entry.at), _("Pregnancy reported"))
    for entry, _clearing in history.in_course(StopCleared):
        yield TimelineMark("stop-cleared", history.day_of(entry.at), _("Stop cleared"))
    if (booked := booked_on(history)) is not None:
        yield TimelineMark("booked", booked, _("Test booked"))
    for fact in authorizations.all_of(history).values():
        if assessment.course is not None and fact.entry.at >= assessment.course.opened.at:
            yield TimelineMark("authorized", history.day_of(fact.entry.at), _AUTHORIZATIONS[fact.state])
    for fill in course_spans.hand_overs(history):
        yield TimelineMark("dispensed", fill.on, _("Fill"))
