"""Five failed attempts lock signing and tell the office once: however many come at once, and whatever dies on the
way."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from accounts.models import SigningLockout, User
from accounts.roles import PATIENT
from accounts.signature_credentials import LOCKOUT, MAX_FAILED_ATTEMPTS, Credentials, LockedOut, WrongCredentials, prove
from ledger import log
from outbox.models import Message
from tests import factories
from tests.compliance.races import Runners

NOW = datetime(2026, 12, 15, 15, tzinfo=UTC)
PASSWORD, STATEMENT = "a good long pass phrase", "ab" * 32
AT_ONCE = 12


@pytest.fixture
def signer(committed: str) -> User:
    """Somebody who signs, beside two officers who are told; all of it committed."""
    factories.officer()
    factories.officer()
    return factories.account(PATIENT, password=PASSWORD)


@pytest.fixture
def runners(committed: str) -> Iterator[Runners]:
    threads = Runners(AT_ONCE)
    yield threads
    threads.close()


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every password that was compared with the right one."""
    seen: list[str] = []
    check = User.check_password

    def watched(self: User, raw_password: str) -> bool:
        seen.append(raw_password)
        return bool(check(self, raw_password))

    monkeypatch.setattr(User, "check_password", watched)
    return seen


def tries(user: User, password: str, at: datetime = NOW) -> str:
    """What came of one try."""
    try:
        return prove(user, Credentials(password=password), statement=STATEMENT, at=at).means
    except WrongCredentials:
        return "wrong"
    except LockedOut as locked:
        return "locked" if locked.until > at else "locked until a moment that has passed"


def told(user: User) -> tuple[int, int]:
    """How often the lock stands in the account's log, and how many messages went to the office."""
    return len(log.read(user.pk)), Message.objects.filter(kind="signing-locked").count()


def test_lockout_of_signing_examines_five_of_twelve_simultaneous_attempts(
    signer: User, runners: Runners, looked_at: list[str]
) -> None:
    came = runners.together([partial(tries, signer, f"wrong {place}") for place in range(AT_ONCE)])
    assert sorted(came) == ["locked"] * (AT_ONCE - MAX_FAILED_ATTEMPTS + 1) + ["wrong"] * (MAX_FAILED_ATTEMPTS - 1)
    assert len(looked_at) == MAX_FAILED_ATTEMPTS
    assert told(signer) == (1, 2), "one note, and one message to each of two officers"
    assert SigningLockout.objects.get().locked_until == NOW + LOCKOUT


def test_once_it_is_locked_the_right_one_is_not_looked_at_however_many_try(
    signer: User, runners: Runners, looked_at: list[str]
) -> None:
    for _ in range(MAX_FAILED_ATTEMPTS):
        tries(signer, "wrong")
    came = runners.together([partial(tries, signer, PASSWORD)] * AT_ONCE)
    assert came == ["locked"] * AT_ONCE
    assert PASSWORD not in looked_at
    assert told(signer) == (1, 2)


def test_a_right_one_among_four_wrong_ones_at_once_signs(signer: User, runners: Runners) -> None:
    """Whichever comes first: whoever is looked at meanwhile shuts nobody out."""
    for _ in range(5):
        SigningLockout.objects.all().delete()
        wrong = [partial(tries, signer, "wrong")] * (MAX_FAILED_ATTEMPTS - 1)
        assert sorted(runners.together([*wrong, partial(tries, signer, PASSWORD)])) == ["password"] + ["wrong"] * 4
    assert told(signer) == (0, 0)


def dies(*_: Any, **__: Any) -> None:
    """The process is stopped at this very place."""
    raise SystemExit


DIES: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "while the password is compared": lambda patch: patch.setattr(User, "check_password", dies),
    "before the lock is written": lambda patch: patch.setattr("accounts.signature_credentials._lock_out", dies),
    "before the note is written": lambda patch: patch.setattr("accounts.signature_credentials.note", dies),
    "before the messages are laid": lambda patch: patch.setattr("accounts.signature_credentials.outbox.enqueue", dies),
}


@pytest.mark.parametrize("when", DIES)
def test_a_process_that_dies_leaves_no_lock_of_which_nobody_knows(
    signer: User, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(MAX_FAILED_ATTEMPTS - 1):
        assert tries(signer, "wrong") == "wrong"
    with monkeypatch.context() as patch:
        DIES[when](patch)
        with pytest.raises(SystemExit):
            tries(signer, "wrong")
    assert told(signer) == (0, 0)
    assert tries(signer, "wrong") == "locked"
    assert told(signer) == (1, 2)
    assert tries(signer, PASSWORD, at=NOW + LOCKOUT) == "password"


@pytest.mark.django_db
def test_a_full_count_without_an_end_ends_all_the_same() -> None:
    """Such rows were left behind once, when the end was written after the count."""
    user = factories.account(PATIENT, password=PASSWORD)
    SigningLockout.objects.create(user=user, failed_attempts=MAX_FAILED_ATTEMPTS, locked_until=None)
    assert tries(user, PASSWORD) == "locked"
    assert tries(user, PASSWORD, at=NOW + LOCKOUT - timedelta(seconds=1)) == "locked"
    assert tries(user, PASSWORD, at=NOW + LOCKOUT) == "password"
