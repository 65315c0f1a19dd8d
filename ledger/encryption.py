"""Encryption of what stands in the database and nobody reads there: by keys that follow from SECRET_KEY, one a purpose.

The keys before the present one (`SECRET_KEY_FALLBACKS`) decrypt, too.
"""

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.utils.crypto import salted_hmac


def cipher(purpose: str) -> MultiFernet:
    """Encrypts and decrypts for that purpose; what was encrypted for another raises `InvalidToken`."""
    return MultiFernet([_fernet(purpose, secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _fernet(purpose: str, secret: str) -> Fernet:
    return Fernet(urlsafe_b64encode(salted_hmac(purpose, "", secret=secret, algorithm="sha256").digest()))
