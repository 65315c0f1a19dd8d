"""What is written after a view cannot make another answer of its answer: no bare 400 or 500 after a decision.

The table puts a fault after the view at each place among the middleware, and each kind of fault where the session is
saved. A decision that was committed is told as such; or there is none, in those words, with 503.
"""

import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.conf import LazySettings, settings
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.db import DatabaseError, DataError, IntegrityError, InterfaceError, InternalError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.roles import PATIENT
from accounts.sessions import SEEN
from config.errors import NO_DECISION
from config.sessions import SessionStore
from ledger.models import LogRecord
from patients.models import Patient
from tests import amount, factories
from tests.config.processes import Web
from tests.factories import PASSWORD, as_
from tests.histories import ClinicFactory

from devtools.bench.run import session_of  # isort: skip

FAULTS: dict[str, type[Exception]] = {
    error.__name__: error
    for error in (
        OperationalError, InterfaceError, InternalError, DataError, IntegrityError, DatabaseError, UpdateError,
        BadRequest, SuspiciousOperation, RuntimeError, TypeError, OSError,
    )
}  # fmt: skip

JSON = {"Accept": "application/json"}


@pytest.fixture
def patient(clinic: ClinicFactory) -> Patient:
    return clinic.ready()


@pytest.fixture
def counter(clinic: ClinicFactory, patient: Patient) -> Client:
    """A pharmacist's browser, whose session is written with the next page."""
    client = as_(clinic.pharmacies[0].pharmacists.get().user)
    client.raise_request_exception = False
    session = client.session
    session[SEEN] = int(time.time()) - 60
    session.save()
    return client


def question(patient: Patient) -> dict[str, str]:
    return {"number": patient.number, "born_on": "04/02/2001", "days_supply": "30", "key": str(uuid4())}


def is_authorized(patient: Patient) -> bool:
    return LogRecord.objects.filter(subject=patient.pk, kind="authorized").exists()


def check_told_as_it_is(answer: Any, patient: Patient) -> None:
    """The decision that was committed, or none in those words. Here it is the decision each time."""
    assert is_authorized(patient)
    assert answer.status_code == 200, answer.content
    assert answer.json()["allowed"] is True


class FailingMiddleware:
    """Raises after the answer came by."""

    error: type[Exception] = OperationalError

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        self.get_response(request)
        raise self.error("after the answer")


#: Without `--all` one of three faults at each place, by turns.
FAULT_AT_EACH_PLACE = [
    (place, error)
    for at, place in enumerate([*settings.MIDDLEWARE[:-1], "before all"])
    for turn, error in enumerate(["OperationalError", "IntegrityError", "SuspiciousOperation"])
    if amount.EVERYTHING or at % 3 == turn
]


@pytest.mark.django_db
@pytest.mark.parametrize(("place", "error"), FAULT_AT_EACH_PLACE)
def test_a_fault_after_the_answer_at_each_place_among_the_middleware(
    counter: Client,
    patient: Patient,
    settings: LazySettings,
    monkeypatch: pytest.MonkeyPatch,
    place: str,
    error: str,
) -> None:
    at = 0 if place == "before all" else settings.MIDDLEWARE.index(place) + 1
    ours = f"{__name__}.FailingMiddleware"
    settings.MIDDLEWARE = [*settings.MIDDLEWARE[:at], ours, *settings.MIDDLEWARE[at:]]
    monkeypatch.setattr(FailingMiddleware, "error", FAULTS[error])
    check_told_as_it_is(counter.post("/counter/", question(patient), headers=JSON), patient)


@pytest.mark.django_db
@pytest.mark.parametrize("error", FAULTS)
def test_a_session_that_cannot_be_saved(
    counter: Client, patient: Patient, monkeypatch: pytest.MonkeyPatch, error: str
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise FAULTS[error]("after the answer")

    monkeypatch.setattr(SessionStore, "save", broken)
    check_told_as_it_is(counter.post("/counter/", question(patient), headers=JSON), patient)


@pytest.mark.django_db
def test_a_session_that_is_ended_while_it_is_decided(
    counter: Client, patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By another browser, or because the account is closed. The decision was asked for before, and is told."""
    save = SessionStore.save

    def ended(self: SessionStore, must_create: bool = False) -> None:
        Session.objects.all().delete()
        save(self, must_create=must_create)

    monkeypatch.setattr(SessionStore, "save", ended)
    check_told_as_it_is(counter.post("/counter/", question(patient), headers=JSON), patient)
    monkeypatch.undo()
    assert counter.get("/counter/")["Location"].startswith(reverse("account_login"))


@pytest.mark.django_db
@pytest.mark.parametrize("error", FAULTS)
def test_a_form_that_was_carried_out_is_answered_as_such(
    clinic: ClinicFactory, counter: Client, patient: Patient, monkeypatch: pytest.MonkeyPatch, error: str
) -> None:
    """On a page, which is sent on, too."""

    def broken(*_: object, **__: object) -> None:
        raise FAULTS[error]("after the answer")

    monkeypatch.setattr(SessionStore, "save", broken)
    answer = counter.post("/counter/", question(patient))
    assert is_authorized(patient)
    assert answer.status_code in (200, 302)


@pytest.mark.django_db
@pytest.mark.parametrize("error", FAULTS)
def test_signing_in_without_a_session_is_no_answer(
    empty_cache: None, monkeypatch: pytest.MonkeyPatch, error: str
) -> None:
    """Its answer is worth nothing: whoever is sent on would be asked to sign in once more, without a word of why."""
    user: User = factories.account(PATIENT, password=PASSWORD)
    client = Client(raise_request_exception=False)
    client.get(reverse("account_login"))
    save = SessionStore.save

    def broken(self: SessionStore, must_create: bool = False) -> None:
        if must_create:
            save(self, must_create=True)
        else:
            raise FAULTS[error]("after the answer")

    monkeypatch.setattr(SessionStore, "save", broken)
    answer = client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    assert answer.status_code == 503
    assert NO_DECISION in answer.content.decode()


#: What PostgreSQL does when the session is saved.
AT_THE_SAVE = {
    "it ends the connection": "PERFORM pg_terminate_backend(pg_backend_pid())",
    "it does not answer": "PERFORM pg_sleep(30)",
    "it refuses": "RAISE EXCEPTION 'no'",
    "it finds nothing to save": "RETURN NULL",
}


@pytest.mark.parametrize("name", AT_THE_SAVE)
def test_on_a_real_server_the_decision_is_told_whatever_happens_at_the_save(web: Web, name: str) -> None:
    clinic = ClinicFactory()
    patient = clinic.ready()
    number = session_of(clinic.pharmacies[0].pharmacists.get().user)
    with web.broken_at("django_session", AT_THE_SAVE[name]):
        begun = time.monotonic()
        status, words = web.ask("/counter/", question(patient), number)
        assert time.monotonic() - begun < 5
    assert is_authorized(patient)
    assert status in (200, 302), words
    status, words = web.ask("/health/ready")
    assert status == 200
