"""Officers' accounts: made, closed and opened by two officers."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from accounts.models import User
from accounts.roles import OFFICER
from compliance.commands import people
from ledger import log
from ledger.actor import Actor
from outbox.models import Message
from tests import factories
from tests.factories import as_
from tests.histories import NOW

pytestmark = pytest.mark.django_db


def officers(count: int = 3) -> list[User]:
    return [factories.account(OFFICER, name=f"Officer {place}") for place in range(count)]


def by(user: User) -> Actor:
    return Actor(user.pk, OFFICER)


def kinds(user: User) -> list[str]:
    return [row.kind for row in log.read(user.pk)]


def is_open(user: User) -> bool:
    return User.objects.get(pk=user.pk).is_active


def test_officer_is_closed_and_opened_by_two() -> None:
    first, second, gone = officers()
    for call, asked, done, after in (
        (people.deactivate, "closing_asked", "account_closed", False),
        (people.reactivate, "opening_asked", "account_reopened", True),
    ):
        assert call(account=gone, by=by(first), at=NOW, key=uuid4()) is False
        assert is_open(gone) is not after
        assert call(account=gone, by=by(first), at=NOW, key=uuid4()) is False, "one officer twice is still one"
        assert is_open(gone) is not after
        assert call(account=gone, by=by(second), at=NOW, key=uuid4()) is True
        assert is_open(gone) is after
        assert kinds(gone)[-3:] == [asked, asked, done]


def test_what_was_asked_for_a_week_ago_is_asked_for_anew() -> None:
    first, second, gone = officers()
    people.deactivate(account=gone, by=by(first), at=NOW, key=uuid4())
    late = NOW + people.ASKED_FOR + timedelta(minutes=1)
    assert people.deactivate(account=gone, by=by(second), at=late, key=uuid4()) is False
    assert is_open(gone)


def test_what_was_asked_for_before_it_was_opened_again_closes_nothing() -> None:
    first, second, gone = officers()
    for officer in (first, second):
        people.deactivate(account=gone, by=by(officer), at=NOW, key=uuid4())
    for officer in (first, second):
        people.reactivate(account=gone, by=by(officer), at=NOW, key=uuid4())
    assert people.deactivate(account=gone, by=by(second), at=NOW, key=uuid4()) is False
    assert is_open(gone)


def test_accounts_of_others_are_closed_by_one_officer() -> None:
    (first, *_), colleague = officers(), factories.pharmacist().user
    assert people.deactivate(account=colleague, by=by(first), at=NOW, key=uuid4()) is True
    assert not is_open(colleague)


def test_officer_is_made_by_one_and_opened_by_another_on_their_pages() -> None:
    first, second = officers(2)
    form = {"name": "Third Officer", "email": "third@example.org", "key": str(uuid4())}
    for _ in range(2):
        assert as_(first).post(reverse("office:add_officer"), form).status_code == 302
    third = User.objects.get(invited_email="third@example.org")
    assert (third.role, third.is_active, third.has_usable_password()) == (OFFICER, False, False)
    assert not Message.objects.filter(kind="account").exists()
    assert "Third Officer" in as_(second).get(reverse("office:accounts")).content.decode()
    page = reverse("office:reactivate_account", args=[third.pk])
    told = as_(first).post(page, {"key": str(uuid4())}, follow=True).content.decode()
    assert "once another officer asks for it too" in told
    assert not is_open(third)
    as_(second).post(page, {"key": str(uuid4())})
    assert is_open(third)
    assert Message.objects.get(kind="account").data == {"account": str(third.pk)}


def test_officer_whose_link_was_not_opened_is_found_by_the_address_and_shown_so() -> None:
    first, *_ = officers()
    as_(first).post(reverse("office:add_officer"), {"name": "Third", "email": "third@example.org", "key": str(uuid4())})
    found = as_(first).post(reverse("office:find_account"), {"email": "Third@example.org", "key": str(uuid4())})
    page = as_(first).get(found["Location"]).content.decode()
    assert "third@example.org" in page
    assert "Link not opened yet" in page
