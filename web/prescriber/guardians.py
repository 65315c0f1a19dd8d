"""The guardians of a minor before the practice: named, corrected, replaced and ended at any time."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.repeats import answers_again
from accounts.roles import DESIGNEE, PRESCRIBER, for_roles
from compliance.records.columns import ended_guardians
from compliance.rules.consents import is_minor
from compliance.words.refusals import refusal_words
from ledger.clock import now
from patients.models import Guardian
from ui.navigation import Words
from web.shared.common import EntryForm, PatientContext, form_page, patient_context

from .contact_forms import WAITS, CorrectGuardianForm, EndGuardianForm, NameGuardianForm, ReplaceGuardianForm
from .presenters import short_name, url_of


def _guardian(ctx: PatientContext, guardian: UUID) -> Guardian:
    """One who stands beside the patient; 404 for anybody else, and for one whose part has ended."""
    row = ctx.patient.guardians.filter(pk=guardian).first()
    if row is None or (row.pk in ended_guardians(ctx.file.entries)):
        raise Http404
    return row


def _again(request: HttpRequest, *_args: object, patient: UUID, **_parts: object) -> HttpResponse:
    """The answer once more, where the guardian does not stand beside the patient any more."""
    return redirect("prescriber:patient", patient=patient)


def _answer(request: HttpRequest, form: EntryForm, title: Words, done: Words, lead: Words) -> HttpResponse:
    if request.method == "POST" and form.is_valid() and form.save_to_log():
        corrected = getattr(form, "corrected", None)
        if corrected is not None and corrected.waits:
            messages.info(request, WAITS)
        else:
            messages.success(request, done)
        return redirect(url_of(form.ctx.patient))
    back = (short_name(form.ctx.patient), url_of(form.ctx.patient))
    return form_page(request, form, title=title, lead=lead, back=back)


def _named(form: NameGuardianForm, invited: Words) -> Words:
    """What is said of a guardian who was named: without an address nobody is invited yet."""
    if form.data.get("email", "").strip():
        return invited
    return _("The guardian is named. Print the letter for them below.")


def _is_of_age(request: HttpRequest, ctx: PatientContext) -> bool:
    """Whether nobody can be named any more; the reader is told so before they type anything."""
    if is_minor(ctx.file.history(ctx.at)):
        return False
    messages.info(request, refusal_words("patient-of-age"))
    return True


@for_roles(PRESCRIBER, DESIGNEE)
def add(request: HttpRequest, patient: UUID) -> HttpResponse:
    """Name a guardian."""
    ctx = patient_context(request, patient, now())
    if _is_of_age(request, ctx):
        return redirect(url_of(ctx.patient))
    form = NameGuardianForm(request.POST or None, ctx=ctx)
    lead = _("The guardian gets an invitation to read and sign beside the patient.")
    return _answer(
        request, form, _("Name a guardian"), _named(form, _("The guardian is named and invited to sign.")), lead
    )


@for_roles(PRESCRIBER, DESIGNEE)
@answers_again(_again)
def correct(request: HttpRequest, patient: UUID, guardian: UUID) -> HttpResponse:
    """Correct the name or the address of a guardian."""
    ctx = patient_context(request, patient, now())
    form = CorrectGuardianForm(request.POST or None, ctx=ctx, guardian=_guardian(ctx, guardian))
    lead = _("What was entered before stays in the record. Signed documents keep what they said.")
    return _answer(request, form, _("Correct a guardian"), _("The guardian is corrected."), lead)


@for_roles(PRESCRIBER, DESIGNEE)
@answers_again(_again)
def replace(request: HttpRequest, patient: UUID, guardian: UUID) -> HttpResponse:
    """Another guardian in the place of this one."""
    ctx = patient_context(request, patient, now())
    before = _guardian(ctx, guardian)
    if _is_of_age(request, ctx):
        return redirect(url_of(ctx.patient))
    form = ReplaceGuardianForm(request.POST or None, ctx=ctx)
    form.instead_of = before
    lead = _("The guardian before sees nothing of the patient any more; what they signed stays signed. The new one "
             "gets an invitation.")  # fmt: skip
    done = _named(form, _("The guardian is replaced, the new one invited."))
    return _answer(request, form, _("Replace a guardian"), done, lead)


@for_roles(PRESCRIBER, DESIGNEE)
@answers_again(_again)
def end(request: HttpRequest, patient: UUID, guardian: UUID) -> HttpResponse:
    """End the part of this guardian."""
    ctx = patient_context(request, patient, now())
    form = EndGuardianForm(request.POST or None, ctx=ctx)
    form.guardian = _guardian(ctx, guardian)
    lead = _("The guardian sees nothing of the patient any more. What they signed stays signed.")
    return _answer(request, form, _("End a guardian's part"), _("The guardian's part has ended."), lead)
