"""Sign a document, and take a signature back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from compliance import documents
from compliance.documents import Document
from compliance.rules.records import ConsentSigned, ConsentWithdrawn
from ledger.actor import Actor
from ledger.seal import seal
from patients.models import Guardian

from . import drafts
from .entries import enter

MEANINGS = {"patient": "I consent", "guardian": "I confirm as guardian"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """What the signer gives: an answer to each item, the name in print, and how they proved who they are."""

    document: Document
    answers: Mapping[str, object]
    printed_name: str
    means: str = "password"


def draft_name(document: Document) -> str:
    """The name under which the answers to this very text are kept until it is signed."""
    return f"consent:{document.code}:{document.version}:{document.language}"


def sign(*, patient: UUID, signature: Signature, by: Actor, at: datetime, key: UUID) -> int:
    """Record the signature on exactly the text that was shown; its number in the log.

    Raises EntryRefused: an item unanswered or not agreed to, no course, a document that the category does not use.
    """
    document, role = signature.document, by.role
    name = seal(signature.printed_name, subject=patient, at=at)
    guardian = Guardian.objects.filter(patient=patient, user=by.account).first() if role == "guardian" else None
    record = ConsentSigned(
        document=document.code,
        signer=role if role in MEANINGS else "patient",
        answers={item.id: signature.answers.get(item.id) is True for item in document.items},
        version=document.version,
        language=document.language,
        sha256=document.sha256,
        means=signature.means,
        meaning=MEANINGS.get(role, ""),
        guardian=str(guardian.id) if guardian else None,
        sealed={"printed_name": name.digest},
    )

    def forget(numbers: list[int]) -> None:
        drafts.forget(patient=patient, account=by.account, what=draft_name(document))

    numbers = enter(patient=patient, records=[record], by=by, at=at, key=key, action="sign", sealed=[name], then=forget)
    return numbers[0]


def withdraw(*, patient: UUID, document: str, by: Actor, at: datetime, key: UUID) -> None:
    """Take back every standing signature on a document."""
    enter(patient=patient, records=[ConsentWithdrawn(document)], by=by, at=at, key=key, action="withdraw")


def text_of(record: ConsentSigned) -> Document | None:
    """The text that was signed, by its code, version and language; None for a signature without them."""
    if record.version is None or record.language is None:
        return None
    return documents.load(record.document, record.version, record.language)
