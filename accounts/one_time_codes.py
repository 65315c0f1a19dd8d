"""One-time codes of an authenticator app (RFC 6238): which one is taken, which is late, and each of them once.

A code is taken in its own step of 30 seconds, in the one after it (it was typed slowly), and in the one before it (a
telephone's clock runs fast): NIST SP 800-63B-4, section 3.1.4. A late one, or one that was used, was the owner's
nevertheless: it is refused, and costs no try.
"""

import time
from base64 import b32decode
from enum import Enum
from hmac import compare_digest

from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.db import transaction

#: So many steps before the present one a code is known again as late.
LATE_STEPS = 20

#: Under this name an authenticator keeps the step of the code that was used last.
USED_STEP = "used_step"


class Verdict(Enum):
    """What a code is worth."""

    RIGHT = "right"
    LATE = "late"
    WRONG = "wrong"


def judge(app: Authenticator, code: str) -> Verdict:
    """What this code of an authenticator app is worth now. Nothing is written."""
    step = _step_of(get_adapter().decrypt(app.data["secret"]), code)
    if step is None:
        return Verdict.WRONG
    return Verdict.RIGHT if step >= _oldest_taken() and step > app.data.get(USED_STEP, 0) else Verdict.LATE


def use(app: Authenticator, code: str) -> bool:
    """Use up a code, and those before it; False where another request has used it first."""
    step = _step_of(get_adapter().decrypt(app.data["secret"]), code)
    return step is not None and _use_step(app, step)


def _use_step(app: Authenticator, step: int) -> bool:
    with transaction.atomic():
        row = Authenticator.objects.select_for_update().get(pk=app.pk)
        if row.data.get(USED_STEP, 0) >= step:
            return False
        row.data[USED_STEP] = step
        row.save(update_fields=["data"])
    return True


def _step_of(secret: str, code: str) -> int | None:
    """The step to which the code belongs: the next, the present, or one of those before; None for any other code."""
    typed = "".join(code.split())
    # SHA-1 is what authenticator apps compute with (RFC 6238); here it signs nothing.
    app = TOTP(
        b32decode(secret, casefold=True), app_settings.TOTP_DIGITS, SHA1(), app_settings.TOTP_PERIOD,  # noqa: S303  # nosec B303
        enforce_key_length=False,
    )  # fmt: skip
    steps = range(_now() + app_settings.TOTP_TOLERANCE, _now() - LATE_STEPS - 1, -1)
    matching = [step for step in steps if compare_digest(app.generate(step * app_settings.TOTP_PERIOD), typed.encode())]
    return matching[0] if matching else None


def _now() -> int:
    return int(time.time() // app_settings.TOTP_PERIOD)


def _oldest_taken() -> int:
    return _now() - int(app_settings.TOTP_TOLERANCE)
