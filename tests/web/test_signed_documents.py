"""Signed documents: each signer finds what they signed, with its document, and nobody finds another's."""

import re
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.roles import DESIGNEE, GUARDIAN, OFFICER, PATIENT, PHARMACIST, PRESCRIBER, ROLES
from compliance import documents
from compliance.commands import certifying, consents, erasure
from compliance.models import SignedPdf
from compliance.rules.records import ConsentWithdrawn, ContraceptionDeclared, Discontinued
from compliance.signatures import CONFIRM, CONSENT, agreed, make_signature, pairs
from compliance.signing.pdf.queue import process_due_jobs
from ledger.actor import Actor
from patients.models import Patient
from patients.people import actor_of
from tests import factories
from tests.factories import as_
from tests.histories import METHODS, NOW, ClinicFactory
from tests.plans import plan
from tests.security.reading import next_page

pytestmark = pytest.mark.django_db

PATH = "/documents/"
#: The birth date of one beside whom a guardian signs.
MINOR = date(2011, 3, 4)


def page(user: User, path: str = PATH) -> str:
    """What stands there below the header, in which everybody is called Some One."""
    shown = as_(user).get(path).content.decode()
    return shown[shown.index("<main") :]


def signed_pdfs(shown: str) -> list[str]:
    """The documents that a page gives."""
    return re.findall(r'href="/documents/([0-9a-f-]{36})/"', shown)


def consent(patient: Patient, user: User, role: str, name: str) -> None:
    """Signed as patient or guardian."""
    document, key = documents.load("patient-information", 1, "es"), uuid4()
    by = Actor(user.pk, role, patient.pk if role == PATIENT else None)
    record = consents.consent(patient=patient.pk, document=document, answers=agreed(document), by=by)
    meaning = CONSENT if role == PATIENT else CONFIRM
    signature = make_signature(document, name, pairs([record]), subject=patient.pk, by=by, key=key, meaning=meaning)
    consents.sign(patient=patient.pk, record=record, signature=signature, by=by, at=NOW, key=key)


def confirm(clinic: ClinicFactory, patient: Patient, seconds: int = 0) -> None:
    """The prescriber's monthly confirmation."""
    at = NOW + timedelta(seconds=seconds)
    assert clinic.enter(patient, ContraceptionDeclared("prescriber", METHODS, NOW.date()), at=at)


def everybody(clinic: ClinicFactory) -> dict[str, User]:
    """One of each role; those who sign have signed, each by a name of their own."""
    patient, counter = clinic.ready(date(2011, 3, 4)), clinic.pharmacies[0].pharmacists.get().user
    guardian = factories.guardian(patient).user
    assert patient.user is not None
    assert guardian is not None
    consent(patient, patient.user, PATIENT, "Pat Ient")
    consent(patient, guardian, GUARDIAN, "Guar Dian")
    confirm(clinic, patient)
    document, key, by = documents.load("pharmacy-attestation", 1, "en"), uuid4(), actor_of(counter)
    subject = clinic.pharmacies[0].pk
    signature = make_signature(document, "Coun Ter", certifying.TRAINING, subject=subject, by=by, key=key)
    certifying.complete_training(subject=subject, signature=signature, by=by, at=NOW, key=key)
    return {
        PRESCRIBER: clinic.prescriber.user, DESIGNEE: factories.designee(clinic.prescriber).user, PATIENT: patient.user,
        GUARDIAN: guardian, PHARMACIST: counter, OFFICER: factories.officer(),
    }  # fmt: skip


SIGNED = {
    PRESCRIBER: ("Some One", "I attest", "monthly-prescriber", "en"),
    PATIENT: ("Pat Ient", "I consent", "patient-information", "es"),
    GUARDIAN: ("Guar Dian", "I confirm as guardian", "patient-information", "es"),
    PHARMACIST: ("Coun Ter", "I attest", "pharmacy-attestation", "en"),
}


def test_each_role_sees_what_it_signed_and_nothing_else(clinic: ClinicFactory) -> None:
    readers = everybody(clinic)
    assert set(readers) == set(ROLES)
    assert process_due_jobs(at=NOW) == 4
    names = {name for name, *_rest in SIGNED.values()}
    for role, user in readers.items():
        shown = page(user)
        if role not in SIGNED:
            assert "You have signed nothing yet." in shown
            assert signed_pdfs(shown) == []
            continue
        name, meaning, code, language = SIGNED[role]
        document = documents.load(code, 1, language)
        for part in (name, f"“{meaning}”", document.title, document.sha256[:16], "2026-12-15 15:00:00 UTC",
                     "10:00 AM", "español" if language == "es" else "English"):  # fmt: skip
            assert part in shown, (role, part)
        assert [other for other in names - {name} if other in shown] == [], role
        (signed_pdf,) = signed_pdfs(shown)
        assert SignedPdf.objects.get(pk=signed_pdf).signer == user
        assert as_(user).get(f"/documents/{signed_pdf}/").status_code == 200
    strangers = [
        clinic.other.user,
        factories.account(PATIENT),
        factories.account(GUARDIAN),
        factories.pharmacist().user,
    ]
    strangers += [factories.designee(clinic.other).user, factories.officer()]
    assert {user.role for user in strangers} == set(ROLES)
    for user in strangers:
        shown = page(user)
        assert "You have signed nothing yet." in shown, user.role
        assert signed_pdfs(shown) == [], user.role


def test_who_handed_a_patient_over_keeps_what_they_signed_without_the_name(clinic: ClinicFactory) -> None:
    patient, doctor = clinic.ready(), clinic.prescriber.user
    Patient.objects.filter(pk=patient.pk).update(given_name="Zelda", family_name="Quist")
    confirm(clinic, patient)
    assert process_due_jobs(at=NOW) == 1
    assert "About Zelda Quist" in page(doctor)
    Patient.objects.filter(pk=patient.pk).update(prescriber=clinic.other)
    shown = page(doctor)
    assert "Zelda" not in shown
    assert "Quist" not in shown
    assert str(patient.pk) not in shown
    assert "About a patient whom you see no more" in shown
    (signed_pdf,) = signed_pdfs(shown)
    assert as_(doctor).get(f"/documents/{signed_pdf}/").status_code == 200
    assert signed_pdfs(page(clinic.other.user)) == [], "the new prescriber did not sign it"


def test_a_guardian_keeps_it_after_a_withdrawal_and_after_the_course(clinic: ClinicFactory) -> None:
    patient = clinic.ready(date(2011, 3, 4))
    guardian = factories.guardian(patient).user
    assert guardian is not None
    consent(patient, guardian, GUARDIAN, "Guar Dian")
    assert process_due_jobs(at=NOW) == 1
    (signed_pdf,) = signed_pdfs(page(guardian))
    for record in (ConsentWithdrawn("patient-information"), Discontinued("r", None)):
        assert clinic.enter(patient, record, at=NOW + timedelta(hours=1))
        assert signed_pdfs(page(guardian)) == [signed_pdf], record.kind
        assert as_(guardian).get(f"/documents/{signed_pdf}/").status_code == 200


def test_until_it_is_made_the_page_says_so(clinic: ClinicFactory) -> None:
    confirm(clinic, clinic.ready())
    shown = page(clinic.prescriber.user)
    assert "Its signed document (PDF) is being made." in shown
    assert signed_pdfs(shown) == []


def test_what_was_erased_is_said_to_be(clinic: ClinicFactory) -> None:
    patient, doctor = clinic.ready(), clinic.prescriber.user
    confirm(clinic, patient)
    assert process_due_jobs(at=NOW) == 1
    at = NOW + timedelta(hours=1)
    assert clinic.enter(patient, Discontinued("r", None), at=at)
    erasure.ask(patient=patient.pk, by=Actor(factories.officer().pk, OFFICER), at=at, key=uuid4())
    erasure.confirm(patient=patient.pk, by=Actor(factories.officer().pk, OFFICER), at=at, key=uuid4())
    shown = page(doctor)
    assert "The names in this record were erased" in shown
    assert "is being made" not in shown
    assert signed_pdfs(shown) == []


def test_the_newest_stands_first_and_a_page_has_twenty_five(clinic: ClinicFactory) -> None:
    patient, doctor = clinic.ready(), clinic.prescriber.user
    for place in range(28):
        confirm(clinic, patient, seconds=place)
    first = page(doctor)
    second = page(doctor, PATH + next_page(first))
    shown = re.findall(r"15:00:(\d\d) UTC", first)
    assert shown == [f"{place:02d}" for place in range(27, 2, -1)]
    assert re.findall(r"15:00:(\d\d) UTC", second) == ["02", "01", "00"]


def test_it_takes_as_many_queries_for_one_as_for_four(clinic: ClinicFactory) -> None:
    doctor, counts = clinic.prescriber.user, []
    confirm(clinic, clinic.ready())
    for more in (0, 3):
        for place in range(more):
            confirm(clinic, clinic.ready(), seconds=place)
        process_due_jobs(at=NOW + timedelta(minutes=1))
        client = as_(doctor)
        with CaptureQueriesContext(connection) as queries:
            assert len(signed_pdfs(client.get(PATH).content.decode())) == 1 + more
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 9


def test_ones_own_are_found_by_an_index(clinic: ClinicFactory) -> None:
    sql = "SELECT 1 FROM ledger_record WHERE actor = %s AND kind = 'attested' ORDER BY at DESC, id DESC"
    assert "record_signed_by" in plan(sql, [clinic.prescriber.user_id])


def test_the_account_page_leads_there(clinic: ClinicFactory) -> None:
    for user in (clinic.prescriber.user, factories.account(PATIENT)):
        assert f'href="{PATH}"' in page(user, "/account/2fa/")
