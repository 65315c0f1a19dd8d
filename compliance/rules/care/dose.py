"""The arithmetic of a dose: from a weight to capsules a day, and what is to be said of it. Exact: no floats.

Source: prescribing information, dosage and administration; Absorica and Absorica LD, section 2.1.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from itertools import combinations_with_replacement, product
from math import ceil, floor

from .products import TABLES

#: One pound, exactly.
GRAMS_A_POUND = Decimal("453.59237")
#: In grams: outside it a weight is mistyped.
WEIGHTS_G = (25_000, 300_000)
#: A prescription is for so many days at most.
LONGEST_DAYS = 30


@dataclass(frozen=True, slots=True)
class DoseRange:
    """The doses of a table, in mg for each kg and day."""

    low: Fraction
    high: Fraction
    #: Up to which an adult with very severe disease may need.
    very_severe: Fraction
    #: mg of the standard table to which 1 mg is equal: by the two tables of the label.
    equal_to: Fraction

    @property
    def least(self) -> Fraction:
        """Beneath it no treatment is meant: something is mistyped."""
        return self.low / 10

    @property
    def most(self) -> Fraction:
        """Above it, by a quarter more than the label ever allows, something is mistyped."""
        return self.very_severe * 5 / 4


RANGES = {
    "standard": DoseRange(Fraction(1, 2), Fraction(1), Fraction(2), Fraction(1)),
    "ld": DoseRange(Fraction(2, 5), Fraction(4, 5), Fraction(8, 5), Fraction(5, 4)),
}
assert tuple(RANGES) == TABLES

#: The strengths of the capsules of one day, largest first: (40, 20) is one of 40 mg and one of 20 mg.
Capsules = tuple[int, ...]


def in_grams(weight: Decimal, unit: str) -> int:
    """A weight in `kg` or `lb`, to the nearest 100 g: as exact as a scale."""
    grams = weight * (GRAMS_A_POUND if unit == "lb" else 1000)
    return int((grams / 100).quantize(Decimal(1), rounding=ROUND_HALF_EVEN)) * 100


def in_pounds(weight_g: int) -> int:
    """A weight in whole pounds."""
    return int((weight_g / GRAMS_A_POUND).quantize(Decimal(1), rounding=ROUND_HALF_EVEN))


def per_kg(daily_mg: int, weight_g: int) -> Fraction:
    """mg for each kg and day, exactly."""
    return Fraction(daily_mg * 1000, weight_g)


def rounded(value: Fraction, places: str = "0.01") -> Decimal:
    """A value as people read it."""
    return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(Decimal(places), rounding=ROUND_HALF_EVEN)


def capsules_for(strengths: Sequence[int], target_mg: Fraction, allowed_mg: tuple[Fraction, Fraction]) -> Capsules:
    """The capsules of a day: as near to the target as the strengths allow, then the fewest, of the fewest strengths.

    A target that is allowed is not rounded to a dose that is not, and two capsules go before one: a day has two doses.
    Between two that are equal in all this the smaller dose is taken, then the capsules that are most alike.
    """
    # As many of the largest as fit are nearer than fewer capsules; two more reach each step between.
    whole = int(target_mg / max(strengths))
    low, high = allowed_mg
    bounded, least, most = low <= target_mg <= high, ceil(low), floor(high)
    numerator, denominator = target_mg.as_integer_ratio()

    def order(capsules: Capsules) -> tuple[bool, int, int, int, int, int]:
        total = sum(capsules)
        away = abs(total * denominator - numerator)
        outside = bounded and not least <= total <= most
        unlike = capsules[0] - capsules[-1]
        return outside, away, len(capsules), len(set(capsules)), total, unlike

    descending = sorted(strengths, reverse=True)
    numbers = range(max(2, whole), whole + 3)
    return min((one for number in numbers for one in combinations_with_replacement(descending, number)), key=order)


def two_doses(capsules: Capsules) -> tuple[Capsules, Capsules]:
    """The capsules of the first and of the second dose of a day, as equal as they can be; the first is the larger."""
    counts = Counter(capsules)
    total = sum(capsules)
    splits = product(*(range(number + 1) for number in counts.values()))

    def amount(split: tuple[int, ...]) -> int:
        return sum(strength * number for strength, number in zip(counts, split, strict=True))

    def unequal(split: tuple[int, ...]) -> tuple[int, int, tuple[int, ...]]:
        return abs(2 * amount(split) - total), abs(2 * sum(split) - len(capsules)), split

    second = min((split for split in splits if 2 * amount(split) <= total), key=unequal)
    numbers = dict(zip(counts, second, strict=True))
    later = tuple(strength for strength, number in numbers.items() for _ in range(number))
    return tuple((counts - Counter(later)).elements()), later


def concerns(table: str, capsules: Capsules, weight_g: int, *, very_severe: bool, age: int | None) -> Iterator[str]:
    """What is to be said of a dose that can be meant, by code."""
    bounds, dose = RANGES[table], per_kg(sum(capsules), weight_g)
    if dose < bounds.low:
        yield "below-range"
    if dose > bounds.very_severe:
        yield "above-every-range"
    elif dose > bounds.high:
        yield "very-severe" if very_severe else "above-range"
        if age is not None and age < 18:
            yield "very-severe-minor"
    if len(capsules) == 1:
        yield "once-a-day"


#: The weight above which a typed one is asked about, in grams, of those younger than so many years.
_HEAVY_G = ((14, 75_000), (18, 95_000), (200, 120_000))
#: Beneath it hardly anybody is who may be treated, from 12 years on: more often kilograms were typed as pounds.
_LIGHT_G = 32_000


def weight_doubt(weight_g: int, unit: str, *, age: int | None, last_g: int | None) -> str:
    """What is doubtful about a weight that was typed in that unit: `pounds` or `kilograms` (meant, and not chosen), or
    `changed` since the last one; empty where nothing is.
    """
    if last_g is not None:
        ratio = Fraction(weight_g, last_g)
        if Fraction(4, 5) <= ratio <= Fraction(5, 4):
            return ""
        if unit == "kg" and Fraction(9, 5) <= ratio <= Fraction(27, 10):
            return "pounds"
        if unit == "lb" and Fraction(2, 5) <= ratio <= Fraction(5, 9):
            return "kilograms"
        return "changed"
    years = 18 if age is None else age
    if unit == "kg" and weight_g > next(limit for younger, limit in _HEAVY_G if years < younger):
        return "pounds"
    return "kilograms" if unit == "lb" and weight_g < _LIGHT_G else ""
