"""Whoever registers a practice or a pharmacy is a stranger until the program office has approved it.

The account opens at once. What it must not do: say who is in the program, or which addresses have an account.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.mfa import VERIFIED_KEY
from accounts.models import User
from compliance.commands import certifying
from patients.models import HeldEnrolment, Patient, Pharmacy, Prescriber
from tests import factories
from tests.factories import PASSWORD
from tests.web.opened import send

from .fixtures import SiteFixture
from .reading import words_of

NOT_YET = "The program office has not approved your"
_NEW = {"name": "New One", "password1": PASSWORD, 
        **factories.ticks("prescriber-attestation"), **factories.ticks("pharmacy-attestation"),
        "address": "1 Main Street", "phone": ""}  # fmt: skip


def registered(kind: str) -> Client:
    """Somebody from the street with a new account of that kind, and with a second factor of their own."""
    client, place = Client(), "practice_name" if kind == "practice" else "pharmacy_name"
    path = factories.registration(kind, f"{uuid4()}@example.org")
    form = _NEW | {place: "New", "npi": factories.npi(), "key": str(uuid4())}
    assert send(client, path, form).status_code == 302
    session = client.session
    session[VERIFIED_KEY] = True
    session.save()
    return client


@dataclass(frozen=True, slots=True)
class Case:
    """A form by which one might ask: of somebody who is known, and of nobody."""

    kind: str
    path: str
    known: Callable[[SiteFixture], dict[str, str]]
    nobody: dict[str, str]


_FILE = {"given_name": "Nora", "family_name": "Nobody", "born_on": "05/06/1991", "email": "nora@example.org",
         "phone": "", "category": "can_become_pregnant"}  # fmt: skip
CASES = {
    "enrolling by a name and a birth date": Case(
        "practice", "/prescriber/enrol/",
        lambda w: _FILE | {"given_name": w.patient.given_name, "family_name": w.patient.family_name,
                           "born_on": "04/02/2001"}, _FILE),
    "adding a designee by an address": Case(
        "practice", "/prescriber/practice/", lambda w: {"name": "X", "email": w.readers["patient"].email},
        {"name": "X", "email": "nobody@example.org"}),
    "naming a delegate by an NPI": Case(
        "practice", "/prescriber/practice/delegates/", lambda w: {"npi": w.clinic.other.npi}, {"npi": "1999999992"}),
    "answering an offer": Case(
        "practice", f"/prescriber/offers/{uuid4()}/", lambda w: {"decision": "accept"}, {"decision": "decline"}),
    "looking a patient up at the counter": Case(
        "pharmacy", "/counter/",
        lambda w: {"number": w.patient.number, "born_on": "04/02/2001", "days_supply": "30"},
        {"number": "ABCD2348", "born_on": "04/02/2001", "days_supply": "30"}),
    "adding a colleague by an address": Case(
        "pharmacy", "/counter/profile/", lambda w: {"name": "X", "email": w.readers["patient"].email},
        {"name": "X", "email": "nobody@example.org"}),
}  # fmt: skip


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
@pytest.mark.parametrize("name", CASES)
def test_nothing_is_asked_before_the_approval(site: SiteFixture, name: str, accept: str) -> None:
    case = CASES[name]
    client = registered(case.kind)
    client.post(case.path, case.nobody)  # what is looked up once, and remembered
    before, told = (Patient.objects.count(), HeldEnrolment.objects.count(), User.objects.count()), set()
    for form in (case.known(site), case.nobody):
        with CaptureQueriesContext(connection) as queries:
            answer: Any = client.post(case.path, form | {"key": str(uuid4())}, headers={"Accept": accept})
        told.add((answer.status_code, words_of(answer), len(queries)))
    assert len(told) == 1
    ((status, words, _queries),) = told
    assert status == 403
    assert NOT_YET in words
    assert (Patient.objects.count(), HeldEnrolment.objects.count(), User.objects.count()) == before


PAGES = [
    ("practice", "/prescriber/enrol/"), ("practice", "/prescriber/practice/"), ("practice", "/prescriber/offers/"),
    ("practice", "/prescriber/practice/delegates/"), ("pharmacy", "/counter/"), ("pharmacy", "/counter/profile/"),
]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize(("kind", "path"), PAGES)
def test_the_page_says_so_before_anything_is_filled_in(kind: str, path: str) -> None:
    answer = registered(kind).get(path)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert NOT_YET in page
    assert 'name="key"' not in page


def test_once_approved_it_is_as_for_everybody(site: SiteFixture) -> None:
    by = site.actor("officer")
    practice, pharmacy = registered("practice"), registered("pharmacy")
    for kind, row in (("prescriber", Prescriber.objects), ("pharmacy", Pharmacy.objects)):
        fresh = row.get(state="applied", npi__startswith="1", **_of(kind))
        certifying.approve(kind=kind, subject=fresh.pk, by=by, at=site.at, key=uuid4())  # type: ignore[arg-type]
    assert practice.post("/prescriber/enrol/", _FILE | {"key": str(uuid4())}).status_code == 302
    assert Patient.objects.filter(family_name="Nobody").exists()
    form = CASES["looking a patient up at the counter"].known(site)
    assert pharmacy.post("/counter/", form | {"key": str(uuid4())}).status_code == 302


def _of(kind: str) -> dict[str, str]:
    return {"practice_name": "New"} if kind == "prescriber" else {"name": "New"}
