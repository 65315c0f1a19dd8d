"""The gateway of text messages, by the address in `SMS_URL`: none, the outbox page, or a provider."""

import re
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

#: Where the provider tells what became of a text message.
EVENTS_PATH = "/sms/events"

FORM = "twilio://ACCOUNT-SID:AUTH-TOKEN@api.twilio.com/SENDER"
_SENDER = re.compile(r"\+[1-9]\d{6,14}|MG[0-9a-fA-F]{32}")
_ACCOUNT = re.compile(r"AC[0-9a-fA-F]{32}")


def gateway_of(url: str, *, is_local: bool) -> dict[str, Any]:
    """The gateway's class and options; empty where no text messages are sent.

    Raises ImproperlyConfigured with one sentence, which holds nothing of the address: it has a secret in it.
    """
    if is_local:
        if url:
            raise ImproperlyConfigured("SMS_URL must be empty in the demo: it sends nothing to another machine.")
        return {"class": "outbox.sms.PageGateway"}
    if not url:
        return {}
    try:
        parts = urlsplit(url)
        account, token = unquote(parts.username or ""), unquote(parts.password or "")
        host, sender = parts.netloc.rpartition("@")[2], unquote(parts.path.strip("/"))
    except ValueError:
        raise ImproperlyConfigured(f"SMS_URL cannot be read: it must be {FORM}.") from None
    if parts.scheme != "twilio" or not _ACCOUNT.fullmatch(account) or not token or not host:
        raise ImproperlyConfigured(f"SMS_URL must name the provider's account with its token: {FORM}.")
    if not _SENDER.fullmatch(sender):
        raise ImproperlyConfigured(
            "SMS_URL must end in the sender: a number such as +12125550100, or a messaging service (MG…)."
        )
    options = {"account": account, "token": token, "sender": sender, "api": f"https://{host}", "told_at": EVENTS_PATH}
    return {"class": "outbox.twilio.Twilio", "options": options}
