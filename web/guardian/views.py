"""The guardian's page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.roles import GUARDIAN, for_roles
from accounts.signature_credentials import has_passkey
from compliance.commands.invitations import under_age
from compliance.records.programs import program_of
from ledger.clock import now
from patients.visibility import visible_patients
from web.guardian import presenters
from web.shared.common import patient_context, reader_of


@require_safe
@for_roles(GUARDIAN)
def home(request: HttpRequest) -> HttpResponse:
    """The minors whom this guardian stands beside, with what is to sign. Nothing else of theirs is shown."""
    reader, at = reader_of(request), now()
    rows = visible_patients(reader).order_by("given_name", "id")
    cases = [
        patient_context(request, row.pk, at) for row in rows if under_age(row.born_on, at, program_of(row.program))
    ]
    context = {"wards": [presenters.ward(ctx) for ctx in cases], "offer_passkey": not has_passkey(reader)}
    return render(request, "guardian/home.html", context)
