"""Access control of patients: which patients each role sees. A stranger sees none."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.roles import GUARDIAN, PATIENT, ROLES
from patients.people import actor_of
from patients.visibility import visible_patients
from tests import factories
from tests.factories import EachRole

pytestmark = pytest.mark.django_db


@pytest.fixture
def each_role() -> EachRole:
    return factories.each_role()


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
def test_each_role_sees_its_own(each_role: EachRole, role: str) -> None:
    assert seen(each_role.accounts()[role]) == SEES[role]


def test_another_practice_sees_its_own_patients_only(each_role: EachRole) -> None:
    assert seen(each_role.other_prescriber.user) == {"Olga"}


def test_a_designee_of_another_practice_sees_that_practice_only(each_role: EachRole) -> None:
    assert seen(factories.designee(each_role.other_prescriber).user) == {"Olga"}


@pytest.mark.parametrize("role", [role for role in ROLES if role != "officer"])
def test_an_account_that_belongs_to_nobody_sees_nobody(each_role: EachRole, role: str) -> None:
    assert seen(factories.account(role)) == set()


@pytest.mark.parametrize("role", ROLES)
def test_a_closed_account_sees_nobody(each_role: EachRole, role: str) -> None:
    user = each_role.accounts()[role]
    user.is_active = False
    assert seen(user) == set()


def test_a_guardian_of_two_sees_both_and_each_once(each_role: EachRole) -> None:
    user = each_role.accounts()[GUARDIAN]
    factories.guardian(factories.patient(each_role.other_prescriber, given_name="Otto"), user=user)
    assert sorted(patient.given_name for patient in visible_patients(user)) == ["Mina", "Otto"]


def test_a_second_guardian_makes_no_patient_appear_twice(each_role: EachRole) -> None:
    factories.guardian(each_role.minor)
    assert visible_patients(each_role.prescriber.user).count() == 2


@pytest.mark.parametrize("role", ROLES)
def test_what_one_sees_takes_one_query(each_role: EachRole, role: str) -> None:
    user = each_role.accounts()[role]
    assert user.role == role, "the place is looked up once a request, before anything is listed"
    with CaptureQueriesContext(connection) as queries:
        list(visible_patients(user))
    assert len(queries) == (0 if role == "pharmacist" else 1)


def test_each_acts_for_whom_they_belong_to(each_role: EachRole) -> None:
    acting_for = {role: actor_of(user).acting_for for role, user in each_role.accounts().items()}
    assert acting_for == {
        "prescriber": each_role.prescriber.id,
        "designee": each_role.prescriber.id,
        "patient": each_role.patient.id,
        "guardian": None,
        "pharmacist": each_role.pharmacist.pharmacy_id,
        "officer": None,
    }


@pytest.mark.parametrize("role", ROLES)
def test_an_actor_is_the_account_in_its_role_in_one_query_at_most(each_role: EachRole, role: str) -> None:
    user = each_role.accounts()[role]
    with CaptureQueriesContext(connection) as queries:
        actor = actor_of(user)
    assert (actor.account, actor.role) == (user.id, role)
    assert len(queries) <= 1


def test_a_patient_without_a_file_acts_for_nobody() -> None:
    assert actor_of(factories.account(PATIENT)).acting_for is None
