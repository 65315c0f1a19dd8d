"""Reads documents and the question bank from their files, `files/<code>/<version>/<language>.json`."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILES = Path(__file__).parent / "files"

#: The version of each document that is signed today.
CURRENT: Mapping[str, int] = {
    "patient-information": 1,
    "birth-defects": 1,
    "medication-guide": 1,
    "prescriber-attestation": 1,
    "pharmacy-attestation": 1,
    "questions": 1,
}

FALLBACK = "en"


@dataclass(frozen=True, slots=True)
class Item:
    """One item: what is to be read, and the statement that is agreed to."""

    id: str
    heading: str
    text: str
    statement: str


@dataclass(frozen=True, slots=True)
class Document:
    """A text in one version and language; `sha256` is that of the file's very bytes."""

    code: str
    version: int
    language: str
    title: str
    introduction: str
    items: tuple[Item, ...]
    sha256: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question of the bank; `right` is the place of the right choice, from 0."""

    id: str
    topic: str
    question: str
    choices: tuple[str, ...]
    right: int
    explanation: str


def _path(code: str, version: int, language: str) -> Path:
    return FILES / code / str(version) / f"{language}.json"


def current(code: str, language: str = FALLBACK) -> Document:
    """The version that is signed today, in that language, or in English where there is none in it."""
    version = CURRENT[code]
    return load(code, version, language if _path(code, version, language).exists() else FALLBACK)


@cache
def load(code: str, version: int, language: str) -> Document:
    """That very text. Raises FileNotFoundError where there is none."""
    raw = _path(code, version, language).read_bytes()
    data = json.loads(raw)
    return Document(
        code=code,
        version=version,
        language=language,
        title=data["title"],
        introduction=data["introduction"],
        items=tuple(Item(**item) for item in data["items"]),
        sha256=hashlib.sha256(raw).hexdigest(),
    )


@cache
def questions(language: str = FALLBACK) -> tuple[Question, ...]:
    """The question bank."""
    version = CURRENT["questions"]
    path = _path("questions", version, language)
    data = json.loads((path if path.exists() else _path("questions", version, FALLBACK)).read_bytes())
    return tuple(Question(**(row | {"choices": tuple(row["choices"])})) for row in data["questions"])


def pick(seed: str, bank: Sequence[Question], count: int = 5) -> list[Question]:
    """`count` questions, the same for the same seed, with every topic among them while there are enough places."""

    def place(question: Question) -> bytes:
        return hashlib.sha256(f"{seed}:{question.id}".encode()).digest()

    shuffled = sorted(bank, key=place)
    first_of_topic = {question.topic: question for question in reversed(shuffled)}
    chosen = sorted(first_of_topic.values(), key=place)[:count]
    rest = [question for question in shuffled if question not in chosen]
    return (chosen + rest)[:count]


def published() -> dict[str, str]:
    """The SHA-256 of every file, by its path below `files`."""
    return {
        path.relative_to(FILES).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(FILES.rglob("*.json"))
    }
