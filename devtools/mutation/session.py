"""One run of the rules' tests in this process: which lines each touches and how long it takes, then each mutant of a
function, by the tests that touch it."""

import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType
from typing import Any

import pytest

from . import children

TOOL = 4

type Line = tuple[str, int]

#: Without `tests.plugin`, which starts servers: none of these tests needs a database.
ARGUMENTS = (
    "-q", "--capture=no", "-p", "no:cacheprovider", "-p", "no:tests.plugin", "-o", "addopts=",
    # The plugins were loaded before.
    "-W", "ignore::pytest.PytestAssertRewriteWarning",
    # About the histories of the properties, and slow; it says nothing about the rules.
    "--deselect", "tests/compliance/rules/test_properties.py::test_the_histories_are_worth_asking_about",
)  # fmt: skip
_OF_A_DATABASE = {"db", "transactional_db", "django_db_setup", "committed"}


@dataclass
class Touched:
    """The lines of the rules that were executed: at the import, and by each test."""

    root: Path
    folder: str
    at_import: set[Line] = field(default_factory=set)
    tests: dict[str, set[Line]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    now: set[Line] = field(default_factory=set)

    def watch(self) -> None:
        """Begin to note lines."""
        monitoring, prefix = sys.monitoring, str(self.root / self.folder)
        cut = len(str(self.root)) + 1

        def line(code: CodeType, number: int) -> Any:
            if code.co_filename.startswith(prefix):
                self.now.add((code.co_filename[cut:], number))
            return monitoring.DISABLE

        monitoring.use_tool_id(TOOL, "mutation")
        monitoring.register_callback(TOOL, monitoring.events.LINE, line)
        monitoring.set_events(TOOL, monitoring.events.LINE)

    def end(self) -> None:
        """Note no more."""
        sys.monitoring.set_events(TOOL, 0)
        sys.monitoring.free_tool_id(TOOL)

    def take(self) -> set[Line]:
        """The lines since the last time."""
        taken, self.now = self.now, set()
        sys.monitoring.restart_events()
        return taken


class Failures:
    """Whether a test has failed, as a plugin of pytest."""

    def __init__(self) -> None:
        self.failed = False

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Called for each of a test's phases."""
        self.failed = self.failed or report.failed


class WithoutDatabase:
    """Leaves out the tests that need a database, and puts the quickest first where it is known how long each takes."""

    def __init__(self, seconds: dict[str, float]) -> None:
        self.seconds = seconds

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Called with the tests that were found."""
        items[:] = [item for item in items if not _needs_a_database(item)]
        items.sort(key=lambda item: self.seconds.get(item.nodeid, 0))


def _needs_a_database(item: pytest.Item) -> bool:
    names: Iterable[str] = getattr(item, "fixturenames", ())
    return item.get_closest_marker("django_db") is not None or bool(_OF_A_DATABASE & set(names))


class Session:
    """Takes pytest's loop over: the tests once, and then `then` with them."""

    def __init__(self, touched: Touched, then: Callable[["Session"], None]) -> None:
        self.touched, self.then = touched, then
        self.items: dict[str, pytest.Item] = {}
        self.failures = Failures()

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Called with the tests collected."""
        self.items = {item.nodeid: item for item in session.items}
        session.config.pluginmanager.register(self.failures)
        self.touched.at_import = self.touched.take()
        items = list(self.items.values())
        for item, following in zip(items, [*items[1:], None], strict=True):
            children.forget(self.touched.folder)
            begun = time.perf_counter()
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            self.touched.tests[item.nodeid] = self.touched.take()
            self.touched.seconds[item.nodeid] = time.perf_counter() - begun
        self.touched.end()
        if self.failures.failed:
            raise pytest.UsageError("The tests fail without any mutant.")
        self.then(self)
        return True

    def failing(self, names: list[str]) -> str | None:
        """The first of these tests that fails now; none is run after it."""
        for place, name in enumerate(names):
            item = self.items[name]
            following = self.items[names[place + 1]] if place + 1 < len(names) else None
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if self.failures.failed:
                return name
        return None
