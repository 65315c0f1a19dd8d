"""All checks of the log, one after the other."""

from collections.abc import Iterator
from datetime import datetime

from ledger.verify import Problem, verify

from . import decisions, pdfs, written


def problems(*, at: datetime, rules: bool = False) -> Iterator[Problem]:
    """Every problem of the logs at `at`; with `rules`, each decision and entry is judged by the rules anew."""
    yield from verify(at=at)
    yield from written.problems()
    yield from pdfs.problems()
    if rules:
        yield from decisions.problems()
