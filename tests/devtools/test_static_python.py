"""The environment's Python is linked statically where it can be, and stays as it is where it cannot."""

import os
import shlex
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from devtools import static_python

SCRIPT = Path(static_python.__file__)
LOADED = "print('libpython' in open('/proc/self/maps').read())"
COMPILER = shlex.split(sysconfig.get_config_var("CC"))[0]
#: The Python from which this environment was made.
BASE = Path(sys.base_prefix, "bin", "python{}.{}".format(*sys.version_info))


def _says(python: Path, *words: str, **env: str) -> str:
    done = subprocess.run([python, *words], env=os.environ | env, capture_output=True, text=True, check=True)
    return done.stdout + done.stderr


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """The Python of a new environment."""
    _says(BASE, "-m", "venv", "--without-pip", str(tmp_path / "env"))
    return tmp_path / "env" / "bin" / "python"


@pytest.fixture
def shared(python: Path) -> Path:
    """The same, if it has a shared library, and a static one beside it."""
    said = _says(python, "-c", f"import sys; sys.path.insert(0, {str(SCRIPT.parent)!r}); import static_python as one; "
                 "print(one.shares_its_library() and one.command(sys.executable) is not None)")  # fmt: skip
    if said != "True\n":
        pytest.skip("this Python is linked statically, or cannot be")
    return python


def test_what_runs_the_tests_loads_no_library_that_it_need_not() -> None:
    assert not (static_python.shares_its_library() and static_python.command(BASE))


def test_it_is_linked_once_and_finds_its_modules(shared: Path) -> None:
    assert _says(shared, "-c", LOADED) == "True\n"
    assert _says(shared, str(SCRIPT)) == ""
    assert _says(shared, "-c", LOADED) == "False\n"
    of = "import sys; print(sys.version, sys.base_prefix)"
    assert _says(shared, "-c", of) == _says(BASE, "-c", of)
    assert _says(shared, "-c", "import sys; print(sys.prefix)") == f"{shared.parents[1]}\n"
    before = shared.stat()
    assert _says(shared, str(SCRIPT)) == ""
    assert shared.stat() == before


def test_an_environment_of_copies_stays_as_it_is(shared: Path) -> None:
    for file in shared.parent.glob("python*"):
        copied = file.read_bytes()
        file.unlink()
        file.write_bytes(copied)
        file.chmod(0o755)
    assert _says(shared, str(SCRIPT)) == ""
    assert _says(shared, "-c", LOADED) == "True\n"


def _no_compiler(_: Path) -> None:
    """There is none."""


def _fails(bin: Path) -> None:
    (bin / COMPILER).write_text("#!/bin/sh\necho nothing found to link >&2; exit 1\n")


def _makes_nonsense(bin: Path) -> None:
    script = '#!/bin/sh\nfor word; do case "$word" in *.new) /bin/cp /bin/false "$word";; esac; done\n'
    (bin / COMPILER).write_text(script)


#: What stands for the compiler, and what is said.
CANNOT: Mapping[str, tuple[Callable[[Path], None], str]] = {
    "no compiler": (_no_compiler, ""),
    "a compiler that fails": (_fails, "nothing found to link"),
    "what it made does not run": (_makes_nonsense, "stays linked with its shared library"),
}


@pytest.mark.parametrize("name", CANNOT)
def test_where_it_cannot_be_linked_the_environment_stays_as_it_is(name: str, shared: Path, tmp_path: Path) -> None:
    make, said = CANNOT[name]
    bin = tmp_path / "bin"
    bin.mkdir()
    make(bin)
    for file in bin.iterdir():
        file.chmod(0o755)
    before = sorted(shared.parent.iterdir())
    answer = _says(shared, str(SCRIPT), PATH=str(bin))
    assert said in answer if said else answer == ""
    assert _says(shared, "-c", LOADED) == "True\n"
    assert sorted(shared.parent.iterdir()) == before
