"""Which methods of contraception are accepted, and in which combinations (rules, section 6)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

Tier = Literal["primary", "secondary", "alone"]


@dataclass(frozen=True, slots=True)
class Method:
    """One accepted method: its tier, and the kind of which there must not be two."""

    code: str
    tier: Tier
    kind: str


def table(*rows: tuple[str, Tier, str]) -> Mapping[str, Method]:
    """The methods by their code, in the order given."""
    return {code: Method(code, tier, kind) for code, tier, kind in rows}


def acceptable(methods: Iterable[str], table: Mapping[str, Method]) -> bool:
    """Whether this list of method codes is accepted.

    Exactly one method that stands alone, or two different methods of two kinds, neither of which
    stands alone, at least one of them primary.
    """
    named = list(methods)
    if any(code not in table for code in named):
        return False
    chosen = [table[code] for code in named]
    if len(chosen) == 1:
        return chosen[0].tier == "alone"
    return (
        len(chosen) == 2
        and all(method.tier != "alone" for method in chosen)
        and chosen[0].kind != chosen[1].kind
        and any(method.tier == "primary" for method in chosen)
    )
