"""`bin/mutate`: tries every mutant of the rules against the rules' tests, and says which survive."""

import argparse
import contextlib
import io
import json
import mmap
import os
import struct
import sys
import tempfile
import traceback
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from . import children, imported, session
from .children import FAILED, PASSED, Trial
from .mutants import Mutant, mutants
from .report import Report

ROOT = Path(__file__).resolve().parents[2]
RULES, TESTS = "compliance/rules", "tests/compliance/rules"
#: What a process that tries mutants reads anew; all else of the project is loaded once.
ANEW = ("compliance.rules", "tests", "devtools.replay")
#: Seconds beyond three times those that the tests take.
PATIENCE = 10


def main() -> int:
    """1 when too few mutants are killed, or one survives that nobody has explained."""
    parser = argparse.ArgumentParser(prog="bin/mutate", description=__doc__)
    parser.add_argument("paths", nargs="*", type=Path, default=[ROOT / RULES], help=f"default: all of {RULES}")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    os.chdir(ROOT)
    os.environ |= {"DJANGO_SETTINGS_MODULE": "config.settings", "LOG_LEVEL": "ERROR"}
    files = sorted(file for path in options.paths for file in _files(path.resolve()))
    found = [mutant for file in files for mutant in mutants(file, ROOT)]
    report = Report(ROOT, found, whole=options.paths == [ROOT / RULES])
    _load()
    seconds, rest = _of_functions(found, report, options.processes)
    for mutant, killed in children.run_all(_of_modules(rest, seconds), options.processes):
        report.tell(mutant, killed)
        report.note(mutant, killed)
    return report.conclude()


def _load() -> None:
    """Everything that the tests import, once; in silence. Properties try the same examples in every run."""
    phases = [hypothesis.Phase.explicit, hypothesis.Phase.generate]
    hypothesis.settings.register_profile("mutation", derandomize=True, database=None, phases=phases)
    hypothesis.settings.load_profile("mutation")
    with contextlib.redirect_stdout(io.StringIO()):
        pytest.main([*session.ARGUMENTS, "--collect-only", TESTS])


def _forget() -> None:
    """Let the rules and their tests be imported anew. Whoever else imported them keeps what it has."""
    for name in list(sys.modules):
        if name.startswith(ANEW):
            del sys.modules[name]


def _files(path: Path) -> list[Path]:
    return [path] if path.is_file() else list(path.rglob("*.py"))


def _of_functions(found: list[Mutant], report: Report, processes: int) -> tuple[dict[str, float], list[Mutant]]:
    """Try what stands in functions. Gives the seconds that each test takes, and the mutants that are yet to be tried.

    In a process of its own: this one must not have imported what `_of_modules` changes.
    """
    with tempfile.TemporaryFile() as answers:
        child = os.fork()
        if not child:
            code = 1
            try:
                code = _session(found, report, answers, processes)
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stderr.flush()
                sys.stdout.flush()
                os._exit(code)
        _, status = os.waitpid(child, 0)
        answers.seek(0)
        said = json.loads(answers.read() or "null")
    if status or said is None:
        raise SystemExit("The tests fail without any mutant.")
    for place, killed in said["tried"]:
        report.note(found[place], killed)
    report.tried = len(said["tried"])
    return said["seconds"], [found[place] for place in said["rest"]]


def _session(found: list[Mutant], report: Report, answers: Any, processes: int) -> int:
    touched = session.Touched(ROOT, RULES)
    places = {mutant: place for place, mutant in enumerate(found)}
    said: dict[str, Any] = {}

    def then(run: session.Session) -> None:
        tried = [
            mutant
            for mutant in found
            if mutant.function and not mutant.nested and not _touches(touched.at_import, mutant)
        ]
        killers = Killers(list(touched.tests), len(tried))
        trials = (_trial(run, touched, killers, place, one) for place, one in enumerate(tried))
        outcome = []
        for mutant, killed in children.run_all(trials, processes):
            killers.learn(mutant, tried.index(mutant))
            outcome.append((places[mutant], killed))
            report.tell(mutant, killed)
        rest = [place for mutant, place in places.items() if mutant not in set(tried)]
        said.update(tried=outcome, rest=rest, seconds=touched.seconds)

    _forget()
    touched.watch()
    code = pytest.main(
        [*session.ARGUMENTS, TESTS], plugins=[session.WithoutDatabase({}), session.Session(touched, then)]
    )
    answers.write(json.dumps(said).encode())
    answers.flush()
    return int(code)


def _touches(lines: set[session.Line], mutant: Mutant) -> bool:
    first, last = mutant.lines
    return any((mutant.path, line) in lines for line in range(first, last + 1))


class Killers:
    """Which tests have killed mutants of a function: those try its other mutants first."""

    def __init__(self, names: list[str], mutants: int) -> None:
        self.names = names
        self.kills: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        # Shared with the children: for each mutant the place of the test that killed it, counted from one.
        self._said = mmap.mmap(-1, 4 * max(mutants, 1))

    def say(self, place: int, name: str) -> None:
        """By a child: this test has killed the mutant in that place."""
        struct.pack_into("i", self._said, 4 * place, self.names.index(name) + 1)

    def learn(self, mutant: Mutant, place: int) -> None:
        """By the parent, when the child has ended."""
        (number,) = struct.unpack_from("i", self._said, 4 * place)
        if number:
            self.kills[mutant.path, mutant.function][self.names[number - 1]] += 1

    def of(self, mutant: Mutant) -> Counter[str]:
        """How many mutants of the same function each test has killed."""
        return self.kills[mutant.path, mutant.function]


def _trial(run: session.Session, touched: session.Touched, killers: Killers, place: int, mutant: Mutant) -> Trial:
    names = [name for name, lines in touched.tests.items() if _touches(lines, mutant)]
    kills = killers.of(mutant)
    names.sort(key=lambda name: (-kills[name], touched.seconds[name]))
    source = (ROOT / mutant.path).read_bytes()

    def tried() -> int:
        children.patch(mutant.function, _module(mutant), mutant.source(source), str(ROOT / mutant.path))
        killer = run.failing(names)
        if killer is not None:
            killers.say(place, killer)
        return PASSED if killer is None else FAILED

    return Trial(mutant, tried, PATIENCE + 3 * int(sum(touched.seconds[name] for name in names)))


def _module(mutant: Mutant) -> str:
    return mutant.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _of_modules(found: list[Mutant], seconds: dict[str, float]) -> Iterator[Trial]:
    """What a module works out when it is imported: each is tried by all tests, which are read anew."""
    patience = PATIENCE * 2 + 3 * int(sum(seconds.values()))
    for mutant in found:
        source = (ROOT / mutant.path).read_bytes()

        def tried(mutant: Mutant = mutant, source: bytes = source) -> int:
            _forget()
            imported.import_instead(_module(mutant), str(ROOT / mutant.path), mutant.source(source))
            return int(pytest.main([*session.ARGUMENTS, "-x", TESTS], plugins=[session.WithoutDatabase(seconds)]))

        yield Trial(mutant, tried, patience)


if __name__ == "__main__":
    sys.exit(main())
