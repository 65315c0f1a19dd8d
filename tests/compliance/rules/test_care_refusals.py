"""What cannot be meant is refused, and what belongs to a course needs one."""

from datetime import date

import pytest

from compliance.rules import entries
from compliance.rules.care.health import HealthAnswered
from compliance.rules.care.laboratory import LaboratoryPlanned, LaboratoryResult
from compliance.rules.care.prescription import Prescribed
from compliance.rules.record import Record
from compliance.rules.records import Discontinued
from tests.histories import HistoryFactory

VALUES = {"alt": {"number": "30", "unit": "U/L"}}
NOTHING = HealthAnswered((), (), ())


def prescribed(
    capsules: tuple[int, ...] = (30, 30), weight_g: int = 60_000, days: int = 30, product: str = "claravis"
) -> Prescribed:
    return Prescribed(product, capsules, weight_g, days)


#: A record that is entered during a course: the rule by which it is refused, or None.
CASES: dict[str, tuple[Record, str | None]] = {
    "a usual prescription": (prescribed(), None),
    "the least weight": (prescribed((10, 10), 25_000), None),
    "beneath it": (prescribed((10, 10), 24_900), "weight-impossible"),
    "the greatest weight": (prescribed((40,) * 4, 300_000), None),
    "above it": (prescribed((40,) * 4, 300_100), "weight-impossible"),
    "a day": (prescribed(days=1), None),
    "no day": (prescribed(days=0), "prescribed-too-long"),
    "31 days": (prescribed(days=31), "prescribed-too-long"),
    "no capsule": (prescribed(()), "dose-impossible"),
    "a capsule of nothing": (prescribed((30, 0)), "dose-impossible"),
    "twenty capsules": (prescribed((5,) * 20), None),
    "twenty-one": (prescribed((5,) * 21), "dose-impossible"),
    "a quarter above what the label ever allows": (prescribed((50, 50, 50)), None),
    "more than that": (prescribed((50, 50, 51)), "dose-impossible"),
    "a tenth of the least dose": (prescribed((3,)), None),
    "less than that": (prescribed((2,)), "dose-impossible"),
    "LD, a quarter above": (prescribed((40, 40, 40), product="absorica-ld"), None),
    "LD, more than that": (prescribed((40, 40, 41), product="absorica-ld"), "dose-impossible"),
    "answers": (NOTHING, None),
    "values": (LaboratoryResult(date(2026, 10, 2), VALUES), None),
    "values of tomorrow": (LaboratoryResult(date(2026, 10, 7), VALUES), "in-the-future"),
    "values from before the birth": (LaboratoryResult(date(2001, 4, 1), VALUES), "before-birth"),
    "values of the birth itself": (LaboratoryResult(date(2001, 4, 2), VALUES), None),
    "a plan": (LaboratoryPlanned((0, 2)), None),
    "a plan out of order": (LaboratoryPlanned((2, 0)), "not-listed"),
}


def rule(made: HistoryFactory, day: float, record: Record) -> str | None:
    found = entries.refusal(made.ask(day).history, made.entries, record, made.at(day))
    return found.rule if found is not None else None


@pytest.mark.parametrize(("record", "refused"), CASES.values(), ids=CASES.keys())
def test_record_in_a_course(record: Record, refused: str | None) -> None:
    assert rule(HistoryFactory(), 5, record) == refused


@pytest.mark.parametrize(
    ("record", "refused"),
    [(prescribed(), "no-course"), (NOTHING, "no-course"), (LaboratoryPlanned(()), "no-course"),
     (LaboratoryResult(date(2026, 10, 2), VALUES), None)],
    ids=["prescription", "answers", "plan", "values"],
)  # fmt: skip
def test_record_after_a_course(record: Record, refused: str | None) -> None:
    """What was raised is looked at until it has settled."""
    made = HistoryFactory()
    made.enter(3, Discontinued("r"))
    assert rule(made, 5, record) == refused


def test_no_values_before_the_first_course() -> None:
    made = HistoryFactory()
    made.entries = made.entries[:1]
    assert rule(made, 5, LaboratoryResult(date(2026, 10, 2), VALUES)) == "no-course"
