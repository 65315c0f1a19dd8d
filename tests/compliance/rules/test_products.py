"""The file of products is complete, and a hole in it is found."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from compliance.documents import products
from compliance.rules.care.products import INGREDIENTS, PRODUCTS, missing, table_of
from compliance.words.dose import INGREDIENTS as INGREDIENT_NAMES
from compliance.words.dose import PRODUCTS as NAMES


def test_file_of_products_is_complete() -> None:
    assert list(missing(products.file())) == []
    assert tuple(products.all_products()) == PRODUCTS


@pytest.mark.parametrize("code", PRODUCTS)
def test_product_is_dosed_by_the_table_by_which_records_are_checked(code: str) -> None:
    assert products.all_products()[code].table == table_of(code)


def test_each_product_and_ingredient_has_a_name() -> None:
    assert NAMES.keys() == set(PRODUCTS)
    assert INGREDIENT_NAMES.keys() == set(INGREDIENTS)


def change(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def work(first: dict[str, Any]) -> None:
        *parents, last = path.split(".")
        for parent in parents:
            first = first[parent]
        first[last] = value

    return work


#: What is done to the first product, and what is then said of it.
HOLES: dict[str, tuple[Callable[[dict[str, Any]], None], str]] = {
    "no strengths": (change("strengths.mg", []), "strengths"),
    "a strength twice": (change("strengths.mg", [10, 10]), "strengths"),
    "a strength that is not whole": (change("strengths.mg", [10.5]), "strengths"),
    "no ingredients": (change("ingredients", []), "ingredients"),
    "an ingredient that nobody knows": (change("ingredients", [{"code": "x"}]), "ingredients"),
    "food not said": (change("food.needed", None), "food"),
    "another table": (change("table.name", "ld"), "table"),
    "no source": (change("food.source", "hearsay"), "source"),
    "no section": (change("food.section", ""), "section"),
    "no day": (change("table.on", "2023"), "day"),
    "a product too few": (change("code", "accutane"), "absorica is not there"),
    "a product that no record can name": (change("code", "accutane"), "accutane is no product"),
}


@pytest.mark.parametrize(("hole", "said"), HOLES.values(), ids=HOLES.keys())
def test_hole_in_the_file_of_products_is_found(hole: Callable[[dict[str, Any]], None], said: str) -> None:
    file = copy.deepcopy(dict(products.file()))
    hole(file["products"][0])
    assert any(said in sentence for sentence in missing(file))
