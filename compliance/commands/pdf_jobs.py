"""Enqueue PDF jobs: each in the transaction that records the signature. Renders nothing."""

from datetime import datetime
from uuid import UUID

from compliance.models import PdfJob


def enqueue(subject_kind: str, subject: UUID, signature: int, *, at: datetime) -> None:
    """Enqueue the PDF of this signature, in the caller's transaction."""
    PdfJob.objects.create(subject_kind=subject_kind, subject=subject, signature=signature, next_attempt_at=at)
