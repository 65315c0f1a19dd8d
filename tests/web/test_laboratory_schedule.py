"""The laboratory schedule of a practice: its courses go by it, but for those with a plan of their own."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from compliance.commands import laboratory_schedule
from compliance.commands.decide import NotPermitted
from compliance.models import PatientStatus
from compliance.records.file import read_file
from compliance.rules.care.laboratory import LaboratoryPlanned
from ledger import log
from notifications.sweep import sweep
from patients.models import Patient
from tests import factories
from tests.clocks import Clock
from tests.histories import NOW, ClinicFactory
from tests.mailbox import emails

pytestmark = pytest.mark.django_db

PAGE = "/prescriber/practice/laboratory/"


def words(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def page(client: Client, patient: Patient) -> str:
    return words(client.get(f"/prescriber/patients/{patient.pk}/"))


def save(client: Client, *months: str, key: str = "") -> Any:
    return client.post(PAGE, {"months": months, "key": key or str(uuid4())})


def plan(client: Client, patient: Patient, **form: Any) -> Any:
    return client.post(f"/prescriber/patients/{patient.pk}/laboratory-plan/", form | {"key": str(uuid4())})


def ticked(answer: Any) -> list[str]:
    """The months whose boxes are ticked on that page."""
    boxes = re.findall(r'<input[^>]*name="months"[^>]*>', answer.content.decode())
    return [re.findall(r'value="(\d+)"', box)[0] for box in boxes if "checked" in box]


def fill(clinic: ClinicFactory, patient: Patient) -> None:
    issued = clinic.authorize(patient)
    assert issued.number is not None
    assert clinic.dispense(patient, issued.number) is None


def planned_in(patient: Patient) -> list[LaboratoryPlanned]:
    entries = read_file(patient.pk, NOW + timedelta(days=99)).entries
    return [entry.record for entry in entries if isinstance(entry.record, LaboratoryPlanned)]


def test_practice_without_a_schedule_goes_by_the_default(doctor: Client) -> None:
    assert "Values are due: Before the first dose, Month 2." in words(doctor.get("/prescriber/practice/"))
    assert ticked(doctor.get(PAGE)) == ["0", "2"]


def test_schedule_is_a_record_of_the_practice_and_shown_there(clinic: ClinicFactory, doctor: Client) -> None:
    assert save(doctor, "1", "0").status_code == 302
    record = log.read(clinic.prescriber.pk)[-1]
    assert (record.kind, record.data, record.actor) == (
        "laboratory_scheduled", {"months": [0, 1]}, clinic.prescriber.user_id,
    )  # fmt: skip
    assert "Values are due: Before the first dose, Month 1." in words(doctor.get("/prescriber/practice/"))
    assert save(doctor).status_code == 302
    assert "Values are due: as needed." in words(doctor.get("/prescriber/practice/"))


@pytest.mark.usefixtures("at_any_hour")
def test_open_course_goes_by_a_schedule_that_is_set_later_and_the_practice_is_reminded(
    clinic: ClinicFactory, doctor: Client, patient: Patient, clock: Clock
) -> None:
    fill(clinic, patient)
    clock.at = NOW + timedelta(hours=1)
    before = PatientStatus.objects.get(patient=patient).next_due_at
    assert save(doctor, "1").status_code == 302
    after = PatientStatus.objects.get(patient=patient).next_due_at
    assert before is not None and after is not None
    assert after <= clock.at < before, "the status is worked out anew at once"
    assert "the next values are due Jan 14, 2027" in page(doctor, patient)
    clock.at = NOW + timedelta(days=30, hours=1)
    sweep(at=clock.at)
    assert sum("planned for a patient" in str(email.subject) for email in emails()) == 1


def test_nobody_is_reminded_where_the_practice_set_nothing(
    clinic: ClinicFactory, patient: Patient, clock: Clock
) -> None:
    fill(clinic, patient)
    clock.at = NOW + timedelta(days=60, hours=1)
    sweep(at=clock.at)
    assert not any("planned for a patient" in str(email.subject) for email in emails())


def test_course_with_its_own_plan_keeps_it_until_it_goes_by_the_practice_again(
    clinic: ClinicFactory, doctor: Client, patient: Patient
) -> None:
    fill(clinic, patient)
    assert save(doctor, "1").status_code == 302
    assert plan(doctor, patient, plan="own", months=["3"]).status_code == 302
    assert "the next values are due Mar 15, 2027" in page(doctor, patient)
    assert save(doctor, "2").status_code == 302
    assert "the next values are due Mar 15, 2027" in page(doctor, patient)
    assert plan(doctor, patient, plan="practice", months=["3"]).status_code == 302
    assert "the next values are due Feb 13, 2027" in page(doctor, patient)
    assert planned_in(patient)[-1] == LaboratoryPlanned((2,), by_practice=True)
    assert save(doctor, "1").status_code == 302
    assert "the next values are due Jan 14, 2027" in page(doctor, patient), "whatever the schedule becomes"


def test_months_ticked_beside_the_practices_schedule_are_not_lost_without_a_word(
    doctor: Client, patient: Patient
) -> None:
    answer = plan(doctor, patient, plan="practice", months=["0", "5"])
    assert answer.status_code == 422
    assert "choose “has its own months”" in words(answer)
    assert ticked(answer) == ["0", "5"]
    assert not planned_in(patient)


def test_patient_who_is_handed_over_goes_by_the_schedule_of_the_new_practice(
    clinic: ClinicFactory, doctor: Client, patient: Patient
) -> None:
    fill(clinic, patient)
    assert save(doctor, "1").status_code == 302
    assert save(factories.as_(clinic.other.user), "3").status_code == 302
    assert "the next values are due Jan 14, 2027" in page(doctor, patient)
    assert read_file(patient.pk, NOW + timedelta(days=1)).laboratory_months == (1,)


def test_same_months_are_refused_and_the_same_press_counts_once(clinic: ClinicFactory, doctor: Client) -> None:
    key = str(uuid4())
    assert [save(doctor, "1", key=key).status_code, save(doctor, "1", key=key).status_code] == [302, 302]
    assert [row.kind for row in log.read(clinic.prescriber.pk)].count("laboratory_scheduled") == 1
    again = save(doctor, "1")
    assert again.status_code == 422
    assert "Nothing is different from before." in words(again)


def test_only_the_prescriber_sets_it(clinic: ClinicFactory, doctor: Client) -> None:
    designee = factories.as_(factories.designee(clinic.prescriber).user)
    assert save(designee, "1").status_code == 403
    assert "Change the schedule" not in words(designee.get("/prescriber/practice/"))
    with pytest.raises(NotPermitted):
        laboratory_schedule.set_schedule(
            prescriber=clinic.other, months=(1,), by=clinic.doctor, at=NOW, key=uuid4()
        )  # fmt: skip
    with pytest.raises(ValueError, match="months"):
        laboratory_schedule.set_schedule(
            prescriber=clinic.prescriber, months=(2, 1), by=clinic.doctor, at=NOW, key=uuid4()
        )  # fmt: skip
