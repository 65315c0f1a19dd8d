"""What is known when another course begins, and what begins anew with it."""

from dataclasses import dataclass

from .history import History
from .records import CategoryChanged, ConsentSigned, Enrolled, Entry


@dataclass(frozen=True, slots=True)
class KnownCategory:
    """The latest category that was entered for this person, with its reason and its proof."""

    entry: Entry
    record: Enrolled | CategoryChanged
    #: Whether it stands in another file, which the office has linked with this one.
    elsewhere: bool


def known_category(history: History) -> KnownCategory | None:
    """The latest of this file and of those that are linked with it now; None where none was ever entered.

    A file that is not linked tells nothing: it may be of a stranger.
    """
    found = [one for one in (_latest(history, elsewhere=False), known_elsewhere(history)) if one is not None]
    return max(found, key=lambda one: one.entry.at, default=None)


def known_elsewhere(history: History) -> KnownCategory | None:
    """The latest in the files that are linked with this one now."""
    found = [one for one in (_latest(other, elsewhere=True) for other in history.linked) if one is not None]
    return max(found, key=lambda one: one.entry.at, default=None)


def _latest(history: History, *, elsewhere: bool) -> KnownCategory | None:
    for entry in reversed(history.entries):
        if isinstance(entry.record, (Enrolled, CategoryChanged)):
            return KnownCategory(entry, entry.record, elsewhere)
    return None


def is_further_course(history: History) -> bool:
    """Whether the course that is open is not the first of this file."""
    return history.course is not None and bool(history.ended)


def signed_before(history: History) -> tuple[str, ...]:
    """The documents that were signed in an earlier course of this file: those signatures count no more."""
    since = history.course.opened.at if history.course is not None else None
    signed = [record.document for entry, record in history.of(ConsentSigned) if since is None or entry.at < since]
    return tuple(dict.fromkeys(signed))
