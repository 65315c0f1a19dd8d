"""The patient's pages."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.repeats import answers_again
from accounts.roles import PATIENT, for_roles
from accounts.signature_credentials import has_passkey
from compliance import documents
from compliance.commands import comprehension
from compliance.commands.entries import EntryRefused
from compliance.records.file import read_file
from compliance.rules.booking import booked_on
from compliance.rules.history import reported_by_patient
from compliance.rules.records import ComprehensionPassed
from compliance.rules.windows import patient_part_start
from compliance.words.refusals import refusal_words
from ledger import access_log
from ledger.clock import now
from ledger.idempotency import KeyReused
from ui.fields import OUT_OF_DATE
from web.shared.common import PatientContext, form_page, is_tested
from web.shared.confirm_entry import tell_saved
from web.shared.lists import page_of_list
from web.shared.manifestations import manifestations_in
from web.shared.page_language import document_language

from . import access_log_presenter, presenters
from .forms import MaybePregnantForm, MistakeForm, OwnBookingForm, OwnMethodsForm, QuestionsForm
from .own_file import own_context


@require_safe
@for_roles(PATIENT)
def home(request: HttpRequest) -> HttpResponse:
    """What I can do now, and until when."""
    ctx = own_context(request, now())
    offer = {"offer_passkey": not has_passkey(ctx.reader)}
    planner = {"planner": presenters.planner(ctx, request.GET.get("day", ""))}
    return render(request, "patient/home.html", presenters.home(ctx) | planner | offer)


@require_safe
@for_roles(PATIENT)
def record(request: HttpRequest) -> HttpResponse:
    """My record."""
    ctx = own_context(request, now())
    manifestations = manifestations_in(ctx.file)
    context = {
        "page": page_of_list(request, presenters.lines(ctx, manifestations), lambda line: str(line[0].number)),
        "signed": presenters.signed(ctx, manifestations),
        "with_pdf": True,
    }
    return render(request, "patient/record.html", context)


@require_safe
@for_roles(PATIENT)
def access_log_page(request: HttpRequest) -> HttpResponse:
    """Who has viewed my record."""
    ctx = own_context(request, now())
    accesses = access_log.accesses_by_day(ctx.patient.id, reader=ctx.reader.pk, zone=ctx.program.zone)
    page = page_of_list(request, accesses, access_log_presenter.id_of)
    return render(request, "patient/access_log.html", {"page": page, "lines": access_log_presenter.lines(list(page))})


def _not_yet(request: HttpRequest, ctx: PatientContext, title: str) -> HttpResponse | None:
    """The page that says from when the patient's part of the month counts; None while it does.

    404 where nothing is asked of this patient each month. What is sent too early is not taken (422).
    """
    assessment = ctx.assessment
    if assessment is None or assessment.testing is None:
        raise Http404
    if patient_part_start(assessment.history, assessment.testing) is not None:
        return None
    context = {"title": title, "back": (_("Today"), reverse("patient:home"))}
    return render(request, "patient/not_yet.html", context, status=422 if request.method == "POST" else 200)


@for_roles(PATIENT)
def methods(request: HttpRequest) -> HttpResponse:
    """Choose the methods."""
    ctx = own_context(request, now())
    if (not_yet := _not_yet(request, ctx, _("Birth control this month"))) is not None:
        return not_yet
    form = OwnMethodsForm(request.POST or None, ctx=ctx)
    if request.method == "POST" and form.is_valid() and form.save_to_log():
        tell_saved(request, form, _("Saved. Thank you."))
        return redirect("patient:home")
    return form_page(
        request, form, title=_("Birth control this month"), template="patient/methods.html",
        back=(_("Today"), reverse("patient:home")), not_accepted=presenters.not_accepted(ctx.program),
        declared=presenters.declared(ctx),
    )  # fmt: skip


def _times_answered(ctx: PatientContext) -> int:
    """How often the questions of this month were answered."""
    assert ctx.assessment is not None and ctx.assessment.testing is not None
    since = patient_part_start(ctx.assessment.history, ctx.assessment.testing)
    return len(ctx.assessment.history.of(ComprehensionPassed, since))


def _had_answered(ctx: PatientContext) -> bool:
    """Whether the questions that were answered right just now had been before: told alike to two presses at once."""
    assert ctx.assessment is not None and ctx.assessment.testing is not None
    since = patient_part_start(ctx.assessment.history, ctx.assessment.testing)
    file = read_file(ctx.patient.id, ctx.at)
    return len(file.history(file.earliest(ctx.at)).of(ComprehensionPassed, since)) > 1


def _passed(
    request: HttpRequest, answer: Mapping[str, Any], *, before: bool = False, **_parts: object
) -> HttpResponse | None:
    if answer["wrong"]:
        return None
    if before:
        messages.info(request, _("All five are right. You had answered them for this month already."))
    else:
        messages.success(request, _("All five are right. Thank you."))
    return redirect("patient:home")


ONE_MORE_TRY = gettext_lazy("There is no hurry. A wrong answer is explained, and you try again.")
ANSWERED_BEFORE = gettext_lazy("You have answered the questions of this month. Answering them again changes nothing.")


@for_roles(PATIENT)
@answers_again(_passed)
def questions(request: HttpRequest) -> HttpResponse:
    """The month's questions."""
    ctx = own_context(request, now())
    if (not_yet := _not_yet(request, ctx, _("Five questions"))) is not None:
        return not_yet
    assert ctx.assessment is not None
    times = _times_answered(ctx)
    round_ = comprehension.current(
        patient=ctx.patient.id, account=ctx.reader.id, assessment=ctx.assessment, language=document_language()
    )
    form = QuestionsForm(request.POST or None, questions=round_.shown(request.POST))
    wrong: list[documents.Question] = []
    if request.method == "POST" and form.is_valid():
        try:
            wrong = comprehension.answer(
                patient=ctx.patient.id, round_=round_, choices=form.choices(), by=ctx.by, at=ctx.at,
                key=form.idempotency_key,
            )  # fmt: skip
        except EntryRefused as refused:
            form.refuse(refusal_words(refused.first.rule))
        except KeyReused:
            form.refuse(OUT_OF_DATE)
        else:
            if (passed := _passed(request, {"wrong": wrong}, before=_had_answered(ctx))) is not None:
                return passed
            for question in wrong:
                form.refuse(question.explanation, question.id)
    return form_page(
        request, form, title=_("Five questions"), back=(_("Today"), reverse("patient:home")),
        lead=ANSWERED_BEFORE if times else ONE_MORE_TRY, text_language=round_.language,
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


@for_roles(PATIENT)
def booking(request: HttpRequest) -> HttpResponse:
    """The day on which my next test is booked."""
    ctx = own_context(request, now())
    if ctx.assessment is None or not is_tested(ctx):
        raise Http404
    form = OwnBookingForm(request.POST or None, ctx=ctx, initial={"booked_on": booked_on(ctx.assessment.history)})
    if request.method == "POST" and form.is_valid() and form.save_to_log():
        messages.success(request, _("The day is saved."))
        return redirect("patient:home")
    lead = _("Then we ask about it if nothing was entered a day later. Your practice sees the day, too.")
    return form_page(request, form, title=_("My next test"), lead=lead, back=(_("Today"), reverse("patient:home")))
