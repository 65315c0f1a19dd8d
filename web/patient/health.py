"""The patient's page of their own health: how they feel, side effects, and what is recorded of allergies and more."""

from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.roles import PATIENT, for_roles
from compliance.commands.entries import EntryRefused, enter
from compliance.rules.care.health import HealthAnswered, HealthReviewed
from compliance.rules.care.health_review import is_review_offered
from compliance.rules.care.open_reports import is_mood_offered
from compliance.rules.records import Enrolled, Record
from compliance.words import health as words
from compliance.words.refusals import refusal_words
from ledger.clock import now
from ledger.erasable_text import read_texts
from ledger.idempotency import KeyReused
from ui.fields import OUT_OF_DATE
from ui.navigation import Words
from web.shared.common import EntryForm, PatientContext, form_page, pressed
from web.shared.health_changes import changes_before, health_changes

from . import presenters
from .own_file import own_context


class HealthChangeForm(EntryForm):
    """What has changed, in the patient's own words."""

    submit: ClassVar[Words] = gettext_lazy("Tell my practice")
    about_self: ClassVar[bool] = True

    words = forms.CharField(
        label=gettext_lazy("What has changed?"), widget=forms.Textarea(attrs={"rows": 3}), max_length=500,
        help_text=gettext_lazy(
            "A new medicine, vitamin, herb or allergy, an illness, or something that is recorded wrong."
        ),
    )  # fmt: skip

    def records(self) -> list[Record]:
        """The patient's word."""
        return [HealthReviewed(changed=True, words=self.make_erasable(self.cleaned_data["words"]))]


@for_roles(PATIENT)
def health(request: HttpRequest) -> HttpResponse:
    """What is recorded, and a way to say what has changed. There before, in and after each course."""
    ctx = own_context(request, now())
    form = HealthChangeForm(request.POST or None, ctx=ctx)
    if request.method == "POST" and form.is_valid() and form.save_to_log():
        messages.success(request, _("Thank you. Your practice reads it, and enters what follows."))
        return redirect("patient:health")
    return form_page(
        request, form, title=_("My health"), template="patient/health.html", back=(_("Today"), reverse("patient:home")),
        **health_page(ctx),
    )  # fmt: skip


@require_POST
@for_roles(PATIENT)
def health_unchanged(request: HttpRequest) -> HttpResponse:
    """One press: nothing has changed."""
    ctx = own_context(request, now())
    if (key := pressed(request)) is not None:
        try:
            enter(patient=ctx.patient.pk, records=[HealthReviewed(changed=False)], by=ctx.by, at=ctx.at, key=key)
        except EntryRefused as refused:
            messages.error(request, refusal_words(refused.first.rule))
        except KeyReused:
            messages.error(request, OUT_OF_DATE)
        else:
            messages.success(request, _("Thank you. Your practice sees that nothing has changed."))
    return redirect("patient:health")


def health_page(ctx: PatientContext) -> dict[str, Any]:
    """What is recorded, and what the patient said since."""
    history = ctx.file.history(ctx.at)
    answered = history.of(HealthAnswered)
    in_course = history.course is not None
    return {
        "recorded": _recorded(answered[-1][1]) if answered else [],
        "recorded_at": answered[-1][0].at if answered else None,
        "changes": health_changes(ctx),
        "before": changes_before(ctx),
        "can_tell": in_course,
        "can_confirm": bool(answered) and is_review_offered(history),
        "mood_offered": is_mood_offered(history),
        "can_report": bool(history.of(Enrolled)),
        "contact": presenters.first_aid(ctx)["contact"],
    }


def _recorded(record: HealthAnswered) -> list[tuple[str, str]]:
    """What the practice has entered, a row each; of all that was asked, what was answered with yes."""
    tables = (
        (_("Allergies"), record.allergies, words.ALLERGIES),
        (_("Other medicines"), record.medicines, words.MEDICINES),
        (_("Conditions"), record.conditions, words.CONDITIONS),
    )
    rows = [(label, "; ".join(str(table[code]) for code in codes)) for label, codes, table in tables]
    if record.other is not None and (other := read_texts([record.other]).get(record.other, "")):
        rows.append((_("Anything else"), other))
    return rows
