"""The two tables of what is asked of this product: no row missing or empty, and what they name exists."""

import ast
import functools
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa import app_settings as mfa
from django.conf import settings
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

import accounts.forms
import patients.invitations
import web.public.forms
import web.shared.signature_forms
from accounts import set_password_link
from accounts.models import User
from accounts.roles import PATIENT
from tests import factories
from tests.factories import PASSWORD

ROOT = Path(__file__).resolve().parent.parent.parent
TABLES = ("security.md", "part11.md")
OURS = ("accounts", "compliance", "config", "devtools", "ledger", "notifications", "outbox", "patients", "ui", "web")

#: How many requirements of levels 1 and 2 each section has. Those of level 3 come after them everywhere.
SECTIONS = {
    "1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2, "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1, "3.2": 2, "3.3": 4,
    "3.4": 6, "3.5": 5, "3.7": 2, "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4, "5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3,
    "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4, "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5,
    "7.5": 2, "7.6": 2, "8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1, "9.1": 3, "9.2": 4, "10.1": 2, "10.2": 2, "10.3": 4,
    "10.4": 11, "10.5": 5, "10.6": 2, "10.7": 3, "11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1, "11.6": 1,
    "12.1": 3, "12.2": 2, "12.3": 4, "13.1": 1, "13.2": 5, "13.3": 2, "13.4": 5, "14.1": 2, "14.2": 4, "14.3": 3,
    "15.1": 3, "15.2": 3, "15.3": 7, "16.1": 1, "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3, "17.1": 1, "17.2": 4,
    "17.3": 2,
}  # fmt: skip
PART_11 = (
    "11.10 (lead)", *(f"11.10({letter})" for letter in "abcdefghij"), "11.10(k)(1)", "11.10(k)(2)", "11.30",
    "11.50(a)(1)", "11.50(a)(2)", "11.50(a)(3)", "11.50(b)", "11.70",
    "11.100(a)", "11.100(b)", "11.100(c)(1)", "11.100(c)(2)",
    "11.200(a)(1)", "11.200(a)(1)(i)", "11.200(a)(1)(ii)", "11.200(a)(2)", "11.200(a)(3)", "11.200(b)",
    "11.300 (lead)", *(f"11.300({letter})" for letter in "abcde"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One requirement."""

    table: str
    cells: tuple[str, ...]

    @property
    def number(self) -> str:
        found = re.match(r"[\d.]+(?: \(lead\)|(?:\(\w+\))*)", self.cells[0])
        return found.group() if found else self.cells[0]

    def __str__(self) -> str:
        return f"{self.table[:-3]}-{self.number}"


def rows() -> Iterator[Row]:
    for table in TABLES:
        for line in (ROOT / "docs" / table).read_text().splitlines():
            cells = tuple(cell.strip() for cell in line.strip().strip("|").split("|"))
            if line.startswith("|") and cells[0] != "requirement" and set(cells[0]) != {"-"}:
                yield Row(table, cells)


ROWS = list(rows())


def test_every_requirement_has_one_row() -> None:
    wanted = [f"{section}.{place}" for section, count in SECTIONS.items() for place in range(1, count + 1)]
    assert len(wanted) == 253
    assert [row.number for row in ROWS if row.table == "security.md"] == wanted
    assert [row.number for row in ROWS if row.table == "part11.md"] == list(PART_11)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_row_is_full_and_what_it_names_exists(row: Row) -> None:
    assert len(row.cells) == 3
    assert all(len(cell) > 3 for cell in row.cells)
    named = re.findall(r"`([^`]+)`", row.cells[2])
    assert named or "TODO" in row.cells[2]
    for name in named:
        assert exists(name), name


def exists(name: str) -> bool:
    """Whether there is such a test, page with that heading, file or setting."""
    if re.fullmatch(r"[A-Z][A-Z0-9_]+", name):
        return hasattr(settings, name)
    path, _, place = name.partition("#")
    path, _, test = path.partition("::")
    file = ROOT / path
    if not file.is_file():
        return name == "django.contrib.sessions"
    if test:
        return test in functions_of(file)
    return not place or place in anchors(file)


@functools.cache
def functions_of(file: Path) -> frozenset[str]:
    """The functions of a module, which are named by many rows."""
    return frozenset(re.findall(r"^def (\w+)\(", file.read_text(), re.MULTILINE))


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", ["tests/nowhere.py", "tests/factories.py::nobody", "docs/keys.md#nothing", "NO_SUCH"])
def test_what_does_not_exist_is_found_out(name: str) -> None:
    assert not exists(name)


def test_nothing_is_left_open() -> None:
    assert [str(row) for row in ROWS if re.search(r"TODO|GAP", " ".join(row.cells))] == []


# --- what the tables say of the whole, and no other test shows -------------------------------------


def code() -> Iterator[tuple[Path, str]]:
    for name in OURS:
        for file in (ROOT / name).rglob("*.py"):
            yield file, file.read_text()


ABSENT = frozenset({
    "python-ldap", "ldap3", "django-auth-ldap", "graphene", "graphene-django", "strawberry-graphql", "ariadne",
    "channels", "daphne", "websockets", "pyjwt", "python-jose", "authlib", "oauthlib", "django-oauth-toolkit",
    "python3-saml", "pysaml2", "python-memcached", "pymemcache", "pylibmc", "aiortc", "pylatex", "elementpath",
    "jpype1", "py4j",
})  # fmt: skip


def test_what_is_not_applicable_is_not_installed() -> None:
    installed = set(re.findall(r"^([a-z0-9._-]+)==", (ROOT / "requirements.txt").read_text(), re.MULTILINE))
    assert {"django", "celery"} <= installed
    assert installed & ABSENT == set()
    assert not {name for name in settings.INSTALLED_APPS if "socialaccount" in name or "idp" in name}


def test_every_library_is_pinned_and_hashed() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text()
        entries = re.split(r"\n(?=\S)", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).strip())
        assert len(entries) > 40
        assert all(re.match(r"[a-z0-9._-]+(\[[a-z,]+\])?==", entry) and "--hash=sha256:" in entry for entry in entries)
        assert "index-url" not in text
    assert "--require-hashes" in (ROOT / "Dockerfile").read_text()


def test_nothing_unsafe_is_loaded() -> None:
    unsafe = re.compile(r"^\s*(?:import|from) (pickle|marshal|shelve|dill|yaml|lxml|xml)\b", re.MULTILINE)
    assert [str(file) for file, text in code() if unsafe.search(text)] == []
    assert settings.CELERY_TASK_SERIALIZER == "json"
    assert getattr(settings, "SESSION_SERIALIZER", "").endswith("JSONSerializer")


def test_no_pattern_is_built_from_input() -> None:
    """Every regular expression and every format string is written out, or made of names of ours in capitals."""
    built = []
    for file, text in code():
        for node in ast.walk(ast.parse(text)) if re.search(r"\bre\b", text) else ():
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
                continue
            owner = getattr(node.func.value, "id", "")
            first = node.args[0]
            fixed = isinstance(first, ast.Constant) or getattr(first, "id", "").strip("_").isupper()
            if owner == "re" and not fixed and node.func.attr != "escape":
                built.append(f"{file.name}:{node.lineno}")
    assert built == []


def test_scripts_do_without_what_is_said_to_be_absent() -> None:
    never = r"eval\(|new Function|innerHTML|outerHTML|document\.write|localStorage|sessionStorage|indexedDB"
    never += r"|addEventListener\(\"message\"|postMessage|__proto__|\.prototype"
    scripts = list((ROOT / "static").rglob("*.js"))
    assert scripts
    assert [file.name for file in scripts if re.search(never, file.read_text())] == []
    assert [str(file) for file, text in code() if re.search(r"request\.REQUEST|\.GET *\| *request\.POST", text)] == []


def test_no_form_is_made_from_a_model() -> None:
    assert [str(file) for file, text in code() if re.search(r"ModelForm|modelform_factory", text)] == []


PASSWORD_FIELDS: dict[str, tuple[Any, str]] = {
    "sign-in": (accounts.forms.SignIn, "password"),
    "a new password": (web.public.forms.SetPasswordForm, "password1"),
    "a signature": (web.shared.signature_forms.SignatureMixin, "signer_password"),
}


@pytest.mark.parametrize("name", PASSWORD_FIELDS)
def test_passwords_are_taken_as_they_come(name: str) -> None:
    form, field = PASSWORD_FIELDS[name]
    found = form.base_fields[field]
    assert found.strip is False
    assert found.max_length is None or found.max_length >= 64
    assert found.clean("  Ünïcode and spaces  ") == "  Ünïcode and spaces  "
    assert found.widget.input_type == "password"


@pytest.mark.django_db
def test_a_new_installation_has_no_accounts() -> None:
    assert User.objects.count() == 0


def test_recovery_codes_are_long_enough() -> None:
    assert mfa.RECOVERY_CODE_DIGITS >= 7  # 20 bits are six digits and a half


@pytest.mark.django_db
def test_a_session_is_new_random_and_gone_after(client: Client) -> None:
    cache.clear()
    user = factories.account(PATIENT, password=PASSWORD)
    client.get(reverse("account_login"))
    session = client.session
    session["before"] = "sign-in"
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = before = str(session.session_key)
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    during = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert during != before
    assert re.fullmatch(r"[a-z0-9]{32}", during)
    assert client.get(reverse("signed_in")).status_code == 200
    client.post(reverse("account_logout"))
    client.cookies[settings.SESSION_COOKIE_NAME] = during
    assert client.get(reverse("signed_in")).status_code == 302


@pytest.mark.django_db
def test_a_link_for_one_thing_opens_no_other_and_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    account = factories.account(PATIENT)
    link = set_password_link.make_token(account)
    assert set_password_link.user_of_token(link) == account
    assert patients.invitations.invitation_of_token(link) is None
    assert set_password_link.user_of_token(patients.invitations.make_token(account.pk)) is None
    later = time.time() + set_password_link.LIFETIME + 1
    monkeypatch.setattr(time, "time", lambda: later)
    assert set_password_link.user_of_token(link) is None


@pytest.mark.django_db
def test_no_demo_where_servers_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "DEMO", False)
    monkeypatch.setattr(settings, "EMBEDDED_FOLDER", None)
    with pytest.raises(CommandError):
        call_command("seed_demo")
    assert User.objects.count() == 0
