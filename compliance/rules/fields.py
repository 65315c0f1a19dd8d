"""Readers of single fields from plain data. Each gives the value or raises ValueError with the rule's code."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def on(raw: object) -> date:
    """A plain date, from `YYYY-MM-DD` or a date."""
    if type(raw) is date:
        return raw
    if not isinstance(raw, str) or not _DATE.fullmatch(raw):
        raise ValueError("not-a-date")
    try:
        return date.fromisoformat(raw)
    except ValueError:
        raise ValueError("not-a-date") from None


def text(raw: object) -> str:
    """Words."""
    if not isinstance(raw, str):
        raise ValueError("not-listed")
    return raw


def flag(raw: object) -> bool:
    """True or false, and nothing that merely looks like it."""
    if not isinstance(raw, bool):
        raise ValueError("not-listed")
    return raw


def number(raw: object) -> int:
    """A whole number; true is none."""
    if not isinstance(raw, int) or isinstance(raw, bool):
        raise ValueError("not-a-whole-number")
    return raw


def numbers(raw: object) -> tuple[int, ...]:
    """A list of whole numbers."""
    if not isinstance(raw, (list, tuple)):
        raise ValueError("not-a-whole-number")
    return tuple(number(one) for one in raw)


def plain(raw: object) -> Mapping[str, Any]:
    """A mapping of plain data, taken as it is."""
    if not isinstance(raw, Mapping):
        raise ValueError("not-listed")
    return raw


def methods(raw: object) -> tuple[str, ...]:
    """A list of codes, in its order."""
    if not isinstance(raw, (list, tuple)) or not all(isinstance(code, str) for code in raw):
        raise ValueError("methods-not-acceptable")
    return tuple(raw)


def several(*values: str) -> Callable[[object], tuple[str, ...]]:
    """A reader of a list of `values`, none of them twice."""

    def read(raw: object) -> tuple[str, ...]:
        if not isinstance(raw, (list, tuple)) or any(one not in values for one in raw) or len(set(raw)) < len(raw):
            raise ValueError("not-listed")
        return tuple(raw)

    return read


def listed(*values: str) -> Callable[[object], str]:
    """A reader that takes one of `values` only."""

    def read(raw: object) -> str:
        if not isinstance(raw, str) or raw not in values:
            raise ValueError("not-listed")
        return raw

    return read
