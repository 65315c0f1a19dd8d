"""The laboratory schedule of the practice: in which months values are due in its courses."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.roles import PRESCRIBER, for_roles
from compliance.commands import laboratory_schedule as commands
from compliance.records.file import laboratory_months
from compliance.rules.care.laboratory import DEFAULT_MONTHS
from compliance.words.laboratory import months_words
from ledger import log
from ledger.clock import now
from ledger.idempotency import KeyReused
from ledger.log import Row
from patients.models import Prescriber
from patients.people import actor_of
from ui.fields import OUT_OF_DATE
from ui.forms import BaseForm
from ui.navigation import Words
from web.shared.approval import approved_first
from web.shared.common import form_page, reader_of

from .laboratory_forms import months_field, offer_months


def schedule_of(rows: Iterable[Row], at: datetime) -> tuple[int, ...]:
    """The months of the practice with that log: those that it set, or else the default."""
    months = laboratory_months(rows, at)
    return DEFAULT_MONTHS if months is None else months


def schedule_words(rows: Iterable[Row], at: datetime) -> str:
    """The same in a line."""
    return months_words(schedule_of(rows, at))


class ScheduleForm(BaseForm):
    """The months."""

    submit: ClassVar[Words] = gettext_lazy("Save the schedule")
    months = months_field(gettext_lazy("Values are due"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_months(self)


@for_roles(PRESCRIBER)
@approved_first
def laboratory_schedule(request: HttpRequest) -> HttpResponse:
    """Set the schedule of one's own practice; a course with a plan of its own keeps that."""
    reader, at = reader_of(request), now()
    prescriber = get_object_or_404(Prescriber, user=reader)
    form = ScheduleForm(request.POST or None, initial={"months": schedule_of(log.read(prescriber.pk), at)})
    back = (_("Practice"), reverse("prescriber:practice"))
    if request.method == "POST" and form.is_valid():
        chosen = sorted(form.cleaned_data["months"])
        try:
            commands.set_schedule(
                prescriber=prescriber, months=chosen, by=actor_of(reader), at=at, key=form.idempotency_key
            )
        except commands.NothingChanged:
            form.refuse(_("Nothing is different from before."))
        except KeyReused:
            form.refuse(OUT_OF_DATE)
        else:
            messages.success(request, _("The schedule is saved. It holds for every course without a plan of its own."))
            return redirect(back[1])
    lead = _("You are reminded on the day, in each course of your practice. Months count from the first fill.")
    return form_page(request, form, title=_("Laboratory schedule"), lead=lead, back=back)
