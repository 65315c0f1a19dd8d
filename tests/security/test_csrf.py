"""A form that came from elsewhere: without the token, and with another's, every address that is posted to refuses."""

import pytest
from django.test import Client

from tests import amount, factories
from tests.accounts.test_view_roles import EVERY, Place
from tests.web.refusals import drawn_once

from .addresses import EVERYBODY, ROLE, ROWS, Row
from .fixtures import SiteFixture
from .test_forms import HOSTILE
from .writes import watched

#: One of each role; a colleague is answered alike.
ONE_EACH = tuple(next(name for name in EVERYBODY if ROLE[name] == role) for role in dict.fromkeys(ROLE.values()))


#: That another's token is no better than none: by two, and by everybody in a run of everything.
SENT = [(reader, "none") for reader in (*ONE_EACH, "nobody")]
SENT += [(reader, "another's") for reader in ((*ONE_EACH, "nobody") if amount.EVERYTHING else ("patient", "nobody"))]


def is_tried(row: Row, reader: str, token: str) -> bool:
    """Of those from whom an address takes something one sends to it, by turns; nobody to what is public, and to what
    takes nothing from anybody.

    That another's token is no better: to a fourth. In a run of everything everybody sends to each.
    """
    taken = [one for one in ONE_EACH if row.expected(one)[1] in (200, 302, 422)]
    turn = ROWS.index(row)
    is_asked = row.public or not taken if reader == "nobody" else bool(taken) and taken[turn % len(taken)] == reader
    return amount.EVERYTHING or (is_asked and (token == "none" or turn % 4 == 0))


def is_theirs(place: Place, sent: tuple[str, str]) -> bool:
    """Whether a view of allauth's is sent to: by nobody each, and by one of the others, by turns."""
    if not place.theirs or "^" in place.route:
        return False
    others = [one for one in SENT if one != ("nobody", "none")]
    return amount.EVERYTHING or sent == ("nobody", "none") or others[EVERY.index(place) % len(others)] == sent


def test_no_view_is_exempt_but_those_that_machines_send_to() -> None:
    """And the button of a mail program, which its link proves: whoever presses the page's own is asked for a token."""
    exempt = {place.route for place in EVERY if getattr(place.view, "csrf_exempt", False)}
    assert exempt == {"mail/events", "sms/events", "account/messages/off/nothing/"}


@pytest.mark.parametrize(("reader", "token"), SENT)
def test_nothing_is_taken_without_the_token(site: SiteFixture, reader: str, token: str) -> None:
    client = Client(enforce_csrf_checks=True)
    if reader in site.readers:
        factories.sign_in(client, site.readers[reader])
    sent = {} if token == "none" else {"csrfmiddlewaretoken": "a" * 64}
    client.cookies["csrftoken"] = "b" * 32
    paths = {row.path(site) for row in ROWS if is_tried(row, reader, token)} | {
        place.path() for place in EVERY if is_theirs(place, (reader, token))
    }
    paths.add("/account/password/reset/key/1-set-password/")
    # What a machine sends, which has no form and no cookie, is proved by a secret: tests/outbox/test_providers.py,
    # tests/outbox/test_sms.py.
    paths -= {"/mail/events", "/sms/events"}
    with watched() as writes, drawn_once():
        answers = {path: client.post(path, sent).status_code for path in sorted(paths)}
    # Who has signed in elsewhere meanwhile is led from the page for signing in to their own.
    led = {"/account/login/": 302} if reader in site.readers and "/account/login/" in paths else {}
    assert {path: status for path, status in answers.items() if status != 403} == led
    assert writes.tables == []


def test_a_form_of_another_site_is_refused_with_the_token_too(site: SiteFixture) -> None:
    client = Client(enforce_csrf_checks=True)
    factories.sign_in(client, site.readers["patient"])
    client.get("/patient/pregnant/")
    token = client.cookies["csrftoken"].value
    sent = {"csrfmiddlewaretoken": token, "sure": "on"}
    assert client.post("/patient/pregnant/", sent, headers={"Origin": "https://evil.example"}).status_code == 403
    assert client.post("/patient/pregnant/", sent, headers={"Origin": "http://testserver"}).status_code != 403


def test_a_token_that_is_none_is_refused(site: SiteFixture) -> None:
    """Whatever else stands in its place, in the form and in the cookie."""
    client = Client(enforce_csrf_checks=True)
    factories.sign_in(client, site.readers["patient"])
    client.get("/patient/pregnant/")
    good = client.cookies["csrftoken"].value
    with drawn_once():
        for what, typed in HOSTILE.items():
            sent = {"csrfmiddlewaretoken": typed, "sure": "on"}
            client.cookies["csrftoken"] = good
            assert client.post("/patient/pregnant/", sent).status_code == 403, what
            if isinstance(typed, str) and typed.isprintable() and typed.isascii() and 0 < len(typed) < 4000:
                client.cookies["csrftoken"] = typed
                assert client.post("/patient/pregnant/", sent).status_code == 403, what
