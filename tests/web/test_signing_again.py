"""What went wrong with a passkey is not sent a second time: on the same page the password signs, or the passkey."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from accounts.models import SigningLockout
from ledger import log
from tests import factories
from tests.accounts.passkey import Passkey
from tests.clocks import Clock
from tests.factories import PASSWORD
from tests.histories import OTHER_METHODS, ClinicFactory
from tests.security.reading import Field, Page
from tests.web.turns import by_turns

pytestmark = pytest.mark.django_db


class Signer:
    """A prescriber with a passkey before the form with the methods, which is sent as the page has it."""

    def __init__(self) -> None:
        clinic = ClinicFactory()
        self.user, self.patient, self.key = clinic.prescriber.user, clinic.ready(), Passkey("testserver")
        self.user.set_password(PASSWORD)
        self.user.save()
        Authenticator.objects.create(
            user=self.user, type=Authenticator.Type.WEBAUTHN, data=self.key.registration()
        )  # fmt: skip
        self.client = Client()
        factories.sign_in(self.client, self.user)
        self.path = f"/prescriber/patients/{self.patient.pk}/methods/"
        self.page = self.client.get(self.path).content.decode()

    @property
    def fields(self) -> dict[str, Field]:
        """The fields of the form that is on the screen."""
        (form,) = [form for form in Page(self.path, self.page).forms if "signer_password" in form.fields]
        return form.fields

    def send(self, **typed: Any) -> Any:
        """Send what stands in the form, with what was typed and what the script has put in."""
        own = {name: field.value for name, field in self.fields.items() if field.kind == "hidden"}
        filled = {"methods": list(OTHER_METHODS), "started_on": "2026-11-01"}
        answer = self.client.post(self.path, own | filled | factories.ticks("monthly-prescriber") | typed)
        if "html" in answer["Content-Type"]:
            self.page = answer.content.decode()
        return answer

    def with_passkey(self, *, spoil: bool = False, **typed: Any) -> Any:
        """Press the passkey's button: it is asked, and answers."""
        begun = self.send(passkey="begin", **typed)
        assert begun.status_code == 200, self.page
        answer = self.key.answer(self.key.challenge(begun.json()["options"]), spoil=spoil)
        return self.send(assertion=json.dumps(answer), nonce=begun.json()["nonce"], **typed)

    def with_password(self, **typed: Any) -> Any:
        """Press the form's own button."""
        return self.send(signer_password=PASSWORD, **typed)


@pytest.fixture
def signer(clock: Clock) -> Signer:
    clock.set("2026-12-15T11:00-05:00")
    return Signer()


def too_late(signer: Signer, patch: pytest.MonkeyPatch) -> Any:
    """Its owner was called away."""
    with patch.context() as slow:
        slow.setattr("web.shared.signature_forms.PASSKEY_TIMEOUT", -1)
        return signer.with_passkey()


FAILS: dict[str, tuple[Callable[[Signer, pytest.MonkeyPatch], Any], str]] = {
    "a signature that is false": (
        lambda signer, patch: signer.with_passkey(spoil=True), "Your passkey did not sign this."),
    "an answer that came too late": (too_late, "Your passkey took too long."),
    "a good one on what the rules refuse": (
        lambda signer, patch: signer.with_passkey(started_on="2026-12-16"), "This day is still to come."),
    "a good one on a form that lacks something": (
        lambda signer, patch: signer.send(assertion="{}", nonce="x", methods=[]), "Choose both methods"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "again"), by_turns(FAILS, ["with_password", "with_passkey"]))
def test_after_a_passkey_that_failed_the_same_page_signs(
    signer: Signer, name: str, again: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fails, sentence = FAILS[name]
    before = len(log.read(signer.patient.pk))
    assert fails(signer, monkeypatch).status_code == 422
    assert sentence in signer.page
    assert (signer.fields["assertion"].value, signer.fields["nonce"].value) == ("", "")
    assert "optional" not in signer.page, "the password is asked for as before"
    assert getattr(signer, again)().status_code == 302
    declared, signed = log.read(signer.patient.pk)[before:]
    assert (declared.kind, signed.data["means"]) == ("contraception_declared", again.removeprefix("with_"))
    assert not SigningLockout.objects.exists()


def test_wrong_passwords_after_a_failed_passkey_are_counted_as_such(signer: Signer) -> None:
    """The first one was the passkey; the fourth password is the fifth wrong one."""
    signer.with_passkey(spoil=True)
    for _ in range(3):
        assert signer.send(signer_password="wrong").status_code == 422
        assert "This is not your password." in signer.page
    signer.send(signer_password="wrong")
    assert "Signing is locked" in signer.page


def test_a_passkey_is_asked_whatever_an_older_answer_left_in_the_form(signer: Signer) -> None:
    for nonce in ("", "x", "x:y:z"):
        begun = signer.send(passkey="begin", assertion="{}", nonce=nonce)
        assert begun.status_code == 200, nonce
        assert len(signer.key.challenge(begun.json()["options"])) == 32, nonce
