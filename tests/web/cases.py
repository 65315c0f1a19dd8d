"""Cases of a table that share a world: each is undone before the next, and names itself where it fails."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.clocks import Clock
from tests.security.writes import undone


@contextmanager
def case(*names: object, clock: Clock | None = None) -> Iterator[None]:
    """Within it one case; afterwards its rows are taken back, and the clock is set back."""
    at = clock.at if clock is not None else None
    try:
        with undone():
            yield
    except BaseException as error:
        error.add_note(f"the case: {', '.join(map(str, names))}")
        raise
    if clock is not None and at is not None:
        clock.at = at
