"""A day far back is asked about once more, in words, by every form in which people type one."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django import forms
from django.urls import get_resolver

from accounts.roles import PHARMACIST
from compliance.rules.records import Discontinued
from ledger import log
from tests.clocks import Clock
from tests.factories import PASSWORD, ticks
from tests.histories import METHODS, ClinicFactory
from tests.web.opened import brought
from tests.web.test_signing import client_of
from ui.fields import BirthDateField, DateField
from ui.forms import BaseForm

TODAY = date(2026, 12, 15)


def every_form(of: type[BaseForm] = BaseForm) -> Iterator[type[BaseForm]]:
    assert get_resolver().url_patterns, "every page is imported"
    for form in of.__subclasses__():
        yield form
        yield from every_form(form)


def with_a_day() -> set[tuple[str, str]]:
    """Each form of the product with a day to type, by its name and the field's."""
    return {
        (form.__name__, name)
        for form in every_form()
        if form.__module__.startswith(("web.", "accounts.")) and not form.__module__.startswith("web.styleguide.")
        for name, field in form.base_fields.items()
        if isinstance(field, DateField)
    }


def days() -> list[tuple[int, str | None]]:
    return [(0, None), (60, None), (61, "61 days ago. Right?"), (366, "366 days ago. Right?")]


class OneDay(BaseForm):
    """Any form with a day."""

    on = DateField(label="A day", required=False)


@pytest.mark.parametrize(("back", "question"), days())
def test_a_form_of_its_kind_asks(clock: Clock, back: int, question: str | None) -> None:
    clock.at = datetime(2026, 12, 15, 16, tzinfo=UTC)
    day = (TODAY - timedelta(days=back)).isoformat()
    form = OneDay({"on": day, "key": str(uuid4())})
    assert form.is_valid() is (question is None)
    assert not form.errors
    asked = form.fields["on"].asked  # type: ignore[attr-defined]
    assert (asked.sentence if asked else None) == question
    if question is not None:
        assert OneDay({"on": day, "key": str(uuid4()), "on_is_right": day}).is_valid()
        other = (TODAY - timedelta(days=back + 1)).isoformat()
        assert not OneDay({"on": other, "key": str(uuid4()), "on_is_right": day}).is_valid(), (
            "another day is asked anew"
        )


def test_what_stood_there_is_not_asked_about_again(clock: Clock) -> None:
    clock.at = datetime(2026, 12, 15, 16, tzinfo=UTC)
    far = date(2025, 1, 2)
    assert OneDay({"on": far.isoformat(), "key": str(uuid4())}, initial={"on": far}).is_valid()


def test_no_form_has_a_day_that_is_not_of_this_kind() -> None:
    """A plain field of Django's would ask nothing."""
    plain = [
        (form.__name__, name)
        for form in every_form()
        for name, field in form.base_fields.items()
        if isinstance(field, (forms.DateField, forms.DateTimeField))
        and not isinstance(field, (DateField, BirthDateField))
    ]
    assert plain == []


# --- each form on its page -------------------------------------------------------------------------
class Site:
    """A patient in the 400th day of a course, and a form to send about them."""

    def __init__(self, clock: Clock) -> None:
        clock.at = datetime(2026, 12, 15, 16, tzinfo=UTC)
        self.clinic = ClinicFactory(datetime(2025, 11, 20, 16, tzinfo=UTC))
        self.patient = self.clinic.ready(born_on=date(2001, 4, 3))
        self.doctor = self.clinic.prescriber.user
        self.doctor.set_password(PASSWORD)
        self.doctor.save()

    def sent(self, slug: str, **typed: Any) -> tuple[Any, str, dict[str, Any]]:
        path = f"/prescriber/patients/{self.patient.pk}/{slug}/"
        own = {"signer_password": PASSWORD}
        client = client_of(self.doctor)
        return client, path, brought(client, path) | own | ticks("monthly-prescriber") | typed

    def handed_over(self, on: str) -> tuple[Any, str, dict[str, Any]]:
        """An authorization of last year that was neither used nor reversed."""
        at = datetime(2025, 11, 20, 17, tzinfo=UTC)
        number = self.clinic.authorize(self.patient, at=at).number
        assert number is not None
        counter = self.clinic.pharmacies[0].pharmacists.get().user
        assert counter.role == PHARMACIST
        pk = self.clinic.pharmacies[0].authorizations.get().pk
        return client_of(counter), f"/counter/authorizations/{pk}/dispense/", {"handed_over_on": on}


FAR = "2025-12-14"
TESTED = {"result": "negative", "setting": "laboratory", "menses": "first_five_days"}
DECLARED = {"methods": list(METHODS)}

#: Form and field -> how it is sent with a day of last year.
FORMS: dict[tuple[str, str], Callable[[Site], tuple[Any, str, dict[str, Any]]]] = {
    ("TestForm", "collected_on"): lambda s: s.sent("test", collected_on=FAR, **TESTED),
    ("VisitForm", "visit_on"): lambda s: s.sent("visit", visit_on=FAR),
    ("MethodsForm", "started_on"): lambda s: s.sent("methods", started_on=FAR, **DECLARED),
    ("MonthlyForm", "collected_on"): lambda s: s.sent(
        "month", collected_on=FAR, visit_on="2026-12-14", started_on="2026-12-14", **TESTED, **DECLARED),
    ("MonthlyForm", "visit_on"): lambda s: s.sent(
        "month", collected_on="2026-12-14", visit_on=FAR, started_on="2026-12-14", **TESTED, **DECLARED),
    ("MonthlyForm", "started_on"): lambda s: s.sent(
        "month", collected_on="2026-12-14", visit_on="2026-12-14", started_on=FAR, **TESTED, **DECLARED),
    ("DiscontinueForm", "last_dose_on"): lambda s: s.sent("discontinue", dose="yes", last_dose_on=FAR, reason="r"),
    ("LastDoseForm", "last_dose_on"): lambda s: s.sent("last-dose", dose="yes", last_dose_on=FAR, reason="r"),
    ("LaboratoryForm", "drawn_on"): lambda s: s.sent("laboratory", drawn_on=FAR, alt_0="30"),
    ("HandOverForm", "handed_over_on"): lambda s: s.handed_over("2025-11-20"),
}  # fmt: skip
#: What others are made of, and no page shows by itself.
PARTS = {("MethodsFields", "started_on"), ("DoseFields", "last_dose_on")}
#: Of a day to come; one that is far is refused (`compliance.rules.booking`).
AHEAD = {
    ("BookingForm", "booked_on"), ("OwnBookingForm", "booked_on"),
    ("StepForm", "due"), ("SuspendStepForm", "due"),
}  # fmt: skip


def test_every_form_with_a_day_is_sent() -> None:
    assert with_a_day() - PARTS - AHEAD == set(FORMS)


@pytest.mark.django_db
@pytest.mark.parametrize("name", FORMS, ids=lambda name: "-".join(name))
def test_each_form_asks_and_enters_once_it_is_answered(clock: Clock, name: tuple[str, str]) -> None:
    site = Site(clock)
    if name[0] == "LastDoseForm":
        site.clinic.enter(site.patient, Discontinued("r"), at=datetime(2026, 12, 1, 16, tzinfo=UTC))
    client, path, form = FORMS[name](site)
    before = len(log.read(site.patient.pk))
    asked = client.post(path, form | {"key": str(uuid4())})
    page = unescape(asked.content.decode())
    back = (TODAY - date.fromisoformat(form[name[1]])).days
    assert asked.status_code == 200
    assert f"{back} days ago. Right?" in " ".join(page.split())
    assert len(log.read(site.patient.pk)) == before
    box = f"{name[1]}_is_right"
    assert f'name="{box}"' in page
    shown = next((form for form in (asked.context.get("form"),) if form is not None), None)
    told = shown["told"].value() if shown is not None and "told" in shown.fields else ""
    answer = client.post(path, form | {"key": str(uuid4()), box: form[name[1]], "told": told})
    assert answer.status_code == 302, answer.content.decode()[:3000]
    assert len(log.read(site.patient.pk)) > before


# --- birth dates -----------------------------------------------------------------------------------
#: Born on -> what is asked at an enrolment, in December 2026.
BORN = {
    "12/15/2014": None,
    "04/02/2001": None,
    "12/15/1966": None,
    "12/14/1966": "60 years old. Right?",
    "04/02/1951": "75 years old. Right?",
}


@pytest.mark.django_db
@pytest.mark.parametrize("born_on", BORN)
def test_an_unusual_age_is_asked_about_at_enrolment(clock: Clock, born_on: str) -> None:
    site = Site(clock)
    form = {
        "given_name": "Nora", "family_name": "Newman", "born_on": born_on, "email": "nora@example.org", "phone": "",
        "category": "can_become_pregnant", "key": str(uuid4()),
    } | ({"guardian_name": "G", "guardian_email": "g@example.org"} if born_on.endswith("2014") else {})  # fmt: skip
    client, question = client_of(site.doctor), BORN[born_on]
    answer = client.post("/prescriber/enrol/", form)
    if question is None:
        assert answer.status_code == 302
        return
    assert (answer.status_code, question in answer.content.decode()) == (200, True)
    right = date(int(born_on[6:]), int(born_on[:2]), int(born_on[3:5])).isoformat()
    assert client.post("/prescriber/enrol/", form | {"born_on_is_right": right}).status_code == 302


@pytest.mark.django_db
def test_a_child_is_asked_about_where_a_birth_date_is_corrected(clock: Clock) -> None:
    site = Site(clock)
    client, path, form = site.sent("birth-date", born_on="04/03/2020", reason="a slip")
    answer = client.post(path, form | ticks("correcting-birth-date") | {"key": str(uuid4())})
    assert (answer.status_code, "6 years old. Right?" in answer.content.decode()) == (200, True)


def test_where_somebody_is_looked_for_no_age_is_asked_about() -> None:
    """At the counter and behind an invitation the birth date is compared, and nothing is told about it."""
    asking = {
        form.__name__
        for form in every_form()
        for field in form.base_fields.values()
        if isinstance(field, BirthDateField) and field.asks_age
    }
    assert asking == {"EnrolForm", "BirthDateForm"}
