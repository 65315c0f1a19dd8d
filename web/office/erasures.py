"""Erasures: one officer asks for one, another confirms it."""

from collections.abc import Iterable
from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.roles import OFFICER, for_roles
from compliance.commands import erasure
from ledger.clock import now
from ledger.idempotency import KeyReused
from ledger.models import LogRecord
from patients.fields import PatientNumberField
from patients.models import Patient
from patients.people import actor_of
from ui.fields import OUT_OF_DATE
from ui.forms import BaseForm
from web.shared.common import pressed, reader_of
from web.shared.lists import page_of


class ErasureForm(BaseForm):
    """Whose names are to be erased."""

    submit = gettext_lazy("Ask for the erasure")
    danger = True

    number = PatientNumberField()


@for_roles(OFFICER)
def erasures(request: HttpRequest) -> HttpResponse:
    """Ask that what names a patient be erased; what another officer asked for waits here to be confirmed."""
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
    page = page_of(request, erasure.waiting(), "at", "id")
    lines = _lines(page, reader_of(request).pk)
    context = {"form": form, "page": page, "lines": lines}
    return render(request, "office/erasures.html", context, status=422 if form.errors else 200)


def _lines(rows: Iterable[LogRecord], reader: UUID) -> list[tuple[LogRecord, list[str], bool]]:
    """What waits, with the numbers of the files that go; what one officer asked for in linked files only once."""
    asked = list(rows)
    files = _file_numbers(row.subject for row in asked)
    once = {(frozenset(files.get(row.subject, [])), row.actor): row for row in reversed(asked)}
    return [(row, files.get(row.subject, []), row.actor == reader) for row in reversed(once.values())]


def _file_numbers(patients: Iterable[UUID]) -> dict[UUID, list[str]]:
    """For each of these patients the numbers of their files, the linked ones last. Two queries."""
    asked = dict(Patient.objects.filter(pk__in=list(patients)).values_list("pk", "linked_to"))
    rows = Patient.objects.filter(Q(pk__in=asked) | Q(linked_to__in=filter(None, asked.values())))
    files = list(rows.order_by("created_at", "id").values_list("pk", "linked_to", "number"))
    return {
        patient: [number for pk, _group, number in files if pk == patient]
        + [number for pk, other, number in files if group and other == group and pk != patient]
        for patient, group in asked.items()
    }


#: Why an erasure is not done, by the code.
NOT_ERASED = {
    "nobody-else-asked": gettext_lazy("Not erased: another officer has to ask for it first, now, for all files."),
    "course-open": gettext_lazy("Not erased: a course is open, in this file or in one that is linked with it."),
    "enrolment-held": gettext_lazy(
        "Not erased: an enrolment of somebody who may be this person waits. Decide about it first."
    ),
}


@require_POST
@for_roles(OFFICER)
def confirm_erasure(request: HttpRequest, patient: UUID) -> HttpResponse:
    """The second officer confirms."""
    get_object_or_404(Patient, pk=patient)
    if (key := pressed(request)) is not None:
        try:
            erasure.confirm(patient=patient, by=actor_of(reader_of(request)), at=now(), key=key)
        except erasure.NotErased as refused:
            messages.error(request, NOT_ERASED[refused.code])
        except KeyReused:
            messages.error(request, OUT_OF_DATE)
        else:
            messages.success(request, _("Erased. The log keeps only digests; the accounts are closed."))
    return redirect("office:erasures")
