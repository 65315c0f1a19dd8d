"""What is different from the midnight on that begins the 18th birthday, in the program's zone, and by a corrected date.

A table: each facet says of one moment whether it holds the patient for a minor. Each is asked at the last second before
and at midnight, of one born on 29 February too, and after a corrected birth date, in both directions.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

import outbox
from accounts.models import User
from accounts.roles import GUARDIAN
from compliance.commands import address_change, drafts, guardians, invitations
from compliance.commands.decide import NotPermitted
from compliance.commands.entries import EntryRefused
from compliance.models import PatientStatus
from compliance.rules.records import BirthDateCorrected, GuardianNamed
from ledger.actor import Actor
from notifications.sweep import sweep
from outbox.models import CapturedEmail
from patients.invitations import make_token
from patients.models import Guardian, Invitation, Patient
from tests import amount, factories
from tests.clocks import Clock
from tests.factories import as_
from tests.histories import ClinicFactory
from tests.security.writes import undone
from tests.web.opened import brought
from tests.web.unrendered import unrendered
from web.shared.tested import files_of

pytestmark = pytest.mark.django_db


@dataclass
class Family:
    """A patient who has signed, and beside them one guardian with an account and one who was invited."""

    clinic: ClinicFactory
    clock: Clock
    patient: Patient
    parent: User
    invited: Guardian
    seen: dict[datetime, str] = field(default_factory=dict)

    def page(self, user: User | None, path: str) -> str:
        answer = as_(user).get(path) if user else Client().get(path)
        return unescape(answer.content.decode())

    @property
    def doctors(self) -> str:
        """The patient's page for the prescriber; asked once at each instant, as several facets look at it."""
        if self.clock.at not in self.seen:
            self.seen[self.clock.at] = self.page(
                self.clinic.prescriber.user, f"/prescriber/patients/{self.patient.pk}/"
            )
        return self.seen[self.clock.at]

    @property
    def own(self) -> str:
        assert self.patient.user is not None
        return self.page(self.patient.user, "/patient/")

    @property
    def at(self) -> datetime:
        return self.clock.at


def family_of(clock: Clock, born_on: date, now: str) -> Family:
    clinic = ClinicFactory(clock.set(now))
    patient = clinic.ready(born_on)
    parent = factories.guardian(patient)
    invited = Guardian.objects.create(patient=patient, name="Gloria", email="gloria@example.org")
    Patient.objects.filter(pk=patient.pk).update(email="patient@example.org")
    patient.refresh_from_db()
    assert parent.user is not None
    for one in (parent, invited):
        if one.user is None:
            invitations.invite(patient=patient.pk, guardian=one.pk, by=clinic.doctor, at=clock.at, key=uuid4())
        else:
            clinic._enter(patient, clock.at, GuardianNamed(str(one.pk)))
    return Family(clinic, clock, patient, parent.user, invited)


# --- the facets: each answers whether the patient is held for a minor --------------------------------------
def button(family: Family) -> bool:
    anew = "/patient/sign/patient-information/" in family.own
    assert anew is ("You are 18 now: read and sign the patient information again" in family.own)
    return not anew


def steps(family: Family) -> bool:
    return "Your parent or guardian signs the patient information too" in family.own


def doctors_task(family: Family) -> bool:
    of_age = "The patient is of age now, and signs it again online." in family.doctors
    assert of_age is not ("The guardian signs, or the patient signs again once of age." in family.doctors)
    return not of_age


def doctors_consents(family: Family) -> bool:
    of_age = "Not needed: the patient is of age" in family.doctors
    assert of_age is ("Signed under age: to sign again" in family.doctors)
    return not of_age


def worklist(family: Family) -> bool:
    sweep(at=family.at)
    acts: list[str] = PatientStatus.objects.get(patient=family.patient).acts
    (who,) = acts
    assert who in ("guardian", "patient")
    return who == "guardian"


def naming_link(family: Family) -> bool:
    return f"/patients/{family.patient.pk}/guardians/" + '"' in family.doctors


def naming_page(family: Family) -> bool:
    path = f"/prescriber/patients/{family.patient.pk}/guardians/"
    answer: Any = as_(family.clinic.prescriber.user).get(path, follow=True)
    assert bool(answer.redirect_chain) is ("The patient is of age now, and signs alone." in answer.content.decode())
    chain: list[Any] = answer.redirect_chain
    return not chain


def replacing_page(family: Family) -> bool:
    path = f"/prescriber/patients/{family.patient.pk}/guardians/{family.invited.pk}/replace/"
    return as_(family.clinic.prescriber.user).get(path).status_code == 200


def naming(family: Family) -> bool:
    try:
        guardians.name_guardian(
            patient=family.patient.pk, name="X", email="x@example.org", by=family.clinic.doctor, at=family.at,
            key=uuid4(),
        )  # fmt: skip
    except EntryRefused as refused:
        return refused.first.rule != "patient-of-age"
    return True


def inviting(family: Family) -> bool:
    key = uuid4()
    try:
        invitations.invite(
            patient=family.patient.pk, guardian=family.invited.pk, by=family.clinic.doctor, at=family.at, key=key
        )
    except EntryRefused as refused:
        return refused.first.rule != "patient-of-age"
    return True


def invitation_link(family: Family) -> bool:
    token = make_token(Invitation.objects.get(guardian=family.invited, revoked_at=None).pk)
    shown = family.page(None, f"/invitation/{token}/")
    assert ("password1" in shown) is not ("This invitation has ended: an adult signs alone." in shown)
    return "password1" in shown


def guardians_home(family: Family) -> bool:
    return str(family.patient.pk) in family.page(family.parent, "/guardian/")


def guardians_pages(family: Family) -> bool:
    base = f"/guardian/{family.patient.pk}/sign/birth-defects/"
    with unrendered():
        answers = {as_(family.parent).get(base + rest).status_code for rest in ("", "no/", "en/1/")}
    assert len(answers) == 1
    return answers == {200}


def guardians_answers(family: Family) -> bool:
    by = Actor(family.parent.pk, GUARDIAN)
    try:
        drafts.save(
            patient=family.patient.pk, what="consent:x:1:en:1", answers={"a": True}, by=by, at=family.at, key=uuid4()
        )
    except NotPermitted:
        return False
    return True


def guardians_name(family: Family) -> bool:
    """The guardian's own name is corrected always; beside the patient only while they are a minor."""
    new = f"Name {uuid4()}"
    address_change.correct_name(
        user=family.parent, name=new, by=Actor(family.parent.pk, GUARDIAN), at=family.at, key=uuid4()
    )
    assert User.objects.get(pk=family.parent.pk).name == new
    return Guardian.objects.get(user=family.parent).name == new


def guardians_guide(family: Family) -> bool:
    """What the patient's category is, the text tells the guardian of a minor alone."""
    return bool(files_of(family.parent, family.at))


FACETS: dict[str, Callable[[Family], bool]] = {
    "the patient's button": button,
    "the patient's steps": steps,
    "the prescriber's task and its advice": doctors_task,
    "the prescriber's list of consents": doctors_consents,
    "who acts, in the worklist": worklist,
    "the link to name a guardian": naming_link,
    "the page to name a guardian": naming_page,
    "the page to replace a guardian": replacing_page,
    "naming a guardian": naming,
    "inviting a guardian again": inviting,
    "the guardian's invitation": invitation_link,
    "the guardian's first page": guardians_home,
    "the guardian's pages to sign": guardians_pages,
    "the guardian's answers": guardians_answers,
    "the guardian's name beside the patient": guardians_name,
    "the guardian's medication guide": guardians_guide,
}
#: Born, the day of the visit, the last second as a minor, and the midnight.
BIRTHDAYS = {
    "any day": (date(2008, 12, 18), "2026-12-15T11:00-05:00", "2026-12-17T23:59:59-05:00", "2026-12-18T00:00-05:00"),
    "29 February": (date(2008, 2, 29), "2026-02-26T11:00-05:00", "2026-02-28T23:59:59-05:00",
                    "2026-03-01T00:00-05:00"),
}  # fmt: skip


@pytest.mark.parametrize("born", BIRTHDAYS)
def test_it_turns_at_midnight(clock: Clock, born: str) -> None:
    """Without `--all` each facet on one of the birthdays, by turns."""
    born_on, now, before, midnight = BIRTHDAYS[born]
    facets = {*FACETS} if amount.EVERYTHING else {*[*FACETS][[*BIRTHDAYS].index(born) :: 2]}
    family = family_of(clock, born_on, now)
    clock.set(before)
    assert held_for_a_minor(family, facets) == facets, "a minor until the last second"
    clock.set(midnight)
    assert held_for_a_minor(family, facets) == set(), "of age from midnight on"


def held_for_a_minor(family: Family, facets: Iterable[str]) -> set[str]:
    """The facets that hold the patient for one now. What they do is undone, so that none is told of another's."""
    found = set()
    for facet in facets:
        with undone():
            if FACETS[facet](family):
                found.add(facet)
    return found


#: An adult signed alone: nothing is to be signed anew once the date is right, so these two say nothing there.
_OF_SIGNING_ANEW = {
    "the patient's button", "the prescriber's task and its advice", "the prescriber's list of consents",
    "who acts, in the worklist", "the patient's steps",
}  # fmt: skip


def test_a_corrected_birth_date_turns_it_too_and_back(clock: Clock) -> None:
    facets = {*FACETS} - _OF_SIGNING_ANEW
    family = family_of(clock, date(2011, 3, 4), "2026-12-15T11:00-05:00")
    clock.forward(minutes=1)
    for born_on, minor in ((date(2001, 3, 4), False), (date(2011, 3, 4), True)):
        assert family.clinic.enter(family.patient, BirthDateCorrected(born_on, "r"), at=clock.at)
        clock.forward(minutes=1)
        assert held_for_a_minor(family, facets) == (facets if minor else set()), born_on


def test_a_date_that_makes_an_adult_asks_for_no_guardian_and_nothing_anew(clock: Clock) -> None:
    family = family_of(clock, date(2011, 3, 4), "2026-12-15T11:00-05:00")
    clock.forward(minutes=1)
    assert "A guardian has not signed" in family.doctors
    assert family.clinic.enter(family.patient, BirthDateCorrected(date(2001, 3, 4), "r"), at=clock.at)
    clock.forward(minutes=1)
    assert "guardian signs" not in family.doctors.lower()
    assert "You are 18 now" not in family.own


# --- a minor beside whom nobody stands -----------------------------------------------------------------------
@pytest.fixture
def alone(clock: Clock) -> Family:
    """An adult who was none: the birth date is corrected, and no guardian was ever named."""
    clinic = ClinicFactory(clock.set("2026-12-15T11:00-05:00"))
    patient = clinic.ready()
    Patient.objects.filter(pk=patient.pk).update(email="patient@example.org")
    assert clinic.enter(patient, BirthDateCorrected(date(2011, 3, 4), "r"), at=clock.at)
    clock.forward(minutes=1)
    patient.refresh_from_db()
    return Family(clinic, clock, patient, factories.account(GUARDIAN), Guardian(patient=patient))


def test_advice_goes_to_who_can_act_where_no_guardian_stands(alone: Family) -> None:
    with unrendered():
        page: Any = as_(alone.clinic.prescriber.user).get(f"/prescriber/patients/{alone.patient.pk}/")
    (task, _other) = page.context["tasks"]
    assert task.sentence == "A guardian’s signature is missing, and no guardian stands beside the patient."
    assert [str(who) for who in task.who] == ["you"]
    assert as_(alone.clinic.prescriber.user).get(task.action.url).status_code == 200
    assert "A parent or guardian signs too, and none is named yet" in alone.own


def test_a_guardian_whose_part_ended_does_not_stand_there(alone: Family) -> None:
    row = guardians.name_guardian(
        patient=alone.patient.pk, name="G", email="g@example.org", by=alone.clinic.doctor, at=alone.at, key=uuid4()
    )
    alone.clock.forward(minutes=1)
    assert "no guardian stands beside the patient" not in alone.doctors
    guardians.end_guardian(
        patient=alone.patient.pk, guardian=row, reason="r", by=alone.clinic.doctor, at=alone.at, key=uuid4()
    )
    alone.clock.forward(minutes=1)
    assert "no guardian stands beside the patient" in alone.doctors


@pytest.mark.usefixtures("at_any_hour")
def test_the_reminder_goes_to_the_practice_where_no_guardian_stands(alone: Family, settings: Any) -> None:
    settings.EMAIL_BACKEND = "outbox.mail.PageBackend"
    at = alone.clock.set("2026-12-18T00:00-05:00")
    sweep(at=at)
    outbox.deliver(at=at)
    told = CapturedEmail.objects.filter(subject__contains="December 19", body__contains="A guardian's signature is")
    assert list(told.values_list("to", flat=True)) == [alone.clinic.prescriber.user.email]


def test_a_guardians_no_is_told_of_a_minor_alone(clock: Clock) -> None:
    born_on, now, before, midnight = BIRTHDAYS["any day"]
    family = family_of(clock, born_on, now)
    path = f"/guardian/{family.patient.pk}/sign/birth-defects/en/1/"
    client = as_(family.parent)
    assert client.post(path, {"answer": "no", "key": str(uuid4())} | brought(client, path)).status_code == 302
    told = "The patient or a guardian answered no to something before signing."
    clock.set(before)
    assert told in family.doctors
    clock.set(midnight)
    assert told not in family.doctors
