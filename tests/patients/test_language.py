"""The language in which somebody is addressed: the account's own, else what the practice was told."""

from typing import Any

import pytest

from accounts.languages import LANGUAGES
from accounts.models import User
from accounts.roles import GUARDIAN, PATIENT, PRESCRIBER
from compliance import documents
from compliance.words.choices import LANGUAGE
from patients.language import language_of
from patients.models import Guardian, Patient
from tests import factories

pytestmark = pytest.mark.django_db


def test_languages_are_those_of_the_texts_and_each_has_a_name() -> None:
    assert set(LANGUAGES) == documents.LANGUAGES == LANGUAGE.keys()


#: By row: what the practice was told, what stands in the account (None: there is none yet), what counts.
COUNTS = [
    ("", None, ""), ("es", None, "es"), ("es", "", "es"), ("es", "en", "en"), ("", "es", "es"), ("en", "es", "es"),
    ("", "", ""),
]  # fmt: skip


@pytest.mark.parametrize("who", [PATIENT, GUARDIAN])
@pytest.mark.parametrize(("told", "chosen", "counts"), COUNTS)
def test_account_counts_and_without_one_what_the_practice_was_told(
    who: str, told: str, chosen: str | None, counts: str
) -> None:
    user = factories.account(who) if chosen is not None else None
    if user is not None:
        User.objects.filter(pk=user.pk).update(language=chosen)
    patient = factories.patient(factories.prescriber(), user=user if who == PATIENT else None)
    row: Any = patient if who == PATIENT else Guardian.objects.create(patient=patient, user=user, name="G")
    type(row).objects.filter(pk=row.pk).update(language=told)
    rows: Any = Patient if who == PATIENT else Guardian
    assert language_of(rows.objects.get(pk=row.pk)) == counts


@pytest.mark.parametrize("language", ["", "en", "es"])
def test_of_an_account_it_is_what_its_owner_chose(language: str) -> None:
    user = factories.account(PRESCRIBER)
    user.language = language
    assert language_of(user) == language
