"""Search among the patients of a practice: by a part of the name, number, birth date or telephone number.

Names are compared without accents and case, word by word and in any order. From three letters on a part of a name is
enough, wherever it stands; less is where a word begins.
"""

import re
from collections.abc import Sequence
from datetime import date

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.forms import DateField

from accounts.plain_words import APOSTROPHES, SEPARATORS

from .duplicates import phone_key
from .models import Patient
from .name_parts import LEAST_LETTERS, as_kept, name_parts
from .names import joined, plain
from .numbers import LENGTH, normalise

#: No longer text is searched for.
LONGEST = 120

#: So many words are compared; more tell nobody apart.
_MOST_WORDS = 6

#: As a birth date is typed, the month first, or as machines write it.
_BIRTH_DATE = DateField(input_formats=["%m/%d/%Y", "%m-%d-%Y", "%m.%d.%Y", "%Y-%m-%d", "%m%d%Y"])

#: Of a telephone number at least so many digits are typed: fewer are part of too many.
_LEAST_DIGITS = 6


def cleaned(typed: str) -> str:
    """What was typed, without what no text column can hold and without spaces around it."""
    return typed.replace("\0", "").strip()[:LONGEST]


def searched(rows: QuerySet[Patient], typed: str) -> QuerySet[Patient]:
    """Those of `rows` that the text finds; all of them where it is empty."""
    text = cleaned(typed)
    if not text:
        return rows
    found = _by_number(text)
    if (born_on := birth_date(text)) is not None:
        found |= Q(born_on=born_on)
    elif is_phone(text) and len(digits := phone_key(text)) >= _LEAST_DIGITS:
        found |= Q(phone_key__contains=digits)
    if words := words_of(text):
        rows, found = rows.annotate(name_parts=name_parts()), found | has_parts(words)
    return rows.filter(found)


def is_phone(text: str) -> bool:
    """Whether all of it can be a telephone number."""
    return re.fullmatch(r"[\d\s()+./-]+", text) is not None


def birth_date(text: str) -> date | None:
    """The day that was typed; None where it is none."""
    try:
        day = _BIRTH_DATE.to_python(text)
    except ValidationError:
        return None
    return day if day is not None and day.year >= 1900 else None


def _by_number(text: str) -> Q:
    """By the patient number, also by its first group alone."""
    number = normalise(text)
    return Q(number__startswith=number) if LENGTH // 2 <= len(number) <= LENGTH else Q(number=number)


def words_of(text: str) -> list[str]:
    """The words of the text, without apostrophes."""
    return [word for word in re.split(SEPARATORS, re.sub(APOSTROPHES, "", text.lower())) if word][:_MOST_WORDS]


def has_parts(words: Sequence[str]) -> Q:
    """Each of the words is a part of the name: of rows that are annotated with `name_parts`."""
    named = Q()
    for word in words:
        ways = {as_kept(word), plain(word), joined(word)} - {""}
        named &= Q.create([("name_parts__contains", _part(way)) for way in sorted(ways)], connector=Q.OR)
    return named


def _part(word: str) -> str:
    """A part of a word from three letters on; of fewer, its beginning."""
    return word if len(word) >= LEAST_LETTERS else f" {word}"
