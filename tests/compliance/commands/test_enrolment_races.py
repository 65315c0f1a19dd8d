"""Two practices enrol one person at the same moment, on real connections: one file, and one that is held."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import partial
from uuid import uuid4

import pytest

from accounts.roles import PRESCRIBER
from compliance.commands import enrolment
from compliance.commands.enrolment import NewPatient
from compliance.rules.records import BirthDateCorrected
from ledger.actor import Actor
from ledger.erasable_text import make_erasable
from patients.models import HeldEnrolment, Patient
from tests.compliance.races import Rounds, Runners
from tests.histories import NOW, ClinicFactory

ANA = NewPatient(
    given_name="Ana", family_name="Mora", born_on=date(2001, 4, 2), email="ana@example.org", phone="",
    category="can_become_pregnant",
)  # fmt: skip
OTHERS = {
    "the same": ANA,
    "two digits of the year exchanged": replace(ANA, born_on=date(2010, 4, 2), email="other@example.org",
                                                guardian_name="G", guardian_email="g@example.org"),
    "one digit of the day": replace(ANA, born_on=date(2001, 4, 12), email="other@example.org"),
    "day and month exchanged": replace(ANA, born_on=date(2001, 2, 4), email="other@example.org"),
    "a name that is alike": replace(ANA, family_name="Mora-Lopez", email="other@example.org"),
    "a nickname": replace(ANA, given_name="Annie", email="other@example.org"),
    "the name and the e-mail": replace(ANA, born_on=date(1990, 11, 30)),
}  # fmt: skip


@pytest.fixture(scope="module")
def runners() -> Iterator[Runners]:
    threads = Runners(2)
    yield threads
    threads.close()


@pytest.mark.parametrize("name", OTHERS)
def test_two_practices_enrol_one_person_at_once_and_one_is_held(committed: str, runners: Runners, name: str) -> None:
    clinic, rounds = ClinicFactory(), Rounds(20, ways=2)
    for round_ in rounds:
        # Each round is of other people: nobody matches those of the round before.
        word = uuid4().hex
        both = [
            replace(new, given_name=new.given_name, family_name=f"{new.family_name}{word}")
            for new in (ANA, OTHERS[name])
        ]
        if name == "a name that is alike":
            both = [replace(new, family_name=f"{word} {new.family_name}") for new in (ANA, OTHERS[name])]
        both = [replace(new, email=f"{word}{new.email}") for new in both]
        by = (clinic.doctor, Actor(clinic.other.user_id, PRESCRIBER, clinic.other.pk))
        steps = [
            partial(enrolment.enrol, new=new, by=who, at=NOW, key=uuid4()) for new, who in zip(both, by, strict=True)
        ]
        results = runners.together(steps, late=rounds.late(round_))
        rounds.ended(results[0].held is None)
        assert sorted(result.held is None for result in results) == [False, True]


def test_one_practice_enrols_one_person_twice_at_once_and_is_shown_the_first(committed: str, runners: Runners) -> None:
    clinic, rounds = ClinicFactory(), Rounds(20, ways=2)
    for round_ in rounds:
        word = uuid4().hex
        new = replace(ANA, family_name=f"Mora{word}", email=f"{word}@example.org")
        steps = [
            partial(enrolment.enrol, new=new, by=clinic.doctor, at=NOW, key=uuid4(), shows_own=True) for _ in range(2)
        ]
        results = runners.together(steps, late=rounds.late(round_))
        rounds.ended(results[0].patient is not None)
        (patient,) = Patient.objects.filter(email=new.email).values_list("pk", flat=True)
        assert sorted((result.patient, result.own) for result in results if result.patient) == [(patient, ())]
        assert [(result.held, result.own) for result in results if not result.patient] == [(None, (patient,))]
        assert not HeldEnrolment.objects.filter(data__email=new.email).exists()


def test_an_enrolment_and_a_correction_at_once_are_both_seen(committed: str, runners: Runners) -> None:
    clinic, rounds = ClinicFactory(), Rounds(20, ways=2)
    for round_ in rounds:
        born_on = date(1960 + round_, 7, 17)
        other = clinic.ready(born_on=date(1950 - round_, 1, 30))
        new = replace(ANA, given_name=other.given_name, family_name=other.family_name, born_on=born_on,
                      email=f"{round_}@example.org")  # fmt: skip
        correct = partial(clinic.enter, other, BirthDateCorrected(born_on, make_erasable("x").digest))
        enrols = partial(enrolment.enrol, new=new, by=clinic.doctor, at=NOW, key=uuid4())
        result, _ = runners.together([enrols, correct], late=rounds.late(round_))
        rounds.ended(result.held is None)
        shown = HeldEnrolment.objects.filter(patient=other.pk, is_correction=True).exists()
        assert (result.held is None) == shown
        Patient.objects.filter(born_on=born_on).update(born_on=date(1900, 1, 1), name_key="", given_name="—")
