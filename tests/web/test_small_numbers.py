"""No number of one place below the floor is shown, nor can it be worked out of those that are."""

from datetime import date
from uuid import UUID

import pytest

from compliance.models import MonthlyFigure
from web.office.figures import FIGURES, Figure
from web.office.small_numbers import shown_of

pytestmark = pytest.mark.django_db
MONTH = date(2026, 12, 1)

#: The numbers of the places of one figure, and those that are shown.
PLACES: dict[str, tuple[list[int], list[int]]] = {
    "none is small": ([9, 7, 5], [9, 7, 5]),
    "one is small: the smallest of the others goes too": ([9, 7, 3], [9]),
    "one is small, and two others are the smallest": ([9, 7, 7, 3], [9]),
    "two are small, and together less than the floor": ([9, 7, 2, 2], [9]),
    "two are small, and together enough": ([9, 7, 4, 1], [9, 7]),
    "none at all is no small number": ([9, 7, 0], [9, 7]),
    "one is small, and there is no other": ([3], []),
    "one is small beside one": ([8, 3], []),
}


def counted(figure: str, numbers: list[int]) -> None:
    MonthlyFigure.objects.bulk_create(
        MonthlyFigure(month=MONTH, figure=figure, place=UUID(int=place), number=number)
        for place, number in enumerate(numbers, start=1)
    )


def shown(figure: Figure) -> list[int]:
    rows = shown_of(figure, MonthlyFigure.objects.filter(figure=figure.code, month=MONTH))
    return list(rows.order_by("-number").values_list("number", flat=True))


@pytest.mark.parametrize("name", PLACES)
def test_of_the_places_of_one_figure(name: str) -> None:
    numbers, kept = PLACES[name]
    counted("fills", numbers)
    assert shown(FIGURES["fills"]) == kept


@pytest.mark.parametrize("name", PLACES)
def test_what_is_missing_to_the_whole_is_no_small_number(name: str) -> None:
    numbers, _kept = PLACES[name]
    counted("fills", numbers)
    missing = sum(numbers) - sum(shown(FIGURES["fills"]))
    assert missing == 0 or missing >= FIGURES["fills"].floor or missing == sum(numbers)


def test_a_figure_within_another_is_shown_where_the_rest_is_none_or_enough() -> None:
    """Stops less positive tests are reports: of one place, one report would tell of somebody."""
    counted("stops", [20, 12, 9, 8])
    counted("found-by-test", [15, 11, 9, 5])
    assert shown(FIGURES["found-by-test"]) == [15, 9], "11 of 12 leaves one, 5 of 8 leaves three"
    for larger in ("tests", "stops"):
        assert larger in FIGURES["found-by-test"].within


def test_a_signal_is_about_a_place_and_shown() -> None:
    counted("signal-backdated", [3, 1])
    assert shown(FIGURES["signal-backdated"]) == [3, 1]
