"""Which reports wait for the practice, until when, and when the questions are offered."""

import pytest

from compliance.rules.care.mood import MoodAnswered
from compliance.rules.care.open_reports import answer_to, is_mood_offered, open_reports, open_urgent
from compliance.rules.care.side_effects import URGENCIES, ReportAnswered, SideEffectReported, codes
from compliance.rules.entries import refusal
from compliance.rules.history import read
from compliance.rules.practice import acts_from
from compliance.rules.programs.isotretinoin_us import ISOTRETINOIN_US
from compliance.rules.records import Counselled, Discontinued, Entry, Record
from tests.histories import HistoryFactory


def effect(urgency: str = "today") -> SideEffectReported:
    return SideEffectReported(("yellow",), 1, "en", urgency)


HARM = MoodAnswered("phq-9", 1, "en", {"1": 1, "9": 1})
MODERATE = MoodAnswered("phq-9", 1, "en", {str(item): 2 for item in range(1, 6)})
MILD = MoodAnswered("phq-9", 1, "en", {str(item): 1 for item in range(1, 10) if item != 9})
LITTLE = MoodAnswered("phq-2", 1, "en", {"1": 1, "2": 1})

REPORTS: dict[str, tuple[Record, bool, bool]] = {
    # what is reported, whether it waits, whether it is urgent
    "an ambulance": (effect("ambulance"), True, True),
    "today": (effect("today"), True, True),
    "next time": (effect("next-time"), True, False),
    "thoughts of harm": (HARM, True, True),
    "a moderate score": (MODERATE, True, False),
    "a mild score": (MILD, False, False),
    "the first two alone": (LITTLE, False, False),
}


@pytest.mark.parametrize("name", REPORTS)
def test_report_waits_by_its_urgency(name: str) -> None:
    record, waits, urgent = REPORTS[name]
    history = HistoryFactory().begun().enter(40, record).ask(41).history
    assert bool(open_reports(history)) is waits
    assert bool(open_urgent(history)) is urgent


LATER: dict[str, tuple[Record | None, bool, bool]] = {
    # what comes later, whether the urgent one still waits, whether the other does
    "nothing": (None, True, True),
    "a visit": (Counselled(HistoryFactory().on(42)), True, False),
    "the end of the course": (Discontinued("r"), True, True),
}


@pytest.mark.parametrize("name", LATER)
def test_what_cannot_wait_is_settled_by_an_answer_alone(name: str) -> None:
    record, urgent, other = LATER[name]
    history = HistoryFactory().begun().enter(40, effect()).enter(41, effect("next-time"))
    if record is not None:
        history.enter(42, record)
    found = [report for _entry, report in open_reports(history.ask(43).history)]
    assert found == [effect()] * urgent + [effect("next-time")] * other


def test_answer_settles_what_came_before_it_and_not_what_came_in_meanwhile() -> None:
    history = HistoryFactory().begun().enter(40, effect(), HARM)
    answered = len(history.entries)
    history.enter(41, effect("ambulance"), ReportAnswered(answered, True))
    found = history.ask(42).history
    assert [report for _entry, report in open_reports(found)] == [effect("ambulance")]
    assert answer_to(found, answered) is not None
    assert answer_to(found, answered + 1) is None


def test_answers_and_visits_settle_what_came_before_the_latest_of_them() -> None:
    """Of each two: what came before the first of them, between them, and after them."""
    early, between, late = effect("ambulance"), effect("today"), HARM
    history = HistoryFactory().begun().enter(40, early)
    history.enter(41, ReportAnswered(len(history.entries), True)).enter(42, between)
    history.enter(43, ReportAnswered(len(history.entries), False)).enter(44, late)
    assert [report for _entry, report in open_reports(history.ask(45).history)] == [late]
    visits = HistoryFactory().begun().enter(40, effect("next-time")).enter(41, Counselled(history.on(41)))
    visits.enter(42, MODERATE).enter(43, Counselled(history.on(43))).enter(44, effect("next-time"))
    assert [entry.number for entry, _report in open_reports(visits.ask(45).history)] == [len(visits.entries)]


@pytest.mark.parametrize("record", [HARM, MODERATE, effect("next-time")], ids=["harm", "moderate", "next time"])
def test_report_waits_where_nothing_came_after_it_whatever_its_number(record: Record) -> None:
    at = HistoryFactory().at(3)
    assert len(open_reports(read(ISOTRETINOIN_US, [Entry(1, at, record)], at))) == 1


def test_answer_to_a_report_is_the_latest_that_is_about_it() -> None:
    history = HistoryFactory().begun().enter(40, effect())
    number = len(history.entries)
    history.enter(41, ReportAnswered(number, False)).enter(42, ReportAnswered(number, True))
    found = answer_to(history.ask(43).history, number)
    assert found is not None
    assert (found[0].number, found[1]) == (number + 2, ReportAnswered(number, True))


def test_thoughts_of_harm_come_before_an_ambulance_in_either_kind_of_report() -> None:
    harm = SideEffectReported(("harm",), 1, "en", "ambulance")
    history = HistoryFactory().begun().enter(40, harm, HARM, effect("ambulance"), effect("next-time"))
    found = [report for _entry, report in open_reports(history.ask(41).history)]
    assert found == [HARM, harm, effect("ambulance"), effect("next-time")]


def test_urgent_ones_come_first_and_the_newest_of_each_before_the_others() -> None:
    history = HistoryFactory().begun().enter(40, effect("next-time"), effect(), MODERATE, HARM)
    assert [r for _e, r in open_reports(history.ask(41).history)] == [HARM, effect(), MODERATE, effect("next-time")]


def test_practice_acts_from_the_day_of_an_urgent_report() -> None:
    history = HistoryFactory().begun().month(31).enter(33, effect())
    assert acts_from(history.ask(34)) == history.on(33)
    assert acts_from(history.ask(34), designee=True) == history.on(33)


def test_answer_to_what_is_no_report_is_refused() -> None:
    history = HistoryFactory().begun().enter(40, LITTLE, effect("next-time"))
    asked = history.ask(41).history
    numbers = {number: refusal(asked, history.entries, ReportAnswered(number, True), history.at(41))
               for number in range(len(history.entries) + 2)}  # fmt: skip
    assert [number for number, found in numbers.items() if found is None] == [len(history.entries)]
    assert {found.rule for found in numbers.values() if found is not None} == {"no-report-to-answer"}


OFFERED = {"never asked": (None, True), "27 days ago": (27, False), "28 days ago": (28, True)}


@pytest.mark.parametrize("name", OFFERED)
def test_questions_are_offered_each_month_of_a_course(name: str) -> None:
    days, offered = OFFERED[name]
    history = HistoryFactory().begun()
    if days is not None:
        history.enter(60 - days, LITTLE)
    assert is_mood_offered(history.ask(60).history) is offered
    assert not is_mood_offered(history.enter(60, Discontinued("r")).ask(61).history)


def test_questions_are_offered_by_when_they_were_asked_last() -> None:
    history = HistoryFactory().begun().enter(10, LITTLE).enter(50, LITTLE)
    assert not is_mood_offered(history.ask(77).history)
    assert is_mood_offered(history.ask(78).history)


@pytest.mark.parametrize("raw", [(), ("a", "a"), "a", [1]], ids=repr)
def test_symptoms_are_at_least_one_and_each_once(raw: object) -> None:
    with pytest.raises(ValueError, match=r"not-listed|methods-not-acceptable"):
        codes(raw)


def test_urgencies_stand_in_order() -> None:
    assert URGENCIES == ("ambulance", "today", "next-time")
