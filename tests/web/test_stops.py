"""Stops: repeated before they are signed, told at once to whoever must know, and seen on top of every list."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail

import outbox
from accounts.models import User
from accounts.roles import OFFICER
from compliance.commands import certifying, delegation, people
from compliance.models import Authorization
from compliance.rules.records import PregnancyReported, PregnancyTest, StopCleared
from ledger import log
from ledger.actor import Actor
from ledger.clock import now
from ledger.erasable_text import make_erasable
from outbox.models import Message
from patients.models import Patient
from tests import factories
from tests.clocks import Clock
from tests.factories import as_
from tests.histories import METHODS, NOW, ClinicFactory
from tests.security.reading import Page

pytestmark = pytest.mark.django_db

STOPPING = ("stop-by-test", "stop-by-report", "stop-by-patient")
TEST = {"collected_on": "2026-12-14", "result": "positive", "setting": "laboratory", "menses": "not_known"}


@pytest.fixture(autouse=True)
def today(clock: Clock) -> None:
    clock.set("2026-12-15T11:00-05:00")


def path(patient: Patient, slug: str) -> str:
    return f"/prescriber/patients/{patient.pk}/{slug}/"


def repeated(client: Any, address: str, form: dict[str, str]) -> tuple[str, dict[str, Any]]:
    """The page that repeats the entry, and the form on it."""
    page = client.post(address, form | {"key": str(uuid4())}).content.decode()
    (found,) = [one for one in Page(address, page).forms if "repeated" in one.fields]
    return page, found.filled()


def told(kind: str = "") -> set[Any]:
    rows = Message.objects.filter(kind__in=[kind] if kind else STOPPING)
    return set(User.objects.filter(pk__in=[row.data["account"] for row in rows]).values_list("pk", flat=True))


# --- repeated -------------------------------------------------------------------------------------
def test_positive_result_is_repeated_before_it_is_entered(clinic: ClinicFactory) -> None:
    patient, client = clinic.ready(), as_(clinic.prescriber.user)
    before = len(log.read(patient.pk))
    page, form = repeated(client, path(patient, "test"), TEST)
    for part in (patient.name, "Positive", "Dec 14, 2026", "Is this right?"):
        assert part in page
    assert len(log.read(patient.pk)) == before
    answer = client.post(path(patient, "test"), form | {"step": ""})
    assert answer["Location"] == path(patient, "stopped")
    assert log.read(patient.pk)[-1].kind == "pregnancy_test"
    shown = client.get(answer["Location"]).content.decode()
    assert "What to do now" in shown
    assert "notice--yes" not in shown
    assert shown.index("Tell the patient today") < shown.index("clear-stop")


def test_going_back_loses_nothing_that_was_typed(clinic: ClinicFactory) -> None:
    patient, client = clinic.ready(), as_(clinic.prescriber.user)
    before = len(log.read(patient.pk))
    _page, form = repeated(client, path(patient, "test"), TEST)
    again = client.post(path(patient, "test"), form | {"step": "back"}).content.decode()
    assert 'value="2026-12-14"' in again
    assert re.search(r'value="positive"[^>]*checked', again)
    assert len(log.read(patient.pk)) == before


@pytest.mark.parametrize("change", [{"collected_on": "2026-12-13"}, {"setting": "clinic"}, {"repeated": "f" * 64}])
def test_what_was_repeated_says_nothing_of_another_result(clinic: ClinicFactory, change: dict[str, str]) -> None:
    patient, client = clinic.ready(), as_(clinic.prescriber.user)
    _page, form = repeated(client, path(patient, "test"), TEST)
    assert "Is this right?" in client.post(path(patient, "test"), form | {"step": ""} | change).content.decode()


def test_what_was_repeated_of_one_patient_says_nothing_of_another(clinic: ClinicFactory) -> None:
    one, other, client = clinic.ready(), clinic.ready(), as_(clinic.prescriber.user)
    _page, form = repeated(client, path(one, "test"), TEST)
    assert "Is this right?" in client.post(path(other, "test"), form | {"step": ""}).content.decode()


@pytest.mark.parametrize("reader", ["prescriber", "designee"])
@pytest.mark.parametrize("slug", ["test", "pregnancy"])
def test_whatever_stops_is_repeated_whoever_enters_it(clinic: ClinicFactory, reader: str, slug: str) -> None:
    patient = clinic.ready()
    user = clinic.prescriber.user if reader == "prescriber" else factories.designee(clinic.prescriber).user
    form = TEST if slug == "test" else {"sure": "on"}
    _page, sent = repeated(as_(user), path(patient, slug), form)
    answer = as_(user).post(path(patient, slug), sent | {"step": ""})
    assert answer["Location"] == path(patient, "stopped")


def test_positive_result_of_a_month_is_repeated_and_then_signed(clinic: ClinicFactory) -> None:
    patient, user = clinic.ready(), clinic.prescriber.user
    client, address = as_(user), path(patient, "month")
    month = TEST | {"visit_on": "2026-12-14", "methods": list(METHODS), "started_on": "2026-11-01", "step": "tell"}
    _page, form = repeated(client, address, month)  # type: ignore[arg-type]
    shown = client.post(address, form | {"methods": list(METHODS), "step": "tell"}).content.decode()
    (signed,) = [one for one in Page(address, shown).forms if "signer_password" in one.fields]
    sent = signed.filled() | factories.ticks("monthly-prescriber") | {
        "methods": list(METHODS), "signer_password": factories.PASSWORD,
        "step": "",
    }  # fmt: skip
    user.set_password(factories.PASSWORD)
    user.save()
    client = as_(user)
    answer = client.post(address, sent)
    assert answer.status_code == 302, answer.context["form"].errors
    assert answer["Location"] == path(patient, "stopped")


def test_page_of_a_stop_is_there_while_it_is_open(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    assert as_(clinic.prescriber.user).get(path(patient, "stopped")).status_code == 404
    clinic.enter(patient, PregnancyReported())
    assert as_(clinic.prescriber.user).get(path(patient, "stopped")).status_code == 200
    assert as_(clinic.other.user).get(path(patient, "stopped")).status_code == 404


# --- told -----------------------------------------------------------------------------------------
def by_prescriber(clinic: ClinicFactory, patient: Patient) -> Any:
    clinic.enter(patient, PregnancyTest(NOW.date(), "positive", "laboratory"))
    return clinic.prescriber.user_id


def by_designee(clinic: ClinicFactory, patient: Patient) -> Any:
    user = factories.designee(clinic.prescriber).user
    _page, form = repeated(as_(user), path(patient, "test"), TEST)
    assert as_(user).post(path(patient, "test"), form | {"step": ""}).status_code == 302
    return user.pk


def by_patient(clinic: ClinicFactory, patient: Patient) -> Any:
    assert patient.user is not None
    assert as_(patient.user).post("/patient/pregnant/", {"key": str(uuid4())}).status_code == 302
    return patient.user.pk


@pytest.mark.parametrize("how", [by_prescriber, by_designee, by_patient])
def test_stop_tells_at_once_whoever_must_know_and_not_who_entered_it(
    clinic: ClinicFactory, how: Callable[[ClinicFactory, Patient], Any]
) -> None:
    patient, officers = clinic.ready(), [factories.officer() for _ in range(2)]
    delegation.add_delegate(prescriber=clinic.prescriber, delegate=clinic.other, by=clinic.doctor, at=NOW, key=uuid4())
    own = how(clinic, patient)
    wanted = {clinic.prescriber.user_id, clinic.other.user_id, *(one.pk for one in officers)} - {own}
    assert told() == wanted
    assert Message.objects.filter(kind__in=STOPPING).count() == len(wanted)
    outbox.deliver(at=now())
    assert len(mail.outbox) >= len(wanted)
    for letter in mail.outbox:
        assert not re.search(r"pregnan|positive|test|isotretinoin", f"{letter.subject} {letter.body}", re.IGNORECASE)


@pytest.mark.parametrize(("how", "count"), [(by_prescriber, 1), (by_designee, 1), (by_patient, 0)])
def test_patient_is_told_to_read_what_to_do_now_unless_it_was_the_patient_who_said_it(
    clinic: ClinicFactory, how: Callable[[ClinicFactory, Patient], Any], count: int
) -> None:
    patient = clinic.ready()
    assert patient.user is not None
    Patient.objects.filter(pk=patient.pk).update(email=patient.user.email)
    how(clinic, patient)
    outbox.deliver(at=now())
    letters = [letter for letter in mail.outbox if letter.to == [patient.user.email]]
    assert len(letters) == count
    for letter in letters:
        assert letter.subject == "Clearfill, urgent: please read what to do now"
        assert "/patient/\n" in str(letter.body)
        assert not re.search(r"pregnan|positive|test|isotretinoin", f"{letter.subject} {letter.body}", re.IGNORECASE)


def test_patient_is_not_told_of_a_stop_that_was_cleared_before_it_went(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    assert patient.user is not None
    Patient.objects.filter(pk=patient.pk).update(email=patient.user.email)
    by_prescriber(clinic, patient)
    later = now() + timedelta(minutes=1)
    assert clinic.enter(patient, StopCleared("x"), at=later)
    outbox.deliver(at=later)
    assert Message.objects.get(kind="stop-to-patient").outcome == "not-wanted"


def test_stop_tells_nobody_whose_account_is_closed_or_suspended(clinic: ClinicFactory) -> None:
    patient, gone = clinic.ready(), factories.officer()
    delegation.add_delegate(prescriber=clinic.prescriber, delegate=clinic.other, by=clinic.doctor, at=NOW, key=uuid4())
    office = Actor(factories.officer().pk, OFFICER)
    for officer in (office, Actor(factories.officer().pk, OFFICER)):
        people.deactivate(account=gone, by=officer, at=NOW, key=uuid4())
    reason = make_erasable("licence lost", subject=clinic.other.pk, at=NOW)
    certifying.suspend(kind="prescriber", subject=clinic.other.pk, reason=reason, by=office, at=NOW, key=uuid4())
    by_patient(clinic, patient)
    assert told() == {
        clinic.prescriber.user_id,
        *User.objects.filter(opened_as=OFFICER, is_active=True).values_list("pk", flat=True),
    }
    assert gone.pk not in told()
    assert clinic.other.user_id not in told()


def test_pages_say_who_was_told_and_when(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    factories.officer()
    User.objects.filter(pk=clinic.prescriber.user_id).update(name="Robin Hale")
    by_patient(clinic, patient)
    assert patient.user is not None
    own = as_(patient.user).get("/patient/").content.decode()
    theirs = as_(clinic.prescriber.user).get(f"/prescriber/patients/{patient.pk}/").content.decode()
    for page in (own, theirs):
        told_part = page[page.index('id="told"') :]
        assert "Robin Hale" in told_part
        assert "The program office" in told_part
        assert "on its way" in told_part
    assert "What to do now" in own
    outbox.deliver(at=now())
    assert "on its way" not in as_(patient.user).get("/patient/").content.decode()


def test_pages_name_who_entered_it_among_those_who_know(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    User.objects.filter(pk=clinic.prescriber.user_id).update(name="Robin Hale")
    by_prescriber(clinic, patient)
    assert patient.user is not None
    page = as_(patient.user).get("/patient/").content.decode()
    assert "Robin Hale" in page[page.index('id="told"') :]


def test_report_pressed_by_mistake_is_a_note_and_ends_nothing(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    assert patient.user is not None
    mine = as_(patient.user)
    assert mine.get("/patient/mistake/").status_code == 404
    by_patient(clinic, patient)
    key = str(uuid4())
    for _ in range(2):
        assert mine.post("/patient/mistake/", {"key": key})["Location"] == "/patient/"
    assert [row.kind for row in log.read(patient.pk)].count("report_mistaken") == 1
    assert told("stop-mistaken") == {clinic.prescriber.user_id}
    page = as_(clinic.prescriber.user).get(f"/prescriber/patients/{patient.pk}/").content.decode()
    assert "The patient says that the report was pressed by mistake." in page
    assert not clinic.authorize(patient).allowed
    assert mine.get("/patient/mistake/").status_code == 404


def test_patient_takes_back_no_report_of_anybody_else(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    assert patient.user is not None
    clinic.enter(patient, PregnancyReported())
    assert as_(patient.user).get("/patient/mistake/").status_code == 404
    assert as_(patient.user).post("/patient/mistake/", {"key": str(uuid4())}).status_code == 404


# --- lists ----------------------------------------------------------------------------------------
def test_stops_stand_on_top_of_the_worklist(clinic: ClinicFactory) -> None:
    patients = [clinic.ready() for _ in range(4)]
    for place, patient in enumerate(patients):
        Patient.objects.filter(pk=patient.pk).update(family_name=f"Name{place}")
    clinic.enter(patients[-1], PregnancyReported())
    page = as_(clinic.prescriber.user).get("/prescriber/").content.decode()
    assert page.index("Name3") < page.index("Name0")


def test_stops_stand_on_top_of_the_offices_lists(clinic: ClinicFactory, clock: Clock) -> None:
    """Also above what has been overdue for longer."""
    stopped, late = clinic.ready(), clinic.ready()
    numbers = [clinic.authorize(patient).number for patient in (stopped, late)]
    clinic.enter(stopped, PregnancyReported())
    Authorization.objects.filter(number=numbers[0]).update(dispense_by=NOW.date() + timedelta(days=8))
    clock.set("2026-12-30T11:00-05:00")
    page = as_(factories.officer()).get("/office/overdue/").content.decode()
    assert page.index(str(numbers[0])) < page.index(str(numbers[1]))
