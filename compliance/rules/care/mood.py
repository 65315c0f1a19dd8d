"""How a patient feels: the PHQ-2, and the PHQ-9 where it says so. Pure scoring; no gate asks for any of it.

Scoring: Kroenke, Spitzer, Williams, "The PHQ-9", J Gen Intern Med 2001; "The Patient Health Questionnaire-2", Med Care
2003. The words of the questions are in `documents/files/mood`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..fields import listed, number, text
from ..record import Record

PHQ2, PHQ9 = "phq-2", "phq-9"

#: The questions of each instrument, by their numbers in the PHQ-9.
ITEMS: Mapping[str, tuple[int, ...]] = {PHQ2: (1, 2), PHQ9: tuple(range(1, 10))}

#: The question about thoughts of being better off dead, or of hurting oneself.
NINTH = 9

#: An answer is one of these: not at all, several days, more than half the days, nearly every day.
ANSWERS = (0, 1, 2, 3)

#: From this sum of the first two on the other seven are asked.
GOES_ON_FROM = 3

#: The two bands of the PHQ-9 of which the practice is told before the next visit.
SEVERE, MODERATELY_SEVERE = "severe", "moderately-severe"

#: From which score on each band of the PHQ-9 holds, highest first.
BANDS: tuple[tuple[int, str], ...] = (
    (20, SEVERE), (15, MODERATELY_SEVERE), (10, "moderate"), (5, "mild"), (0, "minimal"),
)  # fmt: skip

#: From this score of the PHQ-9 on the practice talks about it at the next visit.
TALKED_ABOUT_FROM = 10


def answered(raw: object) -> Mapping[str, int]:
    """Answers by the number of their question. Raises ValueError for what is no answer to a question of the PHQ-9."""
    if not isinstance(raw, Mapping):
        raise ValueError("not-listed")
    result: dict[str, Any] = dict(raw)
    if not result or not result.keys() <= {str(item) for item in ITEMS[PHQ9]}:
        raise ValueError("not-listed")
    if any(number(answer) not in ANSWERS for answer in result.values()):
        raise ValueError("not-listed")
    return result


@dataclass(frozen=True, slots=True)
class MoodAnswered(Record):
    """The patient answered the questions about how they feel: which, in which version and language, and how.

    The PHQ-9 is recorded before it is complete where its ninth question was answered by anything but "not at all".
    """

    kind = "mood_answered"
    readers = {"instrument": listed(*ITEMS), "version": number, "language": text, "answers": answered}
    instrument: str
    version: int
    language: str
    answers: Mapping[str, int]

    @property
    def score(self) -> int:
        """The sum of the answers."""
        return sum(self.answers.values())

    @property
    def is_complete(self) -> bool:
        """Whether every question of the instrument was answered: only then the score means something."""
        return {str(item) for item in ITEMS[self.instrument]} <= self.answers.keys()

    @property
    def highest(self) -> int:
        """The greatest score there can be."""
        return ANSWERS[-1] * len(ITEMS[self.instrument])

    @property
    def band(self) -> str:
        """How severe it is, by the PHQ-9; empty where that was not asked, or not all of it."""
        return band(self.score) if self.instrument == PHQ9 and self.is_complete else ""

    @property
    def is_urgent(self) -> bool:
        """Whether the ninth question was answered by anything but "not at all"."""
        return thinks_of_harm(self.answers)

    @property
    def is_crisis(self) -> bool:
        """Whether the patient thinks of harm: what makes it urgent."""
        return self.is_urgent

    @property
    def is_to_be_talked_about(self) -> bool:
        """Whether the practice talks about it at the next visit."""
        return self.instrument == PHQ9 and self.score >= TALKED_ABOUT_FROM


def band(score: int) -> str:
    """The band of a score of the PHQ-9."""
    return next(name for least, name in BANDS if score >= least)


def thinks_of_harm(answers: Mapping[str, int]) -> bool:
    """Whether the ninth question was answered by anything but "not at all"."""
    return answers.get(str(NINTH), 0) > 0


def goes_on(answers: Mapping[str, int]) -> bool:
    """Whether the first two are answered, and their sum asks for the other seven."""
    first = [str(item) for item in ITEMS[PHQ2]]
    return all(item in answers for item in first) and sum(answers[item] for item in first) >= GOES_ON_FROM


def next_item(answers: Mapping[str, int]) -> int | None:
    """The question to ask next; None where all that are asked are answered."""
    asked = ITEMS[PHQ9] if goes_on(answers) else ITEMS[PHQ2]
    return next((item for item in asked if str(item) not in answers), None)


def settled(answers: Mapping[str, int]) -> Mapping[str, int]:
    """The answers that count: without those to questions that are not asked any more, but never without the ninth where
    it thinks of harm."""
    if goes_on(answers) or thinks_of_harm(answers):
        return answers
    return {item: answer for item, answer in answers.items() if int(item) in ITEMS[PHQ2]}


def instrument_of(answers: Mapping[str, int]) -> str:
    """Which instrument these answers are of."""
    return PHQ9 if goes_on(answers) or answers.keys() - {str(item) for item in ITEMS[PHQ2]} else PHQ2
