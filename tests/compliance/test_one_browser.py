"""Both sides in one browser: what a signature keeps of it, when it is a signal, and that it follows nobody."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.http import HttpResponse

from accounts.models import User
from accounts.trusted_browsers import _SALT
from compliance.records.figures import bounds
from compliance.records.programs import program_day
from compliance.records.signals import of_day
from ledger import log
from patients.models import Patient
from tests import factories
from tests.clocks import Clock
from tests.histories import METHODS, NOW, ClinicFactory
from tests.security.reading import brought, confirmed

pytestmark = pytest.mark.django_db
TODAY = program_day(NOW)
PASSWORD = "correct horse battery staple"


def post(user: User, path: str, form: dict[str, Any], browser: str) -> None:
    """Sign a form in the browser of that name; empty: one in which nobody has signed in."""
    user.set_password(PASSWORD)
    user.save()
    client = factories.as_(user)
    client.cookies.pop(settings.TRUSTED_BROWSER_COOKIE_NAME, None)
    if browser:
        name = settings.TRUSTED_BROWSER_COOKIE_NAME
        answer = HttpResponse()
        answer.set_signed_cookie(name, f"{browser}.", salt=_SALT)
        client.cookies[name] = answer.cookies[name].value
    sent = {"signer_password": PASSWORD, "key": str(uuid4()), "methods": list(METHODS)} | form
    assert confirmed(client, path, brought(client, path) | sent).status_code == 302


def by_patient(patient: Patient, browser: str) -> None:
    assert patient.user is not None
    post(patient.user, "/patient/methods/", factories.ticks("monthly-patient"), browser)


def by_practice(clinic: ClinicFactory, patient: Patient, browser: str) -> None:
    form = {"started_on": TODAY.isoformat(), **factories.ticks("monthly-prescriber")}
    post(clinic.prescriber.user, f"/prescriber/patients/{patient.pk}/methods/", form, browser)


def marks(patient: Patient) -> list[str | None]:
    """The marks of the signatures that the pages made."""
    return [row.data.get("browser") for row in log.read(patient.pk) if row.kind == "attested"]


def raised(on: date = TODAY) -> list[str]:
    return [one.code for one in of_day(on, bounds(on)) if one.code == "one-browser"]


def both_in_one(clinic: ClinicFactory, clock: Clock) -> None:
    patient = clinic.ready()
    by_practice(clinic, patient, "tablet")
    by_patient(patient, "tablet")


def each_in_their_own(clinic: ClinicFactory, clock: Clock) -> None:
    patient = clinic.ready()
    by_practice(clinic, patient, "desk")
    by_patient(patient, "phone")


def in_browsers_without_a_name(clinic: ClinicFactory, clock: Clock) -> None:
    patient = clinic.ready()
    by_practice(clinic, patient, "")
    by_patient(patient, "")


def about_two_patients(clinic: ClinicFactory, clock: Clock) -> None:
    by_practice(clinic, clinic.ready(), "tablet")
    by_patient(clinic.ready(), "tablet")


def one_side_twice(clinic: ClinicFactory, clock: Clock) -> None:
    patient = clinic.ready()
    by_patient(patient, "phone")
    by_patient(patient, "phone")


def on_two_days(clinic: ClinicFactory, clock: Clock) -> None:
    patient = clinic.ready()
    by_practice(clinic, patient, "tablet")
    clock.at = NOW + timedelta(days=1)
    by_patient(patient, "tablet")


#: What happened, and whether it is a signal.
CASES: dict[str, tuple[Callable[[ClinicFactory, Clock], None], bool]] = {
    "both sides in one browser": (both_in_one, True),
    "each side in its own": (each_in_their_own, False),
    "browsers without a name": (in_browsers_without_a_name, False),
    "one browser, about two patients": (about_two_patients, False),
    "one side twice": (one_side_twice, False),
    "one browser, on two days": (on_two_days, False),
}


@pytest.mark.parametrize("name", CASES)
def test_one_browser_is_a_signal_for_both_sides_of_one_file_on_one_day(
    clinic: ClinicFactory, clock: Clock, name: str
) -> None:
    clock.at = NOW
    happened, is_signal = CASES[name]
    happened(clinic, clock)
    assert raised() == (["one-browser"] if is_signal else [])
    assert raised(TODAY + timedelta(days=1)) == []


def test_a_mark_names_no_browser_and_differs_by_file_and_day(clinic: ClinicFactory, clock: Clock) -> None:
    clock.at = NOW
    one, other = clinic.ready(), clinic.ready()
    by_patient(one, "phone")
    by_patient(other, "phone")
    clock.at = NOW + timedelta(days=1)
    by_patient(one, "phone")
    found = [mark for patient in (one, other) for mark in marks(patient)]
    assert len(found) == len(set(found)) == 3
    assert all(mark is not None and len(mark) == 32 and "phone" not in mark for mark in found)
