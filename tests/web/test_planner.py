"""When to take the next test, on the patient's page and the practice's: the days that make sense, each in words."""

import re
from datetime import UTC, date, datetime
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from compliance.rules.records import (
    CategoryChanged,
    Discontinued,
    PregnancyReported,
    Record,
)
from ledger import log
from patients.models import Patient
from tests import factories
from tests.clocks import Clock
from tests.histories import ClinicFactory
from tests.web.cases import case
from tests.web.turns import by_turns

pytestmark = pytest.mark.django_db

TITLE = "When to take the next test"


class Month:
    """A patient whose first window goes from 13 to 19 December; `fill` hands over thirty days on the 15th."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        clock.set("2026-12-15T11:00-05:00")
        self.clinic = ClinicFactory()
        self.patient: Patient = self.clinic.ready()
        assert self.patient.user is not None
        self.user: User = self.patient.user

    def fill(self) -> "Month":
        number = self.clinic.authorize(self.patient).number
        assert number is not None
        assert self.clinic.dispense(self.patient, number) is None
        return self

    def enter(self, at: str, *records: Record) -> "Month":
        self.clinic._enter(self.patient, datetime.fromisoformat(at).astimezone(UTC), *records)
        return self

    @property
    def prescriber_page(self) -> str:
        return reverse("prescriber:patient", args=[self.patient.pk])


@pytest.fixture
def month(clock: Clock) -> Month:
    return Month(clock)


def page_of(user: User, path: str) -> str:
    client = Client()
    factories.sign_in(client, user)
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def words_of(html: str) -> str:
    """The planner as it is read; empty where the page has none."""
    found = re.search(r'<(section|details) class="[^"]*" id="planner".*?</\1>', html, re.DOTALL)
    without_list = re.sub(r"<select.*?</select>", "", found.group() if found else "", flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", without_list)).split()).replace(" ,", ",")


def both(month: Month, query: str = "") -> list[str]:
    """The planner as the patient reads it, and the prescriber."""
    pages = [(month.user, "/patient/"), (month.clinic.prescriber.user, month.prescriber_page)]
    return [words_of(page_of(user, path + query)) for user, path in pages]


def test_days_that_make_sense_are_listed_and_others_are_told_together(month: Month) -> None:
    month.fill()
    month.clock.set("2026-12-20T10:00-05:00")
    patient, prescriber = both(month)
    for words in (patient, prescriber):
        # The supply lasts until 13 January, a Wednesday.
        assert "We suggest Thursday, January 7, in 18 days" in words
        assert "Sunday, December 20 to Wednesday, January 6 Too early" in words
        assert "Sunday, January 10 Best in 21 days · weekend" in words
        assert "Wednesday, January 13 Possible in 24 days" in words
        assert "Thursday, January 14 to Sunday, January 31 Late" in words
    assert "What you have lasts until Wednesday, January 13. The days to pick up would be over before" in patient
    assert "A window of these days closes before the next is needed." in prescriber


#: How many days ahead -> what is said of that day to the patient, and to the prescriber.
CHOSEN = {
    18: (
        "A test on Thursday, January 7, in 18 days Best You can pick up your medicine from Thursday, January 7 until "
        "Wednesday, January 13, once everything else is done. What you have lasts until Wednesday, January 13. "
        "It counts when it is taken here: Laboratory; Clinic or office.",
        "A test on Thursday, January 7, in 18 days Best Pick-up is possible from Thursday, January 7 until "
        "Wednesday, January 13, once nothing else is missing. The supply in hand lasts until Wednesday, January 13.",
    ),
    6: (
        "A test on Saturday, December 26, in 6 days (weekend) Too early You can pick up your medicine from Saturday, "
        "December 26 until Friday, January 1, once everything else is done. You have 19 days left then: the days to "
        "pick up would be over before you need more.",
        "19 days of supply are left then: this window closes before the next is needed.",
    ),
    5: ("A test on Friday, December 25, in 5 days (Christmas Day) Too early", "(Christmas Day) Too early"),
    30: (
        "What you have ends before that, on Wednesday, January 13.",
        "The supply in hand ends before that, on Wednesday, January 13.",
    ),
}


def test_chosen_day_says_what_it_would_open(month: Month) -> None:
    for ahead in CHOSEN:
        with case(ahead, clock=month.clock):
            month.fill()
            month.clock.set("2026-12-20T10:00-05:00")
            for words, said in zip(both(month, f"?day={ahead}"), CHOSEN[ahead], strict=True):
                assert said in words


NOT_PLANNED = ("", "43", "-1", "x", "1e3", "٣", "2026-12-26", "9" * 400, "%00")


def test_day_that_is_not_planned_chooses_nothing(month: Month) -> None:
    """On the patient's page and the prescriber's, by turns."""
    month.fill()
    month.clock.set("2026-12-20T10:00-05:00")
    pages = [(month.user, "/patient/"), (month.clinic.prescriber.user, month.prescriber_page)]
    for asked, (user, path) in by_turns(NOT_PLANNED, pages):
        words = words_of(page_of(user, f"{path}?day={asked}"))
        assert "We suggest" in words and "A test on" not in words, asked


def test_all_days_can_be_chosen_without_a_script(month: Month) -> None:
    month.fill()
    month.clock.set("2026-12-20T10:00-05:00")
    html = page_of(month.user, "/patient/")
    options = re.findall(r'<option value="(\d+)"', html)
    assert [int(value) for value in options] == list(range(43))
    assert "Fri, Dec 25, 2026 · in 5 days · Christmas Day · Too early" in unescape(html)
    assert {int(ahead) for ahead in re.findall(r'href="\?day=(\d+)#planner"', html)} == set(range(18, 25))


def test_open_window_comes_before_the_next_test(month: Month) -> None:
    patient, prescriber = both(month)
    assert "First comes the pick-up, possible until Saturday, December 19." in patient
    assert "A window is open; pick-up is possible until Saturday, December 19." in prescriber


def test_missed_window_is_followed_by_the_soonest_days(month: Month) -> None:
    month.clock.set("2026-12-21T10:00-05:00")
    patient, prescriber = both(month, "?day=0")
    assert "We suggest Monday, December 21, today." in patient
    assert "It has to be taken in the first five days" not in patient, "menses are not asked on a retest in 2026"
    assert "A test on Monday, December 21, today Best" in prescriber


def test_stopped_patient_reads_nothing_of_it_and_the_practice_why(month: Month) -> None:
    month.fill().enter("2026-12-16T10:00-05:00", PregnancyReported())
    month.clock.set("2026-12-17T10:00-05:00")
    patient, prescriber = both(month)
    assert patient == ""
    assert "No test opens a window before the stop is cleared." in prescriber and "We suggest" not in prescriber


def test_after_treatment_the_owed_tests_are_planned(month: Month) -> None:
    month.fill().enter("2026-12-16T10:00-05:00", Discontinued("r", date(2026, 12, 16)))
    month.clock.set("2026-12-17T10:00-05:00")
    patient, prescriber = both(month, "?day=0")
    assert (
        "It counts as one of the tests after treatment. The other can be taken from Friday, January 15 on." in patient
    )
    assert "It is one of the tests owed. The other can be collected from Friday, January 15 on." in prescriber


def test_who_cannot_become_pregnant_sees_nothing_of_it(month: Month) -> None:
    month.fill().enter("2026-12-16T10:00-05:00", CategoryChanged("cannot_become_pregnant", "hysterectomy"))
    month.clock.set("2026-12-17T10:00-05:00")
    for user, path in [(month.user, "/patient/"), (month.clinic.prescriber.user, month.prescriber_page)]:
        html = page_of(user, path + "?day=3")
        assert TITLE not in html and "planner" not in html


@pytest.mark.parametrize("query", ["", "?day=3"])
def test_guardian_sees_nothing_of_it(month: Month, query: str) -> None:
    month.fill()
    month.clock.set("2026-12-20T10:00-05:00")
    minor = factories.patient(month.clinic.prescriber, born_on=date(2010, 4, 2))
    guardian = factories.guardian(minor)
    assert guardian.user is not None
    html = page_of(guardian.user, "/guardian/" + query)
    assert TITLE not in html and "planner" not in html


def test_strangers_get_no_page_to_plan_on(month: Month) -> None:
    month.fill()
    month.clock.set("2026-12-20T10:00-05:00")
    client = Client()
    assert client.get("/patient/?day=3").status_code == 302, "who is not signed in is sent to the sign-in"
    other = month.clinic.ready().user
    assert other is not None
    for stranger in (month.clinic.other.user, factories.pharmacist().user, other):
        factories.sign_in(client := Client(), stranger)
        assert client.get(month.prescriber_page + "?day=3").status_code in (403, 404)


def test_designee_reads_what_the_prescriber_reads(month: Month) -> None:
    month.fill()
    month.clock.set("2026-12-20T10:00-05:00")
    designee = factories.designee(month.clinic.prescriber)
    assert "We suggest Thursday, January 7, in 18 days." in words_of(page_of(designee.user, month.prescriber_page))


def test_reader_elsewhere_reads_whose_day_a_window_begins_and_ends_with(month: Month) -> None:
    month.fill()
    month.clock.set("2026-12-20T10:00-05:00")
    client = Client()
    factories.sign_in(client, month.user)
    client.cookies["zone"] = "America/Los_Angeles"
    words = words_of(client.get("/patient/?day=18").content.decode())
    assert "A test on Thursday, January 7, in 18 days" in words, "the day of a test is a plain day"
    assert "until Wednesday, January 13, New York time (Wed, Jan 13, 9:00 PM where you are)" in words


def test_planner_asks_the_database_nothing(month: Month, monkeypatch: pytest.MonkeyPatch) -> None:
    month.fill()
    month.clock.set("2026-12-20T10:00-05:00")

    def count(user: User, path: str) -> int:
        client = Client()
        factories.sign_in(client, user)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    pages = [(month.user, "/patient/?day=3"), (month.clinic.prescriber.user, month.prescriber_page + "?day=3")]
    with_it = [count(user, path) for user, path in pages]
    monkeypatch.setattr("web.patient.presenters.planner_panel", lambda *_: None)
    monkeypatch.setattr("web.prescriber.views.planner_panel", lambda *_: None)
    assert [count(user, path) for user, path in pages] == with_it


def booking_of(html: str) -> dict[str, str]:
    """What the planner's button sends, and where to; empty where the planner has none."""
    found = re.search(r'<form class="planner__book".*?</form>', html, re.DOTALL)
    if found is None:
        return {}
    pairs = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', found.group())
    action = re.search(r'action="([^"]+)"', found.group())
    assert action is not None
    return {**dict(pairs), "to": unescape(action.group(1))}


def booked_in(month: Month) -> list[date | None]:
    return [entry.data["booked_on"] for entry in log.read(month.patient.pk) if entry.kind == "test_booked"]


@pytest.mark.parametrize("who", ["patient", "prescriber", "designee"])
def test_one_press_books_the_day_and_twice_is_once(month: Month, who: str) -> None:
    month.fill()
    month.clock.set("2026-12-20T10:00-05:00")
    path = "/patient/" if who == "patient" else month.prescriber_page
    user = {
        "patient": month.user, "prescriber": month.clinic.prescriber.user,
        "designee": factories.designee(month.clinic.prescriber).user,
    }[who]  # fmt: skip
    client = Client()
    factories.sign_in(client, user)
    form = booking_of(client.get(f"{path}?day=19").content.decode())
    assert form["booked_on"] == "2027-01-08"
    for _press in range(2):
        answer = client.post(form["to"], form, follow=True)
        assert answer.redirect_chain
        assert "booked for Friday, January 8" in unescape(answer.content.decode())
    assert booked_in(month) == ["2027-01-08"]
    # The days ahead that the calendar takes, and the planner, say so too.
    assert "Fri, Jan 8, 2027" in page_of(month.user, "/patient/")
    after = page_of(user, f"{path}?day=19")
    assert "A test is booked for Friday, January 8." in words_of(after)
    assert booking_of(after) == {}


def test_suggested_day_is_booked_without_choosing_it(month: Month) -> None:
    month.fill()
    month.clock.set("2026-12-20T10:00-05:00")
    assert booking_of(page_of(month.user, "/patient/"))["booked_on"] == "2027-01-07"


def test_nothing_can_be_booked_where_something_else_comes_first(month: Month) -> None:
    assert booking_of(page_of(month.clinic.prescriber.user, month.prescriber_page + "?day=3")) == {}
    month.fill().enter("2026-12-20T10:00-05:00", PregnancyReported())
    month.clock.set("2026-12-20T11:00-05:00")
    assert booking_of(page_of(month.clinic.prescriber.user, month.prescriber_page + "?day=3")) == {}
