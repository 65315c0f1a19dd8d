"""The counter says on which day the patient got the product: today, or, entered late, an earlier day."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from compliance.models import Authorization
from compliance.records.rebuild import differences
from compliance.rules.records import (
    ComprehensionPassed,
    ContraceptionDeclared,
    Counselled,
    Discontinued,
    PregnancyReported,
    PregnancyTest,
    Record,
)
from ledger import log
from ledger.models import AccessEvent
from tests.clocks import Clock
from tests.factories import as_
from tests.histories import METHODS, ClinicFactory
from tests.security.reading import Form, Page
from tests.web.cases import case

pytestmark = pytest.mark.django_db

TODAY, LATE = "Handed over today?", "It was handed over on"
RECORDED = "Recorded: handed over to"


class Counter:
    """An authorization of 15 December, good until the 19th, before the pharmacist who got it."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        clock.set("2026-12-15T11:00-05:00")
        self.clinic = ClinicFactory()
        self.patient = self.clinic.ready()
        assert self.clinic.authorize(self.patient).allowed
        self.row = Authorization.objects.get()
        self.path = f"/counter/authorizations/{self.row.pk}/"

    @property
    def client(self) -> Client:
        return as_(self.clinic.pharmacies[0].pharmacists.get().user)

    def page(self) -> str:
        return str(self.client.get(self.path).content.decode())

    def form(self, ends: str = "dispense/") -> Form | None:
        """That form of the authorization's page."""
        return form_of(self.path, self.page(), ends)

    def hand_over(self, **typed: str) -> Any:
        """Send the form as it stands, but for what is typed into it."""
        form = self.form()
        assert form is not None
        return self.client.post(form.action, sent(form) | typed, follow=True)

    def enter(self, day: str, *records: Record) -> None:
        at = datetime.fromisoformat(f"{day}T12:00-05:00").astimezone(UTC)
        self.clinic._enter(self.patient, at, *records)

    @property
    def recorded(self) -> list[tuple[str, int]]:
        """Each hand-over in the log: the day that it names, and its format."""
        rows = [row for row in log.read(self.patient.pk) if row.kind == "dispensed"]
        return [(row.data["handed_over_on"], row.format) for row in rows]

    @property
    def kept(self) -> tuple[str, date | None, date | None]:
        self.row.refresh_from_db()
        return self.row.state, self.row.handed_over_on, self.row.entered_on


def form_of(path: str, page: str, ends: str) -> Form | None:
    return next((form for form in Page(path, page).forms if form.action.endswith(ends)), None)


def sent(form: Form) -> dict[str, str]:
    """What a browser sends of a form that nobody touched."""
    return {name: field.value for name, field in form.fields.items()}


@pytest.fixture
def counter(clock: Clock) -> Counter:
    return Counter(clock)


#: When it is entered, what is typed (None: nothing is touched), the day that is recorded, the field's label.
TAKEN: dict[str, tuple[str, str | None, str, str]] = {
    "today, as it stands there": ("2026-12-15T11:05-05:00", None, "2026-12-15", TODAY),
    "late in the evening it is still today": ("2026-12-15T23:59-05:00", None, "2026-12-15", TODAY),
    "on the last day, as it stands there": ("2026-12-19T23:59-05:00", None, "2026-12-19", TODAY),
    "yesterday": ("2026-12-17T09:00-05:00", "2026-12-16", "2026-12-16", TODAY),
    "the day of the yes": ("2026-12-17T09:00-05:00", "2026-12-15", "2026-12-15", TODAY),
    "typed in a browser without a calendar": ("2026-12-17T09:00-05:00", "12/16/2026", "2026-12-16", TODAY),
    "expired, handed over on its last day": ("2026-12-20T00:00-05:00", "2026-12-19", "2026-12-19", LATE),
    "expired a month ago": ("2027-01-20T09:00-05:00", "2026-12-15", "2026-12-15", LATE),
}


def test_the_day_is_recorded(counter: Counter, clock: Clock) -> None:
    """The page's own form, sent as a browser without scripts sends it."""
    for name in TAKEN:
        with case(name, clock=clock):
            at, typed, day, label = TAKEN[name]
            clock.set(at)
            client = counter.client
            shown = client.get(counter.path).content.decode()
            form = form_of(counter.path, shown, "dispense/")
            assert form is not None
            entered = clock.at.astimezone(UTC)
            assert sent(form)["handed_over_on"] == ("" if label == LATE else at[:10])
            assert label in shown
            typed_in = {} if typed is None else {"handed_over_on": typed}
            answer: Any = client.post(form.action, sent(form) | typed_in, follow=True)
            assert answer.redirect_chain == [(counter.path, 302)]
            page = answer.content.decode()
            assert RECORDED in page
            assert counter.recorded == [(day, 2)]
            assert counter.kept == ("dispensed", date.fromisoformat(day), date.fromisoformat(at[:10]))
            assert log.read(counter.patient.pk)[-1].at == entered, "the instant of the entry stays"
            assert list(differences()) == []
            assert form_of(counter.path, page, "dispense/") is None
            assert form_of(counter.path, page, "reverse/") is None


#: When it is sent, what is typed, the sentence beside the field.
REFUSED: dict[str, tuple[str, str, str]] = {
    "tomorrow": ("2026-12-17T09:00-05:00", "2026-12-18", "This day is still to come."),
    "tomorrow in the program, today in UTC": ("2026-12-17T23:30-05:00", "2026-12-18", "This day is still to come."),
    "before the yes": (
        "2026-12-17T09:00-05:00", "2026-12-14", "This day lies before the authorization was issued."),
    "nonsense": ("2026-12-17T09:00-05:00", "soon", "Enter a date, for example 04/27/2026."),
    "a day that is none": ("2026-12-17T09:00-05:00", "2026-02-30", "Enter a date, for example 04/27/2026."),
    "blank": ("2026-12-17T09:00-05:00", "", "Fill this in."),
    "blank, expired": ("2026-12-20T09:00-05:00", "", "Fill this in."),
    "to come, expired": ("2026-12-20T09:00-05:00", "2026-12-21", "This day is still to come."),
    "before the yes, expired": (
        "2026-12-20T09:00-05:00", "2026-12-14", "This day lies before the authorization was issued."),
}  # fmt: skip


def test_a_day_that_cannot_be_is_refused_beside_its_field(counter: Counter, clock: Clock) -> None:
    """Nothing is recorded, nothing is lost, and from the page that comes back the right day is taken."""
    for name in REFUSED:
        with case(name, clock=clock):
            at, typed, sentence = REFUSED[name]
            clock.set(at)
            before, accesses = log.read(counter.patient.pk), AccessEvent.objects.count()
            answer = counter.hand_over(handed_over_on=typed)
            page = answer.content.decode()
            assert answer.status_code == 422
            assert answer.context["hand_over"].errors == {"handed_over_on": [sentence]}
            assert sentence in page
            assert log.read(counter.patient.pk) == before
            assert counter.kept == ("open", None, None)
            assert form_of(counter.path, page, "reverse/") is not None
            again = form_of(counter.path, page, "dispense/")
            assert again is not None
            assert sent(again)["handed_over_on"] == typed
            assert AccessEvent.objects.count() > accesses, "the page that comes back is an access"
            assert counter.client.post(again.action, sent(again) | {"handed_over_on": "2026-12-16"}).status_code == 302
            assert counter.recorded == [("2026-12-16", 2)]


def test_a_page_of_before_that_has_no_such_field_means_today(counter: Counter, clock: Clock) -> None:
    clock.set("2026-12-16T09:00-05:00")
    assert counter.client.post(f"{counter.path}dispense/", {"key": str(uuid4())}).status_code == 302
    assert counter.recorded == [("2026-12-16", 2)]


#: When it is sent, what happened before on which day, what is typed, and what is said: None, it is recorded.
VOID = "Do not dispense. This authorization is void: return the product to stock and reverse it."
EXPIRED = "Do not dispense. This authorization has expired: return the product to stock and reverse it."
LATER: dict[str, tuple[str, str, Record | None, str, str | None]] = {
    "expired, after its last day": ("2026-12-21T09:00-05:00", "", None, "2026-12-20", EXPIRED),
    "expired, today": ("2026-12-20T09:00-05:00", "", None, "2026-12-20", EXPIRED),
    "void since, handed over the day before": (
        "2026-12-18T09:00-05:00", "2026-12-17", PregnancyReported(), "2026-12-16", None),
    "void since that very day": ("2026-12-18T09:00-05:00", "2026-12-17", PregnancyReported(), "2026-12-17", VOID),
    "void before": ("2026-12-18T13:00-05:00", "2026-12-16", PregnancyReported(), "2026-12-17", VOID),
    "void and expired, handed over before both": (
        "2026-12-21T09:00-05:00", "2026-12-18", PregnancyReported(), "2026-12-17", None),
    "void by the end of the course, handed over before": (
        "2026-12-18T09:00-05:00", "2026-12-17", Discontinued("r", date(2026, 12, 16)), "2026-12-15", None),
}  # fmt: skip


def test_what_is_entered_late_is_taken_or_answered_in_words(counter: Counter, clock: Clock) -> None:
    for name in LATER:
        with case(name, clock=clock):
            at, day, record, typed, said = LATER[name]
            if record is not None:
                clock.set(f"{day}T12:00-05:00")
                counter.enter(day, record)
            clock.set(at)
            before = counter.kept
            client = counter.client
            shown = client.get(counter.path).content.decode()
            form = form_of(counter.path, shown, "dispense/")
            assert form is not None
            assert LATE in shown
            answer: Any = client.post(form.action, sent(form) | {"handed_over_on": typed}, follow=True)
            assert answer.redirect_chain == [(counter.path, 302)]
            assert (said or RECORDED) in answer.content.decode()
            if said is None:
                assert counter.recorded == [(typed, 2)]
                assert counter.kept == ("dispensed", date.fromisoformat(typed), date.fromisoformat(at[:10]))
            else:
                assert (counter.recorded, counter.kept) == ([], before)
            assert list(differences()) == []


def another_month(counter: Counter) -> None:
    """After the window was missed, another test, and another authorization."""
    counter.clock.set("2026-12-21T12:00-05:00")
    test = PregnancyTest(date(2026, 12, 21), "negative", "laboratory", "first_five_days")
    declared = [
        ContraceptionDeclared("prescriber", METHODS, date(2026, 12, 1)),
        ContraceptionDeclared("patient", METHODS),
    ]
    counter.enter("2026-12-21", test, Counselled(date(2026, 12, 21)), *declared, ComprehensionPassed())
    assert counter.clinic.authorize(counter.patient, counter=1, at=counter.clock.forward(minutes=5)).allowed


def test_after_a_later_yes_no_hand_over_is_offered_and_it_is_still_reversed(counter: Counter) -> None:
    another_month(counter)
    page = counter.page()
    assert form_of(counter.path, page, "dispense/") is None
    assert LATE not in page
    reverse = form_of(counter.path, page, "reverse/")
    assert reverse is not None
    client = counter.client
    form = {"key": str(uuid4()), "handed_over_on": "2026-12-16"}
    told: Any = client.post(f"{counter.path}dispense/", form, follow=True)
    assert EXPIRED in told.content.decode()
    assert counter.recorded == []
    assert client.post(reverse.action, sent(reverse)).status_code == 302
    assert counter.kept == ("reversed", None, None)


def test_void_on_the_day_of_the_yes_no_hand_over_is_offered(counter: Counter) -> None:
    counter.enter("2026-12-15", PregnancyReported())
    assert counter.form() is None
    assert counter.form("reverse/") is not None


@pytest.mark.parametrize("at", ["2026-12-16T09:00-05:00", "2026-12-20T09:00-05:00"], ids=["open", "expired"])
def test_a_double_click_is_one_hand_over_with_one_answer(counter: Counter, clock: Clock, at: str) -> None:
    clock.set(at)
    client, form = counter.client, counter.form()
    assert form is not None
    filled = sent(form) | {"handed_over_on": "2026-12-16"}
    said = []
    for _ in range(2):
        answer: Any = client.post(form.action, filled, follow=True)
        said.append((answer.redirect_chain, RECORDED in answer.content.decode()))
        clock.forward(seconds=1)
    assert said == [([(counter.path, 302)], True)] * 2
    assert counter.recorded == [("2026-12-16", 2)]
    changed = client.post(form.action, filled | {"handed_over_on": "2026-12-15"})
    assert changed.status_code == 422, "the same key with another day is another request"
    assert counter.recorded == [("2026-12-16", 2)]


def test_another_pharmacy_finds_nothing_there(counter: Counter, clock: Clock) -> None:
    clock.set("2026-12-20T09:00-05:00")
    stranger = as_(counter.clinic.pharmacies[1].pharmacists.get().user)
    form = {"key": str(uuid4()), "handed_over_on": "2026-12-16"}
    assert stranger.get(counter.path).status_code == 404
    assert stranger.post(f"{counter.path}dispense/", form).status_code == 404
    assert (counter.recorded, counter.kept) == ([], ("open", None, None))


def test_a_clock_behind_that_of_the_record_shows_the_page_all_the_same(counter: Counter, clock: Clock) -> None:
    """Two servers' clocks are never quite the same."""
    counter.enter("2026-12-15", PregnancyReported())
    clock.set("2026-12-15T09:00-05:00")
    assert clock.at < counter.row.issued_at
    assert counter.form("reverse/") is not None


def test_the_answer_has_the_form_with_todays_day_in_it(counter: Counter, clock: Clock) -> None:
    patient, client = counter.clinic.ready(), counter.client
    clock.set("2026-12-15T23:30-05:00")
    asked = {"number": patient.number, "born_on": "04/02/2001", "days_supply": "30", "key": str(uuid4())}
    answer = client.post("/counter/", asked)
    assert TODAY in client.get(answer["Location"]).content.decode()
    form = form_of("/counter/", client.post("/counter/", asked, follow=True).content.decode(), "dispense/")
    assert form is not None
    assert sent(form)["handed_over_on"] == "2026-12-15"
    assert client.post(form.action, sent(form)).status_code == 302
    assert Authorization.objects.get(patient=patient).handed_over_on == date(2026, 12, 15)
    again = client.post("/counter/", asked, follow=True).content.decode()
    assert form_of("/counter/", again, "dispense/") is None, "the answer that was kept, after the hand-over"
    assert "Yes, dispense" not in again


def test_the_days_supply_is_counted_from_the_hand_over(counter: Counter, clock: Clock) -> None:
    """What is asked next counts from the day the patient got it, not from the day somebody typed it."""
    clock.set("2027-01-05T09:00-05:00")
    assert counter.hand_over(handed_over_on="2026-12-18").status_code == 200
    at = datetime(2027, 1, 5, 15, tzinfo=UTC)
    counter.clinic._enter(counter.patient, at, PregnancyTest(date(2026, 12, 19), "negative", "clinic"))
    clock.forward(days=1)
    page = as_(counter.clinic.prescriber.user).get(f"/prescriber/patients/{counter.patient.pk}/")
    testing = page.context["assessment"].testing
    assert (testing.dispensed_on, [window.first for window in testing.windows]) == (
        date(2026, 12, 18), [date(2026, 12, 19)],
    )  # fmt: skip
    assert "handed over Dec 18, 2026" in page.content.decode()


def queries(client: Client, path: str, form: dict[str, str] | None = None) -> int:
    client.get("/counter/profile/training/")  # content types and the like are known from here on
    with CaptureQueriesContext(connection) as found:
        answer: Any = client.get(path) if form is None else client.post(path, form)
    assert answer.status_code in (200, 302)
    return len(found)


def test_how_many_queries_it_takes(counter: Counter, clock: Clock) -> None:
    """A long log takes no more than a short one, and an expired authorization no more than an open one."""
    counts = {"open": queries(counter.client, counter.path)}
    clock.set("2026-12-20T09:00-05:00")
    counts["expired"] = queries(counter.client, counter.path)
    for _ in range(5):
        counter.enter("2026-12-20", Counselled(date(2026, 12, 14)))
    assert queries(counter.client, counter.path) == counts["expired"]
    form = {"key": str(uuid4()), "handed_over_on": "2026-12-16"}
    counts["late hand-over"] = queries(counter.client, f"{counter.path}dispense/", form)
    assert counts["expired"] == counts["open"]
    assert counts["open"] <= 8
    assert counts["late hand-over"] <= 20, counts
