"""PDF jobs: for each, read the signature from the log, draw the PDF, seal it and store it."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _
from prometheus_client import Counter

from compliance.models import PdfJob
from compliance.rules.records import KINDS, Attested, load
from compliance.signatures import text_signed
from compliance.signing.pdf.store import store_pdf
from compliance.words.choices import LANGUAGE, MEANING, MEANS, SUBJECT
from compliance.words.kinds import APPLICANT_LABELS
from compliance.words.records import describe
from ledger import canonical, log
from ledger.log import Row
from ledger.models import ErasableText
from outbox.turns import Turn
from ui import times

from .render import draw

logger = structlog.get_logger(__name__)

SIGNED_PDFS = Counter("clearfill_signed_pdfs_total", "Signed documents by what became of their making", ["outcome"])

#: How long to wait after each failure; the last one repeats.
_PAUSES = (timedelta(minutes=1), timedelta(minutes=15), timedelta(hours=4))


def process_due_jobs(*, at: datetime, limit: int = 200, turn: Turn | None = None) -> int:
    """Carry out every PDF job that is due, until the turn is over; how many were done. Two at once do no harm."""
    count = 0
    for _place in range(limit):
        done = _process_one(at)
        if done is None:
            break
        count += done
        if turn is not None and turn.is_over():
            break
    return count


def _process_one(at: datetime) -> bool | None:
    """Carry out one PDF job under its lock: whether it succeeded; None when no job is due."""
    with transaction.atomic():
        # One that was never tried waits for nothing, whatever instant a clock that ran ahead has given it.
        is_due = Q(attempts=0) | Q(next_attempt_at__lte=at)
        waiting = PdfJob.objects.filter(is_due, done_at=None).order_by("next_attempt_at", "pk")
        job = waiting.select_for_update(skip_locked=True).first()
        if job is None:
            return None
        try:
            with transaction.atomic():
                _seal_pdf(job, at)
        except Exception as error:
            job.attempts += 1
            job.next_attempt_at = at + _PAUSES[min(job.attempts, len(_PAUSES)) - 1]
            job.last_error = type(error).__name__
            job.save()
            SIGNED_PDFS.labels(outcome="failed").inc()
            logger.error("pdf_failed", kind=job.last_error)
            return False
    SIGNED_PDFS.labels(outcome="made").inc()
    return True


def _seal_pdf(job: PdfJob, at: datetime) -> None:
    # Beat, and whoever only lays a job, would load pyHanko for nothing: a third of a second.
    from .seal import seal_pdf

    rows = log.read(job.subject)
    row = rows[job.signature - 1]
    record = load(row.kind, row.format, row.data)
    assert isinstance(record, Attested)
    covered = [rows[number - 1] for number in record.covers]
    with translation.override(record.language):
        data = seal_pdf(draw(content(row, record, covered), row.at))
    store_pdf(job=job, signer=row.actor, document=record.document, data=data, at=at)


def content(row: Row, record: Attested, covered: Sequence[Row]) -> dict[str, Any]:
    """What the signed PDF says, in the language of the text that was signed, and the record that is attached."""
    document = text_signed(record)
    texts = {erasable.digest: erasable for erasable in ErasableText.objects.filter(subject=row.subject)}
    with translation.override(record.language):
        name = texts.get((record.sealed or {}).get("printed_name", ""))
        return {
            "title": document.title,
            "version": _("Version %(version)s, %(language)s, SHA-256 %(hash)s")
            % {"version": record.version, "language": LANGUAGE[record.language], "hash": record.sha256},
            "language": record.language,
            "introduction": document.introduction,
            "items": [
                {
                    "heading": item.heading,
                    "text": item.text,
                    "statement": item.statement,
                    "answer": _("Yes") if record.answers.get(item.id) else _("No"),
                }
                for item in document.items
            ],
            "entries_title": _("What is signed"),
            "entries": [_entry(one) for one in covered],
            "signature_title": _("Signature"),
            "signature": _signature(row, record, name.text if name else "—"),
            "footer": _("Clearfill is not the official program."),
            "attached": _("The record of this signature, as it stands in the log"),
            "record": _attachment([*covered, row], texts),
        }


def _entry(row: Row) -> dict[str, str]:
    known = row.kind in KINDS
    title, text = describe(load(row.kind, row.format, row.data)) if known else (APPLICANT_LABELS[row.kind], "")
    number = _("record %(number)s, SHA-256 %(hash)s") % {"number": row.number, "hash": row.hash}
    return {"title": str(title), "text": f"{text} ({number})" if text else f"({number})"}


def _signature(row: Row, record: Attested, name: str) -> list[dict[str, str]]:
    rows = [
        (_("Signed by"), name),
        (_("Meaning"), f"“{MEANING[record.meaning]}”"),
        (_("When"), times.signed_at(row.at)),
        (_("In UTC"), times.utc(row.at)),
        (_("By means of"), str(MEANS[record.means])),
        (_("Account"), str(row.actor)),
        (_("About"), f"{SUBJECT[row.subject_kind]} {row.subject}"),
        (_("Record"), f"{row.number}, SHA-256 {row.hash}"),
        (_("Statement"), f"SHA-256 {record.statement}"),
    ]
    return [{"label": str(label), "text": text} for label, text in rows]


def _attachment(rows: Sequence[Row], texts: dict[str, ErasableText]) -> str:
    """The records in the form over which their hashes are made, and the salted texts that they refer to."""
    named = {digest for row in rows for digest in _strings(row.data) if digest in texts}
    payload = {
        "records": [canonical.members(row._asdict()) | {"hash": row.hash} for row in rows],
        "sealed": [
            {"digest": digest, "salt": bytes(texts[digest].salt).hex(), "text": texts[digest].text}
            for digest in sorted(named)
        ],
    }
    return json.dumps(payload, ensure_ascii=False, indent=1, sort_keys=True)


def _strings(value: Any) -> set[str]:
    if isinstance(value, str):
        return {value}
    if isinstance(value, dict):
        return {text for inner in value.values() for text in _strings(inner)}
    return {text for inner in value for text in _strings(inner)} if isinstance(value, (list, tuple)) else set()
