"""What the code imports is asked for by name, and what is asked for is used: in an import, or as is said here."""

import ast
import importlib.metadata
import re
import sys
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDERS = sorted(init.parent for init in ROOT.glob("*/__init__.py"))

#: Used without an import: where its name stands, in a file that says what for.
USED_BY_NAME = {
    "argon2-cffi": ("accounts/hashers.py", "Argon2PasswordHasher"),
    "bandit": ("bin/test", "bandit"),
    "coverage": ("bin/test", "coverage"),
    "celery-types": ("bin/test", "mypy"),
    "crispy-bootstrap5": ("config/settings.py", "crispy_bootstrap5"),
    "django-structlog": ("config/settings.py", "django_structlog"),
    "django-stubs": ("pyproject.toml", "mypy_django_plugin"),
    "djlint": ("bin/test", "djlint"),
    "gunicorn": ("Dockerfile", "gunicorn"),
    "import-linter": ("bin/test", "lint-imports"),
    "mypy": ("bin/test", "mypy"),
    "pytest-playwright": ("tests/conftest.py", "browser_type_launch_args"),
    "ruff": ("bin/test", "ruff"),
    "types-pyyaml": ("bin/test", "mypy"),
    "tzdata": ("compliance/rules/days.py", "ZoneInfo"),
    "whitenoise": ("config/settings.py", "whitenoise"),
}


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def asked_for(file: str) -> set[str]:
    lines = (ROOT / file).read_text().splitlines()
    return {canonical(re.split(r"[\[~=<>]", line)[0]) for line in lines if line and line[0] not in "-#"}


#: A statement that imports, which begins a line as ruff has every statement do; or a text that looks like one.
IMPORT = re.compile(r"^[ \t]*(?:from[ \t]+(\w+)[\w.]*[ \t]+import\b|import[ \t]+(.+))", re.MULTILINE)


@cache
def said_in(path: Path) -> frozenset[str]:
    """The first names of all that a file imports or seems to import: to look for that in its text is soon done."""
    modules: set[str] = set()
    for found in IMPORT.finditer(path.read_text()):
        modules |= {found[1]} if found[1] else {re.split(r"\W", name.strip())[0] for name in found[2].split(",")}
    return frozenset(modules)


@cache
def modules_of(path: Path) -> frozenset[str]:
    """The first names of all that a file imports, wherever in it."""
    modules: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            modules |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            modules.add(node.module.split(".")[0])
    return frozenset(modules)


def imported(paths: list[Path]) -> set[str]:
    """The packages, as an index names them, that these files import."""
    where: dict[str, list[Path]] = {}
    for path in paths:
        for module in said_in(path) - sys.stdlib_module_names - {folder.name for folder in FOLDERS}:
            where.setdefault(module, []).append(path)
    modules = {module for module, files in where.items() if any(module in modules_of(path) for path in files)}
    known = importlib.metadata.packages_distributions()
    return {canonical(name) for module in modules for name in known[module]}


def sources(*, tests: bool) -> list[Path]:
    folders = [folder for folder in FOLDERS if tests or folder.name != "tests"]
    return [path for folder in folders for path in folder.rglob("*.py")]


def test_every_package_asked_for_is_used() -> None:
    wanted = asked_for("requirements.in") | asked_for("requirements-dev.in")
    assert wanted - imported(sources(tests=True)) == set(USED_BY_NAME)
    assert [name for name, (file, word) in USED_BY_NAME.items() if word not in (ROOT / file).read_text()] == []


def test_every_package_imported_is_asked_for() -> None:
    running, developing = asked_for("requirements.in"), asked_for("requirements-dev.in")
    # The catalogs are compiled, and the rules mutated, by developers; the stubs are named under TYPE_CHECKING alone.
    of_developers = {"babel", "django-stubs-ext", "hypothesis", "pytest"}
    assert imported(sources(tests=False)) - running == of_developers
    assert imported(sources(tests=True)) <= running | developing


def test_compiled_files_hold_what_is_asked_for_and_nothing_without_a_reason() -> None:
    for compiled, files in (("requirements.txt", ["requirements.in"]),
                            ("requirements-dev.txt", ["requirements.in", "requirements-dev.in"])):  # fmt: skip
        text = (ROOT / compiled).read_text()
        pinned = {canonical(name) for name in re.findall(r"^([A-Za-z0-9_.-]+)==", text, re.M)}
        reasons = set(re.findall(r"^    # (?:via )?  ?(\S.*)$", text, re.M)) - {"via"}
        assert set().union(*map(asked_for, files)) <= pinned
        assert {canonical(reason) for reason in reasons if not reason.startswith("-r ")} <= pinned
