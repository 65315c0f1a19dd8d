"""The ways on from a line of the record to where it is put right, for readers who may go there now."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from compliance.records.columns import ended_guardians
from compliance.rules.entries import is_voidable_kind
from compliance.rules.history import is_stop
from compliance.rules.records import Entry, EntryStruck, GuardianEnded, Record
from ui.navigation import Words
from web.shared.common import PatientContext

from .entry_types import ENTRY_TYPES

#: A label and an address.
Way = tuple[Words, str]

#: The entry that puts the latest record of a kind right; what was struck is entered again as it was.
_BY_ENTRY: Mapping[str, tuple[str, ...]] = {
    "registered": ("birth-date", "contact"),
    "birth_date_corrected": ("birth-date",),
    "contact_corrected": ("contact",),
    "enrolled": ("category",),
    "category_changed": ("category",),
    "home_testing_set": ("home-testing",),
    "transfer_offered": ("take-back",),
    "transfer_declined": ("hand-over",),
    "transfer_withdrawn": ("hand-over",),
    "stop_cleared": ("test", "pregnancy"),
    "discontinued": ("last-dose",),
    "last_dose_corrected": ("last-dose",),
}
_ENTERED_AGAIN: Mapping[str, str] = {
    "pregnancy_test": "test", "counselled": "visit", "contraception_declared": "methods", "discontinued": "discontinue",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class CorrectionLinks:
    """The ways from each line of one patient's record, for one reader."""

    ctx: PatientContext
    #: The numbers of the entries that can be voided now.
    voidables: frozenset[int]
    #: The slugs of the entries that the reader is offered now.
    offered: frozenset[str]
    #: The number of the latest record of each kind.
    latest: frozenset[int]
    by_number: Mapping[int, Record]
    is_minor: bool

    @classmethod
    def of(
        cls, ctx: PatientContext, voidables: frozenset[int], offered: Iterable[str], *, is_minor: bool
    ) -> "CorrectionLinks":
        """Those of this reader."""
        entries = ctx.file.entries
        latest = frozenset({entry.record.kind: entry.number for entry in entries}.values())
        records = {entry.number: entry.record for entry in entries}
        return cls(ctx, voidables, frozenset(offered), latest, records, is_minor)

    def ways(self, entry: Entry) -> tuple[Way, ...]:
        """Where this entry is put right; empty where nothing is to be done, or the reader is not the one to do it."""
        slugs = self._slugs(entry)
        pages = tuple(
            (ENTRY_TYPES[slug].title, self._url("entry", slug=slug)) for slug in slugs if slug in self.offered
        )
        return self._void(entry) + pages + self._guardian(entry)

    def _void(self, entry: Entry) -> tuple[Way, ...]:
        if entry.number not in self.voidables or self.ctx.reader.role != "prescriber":
            return ()
        return ((_("Entered in error"), self._url("void_entry", number=entry.number)),)

    def _slugs(self, entry: Entry) -> tuple[str, ...]:
        record, assessment = entry.record, self.ctx.assessment
        since = assessment.history.stops.since if assessment is not None else None
        if is_stop(record):
            return ("clear-stop",) if since is not None and entry.at >= since else ()
        if isinstance(record, EntryStruck):
            struck = self.by_number.get(record.entry)
            again = _ENTERED_AGAIN.get(struck.kind) if struck is not None and is_voidable_kind(struck) else None
            return (again,) if again else ()
        return _BY_ENTRY.get(record.kind, ()) if entry.number in self.latest else ()

    def _guardian(self, entry: Entry) -> tuple[Way, ...]:
        if isinstance(entry.record, GuardianEnded):
            return ((_("Name a guardian"), self._url("name_guardian")),) if self.is_minor else ()
        guardian: str | None = getattr(entry.record, "guardian", None)
        if guardian is None or entry.record.kind not in ("guardian_named", "guardian_corrected", "invited"):
            return ()
        if guardian in {str(pk) for pk in ended_guardians(self.ctx.file.entries)}:
            return ()
        return ((_("Correct the guardian"), self._url("correct_guardian", guardian=guardian)),)

    def _url(self, name: str, **parts: Any) -> str:
        return reverse(f"prescriber:{name}", kwargs={"patient": self.ctx.patient.pk} | parts)
