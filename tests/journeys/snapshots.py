"""Snapshots with which journeys begin, each made from the one before by posted forms."""

from collections.abc import Callable
from typing import Any

from django.test import override_settings

from ledger import clock as ledger_clock
from tests.clocks import Clock
from tests.databases import Snapshot
from tests.journeys.posted import ANA, GUARDIAN, Posted

#: Born so that a guardian signs too.
MINOR = "06/15/2010"


def _snapshot(name: str, walk: Callable[[Posted], object], of: Snapshot[None] | None = None) -> Snapshot[None]:
    def build(_: Any) -> None:
        clock = ledger_clock._instead
        assert isinstance(clock, Clock)
        with override_settings(EMAIL_BACKEND="outbox.mail.PageBackend", SITE_URL="http://localhost"):
            walk(Posted(clock))

    return Snapshot(name, build, at="2026-12-01T09:00-05:00", of=of)


def _invited(posted: Posted) -> None:
    posted.enrols()
    posted.accepts()


def _begun(posted: Posted) -> None:
    posted.signs("patient-information")
    posted.signs("birth-defects")
    posted.begins()


def _ready(posted: Posted) -> None:
    posted.clock.forward(days=31)
    posted.readies()


def _cannot(posted: Posted) -> None:
    posted.enrols(category="cannot_become_pregnant", given="Ben")
    posted.accepts()
    posted.signs("patient-information", name="Ben Mora")


def _minor(posted: Posted) -> None:
    posted.enrols(born_on=MINOR, guardian=True)
    posted.accepts(born_on=MINOR)
    posted.signs("patient-information")
    posted.signs("birth-defects")


def _both(posted: Posted) -> None:
    posted.enrols(category="cannot_become_pregnant", given="Ben", born_on=MINOR, guardian=True)
    posted.accepts(born_on=MINOR)
    posted.accepts(GUARDIAN, MINOR)
    posted.signs("patient-information", ANA, "Ben Mora")
    posted.signs("patient-information", GUARDIAN, "Paula Mora")
    posted.visit()


#: Nobody yet.
EMPTY = _snapshot("empty", lambda _: None)
#: An officer; a practice and a pharmacy that registered and were approved.
STAFFED = _snapshot("staffed", Posted.staffed)
#: And a patient who was enrolled and has opened an account.
INVITED = _snapshot("invited", _invited, STAFFED)
#: She has signed, and the lead-in runs.
BEGUN = _snapshot("begun", _begun, INVITED)
#: After the lead-in, with everything done for the first month.
READY = _snapshot("ready", _ready, BEGUN)
#: One who cannot become pregnant, and has signed.
CANNOT = _snapshot("cannot", _cannot, STAFFED)
#: And was counselled.
VISITED = _snapshot("visited", Posted.visit, CANNOT)
#: A minor who has signed, and whose guardian is invited.
MINOR_SIGNED = _snapshot("minor_signed", _minor, STAFFED)
#: One who cannot become pregnant; the guardian has signed too, and the visit was.
BOTH_SIGNED = _snapshot("both_signed", _both, STAFFED)
