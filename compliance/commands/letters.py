"""Invite somebody without an e-mail address by a printed letter with a code.

Printing it again makes another code, and ends the one before. An account whose owner has no address either, and that
two officers have recovered, is opened anew in the same way.
"""

from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from compliance.rules.records import Invited
from compliance.rules.refusals import Refusal
from ledger.actor import Actor
from ledger.idempotency import Refused
from patients import letters
from patients.invitations import MAX_FAILED_ATTEMPTS
from patients.models import Guardian, Invitation, Patient

from .entries import answer_of, enter
from .invitations import new_invitation, over, save_invitation


class PrintedAlready(Exception):
    """The same request made a letter some time ago: its code is shown no more."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter to be printed now."""

    code: str
    expires_at: datetime


def needs_letter(person: Patient | Guardian) -> bool:
    """Whether this person is invited by a letter: without an address, and without an account that they can open."""
    user = person.user
    if person.email or user is None:
        return not person.email
    return user.is_active and not user.address and not user.has_usable_password()


def print_letter(*, patient: UUID, by: Actor, at: datetime, key: UUID, guardian: UUID | None = None) -> Letter:
    """A new invitation with a code. Earlier ones to the same person end.

    Raises EntryRefused, also where the person has an address, NotPermitted, KeyReused; PrintedAlready where the same
    request made a letter some minutes ago.
    """
    invitation = new_invitation(patient, guardian, at, key)
    invitation.code_digest = letters.digest_of(letters.code_of(invitation.pk))
    record = Invited(str(invitation.pk), str(guardian) if guardian else None)
    then = partial(_save_after, invitation, at)
    enter(patient=patient, records=[record], by=by, at=at, key=key, action="print-letter", then=then)
    made = Invitation.objects.select_related("patient", "guardian").get(pk=invitation.pk)
    if over(made, at) is not None or at - made.sent_at > letters.SHOWN_AGAIN:
        raise PrintedAlready
    return Letter(letters.pretty(letters.code_of(made.pk)), made.expires_at)


def _save_after(invitation: Invitation, at: datetime, _numbers: list[int]) -> None:
    """Runs under the patient's lock, as whoever corrects an address."""
    person: Patient | Guardian = Patient.objects.select_related("user").get(pk=invitation.patient_id)
    if invitation.guardian_id is not None:
        person = Guardian.objects.select_related("user").get(pk=invitation.guardian_id)
    if not needs_letter(person):
        raise Refused("has-an-address", answer=answer_of([(0, Refusal("", "has-an-address"))]))
    save_invitation(invitation, at)


#: Counted before it is looked at whose it is: tries that come at once are each counted.
_COUNT_ATTEMPT = """
UPDATE patients_invitation SET failed_attempts = failed_attempts + 1
WHERE code_digest = ANY(%(digests)s) AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > %(at)s
  AND failed_attempts < %(most)s
RETURNING id
"""


def find(*, code: str, born_on: date, at: datetime) -> Invitation | None:
    """The invitation of a letter, by its code and the patient's birth date; None where it cannot be accepted.

    A code that is wrong, over or locked does not differ from a wrong birth date, by the work done either. After
    MAX_FAILED_ATTEMPTS wrong birth dates a code is locked.
    """
    values: dict[str, Any] = {
        "digests": letters.digests_of(letters.normalise(code)),
        "at": at,
        "most": MAX_FAILED_ATTEMPTS,
    }
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_COUNT_ATTEMPT, values)
            row = cursor.fetchone()
        rows = Invitation.objects.select_related("patient", "guardian__user", "patient__user")
        invitation = rows.filter(pk=row[0] if row else UUID(int=0), patient__born_on=born_on).first()
        if invitation is not None:
            invitation.failed_attempts -= 1
            invitation.save(update_fields=["failed_attempts"])
    return invitation
