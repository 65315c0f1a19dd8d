"""Whom a practice calls about a patient: the patient, and the pharmacy where they filled last."""

from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from compliance.rules.authorizations import all_of
from patients.models import Pharmacy
from ui.navigation import Words
from web.shared.common import PatientContext

#: The states of an authorization whose pharmacy has, or had, to do with the patient.
_CONCERNED = ("open", "dispensed")


@dataclass(frozen=True, slots=True)
class ContactLine:
    """Somebody to call or to write to."""

    who: Words
    name: str = ""
    phone: str = ""
    email: str = ""


def contact_lines(ctx: PatientContext) -> list[ContactLine]:
    """Those of whom something is known. One query, where a pharmacy has filled or is about to."""
    patient = ContactLine(_("Patient"), "", ctx.patient.phone, ctx.patient.email)
    lines = [patient] if patient.phone or patient.email else []
    facts = [fact for fact in all_of(ctx.file.history(ctx.at)).values() if fact.state in _CONCERNED]
    if facts:
        row = Pharmacy.objects.filter(pk=UUID(facts[-1].record.pharmacy)).first()
        if row is not None:
            lines.append(ContactLine(_("Pharmacy"), row.name, row.phone))
    return lines
