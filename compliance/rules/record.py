"""What every kind of record is; `records` and `care` have one dataclass for each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Record:
    """One dated fact about a patient; the date stands beside it, in the `Entry`."""

    kind: ClassVar[str]
    #: How each field is read from plain data; the field's default says whether it may be null.
    readers: ClassVar[Mapping[str, Callable[[object], Any]]]
