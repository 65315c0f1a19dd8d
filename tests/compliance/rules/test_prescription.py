"""What no prescription can mean: which field is asked about, and by which rule."""

import pytest

from compliance.rules.care.prescription import Prescribed, refusal


def prescribed(capsules: tuple[int, ...] = (30, 30), weight_g: int = 60_000, days: int = 30) -> Prescribed:
    return Prescribed("claravis", capsules, weight_g, days)


#: A prescription: the field and the rule by which it is refused, or None.
CASES: dict[str, tuple[Prescribed, tuple[str, str] | None]] = {
    "a usual one": (prescribed(), None),
    "the least weight": (prescribed(weight_g=25_000), None),
    "the greatest weight": (prescribed((40,) * 4, 300_000), None),
    "one day": (prescribed(days=1), None),
    "20 capsules": (prescribed((5,) * 20), None),
    "too light": (prescribed(weight_g=24_999), ("weight", "weight-impossible")),
    "too heavy": (prescribed(weight_g=300_001), ("weight", "weight-impossible")),
    "no day": (prescribed(days=0), ("days_supply", "prescribed-too-long")),
    "31 days": (prescribed(days=31), ("days_supply", "prescribed-too-long")),
    "no capsule": (prescribed(()), ("target", "dose-impossible")),
    "a capsule of 1 mg": (prescribed((30, 1)), None),
    "a capsule of nothing": (prescribed((30, 0)), ("target", "dose-impossible")),
    "21 capsules": (prescribed((5,) * 21), ("target", "dose-impossible")),
    "a tenth of the least dose": (prescribed((3,)), None),
    "less than that": (prescribed((3,), 60_001), ("target", "dose-impossible")),
    "a quarter above the most": (prescribed((50, 50, 50)), None),
    "more than that": (prescribed((50, 50, 50), 59_999), ("target", "dose-impossible")),
}


@pytest.mark.parametrize(("record", "refused"), CASES.values(), ids=CASES.keys())
def test_prescription_that_cannot_be_meant_is_refused_by_its_field(
    record: Prescribed, refused: tuple[str, str] | None
) -> None:
    found = refusal(record)
    assert (found and (found.field, found.rule)) == refused


def test_daily_dose_is_the_sum_of_the_capsules() -> None:
    assert prescribed((40, 20, 10)).daily_mg == 70
