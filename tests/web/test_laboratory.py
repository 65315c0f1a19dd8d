"""Laboratory values: typed or pasted, shown against limits and the own baseline, asked for by the plan."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import User
from compliance.records.file import read_file
from compliance.rules.care.laboratory import LaboratoryPlanned, LaboratoryResult
from notifications.sweep import sweep
from patients.models import Patient
from tests import factories
from tests.clocks import Clock
from tests.histories import NOW, ClinicFactory
from tests.mailbox import emails
from tests.web.cases import case

pytestmark = pytest.mark.django_db

FORM = {"drawn_on": "2026-12-14", "fasting": "yes", "alt_0": "34", "alt_1": "U/L", "pasted": ""}


@pytest.fixture(params=["prescriber", "designee"])
def client(request: pytest.FixtureRequest, clinic: ClinicFactory, patient: Patient) -> Client:
    own = clinic.prescriber
    return factories.as_(own.user if request.param == "prescriber" else factories.designee(own).user)


def send(client: Client, patient: Patient, **form: str) -> Any:
    path = f"/prescriber/patients/{patient.pk}/laboratory/"
    return client.post(path, FORM | {"key": str(uuid4())} | form)


def entered(patient: Patient) -> list[LaboratoryResult]:
    entries = read_file(patient.pk, NOW + timedelta(days=99)).entries
    return [entry.record for entry in entries if isinstance(entry.record, LaboratoryResult)]


def words(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def page(client: Client, patient: Patient) -> str:
    return words(client.get(f"/prescriber/patients/{patient.pk}/"))


def test_typed_values_are_entered_as_they_were_typed(client: Client, patient: Patient) -> None:
    answer = send(client, patient, triglycerides_0="2,1", triglycerides_1="mmol/L", alt_2="56")
    assert answer.status_code == 302
    assert entered(patient) == [
        LaboratoryResult(
            NOW.date() - timedelta(days=1),
            {
                "alt": {"number": "34", "unit": "U/L", "upper": "56"},
                "triglycerides": {"number": "2.1", "unit": "mmol/L"},
            },
            True,
        )
    ]
    shown = page(client, patient)
    assert "Triglycerides 2.1 mmol/L" in shown, "as it was entered, in the record"
    pictures = words(client.get(f"/prescriber/patients/{patient.pk}/laboratory/"))
    assert "186 mg/dL (2.1 mmol/L)" in pictures, "converted, in the list of the picture"
    assert "Triglycerides. Raised" in shown


def test_pasted_values_are_put_into_the_fields_to_be_looked_at(doctor: Client, patient: Patient) -> None:
    answer = send(doctor, patient, alt_0="", pasted="ALT 34 U/L (7-56)\nTriglycerides 900 mg/dL")
    assert answer.status_code == 200
    assert "Nothing is entered yet" in words(answer)
    assert not entered(patient)
    form = answer.context["form"]
    filled = {name: form.data[name] for name in ("alt_0", "alt_1", "alt_2", "triglycerides_0", "triglycerides_1")}
    assert list(filled.values()) == ["34", "U/L", "56", "900", "mg/dL"]
    assert form.data["pasted"] == ""
    assert send(doctor, patient, **filled).status_code == 302
    assert "danger of acute pancreatitis" in page(doctor, patient)


def test_lines_that_are_not_understood_stay_with_a_sentence(doctor: Client, patient: Patient) -> None:
    answer = send(doctor, patient, alt_0="", pasted="AST 30 U/L\nsomething else")
    assert answer.status_code == 422
    form = answer.context["form"]
    assert (form.data["ast_0"], form.data["pasted"]) == ("30", "something else")
    assert "Not understood" in str(form.errors["pasted"])


def test_pasted_value_that_contradicts_a_typed_one_is_asked_about(doctor: Client, patient: Patient) -> None:
    answer = send(doctor, patient, pasted="ALT 35 U/L")
    assert answer.status_code == 422
    assert "35 U/L" in str(answer.context["form"].errors["alt"])
    assert answer.context["form"].data["alt_0"] == "34"


#: What is sent, the field, and what stands beside it.
REFUSED: dict[str, tuple[dict[str, str], str, str]] = {
    "a value of another unit": ({"triglycerides_0": "1.2", "triglycerides_1": "mg/dL"}, "triglycerides", "unit"),
    "no number": ({"alt_0": "many"}, "alt", "Enter a number"),
    "a number that would take for ever": ({"alt_0": "1e99999999"}, "alt", "Enter a number"),
    "a limit alone": ({"ast_2": "40"}, "ast", "Enter a number"),
    "a unit that is not offered": ({"alt_1": "mg/dL"}, "alt", "valid choice"),
    "nothing at all": ({"alt_0": ""}, "alt", "one value at least"),
    "a day to come": ({"drawn_on": "2026-12-20"}, "drawn_on", "still to come"),
}


def test_what_cannot_be_is_refused_beside_its_field_and_nothing_is_lost(doctor: Client, patient: Patient) -> None:
    for form, field, says in REFUSED.values():
        with case(form, field, says):
            answer = send(doctor, patient, **form)
            assert answer.status_code == 422
            assert any(says in message for message in answer.context["form"].errors[field])
            kept = answer.content.decode()
            assert all(
                f'value="{value}"' in kept for name, value in (FORM | form).items() if value and name.endswith("_0")
            )
            assert not entered(patient)


def test_picture_has_the_limit_the_baseline_and_every_value(doctor: Client, patient: Patient) -> None:
    for day, value in (("2026-12-01", "20"), ("2026-12-08", "60"), ("2026-12-14", "130")):
        assert send(doctor, patient, drawn_on=day, alt_0=value).status_code == 302
    answer = doctor.get(f"/prescriber/patients/{patient.pk}/laboratory/")
    (chart,) = answer.context["form"].charts
    assert (chart.limit, chart.baseline) == ("40", "20")
    assert [point.is_over for point in chart.points] == [False, True, True]
    heights = [point.y for point in chart.points]
    assert heights == sorted(heights, reverse=True), "the greater stands higher"
    assert heights[0] == chart.baseline_y > chart.limit_y > heights[1]
    assert "Three times the upper limit" in page(doctor, patient)


def test_unit_of_last_time_stands_there_already(doctor: Client, patient: Patient) -> None:
    assert (
        send(doctor, patient, triglycerides_0="1.5", triglycerides_1="mmol/L", drawn_on="2026-12-01").status_code == 302
    )
    shown = doctor.get(f"/prescriber/patients/{patient.pk}/laboratory/").content.decode()
    assert '<option value="mmol/L" selected' in shown
    assert 'value="1.5"' not in shown


@pytest.mark.usefixtures("at_any_hour")
def test_plan_reminds_the_practice_once_until_values_are_entered(
    clinic: ClinicFactory, doctor: Client, patient: Patient, clock: Clock
) -> None:
    def reminded() -> int:
        sweep(at=clock.at)
        return sum("planned for a patient" in str(email.subject) for email in emails())

    issued = clinic.authorize(patient)
    assert issued.number is not None
    assert clinic.dispense(patient, issued.number) is None
    path = f"/prescriber/patients/{patient.pk}/laboratory-plan/"
    assert doctor.post(path, {"plan": "own", "months": ["0", "1"], "key": str(uuid4())}).status_code == 302
    entries = read_file(patient.pk, NOW).entries
    assert [e.record for e in entries if isinstance(e.record, LaboratoryPlanned)] == [LaboratoryPlanned((0, 1))]
    assert "values before the first dose were not entered" in page(doctor, patient)
    assert send(doctor, patient).status_code == 302
    assert "the next values are due Jan 14, 2027" in page(doctor, patient)
    clock.at = NOW + timedelta(days=29)
    assert reminded() == 0
    clock.at = NOW + timedelta(days=30, hours=1)
    assert [reminded(), reminded()] == [1, 1]
    assert send(doctor, patient, drawn_on="2027-01-14").status_code == 302
    assert "next values are due" not in page(doctor, patient)


def test_other_practice_and_the_patient_find_no_laboratory_page(clinic: ClinicFactory, patient: Patient) -> None:
    other, own = factories.as_(clinic.other.user), factories.as_(User.objects.get(pk=patient.user_id or ""))
    assert send(other, patient).status_code == 404
    assert send(own, patient).status_code == 403
    assert not entered(patient)
