"""Renders a message: the words of a kind for one reader, in their language, with days and times as their clock has
them beside the program's. It says from which practice it comes or, to staff, by number and initials whom it is about.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import translation

from accounts.languages import LANGUAGES
from accounts.roles import DESIGNEE
from compliance.rules.blockers import GUARDIAN, PATIENT, PRESCRIBER
from compliance.words import digest_lines, notices
from compliance.words.notices import NoticeWords
from outbox import RenderedMessage
from outbox.sms import letters_left
from patients.models import Patient
from ui import times, zone
from ui.navigation import Words
from ui.numbers import patient_number

from . import hours
from .recipients import Recipient

_BETWEEN = {"subject": " / ", "body": "\n\n--------\n\n"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a message says besides the words of its kind."""

    path: str = "/"
    #: The day it names, or the instant.
    on: date | None = None
    #: Whether something begins on that day; otherwise it ends then.
    is_first: bool = False
    until: datetime | None = None
    #: Who still has to act, where it says so.
    acts: tuple[str, ...] = ()
    #: Whom it is about.
    patient: Patient | None = None
    #: What else its words have places for.
    values: Mapping[str, str] | None = None
    #: From when on it makes no sense; and the hours of the reader's clock that narrow that (`Notice.from_hour`).
    over_at: datetime | None = None
    from_hour: int | None = None
    until_hour: int | None = None


@dataclass(frozen=True, slots=True)
class ForReader(RenderedMessage):
    """A message that knows its reader: when it goes follows from their clock, and by which channel, they choose."""

    reader: Recipient = field(kw_only=True)
    side: str = field(kw_only=True)
    content: Content = field(kw_only=True)
    #: The same in a text message.
    text: str = field(kw_only=True)

    @property
    def chosen_as(self) -> str:
        """The side on which they chose."""
        return DESIGNEE if self.reader.by_choice else self.side

    @property
    def clock(self) -> ZoneInfo:
        """The zone by whose clock it is sent: the reader's, or the program's while none is known."""
        return self.reader.zone or zone.program()

    @property
    def over_at(self) -> datetime | None:
        """From when on it makes no sense to this reader."""
        return self._at_hour(self.content.until_hour) or self.content.over_at

    @property
    def goes_from(self) -> datetime | None:
        """Before when it does not go to this reader."""
        return self._at_hour(self.content.from_hour)

    def _at_hour(self, hour: int | None) -> datetime | None:
        if hour is None or self.content.over_at is None:
            return None
        return hours.latest(self.content.over_at, time(hour), self.clock)


def render(words: NoticeWords, to: Recipient, side: str, content: Content) -> ForReader:
    """The message to that person, who stands on that side."""
    # To somebody invited of whom it is not known, in each.
    languages = [to.language or settings.LANGUAGE_CODE] if to.language or not to.is_invited else LANGUAGES
    subjects, bodies, texts = [], [], []
    for language in languages:
        with _words_of(to, language):
            values = _values(side, content)
            subjects.append(_filled(words.subject, values))
            texts.append(_text(words, values))
            bodies.append("\n\n".join(filter(None, (_filled(words.body, values), _below(side, content.patient)))))
    return ForReader(
        to.address, _BETWEEN["subject"].join(dict.fromkeys(subjects)), _BETWEEN["body"].join(dict.fromkeys(bodies)),
        reader=to, side=side, content=content, text=texts[0],
    )  # fmt: skip


def _text(words: NoticeWords, values: Mapping[str, str]) -> str:
    """The text message. Where the link to the very page makes two of it, it leads to the front page."""
    text = _filled(words.text, values)
    return text if letters_left(text) >= 0 else _filled(words.text, {**values, "{link}": settings.SITE_URL})


def footer(to: Recipient, url: str) -> str:
    """Below a message that its reader may switch off: how."""
    languages = [to.language or settings.LANGUAGE_CODE] if to.language or not to.is_invited else LANGUAGES
    texts = []
    for language in languages:
        with translation.override(language):
            texts.append(_filled(notices.UNSUBSCRIBE, {"{link}": url}))
    return "\n".join(dict.fromkeys(texts))


def in_lines(found: Sequence[tuple[str, ForReader]]) -> str:
    """Messages to one reader as lines, each with its kind: what closes first comes first, the same thing once."""
    reader = found[0][1].reader
    groups: dict[str, dict[str, None]] = {}
    with _words_of(reader, reader.language or settings.LANGUAGE_CODE):
        for kind, one in sorted(found, key=lambda line: _closes(line[1].content)):
            groups.setdefault(_heading(one.content), {})[_line(kind, one)] = None
    return "\n\n".join("\n\n".join((heading, *lines)) for heading, lines in groups.items())


def no_more_of(found: Sequence[tuple[str, ForReader]], link: Callable[[str, ForReader], str]) -> str:
    """Below lines that their reader may switch off: how, once for each kind."""
    reader = found[0][1].reader
    ends: dict[str, None] = {}
    with _words_of(reader, reader.language or settings.LANGUAGE_CODE):
        for kind, one in found:
            text = _filled(digest_lines.LINES[kind], _values(one.side, one.content))
            ends[_filled(digest_lines.NO_MORE, {"{text}": text, "{link}": link(kind, one)})] = None
    return "\n\n".join(ends)


def _closes(content: Content) -> tuple[date, bool]:
    return content.on or date.max, content.is_first


def _heading(content: Content) -> str:
    if content.on is None:
        return str(digest_lines.NO_DAY)
    text = digest_lines.BEGINS if content.is_first else digest_lines.ENDS
    return _filled(text, _values(PRESCRIBER, content))


def _line(kind: str, one: ForReader) -> str:
    values = _values(one.side, one.content)
    text, patient = _filled(digest_lines.LINES[kind], values), one.content.patient
    if patient is not None:
        initials = _initials(patient)
        text = _filled(
            digest_lines.ABOUT if initials else digest_lines.ABOUT_WITHOUT_NAME,
            {"{number}": patient_number(patient.number), "{initials}": initials, "{text}": text},
        )
    return f"- {text}\n  {values['{link}']}"


@contextmanager
def _words_of(to: Recipient, language: str) -> Iterator[None]:
    """That language, with the reader's clock."""
    token = zone.reader.set(to.zone)
    try:
        with translation.override(language):
            yield
    finally:
        zone.reader.reset(token)


def _filled(text: Words, values: Mapping[str, str]) -> str:
    result = str(text)
    for name, value in values.items():
        result = result.replace(name, value)
    return result


def _values(side: str, content: Content) -> dict[str, str]:
    """By placeholder."""
    values = {"{link}": f"{settings.SITE_URL}{content.path}", "{own}": ""} | dict(content.values or {})
    on = content.on
    if content.until is not None:
        on, values["{time}"] = times.program_day_and_time(content.until)
    if on is not None:
        values["{date}"] = times.plain_day(on, str(notices.DAY_PATTERN))
        own = times.own_time(zone.begin_of(on) if content.is_first else zone.end_of(on), named=on)
        values["{own}"] = f" ({own})" if own else ""
    sentences = [str(notices.MISSING[side][who]) for who in content.acts] if side in notices.MISSING else []
    values["{missing}"] = " ".join(sentences) or str(notices.NOTHING_MISSING)
    return values


def _below(side: str, patient: Patient | None) -> str:
    """The practice and its telephone to a patient and a guardian; number and initials to staff."""
    if patient is None:
        return ""
    if side in (PATIENT, GUARDIAN):
        return _practice(patient)
    initials = _initials(patient)
    text = notices.ABOUT_PATIENT if initials else notices.ABOUT_PATIENT_WITHOUT_NAME
    return _filled(text, {"{number}": patient_number(patient.number), "{initials}": initials})


def _initials(patient: Patient) -> str:
    letters = (next((c for c in name if c.isalnum()), "") for name in (patient.given_name, patient.family_name))
    return " ".join(f"{letter}." for letter in letters if letter)


def _practice(patient: Patient) -> str:
    """Not its name, where that gives away what is treated there."""
    name, phone = harmless_name(patient.prescriber.practice_name), harmless_phone(patient.prescriber.phone)
    if any(word in name.lower() for word in notices.FORBIDDEN):
        return phone
    text = notices.FROM_PRACTICE if phone else notices.FROM_PRACTICE_WITHOUT_PHONE
    return _filled(text, {"{practice}": name, "{phone}": phone})


def harmless_name(name: str) -> str:
    """A name that somebody typed, without anything that a mail program makes a link of."""
    return re.sub(r"\.(?=\S)", ". ", re.sub(r"[^\w .,'&()-]", "", name)).strip()


def harmless_phone(phone: str) -> str:
    """A telephone number that somebody typed, without anything else."""
    return re.sub(r"[^\d +().x-]", "", phone).strip()
