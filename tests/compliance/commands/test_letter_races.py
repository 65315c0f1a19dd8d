"""The code of a letter used by several at once, on connections of their own: one account, and each try is counted."""

from collections.abc import Iterator
from datetime import date
from functools import partial
from uuid import UUID, uuid4

import pytest

from accounts.models import User
from compliance.commands import invitations, letters
from compliance.records.file import read_file
from compliance.rules.records import InvitationAccepted
from ledger.clock import now
from patients.invitations import MAX_FAILED_ATTEMPTS
from patients.models import Invitation
from tests import amount
from tests.compliance.commands.test_letters import enrol, print_letter
from tests.compliance.races import Runners
from tests.factories import PASSWORD
from tests.histories import ClinicFactory

BORN_ON = date(2001, 4, 9)


@pytest.fixture(scope="module")
def runners() -> Iterator[Runners]:
    threads = Runners(8)
    yield threads
    threads.close()


def accept(invitation: UUID, user_name: str) -> str:
    acceptance = invitations.Acceptance(born_on=BORN_ON, password=PASSWORD, user_name=user_name)
    try:
        return str(invitations.accept(invitation=invitation, acceptance=acceptance, at=now(), key=uuid4()).pk)
    except invitations.NotAccepted as refused:
        return refused.code


def test_code_used_by_two_at_once_opens_one_account(committed: str, runners: Runners) -> None:
    clinic = ClinicFactory(now())
    for round_ in range(amount.share(10, 5)):
        patient = enrol(clinic, family_name=f"Mora{chr(97 + round_)}{uuid4().hex}")
        letter = print_letter(clinic, patient)
        found = letters.find(code=letter.code, born_on=BORN_ON, at=now())
        assert found is not None
        names = (f"first-{round_}", f"second-{round_}")
        answers = runners.together([partial(accept, found.pk, name) for name in names])
        assert sorted(answers, key=len)[0] == "invitation-used"
        assert User.objects.filter(user_name__in=names).count() == 1
        accepted = [e for e in read_file(patient.pk, now()).entries if isinstance(e.record, InvitationAccepted)]
        assert len(accepted) == 1


def test_user_name_chosen_by_two_at_once_is_the_name_of_one(committed: str, runners: Runners) -> None:
    clinic = ClinicFactory(now())
    for round_ in range(amount.share(10, 5)):
        patients = [enrol(clinic, given_name=given, family_name=f"Mora{uuid4().hex}") for given in ("Ana", "Bruno")]
        for patient in patients:
            print_letter(clinic, patient)
        rows = [patient.invitations.get().pk for patient in patients]
        answers = runners.together([partial(accept, row, f"wanted-{round_}") for row in rows])
        assert sorted(answers, key=len)[0] == "user-name-taken"
        assert User.objects.filter(user_name=f"wanted-{round_}").count() == 1


def test_wrong_birth_dates_at_once_are_each_counted(committed: str, runners: Runners) -> None:
    clinic = ClinicFactory(now())
    patient = enrol(clinic)
    letter = print_letter(clinic, patient)
    wrong = [partial(letters.find, code=letter.code, born_on=date(1990, 1, day), at=now()) for day in range(1, 9)]
    assert runners.together(wrong) == [None] * 8
    assert Invitation.objects.get().failed_attempts == MAX_FAILED_ATTEMPTS
    assert letters.find(code=letter.code, born_on=BORN_ON, at=now()) is None
