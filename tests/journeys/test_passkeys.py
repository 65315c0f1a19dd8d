"""On a telephone: a passkey is added, signs a consent, and opens the account; and a password signs as well."""

from base64 import b64encode
from typing import Any

import pytest
from allauth.mfa.models import Authenticator

from accounts.models import User
from accounts.signature_credentials import WrongCredentials
from ledger import log
from patients.models import Patient
from tests import amount
from tests.accessible import is_narrow
from tests.accounts.passkey import Passkey
from tests.journeys.journey import Journey, StartJourney
from tests.journeys.posted import ANA
from tests.journeys.snapshots import INVITED

pytestmark = pytest.mark.browser


def on_a_telephone(journey: Journey, passkey: Passkey | None = None) -> None:
    """An authenticator that knows its owner, and has that passkey already."""
    session = journey.page.context.new_cdp_session(journey.page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    if passkey:
        credential = {
            "credentialId": b64encode(passkey.credential).decode(), "isResidentCredential": True, "rpId": "localhost",
            "privateKey": b64encode(passkey.private()).decode(), "userHandle": b64encode(b"ana").decode(),
            "signCount": 1,
        }  # fmt: skip
        session.send("WebAuthn.addCredential", {"authenticatorId": made["authenticatorId"], "credential": credential})


def adds_a_passkey(journey: Journey) -> None:
    journey.go("/account/2fa/")
    journey.confirms(journey.page.locator("text=Add a passkey"))
    journey.page.get_by_role("button", name="Add the passkey").click()
    journey.sees("The passkey is added")


def test_a_consent_is_signed_with_a_passkey(start_journey: StartJourney) -> None:
    """It is added on the page, signs, and opens the account."""
    journey = start_journey(INVITED).as_(ANA)
    on_a_telephone(journey)
    adds_a_passkey(journey)
    journey.go(journey.posted.reads("patient-information"))
    journey.page.get_by_role("button", name="Sign with your passkey").click()
    assert means(journey) == "passkey"
    is_narrow(journey.page)
    journey.go("/patient/record/")
    journey.sees("with passkey")

    journey.page.context.clear_cookies()
    journey.go("/account/login/")
    journey.page.get_by_role("button", name="Sign in with a passkey").click()
    journey.page.wait_for_url("**/patient/")
    journey.sees("Read and sign")


def before_the_signature(start_journey: StartJourney) -> Journey:
    """A patient with a passkey has read everything."""
    journey, passkey = start_journey(INVITED).as_(ANA), Passkey("localhost")
    Authenticator.objects.create(
        user=User.objects.get(email=ANA), type=Authenticator.Type.WEBAUTHN, data=passkey.registration()
    )
    on_a_telephone(journey, passkey)
    journey.go(journey.posted.reads("patient-information"))
    return journey


def means(journey: Journey) -> str:
    """What the consent was signed with."""
    journey.sees("Your signature is recorded")
    signed = log.read(Patient.objects.get().pk)[-1]
    assert signed.kind == "attested"
    return str(signed.data["means"])


def not_theirs(*_: Any) -> None:
    """The passkey's answer does not hold."""
    raise WrongCredentials


FAILS: dict[str, tuple[str, Any, str]] = {
    "it took too long": ("web.shared.signature_forms.PASSKEY_TIMEOUT", -1, "Your passkey took too long."),
    "its answer does not hold": (
        "accounts.signature_credentials._by_passkey",
        not_theirs,
        "Your passkey did not sign this.",
    ),
}


@pytest.mark.parametrize("name", [*FAILS][: amount.share(len(FAILS), 1)])
def test_after_a_passkey_that_failed_the_password_signs_on_the_same_page(
    start_journey: StartJourney, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    what, fails, sentence = FAILS[name]
    journey = before_the_signature(start_journey)
    with monkeypatch.context() as patch:
        patch.setattr(what, fails)
        journey.page.get_by_role("button", name="Sign with your passkey").click()
        journey.sees(sentence)
    journey.credentials("Ana Mora")
    journey.send("Sign")
    assert means(journey) == "password"


@pytest.mark.whole_run
@pytest.mark.parametrize(("button", "with_"), [("Sign", "password"), ("Sign with your passkey", "passkey")])
def test_what_an_older_answer_left_in_the_page_is_not_sent(
    start_journey: StartJourney, button: str, with_: str
) -> None:
    """The passkey had answered, and the line broke before the form was sent."""
    journey = before_the_signature(start_journey)
    journey.credentials("Ana Mora")
    journey.page.evaluate(
        """() => { const fields = document.querySelector("form[data-signed]").elements;
                   fields.assertion.value = "{}"; fields.nonce.value = "long ago"; }"""
    )
    journey.send(button)
    assert means(journey) == with_


def test_a_browser_without_passkeys_says_so_and_the_password_signs(start_journey: StartJourney) -> None:
    journey = before_the_signature(start_journey)
    journey.page.add_init_script("delete PublicKeyCredential.parseRequestOptionsFromJSON")
    journey.page.reload()
    journey.sees("This browser cannot use passkeys. Sign with your password.")
    assert not journey.page.get_by_role("button", name="Sign with your passkey").is_visible()
    journey.credentials("Ana Mora")
    journey.send("Sign")
    assert means(journey) == "password"


@pytest.mark.whole_run
def test_a_consent_is_signed_with_a_password(start_journey: StartJourney) -> None:
    journey = start_journey(INVITED).as_(ANA)
    journey.go(journey.posted.reads("patient-information"))
    journey.credentials("Ana Mora", password="not my password")
    journey.send("Sign")
    journey.sees("This is not your password.")
    journey.sees("You sign as Ana Mora.")
    journey.credentials("Ana Mora")
    journey.send("Sign")
    assert means(journey) == "password"
    is_narrow(journey.page)
