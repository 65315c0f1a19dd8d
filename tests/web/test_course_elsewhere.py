"""One person has one course: two files that are linked, each with a course, say so to whoever may know it."""

from collections.abc import Callable
from html import unescape
from typing import Any
from uuid import uuid4

import pytest

from compliance.commands.entries import EntryRefused, enter
from compliance.models import PatientStatus
from compliance.records.file import read_file
from compliance.rules.records import Discontinued, Enrolled, EntryStruck
from ledger import log
from patients import numbers
from patients.models import Patient
from tests import linked
from tests.clocks import Clock
from tests.factories import as_
from tests.histories import NOW, ClinicFactory
from tests.security.reading import words_of

pytestmark = pytest.mark.django_db

TOLD = "The same person has an open course in another file."
TOLD_THE_PATIENT = "You are in treatment in another practice too."


class Twins:
    """Two ready files of one person."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        clock.set("2026-12-15T11:00-05:00")
        self.clinic = ClinicFactory()
        self.one, self.other = self.clinic.ready(), self.clinic.ready()

    def link(self) -> None:
        linked.link(self.one.pk, self.other.pk, at=NOW)

    def doctors(self) -> Any:
        return as_(self.clinic.prescriber.user).get(f"/prescriber/patients/{self.one.pk}/")

    def patients(self) -> str:
        assert self.one.user is not None
        return unescape(as_(self.one.user).get("/patient/").content.decode())

    def counters(self, patient: Patient) -> tuple[str, Any]:
        """What the counter is told: on the page, and to a program."""
        client = as_(self.clinic.pharmacies[0].pharmacists.get().user)
        asked = {"number": patient.number, "born_on": "04/02/2001", "days_supply": "30"}
        page = client.post("/counter/", asked | {"key": str(uuid4())}, follow=True)
        plain = client.post("/counter/", asked | {"key": str(uuid4())}, headers={"Accept": "application/json"}).json()
        shown = words_of(page).replace(patient.number, "").replace(numbers.pretty(patient.number), "")
        return shown, {name: value for name, value in plain.items() if name != "patient"}


@pytest.fixture
def twins(clock: Clock) -> Twins:
    return Twins(clock)


def test_the_practice_reads_it_with_what_to_do_and_who_acts(twins: Twins) -> None:
    assert TOLD not in twins.doctors().content.decode()
    twins.link()
    page = twins.doctors()
    (task,) = page.context["tasks"]
    assert task.sentence == TOLD
    assert [str(one) for one in task.who] == ["you", "the program office"]
    shown = unescape(page.content.decode())
    assert "One of the two courses is ended, or the program office ends the link between the files." in shown
    assert PatientStatus.objects.get(patient=twins.one).acts == ["office", "prescriber"]


def test_the_patient_reads_it_in_their_own_words(twins: Twins) -> None:
    assert TOLD_THE_PATIENT not in twins.patients()
    twins.link()
    assert TOLD_THE_PATIENT in twins.patients()
    assert "another file" not in twins.patients()


def test_the_counter_cannot_tell_it_from_what_else_the_prescriber_has_to_do(twins: Twins) -> None:
    """The very answer of a patient whose visit is missing: to a person, and to a program."""
    unseen = twins.clinic.ready()
    visit = next(row.number for row in log.read(unseen.pk) if row.kind == "counselled")
    assert twins.clinic.enter(unseen, EntryStruck(visit, "r"))
    twins.link()
    twins.clock.forward(minutes=1)
    read = {file.pk: read_file(file.pk, twins.clock.at).assess(twins.clock.at).codes for file in (twins.one, unseen)}
    assert read == {twins.one.pk: ("course-elsewhere",), unseen.pk: ("counselling-missing",)}
    assert twins.counters(twins.one) == twins.counters(unseen)
    assert twins.counters(twins.one)[1]["allowed"] is False


ENDS: dict[str, Callable[[Twins], object]] = {
    "this course is ended": lambda twins: twins.clinic.enter(twins.one, Discontinued("r", None)),
    "the other course is ended": lambda twins: twins.clinic.enter(twins.other, Discontinued("r", None)),
    "the link is ended": lambda twins: linked.unlink(twins.one.pk, at=NOW),
}


@pytest.mark.parametrize("name", ENDS)
def test_what_ends_it(twins: Twins, name: str) -> None:
    twins.link()
    twins.clock.forward(minutes=1)
    assert TOLD in twins.doctors().content.decode()
    ENDS[name](twins)
    twins.clock.forward(minutes=1)
    assert TOLD not in twins.doctors().content.decode()


def test_a_second_course_is_refused_on_the_practices_page(twins: Twins) -> None:
    assert twins.clinic.enter(twins.one, Discontinued("r", None))
    twins.link()
    client, path = as_(twins.clinic.prescriber.user), f"/prescriber/patients/{twins.one.pk}/course/"
    twins.clock.forward(minutes=1)
    before = len(log.read(twins.one.pk))
    form = {"category": "can_become_pregnant", "key": str(uuid4())}
    answer = client.post(path, form)
    assert answer.status_code == 422
    sentence = "The same person has an open course in another file. Ask the program office."
    assert sentence in unescape(answer.content.decode())
    assert answer.context["form"]["category"].value() == "can_become_pregnant"
    again = Enrolled("can_become_pregnant", prescriber=str(twins.clinic.prescriber.pk))
    with pytest.raises(EntryRefused) as refused:
        enter(patient=twins.one.pk, records=[again], by=twins.clinic.doctor, at=twins.clock.at, key=uuid4())
    assert refused.value.first.rule == "course-elsewhere"
    assert len(log.read(twins.one.pk)) == before
    assert twins.clinic.enter(twins.other, Discontinued("r", None), at=twins.clock.at)
    twins.clock.forward(minutes=1)
    assert client.post(path, form | {"key": str(uuid4())}).status_code == 302
