"""Preferences: what goes, and what not, by each channel; the page of them, and the link that ends one kind."""

import re
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django.urls import reverse

import outbox
from accounts.models import User
from accounts.roles import DESIGNEE, OFFICER
from compliance.commands.decide import NotPermitted
from compliance.rules.blockers import OFFICE, PATIENT
from ledger.actor import Actor
from ledger.models import LoggedRequest
from notifications import preferences, unsubscribe
from notifications.kinds import KINDS
from notifications.models import Choice
from notifications.preferences import SIDE_OF_ROLE, Box
from notifications.recipients import Recipient, of_user
from outbox.channels import EMAIL
from outbox.models import Message
from patients.people import actor_of
from tests import factories
from tests.factories import as_
from tests.histories import NOW, ClinicFactory
from tests.web.unrendered import unrendered
from web.shared.message_words import kind_words

pytestmark = pytest.mark.django_db

#: Every kind on every side on which somebody may choose.
OFFERED = [
    (side, kind.code) for side in dict.fromkeys(SIDE_OF_ROLE.values()) for kind in KINDS.values() if kind.is_for(side)
]
OPTIONAL = [(side, kind) for side, kind in OFFERED if not preferences.is_required(side, KINDS[kind])]


def choose(owner: UUID, side: str, kind: str, channel: str = EMAIL, *, is_on: bool) -> None:
    preferences.write(owner, {Box(side, kind, channel): is_on}, at=NOW)


@pytest.mark.parametrize("side", [*dict.fromkeys(side for side, _ in OFFERED)])
def test_email_goes_unless_it_is_optional_and_off(side: str) -> None:
    user = factories.account(OFFICER)
    to, default = of_user(user), () if side == DESIGNEE else (EMAIL,)
    for kind in [kind for of, kind in OFFERED if of == side]:
        row = KINDS[kind]
        assert preferences.channels(to, side, row) == default, kind
        choose(user.pk, side, kind, is_on=False)
        assert preferences.channels(to, side, row) == (() if (side, kind) in OPTIONAL else (EMAIL,)), kind
        choose(user.pk, side, kind, is_on=True)
        assert preferences.channels(to, side, row) == (EMAIL,), kind


def test_what_urgent_kinds_are_is_never_optional() -> None:
    assert [kind for side, kind in OPTIONAL if KINDS[kind].urgent and side != DESIGNEE] == []


def test_choice_of_one_side_is_none_of_another() -> None:
    user = factories.account(OFFICER)
    choose(user.pk, "patient", "book-ahead", is_on=False)
    assert preferences.channels(of_user(user), "prescriber", KINDS["book-ahead"]) == (EMAIL,)


def test_choice_made_before_there_was_an_account_counts_until_the_account_chooses(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    assert patient.user is not None
    to = Recipient(str(patient.pk), "a@example.org", account=patient.user_id)
    choose(patient.pk, PATIENT, "supply-ending", is_on=False)
    assert preferences.channels(to, PATIENT, KINDS["supply-ending"]) == ()
    rows = {row.kind.code: row.on for row in preferences.rows_of(patient.user)}
    assert rows["supply-ending"] == frozenset()
    choose(patient.user.pk, PATIENT, "supply-ending", is_on=True)
    assert preferences.channels(to, PATIENT, KINDS["supply-ending"]) == (EMAIL,)


# --- at the moment of sending --------------------------------------------------------------------


@pytest.fixture
def optional(monkeypatch: pytest.MonkeyPatch) -> User:
    """The officer to whom messages of a kind go, which is made optional."""
    made = replace(KINDS["signing-locked"], optional=True)
    monkeypatch.setitem(KINDS, "signing-locked", made)
    return factories.officer()


def due(officer: User) -> Message:
    message = Message(
        key=str(uuid4()), kind="signing-locked", subject=None, data={"officer": str(officer.pk)}, due_at=NOW
    )
    outbox.enqueue([message], at=NOW)
    return message


def test_preference_is_asked_when_it_is_sent_not_when_it_is_enqueued(optional: User) -> None:
    first = due(optional)
    choose(optional.pk, OFFICE, "signing-locked", is_on=False)
    outbox.deliver(at=NOW)
    assert mail.outbox == []
    assert Message.objects.get(key=first.key).outcome == "not-wanted"
    second = due(optional)
    choose(optional.pk, OFFICE, "signing-locked", is_on=True)
    outbox.deliver(at=NOW)
    assert len(mail.outbox) == 1
    assert Message.objects.get(key=second.key).outcome == "delivered"


def test_optional_message_has_the_one_click_headers_and_the_link_in_words(optional: User) -> None:
    due(optional)
    outbox.deliver(at=NOW)
    (email,) = mail.outbox
    assert isinstance(email, EmailMultiAlternatives)
    url = email.extra_headers["List-Unsubscribe"].strip("<>")
    assert url.startswith("http")
    assert email.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert f"open this link: {url}" in str(email.body)
    assert url in str(email.alternatives[0][0])


def test_required_message_has_no_link_that_ends_it() -> None:
    due(factories.officer())
    outbox.deliver(at=NOW)
    (email,) = mail.outbox
    assert not [name for name in email.extra_headers if name.startswith("List-")]
    assert "no more messages" not in str(email.body)


# --- the link ------------------------------------------------------------------------------------


@pytest.fixture
def link(clinic: ClinicFactory) -> tuple[User, str]:
    patient = clinic.ready()
    assert patient.user is not None
    url = unsubscribe.link(patient.user.pk, Box(PATIENT, "supply-ending", EMAIL))
    return patient.user, url.partition("//")[2].partition("/")[2]


def is_off(user: User) -> bool:
    return preferences.channels(of_user(user), PATIENT, KINDS["supply-ending"]) == ()


def test_one_click_switches_off_without_sign_in_and_without_a_token(link: tuple[User, str]) -> None:
    user, path = link
    client = Client(enforce_csrf_checks=True)
    assert client.get(f"/{path}").status_code == 200
    assert not is_off(user), "programs that examine mail open links"
    answer = client.post(f"/{path}", {"List-Unsubscribe": "One-Click"})
    assert (answer.status_code, is_off(user)) == (200, True)
    assert client.post(f"/{path}", {"List-Unsubscribe": "One-Click"}).status_code == 200


def test_link_works_again_after_its_owner_switched_it_on_again(link: tuple[User, str]) -> None:
    user, path = link
    Client().post(f"/{path}")
    choose(user.pk, PATIENT, "supply-ending", is_on=True)
    Client().post(f"/{path}")
    assert is_off(user)


def test_link_says_nothing_of_its_owner_and_names_no_kind(link: tuple[User, str]) -> None:
    user, path = link
    for answer in (Client().get(f"/{path}"), Client().post(f"/{path}")):
        page = answer.content.decode()
        assert not [word for word in (user.name, user.email, "supply", str(user.pk)) if word in page]
    assert "supply" not in path
    assert str(user.pk) not in path


def test_link_of_somebody_unknown_answers_alike(link: tuple[User, str]) -> None:
    url = unsubscribe.link(uuid4(), Box(PATIENT, "supply-ending", EMAIL))
    path = url.partition("//")[2].partition("/")[2]
    pages = [Client().get(f"/{one}").content.decode() for one in (path, link[1])]
    said = [re.sub(r'(nonce|value|content)="[^"]*"', "", page) for page in pages]
    assert said[0] == said[1]
    assert Client().post(f"/{path}").status_code == 200


def test_tampered_link_is_refused_and_limited(link: tuple[User, str], empty_cache: None) -> None:
    """One that was changed anywhere, cut off, made up or added to; the sixty of a minute are of any of them."""
    user, path = link
    token = path.rstrip("/").rpartition("/")[2]
    changed = [token[:-3] + "AA=", token[1:], "x", token + "é"]
    wrong = [reverse("own_account:switch_off", kwargs={"token": one}) for one in changed]
    client = Client()
    assert {client.post(wrong[place % 4]).status_code for place in range(60)} == {404}
    assert {client.post(one).status_code for one in wrong} == {429}
    assert not is_off(user)


def test_link_of_a_kind_that_is_required_opens_nothing(clinic: ClinicFactory) -> None:
    url = unsubscribe.link(uuid4(), Box(PATIENT, "window-closing", EMAIL))
    assert Client().post("/" + url.partition("//")[2].partition("/")[2]).status_code == 404


# --- the page ------------------------------------------------------------------------------------

PAGE = "own_account:messages"


def form_of(client: Client, *on: str, shown: str | None = None) -> dict[str, Any]:
    with unrendered():
        page: Any = client.get(reverse(PAGE))
    return {"on": on, "shown": page.context["form"].initial["shown"] if shown is None else shown, "key": str(uuid4())}


def test_page_shows_each_reader_the_kinds_of_their_places(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    people = [
        patient.user, clinic.prescriber.user, factories.designee(clinic.prescriber).user, factories.officer(),
        clinic.pharmacies[0].pharmacists.get().user,
    ]  # fmt: skip
    for user in people:
        assert user is not None
        sides = {row.side for row in preferences.rows_of(user)}
        assert sides == {SIDE_OF_ROLE[user.role]}
        page = as_(user).get(reverse(PAGE))
        assert page.status_code == 200
        for row in preferences.rows_of(user):
            assert row.kind.is_for(row.side)


def test_page_saves_what_was_changed_and_only_its_owners(clinic: ClinicFactory) -> None:
    patient, other = clinic.ready(), clinic.ready()
    assert patient.user is not None
    assert other.user is not None
    client = as_(patient.user)
    answer = client.post(reverse(PAGE), form_of(client, "patient.book-ahead.email", "patient.supply-ending.email"))
    assert answer.status_code == 302
    (row,) = Choice.objects.all()
    assert (row.owner, row.kind, row.is_on) == (patient.user.pk, "authorization-issued", False)
    assert preferences.channels(of_user(other.user), PATIENT, KINDS["authorization-issued"]) == (EMAIL,)


def test_page_twice_with_one_key_is_saved_once(clinic: ClinicFactory) -> None:
    user = clinic.ready().user
    assert user is not None
    client = as_(user)
    form = form_of(client)
    assert [client.post(reverse(PAGE), form).status_code for _ in range(2)] == [302, 302]
    assert Choice.objects.count() == 3
    assert LoggedRequest.objects.filter(action="choose-messages").count() == 1


def test_second_tab_changes_only_what_was_changed_in_it(clinic: ClinicFactory) -> None:
    user = clinic.ready().user
    assert user is not None
    client = as_(user)
    all_on = ("patient.book-ahead.email", "patient.supply-ending.email", "patient.authorization-issued.email")
    one, other = form_of(client, *all_on[:2]), form_of(client, *all_on[1:])
    client.post(reverse(PAGE), one)
    client.post(reverse(PAGE), other)
    on = {row.kind.code for row in preferences.rows_of(user) if row.on and row.kind.optional}
    assert on == {"supply-ending"}


@pytest.mark.parametrize("box", ["patient.window-closing.email", "office.checkpoint.email", "x", "..", "'; --"])
def test_hostile_boxes_change_nothing(clinic: ClinicFactory, box: str) -> None:
    user = clinic.ready().user
    assert user is not None
    client = as_(user)
    form = form_of(client)
    on, shown = form["shown"].split(), f"{form['shown']} {box}"
    client.post(reverse(PAGE), form | {"on": [*on, box], "shown": shown})
    assert not Choice.objects.exists()


def test_command_refuses_boxes_of_others_and_acts_for_nobody_else(clinic: ClinicFactory) -> None:
    user = clinic.ready().user
    assert user is not None
    by = actor_of(user)
    with pytest.raises(NotPermitted):
        preferences.save(user=user, on=[], off=[Box(OFFICE, "checkpoint", EMAIL)], by=by, at=NOW, key=uuid4())
    with pytest.raises(NotPermitted):
        preferences.save(user=user, on=[], off=[], by=Actor(factories.officer().pk, OFFICER), at=NOW, key=uuid4())
    User.objects.filter(pk=user.pk).update(is_active=False)
    with pytest.raises(NotPermitted):
        preferences.save(user=user, on=[], off=[], by=by, at=NOW, key=uuid4())


def test_page_has_what_is_optional_first_and_says_why_the_rest_stays_on(clinic: ClinicFactory) -> None:
    page = as_(clinic.prescriber.user).get(reverse(PAGE)).content.decode()
    _, optional, required = re.split("<h3>(?:You may switch these off|The program requires these)</h3>", page)
    for row in preferences.rows_of(clinic.prescriber.user):
        box, name = f'value="{row.box(EMAIL).code}"', str(kind_words(row.kind.code))
        assert box not in (optional if row.is_required else required)
        assert name in (required if row.is_required else optional), name
    assert "each reaches you by" in required
    assert "Urgent: it comes at any hour." in required
    assert page.count("Urgent notice</") + page.count("Urgent notice\n") == 1, "kinds of one name are one line"
