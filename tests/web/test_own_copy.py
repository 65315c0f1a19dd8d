"""What a patient takes along: the record as JSON and PDF, and the wallet card with nothing but the number."""

import json
from typing import Any

import pytest

from compliance.words.kinds import KIND_LABELS
from ledger import log
from patients.models import Patient
from tests.clocks import Clock
from tests.factories import as_
from tests.histories import ClinicFactory
from ui.qr import QUIET, qr_code
from web.shared.manifestations import SHOWN_WITH_OTHERS

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today(clock: Clock) -> None:
    clock.set("2026-12-15T11:00-05:00")


def get(patient: Patient, path: str) -> Any:
    assert patient.user is not None
    answer = as_(patient.user).get(path)
    assert answer.status_code == 200
    return answer


def test_json_has_each_line_of_the_record(clinic: ClinicFactory) -> None:
    patient, other = clinic.ready(), clinic.ready()
    answer = get(patient, "/patient/record/record.json")
    assert answer["Content-Disposition"] == 'attachment; filename="clearfill-record.json"'
    data = json.loads(answer.content)
    rows = [row for row in reversed(log.read(patient.pk)) if row.kind not in SHOWN_WITH_OTHERS]
    assert [(line["number"], line["kind"]) for line in data["records"]] == [(row.number, row.kind) for row in rows]
    assert [line["title"] for line in data["records"]] == [KIND_LABELS[row.kind] for row in rows]
    assert other.number not in answer.content.decode()


def test_pdf_is_one_and_has_the_record_attached(clinic: ClinicFactory) -> None:
    answer = get(clinic.ready(), "/patient/record/record.pdf")
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    assert b"record.json" in answer.content


def test_wallet_card_has_the_number_alone(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    page = get(patient, "/patient/card/").content.decode()
    assert qr_code(patient.number).path in page
    card = page[page.index('class="wallet-card') : page.index("</section>")]
    assert f"{patient.number[:4]}-{patient.number[4:]}" in card
    for secret in (patient.given_name + " " + patient.family_name, "2001", clinic.prescriber.practice_name):
        assert secret not in card


def test_qr_code_is_another_for_another_number_and_has_room_around_it() -> None:
    one, other = qr_code("K7QM2XWT"), qr_code("K7QM2XWV")
    assert one.path != other.path
    assert one.path.startswith(f"M{QUIET} {QUIET}h1v1h-1z"), "the corner of the first finder"
    assert one.size == 21 + 2 * QUIET
