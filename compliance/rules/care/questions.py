"""Questions that a signer types beside a no, and their answer: notes between a patient and the practice."""

from dataclasses import dataclass

from ..fields import listed, text
from ..record import Record

SIGNERS = ("patient", "guardian")


@dataclass(frozen=True, slots=True)
class QuestionAsked(Record):
    """A patient or guardian says no to a text, or to one item of it, and asks. The question is erasable text.

    The practice is told at once that somebody has a question, never which. No gate asks for this record.
    """

    kind = "question_asked"
    readers = {"document": text, "signer": listed(*SIGNERS), "question": text, "item": text}
    document: str
    signer: str
    question: str
    item: str | None = None


@dataclass(frozen=True, slots=True)
class QuestionAnswered(Record):
    """The practice has talked about the questions that were asked before this record. No gate asks for it."""

    kind = "question_answered"
    readers = {}
