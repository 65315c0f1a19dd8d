"""Encryption by keys that follow from SECRET_KEY, one for each purpose; the keys before the present one still open."""

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.utils.crypto import salted_hmac


def box(purpose: str) -> MultiFernet:
    """What encrypts and decrypts for that purpose, and opens nothing of any other."""
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return MultiFernet([Fernet(_key(purpose, key)) for key in keys])


def _key(purpose: str, secret: str) -> bytes:
    return urlsafe_b64encode(salted_hmac(purpose, "", secret=secret, algorithm="sha256").digest())
