"""Transfer to another prescriber (offer, accept, decline, withdraw), delegation, and what a designee may not do."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail

import outbox
from accounts.roles import DESIGNEE, OFFICER, PRESCRIBER
from compliance.commands import certifying, delegation, transfers
from compliance.commands.decide import NotPermitted
from compliance.commands.delegation import NotDelegated
from compliance.commands.entries import EntryRefused, enter
from compliance.commands.permissions import MAY_ENTER
from compliance.commands.transfers import NoTransferOffer
from compliance.models import Authorization, SignedPdf
from compliance.rules.records import (
    ContraceptionDeclared,
    Counselled,
    PregnancyReported,
    PregnancyTest,
    TransferOffered,
    TransferWithdrawn,
)
from compliance.signing.pdf.queue import process_due_jobs
from ledger import log
from ledger.actor import SYSTEM, Actor
from ledger.erasable_text import make_erasable
from ledger.models import AccessEvent
from outbox.models import Message
from patients.models import Delegate, Patient, Prescriber
from patients.visibility import visible_patients
from tests import factories
from tests.factories import as_
from tests.histories import METHODS, NOW, ClinicFactory
from tests.security.reading import confirmed
from tests.web.cases import case
from tests.web.unrendered import unrendered

pytestmark = pytest.mark.django_db


def offered(clinic: ClinicFactory) -> Patient:
    patient = clinic.ready()
    assert clinic.enter(patient, TransferOffered(str(clinic.other.pk)))
    patient.refresh_from_db()
    return patient


def other(clinic: ClinicFactory) -> Actor:
    return Actor(clinic.other.user_id, PRESCRIBER, clinic.other.pk)


# --- handing over ---------------------------------------------------------------------------------
def test_transfer_from_offer_to_the_new_practice(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    Patient.objects.filter(pk=patient.pk).update(email="ana@example.org")
    clinic.authorize(patient)
    mine, theirs = as_(clinic.prescriber.user), as_(clinic.other.user)
    page = f"/prescriber/patients/{patient.pk}/"
    form = {"npi": clinic.other.npi, "key": str(uuid4())}
    assert mine.post(f"{page}hand-over/", form).status_code == 302
    assert theirs.get(page).status_code == 404
    shown = theirs.get("/prescriber/offers/").content.decode()
    assert patient.name in shown
    assert "Can become pregnant" not in shown
    assert Authorization.objects.get(patient=patient).state == "open"
    accept = {"decision": "accept", "key": str(uuid4())}
    assert theirs.post(f"/prescriber/offers/{patient.pk}/", accept).status_code == 302
    assert Authorization.objects.get(patient=patient).state == "void"
    assert theirs.get(page).status_code == 200
    assert mine.get(page).status_code == 404
    assert [row.kind for row in log.read(patient.pk)[-2:]] == ["transfer_offered", "transferred"]
    assert AccessEvent.objects.filter(subject=patient.pk, what="offers", why="offered").exists()
    outbox.deliver(at=NOW + timedelta(hours=2))
    assert "ana@example.org" in [letter.to[0] for letter in mail.outbox if "moved" in str(letter.subject)]


def test_transfer_declined_changes_nothing(clinic: ClinicFactory) -> None:
    patient = offered(clinic)
    transfers.decline(patient=patient.pk, by=other(clinic), at=NOW, key=uuid4())
    patient.refresh_from_db()
    assert (patient.prescriber, patient.offered_to) == (clinic.prescriber, None)
    with pytest.raises(NoTransferOffer):
        transfers.accept(patient=patient.pk, by=other(clinic), at=NOW, key=uuid4())


def test_transfer_offer_is_withdrawn(clinic: ClinicFactory) -> None:
    patient = offered(clinic)
    assert clinic.enter(patient, TransferWithdrawn())
    with pytest.raises(NoTransferOffer):
        transfers.accept(patient=patient.pk, by=other(clinic), at=NOW, key=uuid4())


def test_transfer_is_offered_and_accepted_by_nobody_else(clinic: ClinicFactory) -> None:
    patient = offered(clinic)
    third = factories.prescriber()
    for by in (Actor(third.user_id, PRESCRIBER, third.pk), clinic.doctor):
        with pytest.raises(NoTransferOffer):
            transfers.accept(patient=patient.pk, by=by, at=NOW, key=uuid4())
    designee = Actor(factories.designee(clinic.other).user_id, DESIGNEE, clinic.other.pk)
    with pytest.raises(NotPermitted):
        transfers.accept(patient=patient.pk, by=designee, at=NOW, key=uuid4())
    strangers = clinic.ready()
    with pytest.raises(NotPermitted):
        enter(patient=strangers.pk, records=[TransferOffered(str(third.pk))], by=other(clinic), at=NOW, key=uuid4())


def test_transfer_has_one_offer_at_a_time_and_none_to_oneself(clinic: ClinicFactory) -> None:
    patient = offered(clinic)
    for prescriber, rule in ((factories.prescriber(), "offer-open"), (clinic.prescriber, "same-prescriber")):
        record = TransferOffered(str(prescriber.pk))
        with pytest.raises(EntryRefused) as refused:
            enter(patient=patient.pk, records=[record], by=clinic.doctor, at=NOW, key=uuid4())
        assert refused.value.first.rule == rule


def test_transfer_goes_only_to_a_certified_prescriber(clinic: ClinicFactory) -> None:
    patient, uncertified = clinic.ready(), factories.prescriber()
    client = as_(clinic.prescriber.user)
    for npi in (uncertified.npi, factories.npi()):
        form = {"npi": npi, "key": str(uuid4())}
        answer = client.post(f"/prescriber/patients/{patient.pk}/hand-over/", form)
        assert "No certified prescriber has that NPI." in answer.content.decode()


# --- covering -------------------------------------------------------------------------------------
def covers(clinic: ClinicFactory) -> Delegate:
    return delegation.add_delegate(
        prescriber=clinic.prescriber, delegate=clinic.other, by=clinic.doctor, at=NOW, key=uuid4()
    )


def test_delegation_delegate_sees_and_acts_until_it_ends(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    assert patient not in visible_patients(clinic.other.user)
    row = covers(clinic)
    assert patient in visible_patients(clinic.other.user)
    client, page = as_(clinic.other.user), f"/prescriber/patients/{patient.pk}/"
    assert "You cover for" in client.get("/prescriber/").content.decode()
    form = {"visit_on": "2026-12-14", "key": str(uuid4())}
    assert confirmed(client, f"{page}visit/", form).status_code == 302
    last = log.read(patient.pk)[-1]
    assert (last.kind, last.actor, last.role, last.acting_for) == (
        "counselled", clinic.other.user_id, "prescriber", clinic.prescriber.pk,
    )  # fmt: skip
    assert "covering for" in client.get(page).content.decode()
    assert client.post(f"{page}visit/", {"visit_on": "never", "key": str(uuid4())}).status_code == 422
    clinic.enter(patient, ContraceptionDeclared("prescriber", METHODS, NOW.date()))
    assert process_due_jobs(at=NOW + timedelta(hours=2)) == 1
    assert client.get(f"/documents/{SignedPdf.objects.get().pk}/").status_code == 200
    accesses = AccessEvent.objects.filter(actor=clinic.other.user_id).values_list("what", "acting_for", "why")
    assert {what for what, _, _ in accesses} == {"patient", "entry", "signed_pdf"}
    assert {(whom, why) for _, whom, why in accesses} == {(clinic.prescriber.pk, "delegate")}
    delegation.end_delegation(row=row, by=clinic.doctor, at=NOW, key=uuid4())
    assert client.get(page).status_code == 404
    acting = Actor(clinic.other.user_id, PRESCRIBER, clinic.prescriber.pk)
    with pytest.raises(NotPermitted):
        enter(patient=patient.pk, records=[Counselled(NOW.date())], by=acting, at=NOW, key=uuid4())
    assert [row.kind for row in log.read(clinic.prescriber.pk)][-2:] == ["delegate_named", "delegate_ended"]


def test_delegation_of_a_suspended_delegate_pauses_until_reinstated(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    covers(clinic)
    theirs, mine = as_(clinic.other.user), as_(clinic.prescriber.user)
    page, acting = f"/prescriber/patients/{patient.pk}/", Actor(clinic.other.user_id, PRESCRIBER, clinic.prescriber.pk)
    told = "Sees no patient of this practice"
    reason = make_erasable("licence lost", subject=clinic.other.pk, at=NOW)
    certifying.suspend(
        kind="prescriber", subject=clinic.other.pk, reason=reason, by=clinic.officer, at=NOW, key=uuid4()
    )
    assert patient not in visible_patients(clinic.other.user)
    assert theirs.get(page).status_code == 404
    assert patient.name not in theirs.get("/prescriber/").content.decode()
    assert theirs.post(f"{page}visit/", {"visit_on": "2026-12-14", "key": str(uuid4())}).status_code == 404
    with pytest.raises(NotPermitted):
        enter(patient=patient.pk, records=[Counselled(NOW.date())], by=acting, at=NOW, key=uuid4())
    assert told in mine.get("/prescriber/practice/").content.decode()
    certifying.reinstate(kind="prescriber", subject=clinic.other.pk, by=clinic.officer, at=NOW, key=uuid4())
    assert theirs.get(page).status_code == 200
    assert enter(patient=patient.pk, records=[Counselled(NOW.date())], by=acting, at=NOW, key=uuid4())
    assert told not in mine.get("/prescriber/practice/").content.decode()


def test_delegation_is_not_taken_from_the_request(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    acting = Actor(factories.prescriber().user_id, PRESCRIBER, clinic.prescriber.pk)
    with pytest.raises(NotPermitted):
        enter(patient=patient.pk, records=[Counselled(NOW.date())], by=acting, at=NOW, key=uuid4())


def test_delegation_is_not_passed_on_and_goes_one_way(clinic: ClinicFactory) -> None:
    patient, third = clinic.ready(), factories.prescriber()
    covers(clinic)
    delegation.add_delegate(prescriber=clinic.other, delegate=third, by=other(clinic), at=NOW, key=uuid4())
    assert patient not in visible_patients(third.user)
    theirs = factories.patient(clinic.other)
    assert theirs not in visible_patients(clinic.prescriber.user)


def test_delegation_is_made_by_the_prescriber_once_and_not_to_oneself(clinic: ClinicFactory) -> None:
    covers(clinic)
    with pytest.raises(NotDelegated):
        covers(clinic)
    with pytest.raises(NotDelegated):
        delegation.add_delegate(
            prescriber=clinic.prescriber, delegate=clinic.prescriber, by=clinic.doctor, at=NOW, key=uuid4()
        )
    with pytest.raises(NotPermitted):
        delegation.add_delegate(
            prescriber=clinic.prescriber, delegate=clinic.other, by=other(clinic), at=NOW, key=uuid4()
        )


def test_delegation_is_made_and_ended_on_the_practice_page(clinic: ClinicFactory) -> None:
    client, key = as_(clinic.prescriber.user), str(uuid4())
    assert client.post("/prescriber/practice/delegates/", {"npi": clinic.other.npi, "key": key}).status_code == 302
    row = Delegate.objects.get()
    stranger = as_(clinic.other.user)
    press = {"key": str(uuid4())}
    assert stranger.post(f"/prescriber/practice/delegates/{row.pk}/end/", press).status_code == 404
    assert client.post(f"/prescriber/practice/delegates/{row.pk}/end/", press).status_code == 302
    row.refresh_from_db()
    assert row.ended_at is not None


# --- designees ------------------------------------------------------------------------------------
def test_a_designee_shows_on_every_record(clinic: ClinicFactory) -> None:
    patient, designee = clinic.ready(), factories.designee(clinic.prescriber)
    by = Actor(designee.user_id, DESIGNEE, clinic.prescriber.pk)
    test = PregnancyTest(NOW.date(), "negative", "clinic")
    for record in (Counselled(NOW.date()), test, PregnancyReported()):
        enter(patient=patient.pk, records=[record], by=by, at=NOW, key=uuid4())
        row = log.read(patient.pk)[-1]
        assert (row.role, row.actor, row.acting_for) == (DESIGNEE, designee.user_id, clinic.prescriber.pk)
    page = as_(clinic.prescriber.user).get(f"/prescriber/patients/{patient.pk}/").content.decode()
    assert page.count(f"Designee {designee.user.name}, for") == 3


def test_designee_may_enter_these_kinds_only() -> None:
    allowed = {kind for kind, roles in MAY_ENTER.items() if DESIGNEE in roles}
    assert allowed == {
        "counselled", "pregnancy_test", "pregnancy_reported", "contact_corrected", "guardian_named",
        "guardian_corrected", "guardian_ended", "invited", "test_booked", "question_answered", "report_answered",
        "health_answered", "laboratory_planned", "laboratory_result",
    }  # fmt: skip


def test_designee_of_another_prescriber_may_enter_nothing(clinic: ClinicFactory) -> None:
    patient: Any = clinic.ready()
    by = Actor(factories.designee(clinic.other).user_id, DESIGNEE, clinic.other.pk)
    with pytest.raises(NotPermitted):
        enter(patient=patient.pk, records=[Counselled(NOW.date())], by=by, at=NOW, key=uuid4())


# --- covering never takes over --------------------------------------------------------------------
def acting(clinic: ClinicFactory) -> Actor:
    """The one who covers, for the prescriber."""
    return Actor(clinic.other.user_id, PRESCRIBER, clinic.prescriber.pk)


def third(clinic: ClinicFactory) -> Prescriber:
    """Another certified prescriber."""
    row = factories.prescriber()
    span = certifying.certification_record(date(2020, 1, 1), date(2035, 1, 1), clinic.prescriber.program)
    log.append("prescriber", row.pk, [span], head=log.EMPTY, by=SYSTEM, at=NOW, request_id=uuid4())
    return row


def letters(clinic: ClinicFactory, kind: str) -> int:
    return Message.objects.filter(kind=kind, data__prescriber=str(clinic.prescriber.pk)).count()


@pytest.mark.parametrize("whom", ["themselves", "another who covers"])
def test_delegation_delegate_offers_a_patient_to_nobody_who_covers(clinic: ClinicFactory, whom: str) -> None:
    patient, another = clinic.ready(), third(clinic)
    covers(clinic)
    delegation.add_delegate(prescriber=clinic.prescriber, delegate=another, by=clinic.doctor, at=NOW, key=uuid4())
    to = clinic.other if whom == "themselves" else another
    with pytest.raises(NotPermitted):
        enter(patient=patient.pk, records=[TransferOffered(str(to.pk))], by=acting(clinic), at=NOW, key=uuid4())
    form = {"npi": to.npi, "key": str(uuid4())}
    page = as_(clinic.other.user).post(f"/prescriber/patients/{patient.pk}/hand-over/", form)
    assert page.status_code == 422
    assert "Who covers takes no patient over." in page.content.decode()


def test_delegation_delegate_who_was_offered_a_patient_before_does_not_accept(clinic: ClinicFactory) -> None:
    """An offer that one delegate made to a prescriber who covers by the time of the answer."""
    patient, another = clinic.ready(), third(clinic)
    covers(clinic)
    enter(patient=patient.pk, records=[TransferOffered(str(another.pk))], by=acting(clinic), at=NOW, key=uuid4())
    delegation.add_delegate(prescriber=clinic.prescriber, delegate=another, by=clinic.doctor, at=NOW, key=uuid4())
    with pytest.raises(NoTransferOffer):
        transfers.accept(patient=patient.pk, by=Actor(another.user_id, PRESCRIBER, another.pk), at=NOW, key=uuid4())


def test_delegation_delegate_takes_a_patient_over_whom_the_prescriber_offers(clinic: ClinicFactory) -> None:
    covers(clinic)
    patient = offered(clinic)
    transfers.accept(patient=patient.pk, by=other(clinic), at=NOW, key=uuid4())
    patient.refresh_from_db()
    assert patient.prescriber == clinic.other
    assert letters(clinic, "handed-over-from-you") == 1
    page = as_(clinic.prescriber.user).get(f"/prescriber/moved/{patient.pk}/")
    assert page.status_code == 404, "what one did oneself is not taken back"


def moved(clinic: ClinicFactory) -> tuple[Patient, Prescriber]:
    """A patient whom one who covers handed over to a third prescriber."""
    patient, another = clinic.ready(), third(clinic)
    covers(clinic)
    form = {"npi": another.npi, "key": str(uuid4())}
    path = f"/prescriber/patients/{patient.pk}/hand-over/"
    assert as_(clinic.other.user).post(path, form).status_code == 302
    assert letters(clinic, "offered-in-your-name") == 1
    transfers.accept(patient=patient.pk, by=Actor(another.user_id, PRESCRIBER, another.pk), at=NOW, key=uuid4())
    assert letters(clinic, "handed-over-from-you") == 1
    return patient, another


@pytest.mark.usefixtures("at_any_hour")
def test_transfer_in_ones_name_is_told_and_taken_back(clinic: ClinicFactory) -> None:
    patient, another = moved(clinic)
    outbox.deliver(at=NOW + timedelta(hours=1))
    (letter,) = [m for m in mail.outbox if f"/prescriber/moved/{patient.pk}/" in str(m.body)]
    assert letter.to == [clinic.prescriber.user.email]
    assert patient.name not in str(letter.body)
    mine, path = as_(clinic.prescriber.user), f"/prescriber/moved/{patient.pk}/"
    assert patient.name in mine.get(path).content.decode()
    key = str(uuid4())
    for _ in range(2):
        answer = mine.post(path, {"key": key})
        assert (answer.status_code, answer["Location"]) == (302, "/prescriber/")
    patient.refresh_from_db()
    assert patient.prescriber == clinic.prescriber
    assert [row.kind for row in log.read(patient.pk)].count("transferred") == 2
    assert as_(another.user).get(f"/prescriber/patients/{patient.pk}/").status_code == 404


def test_transfer_is_taken_back_by_nobody_else(clinic: ClinicFactory) -> None:
    for who in ["delegate", "new prescriber", "stranger", "designee", "patient", "officer"]:
        with case(who):
            patient, another = moved(clinic)
            readers = {
                "delegate": clinic.other.user, "new prescriber": another.user, "stranger": factories.prescriber().user,
                "designee": factories.designee(clinic.prescriber).user, "patient": patient.user,
                "officer": factories.account(OFFICER),
            }  # fmt: skip
            reader = readers[who]
            assert reader is not None
            client, path = as_(reader), f"/prescriber/moved/{patient.pk}/"
            with unrendered():
                assert client.get(path).status_code in (403, 404, 302)
                assert client.post(path, {"key": str(uuid4())}).status_code in (403, 404, 302)
            patient.refresh_from_db()
            assert patient.prescriber == another


def test_transfer_is_taken_back_for_two_weeks(clinic: ClinicFactory) -> None:
    patient, _another = moved(clinic)
    end = log.read(patient.pk)[-1].at + transfers.TAKE_BACK
    with pytest.raises(transfers.NotTakenBack):
        transfers.take_back(patient=patient.pk, by=clinic.doctor, at=end + timedelta(minutes=1), key=uuid4())
    transfers.take_back(patient=patient.pk, by=clinic.doctor, at=end, key=uuid4())
