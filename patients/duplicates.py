"""Is this person in the program already? Looked for across all practices; the one who enrols learns nothing of it."""

import re
import unicodedata
from datetime import date
from uuid import UUID

from django.db.models import Q

from .models import Patient


def name_key(given_name: str, family_name: str) -> str:
    """The name without accents, case, spaces and punctuation; given and family name in alphabetical order."""
    parts = sorted(_folded(part) for part in (given_name, family_name))
    return " ".join(part for part in parts if part)


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode() or text
    return re.sub(r"[^\w]", "", plain.casefold())


def swapped(born_on: date) -> date | None:
    """The date with day and month exchanged, where that is a date."""
    try:
        return born_on.replace(month=born_on.day, day=born_on.month)
    except ValueError:
        return None


def likely_matches(given_name: str, family_name: str, born_on: date, phone: str, email: str) -> list[UUID]:
    """The files that may be of the same person, in no order that says anything. One query.

    Two of three must agree: the name; the birth date, also with day and month exchanged; a phone number or address.
    """
    key = name_key(given_name, family_name)
    dates = {born_on, swapped(born_on)} - {None}
    reach = Q(pk__in=[])
    if phone:
        reach |= Q(phone=phone)
    if email:
        reach |= Q(email=email.lower())
    same_name, same_birth = Q(name_key=key), Q(born_on__in=dates)
    rows = Patient.objects.filter((same_name & same_birth) | (same_name & reach) | (same_birth & reach))
    return list(rows.order_by("id").values_list("id", flat=True)[:20])
