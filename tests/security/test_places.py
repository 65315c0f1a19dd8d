"""Accounts with several places: with one chosen nothing of the others is shown, and nobody acts on both sides."""

import re
import time
from collections.abc import Callable
from datetime import date
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from accounts import address_change, sessions
from accounts.models import User
from accounts.place_choice import SESSION_KEY
from compliance.commands import gate, linking, transfers
from compliance.commands.decide import OwnFile
from compliance.rules.records import Counselled, Discontinued, TransferOffered, TransferWithdrawn
from ledger import log
from ledger.actor import Actor
from ledger.models import LogRecord
from patients.models import Designee, Guardian, Patient, Pharmacist, Prescriber
from patients.visibility import visible_patients
from tests import factories
from tests.factories import as_

from .fixtures import SiteFixture
from .test_mass_assignment import everything


def place(user: User, role: str) -> str:
    """The code of the account's place of that role."""
    return next(one.code for one in User.objects.get(pk=user.pk).places if one.role == role)


def acting(user: User, code: str) -> Client:
    """A client of that account which has chosen the place."""
    client = as_(user)
    session = client.session
    session[SESSION_KEY] = code
    session.save()
    return client


#: A second place for a reader, by its name: of an account that had one.
SECOND: dict[str, tuple[str, Callable[[SiteFixture], object]]] = {
    "a patient who is a guardian": (
        "other patient", lambda w: factories.guardian(w.minor, user=w.readers["other patient"])
    ),
    "a pharmacist who is a patient": (
        "other pharmacist",
        lambda w: Patient.objects.filter(pk=w.twin.pk).update(user=w.readers["other pharmacist"]),
    ),
    "a designee of two practices": (
        "designee", lambda w: Designee.objects.create(user=w.readers["designee"], prescriber=w.clinic.other)
    ),
    "a pharmacist at two stores": (
        "pharmacist", lambda w: Pharmacist.objects.create(user=w.readers["pharmacist"], pharmacy=w.clinic.pharmacies[1])
    ),
    "a prescriber who is a guardian": (
        "other prescriber", lambda w: factories.guardian(w.minor, user=w.readers["other prescriber"])
    ),
    "a patient with two files": (
        "other patient", lambda w: Patient.objects.filter(pk=w.twin.pk).update(user=w.readers["other patient"])
    ),
}  # fmt: skip


def with_two(site: SiteFixture, name: str) -> User:
    reader, add = SECOND[name]
    add(site)
    user = User.objects.get(pk=site.readers[reader].pk)
    assert len(user.places) == 2
    return user


@pytest.mark.parametrize("name", SECOND)
def test_no_page_of_a_role_is_shown_until_a_place_is_chosen(site: SiteFixture, name: str) -> None:
    user = with_two(site, name)
    client = as_(user)
    assert user.role == ""
    assert not visible_patients(user).exists()
    assert client.get("/")["Location"] == "/account/place/"
    for path in ("/patient/", "/guardian/", "/prescriber/", "/counter/", "/office/"):
        answer = client.get(path)
        assert answer.status_code == 403 or answer["Location"].startswith("/account/place/?next="), path
    page = client.get("/account/place/").content.decode()
    assert "Who are you here today?" in page
    for one in user.places:
        assert one.code in page
    assert client.get("/account/2fa/").status_code == 200, "the account's own pages stay"


@pytest.mark.parametrize("name", SECOND)
def test_with_one_place_chosen_nothing_of_the_other_is_visible(site: SiteFixture, name: str) -> None:
    user = with_two(site, name)
    seen = {}
    for one in user.places:
        user.act_in(one.code)
        seen[one.code] = set(visible_patients(user).values_list("pk", flat=True))
    first, second = seen.values()
    assert not first & second
    homes = {"patient": "/patient/", "guardian": "/guardian/", "prescriber": "/prescriber/",
             "designee": "/prescriber/", "pharmacist": "/counter/"}  # fmt: skip
    for one, other in (user.places, user.places[::-1]):
        client = acting(user, one.code)
        assert client.get("/")["Location"] == homes[one.role]
        if homes[one.role] != homes[other.role]:
            elsewhere = client.get(homes[other.role])
            assert elsewhere.status_code == 403
            assert "belongs to another of your places" in elsewhere.content.decode()
        for patient in seen[other.code]:
            for path in (f"/prescriber/patients/{patient}/", f"/guardian/{patient}/sign/birth-defects/"):
                assert client.get(path).status_code in (403, 404), path


@pytest.mark.parametrize("name", SECOND)
def test_each_page_says_which_place_it_is_of_and_leads_to_the_others(site: SiteFixture, name: str) -> None:
    user = with_two(site, name)
    for one in user.places:
        client = acting(user, one.code)
        page = client.get("/", follow=True).content.decode()
        assert re.search(r'class="reader__role">\s*\w+', page)
        assert 'href="/account/place/"' in page
        assert f'name="acting_in" value="{one.code}"' in page


@pytest.mark.parametrize("name", SECOND)
def test_form_of_another_place_is_refused_and_loses_nothing(site: SiteFixture, name: str) -> None:
    """Two tabs: one was opened in one place, and the other has changed to another since."""
    user = with_two(site, name)
    paths = {"patient": "/patient/methods/", "guardian": f"/guardian/{site.minor.pk}/sign/birth-defects/no/",
             "prescriber": "/prescriber/enrol/", "designee": "/prescriber/", "pharmacist": "/counter/"}  # fmt: skip
    for one, other in (user.places, user.places[::-1]):
        client, before = acting(user, other.code), everything()
        form = {"number": "ABCD2345", "acting_in": one.code, "key": str(uuid4()), "signer_password": "a secret"}
        answer = client.post(paths[one.role], form)
        page = answer.content.decode()
        assert answer.status_code == 409
        assert "belongs to another of your places" in page
        assert 'value="ABCD2345"' in page
        assert "a secret" not in page
        assert f"{one.code}" in page
        assert client.session[SESSION_KEY] == other.code
        without = client.post(paths[one.role], {"number": "ABCD2345"})
        assert without.status_code == 409, "a form that says no place is of none"
        assert client.post(paths[one.role], form | {"acting_in_confirmed": "1"}).status_code != 409
        assert client.session[SESSION_KEY] == one.code
        assert everything() == before


def test_form_of_a_place_that_is_not_held_is_refused_for_good(site: SiteFixture) -> None:
    user = with_two(site, "a designee of two practices")
    first, second = user.places
    client = acting(user, first.code)
    Designee.objects.filter(user=user, prescriber=second.id).update(ended_at=site.at)
    answer = client.post("/prescriber/", {"acting_in": second.code, "acting_in_confirmed": "1"})
    assert answer.status_code == 409
    assert "Send it as" not in answer.content.decode() or second.code not in answer.content.decode()
    assert client.post("/account/place/", {"place": second.code}).status_code == 422


def test_form_of_before_the_session_ended_chooses_its_place(site: SiteFixture) -> None:
    """Signed in anew in another tab: the form says for which place its page was shown, and none is chosen yet."""
    user = with_two(site, "a pharmacist at two stores")
    client = as_(user)
    client.post("/counter/", {"acting_in": user.places[1].code, "number": "x"})
    assert client.session[SESSION_KEY] == user.places[1].code


def test_programs_say_their_place_and_are_refused_in_json(site: SiteFixture) -> None:
    user = with_two(site, "a pharmacist at two stores")
    headers = {"Accept": "application/json"}
    form = {"number": site.patient.number, "born_on": "04/02/2001", "days_supply": "30", "key": str(uuid4())}
    client = as_(user)
    assert client.post("/counter/", form, headers=headers).json() == {"error": "place"}
    assert client.post("/counter/", form | {"acting_in": place(user, "pharmacist")}, headers=headers).status_code == 200


def test_place_that_ended_opens_nothing_at_the_next_request(site: SiteFixture) -> None:
    user = with_two(site, "a designee of two practices")
    client = acting(user, user.places[0].code)
    assert client.get("/prescriber/").status_code == 200
    Designee.objects.filter(user=user, prescriber=user.places[0].id).update(ended_at=site.at)
    assert client.get("/prescriber/")["Location"].startswith("/account/place/")


# --- second factor and limits: the strictest place ------------------------------------------------
def test_second_factor_is_asked_in_every_place_if_one_is_of_staff(site: SiteFixture) -> None:
    user = with_two(site, "a pharmacist who is a patient")
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    session = client.session
    session[SESSION_KEY] = place(user, "patient")
    session.save()
    assert client.get("/patient/")["Location"] == "/account/2fa/"
    user.act_in(place(user, "patient"))
    assert user.is_staff_account


@pytest.mark.parametrize("role", ["pharmacist", "patient"])
def test_idle_limit_of_staff_holds_in_every_place_of_theirs(site: SiteFixture, role: str) -> None:
    user = with_two(site, "a pharmacist who is a patient")
    client = acting(user, place(user, role))
    path = reverse("mfa_index")
    assert client.get(path).status_code == 200
    session = client.session
    session["seen_at"] = int(time.time()) - sessions.IDLE_LIMIT - 1
    session.save()
    assert client.get(path)["Location"] == reverse("account_login") + sessions.AGAIN


def test_own_account_before_a_place_is_chosen_names_the_owner_by_the_first(site: SiteFixture) -> None:
    user = with_two(site, "a pharmacist at two stores")
    user = User.objects.get(pk=user.pk)
    assert user.role == ""
    client = as_(user)
    token = address_change.make_token(user, "moved@example.org")
    answer = client.post(reverse("own_account:confirm_address", args=[token]), {"key": str(uuid4())})
    assert answer["Location"] == reverse("mfa_index")
    (record,) = LogRecord.objects.filter(subject=user.pk, kind="address_changed")
    assert (record.role, record.actor) == (user.opened_as, user.pk)


# --- both sides -----------------------------------------------------------------------------------
@pytest.mark.parametrize("side", ["patient", "guardian", "patient of a linked file"])
def test_pharmacist_is_refused_about_themselves(site: SiteFixture, side: str) -> None:
    user, patient = site.readers["pharmacist"], site.patient
    if side == "patient":
        Patient.objects.filter(pk=patient.pk).update(user=user)
    elif side == "guardian":
        factories.guardian(patient, user=user)
    else:
        twin = Patient.objects.get(pk=site.twin.pk)
        patient = Patient.objects.exclude(pk=twin.pk).get(linked_to=twin.linked_to_id)
        Patient.objects.filter(pk=twin.pk).update(user=user)
    by, before = Actor(user.pk, "pharmacist", site.pharmacy.pk), len(log.read(patient.pk))
    with pytest.raises(OwnFile):
        gate.authorize_patient(
            patient=patient.pk, pharmacy=site.pharmacy.pk, days_supply=30, by=by, at=site.at, key=uuid4()
        )
    if patient == site.patient:
        for verb in (gate.dispense, gate.reverse):
            with pytest.raises(OwnFile):
                verb(
                    patient=patient.pk, number=site.authorization.number, pharmacy=site.pharmacy.pk, by=by, at=site.at,
                    key=uuid4(),
                )  # fmt: skip
        client = acting(user, f"pharmacist:{site.pharmacy.pk}")
        form = {"number": patient.number, "born_on": f"{patient.born_on:%m/%d/%Y}", "days_supply": "30",
                "key": str(uuid4()), "acting_in": f"pharmacist:{site.pharmacy.pk}"}  # fmt: skip
        page = client.post("/counter/", form).content.decode()
        assert "A colleague has to ask." in page
        assert site.authorization.number not in client.get("/counter/authorizations/").content.decode()
    assert len(log.read(patient.pk)) == before


def test_designee_neither_sees_nor_enters_about_themselves(site: SiteFixture) -> None:
    user = site.readers["designee"]
    Patient.objects.filter(pk=site.patient.pk).update(user=user)
    user = User.objects.get(pk=user.pk)
    user.act_in(place(user, "designee"))
    assert not visible_patients(user).filter(pk=site.patient.pk).exists()
    assert visible_patients(user).exists()
    site.clinic.doctor = Actor(user.pk, "designee", site.prescriber.pk)
    with pytest.raises(OwnFile):
        site.clinic.enter(site.patient, Counselled(date(2026, 12, 14)))


def fellow_of(site: SiteFixture) -> Patient:
    """A patient of the practice whom nobody knows elsewhere."""
    return Patient.objects.get(user=site.readers["fellow patient"])


def the_patient(site: SiteFixture, other: Prescriber) -> None:
    Patient.objects.filter(pk=fellow_of(site).pk).update(user=other.user)


def the_guardian(site: SiteFixture, other: Prescriber) -> None:
    factories.guardian(fellow_of(site), user=other.user)


def the_patient_of_a_linked_file(site: SiteFixture, other: Prescriber) -> None:
    twin = factories.patient(site.prescriber, user=other.user)
    Patient.objects.filter(pk__in=[twin.pk, fellow_of(site).pk]).update(linked_to=twin.pk)


ONESELF = (the_patient, the_guardian, the_patient_of_a_linked_file)


@pytest.mark.parametrize("oneself", ONESELF, ids=lambda one: one.__name__)
@pytest.mark.parametrize("begun", [True, False], ids=["in a course", "between courses"])
def test_nobody_takes_over_themselves_or_whom_they_stand_beside(
    site: SiteFixture, oneself: Callable[[SiteFixture, Prescriber], None], begun: bool
) -> None:
    """Neither who is offered already when it comes to that, nor by a new offer, whoever makes it."""
    other, fellow = site.clinic.other, fellow_of(site)
    if not begun:
        site.clinic.enter(fellow, Discontinued("done"))
    site.clinic.enter(fellow, TransferOffered(str(other.pk)))
    oneself(site, other)
    by = Actor(other.user_id, "prescriber", other.pk)
    with pytest.raises(OwnFile):
        transfers.accept(patient=fellow.pk, by=by, at=site.at, key=uuid4())
    code = place(other.user, "prescriber")
    answer = {"decision": "accept", "key": str(uuid4()), "acting_in": code}
    path = reverse("prescriber:answer_transfer", args=[fellow.pk])
    said = acting(other.user, code).post(path, answer, follow=True)
    assert "Somebody else has to take over." in said.content.decode()
    site.clinic.enter(fellow, TransferWithdrawn())

    before = len(log.read(fellow.pk))
    with pytest.raises(OwnFile):
        site.clinic.enter(fellow, TransferOffered(str(other.pk)))
    officer = as_(site.readers["officer"])
    form: dict[str, object] = {"npi": other.npi, "whom": "chosen", "patients": [str(fellow.pk)], "key": str(uuid4())}
    said = officer.post(reverse("office:hand_over", args=[site.prescriber.pk]), form, follow=True)
    assert "is not offered" in said.content.decode()
    if oneself is not the_patient:
        patient = as_(site.readers["fellow patient"])
        said = patient.post(reverse("patient:ask_prescriber", args=[other.pk]), {"key": str(uuid4())}, follow=True)
        assert "cannot take this patient over" in said.content.decode()
    assert len(log.read(fellow.pk)) == before


def test_two_files_with_one_account_on_both_sides_are_of_two_people(site: SiteFixture) -> None:
    """The mother is a patient too, and guardian of her daughter: whatever their names say, the office links nothing."""
    mother = site.readers["other patient"]
    factories.guardian(site.minor, user=mother)
    files = (site.minor.pk, Patient.objects.get(user=mother).pk)
    before = [len(log.read(file)) for file in files]
    with pytest.raises(linking.OnBothSides):
        linking.link(files=files, reason="Same name", by=site.actor("officer"), at=site.at, key=uuid4())
    assert [len(log.read(file)) for file in files] == before


#: What the database refuses, whoever asks for it.
APART: dict[str, Callable[[SiteFixture], object]] = {
    "place_patient_or_guardian": lambda w: factories.guardian(w.patient, user=w.patient.user),
    "place_officer_alone": lambda w: Pharmacist.objects.create(user=w.readers["officer"], pharmacy=w.pharmacy),
    "place_prescriber_of_others": lambda w: factories.guardian(w.minor, user=w.prescriber.user),
    "designee_once_a_practice": lambda w: Designee.objects.create(user=w.readers["designee"], prescriber=w.prescriber),
    "pharmacist_once_a_pharmacy": lambda w: Pharmacist.objects.create(
        user=w.readers["pharmacist"], pharmacy=w.pharmacy
    ),
}  # fmt: skip
MORE_APART: dict[str, Callable[[SiteFixture], object]] = {
    "place_patient_or_guardian": lambda w: Patient.objects.filter(pk=w.minor.pk).update(user=w.readers["guardian"]),
    "place_officer_alone": lambda w: factories.guardian(w.minor, user=w.readers["second officer"]),
    "place_prescriber_of_others": lambda w: Patient.objects.filter(pk=w.twin.pk).update(user=w.prescriber.user),
}


@pytest.mark.parametrize(
    ("name", "act"), [*APART.items(), *MORE_APART.items()], ids=[*APART, *(f"{name} too" for name in MORE_APART)]
)
def test_database_keeps_places_apart(site: SiteFixture, name: str, act: Callable[[SiteFixture], object]) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        act(site)


def test_triggers_are_checked_at_once_and_can_wait_for_a_rebuild(site: SiteFixture) -> None:
    minor = Patient.objects.get(pk=site.minor.pk)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS patient_place, guardian_place DEFERRED")
        Guardian.objects.filter(pk=site.guardian.pk).update(user=minor.user)
        with pytest.raises(IntegrityError, match="place_patient_or_guardian"), transaction.atomic():
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        Guardian.objects.filter(pk=site.guardian.pk).update(user=site.guardian.user)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_answer_of_one_store_is_not_shown_at_the_other(site: SiteFixture) -> None:
    user = with_two(site, "a pharmacist at two stores")
    first, second = (f"pharmacist:{pharmacy.pk}" for pharmacy in site.clinic.pharmacies)
    path = f"/counter/answers/{site.answer_key}/"
    assert acting(user, first).get(path).status_code == 200
    assert acting(user, second).get(path).status_code == 404
    for page in ("/counter/authorizations/", "/counter/"):
        assert str(site.authorization.pk) not in acting(user, second).get(page).content.decode()


def test_what_was_signed_in_one_place_is_not_shown_in_the_other(site: SiteFixture) -> None:
    user = with_two(site, "a patient who is a guardian")
    child = factories.patient(site.prescriber, given_name="Nora", born_on=date(2012, 5, 6))
    factories.guardian(child, user=user)
    signed = site._signed_pdf(child.pk, user)
    for code, status in ((place(user, "guardian"), 200), (place(user, "patient"), 404)):
        assert acting(user, code).get(f"/documents/{signed.pk}/").status_code == status
