"""Deactivation and reactivation of accounts: by whom, with what effect at once, and as recorded in their log."""

from uuid import uuid4

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

import outbox
from accounts import set_password_link
from accounts.models import User
from accounts.roles import PATIENT
from compliance.commands import people as actions
from compliance.commands.decide import NotPermitted
from ledger import log
from notifications import recipients
from patients.models import Designee, Pharmacist
from patients.people import actor_of
from tests import factories
from tests.clocks import Clock
from tests.factories import PASSWORD, as_
from tests.mailbox import emails
from tests.security.reading import words_of

pytestmark = pytest.mark.django_db


NAMES = {
    "prescriber", "designee", "other designee of the practice", "prescriber elsewhere", "designee elsewhere",
    "pharmacist in charge", "colleague", "pharmacist elsewhere", "patient", "officer", "second officer",
}  # fmt: skip


class Staff:
    """A practice and a pharmacy with those who work there; another of each; and two officers."""

    def __init__(self) -> None:
        practice, elsewhere = factories.prescriber(), factories.prescriber()
        first, stranger = factories.pharmacist(), factories.pharmacist()
        colleague = Pharmacist.objects.create(user=factories.account("pharmacist"), pharmacy=first.pharmacy)
        self.pharmacy = first.pharmacy
        self.users: dict[str, User] = {
            "prescriber": practice.user,
            "designee": factories.designee(practice).user,
            "other designee of the practice": factories.designee(practice).user,
            "prescriber elsewhere": elsewhere.user,
            "designee elsewhere": factories.designee(elsewhere).user,
            "pharmacist in charge": first.user,
            "colleague": colleague.user,
            "pharmacist elsewhere": stranger.user,
            "patient": factories.account(PATIENT),
            "officer": factories.officer(),
            "second officer": factories.officer(),
        }


@pytest.fixture
def staff(clock: Clock) -> Staff:
    cache.clear()
    return Staff()


def kinds(user: User) -> list[str]:
    return [row.kind for row in log.read(user.pk)]


# --- who may --------------------------------------------------------------------------------------
#: Whose account each one closes, of all that there are. Everybody else closes nobody's.
MAY = {
    "prescriber": {"designee", "other designee of the practice"},
    "prescriber elsewhere": {"designee elsewhere"},
    "pharmacist in charge": {"colleague"},
    "officer": NAMES - {"officer"},
    "second officer": NAMES - {"second officer"},
}


def test_deactivation_who_may_deactivate_whom(staff: Staff, clock: Clock) -> None:
    assert set(staff.users) == NAMES
    for who, by in staff.users.items():
        may = {whose for whose, account in staff.users.items() if actions.may_deactivate(account, actor_of(by))}
        assert may == MAY.get(who, set()), who
        for whose in NAMES - may:
            with pytest.raises(NotPermitted):
                actions.deactivate(account=staff.users[whose], by=actor_of(by), at=clock(), key=uuid4())
    assert not User.objects.filter(is_active=False).exists()


def test_reactivation_is_the_offices_and_never_of_the_own_account(staff: Staff, clock: Clock) -> None:
    designee = staff.users["designee"]
    actions.deactivate(account=designee, by=actor_of(staff.users["prescriber"]), at=clock(), key=uuid4())
    for who, by in staff.users.items():
        if "officer" not in who:
            with pytest.raises(NotPermitted):
                actions.reactivate(account=designee, by=actor_of(by), at=clock(), key=uuid4())
    actions.reactivate(account=designee, by=actor_of(staff.users["officer"]), at=clock(), key=uuid4())
    designee.refresh_from_db()
    assert designee.is_active
    with pytest.raises(NotPermitted):
        actions.reactivate(account=staff.users["officer"], by=actor_of(staff.users["officer"]), at=clock(), key=uuid4())


def test_deactivation_of_the_pharmacist_in_charge_puts_the_next_in_charge(staff: Staff, clock: Clock) -> None:
    first, colleague = staff.users["pharmacist in charge"], staff.users["colleague"]
    new = actions.add_pharmacist(
        pharmacy=staff.pharmacy,
        name="New One",
        email="new@example.org",
        by=actor_of(first),
        at=clock(),
        key=uuid4(),
    ).user
    assert not actions.may_deactivate(new, actor_of(colleague))
    actions.deactivate(account=first, by=actor_of(staff.users["officer"]), at=clock(), key=uuid4())
    assert actions.may_deactivate(new, actor_of(colleague))
    assert [one.address for one in recipients.pharmacy(str(staff.pharmacy.pk))] == [colleague.email]


# --- what it does ---------------------------------------------------------------------------------
def test_deactivation_of_a_designee_by_the_prescriber(staff: Staff, clock: Clock) -> None:
    designee, prescriber = staff.users["designee"], as_(staff.users["prescriber"])
    designee.set_password(PASSWORD)
    designee.save()
    at_work = Client()
    factories.sign_in(at_work, designee)
    by_password = Client()
    by_password.post(reverse("account_login"), {"login": designee.email, "password": PASSWORD})
    assert at_work.get("/prescriber/").status_code == 200
    assert "_auth_user_id" in by_password.session

    path = reverse("prescriber:deactivate_designee", args=[Designee.objects.get(user=designee).pk])
    assert path in prescriber.get("/prescriber/practice/").content.decode()
    assert "is signed out at once" in prescriber.get(path).content.decode()
    page = prescriber.post(path, {"key": str(uuid4())}, follow=True).content.decode()
    assert "The account is closed." in page
    assert "Closed" in page
    assert path not in page

    assert at_work.get("/prescriber/").status_code == 302
    assert "_auth_user_id" not in by_password.session, "its row is gone, and not only of no use"
    by_password.post(reverse("account_login"), {"login": designee.email, "password": PASSWORD})
    assert "_auth_user_id" not in by_password.session
    (row,) = log.read(designee.pk)
    assert (row.kind, row.actor) == ("account_closed", staff.users["prescriber"].pk)
    assert prescriber.post(path, {"key": str(uuid4())}).status_code == 404, "it is closed already"


def test_deactivation_of_a_colleague_by_the_pharmacist_in_charge(staff: Staff) -> None:
    colleague, first = staff.users["colleague"], as_(staff.users["pharmacist in charge"])
    own = Pharmacist.objects.get(user=staff.users["pharmacist in charge"]).pk
    path = reverse("pharmacy:deactivate_colleague", args=[Pharmacist.objects.get(user=colleague).pk])
    page = first.get("/counter/profile/").content.decode()
    assert path in page
    assert reverse("pharmacy:deactivate_colleague", args=[own]) not in page
    assert path not in as_(colleague).get("/counter/profile/").content.decode()
    first.post(path, {"key": str(uuid4())})
    assert kinds(colleague) == ["account_closed"]
    assert as_(colleague).get("/counter/").status_code == 302


def test_deactivation_and_reactivation_by_the_office(staff: Staff) -> None:
    prescriber, client = staff.users["prescriber"], as_(staff.users["officer"])
    found = client.post(reverse("office:find_account"), {"email": prescriber.email.upper(), "key": str(uuid4())})
    path = found["Location"]
    assert path == reverse("office:account", args=[prescriber.pk])
    assert (
        client.post(reverse("office:find_account"), {"email": "no@example.org", "key": str(uuid4())}).status_code == 422
    )
    for name, said in (("deactivate_account", "Account closed"), ("reactivate_account", "Account opened again")):
        act = reverse(f"office:{name}", args=[prescriber.pk])
        assert act in client.get(path).content.decode()
        page = client.post(act, {"key": str(uuid4())}, follow=True).content.decode()
        assert said in page
        assert act not in page
    assert kinds(prescriber) == ["account_closed", "account_reopened"]
    assert "Another officer closes it" in client.get(
        reverse("office:account", args=[staff.users["officer"].pk])
    ).content.decode()  # fmt: skip


def test_deactivated_account_is_opened_by_no_link(staff: Staff, clock: Clock) -> None:
    designee = actions.add_designee(
        prescriber=staff.users["prescriber"].prescriber, name="New", email="new@example.org",
        by=actor_of(staff.users["prescriber"]), at=clock(), key=uuid4(),
    )  # fmt: skip
    link = set_password_link.make_token(designee.user)
    actions.deactivate(account=designee.user, by=actor_of(staff.users["prescriber"]), at=clock(), key=uuid4())
    assert Client().get(reverse("public:set_password", args=[link])).status_code == 404
    assert outbox.deliver(at=clock()) == 0
    Client().post(reverse("account_reset_password"), {"email": "new@example.org"})
    assert "password/reset/key" not in str(emails()[0].body)


# --- opening --------------------------------------------------------------------------------------
@pytest.mark.parametrize(("who", "path"), [("prescriber", "/prescriber/practice/"), ("colleague", "/counter/profile/")])
def test_creator_of_an_account_is_recorded_in_its_log(staff: Staff, who: str, path: str) -> None:
    as_(staff.users[who]).post(path, {"name": "New One", "email": "new@example.org", "key": str(uuid4())})
    new = User.objects.get(invited_email="new@example.org")
    (row,) = log.read(new.pk)
    assert (row.kind, row.actor, row.data) == ("account_opened", staff.users[who].pk, {"role": new.role})


# --- one place of several -------------------------------------------------------------------------
def test_practice_ends_the_place_with_it_and_no_other(staff: Staff, clock: Clock) -> None:
    designee, elsewhere = staff.users["designee"], staff.users["prescriber elsewhere"]
    Designee.objects.create(user=designee, prescriber=elsewhere.prescriber)
    practice = staff.users["prescriber"].prescriber
    path = reverse("prescriber:deactivate_designee", args=[Designee.objects.get(user=designee, prescriber=practice).pk])
    owner = as_(staff.users["prescriber"])
    with_several = words_of(owner.get(path))
    page = owner.post(path, {"key": str(uuid4())}, follow=True).content.decode()
    assert "The account is closed." in page
    assert "Closed" in page
    assert path not in page
    only = reverse("prescriber:deactivate_designee", args=[
        Designee.objects.get(user=staff.users["other designee of the practice"]).pk
    ])  # fmt: skip
    assert words_of(owner.get(only)) == with_several, "whether the account holds other places is nobody's to know"
    designee = User.objects.get(pk=designee.pk)
    assert designee.is_active
    assert [place.id for place in designee.places] == [elsewhere.prescriber.pk]
    (row,) = log.read(designee.pk)
    assert (row.kind, row.acting_for, row.data) == ("place_ended", practice.pk, {"role": "designee"})
    assert as_(designee).get("/prescriber/").status_code == 200
    with pytest.raises(NotPermitted):
        actions.deactivate(account=designee, by=actor_of(staff.users["prescriber"]), at=clock(), key=uuid4())


def test_pharmacy_ends_the_place_with_it_and_no_other(staff: Staff) -> None:
    colleague, elsewhere = staff.users["colleague"], staff.users["pharmacist elsewhere"]
    other = Pharmacist.objects.get(user=elsewhere).pharmacy
    Pharmacist.objects.create(user=colleague, pharmacy=other)
    row = Pharmacist.objects.get(user=colleague, pharmacy=staff.pharmacy)
    path = reverse("pharmacy:deactivate_colleague", args=[row.pk])
    as_(staff.users["pharmacist in charge"]).post(path, {"key": str(uuid4())})
    assert kinds(colleague) == ["place_ended"]
    assert [place.id for place in User.objects.get(pk=colleague.pk).places] == [other.pk]
    assert actions.may_deactivate(User.objects.get(pk=colleague.pk), actor_of(elsewhere))
