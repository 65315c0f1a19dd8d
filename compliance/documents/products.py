"""The file of products: strengths, ingredients, food and table of each, with their sources."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from compliance.rules.care import products
from compliance.rules.care.products import Product

FILE = Path(__file__).parent / "products.json"


@cache
def file() -> Mapping[str, Any]:
    """The file as plain data."""
    data: Mapping[str, Any] = json.loads(FILE.read_text())
    return data


@cache
def all_products() -> Mapping[str, Product]:
    """Every product, by its code, in the order in which a form offers them."""
    return {raw["code"]: products.read(raw) for raw in file()["products"]}


def title(source: str) -> str:
    """What a source is."""
    words: str = file()["sources"][source]
    return words
