"""Erasures beside what goes on meanwhile, on real connections: what began before them leaves nothing behind them."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest

from accounts.erased import is_erased
from accounts.models import User
from accounts.roles import GUARDIAN, OFFICER, PRESCRIBER
from compliance.commands import contacts, enrolment, erasure, identity
from compliance.commands.decide import by_id
from compliance.commands.enrolment import NewPatient
from compliance.commands.entries import EntryRefused
from compliance.models import PdfJob, SignedPdf
from compliance.rules.records import ContraceptionDeclared, Discontinued
from compliance.signing.pdf.queue import process_due_jobs
from compliance.verification import pdfs
from ledger import log
from ledger.actor import Actor
from ledger.models import ErasableText
from ledger.verify import verify
from patients.models import HeldEnrolment, Patient
from tests import factories
from tests.compliance.races import Runners
from tests.histories import METHODS, NOW, ClinicFactory

pytestmark = pytest.mark.usefixtures("committed")

SOON = NOW + timedelta(seconds=1)


@pytest.fixture(scope="module")
def runners() -> Iterator[Runners]:
    threads = Runners(2)
    yield threads
    threads.close()


@pytest.fixture
def signed(committed: str) -> Patient:
    """One about whom something was signed, whose course has ended, and whose erasure an officer asked for."""
    clinic = ClinicFactory()
    patient = clinic.ready()
    assert clinic.enter(patient, ContraceptionDeclared("prescriber", METHODS, NOW.date()))
    assert clinic.enter(patient, Discontinued("moved"))
    erasure.ask(patient=patient.pk, by=officer(), at=NOW, key=uuid4())
    return patient


def officer() -> Actor:
    return Actor(factories.officer().pk, OFFICER)


def confirm(patient: Patient) -> int:
    return erasure.confirm(patient=patient.pk, by=officer(), at=SOON, key=uuid4())


def test_pdf_that_is_being_drawn_when_the_texts_are_erased_is_not_kept(runners: Runners, signed: Patient) -> None:
    with runners.overtaken(by_id(signed.pk), partial(process_due_jobs, at=SOON)) as drawn:
        assert not drawn.done(), "it has read the names, and waits to store what it drew"
        confirm(signed)
    assert drawn.result() == 1, "and is not tried again"
    assert not SignedPdf.objects.filter(subject=signed.pk).exists()
    assert not PdfJob.objects.filter(subject=signed.pk, done_at=None).exists()
    assert "pdf_sealed" not in [row.kind for row in log.read(signed.pk)]
    assert [*verify(), *pdfs.problems()] == []


def test_pdf_that_is_stored_just_before_goes_with_the_texts(runners: Runners, signed: Patient) -> None:
    with runners.overtaken(by_id(signed.pk), partial(confirm, signed)) as confirmed:
        process_due_jobs(at=SOON)
        assert SignedPdf.objects.filter(subject=signed.pk).exists()
    confirmed.result()
    assert not SignedPdf.objects.filter(subject=signed.pk).exists()
    assert [*verify(), *pdfs.problems()] == []


def test_pdf_that_was_never_begun_is_not_made_any_more(signed: Patient) -> None:
    confirm(signed)
    assert process_due_jobs(at=SOON) == 1
    assert not SignedPdf.objects.filter(subject=signed.pk).exists()
    assert list(pdfs.problems()) == []


def test_correction_that_waited_for_the_erasure_is_refused(runners: Runners, signed: Patient) -> None:
    by = Actor(signed.prescriber.user_id, PRESCRIBER, signed.prescriber_id)
    correct = partial(
        contacts.correct_patient, patient=signed.pk, contact={"given_name": "Zorblatina"}, reason="", by=by, at=SOON,
        key=uuid4(),
    )  # fmt: skip
    with runners.overtaken(identity.lock, correct) as corrected:
        confirm(signed)
    with pytest.raises(EntryRefused, match="erased"):
        corrected.result()
    assert not ErasableText.objects.filter(subject=signed.pk).exists()
    assert Patient.objects.get(pk=signed.pk).given_name == "—"


def test_enrolment_that_waited_finds_nobody_any_more(runners: Runners, signed: Patient) -> None:
    """It would be held beside the file of the same name, with words that an erasure has just looked for."""
    by = Actor(signed.prescriber.user_id, PRESCRIBER, signed.prescriber_id)
    new = NewPatient(
        given_name="A", family_name="B", born_on=signed.born_on, email="a@example.org", phone="",
        category="can_become_pregnant",
    )  # fmt: skip
    with runners.overtaken(identity.lock, partial(enrolment.enrol, new=new, by=by, at=SOON, key=uuid4())) as enrolled:
        confirm(signed)
    assert enrolled.result().patient is not None
    assert not HeldEnrolment.objects.exists()


def test_two_erasures_at_once_close_the_guardian_of_both(runners: Runners, signed: Patient) -> None:
    """Neither needs the account any more, and whoever is last sees that."""
    clinic = ClinicFactory()
    other, guardian = clinic.ready(), factories.account(GUARDIAN)
    assert clinic.enter(other, Discontinued("moved"))
    for patient in (signed, other):
        factories.guardian(patient, user=guardian)
        erasure.ask(patient=patient.pk, by=officer(), at=NOW, key=uuid4())
    runners.together([partial(confirm, patient) for patient in (signed, other)])
    assert is_erased(User.objects.get(pk=guardian.pk))
