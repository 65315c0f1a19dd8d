"""Two at the same moment, on real connections: never a yes that the log, read in order, does not justify.

Clocks are a second apart in both directions. Each race is run until either came first five times; a thousand rounds in
all in a run of everything.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from functools import partial
from uuid import uuid4

import pytest

from compliance.models import Authorization
from compliance.rules.records import (
    ConsentWithdrawn,
    Counselled,
    EntryStruck,
    PregnancyReported,
    PregnancyTest,
    Record,
    Transferred,
)
from ledger import log
from ledger.verify import verify
from patients.models import Patient
from tests.compliance.races import Rounds, Runners, unjustified
from tests.histories import NOW, ClinicFactory

SKEWS = [timedelta(seconds=seconds) for seconds in (-1, 0, 1)]


@pytest.fixture
def clinic(crowd: ClinicFactory) -> ClinicFactory:
    return crowd


@pytest.fixture
def runners(crowd: ClinicFactory) -> Iterator[Runners]:
    threads = Runners(2)
    yield threads
    threads.close()


def clean(patients: Sequence[Patient]) -> None:
    """What must hold of the log of each round's patient: asked once all rounds are over, of all of them together."""
    assert {patient.pk: found for patient in patients if (found := unjustified(patient))} == {}
    assert list(verify([patient.pk for patient in patients])) == []


def test_two_pharmacies_ask_and_one_gets_a_yes(clinic: ClinicFactory, runners: Runners) -> None:
    rounds, patients = Rounds(300, ways=2 * len(SKEWS), enough=2), list[Patient]()
    for round_ in rounds:
        patient, skew = clinic.ready(), SKEWS[round_ % 3]
        answers = runners.together(
            [partial(clinic.authorize, patient, 0), partial(clinic.authorize, patient, 1, NOW + skew)],
            late=rounds.late(round_),
        )
        assert sorted(answer.allowed for answer in answers) == [False, True]
        rounds.ended(answers[0].allowed, skew)
        refused = next(answer for answer in answers if not answer.allowed)
        assert [blocker.code for blocker in refused.blockers] == ["authorization-open"]
        assert Authorization.objects.filter(patient=patient, state="open").count() == 1
        patients.append(patient)
    clean(patients)


def test_the_same_request_sent_twice_is_one_authorization(clinic: ClinicFactory, runners: Runners) -> None:
    # Who came first is not to be told, as both get the same: now neither is late, now the one, now the other.
    rounds, patients = Rounds(100, ways=1, enough=18), list[Patient]()
    for round_ in rounds:
        patient, key = clinic.ready(), uuid4()
        same = [partial(clinic.authorize, patient, 0, NOW, key)] * 2
        first, second = runners.together(same, late=rounds.late(round_))
        rounds.ended()
        assert first.allowed
        assert first == second
        assert Authorization.objects.filter(patient=patient).count() == 1
        patients.append(patient)
    clean(patients)


def positive(clinic: ClinicFactory, patient: Patient) -> Record:
    return PregnancyTest(date(2026, 12, 15), "positive", "laboratory")


def report(clinic: ClinicFactory, patient: Patient) -> Record:
    return PregnancyReported()


def void_entry(clinic: ClinicFactory, patient: Patient) -> Record:
    visit = next(row for row in reversed(log.read(patient.pk)) if row.kind == Counselled.kind)
    return EntryStruck(visit.number, "wrong day")


def withdrawal(clinic: ClinicFactory, patient: Patient) -> Record:
    return ConsentWithdrawn("birth-defects")


def transfer(clinic: ClinicFactory, patient: Patient) -> Record:
    return Transferred(str(clinic.other.pk))


AGAINST: dict[str, Callable[[ClinicFactory, Patient], Record]] = {
    "a positive test": positive,
    "a report": report,
    "voiding an entry": void_entry,
    "a withdrawal": withdrawal,
    "a transfer": transfer,
}


@pytest.mark.parametrize("against", AGAINST)
def test_authorize_against(clinic: ClinicFactory, runners: Runners, against: str) -> None:
    rounds, patients = Rounds(50, ways=2), list[Patient]()
    for round_ in rounds:
        patient, skew = clinic.ready(), SKEWS[round_ % 3]
        record = AGAINST[against](clinic, patient)
        answer, entered = runners.together(
            [
                partial(clinic.authorize, patient),
                partial(clinic.enter, patient, record, NOW + skew),
            ],
            late=rounds.late(round_),
        )
        assert entered
        rounds.ended(answer.allowed, log.read(patient.pk)[-1].kind == "authorized")
        states = list(Authorization.objects.filter(patient=patient).values_list("state", flat=True))
        if answer.allowed:  # it came first, and what came after it made it void; or it came after a transfer
            assert states in (["void"], ["open"])
            assert against == "a transfer" or states == ["void"]
        else:
            assert states == []
        patients.append(patient)
    clean(patients)


@pytest.mark.parametrize("against", AGAINST)
def test_dispense_against(clinic: ClinicFactory, runners: Runners, against: str) -> None:
    rounds, patients = Rounds(50, ways=2), list[Patient]()
    for round_ in rounds:
        patient, skew = clinic.ready(), SKEWS[round_ % 3]
        number = clinic.authorize(patient).number
        assert number is not None
        record = AGAINST[against](clinic, patient)
        code, entered = runners.together(
            [
                partial(clinic.dispense, patient, number),
                partial(clinic.enter, patient, record, NOW + skew),
            ],
            late=rounds.late(round_),
        )
        assert entered
        assert code in (None, "authorization-void")
        rounds.ended(code)
        state = Authorization.objects.get(patient=patient).state
        assert state == ("dispensed" if code is None else "void")
        patients.append(patient)
    clean(patients)


def test_dispense_against_a_reversal(clinic: ClinicFactory, runners: Runners) -> None:
    rounds, patients = Rounds(100, ways=2), list[Patient]()
    for round_ in rounds:
        patient, skew = clinic.ready(), SKEWS[round_ % 3]
        number = clinic.authorize(patient).number
        assert number is not None
        dispensed, reversed_ = runners.together(
            [
                partial(clinic.dispense, patient, number),
                partial(clinic.reverse, patient, number, at=NOW + skew),
            ],
            late=rounds.late(round_),
        )
        rounds.ended(dispensed)
        assert (dispensed, reversed_) in [(None, "authorization-dispensed"), ("authorization-reversed", None)]
        patients.append(patient)
    clean(patients)


def test_two_dispense_and_one_is_told_that_it_was_done(clinic: ClinicFactory, runners: Runners) -> None:
    rounds, patients = Rounds(50, ways=2), list[Patient]()
    for round_ in rounds:
        patient = clinic.ready()
        number = clinic.authorize(patient).number
        assert number is not None
        codes = runners.together([partial(clinic.dispense, patient, number)] * 2, late=rounds.late(round_))
        rounds.ended(codes[0])
        assert sorted(codes, key=str) == [None, "authorization-dispensed"]
        patients.append(patient)
    clean(patients)
