"""Answers on the way to a signature. A *no* stays here, and the prescriber is told that there is one."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

import outbox
from compliance.models import Draft
from outbox.models import Message


def read(*, patient: UUID, account: UUID, what: str) -> dict[str, object]:
    """The answers so far; empty when there are none."""
    found = Draft.objects.filter(patient=patient, account=account, what=what).values_list("answers", flat=True).first()
    return dict(found or {})


def save(*, patient: UUID, account: UUID, what: str, answers: Mapping[str, object], at: datetime) -> None:
    """Keep the answers so far. A first *no* is told to the prescriber, by no more than that there is one."""
    with transaction.atomic():
        Draft.objects.update_or_create(
            patient_id=patient, account_id=account, what=what, defaults={"answers": dict(answers), "updated_at": at}
        )
        if any(answer is False for answer in answers.values()):
            message = Message(
                key=f"declined:{patient}:{account}:{what}", kind="declined", subject=patient, data={}, due_at=at
            )
            outbox.lay([message], at=at)


def forget(*, patient: UUID, account: UUID, what: str) -> None:
    """The answers became a record; the draft goes."""
    Draft.objects.filter(patient=patient, account=account, what=what).delete()


def declined(patient: UUID) -> list[str]:
    """What the patient or a guardian answered *no* to and has not signed since, by the draft's name."""
    rows = Draft.objects.filter(patient=patient, what__startswith="consent:").values_list("what", "answers")
    return sorted({what for what, answers in rows if any(answer is False for answer in answers.values())})
