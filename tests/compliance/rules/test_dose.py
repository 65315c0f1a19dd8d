"""Dose and capsules, held against a plain second arithmetic that tries everything."""

from decimal import ROUND_CEILING, Decimal, localcontext
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from compliance.documents.products import all_products
from compliance.rules.care import dose
from compliance.rules.care.dose import Capsules
from tests.compliance.rules.growing import SMALL

PRODUCTS = all_products()


# --- the second arithmetic: in hundredths of a mg, over every number of each strength -----------------------------
def best_by_trying(strengths: tuple[int, ...], target: int, low: int, high: int) -> tuple[int, int, int]:
    """Total, capsules and strengths of the best day, where `target`, `low` and `high` are in hundredths of a mg."""
    best = None
    numbers = [range(target // (100 * one) + 3) for one in strengths]
    for counts in product(*numbers):
        capsules, total = sum(counts), sum(n * s for n, s in zip(counts, strengths, strict=True))
        if capsules == 0:
            continue
        kinds = sum(1 for n in counts if n)
        away = abs(100 * total - target)
        outside = low <= target <= high and not low <= 100 * total <= high
        key = (capsules == 1, outside, away, capsules, kinds, total)
        if best is None or key < best:
            best = key
    assert best is not None
    return best[5], best[3], best[4]


@given(
    st.sampled_from([code for code, one in PRODUCTS.items() if len(one.strengths) < 5]),
    st.integers(30_0, 90_0), st.integers(40, 130),
)  # fmt: skip
@SMALL
def test_capsules_are_those_that_trying_everything_finds(code: str, hundred_g: int, percent: int) -> None:
    one = PRODUCTS[code]
    kg = Fraction(hundred_g, 10)
    target = int(kg * percent)
    low, high = int(kg * 50), int(kg * 100)
    found = dose.capsules_for(one.strengths, Fraction(target, 100), (Fraction(low, 100), Fraction(high, 100)))
    assert (sum(found), len(found), len(set(found))) == best_by_trying(one.strengths, target, low, high)


@given(st.sampled_from(list(PRODUCTS)), st.integers(35, 120), st.fractions(Fraction(2, 5), 2))
@example("absorica", 45, Fraction(1))
@SMALL
def test_capsules_are_no_further_from_the_dose_than_half_a_step(code: str, kg: int, target: Fraction) -> None:
    """Two capsules at least; of strengths that there are; as near as the smallest step between two strengths."""
    strengths = PRODUCTS[code].strengths
    found = dose.capsules_for(strengths, kg * target, (Fraction(0), Fraction(999)))
    assert set(found) <= set(strengths)
    assert len(found) >= 2
    assert list(found) == sorted(found, reverse=True)
    if kg * target >= 2 * strengths[0]:
        assert abs(sum(found) - kg * target) <= Fraction(strengths[0], 2)


CASES: dict[str, tuple[str, Fraction, tuple[int, int], Capsules]] = {
    "70 kg at 0.5": ("claravis", Fraction(35), (35, 70), (20, 20)),
    "60 kg at 1: two of one strength, not 40 and 20": ("claravis", Fraction(60), (30, 60), (30, 30)),
    "45 kg at 1 with 25 mg capsules": ("absorica", Fraction(45), (22, 45), (25, 20)),
    "no 30 mg capsules": ("amnesteem", Fraction(60), (30, 60), (40, 20)),
    "within the range, though 30 is as near as 20": ("glotret", Fraction(25), (20, 25), (10, 10)),
    "above the range, as it was asked for": ("claravis", Fraction(90), (30, 60), (30, 30, 30)),
    "100 kg of LD at 0.8": ("absorica-ld", Fraction(80), (40, 80), (28, 28, 24)),
    "two capsules, though one of 20 mg would do": ("claravis", Fraction(20), (20, 40), (10, 10)),
    "two capsules, though one is nearer": ("claravis", Fraction(10), (10, 20), (10, 10)),
    "the lowest dose, not rounded beneath it": ("glotret", Fraction(25), (25, 50), (20, 10)),
    "the highest dose, not rounded above it": ("glotret", Fraction(27), (20, 27), (10, 10)),
    "beneath the range, as it was asked for": ("claravis", Fraction(21), (30, 60), (10, 10)),
}


@pytest.mark.parametrize(("code", "target", "allowed", "capsules"), CASES.values(), ids=CASES.keys())
def test_capsules_of_a_day(code: str, target: Fraction, allowed: tuple[int, int], capsules: Capsules) -> None:
    low, high = allowed
    assert dose.capsules_for(PRODUCTS[code].strengths, target, (Fraction(low), Fraction(high))) == capsules


@given(st.lists(st.sampled_from([5, 8, 10, 20, 25, 40]), min_size=1, max_size=7).map(lambda x: sorted(x, reverse=True)))
@SMALL
def test_two_doses_are_as_equal_as_any_parting(capsules: list[int]) -> None:
    first, second = dose.two_doses(tuple(capsules))
    assert sorted([*first, *second], reverse=True) == capsules
    partings = (sum(one for one, second in zip(capsules, parts, strict=True) if second)
                for parts in product((False, True), repeat=len(capsules)))  # fmt: skip
    assert sum(first) - sum(second) == min(abs(sum(capsules) - 2 * part) for part in partings)


#: Capsules of a day: those of the first dose, and those of the second.
PARTED: dict[str, tuple[Capsules, Capsules, Capsules]] = {
    "two alike": ((20, 20), (20,), (20,)),
    "the larger first": ((40, 20), (40,), (20,)),
    "an odd one": ((20, 20, 20), (20, 20), (20,)),
    "one alone": ((40,), (40,), ()),
    "as many capsules, of as many mg": ((20, 20, 10, 10, 10, 10), (20, 10, 10), (20, 10, 10)),
    "as many mg, of fewer capsules": ((40, 20, 20), (40,), (20, 20)),
}


@pytest.mark.parametrize(("capsules", "first", "second"), PARTED.values(), ids=PARTED.keys())
def test_two_doses_of_a_day(capsules: Capsules, first: Capsules, second: Capsules) -> None:
    assert dose.two_doses(capsules) == (first, second)


WEIGHTS: dict[str, tuple[str, str, int]] = {
    "kilograms as typed": ("70.5", "kg", 70_500),
    "pounds, to the nearest 100 g": ("150", "lb", 68_000),
    "pounds, rounded up": ("155", "lb", 70_300),
    "one pound": ("1", "lb", 500),
    "half of 100 g, to the even one below": ("70.25", "kg", 70_200),
    "half of 100 g, to the even one above": ("70.35", "kg", 70_400),
}


@pytest.mark.parametrize(("typed", "unit", "grams"), WEIGHTS.values(), ids=WEIGHTS.keys())
def test_weight_in_grams(typed: str, unit: str, grams: int) -> None:
    assert dose.in_grams(Decimal(typed), unit) == grams


@pytest.mark.parametrize(
    ("value", "places", "shown"),
    [(Fraction(1, 3), "0.01", "0.33"), (Fraction(2, 3), "0.01", "0.67"), (Fraction(1, 8), "0.01", "0.12"),
     (Fraction(3, 8), "0.01", "0.38"), (Fraction(5, 2), "1", "2"), (Fraction(60), "0.1", "60.0")],
)  # fmt: skip
def test_value_is_rounded_half_to_even(value: Fraction, places: str, shown: str) -> None:
    assert dose.rounded(value, places) == Decimal(shown)


def test_value_has_two_places_unless_others_are_asked_for() -> None:
    assert str(dose.rounded(Fraction(1, 3))) == "0.33"


def test_weight_in_pounds_is_whole() -> None:
    assert dose.in_pounds(68_000) == 150


def test_rounding_is_half_to_even_whatever_the_context_says() -> None:
    with localcontext() as context:
        context.rounding = ROUND_CEILING
        assert dose.in_grams(Decimal("70.25"), "kg") == 70_200
        assert dose.in_grams(Decimal(150), "lb") == 68_000
        assert dose.in_pounds(68_100) == 150
        assert dose.rounded(Fraction(1, 8)) == Decimal("0.12")


#: Table: beneath which dose, and above which, something is mistyped.
MISTYPED = {"standard": (Fraction(1, 20), Fraction(5, 2)), "ld": (Fraction(1, 25), Fraction(2))}


@pytest.mark.parametrize("table", MISTYPED)
def test_mistyped_dose_is_a_tenth_of_the_least_or_a_quarter_above_the_most(table: str) -> None:
    bounds = dose.RANGES[table]
    assert (bounds.least, bounds.most) == MISTYPED[table]


#: Weight, unit, age, last weight: what is doubtful.
DOUBTS: dict[str, tuple[int, str, int | None, int | None, str]] = {
    "a usual weight": (70_000, "kg", 25, None, ""),
    "150 lb typed as kilograms": (150_000, "kg", 25, None, "pounds"),
    "an adult of 120 kg": (120_000, "kg", 25, None, ""),
    "110 kg at 16": (110_000, "kg", 16, None, "pounds"),
    "80 kg at 13": (80_000, "kg", 13, None, "pounds"),
    "80 kg at 14": (80_000, "kg", 14, None, ""),
    "a heavy weight in pounds": (150_000, "lb", 25, None, ""),
    "55 kg typed as pounds": (24_900, "lb", 25, None, "kilograms"),
    "an age that is not known": (125_000, "kg", None, None, "pounds"),
    "a heavy weight that is known": (150_000, "kg", 25, 148_000, ""),
    "110 lb after 50 kg": (110_000, "kg", 25, 50_000, "pounds"),
    "50 kg as pounds after 50 kg": (22_700, "lb", 25, 50_000, "kilograms"),
    "a third less": (50_000, "kg", 25, 75_000, "changed"),
    "half as much again": (75_000, "kg", 25, 50_000, "changed"),
    "75 kg at 13": (75_000, "kg", 13, None, ""),
    "a gram more at 13": (75_001, "kg", 13, None, "pounds"),
    "95 kg at 14": (95_000, "kg", 14, None, ""),
    "a gram more at 14": (95_001, "kg", 14, None, "pounds"),
    "95 kg at 17": (95_000, "kg", 17, None, ""),
    "a gram more at 17": (95_001, "kg", 17, None, "pounds"),
    "the same at 18": (95_001, "kg", 18, None, ""),
    "a gram above 120 kg": (120_001, "kg", 25, None, "pounds"),
    "110 kg at an age that is not known": (110_000, "kg", None, None, ""),
    "32 kg in pounds": (32_000, "lb", 25, None, ""),
    "a gram less": (31_999, "lb", 25, None, "kilograms"),
    "a light weight in kilograms": (30_000, "kg", 13, None, ""),
    "a fifth less": (40_000, "kg", 25, 50_000, ""),
    "a gram less than that": (39_999, "kg", 25, 50_000, "changed"),
    "a fourth more": (62_500, "lb", 25, 50_000, ""),
    "a gram more than that": (62_501, "lb", 25, 50_000, "changed"),
    "1.8 times in kilograms": (90_000, "kg", 25, 50_000, "pounds"),
    "less than 1.8 times": (89_999, "kg", 25, 50_000, "changed"),
    "2.7 times in kilograms": (135_000, "kg", 25, 50_000, "pounds"),
    "more than 2.7 times": (135_001, "kg", 25, 50_000, "changed"),
    "2.2 times in pounds": (110_000, "lb", 25, 50_000, "changed"),
    "two fifths in pounds": (30_000, "lb", 25, 75_000, "kilograms"),
    "less than two fifths": (29_999, "lb", 25, 75_000, "changed"),
    "five ninths in pounds": (50_000, "lb", 25, 90_000, "kilograms"),
    "more than five ninths": (50_001, "lb", 25, 90_000, "changed"),
    "half in kilograms": (37_500, "kg", 25, 75_000, "changed"),
}


@pytest.mark.parametrize(("weight", "unit", "age", "last", "doubt"), DOUBTS.values(), ids=DOUBTS.keys())
def test_weight_doubt(weight: int, unit: str, age: int | None, last: int | None, doubt: str) -> None:
    assert dose.weight_doubt(weight, unit, age=age, last_g=last) == doubt


#: Table, capsules, weight, very severe, age: what is to be said.
CONCERNS: dict[str, tuple[str, Capsules, int, bool, int, set[str]]] = {
    "the low end": ("standard", (20, 10), 60_000, False, 20, set()),
    "the high end": ("standard", (30, 30), 60_000, False, 20, set()),
    "below": ("standard", (10, 10), 60_000, False, 20, {"below-range"}),
    "above": ("standard", (40, 30), 60_000, False, 20, {"above-range"}),
    "very severe": ("standard", (40, 40), 60_000, True, 20, {"very-severe"}),
    "very severe, at its end": ("standard", (40, 40, 40), 60_000, True, 20, {"very-severe"}),
    "above that": ("standard", (40, 40, 40, 10), 60_000, True, 20, {"above-every-range"}),
    "very severe at 17": ("standard", (40, 40), 60_000, True, 17, {"very-severe", "very-severe-minor"}),
    "very severe at 18": ("standard", (40, 40), 60_000, True, 18, {"very-severe"}),
    "LD, the low end": ("ld", (20, 20), 100_000, False, 20, set()),
    "LD, the high end": ("ld", (32, 24, 24), 100_000, False, 20, set()),
    "LD above, where the standard is not": ("ld", (32, 32, 20), 100_000, False, 20, {"above-range"}),
    "LD, very severe at its end": ("ld", (32,) * 5, 100_000, True, 20, {"very-severe"}),
    "LD above that": ("ld", (32,) * 5 + (8,), 100_000, True, 20, {"above-every-range"}),
    "one capsule": ("standard", (40,), 60_000, False, 20, {"once-a-day"}),
}


@pytest.mark.parametrize(("table", "capsules", "weight", "severe", "age", "said"), CONCERNS.values(), ids=CONCERNS)
def test_dose_concerns(table: str, capsules: Capsules, weight: int, severe: bool, age: int, said: set[str]) -> None:
    assert set(dose.concerns(table, capsules, weight, very_severe=severe, age=age)) == said
