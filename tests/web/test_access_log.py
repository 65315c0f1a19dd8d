"""Access log: each view of a patient's record adds a row, and the patient sees the rows."""

import re
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import User
from accounts.roles import GUARDIAN, OFFICER, PRESCRIBER
from compliance.models import Authorization, SignedPdf
from compliance.rules.records import ContraceptionDeclared
from compliance.signing.pdf.queue import process_due_jobs
from ledger import access_log
from ledger.actor import Actor
from ledger.models import AccessEvent
from patients.models import Delegate, Patient
from tests import factories
from tests.clocks import Clock
from tests.histories import METHODS, NOW, ClinicFactory
from tests.web.turns import by_turns
from tests.web.unrendered import unrendered
from web.patient import access_log_presenter
from web.prescriber.entry_types import ENTRY_TYPES
from web.shared import common

pytestmark = pytest.mark.django_db


def get(user: User, path: str) -> Any:
    client = Client()
    factories.sign_in(client, user)
    return client.get(path)


def shown(user: User) -> str:
    return re.sub(r"\s+", " ", get(user, "/patient/record/access-log/").content.decode())


def test_access_log_has_who_what_and_why(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    designee = factories.designee(clinic.prescriber).user
    with unrendered():
        for user in (clinic.prescriber.user, designee):
            assert get(user, f"/prescriber/patients/{patient.pk}/").status_code == 200
            assert get(user, f"/prescriber/patients/{patient.pk}/test/").status_code == 200
    accesses = set(AccessEvent.objects.values_list("actor", "role", "acting_for", "subject", "what", "why"))
    own = (clinic.prescriber.pk, patient.pk)
    assert accesses == {
        (clinic.prescriber.user_id, "prescriber", *own, "patient", "own-patient"),
        (clinic.prescriber.user_id, "prescriber", *own, "entry", "own-patient"),
        (designee.pk, "designee", *own, "patient", "for-prescriber"),
        (designee.pk, "designee", *own, "entry", "for-prescriber"),
    }


def test_access_log_page_shows_each_other_reader_once_a_day(clinic: ClinicFactory, clock: Clock) -> None:
    patient = clinic.ready()
    assert patient.user is not None
    with unrendered():
        for _ in range(3):
            get(clinic.prescriber.user, f"/prescriber/patients/{patient.pk}/")
        get(patient.user, "/patient/")
    clinic.authorize(patient)
    page = shown(patient.user)
    assert page.count("record__title") == 2
    assert "Practice" in page
    assert "3 times" in page
    assert "asked whether you may get your medicine" in page
    clock.forward(days=1)
    with unrendered():
        get(clinic.prescriber.user, f"/prescriber/patients/{patient.pk}/")
    assert shown(patient.user).count("record__title") == 3


def test_access_log_has_no_row_for_a_denied_request(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    stranger = factories.prescriber().user
    assert get(stranger, f"/prescriber/patients/{patient.pk}/").status_code == 404
    assert get(clinic.prescriber.user, "/patient/record/access-log/").status_code == 403
    assert not AccessEvent.objects.exists()


WAYS: dict[str, dict[str, Any] | None] = {"opened": None, "sent empty": {}, "sent with nonsense": {"probe": "1"}}


def test_access_log_has_a_row_however_a_page_is_requested(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    client = Client()
    factories.sign_in(client, clinic.prescriber.user)
    own = f"/prescriber/patients/{patient.pk}/"
    for path, way in by_turns((f"{own}void/7/", *(f"{own}{slug}/" for slug in ENTRY_TYPES)), [*WAYS]):
        seen = AccessEvent.objects.count()
        answer: Any = client.get(path) if WAYS[way] is None else client.post(path, WAYS[way])
        assert patient.name in answer.content.decode(), (path, way)
        assert AccessEvent.objects.count() == seen + 1, (path, way)


@pytest.mark.parametrize("way", WAYS)
def test_access_log_has_a_row_for_a_guardian_who_reads_a_section(clinic: ClinicFactory, way: str) -> None:
    patient = clinic.ready(date(2011, 3, 4))
    client, path = Client(), f"/guardian/{patient.pk}/sign/birth-defects/en/1/"
    factories.sign_in(client, factories.guardian(patient).user)  # type: ignore[arg-type]
    answer: Any = client.get(path) if WAYS[way] is None else client.post(path, WAYS[way])
    assert answer.status_code in (200, 422)
    assert AccessEvent.objects.values_list("role", "what", "why").get() == ("guardian", "section", "guardian")


def test_access_log_no_other_method_shows_a_page(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    client = Client()
    factories.sign_in(client, clinic.prescriber.user)
    for path in (f"/prescriber/patients/{patient.pk}/month/", f"/prescriber/patients/{patient.pk}/void/7/"):
        answer = client.options(path)
        assert (answer.status_code, answer.content) == (405, b"")
    assert not AccessEvent.objects.exists()


def test_access_log_has_a_row_for_a_signed_document(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    assert patient.user is not None
    clinic.enter(patient, ContraceptionDeclared("prescriber", METHODS, NOW.date()))
    assert process_due_jobs(at=NOW) == 1
    signed_pdf = SignedPdf.objects.get()
    assert get(clinic.prescriber.user, f"/documents/{signed_pdf.pk}/").status_code == 200
    assert get(factories.officer(), f"/documents/{signed_pdf.pk}/").status_code == 200
    assert sorted(AccessEvent.objects.values_list("what", "why")) == [
        ("signed_pdf", "own-patient"),
        ("signed_pdf", "program-office"),
    ]
    assert "opened a signed document" in shown(patient.user)


def test_access_log_has_a_row_for_a_signer_after_a_transfer(clinic: ClinicFactory) -> None:
    """The former prescriber keeps what they signed, and the patient sees that it was opened."""
    patient = clinic.ready()
    assert patient.user is not None
    clinic.enter(patient, ContraceptionDeclared("prescriber", METHODS, NOW.date()))
    assert process_due_jobs(at=NOW) == 1
    signed_pdf = SignedPdf.objects.get()
    Patient.objects.filter(pk=patient.pk).update(prescriber=factories.prescriber())
    assert get(clinic.prescriber.user, f"/documents/{signed_pdf.pk}/").status_code == 200
    assert list(AccessEvent.objects.values_list("subject", "what", "why")) == [(patient.pk, "signed_pdf", "signer")]
    assert "opened a signed document, because they signed it" in shown(patient.user)


def test_access_log_has_rows_for_a_pharmacys_list_and_pages(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    assert patient.user is not None
    clinic.authorize(patient)
    row = Authorization.objects.get()
    user = row.pharmacy.pharmacists.get().user
    assert get(user, "/counter/authorizations/").status_code == 200
    assert get(user, f"/counter/authorizations/{row.pk}/").status_code == 200
    accesses = AccessEvent.objects.values_list("actor", "role", "acting_for", "subject", "what", "why")
    own = (user.pk, "pharmacist", row.pharmacy_id, patient.pk)
    assert sorted(accesses) == [(*own, "authorization", "obtained-here"), (*own, "authorizations", "obtained-here")]
    assert "viewed an answer it got about you, because the answer was given to them" in shown(patient.user)


def test_access_log_tells_a_delegate_from_the_prescriber(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    assert patient.user is not None
    cover = factories.prescriber()
    Delegate.objects.create(prescriber=clinic.prescriber, delegate=cover, named_at=NOW)
    assert get(cover.user, f"/prescriber/patients/{patient.pk}/").status_code == 200
    assert "viewed your record, because they stand in for your prescriber" in shown(patient.user)


#: Who looked, at what, why, and what the patient reads.
TOLD = [
    (GUARDIAN, "overview", "guardian", "viewed what there is to sign, because they sign for you"),
    (OFFICER, "duplicates", "program-office", "because the program office looks after all records"),
    (PRESCRIBER, "offers", "offered", "viewed your record, because you were to become their patient"),
    (
        "system",
        "export",
        "operator",
        "made a copy for an inspection, because somebody who runs the program asked for it",
    ),
]


@pytest.mark.parametrize(("role", "what", "why", "words"), TOLD, ids=lambda value: str(value)[:16])
def test_access_log_page_words_each_reason_for_the_patient(
    clinic: ClinicFactory, role: str, what: str, why: str, words: str
) -> None:
    patient = clinic.ready()
    assert patient.user is not None
    access_log.add(patient.pk, by=Actor(uuid4(), role), what=what, why=why, at=NOW)
    assert words in shown(patient.user)


def test_access_log_every_reason_has_words() -> None:
    written = set(common.ACCESS_REASONS.values()) | {"delegate"}
    root = Path(common.__file__).parents[2]
    for path in (*(root / "compliance").rglob("*.py"), *(root / "web").rglob("*.py")):
        written |= set(re.findall(r'access_log\.add[^\n]*why="([a-z-]+)"', path.read_text()))
    assert {"offered", "signer", "obtained-here", "operator"} <= written
    assert written <= access_log_presenter.REASON_WORDS.keys()
