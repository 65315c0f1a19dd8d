"""The small faults that are tried: each a piece of a file's text and what stands in its place."""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

_SWAPPED = {
    "<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==", "is": "is not", "is not": "is",
    "in": "not in", "not in": "in", "and": "or", "or": "and", "+": "-", "-": "+", "*": "/", "/": "*", "|": "&",
    "&": "|", "%": "*", "any": "all", "all": "any", "max": "min", "min": "max",
}  # fmt: skip
_SYMBOL = re.compile(rb"is\s+not|not\s+in|[<>=!]=|[<>+\-*/|&%]|\b(?:is|in|and|or)\b")
#: What a class or a field is besides its values: no test need notice these.
_NOT_BEHAVIOUR = ("repr", "frozen", "slots", "kw_only", "maxsize")

#: Whose subscripts are types.
_TYPES = ("Callable", "Literal", "Mapping", "dict", "frozenset", "list", "set", "tuple", "type")

type Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Mutant:
    """One fault: in the function of that name (empty at a module's or a class's level), within those lines."""

    path: str
    function: str
    lines: Span
    #: Offsets into the file's bytes, and what stands between them instead.
    place: Span
    text: bytes
    #: Whether it stands in a function that another makes, each time anew.
    nested: bool = False

    def source(self, original: bytes) -> bytes:
        """The file with the fault."""
        return original[: self.place[0]] + self.text + original[self.place[1] :]

    def changed(self, original: bytes) -> tuple[str, str]:
        """The lines around the fault, before and after, with their blanks made one."""
        first = original.rfind(b"\n", 0, self.place[0]) + 1
        last = original.find(b"\n", self.place[1])
        before, after = (
            original[first:last],
            original[first : self.place[0]] + self.text + original[self.place[1] : last],
        )
        return " ".join(before.decode().split()), " ".join(after.decode().split())


def mutants(path: Path, root: Path) -> list[Mutant]:
    """Every fault that is tried in a file; those that are no Python are left out."""
    source = path.read_bytes()
    finder = _Finder(str(path.relative_to(root)), source)
    finder.visit(ast.parse(source))
    return [mutant for mutant in dict.fromkeys(finder.found) if _compiles(mutant.source(source))]


def _compiles(source: bytes) -> bool:
    try:
        compile(source, "<mutant>", "exec")
    except (SyntaxError, ValueError):
        return False
    return True


class _Finder(ast.NodeVisitor):
    """Walks a file. Left alone: what is written for readers and types (docstrings, annotations, names of types, lists
    of exported names, assertions, sentences), and decorators."""

    def __init__(self, path: str, source: bytes) -> None:
        self.path, self.source = path, source
        self.found: list[Mutant] = []
        self._starts = [0]
        for line in source.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))
        self._names: list[str] = []
        self._functions = 0
        self._lines: Span = (0, 0)
        self._in_text = False

    # --- where things stand -------------------------------------------------------------------
    def _span(self, node: ast.AST) -> Span:
        line, column = node.lineno, node.col_offset  # type: ignore[attr-defined]
        end, end_column = node.end_lineno, node.end_col_offset  # type: ignore[attr-defined]
        return self._starts[line - 1] + column, self._starts[end - 1] + end_column

    def _text(self, node: ast.AST) -> bytes:
        start, end = self._span(node)
        return self.source[start:end]

    def _add(self, place: Span, text: bytes | str) -> None:
        text = text.encode() if isinstance(text, str) else text
        function = ".".join(self._names) if self._functions else ""
        self.found.append(Mutant(self.path, function, self._lines, place, text, self._functions > 1))

    def _swap(self, start: int, end: int) -> None:
        """The operator between two operands becomes its neighbour."""
        if symbol := _SYMBOL.search(self.source, start, end):
            other = _SWAPPED[" ".join(symbol.group().decode().split())]
            self._add(symbol.span(), other)

    def _negate(self, test: ast.expr) -> None:
        self._add(self._span(test), b"not (" + self._text(test) + b")")

    def visit(self, node: ast.AST) -> None:
        """As usual; and knows which lines the statement has, without those of the statements in it."""
        if isinstance(node, ast.stmt):
            body = getattr(node, "body", None)
            last = body[0].lineno - 1 if body else node.end_lineno
            self._lines = (node.lineno, max(node.lineno, last or 0))
        super().visit(node)

    # --- what contains statements -------------------------------------------------------------
    def _body(self, node: ast.FunctionDef | ast.ClassDef | ast.Module) -> None:
        has_docstring = ast.get_docstring(node) is not None
        for statement in node.body[1:] if has_docstring else node.body:
            self.visit(statement)

    def visit_Module(self, node: ast.Module) -> None:
        self._body(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._names.append(node.name)
        self._body(node)
        self._names.pop()

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        for default in (*node.args.defaults, *node.args.kw_defaults):
            if default is not None:
                self.visit(default)
        self._names.append(node.name)
        self._functions += 1
        self._body(node)
        self._functions -= 1
        self._names.pop()

    # --- statements ---------------------------------------------------------------------------
    def visit_Assert(self, node: ast.Assert) -> None:
        pass

    def visit_Import(self, node: ast.Import) -> None:
        pass

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        pass

    def visit_TypeAlias(self, node: ast.TypeAlias) -> None:
        pass

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self._value(node.value)
            self.visit(node.value)

    def visit_Assign(self, node: ast.Assign) -> None:
        if any(isinstance(target, ast.Name) and target.id == "__all__" for target in node.targets):
            return
        self._value(node.value)
        if not all(isinstance(target, ast.Name) for target in node.targets):
            self._add(self._span(node), "pass")
        self.visit(node.value)

    def _value(self, value: ast.expr) -> None:
        if self._functions and not isinstance(value, ast.Constant):
            self._add(self._span(value), "None")

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self._add(self._span(node), "pass")
        self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):
            self._add(self._span(node), "pass")
        self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> None:
        self._add(self._span(node), "pass")
        self.generic_visit(node)

    def visit_Return(self, node: ast.Return) -> None:
        if node.value is not None and not (isinstance(node.value, ast.Constant) and not node.value.value):
            self._add(self._span(node), "return None")
        self.generic_visit(node)

    def visit_Continue(self, node: ast.Continue) -> None:
        self._add(self._span(node), "break")

    def visit_Break(self, node: ast.Break) -> None:
        self._add(self._span(node), "continue")

    def visit_If(self, node: ast.If) -> None:
        self._negate(node.test)
        self.generic_visit(node)

    def visit_While(self, node: ast.While) -> None:
        self._negate(node.test)
        self.generic_visit(node)

    # --- expressions --------------------------------------------------------------------------
    def visit_IfExp(self, node: ast.IfExp) -> None:
        self._negate(node.test)
        self.generic_visit(node)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        for test in node.ifs:
            self._negate(test)
        self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        operands = [node.left, *node.comparators]
        self._between(operands)
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        self._between(node.values)
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        self._between([node.left, node.right])
        self.generic_visit(node)

    def _between(self, operands: Sequence[ast.expr]) -> None:
        for left, right in pairwise(operands):
            self._swap(self._span(left)[1], self._span(right)[0])

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, (ast.Not, ast.USub)):
            self._add(self._span(node), self._text(node.operand))
        self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        if not (isinstance(node.value, ast.Name) and node.value.id in _TYPES):
            self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Name) and node.func.id in ("any", "all", "max", "min"):
            self._add(self._span(node.func), _SWAPPED[node.func.id])
        arguments: list[ast.expr | ast.keyword] = sorted([*node.args, *node.keywords], key=self._span)
        for place, argument in enumerate(arguments):
            if isinstance(argument, ast.keyword) and argument.arg not in _NOT_BEHAVIOUR:
                start = self._span(arguments[place - 1])[1] if place else self._span(argument)[0]
                self._add((start, self._span(argument)[1]), b"")
        self.generic_visit(node)

    def visit_keyword(self, node: ast.keyword) -> None:
        if node.arg not in _NOT_BEHAVIOUR:
            self.generic_visit(node)

    # --- values -------------------------------------------------------------------------------
    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                self.visit(part.value)
            elif " " not in self._text(part).decode():
                self._add(self._span(part), self._text(part) + b"XX")

    def visit_Constant(self, node: ast.Constant) -> None:
        for other in _others(node.value):
            self._add(self._span(node), repr(other))

    def visit_Tuple(self, node: ast.Tuple) -> None:
        self._without_one(node.elts, node.elts)
        self.generic_visit(node)

    def visit_List(self, node: ast.List) -> None:
        self._without_one(node.elts, node.elts)
        self.generic_visit(node)

    def visit_Set(self, node: ast.Set) -> None:
        self._without_one(node.elts, node.elts)
        self.generic_visit(node)

    def visit_Dict(self, node: ast.Dict) -> None:
        keys = [key for key in node.keys if key is not None]
        if len(keys) == len(node.values):
            self._without_one(keys, node.values)
        self.generic_visit(node)

    def _without_one(self, firsts: Sequence[ast.expr], lasts: Sequence[ast.expr]) -> None:
        """A table of a module without each of its elements in turn."""
        if self._functions or len(firsts) < 2:
            return
        starts, ends = [self._span(one)[0] for one in firsts], [self._span(one)[1] for one in lasts]
        for place, start in enumerate(starts[:-1]):
            self._add((start, starts[place + 1]), b"")
        self._add((ends[-2], ends[-1]), b"," if len(starts) == 2 else b"")


def _others(value: object) -> Iterator[object]:
    """The values that are tried instead; none for a sentence."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield value + 1
        yield value - 1
    elif isinstance(value, str) and " " not in value:
        yield f"XX{value}XX"
