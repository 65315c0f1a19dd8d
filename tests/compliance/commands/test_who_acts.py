"""Every command checks who acts: whoever calls one with another's role or another's place changes nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied

from accounts import recovery
from accounts.models import User
from accounts.roles import DESIGNEE, GUARDIAN, OFFICER, PATIENT, PHARMACIST, PRESCRIBER
from compliance.commands import (
    certifying,
    consents,
    delegation,
    drafts,
    enrolment,
    entries,
    erasure,
    gate,
    invitations,
    linking,
    people,
    transfers,
)
from compliance.commands.enrolment import NewPatient
from compliance.models import Draft
from compliance.rules.records import Counselled
from ledger.actor import Actor
from ledger.erasable_text import make_erasable
from ledger.models import LogRecord
from outbox.models import Message
from patients.models import Delegate, Patient
from tests import factories
from tests.histories import NOW, ClinicFactory
from tests.security.writes import undone

pytestmark = pytest.mark.django_db


@dataclass(frozen=True, slots=True)
class World:
    """A clinic with one patient, and somebody of each role from another one."""

    clinic: ClinicFactory
    patient: Patient
    strangers: dict[str, Actor]

    @property
    def account(self) -> User:
        """The account of the pharmacist."""
        return self.clinic.pharmacies[0].pharmacists.get().user


@pytest.fixture
def world(clinic: ClinicFactory) -> World:
    prescriber, pharmacist = factories.prescriber(), factories.pharmacist()
    other = factories.patient(prescriber)
    strangers = {
        PRESCRIBER: Actor(prescriber.user_id, PRESCRIBER, prescriber.pk),
        DESIGNEE: Actor(factories.designee(prescriber).user_id, DESIGNEE, prescriber.pk),
        PHARMACIST: Actor(pharmacist.user_id, PHARMACIST, pharmacist.pharmacy_id),
        PATIENT: Actor(factories.account(PATIENT).pk, PATIENT, other.pk),
        GUARDIAN: Actor(factories.account(GUARDIAN).pk, GUARDIAN),
    }
    return World(clinic, clinic.ready(), strangers)


Call = Callable[[World, Actor], object]


def suspend(world: World, by: Actor) -> None:
    reason = make_erasable("licence lost", subject=world.clinic.prescriber.pk, at=NOW)
    certifying.suspend(kind="prescriber", subject=world.clinic.prescriber.pk, reason=reason, by=by, at=NOW, key=uuid4())


def delegated(world: World) -> Delegate:
    other = factories.prescriber()
    return delegation.add_delegate(
        prescriber=world.clinic.prescriber, delegate=other, by=world.clinic.doctor, at=NOW, key=uuid4()
    )


NEW = NewPatient(
    given_name="Ana", family_name="Mora", born_on=NOW.date().replace(year=2001), email="ana@example.org",
    phone="+12125550100", category="can_become_pregnant",
)  # fmt: skip

#: Each command, called with all that it needs but by somebody else.
COMMANDS: dict[str, Call] = {
    "enrol": lambda w, by: enrolment.enrol(new=NEW, by=by, at=NOW, key=uuid4()),
    "enter": lambda w, by: entries.enter(
        patient=w.patient.pk, records=[Counselled(NOW.date())], by=by, at=NOW, key=uuid4()
    ),
    "authorize": lambda w, by: gate.authorize_patient(
        patient=w.patient.pk, pharmacy=w.clinic.pharmacies[0].pk, days_supply=30, by=by, at=NOW, key=uuid4()
    ),
    "dispense": lambda w, by: gate.dispense(
        patient=w.patient.pk, number="2345678923", pharmacy=w.clinic.pharmacies[0].pk, by=by, at=NOW, key=uuid4()
    ),
    "reverse": lambda w, by: gate.reverse(
        patient=w.patient.pk, number="2345678923", pharmacy=w.clinic.pharmacies[0].pk, by=by, at=NOW, key=uuid4()
    ),
    "refuse a consent": lambda w, by: consents.refuse(
        patient=w.patient.pk, document="informed-consent", by=by, at=NOW, key=uuid4()
    ),
    "withdraw a consent": lambda w, by: consents.withdraw(
        patient=w.patient.pk, document="informed-consent", by=by, at=NOW, key=uuid4()
    ),
    "save answers": lambda w, by: drafts.save(
        patient=w.patient.pk, what="informed-consent:0", answers={"one": False}, by=by, at=NOW, key=uuid4()
    ),
    "invite": lambda w, by: invitations.invite(patient=w.patient.pk, by=by, at=NOW, key=uuid4()),
    "accept a transfer": lambda w, by: transfers.accept(patient=w.patient.pk, by=by, at=NOW, key=uuid4()),
    "decline a transfer": lambda w, by: transfers.decline(patient=w.patient.pk, by=by, at=NOW, key=uuid4()),
    "ask for an erasure": lambda w, by: erasure.ask(patient=w.patient.pk, by=by, at=NOW, key=uuid4()),
    "confirm an erasure": lambda w, by: erasure.confirm(patient=w.patient.pk, by=by, at=NOW, key=uuid4()),
    "link files": lambda w, by: linking.link(
        files=(w.patient.pk, factories.patient(w.clinic.prescriber).pk), reason="same", by=by, at=NOW, key=uuid4()
    ),
    "unlink a file": lambda w, by: linking.unlink(file=w.patient.pk, reason="not", by=by, at=NOW, key=uuid4()),
    "approve": lambda w, by: certifying.approve(
        kind="pharmacy", subject=w.clinic.pharmacies[0].pk, by=by, at=NOW, key=uuid4()
    ),
    "suspend": suspend,
    "reinstate": lambda w, by: certifying.reinstate(
        kind="prescriber", subject=w.clinic.prescriber.pk, by=by, at=NOW, key=uuid4()
    ),
    "name a delegate": lambda w, by: delegation.add_delegate(
        prescriber=w.clinic.prescriber, delegate=factories.prescriber(), by=by, at=NOW, key=uuid4()
    ),
    "end a delegation": lambda w, by: delegation.end_delegation(row=delegated(w), by=by, at=NOW, key=uuid4()),
    "add a designee": lambda w, by: people.add_designee(
        prescriber=w.clinic.prescriber, name="Kim", email="kim@example.org", by=by, at=NOW, key=uuid4()
    ),
    "add a pharmacist": lambda w, by: people.add_pharmacist(
        pharmacy=w.clinic.pharmacies[0], name="Kim", email="kim@example.org", by=by, at=NOW, key=uuid4()
    ),
    "add an officer": lambda w, by: people.add_officer(name="Kim", email="kim@example.org", by=by, at=NOW, key=uuid4()),
    "close an account": lambda w, by: people.deactivate(account=w.account, by=by, at=NOW, key=uuid4()),
    "open an account": lambda w, by: people.reactivate(account=w.account, by=by, at=NOW, key=uuid4()),
    "request a recovery": lambda w, by: recovery.request(account=w.account, by=by, at=NOW, key=uuid4()),
    "confirm a recovery": lambda w, by: recovery.confirm(account=w.account, by=by, at=NOW, key=uuid4()),
}

#: What the role may do for itself, and, of a transfer, what is asked of the offer and not of who acts.
OF_THEIR_OWN = {"enrol": {PRESCRIBER}, "accept a transfer": {PRESCRIBER}, "decline a transfer": {PRESCRIBER}}


@pytest.mark.parametrize("name", COMMANDS)
def test_command_by_a_stranger_of_any_role_changes_nothing(world: World, name: str) -> None:
    for role in (PRESCRIBER, DESIGNEE, PHARMACIST, PATIENT, GUARDIAN):
        if role in OF_THEIR_OWN.get(name, ()):
            continue
        by = world.strangers[role]
        with undone():
            assert refused(name, world, by), role
            assert not LogRecord.objects.filter(actor=by.account).exists()
            assert not Draft.objects.exists()
            assert not Message.objects.filter(kind__in=["declined", "account", "invitation"]).exists()


def refused(name: str, world: World, by: Actor) -> bool:
    try:
        COMMANDS[name](world, by)
    except PermissionDenied:
        return True
    return False


@pytest.mark.parametrize("role", [DESIGNEE, PATIENT, GUARDIAN, OFFICER, PHARMACIST])
@pytest.mark.parametrize("name", ["add a designee", "enrol"])
def test_what_a_prescriber_does_is_done_by_nobody_else_of_the_practice(world: World, name: str, role: str) -> None:
    """With the very place of the prescriber, but another role."""
    by = Actor(factories.account(role).pk, role, world.clinic.prescriber.pk)
    with pytest.raises(PermissionDenied):
        COMMANDS[name](world, by)


@pytest.mark.parametrize("role", [PRESCRIBER, DESIGNEE, PATIENT, GUARDIAN, OFFICER])
@pytest.mark.parametrize("name", ["add a pharmacist", "authorize", "dispense", "reverse"])
def test_what_a_pharmacist_does_is_done_by_no_other_role_of_the_pharmacy(world: World, name: str, role: str) -> None:
    by = Actor(factories.account(role).pk, role, world.clinic.pharmacies[0].pk)
    with pytest.raises(PermissionDenied):
        COMMANDS[name](world, by)
