"""The link of an invitation is a signed id; what it may do stands in the row."""

from uuid import uuid4

import pytest
from django.core import signing

from patients.invitations import of_token, token


def test_a_link_leads_back_to_its_invitation() -> None:
    invitation = uuid4()
    assert of_token(token(invitation)) == invitation


def test_the_link_keeps_no_time_of_its_own() -> None:
    invitation = uuid4()
    assert token(invitation) == token(invitation)


SPOILT = {
    "empty": lambda link: "",
    "the id alone": lambda link: link.split(":")[0],
    "a cut end": lambda link: link[:-1],
    "another id under the same signature": lambda link: uuid4().hex + ":" + link.split(":")[1],
    "signed for something else": lambda link: signing.Signer(salt="other").sign(link.split(":")[0]),
    "signed, but no id": lambda link: signing.Signer(salt="patients.invitation").sign("no-id"),
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
def test_a_link_that_was_not_made_here_leads_nowhere(spoil: object) -> None:
    assert callable(spoil)
    assert of_token(spoil(token(uuid4()))) is None


def test_a_link_of_another_installation_leads_nowhere(settings: pytest.FixtureRequest) -> None:
    link = token(uuid4())
    settings.SECRET_KEY = "another-" * 10  # type: ignore[attr-defined]
    assert of_token(link) is None
