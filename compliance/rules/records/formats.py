"""Older shapes of a kind's data, and older names of a kind, brought up to today's when the log is read."""

from collections.abc import Callable
from typing import Any

#: The program of every file and certification that was recorded before records named theirs.
FIRST_PROGRAM = "isotretinoin-us"

Data = dict[str, Any]


def _handed_over_on_the_day_of_entry(data: Data) -> Data:
    """Format 1 of `dispensed` had no day of its own: the product was handed over when that was entered."""
    return data | {"handed_over_on": None}


def _of_the_first_program(data: Data) -> Data:
    """Format 1 of `registered` did not name the program: there was one."""
    return data | {"program": FIRST_PROGRAM}


def _by_one_officer(data: Data) -> Data:
    """Format 1 of `file_linked` and `file_unlinked` knew one officer, who wrote it."""
    return data | {"asked_by": None}


#: Older shapes of a kind's data, by (kind, format), each turned into the next; the log is never rewritten.
UPCASTERS: dict[tuple[str, int], Callable[[Data], Data]] = {
    ("dispensed", 1): _handed_over_on_the_day_of_entry,
    ("file_linked", 1): _by_one_officer,
    ("file_unlinked", 1): _by_one_officer,
    ("registered", 1): _of_the_first_program,
}


def _pdf_of_paper(data: Data) -> Data:
    """Upcast `paper_made`, which named its PDF `paper`."""
    return {("pdf" if name == "paper" else name): value for name, value in data.items()}


#: Kinds that had another name in the log once, and how their data is read. Such rows are never rewritten.
RENAMED_KINDS: dict[str, tuple[str, Callable[[Data], Data]]] = {"paper_made": ("pdf_sealed", _pdf_of_paper)}
