"""The file of products is complete, and a hole in it is found."""

import copy
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from compliance.documents import products
from compliance.rules.care.products import INGREDIENTS, PRODUCTS, Fact, Product, missing, read, table_of
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


def test_product_is_read_from_plain_data() -> None:
    def fact(section: str, day: str) -> dict[str, str]:
        return {"source": "label", "section": section, "on": day}

    raw = {
        "code": "absorica-ld", "strengths": {"mg": [8, 16], **fact("3", "2023-06-01")},
        "food": {"needed": False, **fact("2.1", "2023-06-02")}, "table": {"name": "ld", **fact("2.2", "2023-06-03")},
        "ingredients": [
            {"code": "gelatin", **fact("11", "2023-06-04")}, {"code": "beeswax", **fact("12", "2023-06-05")},
        ],
    }  # fmt: skip
    assert read(raw) == Product(
        code="absorica-ld", strengths=(8, 16), with_food=False, table="ld",
        ingredients={
            "gelatin": Fact("label", "11", date(2023, 6, 4)), "beeswax": Fact("label", "12", date(2023, 6, 5)),
        },
        facts={
            "strengths": Fact("label", "3", date(2023, 6, 1)), "food": Fact("label", "2.1", date(2023, 6, 2)),
            "table": Fact("label", "2.2", date(2023, 6, 3)),
        },
    )  # fmt: skip
    assert read(raw | {"food": {"needed": True, **fact("2.1", "2023-06-02")}}).with_food


def test_product_with_every_ingredient_that_matters_lacks_nothing() -> None:
    file = copy.deepcopy(dict(products.file()))
    first = file["products"][0]
    first["ingredients"] = [first["ingredients"][0] | {"code": code} for code in INGREDIENTS]
    assert list(missing(file)) == []


def test_product_of_one_milligram_lacks_nothing() -> None:
    file = copy.deepcopy(dict(products.file()))
    file["products"][0]["strengths"]["mg"] = [1, 10]
    assert list(missing(file)) == []


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
    "one of two that is not whole": (change("strengths.mg", [10, 20.5]), "strengths"),
    "a strength of nothing": (change("strengths.mg", [0, 10]), "strengths"),
    "strengths out of order": (change("strengths.mg", [20, 10]), "strengths"),
    "no ingredients": (change("ingredients", []), "ingredients"),
    "an ingredient that nobody knows": (change("ingredients", [{"code": "x"}]), "ingredients"),
    "food not said": (change("food.needed", None), "food"),
    "another table": (change("table.name", "ld"), "table"),
    "no source": (change("food.source", "hearsay"), "source"),
    "no section": (change("food.section", ""), "section"),
    "no day": (change("table.on", "2023"), "day"),
    "no source of an ingredient": (change("ingredients", [{"code": "gelatin"}]), "source"),
    "a product too few": (change("code", "accutane"), "absorica is not there"),
    "a product that no record can name": (change("code", "accutane"), "accutane is no product"),
}


@pytest.mark.parametrize(("hole", "said"), HOLES.values(), ids=HOLES.keys())
def test_hole_in_the_file_of_products_is_found(hole: Callable[[dict[str, Any]], None], said: str) -> None:
    file = copy.deepcopy(dict(products.file()))
    hole(file["products"][0])
    assert any(said in sentence for sentence in missing(file))
