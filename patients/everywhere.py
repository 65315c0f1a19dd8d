"""Search among all patients of the program, for its office.

Among a million patients nothing is compared row by row: each way to search has an index. Whole names are found in any
order and spelling, and parts of names by their trigrams.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import permutations

from django.db.models import Case, Q, QuerySet, When

from .duplicates import phone_key
from .models import PHONE_DIGITS, Patient
from .name_parts import LEAST_LETTERS, name_parts
from .names import name_key
from .numbers import LENGTH, normalise
from .search import birth_date, cleaned, has_parts, is_phone, searched, words_of

#: In so many words every order is tried; in more, the one that was typed.
_MOST_IN_ANY_ORDER = 5

#: So many are found at most by a whole text, and so many by parts of a name.
MOST_FOUND = 500
_BY_NAME = ("family_name", "given_name", "id")


def patients(rows: QuerySet[Patient], typed: str) -> QuerySet[Patient]:
    """Those of `rows` with that number, telephone number, e-mail address, birth date or name; none of an empty text.

    First who is meant by the whole text, then who has parts of it in their name, each by name. Of a part that very many
    names have, some are found.
    """
    text = cleaned(typed)
    born_on, rest = _birth_date_in(text)
    if born_on is not None:
        return searched(rows.filter(born_on=born_on), rest).order_by(*_BY_NAME)
    whole = _whole(text)
    some = rows.filter(whole).values("pk")[:MOST_FOUND]
    if words := _parts(text):
        by_part = rows.annotate(name_parts=name_parts()).filter(has_parts(words)).values("pk")[:MOST_FOUND]
        some = some.union(by_part)
    is_whole = Case(When(whole, then=0), default=1)
    return rows.filter(pk__in=some).order_by(is_whole, *_BY_NAME)


def _whole(text: str) -> Q:
    """The whole text is a number, a telephone number, an e-mail address or a name."""
    number, digits = normalise(text), phone_key(text)
    found = Q(name_key__in=_keys(text.split()))
    if len(number) == LENGTH:
        found |= Q(number=number)
    if len(digits) == PHONE_DIGITS and is_phone(text):
        found |= Q(phone_key=digits)
    if "@" in text:
        found |= Q(email=text.lower())
    return found


def _parts(text: str) -> list[str]:
    """The words that can be parts of a name; none where the longest is too short to be looked for."""
    words = words_of(text)
    is_name = not re.search(r"[\d@]", text) and max(map(len, words), default=0) >= LEAST_LETTERS
    return words if is_name else []


def _birth_date_in(text: str) -> tuple[date | None, str]:
    """The first word that is a date, and the rest of the text."""
    words = text.split()
    for place, word in enumerate(words):
        if (born_on := birth_date(word)) is not None:
            return born_on, " ".join(words[:place] + words[place + 1 :])
    return None, text


def _keys(words: Sequence[str]) -> set[str]:
    """The keys of all names that these words can be: each order, and each place where the family name begins."""
    orders: Iterator[Sequence[str]] = iter([words])
    if len(words) <= _MOST_IN_ANY_ORDER:
        orders = permutations(words)
    keys = {name_key(" ".join(order[:at]), " ".join(order[at:])) for order in orders for at in range(len(words) + 1)}
    return keys - {""}
