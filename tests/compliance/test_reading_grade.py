"""How hard the patient's texts are to read: each section by itself, measured by textstat."""

from collections.abc import Callable, Iterator

import pytest
import textstat

from compliance import documents

#: What a patient or a guardian signs.
SIGNED = ("patient-information", "birth-defects", "monthly-patient")

#: The school year (Flesch-Kincaid) that an English section may ask for at most.
GRADE = 7.0

#: Fernández-Huerta's scale for Spanish, as Flesch's for English: 100 is easiest, and 70 to 80 is "somewhat easy", the
#: sixth year of school. A Spanish text has longer words than the same text in English, so that English grades do not
#: fit it.
EASE = 70.0


def _sections(code: str, language: str) -> Iterator[tuple[str, str]]:
    """Each section of the newest version, as the patient and as the guardian reads it: name, and all that is read."""
    patients = documents.load(code, documents.versions(code)[-1].number, language)
    for reader, text in (("patient", patients), ("guardian", patients.for_guardian())):
        yield f"{reader}: introduction", text.introduction
        for item in text.items:
            yield f"{reader}: {item.id}", f"{item.text} {item.statement}"


def _questions(language: str) -> Iterator[tuple[str, str]]:
    """Each question of the newest banks for patients, with its right answer and what explains it."""
    for bank in ("questions", documents.SURVEYS[0]):
        for one in documents.questions(language, version=documents.versions(bank)[-1].number, bank=bank):
            yield f"{bank}: {one.id}", f"{one.question} {one.choices[one.right]}. {one.explanation}"


def _all(language: str) -> Iterator[tuple[str, str]]:
    for code in SIGNED:
        yield from ((f"{code}, {name}", text) for name, text in _sections(code, language))
    yield from _questions(language)


@pytest.fixture
def measured_in() -> Iterator[Callable[[str], None]]:
    yield textstat.set_lang
    textstat.set_lang("en_US")


def test_every_section_in_english_is_read_in_the_seventh_year_of_school(measured_in: Callable[[str], None]) -> None:
    measured_in("en_US")
    grades = {name: textstat.flesch_kincaid_grade(text) for name, text in _all("en")}
    assert len(grades) > 60
    assert {name: grade for name, grade in grades.items() if grade > GRADE} == {}


def test_every_section_in_spanish_is_somewhat_easy_at_least(measured_in: Callable[[str], None]) -> None:
    measured_in("es")
    eases = {name: textstat.fernandez_huerta(text) for name, text in _all("es")}
    assert len(eases) > 60
    assert {name: ease for name, ease in eases.items() if ease < EASE} == {}


def test_what_was_hard_to_read_is_found(measured_in: Callable[[str], None]) -> None:
    """The first version's list of signs, one sentence of a hundred words, is above both bounds."""
    signs = {
        language: next(
            i.text for i in documents.load("patient-information", 1, language).items if i.id == "twelve-signs"
        )
        for language in ("en", "es")
    }
    measured_in("en_US")
    assert textstat.flesch_kincaid_grade(signs["en"]) > GRADE
    measured_in("es")
    assert textstat.fernandez_huerta(signs["es"]) < EASE
