"""Patients who are offered to this prescriber, and prescribers who cover."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.repeats import answers_again
from accounts.roles import PRESCRIBER, for_roles
from compliance.commands import delegation, transfers
from compliance.commands.decide import OwnFile
from compliance.commands.held_enrolments import is_certified
from compliance.commands.offers import offer_records
from compliance.records.file import read_file
from compliance.records.programs import program_of
from ledger import access_log
from ledger.clock import now
from ledger.idempotency import KeyReused
from patients.models import Delegate, Patient, Prescriber
from patients.people import actor_of
from ui.fields import OUT_OF_DATE
from ui.forms import BaseForm
from ui.navigation import Words
from web.shared.approval import approved_first
from web.shared.common import form_page, pressed, program_of_reader, reader_of
from web.shared.lists import page_of
from web.shared.prescribers import NOBODY_CERTIFIED, certified_by_npi

from .forms import DelegateForm


@require_safe
@for_roles(PRESCRIBER)
@approved_first
def offered_to_me(request: HttpRequest) -> HttpResponse:
    """Who is offered to me: name, birth date and number, and from whom. Nothing clinical."""
    reader = reader_of(request)
    rows = Patient.objects.filter(offered_to__user=reader).select_related("prescriber__user")
    page, by, at = page_of(request, rows, "family_name", "id"), actor_of(reader), now()
    access_log.add_all([row.pk for row in page], by=by, what="offers", why="offered", at=at)
    program = program_of_reader(reader)
    may = by.acting_for is not None and is_certified(by.acting_for, program, at)
    context = {"page": page, "lines": _lines(list(page)), "may": may}
    return render(request, "prescriber/transfers.html", context)


@dataclass(frozen=True, slots=True)
class OfferLine:
    """A patient who is offered, and by whom: `prescriber`, `officer` or `patient`."""

    patient: Patient
    by: str


def _lines(patients: Sequence[Patient]) -> list[OfferLine]:
    """Each with who offers. One query for all."""
    makers = {row.subject: row.role for row in offer_records(patient.pk for patient in patients)}
    return [OfferLine(patient, makers.get(patient.pk, PRESCRIBER)) for patient in patients]


def _answered(request: HttpRequest, *_args: object, patient: UUID) -> HttpResponse:
    """What was recorded; whose the patient is, is told of now."""
    if request.POST.get("decision") != "accept":
        messages.success(request, _("The offer is declined."))
    elif _is_mine(request, patient):
        messages.success(request, _("The patient is yours now."))
    else:
        messages.info(request, _("You took the patient over, and the patient has gone to another prescriber since."))
    return redirect("prescriber:transfers")


def _is_mine(request: HttpRequest, patient: UUID) -> bool:
    return Patient.objects.filter(pk=patient, prescriber__user=reader_of(request)).exists()


#: Said to a prescriber who is suspended or not certified today.
CANNOT_TAKE_OVER = gettext_lazy("You can take nobody over today: you are not certified. The offer waits meanwhile.")


#: Said to a prescriber who is the patient, or their guardian, by now.
OWN_FILE = gettext_lazy("This is you, or somebody whose parent or guardian you are. Somebody else has to take over.")


@require_POST
@for_roles(PRESCRIBER)
@approved_first
@answers_again(_answered)
def answer_transfer(request: HttpRequest, patient: UUID) -> HttpResponse:
    """Accept or decline."""
    reader = reader_of(request)
    get_object_or_404(Patient, pk=patient, offered_to__user=reader)
    decision = request.POST.get("decision")
    if decision not in ("accept", "decline"):
        return HttpResponseBadRequest()
    if (key := pressed(request)) is None:
        return redirect("prescriber:transfers")
    verb = transfers.accept if decision == "accept" else transfers.decline
    try:
        verb(patient=patient, by=actor_of(reader), at=now(), key=key)
    except transfers.CannotTakeOver:
        messages.error(request, CANNOT_TAKE_OVER)
    except OwnFile:
        messages.error(request, OWN_FILE)
    except transfers.NoTransferOffer:
        messages.error(request, _("There is no offer any more."))
    except KeyReused:
        messages.error(request, OUT_OF_DATE)
    else:
        return _answered(request, patient=patient)
    return redirect("prescriber:transfers")


class TakeBackForm(BaseForm):
    """Take a patient back."""

    submit: ClassVar[Words] = gettext_lazy("Take the patient back")


def _taken_back(request: HttpRequest, *_args: object, patient: UUID) -> HttpResponse:
    if _is_mine(request, patient):
        messages.success(request, _("The patient is yours again."))
    else:
        messages.info(request, _("You took the patient back, and the patient has gone to another prescriber since."))
    return redirect("prescriber:home")


@for_roles(PRESCRIBER)
@approved_first
@answers_again(_taken_back)
def take_back(request: HttpRequest, patient: UUID) -> HttpResponse:
    """A patient whom one who covers handed over in my name: name, birth date and number, and the way back."""
    by, at = actor_of(reader_of(request)), now()
    row = get_object_or_404(Patient.objects.select_related("prescriber__user"), pk=patient)
    if not transfers.can_take_back(read_file(row.pk, at).history(at), by, at):
        raise Http404
    form = TakeBackForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            transfers.take_back(patient=row.pk, by=by, at=at, key=form.idempotency_key)
        except transfers.CannotTakeOver:
            form.refuse(_("You can take nobody back today: you are not certified."))
        except OwnFile:
            form.refuse(OWN_FILE)
        except transfers.NotTakenBack:
            raise Http404 from None
        except KeyReused:
            form.refuse(OUT_OF_DATE)
        else:
            return _taken_back(request, patient=patient)
    access_log.add(row.pk, by=by, what="take-back", why="handed-over", at=at)
    lead = _("%(name)s, number %(number)s, was handed over to %(practice)s by somebody who covers for you.") % {
        "name": row.name, "number": row.number, "practice": row.prescriber.practice_name,
    }  # fmt: skip
    return form_page(request, form, title=_("Take the patient back?"), lead=lead)


@for_roles(PRESCRIBER)
@approved_first
def add_delegate(request: HttpRequest) -> HttpResponse:
    """Name a prescriber who acts as delegate of me."""
    reader, at = reader_of(request), now()
    prescriber = get_object_or_404(Prescriber, user=reader)
    form = DelegateForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        other = certified_by_npi(form.cleaned_data["npi"], program_of(prescriber.program), at)
        try:
            if other is None:
                form.refuse(NOBODY_CERTIFIED, "npi")
            else:
                delegation.add_delegate(
                    prescriber=prescriber, delegate=other, by=actor_of(reader), at=at, key=form.idempotency_key
                )
                messages.success(request, _("Recorded. A delegate sees your patients and can act for you."))
                return redirect("prescriber:practice")
        except delegation.NotDelegated:
            form.refuse(_("This prescriber covers already, or is you."), "npi")
        except KeyReused:
            form.refuse(OUT_OF_DATE)
    lead = _("A delegate sees all your patients and enters and signs in their own name, for you.")
    back = (_("Practice"), reverse("prescriber:practice"))
    return form_page(request, form, title=_("Add a delegate"), lead=lead, back=back)


def _ended(request: HttpRequest, *_args: object, **_parts: object) -> HttpResponse:
    messages.success(request, _("Ended."))
    return redirect("prescriber:practice")


@require_POST
@for_roles(PRESCRIBER)
@answers_again(_ended)
def end_delegate(request: HttpRequest, delegate: UUID) -> HttpResponse:
    """End a delegation."""
    reader = reader_of(request)
    row = get_object_or_404(
        Delegate.objects.select_related("prescriber"), pk=delegate, prescriber__user=reader, ended_at=None
    )
    if (key := pressed(request)) is None:
        return redirect("prescriber:practice")
    try:
        delegation.end_delegation(row=row, by=actor_of(reader), at=now(), key=key)
    except KeyReused:
        messages.error(request, OUT_OF_DATE)
        return redirect("prescriber:practice")
    return _ended(request)
