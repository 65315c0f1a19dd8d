"""Erasure of what names a person, by two officers: one requests it, another confirms. The digests stay.

The files that the office linked are of one person, and are erased together.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db.models import QuerySet

from accounts.two_officers import Asked
from compliance.models import SignedPdf
from compliance.records.file import File
from compliance.rules.records import ErasureAsked, Record, TextsErased
from ledger import erasable_text
from ledger.actor import Actor
from ledger.idempotency import Request
from ledger.models import ErasableText, LogRecord

from . import forgetting, identity, linking
from .decide import Locked, Outcome, RowLock, by_id, decide, is_officer, read_locked, write


class NotErased(ValueError):
    """It may not be done; the code says why."""

    @property
    def code(self) -> str:
        """Why not: `nobody-else-asked`, `course-open`, `enrolment-held`."""
        return str(self.args[0])


def ask(*, patient: UUID, by: Actor, at: datetime, key: UUID) -> None:
    """The first officer asks that what names the patient be erased, in every file of theirs.

    Raises NotPermitted for anyone but an officer, KeyReused.
    """
    request = Request(action="ask-erasure", by=by, at=at, key=key, body={"patient": str(patient)})
    decide(request, partial(_lock, patient, by.account), partial(_ask, request), relation=is_officer)


def _ask(request: Request, file: File, now: datetime) -> Outcome:
    asked = dict.fromkeys(map(UUID, file.linked), ErasureAsked())
    return Outcome(records=(ErasureAsked(),), then=partial(_enter, asked, request))


def confirm(*, patient: UUID, by: Actor, at: datetime, key: UUID) -> int:
    """A second officer confirms what waits; how many texts were erased. Raises NotErased where it may not be done.

    While a course is open, in any file of the person, the program needs to know who they are, and nothing is erased.
    Nor is it while the office has not decided about an enrolment of somebody who may be this person.
    """
    request = Request(action="confirm-erasure", by=by, at=at, key=key, body={"patient": str(patient)})
    answer = decide(request, partial(_lock, patient, by.account), partial(_confirm, request), relation=is_officer)
    if answer["codes"]:
        raise NotErased(*answer["codes"])
    erased: int = answer["texts"]
    return erased


def _lock(patient: UUID, officer: UUID) -> Locked | None:
    """Identities first, as whoever enrols or decides about what is held; then all files of the person."""
    identity.lock()
    linking.lock_groups([patient])
    return RowLock(where="id = %(id)s", values={"id": patient}, account=officer)()


def _confirm(request: Request, file: File, now: datetime) -> Outcome:
    """Runs under the locks."""
    files = (file.patient, *sorted(map(UUID, file.linked)))
    officer = request.by.account
    asked = {one: row.actor for one in files if (row := _ASKED.by_another(ErasureAsked.kind, one, officer, now))}
    if len(asked) < len(files):
        return Outcome(codes=("nobody-else-asked",))
    history = file.history(now)
    if any(one.course is not None for one in (history, *history.linked)):
        return Outcome(codes=("course-open",))
    if forgetting.undecided(files):
        return Outcome(codes=("enrolment-held",))
    rows = ErasableText.objects.filter(subject__in=files).values_list("subject", "digest")
    digests = {one: [digest for subject, digest in rows if subject == one] for one in files}
    records = {one: TextsErased(str(asked[one]), len(digests[one])) for one in files}
    work = _Erasing(files, asked[file.patient], records, digests, request)
    texts = sum(map(len, digests.values()))
    return Outcome(records=(records[file.patient],), answer={"texts": texts}, then=partial(work.follow, now))


@dataclass(frozen=True, slots=True)
class _Erasing:
    """An erasure that was agreed on, as it runs once the record of the first file is written."""

    files: tuple[UUID, ...]
    asked_by: UUID
    records: Mapping[UUID, TextsErased]
    digests: Mapping[UUID, list[str]]
    request: Request

    def follow(self, now: datetime, numbers: list[int]) -> None:
        """The records of the other files; then everything goes."""
        _enter({file: self.records[file] for file in self.files[1:]}, self.request, numbers)
        person = forgetting.person_of(self.files, forgetting.accounts_of(self.files))
        erasable_text.erase(digest for digests in self.digests.values() for digest in digests)
        SignedPdf.objects.filter(subject__in=self.files).delete()
        by, key = self.request.by, self.request.key
        forgetting.forget(person, asked_by=self.asked_by, by=by, at=now, key=key)


def _enter(records: Mapping[UUID, Record], request: Request, _numbers: list[int]) -> None:
    """The records of linked files, in the same transaction, under the locks of them all."""
    for file, record in records.items():
        locked = by_id(file)()
        assert locked is not None
        read = read_locked(locked, request.at)
        write(read, Outcome(records=(record,)), request, read.earliest(request.at))


_ASKED = Asked(subject_kind="patient", asks=(ErasureAsked.kind,), ends=(TextsErased.kind,), lifetime=None)


def waiting() -> QuerySet[LogRecord]:
    """The requests of officers that nobody has confirmed yet, oldest first."""
    return _ASKED.waiting()
