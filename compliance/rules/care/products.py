"""Products as a prescriber chooses them: strengths, ingredients, food, and by which table they are dosed.

The facts are data (`compliance/documents/products.json`), each with its source and the day on which it was read there.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

#: The products, by code. The log names them, so a code never goes.
PRODUCTS = (
    "absorica", "absorica-ld", "amnesteem", "claravis", "myorisan", "sotret", "zenatane", "roaccutane", "glotret",
    "generic",
)  # fmt: skip

#: The inactive ingredients that matter to somebody.
INGREDIENTS = ("soybean-oil", "gelatin", "parabens", "sorbitol", "beeswax", "butylated-hydroxyanisole")

#: By which table of doses a product is dosed.
TABLES = ("standard", "ld")

#: Those that are not dosed by the standard table. The rules need it where they have no file.
_OTHER_TABLES = {"absorica-ld": "ld"}

#: The source of what no label was read for.
ASSUMED = "assumed"


@dataclass(frozen=True, slots=True)
class Fact:
    """Where something is said: the source, its section, and the day on which it was read or published."""

    source: str
    section: str
    on: date

    @property
    def is_assumed(self) -> bool:
        """Whether no label was read for it."""
        return self.source == ASSUMED


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """One product."""

    code: str
    #: In mg, smallest first.
    strengths: tuple[int, ...]
    #: Whether each dose is taken with food.
    with_food: bool
    table: str
    #: Each ingredient that matters, and where that is said.
    ingredients: Mapping[str, Fact]
    #: Where `strengths`, `food` and `table` are said.
    facts: Mapping[str, Fact]


def table_of(code: str) -> str:
    """The table by which that product is dosed; the file of products must say the same."""
    return _OTHER_TABLES.get(code, "standard")


def read(raw: Mapping[str, Any]) -> Product:
    """A product from plain data in which `missing` finds nothing."""
    return Product(
        code=raw["code"],
        strengths=tuple(raw["strengths"]["mg"]),
        with_food=raw["food"]["needed"],
        table=raw["table"]["name"],
        ingredients={one["code"]: _fact(one) for one in raw["ingredients"]},
        facts={name: _fact(raw[name]) for name in ("strengths", "food", "table")},
    )


def _fact(raw: Mapping[str, Any]) -> Fact:
    return Fact(raw["source"], raw["section"], date.fromisoformat(raw["on"]))


def missing(file: Mapping[str, Any]) -> Iterator[str]:
    """What the file of products lacks, each in a sentence; nothing where it is complete."""
    products = {raw.get("code"): raw for raw in file.get("products", ())}
    for code in PRODUCTS:
        if code not in products:
            yield f"{code} is not there."
    for code, raw in products.items():
        if code not in PRODUCTS:
            yield f"{code} is no product that the records know."
        yield from (f"{code}: {what}" for what in _lacking(raw, file.get("sources", {})))


def _lacking(raw: Mapping[str, Any], sources: Mapping[str, str]) -> Iterator[str]:
    strengths = raw.get("strengths", {}).get("mg", [])
    whole = all(type(one) is int and one > 0 for one in strengths)
    if not strengths or not whole or strengths != sorted(set(strengths)):
        yield "strengths are missing, or not whole mg in order."
    if type(raw.get("food", {}).get("needed")) is not bool:
        yield "whether it is taken with food is missing."
    if raw.get("table", {}).get("name") != table_of(raw.get("code", "")):
        yield "the table of doses is missing, or another than the records are checked by."
    ingredients = [one.get("code") for one in raw.get("ingredients", ())]
    if not ingredients or not set(ingredients) <= set(INGREDIENTS):
        yield "ingredients are missing, or not among those that matter."
    for fact in (raw.get("strengths", {}), raw.get("food", {}), raw.get("table", {}), *raw.get("ingredients", ())):
        if not _is_cited(fact, sources):
            yield "a fact has no source, no section or no day."


def _is_cited(fact: Mapping[str, Any], sources: Mapping[str, str]) -> bool:
    """Whether a fact names a source that is listed, the section in it, and a day."""
    try:
        date.fromisoformat(fact.get("on", ""))
    except ValueError:
        return False
    source = fact.get("source")
    return source in sources and (source == ASSUMED or bool(fact.get("section")))
