"""Certification and recertification: by what was signed, and for one year."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.roles import OFFICER, PHARMACIST, PRESCRIBER
from compliance import documents
from compliance.commands import certifying, registering
from compliance.commands.certifying import ASKED_AHEAD_DAYS, LASTS_DAYS, WrongState
from compliance.commands.decide import NotPermitted
from compliance.commands.registering import Applicant
from compliance.models import SignedPdf
from compliance.records.file import certified
from compliance.records.programs import DEFAULT
from compliance.rules.certification import covers
from compliance.signatures import Signature, make_signature
from compliance.signing.pdf.queue import process_due_jobs
from ledger import log
from ledger.actor import Actor
from ledger.erasable_text import make_erasable
from patients.models import Prescriber
from patients.people import actor_of
from tests import factories
from tests.clocks import Clock
from tests.factories import PASSWORD, as_
from tests.histories import NOW
from tests.web.opened import brought, send

pytestmark = pytest.mark.django_db

ATTESTATION = {PRESCRIBER: "prescriber-attestation", PHARMACIST: "pharmacy-attestation"}
PAGE = {PRESCRIBER: "/prescriber/practice/", PHARMACIST: "/counter/profile/"}
SIGN = {PRESCRIBER: "/prescriber/practice/attest/", PHARMACIST: "/counter/profile/training/"}
OFFICE = {
    PRESCRIBER: "/office/certifications/?kind=prescriber",
    PHARMACIST: "/office/certifications/?kind=pharmacy",
}


@pytest.fixture
def begun(clock: Clock) -> datetime:
    clock.set("2026-12-15T11:00-05:00")
    return clock()


def applicant(role: str, at: datetime, *, approved: bool = True) -> User:
    """Somebody who registered, attested and was approved."""
    who = Applicant(
        name="Robin Hale", email=f"{role}@example.org", password=PASSWORD, place="The Place", npi=factories.npi(),
        phone="", address="1 Main Street",
    )  # fmt: skip
    key, code = uuid4(), ATTESTATION[role]
    document = documents.current(code, on=at.date())
    signature = make_signature(
        document, "Robin Q. Hale", certifying.APPLICATION, subject=who.id, by=who.actor(role), key=key
    )
    action = registering.practice if role == PRESCRIBER else registering.pharmacy
    user = action(who=who, signature=signature, at=at, key=key)
    if approved:
        kind: Any = "prescriber" if role == PRESCRIBER else "pharmacy"
        certifying.approve(kind=kind, subject=who.id, by=Actor(factories.officer().pk, "officer"), at=at, key=uuid4())
    return user


def page(user: User, path: str) -> str:
    return as_(user).get(path).content.decode()


def fields(user: User, **more: str) -> dict[str, str]:
    own = {"signer_password": PASSWORD}
    return own | factories.ticks(ATTESTATION[user.role]) | {"key": str(uuid4())} | more


def subject_of(user: User) -> Any:
    subject = actor_of(user).acting_for
    assert subject is not None
    return subject


def is_certified(user: User, at: datetime) -> bool:
    return covers(certified(log.read(subject_of(user)), at, DEFAULT), at.date())


# --- for another year -----------------------------------------------------------------------------
@pytest.mark.parametrize(("role", "kind"), [(PRESCRIBER, "renewed"), (PHARMACIST, "trained")])
def test_it_lasts_a_year_and_goes_on_by_a_signature(begun: datetime, clock: Clock, role: str, kind: str) -> None:
    user = applicant(role, begun)
    clock.forward(days=LASTS_DAYS - 1)
    assert is_certified(user, clock())
    clock.forward(days=1)
    assert not is_certified(user, clock())
    assert "Not certified" in page(user, PAGE[role])
    assert send(as_(user), SIGN[role], fields(user)).status_code == 302
    said, again, signed = log.read(subject_of(user))[-3:]
    assert (said.kind, again.kind, signed.kind) == (kind, "certified", "attested")
    assert (signed.data["covers"], signed.data["document"]) == ([said.number], ATTESTATION[role])
    assert is_certified(user, clock())
    assert is_certified(user, clock() + timedelta(days=LASTS_DAYS - 1))


#: Days after the approval, and whether another year is asked for then.
ASKED = {
    0: False, LASTS_DAYS - 2 - ASKED_AHEAD_DAYS: False, LASTS_DAYS - 1 - ASKED_AHEAD_DAYS: True, LASTS_DAYS - 1: True,
    LASTS_DAYS + 400: True,
}  # fmt: skip


def test_it_is_asked_for_some_weeks_ahead_and_after(begun: datetime, clock: Clock) -> None:
    doctor, counter = applicant(PRESCRIBER, begun), applicant(PHARMACIST, begun)
    designee = factories.designee(Prescriber.objects.get(user=doctor)).user
    for days, asked in ASKED.items():
        clock.at = begun + timedelta(days=days)
        assert (SIGN[PRESCRIBER] in page(doctor, PAGE[PRESCRIBER])) is asked, days
        designees = page(designee, PAGE[PRESCRIBER])
        assert ("The prescriber certifies for another year" in designees) is asked, days
        assert SIGN[PRESCRIBER] not in designees
        assert ("It is time for the yearly training." in page(counter, PAGE[PHARMACIST])) is asked, days


@pytest.mark.parametrize("role", [PRESCRIBER, PHARMACIST])
def test_who_waits_or_is_suspended_signs_nothing(begun: datetime, role: str) -> None:
    user = applicant(role, begun, approved=False)
    before = log.read(subject_of(user))
    answer = send(as_(user), SIGN[role], fields(user))
    assert answer.status_code == 422
    assert "The program office has not approved this yet, or has suspended it." in answer.content.decode()
    assert log.read(subject_of(user)) == before
    kind: Any = "prescriber" if role == PRESCRIBER else "pharmacy"
    office = Actor(factories.officer().pk, "officer")
    certifying.approve(kind=kind, subject=subject_of(user), by=office, at=begun, key=uuid4())
    reason = make_erasable("r", subject=subject_of(user), at=begun)
    certifying.suspend(kind=kind, subject=subject_of(user), reason=reason, by=office, at=begun, key=uuid4())
    assert SIGN[role] not in page(user, PAGE[role])
    assert send(as_(user), SIGN[role], fields(user)).status_code == 422
    certifying.reinstate(kind=kind, subject=subject_of(user), by=office, at=begun, key=uuid4())
    assert send(as_(user), SIGN[role], fields(user)).status_code == 302


def renewal(subject: Any, by: Actor, key: Any, at: datetime) -> Signature:
    document = documents.current("prescriber-attestation", on=at.date())
    return make_signature(document, "Robin Q. Hale", certifying.RECERTIFICATION, subject=subject, by=by, key=key)


def test_nobody_attests_for_another_prescriber(begun: datetime) -> None:
    doctor = applicant(PRESCRIBER, begun)
    subject, key, before = subject_of(doctor), uuid4(), log.read(subject_of(doctor))
    others = {
        "the office": Actor(factories.officer().pk, "officer"),
        "a designee": actor_of(factories.designee(doctor.prescriber).user),
        "another prescriber": actor_of(factories.prescriber().user),
        "another prescriber who says so": Actor(factories.prescriber().user_id, PRESCRIBER, factories.prescriber().pk),
    }
    for name, by in others.items():
        with pytest.raises(NotPermitted):
            certifying.recertify(subject=subject, signature=renewal(subject, by, key, begun), by=by, at=begun, key=key)
        assert log.read(subject) == before, name
    own = actor_of(doctor)
    wrong = renewal(subject, own, uuid4(), begun)
    with pytest.raises(NotPermitted):
        certifying.recertify(subject=subject, signature=wrong, by=own, at=begun, key=key)
    assert log.read(subject) == before


def test_the_office_certifies_once_what_was_applied_for_and_renews_nothing(begun: datetime) -> None:
    doctor, officer = applicant(PRESCRIBER, begun), factories.officer()
    subject, before = subject_of(doctor), log.read(subject_of(doctor))
    office = Actor(officer.pk, "officer")
    for action in (certifying.approve, certifying.reinstate):
        with pytest.raises(WrongState):
            action(kind="prescriber", subject=subject, by=office, at=begun, key=uuid4())
    path = f"/office/certifications/prescriber/{subject}/renew/"
    assert as_(officer).post(path, {"key": str(uuid4())}).status_code == 404
    assert "Renew" not in page(officer, OFFICE[PRESCRIBER])
    assert log.read(subject) == before


# --- the signature is shown -----------------------------------------------------------------------
@pytest.mark.parametrize("role", [PRESCRIBER, PHARMACIST])
def test_signature_manifestation_stands_where_the_certification_does(begun: datetime, clock: Clock, role: str) -> None:
    user, officer = applicant(role, begun), factories.officer()
    assert "is being made" in page(user, PAGE[role])
    assert process_due_jobs(at=begun) == 1
    clock.forward(days=1)
    User.objects.filter(pk=user.pk).update(name="Robin the Second")
    assert send(as_(user), SIGN[role], fields(user)).status_code == 302
    assert process_due_jobs(at=clock()) == 1
    document = documents.current(ATTESTATION[role], on=begun.date())
    first, second = (f"/documents/{signed_pdf.pk}/" for signed_pdf in SignedPdf.objects.order_by("signature"))
    for reader, path in ((user, PAGE[role]), (officer, OFFICE[role])):
        shown = page(reader, path)
        for part in ("Robin Q. Hale", "Robin the Second", "I attest", "2026-12-15 16:00:00 UTC",
                     "2026-12-16 16:00:00 UTC", document.sha256[:16], "English", first, second):  # fmt: skip
            assert part in shown, (path, part)
        assert shown.index("Robin the Second") < shown.index("Robin Q. Hale"), "the newest stands first"
        for signed_pdf in (first, second):
            assert as_(reader).get(signed_pdf).status_code == 200


def test_a_colleague_sees_who_signed_and_has_not_their_document(begun: datetime) -> None:
    doctor, counter = applicant(PRESCRIBER, begun), applicant(PHARMACIST, begun)
    assert process_due_jobs(at=begun) == 2
    colleague = factories.account(PHARMACIST)
    counter.pharmacists.get().pharmacy.pharmacists.create(user=colleague)
    for reader, role in ((factories.designee(doctor.prescriber).user, PRESCRIBER), (colleague, PHARMACIST)):
        shown = page(reader, PAGE[role])
        assert "Robin Q. Hale" in shown
        assert "Signed document" not in shown
        for signed_pdf in SignedPdf.objects.all():
            assert as_(reader).get(f"/documents/{signed_pdf.pk}/").status_code == 404


# --- one's own application ------------------------------------------------------------------------
def test_officer_does_not_approve_what_came_from_the_officers_browser(clock: Clock) -> None:
    officer, colleague = (factories.account(OFFICER, password=factories.PASSWORD) for _ in range(2))
    browser = Client()
    browser.post(reverse("account_login"), {"login": officer.email, "password": factories.PASSWORD})
    browser.post(reverse("account_logout"))
    path = factories.registration("practice")
    form = {"practice_name": "New", "npi": factories.npi(), "address": "1 Main Street", "name": "Somebody Else",
        "password1": factories.PASSWORD, **factories.ticks("prescriber-attestation"),
        **brought(Client(), path), "key": str(uuid4())}  # fmt: skip
    assert browser.post(path, form).status_code == 302
    row = Prescriber.objects.get(practice_name="New")
    decide = reverse("office:decide", kwargs={"kind": "prescriber", "subject": row.pk, "action": "approve"})
    told = factories.as_(officer).post(decide, {"key": str(uuid4())}, follow=True)
    assert "This application came from you." in told.content.decode()
    row.refresh_from_db()
    assert row.state == "applied"
    factories.as_(colleague).post(decide, {"key": str(uuid4())})
    row.refresh_from_db()
    assert row.state == "approved"


@pytest.mark.parametrize("name", ["Robin Hale", "robin  HALE"])
def test_officer_does_not_approve_somebody_of_the_officers_name(name: str) -> None:
    officer = factories.account(OFFICER, name="Robin Hale")
    row = factories.prescriber()
    User.objects.filter(pk=row.user_id).update(name=name)
    with pytest.raises(certifying.OwnApplication):
        certifying.approve(kind="prescriber", subject=row.pk, by=Actor(officer.pk, OFFICER), at=NOW, key=uuid4())
