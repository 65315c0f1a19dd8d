"""`pytest --workers`: every test runs once, whatever fails is told, and no worker's end passes for a success."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests import workers
from tests.config.processes import ROOT

HELD = """
import pytest

@pytest.fixture(scope="session")
def held(tmp_path_factory):
    yield
    with open("ended", "a") as file:
        file.write("once\\n")

@pytest.mark.parametrize("number", range(20))
def test_passes(held, number):
    print("not shown")

def test_fails(held):
    print("what it said")
    left = {"blocker": 1}
    assert left == {"blocker": 2}

def test_is_skipped():
    pytest.skip("this is why")
"""
ENDS = """
import os

def test_before():
    pass

def test_ends_its_worker():
    os._exit(0)

def test_after():
    pass
"""
STOPS = """
def test_without_its_fixture(missing):
    pass
"""


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Two workers and tests of their own, without the servers of ours."""
    own = os.environ | {"CLEARFILL_FOLDER": str(folder), "PYTHONPATH": str(ROOT)}
    own.pop("PYTEST_DEBUG_TEMPROOT", None)
    begin = [sys.executable, "-m", "pytest", "-p", "tests.workers", "-p", "no:django", "-p", "no:playwright"]
    words = [*begin, "-q", "-ra", "--workers", "2", *arguments]
    return subprocess.run(words, cwd=folder, env=own, capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three files with tests."""
    for name, text in {"held": HELD, "ends": ENDS, "stops": STOPS}.items():
        (tmp_path / f"test_{name}.py").write_text(text)
    return tmp_path


def test_whatever_becomes_of_a_test_is_told(folder: Path) -> None:
    result = run(folder)
    assert result.returncode == pytest.ExitCode.TESTS_FAILED, result.stderr
    said = result.stdout
    assert re.search(r"^2 failed, 21 passed, 1 skipped, 1 error in ", said, re.MULTILINE), said
    assert "{'blocker': 1} != {'blocker': 2}" in said and "what it said" in said and "not shown" not in said
    assert "SKIPPED [1] test_held.py" in said and "this is why" in said
    assert "FAILED test_ends.py::test_ends_its_worker" in said and "The worker ended in this test with 0" in said
    assert "ERROR test_stops.py::test_without_its_fixture" in said and "fixture 'missing' not found" in said
    assert (folder / "ended").read_text() == "once\n", "what a session shares ends in the worker that made it"


def test_no_more_is_begun_after_the_first_failure_where_that_is_asked(folder: Path) -> None:
    for number in range(20):
        (folder / f"test_z{number}.py").write_text("import time\n\ndef test_takes_a_while():\n    time.sleep(0.2)\n")
    result = run(folder, "-x", "--deselect", "test_held.py")
    passed = re.search(r"(\d+) passed", result.stdout)
    assert "stopping after" in result.stdout and passed is not None, result.stdout
    assert int(passed.group(1)) < 20, "it comes somewhere among them"


#: Says which process it runs in.
SAYS_WHERE = """
import os, time, pytest

@pytest.mark.{mark}
def test_says_where():
    time.sleep({seconds})
    with open("{mark}", "a") as file:
        file.write(f"{{os.getpid()}}\\n")
"""


def test_what_needs_a_browser_shares_one_while_there_is_other_work(tmp_path: Path) -> None:
    for number in range(6):
        (tmp_path / f"test_a{number}.py").write_text(SAYS_WHERE.format(mark="browser", seconds=0))
        (tmp_path / f"test_b{number}.py").write_text(SAYS_WHERE.format(mark="other", seconds=0.3))
    assert "12 passed" in run(tmp_path).stdout
    assert len(set((tmp_path / "browser").read_text().split())) == 1
    assert len(set((tmp_path / "other").read_text().split())) == 2


def test_what_needs_a_browser_is_shared_out_where_there_is_no_other_work(tmp_path: Path) -> None:
    for number in range(6):
        (tmp_path / f"test_a{number}.py").write_text(SAYS_WHERE.format(mark="browser", seconds=0.3))
    assert "6 passed" in run(tmp_path).stdout
    assert len(set((tmp_path / "browser").read_text().split())) == 2


def test_files_that_are_begun_first_are_there() -> None:
    assert [file for file in workers._FIRST if not (ROOT / file).is_file()] == []
    assert set(workers._ONE_BY_ONE) <= set(workers._FIRST)
    place = workers._FIRST.index(workers._TOGETHER[0])
    assert workers._FIRST[place : place + len(workers._TOGETHER)] == workers._TOGETHER, "they are taken one by one"
