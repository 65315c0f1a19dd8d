"""The import rules hold, and each of them is broken by a planted violation."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = (
    "config",
    "devtools",
    "web",
    "notifications",
    "compliance",
    "patients",
    "accounts",
    "outbox",
    "ledger",
    "ui",
)

PLANTED = {
    "a lower app imports a higher one": ("ledger/erasable_text.py", "import patients.models"),
    "an app imports the project": ("outbox/box.py", "import config.settings"),
    "an action imports a desk": ("compliance/commands/gate.py", "import web.shared.common"),
    "the rules import an action": ("compliance/rules/gate.py", "import compliance.commands.gate"),
    "the rules import Django": ("compliance/rules/days.py", "import django.utils.timezone"),
    "the rules import a clock": ("compliance/rules/days.py", "import time"),
}


def check(folder: Path) -> subprocess.CompletedProcess[str]:
    lint = Path(sys.executable).parent / "lint-imports"
    return subprocess.run([lint, "--no-cache", "--no-logo"], cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for name in PACKAGES:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "*.json"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_rules_hold(copy: Path) -> None:
    assert check(copy).returncode == 0


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_violation_is_found(copy: Path, name: str) -> None:
    file, line = PLANTED[name]
    path = copy / file
    path.write_text(path.read_text() + f"\n{line}  # planted\n")
    result = check(copy)
    assert result.returncode == 1, result.stdout
    assert "BROKEN" in result.stdout
