"""Makes the next import of one module take another text: for mutants of what a module works out when it is imported."""

import importlib.util
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader
from types import CodeType, ModuleType


class _Loader(SourceFileLoader):
    def __init__(self, name: str, path: str, source: bytes) -> None:
        super().__init__(name, path)
        self._source = source

    def get_code(self, fullname: str) -> CodeType:
        return compile(self._source, self.path, "exec", dont_inherit=True)


class _Finder:
    def __init__(self, name: str, path: str, source: bytes) -> None:
        self._name, self._path, self._source = name, path, source

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != self._name:
            return None
        return importlib.util.spec_from_loader(fullname, _Loader(self._name, self._path, self._source))


def import_instead(module: str, path: str, source: bytes) -> None:
    """The module of that name is made of `source` when it is imported, which it must not have been yet."""
    assert module not in sys.modules
    sys.meta_path.insert(0, _Finder(module, path, source))
