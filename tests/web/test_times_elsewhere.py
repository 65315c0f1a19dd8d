"""Pages, answers and messages to readers in other zones: a yes and every last day are the program's, and say so."""

import html
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import SigningLockout, User
from compliance.models import Authorization
from compliance.records.file import read_file
from compliance.rules.records import Discontinued, Enrolled, PregnancyTest
from compliance.words import blockers
from compliance.words.notices import NOTICES, OF_SIDE
from compliance.words.outlook import outlook_words
from compliance.words.refusals import refusal_words
from notifications import renderers
from outbox.models import Message
from patients.models import Invitation, Patient
from tests import factories
from tests.clocks import Clock
from tests.factories import as_
from tests.histories import ClinicFactory
from tests.web.cases import case
from tests.web.opened import send
from tests.web.test_signing import month
from tests.web.turns import by_turns
from ui import zone

pytestmark = pytest.mark.django_db

#: A yes of 15 December, good until the 19th; and how its last day ends elsewhere.
LAST = "Sat, Dec 19, 2026"
ENDS = {
    "Pacific/Honolulu": "Sat, Dec 19, 7:00 PM",
    "America/Los_Angeles": "Sat, Dec 19, 9:00 PM",
    "Asia/Kolkata": "Sun, Dec 20, 10:30 AM",
    "Pacific/Kiritimati": "Sun, Dec 20, 7:00 PM",
}
HERE = ("", "America/New_York", "America/Toronto")


class Site:
    """A clinic with a yes that is open, and one whose last day has passed."""

    def __init__(self, clock: Clock) -> None:
        clock.set("2026-12-15T11:00-05:00")
        self.clock = clock
        self.clinic = ClinicFactory()
        self.patient: Patient = self.clinic.ready()
        assert self.clinic.authorize(self.patient).allowed
        self.row = Authorization.objects.get()
        self.pharmacist = self.clinic.pharmacies[0].pharmacists.get().user

    def client(self, user: User | None, where: str) -> Client:
        client = as_(user)
        if where:
            client.cookies["zone"] = where
        return client

    def page(self, user: User | None, path: str, where: str) -> str:
        """What a reader there reads on that page."""
        answer = self.client(user, where).get(path, follow=True)
        assert answer.status_code == 200, path
        return read(answer)


def read(answer: Any) -> str:
    text = re.sub(r"<[^>]+>", "", answer.content.decode().partition("<main")[2])
    return re.sub(r"\s+", " ", html.unescape(text))


@pytest.fixture
def site(clock: Clock) -> Site:
    return Site(clock)


#: Every page that names the last day: who reads it, and where.
PAGES: dict[str, Callable[[Site], tuple[User | None, str]]] = {
    "the counter": lambda site: (site.pharmacist, "/counter/"),
    "its list": lambda site: (site.pharmacist, "/counter/authorizations/"),
    "an authorization": lambda site: (site.pharmacist, f"/counter/authorizations/{site.row.pk}/"),
    "the practice's list": lambda site: (site.clinic.prescriber.user, "/prescriber/"),
    "a patient's page": lambda site: (site.clinic.prescriber.user, f"/prescriber/patients/{site.patient.pk}/"),
    "the patient's own": lambda site: (site.patient.user, "/patient/"),
    "the patient's record": lambda site: (site.patient.user, "/patient/record/"),
}


def test_last_day_on_every_page_has_the_programs_zone_to_a_reader_elsewhere(site: Site) -> None:
    for name, where in by_turns(PAGES, [*ENDS]):
        with case(name, where):
            user, path = PAGES[name](site)
            shown = site.page(user, path, where)
            assert re.search(
                rf"(Sat, Dec 19|Dec 19)(, 2026)?, New York time ?\({ENDS[where]} where you are\)", shown
            ), shown


def test_reader_with_the_same_clock_is_told_no_second_time(site: Site) -> None:
    for name, where in by_turns(PAGES, HERE):
        with case(name, where):
            user, path = PAGES[name](site)
            shown = site.page(user, path, where)
            assert "where you are" not in shown
            assert "In New York it is" not in shown
            assert re.search("Dec 19, 2026|Dec 19", shown)


def test_a_yes_is_shown_with_the_programs_zone_to_a_reader_elsewhere(site: Site) -> None:
    for where in ENDS:
        with case(where):
            patient = site.clinic.ready()
            client = site.client(site.pharmacist, where)
            asked = {"number": patient.number, "born_on": "04/02/2001", "days_supply": "30", "key": str(uuid4())}
            shown = read(client.post("/counter/", asked, follow=True))
            assert "Yes, dispense" in shown
            assert f"Do not dispense after {LAST}, New York time ({ENDS[where]} where you are)" in shown
            assert "Authorized Tue, Dec 15, 2026, 11:00 AM New York time (" in shown


def test_a_yes_for_machines_names_the_zone_of_its_days(site: Site) -> None:
    patient = site.clinic.ready()
    asked = {"number": patient.number, "born_on": "04/02/2001", "days_supply": "30", "key": str(uuid4())}
    answer = as_(site.pharmacist).post("/counter/", asked, headers={"Accept": "application/json"})
    told = answer.json()
    assert (told["do_not_dispense_after"], told["time_zone"]) == ("2026-12-19", "America/New_York")
    assert datetime.fromisoformat(told["recorded"]["at"]).utcoffset() == timedelta(0)


def test_overdue_and_late_on_the_offices_lists_have_the_programs_zone(site: Site) -> None:
    for where in ENDS:
        with case(where, clock=site.clock):
            officer = factories.officer()
            site.clock.set("2026-12-21T09:00-05:00")
            shown = site.page(officer, "/office/overdue/", where)
            assert f"{LAST}, New York time ({ENDS[where]} where you are)" in shown
            assert site.clinic.dispense(site.patient, site.row.number, at=site.clock(), on=site.row.dispense_by) is None
            shown = site.page(officer, "/office/late/", where)
            assert f"{LAST}, New York time ({ENDS[where]} where you are)" in shown
            assert shown.count("where you are") == 1, "the day of the hand-over is a plain day"


def test_certification_ends_with_the_programs_zone(site: Site) -> None:
    for where in ENDS:
        with case(where):
            shown = site.page(site.pharmacist, "/counter/profile/", where)
            assert re.search(
                r"until the end of \w+, Jan 1, 2035, New York time \(\w+, Jan [12], [\d:]+ [AP]M where you are\)", shown
            )


OTHER_DAYS = [
    ("Pacific/Kiritimati", "2026-12-15T23:59-05:00", "still", "Tue, Dec 15, 2026"),
    ("Asia/Kolkata", "2026-12-15T13:30-05:00", "still", "Tue, Dec 15, 2026"),
    ("America/Los_Angeles", "2026-12-16T00:00-05:00", "already", "Wed, Dec 16, 2026"),
    ("Pacific/Honolulu", "2026-12-16T04:59-05:00", "already", "Wed, Dec 16, 2026"),
]


def test_every_page_says_whose_day_today_is_where_the_readers_differs(site: Site) -> None:
    for name, elsewhere in by_turns(PAGES, OTHER_DAYS):
        with case(name, elsewhere, clock=site.clock):
            where, at, word, day = elsewhere
            site.clock.set(at)
            user, path = PAGES[name](site)
            assert f"In New York it is {word} {day}." in site.page(user, path, where)
            assert "In New York it is" not in site.page(user, path, "America/Toronto")


def test_hand_over_of_today_is_of_the_programs_day(site: Site) -> None:
    for where, at, word, day in OTHER_DAYS:
        with case(where, at, word, day, clock=site.clock):
            site.clock.set(at)
            path = f"/counter/authorizations/{site.row.pk}/"
            shown = site.page(site.pharmacist, path, where)
            assert f"In New York it is {word} {day}. Change the day if the patient got it before today." in shown
            page = site.client(site.pharmacist, where).get(path).content.decode()
            assert f'value="{at[:10]}"' in page


def test_day_that_has_come_only_for_the_reader_is_refused_with_the_programs_day(site: Site) -> None:
    site.clock.set("2026-12-15T12:00-05:00")
    path = f"/counter/authorizations/{site.row.pk}/dispense/"
    sent = {"handed_over_on": "2026-12-16", "key": str(uuid4())}
    shown = read(site.client(site.pharmacist, "Pacific/Kiritimati").post(path, sent))
    assert "This day is still to come. In New York it is still Tue, Dec 15, 2026." in shown
    shown = read(site.client(site.pharmacist, "America/New_York").post(path, sent | {"key": str(uuid4())}))
    assert "This day is still to come." in shown
    assert "In New York" not in shown
    assert refusal_words("in-the-future") == "This day is still to come."


@pytest.mark.parametrize("role", blockers.TABLE)
def test_words_of_a_blocker_leave_no_today_without_its_day(role: str) -> None:
    for words in blockers.TABLE[role].values():
        assert words is None or not re.search(r"(?<![{])\btoday\b", f"{words.sentence} {words.remedy}".lower())


def test_invitation_says_when_its_last_day_ends() -> None:
    sent = datetime(2026, 12, 15, 2, tzinfo=UTC)
    patient = factories.patient(factories.prescriber())
    Patient.objects.filter(pk=patient.pk).update(email="ana@example.org")
    row = Invitation.objects.create(patient=patient, sent_at=sent, expires_at=sent + timedelta(days=14))
    letter = renderers.invitation(Message(kind="invitation", data={"invitation": str(row.pk)}), sent)
    assert letter is not None
    assert "until December 28. It ends that day at 9:00 PM, New York time." in letter.body


@pytest.mark.parametrize("text", ["subject", "body"])
def test_every_message_with_a_last_day_names_the_zone(text: str) -> None:
    every = [*NOTICES.values(), *OF_SIDE.values()]
    dated = [str(getattr(words, text)) for words in every if "{date}" in str(getattr(words, text))]
    assert dated
    assert [words for words in dated if "New York time" not in words] == []
    assert [words for words in every if "today" in f"{words.subject} {words.body}"] == []


def test_day_from_which_to_ask_again_is_the_programs(site: Site) -> None:
    site.clock.set("2026-12-20T09:00-05:00")
    patient = site.clinic.ready()
    site.clinic._enter(patient, site.clock(), Discontinued("r", date(2026, 12, 19)))
    site.clinic._enter(patient, site.clock(), Enrolled("cannot_become_pregnant", "hysterectomy"))
    asked = {"number": patient.number, "born_on": "04/02/2001", "days_supply": "30", "key": str(uuid4())}
    shown = read(site.client(site.pharmacist, "America/Los_Angeles").post("/counter/", asked, follow=True))
    begins = "New York time (Fri, Feb 12, 9:00 PM where you are)"
    assert f"Try again from Sat, Feb 13, 2027, {begins}" in shown
    assert f"Ask again from Feb 13, 2027, {begins}." in shown


def test_paused_look_ups_name_the_zone_of_their_end(site: Site) -> None:
    User.objects.filter(pk=site.pharmacist.pk).update(lookups_paused_until=site.clock() + timedelta(minutes=5))
    asked = {"number": site.patient.number, "born_on": "04/02/2001", "days_supply": "30", "key": str(uuid4())}
    for where, own in (("", ""), ("Pacific/Kiritimati", " (Wed, Dec 16, 6:05 AM where you are)")):
        shown = read(site.client(site.pharmacist, where).post("/counter/", asked))
        assert f"try again at 11:05 AM New York time{own}." in shown


def test_locked_signature_names_the_zone_of_its_end(site: Site) -> None:
    user = site.patient.user
    assert user is not None
    SigningLockout.objects.create(pk=user.pk, failed_attempts=5, locked_until=site.clock() + timedelta(minutes=30))
    for where, own in (("", ""), ("Asia/Kolkata", " (10:00 PM where you are)")):
        shown = read(send(site.client(user, where), "/patient/methods/", month(user)))
        assert f"Signing is locked until 11:30 AM New York time{own} after failed attempts." in shown


def test_what_was_entered_says_until_when_by_the_programs_day(site: Site) -> None:
    for where in ENDS:
        with case(where):
            token = zone.reader.set(zone.zone_named(where))
            try:
                file = read_file(site.patient.pk, site.clock())
                outlook = file.outlook(
                    [PregnancyTest(date(2026, 12, 15), "negative", "laboratory", "first_five_days")], site.clock()
                )
                sentences = " ".join(words.sentence for words in outlook_words(outlook))
            finally:
                zone.reader.reset(token)
            assert "until Monday, December 21, New York time (" in sentences
            assert "where you are)" in sentences
