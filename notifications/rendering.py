"""Renders a message: the words of a kind for one reader, in their language, with days and times as their clock has
them beside the program's. It says from which practice it comes or, to staff, by number and initials whom it is about.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime

from django.conf import settings
from django.utils import translation

from accounts.languages import LANGUAGES
from accounts.roles import DESIGNEE
from compliance.rules.blockers import GUARDIAN, PATIENT
from compliance.words import notices
from compliance.words.notices import NoticeWords
from outbox import RenderedMessage
from outbox.sms import letters_left
from patients.models import Patient
from ui import times, zone
from ui.navigation import Words

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


@dataclass(frozen=True, slots=True)
class ForReader(RenderedMessage):
    """A message that knows its reader: by which channel it goes, they choose."""

    reader: Recipient = field(kw_only=True)
    #: The side on which they chose.
    chosen_as: str = field(kw_only=True)
    #: The same in a text message.
    text: str = field(kw_only=True)


def render(words: NoticeWords, to: Recipient, side: str, content: Content) -> ForReader:
    """The message to that person, who stands on that side."""
    # To somebody invited of whom it is not known, in each.
    languages = [to.language or settings.LANGUAGE_CODE] if to.language or not to.is_invited else LANGUAGES
    subjects, bodies, texts = [], [], []
    for language in languages:
        with translation.override(language), _clock_of(to):
            values = _values(side, content)
            subjects.append(_filled(words.subject, values))
            texts.append(_text(words, values))
            bodies.append("\n\n".join(filter(None, (_filled(words.body, values), _below(side, content.patient)))))
    return ForReader(
        to.address, _BETWEEN["subject"].join(dict.fromkeys(subjects)), _BETWEEN["body"].join(dict.fromkeys(bodies)),
        reader=to, chosen_as=DESIGNEE if to.by_choice else side, text=texts[0],
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


@contextmanager
def _clock_of(to: Recipient) -> Iterator[None]:
    token = zone.reader.set(to.zone)
    try:
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
    letters = (next((c for c in name if c.isalnum()), "") for name in (patient.given_name, patient.family_name))
    initials = " ".join(f"{letter}." for letter in letters if letter)
    text = notices.ABOUT_PATIENT if initials else notices.ABOUT_PATIENT_WITHOUT_NAME
    return _filled(text, {"{number}": patient.number, "{initials}": initials})


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
