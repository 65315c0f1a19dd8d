"""An officer whose account is closed does nothing any more, in whichever instant of a request it was closed."""

from collections.abc import Callable, Iterator
from functools import partial
from uuid import UUID, uuid4

import pytest
from django.core.exceptions import PermissionDenied

from accounts import recovery
from accounts.events import lock
from accounts.models import User
from accounts.roles import OFFICER
from compliance.commands import erasure, held_decisions, linking, people
from ledger.actor import Actor
from tests import factories, linked
from tests.compliance.keyed import OFFICERS, Send, held
from tests.compliance.races import Rounds, Runners
from tests.compliance.row_counts import grown, tables
from tests.histories import NOW, ClinicFactory

Press = Callable[[Actor], bool]
Make = Callable[[ClinicFactory], Send]


@pytest.fixture
def clinic(committed: str) -> ClinicFactory:
    """A clinic whose officer has an account."""
    clinic = ClinicFactory()
    clinic.officer = Actor(factories.officer().pk, OFFICER)
    return clinic


@pytest.fixture(scope="module")
def runners() -> Iterator[Runners]:
    threads = Runners(2)
    yield threads
    threads.close()


def close(account: UUID) -> None:
    lock(account)
    User.objects.filter(pk=account).update(is_active=False)


def refused(send: Send, key: UUID) -> bool:
    try:
        send(key)
    except PermissionDenied:
        return True
    return False


@pytest.mark.parametrize("make", OFFICERS, ids=lambda make: make.__name__)
def test_officer_whose_account_is_closed_meanwhile_changes_nothing(
    clinic: ClinicFactory, runners: Runners, make: Make
) -> None:
    """Closed by a request that the command waits for; what an officer with an open one does is taken.

    Where it was closed before: `tests/compliance/test_old_answers.py`, of every command.
    """
    first, second = make(clinic), make(clinic)
    before = tables()
    with runners.overtaken(partial(close, clinic.officer.account), partial(refused, first, uuid4())) as waits:
        pass
    assert waits.result()
    assert set(grown(before)) <= {"ledger_loggedrequest"}
    User.objects.filter(pk=clinic.officer.account).update(is_active=True)
    assert not refused(second, uuid4())
    assert grown(before)


def link(clinic: ClinicFactory) -> Press:
    one, other = clinic.ready(), clinic.ready()
    return lambda by: linking.link(files=(one.pk, other.pk), reason="x", by=by, at=NOW, key=uuid4())


def unlink(clinic: ClinicFactory) -> Press:
    one, other = clinic.ready(), clinic.ready()
    linked.link(one.pk, other.pk, at=NOW)
    return lambda by: linking.unlink(file=one.pk, reason="x", by=by, at=NOW, key=uuid4())


def let_through(clinic: ClinicFactory) -> Press:
    case = held(clinic)
    return lambda by: (
        not held_decisions.decide_held(held=case, let_through=True, by=by, at=NOW, key=uuid4(), reason="x").waits
    )


def close_an_officer(clinic: ClinicFactory) -> Press:
    user = factories.officer()
    return lambda by: people.deactivate(account=user, by=by, at=NOW, key=uuid4())


def recover(clinic: ClinicFactory) -> Press:
    user = factories.account("patient")

    def press(by: Actor) -> bool:
        try:
            recovery.confirm(account=user, by=by, at=NOW, key=uuid4())
        except recovery.RecoveryRefused:
            recovery.request(account=user, by=by, at=NOW, key=uuid4())
            return False
        return True

    return press


def erase(clinic: ClinicFactory) -> Press:
    patient = factories.patient(clinic.prescriber)

    def press(by: Actor) -> bool:
        try:
            erasure.confirm(patient=patient.pk, by=by, at=NOW, key=uuid4())
        except erasure.NotErased:
            erasure.ask(patient=patient.pk, by=by, at=NOW, key=uuid4())
            return False
        return True

    return press


@pytest.mark.parametrize(
    "make", [link, unlink, let_through, close_an_officer, recover, erase], ids=lambda make: make.__name__
)
def test_what_an_officer_asked_for_whose_account_was_closed_since_is_not_confirmed(
    clinic: ClinicFactory, make: Callable[[ClinicFactory], Press]
) -> None:
    press, (second, third) = make(clinic), [Actor(factories.officer().pk, OFFICER) for _ in range(2)]
    assert not press(clinic.officer)
    close(clinic.officer.account)
    assert not press(second)
    assert press(third), "two whose accounts are open"


def test_an_old_key_of_an_officer_whose_account_is_closed_gets_no_answer(clinic: ClinicFactory) -> None:
    account, key = factories.account("patient"), uuid4()
    step = partial(people.deactivate, account=account, by=clinic.officer, at=NOW, key=key)
    assert step()
    close(clinic.officer.account)
    with pytest.raises(PermissionDenied):
        step()


def test_race_two_officers_who_act_on_each_others_accounts_do_not_wait_crosswise(
    clinic: ClinicFactory, runners: Runners
) -> None:
    rounds = Rounds(60, ways=1, enough=10)
    for round_ in rounds:
        one, other = factories.officer(), factories.officer()
        steps = [
            partial(people.deactivate, account=whom, by=Actor(who.pk, OFFICER), at=NOW, key=uuid4())
            for who, whom in ((one, other), (other, one))
        ]
        assert runners.together(steps, late=rounds.late(round_)) == [False, False]
        rounds.ended(round_ >= 0)
