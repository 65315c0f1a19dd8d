"""Idempotency of forms: a double click on any form has one effect and one answer."""

from collections.abc import Callable, Mapping
from http.cookies import SimpleCookie
from typing import Any
from unittest.mock import patch
from uuid import UUID, uuid4

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.db import transaction
from django.test import Client
from django.urls import resolve, reverse
from django.utils.html import escape

from accounts.models import User
from ledger.models import LoggedRequest
from tests import amount
from tests.accounts.test_view_roles import EVERY
from tests.clocks import Clock
from tests.factories import PASSWORD, as_
from tests.mailbox import link_in_newest
from web.prescriber.entry_types import ENTRY_TYPES

from .addresses import ROWS
from .fixtures import SiteFixture
from .reading import Page, brought, brought_by, words_of
from .twice import ENTRIES, TWICE, Twice, asked_who
from .writes import sums, watched

#: Which addresses take no form, or none that is pressed twice here, and why.
EXEMPT = {
    "account_login": "signing in is itself what it does; a second one opens another session of the same person",
    "account_logout": "whoever is out is out",
    "account_reauthenticate": "says who one is, for this session alone; a wrong password counts each time it is sent",
    "mfa_authenticate": "the second half of signing in; a code is good once, on purpose",
    "mfa_login_webauthn": "signing in; a passkey's answer is good once, on purpose",
    "mfa_reauthenticate": "as account_reauthenticate; a code is good once, on purpose",
    "mfa_reauthenticate_webauthn": "as account_reauthenticate; a passkey's answer is good once, on purpose",
    "public:letter": "looks for a letter by its code; a wrong one counts each time it is sent",
    "account_change_password": "ends every session, the one of the second click as well: see the test below",
    "account_reset_password_from_key": "see the test below",
    "mfa_activate_totp": "see the test below",
    "mfa_add_webauthn": "needs a browser with a passkey: tests/journeys",
    "mfa_deactivate_totp": "remove_app stands before it",
    "mfa_remove_webauthn": "remove_passkey stands before it",
    "places:choose": "changes the session, and no more; choosing twice is choosing once",
    "sms_events": "for machines; to tell the same twice changes nothing",
    "own_account:switch_off": "needs no sign-in and has no key; to switch off twice is to switch off once",
    "stay": "touches the session, and no more",
    "home": "takes no form; a POST shows the same page",
    "healthz": "for machines; shows",
    "readyz": "for machines; shows",
    "live": "for machines; shows",
    "ready": "for machines; shows",
    "worker": "for machines; shows",
    "metrics": "for machines; shows",
    "signed_in": "for machines; shows",
    "prescriber:home": "what is searched for stands in the session; searching twice is searching once",
    "office:find": "as prescriber:home",
    "office:find_account": "looks up and changes nothing",
    "public:set_password_old": "the view of set_password, at its former address",
}


def takes_forms() -> set[str]:
    """The name of every address that a POST may change something by."""
    ours = {row.name for row in ROWS if any(row.expected(reader)[1] not in (403, 404, 405) for reader in _readers(row))}
    theirs = {place.name for place in EVERY if place.theirs}
    closed = {place.name for place in EVERY if place.view.__name__ == "closed"}
    return ours | {name for name in theirs - closed if name not in _SHOWN}


def _readers(row: Any) -> tuple[str, ...]:
    return ("nobody",) if row.public else row.open_to


#: Pages of allauth that show something and take no form; and those that stand behind a closed address.
_SHOWN = {
    "account_inactive", "account_reset_password_done", "account_reset_password_from_key_done", "mfa_index",
    "mfa_list_webauthn", "mfa_view_recovery_codes", "mfa_download_recovery_codes", "account_signup", "account_email",
    "account_email_verification_sent", "account_confirm_email", "account_confirm_login_code", "account_set_password",
}  # fmt: skip


def click(client: Client, cookies: str, path: str, form: Mapping[str, Any]) -> Any:
    """One click, with the cookies that the page had."""
    client.cookies = SimpleCookie(cookies)
    return client.post(path, form)


def answer_of(response: Any) -> tuple[Any, ...]:
    """What the reader gets: the status, where they are sent, what they are told there; or the page."""
    said = list(dict.fromkeys(str(message) for message in getattr(response.wsgi_request, "_messages", [])))
    page = "" if response.status_code == 302 else words_of(response)
    return response.status_code, response.headers.get("Location"), said, page


def written() -> tuple[dict[str, tuple[int, int]], int]:
    """All that is written, and how many messages went out at once; but for when somebody came in last."""
    User.objects.update(last_login=None)
    return sums(), len(mail.outbox)


def moving(act: Callable[[], Any], *, back: bool) -> tuple[Any, bool]:
    """An answer, and whether a row or an e-mail is another after it.

    Rows that no statement wrote are the same. Those that one wrote may be too: with `back` it is taken back then, and
    compared.
    """
    sent, point = len(mail.outbox), transaction.savepoint_create()
    with watched() as writes:
        answer = act()
    moved = bool(writes) or len(mail.outbox) != sent
    if writes and back:
        after = written()
        transaction.savepoint_rollback(point)
        moved = after != (written()[0], sent)
        if not moved:
            answer = act()
    return answer, moved


def is_keyed(shown: Any) -> bool:
    """Whether the form's page gives it a key; a button's may stand on a page that is not opened here."""
    return shown.status_code != 200 or 'name="key"' in shown.content.decode()


def twice(site: SiteFixture, case: Twice, clock: Clock) -> tuple[Any, Any]:
    """Both answers, and whether the second click changed anything."""
    client = as_(site.readers.get(case.reader))
    case.before(site, client)
    path, page = case.path(site), (case.page or case.path)(site)
    shown = client.get(page)
    assert is_keyed(shown), "the form brings no key"
    form = brought_by(page, shown.content.decode()) | dict(case.form(site)) | {"key": str(uuid4())}
    cookies = client.cookies.output(header="", sep=";")
    first, moved = moving(lambda: click(client, cookies, path, form), back=case.moves_nothing)
    assert first.status_code in (200, 302, 422), first.content.decode()[:2000]
    assert moved is not case.moves_nothing, "what the first click does"
    attempts = LoggedRequest.objects.count()
    clock.forward(seconds=1)
    second, moved = moving(lambda: click(client, cookies, path, form), back=True)
    assert not moved, "the second click has an effect of its own"
    assert LoggedRequest.objects.count() == attempts
    return first, second


@pytest.mark.parametrize("name", TWICE)
def test_a_double_click_has_one_effect_and_one_answer(site: SiteFixture, name: str, clock: Clock) -> None:
    first, second = twice(site, TWICE[name], clock)
    assert answer_of(first) == answer_of(second)


def test_every_address_that_takes_a_form_is_pressed_twice_or_says_why_not(site: SiteFixture) -> None:
    pressed = {resolve(case.path(site)).view_name for case in TWICE.values()}
    assert pressed | set(EXEMPT) >= takes_forms(), "press the new form twice, or say why not"
    assert set(ENTRIES) == set(ENTRY_TYPES)
    assert not pressed & set(EXEMPT)


# --- what ends its own session, or needs more than fields ------------------------------------------
def test_a_new_password_is_chosen_once_and_the_second_click_says_the_same(site: SiteFixture, clock: Clock) -> None:
    client = as_(site.readers["patient"])
    new = PASSWORD + "!"
    form = {"oldpassword": PASSWORD, "password1": new, "password2": new, "key": str(uuid4())}
    answers = [client.post(reverse("account_change_password"), form) for _ in range(2)]
    assert answer_of(answers[0]) == answer_of(answers[1])
    assert LoggedRequest.objects.filter(action="account_change_password").count() == 1
    other = form | {"password1": new + "!", "password2": new + "!"}
    assert client.post(reverse("account_change_password"), other)["Location"] == reverse("account_change_password")
    assert ready_user(site).check_password(new)


def ready_user(site: SiteFixture) -> User:
    return User.objects.get(pk=site.readers["patient"].pk)


def test_a_password_by_a_link_is_chosen_once_and_the_second_click_says_the_same(
    site: SiteFixture, clock: Clock
) -> None:
    client = Client()
    client.post(reverse("account_reset_password"), {"email": site.readers["patient"].email})
    link = link_in_newest("/password/reset/key/")
    path = client.get("/" + link.split("/", 3)[3])["Location"]
    form = {"password1": PASSWORD + "!", "password2": PASSWORD + "!", "key": str(uuid4())}
    cookies = client.cookies.output(header="", sep=";")
    answers = [click(client, cookies, path, form) for _ in range(2)]
    assert answer_of(answers[0]) == answer_of(answers[1])
    assert answers[0].status_code == 302
    assert click(client, cookies, path, form | {"password1": "x" * 30, "password2": "x" * 30}).status_code == 302
    assert ready_user(site).check_password(PASSWORD + "!")


def test_an_app_is_added_once_and_the_second_click_says_the_same(site: SiteFixture, clock: Clock) -> None:
    client = as_(site.readers["patient"])
    asked_who(site, client)
    client.get(reverse("mfa_activate_totp"))
    with patch("allauth.mfa.totp.internal.auth.validate_totp_code", return_value=True):
        form = {"code": "123456", "key": str(uuid4())}
        answers = [client.post(reverse("mfa_activate_totp"), form) for _ in range(2)]
    assert answer_of(answers[0]) == answer_of(answers[1])
    assert Authenticator.objects.filter(user=ready_user(site), type="totp").count() == 1


# --- keys that are none, and keys that were used ---------------------------------------------------
MALFORMED = {"none": None, "empty": "", "no UUID": "x", "two": "5e0d6dd8-7b8f-4a53-a42c-4cf0b1d0f2a1,"}
OUT_OF_DATE = "This page was out of date"


#: Forms whose keys are no keys; each by two of these in turns, in a run of everything by all.
WITHOUT_KEY = (
    "enrol", "add a designee", "dispense", "accept an offer", "end another session", "choose a password",
    "register practice", "confirm an erasure", "authorize",
)  # fmt: skip
KEYLESS = [
    (name, kind)
    for turn, name in enumerate(WITHOUT_KEY)
    for place, kind in enumerate(MALFORMED)
    if amount.EVERYTHING or (turn + place) % 2 == 0
]


@pytest.mark.parametrize(("name", "kind"), KEYLESS)
def test_a_form_without_a_good_key_is_refused_and_loses_nothing(site: SiteFixture, name: str, kind: str) -> None:
    case, key = TWICE[name], MALFORMED[kind]
    client = as_(site.readers.get(case.reader))
    case.before(site, client)
    form = brought(client, (case.page or case.path)(site)) | dict(case.form(site))
    form = {field: value for field, value in form.items() if field != "key"} | ({} if key is None else {"key": key})
    before, attempts = written(), LoggedRequest.objects.count()
    answer = client.post(case.path(site), form)
    assert (written(), LoggedRequest.objects.count()) == (before, attempts)
    if answer.status_code == 302:  # a button: back to its page, with a word
        assert OUT_OF_DATE in answer_of(answer)[2][0]
        return
    page = answer.content.decode()
    assert answer.status_code == 422
    assert OUT_OF_DATE in page
    shown = next(other for other in Page("/", page).forms if {"key", *case.form(site)} & {*other.fields} > {"key"})
    typed = {name: value for name, value in form.items() if name in shown.fields and isinstance(value, str)}
    passwords = {name for name in typed if "password" in name}
    # A number comes back with its dash.
    kept = (page, page.replace("-", ""))
    lost = {name for name, value in typed.items() if not any(escape(value) in one for one in kept)}
    assert lost <= {"key", *passwords}
    again = shown.fields["key"].value
    assert UUID(again)
    assert client.post(case.path(site), form | {"key": again}).status_code in (200, 302)


@pytest.mark.parametrize("key", [None, "x"])
def test_a_pharmacys_program_is_told_what_a_key_is(site: SiteFixture, key: str | None) -> None:
    client = as_(site.readers["pharmacist"])
    form = dict(TWICE["authorize"].form(site)) | ({"key": key} if key else {})
    answer = client.post("/counter/", form, headers={"Accept": "application/json"})
    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == ["key"]
    assert "UUID" in answer.json()["errors"]["key"][0]


def test_a_pharmacys_program_may_not_use_a_key_for_another_question(site: SiteFixture) -> None:
    client, form = as_(site.readers["pharmacist"]), dict(TWICE["authorize"].form(site)) | {"key": str(uuid4())}
    first, again, other = (
        client.post("/counter/", form | more, headers={"Accept": "application/json"})
        for more in ({}, {}, {"days_supply": "10"})
    )
    assert (first.status_code, first.json()) == (200, again.json())
    assert (other.status_code, list(other.json()["errors"])) == (422, ["key"])


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("enrol", {"given_name": "Other"}), ("add a designee", {"email": "other@example.org"}),
        ("suspend", {"reason": "another"}),
        ("accept an invitation", {"born_on": "01/01/1991"}), ("accept an offer", {"decision": "decline"}),
        ("end a link", {"reason": "another"}), ("answer a section", {"answer": "no"}),
        ("register practice", {"practice_name": "Other"}), ("accept an invitation", {"password1": PASSWORD + "?"}),
        ("register practice", {"password1": PASSWORD + "?"}), ("choose a password", {"password1": PASSWORD + "?"}),
    ],
)  # fmt: skip
def test_the_same_key_with_another_body_is_refused(
    site: SiteFixture, name: str, other: Mapping[str, str], clock: Clock
) -> None:
    case = TWICE[name]
    client = as_(site.readers.get(case.reader))
    case.before(site, client)
    form = brought(client, (case.page or case.path)(site)) | dict(case.form(site)) | {"key": str(uuid4())}
    cookies = client.cookies.output(header="", sep=";")
    first = click(client, cookies, case.path(site), form)
    assert first.status_code == 302
    User.objects.update(failed_attempts=0)
    before, attempts = written(), LoggedRequest.objects.count()
    second = click(client, cookies, case.path(site), form | dict(other))
    User.objects.update(failed_attempts=0)
    assert (written(), LoggedRequest.objects.count()) == (before, attempts)
    assert answer_of(second) != answer_of(first)
    assert second.status_code != 500


def test_what_is_said_by_both_clicks_is_shown_once(site: SiteFixture, clock: Clock) -> None:
    client = as_(site.readers["pharmacist"])
    path = TWICE["dispense"].path(site)
    form = {"key": str(uuid4())}
    answers = [client.post(path, form) for _ in range(2)]
    assert client.get(answers[0]["Location"]).content.decode().count("Recorded: handed over to") == 1
