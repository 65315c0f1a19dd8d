"""Who sees whom. The stranger, whoever it is, sees nobody."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.roles import GUARDIAN, PATIENT, ROLES
from patients.people import actor_of
from patients.visibility import visible_patients
from tests import people
from tests.people import Village

pytestmark = pytest.mark.django_db


@pytest.fixture
def village() -> Village:
    return people.village()


def seen(user: User) -> set[str]:
    return {patient.given_name for patient in visible_patients(user)}


SEES = {
    "prescriber": {"Ana", "Mina"},
    "designee": {"Ana", "Mina"},
    "patient": {"Ana"},
    "guardian": {"Mina"},
    "pharmacist": set(),
    "officer": {"Ana", "Mina", "Olga"},
}


@pytest.mark.parametrize("role", ROLES)
def test_each_role_sees_its_own(village: Village, role: str) -> None:
    assert seen(village.accounts()[role]) == SEES[role]


def test_another_practice_sees_its_own_patients_only(village: Village) -> None:
    assert seen(village.other_prescriber.user) == {"Olga"}


def test_a_designee_of_another_practice_sees_that_practice_only(village: Village) -> None:
    assert seen(people.designee(village.other_prescriber).user) == {"Olga"}


@pytest.mark.parametrize("role", [role for role in ROLES if role != "officer"])
def test_an_account_that_belongs_to_nobody_sees_nobody(village: Village, role: str) -> None:
    assert seen(people.account(role)) == set()


@pytest.mark.parametrize("role", ROLES)
def test_a_closed_account_sees_nobody(village: Village, role: str) -> None:
    user = village.accounts()[role]
    user.is_active = False
    assert seen(user) == set()


def test_a_guardian_of_two_sees_both_and_each_once(village: Village) -> None:
    user = village.accounts()[GUARDIAN]
    people.guardian(people.patient(village.other_prescriber, given_name="Otto"), user=user)
    assert sorted(patient.given_name for patient in visible_patients(user)) == ["Mina", "Otto"]


def test_a_second_guardian_makes_no_patient_appear_twice(village: Village) -> None:
    people.guardian(village.minor)
    assert visible_patients(village.prescriber.user).count() == 2


@pytest.mark.parametrize("role", ROLES)
def test_what_one_sees_takes_one_query(village: Village, role: str) -> None:
    user = village.accounts()[role]
    with CaptureQueriesContext(connection) as queries:
        list(visible_patients(user))
    assert len(queries) == (0 if role == "pharmacist" else 1)


def test_each_acts_for_whom_they_belong_to(village: Village) -> None:
    acting_for = {role: actor_of(user).acting_for for role, user in village.accounts().items()}
    assert acting_for == {
        "prescriber": village.prescriber.id,
        "designee": village.prescriber.id,
        "patient": village.patient.id,
        "guardian": None,
        "pharmacist": village.pharmacist.pharmacy_id,
        "officer": None,
    }


@pytest.mark.parametrize("role", ROLES)
def test_an_actor_is_the_account_in_its_role_in_one_query_at_most(village: Village, role: str) -> None:
    user = village.accounts()[role]
    with CaptureQueriesContext(connection) as queries:
        actor = actor_of(user)
    assert (actor.account, actor.role) == (user.id, role)
    assert len(queries) <= 1


def test_a_patient_without_a_file_acts_for_nobody() -> None:
    assert actor_of(people.account(PATIENT)).acting_for is None
