"""All checks of the log, one after the other, or part by part in several processes."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from itertools import repeat

from ledger import verify as ledger
from ledger.processes import call, pool
from ledger.progress import Progress
from ledger.verify import Part, Problem, parts

from . import decisions, pdfs, written

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
    progress = Progress(PARTS, "parts of all logs")
    with pool(count) as workers:
        checked = workers.map(partial(call, __name__, problems_of.__name__), parts(PARTS), repeat(at), repeat(rules))
        yield from [*ledger.beside(), *written.beside(), *pdfs.beside()]
        for done, found in enumerate(checked, 1):
            progress.at(done)
            yield from found


def problems_of(part: Part, at: datetime, rules: bool) -> list[Problem]:
    """What one process finds in a part of the logs."""
    judged = decisions.problems(part) if rules else ()
    return [*ledger.chains(part=part, at=at), *written.of_logs(part), *pdfs.of_logs(part), *judged]
