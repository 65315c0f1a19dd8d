"""Search among practices and pharmacies: by words of the name and address, NPI or telephone number.

Words are compared as those of patients' names are (`patients.search`): without accents and case, in any order, a part
of one from three letters on. Each way to search has an index.
"""

import re
from typing import Any

from django.db.models import Q, QuerySet

from accounts.plain_words import words_found
from accounts.roles import PRESCRIBER

from .duplicates import phone_key
from .models import PHONE_DIGITS, Pharmacy, Prescriber, phone_digits, place_words
from .search import cleaned, has_parts, is_phone, words_of


def practices(typed: str) -> QuerySet[Prescriber]:
    """The practices of which each word is in the name, the address or the prescriber's name; or by a number."""
    text = cleaned(typed)
    rows, words = Prescriber.objects.all(), words_of(text)
    if not words:
        return rows.none()
    named = Q()
    for word in words:
        named &= Q(pk__in=_of_place(word).union(_of_prescriber(word)))
    found = rows.filter(named).values("pk").union(_numbered(rows, text))
    return rows.select_related("user").filter(pk__in=found)


def _of_place(word: str) -> QuerySet[Prescriber, Any]:
    rows = Prescriber.objects.annotate(name_parts=place_words("practice_name"))
    return rows.filter(has_parts([word])).values("pk")


def _of_prescriber(word: str) -> QuerySet[Prescriber, Any]:
    """By the name of the account, which was opened for the practice: the index has no others."""
    rows = Prescriber.objects.annotate(name_parts=words_found("user__name"))
    return rows.filter(has_parts([word]), user__opened_as=PRESCRIBER).values("pk")


def pharmacies(typed: str) -> QuerySet[Pharmacy]:
    """The pharmacies of which each word is in the name or the address; or by a number."""
    text = cleaned(typed)
    rows, words = Pharmacy.objects.all(), words_of(text)
    if not words:
        return rows.none()
    named = Pharmacy.objects.annotate(name_parts=place_words("name")).filter(has_parts(words))
    return rows.filter(pk__in=named.values("pk").union(_numbered(rows, text)))


def _numbered[Place: (Prescriber, Pharmacy)](rows: QuerySet[Place], text: str) -> QuerySet[Place, Any]:
    found, digits = Q(npi=re.sub(r"[\s-]", "", text)), phone_key(text)
    if len(digits) == PHONE_DIGITS and is_phone(text):
        rows, found = rows.alias(digits=phone_digits()), found | Q(digits=digits)
    return rows.filter(found).values("pk")
