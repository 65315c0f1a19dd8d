"""A patient's record on the practice's page: by months, with a signature once for all that it covers."""

from datetime import UTC, datetime
from itertools import count
from typing import Any

from tests.factories import as_
from tests.histories import ClinicFactory
from web.patient.presenters import signed_once
from web.prescriber.record import IN_SIGHT, OPEN, RecordLine, by_month
from web.shared.manifestations import SignatureManifestation


def line(number: int, at: datetime, signature: SignatureManifestation | None = None) -> RecordLine:
    return RecordLine(number, at, f"entry {number}", "", voided=False, ways=(), by="", manifestation=signature)


def signature(number: int) -> SignatureManifestation:
    at = datetime(2026, 11, 2, tzinfo=UTC)
    return SignatureManifestation(number, "R. Hale", "I attest", at, "", "month", "Month", 1, "en", "ab" * 32, "")


NOVEMBER, OCTOBER = datetime(2026, 11, 20, 15, tzinfo=UTC), datetime(2026, 10, 20, 15, tzinfo=UTC)


def shape(lines: list[RecordLine]) -> list[tuple[str, list[list[int]]]]:
    return [(month.label, [[one.number for one in block.lines] for block in month.blocks]) for month in by_month(lines)]


def test_neighbours_of_one_signature_stand_together_and_what_is_unsigned_alone() -> None:
    first, second = signature(9), signature(5)
    lines = [line(8, NOVEMBER, first), line(7, NOVEMBER, first), line(6, NOVEMBER), line(5, NOVEMBER),
             line(4, NOVEMBER, second), line(3, OCTOBER, second), line(2, OCTOBER)]  # fmt: skip
    assert shape(lines) == [("November 2026", [[8, 7], [6], [5], [4]]), ("October 2026", [[3], [2]])]


def test_own_record_shows_a_signature_once_below_the_last_that_it_covers() -> None:
    first, second = signature(9), signature(5)
    signed = [first, first, None, None, second, second]
    page: list[Any] = [(None, "", "", one, None) for one in signed]
    assert [line[-1] for line in signed_once(page)] == [False, True, False, False, False, True]


def test_month_is_the_programs() -> None:
    """Midnight in New York is five in the morning of London."""
    lines = [line(2, datetime(2026, 12, 1, 4, 59, tzinfo=UTC))]
    assert shape(lines) == [("November 2026", [[2]])]


def test_newest_month_is_open() -> None:
    numbers = count(9, -1)
    months = by_month([line(next(numbers), datetime(2026, month, 15, tzinfo=UTC)) for month in (11, 10, 9, 8)])
    assert [month.is_open for month in months] == [True] * OPEN + [False] * (len(months) - OPEN)
    assert [month.count for month in months] == [1] * 4


def test_report_of_a_pregnancy_stands_at_the_top_for_who_may(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    page = as_(clinic.prescriber.user).get(f"/prescriber/patients/{patient.pk}/").content.decode()
    assert page.count("Report a pregnancy") == 1
    assert page.index("Report a pregnancy") < page.index("What is missing" if "What is missing" in page else "Record")


def test_long_month_shows_its_newest_entries_and_folds_those_before() -> None:
    numbers = count(30, -1)
    months = by_month([line(next(numbers), datetime(2026, 11, day, tzinfo=UTC)) for day in range(20, 10, -1)])
    assert [(month.label, month.count, month.is_open) for month in months] == [
        ("November 2026", IN_SIGHT, True),
        ("Earlier in November 2026", 10 - IN_SIGHT, False),
    ]
