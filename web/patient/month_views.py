"""The patient's part of a month: five questions, one at a time, then the methods and the signature."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.repeats import answers_again
from accounts.roles import PATIENT, for_roles
from compliance.commands import comprehension
from compliance.commands.comprehension import Round
from compliance.commands.entries import EntryRefused
from compliance.records.file import read_file
from compliance.rules.records import ComprehensionPassed
from compliance.rules.windows import patient_part_start
from compliance.words.refusals import refusal_words
from ledger.clock import now
from ledger.idempotency import KeyReused
from ui.fields import OUT_OF_DATE
from web.shared.common import PatientContext, form_page
from web.shared.confirm_entry import tell_saved
from web.shared.page_language import document_language

from . import presenters
from .forms import OwnMethodsForm, QuestionsForm
from .own_file import own_context

#: The pages of the own part, in order, by the blocker that each clears.
_PART = {"comprehension-missing": "patient:questions", "contraception-missing:patient": "patient:methods"}


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


def _go_on(ctx: PatientContext) -> HttpResponse:
    """To what is left of the own part of the month, by the file as it is now; home where nothing is."""
    file = read_file(ctx.patient.id, ctx.at)
    codes = file.assess(file.earliest(ctx.at)).codes
    return redirect(next((page for code, page in _PART.items() if code in codes), "patient:home"))


@for_roles(PATIENT)
def methods(request: HttpRequest) -> HttpResponse:
    """Choose the methods, or leave them as they were, and sign for the month."""
    ctx = own_context(request, now())
    if (not_yet := _not_yet(request, ctx, _("Birth control this month"))) is not None:
        return not_yet
    form = OwnMethodsForm(request.POST or None, ctx=ctx)
    if request.method == "POST" and form.is_valid() and form.save_to_log():
        tell_saved(request, form, _("Saved. Thank you."))
        return _go_on(ctx)
    return form_page(
        request, form, title=_("Birth control this month"), template="patient/methods.html",
        back=(_("Today"), reverse("patient:home")), not_accepted=presenters.not_accepted(ctx.program),
        declared=presenters.declared(ctx),
    )  # fmt: skip


def _passed_since(ctx: PatientContext, *, afresh: bool = False) -> int:
    """How often the questions of this month were answered; `afresh`: by the log as it is by now."""
    assert ctx.assessment is not None and ctx.assessment.testing is not None
    history = ctx.assessment.history
    since = patient_part_start(history, ctx.assessment.testing)
    if afresh:
        file = read_file(ctx.patient.id, ctx.at)
        history = file.history(file.earliest(ctx.at))
    return len(history.of(ComprehensionPassed, since))


def _said_again(request: HttpRequest, answer: Mapping[str, Any], **_parts: object) -> HttpResponse | None:
    """The answer of a form that comes once more, where its page is gone."""
    if answer["wrong"] or answer.get("left"):
        return None
    return _passed(request, own_context(request, now()), before=False)


def _passed(request: HttpRequest, ctx: PatientContext, *, before: bool) -> HttpResponse:
    if before:
        messages.info(request, _("All five are right. You had answered them for this month already."))
    else:
        messages.success(request, _("All five are right. Thank you."))
    return _go_on(ctx)


ANSWERED_BEFORE = gettext_lazy("You have answered the questions of this month. Answering them again changes nothing.")


@for_roles(PATIENT)
@answers_again(_said_again)
def questions(request: HttpRequest) -> HttpResponse:
    """The month's questions, one at a time; a wrong answer is explained, and the same one is asked again."""
    ctx = own_context(request, now())
    if (not_yet := _not_yet(request, ctx, _("Five questions"))) is not None:
        return not_yet
    assert ctx.assessment is not None
    round_ = comprehension.current(
        patient=ctx.patient.id, account=ctx.reader.id, assessment=ctx.assessment, language=document_language()
    )
    sent = [question for question in round_.questions if question.id in request.POST]
    asked = sent or ([round_.missed[0]] if round_.missed else round_.left[:1])
    form = QuestionsForm(request.POST or None, questions=asked, seed=f"{ctx.patient.id}:{round_.name}")
    if request.method == "POST" and form.is_valid():
        try:
            answered = comprehension.answer(
                patient=ctx.patient.id, round_=round_, choices=form.choices(), by=ctx.by, at=ctx.at,
                key=form.idempotency_key,
            )  # fmt: skip
        except EntryRefused as refused:
            form.refuse(refusal_words(refused.first.rule))
        except KeyReused:
            form.refuse(OUT_OF_DATE)
        else:
            if not answered.left:
                return _passed(request, ctx, before=_passed_since(ctx, afresh=True) > 1)
            # Also after a wrong one: a page that is opened by an address survives Back.
            return redirect("patient:questions")
    return _question_page(request, ctx, form, round_)


def _question_page(request: HttpRequest, ctx: PatientContext, form: QuestionsForm, round_: Round) -> HttpResponse:
    """One question with its answers as buttons, above it why the last answer was wrong."""
    question = next(iter(form.questions), None)
    missed, choice = round_.missed or (None, 0)
    chosen = question.choices[choice] if question is not None and question is missed else ""
    return form_page(
        request, form, title=_("Five questions"), template="patient/question.html", ctx=ctx,
        back=(_("Today"), reverse("patient:home")), question=question,
        options=form.fields[question.id].choices if question else [],  # type: ignore[attr-defined]
        chosen=chosen, place=len(round_.questions) - len(round_.left) + 1, count=len(round_.questions),
        lead=ANSWERED_BEFORE if _passed_since(ctx) else "", text_language=round_.language,
    )  # fmt: skip
