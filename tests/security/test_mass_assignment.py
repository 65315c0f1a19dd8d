"""A form takes its own fields and nothing else.

Whoever sends more becomes nobody else by it, and moves nobody else's things.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from compliance.models import Authorization
from ledger.models import LogRecord
from patients.models import Designee, Guardian, HeldEnrolment, Patient, Pharmacist, Pharmacy, Prescriber
from tests import factories
from tests.clocks import Clock
from tests.factories import PASSWORD, as_, ticks
from tests.histories import METHODS, OTHER_METHODS
from tests.web.opened import send

from .fixtures import SiteFixture


def more(site: SiteFixture) -> dict[str, str]:
    """What a form might be thought to take: another's things, a higher role, another day."""
    account, practice = str(site.readers["other prescriber"].pk), str(site.clinic.other.pk)
    file, pharmacy = str(site.twin.pk), str(site.clinic.pharmacies[1].pk)
    accounts = dict.fromkeys(("user", "user_id", "pk", "account", "actor", "by", "who"), account)
    practices = dict.fromkeys(("acting_for", "prescriber", "prescriber_id", "offered_to"), practice)
    pharmacies = dict.fromkeys(("pharmacy", "pharmacy_id"), pharmacy)
    files = dict.fromkeys(("patient", "patient_id", "subject", "linked_to"), file)
    days = dict.fromkeys(("at", "created_at", "signed_at", "dispense_by", "expires_at"), "2020-01-01T00:00:00Z")
    return accounts | practices | pharmacies | files | days | {
        "role": "officer", "is_staff": "on", "is_superuser": "on", "is_active": "", "state": "approved",
        "id": str(uuid4()), "signer": "guardian", "guardian": str(site.guardian.pk), "held": str(site.held.pk),
        "authorization": str(site.authorization.pk), "pdf": str(site.signed_pdf.pk), "edition": "2021", "format": "9",
        "kind": "stop_cleared", "document": "striking", "document_code": "striking", "version": "0",
        "sha256": "0" * 64, "meaning": "I agree", "means": "passkey", "lookups_paused_until": "",
        "failed_attempts": "0",
    }  # fmt: skip


def sign(user: User, code: str) -> dict[str, str]:
    """The fields of that person's signature on that text."""
    return ticks(code) | {"signer_password": PASSWORD}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A form that goes through: whose, where, with what; and which columns it is there to change."""

    reader: str
    path: Callable[[SiteFixture], str]
    form: Callable[[SiteFixture], Mapping[str, Any]] = field(default=lambda site: {})
    moves: frozenset[str] = frozenset()
    #: The role of the account that it opens.
    opens: str = ""
    #: Whose record it writes, where that is neither the reader nor whoever's account it opens.
    writes: str = ""


def own(slug: str) -> Callable[[SiteFixture], str]:
    """An entry about the prescriber's own patient."""
    return lambda site: f"/prescriber/patients/{site.patient.pk}/{slug}/"


_NEW = {"name": "New One", "email": "new@example.org", "password1": PASSWORD,
        **factories.ticks("prescriber-attestation"), **factories.ticks("pharmacy-attestation"),
        "address": "1 Main Street", "phone": ""}  # fmt: skip
_ENROL = {"given_name": "Nora", "family_name": "Newman", "born_on": "05/06/1991", "email": "nora@example.org",
          "phone": "", "category": "can_become_pregnant"}  # fmt: skip
_TEST = {"collected_on": "2026-12-14", "result": "negative", "setting": "clinic", "menses": "first_five_days"}
_METHODS = {"methods": list(OTHER_METHODS), "started_on": "2026-11-01"}

CASES = {
    "asking to register": Case(
        reader="nobody", path=lambda w: "/register/practice/", form=lambda w: {"email": "new@example.org"}),
    "registering a practice": Case(
        reader="nobody", path=lambda w: factories.registration("practice"), opens="prescriber",
        form=lambda w: _NEW | {"practice_name": "New", "npi": factories.npi()}),
    "registering a pharmacy": Case(
        reader="nobody", path=lambda w: factories.registration("pharmacy"), opens="pharmacist",
        form=lambda w: _NEW | {"pharmacy_name": "New", "npi": factories.npi()}),
    "accepting an invitation": Case(
        reader="nobody", path=lambda w: f"/invitation/{w.own_invitation}/", opens="patient",
        moves=frozenset({"Patient"}), form=lambda w: accepted(w)),
    "accepting a guardian's": Case(
        reader="nobody", path=lambda w: f"/invitation/{w.guardian_invitation}/", opens="guardian",
        moves=frozenset({"Guardian"}),
        form=lambda w: accepted(w)),
    "choosing a password": Case(
        reader="nobody", form=lambda w: {"password1": PASSWORD},
        path=lambda w: f"/set-password/{w.set_password_token}/",
        writes="designee"),
    "changing one's password": Case(
        reader="patient", path=lambda w: "/account/password/change/",
        form=lambda w: {"oldpassword": PASSWORD, "password1": PASSWORD + "!", "password2": PASSWORD + "!",
                        "email": "evil@example.org", "login": "evil@example.org"}),
    "enrolling": Case(
        reader="prescriber", path=lambda w: "/prescriber/enrol/",
        form=lambda w: _ENROL | {"number": w.patient.number}),
    "adding a designee": Case(
        reader="prescriber", path=lambda w: "/prescriber/practice/", opens="designee",
        form=lambda w: {"name": "New One", "email": "new@example.org", "password1": PASSWORD}),
    "adding a colleague": Case(
        reader="pharmacist", path=lambda w: "/counter/profile/", opens="pharmacist",
        form=lambda w: {"name": "New One", "email": "new@example.org", "password1": PASSWORD}),
    "a test": Case(reader="prescriber", path=own("test"), form=lambda w: _TEST | {"number": "1", "entry": "1"}),
    "a designee's test": Case(reader="designee", path=own("test"), form=lambda w: _TEST | {"methods": list(METHODS)}),
    "the methods, signed": Case(
        reader="prescriber", path=own("methods"),
        form=lambda w: _METHODS | sign(w.readers["prescriber"], "monthly-prescriber")),
    "voiding an entry": Case(
        reader="prescriber", path=lambda w: own(f"void/{w.voidable}")(w), moves=frozenset({"Authorization"}),
        form=lambda w: {"reason": "x", "entry": "1", "number": "1"} | sign(w.readers["prescriber"], "striking")),
    "a birth date": Case(
        reader="prescriber", path=own("birth-date"), moves=frozenset({"Patient"}),
        form=lambda w: {"born_on": "04/03/2001", "reason": "x"}
        | sign(w.readers["prescriber"], "correcting-birth-date")),
    "the patient's month": Case(
        reader="patient", path=lambda w: "/patient/methods/",
        form=lambda w: {"methods": list(METHODS), "started_on": "2020-01-01"}
        | sign(w.readers["patient"], "monthly-patient")),
    "a question at the counter": Case(
        reader="pharmacist", path=lambda w: "/counter/",
        form=lambda w: {"number": w.patient.number, "born_on": "04/02/2001", "days_supply": "30"}),
    "handing over": Case(
        reader="pharmacist", path=lambda w: f"/counter/authorizations/{w.authorization.pk}/dispense/",
        moves=frozenset({"Authorization"})),
    "another year": Case(
        reader="prescriber", path=lambda w: "/prescriber/practice/attest/",
        form=lambda w: sign(w.readers["prescriber"], "prescriber-attestation")),
    "a yearly training": Case(
        reader="pharmacist", path=lambda w: "/counter/profile/training/",
        form=lambda w: sign(w.readers["pharmacist"], "pharmacy-attestation")),
    "closing a designee's account": Case(
        reader="prescriber", moves=frozenset({"User"}),
        path=lambda w: reverse("prescriber:deactivate_designee", args=[w.readers["designee"].designees.get().pk])),
    "closing a colleague's": Case(
        reader="pharmacist", moves=frozenset({"User"}),
        path=lambda w: reverse(
            "pharmacy:deactivate_colleague", args=[w.readers["colleague at the counter"].pharmacists.get().pk])),
    "opening one again": Case(
        reader="officer", path=lambda w: reverse("office:reactivate_account", args=[w.closed.pk]),
        moves=frozenset({"User"})),
    "a suspension": Case(
        reader="officer", path=lambda w: f"/office/certifications/prescriber/{w.clinic.other.pk}/suspend/",
        form=lambda w: {"reason": "x"}, moves=frozenset({"Prescriber"})),
    "an enrolment that waited": Case(
        reader="officer", path=lambda w: f"/office/duplicates/{w.held.pk}/", form=lambda w: {"decision": "down"},
        moves=frozenset({"HeldEnrolment"})),
}  # fmt: skip


def accepted(site: SiteFixture) -> dict[str, str]:
    """What accepts the invitations that are open; the address is that of the invitation, whatever is sent."""
    return {"born_on": f"{site.invited.born_on:%m/%d/%Y}", "password1": PASSWORD, "email": "evil@example.org"}


#: What says who somebody is and whose a thing is.
COLUMNS: dict[type[Any], tuple[str, ...]] = {
    User: ("email", "opened_as", "is_active", "name"),
    Patient: ("number", "prescriber", "user", "born_on", "email", "offered_to", "linked_to"),
    Prescriber: ("user", "npi", "state"), Pharmacy: ("npi", "state"),
    Designee: ("user", "prescriber"), Pharmacist: ("user", "pharmacy"), Guardian: ("patient", "user", "email"),
    Authorization: ("patient", "pharmacy", "number", "state", "dispense_by"), HeldEnrolment: ("prescriber", "state"),
}  # fmt: skip
Everything = dict[tuple[str, object], tuple[object, ...]]


def everything() -> Everything:
    """Those columns of every row there is."""
    return {
        (model.__name__, row[0]): row[1:]
        for model, columns in COLUMNS.items()
        for row in model.objects.values_list("pk", *columns)
    }


@pytest.mark.parametrize("name", CASES)
def test_more_than_the_form_asks_for_is_not_read(site: SiteFixture, name: str, clock: Clock) -> None:
    case, last = CASES[name], LogRecord.objects.order_by("-id").values_list("id", flat=True)[0]
    before, user = everything(), site.readers.get(case.reader)
    form = more(site) | dict(case.form(site)) | {"key": str(uuid4())}
    answer = send(as_(user), case.path(site), form)
    assert answer.status_code in (200, 302), answer.content.decode()[:3000]
    assert "error-summary" not in answer.content.decode()
    after = everything()
    moved = {kind for (kind, pk), row in before.items() if after.get((kind, pk)) != row}
    assert moved <= case.moves
    opened = [row for (kind, pk), row in after.items() if kind == "User" and (kind, pk) not in before]
    assert [row[1] for row in opened] == ([case.opens] if case.opens else [])
    assert "evil@example.org" not in str(after)
    _belongs(site, case, before, after)
    for record in LogRecord.objects.filter(id__gt=last):
        assert record.at == clock()
        assert record.actor != site.readers["other prescriber"].pk
        assert record.role == ROLE_OF.get(case.reader, case.opens or case.writes)
        assert str(site.twin.pk) not in (str(record.subject), str(record.acting_for))


ROLE_OF = {"prescriber": "prescriber", "designee": "designee", "patient": "patient", "pharmacist": "pharmacist",
           "officer": "officer"}  # fmt: skip


def _belongs(site: SiteFixture, case: Case, before: Everything, after: Everything) -> None:
    """What is new belongs to whoever sent the form, and waits where it has to."""
    mine = {site.prescriber.pk, site.pharmacy.pk}
    for (kind, pk), row in after.items():
        if (kind, pk) in before:
            continue
        if kind == "Patient":
            assert row[1] == site.prescriber.pk
            assert row[0] != site.patient.number
        if kind in ("Designee", "Pharmacist") and case.reader != "nobody":
            assert row[1] in mine
        if kind in ("Prescriber", "Pharmacy"):
            assert row[-1] == "applied"


#: Pages about oneself that take a POST.
ABOUT_ONESELF = ("/", "/account/stay/", "/account/sessions/", "/account/email/", "/account/2fa/")


@pytest.mark.parametrize("reader", ["patient", "guardian", "designee", "pharmacist", "prescriber"])
def test_nobody_gives_themselves_another_role(site: SiteFixture, reader: str) -> None:
    client, before = as_(site.readers[reader]), everything()
    for path in ABOUT_ONESELF:
        client.post(path, more(site))
    assert everything() == before


def test_a_new_account_has_no_password_but_its_owners(site: SiteFixture) -> None:
    """Whoever adds a designee or a colleague chooses no password for them."""
    for name in ("adding a designee", "adding a colleague"):
        case = CASES[name]
        form = dict(case.form(site)) | {"email": f"{uuid4()}@example.org", "key": str(uuid4()), "password": PASSWORD}
        as_(site.readers[case.reader]).post(case.path(site), form)
        user = User.objects.get(invited_email=form["email"])
        assert not user.has_usable_password()
        assert not Client().login(email=form["email"], password=PASSWORD)


def signed_by(site: SiteFixture, whose: str, code: str) -> dict[str, str]:
    """The signature of somebody who has a password of their own."""
    user = site.readers[whose]
    user.set_password("their own pass phrase 7")
    user.save()
    return sign(user, code) | {"signer_password": "their own pass phrase 7"}


#: Fields that a form does have and that name something: with another's in them.
Another = tuple[str, Callable[[SiteFixture], str], Callable[[SiteFixture], Mapping[str, Any]]]
ANOTHERS: dict[str, Another] = {
    "linking files by a number that the officer did not look at": (
        "officer", lambda w: "/office/links/",
        lambda w: {"first": w.patient.number, "second": w.minor.number, "reason": "x",
                   "version_token": f"{w.twin.pk}:{w.minor.pk}"}),
    "an enrolment, linked with a file that is no candidate": (
        "officer", lambda w: f"/office/duplicates/{w.held.pk}/", lambda w: {"decision": f"link:{w.patient.pk}"}),
    "an authorization by another pharmacy's number": (
        "other pharmacist", lambda w: f"/counter/authorizations/{w.authorization.pk}/dispense/",
        lambda w: {"number": w.authorization.number}),
    "a signature with another's credentials": (
        "prescriber", own("methods"), lambda w: _METHODS | signed_by(w, "delegate", "monthly-prescriber")),
    "a patient's month with the prescriber's credentials": (
        "patient", lambda w: "/patient/methods/",
        lambda w: {"methods": list(METHODS)} | signed_by(w, "prescriber", "monthly-patient")),
}  # fmt: skip


@pytest.mark.parametrize("name", ANOTHERS)
def test_what_names_anothers_is_refused(site: SiteFixture, name: str) -> None:
    reader, path, form = ANOTHERS[name]
    filled = dict(form(site)) | {"key": str(uuid4())}
    before, records = everything(), LogRecord.objects.filter(subject_kind="patient").count()
    answer = send(as_(site.readers[reader]), path(site), filled)
    assert answer.status_code in (200, 400, 404, 422)
    assert everything() == before
    assert LogRecord.objects.filter(subject_kind="patient").count() == records
