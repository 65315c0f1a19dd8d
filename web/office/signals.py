"""Signals of non-compliance before the office: each opens what raised it. Cases are opened there, or by hand."""

from collections.abc import Sequence
from datetime import date
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.roles import OFFICER, for_roles
from compliance.commands import noncompliance
from compliance.commands.certifying import Kind, WrongState
from compliance.models import Authorization, ComplianceSignal
from compliance.words.kinds import KIND_LABELS
from compliance.words.noncompliance import SIGNAL
from ledger import access_log
from ledger.clock import now
from ledger.erasable_text import make_erasable
from ledger.idempotency import KeyReused
from ledger.models import LoggedRequest, LogRecord
from patients.people import actor_of
from patients.visibility import visible_patients
from ui import times
from ui.fields import OUT_OF_DATE
from ui.forms import BaseForm
from ui.navigation import Words
from web.shared.common import form_page, reader_of
from web.shared.lists import page_of
from web.shared.noncompliance import MOST_LETTERS, name_of

from .applications import place_of
from .months import choices, following, last_months, named_month
from .noncompliance import place_names

#: So many other signals of a place are offered to be taken up together.
MOST_SIGNALS = 20


class SignalLine(NamedTuple):
    """A signal in the list. It names no patient."""

    row: ComplianceSignal
    words: Words
    place: str


@require_safe
@for_roles(OFFICER)
def signals(request: HttpRequest) -> HttpResponse:
    """The signals of which no case was opened, newest first; or all of a month. Of one kind where it is named."""
    chosen, month = request.GET.get("kind", ""), named_month(request)
    rows = ComplianceSignal.objects.filter(case=None)
    if month is not None:
        rows = ComplianceSignal.objects.filter(day__gte=month, day__lt=following(month))
    if chosen in SIGNAL:
        rows = rows.filter(code=chosen)
    page = page_of(request, rows, "-day", "id")
    names = place_names(row.place for row in page)
    lines = [SignalLine(row, SIGNAL[row.code], names.get(row.place, "")) for row in page]
    kinds = [(code, words, code == chosen) for code, words in SIGNAL.items()]
    context = {"page": page, "lines": lines, "kinds": kinds, "months": choices(last_months(), month)}
    return render(request, "office/signals.html", context)


class CaseForm(BaseForm):
    """The signals that the case takes up, and what the officer notes. Nobody outside the office reads the note."""

    submit: ClassVar[Words] = gettext_lazy("Open a case")

    signals = forms.ModelMultipleChoiceField(
        ComplianceSignal.objects.none(), label=gettext_lazy("Signals of this case"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose one signal at least.")},
    )  # fmt: skip
    note = forms.CharField(
        label=gettext_lazy("What you noticed"), max_length=MOST_LETTERS, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("For the office alone. They are told nothing until you send a notice."),
    )  # fmt: skip

    def __init__(
        self, *args: Any, place: UUID | None = None, offered: Sequence[ComplianceSignal] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if place is None:
            del self.fields["signals"]
            return
        field = self.fields["signals"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        # One that is in a case by now is refused by the command, which answers the same request as it did before.
        field.queryset = ComplianceSignal.objects.filter(place=place)
        field.choices = [(str(one.pk), f"{SIGNAL[one.code]}, {times.plain_day(one.day)}") for one in offered]


@for_roles(OFFICER)
def signal(request: HttpRequest, signal: UUID) -> HttpResponse:
    """One signal with what raised it; and a case of it, with others of the same place."""
    one, at, reader = get_object_or_404(ComplianceSignal, pk=signal), now(), reader_of(request)
    patient = get_object_or_404(visible_patients(reader), pk=one.patient)
    access_log.add(patient.pk, by=actor_of(reader), what="signal", why="program-office", at=at)
    others = ComplianceSignal.objects.filter(place=one.place, case=None).exclude(pk=one.pk).order_by("-day", "id")
    offered = [one, *others[:MOST_SIGNALS]] if one.case is None else []
    form = CaseForm(request.POST or None, place=one.place, offered=offered, initial={"signals": [str(one.pk)]})
    if request.method == "POST" and form.is_valid():
        chosen = [signal.pk for signal in form.cleaned_data["signals"]]
        number = _open(request, form, one.place_kind, one.place, chosen)
        if number is not None:
            return _to_case(one.place_kind, one.place, number)
    place = place_of(one.place_kind, one.place)
    context: dict[str, Any] = {
        "signal": one, "patient": patient, "place": place, "name": name_of(place), "facts": _facts(one),
    }  # fmt: skip
    return form_page(
        request, form, title=SIGNAL[one.code], back=(_("Signals"), reverse("office:signals")),
        template="office/signal.html", **context,
    )  # fmt: skip


@for_roles(OFFICER)
def open_case(request: HttpRequest, kind: Kind, subject: UUID) -> HttpResponse:
    """Open a case of a practice or a pharmacy by hand, without a signal."""
    place, form = place_of(kind, subject), CaseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        number = _open(request, form, kind, subject, [])
        if number is not None:
            return _to_case(kind, subject, number)
    back = (name_of(place), reverse("office:place", kwargs={"kind": kind, "subject": subject}))
    return form_page(request, form, title=_("Open a case"), lead=name_of(place), back=back)


def _open(request: HttpRequest, form: CaseForm, kind: str, place: UUID, chosen: Sequence[UUID]) -> int | None:
    """The number of the case that was opened; None with what is wrong on the form."""
    try:
        number = noncompliance.open_case(
            kind="pharmacy" if kind == "pharmacy" else "prescriber", subject=place,
            signals=chosen, note=make_erasable(form.cleaned_data["note"]),
            by=actor_of(reader_of(request)), at=now(), key=form.idempotency_key,
        )  # fmt: skip
    except WrongState:
        form.refuse(_("One of these signals is in another case already. Open this page again."))
    except KeyReused:
        form.refuse(OUT_OF_DATE)
    else:
        messages.success(request, _("The case is open. Send a notice next."))
        return number
    return None


def _to_case(kind: str, place: UUID, number: int) -> HttpResponse:
    return redirect("office:compliance_case", kind=kind, subject=place, number=number)


def _facts(signal: ComplianceSignal) -> list[tuple[Words, object]]:
    """What raised it: the record or the request, who wrote it and when, and the days in it. Two or three queries."""
    if signal.record is not None:
        row = LogRecord.objects.get(subject=signal.patient, number=signal.record)
        facts: list[tuple[Words, object]] = [
            (_("Record"), KIND_LABELS[row.kind]), (_("Number of the record"), str(row.number)),
        ]  # fmt: skip
        for member, label in _DAYS.items():
            if (day := row.data.get(member)) is not None:
                facts.append((label, times.plain_day(date.fromisoformat(day))))
        actor, at = row.actor, row.at
    else:
        asked = LoggedRequest.objects.get(pk=signal.request or 0)
        tried = Authorization.objects.filter(patient=signal.patient, issued_at__lt=asked.at).order_by("-issued_at")
        facts = [(_("Request"), _("Hand-over that was refused"))]
        if (authorization := tried.first()) is not None:
            facts.append((_("Last day of the authorization"), times.plain_day(authorization.dispense_by)))
        actor, at = asked.actor, asked.at
    name = User.objects.filter(pk=actor).values_list("name", flat=True).first()
    return [*facts, (_("Recorded"), at), (_("By"), name or "—")]


#: The days in a record, by member.
_DAYS = {
    "handed_over_on": gettext_lazy("Day of the hand-over"),
    "collected_on": gettext_lazy("Day of the test"),
    "dispense_by": gettext_lazy("Last day of the authorization"),
}
