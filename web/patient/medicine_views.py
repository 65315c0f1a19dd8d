"""What goes along with a fill: the Medication Guide, and how the medicine is taken."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.roles import PATIENT, for_roles
from compliance import documents
from compliance.commands.entries import EntryRefused, enter
from compliance.rules.care.guide import GuideOpened
from ledger.clock import now
from ledger.idempotency import KeyReused
from ui.fields import OUT_OF_DATE
from web.shared.common import pressed
from web.shared.page_language import document_language

from . import medicine
from .own_file import own_context


@require_POST
@for_roles(PATIENT)
def open_guide(request: HttpRequest) -> HttpResponse:
    """One press: it is recorded which text was opened, and that very text is shown."""
    ctx = own_context(request, now())
    if (key := pressed(request)) is None:
        return redirect("patient:home")
    guide = documents.current(documents.GUIDE, document_language(), on=ctx.today)
    record = GuideOpened(guide.version, guide.language, guide.sha256)
    try:
        enter(patient=ctx.patient.pk, records=[record], by=ctx.by, at=ctx.at, key=key)
    except EntryRefused:
        pass  # The course has ended meanwhile: there is no fill to note it for, but it can be read.
    except KeyReused:
        messages.error(request, OUT_OF_DATE)
        return redirect("patient:home")
    return redirect("documents:text", guide.code, guide.version, guide.language)


@require_safe
@for_roles(PATIENT)
def how_to_take(request: HttpRequest) -> HttpResponse:
    """How the medicine is taken, from the next dose to the last day on which something is left out."""
    ctx = own_context(request, now())
    return render(request, "patient/how_to_take.html", medicine.how_to_take(ctx))
