"""Sign a document, say no to it, and take a signature back."""

from datetime import datetime
from functools import partial
from uuid import UUID

from compliance import documents
from compliance.documents import Document
from compliance.rules.care.questions import QuestionAsked
from compliance.rules.consents import asked_since, is_minor
from compliance.rules.history import History
from compliance.rules.records import ConsentRefused, ConsentSigned, ConsentWithdrawn, Record
from compliance.signatures import CONFIRM, CONSENT, Signature
from ledger.actor import Actor
from ledger.models import ErasableText
from patients.models import Guardian, Patient

from . import drafts
from .entries import enter

MEANINGS = {"patient": CONSENT, "guardian": CONFIRM}


def draft_name(document: Document, since: int) -> str:
    """The name under which the answers to this very text are kept until it is signed.

    `since` is the record from which on it is asked for: answers of an earlier course, or from before another category,
    are none now.
    """
    return f"{_drafts_about(document.code)}{document.version}:{document.language}:{since}"


def _drafts_about(code: str) -> str:
    """The prefix of the names of all drafts about a document."""
    return f"consent:{code}:"


def declined(history: History, *, patient: Patient) -> bool:
    """Whether somebody answered no to an item of a text that is asked for now, and has not signed it since.

    The patient, or a guardian while the patient is under age: afterwards a guardian's no is nobody's to speak about.
    """
    required = history.course.category.documents if history.course else ()
    texts = [
        (documents.current(code, language, on=history.day), asked_since(history, code))
        for code in required
        for language in documents.languages(code, on=history.day)
    ]
    accounts = [patient.user_id]
    if is_minor(history):
        accounts += Guardian.objects.filter(patient=patient).values_list("user", flat=True)
    names = [draft_name(text, since) for text, since in texts if since is not None]
    return drafts.declined(patient.pk, names, accounts=accounts)


def consent(*, patient: UUID, document: Document, answers: dict[str, bool], by: Actor) -> ConsentSigned:
    """The record that a patient or guardian signs."""
    guardian = Guardian.objects.filter(patient=patient, user=by.account).first() if by.role == "guardian" else None
    return ConsentSigned(
        document=document.code,
        signer=by.role if by.role in MEANINGS else "patient",
        answers=answers,
        version=document.version,
        language=document.language,
        sha256=document.sha256,
        guardian=str(guardian.id) if guardian else None,
    )


def sign(*, patient: UUID, record: ConsentSigned, signature: Signature, by: Actor, at: datetime, key: UUID) -> int:
    """Record the signature on exactly the text that was shown; its number in the log.

    Raises EntryRefused: an item of the text unanswered or not agreed to, no course, a document that the category does
    not use; NotPermitted: record and signature do not agree on text and answers.
    """

    # In every language: what was left unfinished in another is overtaken by the signature.
    then = partial(drafts.forget_after, patient, by.account, _drafts_about(record.document))
    numbers = enter(
        patient=patient, records=[record], by=by, at=at, key=key, action="sign", then=then, signature=signature
    )
    return numbers[0]


def refuse(
    *, patient: UUID, document: str, by: Actor, at: datetime, key: UUID, question: ErasableText | None = None
) -> None:
    """The signer says no, and may ask. Nothing that stands is taken back; the prescriber is told."""
    records: list[Record] = [ConsentRefused(document, by.role)]
    if question is not None:
        records.append(QuestionAsked(document, by.role, question.digest))
    texts = [question] if question is not None else []
    then = partial(_tell_of_refusal, patient, at)
    enter(patient=patient, records=records, by=by, at=at, key=key, action="refuse", then=then, texts=texts)


def ask(
    *, patient: UUID, document: Document, item: str, draft: str, question: ErasableText, by: Actor, at: datetime,
    key: UUID,
) -> None:  # fmt: skip
    """The signer says no to an item and asks: the no is kept in that draft, and the prescriber is told of the question.

    Raises EntryRefused, NotPermitted, KeyReused, as `enter` does.
    """
    record = QuestionAsked(document.code, by.role, question.digest, item)

    def then(numbers: list[int]) -> None:
        drafts.keep(patient=patient, account=by.account, what=draft, answers={item: False}, at=at, tells=False)
        _tell_of_refusal(patient, at, numbers)

    enter(patient=patient, records=[record], by=by, at=at, key=key, action="ask", then=then, texts=[question])


def _tell_of_refusal(patient: UUID, at: datetime, numbers: list[int]) -> None:
    drafts.tell_prescriber(patient=patient, what=f"record:{numbers[0]}", at=at)


def withdraw(*, patient: UUID, document: str, by: Actor, at: datetime, key: UUID) -> None:
    """Withdraw every valid signature on a document."""
    enter(patient=patient, records=[ConsentWithdrawn(document)], by=by, at=at, key=key, action="withdraw")
