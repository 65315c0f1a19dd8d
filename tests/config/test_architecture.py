"""The import rules hold, and each of them is broken by a planted violation."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = tuple(sorted(init.parent.name for init in ROOT.glob("*/__init__.py") if init.parent.name != "tests"))

PLANTED = {
    "notifications import a page": ("notifications/renderers.py", "import web.shared.common"),
    "the compliance package imports notifications": ("compliance/commands/gate.py", "import notifications.sweep"),
    "a page imports devtools": ("web/shared/common.py", "import devtools.embedded"),
    "a middleware imports devtools": ("config/errors.py", "import devtools.embedded"),
    "the outbox imports components": ("outbox/box.py", "import ui.components"),
    "a command renders a PDF": ("compliance/commands/pdf_jobs.py", "import compliance.signing.pdf.render"),
    "the export imports the signing": ("compliance/export/bundle.py", "import compliance.signing.pdf.seal"),
    "the export imports the verification": ("compliance/export/bundle.py", "import compliance.verification.check"),
    "records import a command": ("compliance/records/file.py", "import compliance.commands.decide"),
    "a signature imports a command": ("compliance/signatures.py", "import compliance.commands.decide"),
    "documents import records": ("compliance/documents/library.py", "import compliance.records.file"),
    "words import records": ("compliance/words/records.py", "import compliance.records.file"),
    "a shared page imports a room": ("web/shared/common.py", "import web.office.views"),
    "one room imports another": ("web/office/views.py", "import web.pharmacy.views"),
    "a lower app imports a higher one": ("ledger/erasable_text.py", "import patients.models"),
    "an app imports the project": ("outbox/box.py", "import config.settings"),
    "a command imports a page": ("compliance/commands/gate.py", "import web.shared.common"),
    "the rules import a command": ("compliance/rules/gate.py", "import compliance.commands.gate"),
    "the rules import Django": ("compliance/rules/days.py", "import django.utils.timezone"),
    "the rules import a clock": ("compliance/rules/days.py", "import time"),
}


def check(folder: Path) -> subprocess.CompletedProcess[str]:
    lint = Path(sys.executable).parent / "lint-imports"
    return subprocess.run([lint, "--no-cache", "--no-logo"], cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    _copy(tmp_path)
    return tmp_path


def _copy(folder: Path) -> None:
    for name in PACKAGES:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.json"))
    shutil.copy(ROOT / "pyproject.toml", folder)


def test_the_rules_hold(copy: Path) -> None:
    assert check(copy).returncode == 0


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, int]]:
    """What is said of all violations at once; and in which line each of them is."""
    folder, lines = tmp_path_factory.mktemp("planted"), {}
    _copy(folder)
    for name, (file, line) in PLANTED.items():
        path = folder / file
        path.write_text(path.read_text() + f"\n{line}  # planted\n")
        lines[name] = len(path.read_text().splitlines())
    result = check(folder)
    assert result.returncode == 1, result.stdout
    return result.stdout.partition("Broken contracts")[2], lines


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_violation_is_found(planted: tuple[str, dict[str, int]], name: str) -> None:
    said, lines = planted
    file, line = PLANTED[name]
    module, imported = file.removesuffix(".py").replace("/", "."), line.removeprefix("import ")
    if imported.split(".")[0] not in PACKAGES:
        imported = imported.split(".")[0]
    assert f"- {module} -> {imported} (l.{lines[name]})" in " ".join(said.split())


def test_every_package_is_placed() -> None:
    importlinter = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    assert sorted(importlinter["root_packages"]) == sorted(PACKAGES)
    (layers,) = (each["layers"] for each in importlinter["contracts"] if each["name"] == "Imports point one way")
    assert sorted(name for layer in layers for name in re.split(r" [|:] ", layer)) == sorted(PACKAGES)


def test_no_package_of_compliance_or_web_is_left_out(copy: Path) -> None:
    names = ("compliance", "web")
    for name in names:
        (copy / name / "unplaced").mkdir()
        (copy / name / "unplaced" / "__init__.py").touch()
    result = check(copy)
    assert result.returncode == 1, result.stdout
    assert [name for name in names if f"{name}.unplaced" not in result.stdout] == []


@pytest.mark.parametrize("package", ["accounts", "notifications", "ui", "web"])
def test_no_function_reads_the_clock_twice(package: str) -> None:
    """One request has one instant: it is read at the edge, once, and passed on."""
    twice = []
    for path in sorted((ROOT / package).rglob("*.py")):
        source = path.read_text()
        for function in ast.walk(ast.parse(source)) if source.count("now(") > 1 else ():
            if isinstance(function, ast.FunctionDef):
                calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
                reads = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "now"]
                twice += [f"{path.name}: {function.name}"] if len(reads) > 1 else []
    assert twice == []
