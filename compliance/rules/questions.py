"""The questions that came with a no, and which of them the practice has not answered yet. They decide nothing."""

from .care.questions import QuestionAnswered, QuestionAsked
from .history import History
from .records import Entry


def questions_asked(history: History) -> list[Entry]:
    """Every question of the course that is open, oldest first."""
    return [entry for entry, _record in history.in_course(QuestionAsked)]


def open_questions(history: History) -> list[Entry]:
    """Those after which no answer was noted."""
    answers = [entry.number for entry, _record in history.of(QuestionAnswered)]
    return [entry for entry in questions_asked(history) if not any(number > entry.number for number in answers)]


def open_question_of(history: History, signer: str) -> Entry | None:
    """The latest unanswered question of that signer (patient or guardian)."""
    return next((e for e in reversed(open_questions(history)) if _signer(e) == signer), None)


def _signer(entry: Entry) -> str:
    assert isinstance(entry.record, QuestionAsked)
    return entry.record.signer
