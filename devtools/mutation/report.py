"""What came of the mutants: figures, and each survivor as a difference."""

import sys
import time
import tomllib
from collections import Counter
from pathlib import Path

from .mutants import Mutant

#: The share of mutants that must be killed.
LEAST = 0.95

#: Path, function, the line before and after. No line numbers: those change with every edit.
type Key = tuple[str, str, str, str]


class Report:
    """Collects outcomes; compares the survivors with those that are explained in `survivors.toml`."""

    def __init__(self, root: Path, found: list[Mutant], *, whole: bool) -> None:
        self.root, self.found, self.whole = root, found, whole
        self.begun = time.monotonic()
        self.killed: dict[Mutant, bool] = {}
        self.tried = 0
        self.sources = {path: (root / path).read_bytes() for path in {mutant.path for mutant in found}}
        self.explained = _explained(Path(__file__).with_name("survivors.toml"))

    def tell(self, mutant: Mutant, killed: bool) -> None:
        """Say how far it is, every hundred, and which survives, as soon as that is known."""
        self.tried += 1
        if not killed:
            _path, function, _before, after = self._key(mutant)
            sys.stderr.write(f"survived: {mutant.path}:{mutant.lines[0]} {function}: {after}\n")
        if self.tried % 100 == 0:
            sys.stderr.write(f"{self.tried} of {len(self.found)}\n")
        sys.stderr.flush()

    def note(self, mutant: Mutant, killed: bool) -> None:
        """One outcome."""
        self.killed[mutant] = killed

    def conclude(self) -> int:
        """Print all; 1 when too few were killed, a survivor is not explained, or an explanation explains nothing."""
        survivors = sorted((m for m, killed in self.killed.items() if not killed), key=lambda m: (m.path, m.place))
        keys = {mutant: self._key(mutant) for mutant in survivors}
        open_ones = [mutant for mutant in survivors if keys[mutant] not in self.explained]
        for mutant in open_ones:
            self._print(mutant)
        idle = set(self.explained) - set(keys.values()) if self.whole else set()
        for path, function, before, after in sorted(idle):
            print(f"explained, but killed or gone: {path} {function}\n- {before}\n+ {after}\n")
        self._figures()
        total, survived = len(self.killed), len(survivors)
        share = 1 - survived / total if total else 1.0
        minutes = (time.monotonic() - self.begun) / 60
        print(
            f"{total} mutants, {total - survived} killed ({share:.1%}), {survived} survived, "
            f"{survived - len(open_ones)} of them explained, {minutes:.1f} minutes"
        )
        return int(share < LEAST or bool(open_ones) or bool(idle))

    def _key(self, mutant: Mutant) -> Key:
        return (mutant.path, mutant.function, *mutant.changed(self.sources[mutant.path]))

    def _print(self, mutant: Mutant) -> None:
        _path, function, before, after = self._key(mutant)
        print(f"{mutant.path}:{mutant.lines[0]} {function}\n- {before}\n+ {after}\n")

    def _figures(self) -> None:
        total = Counter(mutant.path for mutant in self.killed)
        killed = Counter(mutant.path for mutant, one in self.killed.items() if one)
        for path in sorted(total):
            print(f"{path:48} {total[path]:5} {killed[path]:5} {killed[path] / total[path]:7.1%}")


def _explained(path: Path) -> dict[Key, str]:
    """The survivors that no test can kill, and why."""
    told = tomllib.loads(path.read_text()) if path.exists() else {}
    return {
        (one["path"], one.get("function", ""), one["before"], one["after"]): one["because"]
        for one in told.get("survivor", [])
    }
