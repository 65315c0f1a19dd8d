"""The bundle: a patient's log and the logs it refers to, with all that proves them unchanged."""

import json
from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Max, Min

from compliance import documents
from compliance.models import SignedPdf
from compliance.rules.records import PdfSealed, load, names_of
from ledger import canonical, checkpoints, keys, log
from ledger.erasable_text import digests_in
from ledger.log import Row
from ledger.models import Checkpoint, CheckpointLeaf, ErasableText
from ledger.trees import InclusionProof

README = """A bundle of one patient's record, made by Clearfill, which is not the official program.

Verify it with Python 3.9 or newer, on any machine:  python verify.py
By itself a bundle agrees with itself and no more. Compare it with what you know from elsewhere:
    python verify.py --patient ID --key NAME --seal NAME --checkpoints FOLDER-OF-CHECKPOINT-FILES
It must have been exported with the numbers of the checkpoint files that you keep (export_record --kept 1-720).

bundle.json       whose bundle it is
records.json      the logs of the patient, and of the prescribers and pharmacies in it, record by record
sealed.json       the texts that the records name by a salted digest; one that was erased is absent
documents/        the texts that were signed, in the very bytes
papers/           the signed documents
checkpoints.json  the signed roots over all logs; proofs.json leads from these logs to those roots; keys.json
docs: the format is described in docs/record-log.md of the project
"""


def subjects_of(rows: Sequence[Row], patient: UUID) -> list[UUID]:
    """The patient, and every prescriber and pharmacy whose certification a decision leaned on."""
    result = {patient}
    for row in rows:
        for name in ("prescriber", "pharmacy"):
            value = row.data.get(name)
            if isinstance(value, str) and value:
                result.add(UUID(value))
    return sorted(result)


def build(patient: UUID, kept: Collection[int] = ()) -> dict[str, bytes]:
    """Every file of the bundle, by its name; with proofs at the checkpoints `kept` besides those it always has.

    What came after the newest checkpoint is left out. All of it is read as it stood at one moment: neither an honest
    record nor an honest checkpoint can fall between.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SET LOCAL statement_timeout = '10min'")
        return _files(patient, kept)


def _files(patient: UUID, kept: Collection[int]) -> dict[str, bytes]:
    every = list(Checkpoint.objects.order_by("number"))
    rows = _covered_rows(log.read(patient), every)
    rows = _covered_rows(log.read(*subjects_of(rows, patient)), every)
    subjects = {row.subject for row in rows}
    wanted = wanted_proofs(rows, every, kept)
    first = CheckpointLeaf.objects.filter(subject__in=subjects).aggregate(first=Min("checkpoint_id"))["first"] or 1
    since = [one for one in every if one.number >= min([first, *wanted])]
    files = {
        "README.txt": README.encode(),
        "verify.py": Path(__file__).with_name("verify.py").read_bytes(),
        "bundle.json": _json({"patient": str(patient)}),
        "records.json": _json(_logs(rows)),
        "sealed.json": _json(_texts(rows)),
        "checkpoints.json": _json([checkpoints.public_form(one) for one in since]),
        "proofs.json": _json([_proof_payload(proof) for proof in checkpoints.proofs(wanted)]),
        "keys.json": _json([{"name": name, "public": raw.hex()} for name, raw in keys.known().items()]),
    }
    sealed = [load(row.kind, row.format, row.data) for row in rows if row.kind in names_of(PdfSealed)]
    named = [record.pdf for record in sealed if isinstance(record, PdfSealed)]
    files |= {
        f"papers/{signed_pdf.pk}.pdf": bytes(signed_pdf.data) for signed_pdf in SignedPdf.objects.filter(pk__in=named)
    }
    return files | _documents(rows)


def _covered_rows(rows: Sequence[Row], every: Sequence[Checkpoint]) -> list[Row]:
    """The rows but those that came after the newest checkpoint. One that only says it was there before stays."""
    if not every:
        return list(rows)
    newest = every[-1]
    leaves = CheckpointLeaf.objects.filter(subject__in={row.subject for row in rows})
    heads = dict(leaves.values_list("subject").annotate(Max("number")))
    early = newest.at - checkpoints.SLACK
    return [row for row in rows if row.number <= heads.get(row.subject, 0) or row.at < early]


def wanted_proofs(rows: Iterable[Row], every: Sequence[Checkpoint], kept: Collection[int]) -> dict[int, set[UUID]]:
    """At which checkpoints which log has a proof: the first that must have each record, the newest, and those kept.

    A proof at every checkpoint would be a kilobyte a log and hour; these are as many as a log has records.
    """
    wanted: dict[int, set[UUID]] = {}
    instants = [one.at for one in every]
    for row in rows:
        place = bisect_left(instants, row.at + checkpoints.SLACK)
        for number in {*(one.number for one in [*every[place : place + 1], *every[-1:]]), *kept}:
            wanted.setdefault(number, set()).add(row.subject)
    return {number: wanted[number] for number in sorted(wanted.keys() & {one.number for one in every})}


def _proof_payload(proof: InclusionProof) -> dict[str, Any]:
    head = proof.head
    return {
        "subject": str(head.subject), "checkpoint": proof.checkpoint, "number": head.number, "hash": head.hash,
        "steps": [list(step) for step in proof.steps],
    }  # fmt: skip


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _logs(rows: Iterable[Row]) -> list[dict[str, Any]]:
    logs: dict[UUID, dict[str, Any]] = {}
    for row in rows:
        entry = logs.setdefault(
            row.subject, {"subject": str(row.subject), "subject_kind": row.subject_kind, "records": []}
        )
        entry["records"].append(canonical.members(row._asdict()) | {"hash": row.hash})
    return list(logs.values())


def _texts(rows: Iterable[Row]) -> list[dict[str, str]]:
    """The texts that these records refer to, and no other of the same subject."""
    named = {digest for row in rows for digest in digests_in(row.data)}
    query = ErasableText.objects.filter(pk__in=named).order_by("pk")
    return [{"digest": one.digest, "salt": bytes(one.salt).hex(), "text": one.text} for one in query]


def _documents(rows: Iterable[Row]) -> dict[str, bytes]:
    files = {}
    for row in rows:
        data = row.data
        if "sha256" in data and "document" in data:
            document = documents.load(data["document"], data["version"], data["language"])
            files[f"documents/{document.code}-{document.version}-{document.language}.json"] = documents.bytes_of(
                document
            )
    return files
