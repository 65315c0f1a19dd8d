"""Search among the patients of a practice: by full name in any order, number, birth date or telephone number.

The names of a practice are compared without accents and case, word by word: the rows to compare are found by the index
of the practice.
"""

import re
from datetime import date

from django.core.exceptions import ValidationError
from django.db.models import CharField, F, Func, Q, QuerySet, Value
from django.db.models.functions import Concat, Lower
from django.forms import DateField

from .duplicates import phone_key
from .models import Patient
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

#: What separates the words of a name, as PostgreSQL and Python read it.
_SEPARATORS = r"[\s.,/\-‐‑–]+"
_APOSTROPHES = "['’‘ʼʻ`´]"


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
    elif re.fullmatch(r"[\d\s()+./-]+", text) and len(digits := phone_key(text)) >= _LEAST_DIGITS:
        found |= Q(phone_key__contains=digits)
    if words := _words(text):
        rows = rows.annotate(
            sought_plain=Concat(Value(" "), _plain_name(), output_field=CharField()),
            sought_typed=Concat(Value(" "), Lower(_whole_name()), output_field=CharField()),
            sought_key=Concat(Value(" "), F("name_key"), output_field=CharField()),
        )
        named = Q()
        for word in words:
            named &= _begins(word)
        found |= named
    return rows.filter(found)


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


def _words(text: str) -> list[str]:
    """The words of the text, without apostrophes."""
    return [word for word in re.split(_SEPARATORS, re.sub(_APOSTROPHES, "", text.lower())) if word][:_MOST_WORDS]


def _begins(word: str) -> Q:
    """A word of the name begins with this one: as typed, without accents, or as names that are alike are kept."""
    named = Q(sought_typed__contains=f" {word}")
    if folded := plain(word):
        named |= Q(sought_plain__contains=f" {folded}")
    if kept := joined(word):
        named |= Q(sought_key__contains=f" {kept}")
    return named


def _whole_name() -> Func:
    """The name with what stands between its words as one space; with an apostrophe as a letter's part, and as a space:
    O'Neill is found as `oneill` and as `neill`.
    """
    whole = Concat(F("given_name"), Value(" "), F("family_name"), Value(" "), output_field=CharField())
    ways = [Func(whole, Value(_APOSTROPHES), Value(to), Value("g"), function="regexp_replace") for to in ("", " ")]
    both = Concat(*ways, output_field=CharField())
    return Func(both, Value(_SEPARATORS), Value(" "), Value("g"), function="regexp_replace", output_field=CharField())


def _plain_name() -> Func:
    """The name in small letters without accents, as `names.plain` makes it of Latin letters."""
    apart = Func(_whole_name(), template="normalize(%(expressions)s, NFKD)")
    unmarked = Func(apart, Value("[\u0300-\u036f]"), Value(""), Value("g"), function="regexp_replace")
    latin = Func(Lower(unmarked), Value("øłđðıħŧ"), Value("olddiht"), function="translate")
    return Func(latin, Value("ß"), Value("ss"), function="replace", output_field=CharField())
