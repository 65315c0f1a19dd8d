"""Each record of a patient in words: who entered it and for whom, and where it is put right."""

from collections.abc import Mapping
from uuid import UUID

from django.utils.translation import gettext as translated
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import DESIGNEE, NAMES, PRESCRIBER
from compliance.rules.care.kinds import OFFICE_ONLY
from compliance.rules.records import EnteredBy, Entry, EntryStruck
from compliance.words.records import describe
from patients.models import Prescriber
from web.shared.common import PatientContext
from web.shared.manifestations import SHOWN_WITH_OTHERS, SignatureManifestation
from web.shared.written import with_words, written_in

from .correction_links import CorrectionLinks, Way
from .record import RecordLine, RecordMonth, by_month


def _enterers(ctx: PatientContext) -> dict[int, str]:
    """Who entered each record, and for whom. Two queries, however many there are."""
    by = {entry.number: entry.by for entry in ctx.file.entries if entry.by is not None}
    names = dict(User.objects.filter(pk__in={one.account for one in by.values()}).values_list("pk", "name"))
    practices = Prescriber.objects.filter(pk__in={one.acting_for for one in by.values() if one.acting_for})
    owners: dict[UUID | None, Prescriber] = {row.pk: row for row in practices.select_related("user")}
    return {
        number: _entered_by(one, names.get(one.account, ""), owners.get(one.acting_for)) for number, one in by.items()
    }


def _entered_by(by: EnteredBy, name: str, owner: Prescriber | None) -> str:
    """In words: the role alone for a patient or guardian, name and for whom for those of a practice."""
    role = str(NAMES.get(by.role, _("Clearfill")))
    if owner is None or by.role not in (PRESCRIBER, DESIGNEE):
        return role
    if by.role == PRESCRIBER and by.account == owner.user_id:
        return name
    if by.role == PRESCRIBER:
        return translated("%(name)s, covering for %(owner)s") % {"name": name, "owner": owner.user.name}
    return translated("%(role)s %(name)s, for %(owner)s") % {"role": role, "name": name, "owner": owner.user.name}


def record_months(
    ctx: PatientContext, links: CorrectionLinks, manifestations: Mapping[int, SignatureManifestation]
) -> list[RecordMonth]:
    """The whole record by months, without what stands elsewhere or is the office's alone. Three queries."""
    enterers, written = _enterers(ctx), written_in(ctx.file.entries, PRESCRIBER)
    return by_month(
        [
            record_line(
                entry, ctx, enterers, links.ways(entry), manifestations.get(entry.number), written.get(entry.number, "")
            )
            for entry in reversed(ctx.file.entries)
            if entry.record.kind not in SHOWN_WITH_OTHERS | OFFICE_ONLY
        ]
    )


def record_line(
    entry: Entry,
    ctx: PatientContext,
    enterers: Mapping[int, str],
    ways: tuple[Way, ...] = (),
    manifestation: SignatureManifestation | None = None,
    written: str = "",
) -> RecordLine:
    """One record, with the words that were typed into it and the ways to where it is put right."""
    title, text = describe(entry.record, clinical=True)
    text = with_words(text, written)
    voided = any(isinstance(e.record, EntryStruck) and e.record.entry == entry.number for e in ctx.file.entries)
    return RecordLine(entry.number, entry.at, title, text, voided, ways, enterers.get(entry.number, ""), manifestation)
