"""Added by the address of an account that there is: its owner takes the place by the link, and nobody else does."""

from uuid import uuid4

import pytest
from django.core.mail import EmailMessage
from django.test import Client

import outbox
from accounts import set_password_link
from accounts.models import User
from accounts.roles import DESIGNEE, OFFICER, PHARMACIST
from compliance.commands import people, place_links
from compliance.verification import written
from ledger import log
from ledger.clock import now
from patients.models import Designee, Pharmacist
from patients.people import actor_of
from tests.factories import PASSWORD, as_
from tests.mailbox import nothing_waits
from tests.web.opened import send

from .fixtures import SiteFixture


def added(site: SiteFixture, role: str, address: str) -> User:
    """Somebody whom the first practice or the first pharmacy adds by that address."""
    adds = people.add_designee if role == DESIGNEE else people.add_pharmacist
    by = actor_of(site.readers["prescriber" if role == DESIGNEE else "pharmacist"])
    to = {"prescriber": site.prescriber} if role == DESIGNEE else {"pharmacy": site.pharmacy}
    return adds(**to, name="New One", email=address, by=by, at=now(), key=uuid4()).user


def path(invited: User) -> str:
    return f"/join/{set_password_link.make_token(invited)}/"


#: Accounts that take a place: the role for which they are added, and who they are.
TAKES = [
    (DESIGNEE, "other designee"), (DESIGNEE, "other pharmacist"), (DESIGNEE, "other patient"),
    (DESIGNEE, "other guardian"), (PHARMACIST, "other pharmacist"), (PHARMACIST, "other designee"),
    (PHARMACIST, "other patient"), (PHARMACIST, "other prescriber"),
]  # fmt: skip


@pytest.mark.parametrize(("role", "who"), TAKES)
def test_owner_takes_the_place_signed_in_and_keeps_the_others(site: SiteFixture, role: str, who: str) -> None:
    owner, invited = site.readers[who], added(site, role, site.readers[who].email)
    before = {place.code for place in User.objects.get(pk=owner.pk).places}
    client = as_(owner)
    assert "becomes another place" in client.get(path(invited)).content.decode()
    link, key = path(invited), str(uuid4())
    answers = [client.post(link, {"key": key}) for _ in range(2)]
    assert [(answer.status_code, answer["Location"]) for answer in answers] == [(302, "/")] * 2
    place = f"{role}:{site.prescriber.pk if role == DESIGNEE else site.pharmacy.pk}"
    assert {one.code for one in User.objects.get(pk=owner.pk).places} == before | {place}
    assert client.session["place"] == place, "what one has just asked for is where one is"
    assert (log.read(owner.pk)[-1].kind, log.read(owner.pk)[-1].data) == (
        "place_added", {"role": role, "from": str(invited.pk)},
    )  # fmt: skip
    assert log.read(invited.pk)[-1].kind == "account_joined"
    invited.refresh_from_db()
    assert (invited.is_active, invited.address) == (False, "")
    assert not [one for one in written.problems() if one.subject in (owner.pk, invited.pk)]


@pytest.mark.parametrize("role", [DESIGNEE, PHARMACIST])
def test_nobody_who_is_not_signed_in_as_the_owner_takes_it(site: SiteFixture, role: str) -> None:
    owner, invited = site.readers["other guardian"], added(site, role, site.readers["other guardian"].email)
    link = path(invited)  # each link says its second
    page = Client().get(link).content.decode()
    assert "This address has an account" in page
    assert f"?next={link}" in page.replace("%3A", ":")
    for client in (Client(), as_(site.readers["patient"]), as_(site.readers["officer"])):
        send(client, link, {"key": str(uuid4()), "password1": PASSWORD})
    assert {place.role for place in User.objects.get(pk=owner.pk).places} == {"guardian"}


@pytest.mark.parametrize(
    ("role", "who"),
    [(DESIGNEE, "officer"), (DESIGNEE, "prescriber"), (DESIGNEE, "designee"), (PHARMACIST, "pharmacist")],
)
def test_account_that_cannot_take_it_is_told_and_nothing_happens(site: SiteFixture, role: str, who: str) -> None:
    """An officer; the prescriber's own; and who works there already."""
    owner, invited = site.readers[who], added(site, role, site.readers[who].email)
    places = User.objects.get(pk=owner.pk).places
    for _ in range(2):
        answer = send(as_(owner), path(invited), {"key": str(uuid4())})
        assert "This address has an account" in answer.content.decode()
    assert User.objects.get(pk=owner.pk).places == places
    with pytest.raises(place_links.NotJoined):
        place_links.join(invited=invited, owner=owner, at=now(), key=uuid4())


def test_letter_leads_to_the_place_and_names_nobody(site: SiteFixture, mailoutbox: list[EmailMessage]) -> None:
    nothing_waits()
    invited = added(site, PHARMACIST, site.readers["other patient"].email)
    outbox.deliver(at=now())
    (body,) = [str(letter.body) for letter in mailoutbox if letter.to == [site.readers["other patient"].email]]
    assert path(invited).rsplit(":", 2)[0] in body
    assert site.pharmacy.name not in body.split("http")[0]


# --- one after the other --------------------------------------------------------------------------
def test_designee_who_left_one_practice_works_for_the_next_with_the_same_account(site: SiteFixture) -> None:
    owner, elsewhere = site.readers["other designee"], site.clinic.other
    people.deactivate(account=owner, by=actor_of(elsewhere.user), at=now(), key=uuid4())
    invited = added(site, DESIGNEE, owner.email)
    page = Client().get(path(invited)).content.decode()
    assert "Open your account again" in page
    new = PASSWORD + " and more"
    assert send(Client(), path(invited), {"password1": new, "key": str(uuid4())}).status_code == 302
    owner = User.objects.get(pk=owner.pk)
    assert owner.is_active
    assert owner.check_password(new)
    assert [place.code for place in owner.places] == [f"designee:{site.prescriber.pk}"], "not at the one they left"
    assert [row.kind for row in log.read(owner.pk)][-2:] == ["reopened_by_link", "place_added"]
    assert not [one for one in written.problems() if one.subject == owner.pk]


def test_account_that_the_office_closed_is_opened_by_no_link(site: SiteFixture) -> None:
    owner = site.readers["other designee"]
    people.deactivate(account=owner, by=actor_of(site.readers["officer"]), at=now(), key=uuid4())
    invited = added(site, DESIGNEE, owner.email)
    answer = send(Client(), path(invited), {"password1": PASSWORD, "key": str(uuid4())})
    assert "This address has an account" in answer.content.decode()
    assert not User.objects.get(pk=owner.pk).is_active


def test_place_that_was_taken_over_ends_alone(site: SiteFixture) -> None:
    owner, invited = site.readers["other pharmacist"], added(site, PHARMACIST, site.readers["other pharmacist"].email)
    place_links.join(invited=invited, owner=owner, at=now(), key=uuid4())
    row = Pharmacist.objects.get(user=owner, pharmacy=site.pharmacy)
    assert row.is_open
    people.deactivate(account=owner, by=actor_of(site.readers["pharmacist"]), at=now(), key=uuid4())
    owner = User.objects.get(pk=owner.pk)
    assert owner.is_active
    assert [place.id for place in owner.places] == [site.clinic.pharmacies[1].pk]
    assert not Designee.objects.filter(user=owner).exists()
    assert owner.opened_as != OFFICER
