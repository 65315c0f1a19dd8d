"""Keep the PDF of a signature, and record its hash in the log of the signature's subject."""

import hashlib
from datetime import datetime
from functools import partial
from uuid import UUID, uuid5

from compliance.commands import certifying
from compliance.commands.decide import by_id
from compliance.commands.entries import enter
from compliance.models import PdfJob, SignedPdf
from compliance.rules.records import PdfSealed, TextsErased, dump
from ledger.actor import SYSTEM
from ledger.idempotency import Request, Result, no_lock, once
from ledger.log import NewRecord
from ledger.models import LogRecord

#: The ids of signed PDFs follow from the signature: made twice, it is the same one.
NAMESPACE = UUID("0d7a6f2e-6a8e-5c0e-9f5a-2f0f6d1f4c11")


def store_pdf(*, job: PdfJob, signer: UUID, document: str, data: bytes, at: datetime) -> UUID:
    """Keep the PDF of a signature and record its hash, all or nothing; its id. A second one of it is not kept.

    Nor is one of a patient whose texts were erased since the signature, also while it was drawn: the job is done then.
    """
    name = uuid5(NAMESPACE, f"{job.subject}:{job.signature}")
    record = PdfSealed(job.signature, str(name), hashlib.sha256(data).hexdigest())
    signed_pdf = SignedPdf(
        id=name, subject=job.subject, signature=job.signature, signer_id=signer, document=document,
        sha256=record.sha256, data=data, made_at=at,
    )  # fmt: skip
    request = Request(action="store-pdf", by=SYSTEM, at=at, key=name, body={"order": job.pk})
    once(request, no_lock, partial(_keep, job, signed_pdf, record, request))
    return name


def _keep(order: PdfJob, signed_pdf: SignedPdf, record: PdfSealed, request: Request, _locked: None) -> Result:
    numbers: list[int] = []
    if order.subject_kind == "patient":
        # Whoever erases holds this lock, and removes what was kept before.
        by_id(order.subject)()
        if _is_erased(order):
            PdfJob.objects.filter(pk=order.pk).update(done_at=request.at, last_error="")
            return Result(codes=("erased",), subject=order.subject)
        key = uuid5(request.key, "record")
        numbers = enter(
            patient=order.subject, records=[record], by=SYSTEM, at=request.at, key=key, action="record-paper"
        )  # fmt: skip
    elif order.subject_kind in ("prescriber", "pharmacy"):
        certifying.lock(order.subject_kind, order.subject)  # type: ignore[arg-type]
        draft = NewRecord(kind=record.kind, data=dump(record))
        numbers = [certifying.append_beside(order.subject_kind, order.subject, draft, request).number]  # type: ignore[arg-type]
    signed_pdf.save(force_insert=True)
    PdfJob.objects.filter(pk=order.pk).update(done_at=request.at, last_error="")
    return Result(subject=order.subject, records=numbers)


def _is_erased(job: PdfJob) -> bool:
    """Whether the texts of the patient were erased after the signature."""
    erasures = LogRecord.objects.filter(subject=job.subject, kind=TextsErased.kind, number__gt=job.signature)
    return erasures.exists()
