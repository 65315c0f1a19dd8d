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
    """Whether this list of method codes is accepted: exactly one that stands alone, or two that go together."""
    return lacking(methods, table) is None


def lacking(methods: Iterable[str], table: Mapping[str, Method]) -> str | None:
    """Why this list of method codes is not accepted, by a code; None where it is.

    Accepted is exactly one method that stands alone, or two different methods of two kinds, neither of which
    stands alone, at least one of them primary.
    """
    named = list(methods)
    if any(code not in table for code in named):
        return "not-listed"
    chosen = [table[code] for code in named]
    if len(chosen) == 1:
        return None if chosen[0].tier == "alone" else "one-alone"
    if any(method.tier == "alone" for method in chosen):
        return "stands-alone"
    if len(chosen) != 2:
        return "not-two"
    if chosen[0].kind == chosen[1].kind:
        return "one-kind"
    return None if any(method.tier == "primary" for method in chosen) else "none-primary"
