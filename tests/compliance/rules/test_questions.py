"""Questions that came with a no: the practice sees those of the course, and is asked until an answer is noted."""

from collections.abc import Callable, Sequence
from datetime import date

import pytest

from compliance.rules.care.questions import QuestionAnswered, QuestionAsked
from compliance.rules.questions import open_question_of, open_questions, questions_asked
from compliance.rules.records import Counselled, Discontinued, Enrolled, Entry
from tests.histories import CAN, HistoryFactory

START = date(2026, 10, 1)
MINOR = date(2012, 4, 2)


def asked(day: int, signer: str = "patient", history: HistoryFactory | None = None) -> HistoryFactory:
    return (history or HistoryFactory(START, MINOR)).enter(day, QuestionAsked("birth-defects", signer, "ab" * 32))


def answered() -> HistoryFactory:
    return asked(1).enter(2, QuestionAnswered())


def ended() -> HistoryFactory:
    """The course ended while a question was open."""
    return asked(1).enter(3, Discontinued("r"))


def both() -> HistoryFactory:
    """Patient, guardian, and the patient once more."""
    return asked(4, "patient", asked(3, "guardian", asked(2)))


#: Name -> (a history, the days of the questions asked, of those open, and of the one shown to patient and guardian).
CASES: dict[str, tuple[Callable[[], HistoryFactory], list[int], list[int], int | None, int | None]] = {
    "nobody asked": (lambda: HistoryFactory(START, MINOR), [], [], None, None),
    "asked by the patient": (lambda: asked(1), [1], [1], 1, None),
    "asked by the guardian": (lambda: asked(1, "guardian"), [1], [1], None, 1),
    "asked by both: to each signer their own, the latest": (both, [2, 3, 4], [2, 3, 4], 4, 3),
    "a visit is no answer": (lambda: asked(1).enter(2, Counselled(START)), [1], [1], 1, None),
    "answered: it stays on the list": (answered, [1], [], None, None),
    "one answer is for all who asked before it": (
        lambda: both().enter(5, QuestionAnswered()), [2, 3, 4], [], None, None),
    "asked anew after the answer": (lambda: asked(3, history=answered()), [1, 3], [3], 3, None),
    "answered, asked and answered": (
        lambda: asked(3, history=answered()).enter(4, QuestionAnswered()), [1, 3], [], None, None),
    "the course ended": (ended, [], [], None, None),
    "another course: a question of the last one is over": (
        lambda: ended().enter(6, Enrolled(CAN, prescriber="p")), [], [], None, None),
    "asked in another course": (
        lambda: asked(7, history=ended().enter(6, Enrolled(CAN, prescriber="p"))), [7], [7], 7, None),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_questions_of_the_course_wait_for_an_answer(name: str) -> None:
    make, on_the_list, waiting, of_patient, of_guardian = CASES[name]
    made = make()
    history = made.ask(10).history

    def days(entries: Sequence[Entry | None]) -> list[int | None]:
        return [(history.day_of(entry.at) - START).days if entry is not None else None for entry in entries]

    assert days(questions_asked(history)) == on_the_list
    assert days(open_questions(history)) == waiting
    assert days([open_question_of(history, signer) for signer in ("patient", "guardian")]) == [of_patient, of_guardian]
