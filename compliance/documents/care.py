"""The tables that no one signs: the questions about how a patient feels, and the symptoms with what to do about each.

Files like every text: versioned, one a language, each pinned by its SHA-256. `source` says whose words they are.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from .library import FALLBACK, path_of

MOOD, SIDE_EFFECTS = "mood", "side-effects"

#: The codes of these tables, among those of the texts.
TABLES = (MOOD, SIDE_EFFECTS)


@dataclass(frozen=True, slots=True)
class MoodQuestions:
    """The PHQ-9, whose first two questions are the PHQ-2, in its own words."""

    version: int
    language: str
    source: str
    #: The line that goes with the questions wherever they are shown.
    credit: str
    stem: str
    choices: tuple[str, ...]
    items: tuple[str, ...]

    def item(self, number: int) -> str:
        """The question of that number, from 1."""
        return self.items[number - 1]


@dataclass(frozen=True, slots=True)
class Symptom:
    """A symptom in plain words, in which group it stands, and how urgent it is."""

    code: str
    group: str
    urgency: str
    text: str


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do about symptoms of one urgency."""

    urgency: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class SymptomTable:
    """All symptoms in groups, and the advice by urgency, the most urgent first."""

    version: int
    language: str
    source: str
    advice: tuple[Advice, ...]
    groups: tuple[tuple[str, str], ...]
    symptoms: Mapping[str, Symptom]

    def grouped(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """The choices as a form shows them: the title of each group with its codes and words."""
        return [
            (title, [(one.code, one.text) for one in self.symptoms.values() if one.group == group])
            for group, title in self.groups
        ]

    def urgency_of(self, codes: Iterable[str]) -> str:
        """The most urgent of these symptoms decides."""
        found = {self.symptoms[code].urgency for code in codes}
        return next(one.urgency for one in self.advice if one.urgency in found)

    def told(self, codes: Sequence[str]) -> list[tuple[Advice, list[str]]]:
        """What to do about these symptoms, the most urgent first, each with the symptoms that it is about."""
        found = [(one, [self.symptoms[code] for code in codes if code in self.symptoms]) for one in self.advice]
        told = [(one, [symptom.text for symptom in own if symptom.urgency == one.urgency]) for one, own in found]
        return [(one, texts) for one, texts in told if texts]


def _read(code: str, version: int, language: str) -> dict[str, Any]:
    path = path_of(code, version, language)
    data: dict[str, Any] = json.loads((path if path.exists() else path_of(code, version, FALLBACK)).read_bytes())
    return data


@cache
def mood_questions(language: str = FALLBACK, *, version: int) -> MoodQuestions:
    """The questions in that version and language, in English where there are none in it."""
    data = _read(MOOD, version, language)
    return MoodQuestions(
        version, language, data["source"], data["credit"], data["stem"], tuple(data["choices"]), tuple(data["items"])
    )


@cache
def symptom_table(language: str = FALLBACK, *, version: int) -> SymptomTable:
    """The symptoms in that version and language, in English where there are none in it."""
    data = _read(SIDE_EFFECTS, version, language)
    return SymptomTable(
        version, language, data["source"],
        advice=tuple(Advice(**row) for row in data["advice"]),
        groups=tuple((row["id"], row["title"]) for row in data["groups"]),
        symptoms={row["code"]: Symptom(**row) for row in data["symptoms"]},
    )  # fmt: skip
