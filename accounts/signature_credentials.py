"""The credentials of a signature, checked at that moment: the password, or a passkey bound to the text.

A signature never rests on an earlier sign-in. Five wrong ones in a row lock signing for that account.
"""

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from fido2.server import Fido2Server
from fido2.utils import websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    UserVerificationRequirement,
)
from prometheus_client import Counter

import outbox
from ledger.actor import Actor
from outbox.models import Message

from . import rate_limits
from .events import note
from .models import SigningLockout, User
from .roles import OFFICER
from .trusted_browsers import this_browser

#: So many failed attempts in a row lock signing, for so long.
MAX_FAILED_ATTEMPTS = 5
LOCKOUT = timedelta(minutes=30)

SIGNING_ATTEMPTS = Counter(
    "clearfill_signing_attempts_total", "Credentials given at a signature, by what came of them", ["outcome"]
)


_log = structlog.get_logger("security")


class WrongCredentials(ValueError):
    """The credentials are not this person's."""


class LockedOut(Exception):
    """Too many failed attempts; `until` is when signing is open again."""

    def __init__(self, until: datetime) -> None:
        super().__init__("signing is locked")
        self.until = until


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What the signer gives beside being signed in: the password, or the passkey's answer as JSON."""

    password: str = ""
    assertion: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """The signer proved who they are, for this one statement (its SHA-256, in hex)."""

    statement: str
    means: str
    evidence: Mapping[str, str] | None = None
    #: The name of the browser in which it was given, of which the record keeps a mark; empty where it is not known.
    browser: str = ""


def prove(user: User, credentials: Credentials, *, statement: str, at: datetime) -> Proof:
    """The proof that `user` signs that statement. Raises WrongCredentials, or LockedOut after MAX_FAILED_ATTEMPTS.

    The count, the lock, its note and its messages are one transaction, which holds the person's row: attempts that come
    at once are looked at one after the other, and whatever dies on the way leaves nothing half done.
    """
    with transaction.atomic():
        result = _attempt(user, credentials, statement, at)
    if isinstance(result, Proof):
        return replace(result, browser=this_browser())
    raise result


def _attempt(
    user: User, credentials: Credentials, statement: str, at: datetime
) -> Proof | WrongCredentials | LockedOut:
    """The result of one attempt. A refusal is returned and not raised, so that its count is kept."""
    attempts, until = _count_attempt(user, at)
    if attempts > MAX_FAILED_ATTEMPTS:
        assert until is not None
        return LockedOut(until)
    try:
        proof = (
            _by_passkey(user, credentials, statement)
            if credentials.assertion
            else _by_password(user, credentials, statement)
        )
    except WrongCredentials as refusal:
        SIGNING_ATTEMPTS.labels(outcome="wrong").inc()
        _log.warning("signing_failed", account=str(user.pk), role=user.role)
        if rate_limits.is_rate_limited("signing_failed") or attempts == MAX_FAILED_ATTEMPTS:
            return LockedOut(_lock_out(user, at))
        return refusal
    SigningLockout.objects.filter(pk=user.pk).delete()
    SIGNING_ATTEMPTS.labels(outcome="right").inc()
    return proof


def _count_attempt(user: User, at: datetime) -> tuple[int, datetime | None]:
    """Count this try before it is looked at; how many it makes, and until when signing is locked if it is not right."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_ATTEMPT, {"user": user.pk, "at": at, "most": MAX_FAILED_ATTEMPTS, "until": at + LOCKOUT})
        attempts, until = cursor.fetchone()
    return attempts, until


#: A full count never stands without the end of its lock: it is written with the count, and not moved by later tries.
_COUNT_ATTEMPT = """
INSERT INTO accounts_signinglockout AS t (user_id, failed_attempts) VALUES (%(user)s, 1)
ON CONFLICT (user_id) DO UPDATE SET
    failed_attempts = CASE WHEN t.locked_until <= %(at)s THEN 1 ELSE least(t.failed_attempts + 1, 1000) END,
    locked_until = CASE
        WHEN t.locked_until > %(at)s THEN t.locked_until
        WHEN t.locked_until IS NULL AND t.failed_attempts + 1 >= %(most)s THEN %(until)s
    END
RETURNING failed_attempts, locked_until
"""


def _lock_out(user: User, at: datetime) -> datetime:
    """Lock signing, write it to the account's log, and tell the program office."""
    until = at + LOCKOUT
    SigningLockout.objects.filter(pk=user.pk).update(failed_attempts=MAX_FAILED_ATTEMPTS, locked_until=until)
    note(user.pk, "signing_locked", by=Actor(user.pk, user.opened_as), at=at, data={"until": until.isoformat()})
    officers = User.objects.filter(opened_as=OFFICER, is_active=True).values_list("pk", flat=True)
    messages = [
        Message(
            key=f"signing-locked:{user.pk}:{at.isoformat()}:{officer}", kind="signing-locked", subject=None,
            data={"officer": str(officer)}, due_at=at,
        )
        for officer in officers
    ]  # fmt: skip
    if messages:
        outbox.enqueue(messages, at=at)
    SIGNING_ATTEMPTS.labels(outcome="locked").inc()
    _log.warning("signing_locked", account=str(user.pk), role=user.role)
    return until


def _by_password(user: User, credentials: Credentials, statement: str) -> Proof:
    if not user.check_password(credentials.password):
        raise WrongCredentials
    return Proof(statement=statement, means="password")


def has_passkey(user: User) -> bool:
    """Whether this person can sign with a passkey."""
    return bool(Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN).exists())


def _server() -> Fido2Server:
    """The relying party that allauth's settings describe."""
    party = PublicKeyCredentialRpEntity(**get_adapter().get_public_key_credential_rp_entity())
    any_origin = app_settings.WEBAUTHN_ALLOW_INSECURE_ORIGIN
    return Fido2Server(party, verify_origin=(lambda _origin: True) if any_origin else None)


def _credentials(user: User) -> list[AttestedCredentialData]:
    """The passkeys of this person."""
    rows = Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN)
    found = [row.wrap().authenticator_data.credential_data for row in rows]
    return [credential for credential in found if credential]


def passkey_challenge(user: User, statement: str) -> dict[str, Any]:
    """The options by which the browser asks the passkey to sign this statement, with its owner verified."""
    options, _state = _server().authenticate_begin(
        credentials=_credentials(user),
        user_verification=UserVerificationRequirement.REQUIRED,
        challenge=bytes.fromhex(statement),
    )
    challenge: dict[str, Any] = dict(options)
    return challenge


#: What comes of an answer that no passkey gave: nothing that is sent may be more than wrong.
MALFORMED = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError, ValidationError,
             struct.error)  # fmt: skip


def _by_passkey(user: User, credentials: Credentials, statement: str) -> Proof:
    state = {"challenge": websafe_encode(bytes.fromhex(statement)), "user_verification": "required"}
    try:
        response = AuthenticationResponse.from_dict(json.loads(credentials.assertion))
        credential = _server().authenticate_complete(state, _credentials(user), response)
    except MALFORMED as error:
        raise WrongCredentials from error
    answered = response.response
    evidence = {
        "credential": websafe_encode(credential.credential_id),
        "public_key": websafe_encode(_encoded(credential.public_key)),
        "client_data": websafe_encode(bytes(answered.client_data)),
        "authenticator_data": websafe_encode(bytes(answered.authenticator_data)),
        "signature": websafe_encode(answered.signature),
    }
    return Proof(statement=statement, means="passkey", evidence=evidence)


def _encoded(public_key: Mapping[int, Any]) -> bytes:
    """The key in COSE form."""
    from fido2 import cbor

    encoded: bytes = cbor.encode(dict(public_key))
    return encoded
