"""Correct the contact data of a practice or a pharmacy: one page for all who may."""

from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.roles import OFFICER
from compliance.commands import places
from compliance.commands.certifying import Kind
from ledger.clock import now
from ledger.idempotency import KeyReused
from patients.fields import NpiField, PhoneField
from patients.models import Pharmacy, Prescriber
from patients.people import actor_of
from ui.fields import OUT_OF_DATE
from ui.forms import BaseForm
from ui.navigation import Words

from .common import form_page, reader_of


class PlaceContactForm(BaseForm):
    """Name, telephone number and address, as they stand; a practice's hours too."""

    submit: ClassVar[Words] = gettext_lazy("Save the correction")

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    phone = PhoneField()
    hours = forms.CharField(
        label=gettext_lazy("When you answer the telephone"), max_length=120, required=False,
        help_text=gettext_lazy("Your patients read it beside your number: Monday to Friday, 9 to 5."),
    )  # fmt: skip
    address = forms.CharField(label=gettext_lazy("Address"), max_length=200)
    npi = NpiField()
    reason = forms.CharField(label=gettext_lazy("Why"), widget=forms.Textarea(attrs={"rows": 3}), max_length=500)

    def __init__(self, *args: Any, with_npi: bool, with_hours: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not with_hours:
            del self.fields["hours"]
        if not with_npi:
            del self.fields["npi"]


def contact_page(
    request: HttpRequest, kind: Kind, place: Prescriber | Pharmacy, back: tuple[Words, str]
) -> HttpResponse:
    """Correct it and go back. Not found by whoever may not."""
    by = actor_of(reader_of(request))
    if not places.may_correct(kind, place.pk, by):
        raise Http404
    column = "practice_name" if kind == "prescriber" else "name"
    initial: dict[str, Any] = {"name": getattr(place, column), "phone": place.phone, "address": place.address}
    initial |= {"npi": place.npi, "hours": getattr(place, "hours", "")}
    form = PlaceContactForm(
        request.POST or None, initial=initial, with_npi=by.role == OFFICER, with_hours=kind == "prescriber"
    )
    if request.method == "POST" and form.is_valid() and _save(form, kind, place.pk, column, request):
        messages.success(request, _("The correction is saved."))
        return redirect(back[1])
    lead = _("What was entered before stays in the record. Signed documents keep what they said.")
    return form_page(request, form, title=_("Correct the contact data"), lead=lead, back=back)


#: By kind: an NPI belongs to one of each.
NPI_TAKEN: dict[Kind, Words] = {
    "prescriber": gettext_lazy("Another practice is registered under this NPI."),
    "pharmacy": gettext_lazy("Another pharmacy is registered under this NPI."),
}


def _save(form: PlaceContactForm, kind: Kind, place: UUID, column: str, request: HttpRequest) -> bool:
    data = form.cleaned_data
    contact = {column: data["name"]} | {
        name: data[name] for name in ("phone", "hours", "address", "npi") if name in data
    }
    try:
        places.correct_place(
            kind=kind, subject=place, contact=contact, reason=data["reason"], by=actor_of(reader_of(request)), at=now(),
            key=form.idempotency_key,
        )  # fmt: skip
    except places.NothingChanged:
        form.refuse(_("Nothing is different from before."))
    except places.NpiTaken:
        form.refuse(NPI_TAKEN[kind], "npi")
    except KeyReused:
        form.refuse(OUT_OF_DATE)
    else:
        return True
    return False
