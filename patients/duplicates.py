"""Duplicates: is this person in the program already? All practices are searched; the enrolling one learns nothing."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db import connection

from .likeness import names_alike
from .models import whole_name
from .names import name_key, plain

__all__ = [
    "MOST",
    "RULES",
    "Identity",
    "agreement",
    "likely_matches",
    "matches_of",
    "mistyped",
    "name_key",
    "phone_key",
    "swapped",
]

#: What must agree for two files to be likely those of one person. Any one of the rows is enough.
RULES: tuple[frozenset[str], ...] = (
    frozenset({"birth date", "name that is alike"}),
    frozenset({"birth date", "phone"}),
    frozenset({"birth date", "e-mail"}),
    frozenset({"name", "phone"}),
    frozenset({"name", "e-mail"}),
    frozenset({"name", "birth date with one mistake"}),
    frozenset({"phone", "e-mail", "birth date with day and month exchanged"}),
)

#: The office reads them all; a number that half the program shares must not fill its page.
MOST = 20

#: The least trigram similarity (`pg_trgm`) of two whole names that are alike.
SIMILAR = 0.5


@dataclass(frozen=True)
class Identity:
    """What tells one person from another."""

    given_name: str
    family_name: str
    born_on: date
    phone: str = ""
    email: str = ""

    @property
    def name(self) -> str:
        """Both names, or the only one."""
        return whole_name(self.given_name, self.family_name)

    @cached_property
    def key(self) -> str:
        """The name's key."""
        return name_key(self.given_name, self.family_name)

    @cached_property
    def address(self) -> str:
        """The e-mail address as it is compared."""
        return self.email.strip().lower()


def likely_matches(given_name: str, family_name: str, born_on: date, phone: str, email: str) -> list[UUID]:
    """The files that are likely of this person, ordered by id, MOST at most. One query."""
    return matches_of(Identity(given_name, family_name, born_on, phone, email))


def matches_of(person: Identity, *, besides: UUID | None = None) -> list[UUID]:
    """The files that are likely of this person, ordered by id, MOST at most. One query.

    `besides` is the person's own file: it is left out, with all files that are linked with it.
    """
    values: dict[str, Any] = {
        "born_on": person.born_on, "name": person.key, "phone": phone_key(person.phone), "email": person.address,
        "near": mistyped(person.born_on), "swapped": swapped(person.born_on), "besides": besides,
        "plain": plain(f"{person.given_name} {person.family_name}"),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_SELECT_CANDIDATES, values)
        found = [row[0] for row in cursor.fetchall() if _matches(person, *row[1:])]
    # Ordered here: asked to order and to stop early, PostgreSQL may walk the whole table by its key instead.
    return sorted(found)[:MOST]


def _matches(person: Identity, certain: bool, similarity: float, given_name: str, family_name: str) -> bool:
    """Whether a candidate is a match: one of the same birth date alone also needs a name that is alike."""
    if certain or similarity >= SIMILAR:
        return True
    return names_alike((person.given_name, person.family_name), (given_name, family_name))


#: What the other file must hold for each sign to agree. What was not told agrees with nothing.
_SIGNS = {
    "birth date": "born_on = %(born_on)s",
    "birth date with one mistake": "born_on = ANY(%(near)s)",
    "birth date with day and month exchanged": "born_on = %(swapped)s",
    "name": "(name_key = %(name)s AND name_key <> '')",
    "phone": "(phone_key = %(phone)s AND phone_key <> '')",
    "e-mail": "(email = %(email)s AND email <> '')",
}
_CERTAIN = " OR ".join(
    "(" + " AND ".join(_SIGNS[sign] for sign in sorted(rule)) + ")" for rule in RULES if rule <= _SIGNS.keys()
)

#: The candidates: whether a rule holds that the database alone can judge, and how similar the whole names are.
_SELECT_CANDIDATES = rf"""
SELECT id, coalesce({_CERTAIN}, false), similarity(replace(translate(
        lower(regexp_replace(normalize(given_name || ' ' || family_name, NFKD), '[\u0300-\u036f]', '', 'g')),
        'øłđðıħŧØŁĐÐ', 'olddihtoldd'), 'ß', 'ss'), %(plain)s), given_name, family_name
FROM patients_patient
WHERE (born_on = %(born_on)s OR {_CERTAIN})
AND (%(besides)s::uuid IS NULL OR (id <> %(besides)s AND NOT coalesce(
    linked_to_id = (SELECT linked_to_id FROM patients_patient WHERE id = %(besides)s), false)))
"""  # nosec B608


def phone_key(phone: str) -> str:
    """The last ten digits of a telephone number, as the database works them out for `Patient.phone_key`."""
    return re.sub(r"[^0-9]", "", phone)[-10:]


def swapped(born_on: date) -> date | None:
    """The date with day and month exchanged; None where that is no date, or the same."""
    try:
        exchanged = born_on.replace(month=born_on.day, day=born_on.month)
    except ValueError:
        return None
    return exchanged if exchanged != born_on else None


def mistyped(born_on: date) -> list[date]:
    """The dates that this one is by one mistake: a digit, two neighbouring digits exchanged, or day and month."""
    found = {_read(digits) for digits in _misspelt(f"{born_on:%m%d}{born_on.year:04d}")} | {swapped(born_on)}
    return sorted(day for day in found - {born_on} if day is not None)


def _misspelt(digits: str) -> Iterator[str]:
    for place, digit in enumerate(digits):
        for other in "0123456789":
            yield digits[:place] + other + digits[place + 1 :]
        if place:
            yield digits[: place - 1] + digit + digits[place - 1] + digits[place + 1 :]


def _read(digits: str) -> date | None:
    try:
        return date(int(digits[4:]), int(digits[:2]), int(digits[2:4]))
    except ValueError:
        return None


def agreement(one: Identity, other: Identity) -> dict[str, Any]:
    """For each of name, birth date, e-mail and phone how far two persons agree: `same`, `alike`, or nothing."""
    return {
        "name": _level(one.key == other.key != "", _names_of(one, other)),
        "born_on": _level(one.born_on == other.born_on, other.born_on in mistyped(one.born_on)),
        "email": _level(one.address == other.address != ""),
        "phone": _level(phone_key(one.phone) == phone_key(other.phone) != ""),
    }


def _names_of(one: Identity, other: Identity) -> bool:
    return names_alike((one.given_name, one.family_name), (other.given_name, other.family_name))


def _level(same: bool, alike: bool = False) -> str:
    return "same" if same else "alike" if alike else ""
