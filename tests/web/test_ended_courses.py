"""After a course: its last dose is corrected or its end is voided; the page shows what follows."""

import re
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import User
from compliance.models import Authorization, PatientStatus
from compliance.records.rebuild import differences
from compliance.rules.records import Discontinued, Enrolled, LastDoseCorrected, Record
from ledger import log
from tests import factories
from tests.clocks import Clock
from tests.factories import PASSWORD, ticks
from tests.histories import ClinicFactory
from tests.security.reading import Page
from tests.web.cases import case
from tests.web.opened import brought
from tests.web.unrendered import unrendered

pytestmark = pytest.mark.django_db

END_TEST, MONTH_TEST = "Test at the end of treatment, due", "Test a month after, due"


class Practice:
    """A patient of a practice: enrolled on 5 November, filled on 15 December."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        clock.set("2026-12-15T11:00-05:00")
        self.clinic = ClinicFactory()
        self.patient = self.clinic.ready()
        number = self.clinic.authorize(self.patient).number
        assert number is not None
        self.clinic.dispense(self.patient, number)
        self.path = f"/prescriber/patients/{self.patient.pk}/"
        self.doctor = self.clinic.prescriber.user
        self.doctor.set_password(PASSWORD)
        self.doctor.save()

    def enter(self, on: str, *records: Record) -> int:
        """Entered at noon of that day, an hour before the clock; the number of the last one."""
        at = datetime.fromisoformat(f"{on}T12:00-05:00").astimezone(UTC)
        self.clinic._enter(self.patient, at, *records)
        self.clock.set(f"{on}T13:00-05:00")
        return log.read(self.patient.pk)[-1].number

    def end(self, last_dose_on: date | None = date(2026, 12, 20), on: str = "2026-12-22") -> int:
        return self.enter(on, Discontinued("done", last_dose_on))

    def enrol_again(self, on: str = "2026-12-28") -> None:
        self.enter(on, Enrolled("can_become_pregnant", prescriber=str(self.clinic.prescriber.pk)))

    def client(self, user: User | None = None) -> Client:
        client = Client()
        factories.sign_in(client, user or self.doctor)
        return client

    def page(self) -> Any:
        return self.client().get(self.path)

    def owed(self) -> list[tuple[str, date]]:
        with unrendered():
            return [(str(label), due) for label, due in self.page().context["owed"]]

    def gap(self) -> date | None:
        """From when the course that is open can go on, where the one before is too near."""
        with unrendered():
            blockers = self.page().context["assessment"].blockers
        return next((b.clears_on for b in blockers if b.code == "course-gap"), None)

    def correct(self, **typed: str) -> Any:
        form = {"reason": "misread", "key": str(uuid4()), "dose": "yes"} | typed
        return self.client().post(f"{self.path}last-dose/", form)

    @property
    def kinds(self) -> list[str]:
        return [row.kind for row in log.read(self.patient.pk)]


@pytest.fixture
def practice(clock: Clock) -> Practice:
    return Practice(clock)


# --- the last dose ----------------------------------------------------------------------------------
STOOD: dict[str, tuple[date | None, dict[str, str]]] = {
    "a day": (date(2026, 12, 20), {"dose": "yes", "last_dose_on": "2026-12-20"}),
    "none was taken": (None, {"dose": "no", "last_dose_on": ""}),
}


@pytest.mark.parametrize("name", STOOD)
def test_what_was_entered_stands_in_the_fields(practice: Practice, name: str) -> None:
    last, stood = STOOD[name]
    practice.end(last)
    path = f"{practice.path}last-dose/"
    (form,) = [f for f in Page(path, practice.client().get(path).content.decode()).forms if "dose" in f.fields]
    assert {field: form.fields[field].value for field in stood} == stood


def test_what_is_owed_follows_the_corrected_day(practice: Practice) -> None:
    practice.end()
    assert practice.owed() == [(END_TEST, date(2026, 12, 20)), (MONTH_TEST, date(2027, 1, 19))]
    assert f'href="{practice.path}last-dose/"' in practice.page().content.decode()
    assert practice.correct(last_dose_on="2026-12-18").status_code == 302
    assert practice.owed() == [(END_TEST, date(2026, 12, 18)), (MONTH_TEST, date(2027, 1, 17))]
    page = practice.page().content.decode()
    for said in ("Last dose corrected", "Last dose Dec 18, 2026", "Last dose Dec 20, 2026"):
        assert said in page, said
    owed = [["end-of-treatment-test", "2026-12-18"], ["month-after-test", "2027-01-17"]]
    assert PatientStatus.objects.get(patient=practice.patient).owed == owed
    assert list(differences()) == []


def test_no_dose_after_all_owes_nothing(practice: Practice) -> None:
    practice.end()
    assert practice.correct(dose="no").status_code == 302
    assert practice.owed() == []
    with unrendered():
        assert practice.page().context["assessment"].history.last_ended.last_dose_on is None
    assert PatientStatus.objects.get(patient=practice.patient).stage == "closed"
    assert practice.correct(last_dose_on="2026-12-21").status_code == 302, "and a dose after all owes both again"
    assert [due for _label, due in practice.owed()] == [date(2026, 12, 21), date(2027, 1, 20)]


def test_the_wait_before_another_course_follows_it(practice: Practice) -> None:
    """While the next course is open already, too."""
    practice.end()
    practice.enrol_again()
    assert practice.gap() == date(2027, 2, 14)
    assert f'href="{practice.path}last-dose/"' in practice.page().content.decode()
    assert practice.correct(last_dose_on="2026-12-16").status_code == 302
    assert practice.gap() == date(2027, 2, 10)
    assert practice.correct(dose="no").status_code == 302
    assert practice.gap() is None
    assert list(differences()) == []


REFUSED: dict[str, tuple[dict[str, str], str]] = {
    "before the course": ({"last_dose_on": "2026-11-04"}, "This day lies before the course began. Check the year."),
    "to come": ({"last_dose_on": "2026-12-23"}, "This day is still to come."),
    "a dose, and no day": ({"last_dose_on": ""}, "Enter the day of the last dose."),
    "nonsense": ({"last_dose_on": "then"}, "Enter a date, for example 04/27/2026."),
}


def test_a_day_that_cannot_be_is_refused_beside_its_field(practice: Practice) -> None:
    for name in REFUSED:
        with case(name, clock=practice.clock):
            typed, sentence = REFUSED[name]
            practice.end()
            before = practice.kinds
            answer = practice.correct(**typed)
            assert answer.status_code == 422
            assert answer.context["form"].errors == {"last_dose_on": [sentence]}
            assert sentence in answer.content.decode()
            kept = {field: answer.context["form"][field].value() for field in ("dose", "last_dose_on", "reason")}
            assert kept == {"dose": "yes", "reason": "misread"} | typed
            assert practice.kinds == before
            assert practice.correct(last_dose_on="2026-11-05").status_code == 302, "the first day of the course"


def test_of_the_latest_course_that_ended_alone(practice: Practice) -> None:
    """Between two courses: a day before the second began is none of its last dose."""
    practice.end()
    practice.enrol_again("2027-03-01")
    practice.end(date(2027, 3, 2), on="2027-03-03")
    assert practice.correct(last_dose_on="2027-02-28").status_code == 422
    assert practice.correct(last_dose_on="2027-03-01").status_code == 302


def test_where_no_course_ever_ended_there_is_nothing_to_correct(practice: Practice) -> None:
    before = practice.kinds
    assert "last-dose/" not in practice.page().content.decode()
    answer = practice.correct(last_dose_on="2026-12-14")
    assert answer.status_code == 422
    assert "No course has ended, so there is no last dose to correct." in answer.content.decode()
    assert practice.kinds == before


def test_a_designee_corrects_none(practice: Practice) -> None:
    practice.end()
    designee = practice.client(factories.designee(practice.clinic.prescriber).user)
    before = practice.kinds
    assert "last-dose/" not in designee.get(practice.path).content.decode()
    assert designee.get(f"{practice.path}last-dose/").status_code == 403
    form = {"reason": "r", "key": str(uuid4()), "dose": "no"}
    assert designee.post(f"{practice.path}last-dose/", form).status_code == 403
    assert practice.kinds == before


# --- the end ----------------------------------------------------------------------------------------
def signed(practice: Practice) -> dict[str, str]:
    own = {"signer_password": PASSWORD}
    return own | ticks("striking") | {"reason": "the wrong patient", "key": str(uuid4())}


def void_links(practice: Practice) -> list[int]:
    page = practice.page().content.decode()
    return [int(number) for number in re.findall(rf'href="{practice.path}void/(\d+)/"', page)]


def stands(practice: Practice) -> object:
    """What the page says of the course, but for the record itself."""
    with unrendered():
        context = practice.page().context
    entries = [action.url for name in ("each_month", "now_and_then") for action in context[name]]
    tasks = [(task.sentence, task.clears_on) for task in context["tasks"]]
    return context["stage"], tasks, entries, context["owed"], context["picture"]


def test_voided_end_of_a_course_lets_it_go_on(practice: Practice) -> None:
    """Whoever ended the wrong patient's course costs her no lead-in and no two tests."""
    practice.clock.set("2026-12-22T13:00-05:00")
    before = stands(practice)
    number = practice.end()
    assert stands(practice) != before
    assert number in void_links(practice)
    client, path = practice.client(), f"{practice.path}void/{number}/"
    answer: Any = client.post(path, signed(practice) | brought(client, path), follow=True)
    assert answer.redirect_chain == [(practice.path, 302)]
    assert (
        "The end of the course is marked as entered in error. The course goes on as if it had never ended."
        in answer.content.decode()
    )
    practice.clock.set("2026-12-22T13:00-05:00")
    assert stands(practice) == before
    assert number not in void_links(practice)
    assert PatientStatus.objects.get(patient=practice.patient).stage == "between-fills"
    assert list(differences()) == []


def test_what_the_end_made_void_stays_void(practice: Practice) -> None:
    patient = practice.clinic.ready()
    practice.clinic.authorize(patient)
    practice.patient, practice.path = patient, f"/prescriber/patients/{patient.pk}/"
    number = practice.end(None, on="2026-12-16")
    client, path = practice.client(), f"{practice.path}void/{number}/"
    assert client.post(path, signed(practice) | brought(client, path)).status_code == 302
    assert Authorization.objects.get(patient=patient).state == "void"
    with unrendered():
        assert practice.page().context["assessment"].allowed


FOLLOWED: dict[str, Record] = {
    "another course began": Enrolled("can_become_pregnant"),
    "the last dose was corrected": LastDoseCorrected("misread", date(2026, 12, 19)),
}


@pytest.mark.parametrize("name", FOLLOWED)
def test_end_that_something_followed_is_not_voided(practice: Practice, name: str) -> None:
    """No link, no page; and a page that was opened before is answered in words."""
    number = practice.end()
    client, path = practice.client(), f"{practice.path}void/{number}/"
    opened = brought(client, path)
    assert number in void_links(practice)
    practice.enter("2026-12-28", FOLLOWED[name])
    assert number not in void_links(practice)
    assert client.get(path).status_code == 404
    before = practice.kinds
    answer = client.post(path, signed(practice) | opened)
    assert answer.status_code == 422
    assert "This entry cannot be marked as entered in error." in answer.content.decode()
    assert practice.kinds == before


def test_of_two_ended_courses_only_the_latest_is_voided(practice: Practice) -> None:
    first = practice.end()
    practice.enrol_again()
    second = practice.end(date(2026, 12, 29), on="2026-12-30")
    links = void_links(practice)
    assert (first in links, second in links) == (False, True)
