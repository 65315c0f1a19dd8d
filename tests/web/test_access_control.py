"""Access control and patient context: pages and posts about another reader's patient, authorization or document."""

import re
from datetime import date
from typing import Any

import pytest

from accounts.roles import GUARDIAN
from compliance.models import Authorization
from ledger.models import LogRecord
from patients.models import Guardian, Patient
from tests import factories
from tests.clocks import Clock
from tests.factories import as_
from tests.histories import ClinicFactory
from tests.security.reading import Page
from tests.web.unrendered import unrendered
from web.prescriber.entry_types import ENTRY_TYPES

pytestmark = pytest.mark.django_db


class Place:
    """A patient with an authorization, and strangers who know the addresses."""

    def __init__(self) -> None:
        self.clinic = ClinicFactory()
        self.patient: Patient = self.clinic.ready()
        self.clinic.authorize(self.patient)
        self.authorization = Authorization.objects.get()
        self.guardian = factories.account(GUARDIAN)
        self.ward: Patient = self.clinic.ready(date(2011, 3, 4))
        Guardian.objects.create(patient=self.ward, user=self.guardian, name="G", email="g@example.org")


@pytest.fixture
def place(clock: Clock) -> Place:
    clock.set("2026-12-15T11:00-05:00")
    return Place()


def addresses(place: Place) -> list[str]:
    patient = f"/prescriber/patients/{place.patient.pk}/"
    return [patient, f"{patient}invite/", f"{patient}void/6/", *(f"{patient}{slug}/" for slug in ENTRY_TYPES)]


def test_patient_context_of_another_prescribers_patient_is_denied(place: Place) -> None:
    client, before = as_(place.clinic.other.user), LogRecord.objects.count()
    with unrendered():
        for address in addresses(place):
            if not address.endswith("invite/"):
                assert client.get(address).status_code == 404, address
            sent = client.post(address, {"sure": "on", "reason": "x"}).status_code
            assert sent == (405 if address == addresses(place)[0] else 404), address
    assert LogRecord.objects.count() == before


def test_access_control_designee_enters_tests_and_visits_only(place: Place) -> None:
    client = as_(factories.designee(place.clinic.prescriber).user)
    with unrendered():
        for slug, page in ENTRY_TYPES.items():
            expected = 200 if "designee" in page.roles else 403
            assert client.get(f"/prescriber/patients/{place.patient.pk}/{slug}/").status_code == expected, slug
        assert "methods" not in client.get(f"/prescriber/patients/{place.patient.pk}/month/").context["form"].fields
    assert client.get(f"/prescriber/patients/{place.patient.pk}/void/6/").status_code == 403


def test_access_control_hides_another_pharmacys_authorization(place: Place) -> None:
    own, other = (pharmacy.pharmacists.get().user for pharmacy in place.clinic.pharmacies)
    address = f"/counter/authorizations/{place.authorization.pk}/"
    assert as_(own).get(address).status_code == 200
    client = as_(other)
    assert client.get(address).status_code == 404
    for verb in ("dispense", "reverse"):
        assert client.post(f"{address}{verb}/").status_code == 404
    assert Authorization.objects.get().state == "open"


def test_access_control_hides_another_guardians_patient(place: Place) -> None:
    address = f"/guardian/{place.ward.pk}/sign/birth-defects/"
    assert as_(place.guardian).get(address).status_code == 200
    assert as_(factories.account(GUARDIAN)).get(address).status_code == 404


def test_access_control_guardian_sees_only_what_is_to_sign(place: Place) -> None:
    page = as_(place.guardian).get("/guardian/").content.decode().lower()
    for word in ("negative", "window", "combined pill", place.ward.number.lower()):
        assert word not in page


def test_the_counter_never_learns_why(place: Place) -> None:
    client = as_(place.clinic.pharmacies[0].pharmacists.get().user)
    form = {"number": place.patient.number, "born_on": "04/02/2001", "days_supply": "31"}
    answer = client.post("/counter/", form | {"key": "5e0d6dd8-7b8f-4a53-a42c-4cf0b1d0f2a1"}, follow=True)
    assert answer.status_code == 200
    shown = re.sub(r"<[^>]+>", " ", answer.content.decode()).lower()
    for code in ("authorization-open", "supply-too-long"):
        assert code not in shown


def test_patient_context_is_open_to_the_own_prescriber_and_no_title_names_a_person(place: Place) -> None:
    assert as_(place.clinic.prescriber.user).get(addresses(place)[1]).status_code == 405
    pages: dict[Any, list[str]] = {
        place.clinic.prescriber.user: [a for a in addresses(place) if not a.endswith("invite/")],
        place.patient.user: ["/patient/", "/patient/record/", "/patient/sign/birth-defects/"],
        place.guardian: ["/guardian/"],
    }
    for user, paths in pages.items():
        client = as_(user)
        for path in paths:
            answer = client.get(path)
            assert answer.status_code == 200, path
            page = answer.content.decode()
            title = re.search(r"<title>(.*?)</title>", page, re.S)
            assert title is not None, path
            for name in (place.patient.family_name, place.patient.name, "birth control", "pregnan"):
                assert name.lower() not in title.group(1).lower().split(), path


def test_a_name_that_is_searched_for_stands_in_no_address(place: Place) -> None:
    client = as_(place.patient.prescriber.user)
    page = client.get("/prescriber/").content.decode()
    assert place.patient.family_name in page
    search = next(form for form in Page("/prescriber/", page).forms if "q" in form.fields)
    assert search.method == "post", "the filters alone are in the address"
    for sought, found in ((place.patient.family_name[:3], True), ("Nobody", False), ("", True)):
        answer = client.post("/prescriber/", {"q": sought, "stage": "authorized", "mine": ""})
        assert re.fullmatch(r"/prescriber/\?stage=authorized(&search=[0-9a-f]{8})?", answer["Location"])
        handle = answer["Location"].partition("&search=")[2]
        page = client.get(f"/prescriber/?search={handle}").content.decode()
        assert (f"/prescriber/patients/{place.patient.pk}/" in page) is found, sought
