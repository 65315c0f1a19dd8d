"""What the settings of an installation must be. Each function raises ImproperlyConfigured with one sentence."""

import ipaddress
from collections.abc import Callable, Mapping, Sequence
from email.utils import parseaddr
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email

#: A variable that only an installation sets. With one of them, a forgotten DATABASE_URL is no developer's shell.
INSTALLATION_VARIABLES = (
    "DATABASE_OWNER_URL", "SECRET_KEY", "ALLOWED_HOSTS", "SITE_URL", "EMAIL_URL", "DEFAULT_FROM_EMAIL", "KEYS_FOLDER",
)  # fmt: skip

_SMTP = "django.core.mail.backends.smtp.EmailBackend"
_WAYS = "smtp+tls://USER:PASSWORD@HOST:587 or smtp+ssl://USER:PASSWORD@HOST:465"


def read[V](name: str, parse: Callable[[str], V]) -> V:
    """The variable as `parse` reads it; what cannot be read is said without the value, which may hold a password."""
    try:
        return parse(name)
    except (ValueError, TypeError, ImproperlyConfigured):
        raise ImproperlyConfigured(f"{name} cannot be read: see docs/installing.md for its form.") from None


def check_database(name: str, address: Mapping[str, Any]) -> None:
    """A PostgreSQL address that names its role and its database."""
    if "postgresql" not in str(address.get("ENGINE")):
        raise ImproperlyConfigured("DATABASE_URL and DATABASE_OWNER_URL must be PostgreSQL addresses (postgres://…).")
    if not address.get("USER") or not address.get("NAME"):
        raise ImproperlyConfigured(f"{name} must name a role and a database (postgres://ROLE:PASSWORD@HOST/DATABASE).")


def check_redis(address: str) -> None:
    """An address that the queue understands."""
    if not address.startswith(("redis://", "rediss://", "unix://", "redis+socket://")):
        raise ImproperlyConfigured("REDIS_URL must be the address of Redis (redis://, rediss:// or unix://).")


def check_secret(key: str, fallbacks: Sequence[str]) -> None:
    """Long and varied; so are those before it, by which links are still read."""
    if _is_weak(key) or key.startswith(("local-only", "django-insecure")):
        raise ImproperlyConfigured("SECRET_KEY must be set to a random text of at least 50 characters.")
    if any(_is_weak(fallback) for fallback in fallbacks):
        raise ImproperlyConfigured("SECRET_KEY_FALLBACKS must hold former keys, each of at least 50 characters.")


def _is_weak(key: str) -> bool:
    return len(key) < 50 or len(set(key)) < 10


def check_site(url: str, hosts: Sequence[str], origins: Sequence[str]) -> None:
    """The address by HTTPS, a host of it that is answered, and no wildcard among the hosts."""
    if not hosts or any(host.strip() in ("", "*") for host in hosts):
        raise ImproperlyConfigured("ALLOWED_HOSTS must name the hosts that this site answers to.")
    address = urlsplit(url)
    if address.scheme != "https" or not address.hostname or address.path or address.query:
        raise ImproperlyConfigured("SITE_URL must be the address of this site, such as https://clearfill.example.org.")
    if not any(_answers(host.lower(), address.hostname) for host in hosts):
        raise ImproperlyConfigured("ALLOWED_HOSTS must name the host of SITE_URL: no link to it would be answered.")
    if not all(origin.startswith("https://") and "*" not in origin for origin in origins):
        raise ImproperlyConfigured("CSRF_TRUSTED_ORIGINS must be addresses that begin with https://, without *.")


def _answers(pattern: str, host: str) -> bool:
    return pattern == host or (pattern.startswith(".") and f".{host}".endswith(pattern))


def check_mail(mail: Mapping[str, Any] | None, sender: str) -> None:
    """A mail server that is reached encrypted, and a sender: links that open something go by mail, and nowhere else."""
    if mail is None:
        raise ImproperlyConfigured(f"EMAIL_URL must be the address of the mail server: {_WAYS}.")
    if mail.get("EMAIL_BACKEND") != _SMTP or not mail.get("EMAIL_HOST"):
        raise ImproperlyConfigured(f"EMAIL_URL must name a mail server that sends to people: {_WAYS}.")
    encrypted = mail.get("EMAIL_USE_TLS") or mail.get("EMAIL_USE_SSL")
    if not encrypted and not _is_near(str(mail["EMAIL_HOST"])):
        raise ImproperlyConfigured(f"EMAIL_URL must ask a mail server on another machine for encryption: {_WAYS}.")
    address = parseaddr(sender)[1]
    try:
        validate_email(address)
    except ValidationError:
        address = ""
    if not address or address.lower().endswith((".invalid", ".localhost")):
        raise ImproperlyConfigured("DEFAULT_FROM_EMAIL must be the sender of messages: Clearfill <no-reply@DOMAIN>.")


def _is_near(host: str) -> bool:
    """On this machine, or a name without a dot: a service beside this one in compose's private network."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return "." not in host
