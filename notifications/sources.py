"""What messages are rendered from: of one message, looked up when it is asked for; of a digest, for all its lines at
once, so that the number of queries does not grow with them.
"""

from collections.abc import Collection
from datetime import datetime
from functools import cache
from uuid import UUID

from compliance.records.file import File, read_file, read_files_of
from outbox.models import Message
from patients.models import HeldEnrolment, Prescriber

from . import recipients
from .recipients import About


def _has_offers(prescriber: Prescriber) -> bool:
    """Whether a patient is offered to that prescriber."""
    return bool(prescriber.offered.exists())


#: In a message's data: the enrolment that the office held.
HELD = "held"


class Sources:
    """Patients with those around them, their files, prescribers: each looked up once."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self._about: dict[UUID, About] = {}
        self._files: dict[UUID, File] = {}
        self._held: dict[str, HeldEnrolment] = {}
        self.open_prescriber = cache(recipients.open_prescriber)
        self.has_offers = cache(_has_offers)

    @classmethod
    def of_all(cls, messages: Collection[Message], at: datetime) -> "Sources":
        """For these messages, looked up now."""
        sources = cls(at)
        patients = {message.subject for message in messages if message.subject is not None}
        sources._about = recipients.about_each(patients)
        sources._files = read_files_of(list(sources._about), at)
        held = HeldEnrolment.objects.in_bulk({message.data[HELD] for message in messages if HELD in message.data})
        sources._held = {str(pk): case for pk, case in held.items()}
        return sources

    def about(self, patient: UUID | None) -> About | None:
        """The patient, with everybody around them."""
        if patient is not None and patient in self._about:
            return self._about[patient]
        return recipients.about(patient)

    def file(self, patient: UUID) -> File:
        """The file. Raises NotAsRecorded where columns contradict it."""
        return self._files[patient] if patient in self._files else read_file(patient, self.at)

    def held(self, case: str) -> HeldEnrolment:
        """An enrolment that the office held. Raises HeldEnrolment.DoesNotExist."""
        return self._held[case] if case in self._held else HeldEnrolment.objects.get(pk=case)
