"""Allergies, other medicines and conditions, and what of them speaks against the medicine. It advises only.

Source: prescribing information, contraindications, warnings and interactions; ingredients: the file of products.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..fields import flag, several, text
from ..record import Record
from .products import Fact, Product

ALLERGIES = ("soya", "peanut", "parabens", "gelatin", "sorbitol", "vitamin-a-derivatives")
MEDICINES = (
    "tetracyclines", "vitamin-a", "methotrexate", "st-johns-wort", "progestin-only-pill", "phenytoin",
    "corticosteroids",
)  # fmt: skip
CONDITIONS = (
    "liver", "lipids", "diabetes", "pancreatitis", "eating-disorder", "bowel-disease", "bones", "depression",
    "family-depression",
)  # fmt: skip

#: Which ingredient an allergy is about. Who reacts to peanut may react to soya.
_INGREDIENTS = {
    "soya": "soybean-oil", "peanut": "soybean-oil", "parabens": "parabens", "gelatin": "gelatin",
    "sorbitol": "sorbitol",
}  # fmt: skip

#: What speaks against the medicine itself, or must not be taken with it; all else is to be watched.
GRAVE = frozenset({"vitamin-a-derivatives", "soya", "peanut", "parabens", "gelatin", "tetracyclines", "vitamin-a"})
#: Of no concern to somebody who is asked about no contraception.
_OF_CONTRACEPTION = frozenset({"st-johns-wort", "progestin-only-pill"})


@dataclass(frozen=True, slots=True)
class HealthAnswered(Record):
    """What the patient answered about allergies, medicines and conditions; nothing named is none. No gate asks for it.

    The latest counts as a whole. `other` is the digest of what else was said.
    """

    kind = "health_answered"
    readers = {
        "allergies": several(*ALLERGIES), "medicines": several(*MEDICINES), "conditions": several(*CONDITIONS),
        "other": text,
    }  # fmt: skip
    allergies: tuple[str, ...]
    medicines: tuple[str, ...]
    conditions: tuple[str, ...]
    other: str | None = None


@dataclass(frozen=True, slots=True)
class HealthReviewed(Record):
    """The patient says whether anything of it has changed; `words` is the digest of what. A note, until the practice
    enters the answers anew. No gate asks for it.
    """

    kind = "health_reviewed"
    readers = {"changed": flag, "words": text}
    changed: bool
    words: str | None = None


@dataclass(frozen=True, slots=True)
class Flag:
    """One answer that speaks against the medicine, or is to be watched."""

    code: str
    #: Where it is said that the product has that ingredient; None where none is concerned, or no product is known.
    fact: Fact | None = None

    @property
    def is_grave(self) -> bool:
        """Whether the medicine, the product or the other medicine is out of question until it is settled."""
        return self.code in GRAVE


def flags(answered: HealthAnswered, product: Product | None, *, contraception: bool) -> list[Flag]:
    """What the answers say against that product; without one, against what most products hold. The grave ones first."""
    found = [*_allergies(answered.allergies, product)]
    found += [Flag(code) for code in (*answered.medicines, *answered.conditions)]
    kept = [flag for flag in found if contraception or flag.code not in _OF_CONTRACEPTION]
    return sorted(kept, key=lambda flag: not flag.is_grave)


def _allergies(allergies: Sequence[str], product: Product | None) -> Iterator[Flag]:
    for code in allergies:
        ingredient = _INGREDIENTS.get(code)
        if ingredient is None or product is None:
            yield Flag(code)
        elif ingredient in product.ingredients:
            yield Flag(code, product.ingredients[ingredient])
        elif all(fact.is_assumed for fact in product.ingredients.values()):
            # No label was read for any of them: that this one is not among them is no more than assumed either.
            yield Flag(code, next(iter(product.ingredients.values())))
