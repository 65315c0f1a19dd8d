"""Erasures: one officer asks for one, another confirms it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.roles import OFFICER, for_roles
from compliance.commands import erasure
from ledger.clock import now
from ledger.idempotency import KeyReused
from patients.fields import PatientNumberField
from patients.models import Patient
from patients.people import actor_of
from ui.fields import OUT_OF_DATE
from ui.forms import BaseForm
from web.shared.common import page_of, pressed, reader_of


class ErasureForm(BaseForm):
    """Whose names are to be erased."""

    submit = gettext_lazy("Ask for the erasure")
    danger = True

    number = PatientNumberField()


@for_roles(OFFICER)
def erasures(request: HttpRequest) -> HttpResponse:
    """Ask that a patient's names be erased; what another officer asked for waits here to be confirmed."""
    form = ErasureForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        patient = Patient.objects.filter(number=form.cleaned_data["number"]).first()
        if patient is None:
            form.refuse(_("No patient has that number."), "number")
        else:
            try:
                erasure.ask(patient=patient.pk, by=actor_of(reader_of(request)), at=now(), key=form.idempotency_key)
            except KeyReused:
                form.refuse(OUT_OF_DATE)
            else:
                messages.success(request, _("Asked for. Another officer confirms it."))
                return redirect("office:erasures")
    page = page_of(request, erasure.waiting())
    lines = [(row, row.actor == reader_of(request).pk) for row in page]
    context = {"form": form, "page": page, "lines": lines}
    return render(request, "office/erasures.html", context, status=422 if form.errors else 200)


@require_POST
@for_roles(OFFICER)
def confirm_erasure(request: HttpRequest, patient: UUID) -> HttpResponse:
    """The second officer confirms."""
    get_object_or_404(Patient, pk=patient)
    if (key := pressed(request)) is not None:
        try:
            erasure.confirm(patient=patient, by=actor_of(reader_of(request)), at=now(), key=key)
        except erasure.NotErased:
            messages.error(request, _("Not erased: a course is open, or another officer has to ask for it first."))
        except KeyReused:
            messages.error(request, OUT_OF_DATE)
        else:
            messages.success(request, _("Erased. The log keeps only digests."))
    return redirect("office:erasures")
