"""The link by which one kind of message is switched off, by who got it, on the channel by which it came (RFC 8058).

It needs no sign-in: whoever has the message may end such messages, and nothing else. It says nothing of anybody.
"""

import json
from dataclasses import astuple
from datetime import datetime
from functools import partial
from uuid import UUID, uuid4

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.urls import reverse

from accounts.roles import ROLES
from ledger.actor import Actor
from ledger.encryption import cipher
from ledger.idempotency import Request, Result, no_lock, once

from .kinds import KINDS
from .preferences import SIDE_OF_ROLE, Box, is_required, write

_PURPOSE = "notifications.unsubscribe"


def link(owner: UUID, box: Box) -> str:
    """The link that switches this off for that owner."""
    token = cipher(_PURPOSE).encrypt(json.dumps([str(owner), *astuple(box)]).encode()).decode()
    return f"{settings.SITE_URL}{reverse('own_account:switch_off', kwargs={'token': token})}"


def box_of_token(token: str) -> tuple[UUID, Box] | None:
    """What a link switches off, and for whom; None for one that was not made here, or whose kind is required now."""
    try:
        owner, side, kind, channel = json.loads(cipher(_PURPOSE).decrypt(token))
    except (InvalidToken, ValueError):
        return None
    if kind not in KINDS or is_required(side, KINDS[kind]):
        return None
    return UUID(owner), Box(side, kind, channel)


def switch_off(owner: UUID, box: Box, *, at: datetime) -> None:
    """Switch it off. To do so twice is to do it once."""
    role = next(role for role in ROLES if SIDE_OF_ROLE[role] == box.side)
    # Each press is a request of its own: it may have been switched on again since the one before.
    request = Request(action="unsubscribe", by=Actor(owner, role), at=at, key=uuid4(), body={"box": box.code})
    once(request, no_lock, partial(_switch_off, owner, box, request))


def _switch_off(owner: UUID, box: Box, request: Request, _locked: None) -> Result:
    write(owner, {box: False}, at=request.at)
    return Result(subject=owner)
