"""Text messages by Twilio's REST API: its resource "Messages", and the status that it tells of each.

It has no key that makes sending twice the same as once: where it takes a text and its answer is lost, the text goes
out again (`docs/reliability.md`).
"""

import base64
import hmac
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import UUID

import requests
from django.conf import settings
from django.http import HttpRequest

from .outcomes import DELIVERED, FAILED, REFUSED, Result
from .sms import Status, UnprovedError

#: Seconds to reach it, and for each part of its answer; and for the whole of the answer, which is short.
TIMEOUT, WHOLE, LONGEST = (4.0, 10.0), 15.0, 64 * 1024

#: Codes by which it says that this number takes no text message, whoever sends it: no number, none of a telephone, none
#: that takes texts, a reader who asked for no more; and, told later: unknown, or a land line.
_OF_NUMBER = frozenset({21211, 21217, 21265, 21610, 21614, 30004, 30005, 30006})


@dataclass(frozen=True, slots=True)
class Twilio:
    """An account at Twilio, and the number or the messaging service by which it sends."""

    account: str
    token: str
    sender: str
    api: str = "https://api.twilio.com"
    #: The path at which it tells what became of each.
    told_at: str = "/sms/events"
    timeout: tuple[float, float] = TIMEOUT

    def send(self, to: str, text: str, *, message: UUID) -> Result:
        """Send a text. A number that takes nothing is final; all else that goes wrong is tried again."""
        by = "MessagingServiceSid" if self.sender.startswith("MG") else "From"
        told_at = f"{settings.SITE_URL}{self.told_at}?message={message}"
        form = {"To": to, by: self.sender, "Body": text, "StatusCallback": told_at}
        try:
            status, answer = self._post(form)
        except (requests.RequestException, ValueError, OSError) as error:
            return Result(FAILED, error=type(error).__name__)
        return _result(status, answer)

    def _post(self, form: Mapping[str, str]) -> tuple[int, Mapping[str, Any]]:
        url = f"{self.api}/2010-04-01/Accounts/{quote(self.account)}/Messages.json"
        until = time.monotonic() + WHOLE
        with requests.post(
            url, data=form, auth=(self.account, self.token), timeout=self.timeout, allow_redirects=False, stream=True
        ) as response:
            body = b""
            for part in response.iter_content(1024):
                body += part
                if len(body) > LONGEST or time.monotonic() > until:
                    raise TimeoutError
            answer = json.loads(body) if response.status_code < 500 and response.status_code != 429 else {}
            return response.status_code, answer if isinstance(answer, dict) else {}

    def statuses(self, request: HttpRequest) -> Sequence[Status]:
        """What it tells, after its signature was checked: of the whole address and all that was posted."""
        signed = settings.SITE_URL + request.get_full_path()
        for name in sorted(request.POST):
            signed += "".join(name + value for value in sorted(set(request.POST.getlist(name))))
        # SHA-1 is what Twilio signs with.
        mac = base64.b64encode(hmac.new(self.token.encode(), signed.encode(), "sha1").digest())
        if not hmac.compare_digest(mac, request.headers.get("X-Twilio-Signature", "").encode()):
            raise UnprovedError
        return _statuses(request.POST.dict(), request.GET.get("message", ""))


def _result(status: int, answer: Mapping[str, Any]) -> Result:
    """What its answer makes of an attempt."""
    code = answer.get("code") if status >= 300 else answer.get("error_code")
    if isinstance(code, int) and code in _OF_NUMBER and status < 500:
        return Result(REFUSED, str(code), "Refused", is_unreachable=True)
    if status not in (200, 201):
        return Result(FAILED, f"{status} {code}" if isinstance(code, int) else str(status), "NotTaken")
    number, word = str(answer.get("sid") or ""), str(answer.get("status") or "")[:40]
    if not number or word in ("failed", "undelivered"):
        return Result(FAILED, word, "NotTaken")
    return Result(DELIVERED, word, provider_id=number[:200])


def _statuses(posted: Mapping[str, Any], message: str) -> Sequence[Status]:
    word, number = str(posted["MessageStatus"]), str(posted["MessageSid"])
    if word not in ("delivered", "undelivered", "failed"):
        return []  # it is still on its way
    code = str(posted.get("ErrorCode") or "")
    is_number = code.isascii() and code.isdigit() and int(code) in _OF_NUMBER
    known = UUID(message) if message else None
    answer = f"{word} {code}".strip()[:80]
    return [Status(known, number, str(posted.get("To") or ""), word == "delivered", answer, is_number)]
