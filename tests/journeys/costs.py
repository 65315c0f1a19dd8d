"""What the main journeys cost whoever makes them: the table of `docs/journeys.md`, and what measures it.

`.venv/bin/python -m tests.journeys.costs` writes the page from the table.
"""

import gzip
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.handlers import StaticFilesHandlerMixin
from django.core.handlers.base import BaseHandler
from django.db.backends.utils import CursorWrapper
from django.http import HttpRequest, HttpResponse
from playwright.sync_api import Page, ViewportSize

PAGE = Path(__file__).resolve().parents[2] / "docs" / "journeys.md"
PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1280, "height": 900}


@dataclass(frozen=True, slots=True)
class Cost:
    """Pages that are opened, fields that are typed, presses; at most so high a page (px), so many queries, so many
    words on all pages, and so much that is sent (kB)."""

    pages: int
    typed: int
    presses: int
    height: int
    queries: int
    words: int
    weight: int


@dataclass(frozen=True, slots=True)
class Walked:
    """A journey, who makes it, on which screen, and what it costs in English and in Spanish."""

    name: str
    screen: ViewportSize
    way: str
    cost: Cost
    spanish: Cost

    def in_language(self, language: str) -> Cost:
        """What it costs in that language."""
        return self.spanish if language == "es" else self.cost


PRACTICE = Walked(
    "the prescriber's month", DESK, "the list, the patient, the month, what it opens, the signature",
    Cost(5, 1, 8, 1570, 87, 1500, 140), Cost(5, 1, 8, 1630, 87, 1620, 140),
)  # fmt: skip
PATIENT = Walked(
    "the patient's month", PHONE, "the card, five questions, the same methods, the signature",
    Cost(8, 1, 8, 2400, 172, 850, 135), Cost(8, 1, 8, 2450, 172, 900, 135),
)  # fmt: skip
CONSENT = Walked(
    "signing the consent", PHONE, "the text on birth defects: each part with its question, the signature",
    Cost(18, 1, 32, 1930, 370, 1760, 175), Cost(18, 1, 32, 1980, 370, 1760, 176),
)  # fmt: skip
COUNTER = Walked(
    "the counter's yes", DESK, "number and birth date, the answer, the hand-over, the next patient",
    Cost(3, 2, 5, 1430, 47, 250, 130), Cost(3, 2, 5, 1550, 47, 280, 130),
)  # fmt: skip
OFFICE = Walked(
    "the office's approval", DESK, "the overview, the queue, the application, the approval",
    Cost(4, 0, 3, 1390, 58, 350, 130), Cost(4, 0, 3, 1410, 58, 390, 130),
)  # fmt: skip
ALL = (PRACTICE, PATIENT, CONSENT, COUNTER, OFFICE)

#: Counts in the page what its reader does. It is kept for the tab, as each page begins anew.
_COUNT = """() => {
  const own = name => Number(sessionStorage.getItem("cost-" + name) || 0);
  const keep = (name, value) => sessionStorage.setItem("cost-" + name, value);
  const add = name => keep(name, own(name) + 1);
  const look = () => keep("height", Math.max(own("height"), document.documentElement.scrollHeight));
  const typed = new Set();
  const isTyped = e => e.matches("textarea, input:not([type=checkbox]):not([type=radio]):not([type=submit])");
  const words = () => (document.querySelector("main").innerText.trim().match(/\\S+/g) || []).length;
  addEventListener("load", () => { add("pages"); look(); keep("words", own("words") + words()); });
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

    def __init__(self, page: Page, language: str = "en") -> None:
        self._page, self._language = page, language
        #: One for each statement; and what was sent, each time. Lists, as many threads of the server add to them.
        self._queries: list[None] = []
        self._sent: list[int] = []
        #: What the browser has already, and asks for no more.
        self._kept: set[str] = set()
        page.add_init_script(f"({_COUNT})()")

    @contextmanager
    def measures(self, walked: Walked, begin: Callable[[], object]) -> Iterator[None]:
        """From the page that `begin` opens; the journey's cost is as the table says."""
        self._page.set_viewport_size(walked.screen)
        begin()
        self._page.evaluate("sessionStorage.clear()")
        self._forgets_what_is_kept()
        with self._counted():
            begin()
            yield
            self._page.wait_for_load_state()
        weight = -(-sum(self._sent) // 1000)
        found = Cost(queries=len(self._queries), weight=weight, **self._page.evaluate(_FOUND))
        bound = walked.in_language(self._language)
        assert (found.pages, found.typed, found.presses) == (bound.pages, bound.typed, bound.presses), found
        assert all(own <= most for own, most in zip(astuple(found), astuple(bound), strict=True)), found

    def _forgets_what_is_kept(self) -> None:
        """From here on the browser asks for each style, script and font as one that was never here, and keeps it."""
        session = self._page.context.new_cdp_session(self._page)
        session.send("Network.enable")
        session.send("Network.clearBrowserCache")
        for disabled in (True, False):  # what the page's process kept is dropped with it
            session.send("Network.setCacheDisabled", {"cacheDisabled": disabled})
        session.detach()

    @contextmanager
    def _counted(self) -> Iterator[None]:
        """Count the statements of the server, and what it sends: all that is done in other threads than the test's."""
        self._queries, self._sent, self._kept = [], [], set()
        execute, answer, serve = CursorWrapper.execute, BaseHandler.get_response, StaticFilesHandlerMixin.get_response
        own = threading.get_ident()

        def executed(cursor: CursorWrapper, *args: Any, **kwargs: Any) -> Any:
            if threading.get_ident() != own:
                self._queries.append(None)
            return execute(cursor, *args, **kwargs)

        def answered(handler: Any, request: HttpRequest) -> Any:
            response = answer(handler, request)
            if threading.get_ident() != own and isinstance(response, HttpResponse):
                self._sent.append(len(gzip.compress(response.content)))
            return response

        def served(handler: Any, request: HttpRequest) -> Any:
            path = finders.find(request.path.removeprefix("/static/"))
            if isinstance(path, str) and path not in self._kept:
                self._kept.add(path)
                self._sent.append(_compressed(Path(path)))
            return serve(handler, request)

        # What an installation keeps for the browser for good is counted once, also where this server sends it again.
        CursorWrapper.execute = executed  # type: ignore[method-assign, assignment]
        BaseHandler.get_response = answered  # type: ignore[method-assign, assignment]
        StaticFilesHandlerMixin.get_response = served  # type: ignore[method-assign, assignment]
        try:
            yield
        finally:
            CursorWrapper.execute = execute  # type: ignore[method-assign]
            BaseHandler.get_response = answer  # type: ignore[method-assign]
            StaticFilesHandlerMixin.get_response = serve  # type: ignore[method-assign]


def _compressed(path: Path) -> int:
    """The bytes of a static file as it is sent: fonts and pictures are compressed already."""
    content = path.read_bytes()
    return len(gzip.compress(content)) if path.suffix in (".css", ".js", ".svg") else len(content)


_FOUND = """() => Object.fromEntries(["pages", "typed", "presses", "height", "words"].map(
    name => [name, Number(sessionStorage.getItem("cost-" + name) || 0)]))"""


#: The columns of the table.
_HEAD = (
    "| journey | on the way | width | pages | typed | presses | height, px | queries | words | weight, kB |",
    "|---|---|---|---|---|---|---|---|---|---|",
)


def text() -> str:
    """The page, from the table."""
    head = [
        "# What a journey costs",
        "",
        "Made by `.venv/bin/python -m tests.journeys.costs`; do not edit. `tests/journeys/test_costs.py` walks each in "
        "a browser, in Spanish with `bin/test --all`. Pages, typed fields and presses are as they stand here; all else "
        "is what the test allows at most.",
        "",
        "- Each begins on the first page of a reader who is signed in, on a phone (390 px) or a desk (1280 px).",
        "- A press is a link, a button, a tick, a choice, or the tap into a field that is typed.",
        "- The height is that of the tallest page. Queries are all statements of the journey to the database.",
        "- Words are those in the main part of all pages, as each is opened.",
        "- The weight is what the server sends in the whole journey, compressed: each page each time, each style, "
        "script and font once, to a browser that has kept none of them.",
        "",
        "## In English",
        "",
    ]
    return "\n".join([*head, *_table("en"), "", "## In Spanish", "", *_table("es"), ""])


def _table(language: str) -> list[str]:
    rows = [
        " | ".join(map(str, (one.name, one.way, one.screen["width"], *astuple(one.in_language(language)))))
        for one in ALL
    ]
    return [*_HEAD, *(f"| {row} |" for row in rows)]


if __name__ == "__main__":
    PAGE.write_text(text())
