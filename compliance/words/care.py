"""How the patient feels, side effects and the practice's answers, in words. Questions and symptoms are documents."""

from collections.abc import Mapping

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from compliance import documents
from compliance.rules.care.mood import ITEMS, NINTH, PHQ2, PHQ9, MoodAnswered
from compliance.rules.care.side_effects import AMBULANCE, NEXT_TIME, TODAY, ReportAnswered, SideEffectReported
from ui.navigation import Words

#: The names by which clinicians know the instruments.
INSTRUMENT = {PHQ2: "PHQ-2", PHQ9: "PHQ-9"}

#: Each band of the PHQ-9, as the practice reads it.
BAND: Mapping[str, Words] = {
    "minimal": gettext_lazy("minimal"),
    "mild": gettext_lazy("mild"),
    "moderate": gettext_lazy("moderate"),
    "moderately-severe": gettext_lazy("moderately severe"),
    "severe": gettext_lazy("severe"),
}

#: What a patient was told to do, in short.
URGENCY: Mapping[str, Words] = {
    AMBULANCE: gettext_lazy("told to call 911"),
    TODAY: gettext_lazy("told to stop and call today"),
    NEXT_TIME: gettext_lazy("told to mention it next time"),
}


def language() -> str:
    """The language of the page, where the tables are in it."""
    spoken = (get_language() or documents.FALLBACK).split("-")[0]
    return spoken if spoken in documents.LANGUAGES else documents.FALLBACK


def score_words(record: MoodAnswered) -> str:
    """The score, and how severe it is; that it is not complete, where it is not."""
    if not record.is_complete:
        return _("not finished")
    words = {"score": record.score, "highest": record.highest, "band": BAND.get(record.band, "")}
    return _("%(score)s of %(highest)s, %(band)s") % words if record.band else _("%(score)s of %(highest)s") % words


def answers(record: MoodAnswered) -> list[tuple[str, str]]:
    """Each question that was answered, with its answer."""
    questions = documents.mood_questions(language(), version=record.version)
    asked = [(item, record.answers.get(str(item))) for item in ITEMS[PHQ9]]
    return [(questions.item(item), questions.choices[answer]) for item, answer in asked if answer is not None]


def mood_words(record: MoodAnswered) -> str:
    """The instrument and its score; and the ninth answer where it is anything but "not at all"."""
    parts = [INSTRUMENT[record.instrument], score_words(record)]
    if record.is_urgent:
        questions = documents.mood_questions(language(), version=record.version)
        parts.append(f"{questions.item(NINTH)}: {questions.choices[record.answers[str(NINTH)]]}")
    return " · ".join(parts)


def symptom_words(record: SideEffectReported) -> list[str]:
    """The symptoms in the words of the page's language; one that the table does not have by its code."""
    table = documents.symptom_table(language(), version=record.version)
    return [table.symptoms[code].text if code in table.symptoms else code for code in record.symptoms]


def side_effect_words(record: SideEffectReported) -> str:
    """The symptoms, and what the patient was told."""
    return " · ".join([*symptom_words(record), str(URGENCY[record.urgency])])


def answered_words(record: ReportAnswered) -> str:
    """Whether somebody talked with the patient."""
    return _("talked with the patient") if record.talked else _("answered in writing")
