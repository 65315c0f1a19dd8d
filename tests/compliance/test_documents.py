"""What is read and signed, and the bank of questions."""

import hashlib
import json

import pytest

from compliance import documents
from compliance.documents import library


def test_a_published_text_is_never_changed() -> None:
    """A new text is a new version. This list only ever grows."""
    pinned = json.loads((library.FILES.parent / "published.json").read_text())
    assert documents.published() == pinned


@pytest.mark.parametrize(("code", "items"), [("patient-information", 12), ("birth-defects", 14)])
def test_the_consents_have_their_items(code: str, items: int) -> None:
    document = documents.current(code)
    assert len(document.items) == items
    assert len({item.id for item in document.items}) == items
    assert all(item.text and item.statement and item.heading for item in document.items)


def test_the_twelve_signs_are_all_named() -> None:
    (item,) = [item for item in documents.current("patient-information").items if item.id == "twelve-signs"]
    for sign in ("sad", "interest", "sleep", "irritable", "eating", "concentrat", "withdraw", "energy", "worthless",
                 "harming", "impulses", "hearing"):  # fmt: skip
        assert sign in item.text, sign


def test_the_hash_is_that_of_the_bytes() -> None:
    raw = (library.FILES / "birth-defects" / "1" / "en.json").read_bytes()
    assert documents.current("birth-defects").sha256 == hashlib.sha256(raw).hexdigest()


def test_a_language_without_a_text_gets_the_english_one() -> None:
    assert documents.current("birth-defects", "es").language == "en"


def test_the_bank_is_large_enough_and_each_answer_is_there() -> None:
    bank = documents.questions()
    assert len(bank) >= 15
    assert len({question.id for question in bank}) == len(bank)
    assert all(0 <= question.right < len(question.choices) and question.explanation for question in bank)


def test_five_are_picked_over_every_topic_and_the_same_ones_for_the_same_month() -> None:
    bank = documents.questions()
    months = [documents.pick(f"patient:{month}", bank) for month in range(50)]
    assert months == [documents.pick(f"patient:{month}", bank) for month in range(50)]
    for picked in months:
        assert len({question.id for question in picked}) == 5
        assert {question.topic for question in picked} == {question.topic for question in bank}
    assert len({tuple(question.id for question in picked) for picked in months}) > 20
