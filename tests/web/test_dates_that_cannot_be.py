"""A day that cannot be is refused beside its field, with all that was typed still there (rules, section 3)."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.roles import DESIGNEE
from compliance.rules.records import PregnancyTest
from ledger import log
from tests import factories
from tests.clocks import Clock
from tests.factories import PASSWORD, ticks
from tests.histories import METHODS, ClinicFactory
from tests.security.reading import confirmed
from tests.web.cases import case
from tests.web.opened import brought
from tests.web.unrendered import unrendered

pytestmark = pytest.mark.django_db

TOO_OLD = "This day is too long before the enrolment to belong to this course. Check the year."
UNBORN = "This day lies before the patient was born. Check the year."
BEFORE_THE_COURSE = "This day lies before the course began. Check the year."

TEST = {"result": "negative", "setting": "laboratory", "menses": "first_five_days"}
DECLARED: dict[str, Any] = {"methods": list(METHODS)} | ticks("monthly-prescriber")
MONTH = TEST | DECLARED | {"collected_on": "2026-12-14", "visit_on": "2026-12-14", "started_on": "2026-11-01"}

#: Form, field, the rest of it, the latest day that is refused, the first that is taken, the sentence.
#: The patient, born on 2 April 2001, was enrolled on 5 November: sixty days before it is 6 September.
DAYS: dict[str, tuple[str, str, dict[str, Any], str, str, str]] = {
    "a specimen": ("test", "collected_on", TEST, "2026-09-05", "2026-09-06", TOO_OLD),
    "an indeterminate one": (
        "test", "collected_on", TEST | {"result": "indeterminate"}, "2026-09-05", "2026-09-06", TOO_OLD),
    "a specimen of last year": ("test", "collected_on", TEST, "2025-12-14", "2026-12-14", TOO_OLD),
    "a visit": ("visit", "visit_on", {}, "2026-09-05", "2026-09-06", TOO_OLD),
    "a month's specimen": ("month", "collected_on", MONTH, "2026-09-05", "2026-09-06", TOO_OLD),
    "a month's visit": ("month", "visit_on", MONTH, "2026-09-05", "2026-09-06", TOO_OLD),
    "a month's methods": ("month", "started_on", MONTH, "2001-04-01", "2001-04-02", UNBORN),
    "methods": ("methods", "started_on", DECLARED, "2001-04-01", "2001-04-02", UNBORN),
    "a last dose": (
        "discontinue", "last_dose_on", {"dose": "yes", "reason": "done"}, "2026-11-04", "2026-11-05",
        BEFORE_THE_COURSE),
}  # fmt: skip


class Practice:
    """A ready patient before their prescriber."""

    def __init__(self, clock: Clock) -> None:
        clock.set("2026-12-15T11:00-05:00")
        self.clinic = ClinicFactory()
        self.patient, self.doctor = self.clinic.ready(), self.clinic.prescriber.user
        self.doctor.set_password(PASSWORD)
        self.doctor.save()
        self.brought: dict[str, dict[str, str]] = {}
        self.client = Client()
        factories.sign_in(self.client, self.doctor)

    def send(self, slug: str, form: dict[str, Any], *, confirming: bool = False) -> Any:
        own = {"signer_password": PASSWORD}
        path = f"/prescriber/patients/{self.patient.pk}/{slug}/"
        if path not in self.brought:
            self.brought[path] = brought(self.client, path)
        form = self.brought[path] | own | {"key": str(uuid4())} | form
        return confirmed(self.client, path, form) if confirming else self.client.post(path, form)


@pytest.fixture
def practice(clock: Clock) -> Practice:
    return Practice(clock)


def test_the_day_is_refused_beside_its_field(practice: Practice) -> None:
    for name in DAYS:
        with case(name):
            slug, field, rest, refused, taken, sentence = DAYS[name]
            before = log.read(practice.patient.pk)
            answer = practice.send(slug, rest | {field: refused})
            assert answer.status_code == 422
            form = answer.context["form"]
            assert form.errors == {field: [sentence]}
            assert sentence in answer.content.decode()
            typed = {name: form[name].value() for name in rest if name in form.fields and not name.startswith("item_")}
            assert typed == {name: rest[name] for name in typed} | ({field: refused} if field in typed else {})
            assert form[field].value() == refused
            assert log.read(practice.patient.pk) == before
            assert practice.send(slug, rest | {field: taken}, confirming=True).status_code == 302
            assert len(log.read(practice.patient.pk)) > len(before)


def test_two_days_that_cannot_be_are_both_named(practice: Practice) -> None:
    with unrendered():
        answer = practice.send("month", MONTH | {"collected_on": "2025-12-14", "visit_on": "2025-12-14"})
        assert answer.context["form"].errors == {"collected_on": [TOO_OLD], "visit_on": [TOO_OLD]}


def test_a_positive_test_is_taken_whatever_its_day(practice: Practice) -> None:
    """A stop is never lost to a wrong year."""
    answer = practice.send("test", TEST | {"result": "positive", "collected_on": "2025-12-14"}, confirming=True)
    assert answer.status_code == 302
    assert log.read(practice.patient.pk)[-1].kind == "pregnancy_test"


def test_a_test_with_last_years_date_does_not_serve_as_two(practice: Practice) -> None:
    """The year was mistyped first: it is refused, so there is no screening test a year before the one there is."""
    fresh = practice.clinic.ready()
    for row in [row for row in log.read(fresh.pk) if row.kind == "pregnancy_test"]:
        practice.patient = fresh
        assert practice.send(f"void/{row.number}", {"reason": "x"} | ticks("striking")).status_code == 302
    assert practice.send("test", TEST | {"collected_on": "2025-12-14"}).status_code == 422
    assert practice.send("test", TEST | {"collected_on": "2026-12-14"}).status_code == 302
    decision = practice.clinic.authorize(fresh)
    assert "confirmatory-test-missing" in [blocker.code for blocker in decision.blockers]


def test_a_designee_is_told_the_same(practice: Practice) -> None:
    designee = factories.designee(practice.clinic.prescriber).user
    assert designee.role == DESIGNEE
    client = Client()
    factories.sign_in(client, designee)
    path = f"/prescriber/patients/{practice.patient.pk}/test/"
    form = TEST | {"collected_on": "2026-09-05", "key": str(uuid4())}
    assert TOO_OLD in client.post(path, form).content.decode()
    assert practice.clinic.enter(practice.patient, PregnancyTest(date(2026, 9, 6), "negative", "clinic"))
