"""What a practice typed about somebody who was turned down goes after 30 days."""

from datetime import timedelta

import pytest

from notifications.sweep import sweep
from patients.models import HeldEnrolment
from tests import factories
from tests.clocks import Clock
from tests.compliance.commands.test_held_enrolments import LATER, decide, held
from tests.histories import NOW, ClinicFactory

pytestmark = pytest.mark.django_db

DAYS = timedelta(days=30)
AGES = [("just short of 30 days", DAYS - timedelta(microseconds=1), True), ("30 days", DAYS, False)]


@pytest.mark.parametrize(("_name", "age", "kept"), AGES, ids=[name for name, _age, _kept in AGES])
def test_enrolment_that_was_turned_down_goes_after_30_days(
    clinic: ClinicFactory, clock: Clock, _name: str, age: timedelta, kept: bool
) -> None:
    case = held(clinic)
    decide(clinic, case, let_through=False, reason="a cousin of hers")
    practice, office = factories.as_(clinic.prescriber.user), factories.as_(factories.officer())
    clock.at = LATER + age
    sweep(at=LATER + age)
    row = HeldEnrolment.objects.get(pk=case)
    assert (row.state, row.decided_by) == ("turned_down", clinic.officer.account)
    assert (row.data != {}, row.reason != "") == (kept, kept)
    shown = practice.get("/prescriber/practice/").content.decode()
    assert ("Enrolments with the program office" in shown) is kept
    assert (f"/office/duplicates/{case}/" in office.get("/office/duplicates/").content.decode()) is kept
    assert office.get(f"/office/duplicates/{case}/").status_code == (200 if kept else 404)


def test_enrolments_that_wait_or_were_let_through_stay_as_long_as_they_are_needed(clinic: ClinicFactory) -> None:
    waiting = held(clinic)
    sweep(at=NOW + timedelta(days=90))
    assert HeldEnrolment.objects.get(pk=waiting).data
    decide(clinic, waiting)
    sweep(at=NOW + timedelta(days=90))
    assert HeldEnrolment.objects.get(pk=waiting).data
