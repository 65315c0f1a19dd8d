"""Which categories of patients a program has, and what proves that somebody belongs to one (rules, section 7)."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A category of patients: what is asked of them."""

    code: str
    #: The documents that are signed, in the order in which they are asked for.
    documents: tuple[str, ...]
    #: Whether pregnancy tests, contraception and the month's questions are asked for.
    tests: bool
    #: The reasons of which one puts a patient into it; empty where none is needed.
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """The laboratory findings that prove a reason."""

    #: What each finding must show.
    findings: Mapping[str, str]
    #: Up to and including this age (in years) all findings are asked for.
    all_up_to_age: int
    #: The findings that are enough above that age.
    above: tuple[str, ...]

    def asked(self, age: int) -> tuple[str, ...]:
        """The findings that are asked for at `age` years."""
        return tuple(self.findings) if age <= self.all_up_to_age else self.above

    def lacking(self, age: int, proof: Mapping[str, object] | None) -> str | None:
        """The first finding that is asked for at `age` years and not in `proof`; None when the proof is whole."""
        return next((name for name in self.asked(age) if (proof or {}).get(name) != self.findings[name]), None)
