"""The tables of what surrounds the fill, twice: as they stand in the code, and as they stood (`golden/care.json`). A
number, a code or a unit that changes is changed in both, on purpose.
"""

import json
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from compliance.rules.care import (
    after_treatment,
    course_dose,
    dose,
    health,
    health_review,
    kinds,
    laboratory,
    laboratory_due,
    mood,
    notes,
    open_reports,
    pasted,
    pregnancies,
    prescription,
    products,
    questions,
    side_effects,
)

GOLDEN: dict[str, Any] = json.loads((Path(__file__).parent / "golden/care.json").read_text())


def threshold(one: laboratory.Threshold) -> Any:
    return {
        "tests": one.tests, "above": str(one.above), "times the limit": one.of_limit, "from it on": one.from_it,
    }  # fmt: skip


def doses(one: dose.DoseRange) -> dict[str, str]:
    names: Mapping[str, Fraction] = {
        "low": one.low, "high": one.high, "very severe": one.very_severe, "equal to": one.equal_to,
    }  # fmt: skip
    return {name: str(value) for name, value in names.items()}


TABLES: dict[str, Callable[[], Any]] = {
    "the kinds that no gate asks for": lambda: {
        "kinds": [kind.kind for kind in kinds.CARE], "the office's alone": sorted(kinds.OFFICE_ONLY),
    },
    "the course": lambda: {"band in mg for each kg": course_dose.BAND, "days": course_dose.COURSE_DAYS},
    "the doses": lambda: {
        "grams a pound": str(dose.GRAMS_A_POUND),
        "weights in grams": dose.WEIGHTS_G,
        "longest days": dose.LONGEST_DAYS,
        "capsules at most": prescription.MOST_CAPSULES,
        "mg for each kg and day": {table: doses(one) for table, one in dose.RANGES.items()},
    },
    "the products": lambda: {
        "codes": products.PRODUCTS,
        "ingredients": products.INGREDIENTS,
        "tables": products.TABLES,
        "dosed by": {code: products.table_of(code) for code in products.PRODUCTS},
        "the source of what no label was read for": products.ASSUMED,
    },
    "health": lambda: {
        "allergies": health.ALLERGIES,
        "medicines": health.MEDICINES,
        "conditions": health.CONDITIONS,
        "grave": sorted(health.GRAVE),
        "days until it is asked again": health_review.REVIEW_AGAIN_AFTER.days,
    },
    "the laboratory": lambda: {
        "tests": laboratory.TESTS,
        "units": {test: {unit: str(one) for unit, one in units.items()} for test, units in laboratory.UNITS.items()},
        "upper limits": laboratory.UPPER,
        "possible": laboratory.POSSIBLE,
        "thresholds": {one.code: threshold(one) for one in laboratory.THRESHOLDS},
        "grave": sorted(laboratory.GRAVE),
        "doubled": laboratory.DOUBLED,
        "months where nothing is set": laboratory.DEFAULT_MONTHS,
        "last month": laboratory.LAST_MONTH,
        "the kind by which a practice sets them": laboratory.SCHEDULED,
        "days of a month": laboratory_due.MONTH_DAYS,
        "days early": [laboratory_due.EARLY_DAYS, laboratory_due.BASELINE_DAYS],
    },
    "names in pasted lines": lambda: dict(pasted.NAMES),
    "mood": lambda: {
        "items": dict(mood.ITEMS),
        "instruments": [mood.PHQ2, mood.PHQ9],
        "the question about harm": mood.NINTH,
        "answers": mood.ANSWERS,
        "goes on from": mood.GOES_ON_FROM,
        "bands": mood.BANDS,
        "told before the next visit": [mood.SEVERE, mood.MODERATELY_SEVERE],
        "talked about from": mood.TALKED_ABOUT_FROM,
        "days until it is offered again": open_reports.MOOD_AGAIN_AFTER.days,
    },
    "side effects": lambda: {"urgencies": side_effects.URGENCIES, "of a crisis": sorted(side_effects.OF_CRISIS)},
    "pregnancies": lambda: {
        "outcomes": pregnancies.OUTCOMES,
        "not known yet": pregnancies.PENDING,
        "exposures": pregnancies.EXPOSURES,
        "causes": pregnancies.CAUSES,
        "weeks at most": pregnancies.MOST_WEEKS,
    },
    "notes": lambda: {"problems": notes.PROBLEMS, "who signs": questions.SIGNERS},
    "after treatment": lambda: {
        "months for skin": after_treatment.SKIN_MONTHS, "source": after_treatment.SKIN_SOURCE.value,
    },
}  # fmt: skip


@pytest.mark.parametrize("name", TABLES)
def test_table_of_care_is_as_it_stood(name: str) -> None:
    now = json.loads(json.dumps(TABLES[name]()))
    assert now == GOLDEN[name]
    assert json.dumps(now) == json.dumps(GOLDEN[name]), "in the same order"


def test_every_table_of_care_is_compared() -> None:
    assert list(TABLES) == list(GOLDEN)
