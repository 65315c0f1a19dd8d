"""Who is told at once of a stop, or of what a patient reports: the prescriber, those who cover, the program office;
of a stop the patient, what to do now. The patient is told of the practice's answer to a report.

One message to each account and event, enqueued in the transaction that records the event. Whoever entered it knows.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import outbox
from accounts.models import User
from accounts.roles import OFFICER
from compliance.rules.care.notes import ProblemReported, ReportMistaken
from compliance.rules.care.open_reports import report_in
from compliance.rules.care.side_effects import ReportAnswered
from compliance.rules.history import is_stop
from compliance.rules.records import PregnancyTest, Record
from ledger.actor import Actor
from outbox.models import Message
from patients.models import Patient
from patients.who_acts import covering

#: The kinds of messages about a stop, by what opened it. Their names say nothing of what it was.
BY_TEST, BY_REPORT, BY_PATIENT = "stop-by-test", "stop-by-report", "stop-by-patient"
#: The patient says that it was a mistake: to those who care for the patient alone.
MISTAKEN = "stop-mistaken"
#: The patient reports what stops nothing by itself: to the same.
PROBLEM = "problem-reported"
#: A side effect that cannot wait, or thoughts of harm: to the same. The kind, which lists show, says no more than that.
REPORT = "report-urgent"
KINDS = (BY_TEST, BY_REPORT, BY_PATIENT)
#: To the patient, of a stop that somebody else entered.
TO_PATIENT = "stop-to-patient"
#: To the patient: the practice answered a report.
ANSWERED = "report-answered"


@dataclass(frozen=True, slots=True)
class Recipient:
    """An account that is told, and as what: prescriber, delegate or officer."""

    account: UUID
    role: str


def kind_of(record: Record, by: Actor) -> str | None:
    """The kind of message about that record; None where nobody is told at once."""
    if isinstance(record, ReportMistaken):
        return MISTAKEN
    if isinstance(record, ProblemReported):
        return PROBLEM
    if (report := report_in(record)) is not None:
        return REPORT if report.is_urgent else None
    if not is_stop(record):
        return None
    if isinstance(record, PregnancyTest):
        return BY_TEST
    return BY_PATIENT if by.role in ("patient", "guardian") else BY_REPORT


def tell(files: Iterable[UUID], records: Sequence[tuple[int, Record]], by: Actor, at: datetime) -> None:
    """Enqueue what is told of these records (by number) about one person, whose files these are.

    What the patient reports of their health is told to the practice that treats them alone.
    """
    wanted = [(number, kind) for number, record in records if (kind := kind_of(record, by)) is not None]
    own, *linked = files
    answered = [
        Message(key=f"{ANSWERED}:{own}:{number}", kind=ANSWERED, subject=own, data={"to": "patient"}, due_at=at)
        for number, record in records
        if isinstance(record, ReportAnswered)
    ]
    if answered:
        outbox.enqueue(answered, at=at)
    if not wanted:
        return
    messages = [
        Message(
            key=f"{kind}:{own}:{number}:{patient}:{to.account}", kind=kind, subject=patient, due_at=at,
            data={"account": str(to.account), "as": to.role},
        )
        for number, kind in wanted
        for patient in ((own,) if kind == REPORT else (own, *linked))
        for to in recipients(patient, with_office=kind in KINDS and patient == own)
        if to.account != by.account
    ]  # fmt: skip
    messages += [
        Message(key=f"{TO_PATIENT}:{own}:{number}", kind=TO_PATIENT, subject=own, data={"to": "patient"}, due_at=at)
        for number, kind in wanted
        if kind in (BY_TEST, BY_REPORT)
    ]
    outbox.enqueue(messages, at=at)


def recipients(patient: UUID, *, with_office: bool) -> list[Recipient]:
    """Who must know of a stop of this patient: those whose accounts are open.

    Where nobody of the practice is left, neither the prescriber nor who covers, the office knows in any case.
    """
    row = Patient.objects.select_related("prescriber__user").get(pk=patient)
    found = []
    if row.prescriber is not None:
        if row.prescriber.user.is_active:
            found.append(Recipient(row.prescriber.user_id, "prescriber"))
        found += [Recipient(one.delegate.user_id, "delegate") for one in covering(row.prescriber_id)]
    if with_office or not found:
        officers = User.objects.filter(opened_as=OFFICER, is_active=True).order_by("pk").values_list("pk", flat=True)
        found += [Recipient(account, "officer") for account in officers]
    return found
