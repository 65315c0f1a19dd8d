"""What the settings of an installation must be. Each function raises ImproperlyConfigured with one sentence."""

import ipaddress
import warnings
from collections.abc import Callable, Mapping, Sequence
from email.utils import parseaddr
from typing import Any
from urllib.parse import SplitResult, parse_qs, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import EmailValidator

#: A variable that only an installation sets. With one of them, a forgotten DATABASE_URL is no developer's shell.
INSTALLATION_VARIABLES = (
    "DATABASE_OWNER_URL", "SECRET_KEY", "ALLOWED_HOSTS", "SITE_URL", "EMAIL_URL", "DEFAULT_FROM_EMAIL",
    "REPLY_TO_EMAIL", "KEYS_FOLDER",
)  # fmt: skip

_SMTP = "django.core.mail.backends.smtp.EmailBackend"
_WAYS = "smtp+tls://USER:PASSWORD@HOST:587 or smtp+ssl://USER:PASSWORD@HOST:465"

#: Domains that nobody has (RFC 2606).
_NOBODYS = (".localhost", ".invalid", ".test", ".example")

#: What proves a role to PostgreSQL beside a password.
_OTHER_PROOFS = frozenset({"sslcert", "passfile", "service"})


class Environment(environ.Env):  # type: ignore[misc]  # it has no types
    """Each variable as it stands. What begins with a dollar sign would be read as another variable's name."""

    def get_value(
        self, var: str, cast: Any = None, default: Any = environ.Env.NOTSET, parse_default: bool = False
    ) -> Any:
        """The variable, as `cast`."""
        found = self.ENVIRON.get(var, "")
        if found.startswith("$"):
            return self.parse_value(found, cast)
        return super().get_value(var, cast, default, parse_default)


def read[V](name: str, parse: Callable[[str], V], of: str = "") -> V:
    """What `parse` makes of the variable's name, or of a text of it.

    What cannot be read is said without the value, which may hold a password: nor is a warning of `parse` shown.
    """
    try:
        with warnings.catch_warnings(action="ignore"):
            return parse(of or name)
    except (ValueError, TypeError, ImproperlyConfigured):
        raise ImproperlyConfigured(f"{name} cannot be read: see docs/installing.md for its form.") from None


def check_database(name: str, address: Mapping[str, Any]) -> None:
    """A PostgreSQL address that names its role and its database; elsewhere, with a password and encrypted."""
    if "postgresql" not in str(address.get("ENGINE")):
        raise ImproperlyConfigured("DATABASE_URL and DATABASE_OWNER_URL must be PostgreSQL addresses (postgres://…).")
    if not address.get("USER") or not address.get("NAME"):
        raise ImproperlyConfigured(f"{name} must name a role and a database (postgres://ROLE:PASSWORD@HOST/DATABASE).")
    hosts, asks = str(address.get("HOST") or "").split(","), address.get("OPTIONS", {})
    if not (address.get("PASSWORD") or asks.keys() & _OTHER_PROOFS or all(map(_is_here, hosts))):
        raise ImproperlyConfigured(f"{name} must have the role's password: its PostgreSQL is not on this machine.")
    if asks.get("sslmode") != "verify-full" and not all(map(_is_near, hosts)):
        raise ImproperlyConfigured(f"{name} must end in ?sslmode=verify-full: its PostgreSQL is on another machine.")


def check_role(role: str) -> None:
    """What serves is no superuser: it could change what was recorded."""
    if role == "postgres":
        raise ImproperlyConfigured("DATABASE_URL must name the role that serves: postgres may change every record.")


def check_redis(address: str) -> None:
    """An address that the queue understands; elsewhere, with a password and encrypted."""
    if not address.startswith(("redis://", "rediss://", "unix://", "redis+socket://")):
        raise ImproperlyConfigured("REDIS_URL must be the address of Redis (redis://, rediss:// or unix://).")
    parts = read("REDIS_URL", _split, address)
    if parts.scheme not in ("redis", "rediss"):
        return
    if parts.path.strip("/") and not parts.path.strip("/").isdigit():
        raise ImproperlyConfigured("REDIS_URL must end in the number of a database (redis://:PASSWORD@HOST:6379/0).")
    asks = parse_qs(parts.query).get("ssl_cert_reqs", ["required"])[-1]
    if parts.scheme == "rediss" and asks not in ("required", "CERT_REQUIRED"):
        raise ImproperlyConfigured("REDIS_URL must end in ?ssl_cert_reqs=required: else anybody could answer for it.")
    if not _is_near(parts.hostname or "") and (parts.scheme != "rediss" or not parts.password):
        raise ImproperlyConfigured("REDIS_URL must begin with rediss:// and have a password: it is on another machine.")


def verifying(address: str) -> str:
    """The address of Redis, which asks for its certificate: to say nothing of it would mean to take any."""
    parts = read("REDIS_URL", _split, address)
    if parts.scheme != "rediss" or "ssl_cert_reqs" in parse_qs(parts.query):
        return address
    return f"{address}{'&' if parts.query else '?'}ssl_cert_reqs=required"


def check_secret(key: str, fallbacks: Sequence[str]) -> None:
    """Long, varied and nobody else's; so are those before it, by which links are still read."""
    if _is_weak(key):
        raise ImproperlyConfigured("SECRET_KEY must be set to a random text of at least 50 characters.")
    if any(map(_is_weak, fallbacks)):
        raise ImproperlyConfigured("SECRET_KEY_FALLBACKS must hold former keys, each of at least 50 characters.")


def _is_weak(key: str) -> bool:
    """Too short, of few letters, a short piece again and again, or known from a source text."""
    is_known = key.startswith(("local-only", "django-insecure"))
    is_repeated = any(key[length:] == key[:-length] for length in range(1, 16))
    return len(key) < 50 or len(set(key)) < 10 or is_repeated or is_known


def check_site(url: str, hosts: Sequence[str], origins: Sequence[str]) -> None:
    """The address by HTTPS, a host of it that is answered, and no wildcard among the hosts."""
    if not hosts or any(map(_answers_everybody, hosts)):
        raise ImproperlyConfigured("ALLOWED_HOSTS must name the hosts that this site answers to.")
    address = read("SITE_URL", _split, url)
    if not _is_origin(address):
        raise ImproperlyConfigured("SITE_URL must be the address of this site, such as https://clearfill.example.org.")
    if not any(_answers(host.lower(), address.hostname or "") for host in hosts):
        raise ImproperlyConfigured("ALLOWED_HOSTS must name the host of SITE_URL: no link to it would be answered.")
    if not all(_is_origin(read("CSRF_TRUSTED_ORIGINS", _split, origin)) for origin in origins):
        raise ImproperlyConfigured("CSRF_TRUSTED_ORIGINS must be addresses that begin with https://, without *.")


def _answers_everybody(pattern: str) -> bool:
    """All hosts, or all of a domain that is everybody's, such as `.org`."""
    name = pattern.strip()
    return name.strip(".") in ("", "*") or (name.startswith(".") and "." not in name.strip("."))


def _answers(pattern: str, host: str) -> bool:
    return pattern == host or (pattern.startswith(".") and f".{host}".endswith(pattern))


def _is_origin(address: SplitResult) -> bool:
    """HTTPS and one host, and nothing else."""
    is_more = address.path or address.query or address.fragment or "@" in address.netloc
    return address.scheme == "https" and bool(address.hostname) and "*" not in address.netloc and not is_more


def check_mail(mail: Mapping[str, Any] | None, provider: str) -> None:
    """A mail server that is reached encrypted, or a provider: links that open something go by mail alone."""
    if provider:
        return
    if mail is None:
        raise ImproperlyConfigured(f"EMAIL_URL must name the mail server: {_WAYS}.")
    if mail.get("EMAIL_BACKEND") != _SMTP or not mail.get("EMAIL_HOST"):
        raise ImproperlyConfigured(f"EMAIL_URL must name the mail server that sends to people: {_WAYS}.")
    encrypted = mail.get("EMAIL_USE_TLS") or mail.get("EMAIL_USE_SSL")
    if not encrypted and not _is_near(str(mail["EMAIL_HOST"])):
        raise ImproperlyConfigured(f"EMAIL_URL must name the mail server with encryption, as it is elsewhere: {_WAYS}.")


def check_senders(sender: str, reply_to: str) -> None:
    """Who sends, and where answers go."""
    if not _is_mailbox(sender):
        raise ImproperlyConfigured("DEFAULT_FROM_EMAIL must be the sender of messages: Clearfill <no-reply@DOMAIN>.")
    if not _is_mailbox(reply_to):
        raise ImproperlyConfigured("REPLY_TO_EMAIL must be a mailbox that somebody reads: Clearfill <help@DOMAIN>.")


def _is_mailbox(text: str) -> bool:
    """A name and an address in one line, or an address alone, at a domain that somebody may have."""
    address = parseaddr(text)[1]
    try:
        EmailValidator(allowlist=[])(address)
    except ValidationError:
        return False
    return text.isprintable() and not address.lower().endswith(_NOBODYS)


def check_demo(mail: Mapping[str, Any] | None, provider: str) -> None:
    """The demo and a developer's shell send nothing to another machine."""
    if provider or (mail is not None and not _is_near(str(mail.get("EMAIL_HOST") or ""))):
        raise ImproperlyConfigured(
            "DEMO and DEBUG must be off where mail goes to people: they show what opens accounts."
        )


def check_debug(url: str, hosts: Sequence[str]) -> None:
    """A developer's shell is reached from this machine alone."""
    if not all(map(_is_here, [read("SITE_URL", _split, url).hostname or "", *hosts])):
        raise ImproperlyConfigured("DEBUG must be off where others reach the site: its pages of errors show the data.")


def _split(url: str) -> SplitResult:
    parts = urlsplit(url)
    _ = parts.port  # raises ValueError where it is none
    return parts


def _is_here(host: str) -> bool:
    """On this machine: its loopback, or a socket."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return not host or host.startswith("/") or f".{host}".endswith(".localhost")


def _is_near(host: str) -> bool:
    """On this machine, or a name without a dot: a service beside this one in compose's private network."""
    return _is_here(host) or not {".", ":"} & set(host)
