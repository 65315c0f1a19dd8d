"""The questions and the symptoms: whole, in both languages, with a source, and nothing between the two differs."""

import pytest

from compliance import documents
from compliance.documents import care
from compliance.rules.care import mood
from compliance.rules.care.side_effects import OF_CRISIS, URGENCIES
from compliance.words.care import BAND, INSTRUMENT, URGENCY

VERSIONS = [version.number for version in documents.versions(care.SIDE_EFFECTS)]
TABLES = [documents.symptom_table(language, version=version) for version in VERSIONS for language in ("en", "es")]
QUESTIONS = [
    documents.mood_questions(language, version=version.number)
    for version in documents.versions(care.MOOD) for language in ("en", "es")
]  # fmt: skip

#: What label and Medication Guide name, with how urgent it is at least (by place in URGENCIES).
OF_THE_LABEL = {
    "headache with changes of sight": ("headache-vision", "today"),
    "pancreatitis": ("stomach-pain", "today"),
    "yellow eyes or skin": ("yellow", "today"),
    "dark urine": ("dark-urine", "today"),
    "bloody diarrhea": ("bleeding", "today"),
    "hearing": ("hearing", "today"),
    "chest pain": ("chest-pain", "ambulance"),
    "fainting": ("fainting", "ambulance"),
    "stroke": ("stroke", "ambulance"),
    "seizures": ("seizure", "ambulance"),
    "rash with blisters": ("blisters", "ambulance"),
    "swelling of face and throat": ("throat", "ambulance"),
    "trouble breathing": ("breathing", "ambulance"),
    "trouble swallowing": ("swallowing", "today"),
    "mood": ("mood", "today"),
    "psychosis": ("psychosis", "ambulance"),
    "thoughts of harm": ("harm", "ambulance"),
    "muscle weakness with dark urine": ("muscle-dark-urine", "ambulance"),
    "joints": ("joint-pain", "today"),
    "back pain in teens": ("back-pain-teen", "today"),
    "fractures": ("fracture", "today"),
    "sight at night": ("vision-change", "today"),
    "thirst": ("thirst", "today"),
    "infection": ("fever", "today"),
    "acne that flares": ("acne-worse", "today"),
    "dry eyes": ("dry-eyes", "next-time"),
    "dry lips": ("dry-lips", "next-time"),
    "dry skin": ("dry-skin", "next-time"),
    "nosebleeds": ("dry-nose", "next-time"),
    "hair": ("hair", "next-time"),
    "sunburn": ("sunburn", "next-time"),
    "nails": ("nails", "next-time"),
}


@pytest.mark.parametrize("table", TABLES, ids=lambda table: f"{table.version}-{table.language}")
def test_every_symptom_has_words_a_group_an_urgency_and_advice(table: care.SymptomTable) -> None:
    assert table.source
    assert [one.urgency for one in table.advice] == list(URGENCIES), "the most urgent first"
    assert all(one.title and one.text for one in table.advice)
    groups = dict(table.groups)
    for code, symptom in table.symptoms.items():
        assert symptom.text, code
        assert symptom.group in groups, code
        assert symptom.urgency in URGENCIES, code
    assert {symptom.group for symptom in table.symptoms.values()} == set(groups)
    assert sorted(code for _title, rows in table.grouped() for code, _text in rows) == sorted(table.symptoms)
    assert len({symptom.text for symptom in table.symptoms.values()}) == len(table.symptoms)
    assert table.symptoms.keys() >= OF_CRISIS


@pytest.mark.parametrize("version", VERSIONS)
def test_both_languages_sort_the_same_symptoms_the_same_way(version: int) -> None:
    english, spanish = (documents.symptom_table(language, version=version) for language in ("en", "es"))
    shapes = [[(s.code, s.group, s.urgency) for s in table.symptoms.values()] for table in (english, spanish)]
    assert shapes[0] == shapes[1]
    assert all(english.symptoms[code].text != spanish.symptoms[code].text for code in english.symptoms)


@pytest.mark.parametrize("name", OF_THE_LABEL)
def test_what_the_label_warns_of_is_there_with_its_urgency(name: str) -> None:
    code, urgency = OF_THE_LABEL[name]
    assert TABLES[-1].symptoms[code].urgency == urgency


def test_the_most_urgent_symptom_decides_and_the_advice_says_it_first() -> None:
    table = documents.symptom_table(version=1)
    codes = ["dry-lips", "chest-pain", "yellow", "hair"]
    assert table.urgency_of(codes) == "ambulance"
    assert table.urgency_of(codes[:1]) == "next-time"
    told = table.told(codes)
    assert [(advice.urgency, len(texts)) for advice, texts in told] == [
        ("ambulance", 1), ("today", 1), ("next-time", 2),
    ]  # fmt: skip


@pytest.mark.parametrize("questions", QUESTIONS, ids=lambda one: f"{one.version}-{one.language}")
def test_questions_are_nine_with_four_answers_and_say_whose_they_are(questions: care.MoodQuestions) -> None:
    assert len(questions.items) == len(mood.ITEMS[mood.PHQ9]) == 9
    assert len(questions.choices) == len(mood.ANSWERS) == 4
    assert questions.stem
    for name in ("Spitzer", "Williams", "Kroenke", "Pfizer"):
        assert name in questions.source
        assert name in questions.credit


def test_every_band_instrument_and_urgency_has_words() -> None:
    assert set(BAND) == {name for _least, name in mood.BANDS}
    assert set(INSTRUMENT) == set(mood.ITEMS)
    assert set(URGENCY) == set(URGENCIES)
