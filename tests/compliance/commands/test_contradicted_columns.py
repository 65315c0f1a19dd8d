"""A column that contradicts the log decides nothing: no yes, no page, a fault that the operator sees."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from prometheus_client import REGISTRY

from accounts.roles import PRESCRIBER
from compliance.commands import gate
from compliance.commands.entries import enter
from compliance.models import Authorization, PatientStatus
from compliance.records.authorizations import present_states
from compliance.records.columns import NotAsRecorded
from compliance.records.file import read_file
from compliance.rules.records import Counselled, Discontinued, PregnancyReported
from ledger import log
from ledger.actor import Actor
from ledger.log import Row
from notifications.sweep import sweep
from patients.models import Patient
from tests import factories
from tests.histories import NOW, ClinicFactory
from tests.linked import link

SOON, LATER = NOW + timedelta(minutes=1), NOW + timedelta(minutes=2)


def linked_pair(clinic: ClinicFactory) -> tuple[Patient, Patient]:
    """A file that is ready, and the same person's other file, which has a stop."""
    one, other = clinic.ready(), clinic.ready()
    assert clinic.enter(other, Discontinued("done"), NOW)
    assert clinic.enter(other, PregnancyReported(), NOW)
    link(one.pk, other.pk, at=NOW)
    return one, other


def run(sql: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


SET_LINK = "UPDATE patients_patient SET linked_to_id = %s WHERE id = %s"
CHANGES: dict[str, Callable[[Patient, Patient], None]] = {
    "both links emptied": lambda one, other: run("UPDATE patients_patient SET linked_to_id = NULL"),
    "its own link emptied": lambda one, other: run(SET_LINK, None, one.pk),
    "the other link emptied": lambda one, other: run(SET_LINK, None, other.pk),
    "each linked with itself": lambda one, other: run("UPDATE patients_patient SET linked_to_id = id"),
    "number": lambda one, other: run("UPDATE patients_patient SET number = '23456789' WHERE id = %s", one.pk),
    "birth date": lambda one, other: run("UPDATE patients_patient SET born_on = '1999-01-01' WHERE id = %s", one.pk),
    "prescriber": lambda one, other: run(
        "UPDATE patients_patient SET prescriber_id = %s WHERE id = %s", factories.prescriber().pk, one.pk
    ),
}


@pytest.mark.django_db
@pytest.mark.parametrize("change", CHANGES)
def test_gate_says_neither_yes_nor_no_when_a_column_contradicts_the_log(clinic: ClinicFactory, change: str) -> None:
    one, other = linked_pair(clinic)
    assert "stop-open" in read_file(one.pk, LATER).assess(LATER).codes
    CHANGES[change](one, other)
    with pytest.raises(NotAsRecorded):
        clinic.authorize(one, at=LATER)
    row = Patient.objects.get(pk=one.pk)
    with pytest.raises(NotAsRecorded):
        gate.authorize(
            number=row.number, born_on=row.born_on, pharmacy=clinic.pharmacies[0].pk, days_supply=30,
            by=clinic.counters[0], at=LATER, key=uuid4(),
        )  # fmt: skip
    with pytest.raises(NotAsRecorded):
        enter(patient=one.pk, records=[Counselled(date(2026, 12, 15))], at=LATER, key=uuid4(),
              by=Actor(clinic.prescriber.user_id, PRESCRIBER, row.prescriber_id) if change != "prescriber" else
              clinic.officer)  # fmt: skip
    assert not one.authorizations.exists()


@pytest.mark.django_db
def test_list_leaves_out_who_is_contradicted_and_nobody_else(clinic: ClinicFactory) -> None:
    one, other = clinic.ready(), clinic.ready()
    for patient in (one, other):
        clinic.authorize(patient, at=NOW)
    rows = list(Authorization.objects.order_by("number"))
    assert set(present_states(rows, LATER)) == {row.number for row in rows}
    run("UPDATE patients_patient SET born_on = '1999-01-01' WHERE id = %s", one.pk)
    assert set(present_states(rows, LATER)) == {row.number for row in rows if row.patient_id == other.pk}


@pytest.mark.django_db
def test_counter_gets_the_words_of_no_decision_and_the_figure_rises(clinic: ClinicFactory) -> None:
    one, _other = linked_pair(clinic)
    run("UPDATE patients_patient SET linked_to_id = NULL")
    labels = {"column": "linked_to_id"}
    before = REGISTRY.get_sample_value("clearfill_columns_contradicted_total", labels) or 0
    user = clinic.prescriber.user
    client = Client(raise_request_exception=False)
    factories.sign_in(client, user)
    answer = client.get(reverse("prescriber:patient", kwargs={"patient": one.pk}))
    assert answer.status_code == 503
    assert b"No decision. Do not dispense." in answer.content
    assert (REGISTRY.get_sample_value("clearfill_columns_contradicted_total", labels) or 0) > before


@pytest.mark.django_db
def test_sweep_goes_on_past_a_file_that_columns_contradict(clinic: ClinicFactory) -> None:
    one, _other = linked_pair(clinic)
    third = clinic.ready()
    run(SET_LINK, None, one.pk)
    PatientStatus.objects.update(next_due_at=SOON)
    assert sweep(at=LATER, batch=1) >= 1
    assert PatientStatus.objects.get(patient=third).assessed_at == LATER


@pytest.mark.django_db
def test_record_that_comes_between_row_and_log_contradicts_nothing(
    clinic: ClinicFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page reads the row, somebody links the file, the page reads the log: it reads both again."""
    one, other = clinic.ready(), clinic.ready()
    assert clinic.enter(other, Discontinued("done"), NOW)
    reading, reads = log.read, 0

    def link_before_the_log_is_read(*subjects: UUID) -> list[Row]:
        nonlocal reads
        reads += 1
        if reads == 1:
            link(one.pk, other.pk, at=NOW)
        return reading(*subjects)

    monkeypatch.setattr("compliance.records.file.log.read", link_before_the_log_is_read)
    assert set(read_file(one.pk, LATER).linked) == {str(other.pk)}
