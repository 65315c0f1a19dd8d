"""The link of an invitation is a signed id; what it may do stands in the row."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core import signing
from django.test import Client

from accounts import set_password_link
from accounts.models import User
from accounts.roles import PATIENT
from compliance.commands.invitations import Acceptance, NotAccepted, accept
from patients.invitations import MAX_FAILED_ATTEMPTS, invitation_of_token, make_token
from patients.models import Guardian, Invitation
from tests import factories
from tests.clocks import Clock


def test_a_link_leads_back_to_its_invitation() -> None:
    invitation = uuid4()
    assert invitation_of_token(make_token(invitation)) == invitation


def test_the_link_keeps_no_time_of_its_own() -> None:
    invitation = uuid4()
    assert make_token(invitation) == make_token(invitation)


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
    assert invitation_of_token(spoil(make_token(uuid4()))) is None


def test_a_link_of_another_installation_leads_nowhere(settings: pytest.FixtureRequest) -> None:
    link = make_token(uuid4())
    settings.SECRET_KEY = "another-" * 10  # type: ignore[attr-defined]
    assert invitation_of_token(link) is None


@pytest.mark.django_db
def test_five_wrong_birth_dates_lock_an_invitation() -> None:
    invitation = factories.invitation(factories.patient(factories.prescriber(), email="ana@example.org"))

    def answer(born_on: date) -> str:
        acceptance = Acceptance(born_on=born_on, password=factories.PASSWORD)
        with pytest.raises(NotAccepted) as refused:
            accept(invitation=invitation.pk, acceptance=acceptance, at=factories.AT, key=uuid4())
        return refused.value.code

    assert [answer(date(1999, 1, 1)) for _ in range(5)] == ["birth-date-wrong"] * 5
    assert answer(date(2001, 4, 9)) == "invitation-locked", "the right one comes too late"
    assert not User.objects.filter(email="ana@example.org").exists()


#: Born so that a guardian is invited as well.
MINOR = date(2011, 3, 4)

ENDED: dict[str, tuple[dict[str, Any], str]] = {
    "used": ({"accepted_at": factories.AT}, "This invitation was used already. Please sign in."),
    "replaced": ({"revoked_at": factories.AT}, "This invitation was replaced by a newer one."),
    "expired": ({"expires_at": factories.AT + timedelta(hours=1)}, "This invitation has expired."),
    "locked": ({"failed_attempts": MAX_FAILED_ATTEMPTS}, "Too many wrong dates."),
}


@pytest.mark.django_db
@pytest.mark.parametrize("whose", ["patient", "guardian"])
@pytest.mark.parametrize("name", ENDED)
def test_an_invitation_that_is_over_says_so_before_anything_is_typed(name: str, whose: str, clock: Clock) -> None:
    """Which of the four it is, and nothing about whom it was for."""
    clock.set("2026-12-02T11:00-05:00")
    patient = factories.patient(factories.prescriber(), email="ana@example.org", born_on=date(2011, 3, 4))
    guardian = Guardian.objects.create(patient=patient, name="Gloria", email="g@example.org")
    invitation = factories.invitation(patient, guardian=guardian if whose == "guardian" else None)
    path = f"/invitation/{make_token(invitation.pk)}/"
    assert "password1" in Client().get(path).content.decode()
    columns, words = ENDED[name]
    Invitation.objects.filter(pk=invitation.pk).update(**columns)
    answer = Client().get(path)
    page = answer.content.decode()
    assert answer.status_code == 200
    for other, (_columns, sentence) in ENDED.items():
        assert (sentence in page) is (other == name), other
    for shown in ("born_on", "password1", "You are invited", "<form", "Ana", "Mora", "Gloria", "example.org"):
        assert shown not in page, shown
    typed = {"born_on": "03/04/2011", "password1": factories.PASSWORD, "key": str(uuid4())}
    sent = Client().post(path, typed)
    assert (sent.status_code, words in sent.content.decode()) == (422, True)


TOLD: dict[str, tuple[dict[str, Any], str]] = {
    "open": ({}, "Not accepted yet"),
    "expired": ({"expires_at": factories.AT + timedelta(hours=1)}, "Invitation expired"),
    "locked": ({"failed_attempts": MAX_FAILED_ATTEMPTS}, "Invitation locked after wrong dates"),
}


@pytest.mark.django_db
@pytest.mark.parametrize("whose", ["patient", "guardian"])
@pytest.mark.parametrize("name", TOLD)
def test_the_practice_reads_what_became_of_each_invitation(name: str, whose: str, clock: Clock) -> None:
    clock.set("2026-12-02T11:00-05:00")
    patient = factories.patient(factories.prescriber(), born_on=date(2011, 3, 4), email="ana@example.org")
    guardian = Guardian.objects.create(patient=patient, name="Gloria Guardian", email="g@example.org")
    rows = {"patient": factories.invitation(patient), "guardian": factories.invitation(patient, guardian=guardian)}
    Invitation.objects.filter(pk=rows[whose].pk).update(**TOLD[name][0])
    client = Client()
    factories.sign_in(client, patient.prescriber.user)
    page = client.get(f"/prescriber/patients/{patient.pk}/")
    states = {str(line.who).lower(): str(line.state) for line in page.context["invited"]}
    assert states == dict.fromkeys(rows, "Not accepted yet") | {whose: TOLD[name][1]}
    assert TOLD[name][1] in page.content.decode()
    assert page.content.decode().count("Send the invitation again") == 2


@pytest.mark.django_db
def test_a_new_invitation_to_the_guardian_is_not_expired_for_the_one_before(clock: Clock) -> None:
    at = clock.set("2026-12-20T11:00-05:00")
    patient = factories.patient(factories.prescriber(), born_on=date(2011, 3, 4), email="ana@example.org")
    guardian = Guardian.objects.create(patient=patient, name="Gloria", email="g@example.org")
    old = factories.invitation(patient, guardian=guardian)
    Invitation.objects.filter(pk=old.pk).update(revoked_at=at)
    Invitation.objects.create(patient=patient, guardian=guardian, sent_at=at, expires_at=at + timedelta(days=14))
    client = Client()
    factories.sign_in(client, patient.prescriber.user)
    page = client.get(f"/prescriber/patients/{patient.pk}/")
    assert [str(line.state) for line in page.context["invited"]] == ["Not accepted yet"] * 2


@pytest.mark.django_db
def test_a_link_that_was_used_opens_nothing_more(clock: Clock) -> None:
    clock.set("2026-12-02T11:00-05:00")
    patient = factories.patient(factories.prescriber(), email="ana@example.org")
    invitation, new = factories.invitation(patient), factories.account(PATIENT)
    form = {"born_on": "04/09/2001", "password1": "apricot lantern 42"}
    for path in (
        f"/invitation/{make_token(invitation.pk)}/",
        f"/set-password/{set_password_link.make_token(new)}/",
    ):
        answers = []
        for _ in range(2):
            client = Client()
            answers.append(client.post(path, form | {"key": str(uuid4())}).status_code)
        assert answers[0] == 302, path
        assert answers[1] in (404, 422), path
        assert "_auth_user_id" not in client.session, path
    acceptance = Acceptance(born_on=date(2001, 4, 9), password=factories.PASSWORD)
    with pytest.raises(NotAccepted, match="invitation-used"):
        accept(invitation=invitation.pk, acceptance=acceptance, at=factories.AT, key=uuid4())
