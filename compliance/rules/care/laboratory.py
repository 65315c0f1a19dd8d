"""Laboratory values: units, what is too far from any body, limits, and what the label advises. Exact: no floats.

Source: prescribing information, warnings (pancreatitis, lipids, liver, muscles). Upper limits are assumed where the
result does not state its own.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from ..fields import flag, numbers, on
from ..record import Record
from ..refusals import Refusal

#: The tests, in the order in which a page has them.
TESTS = ("alt", "ast", "triglycerides", "cholesterol", "ck")

_ENZYME = {"U/L": Fraction(1), "µkat/L": Fraction(60)}

#: Units by test, the first the one in which it is drawn and compared: how much of that one unit is.
#: 1 µkat/L is 60 U/L exactly; 1 mmol/L is 88.57 mg/dL of triglycerides and 38.67 mg/dL of cholesterol.
UNITS: Mapping[str, Mapping[str, Fraction]] = {
    "alt": _ENZYME,
    "ast": _ENZYME,
    "triglycerides": {"mg/dL": Fraction(1), "mmol/L": Fraction("88.57")},
    "cholesterol": {"mg/dL": Fraction(1), "mmol/L": Fraction("38.67")},
    "ck": _ENZYME,
}

#: The upper limit, in the first unit, where the laboratory's own is not known (assumed).
UPPER = {"alt": 40, "ast": 40, "triglycerides": 150, "cholesterol": 200, "ck": 200}

#: The least and the greatest value that can be meant, in the first unit.
POSSIBLE = {
    "alt": (1, 20_000), "ast": (1, 20_000), "triglycerides": (10, 15_000), "cholesterol": (30, 2_000),
    "ck": (5, 300_000),
}  # fmt: skip


#: A number as people type it: no sign, no exponent, a point or one comma.
_NUMBER = re.compile(r"[0-9]{1,6}(?:[.,][0-9]{1,4})?")


def decimal(raw: str) -> Decimal:
    """A number as people type it. Raises ValueError for anything else."""
    if not _NUMBER.fullmatch(raw.strip()):
        raise ValueError("not-a-number")
    return Decimal(raw.strip().replace(",", "."))


@dataclass(frozen=True, slots=True)
class Value:
    """One value as it was entered: number, unit, and the laboratory's own upper limit where it was stated."""

    number: str
    unit: str
    upper: str = ""

    def comparable(self, test: str) -> Fraction:
        """In the unit in which that test is compared."""
        return Fraction(decimal(self.number)) * UNITS[test][self.unit]

    def limit(self, test: str) -> Fraction:
        """The upper limit, in the unit in which that test is compared."""
        return Fraction(decimal(self.upper)) * UNITS[test][self.unit] if self.upper else Fraction(UPPER[test])


def values_of(raw: object) -> Mapping[str, Mapping[str, str]]:
    """The reader of values by test: plain data, each a number, a unit and perhaps a limit."""
    if not isinstance(raw, Mapping) or not raw or not raw.keys() <= set(TESTS):
        raise ValueError("not-listed")
    for test, plain in raw.items():
        if not isinstance(plain, Mapping) or not {"number", "unit"} <= plain.keys() <= {"number", "unit", "upper"}:
            raise ValueError("not-listed")
        if plain["unit"] not in UNITS[test] or not all(isinstance(one, str) for one in plain.values()):
            raise ValueError("not-listed")
        for name in plain.keys() & {"number", "upper"}:
            decimal(plain[name])
    return dict(raw)


@dataclass(frozen=True, slots=True)
class LaboratoryResult(Record):
    """The values of a day on which blood was drawn, as they were entered. No gate asks for it.

    Another result of the same day takes the place of the one before it.
    """

    kind = "laboratory_result"
    readers = {"drawn_on": on, "values": values_of, "fasting": flag}
    drawn_on: date
    values: Mapping[str, Mapping[str, str]]
    #: Whether the patient had fasted; None where nobody knows.
    fasting: bool | None = None

    def value(self, test: str) -> Value | None:
        """The value of that test, if it was made."""
        return Value(**self.values[test]) if test in self.values else None


def refusal(record: LaboratoryResult, today: date, born_on: date | None) -> Refusal | None:
    """Why this cannot be meant."""
    if record.drawn_on > today:
        return Refusal("drawn_on", "in-the-future")
    if born_on is not None and record.drawn_on < born_on:
        return Refusal("drawn_on", "before-birth")
    for test in record.values:
        value = record.value(test)
        assert value is not None
        low, high = POSSIBLE[test]
        if not low <= value.comparable(test) <= high or (value.upper and not low <= value.limit(test) <= high):
            return Refusal(test, "value-impossible")
    return None


@dataclass(frozen=True, slots=True)
class Threshold:
    """Advice that stands from a multiple of the upper limit on, or from (or above) a value of its own."""

    code: str
    tests: tuple[str, ...]
    above: Fraction
    #: Whether `above` is a multiple of the upper limit; else it is in the first unit of the test.
    of_limit: bool = False
    #: Whether the value itself already counts.
    from_it: bool = False

    def is_reached(self, test: str, value: Value) -> bool:
        """Whether that value reaches it."""
        bound = self.above * value.limit(test) if self.of_limit else self.above
        found = value.comparable(test)
        return found >= bound if self.from_it else found > bound


#: For each test the highest that is reached is said. Source: prescribing information; what says so is assumed.
THRESHOLDS = (
    Threshold("triglycerides-pancreatitis", ("triglycerides",), Fraction(800)),
    Threshold("triglycerides-high", ("triglycerides",), Fraction(500), from_it=True),  # assumed
    Threshold("triglycerides-raised", ("triglycerides",), Fraction(1), of_limit=True),
    Threshold("liver-three-times", ("alt", "ast"), Fraction(3), of_limit=True, from_it=True),
    Threshold("liver-raised", ("alt", "ast"), Fraction(1), of_limit=True),
    Threshold("cholesterol-raised", ("cholesterol",), Fraction(1), of_limit=True),
    Threshold("ck-five-times", ("ck",), Fraction(5), of_limit=True, from_it=True),  # assumed
    Threshold("ck-raised", ("ck",), Fraction(1), of_limit=True),
)
#: What is said first, and in red.
GRAVE = frozenset({"triglycerides-pancreatitis", "liver-three-times", "ck-five-times"})


def advice(record: LaboratoryResult) -> Iterator[tuple[str, str]]:
    """What is to be said of the values of a day: test and code of the advice, in the order of the tests."""
    for test in TESTS:
        value = record.value(test)
        if value is None:
            continue
        reached = next((one for one in THRESHOLDS if test in one.tests and one.is_reached(test, value)), None)
        if reached is not None:
            yield test, reached.code
        if test == "triglycerides" and reached is not None and record.fasting is not True:
            yield test, "not-fasting"


def by_day(results: Sequence[LaboratoryResult]) -> list[LaboratoryResult]:
    """Results in order of their days; of each day the one that was entered last."""
    latest = {one.drawn_on: one for one in results}
    return [latest[day] for day in sorted(latest)]


#: A value of twice one's own baseline is worth a word, also within the limits.
DOUBLED = 2


def is_doubled(test: str, value: Value, baseline: Value | None) -> bool:
    """Whether a value is at least twice the patient's own first one."""
    return baseline is not None and value.comparable(test) >= DOUBLED * baseline.comparable(test)


#: The months in which values are due where the practice set nothing else: before the first dose, and month 2.
DEFAULT_MONTHS = (0, 2)
#: No course is planned for longer.
LAST_MONTH = 12


@dataclass(frozen=True, slots=True)
class LaboratoryPlanned(Record):
    """The months of the course in which values are due, 0 before the first dose; none at all is as needed.

    The latest counts. No gate asks for it. `by_practice`: the course goes by the practice's schedule again, whatever
    that becomes; `months` are then those that it had. Null is no.
    """

    kind = "laboratory_planned"
    readers = {"months": numbers, "by_practice": flag}
    months: tuple[int, ...]
    by_practice: bool | None = None


def are_months(months: Sequence[int]) -> bool:
    """Whether these are months of a course, in order and each once."""
    return list(months) == sorted(set(months)) and all(0 <= month <= LAST_MONTH for month in months)


def plan_refusal(record: LaboratoryPlanned) -> Refusal | None:
    """Why these months cannot be meant."""
    return None if are_months(record.months) else Refusal("months", "not-listed")


#: The kind of record, in the log of a practice, by which it sets the months for all its courses. The latest counts.
SCHEDULED = "laboratory_scheduled"


def scheduled_months(data: Mapping[str, object]) -> tuple[int, ...]:
    """The months of such a record. Raises ValueError for what is none."""
    months = numbers(data.get("months"))
    if not are_months(months):
        raise ValueError("not-listed")
    return months
