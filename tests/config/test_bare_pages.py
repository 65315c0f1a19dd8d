"""The framework's own refusals have our look and a way on, and what was typed is kept."""

from typing import Any
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.test import Client

from accounts.roles import PATIENT
from tests import factories
from tests.factories import PASSWORD
from tests.histories import ClinicFactory
from tests.security.reading import Page

pytestmark = pytest.mark.django_db

OURS = {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}
#: A form that did not come from a page of this site, as far as the browser says.
FOREIGN: dict[str, dict[str, str]] = {
    "another site": {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
    "another site that says nothing of itself": {},
    "no origin": {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
    "a sibling's host": {"Origin": "http://other.testserver", "Sec-Fetch-Site": "same-site"},
    "another scheme": {"Origin": "https://testserver"},
    "this host in the path": {"Referer": "https://evil.example/http://testserver/"},
    "a referer of another site": {"Referer": "https://evil.example/"},
}


def signed_in(clinic: ClinicFactory) -> Client:
    client = Client(enforce_csrf_checks=True)
    factories.sign_in(client, clinic.prescriber.user)
    return client


def test_stale_form_comes_back_filled_with_a_fresh_token(clinic: ClinicFactory) -> None:
    client, path = signed_in(clinic), f"/prescriber/patients/{clinic.ready().pk}/discontinue/"
    form = {"dose": "no", "reason": "moved away", "key": str(uuid4()), "csrfmiddlewaretoken": "x" * 64}
    answer = client.post(path, form, headers=OURS)
    assert answer.status_code == 403
    (again,) = [one for one in Page(path, answer.content.decode()).forms if "reason" in one.fields]
    assert again.filled()["reason"] == "moved away"
    assert client.post(path, again.filled(), headers=OURS).status_code == 302, "the fresh token is good"


@pytest.mark.parametrize("name", FOREIGN)
def test_form_of_another_site_is_shown_nothing_that_a_press_could_send(clinic: ClinicFactory, name: str) -> None:
    client, path = signed_in(clinic), f"/prescriber/patients/{clinic.ready().pk}/visit/"
    form = {"visit_on": "2026-12-14", "key": str(uuid4())}
    answer = client.post(path, form, headers=FOREIGN[name])
    assert answer.status_code == 403
    assert not [one for one in Page(path, answer.content.decode()).forms if "visit_on" in one.fields]
    assert "2026-12-14" not in answer.content.decode()
    assert "Go to your start page" in answer.content.decode()


def test_stale_form_gives_back_no_password() -> None:
    form = {"login": "ana@example.org", "password": "some secret words", "oldpassword": "x1x1x1", "code": "123456"}
    page = Client(enforce_csrf_checks=True).post("/account/login/", form, headers=OURS).content.decode()
    assert "ana@example.org" in page
    assert not [word for word in ("some secret words", "x1x1x1", "123456") if word in page]


def test_second_tab_that_signs_in_lands_on_the_readers_page() -> None:
    user = factories.account(PATIENT, password=PASSWORD)
    client = Client(enforce_csrf_checks=True)
    factories.sign_in(client, user)
    answer = client.post("/account/login/", {"login": user.email, "password": PASSWORD}, headers=OURS)
    assert (answer.status_code, answer["Location"]) == (302, "/")


def test_stale_form_of_a_program_is_answered_as_json() -> None:
    answer = Client(enforce_csrf_checks=True).post("/counter/", {}, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()) == (403, {"error": "stale-form"})


def too_large(client: Client, settings: Any) -> Any:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    return client.post("/account/login/", {"login": "x" * 200})


def too_many(client: Client, settings: Any) -> Any:
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 3
    return client.post("/account/login/", {f"n{place}": "x" for place in range(9)})


#: A refusal of the framework: how it comes about, its status, and what its page says.
REFUSALS: dict[str, tuple[Any, int, str]] = {
    "too large": (too_large, 413, "That was too much at once"),
    "too many fields": (too_many, 400, "This request could not be read"),
    "by its address": (lambda c, s: c.get("/counter/authorizations/" + str(uuid4()) + "/reverse/"), 405, "by a button"),
    "nowhere": (lambda c, s: c.get("/no/such/page/"), 404, "There is no such page"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_refusal_of_the_framework_has_our_look_and_a_way_on(
    name: str, settings: LazySettings, clinic: ClinicFactory
) -> None:
    ask, status, words = REFUSALS[name]
    client = Client()
    factories.sign_in(client, clinic.pharmacies[0].pharmacists.get().user)
    answer = ask(client, settings)
    page = answer.content.decode()
    assert answer.status_code == status
    assert words in page
    assert 'class="wordmark"' in page
    assert 'href="/"' in page
