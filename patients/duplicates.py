"""Duplicates: is this person in the program already? All practices are searched; the enrolling one learns nothing."""

import re
from collections.abc import Mapping
from datetime import date
from functools import reduce
from operator import and_, or_
from uuid import UUID

from django.db.models import Q

from .models import Patient
from .names import name_key

__all__ = ["RULES", "likely_matches", "name_key", "phone_key", "swapped"]

#: What must agree for two files to be likely those of one person. Any one of the rows is enough.
RULES: tuple[frozenset[str], ...] = (
    frozenset({"birth date", "name"}),
    frozenset({"birth date", "phone"}),
    frozenset({"birth date", "e-mail"}),
    frozenset({"name", "phone"}),
    frozenset({"name", "e-mail"}),
    frozenset({"name", "birth date with day and month exchanged"}),
    frozenset({"phone", "e-mail", "birth date with day and month exchanged"}),
)

#: The office reads them all; a number that half the program shares must not fill its page.
MOST = 20


def likely_matches(given_name: str, family_name: str, born_on: date, phone: str, email: str) -> list[UUID]:
    """The files that are likely of this person by one of the RULES, ordered by id, MOST at most. One query."""
    signs = _signs(name_key(given_name, family_name), born_on, phone_key(phone), email.strip().lower())
    rules = [reduce(and_, (signs[sign] for sign in sorted(rule))) for rule in RULES if rule <= signs.keys()]
    rows = Patient.objects.filter(reduce(or_, rules, Q(pk__in=[])))
    # Ordered here: asked to order and to stop early, PostgreSQL may walk the whole table by its key instead.
    return sorted(rows.values_list("id", flat=True))[:MOST]


def _signs(name: str, born_on: date, phone: str, email: str) -> Mapping[str, Q]:
    """What the other file must hold for each sign to agree. What was not told agrees with nothing."""
    signs = {"birth date": Q(born_on=born_on)}
    exchanged = swapped(born_on)
    if exchanged is not None:
        signs["birth date with day and month exchanged"] = Q(born_on=exchanged)
    if name:
        signs["name"] = Q(name_key=name)
    if phone:
        signs["phone"] = Q(phone_key=phone)
    if email:
        signs["e-mail"] = Q(email=email)
    return signs


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
