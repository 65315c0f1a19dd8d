"""Finds what can be translated: each string of the code and of the templates that is given to gettext.

Python is read by its syntax tree, under whatever name gettext was imported; templates by Django's own `templatize`.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation.template import templatize

#: The packages whose pages and messages people read.
PACKAGES = (
    "accounts", "compliance", "config", "devtools", "ledger", "notifications", "outbox", "patients", "ui", "web",
)  # fmt: skip
TEMPLATES = "templates"

_MODULE = "django.utils.translation"
#: Which arguments of each function are: context, message, plural.
_ARGUMENTS: dict[str, tuple[int | None, int, int | None]] = {
    "gettext": (None, 0, None),
    "gettext_noop": (None, 0, None),
    "ngettext": (None, 0, 1),
    "pgettext": (0, 1, None),
    "npgettext": (0, 1, 2),
}
_LITERAL = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_CALL = re.compile(
    r"""\b(n?p?gettext|_)\(((?:u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")(?:, ?)?)+)""",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Found:
    """A message where it was found: file and line, context, and plural if it has one."""

    file: str
    line: int
    text: str
    plural: str = ""
    context: str = ""

    @property
    def id(self) -> str | tuple[str, str]:
        """The message as Babel's catalogs name it."""
        return (self.text, self.plural) if self.plural else self.text

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text!r}" + (f" ({self.context})" if self.context else "")


class Dynamic(ValueError):
    """A call of gettext with something else than a literal: nobody can find its messages."""


def everything(root: Path) -> list[Found]:
    """All messages of the project, in the order of files and lines. Raises Dynamic."""
    code = [path for package in PACKAGES for path in (root / package).rglob("*.py")]
    pages = [path for kind in ("*.html", "*.txt") for path in (root / TEMPLATES).rglob(kind)]
    found: list[Found] = []
    for path in sorted([*code, *pages]):
        name, text = path.relative_to(root).as_posix(), path.read_text()
        found += in_code(text, name) if path.suffix == ".py" else in_template(text, name)
    return found


def in_code(source: str, name: str) -> Iterator[Found]:
    """The messages of a Python module. Raises Dynamic."""
    if _MODULE not in source:
        return
    nodes = list(ast.walk(ast.parse(source)))
    functions = {
        alias.asname or alias.name: alias.name.removesuffix("_lazy")
        for node in nodes
        if isinstance(node, ast.ImportFrom) and node.module == _MODULE
        for alias in node.names
    }
    calls = [node for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    for call in sorted(calls, key=lambda node: (node.lineno, node.col_offset)):
        assert isinstance(call.func, ast.Name)
        function = functions.get(call.func.id, "")
        if function in _ARGUMENTS:
            yield _found(function, [_literal(node) for node in call.args], name, call.lineno)


def in_template(source: str, name: str) -> Iterator[Found]:
    """The messages of a template."""
    code = templatize(source, origin=name)
    for call in _CALL.finditer(code):
        arguments = [ast.literal_eval(literal) for literal in re.findall(_LITERAL, call[2], re.DOTALL)]
        yield _found("gettext" if call[1] == "_" else call[1], arguments, name, code.count("\n", 0, call.start()) + 1)


def _literal(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _found(function: str, arguments: list[str | None], name: str, line: int) -> Found:
    places = _ARGUMENTS[function]
    context, text, plural = ("" if place is None else arguments[place] for place in places)
    if context is None or text is None or plural is None:
        raise Dynamic(f"{name}:{line}: what is given to {function} is no literal")
    return Found(name, line, text, plural, context)
