"""Patients of the demo who chose text messages: the outbox page shows what they get."""

from datetime import datetime

from accounts.models import TextNumber
from accounts.roles import PATIENT
from notifications import preferences
from notifications.kinds import KINDS
from notifications.preferences import Box
from outbox.channels import EMAIL, SMS

from .patient_factory import PatientFactory


def choose_texts(factory: PatientFactory, *, and_emails: bool, at: datetime) -> None:
    """The patient has confirmed the number in the file, and chose texts of whatever may come as one."""
    patient = factory.patient
    patient.refresh_from_db()
    assert patient.user_id is not None
    TextNumber.objects.create(user_id=patient.user_id, number=patient.phone, confirmed_at=at)
    kinds = [kind.code for kind in KINDS.values() if kind.is_for(PATIENT) and SMS in kind.channels]
    is_on = {SMS: True, EMAIL: and_emails}
    preferences.write(
        patient.user_id, {Box(PATIENT, code, channel): is_on[channel] for code in kinds for channel in is_on}, at=at
    )
