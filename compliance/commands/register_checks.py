"""What an officer looked up about a practice or a pharmacy in a public register, and whether it agrees."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from uuid import UUID

from accounts.roles import OFFICER
from ledger.actor import Actor
from ledger.idempotency import Request, Result, once
from ledger.log import NewRecord
from ledger.models import ErasableText

from . import certifying
from .certifying import Applicant, Kind
from .contacts import sealed_texts
from .decide import NotPermitted

#: The registers, and what one says. Whoever checks looks there: the program asks no register by itself.
REGISTERS = ("nppes", "state-license", "ncpdp", "other")
RESULTS = ("agrees", "differs", "not-found")

KIND = "register_checked"


def note_check(
    *, kind: Kind, subject: UUID, register: str, result: str, texts: Mapping[str, str], by: Actor, at: datetime,
    key: UUID,
) -> None:  # fmt: skip
    """Record a look-up: `texts` are what was looked up (`looked_up`) and what stood there (`found`, may be empty).

    It decides nothing: the office approves or turns down by a step of its own. Raises NotPermitted, KeyReused;
    ValueError for a register or a result that is not listed.
    """
    if by.role != OFFICER:
        raise NotPermitted
    if register not in REGISTERS or result not in RESULTS or texts.keys() != {"looked_up", "found"}:
        raise ValueError("not a look-up")
    body = {"kind": kind, "subject": str(subject), "register": register, "result": result, "texts": dict(texts)}
    request = Request(action="check-register", by=by, at=at, key=key, body=body)
    once(request, partial(certifying.lock, kind, subject, by=by), partial(_note, kind, subject, body, request))


def _note(kind: Kind, subject: UUID, body: Mapping[str, object], request: Request, _locked: Applicant) -> Result:
    said = {name: text for name, text in dict(body["texts"]).items() if text}  # type: ignore[call-overload]
    texts = sealed_texts(said, subject, request.at)
    ErasableText.objects.bulk_create(texts.values())
    sealed = {name: texts[name].digest for name in texts}
    data = {"register": body["register"], "result": body["result"], "sealed": sealed}
    record = certifying.append_beside(kind, subject, NewRecord(KIND, data), request)
    return Result(subject=subject, records=[record.number])
