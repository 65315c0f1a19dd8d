"""A check of all logs that was stopped goes on, and finds what a whole one finds, whatever was changed meanwhile."""

import json
from collections.abc import Callable, Iterable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from compliance.commands.entries import enter
from compliance.rules.records import Discontinued
from compliance.verification import check
from compliance.verification.resume import CannotResume, State
from ledger.actor import Actor
from ledger.progress import Progress
from ledger.verify import Part, parts
from patients.models import Patient

from .tampering import LATER, NOW, TamperingFixture

#: Into so many parts the logs are divided here.
PARTS = 8


class HereAlone:
    """In place of several processes: one after the other, in this one. Stops after so many parts."""

    def __init__(self, until: int = 10**6) -> None:
        self.until = until
        self.checked: list[Part] = []

    def __enter__(self) -> "HereAlone":
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is to be ended."""

    def map(self, _call: object, of: Iterable[Part], *more: Iterable[Any]) -> Iterable[Any]:
        for part, *values in zip(of, *more, strict=False):
            if len(self.checked) == self.until:
                raise KeyboardInterrupt
            self.checked.append(part)
            yield check.check_part(part, *values)


class AllBefore(HereAlone):
    """The same, but all parts are checked before anything is said of one: as if others had checked them meanwhile."""

    def map(self, call: object, of: Iterable[Part], *more: Iterable[Any]) -> Iterable[Any]:
        return list(super().map(call, of, *more))


@pytest.fixture(autouse=True)
def _few_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "PARTS", PARTS)


def run(path: Path, monkeypatch: pytest.MonkeyPatch, until: int = 10**6) -> tuple[list[str], list[Part]]:
    """What the check says, and which parts it checked."""
    here = HereAlone(until)
    monkeypatch.setattr(check, "pool", lambda _count: here)
    said: list[str] = []
    try:
        for problem in check.resumed(1, path, at=LATER, rules=True):
            said.append(problem.what)  # what is said before it is stopped counts
    except KeyboardInterrupt:
        pass
    return said, here.checked


def part_of(subject: UUID) -> int:
    return next(place for place, part in enumerate(parts(PARTS)) if part.after < subject <= part.until)


def changed_field(tampering: TamperingFixture) -> None:
    test = next(row for row in tampering.rows() if row.kind == "pregnancy_test")
    data = json.dumps({**test.data, "result": "positive"})
    tampering.run("UPDATE ledger_record SET data = %s WHERE hash = %s", data, test.hash)


def removed_record(tampering: TamperingFixture) -> None:
    tampering.run("DELETE FROM ledger_record WHERE subject = %s AND number = 5", tampering.patient)


def removed_text(tampering: TamperingFixture) -> None:
    tampering.run("DELETE FROM ledger_erasabletext WHERE subject = %s", tampering.patient)


def changed_pdf(tampering: TamperingFixture) -> None:
    tampering.run("UPDATE compliance_signedpdf SET data = data || 'x' WHERE subject = %s", tampering.patient)


CHANGES: dict[str, Callable[[TamperingFixture], None]] = {
    "a field": changed_field, "a record": removed_record, "a text": removed_text, "a document": changed_pdf,
}  # fmt: skip


def test_it_goes_on_where_it_stopped_and_checks_nothing_twice(
    tampering: TamperingFixture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "state"
    _said, first = run(path, monkeypatch, until=3)
    assert path.is_file()
    said, then = run(path, monkeypatch)
    assert (said, [*first, *then]) == ([], parts(PARTS))
    assert not path.exists(), "the next check begins anew"


@pytest.mark.parametrize("what", CHANGES)
def test_what_was_changed_before_the_point_is_found(
    tampering: TamperingFixture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    path = tmp_path / "state"
    run(path, monkeypatch, until=part_of(tampering.patient) + 1)
    CHANGES[what](tampering)
    said, _checked = run(path, monkeypatch)
    assert said
    assert "\n".join(sorted(said)) == "\n".join(sorted(tampering.by_log().splitlines()))


def test_what_was_found_is_said_again(
    tampering: TamperingFixture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed_field(tampering)
    path = tmp_path / "state"
    run(path, monkeypatch, until=part_of(tampering.patient) + 1)
    said, checked = run(path, monkeypatch)
    # After the last part nothing is left to stop: that check has ended, and the next one begins anew.
    was_stopped = part_of(tampering.patient) < PARTS - 1
    assert (parts(PARTS)[part_of(tampering.patient)] not in checked) == was_stopped
    assert sorted(said) == sorted(tampering.by_log().splitlines())


def test_a_log_that_has_grown_is_checked_again(
    tampering: TamperingFixture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "state"
    run(path, monkeypatch, until=PARTS - 1)
    row = Patient.objects.get(pk=tampering.patient)
    doctor = Actor(row.prescriber.user_id, "prescriber", row.prescriber_id)
    enter(patient=row.pk, records=[Discontinued("moved")], by=doctor, at=NOW + timedelta(hours=3), key=uuid4())
    last = tampering.rows()[-1]
    tampering.run("UPDATE ledger_record SET hash = %s WHERE hash = %s", "0" * 64, last.hash)
    said, _checked = run(path, monkeypatch)
    assert "was changed: its hash is not that of what it says" in said
    assert sorted(said) == sorted(tampering.by_log().splitlines())


@pytest.mark.parametrize(
    "wrong", [{"checkpoint_hash": "0" * 64}, {"checkpoint": 99}, {"rules": False}, {"parts": 3}, {"else": 1}, None]
)
def test_a_file_of_something_else_is_refused(
    tampering: TamperingFixture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: dict[str, Any] | None
) -> None:
    path = tmp_path / "state"
    run(path, monkeypatch, until=2)
    kept = json.loads(path.read_text())
    path.write_text("{" if wrong is None else json.dumps({**kept, **wrong}))
    with pytest.raises(CannotResume):
        State.read(path, PARTS, rules=True)
    with pytest.raises(CommandError, match="Remove the file to check everything"):
        call_command("verify_log", "--rules", "--resume", str(path))
    assert path.exists()


def test_the_command_goes_on_in_processes(tampering: TamperingFixture, tmp_path: Path) -> None:
    out, path = StringIO(), tmp_path / "state"
    call_command("verify_log", "--processes", "2", "--resume", str(path), stdout=out)
    assert out.getvalue().endswith(" 0 problems\n")
    assert not path.exists()


def test_the_last_count_survives_a_connection_that_was_dropped_while_processes_checked(
    tampering: TamperingFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is ended by the server, as one that was idle, while the others check."""
    at = Progress.at
    dropped: list[Any] = []

    def dropping(progress: Progress, done: int) -> None:
        if not dropped:
            assert connection.connection is not None
            own = connection.connection.info.backend_pid
            dropped.append(tampering.server.execute("SELECT pg_terminate_backend(%s, 5000)", [own]).fetchone())
        at(progress, done)

    monkeypatch.setattr(Progress, "at", dropping)
    monkeypatch.setattr(check, "pool", lambda _count: AllBefore())
    out = StringIO()
    call_command("verify_log", "--processes", "2", stdout=out)
    assert dropped == [(True,)]
    assert out.getvalue().endswith(" 0 problems\n")
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("0",), "a count of all the log may take its time on the new one too"
