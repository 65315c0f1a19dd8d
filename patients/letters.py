"""The code of a printed letter, by which somebody without an e-mail address accepts an invitation.

The code follows from the invitation and from SECRET_KEY, as a link does: it stands on the letter and nowhere else. The
database has a keyed hash of it, by which the invitation is found.
"""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.utils.crypto import salted_hmac

from .numbers import ALPHABET
from .numbers import normalise as normalise_number

#: Characters of a code, in groups of four: some 59 bits, beside limits on tries.
LENGTH = 12
GROUP = 4

#: For how long the same press of the button shows the same letter, as after a double click or a lost answer.
SHOWN_AGAIN = timedelta(minutes=10)

_CODE, _DIGEST = "patients.letter-code", "patients.letter-digest"


def code_of(invitation: UUID) -> str:
    """The code of that invitation's letter."""
    number = int.from_bytes(salted_hmac(_CODE, invitation.hex, algorithm="sha256").digest())
    return "".join(ALPHABET[number // len(ALPHABET) ** place % len(ALPHABET)] for place in range(LENGTH))


def normalise(text: str) -> str:
    """The code from what a person typed: spaces, dashes and small letters do not matter."""
    return normalise_number(text)


def pretty(code: str) -> str:
    """In groups, to be typed from paper."""
    return "-".join(code[start : start + GROUP] for start in range(0, len(code), GROUP))


def digest_of(code: str) -> str:
    """The keyed hash under which the invitation of a code is kept."""
    return digests_of(code)[0]


def digests_of(code: str) -> list[str]:
    """The same by each key that is known: a letter outlives the change of a key."""
    secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return [salted_hmac(_DIGEST, code, secret=secret, algorithm="sha256").hexdigest() for secret in secrets]
