"""Reads documents and the question bank from their files, `files/<code>/<version>/<language>.json`."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache, lru_cache
from pathlib import Path

FILES = Path(__file__).parent / "files"

#: What was published, by path below FILES: SHA-256. A text is never changed; what is new is a new version.
PUBLISHED = Path(__file__).parent / "published.json"

FALLBACK = "en"

#: The texts there are. What comes from an address is looked for here before it becomes a path or is kept in memory.
CODES = frozenset(path.name for path in FILES.iterdir() if path.is_dir())

#: Their languages.
LANGUAGES = frozenset(path.stem for path in FILES.glob("*/*/??.json"))

#: How many digits a version's number may have.
_DIGITS = 4


#: What of an item a guardian may have words of their own for.
SPOKEN = ("heading", "text", "statement")


@dataclass(frozen=True, slots=True)
class Item:
    """One item: what is to be read, and the statement that is agreed to, or what is most to be kept in mind."""

    id: str
    heading: str
    text: str
    statement: str
    #: `tested`: for those of whom tests are asked; empty: for everybody. Only what nobody signs has such items.
    only_for: str = ""
    #: What a guardian reads in place of `heading`, `text` or `statement`, where the patient's words are not theirs.
    guardian: Mapping[str, str] = field(default_factory=dict)
    #: What is read as a list below the text. Only what nobody signs has such.
    points: tuple[str, ...] = ()

    def for_guardian(self) -> "Item":
        """The item as a guardian reads it."""
        heading, text, statement = (self.guardian.get(name, getattr(self, name)) for name in SPOKEN)
        return replace(self, guardian={}, heading=heading, text=text, statement=statement)


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
    #: What a guardian reads in place of `title` and `introduction`.
    guardian: Mapping[str, str] = field(default_factory=dict)

    def for_untested(self) -> "Document":
        """The text for somebody of whom no tests are asked."""
        return replace(self, items=tuple(item for item in self.items if item.only_for != "tested"))

    def for_guardian(self) -> "Document":
        """The text as a guardian reads it: each sentence one that a guardian can say. The same file, and its hash.

        A version without such words, as the first ones are, is read by both as it stands.
        """
        items = tuple(item.for_guardian() for item in self.items)
        title, introduction = (self.guardian.get(name, getattr(self, name)) for name in ("title", "introduction"))
        return replace(self, items=items, guardian={}, title=title, introduction=introduction)


@dataclass(frozen=True, slots=True)
class Question:
    """A question of the bank; `right` is the place of the right choice, from 0."""

    id: str
    topic: str
    question: str
    choices: tuple[str, ...]
    right: int
    explanation: str
    #: As of an item: `tested`, for those of whom tests are asked. Only surveys have such questions.
    only_for: str = ""


def path_of(code: str, version: int, language: str) -> Path:
    """Where that text is, if it is there. Raises FileNotFoundError for what cannot be the name of one."""
    if code not in CODES or len(str(version)) > _DIGITS or len(language) != len(FALLBACK) or not language.isalpha():
        raise FileNotFoundError
    return FILES / code / str(version) / f"{language}.json"


@dataclass(frozen=True, slots=True)
class Version:
    """From which day a version is the one to sign, and whether those who signed an older one sign it again."""

    number: int
    from_day: date
    sign_again: bool


def _is_there(code: str, version: int, language: str) -> bool:
    try:
        return path_of(code, version, language).exists()
    except FileNotFoundError:
        return False


@lru_cache(maxsize=64)
def versions(code: str) -> tuple[Version, ...]:
    """The versions of a text, oldest first; none for a code that nobody knows."""
    if code not in CODES:
        return ()
    result = []
    for path in sorted((FILES / code).glob("*/version.json"), key=lambda path: int(path.parent.name)):
        payload = json.loads(path.read_text())
        result.append(Version(int(path.parent.name), date.fromisoformat(payload["from"]), payload["sign_again"]))
    return tuple(result)


def version_on(code: str, on: date) -> int:
    """The version that is signed on that day; the first, before it was published. Raises LookupError."""
    every = versions(code)
    if not every:
        raise LookupError(code)
    return max((version.number for version in every if version.from_day <= on), default=every[0].number)


def signed_again(code: str) -> list[tuple[int, date]]:
    """The versions that are to be signed again, and from which day."""
    return [(version.number, version.from_day) for version in versions(code) if version.sign_again]


def current(code: str, language: str = FALLBACK, *, on: date) -> Document:
    """The version that is signed on that day, in that language, or in English where there is none in it."""
    version = version_on(code, on)
    return load(code, version, language if _is_there(code, version, language) else FALLBACK)


def languages(code: str, *, on: date) -> tuple[str, ...]:
    """The languages in which the version of that day can be read; none for a code that nobody knows."""
    if not versions(code):
        return ()
    folder = FILES / code / str(version_on(code, on))
    return tuple(sorted(path.stem for path in folder.glob("??.json")))


@cache
def load(code: str, version: int, language: str) -> Document:
    """That very text. Raises FileNotFoundError where there is none."""
    raw = path_of(code, version, language).read_bytes()
    data = json.loads(raw)
    return Document(
        code=code,
        version=version,
        language=language,
        title=data["title"],
        introduction=data["introduction"],
        items=tuple(Item(**item | {"points": tuple(item.get("points", ()))}) for item in data["items"]),
        sha256=hashlib.sha256(raw).hexdigest(),
        guardian=data.get("guardian", {}),
    )


def is_that(code: str, version: int, language: str, sha256: str) -> bool:
    """Whether the text of that name has that hash; False where there is none."""
    try:
        return load(code, version, language).sha256 == sha256
    except FileNotFoundError:
        return False


def bytes_of(document: Document) -> bytes:
    """The very bytes of a text's file."""
    return path_of(document.code, document.version, document.language).read_bytes()


#: What is read with each fill, and signed by nobody.
GUIDE = "medication-guide"

#: The surveys for the yearly assessment, by the readers of whom they ask.
SURVEYS = ("survey-patient", "survey-prescriber", "survey-pharmacist")

#: The question banks: of the patient's month, of a pharmacy's yearly training, and of the surveys.
QUESTION_BANKS = ("questions", "pharmacy-questions", *SURVEYS)


@cache
def questions(language: str = FALLBACK, *, version: int, bank: str = QUESTION_BANKS[0]) -> tuple[Question, ...]:
    """A question bank in that version and language, in English where there is none in it."""
    path = path_of(bank, version, language)
    data = json.loads((path if path.exists() else path_of(bank, version, FALLBACK)).read_bytes())
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


def changed() -> list[str]:
    """What is not as it was published: files that were changed, that are missing, or that nobody published."""
    pinned: dict[str, str] = json.loads(PUBLISHED.read_text())
    present = {
        path.relative_to(FILES).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in FILES.rglob("*.json")
    }
    return sorted(name for name in pinned.keys() | present.keys() if pinned.get(name) != present.get(name))
