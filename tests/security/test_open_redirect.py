"""Open redirects: no address of ours sends anybody to another host."""

from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from accounts.roles import PATIENT
from patients.invitations import make_token
from tests import amount, factories
from tests.factories import PASSWORD, as_

from .writes import undone

pytestmark = pytest.mark.usefixtures("no_time_passes")

ELSEWHERE = (
    "//evil.example", "///evil.example", "https://evil.example/", "http:evil.example", "https:///evil.example",
    "javascript:alert(1)", "data:text/html,x", "\\\\evil.example", "/\\evil.example", "\t//evil.example",
    " https://evil.example", "https://testserver@evil.example", "//testserver.evil.example", "/%09/evil.example",
    "ftp://testserver/", "\x00//evil.example",
)  # fmt: skip
#: Where somebody is sent on from, what is sent there, and whether they are signed in before.
FROM: dict[str, tuple[str, dict[str, str], bool]] = {
    "sign-in": ("/account/login/", {"login": "{email}", "password": PASSWORD}, False),
    "sign-in, signed in already": ("/account/login/", {"login": "{email}", "password": PASSWORD}, True),
    "sign-in with a passkey": ("/account/2fa/webauthn/login/", {"credential": "{}"}, False),
    "sign-out": ("/account/logout/", {}, True),
    "the password once more": ("/account/reauthenticate/", {"password": PASSWORD}, True),
    "the code at sign-in": ("/account/2fa/authenticate/", {"code": "000000"}, False),
    "the code once more": ("/account/2fa/reauthenticate/", {"code": "000000"}, True),
    "an app": ("/account/2fa/totp/activate/", {"code": "000000"}, True),
    "a new password": ("/account/password/change/", {"oldpassword": "x", "password1": "y"}, True),
    "a lost password": ("/account/password/reset/", {"email": "{email}"}, False),
    "staying": ("/account/stay/", {}, True),
    "the first page": ("/", {}, True),
    "an invitation": ("/invitation/{invitation}/", {"born_on": "04/09/2001", "password1": PASSWORD}, False),
}
NAMES = ("next", "redirect", "redirect_to", "return", "url")


def filled(text: str, user: User, invitation: str) -> str:
    return text.replace("{email}", user.email).replace("{invitation}", invitation)


def leads_away(answer: Any) -> bool:
    """Whether a browser that got this goes, or is led, to another host."""
    place = answer.get("Location", "").replace("\\", "/").strip()
    asked = answer.get("Refresh", "")
    away = place.startswith("//") or urlsplit(place).netloc or urlsplit(place).scheme
    return bool(away or asked) or 'href="' + "https://evil" in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("name", FROM)
def test_nobody_is_sent_elsewhere(name: str) -> None:
    path, form, signed_in = FROM[name]
    user, wrong = factories.account(PATIENT, password=PASSWORD), []
    invited = make_token(factories.invitation(factories.patient(factories.prescriber())).pk)
    data, place = {key: filled(value, user, invited) for key, value in form.items()}, filled(path, user, invited)
    client = as_(user if signed_in else None)
    cookies = client.cookies.output(header="", sep=";")
    for turn, elsewhere in enumerate(ELSEWHERE):
        more = dict.fromkeys(NAMES, elsewhere)
        ways = [("get", more, {}), ("post", more, data), ("post", {}, data | more)]
        for method, query, body in ways if amount.EVERYTHING else [ways[(turn + [*FROM].index(name)) % len(ways)]]:
            cache.clear()
            client.cookies = SimpleCookie(cookies)
            with undone():
                answer = getattr(client, method)(f"{place}?{urlencode(query)}" if query else place, body or None)
            if answer.status_code >= 500 or leads_away(answer):
                wrong.append((elsewhere, method, answer.status_code, answer.get("Location")))
    assert not wrong


@pytest.mark.django_db
def test_a_page_of_ours_is_where_one_is_sent() -> None:
    """The other side: `next` is followed at all."""
    user, client = factories.account(PATIENT, password=PASSWORD), Client()
    answer = client.post("/account/login/?next=/patient/record/", {"login": user.email, "password": PASSWORD})
    assert answer["Location"] == "/patient/record/"
