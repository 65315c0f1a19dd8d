"""Processes that each try one mutant: forked, so that all that is loaded already need not be loaded again."""

import gc
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import CodeType, FunctionType

from .mutants import Mutant

#: How a child says that a test failed, or that all passed. Whatever else it ends with is a failure too.
FAILED, PASSED = 1, 0


@dataclass(frozen=True, slots=True)
class Trial:
    """A mutant, what a child does with it, and the seconds that it may take."""

    mutant: Mutant
    run: Callable[[], int]
    patience: int


def run_all(trials: Iterable[Trial], processes: int) -> Iterator[tuple[Mutant, bool]]:
    """Each mutant, as soon as it is known whether it was killed. One that takes too long was."""
    running: dict[int, Mutant] = {}
    for trial in trials:
        if len(running) >= processes:
            yield _ended(running)
        running[_fork(trial)] = trial.mutant
    while running:
        yield _ended(running)


def _ended(running: dict[int, Mutant]) -> tuple[Mutant, bool]:
    child, status = os.wait()
    return running.pop(child), status != PASSED


def _fork(trial: Trial) -> int:
    sys.stdout.flush()
    child = os.fork()
    if child:
        return child
    code = FAILED
    try:
        signal.alarm(trial.patience)
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        code = trial.run()
    finally:
        os._exit(code)


def patch(function: str, module: str, source: bytes, filename: str) -> None:
    """Give the function of that name, wherever it is referred to, the code that it has in `source`.

    A module's constants were worked out already and stay as they are.
    """
    names = function.split(".")
    new = _code_of(compile(source, filename, "exec"), names)
    for found in gc.get_objects():
        if isinstance(found, FunctionType) and found.__module__ == module and found.__qualname__ == new.co_qualname:
            found.__code__ = new
    forget(module)


def forget(modules: str) -> None:
    """Empty the caches of functions in the modules whose names, or paths, begin so."""
    for name, module in list(sys.modules.items()):
        if name.startswith(modules.replace("/", ".")):
            for found in vars(module).values():
                if hasattr(found, "cache_clear"):
                    found.cache_clear()


def _code_of(code: CodeType, names: list[str]) -> CodeType:
    """The code of the outermost function that the names lead to, through classes."""
    for name in names:
        code = next(found for found in _codes(code) if found.co_name == name)
        if code.co_flags & 0x2:  # CO_NEWLOCALS is a function's; a class has none
            return code
    raise LookupError(".".join(names))


def _codes(code: CodeType) -> Iterator[CodeType]:
    """The codes directly in this one; a generic function's stands within that of its parameters."""
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            if constant.co_name.startswith("<generic parameters of "):
                yield from _codes(constant)
            else:
                yield constant
