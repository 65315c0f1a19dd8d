"""What the main journeys cost whoever makes them: the table of `docs/journeys.md`, and what measures it.

`.venv/bin/python -m tests.journeys.costs` writes the page from the table.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

from django.db.backends.utils import CursorWrapper
from playwright.sync_api import Page, ViewportSize

PAGE = Path(__file__).resolve().parents[2] / "docs" / "journeys.md"
PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1280, "height": 900}


@dataclass(frozen=True, slots=True)
class Cost:
    """Pages that are opened, fields that are typed, presses; at most so high a page (px), so many queries."""

    pages: int
    typed: int
    presses: int
    height: int
    queries: int


@dataclass(frozen=True, slots=True)
class Walked:
    """A journey, who makes it, on which screen, and what it costs."""

    name: str
    screen: ViewportSize
    way: str
    cost: Cost


PRACTICE = Walked(
    "the prescriber's month", DESK, "the list, the patient, the month, what it opens, the signature",
    Cost(5, 1, 8, 3200, 90),
)  # fmt: skip
PATIENT = Walked(
    "the patient's month", PHONE, "the card, five questions, the same methods, the signature",
    Cost(8, 1, 8, 2900, 180),
)  # fmt: skip
CONSENT = Walked(
    "signing the consent", PHONE, "the text on birth defects: each part with its question, the signature",
    Cost(18, 1, 32, 3700, 390),
)  # fmt: skip
COUNTER = Walked(
    "the counter's yes", DESK, "number and birth date, the answer, the hand-over, the next patient",
    Cost(3, 2, 5, 1500, 50),
)  # fmt: skip
OFFICE = Walked("the office's approval", DESK, "the overview, the application, the approval", Cost(3, 0, 2, 1000, 50))
ALL = (PRACTICE, PATIENT, CONSENT, COUNTER, OFFICE)

#: Counts in the page what its reader does. It is kept for the tab, as each page begins anew.
_COUNT = """() => {
  const own = name => Number(sessionStorage.getItem("cost-" + name) || 0);
  const keep = (name, value) => sessionStorage.setItem("cost-" + name, value);
  const add = name => keep(name, own(name) + 1);
  const look = () => keep("height", Math.max(own("height"), document.documentElement.scrollHeight));
  const typed = new Set();
  const isTyped = e => e.matches("textarea, input:not([type=checkbox]):not([type=radio]):not([type=submit])");
  addEventListener("load", () => { add("pages"); look(); });
  addEventListener("click", event => {
    look();
    const what = event.target.closest("a, button, summary, input");
    if (event.isTrusted && what && !isTyped(what)) add("presses");
  }, true);
  addEventListener("change", event => { if (event.target.matches("select")) add("presses"); }, true);
  addEventListener("input", event => {
    if (!isTyped(event.target) || typed.has(event.target)) return;
    typed.add(event.target);
    add("typed");
    add("presses");
  }, true);
}"""


class Meter:
    """Measures one journey."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._queries = 0
        page.add_init_script(f"({_COUNT})()")

    @contextmanager
    def measures(self, walked: Walked, begin: Callable[[], object]) -> Iterator[None]:
        """From the page that `begin` opens; the journey's cost is as the table says."""
        self._page.set_viewport_size(walked.screen)
        begin()
        self._page.evaluate("sessionStorage.clear()")
        with self._counted():
            begin()
            yield
            self._page.wait_for_load_state()
        found = Cost(queries=self._queries, **self._page.evaluate(_FOUND))
        bound = walked.cost
        assert (found.pages, found.typed, found.presses) == (bound.pages, bound.typed, bound.presses), found
        assert (found.height <= bound.height, found.queries <= bound.queries) == (True, True), found

    @contextmanager
    def _counted(self) -> Iterator[None]:
        """Count the statements of the server, which are those of other threads than the test's."""
        self._queries, before, own = 0, CursorWrapper.execute, threading.get_ident()

        def execute(cursor: CursorWrapper, *args: Any, **kwargs: Any) -> Any:
            self._queries += threading.get_ident() != own
            return before(cursor, *args, **kwargs)

        CursorWrapper.execute = execute  # type: ignore[method-assign, assignment]
        try:
            yield
        finally:
            CursorWrapper.execute = before  # type: ignore[method-assign]


_FOUND = """() => Object.fromEntries(["pages", "typed", "presses", "height"].map(
    name => [name, Number(sessionStorage.getItem("cost-" + name) || 0)]))"""


def text() -> str:
    """The page, from the table."""
    head = [
        "# What a journey costs",
        "",
        "Made by `.venv/bin/python -m tests.journeys.costs`; do not edit. `tests/journeys/test_costs.py` walks each in "
        "a browser. Pages, typed fields and presses are as they stand here; height and queries are what the test "
        "allows at most.",
        "",
        "- Each begins on the first page of a reader who is signed in, on a phone (390 px) or a desk (1280 px).",
        "- A press is a link, a button, a tick, a choice, or the tap into a field that is typed.",
        "- The height is that of the tallest page. Queries are all statements of the journey to the database.",
        "",
        "| journey | on the way | width | pages | typed | presses | height, px | queries |",
        "|---|---|---|---|---|---|---|---|",
    ]
    rows = [
        " | ".join(map(str, ("|", one.name, one.way, one.screen["width"], *astuple(one.cost)))).replace("| |", "|", 1)
        + " |"
        for one in ALL
    ]
    return "\n".join([*head, *rows, ""])


if __name__ == "__main__":
    PAGE.write_text(text())
