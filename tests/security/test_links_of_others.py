"""Links that somebody else opens, who is signed in: the page says so, and nothing happens. Every kind of link."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import User
from ledger.models import LogRecord
from patients.models import Invitation
from tests import amount, factories
from tests.factories import PASSWORD, as_
from tests.mailbox import link_in_newest

from .fixtures import SiteFixture
from .test_mass_assignment import everything

SAYS_SO = "signed in as somebody else"


@dataclass(frozen=True, slots=True)
class Link:
    """A link: its address, and what its owner would send."""

    path: Callable[[SiteFixture], str]
    form: Callable[[SiteFixture], dict[str, str]]
    #: Readers to whom it went: they are nobody else.
    owners: tuple[str, ...] = ()


def _accepting(site: SiteFixture) -> dict[str, str]:
    return {"born_on": f"{site.invited.born_on:%m/%d/%Y}", "password1": PASSWORD, "key": str(uuid4())}


def _choosing(site: SiteFixture) -> dict[str, str]:
    return {"password1": PASSWORD + "!", "password2": PASSWORD + "!", "key": str(uuid4())}


def _registering(site: SiteFixture) -> dict[str, str]:
    return {
        "practice_name": "New", "pharmacy_name": "New", "npi": factories.npi(), "address": "1 Main Street",
        "name": "New", "password1": PASSWORD, "printed_name": "New", "key": str(uuid4()),
        **factories.ticks("prescriber-attestation"), **factories.ticks("pharmacy-attestation"),
    }  # fmt: skip


def _reset(site: SiteFixture) -> str:
    """The link to a new password, of the patient's account."""
    Client().post("/account/password/reset/", {"email": site.readers["patient"].email})
    return link_in_newest("/password/reset/key/").split("testserver")[-1]


LINKS = {
    "a patient's invitation": Link(lambda w: f"/invitation/{w.own_invitation}/", _accepting),
    "a guardian's invitation": Link(lambda w: f"/invitation/{w.guardian_invitation}/", _accepting),
    "a set-password link": Link(lambda w: f"/set-password/{w.set_password_token}/", _choosing),
    "the registration of a practice": Link(lambda w: f"/register/practice/{w.registration}/", _registering),
    "the registration of a pharmacy": Link(lambda w: f"/register/pharmacy/{w.registration}/", _registering),
    "a link to a new address": Link(
        lambda w: f"/account/address/{w.new_address}/", lambda w: {"key": str(uuid4())}, owners=("patient",)
    ),
    "a link to a new password": Link(_reset, _choosing, owners=("patient",)),
}
#: Who is signed in: a patient, a guardian of the invited patient, staff of each kind.
SIGNED_IN = (
    "patient", "fellow patient", "guardian", "prescriber", "other prescriber", "designee", "pharmacist", "officer",
)  # fmt: skip


#: Each link by three of those to whom it did not go, by turns; by each of them in a run of everything.
CASES = [
    (name, reader)
    for turn, (name, link) in enumerate(LINKS.items())
    for place, reader in enumerate(SIGNED_IN)
    if reader not in link.owners and (amount.EVERYTHING or (place - turn * 3) % len(SIGNED_IN) < 3)
]


@pytest.mark.parametrize(("name", "reader"), CASES)
def test_link_of_somebody_else_says_so_and_does_nothing_else(site: SiteFixture, name: str, reader: str) -> None:
    link = LINKS[name]
    path = link.path(site)
    if "://" in path:
        path = "/" + path.split("/", 3)[3]
    user = site.readers[reader]
    client, before, records = as_(user), everything(), LogRecord.objects.count()
    for answer in (client.get(path), client.post(path, link.form(site)), client.post(path + "?next=/", {})):
        page = answer.content.decode()
        assert SAYS_SO in page
        assert user.name in page
        assert "password1" not in page
        assert "born_on" not in page
    assert client.session["_auth_user_id"] == str(user.pk), "nobody's session becomes another's, and nobody is out"
    assert (everything(), LogRecord.objects.count()) == (before, records)


def test_guardian_of_that_patient_must_sign_out_first(site: SiteFixture) -> None:
    """A parent who opens the child's own invitation, and then goes on as the page says."""
    site.invited_guardian.user = site.readers["guardian"]
    site.invited_guardian.save()
    client, path = as_(site.readers["guardian"]), f"/invitation/{site.own_invitation}/"
    assert SAYS_SO in client.get(path).content.decode()
    client.post("/account/logout/")
    assert "password1" in client.get(path).content.decode()
    assert client.post(path, _accepting(site)).status_code == 302
    assert client.session["_auth_user_id"] == str(User.objects.get(email=site.invited.email).pk)


@pytest.mark.parametrize("name", ["a patient's invitation", "a guardian's invitation"])
def test_link_opened_by_nobody_goes_on_as_it_says(site: SiteFixture, name: str) -> None:
    assert "born_on" in Client().get(LINKS[name].path(site)).content.decode()


def test_invitation_to_an_address_with_an_account_leads_to_sign_in_and_back(site: SiteFixture) -> None:
    invited = Invitation.objects.get(patient=site.invited, guardian=None).patient
    invited.email = site.readers["other guardian"].email
    invited.save()
    path, client = f"/invitation/{site.own_invitation}/", Client()
    page = client.get(path).content.decode()
    assert "Sign in first" in page
    assert "password1" not in page
    login = f"/account/login/?next={path}"
    assert login.split("?")[0] in page
    owner = site.readers["other guardian"]
    answer = client.post(login, {"login": owner.email, "password": PASSWORD})
    assert answer["Location"] == path
    assert "born_on" in client.get(path).content.decode()
    assert client.post(path, {"born_on": f"{invited.born_on:%m/%d/%Y}", "key": str(uuid4())}).status_code == 302
    invited.refresh_from_db()
    assert invited.user == owner
