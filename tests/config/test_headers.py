"""Response headers on pages, assets and refusals; and requests that get none."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.conf import LazySettings, settings
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from structlog.testing import capture_logs

from accounts.roles import OFFICER, PATIENT
from tests import factories
from tests.config.test_settings import manage

pytestmark = pytest.mark.django_db

#: One way to get an answer.
Ask = Callable[[Client], Any]

EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
PLACES = {
    "the front page": "/",
    "sign-in": "/account/login/",
    "a page that is not there": "/nowhere",
    "for machines": "/health/live",
    "a page for who is signed in": "/patient/",
}


@pytest.mark.parametrize("name", PLACES)
def test_every_page_says_it(client: Client, name: str) -> None:
    headers = client.get(PLACES[name]).headers
    assert {key: headers.get(key) for key in EVERYWHERE} == EVERYWHERE
    assert "camera=()" in headers["Permissions-Policy"]
    assert "no-store" in headers["Cache-Control"]


def test_an_asset_says_it_too_and_may_be_kept(client: Client) -> None:
    answer = client.get("/static/clearfill/clearfill.js")
    answer.close()
    assert answer.status_code == 200
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert "no-store" not in answer.headers["Cache-Control"]


@pytest.mark.parametrize("name", PLACES)
def test_nothing_runs_but_our_own(client: Client, name: str) -> None:
    rules = dict(rule.strip().partition(" ")[::2] for rule in _policy(client, PLACES[name]).split(";"))
    assert rules["default-src"] == "'self'"
    assert rules["object-src"] == rules["base-uri"] == rules["frame-ancestors"] == "'none'"
    assert rules["form-action"] == "'self'"
    assert not any("unsafe" in value or "*" in value for value in rules.values())


def _policy(client: Client, path: str) -> str:
    return client.get(path).headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", [*PLACES.values(), "/static/clearfill/clearfill.js", "/static/clearfill/theme.css"])
def test_no_other_site_is_let_in(client: Client, path: str) -> None:
    answer = client.get(path, headers={"Origin": "https://elsewhere.example.org"})
    answer.close()
    assert not any(name.lower().startswith("access-control") for name in answer.headers)


@pytest.mark.parametrize("method", ["OPTIONS", "TRACE", "PUT", "DELETE", "PATCH", "CONNECT", "ANYTHING"])
def test_no_other_method_is_answered(client: Client, method: str) -> None:
    assert client.generic(method, "/").status_code == 405


def test_signing_out_empties_the_browser(client: Client) -> None:
    factories.sign_in(client, factories.account(OFFICER))
    answer = client.post(reverse("account_logout"))
    assert answer.status_code == 302
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert "Clear-Site-Data" not in client.get("/").headers


def test_what_is_said_once_waits_on_the_server(client: Client) -> None:
    factories.sign_in(client, factories.account(PATIENT))
    client.post(reverse("account_logout"))
    assert "messages" not in client.cookies


def test_no_page_takes_a_file(client: Client) -> None:
    answer = client.post("/account/login/", {"login": "a@example.org", "password": "x", "file": BytesIO(b"x" * 10)})
    assert answer.status_code == 400


def test_a_form_of_a_megabyte_is_not_read(client: Client) -> None:
    assert client.post("/account/login/", {"login": "x" * 1_000_000, "password": "x"}).status_code == 413


@pytest.fixture
def encrypted(settings: LazySettings) -> Client:
    """As where SITE_URL is https: behind a proxy that says how it was asked."""
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SECURE_HSTS_SECONDS = 31536000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    return Client()


def fault(raised: Exception) -> Ask:
    """The front page, while that is raised in it."""

    def ask(client: Client) -> Any:
        def broken(*_: object) -> None:
            raise raised

        client.raise_request_exception = False
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("accounts.views.render", broken)
            return client.get("/", headers=HTTPS)

    return ask


HTTPS = {"X-Forwarded-Proto": "https"}
#: What is answered from wherever in the stack, encrypted or not.
ANSWERS: dict[str, tuple[int, Ask]] = {
    "a page": (200, lambda c: c.get("/account/login/", headers=HTTPS)),
    "an asset": (200, lambda c: c.get("/static/clearfill/clearfill.js", headers=HTTPS)),
    "an asset, unencrypted": (301, lambda c: c.get("/static/clearfill/clearfill.js")),
    "an asset that is not there": (404, lambda c: c.get("/static/nothing.js", headers=HTTPS)),
    "sent to the encrypted page": (301, lambda c: c.get("/")),
    "sent to sign in": (302, lambda c: c.get("/patient/", headers=HTTPS)),
    "not our host": (400, lambda c: c.get("/", SERVER_NAME="elsewhere.example.org", headers=HTTPS)),
    "not our host, unencrypted": (400, lambda c: c.get("/", SERVER_NAME="elsewhere.example.org")),
    "too many fields": (400, lambda c: c.get("/account/login/?" + "a=1&" * 600, headers=HTTPS)),
    "a form that is too long": (413, lambda c: c.post("/account/login/", {"login": "x" * 10**6}, headers=HTTPS)),
    "a form, unencrypted": (403, lambda c: c.post("/account/login/", {})),
    "a forged form": (403, lambda c: Client(enforce_csrf_checks=True).post("/account/login/", {}, headers=HTTPS)),
    "no such page": (404, lambda c: c.get("/nowhere", headers=HTTPS)),
    "no such method": (405, lambda c: c.put("/", headers=HTTPS)),
    "no such method, unencrypted": (405, lambda c: c.generic("TRACE", "/")),
    "a fault": (500, fault(RuntimeError("x"))),
    "no database": (503, fault(OperationalError("x"))),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_every_answer_says_all_of_it(encrypted: Client, name: str) -> None:
    status, ask = ANSWERS[name]
    answer = ask(encrypted)
    answer.close()
    assert answer.status_code == status
    assert {key: answer.headers.get(key) for key in EVERYWHERE} == EVERYWHERE
    assert "camera=()" in answer.headers["Permissions-Policy"]
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert ("no-store" in answer.headers["Cache-Control"]) is (name != "an asset")
    assert ("Strict-Transport-Security" in answer.headers) is answer.wsgi_request.is_secure()


def test_people_are_sent_to_the_encrypted_page(encrypted: Client) -> None:
    assert encrypted.get("/")["Location"] == "https://testserver/"


@pytest.mark.parametrize("path", ["/counter/", "/account/login/"])
def test_what_was_sent_unencrypted_is_refused_and_not_redirected(encrypted: Client, path: str) -> None:
    assert encrypted.post(path, {}).status_code == 403
    assert encrypted.get(path, headers={"Accept": "application/json"}).status_code == 403


def test_browsers_are_told_to_come_encrypted_for_a_year(encrypted: Client) -> None:
    answer = encrypted.get("/health/live", headers={"X-Forwarded-Proto": "https"})
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000; includeSubDomains")


def test_in_production_cookies_are_bound_to_host_and_encryption() -> None:
    names = (
        "SESSION_COOKIE_NAME CSRF_COOKIE_NAME TRUSTED_BROWSER_COOKIE_NAME LANGUAGE_COOKIE_NAME SURVEY_COOKIE_NAME"
        " SESSION_COOKIE_SECURE CSRF_COOKIE_SECURE SECURE_SSL_REDIRECT DEBUG"
    )
    code = f"from django.conf import settings as s; print(*(getattr(s, n) for n in '{names}'.split()))"
    output = manage("shell", "--no-imports", "-c", code)
    cookies = ["__Host-session", "__Host-csrf", "__Host-known-browser", "__Host-language", "__Host-survey"]
    assert output.stdout.split() == [*cookies, "True", "True", "True", "False"], output.stderr


def test_no_script_reads_a_cookie_of_ours(client: Client) -> None:
    email = factories.account(PATIENT, password=factories.PASSWORD).email
    client.get("/account/login/")
    client.post("/account/login/", {"login": email, "password": factories.PASSWORD})
    known = settings.TRUSTED_BROWSER_COOKIE_NAME
    assert set(client.cookies) == {settings.CSRF_COOKIE_NAME, settings.SESSION_COOKIE_NAME, known}
    for cookie in client.cookies.values():
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"
        assert cookie["path"] == "/"
        assert not cookie["domain"]


def test_encryption_that_an_address_asks_for_is_kept() -> None:
    """`sslmode` of PostgreSQL and the two ways of encrypted mail."""
    code = (
        "from django.conf import settings as s;"
        "print(s.DATABASES['default']['OPTIONS'].get('sslmode'), s.DATABASES['default']['OPTIONS']['connect_timeout'],"
        "s.EMAIL_USE_TLS, s.EMAIL_USE_SSL)"
    )
    address = "postgres://clearfill_app:x@db/clearfill?sslmode=verify-full"
    output = manage("shell", "--no-imports", "-c", code, DATABASE_URL=address, EMAIL_URL="smtp+ssl://u:p@mail:465")
    assert output.stdout.split() == ["verify-full", "2", "False", "True"], output.stderr


TYPES = {
    "/": "text/html; charset=utf-8",
    "/health/live": "text/plain; charset=utf-8",
    "/nowhere": "text/html; charset=utf-8",
}


@pytest.mark.parametrize("path", TYPES)
def test_every_answer_names_its_type_and_charset(client: Client, path: str) -> None:
    assert client.get(path).headers["Content-Type"] == TYPES[path]


@pytest.mark.parametrize("code", ["../../settings", "..%2f..%2fsettings", "published", "patient-information%00"])
def test_a_document_is_not_a_path(client: Client, code: str) -> None:
    factories.sign_in(client, factories.account(OFFICER))
    for language in ("en", "../en", "..%2fen"):
        assert client.get(f"/documents/text/{code}/1/{language}/").status_code == 404


def test_no_folder_is_listed(client: Client) -> None:
    for path in ("/static/", "/static/clearfill/", "/static/../config/settings.py", "/.git/config", "/.env"):
        assert client.get(path).status_code == 404, path


def test_figures_are_for_this_machine(client: Client) -> None:
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 403
    assert client.get("/metrics", REMOTE_ADDR="10.0.0.7").status_code == 403


def test_a_fault_is_logged_and_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("SELECT secret FROM the_innermost")

    monkeypatch.setattr("accounts.views.render", broken)
    with capture_logs() as lines:
        answer = Client(raise_request_exception=False).get("/")
    assert answer.status_code == 500
    assert "innermost" not in answer.content.decode()
    assert "Traceback" not in answer.content.decode()
    assert any(line["event"] == "fault" and line["kind"] == "RuntimeError" for line in lines)
