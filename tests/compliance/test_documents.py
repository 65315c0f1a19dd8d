"""Documents to read and sign, and the question bank."""

import hashlib
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from compliance import documents
from compliance.checks import texts_are_as_published, texts_are_as_signed
from compliance.documents import library
from compliance.rules.records import ContraceptionDeclared
from tests.clocks import Clock
from tests.histories import METHODS, NOW, ClinicFactory

CODES = sorted(path.name for path in library.FILES.iterdir())


def test_a_published_text_is_never_changed() -> None:
    """A new text is a new version. What was published only ever grows."""
    assert documents.changed() == []
    assert texts_are_as_published(None) == []


SPOILED: dict[str, Callable[[Path], object]] = {
    "another text": lambda files: (files / "striking/1/en.json").write_text("{}"),
    "a text that is gone": lambda files: (files / "striking/1/es.json").unlink(),
    "a text that nobody published": lambda files: (files / "striking/1/fr.json").write_text("{}"),
    "another day": lambda files: (files / "striking/1/version.json").write_text('{"from":"2020-01-01"}'),
}


@pytest.mark.parametrize("name", SPOILED)
def test_the_check_refuses_a_change(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copied = shutil.copytree(library.FILES, tmp_path / "files")
    monkeypatch.setattr(library, "FILES", copied)
    assert documents.changed() == []
    SPOILED[name](copied)
    (found,) = documents.changed()
    assert found.startswith("striking/1/")
    (error,) = texts_are_as_published(None)
    assert error.id == "documents.E001"
    assert found in error.msg


def test_the_list_of_what_was_published_only_ever_grew() -> None:
    """No line of it was ever changed or taken away, whatever else was changed with it."""
    git = ["git", "log", "--patch", "--unified=0", "--format=", "--", str(library.PUBLISHED)]
    told = subprocess.run(git, cwd=library.FILES, capture_output=True, text=True, check=False)
    if told.returncode:
        pytest.skip("this is no checkout")
    lines = [line.rstrip(",") for line in told.stdout.splitlines() if ".json" in line and line[:3] in ('+ "', '- "')]
    added = {line[1:] for line in lines if line[0] == "+"}
    assert added, "the history says nothing of the list"
    assert len(added) == len({line.split(":")[0] for line in added})
    now = {f' "{name}": "{sha256}"' for name, sha256 in json.loads(library.PUBLISHED.read_text()).items()}
    assert added <= now


@pytest.mark.django_db
def test_a_text_that_somebody_signed_is_never_changed(
    clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list beside the texts can be written anew with them. What was signed stands in the log."""
    clock.set("2026-12-15T11:00-05:00")
    clinic = ClinicFactory()
    assert clinic.enter(clinic.ready(), ContraceptionDeclared("prescriber", METHODS, NOW.date()))
    assert texts_are_as_signed(["default"]) == []
    copied = shutil.copytree(library.FILES, tmp_path / "files")
    text = copied / "monthly-prescriber/1/en.json"
    text.write_text(text.read_text().replace("I ", "We ", 1))
    monkeypatch.setattr(library, "FILES", copied)
    library.load.cache_clear()
    (error,) = texts_are_as_signed(["default"])
    library.load.cache_clear()
    assert error.id == "documents.E002"
    assert "monthly-prescriber/1/en.json" in error.msg


@pytest.mark.parametrize("code", CODES)
def test_every_version_is_in_both_languages_and_says_the_same(code: str) -> None:
    assert documents.versions(code)
    for version in documents.versions(code):
        assert documents.languages(code, on=version.from_day) == ("en", "es")
        if code in documents.TABLES:
            continue  # test_care_tables.py
        if code in documents.QUESTION_BANKS:
            banks = [documents.questions(language, version=version.number, bank=code) for language in ("en", "es")]
            shapes = [[(q.id, q.topic, len(q.choices), q.right) for q in bank] for bank in banks]
        else:
            texts = [documents.load(code, version.number, language) for language in ("en", "es")]
            shapes = [[(i.id, i.only_for, len(i.points)) for i in text.items] for text in texts]  # type: ignore[misc]
            assert all(item.heading and item.text and item.statement for text in texts for item in text.items)
            assert texts[0].introduction != texts[1].introduction
        assert shapes[0] == shapes[1]


@pytest.fixture
def third_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A third version of the consent, from 10 January 2027 on, to be signed again."""
    copied = shutil.copytree(library.FILES, tmp_path / "files")
    shutil.copytree(copied / "birth-defects/2", copied / "birth-defects/3")
    (copied / "birth-defects/3/version.json").write_text('{"from": "2027-01-10", "sign_again": true}')
    monkeypatch.setattr(library, "FILES", copied)
    cached = (library.versions, library.load, library.questions)
    for function in cached:
        function.cache_clear()
    yield
    for function in cached:
        function.cache_clear()


def test_a_version_is_the_one_to_sign_from_its_day_on(third_version: None) -> None:
    days = [date(2020, 1, 1), date(2027, 1, 9), date(2027, 1, 10), date(2030, 1, 1)]
    assert [documents.current("birth-defects", on=day).version for day in days] == [1, 2, 3, 3]
    assert documents.signed_again("birth-defects") == [(3, date(2027, 1, 10))]
    assert documents.signed_again("patient-information") == []


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize(("code", "items"), [("patient-information", 12), ("birth-defects", 14)])
def test_the_consents_have_their_items(code: str, items: int, version: int) -> None:
    document = documents.load(code, version, "en")
    assert len(document.items) == items
    assert len({item.id for item in document.items}) == items
    assert all(item.text and item.statement and item.heading for item in document.items)
    assert [item.id for item in document.items] == [item.id for item in documents.load(code, 1, "en").items]


SIGNS = ("sad", "interest", "sleep", "irritable", "eat", "concentrat", "withdraw", "energy", "worthless", "harm",
         "impulses", "hear")  # fmt: skip


@pytest.mark.parametrize("version", [1, 2])
def test_the_twelve_signs_are_all_named(version: int) -> None:
    """To the patient and to the guardian, with the number to call."""
    text = documents.load("patient-information", version, "en")
    for read in (text, text.for_guardian()):
        (item,) = [item for item in read.items if item.id == "twelve-signs"]
        assert [sign for sign in (*SIGNS, "911", "988") if sign not in item.text] == []


def test_the_hash_is_that_of_the_bytes() -> None:
    raw = (library.FILES / "birth-defects" / "1" / "en.json").read_bytes()
    assert documents.load("birth-defects", 1, "en").sha256 == hashlib.sha256(raw).hexdigest()


def test_a_language_without_a_text_gets_the_english_one() -> None:
    assert documents.current("birth-defects", "fr", on=date(2026, 12, 1)).language == "en"


@pytest.mark.parametrize("version", [1, 2])
def test_the_bank_is_large_enough_and_each_answer_is_there(version: int) -> None:
    bank = documents.questions(version=version)
    assert len(bank) >= 15
    assert len({question.id for question in bank}) == len(bank)
    assert all(0 <= question.right < len(question.choices) and question.explanation for question in bank)


def test_no_question_of_a_new_bank_has_the_name_of_an_old_one() -> None:
    """Else a right answer to the old one, kept half way through a month, would be taken for the new one's."""
    banks = [{q.id for q in documents.questions(version=one.number)} for one in documents.versions("questions")]
    assert sum(len(bank) for bank in banks) == len(set().union(*banks))


def test_the_right_answer_has_no_place_of_its_own() -> None:
    places = [question.right for question in documents.questions(version=2)]
    assert max(places.count(place) for place in range(3)) <= len(places) // 2


def test_five_are_picked_over_every_topic_and_the_same_ones_for_the_same_month() -> None:
    bank = documents.questions(version=2)
    months = [documents.pick(f"patient:{month}", bank) for month in range(50)]
    assert months == [documents.pick(f"patient:{month}", bank) for month in range(50)]
    for picked in months:
        assert len({question.id for question in picked}) == 5
        assert {question.topic for question in picked} == {question.topic for question in bank}
    assert len({tuple(question.id for question in picked) for picked in months}) > 20
