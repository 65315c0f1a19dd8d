"""All checks of the log, one after the other, or part by part in several processes."""

from collections.abc import Iterator
from concurrent.futures import Executor
from datetime import datetime
from functools import partial
from itertools import repeat
from pathlib import Path

from ledger import verify as ledger
from ledger.processes import call, pool
from ledger.progress import Progress
from ledger.verify import Part, Problem, parts

from . import decisions, pdfs, written
from .resume import State, digest_of, grown_since

#: Parts in which several processes check all logs: so often does the bar move.
PARTS = 100


def problems(*, at: datetime, rules: bool = False) -> Iterator[Problem]:
    """Every problem of the logs at `at`; with `rules`, each decision and entry is judged by the rules anew."""
    yield from ledger.verify(at=at)
    yield from written.problems()
    yield from pdfs.problems()
    if rules:
        yield from decisions.problems()


def problems_in_processes(count: int, *, at: datetime, rules: bool = False) -> Iterator[Problem]:
    """The same by so many processes, with a bar that says how far they are."""
    state = State.begin(PARTS, rules=rules)
    with pool(count) as workers:
        yield from _all_of(state, workers, at)


def resumed(count: int, path: Path, *, at: datetime, rules: bool = False) -> Iterator[Problem]:
    """The same, going on where the check stopped of which the file tells; the file is removed at the end.

    Raises CannotResume.
    """
    state = State.read(path, PARTS, rules=rules) if path.exists() else State.begin(PARTS, rules=rules)
    state.keep(path)
    with pool(count) as workers:
        yield from _all_of(state, workers, at, path)
    path.unlink()


def _all_of(state: State, workers: Executor, at: datetime, path: Path | None = None) -> Iterator[Problem]:
    """What is beside the logs, what is known of parts that are as they were, and what is found in the others."""
    every = parts(PARTS)
    progress = Progress(PARTS, "parts of all logs")
    before = [place for place, part in enumerate(every) if state.is_as_checked(place, part)] if path else []
    left = [place for place in range(PARTS) if place not in before]
    checked = workers.map(
        partial(call, __name__, check_part.__name__), [every[place] for place in left], repeat(at),
        repeat(state.rules), repeat(state.last),
    )  # fmt: skip
    yield from [*ledger.beside(), *written.beside(), *pdfs.beside()]
    grown = grown_since(state.last, [every[place] for place in before]) if before else []
    again = {part.until for part in grown}
    for place in before:
        yield from (one for one in state.problems(place) if one.subject not in again)
    for part in grown:
        yield from problems_of(part, at, state.rules)
    for done, (place, (digest, found)) in enumerate(zip(left, checked, strict=True), len(before) + 1):
        state.note(place, digest, found)
        if path:
            state.keep(path)
        progress.at(done)
        yield from found


def check_part(part: Part, at: datetime, rules: bool, last: int) -> tuple[str, list[Problem]]:
    """What one process finds in a part of the logs, and the digest of what it held before."""
    return digest_of(part, last), problems_of(part, at, rules)


def problems_of(part: Part, at: datetime, rules: bool) -> list[Problem]:
    """What is wrong in a part of the logs."""
    judged = decisions.problems(part) if rules else ()
    return [*ledger.chains(part=part, at=at), *written.of_logs(part), *pdfs.of_logs(part), *judged]
