"""Something is wrong: what to do first, whom to call, and the reports that tell the practice at once."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.repeats import answers_again
from accounts.roles import PATIENT, for_roles
from compliance.rules.history import reported_by_patient
from compliance.words.urgent import PROBLEMS
from ledger.clock import now
from web.shared.common import form_page, is_tested

from . import presenters
from .forms import MaybePregnantForm, MistakeForm, ProblemForm
from .own_file import own_context


@require_safe
@for_roles(PATIENT)
def urgent(request: HttpRequest) -> HttpResponse:
    """What to do first, and what can be reported."""
    ctx = own_context(request, now())
    return render(request, "patient/urgent.html", presenters.urgent(ctx))


def problem(request: HttpRequest, what: str) -> HttpResponse:
    """A missed period, or something that failed: one press tells the practice. It is no stop by itself."""
    ctx, words = own_context(request, now()), PROBLEMS.get(what)
    if words is None or not is_tested(ctx):
        raise Http404
    form = ProblemForm(request.POST or None, ctx=ctx, what=words.record)
    if request.method == "POST" and form.is_valid() and form.save_to_log():
        return redirect("patient:home")
    return form_page(
        request, form, title=words.title, template="patient/problem.html", words=words,
        back=(_("Urgent"), reverse("patient:urgent")), **presenters.first_aid(ctx),
    )  # fmt: skip


@for_roles(PATIENT)
def pregnant(request: HttpRequest) -> HttpResponse:
    """I may be pregnant: one press, and what to do next."""
    ctx = own_context(request, now())
    if not is_tested(ctx):
        raise Http404
    form = MaybePregnantForm(request.POST or None, ctx=ctx)
    if request.method == "POST" and form.is_valid() and form.save_to_log():
        return redirect("patient:home")
    lead = presenters.stopping_lead(ctx)
    back = (_("Today"), reverse("patient:home"))
    return form_page(request, form, title=_("You may be pregnant"), back=back, lead=lead)


def _mistaken(request: HttpRequest, *_args: object, **_parts: object) -> HttpResponse:
    messages.info(request, _("Your note is with who looks after you. Until they call, take none of the medicine."))
    return redirect("patient:home")


@for_roles(PATIENT)
@answers_again(_mistaken)
def mistake(request: HttpRequest) -> HttpResponse:
    """I pressed it by mistake: a note. Only the prescriber ends the stop."""
    ctx = own_context(request, now())
    if ctx.assessment is None or not reported_by_patient(ctx.assessment.history):
        raise Http404
    form = MistakeForm(request.POST or None, ctx=ctx)
    if request.method == "POST" and form.is_valid() and form.save_to_log():
        return _mistaken(request)
    return form_page(
        request, form, title=_("Pressed by mistake?"), back=(_("Today"), reverse("patient:home")),
        lead=_("We tell who looks after you. They talk with you and then end the stop. That can take a test."),
    )  # fmt: skip
