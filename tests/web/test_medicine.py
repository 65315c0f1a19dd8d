"""What goes along with a fill: the guide is opened by one press and printed by another, how it is taken, and after."""

import re
from datetime import date, timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import translation

from accounts.models import User
from compliance import documents
from compliance.records.file import read_file
from compliance.rules.care.after_treatment import SKIN_MONTHS
from compliance.rules.care.guide import GuideOpened
from compliance.rules.care.prescription import Prescribed
from compliance.rules.programs.isotretinoin_us import ISOTRETINOIN_US
from compliance.rules.records import CategoryChanged, Discontinued, PregnancyTest
from compliance.words.numbers import fill_in
from compliance.words.taking import CAPSULES_LEFT, HOW_TO_TAKE, Topic, taking_numbers
from ledger import log
from patients.models import Patient, Pharmacist
from tests import factories
from tests.clocks import Clock
from tests.histories import CANNOT, NOW, ClinicFactory, by_practice
from tests.readability import EASE, GRADE, ease, grade

pytestmark = pytest.mark.django_db

OPEN = "Open the Medication Guide"


def own(patient: Patient) -> Client:
    return factories.as_(User.objects.get(pk=patient.user_id or ""))


def words(answer: Any) -> str:
    """What stands on a page below its header."""
    main = re.split(r"<main", answer.content.decode())[1]
    return unescape(" ".join(re.sub(r"<[^>]+>", " ", main).split()))


def home(patient: Patient, language: str = "en") -> str:
    return words(own(patient).get("/patient/", headers={"Accept-Language": language}))


def press(client: Client, language: str = "en", **form: str) -> Any:
    return client.post("/patient/guide/", {"key": str(uuid4())} | form, headers={"Accept-Language": language})


def opened(patient: Patient) -> list[GuideOpened]:
    entries = read_file(patient.pk, NOW + timedelta(days=400)).entries
    return [entry.record for entry in entries if isinstance(entry.record, GuideOpened)]


# --- the guide -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("language", ["en", "es"])
def test_one_press_notes_the_very_text_and_shows_it(patient: Patient, language: str) -> None:
    answer = press(own(patient), language)
    guide = documents.current(documents.GUIDE, language, on=NOW.date())
    assert answer.headers["Location"] == f"/documents/text/medication-guide/{guide.version}/{language}/"
    assert opened(patient) == [GuideOpened(guide.version, language, guide.sha256)]
    shown = words(own(patient).get(answer.headers["Location"]))
    assert guide.title in shown
    assert all(point in shown for item in guide.items for point in item.points)


def test_looking_writes_nothing(patient: Patient) -> None:
    client = own(patient)
    assert client.get("/patient/guide/").status_code == 405
    for path in ("/patient/", "/patient/medicine/", "/documents/guide/en/"):
        assert client.get(path).status_code == 200
    assert opened(patient) == []


def test_press_without_its_key_notes_nothing_and_says_so(patient: Patient) -> None:
    answer = own(patient).post("/patient/guide/", {}, follow=True)
    assert "out of date" in words(answer)
    assert opened(patient) == []


def test_same_press_twice_is_one_note(patient: Patient) -> None:
    client, key = own(patient), str(uuid4())
    assert {press(client, key=key).headers["Location"] for _ in range(2)} == {"/documents/text/medication-guide/3/en/"}
    assert len(opened(patient)) == 1


def test_step_is_ticked_until_the_fill_and_asked_for_the_next(
    clinic: ClinicFactory, patient: Patient, clock: Clock
) -> None:
    assert OPEN in home(patient)
    press(own(patient))
    assert OPEN not in home(patient)
    assert "Medication Guide opened" in home(patient)
    number = clinic.authorize(patient).number
    assert number is not None
    assert "Medication Guide opened" in home(patient)
    assert clinic.dispense(patient, number, at=NOW + timedelta(hours=1)) is None
    clock.forward(days=29)
    page = own(patient).get("/patient/")
    assert [step.state for step in page.context["card"].steps if step.label == OPEN] == ["later"]
    assert "/patient/guide/" not in page.content.decode()
    clinic.enter(patient, by_practice(clock.at.date())[0], at=clock.at)
    assert 'action="/patient/guide/"' in own(patient).get("/patient/").content.decode()


def test_guide_is_asked_by_no_gate(clinic: ClinicFactory, patient: Patient) -> None:
    assert opened(patient) == []
    assert clinic.authorize(patient).allowed


def test_press_after_the_course_has_ended_shows_the_guide_and_notes_nothing(
    clinic: ClinicFactory, patient: Patient
) -> None:
    assert clinic.enter(patient, Discontinued("r", NOW.date()))
    assert press(own(patient)).headers["Location"].startswith("/documents/text/medication-guide/")
    assert opened(patient) == []


def test_nobody_else_opens_it_for_the_patient(clinic: ClinicFactory, patient: Patient) -> None:
    for user in (clinic.prescriber.user, factories.pharmacist().user, factories.officer()):
        assert press(factories.as_(user)).status_code == 403
    press(own(clinic.ready()))
    assert opened(patient) == []


def test_prescriber_reads_in_the_record_that_it_was_opened(clinic: ClinicFactory, patient: Patient) -> None:
    press(own(patient), "es")
    page = words(factories.as_(clinic.prescriber.user).get(f"/prescriber/patients/{patient.pk}/"))
    assert "Medication Guide opened" in page
    assert "version 3, Spanish" in page
    assert [row.role for row in log.read(patient.pk) if row.kind == "guide_opened"] == ["patient"]


# --- the counter -----------------------------------------------------------------------------------------
def test_counter_prints_the_guide_by_one_press_in_either_language(clinic: ClinicFactory, patient: Patient) -> None:
    counter = factories.as_(Pharmacist.objects.get(pharmacy=clinic.pharmacies[0]).user)
    form = {"number": patient.number, "born_on": f"{patient.born_on:%m/%d/%Y}", "days_supply": "30"}
    answer = counter.post("/counter/", form | {"key": str(uuid4())}, follow=True)
    links = re.findall(r'href="(/documents/guide/\w+/\?print)"', answer.content.decode())
    assert links == ["/documents/guide/en/?print", "/documents/guide/es/?print"]
    for link in links:
        assert "data-print-at-once" in counter.get(link).content.decode()
        assert "data-print-at-once" not in counter.get(link.removesuffix("?print")).content.decode()
    answer = counter.post("/counter/", form | {"key": str(uuid4())}, follow=True)
    assert "?print" not in answer.content.decode(), "nothing is handed over after a no"


# --- how to take it --------------------------------------------------------------------------------------
def prose(topic: Topic) -> str:
    numbers = taking_numbers(ISOTRETINOIN_US.edition("2026"))
    return " ".join([f"{topic.heading}.", *(fill_in(point, numbers) for point in topic.points)])


TOPICS = {str(topic.heading): topic for topic in (*HOW_TO_TAKE, CAPSULES_LEFT)}


@pytest.mark.parametrize("heading", TOPICS)
def test_advice_reads_at_grade_seven_or_less(heading: str) -> None:
    assert grade(prose(TOPICS[heading])) <= GRADE


@pytest.mark.parametrize("heading", TOPICS)
def test_advice_in_spanish_reads_as_normal_or_easier(heading: str) -> None:
    with translation.override("es"):
        assert ease(prose(TOPICS[heading])) >= EASE


def test_page_says_what_the_issue_asks_for(patient: Patient) -> None:
    page = words(own(patient).get("/patient/medicine/"))
    for said in ("with food", "full glass", "upright for ten minutes", "whole", "Skip it", "two doses at once",
                 "first weeks", "one to two months", "15 to 30 °C", "dry and dark", "no child", "get pregnant",
                 "30 days after the last dose", "6 months after the last dose", "strong sun", "Contact lenses",
                 "drive in the dark", "Never share"):  # fmt: skip
        assert said in page, said
    assert SKIN_MONTHS == 6
    assert "{" not in page
    spanish = words(own(patient).get("/patient/medicine/", headers={"Accept-Language": "es"}))
    assert "30 días después de la última dosis" in spanish
    assert "6 meses después de la última dosis" in spanish


#: What was prescribed -> what the page says of it.
PRESCRIBED: dict[str, tuple[Prescribed, tuple[str, ...]]] = {
    "two doses with food": (
        Prescribed("claravis", (40, 20), 60_000, 30),
        ("Claravis", "First dose of the day 1 × 40 mg, each with food", "Second dose 1 × 20 mg, each with food"),
    ),
    "with or without food": (
        Prescribed("absorica", (30, 30), 60_000, 30),
        ("Absorica", "First dose of the day 1 × 30 mg, with or without food", "Second dose 1 × 30 mg"),
    ),
    "one capsule": (Prescribed("claravis", (30,), 60_000, 30), ("Once a day 1 × 30 mg, each with food",)),
}


@pytest.mark.parametrize("case", PRESCRIBED)
def test_page_says_which_capsules_when(clinic: ClinicFactory, patient: Patient, case: str) -> None:
    record, said = PRESCRIBED[case]
    assert "Your capsules" not in words(own(patient).get("/patient/medicine/"))
    assert clinic.enter(patient, record)
    page = words(own(patient).get("/patient/medicine/"))
    assert [one for one in ("Your capsules", *said) if one not in page] == []


def test_birth_control_is_said_to_whom_it_concerns(clinic: ClinicFactory, patient: Patient) -> None:
    said = "Go on with your two forms"
    assert said in words(own(patient).get("/patient/medicine/"))
    assert clinic.enter(patient, CategoryChanged(CANNOT, "hysterectomy"))
    page = words(own(patient).get("/patient/medicine/"))
    assert said not in page
    assert "Each dose" in page


# --- after treatment -------------------------------------------------------------------------------------
#: The day of the look (the last dose was on 15 December) -> what is open, and what is over.
AFTER: dict[date, tuple[tuple[str, ...], tuple[str, ...]]] = {
    date(2026, 12, 15): (
        ("A test now, at the end of treatment", "A test a month later, from Thu, Jan 14, 2027",
         "Keep using birth control until Thu, Jan 14, 2027", "Give no blood until Thu, Jan 14, 2027",
         "No waxing, peels or laser until Tue, Jun 15, 2027"), ()),
    date(2027, 1, 14): (
        ("Keep using birth control until", "Give no blood until", "No waxing, peels or laser until"),
        ("Test at the end of treatment taken",)),
    date(2027, 1, 15): (
        ("No waxing, peels or laser until",), ("No more birth control", "You can give blood again")),
    date(2027, 6, 15): (("No waxing, peels or laser until",), ("Test a month later taken",)),
}  # fmt: skip


def test_home_says_what_goes_on_after_treatment_and_until_when(
    clinic: ClinicFactory, patient: Patient, clock: Clock
) -> None:
    assert "After treatment" not in home(patient)
    assert clinic.enter(patient, Discontinued("r", NOW.date()))
    for day, (going_on, over) in AFTER.items():
        clock.set(f"{day}T12:00-05:00")
        if over:
            test = PregnancyTest(NOW.date() if day.day == 14 else date(2027, 1, 14), "negative", "laboratory")
            clinic.enter(patient, test, at=clock.at)
        page = home(patient)
        for said in (*going_on, *over, "Tue, Dec 15, 2026", "Capsules left?", "Never give them to anyone"):
            assert said in page, (day, said)
        assert "How to take it" not in page
    clock.set("2027-06-16T12:00-04:00")
    assert "After treatment" not in home(patient)
    assert "You are done" in home(patient)


def test_who_was_never_tested_reads_of_blood_and_skin_alone(clinic: ClinicFactory, patient: Patient) -> None:
    assert clinic.enter(patient, CategoryChanged(CANNOT, "hysterectomy"))
    assert clinic.enter(patient, Discontinued("r", NOW.date()))
    page = home(patient)
    assert "Give no blood until" in page
    assert "birth control" not in page.lower()
    assert "A test" not in page


def test_after_treatment_in_spanish(clinic: ClinicFactory, patient: Patient) -> None:
    assert clinic.enter(patient, Discontinued("r", NOW.date()))
    page = home(patient, "es")
    for said in ("Después del tratamiento", "No done sangre hasta el", "¿Le sobran cápsulas?"):
        assert said in page, said
