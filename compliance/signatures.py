"""Signatures: the statement that one person signs at one moment, and its record. All signatures are made here.

A signature is an `attested` record that stands behind the records it covers, in the same log, written with them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from accounts.roles import GUARDIAN, PATIENT, PHARMACIST, PRESCRIBER
from accounts.signature_credentials import Proof
from accounts.trusted_browsers import browser_mark
from compliance import documents
from compliance.documents import Document
from compliance.rules.days import day, zone
from compliance.rules.editions import Program
from compliance.rules.records import Attested, ConsentSigned, Record, dump
from ledger import canonical
from ledger.actor import Actor
from ledger.erasable_text import make_erasable
from ledger.models import ErasableText

#: What a signature means, by the role that gives it.
CONSENT, ATTEST, CONFIRM = "I consent", "I attest", "I confirm as guardian"

Pair = tuple[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """All that is signed: the text, the answers, the printed name, the records, about whom, by whom, in which request.

    `records` are pairs of kind and plain data. Names and free words are in it by their salted digests.
    """

    document: Document
    answers: Mapping[str, bool]
    meaning: str
    name: ErasableText
    records: tuple[Pair, ...]
    subject: UUID
    account: UUID
    key: UUID

    def is_on_its_text(self, role: str) -> bool:
        """Whether the text is the one that belongs to the records: that a consent names, or by which the role attests.

        A consent names its text and answers; whether the answers are enough, the rules say. What attests does so whole.
        """
        consents = [data for kind, data in self.records if kind == ConsentSigned.kind]
        texts = {TEXTS[kind, role] for kind, _data in self.records if (kind, role) in TEXTS}
        if consents:
            return not texts and all(self._names(data) for data in consents)
        return texts == {self.document.code} and dict(self.answers) == agreed(self.document)

    def _names(self, consent: Mapping[str, Any]) -> bool:
        """Whether what a consent's record says of its text, and its answers, is what is signed."""
        document = self.document
        named = {
            "document": document.code, "version": document.version, "language": document.language,
            "sha256": document.sha256,
            "answers": dict(self.answers),
        }  # fmt: skip
        return {name: consent.get(name) for name in named} == named

    @property
    def sha256(self) -> str:
        """SHA-256 over its canonical form, in hex. `docs/record-log.md` says how to work it out from the log."""
        return canonical.digest(
            {
                "account": str(self.account),
                "answers": dict(self.answers),
                "document": self.document.code,
                "key": str(self.key),
                "language": self.document.language,
                "meaning": self.meaning,
                "printed_name": self.name.digest,
                "records": [[kind, dict(data)] for kind, data in self.records],
                "sha256": self.document.sha256,
                "subject": str(self.subject),
                "version": self.document.version,
            }
        )


@dataclass(frozen=True, slots=True)
class Signature:
    """A statement, and the proof that its signer made it."""

    statement: Statement
    proof: Proof

    def fits(self, records: Sequence[Pair], *, subject: UUID, by: Actor, key: UUID) -> bool:
        """Whether it signs these records of that subject, by this person, in this request, and was proved for it.

        And whether it signs them by the text that belongs to them.
        """
        statement = self.statement
        same = (statement.subject, statement.account, statement.key) == (subject, by.account, key) and list(
            statement.records
        ) == list(records)
        return same and statement.is_on_its_text(by.role) and self.proof.statement == statement.sha256

    def record(self, covers: Sequence[int], at: datetime, program: Program) -> Attested:
        """The record of it, which covers the records of those numbers and was written at `at` (program time)."""
        statement, document = self.statement, self.statement.document
        return Attested(
            document=document.code,
            version=document.version,
            language=document.language,
            sha256=document.sha256,
            answers=dict(statement.answers),
            meaning=statement.meaning,
            means=self.proof.means,
            statement=statement.sha256,
            local_time=at.astimezone(zone(program.zone)).isoformat(timespec="seconds"),
            covers=tuple(covers),
            proof=self.proof.evidence,
            sealed={"printed_name": statement.name.digest},
            browser=browser_mark(self.proof.browser, f"{statement.subject}:{day(at, zone(program.zone))}"),
        )

    def request_body(self) -> dict[str, Any]:
        """What was asked for, the same each time the request is sent again."""
        document = self.statement.document
        return {
            "document": document.sha256,
            "answers": dict(self.statement.answers),
            "meaning": self.statement.meaning,
            "name": self.statement.name.text,
        }


def pairs(records: Sequence[Record]) -> tuple[Pair, ...]:
    """Records as a statement has them."""
    return tuple((record.kind, dump(record)) for record in records)


def text_signed(record: Attested) -> Document:
    """The text under a signature, as it was on its signer's screen."""
    document = documents.load(record.document, record.version, record.language)
    return document.for_guardian() if record.meaning == CONFIRM else document


def agreed(document: Document) -> dict[str, bool]:
    """Every item of a document answered with yes."""
    return {item.id: True for item in document.items}


#: The text that stands above a signature on records of that kind, by the role that gives it.
TEXTS: Mapping[tuple[str, str], str] = {
    ("contraception_declared", PRESCRIBER): "monthly-prescriber",
    ("contraception_declared", PATIENT): "monthly-patient",
    ("stop_cleared", PRESCRIBER): "clearing-stop",
    ("entry_struck", PRESCRIBER): "striking",
    ("category_changed", PRESCRIBER): "changing-category",
    ("birth_date_corrected", PRESCRIBER): "correcting-birth-date",
    ("home_testing_set", PRESCRIBER): "permitting-home-tests",
    ("applied", PRESCRIBER): "prescriber-attestation",
    ("applied", PHARMACIST): "pharmacy-attestation",
    ("renewed", PRESCRIBER): "prescriber-attestation",
    ("trained", PHARMACIST): "pharmacy-attestation",
}


def signature_for_records(
    records: Sequence[Record], name: str, *, subject: UUID, by: Actor, key: UUID, on: date
) -> Signature | None:  # fmt: skip
    """The signature that goes with these records in a history that is told, on that day; None where they need none."""
    document: Document | None = None
    answers: Mapping[str, bool] | None = None
    for record in records:
        if isinstance(record, ConsentSigned):
            assert record.version is not None
            assert record.language is not None
            document, answers = documents.load(record.document, record.version, record.language), record.answers
        elif (record.kind, by.role) in TEXTS:
            document = documents.current(TEXTS[record.kind, by.role], on=on)
    if document is None:
        return None
    meaning = {GUARDIAN: CONFIRM, PATIENT: CONSENT}.get(by.role, ATTEST) if answers is not None else ATTEST
    return make_signature(
        document, name, pairs(records), subject=subject, by=by, key=key, meaning=meaning, answers=answers
    )


def make_signature(
    document: Document, name: str, records: Sequence[Pair], *, subject: UUID, by: Actor, key: UUID,
    meaning: str = ATTEST, answers: Mapping[str, bool] | None = None,
) -> Signature:  # fmt: skip
    """A signature whose signer proved who they are by other means than asking again.

    For a new account, whose password is chosen in the very form that is signed; and for histories that are told.
    """
    statement = Statement(
        document=document,
        answers=agreed(document) if answers is None else answers,
        meaning=meaning,
        name=make_erasable(name, subject=subject),
        records=tuple(records),
        subject=subject,
        account=by.account,
        key=key,
    )
    return Signature(statement, Proof(statement=statement.sha256, means="password"))
