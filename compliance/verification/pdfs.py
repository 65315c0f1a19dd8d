"""The signed PDFs against the log: each is there, whole, sealed by the program, and says what was signed."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import batched
from typing import Any
from uuid import UUID, uuid5

from django.db.models import Exists, OuterRef

from compliance.export.verify import pdf_problems
from compliance.models import PdfJob, SignedPdf
from compliance.rules.records import PdfSealed, TextsErased, load, names_of
from compliance.signing.pdf.store import NAMESPACE
from ledger import keys
from ledger.log import Row
from ledger.models import LogRecord
from ledger.verify import WHOLE, Part, Problem, read_logs

from .written import as_bundled

_SEALED = names_of(PdfSealed)
#: The signed PDFs of so many logs are in memory at a time, and asked for by two statements.
_LOGS = 20


@dataclass(slots=True)
class _Kept:
    """What is kept beside one log."""

    #: Its signed PDFs, by their ids.
    stored: dict[str, SignedPdf] = field(default_factory=dict)
    #: The signatures whose PDF waits to be made, by their numbers.
    waiting: set[int] = field(default_factory=set)


def problems() -> Iterator[Problem]:
    """Every signed PDF that is not as the log says, and every signature that has none and will get none."""
    yield from of_logs(WHOLE)
    yield from beside()


def of_logs(part: Part) -> Iterator[Problem]:
    """What is found log by log, in a part of them."""
    trusted = set(keys.certificates())
    for logs in batched(filter(_is_signed, read_logs(part)), _LOGS):
        kept = _kept_of({rows[0].subject for rows in logs})
        for rows in logs:
            for number, what in _of_one_log(rows, trusted, kept[rows[0].subject]):
                yield Problem(rows[0].subject_kind, rows[0].subject, number, what)


def _is_signed(rows: Sequence[Row]) -> bool:
    return any(row.kind == "attested" or row.kind in _SEALED for row in rows)


def _kept_of(subjects: set[UUID]) -> Mapping[UUID, _Kept]:
    kept: defaultdict[UUID, _Kept] = defaultdict(_Kept)
    for pdf in SignedPdf.objects.filter(subject__in=subjects):
        kept[pdf.subject].stored[str(pdf.pk)] = pdf
    waiting = PdfJob.objects.filter(subject__in=subjects, done_at=None)
    for subject, signature in waiting.values_list("subject", "signature"):
        kept[subject].waiting.add(signature)
    return kept


def beside() -> Iterator[Problem]:
    """Signed PDFs that no log is about."""
    has_log = LogRecord.objects.filter(subject=OuterRef("subject"))
    for subject in SignedPdf.objects.filter(~Exists(has_log)).values_list("subject", flat=True):
        yield Problem("", subject, 0, NAMELESS)


NAMELESS = "has a signed document that no record names"


def _of_one_log(rows: Sequence[Row], trusted: set[str], kept: _Kept) -> Iterator[tuple[int, str]]:
    stored = dict(kept.stored)
    bundled: list[Mapping[str, Any]] = as_bundled(rows)["records"]  # type: ignore[assignment]
    by_number = {record["number"]: record for record in bundled}
    erased = max((row.number for row in rows if row.kind == TextsErased.kind), default=0)
    made: set[object] = set()
    for row in rows:
        if row.kind not in _SEALED:
            continue
        try:
            record = load(row.kind, row.format, row.data)
        except ValueError:
            continue  # its shape is reported elsewhere
        assert isinstance(record, PdfSealed)
        if record.signature in made:
            yield row.number, "is a second signed document of one signature"
        made.add(record.signature)
        pdf = stored.pop(record.pdf, None)
        if pdf is None:
            if row.number > erased:
                yield row.number, "names a signed document that is missing, and no erasure after it accounts for that"
            continue
        for what in _problems_of(pdf, record, by_number, trusted):
            yield row.number, f"names a signed document: {what}"
    for _left in stored:
        yield 0, NAMELESS
    for row in rows:
        if row.kind == "attested" and row.number > erased and row.number not in made | kept.waiting:
            yield row.number, "has no signed document, and none waits to be made"


def _problems_of(
    pdf: SignedPdf, record: PdfSealed, by_number: Mapping[int, Mapping[str, Any]], trusted: set[str]
) -> Iterator[str]:
    data, signature = bytes(pdf.data), by_number.get(record.signature)
    if hashlib.sha256(data).hexdigest() != record.sha256:
        yield "it was changed"
        return
    if signature is None or signature["kind"] != "attested":
        return  # is named among the records
    columns = (pdf.signature, str(pdf.signer_id), pdf.document, pdf.sha256)
    if columns != (record.signature, signature["actor"], signature["data"].get("document"), record.sha256):
        yield "it stands under another signature, signer or text"
    if pdf.pk != uuid5(NAMESPACE, f"{pdf.subject}:{record.signature}"):
        yield "it has the name of another"
    covers = signature["data"].get("covers") or ()
    covered = [by_number[number] for number in covers if number in by_number]
    yield from pdf_problems(data, signature, covered, trusted)
