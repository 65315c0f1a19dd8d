"""Finds English on a page that is in Spanish: a message of the catalog that was not translated, or a common word."""

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser

from accounts.models import User
from config import catalogs
from patients.models import Pharmacy, Prescriber

#: Words of English that no sentence can do without, and that are none in Spanish.
COMMON = frozenset(re.findall(r"\w+", """
    the and you your with this that from not was were are is be of to by for on at it its or if who which what when
    until after before here there have has had been will can cannot must may they them their she his her we our
"""))  # fmt: skip
#: Languages by their own names: English wherever they stand.
OWN_NAMES = frozenset({"English"})
#: Messages that are words of Spanish too, with another sense.
ALSO_SPANISH = {"Decide", "late"}
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
_SAID = ("aria-label", "title", "alt", "placeholder")
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}|%%|<[^>]+>")


class Visible(HTMLParser):
    """The text of a page as it is read or heard, without what says itself to be in another language."""

    def __init__(self, page: str, language: str = "es") -> None:
        super().__init__()
        self.language = language
        self.texts: list[str] = []
        self._open: list[tuple[str, bool]] = []
        self._hidden = 0  # so many of those that are open
        self.feed(page)

    def updatepos(self, i: int, j: int) -> int:
        """Nobody asks in which line something stands."""
        return j

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        other = (given.get("lang") or self.language) != self.language
        hidden = other or tag in ("script", "style", "textarea")
        if not (hidden or self._hidden):
            self.texts += [given[name] or "" for name in _SAID if name in given]
            if tag == "input" and given.get("type") in ("submit", "button"):
                self.texts.append(given.get("value") or "")
        if tag not in _VOID:
            self._open.append((tag, hidden))
            self._hidden += hidden

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        while self._open and any(opened == tag for opened, _hidden in self._open):
            opened, hidden = self._open.pop()
            self._hidden -= hidden
            if opened == tag:
                break

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.texts.append(data)


def visible_text(page: str | Visible) -> str:
    """All that is read or heard on a page in Spanish, a line each."""
    read = page if isinstance(page, Visible) else Visible(page)
    return "\n".join(text for each in read.texts if (text := " ".join(each.split())))


_WORD = re.compile(r"\w+")
#: A message: itself, its longest literal part, and how it looks when it is filled in.
type Message = tuple[str, str, re.Pattern[str]]


@cache
def _messages() -> dict[str, list[Message]]:
    """Each message that differs in Spanish, by a word without which it stands nowhere; by none where there is none."""
    source = (catalogs.ROOT / "es/LC_MESSAGES/django.po").read_text()
    found = defaultdict[str, list[Message]](list)
    for message in catalogs.read(source):
        texts, strings = _forms(message.id), _forms(message.string)
        for text in texts:
            parts = _PLACEHOLDER.split(text)
            longest = max(parts, key=len).strip()
            # "%(time)s on %(day)s" would be found in any name.
            if (
                text in strings
                or text in ALSO_SPANISH
                or len(re.findall(r"[^\W\d_]", longest)) < (2 if len(parts) == 1 else 8)
            ):
                continue
            pattern = ".{1,80}?".join(
                re.escape(" ".join(part.split())) for part in re.split(r"%\(\w+\)[sd]|\{\w+\}", text)
            )
            part, looks = " ".join(longest.split()), re.compile(rf"(?<![\w@./:-]){pattern}(?![\w@/-])")
            found[_told_by(part, whole=len(parts) == 1)].append((text, part, looks))
    return found


def _told_by(part: str, *, whole: bool) -> str:
    """The longest word of a literal part; what fills the message in may touch the first and the last."""
    words = _WORD.findall(part)
    return max(words if whole else words[1:-1], key=len, default="")


def names_in_the_data() -> frozenset[str]:
    """What people and places are called, which nobody translates."""
    columns = (
        (User, "name"),
        (Prescriber, "practice_name"),
        (Prescriber, "address"),
        (Prescriber, "hours"),
        (Pharmacy, "name"),
    )
    found = {name for model, column in columns for name in model.objects.values_list(column, flat=True)}
    return OWN_NAMES | frozenset(name for name in found if len(name) > 3)


def _forms(text: object) -> tuple[str, ...]:
    return tuple(map(str, text)) if isinstance(text, (tuple, list)) else (str(text),)


#: Lines in which no English was found. Most of a page stands on others too: the names of pages, the footer.
_IN_SPANISH = set[str]()


def english_in(page: str | Visible, data: frozenset[str] = frozenset()) -> list[str]:
    """The English of a page in Spanish, but for what stands in the data."""
    shown = visible_text(page)
    for name in sorted(data, key=len, reverse=True):
        shown = shown.replace(name, " ")
    # A message stands in one line: pages are read line by line, each line once.
    lines = {line for line in shown.splitlines() if line not in _IN_SPANISH}
    unread = "\n".join(sorted(lines))
    found = [*_untranslated(unread), *_common(unread)]
    if not found:
        _IN_SPANISH.update(lines)
    return found


def _untranslated(shown: str) -> Iterator[str]:
    messages = _messages()
    likely = (one for word in {"", *_WORD.findall(shown)} for one in messages.get(word, ()))
    for text, part, pattern in likely:
        if part in shown and (match := pattern.search(shown)):
            line = shown[shown.rfind("\n", 0, match.start()) + 1 :].split("\n", 1)[0]
            yield f"not translated: {text} in {line[:120]!r}"


def _common(shown: str) -> Iterator[str]:
    for line in shown.splitlines():
        line = re.sub(r"\bmay(?= \d{4}\b)", "", line)  # mayo, in short
        words = {word for word in re.findall(r"(?<![\w@./:-])[^\W\d_]+(?![\w@/-])", line) if word.lower() in COMMON}
        if words:
            yield f"English: {', '.join(sorted(words))} in {line[:120]!r}"
