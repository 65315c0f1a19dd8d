"""What another edition would have answered: asked here, worked out by the worker, and read here."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import ClassVar, NamedTuple
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.roles import OFFICER, for_roles
from compliance.commands.what_if import KEPT, ask
from compliance.models import WhatIf
from compliance.records.programs import DEFAULT
from compliance.rules.what_if import EARLIER, LATER, REFUSED, SAME
from ledger import access_log
from ledger.clock import now
from ledger.idempotency import KeyReused
from patients.models import Patient
from patients.people import actor_of
from patients.visibility import visible_patients
from ui import times
from ui.fields import OUT_OF_DATE
from ui.forms import BaseForm
from ui.navigation import Words
from web.shared.common import reader_of
from web.shared.lists import page_of

KIND: Mapping[str, Words] = {
    SAME: gettext_lazy("On the same day"),
    EARLIER: gettext_lazy("Earlier"),
    LATER: gettext_lazy("Later"),
    REFUSED: gettext_lazy("Not at all"),
}


class WhatIfForm(BaseForm):
    """Which edition, and of how many patients."""

    submit: ClassVar[Words] = gettext_lazy("Work it out")

    edition = forms.ChoiceField(
        label=gettext_lazy("Edition"), choices=[(one.code, one.code) for one in DEFAULT.editions]
    )  # fmt: skip
    sample = forms.TypedChoiceField(
        label=gettext_lazy("Patients"), coerce=int,
        choices=[(100, gettext_lazy("A sample of 100")), (1000, gettext_lazy("A sample of 1,000")),
                 (0, gettext_lazy("All"))],
    )  # fmt: skip


class DifferingLine(NamedTuple):
    """A fill that would have been another day's."""

    patient: Patient
    number: str
    kind: Words
    was: str
    then: str


@for_roles(OFFICER)
def what_if(request: HttpRequest) -> HttpResponse:
    """Ask; and what was asked before, newest first."""
    form = WhatIfForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data, by = form.cleaned_data, actor_of(reader_of(request))
        try:
            asked = ask(edition=data["edition"], sample=data["sample"], by=by, at=now(), key=form.idempotency_key)
        except KeyReused:
            form.refuse(OUT_OF_DATE)
        else:
            messages.success(request, _("It is asked for. The worker begins within a minute."))
            return redirect("office:what_if_run", run=asked)
    page = page_of(request, WhatIf.objects.all(), "-asked_at", "id")
    return render(request, "office/what_if.html", {"form": form, "page": page}, status=422 if form.errors else 200)


@require_safe
@for_roles(OFFICER)
def run(request: HttpRequest, run: UUID) -> HttpResponse:
    """How far it is, how many fills would have been another day's, and which. Who is named is in the access log."""
    row, reader = get_object_or_404(WhatIf, pk=run), reader_of(request)
    lines = _lines(row, {p.pk: p for p in visible_patients(reader).filter(pk__in={one[0] for one in row.differing})})
    viewed = list({line.patient.pk for line in lines})
    access_log.add_all(viewed, by=actor_of(reader), what="what-if", why="program-office", at=now())
    counts = [(KIND[kind], getattr(row, kind)) for kind in KIND]
    context = {"run": row, "counts": counts, "lines": lines, "kept": KEPT, "done": row.looked_at}
    return render(request, "office/what_if_run.html", context)


def _lines(row: WhatIf, patients: Mapping[UUID, Patient]) -> Sequence[DifferingLine]:
    return [
        DifferingLine(patients[UUID(patient)], number, KIND[kind], _day(was), _day(then))
        for patient, number, kind, was, then in row.differing
        if UUID(patient) in patients
    ]


def _day(written: str | None) -> str:
    return times.plain_day(date.fromisoformat(written)) if written else "—"
