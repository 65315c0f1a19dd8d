"""Patients whose prescriber cannot act, and handing them to another one who accepts."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from accounts.repeats import answers_again
from accounts.roles import OFFICER, for_roles
from compliance.commands import offers
from compliance.records.programs import program_of
from compliance.words.stages import stage_label
from ledger.clock import now
from ledger.idempotency import KeyReused
from patients.fields import NpiField
from patients.models import Patient, Prescriber
from patients.numbers import pretty
from patients.people import actor_of
from patients.who_acts import who_acts, who_cannot_act
from ui.fields import OUT_OF_DATE
from ui.forms import BaseForm
from ui.navigation import Words
from web.shared.common import form_page, reader_of
from web.shared.lists import count_up_to, page_of
from web.shared.prescribers import NOBODY_CERTIFIED, certified_by_npi

#: Whom the form is about.
CHOSEN, ALL = "chosen", "all"
#: So many of them are counted at most.
MOST_COUNTED = 1000


@require_safe
@for_roles(OFFICER)
def without_prescriber(request: HttpRequest) -> HttpResponse:
    """The prescribers who have patients and cannot act: closed or suspended, by the practice's name."""
    page = page_of(request, who_cannot_act(), "practice_name", "id")
    return render(request, "office/without_prescriber.html", {"page": page, "lines": _numbers(list(page))})


class PracticeLine(NamedTuple):
    """A prescriber who cannot act, how many patients they have, and how many of those are offered to another one."""

    prescriber: Prescriber
    patients: int
    offered: int


def _numbers(prescribers: Sequence[Prescriber]) -> list[PracticeLine]:
    """Each with the numbers of their patients. One query for all."""
    rows = Patient.objects.filter(prescriber__in=prescribers).values("prescriber")
    counts = rows.annotate(count=Count("pk"), offered=Count("offered_to")).order_by()
    numbers = {row["prescriber"]: (row["count"], row["offered"]) for row in counts}
    return [PracticeLine(one, *numbers.get(one.pk, (0, 0))) for one in prescribers]


class HandOverForm(BaseForm):
    """To whom patients are handed, and which."""

    submit: ClassVar[Words] = gettext_lazy("Ask this prescriber")

    npi = NpiField(label=gettext_lazy("NPI of the prescriber who is to take over"))
    whom = forms.ChoiceField(label=gettext_lazy("Which patients"), widget=forms.RadioSelect)
    patients = forms.MultipleChoiceField(
        label=gettext_lazy("Patients on this page"), widget=forms.CheckboxSelectMultiple, required=False
    )

    def __init__(self, *args: Any, shown: Sequence[Patient], count: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        every = ngettext("The only patient", "All %(count)d patients", count) % {"count": count}
        if count > MOST_COUNTED:
            every = _("All patients, more than %(count)s") % {"count": f"{MOST_COUNTED:,}"}
        self.fields["whom"].choices = [(CHOSEN, _("Those ticked below")), (ALL, every)]  # type: ignore[attr-defined]
        self.fields["whom"].initial = CHOSEN
        self.fields["patients"].choices = [(str(row.pk), _line(row)) for row in shown]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Somebody is ticked, unless all are meant."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("whom") == CHOSEN and not data.get("patients") and "patients" not in self.errors:
            self.add_error("patients", _("Tick at least one patient."))
        return data


def _line(row: Patient) -> str:
    """Number and stage, and to whom the patient is offered: nothing that names anybody."""
    status = getattr(row, "status", None)
    stage = str(stage_label(status.stage)) if status is not None and status.stage else ""
    offered = _("offered to %(practice)s") % {"practice": row.offered_to.practice_name} if row.offered_to else ""
    return " · ".join(part for part in (pretty(row.number), stage, offered) if part)


def _patients_of(prescriber: Prescriber) -> QuerySet[Patient]:
    return Patient.objects.filter(prescriber=prescriber).select_related("status", "offered_to")


def _done(request: HttpRequest, answer: Mapping[str, Any], prescriber: UUID) -> HttpResponse:
    offered, left = answer["offered"], answer["left"]
    if offered:
        messages.success(
            request,
            ngettext("%(count)d patient is offered.", "%(count)d patients are offered.", offered) % {"count": offered},
        )
    if left:
        messages.info(
            request,
            ngettext(
                "%(count)d patient is not offered: another prescriber has them by now, or this one may not.",
                "%(count)d patients are not offered: another prescriber has them by now, or this one may not.",
                left,
            ) % {"count": left},
        )  # fmt: skip
    return redirect("office:hand_over", prescriber=prescriber)


@for_roles(OFFICER)
@answers_again(_done)
def hand_over(request: HttpRequest, prescriber: UUID) -> HttpResponse:
    """Offer one or all of a prescriber's patients to another one, who accepts or declines each."""
    row = get_object_or_404(Prescriber.objects.select_related("user"), pk=prescriber)
    patients = _patients_of(row)
    page = page_of(request, patients, "number", "id")
    form = HandOverForm(request.POST or None, shown=list(page), count=count_up_to(patients, MOST_COUNTED))
    if request.method == "POST" and form.is_valid():
        answer = _carry_out(request, form, row)
        if answer is not None:
            return _done(request, answer, prescriber)
    lead = _(
        "Whoever is asked accepts or declines each patient. Until then nothing changes. Days to pick up stay open."
    )
    back = (_("Patients without a prescriber"), reverse("office:without_prescriber"))
    return form_page(
        request, form, title=_("Hand over patients"), lead=lead, back=back, template="office/hand_over.html", page=page,
        prescriber=row, acts=who_acts(row),
    )  # fmt: skip


def _carry_out(request: HttpRequest, form: HandOverForm, of: Prescriber) -> Mapping[str, Any] | None:
    """What was offered; None with what is wrong beside its field."""
    data, at = form.cleaned_data, now()
    to = certified_by_npi(data["npi"], program_of(of.program), at)
    if to is None:
        form.refuse(NOBODY_CERTIFIED, "npi")
        return None
    every = _patients_of(of).values_list("pk", flat=True)
    patients = list(every) if data["whom"] == ALL else [UUID(one) for one in data["patients"]]
    try:
        return offers.hand_over(
            of=of.pk, patients=patients, to=to.pk, by=actor_of(reader_of(request)), at=at, key=form.idempotency_key
        )
    except offers.NotOffered as refused:
        form.refuse(_SAME if refused.code == "same-prescriber" else NOBODY_CERTIFIED, "npi")
    except KeyReused:
        form.refuse(OUT_OF_DATE)
    return None


_SAME = gettext_lazy("These are the patients of this prescriber already.")
