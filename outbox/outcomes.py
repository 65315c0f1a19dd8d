"""Outcomes: what became of a message in the end, and what a provider's answer makes of it.

A row keeps a word and a code, never an address or a provider's sentence: those say to whom it went.
"""

import re
import smtplib
from dataclasses import dataclass

from anymail.exceptions import AnymailAPIError, AnymailRecipientsRefused
from django.core.exceptions import ObjectDoesNotExist

#: It went out; it was no longer wanted; a bounce came back.
DELIVERED, NOT_WANTED, BOUNCED = "delivered", "not-wanted", "bounced"
#: Final without a further try: the provider does not take it, nobody is there, or nobody knows what it is.
REFUSED, INVALID_ADDRESS, UNKNOWN_KIND, UNKNOWN_RECIPIENT = FINAL = (
    "refused", "invalid-address", "unknown-kind", "unknown-recipient",
)  # fmt: skip
#: Tried as often as anything is.
GIVEN_UP = "given-up"
#: It is tried again.
FAILED = "failed"

#: It did not arrive, and is not tried again.
UNDELIVERED = (BOUNCED, *FINAL, GIVEN_UP)
#: Where the same message may arrive by another channel.
NOT_BY_THIS_CHANNEL = (BOUNCED, REFUSED, INVALID_ADDRESS, GIVEN_UP)
OUTCOMES = (DELIVERED, NOT_WANTED, *UNDELIVERED)

#: An enhanced status code (RFC 3463) at the beginning of a mail server's sentence.
_STATUS = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})\b")
#: A server's no of this class is about us, not about the address: no relaying, a list of senders, a failed signature.
_POLICY = "5.7."


class UnknownKindError(KeyError):
    """No renderer was registered for that kind."""


class InvalidAddressError(ValueError):
    """That is no address of anybody."""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one attempt: the outcome, what was answered, and whether the address is one that takes nothing."""

    outcome: str
    answer: str = ""
    error: str = ""
    is_unreachable: bool = False
    provider_id: str = ""


def result_of(error: Exception) -> Result:
    """What that error makes of the attempt. Whatever is not known to be permanent is tried again."""
    name = _NAMES.get(type(error), type(error).__name__)[:80]
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return _refused(name, *error.recipients.values())
    if isinstance(error, smtplib.SMTPDataError):
        return _refused(name, (error.smtp_code, error.smtp_error))
    if isinstance(error, smtplib.SMTPResponseException):
        return Result(FAILED, code_of(error.smtp_code, error.smtp_error), name)
    if isinstance(error, AnymailRecipientsRefused):
        return Result(REFUSED, _anymail_word(error), name, is_unreachable=True)
    if isinstance(error, AnymailAPIError):
        return Result(FAILED, str(error.status_code or ""), name)
    for kind, outcome in _PERMANENT.items():
        if isinstance(error, kind):
            return Result(outcome, error=name, is_unreachable=outcome == INVALID_ADDRESS)
    return Result(FAILED, error=name)


_PERMANENT: dict[type[Exception], str] = {
    UnknownKindError: UNKNOWN_KIND,
    InvalidAddressError: INVALID_ADDRESS,
    ObjectDoesNotExist: UNKNOWN_RECIPIENT,
}
_NAMES: dict[type[Exception], str] = {UnknownKindError: "KeyError", InvalidAddressError: "ValueError"}


def _refused(name: str, *answers: tuple[int, bytes | str]) -> Result:
    """Whether a mail server's no is for good: all of them are, and none is about us."""
    codes = [code_of(*answer) for answer in answers]
    word = codes[0] if codes else ""
    if not codes or any(not code.startswith("5") or _POLICY in code for code in codes):
        return Result(FAILED, word, name)
    is_address = name == "SMTPRecipientsRefused" or any(" 5.1." in code for code in codes)
    return Result(REFUSED, word, name, is_unreachable=is_address)


def code_of(code: int, sentence: bytes | str) -> str:
    """The code of a mail server's answer, with its enhanced one where it gives one: `550 5.1.1`. No words of it."""
    text = sentence.decode(errors="replace") if isinstance(sentence, bytes) else sentence
    found = _STATUS.match(text)
    return f"{code} {found[1]}" if found else str(code)


def _anymail_word(error: AnymailRecipientsRefused) -> str:
    message = error.email_message
    status = getattr(getattr(message, "anymail_status", None), "status", None) or ()
    return ",".join(sorted(status))[:80]
