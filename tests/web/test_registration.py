"""Registration: the applicant signs on the same page; which text, which meaning, which printed name."""

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
        refused = Client().post(factories.registration(what), filled(what, **{left_out: ""}))
        assert refused.context["form"].errors == {left_out: ["Tick this box to go on."]}
    assert not User.objects.exists()


@pytest.mark.parametrize("what", PLACES)
def test_what_is_missing_is_named_in_the_order_of_the_page(what: str) -> None:
    form, below = filled(what), points_of(what)
    refused = Client().post(factories.registration(what), {name: form[name] for name in ("key", "displayed_sha256")})
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
