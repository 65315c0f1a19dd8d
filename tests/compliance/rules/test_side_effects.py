"""A reported side effect: what was told, and when it is a matter of a crisis."""

import pytest

from compliance.rules.care.side_effects import SideEffectReported, codes

#: Symptoms and urgency: whether the practice is told at once, for an ambulance, a crisis.
REPORTS: dict[str, tuple[tuple[str, ...], str, tuple[bool, bool, bool]]] = {
    "dry lips": (("dry-lips",), "next-time", (False, False, False)),
    "yellow skin": (("yellow", "dry-lips"), "today", (True, False, False)),
    "chest pain": (("chest-pain",), "ambulance", (True, True, False)),
    "harm": (("harm",), "ambulance", (True, True, True)),
    "harm of others, named second": (("mood", "harm-others"), "ambulance", (True, True, True)),
    "mood alone": (("mood",), "today", (True, False, False)),
}


@pytest.mark.parametrize(("symptoms", "urgency", "told"), REPORTS.values(), ids=REPORTS.keys())
def test_report_is_urgent_and_a_crisis_by_its_symptoms(
    symptoms: tuple[str, ...], urgency: str, told: tuple[bool, bool, bool]
) -> None:
    record = SideEffectReported(symptoms, 1, "en", urgency)
    assert (record.is_urgent, record.is_for_ambulance, record.is_crisis) == told


def test_symptoms_are_read_in_their_order() -> None:
    assert codes(["yellow", "hair"]) == ("yellow", "hair")


@pytest.mark.parametrize("raw", [[], ["a", "a"], ["a", "b", "a"]], ids=repr)
def test_no_symptom_or_one_twice_is_not_listed(raw: list[str]) -> None:
    with pytest.raises(ValueError, match=r"^not-listed$"):
        codes(raw)
