"""Which signatures stand, and which are missing (rules, sections 3 and 5.1)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from . import days
from .history import History
from .records import ConsentSigned, ConsentWithdrawn, Entry
from .refusals import Refusal


@dataclass(frozen=True, slots=True)
class Signatures:
    """The standing signatures on one document, the latest of each signer."""

    patient: Entry | None
    guardian: Entry | None

    @property
    def any(self) -> bool:
        """Whether one stands, by anyone."""
        return self.patient is not None or self.guardian is not None


def standing(history: History, document: str) -> Signatures:
    """The signatures on `document` given in this course and not withdrawn since."""
    latest: dict[str, Entry | None] = {"patient": None, "guardian": None}
    if history.course is None:
        return Signatures(None, None)
    for entry in history.entries:
        record = entry.record
        if entry.at < history.course.opened.at:
            continue
        if isinstance(record, ConsentSigned) and record.document == document:
            latest[record.signer] = entry
        elif isinstance(record, ConsentWithdrawn) and record.document == document:
            latest = {"patient": None, "guardian": None}
    return Signatures(latest["patient"], latest["guardian"])


def signed_as_minor(history: History, signed_at: datetime) -> bool:
    """Whether the patient was under age on the day of `signed_at`, by the birth date as it is known now."""
    born_on = history.born_on
    if born_on is None:
        return True
    return history.day_of(signed_at) < days.birthday(born_on, history.program.adult_age)


def missing(history: History) -> list[str]:
    """The blockers' codes for what the category signs, document by document."""
    if history.course is None:
        return []
    codes = []
    for document in history.program.documents[history.course.category]:
        signatures = standing(history, document)
        if signatures.patient is None:
            codes.append(f"consent-missing:{document}")
        elif signatures.guardian is None and signed_as_minor(history, signatures.patient.at):
            codes.append(f"guardian-signature-missing:{document}")
    return codes


def answers_refusal(items: Collection[str], answers: Mapping[str, object]) -> Refusal | None:
    """Why these answers to a document's items are no signature: one is unanswered, or not agreed to."""
    return next((Refusal(item, "item-not-agreed") for item in items if answers.get(item) is not True), None)
