"""References in `docs/` exist: files, tests, modules, and names in them."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
PACKAGES = (
    "accounts", "compliance", "config", "devtools", "ledger", "notifications", "outbox", "patients", "tests", "ui",
    "web",
)  # fmt: skip
FILE = re.compile(r"[\w./-]+/[\w.-]+\.(?:css|html|js|json|md|py|typ)(?:::\w+|#[\w-]+)?")
DOTTED = re.compile(rf"(?:{'|'.join(PACKAGES)})(?:\.\w+)+")


def names(page: Path) -> set[str]:
    """What a page names in backticks, without arguments, where it is of the repository."""
    spans = (span.partition("(")[0] for span in re.findall(r"`([^`\n]+)`", page.read_text()))
    return {span for span in spans if FILE.fullmatch(span) or DOTTED.fullmatch(span)}


def exists(name: str) -> bool:
    if FILE.fullmatch(name):
        path, _, test = name.partition("#")[0].partition("::")
        return (ROOT / path).is_file() and (not test or test in defined(ROOT / path))
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        base = ROOT.joinpath(*parts[:length])
        module = base.with_suffix(".py") if base.with_suffix(".py").is_file() else base / "__init__.py"
        if module.is_file():
            return ".".join(parts[length:]) in {"", *defined(module)}
    return False


@cache
def defined(module: Path) -> set[str]:
    """The functions, classes, methods and constants of a module, and what it imports to hand on."""
    found: set[str] = set()
    for node in ast.parse(module.read_text()).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{inner.name}" for inner in node.body if isinstance(inner, ast.FunctionDef)}
        if isinstance(node, ast.Assign):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found.add(node.target.id)
        if isinstance(node, ast.ImportFrom):
            found |= {alias.asname or alias.name for alias in node.names}
    return found


@pytest.mark.parametrize("doc", PAGES, ids=lambda doc: str(doc.relative_to(ROOT)))
def test_docs_name_only_what_exists(doc: Path) -> None:
    assert sorted(name for name in names(doc) if not exists(name)) == []


@pytest.mark.parametrize("doc", PAGES, ids=lambda doc: str(doc.relative_to(ROOT)))
def test_docs_links_lead_to_a_file(doc: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", doc.read_text())
    assert [link for link in links if not (doc.parent / link).exists()] == []


def test_docs_check_finds_what_does_not_exist() -> None:
    assert not exists("tests/nowhere.py")
    assert not exists("tests/factories.py::nobody")
    assert not exists("compliance.commands.gate.nothing")
    assert not exists("web.nowhere")


GLOSSARY = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / "docs" / "glossary.md").read_text().splitlines()
    if line.startswith("| ") and not line.startswith("| term ")
]


def test_glossary_each_term_names_an_existing_module() -> None:
    assert len(GLOSSARY) > 100
    named = {cells[0]: re.findall(r"`([^`]+)`", cells[2]) for cells in GLOSSARY}
    assert {term: modules for term, modules in named.items() if not modules or not all(map(exists, modules))} == {}


def test_glossary_terms_stand_in_alphabetical_order() -> None:
    text = (ROOT / "docs" / "glossary.md").read_text()
    for table in text.split("\n## ")[1:]:
        terms = [line.strip("| ").split(" |")[0].lower() for line in table.splitlines() if line.startswith("| ")][1:]
        assert terms == sorted(terms)
