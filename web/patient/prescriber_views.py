"""The patient's prescriber: how to reach them, who covers, and asking for another one.

Who is certified is public within the program; the search says nothing of whose patients anybody is.
"""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.repeats import answers_again
from accounts.roles import PATIENT, for_roles
from compliance.commands import offers
from compliance.commands.decide import OwnFile
from compliance.commands.held_enrolments import is_certified
from ledger.clock import now
from ledger.idempotency import KeyReused
from patients.models import Prescriber
from patients.who_acts import who_acts
from ui.fields import OUT_OF_DATE
from ui.forms import BaseForm
from ui.navigation import Words
from web.shared.common import PatientContext, form_page, pressed
from web.shared.prescribers import MOST_FOUND, NOT_TO_THEM, search_certified

from .own_file import own_context

#: Where in the session what is searched for waits: nothing that is typed stands in an address.
_SOUGHT = "prescriber_sought"


@require_safe
@for_roles(PATIENT)
def prescriber(request: HttpRequest) -> HttpResponse:
    """My prescriber, who covers while they cannot act, and whom I asked."""
    ctx = own_context(request, now())
    context = {"prescriber": ctx.patient.prescriber, "acts": who_acts(ctx.patient.prescriber), "offer": _offer(ctx)}
    return render(request, "patient/prescriber.html", context)


def _offer(ctx: PatientContext) -> dict[str, object] | None:
    """The one who is asked to take the patient over; None where nobody is."""
    history = ctx.file.history(ctx.at)
    if history.offered_to is None:
        return None
    to = Prescriber.objects.select_related("user").get(pk=history.offered_to)
    own, may = offers.is_own_request(history), is_certified(to.pk, ctx.program, ctx.at)
    return {"to": to, "own": own, "may": may}


class SearchForm(BaseForm):
    """Look for a prescriber."""

    submit: ClassVar[Words] = gettext_lazy("Search")

    sought = forms.CharField(
        label=gettext_lazy("Name of the doctor or practice, city, or NPI"), min_length=3, max_length=60, strip=True
    )


@for_roles(PATIENT)
def find_prescriber(request: HttpRequest) -> HttpResponse:
    """Prescribers who could look after me."""
    ctx = own_context(request, now())
    form = SearchForm(request.POST or None, initial={"sought": request.session.get(_SOUGHT, "")})
    if request.method == "POST" and form.is_valid():
        request.session[_SOUGHT] = form.cleaned_data["sought"]
        return redirect("patient:find_prescriber")
    sought = request.session.get(_SOUGHT, "") if request.method != "POST" else ""
    found = search_certified(sought, ctx.program, ctx.at) if sought else []
    others = [one for one in found if one.pk != ctx.patient.prescriber_id]
    context = {"form": form, "found": others, "sought": sought, "more": len(found) == MOST_FOUND}
    return render(request, "patient/find_prescriber.html", context, status=422 if form.errors else 200)


class AskForm(BaseForm):
    """Ask that one."""

    submit: ClassVar[Words] = gettext_lazy("Ask this prescriber")


def _asked(request: HttpRequest, *_args: object, **_parts: object) -> HttpResponse:
    messages.success(request, _("Asked. You get an e-mail when they have answered."))
    return redirect("patient:prescriber")


#: Why a prescriber cannot be asked.
REFUSED = {
    "not-certified": gettext_lazy("This prescriber takes nobody over at the moment. Please choose another one."),
    "offer-open": gettext_lazy("Another practice is asked to look after you already. It has to answer first."),
    "same-prescriber": gettext_lazy("This is your prescriber already."),
}


@for_roles(PATIENT)
@answers_again(_asked)
def ask_prescriber(request: HttpRequest, prescriber: UUID) -> HttpResponse:
    """Ask a prescriber to look after me: what they see now, and what follows once they accept."""
    ctx = own_context(request, now())
    to = _one_to_ask(ctx, prescriber, ctx.at)
    form = AskForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            offers.ask(patient=ctx.patient.pk, to=to.pk, by=ctx.by, at=ctx.at, key=form.idempotency_key)
        except offers.NotOffered as refused:
            form.refuse(REFUSED[refused.code])
        except OwnFile:
            form.refuse(NOT_TO_THEM)
        except KeyReused:
            form.refuse(OUT_OF_DATE)
        else:
            return _asked(request)
    back = (_("Another prescriber"), reverse("patient:find_prescriber"))
    title = _("Ask for this prescriber?")
    return form_page(request, form, title=title, lead=_lead(ctx, to), back=back, ctx=ctx)


def _one_to_ask(ctx: PatientContext, prescriber: UUID, at: datetime) -> Prescriber:
    to = get_object_or_404(Prescriber.objects.select_related("user"), pk=prescriber)
    if to.pk == ctx.patient.prescriber_id or not is_certified(to.pk, ctx.program, at):
        raise Http404
    return to


def _lead(ctx: PatientContext, to: Prescriber) -> str:
    """What is told now, and what follows."""
    told = _(
        "%(name)s, %(practice)s, sees your name, date of birth and number, and that you ask. Once they accept, they "
        "see your record and look after you, and your practice of today does not any more. Days to pick up stay open."
    ) % {"name": to.user.name, "practice": to.practice_name}
    authorization = ctx.assessment.authorization if ctx.assessment is not None else None
    if authorization is None:
        return told
    return f"{told} {_('Your pharmacy has to ask anew then. Pick up first, if you can.')}"


def _taken_back(request: HttpRequest, *_args: object, **_parts: object) -> HttpResponse:
    messages.success(request, _("Your request is taken back."))
    return redirect("patient:prescriber")


@require_POST
@for_roles(PATIENT)
@answers_again(_taken_back)
def take_request_back(request: HttpRequest) -> HttpResponse:
    """Ask for nobody any more."""
    ctx = own_context(request, now())
    if (key := pressed(request)) is None:
        return redirect("patient:prescriber")
    try:
        offers.take_request_back(patient=ctx.patient.pk, by=ctx.by, at=ctx.at, key=key)
    except offers.NotOffered:
        messages.info(request, _("There is no request of yours any more."))
    except KeyReused:
        messages.error(request, OUT_OF_DATE)
    else:
        return _taken_back(request)
    return redirect("patient:prescriber")
