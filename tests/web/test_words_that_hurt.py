"""Words that lead or hurt: by category no page, mail or consent asks about a pregnancy that cannot be."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from accounts.roles import PATIENT
from compliance import documents
from compliance.commands import enrolment
from compliance.commands.enrolment import NewPatient
from compliance.commands.entries import EntryRefused
from compliance.records.file import read_file
from compliance.records.programs import DEFAULT
from compliance.rules.blockers import rule
from compliance.rules.due import notices
from compliance.rules.records import ConsentSigned, Counselled, Discontinued, Enrolled, Record, Registered
from compliance.words import blockers
from compliance.words.notices import words_of
from ledger import log
from ledger.models import LogRecord
from patients.models import HeldEnrolment, Patient
from tests import amount, factories
from tests.clocks import Clock
from tests.factories import PASSWORD
from tests.histories import CAN, CANNOT, ClinicFactory
from tests.web.test_signing import client_of
from tests.web.unrendered import unrendered

pytestmark = pytest.mark.django_db

#: What nobody who cannot become pregnant is asked about, or promised.
HURTS = (
    "may be pregnant", "pregnancy test", "tests after", "a test", "the test", "birth control", "contracep",
    "report a pregnancy", "two more tests", "second test", "menses",
)  # fmt: skip


class Cannot:
    """A patient who cannot become pregnant, at one point of a course."""

    def __init__(self, clock: Clock) -> None:
        clock.at = datetime(2026, 12, 15, 16, tzinfo=UTC)
        self.clinic = ClinicFactory()
        self.at = self.clinic.now

    def with_(self, *records: Record, days: int = 40) -> Patient:
        patient = factories.patient(self.clinic.prescriber, user=factories.account(PATIENT))
        practice = str(self.clinic.prescriber.pk)
        opened = Enrolled(CANNOT, "male", prescriber=practice)
        registered = Registered(patient.born_on, patient.number, practice)
        self.clinic._enter(patient, self.at - timedelta(days=days), registered, opened, *records)
        return patient


SIGNED = ConsentSigned("patient-information", "patient")
VISIT = Counselled(date(2026, 11, 5))
#: The points of a course.
POINTS: dict[str, tuple[Record, ...]] = {
    "enrolled": (),
    "signed": (SIGNED,),
    "ready": (SIGNED, VISIT),
    "ended": (SIGNED, VISIT, Discontinued("r", date(2026, 11, 5))),
    "ended without a dose": (Discontinued("r"),),
}


#: The practice's pages of an entry; without `--all` each at two or three of the points, by turns.
ENTRIES = ("visit", "birth-date", "discontinue", "last-dose", "hand-over", "course")


def own_pages(patient: Patient) -> Iterator[str]:
    for name in ("home", "record", "access_log", "urgent"):
        yield reverse(f"patient:{name}")
    yield reverse("public:glossary")
    if not any(row.kind == "discontinued" for row in log.read(patient.pk)):
        yield "/patient/sign/patient-information/"


def practice_pages(patient: Patient, turn: int) -> Iterator[str]:
    yield reverse("prescriber:patient", args=[patient.pk])
    for slug in ENTRIES if amount.EVERYTHING else ENTRIES[turn % 2 :: 2]:
        yield reverse("prescriber:entry", args=[patient.pk, slug])


def hurting(client: Any, path: str) -> list[tuple[str, str]]:
    answer = client.get(path, follow=True)
    assert answer.status_code == 200, path
    shown = unescape(answer.content.decode()).lower()
    shown = shown.split("<main", 1)[-1].split("</main>")[0]
    return [(path, word) for word in HURTS if word in shown]


@pytest.mark.parametrize("name", POINTS)
def test_who_cannot_become_pregnant_is_asked_about_no_pregnancy_and_promised_no_tests(clock: Clock, name: str) -> None:
    site = Cannot(clock)
    patient = site.with_(*POINTS[name])
    assert patient.user is not None
    own, practice = client_of(patient.user), client_of(site.clinic.prescriber.user)
    found = [one for path in own_pages(patient) for one in hurting(own, path)]
    turn = [*POINTS].index(name)
    found += [one for path in practice_pages(patient, turn) for one in hurting(practice, path)]
    assert found == []
    asks: dict[str, Callable[[str], Any]] = {"get": own.get, "post": partial(own.post, data={"key": str(uuid4())})}
    # By turns, so that each of five pages is asked in both ways at some of the five points.
    for place, path in enumerate(("pregnant", "methods", "questions", "urgent/missed", "urgent/failed")):
        for way in asks if amount.EVERYTHING else [("get", "post")[(place + turn) % 2]]:
            with unrendered():
                assert asks[way](f"/patient/{path}/").status_code == 404, (path, way)
    file = read_file(patient.pk, site.at)
    assert not file.assess(site.at).owed
    for notice in notices(file.assess(site.at)):
        words = words_of(notice.kind, notice.to)
        assert not [word for word in HURTS if word in f"{words.subject} {words.body}".lower()]


def test_who_can_has_the_button(clock: Clock) -> None:
    clock.at = datetime(2026, 12, 15, 16, tzinfo=UTC)
    user = ClinicFactory().ready().user
    assert user is not None
    assert 'href="/patient/urgent/"' in client_of(user).get("/patient/").content.decode()
    assert "I may be pregnant" in client_of(user).get("/patient/urgent/").content.decode()
    assert client_of(user).get("/patient/pregnant/").status_code == 200


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_consent_that_everybody_signs_asks_nobody_about_their_own_pregnancy(language: str) -> None:
    document = documents.load("patient-information", 2, language)
    asked = [item.statement.lower() for one in (document, document.for_guardian()) for item in one.items]
    assert not [text for text in asked if "pregnan" in text or "embaraz" in text or "test" in text]


def test_a_test_is_asked_for_and_no_result() -> None:
    for table in blockers.TABLE.values():
        for words in table.values():
            assert words is None or "negative" not in f"{words.sentence} {words.remedy}".lower()
    for code in ("screening-test-missing", "confirmatory-test-missing", "monthly-test-missing"):
        assert "negative" not in f"{rule(code).sentence} {rule(code).remedy}".lower()


# --- enrolling ------------------------------------------------------------------------------------
def new(born_on: str, **more: Any) -> dict[str, Any]:
    return {
        "given_name": "Nora", "family_name": "Newman", "born_on": born_on, "email": "nora@example.org", "phone": "",
        "category": CAN, "guardian_name": "G", "guardian_email": "g@example.org", "key": str(uuid4()),
    } | more  # fmt: skip


@pytest.mark.parametrize(
    ("born_on", "day"), [("12/16/2014", "Dec 16, 2026"), ("05/03/2016", "May 3, 2028"), ("02/29/2016", "Feb 29, 2028")]
)
def test_a_child_is_refused_beside_the_birth_date_with_the_day(clock: Clock, born_on: str, day: str) -> None:
    site = Cannot(clock)
    before = LogRecord.objects.count()
    answer = client_of(site.clinic.prescriber.user).post("/prescriber/enrol/", new(born_on))
    assert answer.status_code == 422
    assert answer.context["form"].errors == {
        "born_on": [f"Treatment is possible from the age of 12. This patient can be enrolled from {day} on."]
    }
    assert LogRecord.objects.count() == before
    assert not HeldEnrolment.objects.exists()


def test_on_the_birthday_a_child_is_enrolled(clock: Clock) -> None:
    site = Cannot(clock)
    assert client_of(site.clinic.prescriber.user).post("/prescriber/enrol/", new("12/15/2014")).status_code == 302


def test_the_command_refuses_a_child_as_well(clock: Clock) -> None:
    site = Cannot(clock)
    child = NewPatient(
        given_name="N", family_name="N", born_on=date(2014, 12, 16), email="n@example.org", phone="", category=CAN,
        guardian_name="G", guardian_email="g@example.org",
    )  # fmt: skip
    with pytest.raises(EntryRefused) as refused:
        enrolment.enrol(new=child, by=site.clinic.doctor, at=site.at, key=uuid4())
    assert refused.value.codes == ("under-age",)
    assert enrolment.possible_from(date(2014, 12, 16), datetime(2020, 1, 1, tzinfo=UTC), DEFAULT) is None


@pytest.mark.parametrize("field", ["reason", "proof"])
def test_a_reason_for_the_other_category_is_asked_about_and_not_dropped(clock: Clock, field: str) -> None:
    site = Cannot(clock)
    given: dict[str, Any] = {"reason": "hysterectomy"} if field == "reason" else {"proof": ["fsh"]}
    client = client_of(site.clinic.prescriber.user)
    adult = {"guardian_name": "", "guardian_email": ""}
    with unrendered():
        answer = client.post("/prescriber/enrol/", new("04/02/2001", **given, **adult))
        assert answer.status_code == 422
        (sentence,) = answer.context["form"].errors[field]
    assert "“Can become pregnant” is chosen." in sentence
    assert client.post("/prescriber/enrol/", new("04/02/2001", **adult)).status_code == 302


def test_so_it_is_where_the_category_changes_and_where_another_course_begins(clock: Clock) -> None:
    site = Cannot(clock)
    site.clinic.prescriber.user.set_password(PASSWORD)
    patient = site.with_(Discontinued("r"))
    path = reverse("prescriber:entry", args=[patient.pk, "course"])
    form = {"category": CAN, "reason": "male", "key": str(uuid4())}
    answer = client_of(site.clinic.prescriber.user).post(path, form)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["reason"]
