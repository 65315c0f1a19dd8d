"""Prescribers as others look for them: whoever can take patients over. That somebody is in the program is public."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from compliance.commands.held_enrolments import is_certified
from compliance.records.file import certified
from compliance.records.programs import program_day
from compliance.rules.certification import covers
from compliance.rules.editions import Program
from ledger import log
from ledger.log import Row
from patients.models import APPROVED, Prescriber
from patients.place_search import practices

NOBODY_CERTIFIED = _("No certified prescriber has that NPI.")

#: Said of a prescriber who is the patient, or their guardian: which of it, nobody learns.
NOT_TO_THEM = _("This prescriber cannot take this patient over. Please choose another one.")


def certified_by_npi(npi: str, program: Program, at: datetime) -> Prescriber | None:
    """The prescriber with that NPI who can act in the program today; None for any other, whatever the reason."""
    prescriber = Prescriber.objects.select_related("user").filter(npi=npi).first()
    if prescriber is None or not is_certified(prescriber.pk, program, at):
        return None
    return prescriber


#: So many are shown; who looks for one of more types more.
MOST_FOUND = 20


def search_certified(text: str, program: Program, at: datetime) -> list[Prescriber]:
    """Those who can act in the program today and whom `text` finds (`place_search`); at most a page.

    Two queries. Of patients it knows nothing.
    """
    rows = practices(text).filter(program=program.code, state=APPROVED, user__is_active=True)
    found = list(rows.order_by("practice_name", "id")[: 5 * MOST_FOUND])
    logs: dict[UUID, list[Row]] = {row.pk: [] for row in found}
    for row in log.read(*logs) if logs else ():
        logs[row.subject].append(row)
    today = program_day(at, program)
    return [one for one in found if covers(certified(logs[one.pk], at, program), today)][:MOST_FOUND]
