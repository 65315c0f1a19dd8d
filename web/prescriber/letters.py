"""The printed letter to somebody without an e-mail address, shown once, in answer to the press that makes it."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.roles import DESIGNEE, PRESCRIBER, for_roles
from compliance.commands import letters
from compliance.commands.entries import EntryRefused
from compliance.words.refusals import refusal_words
from ledger import access_log
from ledger.clock import now
from ledger.idempotency import KeyReused
from patients.language import language_of
from patients.models import Guardian, Patient
from ui import times
from ui.fields import OUT_OF_DATE
from web.shared.common import PatientContext, patient_context, pressed
from web.shared.page_language import page_language


@require_POST
@for_roles(PRESCRIBER, DESIGNEE)
def letter(request: HttpRequest, patient: UUID, guardian: UUID | None = None) -> HttpResponse:
    """Make a letter with a new code. The code stands in this answer alone: it is never asked for again."""
    ctx = patient_context(request, patient, now())
    person = get_object_or_404(Guardian, pk=guardian, patient=ctx.patient) if guardian is not None else ctx.patient
    if (key := pressed(request)) is not None:
        try:
            made = letters.print_letter(patient=patient, guardian=guardian, by=ctx.by, at=ctx.at, key=key)
        except KeyReused:
            messages.error(request, OUT_OF_DATE)
        except letters.PrintedAlready:
            messages.error(request, _("This letter was made before. Print a new one: the code before ends."))
        except EntryRefused as refused:
            messages.error(request, refusal_words(refused.first.rule))
        else:
            return _page(request, ctx, person, made)
    return redirect("prescriber:patient", patient=patient)


def _page(request: HttpRequest, ctx: PatientContext, person: Patient | Guardian, made: letters.Letter) -> HttpResponse:
    access_log.add(ctx.patient.pk, by=ctx.by, what="letter", why=ctx.access_reason, at=ctx.at)
    language = language_of(person) or page_language()
    # Nobody knows where it is read: the day and the time are the program's, by name.
    with translation.override(language):
        day, time = times.program_day_and_time(made.expires_at)
        ends = _("%(day)s, %(time)s New York time") % {"day": times.plain_day(day, _("F j, Y")), "time": time}
    context = {
        "patient": ctx.patient,
        "name": person.name,
        "language": language,
        "practice": ctx.patient.prescriber,
        "code": made.code,
        "ends": ends,
        "address": f"{settings.SITE_URL}{reverse('public:letter')}",
    }
    return render(request, "prescriber/letter.html", context)
