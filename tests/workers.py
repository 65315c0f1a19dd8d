"""Runs the tests in several processes, with `--workers`: forked from the one that has read them.

To read eight thousand tests takes a process fifteen seconds in a new checkout, and to say of each that it passed costs
more than many a test: here that is done once, and by a pipe. See docs/decisions/0040-workers-are-forked.md.
"""

import os
import signal
import sys
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from multiprocessing.connection import Connection, Pipe, wait
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest

#: The number of this worker, counted from 0. In a run without workers it is 0, too.
NUMBER = 0
#: How many bytes the number of a share has in the pipe from which workers take theirs.
_WIDTH = 4

type Items = Sequence[pytest.Item]


def pytest_addoption(parser: pytest.Parser) -> None:
    """The option `--workers`."""
    parser.addoption("--workers", type=int, default=1, metavar="N", help="run the tests in N processes")


def pytest_configure(config: pytest.Config) -> None:
    """Take part where more than one is asked for."""
    if config.getoption("workers") > 1:
        config.pluginmanager.register(Workers(config.getoption("workers")), "workers")


@dataclass(slots=True)
class _Worker:
    """A worker as its parent sees it."""

    pid: int
    #: Where it tells what it does; None once it has ended.
    told: Connection
    #: The test that it runs.
    test: int | None = None


@dataclass(eq=False)
class Workers:
    """Takes the place of pytest's own loop over the tests."""

    number: int
    running: list[_Worker] = field(default_factory=list)

    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Fork the workers, and pass on what they report until all have ended."""
        if session.config.getoption("collectonly") or session.testsfailed or not session.items:
            return None
        shares = list(_shares(session.items))
        in_browser = [number for number, share in enumerate(shares) if _needs_browser(share)]
        others = [number for number in range(len(shares)) if number not in set(in_browser)]
        queues = [_queue(in_browser), _queue(others)]
        try:
            for number in range(min(self.number, len(shares))):
                self.running.append(self._fork(session, number, shares, queues if number == 0 else queues[::-1]))
            self._pass_on(session, queues)
        finally:
            for queue in queues:
                os.close(queue)
            for worker in self.running:
                os.kill(worker.pid, signal.SIGKILL)
                os.waitpid(worker.pid, 0)
        if session.shouldfail:
            raise session.Failed(session.shouldfail)
        if session.shouldstop:
            raise session.Interrupted(session.shouldstop)
        return True

    def _fork(self, session: pytest.Session, number: int, shares: Sequence[Items], queues: Sequence[int]) -> _Worker:
        here, there = Pipe(duplex=False)
        capture = session.config.pluginmanager.getplugin("capturemanager")
        capture.read_global_capture()
        sys.stdout.flush()
        pid = os.fork()
        if pid:
            there.close()
            return _Worker(pid, here)
        try:
            here.close()
            for other in self.running:
                other.told.close()
            self.running = []
            _become(session.config, number, there)
            _work(session, shares, queues, there)
        except BaseException:
            there.send(traceback.format_exc())
        finally:
            os._exit(0)

    def _pass_on(self, session: pytest.Session, queues: Sequence[int]) -> None:
        """What the workers report, as if the tests ran here."""
        while self.running:
            for told in wait([worker.told for worker in self.running]):
                worker = next(worker for worker in self.running if worker.told is told)
                try:
                    message = worker.told.recv()
                except EOFError:
                    self._end(session, worker)
                    continue
                if isinstance(message, str):
                    raise RuntimeError(message)
                if isinstance(message, dict):
                    _report(session, message)
                else:
                    worker.test = message
                if session.shouldfail or session.shouldstop:
                    for queue in queues:  # nobody takes another share
                        while os.read(queue, 1 << 16):
                            pass

    def _end(self, session: pytest.Session, worker: _Worker) -> None:
        """It says nothing more; what it was about when it ended has failed."""
        self.running.remove(worker)
        worker.told.close()
        _pid, status = os.waitpid(worker.pid, 0)
        if worker.test is not None:
            item = session.items[worker.test]
            code = os.waitstatus_to_exitcode(status)
            said = f"The worker ended in this test with {code}; those that it had taken beside it were not run."
            report = pytest.TestReport(item.nodeid, item.location, {}, "failed", said, "call")
            session.config.hook.pytest_runtest_logreport(report=report)


#: The files that take longest, or wait for a clock, in the order in which they are begun, and before all others: at the
#: end no worker is alone with one. One that needs no database is among the first, so that nobody waits for it. Those in
#: `_ONE_BY_ONE` are shared out by their tests; those in `_TOGETHER` are one share, as what axe has seen in one of them
#: it need not look at in the others.
_FIRST = (
    "tests/config/test_installing.py", "tests/security/test_forms.py", "tests/compliance/rules/test_properties.py",
    "tests/config/test_reliability.py", "tests/ui/test_accessibility.py", "tests/accounts/test_accessibility.py",
    "tests/journeys/test_pages_accessible.py", "tests/security/test_access_matrix.py", "tests/config/test_hanging.py",
    "tests/config/test_worker.py", "tests/ledger/test_tampering.py",
    "tests/compliance/test_random_commands.py", "tests/compliance/commands/test_linked_files_races.py",
    "tests/journeys/test_in_spanish.py", "tests/journeys/test_costs.py", "tests/security/test_twice.py",
    "tests/compliance/commands/test_order_between_logs.py", "tests/config/test_kept_answer.py",
    "tests/compliance/commands/test_gate_races.py",
)  # fmt: skip
_ONE_BY_ONE = (
    "tests/security/test_forms.py", "tests/compliance/rules/test_properties.py",
    "tests/security/test_access_matrix.py", "tests/compliance/test_random_commands.py",
    "tests/compliance/commands/test_linked_files_races.py",
)  # fmt: skip
_TOGETHER = (
    "tests/ui/test_accessibility.py", "tests/accounts/test_accessibility.py", "tests/journeys/test_pages_accessible.py",
)  # fmt: skip


def _place(item: pytest.Item) -> tuple[int, int]:
    """The smaller, the sooner it is taken. Files of a folder are mixed with others: some folders' wait for a clock, or
    for the browser."""
    file = _file(item)
    return (_FIRST.index(file), 0) if file in _FIRST else (len(_FIRST), crc32(file.encode()))


def _file(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]


def _shares(items: list[pytest.Item]) -> Iterator[Items]:
    """What a worker takes at a time: the tests of a file, which share what they need; of the longest, one by one."""
    for _, share in groupby(sorted(items, key=_place), key=_shared_out_by):
        yield list(share)


def _shared_out_by(item: pytest.Item) -> object:
    file = _file(item)
    return item if file in _ONE_BY_ONE else _TOGETHER if file in _TOGETHER else file


def _report(session: pytest.Session, data: dict[str, Any]) -> None:
    hook = session.config.hook
    report = hook.pytest_report_from_serializable(config=session.config, data=data)
    hook.pytest_runtest_logreport(report=report)


@dataclass(eq=False)
class _Told:
    """In a worker: tells its parent what is reported."""

    config: pytest.Config
    parent: Connection

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Of what went well around a test nothing is told, unless it took long."""
        if report.when == "call" or not report.passed or report.duration >= 0.5:
            data = self.config.hook.pytest_report_to_serializable(config=self.config, report=report)
            self.parent.send(data)


def _work(session: pytest.Session, shares: Sequence[Items], queues: Sequence[int], parent: Connection) -> None:
    """Run shares until none is left. The last test of all knows that it is: what the session shared ends with it."""
    index = {item: number for number, item in enumerate(session.items)}
    for item, following in _each_and_next(_taken(shares, queues)):
        parent.send(index[item])
        session.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
    parent.send(None)


def _become(config: pytest.Config, number: int, parent: Connection) -> None:
    """What a worker has of its own: a number, a folder, what it captures; and it writes nothing on the terminal."""
    global NUMBER
    NUMBER = number
    folder = Path(os.environ["CLEARFILL_FOLDER"]) / f"worker{number}"
    folder.mkdir()
    os.environ["PYTEST_DEBUG_TEMPROOT"] = str(folder)
    plugins = config.pluginmanager
    plugins.unregister(name="terminalreporter")
    capture = plugins.getplugin("capturemanager")
    capture.stop_global_capturing()
    capture.start_global_capturing()
    plugins.register(_Told(config, parent))


def _needs_browser(share: Items) -> bool:
    return any("browser" in item.keywords for item in share)


def _queue(numbers: Sequence[int]) -> int:
    """A pipe from which workers take the numbers of shares, each of them once; they find its end when all are taken.

    Two pipes' full of numbers would wait here for a reader; there are some hundreds of shares.
    """
    taken, given = os.pipe()
    os.write(given, b"".join(number.to_bytes(_WIDTH) for number in numbers))
    os.close(given)
    return taken


def _taken(shares: Sequence[Items], queues: Sequence[int]) -> Iterator[pytest.Item]:
    """From one queue after the other. The first worker begins with what needs a browser, each other one ends with it:
    to start a browser, and to fetch what each page has, costs as much as many a page."""
    for queue in queues:
        while number := os.read(queue, _WIDTH):
            yield from shares[int.from_bytes(number)]


def _each_and_next(items: Iterator[pytest.Item]) -> Iterator[tuple[pytest.Item, pytest.Item | None]]:
    item = next(items, None)
    while item is not None:
        following = next(items, None)
        yield item, following
        item = following
