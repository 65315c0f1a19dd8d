"""What two officers do together: one asks for it, and another one confirms it within a week.

Where nothing but the subject matters, the first officer's step is a record in the log of the subject, and `Asked` says
what waits there for a second one. Where the officers agree on more than that, with a reason, it is a proposal:
`compliance.commands.two_officers`. The lifetime, and that it takes another officer, are the same for both.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from ledger.models import LogRecord

from .models import User

#: How long a second officer can confirm what was asked for.
LIFETIME = timedelta(days=7)


def closed() -> QuerySet[Any, Any]:
    """Accounts that were closed: what somebody asked for by one of them nobody confirms any more."""
    return User.objects.filter(is_active=False).values("pk")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Steps that begin with a record in the log of their subject: the kinds that ask, and those that end them."""

    subject_kind: str
    asks: tuple[str, ...]
    #: A later record of one of these kinds, in the same log, leaves nothing to confirm.
    ends: tuple[str, ...]
    #: None: it can be confirmed for good.
    lifetime: timedelta | None = LIFETIME

    def waiting(self, at: datetime | None = None) -> QuerySet[LogRecord]:
        """What officers have asked for and no second one has confirmed yet, oldest first; `at` for what lapses."""
        ended = LogRecord.objects.filter(subject=OuterRef("subject"), kind__in=self.ends, number__gt=OuterRef("number"))
        rows = LogRecord.objects.filter(subject_kind=self.subject_kind, kind__in=self.asks)
        if self.lifetime is not None:
            assert at is not None
            rows = rows.filter(at__gt=at - self.lifetime)
        return rows.filter(~Exists(ended)).exclude(actor__in=closed()).order_by("at", "id")

    def by_another(self, kind: str, subject: UUID, officer: UUID, at: datetime) -> LogRecord | None:
        """The latest record by which another officer asked for it: this officer confirms it. Under the subject's lock.

        Two officers who asked, each for themselves, want the same: either confirms the other's.
        """
        rows = self.waiting(at).filter(subject=subject, kind=kind).exclude(actor=officer)
        return rows.order_by("-number").first()
