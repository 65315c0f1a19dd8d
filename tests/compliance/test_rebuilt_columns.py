"""Each column that is a projection, changed by the owner's SQL: the check names it, the rebuild restores it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from accounts.roles import OFFICER
from compliance.commands import certifying, delegation, enrolment, invitations, noncompliance
from compliance.commands.column_check import check_columns
from compliance.commands.enrolment import NewPatient
from compliance.commands.invitations import Acceptance
from compliance.commands.rebuild import rebuild
from compliance.models import ColumnCheck
from compliance.records import noncompliance as noncompliance_rows
from compliance.records.pregnancies import CASE_COLUMNS
from compliance.records.rebuild import differences
from compliance.rules.records import Discontinued, PregnancyReported, TransferOffered
from ledger.actor import Actor
from ledger.erasable_text import make_erasable
from notifications import worker_health
from outbox.turns import Turn
from patients.models import Delegate, Guardian, Invitation, Patient
from tests import amount, factories
from tests.compliance.projected_columns import CASES, Case, together
from tests.conftest import RestoreSnapshot
from tests.databases import Snapshot
from tests.histories import NOW, ClinicFactory
from tests.linked import link

AFTER = NOW + timedelta(hours=1)
BORN = date(2012, 2, 3)


@dataclass
class Everything:
    """A row of each table that is projected."""

    clinic: ClinicFactory
    linked: Patient
    other: Patient
    offered: Patient
    minor: Patient
    guardian: Guardian
    stranger: UUID
    delegation: Delegate
    pregnant: Patient


def _build(_: Any) -> Everything:
    clinic = ClinicFactory()
    linked, other, offered = clinic.ready(), clinic.ready(), clinic.ready()
    number = clinic.authorize(linked).number
    assert number is not None
    assert clinic.dispense(linked, number) is None
    clinic.enter(other, Discontinued("done"))
    link(linked.pk, other.pk, at=NOW)
    clinic.enter(offered, TransferOffered(str(clinic.other.pk)))
    assert clinic.authorize(offered).allowed
    minor, guardian = _minor(clinic)
    officer = Actor(factories.officer().pk, OFFICER)
    reason = make_erasable("late", subject=clinic.other.pk, at=NOW)
    certifying.suspend(kind="prescriber", subject=clinic.other.pk, reason=reason, by=officer, at=NOW, key=uuid4())
    pharmacy = clinic.pharmacies[1].pk
    reason = make_erasable("late", subject=pharmacy, at=NOW)
    certifying.suspend(kind="pharmacy", subject=pharmacy, reason=reason, by=officer, at=NOW, key=uuid4())
    row = delegation.add_delegate(
        prescriber=clinic.prescriber, delegate=clinic.other, by=clinic.doctor, at=NOW, key=uuid4()
    )
    note = make_erasable("Hand-overs were entered late.", subject=clinic.other.pk, at=NOW)
    noncompliance.open_case(
        kind="prescriber", subject=clinic.other.pk, signals=[], note=note, by=officer, at=NOW, key=uuid4()
    )
    pregnant = clinic.ready()
    clinic.enter(pregnant, PregnancyReported())
    stranger = factories.account("guardian").pk
    return Everything(clinic, linked, other, offered, minor, guardian, stranger, row, pregnant)


PROJECTED = Snapshot("projected", _build, at="2026-12-15T11:00-05:00")


@pytest.fixture
def _projected(shared_snapshot: RestoreSnapshot) -> Everything:
    """Before `db`: the tests work in the snapshot's copy."""
    everything: Everything = shared_snapshot(PROJECTED)
    return everything


@pytest.fixture
def everything(_projected: Everything, db: None) -> Everything:
    return _projected


def _minor(clinic: ClinicFactory) -> tuple[Patient, Guardian]:
    """Enrolled, and both invitations accepted."""
    new = NewPatient(
        given_name="Mina", family_name="Roe", born_on=BORN, email="mina@example.org", phone="",
        category="can_become_pregnant", guardian_name="Ada Roe", guardian_email="ada@example.org",
    )  # fmt: skip
    enrolled = enrolment.enrol(new=new, by=clinic.doctor, at=NOW, key=uuid4())
    for invitation in Invitation.objects.filter(patient=enrolled.patient):
        invitations.accept(
            invitation=invitation.pk, acceptance=Acceptance(born_on=BORN, password="a good long pass phrase"), at=NOW,
            key=uuid4(),
        )  # fmt: skip
    assert enrolled.patient is not None
    patient = Patient.objects.get(pk=enrolled.patient)
    assert patient.user_id is not None
    return patient, patient.guardians.get()


def _row_id(everything: Everything, table: str, row: str) -> Any:
    clinic = everything.clinic
    places = {"prescriber": clinic.prescriber, "other_prescriber": clinic.other, "pharmacy": clinic.pharmacies[1]}
    return places[row].pk if row in places else getattr(everything, row).pk


def change(everything: Everything, table: str, row: str, column: str, value: str) -> None:
    key = "place" if table == "compliance_compliancecase" else "patient_id" if "compliance_" in table else "id"
    names = {
        "other_prescriber": everything.clinic.other.pk, "pharmacy": everything.clinic.pharmacies[1].pk,
        "stranger": everything.stranger, "linked": everything.linked.pk, "offered": everything.offered.pk,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {column} = {value.format(**names)} WHERE {key} = %s",
            [_row_id(everything, table, row)],
        )
        assert cursor.rowcount == 1


def snapshot() -> list[Any]:
    """Every column of every projected table but the instant of the assessment."""
    tables = ("patient", "guardian", "prescriber", "pharmacy", "delegate")
    rows = []
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT * FROM patients_{table} ORDER BY id")
            rows += cursor.fetchall()
        cursor.execute("SELECT * FROM compliance_authorization ORDER BY patient_id, record")
        rows += cursor.fetchall()
        columns = ", ".join(CASE_COLUMNS)
        cursor.execute(f"SELECT {columns} FROM compliance_pregnancycase ORDER BY patient_id, record")
        rows += cursor.fetchall()
        columns = ", ".join(noncompliance_rows.CASE_COLUMNS)
        cursor.execute(f"SELECT {columns} FROM compliance_compliancecase ORDER BY place, number")
        rows += cursor.fetchall()
    return rows


GROUPS = [[case] for case in CASES] if amount.EVERYTHING else together(CASES)


def _named(group: list[Case]) -> str:
    return ", ".join(f"{table.split('_')[1]}-{row}-{column}-{value[:12]}" for table, row, column, value, _ in group)


@pytest.mark.parametrize("group", GROUPS, ids=_named)
def test_column_changed_by_the_owner_is_named_and_restored(everything: Everything, group: list[Case]) -> None:
    before = snapshot()
    for table, row, column, value, _ in group:
        change(everything, table, row, column, value)
    found = list(differences(page=2 if GROUPS.index(group) % 3 == 0 else 500))
    assert found, "the check is content"
    for case in group:
        assert any(case[4] in words for _subject, words in found), (case, found)
    rebuild(AFTER)
    assert list(differences()) == []
    assert snapshot() == before


def test_nothing_differs_before_it_is_changed(everything: Everything) -> None:
    assert list(differences()) == []


#: The command's own exit, for a column of each table; with `--all` for each column.
OF_EACH_TABLE = CASES if amount.EVERYTHING else list({case[0]: case for case in CASES}.values())


@pytest.mark.parametrize("case", OF_EACH_TABLE, ids=lambda case: f"{case[0].split('_')[1]}-{case[1]}-{case[2]}"[:60])
def test_command_fails_until_the_column_is_rebuilt(
    everything: Everything, case: tuple[str, str, str, str, str]
) -> None:
    call_command("rebuild_status", "--check")
    change(everything, *case[:4])
    with pytest.raises(CommandError):
        call_command("rebuild_status", "--check")
    rebuild(AFTER)
    call_command("rebuild_status", "--check")


def test_two_patients_whose_numbers_and_accounts_were_exchanged_get_their_own_back(everything: Everything) -> None:
    before = snapshot()
    one, other = everything.minor, everything.linked
    with connection.cursor() as cursor:
        for row, number in ((one, "23456789"), (other, one.number), (one, other.number)):
            cursor.execute("UPDATE patients_patient SET number = %s WHERE id = %s", [number, row.pk])
    assert {subject for subject, _words in differences()} >= {one.pk, other.pk}
    rebuild(AFTER)
    assert snapshot() == before


def test_rows_that_no_record_knows_are_named_and_removed(everything: Everything) -> None:
    before = snapshot()
    Delegate.objects.create(prescriber=everything.clinic.other, delegate=everything.clinic.prescriber, named_at=NOW)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO compliance_authorization (id, number, patient_id, pharmacy_id, record, issued_at, first_day, "
            "dispense_by, days_supply, state, handed_over_on, entered_on) SELECT gen_random_uuid(), 'YYYYYYYYYY', "
            "patient_id, pharmacy_id, record, issued_at, first_day, dispense_by, days_supply, state, handed_over_on, "
            "entered_on FROM compliance_authorization WHERE patient_id = %s", [everything.linked.pk],
        )  # fmt: skip
    words = dict(differences())
    assert words[everything.linked.pk] == "authorization.not recorded"
    assert words[everything.clinic.other.pk] == "delegations"
    rebuild(AFTER)
    assert snapshot() == before


def test_a_page_takes_as_many_queries_for_one_patient_as_for_many(everything: Everything) -> None:
    with CaptureQueriesContext(connection) as few:
        list(differences())
    for _ in range(6):
        everything.clinic.ready()
    with CaptureQueriesContext(connection) as many:
        list(differences())
    assert len(few) == len(many) <= 20


def compare(at: datetime, *, long: bool = False) -> ColumnCheck | None:
    """One turn of the check; `long`: the turn is over after a page."""
    return check_columns(at=at, turn=Turn(ends_at=0 if long else float("inf")))


def test_scheduled_check_raises_an_alarm_that_the_office_sees(everything: Everything) -> None:
    office = factories.as_(factories.officer())
    clean = compare(AFTER)
    assert clean is not None
    assert clean.differing == 0
    assert "Rows in the database differ" not in office.get(reverse("office:home")).content.decode()
    change(everything, "patients_patient", "linked", "linked_to_id", "NULL")
    with capture_logs() as lines:
        result = compare(AFTER + timedelta(hours=1))
    assert result is not None
    assert result.found == [[str(everything.linked.pk), "linked_to_id"]]
    (line,) = [line for line in lines if line["event"] == "columns_differ"]
    assert (line["log_level"], line["subject"]) == ("error", str(everything.linked.pk))
    worker_health.measure(AFTER + timedelta(hours=1))
    assert REGISTRY.get_sample_value("clearfill_columns_differing") == 1
    assert "Rows in the database differ" in office.get(reverse("office:home")).content.decode()
    assert settings.CELERY_BEAT_SCHEDULE["columns"]["task"] == "notifications.tasks.check_columns"


def test_check_goes_on_in_its_next_turn_where_it_was(everything: Everything, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("compliance.commands.column_check.PAGE", 1)
    change(everything, "patients_patient", "linked", "linked_to_id", "NULL")
    change(everything, "patients_prescriber", "other_prescriber", "state", "'approved'")
    turns = 1
    while (done := compare(AFTER, long=True)) is None:
        turns += 1
    assert turns == Patient.objects.count() + 1
    assert done.differing == len(done.found) == 2
    assert ColumnCheck.objects.count() == 1


def test_check_that_was_broken_off_is_begun_anew(everything: Everything, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("compliance.commands.column_check.PAGE", 1)
    assert compare(AFTER, long=True) is None
    done = compare(AFTER + timedelta(hours=2))
    assert done is not None
    assert done.started_at == AFTER + timedelta(hours=2)


@pytest.mark.parametrize("table", ["patient", "prescriber", "pharmacy"])
def test_what_is_written_meanwhile_alarms_nobody(
    everything: Everything, monkeypatch: pytest.MonkeyPatch, table: str
) -> None:
    """The page found a difference that is none when it is asked about under the lock."""
    subject = {
        "patient": everything.linked.pk, "prescriber": everything.clinic.prescriber.pk,
        "pharmacy": everything.clinic.pharmacies[0].pk,
    }[table]  # fmt: skip
    monkeypatch.setattr("compliance.commands.column_check.places.differences", lambda _: iter([(subject, "state")]))
    with capture_logs() as lines:
        done = compare(AFTER)
    assert done is not None
    assert (done.differing, done.found, lines) == (0, [], [])
