"""Dates in the reader's own calendar: the secret address, what stands there, and single dates to take."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from icalendar import Calendar

from accounts import calendar_feeds, recovery
from accounts.models import CalendarFeed, User
from accounts.places import Place
from accounts.rate_limits import RATE_LIMITS
from accounts.roles import GUARDIAN, PATIENT
from compliance.commands import erasure, people
from compliance.rules.care.notes import BookedTest
from compliance.rules.planned import CODES
from compliance.rules.records import (
    Discontinued,
    PregnancyReported,
    PregnancyTest,
    Transferred,
)
from compliance.words.notices import FORBIDDEN
from compliance.words.planned import DATES, DETAILS, DETAILS_LAST
from ledger import log
from ledger.models import AccessEvent
from patients.models import Guardian, Patient
from patients.people import actor_of
from tests import factories
from tests.clocks import Clock
from tests.histories import NOW, ClinicFactory
from tests.web.cases import case
from tests.web.unrendered import unrendered

pytestmark = pytest.mark.django_db

MINE = date(2011, 5, 5)
TITLES = {code: str(words.title) for code, words in DATES.items()}


@pytest.fixture(autouse=True)
def _now(clock: Clock) -> None:
    clock.at = NOW


def owner(patient: Patient) -> User:
    assert patient.user_id is not None
    return User.objects.get(pk=patient.user_id)


def place_of(user: User, role: str = PATIENT) -> Place:
    return next(place for place in user.places if place.role == role)


def address_of(user: User, role: str = PATIENT) -> str:
    """The path of a new address of that account."""
    place = place_of(user, role)
    user.act_in(place.code)
    token = calendar_feeds.make(user=user, place=place, by=actor_of(user), at=NOW, key=uuid4())
    return f"/calendar/feed/{token}.ics"


def read(path: str, client: Client | None = None, *, has: str = "") -> Any:
    """The answer; `has` is the ETag of what the program has already."""
    return (client or Client()).get(path, headers={"if-none-match": has} if has else None)


def events(path: str) -> dict[str, date]:
    """The titles at an address, each with its day."""
    answer = read(path)
    assert answer.status_code == 200, answer.content
    calendar = Calendar.from_ical(answer.content)
    return {str(event["SUMMARY"]): event.start for event in calendar.events}


def days(**expected: int) -> dict[str, date]:
    """Titles by code, with days counted from today."""
    return {TITLES[code.replace("_", "-")]: NOW.date() + timedelta(days=count) for code, count in expected.items()}


# --- what stands there ------------------------------------------------------------------------------
def test_address_follows_the_file_from_stage_to_stage(clinic: ClinicFactory, clock: Clock) -> None:
    patient = clinic.ready()
    path = address_of(owner(patient))
    assert events(path) == days(window_first=-2, window_last=4)
    decision = clinic.authorize(patient)
    assert events(path) == days(window_first=-2, pick_up=4)
    assert decision.number is not None
    assert clinic.dispense(patient, decision.number) is None
    assert events(path) == days(test_from=23, supply_ends=29)
    assert clinic.enter(patient, PregnancyReported(), at=NOW + timedelta(minutes=1))
    clock.at = NOW + timedelta(minutes=2)
    assert events(path) == {}


def test_address_of_a_treatment_that_ended(clinic: ClinicFactory, clock: Clock) -> None:
    patient = clinic.ready()
    path = address_of(owner(patient))
    assert clinic.enter(patient, Discontinued("done", NOW.date()))
    # Two kinds of one title: the later day of each is seen.
    assert events(path) == days(month_after_test=30, precautions_over=30)
    body = read(path).content.decode()
    assert body.count("BEGIN:VEVENT") == 3


def test_booked_test_stands_there_until_it_is_taken(clinic: ClinicFactory, clock: Clock) -> None:
    patient = clinic.ready()
    path = address_of(owner(patient))
    for days_ahead in (2, 3):
        assert clinic.enter(patient, BookedTest(NOW.date() + timedelta(days=days_ahead)))
        assert events(path) == days(window_first=-2, window_last=4, test_booked=days_ahead)
    clock.at = NOW + timedelta(days=3)
    taken = PregnancyTest(clock.at.date(), "negative", "laboratory", "first_five_days")
    assert clinic.enter(patient, taken, at=clock.at)
    assert TITLES["test-booked"] not in events(path)


def test_minors_calendar_has_the_day_from_which_they_sign_alone(clinic: ClinicFactory) -> None:
    path = address_of(owner(clinic.ready(born_on=MINE)))
    assert events(path)[TITLES["of-age"]] == date(2029, 5, 5)


def test_address_goes_on_where_another_prescriber_takes_over(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    path = address_of(owner(patient))
    before = events(path)
    assert clinic.enter(patient, Transferred(str(clinic.other.pk)))
    assert events(path) == before != {}


def test_event_that_moves_keeps_its_uid_and_counts_up(clinic: ClinicFactory, clock: Clock) -> None:
    patient = clinic.ready()
    path = address_of(owner(patient))

    def last_day() -> tuple[str, int, date]:
        (event,) = (e for e in Calendar.from_ical(read(path).content).events if e["SUMMARY"] == TITLES["window-last"])
        return str(event["UID"]), event.sequence, event.start

    uid, sequence, day = last_day()
    assert clinic.enter(patient, PregnancyTest(NOW.date(), "negative", "laboratory", "first_five_days"))
    assert last_day() == (uid, sequence + 1, day + timedelta(days=2))


def test_record_that_moves_nothing_leaves_the_answer_byte_for_byte(clinic: ClinicFactory, clock: Clock) -> None:
    patient = clinic.ready()
    path = address_of(owner(patient))
    before = read(path)
    clock.at = NOW + timedelta(hours=3)
    assert clinic.enter(patient, PregnancyTest(NOW.date() - timedelta(days=20), "indeterminate", "clinic"))
    after = read(path)
    assert after.content == before.content
    assert read(path, has=before["ETag"]).status_code == 304
    clinic.authorize(patient)
    assert read(path, has=before["ETag"]).status_code == 200


def test_answer_is_kept_by_nobody_else_and_says_nothing_to_others(clinic: ClinicFactory) -> None:
    answer = read(address_of(owner(clinic.ready())))
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Referrer-Policy"] == "same-origin"
    assert "noindex" in answer["X-Robots-Tag"]


def test_file_is_written_as_the_standard_has_it(clinic: ClinicFactory) -> None:
    """By hand, not by the library that wrote it."""
    body = read(address_of(owner(clinic.ready()))).content
    assert body.endswith(b"END:VCALENDAR\r\n")
    lines = body.split(b"\r\n")
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    assert max(map(len, lines)) <= 75
    unfolded = body.decode().replace("\r\n ", "")
    assert re.findall(r"^DTSTART;VALUE=DATE:\d{8}\r$", unfolded, re.MULTILINE)
    assert len(re.findall(r"^UID:[0-9a-f-]{36}\r$", unfolded, re.MULTILINE)) == 2
    stamps = re.findall(r"^(?:DTSTAMP|LAST-MODIFIED)(;VALUE=DATE-TIME)?:(\d{8}T\d{6}Z)\r$", unfolded, re.MULTILINE)
    assert len(stamps) == 4
    assert re.search(r"^REFRESH-INTERVAL;VALUE=DURATION:PT6H\r$", unfolded, re.MULTILINE)
    assert re.search(r"^X-WR-CALNAME:Clearfill\r$", unfolded, re.MULTILINE)
    # A comma in a text is escaped.
    assert "midnight\\, New York time" in unfolded
    assert unfolded.count("CLASS:PRIVATE") == unfolded.count("TRANSP:TRANSPARENT") == 2
    assert f"URL:{settings.SITE_URL}/patient/\r" in unfolded


def test_nothing_in_it_names_anybody_or_says_what_it_is_about(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    Patient.objects.filter(pk=patient.pk).update(phone="212 555 0101")
    body = read(address_of(owner(patient))).content.decode().replace("\r\n ", "").lower()
    for word in (
        str(patient.pk), str(patient.user_id), patient.number, owner(patient).email, "some one", "2001",
        clinic.prescriber.practice_name, "212 555",
    ):  # fmt: skip
        assert word.lower() not in body, word
    assert [word for word in FORBIDDEN if word in body] == []


@pytest.mark.parametrize("language", ["en", "es"])
def test_titles_are_neutral_in_each_language(language: str) -> None:
    with translation.override(language):
        titles = {code: str(words.title).lower() for code, words in DATES.items()}
    assert set(titles) == set(CODES)
    assert [(code, word) for code, title in titles.items() for word in FORBIDDEN if word in title] == []


def test_titles_and_details_are_translated() -> None:
    words = [*(one.title for one in DATES.values()), DETAILS, DETAILS_LAST]
    english = [str(one) for one in words]
    with translation.override("es"):
        assert [one for one, text in zip(english, words, strict=True) if one == str(text)] == []


def test_titles_are_in_the_language_of_the_account(clinic: ClinicFactory) -> None:
    user = owner(clinic.ready())
    path = address_of(user)
    User.objects.filter(pk=user.pk).update(language="es")
    assert "Clearfill: último día" in read(path).content.decode()


# --- whose it is ------------------------------------------------------------------------------------
def test_anybody_who_has_the_address_reads_it_signed_in_or_not(clinic: ClinicFactory) -> None:
    path = address_of(owner(clinic.ready()))
    expected = read(path).content
    for user in (clinic.prescriber.user, factories.officer(), owner(clinic.ready())):
        assert read(path, factories.as_(user)).content == expected


def test_old_address_finds_nothing(clinic: ClinicFactory) -> None:
    user = owner(clinic.ready())
    old = address_of(user)
    new = address_of(user)
    assert (read(old).status_code, read(new).status_code) == (404, 200)
    calendar_feeds.switch_off(user=user, place=place_of(user), by=actor_of(user), at=NOW, key=uuid4())
    assert read(new).status_code == 404
    assert not calendar_feeds.switch_off(user=user, place=place_of(user), by=actor_of(user), at=NOW, key=uuid4())


def close(user: User, clinic: ClinicFactory) -> None:
    people.deactivate(account=user, by=actor_of(factories.officer()), at=NOW, key=uuid4())


def recover(user: User, clinic: ClinicFactory) -> None:
    first, second = factories.officer(), factories.officer()
    recovery.request(account=user, by=actor_of(first), at=NOW, key=uuid4())
    recovery.confirm(account=user, by=actor_of(second), at=NOW, key=uuid4())


def erase(user: User, clinic: ClinicFactory) -> None:
    patient = Patient.objects.get(user=user)
    assert clinic.enter(patient, Discontinued("done"))
    erasure.ask(patient=patient.pk, by=actor_of(factories.officer()), at=NOW, key=uuid4())
    erasure.confirm(patient=patient.pk, by=actor_of(factories.officer()), at=NOW, key=uuid4())


def erase_one_of_two_places(user: User, clinic: ClinicFactory) -> None:
    """The account goes on: it stands beside somebody else as a guardian."""
    factories.guardian(clinic.ready(born_on=MINE), user=user)
    erase(user, clinic)
    assert User.objects.get(pk=user.pk).is_active


ENDS: dict[str, Callable[[User, ClinicFactory], None]] = {
    "closed": close, "recovered": recover, "erased": erase, "erased, and a guardian": erase_one_of_two_places,
}  # fmt: skip


def test_address_of_an_account_that_is_no_more_finds_nothing(clinic: ClinicFactory) -> None:
    for end in ENDS:
        with case(end):
            user = owner(clinic.ready())
            path = address_of(user)
            ENDS[end](user, clinic)
            assert read(path).status_code == 404
            assert not CalendarFeed.objects.exists()


def test_account_opened_again_has_no_address(clinic: ClinicFactory) -> None:
    user = owner(clinic.ready())
    path = address_of(user)
    close(user, clinic)
    User.objects.filter(pk=user.pk).update(is_active=True)
    assert read(path).status_code == 404


def test_address_is_kept_as_a_hash_alone(clinic: ClinicFactory) -> None:
    path = address_of(owner(clinic.ready()))
    token = path.rpartition("/")[2].removesuffix(".ics")
    assert len(token) == 43
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT count(*) FROM "{table}" AS row WHERE row::text LIKE %s', [f"%{token}%"])
            assert cursor.fetchone() == (0,), table


def test_each_file_of_an_account_has_an_address_of_its_own(clinic: ClinicFactory) -> None:
    first, second = clinic.ready(), clinic.ready()
    Patient.objects.filter(pk=second.pk).update(user=first.user)
    user = owner(first)
    paths = []
    for place in user.places:
        user.act_in(place.code)
        token = calendar_feeds.make(user=user, place=place, by=actor_of(user), at=NOW, key=uuid4())
        paths.append(f"/calendar/feed/{token}.ics")
    clinic.authorize(first)
    found = [events(path) for path in paths]
    assert days(window_first=-2, pick_up=4) in found
    assert days(window_first=-2, window_last=4) in found


# --- guardians --------------------------------------------------------------------------------------
@pytest.fixture
def guardian(clinic: ClinicFactory) -> Guardian:
    return factories.guardian(clinic.ready(born_on=MINE))


def guardians_address(guardian: Guardian) -> str:
    assert guardian.user is not None
    return address_of(guardian.user, GUARDIAN)


def test_guardian_reads_until_when_to_sign_and_nothing_else(clinic: ClinicFactory, guardian: Guardian) -> None:
    path = guardians_address(guardian)
    of_age = {TITLES["of-age"]: date(2029, 5, 5)}
    assert events(path) == days(sign_by=4) | of_age
    assert f"{settings.SITE_URL}/guardian/" in read(path).content.decode().replace("\r\n ", "")
    assert clinic.enter(guardian.patient, PregnancyReported())
    assert events(path) == of_age, "the day that does not follow from a stop tells of none"


def test_guardian_reads_nothing_from_the_eighteenth_birthday_on(guardian: Guardian, clock: Clock) -> None:
    path = guardians_address(guardian)
    clock.at = NOW.replace(year=2029, month=5, day=5, hour=3)  # still the fourth in New York
    assert read(path).status_code == 200
    clock.at = NOW.replace(year=2029, month=5, day=5, hour=5)
    assert read(path).status_code == 404


def test_queries_of_an_address_are_as_many_for_many_minors_and_records(
    clinic: ClinicFactory, guardian: Guardian
) -> None:
    path = guardians_address(guardian)

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert read(path).status_code == 200
        return len(queries)

    count()
    few = count()
    for _ in range(5):
        factories.guardian(clinic.ready(born_on=MINE), user=guardian.user)
    assert len(Calendar.from_ical(read(path).content).events) == 12
    assert count() == few <= 17


# --- limits and logs --------------------------------------------------------------------------------
@pytest.fixture
def few(empty_cache: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tenth of what is allowed."""
    assert (RATE_LIMITS["feed_missed"], RATE_LIMITS["feed_read"]) == ("300/10m/ip", "60/h/key")
    monkeypatch.setitem(RATE_LIMITS, "feed_missed", "30/10m/ip")
    monkeypatch.setitem(RATE_LIMITS, "feed_read", "6/h/key")


@pytest.mark.usefixtures("few")
def test_rate_limit_of_one_address_leaves_the_others_alone(clinic: ClinicFactory) -> None:
    path, other = address_of(owner(clinic.ready())), address_of(owner(clinic.ready()))
    program = Client()
    answers = [read(path, program).status_code for _ in range(7)]
    assert answers == [200] * 6 + [429]
    assert read(other).status_code == 200


@pytest.mark.usefixtures("few")
def test_rate_limit_of_addresses_that_find_nothing(clinic: ClinicFactory) -> None:
    path = address_of(owner(clinic.ready()))
    program = Client()
    with unrendered():
        answers = {read(f"/calendar/feed/{number}.ics", program).status_code for number in range(30)}
    assert answers == {404}
    assert read("/calendar/feed/x.ics").status_code == 429
    # Whose address is right is not kept out by others who ask from the same place.
    assert read(path).status_code == 200


def test_access_log_has_a_row_a_day(clinic: ClinicFactory, guardian: Guardian, clock: Clock) -> None:
    patient = clinic.ready()
    paths = [address_of(owner(patient)), guardians_address(guardian)]
    for hours in (0, 1, 2, 25):
        clock.at = NOW + timedelta(hours=hours)
        assert [read(path).status_code for path in paths] == [200, 200]
    rows = AccessEvent.objects.filter(what="calendar").order_by("at", "role").values_list("subject", "role", "why")
    once = [(guardian.patient_id, "guardian", "guardian"), (patient.pk, "patient", "self")]
    assert list(rows) == once * 2


def test_account_log_says_when_an_address_was_made_and_ended(clinic: ClinicFactory) -> None:
    user = owner(clinic.ready())
    address_of(user)
    address_of(user)
    calendar_feeds.switch_off(user=user, place=place_of(user), by=actor_of(user), at=NOW, key=uuid4())
    assert [row.kind for row in log.read(user.pk)] == [
        "calendar_feed_made", "calendar_feed_made", "calendar_feed_ended",
    ]  # fmt: skip


def test_nobody_makes_an_address_for_another(clinic: ClinicFactory) -> None:
    one, other = owner(clinic.ready()), owner(clinic.ready())
    with pytest.raises(calendar_feeds.NotTheirs):
        calendar_feeds.make(user=one, place=place_of(one), by=actor_of(other), at=NOW, key=uuid4())
    with pytest.raises(calendar_feeds.NotTheirs):
        calendar_feeds.make(user=one, place=place_of(other), by=actor_of(one), at=NOW, key=uuid4())
    User.objects.filter(pk=one.pk).update(is_active=False)
    with pytest.raises(calendar_feeds.NotTheirs):
        calendar_feeds.make(user=one, place=place_of(one), by=actor_of(one), at=NOW, key=uuid4())


# --- the page ---------------------------------------------------------------------------------------
def shown(page: Any) -> str:
    """The path of the address on a page."""
    (found,) = re.findall(r"<code>http://[^/]+(/calendar/feed/[\w-]+\.ics)</code>", page.content.decode())
    return str(found)


def test_page_shows_the_address_once_and_again_to_the_same_press(clinic: ClinicFactory) -> None:
    client, key = factories.as_(owner(clinic.ready())), str(uuid4())
    assert "There is no address yet" in client.get("/calendar/").content.decode()
    first = client.post("/calendar/", {"key": key})
    assert first.status_code == 200
    path = shown(first)
    assert read(path).status_code == 200
    assert f'href="webcal://{settings.SITE_URL.partition("://")[2]}{path}"' in first.content.decode()
    assert shown(client.post("/calendar/", {"key": key})) == path
    later = client.get("/calendar/").content.decode()
    assert path not in later
    assert "A program read it last on" in later


def test_page_that_is_sent_again_after_another_address_was_made_shows_none(clinic: ClinicFactory) -> None:
    client, key = factories.as_(owner(clinic.ready())), str(uuid4())
    path = shown(client.post("/calendar/", {"key": key}))
    shown(client.post("/calendar/", {"key": str(uuid4())}))
    again = client.post("/calendar/", {"key": key}, follow=True)
    assert "works no more" in again.content.decode()
    assert read(path).status_code == 404


def test_page_switches_it_off(clinic: ClinicFactory) -> None:
    client = factories.as_(owner(clinic.ready()))
    path = shown(client.post("/calendar/", {"key": str(uuid4())}))
    page = client.post("/calendar/off/", {"key": str(uuid4())}, follow=True).content.decode()
    assert "Switched off" in page
    assert "There is no address yet" in page
    assert read(path).status_code == 404


# --- one date ---------------------------------------------------------------------------------------
def links(client: Client, path: str = "/patient/") -> list[str]:
    return re.findall(r'href="(/calendar/date/[^"]+)"', client.get(path).content.decode())


def test_date_on_the_page_is_taken_into_a_calendar(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    client = factories.as_(owner(patient))
    (link,) = links(client)  # the first day lies behind
    answer = client.get(link)
    assert answer["Content-Disposition"] == 'attachment; filename="clearfill.ics"'
    (event,) = Calendar.from_ical(answer.content).events
    assert (str(event["SUMMARY"]), event.start) == (TITLES["window-last"], NOW.date() + timedelta(days=4))
    # The same occasion as at the secret address: a program does not show it twice.
    assert f"UID:{event['UID']}" in read(address_of(owner(patient))).content.decode()


def test_date_of_somebody_else_is_not_there(clinic: ClinicFactory, guardian: Guardian) -> None:
    patient = clinic.ready()
    (link,) = links(factories.as_(owner(patient)))
    assert factories.as_(owner(clinic.ready())).get(link).status_code == 404
    assert factories.as_(guardian.user).get(link).status_code == 404
    assert factories.as_(clinic.prescriber.user).get(link).status_code == 403
    assert Client().get(link).status_code == 302


def test_date_that_holds_no_more_is_not_there(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    client = factories.as_(owner(patient))
    (link,) = links(client)
    assert clinic.enter(patient, PregnancyReported())
    assert client.get(link).status_code == 404
    assert links(client) == []


def test_guardian_takes_the_day_until_which_to_sign(guardian: Guardian) -> None:
    client = factories.as_(guardian.user)
    (link,) = links(client, "/guardian/")
    (event,) = Calendar.from_ical(client.get(link).content).events
    assert str(event["SUMMARY"]) == TITLES["sign-by"]
