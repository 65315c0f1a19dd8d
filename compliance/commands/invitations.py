"""Invite a patient or a guardian to sign, and accept an invitation."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from uuid import UUID, uuid5

from django.contrib.auth.password_validation import validate_password
from django.db import IntegrityError
from django.db.models import F

import outbox
from accounts.events import lock, note
from accounts.failed_attempts import reset
from accounts.models import User
from accounts.roles import GUARDIAN, PATIENT
from compliance.records.programs import program_day, program_of
from compliance.rules.days import age
from compliance.rules.editions import Program
from compliance.rules.records import InvitationAccepted, Invited
from ledger.actor import Actor
from ledger.idempotency import KeyReused, Refused, Request, Result, once
from outbox.models import Message
from patients.invitations import LIFETIME
from patients.models import Guardian, Invitation, Patient

from . import joining
from .decide import Locked, by_id
from .entries import enter


class NotAccepted(Exception):
    """The invitation cannot be accepted; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def invite(*, patient: UUID, by: Actor, at: datetime, key: UUID, guardian: UUID | None = None) -> UUID:
    """Send an invitation to the patient, or to a guardian of theirs. Earlier ones to the same person end."""
    invitation = new_invitation(patient, guardian, at, key)

    record = Invited(str(invitation.id), str(guardian) if guardian else None)
    then = partial(_save_after, invitation, at)
    enter(patient=patient, records=[record], by=by, at=at, key=key, action="invite", then=then)
    return invitation.id


def new_invitation(patient: UUID, guardian: UUID | None, at: datetime, key: UUID) -> Invitation:
    """An invitation that is not saved yet. Its id follows from the request's key: a retry names the same one."""
    name = f"{patient}:{guardian or ''}"
    return Invitation(
        id=uuid5(key, name), patient_id=patient, guardian_id=guardian, sent_at=at, expires_at=at + LIFETIME
    )


def _save_after(invitation: Invitation, at: datetime, _numbers: list[int]) -> None:
    save_invitation(invitation, at)


def save_invitation(invitation: Invitation, at: datetime) -> None:
    """Save it, end the earlier ones to the same person, and enqueue the message of one that goes by mail."""
    earlier = Invitation.objects.filter(
        patient=invitation.patient_id, guardian=invitation.guardian_id, accepted_at=None, revoked_at=None
    )
    earlier.update(revoked_at=at)
    invitation.save(force_insert=True)
    if invitation.code_digest:
        return
    message = Message(
        key=f"invitation:{invitation.id}",
        kind="invitation",
        subject=invitation.patient_id,
        data={"invitation": str(invitation.id)},
        due_at=at,
    )
    outbox.enqueue([message], at=at)


class NotTheirPassword(KeyReused):
    """The request that opened the account came again, with another password. `account` is who signs in to it."""

    def __init__(self, account: User) -> None:
        super().__init__()
        self.account = account


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """Credentials for accepting an invitation: the patient's birth date, and a password for a new account.

    Or the account of who is signed in, with the address to which the invitation went: it gets another place.
    By the code of a letter there is no address: a new account signs in by `user_name`.
    """

    born_on: date
    password: str
    account: User | None = None
    user_name: str = ""
    language: str = "en"


def accept(*, invitation: UUID, acceptance: Acceptance, at: datetime, key: UUID) -> User:
    """Open the account that goes with the invitation. The same request once more gets the same account.

    By a letter, the account that two officers have recovered is opened with a new password.
    Raises NotAccepted: `invitation-unknown`, `-used`, `-expired`, `-locked`, `-of-age`, `birth-date-wrong`,
    `email-taken`, `user-name-taken`, or why the account cannot take the place (`joining.REASONS`).
    A wrong birth date is counted, so it is committed although nothing else is. Raises KeyReused.
    Raises ValidationError for a password that is made of the invited person's own words: asked only now, because it
    says what the words are. Raises NotTheirPassword where the same request comes with another password.
    """
    account = str(acceptance.account.pk) if acceptance.account else None
    body = {"invitation": str(invitation), "born_on": acceptance.born_on.isoformat(), "account": account}
    request = Request(action="open-account", by=invited(invitation), at=at, key=key, body=body)
    answer = once(request, partial(_locked, invitation), partial(_accept, acceptance, request))
    if answer["codes"]:
        raise NotAccepted(answer["codes"][0])
    user = User.objects.get(pk=answer["account"])
    if answer["repeated"] and acceptance.password and not user.check_password(acceptance.password):
        raise NotTheirPassword(user)
    return user


def invited(invitation: UUID) -> Actor:
    """The actor who holds the link of that invitation and has no account yet."""
    return Actor(uuid5(_INVITED, str(invitation)), "invited")


#: Under this name the holders of invitations act: none of them is an account.
_INVITED = UUID("8f0a3c46-2f53-5d0e-8a57-6c8f0f1f7b7e")


def _accept(acceptance: Acceptance, request: Request, invitation: Invitation | None) -> Result:
    """Runs under the locks of the patient and the invitation."""
    code = _why_not(invitation, acceptance, request.at)
    if invitation is None or code is not None:
        if code == "birth-date-wrong" and invitation is not None:
            Invitation.objects.filter(pk=invitation.pk).update(failed_attempts=F("failed_attempts") + 1)
        return Result(codes=(code or "invitation-unknown",), subject=invitation.patient_id if invitation else None)
    if acceptance.password:
        owner = User(name=person_of(invitation).name, email=_address(invitation), user_name=acceptance.user_name)
        validate_password(acceptance.password, owner)
    user = _open_account(invitation, acceptance, request.at, request.key)
    answer = {"account": str(user.pk), "joined": acceptance.account is not None}
    return Result(subject=invitation.patient_id, answer=answer)


def _locked(invitation: UUID) -> Invitation | None:
    """The patient's row is locked first, as by whoever sends another invitation meanwhile."""
    patient = Invitation.objects.filter(pk=invitation).values_list("patient", flat=True).first()
    if patient is None or by_id(patient)() is None:
        return None
    rows = Invitation.objects.select_for_update(of=("self",)).select_related("patient", "guardian")
    return rows.filter(pk=invitation).first()


def over(invitation: Invitation, at: datetime) -> str | None:
    """Why it is accepted no more, as `Invitation.over`; a guardian's also from the day the patient is of age."""
    code = invitation.over(at)
    if (
        code is None
        and invitation.guardian_id is not None
        and not under_age(invitation.patient.born_on, at, program_of(invitation.patient.program))
    ):
        return "invitation-of-age"
    return code


def under_age(born_on: date, at: datetime, program: Program) -> bool:
    """Whether one born on `born_on` signs with a guardian at `at`."""
    return age(born_on, program_day(at, program)) < program.adult_age


def _why_not(invitation: Invitation | None, acceptance: Acceptance, at: datetime) -> str | None:
    if invitation is None:
        return "invitation-unknown"
    if (code := over(invitation, at)) is not None:
        return code
    if invitation.patient.born_on != acceptance.born_on:
        return "birth-date-wrong"
    if (user := person_of(invitation).user) is not None and not _is_opened_anew(user, invitation, acceptance):
        return "invitation-used"
    account = acceptance.account or joining.account_at(_address(invitation))
    if account is None:
        return _why_not_named(acceptance.user_name) if user is None or not user.user_name else None
    if (code := joining.why_not(invitation, account)) is not None:
        return code
    return None if acceptance.account is not None else "email-taken"


def _is_opened_anew(user: User, invitation: Invitation, acceptance: Acceptance) -> bool:
    """Whether the letter opens an account that is there: its owner cannot sign in, and nobody else is signed in."""
    usable = user.has_usable_password() or bool(user.address)
    return bool(invitation.code_digest) and acceptance.account is None and user.is_active and not usable


def _why_not_named(user_name: str) -> str | None:
    return "user-name-taken" if user_name and User.objects.filter(user_name=user_name).exists() else None


def person_of(invitation: Invitation) -> Guardian | Patient:
    """Who is invited."""
    return invitation.guardian or invitation.patient


_address = joining.address_of


def _open_account(invitation: Invitation, acceptance: Acceptance, at: datetime, key: UUID) -> User:
    patient, guardian = invitation.patient, invitation.guardian
    before = person_of(invitation).user
    user = acceptance.account or before or _new_account(invitation, acceptance)
    Invitation.objects.filter(pk=invitation.pk).update(accepted_at=at)
    by = Actor(user.id, GUARDIAN if guardian else PATIENT, None if guardian else patient.id)
    record = InvitationAccepted(str(invitation.id), str(user.id), str(guardian.id) if guardian else None)
    # The row names the account once the record does.
    enter(
        patient=patient.id, records=[record], by=by, at=at, key=key, action="accept-invitation",
        relation=partial(_is_account, user.id),
    )  # fmt: skip
    joining.take_language(user, invitation)
    return user if before is None else _open_anew(before.pk, acceptance, by, at, key)


def _new_account(invitation: Invitation, acceptance: Acceptance) -> User:
    try:
        return User.objects.create_user(
            email=_address(invitation), user_name=acceptance.user_name, password=acceptance.password or None,
            name=person_of(invitation).name, role=GUARDIAN if invitation.guardian_id else PATIENT,
        )  # fmt: skip
    except IntegrityError:  # somebody else has just taken it
        taken = "user-name-taken" if acceptance.user_name else "email-taken"
        raise Refused(taken, subject=invitation.patient_id) from None


def _open_anew(account: UUID, acceptance: Acceptance, by: Actor, at: datetime, key: UUID) -> User:
    """The account that two officers have recovered gets another password, and a user name where it has none."""
    lock(account)
    user = User.objects.get(pk=account)
    if user.has_usable_password() or user.address:
        raise Refused("invitation-used", subject=by.acting_for)
    user.user_name = user.user_name or acceptance.user_name
    user.set_password(acceptance.password)
    try:
        user.save(update_fields=["user_name", "password"])
    except IntegrityError:  # somebody else has just taken it
        raise Refused("user-name-taken", subject=by.acting_for) from None
    reset(user)
    note(account, "password_chosen", by=by, at=at, key=uuid5(key, "password"))
    return user


def _is_account(account: UUID, by: Actor, locked: Locked) -> bool:
    return by.account == account
