"""Somebody whom the practice has already is shown to it; of another practice's patients it learns nothing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from uuid import UUID, uuid4

import pytest

from accounts.roles import PRESCRIBER
from compliance.commands import enrolment
from compliance.commands.enrolment import Enrolment, NewPatient
from compliance.commands.entries import EntryRefused
from ledger.actor import Actor
from ledger.models import LogRecord
from patients.models import HeldEnrolment, Patient
from tests import factories
from tests.clocks import Clock
from tests.histories import NOW, ClinicFactory

pytestmark = pytest.mark.django_db

ANA = NewPatient(
    given_name="Ana", family_name="Mora", born_on=date(2001, 4, 9), email="ana.two@example.org", phone="",
    category="can_become_pregnant",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _today(clock: Clock) -> None:
    clock.at = NOW


def enrol(
    clinic: ClinicFactory, new: NewPatient = ANA, *, shows_own: bool = True, key: UUID | None = None
) -> Enrolment:
    return enrolment.enrol(new=new, by=clinic.doctor, at=NOW, key=key or uuid4(), shows_own=shows_own)


def own(clinic: ClinicFactory) -> list[Patient]:
    return [factories.patient(clinic.prescriber, born_on=ANA.born_on)]


def two_of_own(clinic: ClinicFactory) -> list[Patient]:
    return [*own(clinic), factories.patient(clinic.prescriber, born_on=ANA.born_on, given_name="Anna")]


def another_practices(clinic: ClinicFactory) -> list[Patient]:
    factories.patient(clinic.other, born_on=ANA.born_on)
    return []


def both(clinic: ClinicFactory) -> list[Patient]:
    another_practices(clinic)
    return own(clinic)


def both_the_other_way_round(clinic: ClinicFactory) -> list[Patient]:
    mine = own(clinic)
    another_practices(clinic)
    return mine


def nobody(clinic: ClinicFactory) -> list[Patient]:
    return []


def who_was_handed_on(clinic: ClinicFactory) -> list[Patient]:
    """No more the practice's own."""
    Patient.objects.filter(pk=own(clinic)[0].pk).update(prescriber=clinic.other)
    return []


#: Who is there, whether the enrolment is held, and whether somebody is shown instead.
CASES: dict[str, tuple[Callable[[ClinicFactory], list[Patient]], bool]] = {
    "nobody": (nobody, False),
    "the practice's own": (own, False),
    "two of its own": (two_of_own, False),
    "another practice's": (another_practices, True),
    "one of each": (both, False),
    "one of each, the own first": (both_the_other_way_round, False),
    "one who was handed on": (who_was_handed_on, True),
}


@pytest.mark.parametrize("case", CASES)
def test_own_patients_are_shown_and_others_never(clinic: ClinicFactory, case: str) -> None:
    make, is_held = CASES[case]
    mine, before = make(clinic), LogRecord.objects.count()
    result = enrol(clinic)
    assert set(result.own) == {patient.pk for patient in mine}
    assert (result.held is not None) == is_held
    assert (result.patient is not None) == (case == "nobody")
    assert HeldEnrolment.objects.exists() == is_held
    if mine:
        assert LogRecord.objects.count() == before
        # Said to be somebody else, it goes to the office, with everybody who may be the same.
        held = enrol(clinic, shows_own=False).held
        assert held is not None
        everybody = {str(pk) for pk in Patient.objects.values_list("pk", flat=True)}
        assert set(HeldEnrolment.objects.get(pk=held).candidates) == everybody


def test_whether_there_is_another_elsewhere_makes_no_difference(clinic: ClinicFactory) -> None:
    own(clinic)
    alone = enrol(clinic)
    another_practices(clinic)
    assert enrol(clinic) == alone


def test_another_practice_is_shown_nobody(clinic: ClinicFactory) -> None:
    own(clinic)
    by = Actor(clinic.other.user_id, PRESCRIBER, clinic.other.pk)
    result = enrolment.enrol(new=ANA, by=by, at=NOW, key=uuid4(), shows_own=True)
    assert result.own == ()
    assert result.held is not None


def test_what_the_rules_refuse_is_refused_first(clinic: ClinicFactory) -> None:
    own(clinic)
    with pytest.raises(EntryRefused, match="category: not-listed"):
        enrol(clinic, replace(ANA, category="neither"))


def test_the_same_request_once_more_shows_the_same(clinic: ClinicFactory) -> None:
    mine, key = own(clinic), uuid4()
    assert enrol(clinic, key=key) == enrol(clinic, key=key) == Enrolment(None, None, own=(mine[0].pk,))
