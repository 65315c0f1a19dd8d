"""The patient's pages."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.roles import PATIENT, for_roles
from accounts.signature_credentials import has_passkey
from compliance.rules.booking import booked_on
from ledger import access_log
from ledger.clock import now
from ui.qr import qr_code
from web.shared.common import form_page, is_tested
from web.shared.lists import page_of_list
from web.shared.manifestations import manifestations_in
from web.shared.surveys import is_survey_offered

from . import access_log_presenter, medicine, presenters
from .forms import OwnBookingForm
from .own_file import own_context


@require_safe
@for_roles(PATIENT)
def home(request: HttpRequest) -> HttpResponse:
    """What I can do now, and until when."""
    ctx = own_context(request, now())
    offer = {"offer_passkey": not has_passkey(ctx.reader)}
    planner = {"planner": presenters.planner(ctx, request.GET.get("day", ""))}
    along = medicine.along(ctx) | presenters.feeling(ctx)
    survey = {"survey_offered": presenters.is_calm(ctx) and is_survey_offered(ctx.reader, ctx.at)}
    return render(request, "patient/home.html", presenters.home(ctx) | planner | offer | along | survey)


@require_safe
@for_roles(PATIENT)
def record(request: HttpRequest) -> HttpResponse:
    """My record."""
    ctx = own_context(request, now())
    manifestations = manifestations_in(ctx.file)
    page = page_of_list(request, presenters.lines(ctx, manifestations), lambda line: str(line[0].number))
    context = {
        "page": page,
        "lines": presenters.signed_once(page.rows),
        "signed": presenters.signed(ctx, manifestations),
        "with_pdf": True,
    }
    return render(request, "patient/record.html", context)


@require_safe
@for_roles(PATIENT)
def wallet_card(request: HttpRequest) -> HttpResponse:
    """The patient number to carry along, as a QR code and in print."""
    number = own_context(request, now()).patient.number
    return render(request, "patient/wallet_card.html", {"number": number, "code": qr_code(number)})


@require_safe
@for_roles(PATIENT)
def access_log_page(request: HttpRequest) -> HttpResponse:
    """Who has viewed my record."""
    ctx = own_context(request, now())
    accesses = access_log.accesses_by_day(ctx.patient.id, reader=ctx.reader.pk, zone=ctx.program.zone)
    page = page_of_list(request, accesses, access_log_presenter.id_of)
    return render(request, "patient/access_log.html", {"page": page, "lines": access_log_presenter.lines(list(page))})


@for_roles(PATIENT)
def booking(request: HttpRequest) -> HttpResponse:
    """The day on which my next test is booked."""
    ctx = own_context(request, now())
    if ctx.assessment is None or not is_tested(ctx):
        raise Http404
    form = OwnBookingForm(request.POST or None, ctx=ctx, initial={"booked_on": booked_on(ctx.assessment.history)})
    if request.method == "POST" and form.is_valid() and form.save_to_log():
        messages.success(request, str(form.done))
        return redirect("patient:home")
    lead = _("Then we ask about it if nothing was entered a day later. Your practice sees the day, too.")
    return form_page(request, form, title=_("My next test"), lead=lead, back=(_("Today"), reverse("patient:home")))
