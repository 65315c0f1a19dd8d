"""Entries about guardians, contact data, reports and cases that are refused, each beside one that is taken."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from compliance.rules.care.laboratory import LaboratoryResult
from compliance.rules.care.mood import MoodAnswered
from compliance.rules.care.notes import BookedTest, ProblemReported, ReportMistaken
from compliance.rules.care.pregnancies import PregnancyFollowed
from compliance.rules.care.questions import QuestionAnswered, QuestionAsked
from compliance.rules.care.side_effects import ReportAnswered, SideEffectReported
from compliance.rules.records import (
    ContactCorrected,
    Discontinued,
    EnteredBy,
    Entry,
    GuardianCorrected,
    GuardianEnded,
    GuardianNamed,
    Invited,
    PregnancyReported,
    Record,
)
from tests.compliance.rules.test_refusals import never_enrolled, refused
from tests.histories import CANNOT, HistoryFactory

START = date(2026, 10, 1)
GONE = ("guardian", "no-such-guardian")
SAME = ("", "nothing-changed")


def minor() -> HistoryFactory:
    """Fifteen years old, with a guardian."""
    return HistoryFactory(START, date(2011, 4, 2)).enter(0, GuardianNamed("g"))


def after_guardian() -> HistoryFactory:
    """The part of one of two guardians has ended."""
    return minor().enter(1, GuardianNamed("h"), GuardianEnded("g", "moved"))


def adult() -> HistoryFactory:
    return HistoryFactory(START)


def reported(*by: str | None) -> HistoryFactory:
    """Whoever have these roles reported a pregnancy on the second day; None: it is not known who did."""
    history = adult()
    for role in by:
        who = None if role is None else EnteredBy(UUID(int=1), role, None)
        history.entries.append(Entry(len(history.entries) + 1, history.at(2), PregnancyReported(), by=who))
    return history


def mistaken() -> HistoryFactory:
    """The patient's own report was said to be a mistake."""
    return reported("patient").enter(2, ReportMistaken())


def reported_again() -> HistoryFactory:
    """And then the patient reported once more."""
    history = mistaken()
    history.entries.append(replace(history.entries[-2], number=len(history.entries) + 1))
    return history


def followed(case: int) -> PregnancyFollowed:
    return PregnancyFollowed(case, "pending", "unknown", "unknown")


VALUES = LaboratoryResult(date(2026, 10, 1), {"alt": {"number": "30", "unit": "U/L"}})

#: Name -> (a history, a record of the fourth day, the field and the rule by which it is refused; None: it is taken).
REFUSALS: dict[str, tuple[Callable[[], HistoryFactory], Record, tuple[str, str] | None]] = {
    "a guardian of a minor": (minor, GuardianNamed("h"), None),
    "a guardian of who is of age": (adult, GuardianNamed("h"), ("guardian", "patient-of-age")),
    "a guardian who was ended is named again": (after_guardian, GuardianNamed("g"), GONE),
    "a guardian beside one who was ended": (after_guardian, GuardianNamed("i"), None),
    "an invitation of a patient": (adult, Invited("i"), None),
    "an invitation of a guardian": (minor, Invited("i", "g"), None),
    "an invitation of a guardian who was ended": (after_guardian, Invited("i", "g"), GONE),
    "the end of a guardian's part": (minor, GuardianEnded("g", "moved"), None),
    "the end of what has ended": (after_guardian, GuardianEnded("g", "moved"), GONE),
    "the end of the other's part": (after_guardian, GuardianEnded("h", "moved"), None),
    "the end of nobody's part": (minor, GuardianEnded("x", "moved"), GONE),
    "a guardian's name": (minor, GuardianCorrected("g", {"name": "x"}, "typed wrong"), None),
    "nothing of a guardian": (minor, GuardianCorrected("g", {}, "typed wrong"), SAME),
    "the name of who was ended": (after_guardian, GuardianCorrected("g", {"name": "x"}, "typed wrong"), GONE),
    "nothing of who was ended": (after_guardian, GuardianCorrected("g", {}, "typed wrong"), GONE),
    "an address": (adult, ContactCorrected({"email": "x"}, "moved"), None),
    "all contact data": (
        adult,
        ContactCorrected(
            dict.fromkeys(("given_name", "family_name", "email", "phone", "language"), "x"), "moved"),
        None),
    "no contact data": (adult, ContactCorrected({}, "moved"), SAME),
    "what is no contact data": (adult, ContactCorrected({"email": "x", "born_on": "x"}, "moved"), SAME),
    "a mistake in the own report": (lambda: reported("patient"), ReportMistaken(), None),
    "a mistake in the practice's report": (lambda: reported("prescriber"), ReportMistaken(), ("", "no-report")),
    "a mistake in the own report after the practice's": (
        lambda: reported("prescriber", "patient"), ReportMistaken(), None),
    "a mistake in the practice's report after the own": (
        lambda: reported("patient", "prescriber"), ReportMistaken(), ("", "no-report")),
    "a mistake in a report of whom nobody knows": (lambda: reported(None), ReportMistaken(), ("", "no-report")),
    "a mistake that was said already": (mistaken, ReportMistaken(), ("", "no-report")),
    "a mistake in a report that came after a mistake": (reported_again, ReportMistaken(), None),
    "a mistake in no report": (adult, ReportMistaken(), ("", "no-report")),
    "a missed period": (adult, ProblemReported("missed_period"), None),
    "a missed period after the course": (
        lambda: adult().enter(2, Discontinued("done")), ProblemReported("missed_period"), None),
    "a missed period of who is not tested": (
        lambda: HistoryFactory(START, category=CANNOT), ProblemReported("missed_period"), ("", "not-tested")),
    "a missed period of who was never enrolled": (
        never_enrolled, ProblemReported("missed_period"), ("", "never-enrolled")),
    "a booked test of a day to come": (adult, BookedTest(date(2026, 10, 20)), None),
    "a booked test of yesterday": (adult, BookedTest(date(2026, 10, 3)), ("booked_on", "is-over")),
    "a booked test of a day far ahead": (adult, BookedTest(date(2027, 10, 20)), ("booked_on", "too-far-ahead")),
    "what is booked already": (
        lambda: adult().enter(1, BookedTest(date(2026, 10, 20))), BookedTest(date(2026, 10, 20)),
        ("booked_on", "nothing-changed")),
    "a booking that was not made is taken back": (adult, BookedTest(), ("booked_on", "nothing-changed")),
    "a booked test of who was never enrolled": (
        never_enrolled, BookedTest(date(2026, 10, 20)), ("", "no-course")),
    "a question about a text of the course": (adult, QuestionAsked("birth-defects", "patient", "d"), None),
    "a question about a text of others": (
        lambda: HistoryFactory(START, category=CANNOT), QuestionAsked("birth-defects", "patient", "d"),
        ("document", "document-not-used")),
    "an answer to a question": (
        lambda: adult().enter(1, QuestionAsked("birth-defects", "patient", "d")), QuestionAnswered(), None),
    "an answer to a question that was answered": (
        lambda: adult().enter(1, QuestionAsked("birth-defects", "patient", "d"), QuestionAnswered()),
        QuestionAnswered(), ("", "no-question")),
    "an answer to no question": (adult, QuestionAnswered(), ("", "no-question")),
    "side effects of who was never enrolled": (
        never_enrolled, SideEffectReported(("belly-pain",), 1, "en", "today"), ("", "never-enrolled")),
    "answers of who was never enrolled": (
        never_enrolled, MoodAnswered("phq-2", 1, "en", {"1": 0, "2": 1}), ("", "never-enrolled")),
    "an answer to a report": (
        lambda: adult().enter(1, SideEffectReported(("belly-pain",), 1, "en", "today")), ReportAnswered(3, True), None),
    "an answer to what is no report": (adult, ReportAnswered(2, True), ("", "no-report-to-answer")),
    "values of who was never enrolled": (never_enrolled, VALUES, ("", "no-course")),
    "values after a course": (lambda: adult().enter(2, Discontinued("done")), VALUES, None),
    "what became of a pregnancy": (lambda: reported("patient"), followed(3), None),
    "what became of another record": (lambda: reported("patient"), followed(2), ("case", "no-such-entry")),
    "what became of no pregnancy": (adult, followed(3), ("case", "no-such-entry")),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSALS)
def test_an_entry_is_refused_or_taken(name: str) -> None:
    make, record, expected = REFUSALS[name]
    assert refused(make(), record, 3) == expected
