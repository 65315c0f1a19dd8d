"""Two at the same moment, on real connections, beside the gate: one comes first, the other sees it, both are answered.

Where one comes between two steps of another, that one waits for a lock meanwhile.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import partial
from uuid import uuid4

import pytest

from accounts import set_password_link
from accounts.models import User
from accounts.roles import OFFICER, PHARMACIST, PRESCRIBER
from compliance.commands import certifying, delegation, enrolment, erasure, gate, identity, invitations, lookups
from compliance.commands import people as people_actions
from compliance.commands.decide import by_id
from compliance.commands.delegation import NotDelegated
from compliance.commands.enrolment import NewPatient
from compliance.commands.erasure import NotErased
from compliance.commands.invitations import NotAccepted
from compliance.models import PatientStatus
from compliance.records.rebuild import differences
from compliance.rules.records import Counselled, Discontinued, Enrolled
from ledger import log
from ledger.actor import Actor
from ledger.erasable_text import make_erasable
from outbox.models import Message
from patients.models import Delegate, Invitation, Patient, Prescriber
from tests import amount, factories
from tests.compliance.commands.test_linked_files import LATER, SOON, link
from tests.compliance.races import Runners
from tests.histories import NOW, ClinicFactory

FIRST, SECOND, THIRD = (Actor(uuid4(), OFFICER) for _ in range(3))


@pytest.fixture
def clinic(committed: str) -> ClinicFactory:
    return ClinicFactory()


@pytest.fixture(scope="module")
def runners() -> Iterator[Runners]:
    threads = Runners(12)
    yield threads
    threads.close()


# --- look-ups -------------------------------------------------------------------------------------
def wrong(clinic: ClinicFactory, patient: Patient, day: int) -> Actor:
    by = Actor(factories.account(PHARMACIST).pk, PHARMACIST, clinic.pharmacies[0].pk)
    gate.authorize(
        number=patient.number, born_on=date(1999, 1, day), pharmacy=clinic.pharmacies[0].pk, days_supply=30, by=by,
        at=NOW, key=uuid4(),
    )  # fmt: skip
    return by


def test_an_attack_is_told_once_to_each_officer_also_when_nobody_sees_the_tenth(
    clinic: ClinicFactory, runners: Runners
) -> None:
    patient, officers = clinic.ready(), [factories.officer(), factories.officer()]
    before = lookups.ATTACKS._value.get()
    many = [wrong(clinic, patient, day) for day in range(1, lookups.MAX_BY_EVERYBODY + 3)]
    runners.together([partial(lookups.missed, number=patient.number, by=by, at=NOW) for by in many])
    recipients = Message.objects.filter(kind="lookup-attack").values_list("data__officer", flat=True)
    assert sorted(recipients) == sorted(str(officer.pk) for officer in officers)
    assert lookups.ATTACKS._value.get() == before + 1
    lookups.missed(number=patient.number, by=wrong(clinic, patient, 20), at=NOW + timedelta(hours=2))
    assert Message.objects.filter(kind="lookup-attack").count() == 2, "the first ones are long past"


# --- erasing --------------------------------------------------------------------------------------
def kinds(patient: Patient) -> list[str]:
    return [row.kind for row in log.read(patient.pk)]


@pytest.fixture
def asked(clinic: ClinicFactory) -> Patient:
    """One whose course has ended and whose erasure an officer asked for."""
    patient = clinic.ready()
    assert clinic.enter(patient, Discontinued("moved"))
    erasure.ask(patient=patient.pk, by=FIRST, at=NOW, key=uuid4())
    return patient


def test_nothing_is_erased_of_whose_course_opens_just_before(
    clinic: ClinicFactory, runners: Runners, asked: Patient
) -> None:
    confirm = partial(erasure.confirm, patient=asked.pk, by=SECOND, at=SOON, key=uuid4())
    with runners.overtaken(by_id(asked.pk), confirm) as confirmed:
        assert clinic.enter(asked, Enrolled("can_become_pregnant", prescriber=str(clinic.prescriber.pk)), SOON)
    with pytest.raises(NotErased):
        confirmed.result()
    assert "texts_erased" not in kinds(asked)


def test_two_who_confirm_at_once_erase_once(runners: Runners, asked: Patient) -> None:
    confirm = partial(erasure.confirm, patient=asked.pk, at=SOON)
    with runners.overtaken(identity.lock, partial(confirm, by=SECOND, key=uuid4())) as second:
        confirm(by=THIRD, key=uuid4())
    with pytest.raises(NotErased):
        second.result()
    assert kinds(asked).count("texts_erased") == 1


# --- invitations ----------------------------------------------------------------------------------
def test_an_invitation_is_sent_anew_while_the_first_is_accepted(clinic: ClinicFactory, runners: Runners) -> None:
    new = NewPatient(
        given_name="Ana", family_name="Mora", born_on=date(2001, 4, 9), email="ana@example.org", phone="",
        category="can_become_pregnant",
    )  # fmt: skip
    patient = enrolment.enrol(new=new, by=clinic.doctor, at=NOW, key=uuid4()).patient
    assert patient is not None
    first = Invitation.objects.get(patient=patient)
    acceptance = invitations.Acceptance(born_on=new.born_on, password="")
    accept = partial(invitations.accept, invitation=first.pk, acceptance=acceptance, at=SOON, key=uuid4())
    with runners.overtaken(by_id(patient), accept) as accepted:
        second = invitations.invite(patient=patient, by=clinic.doctor, at=SOON, key=uuid4())
    with pytest.raises(NotAccepted) as refused:
        accepted.result()
    assert refused.value.code == "invitation-unknown"
    assert invitations.accept(invitation=second, acceptance=acceptance, at=LATER, key=uuid4()).email == new.email


def invited(clinic: ClinicFactory, given_name: str, year: int) -> Invitation:
    new = NewPatient(
        given_name=given_name, family_name="Mora", born_on=date(year, 4, 9), email="family@example.org", phone="",
        category="can_become_pregnant",
    )  # fmt: skip
    patient = enrolment.enrol(new=new, by=clinic.doctor, at=NOW, key=uuid4()).patient
    return Invitation.objects.select_related("patient").get(patient=patient)


def test_one_address_opens_one_account_however_many_accept_at_once(clinic: ClinicFactory, runners: Runners) -> None:
    """Each looks for the address before any has taken it; the database lets one of them have it."""

    def accept(invitation: Invitation) -> str:
        acceptance = invitations.Acceptance(born_on=invitation.patient.born_on, password="")
        try:
            invitations.accept(invitation=invitation.pk, acceptance=acceptance, at=SOON, key=uuid4())
        except NotAccepted as refused:
            return refused.code
        return "accepted"

    sent = [invited(clinic, f"Ana {year}", year) for year in range(1990, 1998)]
    results = runners.together([partial(accept, invitation) for invitation in sent])
    assert results.count("accepted") == 1
    # Who looked after it was taken is told more: the account is another patient's.
    assert set(results) <= {"accepted", "email-taken", "account-of-another-patient"}
    assert User.objects.filter(email="family@example.org").count() == 1
    assert Invitation.objects.filter(accepted_at__isnull=False).count() == 1


def test_one_address_is_taken_by_one_account_however_many_links_are_opened_at_once(
    clinic: ClinicFactory, runners: Runners
) -> None:
    """Each looks whether the address is taken before any has taken it; the database lets one of them have it."""

    def add() -> User:
        return people_actions.add_pharmacist(
            pharmacy=clinic.pharmacies[0], name="Robin Hale", email="robin@example.org", by=clinic.counters[0], at=NOW,
            key=uuid4(),
        ).user  # fmt: skip

    def open_link(user: User) -> str:
        try:
            set_password_link.set_password(user, factories.PASSWORD, at=SOON, key=uuid4())
        except set_password_link.AddressTaken:
            return "taken"
        return "opened"

    added = runners.together([add] * 8)
    assert not User.objects.filter(email="robin@example.org").exists()
    assert sorted(runners.together([partial(open_link, user) for user in added])) == ["opened", *["taken"] * 7]
    assert User.objects.filter(email="robin@example.org").count() == 1
    # Who came second is told so at each try, and the link opens nothing.
    late = User.objects.filter(invited_email="robin@example.org")
    assert [open_link(user) for user in late] == ["taken"] * 7


# --- statuses ------------------------------------------------------------------------------------
def visit(clinic: ClinicFactory, files: list[Patient]) -> None:
    assert clinic.enter(files[-1], Counselled(date(2026, 12, 14)), LATER)


def suspension(clinic: ClinicFactory, files: list[Patient]) -> None:
    reason = make_erasable("licence lost", subject=clinic.prescriber.pk, at=NOW)
    certifying.suspend(
        kind="prescriber", subject=clinic.prescriber.pk, reason=reason, by=clinic.officer, at=LATER, key=uuid4()
    )


@pytest.mark.parametrize("step", [visit, suspension])
def test_whoever_waits_for_a_standing_holds_none_that_comes_after_it(
    clinic: ClinicFactory, runners: Runners, step: Callable[[ClinicFactory, list[Patient]], None]
) -> None:
    """So that one who writes to linked files, and the office, which makes all of a prescriber's due, never meet."""
    for _ in range(amount.share(3, 1)):
        files = sorted((clinic.ready() for _ in range(6)), key=lambda file: file.pk)
        for file in files[1:]:
            link(clinic, files[0], file)
        rows = PatientStatus.objects.filter(patient__in=files).order_by("patient")
        with runners.overtaken(rows.select_for_update().first, partial(step, clinic, files)) as done:
            assert len(rows.select_for_update(skip_locked=True)) == len(files)
        done.result()
        Prescriber.objects.update(state="approved")
    if step is visit:
        assert list(differences()) == []


# --- covering -------------------------------------------------------------------------------------
def naming(clinic: ClinicFactory, one: Prescriber, other: Prescriber) -> Delegate:
    by = Actor(one.user_id, PRESCRIBER, one.pk)
    return delegation.add_delegate(prescriber=one, delegate=other, by=by, at=NOW, key=uuid4())


def test_the_same_delegate_named_twice_at_once_is_named_once(clinic: ClinicFactory, runners: Runners) -> None:
    name = partial(naming, clinic, clinic.prescriber, clinic.other)
    with runners.overtaken(lambda: certifying.lock("prescriber", clinic.prescriber.pk), name) as second:
        name()
    with pytest.raises(NotDelegated):
        second.result()
    assert Delegate.objects.count() == 1
    assert [row.kind for row in log.read(clinic.prescriber.pk)].count("delegate_named") == 1


def test_two_prescribers_name_each_other_at_once(clinic: ClinicFactory, runners: Runners) -> None:
    """Neither waits for the other: whoever is written to can still be pointed to."""
    name = partial(naming, clinic, clinic.prescriber, clinic.other)
    with runners.overtaken(lambda: certifying.lock("prescriber", clinic.other.pk), name) as first:
        assert first.done()
        naming(clinic, clinic.other, clinic.prescriber)
    first.result()
    assert Delegate.objects.count() == 2


def test_covering_ends_once(clinic: ClinicFactory) -> None:
    row = naming(clinic, clinic.prescriber, clinic.other)
    for at in (SOON, LATER):
        delegation.end_delegation(row=row, by=clinic.doctor, at=at, key=uuid4())
    assert [row.kind for row in log.read(clinic.prescriber.pk)].count("delegate_ended") == 1
    row.refresh_from_db()
    assert row.ended_at == SOON
