"""The second factors of the demo's staff: an app whose key follows from the address, known to everybody."""

import hashlib
import time
from base64 import b32decode, b32encode

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP


def _key(email: str) -> bytes:
    return hashlib.sha256(f"clearfill-demo:{email}".encode()).digest()[:20]


def secret_of(email: str) -> str:
    """The key to type into an app."""
    return b32encode(_key(email)).decode()


def code_of(email: str, at: float | None = None) -> str:
    """The code that the app of this demo person shows at that moment, in seconds since 1970 (default: now)."""
    return code_for(secret_of(email), at)


def code_for(secret: str, at: float | None = None) -> str:
    """The code that an app with that key shows at that moment, in seconds since 1970 (default: now)."""
    # SHA-1 is what authenticator apps compute with (RFC 6238); here it signs nothing.
    app = TOTP(b32decode(secret), 6, SHA1(), 30, enforce_key_length=False)  # noqa: S303  # nosec B303
    return app.generate(int(time.time() if at is None else at)).decode()
