"""On a telephone: a passkey is added, signs a consent, and opens the account; and a password signs as well."""

from base64 import b64encode
from typing import Any

import pytest
from allauth.mfa.models import Authenticator

from accounts.models import User
from accounts.signature_credentials import WrongCredentials
from ledger import log
from patients.models import Patient
from tests.accounts.passkey import Passkey
from tests.journeys.posted import ANA, PASSWORD
from tests.journeys.stage import INVITED
from tests.journeys.story import Story, Tell

pytestmark = pytest.mark.browser


def on_a_telephone(story: Story, passkey: Passkey | None = None) -> None:
    """An authenticator that knows its owner, and has that passkey already."""
    session = story.page.context.new_cdp_session(story.page)
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


def adds_a_passkey(story: Story) -> None:
    story.go("/account/2fa/")
    story.page.click("text=Add a passkey")
    story.page.wait_for_load_state()
    if story.page.locator("input[name=password]").count():
        story.page.fill("input[name=password]", PASSWORD)
        story.send("Go on")
    story.page.get_by_role("button", name="Add the passkey").click()
    story.sees("The passkey is added")


def test_a_consent_is_signed_with_a_passkey(tell: Tell) -> None:
    """It is added on the page, signs, and opens the account."""
    story = tell(INVITED).as_(ANA)
    on_a_telephone(story)
    adds_a_passkey(story)
    story.go(story.posted.reads("patient-information"))
    story.page.fill("input[name=printed_name]", "Ana Mora")
    story.page.get_by_role("button", name="Sign with your passkey").click()
    assert means(story) == "passkey"
    assert story.page.evaluate("document.documentElement.scrollWidth") <= 390
    story.go("/patient/record/")
    story.sees("with passkey")

    story.page.context.clear_cookies()
    story.go("/account/login/")
    story.page.get_by_role("button", name="Sign in with a passkey").click()
    story.page.wait_for_url("**/patient/")
    story.sees("Read and sign")


def before_the_signature(tell: Tell) -> Story:
    """A patient with a passkey has read everything."""
    story, passkey = tell(INVITED).as_(ANA), Passkey("localhost")
    Authenticator.objects.create(
        user=User.objects.get(email=ANA), type=Authenticator.Type.WEBAUTHN, data=passkey.registration()
    )
    on_a_telephone(story, passkey)
    story.go(story.posted.reads("patient-information"))
    return story


def means(story: Story) -> str:
    """What the consent was signed with."""
    story.sees("Your signature is recorded")
    signed = log.read(Patient.objects.get().pk)[-1]
    assert signed.kind == "attested"
    return str(signed.data["means"])


def test_without_a_name_the_page_says_so_and_the_passkey_is_not_asked(tell: Tell) -> None:
    story = before_the_signature(tell)
    story.page.get_by_role("button", name="Sign with your passkey").click()
    story.sees("Please put this right")
    assert [row.kind for row in log.read(Patient.objects.get().pk)].count("attested") == 0


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


@pytest.mark.parametrize("name", FAILS)
def test_after_a_passkey_that_failed_the_password_signs_on_the_same_page(
    tell: Tell, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    what, fails, sentence = FAILS[name]
    story = before_the_signature(tell)
    story.page.fill("input[name=printed_name]", "Ana Mora")
    with monkeypatch.context() as patch:
        patch.setattr(what, fails)
        story.page.get_by_role("button", name="Sign with your passkey").click()
        story.sees(sentence)
    story.credentials("Ana Mora")
    story.send("Sign")
    assert means(story) == "password"


@pytest.mark.parametrize(("button", "with_"), [("Sign", "password"), ("Sign with your passkey", "passkey")])
def test_what_an_older_answer_left_in_the_page_is_not_sent(tell: Tell, button: str, with_: str) -> None:
    """The passkey had answered, and the line broke before the form was sent."""
    story = before_the_signature(tell)
    story.credentials("Ana Mora")
    story.page.evaluate(
        """() => { const fields = document.querySelector("form[data-signed]").elements;
                   fields.assertion.value = "{}"; fields.nonce.value = "long ago"; }"""
    )
    story.send(button)
    assert means(story) == with_


def test_a_consent_is_signed_with_a_password(tell: Tell) -> None:
    story = tell(INVITED).as_(ANA)
    story.go(story.posted.reads("patient-information"))
    story.credentials("Ana Mora", password="not my password")
    story.send("Sign")
    story.sees("This is not your e-mail address and password.")
    assert story.page.input_value("input[name=printed_name]") == "Ana Mora"
    story.credentials("Ana Mora")
    story.send("Sign")
    assert means(story) == "password"
    assert story.page.evaluate("document.documentElement.scrollWidth") <= 390
