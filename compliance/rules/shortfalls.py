"""Shortfalls: why an entry does not count, each by a code, and from which day it would."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Shortfall:
    """One thing that an entry lacks. Its words are in `compliance/words/outlook.py`."""

    code: str
    #: The first day that would do, where the day is what lacks.
    from_day: date | None = None
