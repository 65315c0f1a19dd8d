"""The Medication Guide is complete by the headings of the label's, and is read without effort."""

import re
from collections.abc import Iterator

import pytest

from compliance import documents
from compliance.documents import Item
from tests.readability import EASE, GRADE, ease, grade

VERSION = documents.versions(documents.GUIDE)[-1].number

#: What the label's Medication Guide has a heading for -> the item here, and words that must stand in it: English, then
#: Spanish. A word is looked for in small letters.
HEADINGS: dict[str, list[tuple[str, tuple[str, ...], tuple[str, ...]]]] = {
    "the most important information": [
        ("unborn", ("unborn baby", "one capsule", "face", "heart", "brain", "lost", "too soon", "give blood", "nobody"),
                   ("bebé en formación", "una sola cápsula", "cara", "corazón", "cerebro", "perderse",
                    "antes de tiempo", "done sangre", "a nadie")),
        ("pregnancy", ("two forms of birth control", "one month before", "one month after", "no sex", "tests",
                       "missed a period", "emergency"),
                      ("dos métodos anticonceptivos", "un mes antes", "un mes después", "nada de sexo", "pruebas",
                       "no le vino la regla", "emergencia")),
        ("mood", ("sad", "interest", "sleep", "angry", "energy", "away from family", "worth nothing", "not real",
                  "hurting yourself", "988", "911"),
                 ("triste", "interés", "duerme", "enojo", "energía", "se aleja", "no vale nada", "no son reales",
                  "hacerse daño", "988", "911")),
    ],
    "what it is": [
        ("what", ("nodules", "antibiotics", "vitamin a", "15 to 20 weeks", "age 12", "eight weeks"),
                 ("nódulos", "antibióticos", "vitamina a", "15 a 20 semanas", "12 años", "ocho semanas"))],
    "who must not take it": [
        ("who-must-not", ("pregnant", "breastfeeds", "allergic"), ("en embarazo", "da el pecho", "alergia"))],
    "what to tell before taking it": [
        ("before-health", ("depression", "suicide", "liver", "blood fats", "diabetes", "heart", "pancreas", "bowel",
                           "bones", "eating disorder", "asthma", "breastfeeding", "family"),
                          ("depresión", "suicidio", "hígado", "grasas", "diabetes", "corazón", "páncreas", "intestino",
                           "huesos", "alimentación", "asma", "dar el pecho", "familia")),
        ("before-allergies", ("soy", "peanut", "parabens", "gelatin"), ("soya", "maní", "parabenos", "gelatina")),
        ("before-medicines", ("vitamin a", "tetracycline", "progestin", "mini-pills", "st. john’s wort", "methotrexate",
                              "phenytoin", "steroids"),
                             ("vitamina a", "tetraciclinas", "progestina", "minipíldoras", "hierba de san juan",
                              "metotrexato", "fenitoína", "esteroides")),
    ],
    "how to take it": [
        ("how", ("twice a day", "with food", "absorica", "whole", "full glass", "chew", "upright for ten minutes",
                 "skip it", "two at once", "1-800-222-1222", "first weeks", "one to two months", "30 days"),
                ("dos veces al día", "con comida", "absorica", "entera", "vaso lleno", "mastique", "diez minutos",
                 "sáltela", "dos a la vez", "1-800-222-1222", "primeras semanas", "uno a dos meses", "30 días"))],
    "what to avoid": [
        ("avoid", ("pregnancy", "breastfeeding", "giving blood", "waxing", "laser", "six months", "sun", "tanning",
                   "in the dark", "contact lenses", "vitamin a", "alcohol", "share"),
                  ("embarazo", "dar el pecho", "donar sangre", "cera", "láser", "seis meses", "sol", "bronceado",
                   "oscuridad", "lentes de contacto", "vitamina a", "alcohol", "comparta"))],
    "serious side effects": [
        ("serious", ("headache", "blurred", "seizure", "blisters", "peels", "belly", "chest", "swallow", "bloody",
                     "yellow", "dark urine", "bones", "joints", "ring", "see less in the dark", "hives", "swollen",
                     "thirst", "blood cells", "blood fats", "mood"),
                    ("cabeza", "borrosa", "convulsión", "ampollas", "se cae", "vientre", "pecho", "tragar", "sangre",
                     "amarillos", "orina oscura", "huesos", "articulaciones", "zumban", "menos en la oscuridad",
                     "ronchas", "hinchada", "sed", "células", "grasas", "ánimo"))],
    "common side effects": [
        ("common", ("dry skin", "lips", "dry eyes", "nosebleeds", "hair", "joints", "fda", "1-800-332-1088"),
                   ("piel seca", "labios", "ojos secos", "sangrado de nariz", "pelo", "articulaciones", "fda",
                    "1-800-332-1088"))],
    "how to store it": [
        ("store", ("15 to 30 °c", "59 to 86 °f", "dry", "dark", "child", "broken", "left"),
                  ("15 a 30 °c", "59 a 86 °f", "seco", "oscuro", "niño", "rompió", "sobran"))],
    "general information": [
        ("general", ("never give it to others", "pharmacist"), ("nunca se la dé a otros", "farmacéutico"))],
    "ingredients": [
        ("ingredients", ("isotretinoin", "soybean oil", "gelatin", "glycerin", "parabens", "titanium dioxide"),
                        ("isotretinoína", "aceite de soya", "gelatina", "glicerina", "parabenos",
                         "dióxido de titanio"))],
}  # fmt: skip


def items(language: str) -> dict[str, Item]:
    return {item.id: item for item in documents.load(documents.GUIDE, VERSION, language).items}


def prose(item: Item) -> str:
    """A section as it is read: each point is a sentence."""
    return " ".join(_sentences(item))


def _sentences(item: Item) -> Iterator[str]:
    yield f"{item.heading}."
    yield item.text
    yield from (f"{point.rstrip('.;')}." for point in item.points)
    yield item.statement


def test_guide_has_every_heading_of_the_label_in_its_order() -> None:
    expected = [name for rows in HEADINGS.values() for name, _en, _es in rows]
    assert [list(items(language)) for language in ("en", "es")] == [expected, expected]


@pytest.mark.parametrize("heading", HEADINGS)
@pytest.mark.parametrize("language", ["en", "es"])
def test_guide_names_what_the_label_names_under_a_heading(language: str, heading: str) -> None:
    for name, *words in HEADINGS[heading]:
        text = prose(items(language)[name]).lower()
        missing = [word for word in words[language == "es"] if word not in text]
        assert missing == [], name


@pytest.mark.parametrize("name", items("en"))
def test_section_reads_at_grade_seven_or_less(name: str) -> None:
    assert grade(prose(items("en")[name])) <= GRADE


@pytest.mark.parametrize("name", items("es"))
def test_section_in_spanish_reads_as_normal_or_easier(name: str) -> None:
    assert ease(prose(items("es")[name])) >= EASE


def test_guide_in_spanish_says_usted() -> None:
    text = " ".join(prose(item) for item in items("es").values())
    assert not re.search(r"\b(tú|tu|tus|te|ti|debes|puedes|tienes|tomas|llama a tu)\b", text, re.IGNORECASE)
