"""What a patient reports of the medicine, and what the practice answers. No gate asks for any of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from ..fields import flag, listed, methods, number, plain, text
from ..record import Record

AMBULANCE, TODAY, NEXT_TIME = "ambulance", "today", "next-time"

#: What is to be done about a symptom, the most urgent first.
URGENCIES = (AMBULANCE, TODAY, NEXT_TIME)

#: Symptoms with which the page of the crisis lines opens at once.
OF_CRISIS = frozenset({"harm", "harm-others"})


def codes(raw: object) -> tuple[str, ...]:
    """Codes of symptoms, one at least and each once."""
    result = methods(raw)
    if not result or len(set(result)) != len(result):
        raise ValueError("not-listed")
    return result


@dataclass(frozen=True, slots=True)
class SideEffectReported(Record):
    """The patient reports symptoms: which, by which version of the table, and how urgent the patient was told it is.

    What was told follows from table and codes; `sealed` has the patient's own words.
    """

    kind = "side_effect_reported"
    readers = {
        "symptoms": codes, "version": number, "language": text, "urgency": listed(*URGENCIES), "sealed": plain,
    }  # fmt: skip
    symptoms: tuple[str, ...]
    version: int
    language: str
    urgency: str
    sealed: Mapping[str, str] | None = None

    @property
    def is_urgent(self) -> bool:
        """Whether the practice is told at once."""
        return self.urgency != NEXT_TIME

    @property
    def is_for_ambulance(self) -> bool:
        """Whether the patient was told to call an ambulance."""
        return self.urgency == AMBULANCE

    @property
    def is_crisis(self) -> bool:
        """Whether the patient thinks of harm."""
        return not OF_CRISIS.isdisjoint(self.symptoms)


@dataclass(frozen=True, slots=True)
class ReportAnswered(Record):
    """The practice answers what the patient reported, up to the record of that number: whether somebody talked with
    the patient, and what the patient reads (`sealed`)."""

    kind = "report_answered"
    readers = {"report": number, "talked": flag, "sealed": plain}
    report: int
    talked: bool
    sealed: Mapping[str, str] | None = None
