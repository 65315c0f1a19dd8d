"""A key of before gives no old answer to somebody who has left since, or whose patient has; and nothing is written."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from uuid import UUID, uuid4

import pytest
from django.core.exceptions import PermissionDenied

from accounts.models import User
from accounts.roles import GUARDIAN, OFFICER, PRESCRIBER
from compliance.commands import certifying, consents, delegation, people, transfers
from compliance.commands.decide import NotPermitted
from compliance.commands.entries import EntryRefused, enter
from compliance.commands.invitations import NotAccepted
from compliance.rules.records import Counselled, TransferOffered
from ledger.actor import Actor
from ledger.erasable_text import make_erasable
from ledger.models import LoggedRequest
from patients.models import Designee, Guardian, Patient
from patients.people import actor_of
from tests import factories
from tests.clocks import Clock
from tests.compliance import keyed
from tests.compliance.keyed import REQUESTS, Send
from tests.compliance.row_counts import grown, tables
from tests.factories import as_
from tests.histories import NOW, ClinicFactory
from tests.security.reading import confirmed

pytestmark = pytest.mark.django_db

#: Who acts by these has no account yet: the link says who they are, and each page behind it asks anew.
WITHOUT_ACCOUNT = {
    keyed.register_practice, keyed.register_pharmacy, keyed.accept_invitation, keyed.accept_with_a_wrong_birth_date,
    # By the link of an account: its page finds no closed one (`test_deactivated_account_is_opened_by_no_link`).
    keyed.choose_password,
}  # fmt: skip


@pytest.fixture
def clinic(db: None) -> ClinicFactory:
    """With an account behind each who acts."""
    clinic = ClinicFactory()
    for by in (clinic.officer, *clinic.counters):
        User.objects.create(id=by.account, email=f"{by.account}@example.org", name="N", opened_as=by.role)
    return clinic


def sent(send: Send, key: UUID) -> None:
    """Sent for the first time, whether it is refused or not."""
    with suppress(EntryRefused, NotAccepted, certifying.WrongState):
        send(key)


@pytest.mark.parametrize("make", [make for make in REQUESTS if make not in WITHOUT_ACCOUNT], ids=lambda m: m.__name__)
def test_who_has_left_gets_no_old_answer_and_enters_nothing_new(
    clinic: ClinicFactory, make: Callable[[ClinicFactory], Send]
) -> None:
    """Neither with the key of before nor with one of its own: every command asks whether who acts still may."""
    first, second, key = make(clinic), make(clinic), uuid4()
    sent(first, key)
    actor = LoggedRequest.objects.get(key=key).actor
    if not User.objects.filter(pk=actor).update(is_active=False):
        User.objects.create(id=actor, email=f"{actor}@example.org", name="N", opened_as=OFFICER, is_active=False)
    before = tables()
    with pytest.raises(PermissionDenied):
        first(key)
    assert grown(before) == {}
    User.objects.update(is_active=False)
    with pytest.raises(PermissionDenied):
        second(uuid4())
    assert set(grown(before)) <= {"ledger_loggedrequest"}


# --- whoever stays, and has the patient no more ------------------------------------------------------
#: Makes a request ready, and what then takes the patient away from who sent it.
Parting = Callable[[ClinicFactory], tuple[Send, Callable[[], object]]]


def _visit(patient: Patient, by: Actor) -> Send:
    return lambda key: enter(patient=patient.pk, records=[Counselled(date(2026, 12, 14))], by=by, at=NOW, key=key)


def removed_designee(clinic: ClinicFactory) -> tuple[Send, Callable[[], object]]:
    by = actor_of(factories.designee(clinic.prescriber).user)
    user = User.objects.get(pk=by.account)
    return _visit(clinic.ready(), by), lambda: people.deactivate(account=user, by=clinic.doctor, at=NOW, key=uuid4())


def designee_of_another_by_now(clinic: ClinicFactory) -> tuple[Send, Callable[[], object]]:
    row = factories.designee(clinic.prescriber)
    moved = Designee.objects.filter(pk=row.pk)
    patient = clinic.ready()
    return (
        lambda key: _visit(patient, actor_of(User.objects.get(pk=row.user_id)))(key),
        lambda: moved.update(prescriber=clinic.other),
    )


def _delegated(clinic: ClinicFactory) -> tuple[Send, object]:
    row = delegation.add_delegate(
        prescriber=clinic.prescriber, delegate=clinic.other, by=clinic.doctor, at=NOW, key=uuid4()
    )
    by = Actor(clinic.other.user_id, PRESCRIBER, clinic.prescriber.pk)
    return _visit(clinic.ready(), by), row


def _suspend(clinic: ClinicFactory, kind: certifying.Kind, subject: UUID) -> None:
    reason = make_erasable("x", subject=subject, at=NOW)
    certifying.suspend(kind=kind, subject=subject, reason=reason, by=clinic.officer, at=NOW, key=uuid4())


def ended_delegation(clinic: ClinicFactory) -> tuple[Send, Callable[[], object]]:
    send, row = _delegated(clinic)
    return send, lambda: delegation.end_delegation(row=row, by=clinic.doctor, at=NOW, key=uuid4())  # type: ignore[arg-type]


def suspended_delegate(clinic: ClinicFactory) -> tuple[Send, Callable[[], object]]:
    send, _row = _delegated(clinic)
    return send, lambda: _suspend(clinic, "prescriber", clinic.other.pk)


def _hand_over(clinic: ClinicFactory, patient: Patient) -> None:
    offer = TransferOffered(str(clinic.other.pk))
    enter(patient=patient.pk, records=[offer], by=clinic.doctor, at=NOW, key=uuid4())
    transfers.accept(patient=patient.pk, by=actor_of(clinic.other.user), at=NOW, key=uuid4())


def prescriber_whose_patient_was_handed_over(clinic: ClinicFactory) -> tuple[Send, Callable[[], object]]:
    patient = clinic.ready()
    return _visit(patient, clinic.doctor), lambda: _hand_over(clinic, patient)


def designee_whose_patient_was_handed_over(clinic: ClinicFactory) -> tuple[Send, Callable[[], object]]:
    patient, by = clinic.ready(), actor_of(factories.designee(clinic.prescriber).user)
    return _visit(patient, by), lambda: _hand_over(clinic, patient)


def _guarded(clinic: ClinicFactory) -> tuple[Patient, Guardian, Actor]:
    patient = clinic.ready(born_on=date(2011, 4, 2))
    row = Guardian.objects.create(patient=patient, user=factories.account(GUARDIAN), name="G", email="")
    assert row.user_id is not None
    return patient, row, Actor(row.user_id, GUARDIAN)


def guardian_who_is_none_any_more(clinic: ClinicFactory) -> tuple[Send, Callable[[], object]]:
    patient, row, by = _guarded(clinic)
    return (
        lambda key: consents.refuse(patient=patient.pk, document="birth-defects", by=by, at=NOW, key=key),
        lambda: Guardian.objects.filter(pk=row.pk).update(user=None),
    )


def patient_whose_account_is_anothers(clinic: ClinicFactory) -> tuple[Send, Callable[[], object]]:
    patient = clinic.ready()
    assert patient.user_id is not None
    by = Actor(patient.user_id, "patient", patient.pk)
    return (
        lambda key: consents.refuse(patient=patient.pk, document="birth-defects", by=by, at=NOW, key=key),
        lambda: Patient.objects.filter(pk=patient.pk).update(user=factories.account("patient")),
    )


PARTINGS: list[Parting] = [
    removed_designee, designee_of_another_by_now, ended_delegation, suspended_delegate,
    prescriber_whose_patient_was_handed_over, designee_whose_patient_was_handed_over, guardian_who_is_none_any_more,
    patient_whose_account_is_anothers,
]  # fmt: skip


@pytest.mark.parametrize("make", PARTINGS, ids=lambda make: make.__name__)
def test_whose_patient_it_is_no_more_gets_no_old_answer(clinic: ClinicFactory, make: Parting) -> None:
    (send, part), key = make(clinic), uuid4()
    send(key)
    send(key)
    part()
    before = tables()
    with pytest.raises(NotPermitted):
        send(key)
    assert grown(before) == {}


# --- the counter ----------------------------------------------------------------------------------
def test_suspended_pharmacy_gets_no_old_yes(clinic: ClinicFactory) -> None:
    patient, key = clinic.ready(), uuid4()
    assert clinic.authorize(patient, key=key).allowed
    _suspend(clinic, "pharmacy", clinic.pharmacies[0].pk)
    before = tables()
    assert not clinic.authorize(patient, key=key).allowed
    assert grown(before) == {}


# --- on the pages ---------------------------------------------------------------------------------
@pytest.mark.parametrize("who", ["designee", "delegate", "prescriber"])
def test_page_gives_no_old_answer_to_who_has_left(clinic: ClinicFactory, who: str, clock: Clock) -> None:
    clock.at = NOW
    patient = clinic.ready()
    designee = factories.designee(clinic.prescriber).user
    row = delegation.add_delegate(
        prescriber=clinic.prescriber, delegate=clinic.other, by=clinic.doctor, at=NOW, key=uuid4()
    )
    user = {"designee": designee, "delegate": clinic.other.user, "prescriber": clinic.prescriber.user}[who]
    client, path = as_(user), f"/prescriber/patients/{patient.pk}/visit/"
    form = {"visit_on": f"{NOW:%m/%d/%Y}", "key": str(uuid4())}
    first, again = (confirmed(client, path, form) for _ in range(2))
    assert (first.status_code, again.status_code) == (302, 302)
    assert str(patient.pk) in first["Location"]
    if who == "designee":
        people.deactivate(account=designee, by=clinic.doctor, at=NOW, key=uuid4())
    elif who == "delegate":
        delegation.end_delegation(row=row, by=clinic.doctor, at=NOW, key=uuid4())
    else:
        _hand_over(clinic, patient)
    before = tables()
    late = confirmed(client, path, form)
    assert (late.status_code, late.get("Location", "").split("?")[0]) in ((302, "/account/login/"), (404, ""))
    assert {name for name in grown(before) if name.startswith(("ledger_record", "outbox", "patients"))} == set()
