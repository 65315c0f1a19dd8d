"""Malformed requests from the web server, on which Django would fail early: refused, and never a fault."""

from io import BytesIO
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from config.wsgi import application
from tests.config.test_headers import EVERYWHERE

pytestmark = pytest.mark.django_db


def ask(method: str, path: str, content_type: str, body: bytes = b"", **environ: Any) -> tuple[str, dict[str, str]]:
    """The status and headers that the server gets from the application itself."""
    told: list[Any] = []
    path, _, query = path.partition("?")
    asked = RequestFactory()._base_environ(  # type: ignore[attr-defined]
        REQUEST_METHOD=method, PATH_INFO=path, QUERY_STRING=query, CONTENT_TYPE=content_type,
        CONTENT_LENGTH=str(len(body)), **{"wsgi.input": BytesIO(body)} | environ,
    )  # fmt: skip
    answer: Any = application(asked, lambda status, headers, *_: told.extend((status, dict(headers))))
    b"".join(answer)
    answer.close()
    return told[0], told[1]


#: Codecs that make no text of bytes, that make half a letter of them, and that are none.
CHARSETS = [
    "base64", "hex", "rot13", "bz2", "zlib", "uu", "quopri", "idna", "punycode", "undefined", "unicode_escape",
    "raw_unicode_escape", "utf-7", "utf-16", "cp037", "latin-1", "no-such", "x" * 2000, "",
]  # fmt: skip
PART = b'--x\r\nContent-Disposition: form-data; name="login"\r\n\r\n\\ud800@example.org\r\n--x--\r\n'


@pytest.mark.parametrize("charset", CHARSETS)
def test_another_charset_than_ours_is_refused(charset: str) -> None:
    for method, kind, body in (
        ("GET", "text/plain", b""),
        ("POST", "application/x-www-form-urlencoded", b"login=%ff&password=x"),
        ("POST", "multipart/form-data; boundary=x", PART),
    ):
        status, headers = ask(method, "/account/login/?next=%41%ff", f'{kind}; charset="{charset}"', body)
        assert status == "400 Bad Request"
        assert {name: headers.get(name) for name in EVERYWHERE} == EVERYWHERE
        assert "default-src 'self'" in headers["Content-Security-Policy"]


@pytest.mark.parametrize("content_type", ["text/plain; charset*=no-such''x", f"text/plain; a={'b' * 10**5}"])
def test_what_cannot_be_read_is_refused(content_type: str) -> None:
    assert ask("GET", "/account/login/?a=b", content_type)[0] == "400 Bad Request"


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "multipart/form-data; boundary=x", "text/plain; charset=utf-8", 'text/plain; charset="UTF-8"'],
)
def test_ours_is_taken(content_type: str) -> None:
    assert ask("GET", "/account/login/?next=%41%ff", content_type)[0] == "200 OK"


def test_nobody_says_by_a_header_what_the_server_says() -> None:
    assert ask("GET", "/account/login/", "", HTTP_CLEARFILL_NOT_UTF_8="1")[0] == "200 OK"


COOKIES = [
    '"\\000aaaaaaaaaaaaaaa"', '"' + "a" * 31 + '\\000"', "a" * 31, "a" * 33, "A" * 32, "a" * 5000, "'" * 32, "é" * 32,
    '"\\377\\376aaaaaaaaaa"',
]  # fmt: skip


@pytest.mark.parametrize("cookie", COOKIES)
def test_a_cookie_that_is_no_session_is_looked_for_nowhere(cookie: str) -> None:
    with CaptureQueriesContext(connection) as queries:
        answer = Client().get("/account/login/", headers={"Cookie": f"{settings.SESSION_COOKIE_NAME}={cookie}"})
    assert answer.status_code == 200
    assert not any("django_session" in query["sql"] for query in queries)
