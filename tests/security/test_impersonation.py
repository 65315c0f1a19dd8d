"""Impersonation and replay: nobody signs for another, nothing is signed twice, nothing is dated out of its time.

What the actions refuse stands in `tests/web/test_signing.py` and `test_gate.py`; here it is the pages.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from accounts.models import SigningLockout, User
from compliance import documents
from compliance.commands import delegation
from compliance.documents import Document
from compliance.models import Authorization
from compliance.rules.records import Discontinued
from ledger import log
from ledger.models import LogRecord
from patients.invitations import make_token
from patients.models import Guardian, Invitation
from tests import factories
from tests.accounts.passkey import Passkey
from tests.clocks import Clock
from tests.factories import PASSWORD, as_, ticks
from tests.histories import METHODS
from tests.web.opened import brought, read_through
from tests.web.unrendered import unrendered

from .fixtures import SiteFixture
from .reading import confirmed


def sign(user: User, **more: Any) -> dict[str, Any]:
    """The fields of that person's signature, with a key of its own."""
    own = {"signer_password": PASSWORD}
    return own | {"key": str(uuid4())} | more


def sign_as(site: SiteFixture, whose: str, **more: Any) -> dict[str, Any]:
    """The signature of somebody who has a password of their own."""
    own, user = "their own pass phrase 7", site.readers[whose]
    user.set_password(own)
    user.save()
    return sign(user, signer_password=own, **more)


def entry(site: SiteFixture, slug: str) -> str:
    """The address of an entry about the patient."""
    return f"/prescriber/patients/{site.patient.pk}/{slug}/"


METHODS_FORM: dict[str, Any] = {"methods": list(METHODS), "started_on": "2026-11-01"} | ticks("monthly-prescriber")
MONTH = METHODS_FORM | {
    "collected_on": "2026-12-14", "result": "negative", "setting": "clinic", "menses": "not_known",
    "visit_on": "2026-12-14",
}  # fmt: skip


def kinds(site: SiteFixture) -> list[str]:
    """What stands in the patient's log."""
    return [row.kind for row in log.read(site.patient.pk)]


def send(client: Client, path: str, form: Mapping[str, Any], **more: Any) -> Any:
    """Send a form with what its page brings, and answer what is asked once more."""
    return confirmed(client, path, brought(client, path, **more) | dict(form), **more)


def is_refused(client: Client, path: str, form: Mapping[str, Any]) -> bool:
    """Whether a form that is sent so is shown again, with what is wrong; what it says then nobody reads here."""
    with unrendered():
        return bool(send(client, path, form).status_code == 422)


# --- a designee -----------------------------------------------------------------------------------
SIGNED_BY_THE_PRESCRIBER = {
    "methods": METHODS_FORM,
    "clear-stop": {"reason": "x"} | ticks("clearing-stop"),
    "category": {"category": "cannot_become_pregnant", "reason": "hysterectomy"} | ticks("changing-category"),
    "birth-date": {"reason": "x", "born_on": "04/03/2001"} | ticks("correcting-birth-date"),
    "home-testing": {"permitted": "no"} | ticks("permitting-home-tests"),
    "void/7": {"reason": "x"} | ticks("striking"),
}


@pytest.mark.parametrize("whose", ["designee", "prescriber"])
@pytest.mark.parametrize("slug", SIGNED_BY_THE_PRESCRIBER)
def test_a_designee_signs_nothing_with_whosever_credentials(site: SiteFixture, slug: str, whose: str) -> None:
    client, before = as_(site.readers["designee"]), kinds(site)
    form = SIGNED_BY_THE_PRESCRIBER[slug] | sign(site.readers[whose])
    assert client.get(entry(site, slug)).status_code == 403
    assert send(client, entry(site, slug), form).status_code == 403
    assert kinds(site) == before


@pytest.mark.parametrize("whose", ["designee", "prescriber"])
def test_a_designees_month_has_no_methods_and_no_signature(site: SiteFixture, whose: str) -> None:
    client, before = as_(site.readers["designee"]), kinds(site)
    page = client.get(entry(site, "month")).content.decode()
    assert "signer_password" not in page
    assert "item_" not in page
    assert send(client, entry(site, "month"), MONTH | sign(site.readers[whose])).status_code == 302
    assert kinds(site)[len(before) :] == ["pregnancy_test", "counselled"]
    assert {(row.role, row.actor) for row in log.read(site.patient.pk)[len(before) :]} == {
        ("designee", site.readers["designee"].pk)
    }


# --- credentials of somebody else -----------------------------------------------------------------
@pytest.mark.parametrize("whose", ["prescriber", "delegate", "fellow patient", "guardian", "officer", "pharmacist"])
def test_the_patients_month_takes_the_patients_credentials_alone(site: SiteFixture, whose: str) -> None:
    client, before = as_(site.readers["patient"]), kinds(site)
    form = {"methods": list(METHODS)} | ticks("monthly-patient")
    assert is_refused(client, "/patient/methods/", form | sign_as(site, whose))
    assert kinds(site) == before
    assert send(client, "/patient/methods/", form | sign(site.readers["patient"])).status_code == 302


@pytest.mark.parametrize("whose", ["delegate", "other prescriber", "designee", "patient", "officer"])
def test_the_prescribers_methods_take_the_readers_credentials_alone(site: SiteFixture, whose: str) -> None:
    before = kinds(site)
    form = METHODS_FORM | sign_as(site, whose)
    assert send(as_(site.readers["prescriber"]), entry(site, "methods"), form).status_code == 422
    assert kinds(site) == before


def signature_page(site: SiteFixture, reader: str) -> tuple[Client, str]:
    """The reader's signature page of the minor's consent, with every section read and answered."""
    client = as_(site.readers[reader])
    start = "/patient" if reader == "patient" else f"/guardian/{site.minor.pk}"
    return client, read_through(client, f"{start}/sign/birth-defects/en/1/")


@pytest.mark.parametrize("reader", ["patient", "guardian"])
def test_a_consent_takes_its_signers_credentials_alone(site: SiteFixture, reader: str) -> None:
    client, place = signature_page(site, reader)
    subject = site.patient.pk if reader == "patient" else site.minor.pk
    before, shown = len(log.read(subject)), brought(client, place)
    for whose in ("patient", "guardian", "prescriber", "designee", "officer", "other guardian"):
        if whose != reader:
            SigningLockout.objects.all().delete()
            with unrendered():
                assert client.post(place, shown | sign_as(site, whose)).status_code == 422, whose
    assert len(log.read(subject)) == before
    assert client.post(place, shown | sign(site.readers[reader])).status_code == 302


def test_wrong_credentials_lock_whoever_sends_them_and_not_whose_they_are(site: SiteFixture) -> None:
    client = as_(site.readers["patient"])
    form = {"methods": list(METHODS)} | ticks("monthly-patient")
    for _ in range(6):
        assert is_refused(client, "/patient/methods/", form | sign(site.readers["prescriber"], signer_password="wrong"))
    assert is_refused(client, "/patient/methods/", form | sign(site.readers["patient"]))
    doctor = site.readers["prescriber"]
    assert send(as_(doctor), entry(site, "methods"), METHODS_FORM | sign(doctor)).status_code == 302


@pytest.mark.parametrize("reader", ["nobody", "fellow patient", "guardian", "prescriber"])
def test_an_invitation_that_was_used_opens_nothing_to_whoever_has_read_it(site: SiteFixture, reader: str) -> None:
    used = Invitation.objects.filter(patient=site.minor)
    accounts = User.objects.count()
    for invitation in used:
        client = as_(site.readers.get(reader))
        form = {"born_on": f"{site.minor.born_on:%m/%d/%Y}", "password1": PASSWORD, "key": str(uuid4())}
        answer = client.post(f"/invitation/{make_token(invitation.pk)}/", form)
        assert answer.status_code == 422
        assert "was used already" in answer.content.decode()
        expected = str(site.readers[reader].pk) if reader != "nobody" else None
        assert client.session.get("_auth_user_id") == expected
    assert User.objects.count() == accounts


def test_a_guardian_who_accepts_anothers_invitation_stands_beside_that_patient_alone(site: SiteFixture) -> None:
    """A guardian has one account for several, whose address each practice was told."""
    client = as_(site.readers["guardian"])
    form = {"born_on": f"{site.invited.born_on:%m/%d/%Y}", "password1": PASSWORD, "key": str(uuid4())}
    path = f"/invitation/{site.guardian_invitation}/"
    assert "signed in as somebody else" in client.post(path, form).content.decode()
    assert Guardian.objects.get(pk=site.invited_guardian.pk).user is None
    Guardian.objects.filter(pk=site.invited_guardian.pk).update(email=site.readers["guardian"].email)
    assert client.post(path, form | {"password1": ""}).status_code == 302
    site.invited_guardian.refresh_from_db()
    assert site.invited_guardian.user == site.readers["guardian"]
    assert client.get(f"/guardian/{site.patient.pk}/sign/birth-defects/").status_code == 404


# --- sent again -----------------------------------------------------------------------------------
def test_a_signed_form_that_is_sent_twice_is_recorded_once(site: SiteFixture) -> None:
    doctor, before = site.readers["prescriber"], kinds(site)
    client, form = as_(doctor), METHODS_FORM | sign(doctor)
    for _ in range(3):
        assert send(client, entry(site, "methods"), form).status_code == 302
    assert kinds(site)[len(before) :] == ["contraception_declared", "attested"]


CHANGED: dict[str, Callable[[SiteFixture], dict[str, Any]]] = {
    "other methods": lambda w: {"methods": ["iud", "male-latex-condom"]},
    "another day": lambda w: {"started_on": "2026-11-02"},
}


@pytest.mark.parametrize("name", CHANGED)
def test_a_key_that_was_used_signs_nothing_else(site: SiteFixture, name: str) -> None:
    doctor = site.readers["prescriber"]
    client, form = as_(doctor), METHODS_FORM | sign(doctor)
    assert send(client, entry(site, "methods"), form).status_code == 302
    before = log.read(site.patient.pk)
    send(client, entry(site, "methods"), form | CHANGED[name](site))
    assert log.read(site.patient.pk) == before


YEARLY = {"pharmacist": "/counter/profile/training/", "prescriber": "/prescriber/practice/attest/"}
ATTESTATION = {"pharmacist": "pharmacy-attestation", "prescriber": "prescriber-attestation"}


@pytest.mark.parametrize("reader", YEARLY)
def test_a_key_that_was_used_certifies_nobody_else(site: SiteFixture, reader: str) -> None:
    """Sent again it is the first time's answer; in another language it is refused."""
    user, subject = site.readers[reader], site.pharmacy.pk if reader == "pharmacist" else site.prescriber.pk
    client, form = as_(user), sign(user, **ticks(ATTESTATION[reader]))
    assert send(client, YEARLY[reader], form).status_code == 302
    before = log.read(subject)
    assert send(client, YEARLY[reader], form).status_code == 302
    answer = send(client, YEARLY[reader], form, headers={"Accept-Language": "es"})
    assert answer.status_code == 422
    assert "Esta página ya no estaba al día." in answer.content.decode()
    assert log.read(subject) == before


def test_a_key_that_was_used_suspends_for_no_other_reason(site: SiteFixture) -> None:
    client, key = as_(site.readers["officer"]), str(uuid4())
    path = f"/office/certifications/prescriber/{site.clinic.other.pk}/suspend/"
    assert client.post(path, {"reason": "first", "key": key}).status_code == 302
    before = log.read(site.clinic.other.pk)
    assert client.post(path, {"reason": "first", "key": key}).status_code == 302
    assert client.post(path, {"reason": "second", "key": key}).status_code == 422
    assert log.read(site.clinic.other.pk) == before


def test_anothers_key_gives_nobody_anothers_answer(site: SiteFixture) -> None:
    """A key belongs to whoever sent it: the same at another counter is another question."""
    key = str(uuid4())
    asked = {"number": site.patient.number, "born_on": "04/02/2001", "days_supply": "30", "key": key}
    numbers = set()
    for reader in ("pharmacist", "other pharmacist"):
        answer = as_(site.readers[reader]).post("/counter/", asked, headers={"Accept": "application/json"})
        numbers.add((reader, answer.json().get("allowed"), answer.json().get("number")))
    assert len({number for _reader, _allowed, number in numbers if number}) <= 1
    assert Authorization.objects.filter(patient=site.patient).count() == 1


def test_a_passkeys_answer_signs_no_other_form(site: SiteFixture) -> None:
    """What a passkey signed for one patient's page is sent to another's, to another form, and with another key."""
    doctor, passkey = site.readers["prescriber"], Passkey("testserver")
    Authenticator.objects.create(user=doctor, type=Authenticator.Type.WEBAUTHN, data=passkey.registration())
    client = as_(doctor)
    form = METHODS_FORM | sign(doctor, signer_password="")
    asked = send(client, entry(site, "methods"), form | {"passkey": "begin"}).json()
    answer = json.dumps(passkey.answer(passkey.challenge(asked["options"])))
    signed = form | {"assertion": answer, "nonce": asked["nonce"]}
    before = LogRecord.objects.count()
    for path, sent in (
        (f"/prescriber/patients/{site.offered.pk}/methods/", signed),
        (entry(site, "void/7"), signed | {"reason": "x"}),
        (entry(site, "month"), signed | MONTH),
        (entry(site, "methods"), signed | {"key": str(uuid4())}),
        (entry(site, "methods"), signed | {"nonce": asked["nonce"][:-1] + "~"}),
    ):
        assert send(client, path, sent).status_code == 422, path
    assert LogRecord.objects.filter(subject_kind="patient").count() <= before
    assert send(client, entry(site, "methods"), signed).status_code == 302


# --- an old form ----------------------------------------------------------------------------------
def ended_course(site: SiteFixture, clock: Clock) -> None:
    """The course ends while the form is open."""
    assert site.clinic.enter(site.patient, Discontinued("r", None), at=clock())


def ended_covering(site: SiteFixture, clock: Clock) -> None:
    """The delegate covers no more."""
    delegation.end_delegation(row=site.delegation, by=site.actor("prescriber"), at=clock(), key=uuid4())


def voided_already(site: SiteFixture, clock: Clock) -> None:
    """The entry was voided from another window."""
    doctor = site.readers["prescriber"]
    sent = send(as_(doctor), entry(site, "void/7"), sign(doctor, reason="x", **ticks("striking")))
    assert sent.status_code == 302


OLD: dict[str, tuple[str, str, Callable[[SiteFixture, Clock], None], int]] = {
    "the course has ended": ("prescriber", "methods", ended_course, 422),
    "the delegate covers no more": ("delegate", "methods", ended_covering, 404),
    "the entry was voided": ("prescriber", "void/7", voided_already, 422),
}


@pytest.mark.parametrize("name", OLD)
def test_a_form_from_before_is_not_entered(site: SiteFixture, name: str, clock: Clock) -> None:
    reader, slug, happens, status = OLD[name]
    user = site.readers[reader]
    client = as_(user)
    assert client.get(entry(site, slug)).status_code == 200
    form = METHODS_FORM | sign(user, reason="x") | brought(client, entry(site, slug))
    happens(site, clock)
    before = kinds(site)
    assert client.post(entry(site, slug), form).status_code == status
    assert kinds(site) == before


def test_a_form_of_a_session_that_ended_is_not_entered(site: SiteFixture) -> None:
    doctor, before = site.readers["prescriber"], kinds(site)
    client = as_(doctor)
    form = METHODS_FORM | sign(doctor) | brought(client, entry(site, "methods"))
    client.post("/account/logout/")
    assert "/account/login/" in client.post(entry(site, "methods"), form)["Location"]
    assert kinds(site) == before


@pytest.mark.parametrize("what", ["replaced", "in another language"])
def test_a_text_that_was_not_on_the_screen_is_not_signed(
    site: SiteFixture, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    user, before = site.readers["patient"], kinds(site)
    client = as_(user)
    sent = {"methods": list(METHODS)} | ticks("monthly-patient") | sign(user) | brought(client, "/patient/methods/")
    current = documents.current

    def replaced(code: str, language: str, **on: Any) -> Document:
        return replace(current(code, language, **on), sha256="f" * 64)

    headers = {"Accept-Language": "es"} if what != "replaced" else {}
    with monkeypatch.context() as patch:
        if what == "replaced":
            patch.setattr(documents, "current", replaced)
        answer = client.post("/patient/methods/", sent, headers=headers)
    assert answer.status_code == 422
    changed = "The text has changed" if what == "replaced" else "El texto cambió"
    assert f"{changed} " in answer.content.decode()
    assert kinds(site) == before
    assert client.post("/patient/methods/", sent).status_code == 302


def test_a_registration_attests_no_text_that_was_not_on_the_screen(site: SiteFixture) -> None:
    client, form = Client(), {"displayed_sha256": "f" * 64, "key": str(uuid4())}
    path = factories.registration("practice")
    answer = client.post(path, form)
    assert answer.status_code == 422
    assert "The text has changed since you opened this page." in answer.content.decode()
    shown = documents.current("prescriber-attestation", "en", on=site.at.date()).sha256
    assert f'value="{shown}"' in answer.content.decode()
    again = client.post(path, form | {"displayed_sha256": shown})
    assert "The text has changed since you opened this page." not in again.content.decode()


# --- dates ----------------------------------------------------------------------------------------
#: Every day that is typed into a form about a patient: the form, the field, and the rest of it.
DAYS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "a specimen": ("test", "collected_on", {"result": "negative", "setting": "clinic", "menses": "not_known"}),
    "a visit": ("visit", "visit_on", {}),
    "methods": ("methods", "started_on", METHODS_FORM),
    "a month's specimen": ("month", "collected_on", MONTH),
    "a month's visit": ("month", "visit_on", MONTH),
    "a month's methods": ("month", "started_on", MONTH),
    "a birth date": ("birth-date", "born_on", {"reason": "x"} | ticks("correcting-birth-date")),
    "a last dose": ("discontinue", "last_dose_on", {"reason": "x", "dose": "yes"}),
}


@pytest.mark.parametrize("name", DAYS)
def test_no_day_lies_ahead(site: SiteFixture, name: str, clock: Clock) -> None:
    """Late in the evening, when it is tomorrow already in UTC: the program's day counts."""
    slug, field, rest = DAYS[name]
    clock.set("2026-12-15T23:30-05:00")
    doctor = site.readers["prescriber"]
    client, before = as_(doctor), kinds(site)
    form = brought(client, entry(site, slug)) | rest
    for day in ("2026-12-16", "2027-12-15", "9999-12-31"):
        answer = client.post(entry(site, slug), form | sign(doctor) | {field: day})
        assert answer.status_code == 422, day
        assert field in answer.context["form"].errors, day
    assert kinds(site) == before
    assert send(client, entry(site, slug), rest | sign(doctor) | {field: "2026-12-15"}).status_code == 302


def test_a_clock_that_was_set_back_dates_nothing_before_what_is_written(site: SiteFixture, clock: Clock) -> None:
    last = log.read(site.patient.pk)[-1]
    clock.set("2026-12-15T08:00-05:00")
    assert clock() < last.at
    doctor = site.readers["prescriber"]
    sent = {"visit_on": "2026-12-14", "key": str(uuid4()), "at": "2020-01-01"}
    assert confirmed(as_(doctor), entry(site, "visit"), sent).status_code == 302
    assert log.read(site.patient.pk)[-1].at == last.at


def test_an_old_specimen_opens_no_window_that_the_rules_do_not_give(site: SiteFixture) -> None:
    """A test may be entered late; dated before the last fill or the stop, it opens nothing."""
    doctor = site.readers["prescriber"]
    client = as_(doctor)
    assert send(client, entry(site, "pregnancy"), {"sure": "on", "key": str(uuid4())}).status_code == 302
    cleared = sign(doctor, reason="x", **ticks("clearing-stop"))
    assert send(client, entry(site, "clear-stop"), cleared).status_code == 302
    form = {"result": "negative", "setting": "laboratory", "menses": "first_five_days"}
    for day, status in [("2026-12-15", 302), ("2026-12-01", 302), ("2020-01-01", 422), ("0001-01-01", 422)]:
        sent = confirmed(client, entry(site, "test"), form | {"collected_on": day, "key": str(uuid4())})
        assert sent.status_code == status, day
    asked = {"number": site.patient.number, "born_on": "04/02/2001", "days_supply": "30", "key": str(uuid4())}
    answer = as_(site.readers["pharmacist"]).post("/counter/", asked, headers={"Accept": "application/json"})
    assert answer.json()["allowed"] is False
