"""The requests that were refused, in words: what was asked for, and why it was refused."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from compliance.words.request_log import action_words, refusal_sentence
from ledger.models import LoggedRequest
from ui.navigation import Words


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """One refused request. The codes stand beside the words, for whoever searches logs and documents for them."""

    at: datetime
    what: Words
    action: str
    #: A sentence and its code, in the order of the rules.
    reasons: Sequence[tuple[Words, str]]


def lines(rows: Iterable[LoggedRequest]) -> list[RefusedLine]:
    """A line each. No query."""
    return [
        RefusedLine(
            row.at, action_words(row.action), row.action, [(refusal_sentence(code), code) for code in row.codes]
        )
        for row in rows
    ]
