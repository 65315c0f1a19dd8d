"""The sweep: a fixed number of statements a batch, shared by whoever sweeps, and nobody keeps anybody waiting."""

import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, connections
from django.test.utils import CaptureQueriesContext
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from compliance.commands import certifying, refresh
from compliance.models import PatientStatus
from compliance.records import status
from compliance.records.columns import NotAsRecorded
from compliance.records.rebuild import differences
from compliance.rules.records import Discontinued
from ledger.erasable_text import make_erasable
from notifications import sweep as sweeping
from notifications.sweep import sweep
from outbox.models import Message
from patients.models import Patient
from tests import databases
from tests.compliance.races import Runners
from tests.histories import NOW, ClinicFactory
from tests.linked import link, unlink
from tests.plans import plan

#: The ready patients' windows end on 19 December; two days before their end a reminder falls due.
CLOSING = datetime(2026, 12, 18, 5, tzinfo=UTC)


def ready(clinic: ClinicFactory, count: int) -> list[UUID]:
    """So many patients whose window closes, as yet without any message."""
    patients = [clinic.ready().pk for _ in range(count)]
    Message.objects.all().delete()
    return patients


def linked(clinic: ClinicFactory) -> list[UUID]:
    """Two files of one person."""
    one, other = clinic.ready(), clinic.ended()
    link(one.pk, other.pk, at=NOW)
    return [one.pk, other.pk]


def reminded() -> set[UUID | None]:
    return set(Message.objects.filter(kind="window-closing").values_list("subject", flat=True))


def failures() -> float:
    return REGISTRY.get_sample_value("clearfill_sweep_failures_total") or 0


# --- how many statements ---------------------------------------------------------------------


def statements(clinic: ClinicFactory, count: int, fill: Callable[[ClinicFactory, int], object]) -> int:
    Message.objects.all().delete()
    PatientStatus.objects.update(next_due_at=None)
    fill(clinic, count)
    PatientStatus.objects.filter(next_due_at__lt=CLOSING).update(next_due_at=CLOSING)
    with CaptureQueriesContext(connection) as queries:
        assert sweep(at=CLOSING) >= count
    return len(queries)


def of_linked_files(clinic: ClinicFactory, count: int) -> None:
    for _ in range(count):
        linked(clinic)
    PatientStatus.objects.filter(pk__in=Patient.objects.exclude(linked_to=None)).update(next_due_at=CLOSING)


@pytest.mark.django_db
@pytest.mark.parametrize("fill", [ready, of_linked_files])
def test_a_batch_takes_as_many_statements_as_one_patient(
    clinic: ClinicFactory, fill: Callable[[ClinicFactory, int], object]
) -> None:
    assert statements(clinic, 1, fill) == statements(clinic, 12, fill)


@pytest.mark.django_db
def test_those_due_are_found_by_an_index(clinic: ClinicFactory) -> None:
    ready(clinic, 3)
    with CaptureQueriesContext(connection) as queries:
        sweep(at=CLOSING)
    plans = [
        plan(query["sql"], off=("seqscan", "sort"))
        for query in queries.captured_queries
        if "compliance_patientstatus" in query["sql"] and "jsonb_to_recordset" not in query["sql"]
    ]
    *marking, ahead = plans[:-2]
    finding = plans[-2:]
    assert marking
    assert all("patient_status_editions" in plan for plan in marking)
    assert "patient_status_assessed" in ahead
    assert all("Index Cond: ((next_due_at <=" in plan and "patient_status_due" in plan for plan in finding)


# --- every patient, in batches of any size -------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("batch", [1, 2, 3, 7, 100])
def test_batches_of_any_size_reach_everybody_once(clinic: ClinicFactory, batch: int) -> None:
    patients = ready(clinic, 7)
    assert sweep(at=CLOSING, batch=batch) == 7
    assert reminded() == set(patients)
    assert Message.objects.filter(kind="window-closing").count() == 7
    assert sweep(at=CLOSING, batch=batch) == 0
    assert list(differences()) == []


def test_after_each_batch_it_rests_for_a_part_of_its_time_and_holds_no_lock(
    committed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A decision at the counter waits for one batch at most, and has the processors to itself for a while after it."""
    clinic, rests = ClinicFactory(), list[float]()
    patients = ready(clinic, 3)

    own, really = threading.get_ident(), time.sleep

    def rest(seconds: float) -> None:
        if threading.get_ident() != own:  # A thread of another test, which waits for something.
            really(seconds)
            return
        assert not connection.in_atomic_block
        rests.append(seconds)

    monkeypatch.setattr("notifications.sweep.time.sleep", rest)
    assert sweep(at=CLOSING, batch=1) == len(patients)
    assert len(rests) == len(patients)
    assert all(0 < seconds <= sweeping.LONGEST_REST for seconds in rests)


@pytest.mark.django_db
def test_a_batch_works_out_what_one_alone_would(clinic: ClinicFactory) -> None:
    patients = [*ready(clinic, 3), *linked(clinic)]
    PatientStatus.objects.update(next_due_at=CLOSING)
    Message.objects.all().delete()
    sweep(at=CLOSING)
    together = list(PatientStatus.objects.order_by("pk").values()), set(Message.objects.values_list("key", "due_at"))
    Message.objects.all().delete()
    for patient in patients:
        refresh.refresh_status(patient, CLOSING)
    alone = list(PatientStatus.objects.order_by("pk").values()), set(Message.objects.values_list("key", "due_at"))
    assert together == alone


# --- after a release ---------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("editions", ["2021.1", "9999.9"])
def test_a_release_with_other_editions_makes_every_status_due(
    clinic: ClinicFactory, editions: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    patients = ready(clinic, 5)
    PatientStatus.objects.filter(pk__in=patients[:4]).update(editions=editions, next_due_at=None)
    monkeypatch.setattr(sweeping, "MARKED", 3)
    assert sweep(at=NOW + timedelta(minutes=1)) == 4
    current = PatientStatus.objects.get(pk=patients[4]).editions
    assert set(PatientStatus.objects.values_list("editions", flat=True)) == {current}
    assert sweep(at=NOW + timedelta(minutes=1)) == 0


# --- one that fails ------------------------------------------------------------------------------


def poison(monkeypatch: pytest.MonkeyPatch, patient: UUID) -> None:
    """The file of that patient cannot be worked out."""
    work = status.projection_of

    def broken(file: Any, at: datetime) -> status.Projection:
        if file.patient == patient:
            raise ValueError(f"a history of {patient} that makes no sense")
        return work(file, at)

    monkeypatch.setattr(refresh, "projection_of", broken)


def contradict(_: pytest.MonkeyPatch, patient: UUID) -> None:
    """A column of that patient contradicts the log."""
    Patient.objects.filter(pk=patient).update(born_on="1999-01-01")


def refuse(monkeypatch: pytest.MonkeyPatch, patient: UUID) -> None:
    """The database does not take that patient's status."""
    work = status.row_of

    def broken(file: Any, at: datetime) -> Any:
        columns, assessment = work(file, at)
        return (columns | {"stage": "no such stage"} if file.patient == patient else columns), assessment

    monkeypatch.setattr(status, "row_of", broken)


FAULTS = {"ValueError": poison, NotAsRecorded.__name__: contradict, "IntegrityError": refuse}


@pytest.mark.django_db
@pytest.mark.parametrize("batch", [1, 2, 100])
@pytest.mark.parametrize("kind", FAULTS)
def test_one_that_fails_keeps_no_neighbour_waiting(
    clinic: ClinicFactory, kind: str, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    patients = ready(clinic, 5)
    FAULTS[kind](monkeypatch, patients[1])
    before = failures()
    with capture_logs() as lines:
        assert sweep(at=CLOSING, batch=batch) == 4
    assert reminded() == set(patients) - {patients[1]}
    assert failures() == before + 1
    told = [line for line in lines if line["event"] == "sweep_failed"]
    assert told == [{"event": "sweep_failed", "log_level": "error", "kind": kind, "statuses": 1}]
    row = PatientStatus.objects.get(pk=patients[1])
    assert (row.failures, row.next_due_at) == (1, CLOSING + timedelta(minutes=1))


@pytest.mark.django_db
def test_one_that_fails_again_and_again_is_put_off_for_longer_each_time_until_it_does_not(
    clinic: ClinicFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    (patient,) = ready(clinic, 1)
    at, pauses = CLOSING, []
    with monkeypatch.context() as broken:
        poison(broken, patient)
        for _ in range(8):
            assert sweep(at=at) == 0
            due = PatientStatus.objects.get(pk=patient).next_due_at
            assert due is not None
            assert sweep(at=due - timedelta(seconds=1)) == 0
            assert PatientStatus.objects.get(pk=patient).next_due_at == due
            pauses.append((due - at) // timedelta(minutes=1))
            at = due
    assert pauses == [1, 5, 15, 60, 240, 1440, 1440, 1440]
    assert list(differences()) == []
    assert sweep(at=at) == 1
    assert PatientStatus.objects.get(pk=patient).failures == 0


@pytest.mark.django_db
def test_a_release_does_not_wake_what_was_put_off(clinic: ClinicFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    (patient,) = ready(clinic, 1)
    PatientStatus.objects.update(editions="2021.1")
    poison(monkeypatch, patient)
    for _ in range(3):
        sweep(at=CLOSING)
    assert PatientStatus.objects.get(pk=patient).failures == 1


@pytest.mark.django_db
def test_a_lost_connection_is_no_fault_of_a_patient(clinic: ClinicFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    ready(clinic, 2)

    def lost(*_: object) -> None:
        raise DatabaseError("the connection is lost")

    monkeypatch.setattr(refresh, "write_projections", lost)
    monkeypatch.setattr(connections["default"], "is_usable", lambda: False)
    with pytest.raises(DatabaseError, match="is lost"):
        sweep(at=CLOSING)
    assert set(PatientStatus.objects.values_list("failures", flat=True)) == {0}


# --- several at once -------------------------------------------------------------------------------


def test_a_patient_who_is_locked_keeps_no_other_waiting(committed: str) -> None:
    clinic = ClinicFactory()
    patients = ready(clinic, 3)
    with databases.owner_connection(databases.name()) as other, other.transaction():
        other.execute("SELECT 1 FROM patients_patient WHERE id = %s FOR UPDATE", [patients[0]])
        assert sweep(at=CLOSING) == 2
    assert reminded() == set(patients[1:])
    assert sweep(at=CLOSING) == 1
    assert reminded() == set(patients)


def test_whose_linked_file_is_locked_keeps_no_other_waiting(committed: str) -> None:
    clinic = ClinicFactory()
    files, (third,) = linked(clinic), ready(clinic, 1)
    PatientStatus.objects.update(next_due_at=CLOSING)
    oldest = Patient.objects.get(pk=files[0]).linked_to_id
    with databases.owner_connection(databases.name()) as other, other.transaction():
        other.execute("SELECT 1 FROM patients_patient WHERE id = %s FOR UPDATE", [oldest])
        assert sweep(at=CLOSING) == 1
    assert PatientStatus.objects.get(pk=third).assessed_at == CLOSING
    assert sweep(at=CLOSING) == 2


@pytest.mark.parametrize("of_linked", [False, True])
def test_whose_prescriber_is_being_written_to_keeps_no_other_waiting(committed: str, of_linked: bool) -> None:
    clinic, elsewhere = ClinicFactory(), ClinicFactory()
    patients, (third,) = ready(clinic, 2), ready(elsewhere, 1)
    if of_linked:
        other = elsewhere.ready()
        assert elsewhere.enter(other, Discontinued("done"), NOW)
        link(other.pk, patients[0], at=NOW)
    PatientStatus.objects.filter(pk__in=[*patients, third]).update(next_due_at=CLOSING)
    at_other = elsewhere.prescriber if of_linked else clinic.prescriber
    with databases.owner_connection(databases.name()) as other_one, other_one.transaction():
        other_one.execute("SELECT 1 FROM patients_prescriber WHERE id = %s FOR NO KEY UPDATE", [at_other.pk])
        sweep(at=CLOSING)
    done = set(PatientStatus.objects.filter(assessed_at=CLOSING).values_list("pk", flat=True))
    assert done == ({patients[1]} if of_linked else {third})
    sweep(at=CLOSING)
    done = set(PatientStatus.objects.filter(assessed_at=CLOSING).values_list("pk", flat=True))
    assert done >= {*patients, third}


def test_three_sweeps_share_the_work_and_each_message_is_there_once(
    committed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic = ClinicFactory()
    patients = [*ready(clinic, 30), *linked(clinic), *linked(clinic)]
    PatientStatus.objects.update(next_due_at=CLOSING)
    runners = Runners(3)
    try:
        done = runners.together([lambda: sweep(at=CLOSING, batch=4)] * 3)
    finally:
        runners.close()
    assert sweep(at=CLOSING, batch=4) + sum(done) >= len(patients)
    assert set(PatientStatus.objects.values_list("assessed_at", flat=True)) == {CLOSING}
    assert reminded() >= set(patients[:30])
    assert Message.objects.filter(kind="window-closing").count() == len(reminded())
    assert list(differences()) == []


def _suspend(**request: Any) -> None:
    certifying.suspend(reason=make_erasable("asked", subject=request["subject"], at=request["at"]), **request)


def _ask_for_all(clinic: ClinicFactory, patients: Sequence[Patient], at: datetime) -> None:
    for patient in reversed(patients):
        clinic.authorize(patient, at=at)


def _regroup(one: UUID, other: UUID, at: datetime, round_: int) -> None:
    if round_ % 2:
        unlink(one, at=at)
    else:
        link(one, other, at=at)


def test_sweeps_beside_entries_links_and_a_suspension_wait_for_nobody_in_a_circle(committed: str) -> None:
    """Each takes its locks in the order of `decide`; the ways they end are many, and none is a deadlock."""
    clinic = ClinicFactory()
    patients = [Patient.objects.get(pk=pk) for pk in ready(clinic, 12)]
    first, second, prescriber = patients[0], patients[1], clinic.prescriber.pk
    assert clinic.enter(second, Discontinued("done"), NOW)
    runners = Runners(5)
    try:
        for round_ in range(6):
            at = CLOSING + timedelta(minutes=round_)
            PatientStatus.objects.update(next_due_at=at)
            act: Callable[..., None] = certifying.reinstate if round_ % 2 else _suspend
            runners.together(
                [
                    partial(sweep, at=at, batch=5),
                    partial(sweep, at=at, batch=3),
                    partial(_ask_for_all, clinic, patients, at),
                    partial(act, kind="prescriber", subject=prescriber, by=clinic.officer, at=at, key=uuid4()),
                    partial(_regroup, first.pk, second.pk, at, round_),
                ]
            )
    finally:
        runners.close()
    sweep(at=CLOSING + timedelta(hours=1))
    assert list(differences()) == []
