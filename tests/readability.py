"""How easily a text is read: school grades for English, Fernández Huerta's scale for Spanish."""

import textstat

#: A reader of twelve or thirteen follows without effort.
GRADE = 7
#: "Normal" on Fernández Huerta's scale, the seventh and eighth year of school, begins there; easier is more.
EASE = 60


def grade(text: str) -> float:
    """The Flesch-Kincaid grade of an English text."""
    return float(textstat.flesch_kincaid_grade(text))


def ease(text: str) -> float:
    """The ease of a Spanish text."""
    textstat.set_lang("es")
    try:
        return float(textstat.fernandez_huerta(text))
    finally:
        textstat.set_lang("en")
