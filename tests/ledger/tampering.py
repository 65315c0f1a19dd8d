"""A patient's log, what was kept of it outside, and a superuser who writes what he likes; and who sees it."""

import io
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from types import CodeType
from typing import Any
from unittest.mock import patch
from uuid import UUID

import psycopg
from django.db import connections

from compliance.commands.checkpoints import publish
from compliance.export.bundle import build
from compliance.verification.check import problems
from ledger import canonical, keys, log
from ledger.checkpoints import NotAsSigned
from ledger.log import Row

NOW = datetime(2026, 12, 15, 15, tzinfo=UTC)
TICK = NOW + timedelta(days=1)
LATER = TICK + timedelta(days=1)

Server = psycopg.Connection[Any]


def database() -> str:
    """The name of the database that the tests work in."""
    return str(connections["default"].settings_dict["NAME"])


def run_alone(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`verify.py` of a bundle, by a Python that has nothing else."""
    command = [sys.executable, "-I", "-S", str(folder / "verify.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The same by the Python of the tests, which need not start first: the file is read anew and begins anew.

    What each file says of the same signature is asked once.
    """
    path, said, failed = folder / "verify.py", io.StringIO(), io.StringIO()
    code = 0
    with redirect_stdout(said), redirect_stderr(failed), patch.object(sys, "argv", [str(path), *arguments]):
        try:
            names: dict[str, Any] = {"__name__": "verify", "__file__": str(path)}
            source = path.read_text()
            exec(_compiled(source), names)
            names["ed25519_verify"] = _asked_once(source, names["ed25519_verify"])
            code = names["main"]()
        except SystemExit as end:
            code = int(end.code or 0)
    return subprocess.CompletedProcess(arguments, code, said.getvalue(), failed.getvalue())


#: What each file said of a key, a message and a signature.
_signatures: dict[tuple[object, ...], bool] = {}


def _asked_once(source: str, check: Callable[..., bool]) -> Callable[..., bool]:
    """The check of a signature by that file, which is slow in pure Python: of the same bytes it says the same."""

    def asked(*signed: bytes) -> bool:
        if (source, *signed) not in _signatures:
            _signatures[source, *signed] = check(*signed)
        return _signatures[source, *signed]

    return asked


@cache
def _compiled(source: str) -> CodeType:
    return compile(source, "verify.py", "exec")


def export(patient: UUID, folder: Path, kept: Sequence[int] = ()) -> Path:
    """A patient's bundle in that folder, and nothing else in it."""
    shutil.rmtree(folder, ignore_errors=True)
    for name, data in build(patient, kept).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


@dataclass(frozen=True)
class TamperingFixture:
    """A patient with signatures and signed PDFs, two checkpoints kept outside, the database's owner with triggers
    off."""

    server: Server
    patient: UUID
    kept: Path
    work: Path

    def rows(self) -> list[Row]:
        """The patient's log."""
        return log.read(self.patient)

    def run(self, text: str, *values: object) -> None:
        """One statement of the superuser's."""
        self.server.execute(text.encode(), values)

    def write(self, rows: Iterable[Row]) -> None:
        """Put these rows in place of the patient's log."""
        self.run("DELETE FROM ledger_record WHERE subject = %s", self.patient)
        for row in rows:
            self.insert(row)

    def insert(self, row: Row) -> None:
        """Put a row beside the others."""
        values = [json.dumps(value) if name == "data" else value for name, value in row._asdict().items()]
        places = ", ".join(["%s"] * len(values))
        self.run(f"INSERT INTO ledger_record ({', '.join(Row._fields)}) VALUES ({places})", *values)

    def export(self, kept: Sequence[int] = ()) -> Path:
        """A bundle in a folder of its own."""
        return export(self.patient, self.work / "bundle", kept)

    def kept_numbers(self) -> list[int]:
        """Which checkpoints somebody kept outside."""
        return [int(path.stem[-8:]) for path in self.kept.iterdir()]

    def by_log(self) -> str:
        """What `verify_log --rules` says."""
        return "\n".join(problem.what for problem in problems(at=LATER, rules=True))

    def by_tick(self, at: datetime = TICK) -> str:
        """What the next hour's checkpoint refuses."""
        try:
            publish(at=at)
        except NotAsSigned as found:
            return "\n".join(found.problems)
        return ""

    def signed(self) -> list[tuple[Any, ...]]:
        """Every checkpoint, with how many leaves it has."""
        leaves = "SELECT count(*) FROM ledger_checkpointleaf WHERE checkpoint_id = made.number"
        return self.server.execute(f"SELECT made.*, ({leaves}) FROM ledger_checkpoint AS made".encode()).fetchall()

    def by_bundle(self) -> str:
        """What a bundle says by itself."""
        done = run(self.export())
        assert not done.stderr
        return done.stdout if done.returncode else ""

    def by_kept(self) -> str:
        """What a bundle says to somebody who kept the files of checkpoints and knows the key and the patient."""
        known = ["--checkpoints", str(self.kept), "--key", next(iter(keys.known())), "--patient", str(self.patient)]
        done = run(self.export(self.kept_numbers()), *known)
        assert not done.stderr
        return done.stdout if done.returncode else ""


def chained(rows: Iterable[Row]) -> list[Row]:
    """The rows with numbers and hashes that fit."""
    made: list[Row] = []
    for place, row in enumerate(rows, 1):
        fitting = row._replace(number=place, previous_hash=made[-1].hash if made else "")
        made.append(fitting._replace(hash=canonical.hash_of(fitting._asdict())))
    return made
