"""Export one patient's record as a bundle that an outsider verifies with Python alone."""

import io
import zipfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from compliance.commands.checkpoints import ensure_covered
from compliance.export.bundle import build, subjects_of
from ledger import access_log, log
from ledger.actor import SYSTEM
from ledger.checkpoints import NotAsSigned
from ledger.clock import now
from patients.models import Patient
from patients.numbers import normalise


class Command(BaseCommand):
    """Makes a checkpoint first where the newest has not all of it, so that the bundle is whole.

    Writes a folder, or a file that ends in .zip.
    """

    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("patient", help="the patient's number or id")
        parser.add_argument("--to", type=Path, required=True, metavar="FOLDER|FILE.zip")
        parser.add_argument(
            "--kept", type=_numbers, default=frozenset(), metavar="1-720,800",
            help="the numbers of the checkpoint files that the reader keeps: a proof at each is added",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        patient, to, at = _patient(options["patient"]), options["to"], now()
        if to.exists():
            raise CommandError(f"{to} is there already; name a new one")
        access_log.add(patient, by=SYSTEM, what="export", why="operator", at=at)
        refused: NotAsSigned | None = None
        try:
            ensure_covered(subjects_of(log.read(patient), patient), at=at)
        except NotAsSigned as found:
            refused = found
        files = build(patient, options["kept"])
        if to.suffix == ".zip":
            to.write_bytes(_zipped(files))
        else:
            for name, data in files.items():
                (to / name).parent.mkdir(parents=True, exist_ok=True)
                (to / name).write_bytes(data)
        verify = f"unpack it, then: python {to.stem}/verify.py" if to.suffix == ".zip" else f"python {to}/verify.py"
        self.stdout.write(f"{len(files)} files in {to}; verify them with: {verify}")
        if refused is not None:
            raise CommandError(f"no checkpoint was made, and the bundle will say so: {refused}", returncode=1)


def _numbers(text: str) -> frozenset[int]:
    """The numbers of `1-3,7`."""
    result: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        result |= set(range(int(first), int(last or first) + 1))
    return frozenset(result)


def _zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def _patient(text: str) -> UUID:
    try:
        patient = Patient.objects.filter(pk=UUID(text)).first()
    except ValueError:
        patient = Patient.objects.filter(number=normalise(text)).first()
    if patient is None:
        raise CommandError("no patient has that number or id")
    return patient.pk
