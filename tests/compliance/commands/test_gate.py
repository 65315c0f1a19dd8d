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
from tests.histories import METHODS, NOW, Town

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> Town:
    return Town()


def test_a_yes_says_what_it_was_decided_on(town: Town) -> None:
    patient = town.ready()
    before = log.read(patient.pk)
    decision = town.authorize(patient)
    row = log.read(patient.pk)[-1]
    assert decision.allowed
    assert decision.dispense_by == date(2026, 12, 19)
    assert row.kind == "authorized"
    assert row.edition == "2026"
    assert row.data["decided_on"] == before[-1].number
    assert row.data["edition_version"] == 1
    kept = Authorization.objects.get(patient=patient)
    assert (kept.number, kept.first_day, kept.state) == (decision.number, date(2026, 12, 15), "open")


def test_a_retry_gets_the_same_answer_and_writes_nothing(town: Town) -> None:
    patient, key = town.ready(), uuid4()
    first = town.authorize(patient, key=key)
    length = len(log.read(patient.pk))
    assert town.authorize(patient, key=key) == first
    assert len(log.read(patient.pk)) == length
    assert LoggedRequest.objects.filter(key=key).count() == 1


def test_a_key_is_not_used_for_something_else(town: Town) -> None:
    key = uuid4()
    town.authorize(town.ready(), key=key)
    with pytest.raises(KeyReused):
        town.authorize(town.ready(), key=key)


def test_a_no_leaves_an_attempt_and_nothing_else(town: Town) -> None:
    patient, key = town.ready(), uuid4()
    town.enter(patient, PregnancyReported())
    length = len(log.read(patient.pk))
    decision = town.authorize(patient, key=key)
    # Without a test that counts there is no window, and what the patient said for it counts no more.
    missing = ["stop-open", "screening-test-missing", "contraception-missing:patient", "comprehension-missing"]
    assert [blocker.code for blocker in decision.blockers] == missing
    assert [blocker.who for blocker in decision.blockers[2:]] == [("nobody",), ("nobody",)]
    assert town.authorize(patient, key=key) == decision, "a retry is answered the same, with who must act"
    assert len(log.read(patient.pk)) == length
    assert LoggedRequest.objects.get(key=key).codes == missing


@pytest.mark.parametrize("wrong", ["number", "birth date"])
def test_a_wrong_number_and_a_wrong_birth_date_are_the_same(town: Town, wrong: str) -> None:
    patient, key = town.ready(), uuid4()
    decision = gate.authorize(
        number="22222222" if wrong == "number" else patient.number,
        born_on=patient.born_on if wrong == "number" else date(1999, 1, 1),
        pharmacy=town.pharmacies[0].pk, days_supply=30, by=town.counters[0], at=NOW, key=key,
    )  # fmt: skip
    assert decision.fault == gate.NO_SUCH_PATIENT
    assert (decision.blockers, decision.number) == ((), None)
    assert LoggedRequest.objects.get(key=key).codes == ["no-such-patient"]


@pytest.mark.parametrize("supply", [0, -1, True, 1.5, "30", None, 2**53, 10**400])
def test_a_supply_that_is_none_is_refused_before_anything_is_asked(town: Town, supply: object) -> None:
    patient = town.ready()
    before = LoggedRequest.objects.count()
    with pytest.raises(gate.BadSupply):
        gate.authorize_patient(
            patient=patient.pk, pharmacy=town.pharmacies[0].pk, days_supply=supply, by=town.counters[0], at=NOW,
            key=uuid4(),
        )  # fmt: skip
    assert LoggedRequest.objects.count() == before


def test_another_pharmacy_knows_nothing_of_it(town: Town) -> None:
    patient = town.ready()
    number = town.authorize(patient).number
    assert number is not None
    assert town.dispense(patient, number, counter=1) == "authorization-unknown"
    assert town.reverse(patient, number, counter=1) == "authorization-unknown"
    assert town.dispense(patient, number) is None


def test_nobody_asks_for_another_pharmacy(town: Town) -> None:
    patient = town.ready()
    with pytest.raises(NotPermitted):
        gate.authorize_patient(
            patient=patient.pk, pharmacy=town.pharmacies[1].pk, days_supply=30, by=town.counters[0], at=NOW, key=uuid4()
        )


def test_what_voids_it_shows_in_the_same_transaction(town: Town) -> None:
    patient = town.ready()
    town.authorize(patient)
    town.enter(patient, PregnancyReported())
    assert Authorization.objects.get(patient=patient).state == "void"
    assert PatientStatus.objects.get(patient=patient).stage == "stopped"


def test_a_refused_entry_leaves_an_attempt_alone(town: Town) -> None:
    patient, key = town.ready(), uuid4()
    length = len(log.read(patient.pk))
    future: list[Record] = [
        Counselled(date(2027, 1, 1)),
        ContraceptionDeclared("prescriber", ("iud", "iud"), date(2026, 12, 1)),
    ]
    signature = signature_for_records(future, "Some One", subject=patient.pk, by=town.doctor, key=key, on=NOW.date())
    with pytest.raises(EntryRefused) as refused:
        enter(patient=patient.pk, records=future, by=town.doctor, at=NOW, key=key, signature=signature)
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
def test_a_designee_never_attests(town: Town, record: Record) -> None:
    patient, key = town.ready(), uuid4()
    designee = Actor(uuid4(), DESIGNEE, town.prescriber.pk)
    text = documents.load("monthly-prescriber", 1, "en")
    signature = make_signature(text, "Some One", pairs([record]), subject=patient.pk, by=designee, key=key)
    with pytest.raises(NotPermitted):
        enter(patient=patient.pk, records=[record], by=designee, at=NOW, key=key, signature=signature)
    assert LoggedRequest.objects.get(key=key).codes == ["not-permitted"]
    test = PregnancyTest(date(2026, 12, 14), "negative", "clinic")
    assert enter(patient=patient.pk, records=[test], by=designee, at=NOW, key=uuid4())


def test_another_practice_enters_nothing(town: Town) -> None:
    patient = town.ready()
    stranger = Actor(town.other.user_id, "prescriber", town.other.pk)
    with pytest.raises(NotPermitted):
        enter(patient=patient.pk, records=[PregnancyReported()], by=stranger, at=NOW, key=uuid4())


def test_the_standing_is_what_the_log_says(town: Town) -> None:
    patient = town.ready()
    town.authorize(patient)
    assert list(differences()) == []
    PatientStatus.objects.filter(patient=patient).update(stage="closed")
    assert list(differences()) == [(patient.pk, "stage")]
