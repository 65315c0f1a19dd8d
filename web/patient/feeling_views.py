"""How do you feel, side effects, and whom to turn to at once."""

from collections.abc import Mapping
from functools import partial
from uuid import uuid5

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.roles import PATIENT, for_roles
from compliance import documents
from compliance.commands import drafts
from compliance.commands.entries import EntryRefused, enter
from compliance.documents.care import MOOD
from compliance.rules.care import mood
from compliance.rules.care.mood import MoodAnswered
from compliance.rules.records import Enrolled
from compliance.words.refusals import refusal_words
from compliance.words.urgent import CRISIS
from ledger import request_log
from ledger.clock import now
from ledger.idempotency import KeyReused
from web.shared import reports
from web.shared.common import PatientContext, form_page
from web.shared.page_language import document_language

from . import presenters
from .feeling_forms import MoodForm, SideEffectsForm
from .own_file import own_context

#: How the names of all such drafts begin.
_DRAFTS = "mood:"


def _own_context(request: HttpRequest) -> PatientContext:
    """The reader's file. 404 before they were ever enrolled: then there is no medicine yet."""
    ctx = own_context(request, now())
    if not ctx.file.history(ctx.at).of(Enrolled):
        raise Http404
    return ctx


def _draft(ctx: PatientContext) -> str:
    """The name of the answers on the way to the next record: they begin anew after each, and with each month."""
    recorded = ctx.file.history(ctx.at).of(MoodAnswered)
    return f"{_DRAFTS}{recorded[-1][0].number if recorded else 0}:{ctx.today:%Y-%m}"


def _so_far(ctx: PatientContext) -> Mapping[str, int]:
    kept = drafts.read(patient=ctx.patient.id, account=ctx.reader.id, what=_draft(ctx))
    return {item: answer for item, answer in kept.items() if isinstance(answer, int)}


@for_roles(PATIENT)
def feeling(request: HttpRequest) -> HttpResponse:
    """The questions about how the patient feels, one at a time. Each answer is kept at once.

    The ninth by anything but "not at all" is recorded and told there and then, whatever else is unanswered.
    """
    ctx = _own_context(request)
    before = _so_far(ctx)
    form = MoodForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return _keep(request, ctx, form, before)
        except EntryRefused as refused:
            form.refuse(refusal_words(refused.first.rule))
    return _question_page(request, ctx, form, before)


def _keep(request: HttpRequest, ctx: PatientContext, form: MoodForm, before: Mapping[str, int]) -> HttpResponse:
    """Keep this answer, or record them all, and go on. Pressed twice it is kept once."""
    item, answer = form.cleaned_data["item"], form.cleaned_data["answer"]
    # The page that Back shows has its old key: another answer on it is another request.
    key = uuid5(form.idempotency_key, f"{item}:{answer}")
    answers = form.with_answer(before)
    if request_log.find(ctx.by.account, key) is not None:
        return _go_on_again(request, ctx, before)
    try:
        if mood.thinks_of_harm(answers) or mood.next_item(answers) is None:
            version = documents.version_on(MOOD, ctx.today)
            record = MoodAnswered(mood.instrument_of(answers), version, document_language(), answers)
            enter(
                patient=ctx.patient.id, records=[record], by=ctx.by, at=ctx.at, key=key,
                then=partial(drafts.forget_after, ctx.patient.id, ctx.reader.id, _DRAFTS),
            )  # fmt: skip
        else:
            kept = {str(item): answer}
            drafts.save(patient=ctx.patient.id, what=_draft(ctx), answers=kept, by=ctx.by, at=ctx.at, key=key)
    except KeyReused:
        return _go_on_again(request, ctx, before)  # The same press came at the same moment, and was first.
    return _go_on(request, answers)


def _go_on_again(request: HttpRequest, ctx: PatientContext, left: Mapping[str, int]) -> HttpResponse:
    """Where a press leads that was carried out before: once all is recorded, nothing is left to answer."""
    recorded = ctx.file.history(ctx.at).of(MoodAnswered)
    return _go_on(request, left or (recorded[-1][1].answers if recorded else {}))


def _go_on(request: HttpRequest, answers: Mapping[str, int]) -> HttpResponse:
    if mood.thinks_of_harm(answers):
        return redirect("patient:help_now")
    if mood.next_item(answers) is not None:
        return redirect("patient:feeling")
    if mood.instrument_of(answers) == mood.PHQ9 and sum(answers.values()) >= mood.TALKED_ABOUT_FROM:
        text = _(
            "Thank you. Your practice sees your answers and talks with you about them. If it gets worse, call them."
        )
        messages.info(request, text)
    else:
        messages.success(request, _("Thank you. Your practice sees your answers."))
    return redirect("patient:home")


def _question_page(
    request: HttpRequest, ctx: PatientContext, form: MoodForm, before: Mapping[str, int]
) -> HttpResponse:  # fmt: skip
    """The next question, or as many before it as the address says: nothing else of the answers stands there."""
    questions = documents.mood_questions(document_language(), version=documents.version_on(MOOD, ctx.today))
    given = sorted(int(item) for item in before)
    text = request.GET.get("back", "")
    back = min(int(text), len(given)) if text.isdecimal() and len(text) < 3 else 0
    item = given[-back] if back else mood.next_item(before) or 1
    recorded = ctx.file.history(ctx.at).in_course(MoodAnswered)
    return form_page(
        request, form, title=_("How do you feel?"), template="patient/feeling.html", ctx=ctx,
        back=(_("Today"), reverse("patient:home")), questions=questions, item=item, question=questions.item(item),
        options=list(enumerate(questions.choices)), chosen=before.get(str(item)),
        count=len(mood.ITEMS[mood.PHQ9 if mood.goes_on(before) else mood.PHQ2]),
        step_back=back + 1 if back < len(given) else 0, answered_at=recorded[-1][0].at if recorded else None,
    )  # fmt: skip


@require_safe
@for_roles(PATIENT)
def help_now(request: HttpRequest) -> HttpResponse:
    """Whom to turn to at once; and, after thoughts of harm were reported, who was told."""
    ctx = own_context(request, now())
    lines = [line for line in reports.recent(ctx) if line.crisis]
    context = {"crisis": CRISIS, "reports": lines, "reports_told": reports.told_of_reports(ctx, lines)}
    return render(request, "patient/help_now.html", presenters.first_aid(ctx) | context)


@for_roles(PATIENT)
def side_effects(request: HttpRequest) -> HttpResponse:
    """Pick what one notices; the answer says at once what to do."""
    ctx = _own_context(request)
    form = SideEffectsForm(request.POST or None, ctx=ctx)
    if request.method == "POST" and form.is_valid() and form.save_to_log():
        return redirect("patient:help_now" if form.is_crisis else "patient:what_to_do")
    return form_page(
        request, form, title=_("Side effects"), template="patient/side_effects.html",
        back=(_("Today"), reverse("patient:home")), **presenters.first_aid(ctx),
    )  # fmt: skip


@require_safe
@for_roles(PATIENT)
def what_to_do(request: HttpRequest) -> HttpResponse:
    """What to do about the latest report, the most urgent first; with thoughts of harm, who helps at once."""
    ctx = _own_context(request)
    report = next((line for line in reports.recent(ctx) if line.told), None)
    if report is None:
        return redirect("patient:side_effects")
    if report.crisis and report.is_open:
        return redirect("patient:help_now")
    context = {"report": report, "reports_told": reports.told_of_reports(ctx, [report])}
    return render(request, "patient/what_to_do.html", presenters.first_aid(ctx) | context)
