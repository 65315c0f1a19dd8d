"""The table of kinds, the functions that say what is due, the renderers and the words go together."""

import re
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import translation

from compliance.rules.due import DUE
from compliance.words import notices
from compliance.words.notices import NOTICES, OF_SIDE, words_of
from config import catalogs
from notifications.kinds import ADDRESS, KINDS, OWNER, SIDES
from notifications.renderers import RENDERERS
from outbox import box
from ui.navigation import Words

ROOT = Path(__file__).resolve().parent.parent.parent
CATALOG = catalogs.read((ROOT / "locale/es/LC_MESSAGES/django.po").read_text())


def test_every_kind_that_follows_from_a_file_has_a_function_and_no_function_is_without_a_kind() -> None:
    assert {code for code, kind in KINDS.items() if kind.from_file} == set(DUE)


def test_every_other_kind_has_a_renderer_and_no_renderer_is_without_a_kind() -> None:
    assert {code for code, kind in KINDS.items() if not kind.from_file} == set(RENDERERS)
    assert set(KINDS) <= set(box._RENDERERS)


def test_every_kind_has_words_and_no_words_are_without_a_kind() -> None:
    named = {code for kind in KINDS.values() for code in kind.words or (kind.code,)}
    # The words of a link to a new password stand in allauth's templates: `tests/accounts/test_sign_in.py` reads them.
    assert {code for code in named if not code.startswith("account/email/")} == set(NOTICES)
    assert [key for key in OF_SIDE if key[1] not in KINDS[key[0]].to] == []


def test_every_kind_goes_to_sides_that_there_are_and_is_enqueued_by_a_module_that_there_is() -> None:
    for kind in KINDS.values():
        assert set(kind.to) <= set(SIDES)
        assert not kind.event or (ROOT / f"{kind.event.replace('.', '/')}.py").is_file(), kind.code
        assert reverse(kind.office_page)


def test_what_the_program_requires_and_what_protects_an_account_cannot_be_switched_off() -> None:
    for kind in KINDS.values():
        if kind.optional:
            assert not kind.urgent
            assert not {OWNER, ADDRESS} & set(kind.to)


def texts() -> list[Words]:
    words = [*NOTICES.values(), *OF_SIDE.values()]
    below = [
        notices.FROM_PRACTICE, notices.FROM_PRACTICE_WITHOUT_PHONE, notices.ABOUT_PATIENT,
        notices.ABOUT_PATIENT_WITHOUT_NAME, notices.NOTHING_MISSING, notices.UNSUBSCRIBE,
    ]  # fmt: skip
    missing = [text for of_reader in notices.MISSING.values() for text in of_reader.values()]
    return [*(text for one in words for text in (one.subject, one.body, one.text)), *missing, *below]


@pytest.mark.parametrize("language", ["en", "es"])
def test_no_message_gives_anything_away(language: str) -> None:
    with translation.override(language):
        found = {str(text): [word for word in notices.FORBIDDEN if word in str(text).lower()] for text in texts()}
    assert {text: words for text, words in found.items() if words} == {}


def test_every_message_is_written_in_spanish_with_the_same_places() -> None:
    with translation.override("en"):
        english = [str(text) for text in texts()]
    with translation.override("es"):
        spanish = [str(text) for text in texts()]
    assert [text for text in english if text not in CATALOG] == []
    assert [one for one, other in zip(english, spanish, strict=True) if one == other] == []
    for one, other in zip(english, spanish, strict=True):
        assert set(re.findall(r"{\w+}", one)) == set(re.findall(r"{\w+}", other)), one
        assert ("New York time" in one) == ("hora de Nueva York" in other), one


def test_a_guardian_reads_of_signatures_alone() -> None:
    for kind in KINDS.values():
        if "guardian" in kind.to and kind.from_file:
            words = words_of(kind.code, "guardian")
            assert "sign" in f"{words.subject} {words.body}"
            assert "{missing}" not in str(words.body)
    assert "guardian" not in notices.MISSING
