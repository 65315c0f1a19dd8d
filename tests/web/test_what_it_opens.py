"""Before it is signed a page says what an entry opens, or why it opens nothing; that is never told in green."""

from datetime import date, timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.messages import constants as levels
from django.test import Client

from accounts.models import User
from compliance.rules.records import (
    ContraceptionDeclared,
    Counselled,
    Enrolled,
    HomeTestingSet,
    PregnancyTest,
    Record,
    Registered,
)
from ledger import log
from tests import factories
from tests.clocks import Clock
from tests.factories import PASSWORD, ticks
from tests.histories import CAN, CANNOT, METHODS, OTHER_METHODS, ClinicFactory, begun, by_practice
from tests.security.reading import Page, brought_by, confirmed
from tests.web.cases import case
from tests.web.opened import brought, send
from tests.web.test_signing import client_of, month
from tests.web.unrendered import unrendered

pytestmark = pytest.mark.django_db

TODAY = date(2026, 12, 15)
ALL_THE_SAME = "Enter it all the same"
OPENS_NOTHING = "It opens nothing."
SAME = "The record says the same already."


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def specimen(
    on: date, setting: str = "laboratory", menses: str | None = "first_five_days", result: str = "negative"
) -> dict[str, Any]:
    """The form of a test."""
    return {"collected_on": on.isoformat(), "result": result, "setting": setting, "menses": menses or "not_known"}


class Practice:
    """A prescriber before one patient, who was enrolled 40 days ago."""

    def __init__(self, clock: Clock) -> None:
        clock.set("2026-12-15T11:00-05:00")
        self.clinic = ClinicFactory()
        self.doctor: User = self.clinic.prescriber.user
        self.doctor.set_password(PASSWORD)
        self.doctor.save()
        self.client = client_of(self.doctor)
        self.patient = self.clinic.ready(born_on=date(2001, 4, 3))

    def enrolled(self, *more: Record, category: str = CAN, days: int = 40) -> None:
        """Another patient, with these records of the day of enrolment."""
        self.patient = factories.patient(self.clinic.prescriber)
        registered = Registered(self.patient.born_on, self.patient.number, str(self.clinic.prescriber.pk))
        opened = Enrolled(category, "male" if category == CANNOT else None, prescriber=str(self.clinic.prescriber.pk))
        self.clinic._enter(self.patient, self.clinic.now - timedelta(days=days), registered, opened, *more)

    def begun(self) -> None:
        self.enrolled(*begun(ago(40)))

    def filled(self, *more: Record) -> None:
        """A fill of five days ago."""
        self.patient = self.clinic.ready(born_on=date(2001, 4, 3))
        number = self.clinic.authorize(self.patient).number
        assert number is not None
        assert self.clinic.dispense(self.patient, number) is None
        if more:
            self.clinic._enter(self.patient, self.clinic.now, *more)

    def path(self, slug: str) -> str:
        return f"/prescriber/patients/{self.patient.pk}/{slug}/"

    def send(self, slug: str, form: dict[str, Any], **more: Any) -> Any:
        return self.client.post(self.path(slug), form | {"key": str(uuid4())} | more)

    def signed(self, form: dict[str, Any]) -> dict[str, Any]:
        own = {"signer_password": PASSWORD}
        return brought(self.client, self.path("month")) | ticks("monthly-prescriber") | own | form

    def records(self) -> int:
        return len(log.read(self.patient.pk))


def said(answer: Any) -> list[tuple[int, str]]:
    return [(message.level, str(message.message)) for message in answer.wsgi_request._messages]


def words(answer: Any) -> str:
    return " ".join(unescape(answer.content.decode()).split())


@pytest.fixture
def practice(clock: Clock) -> Practice:
    return Practice(clock)


#: Name -> (what comes before, the slug, what is typed, why it counts for nothing, what would).
NOTHING: dict[str, tuple[Any, str, dict[str, Any], str, str]] = {
    "the second test, menses not known": (
        Practice.begun, "test", specimen(TODAY, menses=None), "It is not known when in the cycle",
        "in the first five days of menses, or with irregular or absent menses"),
    "the second test in the lead-in": (
        Practice.begun, "test", specimen(ago(12)), "during the lead-in",
        "One collected on Dec 5, 2026 or later counts."),
    "the second test too soon after the first": (
        Practice.begun, "test", specimen(ago(22)), "too soon after the first test", "Nov 24, 2026 or later"),
    "the second test at home": (
        Practice.begun, "test", specimen(TODAY, "home"), "A test taken there does not count at this stage.",
        "Laboratory; Clinic or office"),
    "an indeterminate test": (
        Practice.begun, "test", specimen(TODAY, result="indeterminate"),
        "An indeterminate result says nothing either way.", "a negative result counts"),
    "a test before the methods": (
        lambda p: p.enrolled(PregnancyTest(ago(40), "negative", "clinic")), "test", specimen(TODAY),
        "The prescriber has not entered the methods", "Enter the methods"),
    "a test whose window is over": (
        lambda p: p.enrolled(*begun(ago(40))), "test", specimen(ago(8)), "Its window has closed already.",
        "One of Dec 9, 2026 or later"),
    "a month's test at home without permission": (
        Practice.filled, "test", specimen(TODAY, "home"), "not collected after the day of the last fill",
        "Dec 16, 2026"),
    "the same test again": (
        lambda p: None, "test", specimen(ago(2)), SAME, "it changes nothing"),
    "the same visit again": (
        lambda p: None, "visit", {"visit_on": ago(2).isoformat()}, SAME,
        "it changes nothing"),
    "a test of who cannot become pregnant": (
        lambda p: p.enrolled(category=CANNOT), "test", specimen(TODAY), "not asked for in this patient's category", ""),
}  # fmt: skip


def test_what_opens_nothing_is_told_first_and_entered_all_the_same(practice: Practice) -> None:
    patient = practice.patient
    for name in NOTHING:
        with case(name):
            practice.patient = patient
            before, slug, typed, why, would = NOTHING[name]
            before(practice)
            at_first = practice.records()
            told = practice.send(slug, typed)
            page = words(told)
            assert told.status_code == 200
            assert practice.records() == at_first
            sentence = "It changes nothing." if why == SAME else OPENS_NOTHING
            for part in (sentence, why, would, ALL_THE_SAME):
                assert part in page, part
            with unrendered():
                assert practice.send(slug, typed, told="another entry's").status_code == 200
            assert practice.records() == at_first
            form = typed | {"key": str(uuid4())}
            entered = confirmed(practice.client, practice.path(slug), form)
            assert entered.status_code == 302
            assert practice.records() == at_first + 1
            (message,) = said(entered)
            assert message[0] == levels.WARNING
            assert why in message[1]
            pressed_twice = practice.client.post(practice.path(slug), form)
            assert (pressed_twice.status_code, set(said(pressed_twice))) == (302, {message})
            assert practice.records() == at_first + 1


def test_a_month_at_home_that_is_not_permitted_and_one_that_is(practice: Practice, clock: Clock) -> None:
    practice.filled()
    clock.forward(days=25)
    on = date(2027, 1, 9)
    told = words(practice.send("test", specimen(on, "home")))
    assert "Tests at home are not permitted for this patient." in told
    assert "The prescriber permits them under “Tests at home” before the test is entered." in told
    practice.clinic._enter(practice.patient, clock.at, HomeTestingSet(True))
    clock.forward(minutes=1)
    entered = practice.send("test", specimen(on, "home"))
    assert entered.status_code == 302
    ((level, text),) = said(entered)
    assert level == levels.SUCCESS
    assert "pick-up is possible until Friday, January 15" in text


def test_a_specimen_older_than_the_rules_take_is_refused_before_it_is_asked_about(practice: Practice) -> None:
    answer = practice.send("test", specimen(date(2019, 12, 14)))
    assert answer.status_code == 422
    assert "too long before the enrolment" in words(answer)
    assert "Right?" not in words(answer)


def test_what_decides_has_no_preselection_and_is_required(practice: Practice) -> None:
    practice.begun()
    page = practice.client.get(practice.path("test")).content.decode()
    (fields,) = [form.fields for form in Page("", page).forms if "menses" in form.fields]
    assert fields["menses"].kind == "radio"
    assert "checked" not in page.split('name="menses"')[1].split("</fieldset>")[0]
    assert 'class="optional"' not in page
    typed = {name: value for name, value in specimen(TODAY).items() if name != "menses"}
    at_first = practice.records()
    for menses_of in ({}, {"menses": ""}):
        answer = practice.send("test", typed | menses_of)
        assert answer.status_code == 422
        assert answer.context["form"].errors == {"menses": ["Choose one: it decides whether this test opens a window."]}
    assert practice.records() == at_first
    practice.filled()
    assert 'class="optional"' in practice.client.get(practice.path("test")).content.decode()


def test_the_first_test_needs_no_menses_and_says_what_is_next(practice: Practice) -> None:
    practice.enrolled(ContraceptionDeclared("prescriber", METHODS, ago(3)), days=3)
    entered = practice.send("test", {"collected_on": TODAY.isoformat(), "result": "negative", "setting": "clinic"})
    ((level, text),) = said(entered)
    assert level == levels.SUCCESS
    assert text == ("The test is saved. It counts as the first test. The second can be collected from Jan 11, 2027 on.")


# --- what is signed --------------------------------------------------------------------------------
def whole_month(on: date, **more: Any) -> dict[str, Any]:
    rest = {"visit_on": on.isoformat(), "methods": list(METHODS), "started_on": ago(40).isoformat()}
    return specimen(on) | rest | more


def test_the_signature_comes_after_what_it_opens(practice: Practice) -> None:
    practice.begun()
    page = practice.client.get(practice.path("month")).content.decode()
    assert "See what this opens" in page
    assert 'aria-labelledby="signature-title" hidden' in page
    at_first = practice.records()
    told = practice.send("month", whole_month(TODAY), step="tell")
    text = words(told)
    assert (told.status_code, practice.records()) == (200, at_first)
    assert "It opens a window: pick-up is possible until Monday, December 21" in text
    assert "hidden>" not in text.split('id="signature-title"')[0].split("<section")[-1]
    assert "Fix these" not in text
    form = practice.signed(whole_month(TODAY)) | {"told": told.context["form"]["told"].value(), "key": str(uuid4())}
    entered = practice.client.post(practice.path("month"), form)
    assert entered.status_code == 302
    assert said(entered)[0][0] == levels.SUCCESS


def test_what_was_changed_after_it_was_told_is_told_anew(practice: Practice) -> None:
    practice.begun()
    told = practice.send("month", whole_month(TODAY), step="tell").context["form"]["told"].value()
    form = practice.signed(whole_month(ago(3))) | {"told": told, "key": str(uuid4())}
    at_first = practice.records()
    again = practice.client.post(practice.path("month"), form)
    assert (again.status_code, practice.records()) == (200, at_first)
    assert "until Friday, December 18" in words(again)


def test_what_the_rules_refuse_is_refused_before_the_signature(practice: Practice) -> None:
    practice.begun()
    answer = practice.send("month", whole_month(TODAY, collected_on="2019-12-14"), step="tell")
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["collected_on"]


@pytest.mark.parametrize("slug", ["month", "methods"])
def test_a_month_twice_on_the_same_day_is_not_signed_unawares(practice: Practice, slug: str) -> None:
    practice.enrolled(*begun(ago(40)))
    practice.clinic._enter(practice.patient, practice.clinic.now, *by_practice(TODAY))
    at_first = practice.records()
    form = practice.signed(whole_month(TODAY)) | {"key": str(uuid4())}
    told = practice.client.post(practice.path(slug), form)
    assert (told.status_code, practice.records()) == (200, at_first)
    assert SAME in words(told)
    assert ALL_THE_SAME in words(told)
    entered = confirmed(practice.client, practice.path(slug), form)
    assert entered.status_code == 302
    assert [level for level, _text in said(entered)] == [levels.WARNING]


#: Methods that do not go together, and what is said of them.
METHODS_REFUSED = {
    "one alone": ["iud"],
    "one kind": ["combined-pill", "patch"],
    "none primary": ["sponge", "male-latex-condom"],
    "abstinence with another": ["abstinence", "iud"],
    "three": ["iud", "sponge", "combined-pill"],
}


def test_methods_that_do_not_count_say_why_before_the_signature(practice: Practice) -> None:
    for name in METHODS_REFUSED:
        with case(name):
            with unrendered():
                answer = practice.send(
                    "methods", {"methods": METHODS_REFUSED[name], "started_on": "2026-11-01"}, step="tell"
                )
                assert answer.status_code == 422
            assert list(answer.context["form"].errors) == ["methods"]


def test_each_wrong_list_of_methods_has_its_own_sentence(practice: Practice) -> None:
    sentences = set()
    for methods in METHODS_REFUSED.values():
        with unrendered():
            answer = practice.send("methods", {"methods": methods, "started_on": "2026-11-01"}, step="tell")
        sentences |= set(answer.context["form"].errors["methods"])
    assert len(sentences) == len(METHODS_REFUSED)


def test_other_methods_than_the_patients_are_not_told_in_green(practice: Practice) -> None:
    form = practice.signed({"methods": list(OTHER_METHODS), "started_on": "2026-11-01"}) | {"key": str(uuid4())}
    entered = practice.client.post(practice.path("methods"), form)
    ((level, text),) = said(entered)
    assert level == levels.WARNING
    assert "Prescriber and patient name different methods." in text


# --- the patient -----------------------------------------------------------------------------------
def test_a_patient_who_declared_already_reads_so_and_is_not_thanked_in_green(practice: Practice) -> None:
    user = practice.patient.user
    assert user is not None
    client = client_of(user)
    assert "You have told us for this month" in words(client.get("/patient/methods/"))
    entered = send(client, "/patient/methods/", month(user))
    assert [level for level, _text in said(entered)] == [levels.WARNING]
    shown = client.get("/patient/methods/").content.decode()  # with what was said of the first
    form = brought_by("/patient/methods/", shown) | month(user) | {"methods": list(OTHER_METHODS)}
    different = client.post("/patient/methods/", form)
    ((level, text),) = said(different)
    assert level == levels.WARNING
    assert "You and your prescriber named different birth control" in text


def test_a_patient_who_answered_already_reads_so(practice: Practice) -> None:
    user = practice.patient.user
    assert user is not None
    page = words(client_of(user).get("/patient/questions/"))
    assert "You have answered the questions of this month." in page


# --- who enters without signing --------------------------------------------------------------------
def test_a_designee_is_told_as_well(practice: Practice) -> None:
    practice.begun()
    client = Client()
    factories.sign_in(client, factories.designee(practice.clinic.prescriber).user)
    form = specimen(ago(12)) | {"visit_on": TODAY.isoformat(), "key": str(uuid4())}
    told = client.post(practice.path("month"), form)
    assert told.status_code == 200
    assert "during the lead-in" in words(told)
    assert confirmed(client, practice.path("month"), form).status_code == 302


def test_a_visit_counts_and_says_so(practice: Practice) -> None:
    practice.begun()
    entered = practice.send("visit", {"visit_on": TODAY.isoformat()})
    assert said(entered) == [(levels.SUCCESS, "The visit is saved. It counts for this month.")]
    assert Counselled(TODAY).kind == log.read(practice.patient.pk)[-1].kind
