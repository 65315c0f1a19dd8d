"""Attesting a short document: what the record of it says."""

from datetime import datetime
from typing import Any
from uuid import UUID

from compliance.documents import Document
from ledger.models import Sealed
from ledger.seal import seal


def attested_by(document: Document, printed_name: str, subject: UUID, at: datetime) -> tuple[dict[str, Any], Sealed]:
    """The data of the record, and the sealed name that it refers to."""
    name = seal(printed_name, subject=subject, at=at)
    data = {
        "document": document.code,
        "version": document.version,
        "language": document.language,
        "sha256": document.sha256,
        "answers": {item.id: True for item in document.items},
        "means": "password",
        "meaning": "I attest",
        "sealed": {"printed_name": name.digest},
    }
    return data, name
