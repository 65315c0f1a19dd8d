"""The gate through its actions: retries, refusals, what is written and what is not."""

from datetime import date
from uuid import uuid4

import pytest

from accounts.roles import DESIGNEE
from compliance import documents
from compliance.commands import gate
from compliance.commands.decide import NotPermitted
from compliance.commands.entries import EntryRefused, enter
from compliance.models import Authorization, PatientStatus
from compliance.records.rebuild import differences
from compliance.rules.records import (
    ConsentSigned,
    ContraceptionDeclared,
    Counselled,
    EntryStruck,
    PregnancyReported,
    PregnancyTest,
    Record,
    StopCleared,
)
from compliance.signatures import make_signature, pairs, signature_for_records
from ledger import log
from ledger.actor import Actor
from ledger.idempotency import KeyReused
from ledger.models import LoggedRequest
from tests.histories import METHODS, NOW, ClinicFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic() -> ClinicFactory:
    return ClinicFactory()


def test_a_yes_says_what_it_was_decided_on(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    before = log.read(patient.pk)
    decision = clinic.authorize(patient)
    row = log.read(patient.pk)[-1]
    assert decision.allowed
    assert decision.dispense_by == date(2026, 12, 19)
    assert row.kind == "authorized"
    assert row.edition == "2026"
    assert row.data["decided_on"] == before[-1].number
    assert row.data["edition_version"] == 1
    kept = Authorization.objects.get(patient=patient)
    assert (kept.number, kept.first_day, kept.state) == (decision.number, date(2026, 12, 15), "open")


def test_a_retry_gets_the_same_answer_and_writes_nothing(clinic: ClinicFactory) -> None:
    patient, key = clinic.ready(), uuid4()
    first = clinic.authorize(patient, key=key)
    length = len(log.read(patient.pk))
    assert clinic.authorize(patient, key=key) == first
    assert len(log.read(patient.pk)) == length
    assert LoggedRequest.objects.filter(key=key).count() == 1


def test_a_key_is_not_used_for_something_else(clinic: ClinicFactory) -> None:
    key = uuid4()
    clinic.authorize(clinic.ready(), key=key)
    with pytest.raises(KeyReused):
        clinic.authorize(clinic.ready(), key=key)


def test_a_no_leaves_an_attempt_and_nothing_else(clinic: ClinicFactory) -> None:
    patient, key = clinic.ready(), uuid4()
    clinic.enter(patient, PregnancyReported())
    length = len(log.read(patient.pk))
    decision = clinic.authorize(patient, key=key)
    # Without a test that counts there is no window, and what the patient said for it counts no more.
    missing = ["stop-open", "screening-test-missing", "contraception-missing:patient", "comprehension-missing"]
    assert [blocker.code for blocker in decision.blockers] == missing
    assert [blocker.who for blocker in decision.blockers[2:]] == [("nobody",), ("nobody",)]
    assert clinic.authorize(patient, key=key) == decision, "a retry is answered the same, with who must act"
    assert len(log.read(patient.pk)) == length
    assert LoggedRequest.objects.get(key=key).codes == missing


@pytest.mark.parametrize("wrong", ["number", "birth date"])
def test_a_wrong_number_and_a_wrong_birth_date_are_the_same(clinic: ClinicFactory, wrong: str) -> None:
    patient, key = clinic.ready(), uuid4()
    decision = gate.authorize(
        number="22222222" if wrong == "number" else patient.number,
        born_on=patient.born_on if wrong == "number" else date(1999, 1, 1),
        pharmacy=clinic.pharmacies[0].pk, days_supply=30, by=clinic.counters[0], at=NOW, key=key,
    )  # fmt: skip
    assert decision.fault == gate.NO_SUCH_PATIENT
    assert (decision.blockers, decision.number) == ((), None)
    assert LoggedRequest.objects.get(key=key).codes == ["no-such-patient"]


@pytest.mark.parametrize("supply", [0, -1, True, 1.5, "30", None, 2**53, 10**400])
def test_a_supply_that_is_none_is_refused_before_anything_is_asked(clinic: ClinicFactory, supply: object) -> None:
    patient = clinic.ready()
    before = LoggedRequest.objects.count()
    with pytest.raises(gate.BadSupply):
        gate.authorize_patient(
            patient=patient.pk, pharmacy=clinic.pharmacies[0].pk, days_supply=supply, by=clinic.counters[0], at=NOW,
            key=uuid4(),
        )  # fmt: skip
    assert LoggedRequest.objects.count() == before


def test_another_pharmacy_knows_nothing_of_it(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    number = clinic.authorize(patient).number
    assert number is not None
    assert clinic.dispense(patient, number, counter=1) == "authorization-unknown"
    assert clinic.reverse(patient, number, counter=1) == "authorization-unknown"
    assert clinic.dispense(patient, number) is None


def test_nobody_asks_for_another_pharmacy(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    with pytest.raises(NotPermitted):
        gate.authorize_patient(
            patient=patient.pk,
            pharmacy=clinic.pharmacies[1].pk,
            days_supply=30,
            by=clinic.counters[0],
            at=NOW,
            key=uuid4(),
        )


def test_what_voids_it_shows_in_the_same_transaction(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    clinic.authorize(patient)
    clinic.enter(patient, PregnancyReported())
    assert Authorization.objects.get(patient=patient).state == "void"
    assert PatientStatus.objects.get(patient=patient).stage == "stopped"


def test_a_refused_entry_leaves_an_attempt_alone(clinic: ClinicFactory) -> None:
    patient, key = clinic.ready(), uuid4()
    length = len(log.read(patient.pk))
    future: list[Record] = [
        Counselled(date(2027, 1, 1)),
        ContraceptionDeclared("prescriber", ("iud", "iud"), date(2026, 12, 1)),
    ]
    signature = signature_for_records(future, "Some One", subject=patient.pk, by=clinic.doctor, key=key, on=NOW.date())
    with pytest.raises(EntryRefused) as refused:
        enter(patient=patient.pk, records=future, by=clinic.doctor, at=NOW, key=key, signature=signature)
    named = [(place, r.field, r.rule) for place, r in refused.value.refusals]
    assert named == [(0, "visit_on", "in-the-future"), (1, "methods", "methods-not-acceptable")]
    assert len(log.read(patient.pk)) == length
    assert LoggedRequest.objects.get(key=key).codes == ["in-the-future", "methods-not-acceptable"]


NOT_A_DESIGNEES: list[Record] = [
    ContraceptionDeclared("prescriber", METHODS, date(2026, 12, 1)),
    StopCleared("r"),
    EntryStruck(6, "r"),
    ConsentSigned("patient-information", "patient"),
]


@pytest.mark.parametrize("record", NOT_A_DESIGNEES, ids=lambda record: record.kind)
def test_a_designee_never_attests(clinic: ClinicFactory, record: Record) -> None:
    patient, key = clinic.ready(), uuid4()
    designee = Actor(uuid4(), DESIGNEE, clinic.prescriber.pk)
    text = documents.load("monthly-prescriber", 1, "en")
    signature = make_signature(text, "Some One", pairs([record]), subject=patient.pk, by=designee, key=key)
    with pytest.raises(NotPermitted):
        enter(patient=patient.pk, records=[record], by=designee, at=NOW, key=key, signature=signature)
    assert LoggedRequest.objects.get(key=key).codes == ["not-permitted"]
    test = PregnancyTest(date(2026, 12, 14), "negative", "clinic")
    assert enter(patient=patient.pk, records=[test], by=designee, at=NOW, key=uuid4())


def test_another_practice_enters_nothing(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    stranger = Actor(clinic.other.user_id, "prescriber", clinic.other.pk)
    with pytest.raises(NotPermitted):
        enter(patient=patient.pk, records=[PregnancyReported()], by=stranger, at=NOW, key=uuid4())


def test_the_standing_is_what_the_log_says(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    clinic.authorize(patient)
    assert list(differences()) == []
    PatientStatus.objects.filter(patient=patient).update(stage="closed")
    assert list(differences()) == [(patient.pk, "stage")]
