"""Providers that send e-mails by their API, through django-anymail: an address of `EMAIL_URL` for each.

Each tells of what came back at `/mail/events`, proved by `EMAIL_WEBHOOK_SECRET`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

#: Seconds to reach a provider, and for each part of its answer.
TIMEOUT = (4, 10)


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider: its backend, the settings made of token, host and secret, and its view of what came back."""

    backend: str
    settings: Callable[[str, str, str], Mapping[str, Any]]
    events: str
    #: The form of its address.
    form: str
    #: The form of its secret, and whether a text has it.
    secret: str
    is_secret: Callable[[str], bool]


def _postmark(token: str, host: str, secret: str) -> Mapping[str, Any]:
    return {"POSTMARK_SERVER_TOKEN": token, "WEBHOOK_SECRET": secret}


def _mailgun(api_url: str) -> Callable[[str, str, str], Mapping[str, Any]]:
    def settings(token: str, host: str, secret: str) -> Mapping[str, Any]:
        return {
            "MAILGUN_API_KEY": token,
            "MAILGUN_SENDER_DOMAIN": host,
            "MAILGUN_WEBHOOK_SIGNING_KEY": secret,
            "MAILGUN_API_URL": api_url,
        }

    return settings


def _is_long(text: str) -> bool:
    return len(text) >= 20 and text.isascii() and text.isprintable()


def _is_name_and_password(text: str) -> bool:
    name, colon, password = text.partition(":")
    return bool(name and colon) and _is_long(password)


_SIGNING_KEY = "the provider's key for signing webhooks"
_MAILGUN = "anymail.backends.mailgun.EmailBackend", "anymail.webhooks.mailgun.MailgunTrackingWebhookView"

PROVIDERS: Mapping[str, Provider] = {
    "postmark": Provider(
        "anymail.backends.postmark.EmailBackend", _postmark, "anymail.webhooks.postmark.PostmarkTrackingWebhookView",
        "postmark://SERVER-TOKEN@api", "NAME:PASSWORD, the password of at least 20 characters", _is_name_and_password,
    ),
    "mailgun": Provider(
        _MAILGUN[0], _mailgun("https://api.mailgun.net/v3"), _MAILGUN[1],
        "mailgun://API-KEY@DOMAIN", _SIGNING_KEY, _is_long,
    ),
    "mailgun+eu": Provider(
        _MAILGUN[0], _mailgun("https://api.eu.mailgun.net/v3"), _MAILGUN[1],
        "mailgun+eu://API-KEY@DOMAIN", _SIGNING_KEY, _is_long,
    ),
}  # fmt: skip


def name_in(url: str) -> str:
    """The provider whose address that is; empty where it is none's."""
    name = url.partition("://")[0].lower()
    return name if name in PROVIDERS else ""


def settings_of(url: str, secret: str) -> dict[str, Any]:
    """The settings of anymail for that address. Raises ImproperlyConfigured with one sentence."""
    provider = PROVIDERS[name_in(url)]
    try:
        parts = urlsplit(url)
        token, host = unquote(parts.username or ""), parts.hostname or ""
    except ValueError:
        token = host = ""
    if not token or not host:
        raise ImproperlyConfigured(f"EMAIL_URL must name the provider's account: {provider.form}.")
    if not provider.is_secret(secret):
        raise ImproperlyConfigured(f"EMAIL_WEBHOOK_SECRET must be {provider.secret}: anybody could tell of bounces.")
    return {"REQUESTS_TIMEOUT": TIMEOUT, **provider.settings(token, host, secret)}
