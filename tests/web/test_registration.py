"""Registration: the applicant signs on the same page; which text, which meaning, which printed name."""

import re
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import User
from compliance import documents
from ledger.models import ErasableText
from tests import factories
from tests.clocks import Clock
from tests.factories import PASSWORD
from tests.histories import NOW
from tests.web.unrendered import unrendered
from web.shared.joining_steps import ADDRESS, APPLICATION, DECISION, joining_steps

pytestmark = pytest.mark.django_db

PLACES = {"practice": "practice_name", "pharmacy": "pharmacy_name"}
ATTESTATION = {"practice": "prescriber-attestation", "pharmacy": "pharmacy-attestation"}


@pytest.fixture(autouse=True)
def today(clock: Clock) -> None:
    clock.set("2026-12-15T11:00-05:00")


SAID = {
    "en": ("“I attest.”", "Version {}, English", "Fingerprint of the text"),
    "es": ("“Declaro”.", "Versión {}, español", "Huella del texto"),
}


@pytest.mark.parametrize("what", PLACES)
def test_a_registration_says_what_its_signature_means_and_on_which_text(what: str) -> None:
    for language in ("en", "es"):
        document = documents.current(ATTESTATION[what], language, on=NOW.date())
        shown = Client().get(factories.registration(what), headers={"Accept-Language": language}).content.decode()
        signature = shown[shown.index('class="signature"') :]
        meaning, version, fingerprint = SAID[language]
        assert meaning in signature
        assert f"{version.format(document.version)}. {fingerprint}: {document.sha256[:16]}" in signature
        assert 'name="signer_password"' not in signature, "the password is chosen above, in the same form"


def filled(what: str, **more: str) -> dict[str, str]:
    """A registration."""
    return {
        PLACES[what]: "New", "npi": factories.npi(), "address": "1 Main Street", "phone": "", "name": "Robin",
        "password1": PASSWORD, **factories.ticks(ATTESTATION[what]), "key": str(uuid4()),
        "displayed_sha256": documents.current(ATTESTATION[what], "en",
            on=NOW.date()).sha256,
    } | more  # fmt: skip


def points_of(what: str) -> list[str]:
    """The points of the text that is signed, without the questions of a later training."""
    return [name for name in factories.ticks(ATTESTATION[what]) if name.startswith("item_")]


@pytest.mark.parametrize("what", PLACES)
def test_each_point_is_ticked_by_itself(what: str) -> None:
    for left_out in points_of(what):
        with unrendered():
            refused = Client().post(factories.registration(what), filled(what, **{left_out: ""}))
        assert refused.context["form"].errors == {left_out: ["Tick this box to go on."]}
    assert not User.objects.exists()


@pytest.mark.parametrize("what", PLACES)
def test_what_is_missing_is_named_in_the_order_of_the_page(what: str) -> None:
    form, below = filled(what), points_of(what)
    with unrendered():
        refused = Client().post(
            factories.registration(what), {name: form[name] for name in ("key", "displayed_sha256")}
        )
    missing = list(refused.context["form"].errors)
    assert missing[0] == PLACES[what]
    assert missing[-len(below) :] == below


@pytest.mark.parametrize("what", PLACES)
def test_the_name_in_print_is_that_of_the_account(what: str) -> None:
    form = filled(what, name=" Robin Q. Hale ")
    refused = Client().post(factories.registration(what), form | {"name": ""})
    assert set(refused.context["form"].errors) == {"name"}
    assert not User.objects.exists()
    assert Client().post(factories.registration(what), form).status_code == 302
    assert User.objects.get(email="new@example.org").name == "Robin Q. Hale"
    assert ErasableText.objects.get().text == "Robin Q. Hale"


def said(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@pytest.mark.parametrize("what", PLACES)
def test_way_into_the_program_is_told_on_each_of_its_pages(what: str) -> None:
    then = {"practice": "Enrol your first patient", "pharmacy": "Ask for your first patient"}[what]
    client = Client()
    first = said(client.get(f"/register/{what}/").content.decode())
    assert "Step 1 of 3" in first
    assert "usually within a few working days" in first
    assert then in first
    letter = client.post(f"/register/{what}/", {"email": "new@example.org", "key": str(uuid4())}, follow=True)
    assert "Step 1 of 3" in said(letter.content.decode())
    path = factories.registration(what)
    second = said(client.get(path).content.decode())
    assert "Step 2 of 3" in second
    assert "About ten minutes" in second
    answer = client.post(path, filled(what))
    assert answer.status_code == 302
    row = User.objects.latest("created_at")
    waiting = Client()
    factories.sign_in(waiting, row)
    home = {"practice": "/prescriber/", "pharmacy": "/counter/"}[what]
    third = said(waiting.get(home).content.decode())
    assert "Not approved yet" in third
    assert "Step 3 of 3" in third
    assert "You get an e-mail either way." in third
    assert then in third


def test_step_is_the_one_that_the_page_is_of() -> None:
    assert [step.state for step in joining_steps(ADDRESS)] == ["now", "later", "later", "later"]
    assert [step.state for step in joining_steps(APPLICATION)] == ["done", "now", "later", "later"]
    assert [step.state for step in joining_steps(DECISION)] == ["done", "done", "waiting", "later"]
