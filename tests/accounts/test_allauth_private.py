"""What is used of allauth's private modules and methods is there, is called as before, and does the same.

An upgrade of allauth that breaks one of them fails here, by its name.
"""

import ast
import inspect
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts import allauth_private
from accounts.adapter import Adapter
from accounts.roles import PATIENT
from devtools.demo.second_factors import activate_app
from tests import factories
from tests.factories import PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_cache")]

ROOT = Path(__file__).resolve().parent.parent.parent

#: The only modules that may import from a dependency's private modules.
ADAPTERS = {Path("accounts/allauth_private.py"), Path("devtools/valkey_binary.py"), Path("tests/prepared.py")}
OURS = {init.parent.name for init in ROOT.glob("*/__init__.py")}

ONE_A_MINUTE = {"app": "accounts", "action": "tried", "config": {"tried": "1/m/ip"}}


@pytest.fixture
def post() -> HttpRequest:
    request = RequestFactory().post("/")
    request.user = AnonymousUser()
    return request


# --- each name ------------------------------------------------------------------------------------
def test_every_name_of_the_adapter_is_checked_here() -> None:
    assert set(allauth_private.__all__) == {
        "LOGIN_SESSION_KEY", "RateLimitUsage", "check_rate_limit", "clear_login", "consume",
    }  # fmt: skip


def test_consume_refuses_what_is_over_the_limit_until_it_is_rolled_back(post: HttpRequest) -> None:
    first = allauth_private.consume(post, **ONE_A_MINUTE)
    assert isinstance(first, allauth_private.RateLimitUsage)
    assert allauth_private.consume(post, **ONE_A_MINUTE) is None
    first.rollback()
    assert allauth_private.consume(post, **ONE_A_MINUTE) is not None


def test_check_rate_limit_refuses_codes_over_the_limit_until_it_is_cleared(post: HttpRequest) -> None:
    user = factories.account(PATIENT)
    with context.request_context(post):
        clear = [allauth_private.check_rate_limit(user) for _ in range(5)][-1]
        with pytest.raises(ValidationError):
            allauth_private.check_rate_limit(user)
        clear()
        allauth_private.check_rate_limit(user)


def test_a_usage_of_nothing_can_be_rolled_back() -> None:
    allauth_private.RateLimitUsage(usage=[]).rollback()


def test_a_partial_sign_in_stands_in_the_session_until_it_is_cleared(client: Client) -> None:
    user = factories.account(PATIENT, password=PASSWORD)
    activate_app(user, "JBSWY3DPEHPK3PXP")
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    request = RequestFactory().get("/")
    request.user, request.session = AnonymousUser(), client.session
    assert allauth_private.LOGIN_SESSION_KEY in request.session
    assert request.session["account_authentication_methods"]
    allauth_private.clear_login(request)
    assert allauth_private.LOGIN_SESSION_KEY not in request.session
    assert "account_authentication_methods" not in request.session


SIGNATURES: dict[str, tuple[Callable[..., Any], list[str]]] = {
    "check_rate_limit": (allauth_private.check_rate_limit, ["user", "error_key"]),
    "clear_login": (allauth_private.clear_login, ["request"]),
    "consume": (
        allauth_private.consume,
        ["request", "app", "action", "config", "key", "user", "dry_run", "limit_get", "raise_exception"],
    ),
    "RateLimitUsage": (allauth_private.RateLimitUsage, ["usage"]),
    "Adapter._get_login_attempts_cache_key": (
        DefaultAccountAdapter._get_login_attempts_cache_key, ["self", "request", "credentials"],
    ),
    "Adapter._rollback_login_failed_rl_usage": (DefaultAccountAdapter._rollback_login_failed_rl_usage, ["self"]),
}  # fmt: skip


@pytest.mark.parametrize("name", SIGNATURES)
def test_each_takes_the_arguments_it_took(name: str) -> None:
    function, names = SIGNATURES[name]
    assert list(inspect.signature(function).parameters) == names


def test_every_private_method_that_is_overridden_is_checked_here() -> None:
    overridden = {name for name in vars(Adapter) if name.startswith("_") and hasattr(DefaultAccountAdapter, name)}
    checked = {name.removeprefix("Adapter.") for name in SIGNATURES if name.startswith("Adapter.")}
    assert {name for name in overridden if not name.startswith("__")} == checked


def test_what_is_overridden_is_called(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[str] = []
    for name in ("_get_login_attempts_cache_key", "_rollback_login_failed_rl_usage"):
        monkeypatch.setattr(Adapter, name, recorded(getattr(Adapter, name), called))
    user = factories.account(PATIENT, password=PASSWORD)
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    assert set(called) == {"_get_login_attempts_cache_key", "_rollback_login_failed_rl_usage"}


def recorded(method: Callable[..., Any], called: list[str]) -> Callable[..., Any]:
    def record(*arguments: Any, **named: Any) -> Any:
        called.append(method.__name__)
        return method(*arguments, **named)

    return record


# --- nothing else ---------------------------------------------------------------------------------
#: What imports, or looks like it, to the end of its line or of its list of names.
IMPORT = re.compile(r"^[ \t]*(?:from|import)[ \t][^\n(]*(?:\([^)]*\))?", re.MULTILINE)
PRIVATE = re.compile(r"\b(?:_\w|internal\b)")


def private_imports(source: str) -> list[str]:
    """The private modules and names of other packages that this source imports."""
    if not any(PRIVATE.search(each) for each in IMPORT.findall(source)):
        return []
    found = []
    for node in statements(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found += [f"{node.module}.{alias.name}" for alias in node.names]
    return [name for name in found if is_private(name)]


def statements(node: ast.AST) -> Iterator[ast.AST]:
    """All statements of a module, however deep. There are ten times as many expressions, and no import in them."""
    for part in ("body", "orelse", "finalbody", "handlers", "cases"):
        inner = getattr(node, part, [])
        for statement in inner if isinstance(inner, list) else []:
            yield statement
            yield from statements(statement)


def is_private(name: str) -> bool:
    top, *rest = name.split(".")
    if top in OURS or top in sys.stdlib_module_names:
        return False
    return any(part == "internal" or part.startswith("_") for part in (top, *rest))


@pytest.mark.parametrize(
    "line",
    ["import allauth.core.internal.ratelimit", "from allauth.core.internal import ratelimit", "import _pytest.fixtures",
     "from playwright._impl._errors import Error", "from django.forms.forms import _x",
     "from allauth.core import internal",
    ],
)  # fmt: skip
def test_a_planted_private_import_is_found(line: str) -> None:
    assert private_imports(f"def late() -> None:\n    {line}\n")


@pytest.mark.parametrize("line", ["from __future__ import annotations", "from . import _own", "import accounts._own"])
def test_what_is_ours_is_no_private_import(line: str) -> None:
    assert not private_imports(line)


#: A statement that imports, as it is written when nothing else stands in its line.
_IMPORT = re.compile(r"^[ ]*((?:from[ ]+\S+[ ]+import[ ]+(?:\([^)]*\)|[^\n]+))|(?:import[ ]+[^\n]+))", re.MULTILINE)


def imports_of(text: str) -> str:
    """The statements of a file that import, which are read sooner than all of it; all of it where they cannot be."""
    statements = "\n".join(_IMPORT.findall(text)) + "\n"
    try:
        compile(statements, "imports", "exec", ast.PyCF_ONLY_AST)
    except SyntaxError:
        return text
    return statements


def test_only_the_adapters_import_what_is_private() -> None:
    files = [path for folder in sorted(OURS) for path in (ROOT / folder).rglob("*.py")] + list(ROOT.glob("*.py"))
    assert len(files) > 300
    found = {
        path.relative_to(ROOT): names for path in files if (names := private_imports(imports_of(path.read_text())))
    }
    assert set(found) == ADAPTERS, found
