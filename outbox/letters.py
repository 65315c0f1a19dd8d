"""Letters: the e-mail that a rendered message is sent as. Plain text, and the same words in simple HTML.

No asset of another host, no tracking: a link leads to this site, and nothing is fetched when it is read.
"""

import re
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.core.validators import validate_email
from django.utils.html import escape, linebreaks
from django.utils.translation import get_language

from .outcomes import InvalidAddressError

if TYPE_CHECKING:
    from .box import RenderedMessage
    from .models import Message

_HTML = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><title>{subject}</title></head>
<body>
{body}
</body></html>
"""


#: A link, in a text that is escaped; a sign that ends a sentence is none of it.
_LINK = re.compile(r"https?://[^\s<>]*[^\s<>.,;:!?)]")


def message_id(message: "Message") -> str:
    """The Message-ID of a message's e-mail: it follows from the row, so that a second one is known to be the same."""
    return f"<{message.id}@{settings.MAIL_DOMAIN}>"


def email(message: "Message", rendered: "RenderedMessage") -> EmailMultiAlternatives:
    """The e-mail. Raises InvalidAddressError for what is no address."""
    try:
        validate_email(rendered.to)
    except ValidationError:
        raise InvalidAddressError from None
    headers = {"Message-ID": message_id(message), "Auto-Submitted": "auto-generated"}
    if rendered.unsubscribe:
        headers["List-Unsubscribe"] = f"<{rendered.unsubscribe}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058
    made = EmailMultiAlternatives(
        rendered.subject, rendered.body, settings.DEFAULT_FROM_EMAIL, [rendered.to], headers=headers,
        reply_to=[settings.REPLY_TO_EMAIL] if settings.REPLY_TO_EMAIL else None,
    )  # fmt: skip
    made.attach_alternative(html(rendered), "text/html")
    if settings.MAIL_PROVIDER:
        # By this it knows the message again that it tells of; and Postmark keeps our Message-ID.
        made.metadata = {"message": str(message.id)}  # type: ignore[attr-defined]  # of anymail
        made.extra_headers["X-PM-KeepID"] = "true"
    return made


def html(rendered: "RenderedMessage") -> str:
    """The same words in simple HTML."""
    body = linebreaks(_LINK.sub(r'<a href="\g<0>">\g<0></a>', escape(rendered.body)))
    language = (get_language() or settings.LANGUAGE_CODE).split("-")[0]
    return _HTML.format(language=language, subject=escape(rendered.subject), body=body)
