"""Search in the whole program, for its office: patients, practices and pharmacies.

Among a million patients nothing is compared row by row: each way to search has an index. Names are found whole, in any
order and spelling; beside a birth date a part of a name is enough.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import permutations

from django.db.models import Func, Q, QuerySet, Value
from django.db.models.functions import Right

from .duplicates import phone_key
from .models import Patient, Pharmacy, Prescriber
from .names import name_key
from .numbers import LENGTH, normalise
from .search import birth_date, cleaned, searched

#: In so many words every order is tried; in more, the one that was typed.
_MOST_IN_ANY_ORDER = 5

#: A telephone number is found by its last digits, as they are kept.
_PHONE_DIGITS = 10


def patients(rows: QuerySet[Patient], typed: str) -> QuerySet[Patient]:
    """Those of `rows` with that number, telephone number, e-mail address, birth date or name; none of an empty text."""
    text = cleaned(typed)
    born_on, rest = _birth_date_in(text)
    if born_on is not None:
        return searched(rows.filter(born_on=born_on), rest)
    number, digits = normalise(text), phone_key(text)
    found = Q(name_key__in=_keys(text.split()))
    if len(number) == LENGTH:
        found |= Q(number=number)
    if len(digits) == _PHONE_DIGITS and _is_phone(text):
        found |= Q(phone_key=digits)
    if "@" in text:
        found |= Q(email=text.lower())
    return rows.filter(found)


def _birth_date_in(text: str) -> tuple[date | None, str]:
    """The first word that is a date, and the rest of the text."""
    words = text.split()
    for place, word in enumerate(words):
        if (born_on := birth_date(word)) is not None:
            return born_on, " ".join(words[:place] + words[place + 1 :])
    return None, text


def _is_phone(text: str) -> bool:
    return re.fullmatch(r"[\d\s()+./-]+", text) is not None


def _keys(words: Sequence[str]) -> set[str]:
    """The keys of all names that these words can be: each order, and each place where the family name begins."""
    orders: Iterator[Sequence[str]] = iter([words])
    if len(words) <= _MOST_IN_ANY_ORDER:
        orders = permutations(words)
    keys = {name_key(" ".join(order[:at]), " ".join(order[at:])) for order in orders for at in range(len(words) + 1)}
    return keys - {""}


def practices(typed: str) -> QuerySet[Prescriber]:
    """The practices whose name, or whose prescriber's, has all these words; or by NPI or telephone number."""
    text = cleaned(typed)
    named = Q()
    for word in text.split():
        named &= Q(practice_name__icontains=word) | Q(user__name__icontains=word)
    rows = Prescriber.objects.annotate(digits=_digits()).select_related("user")
    return rows.filter(_numbered(text) | named) if text else rows.none()


def pharmacies(typed: str) -> QuerySet[Pharmacy]:
    """The pharmacies whose name has all these words; or by NPI or telephone number."""
    text = cleaned(typed)
    named = Q()
    for word in text.split():
        named &= Q(name__icontains=word)
    rows = Pharmacy.objects.annotate(digits=_digits())
    return rows.filter(_numbered(text) | named) if text else rows.none()


def _digits() -> Right:
    """The last digits of a place's telephone number, as `phone_key` makes them of a text."""
    return Right(Func("phone", Value("[^0-9]"), Value(""), Value("g"), function="regexp_replace"), _PHONE_DIGITS)


def _numbered(text: str) -> Q:
    found, digits = Q(npi=re.sub(r"[\s-]", "", text)), phone_key(text)
    return found | Q(digits=digits) if len(digits) == _PHONE_DIGITS and _is_phone(text) else found
