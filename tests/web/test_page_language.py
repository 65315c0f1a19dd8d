"""In which language a page is: the account's, else the one chosen in the header, else the browser's, else English."""

from uuid import uuid4

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.models import User
from accounts.roles import PATIENT, PRESCRIBER
from ledger import log
from tests import factories
from tests.factories import as_
from ui import times
from web.shared.page_language import page_language

pytestmark = pytest.mark.django_db

SPANISH = {"Accept-Language": "es-MX,es;q=0.9,en;q=0.5"}


def language_of(answer: HttpResponse) -> str:
    """The language of a page, which it says twice."""
    said = answer.headers["Content-Language"]
    assert f'<html lang="{said}">' in answer.content.decode()
    assert {"Accept-Language", "Cookie"} <= set(answer.headers["Vary"].split(", "))
    assert "no-store" in answer.headers["Cache-Control"]
    return said


def account(language: str, role: str = PATIENT) -> User:
    user = factories.account(role)
    User.objects.filter(pk=user.pk).update(language=language)
    return user


@pytest.mark.parametrize(
    ("known", "chosen", "asked", "expected"),
    [
        ("", "", "", "en"),
        ("", "", "es-MX,es;q=0.9", "es"),
        ("", "", "fr,de;q=0.8", "en"),
        ("", "en", "es", "en"),
        ("", "es", "en", "es"),
        ("", "fr", "es", "es"),
        ("es", "en", "en", "es"),
        ("en", "es", "es", "en"),
    ],
)
def test_page_language_is_the_accounts_then_the_chosen_then_the_browsers(
    known: str, chosen: str, asked: str, expected: str
) -> None:
    client = as_(account(known))
    if chosen:
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = chosen
    answer = client.get(reverse("mfa_index"), headers={"Accept-Language": asked})
    assert language_of(answer) == expected  # type: ignore[arg-type]
    assert page_language() == "en"  # what comes next on this thread does not inherit it


def test_switch_in_the_header_is_kept_by_the_browser_before_sign_in(client: Client) -> None:
    switch = reverse("own_account:switch_language") + "?to=es"
    assert f'href="{switch}"' in client.get("/").content.decode()
    answer = client.get(switch, headers={"Referer": "http://testserver/account/login/?next=/today/"})
    assert answer["Location"] == "http://testserver/account/login/?next=/today/"
    assert language_of(client.get("/account/login/")) == "es"  # type: ignore[arg-type]
    cookie = client.cookies[settings.LANGUAGE_COOKIE_NAME]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")


def test_switch_by_a_link_changes_no_account(client: Client) -> None:
    user = account("")
    as_(user).get(reverse("own_account:switch_language") + "?to=es")
    user.refresh_from_db()
    assert user.language == ""


@pytest.mark.parametrize("role", [PATIENT, PRESCRIBER])
def test_switch_in_the_header_is_kept_with_the_account_once(role: str) -> None:
    user, form = account("", role), {"to": "es", "key": str(uuid4())}
    for _twice in range(2):
        assert as_(user).post(reverse("own_account:switch_language"), form)["Location"] == "/"
    user.refresh_from_db()
    assert user.language == "es"
    assert [row.kind for row in log.read(user.pk) if row.kind == "language_changed"] == ["language_changed"]
    assert language_of(as_(user).get(reverse("mfa_index"))) == "es"  # type: ignore[arg-type]


@pytest.mark.parametrize("referer", ["https://elsewhere.example/", "javascript:alert(1)", "", "//elsewhere.example"])
def test_switch_leads_nowhere_else(client: Client, referer: str) -> None:
    form = {"to": "es", "key": str(uuid4())}
    answer = client.post(reverse("own_account:switch_language"), form, headers={"Referer": referer})
    assert answer["Location"] == "/"


@pytest.mark.parametrize("language", ["", "fr", "es; Path=/x"])
def test_switch_to_no_language_changes_nothing(client: Client, language: str) -> None:
    client.post(reverse("own_account:switch_language"), {"to": language, "key": str(uuid4())})
    assert settings.LANGUAGE_COOKIE_NAME not in client.cookies


def test_refusals_further_out_are_in_the_readers_language() -> None:
    client = as_(account("es"))
    assert language_of(client.get(reverse("account_logout"))) == "es"  # type: ignore[arg-type]
    assert language_of(client.get("/nowhere/")) == "es"  # type: ignore[arg-type]


def test_what_machines_read_has_no_language(client: Client) -> None:
    answer = client.get("/health/live", headers=SPANISH)
    assert "Content-Language" not in answer.headers


def test_days_are_written_by_locale() -> None:
    from datetime import date

    with translation.override("es"):
        assert times.plain_day(date(2026, 1, 31)) == "sáb 31 de enero de 2026"
        assert times.plain_day(date(2026, 1, 31), times.SHORT_DAY) == "31 ene"
    assert times.plain_day(date(2026, 1, 31)) == "Sat, Jan 31, 2026"
