"""Cases of non-compliance before the office: the queue by what is due, one case with its steps, and its letters."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.roles import OFFICER, for_roles
from compliance.commands import noncompliance
from compliance.commands.certifying import Kind, WrongState
from compliance.commands.noncompliance import Said, SameOfficer
from compliance.models import ComplianceCase, ComplianceSignal
from compliance.records.programs import program_day
from compliance.rules.noncompliance import ANSWER_DAYS, OFFICE_STEPS, SUSPENDED, UPHELD, WITH_DUE
from compliance.words.noncompliance import BY_HAND, NEXT, SIGNAL, STAGE, STEP
from ledger.clock import now
from ledger.erasable_text import make_erasable
from ledger.idempotency import KeyReused
from patients.models import Patient, Pharmacy, Prescriber
from patients.people import actor_of
from ui.fields import OUT_OF_DATE, DateField
from ui.forms import BaseForm
from ui.navigation import Words
from web.shared.common import form_page, reader_of
from web.shared.lists import page_of
from web.shared.noncompliance import MOST_LETTERS, CaseInLog, case_in_log, letter_page, name_of

from .applications import place_of

#: The longest time that a step gives, in days.
MOST_DAYS = 180


class CaseLine(NamedTuple):
    """A case in the queue: where it stands and since when, what comes next and whether that is late."""

    row: ComplianceCase
    place: str
    signal: Words
    stage: Words
    days: int
    next: Words
    is_late: bool


@require_safe
@for_roles(OFFICER)
def cases(request: HttpRequest) -> HttpResponse:
    """The cases that are open, those first that are due first; or all, newest first."""
    is_all, at = request.GET.get("state") == "all", now()
    rows = ComplianceCase.objects.all()
    page = (
        page_of(request, rows, "-opened_at", "id")
        if is_all
        else page_of(request, rows.filter(closed_at=None), "due_on", "id")
    )
    names, today = place_names(row.place for row in page), program_day(at)
    lines = [_line(row, names, today) for row in page]
    context = {"page": page, "lines": lines, "is_all": is_all, "signals": _signals_waiting()}
    return render(request, "office/noncompliance.html", context)


def _line(row: ComplianceCase, names: Mapping[UUID, str], today: date) -> CaseLine:
    stage = "appeal" if row.is_appealed else row.stage
    return CaseLine(
        row, names.get(row.place, ""), SIGNAL.get(row.signal, BY_HAND), STAGE[stage],
        (today - program_day(row.stage_at)).days, NEXT[stage] if row.due_on else "",
        row.due_on is not None and row.due_on < today,
    )  # fmt: skip


def _signals_waiting() -> bool:
    return ComplianceSignal.objects.filter(case=None).exists()


def place_names(places: Iterable[UUID]) -> Mapping[UUID, str]:
    """What practices and pharmacies are called. Two queries at most."""
    wanted = set(places)
    if not wanted:
        return {}
    names = dict(Prescriber.objects.filter(pk__in=wanted).values_list("pk", "practice_name"))
    if wanted - names.keys():
        names |= dict(Pharmacy.objects.filter(pk__in=wanted).values_list("pk", "name"))
    return names


# --- one case -----------------------------------------------------------------------------------------
@require_safe
@for_roles(OFFICER)
def case(request: HttpRequest, kind: Kind, subject: UUID, number: int) -> HttpResponse:
    """One case: what raised it, each step with its letter, and what can be done now."""
    place, found = place_of(kind, subject), case_in_log(subject, number)
    one, today, reader = found.case, program_day(now()), reader_of(request)
    steps, about = found.steps(), {"kind": kind, "subject": subject, "number": number}
    names = dict(User.objects.filter(pk__in={step.actor for step in steps}).values_list("pk", "name"))
    raised = ComplianceSignal.objects.filter(place=subject, case=number).order_by("day", "id")
    stage = "appeal" if one.appeal is not None else one.stage.step
    context = {
        "place": place, "name": name_of(place), "kind": kind, "case": one, "stage": STAGE[stage],
        "next": NEXT.get(stage, ""), "is_late": one.due_on is not None and one.due_on < today,
        "raised": [(SIGNAL[signal.code], signal) for signal in raised],
        "steps": [(step, names.get(step.actor, "")) for step in steps],
        "may": [
            (STEP[step], reverse("office:compliance_step", kwargs=about | {"step": step}), step == SUSPENDED)
            for step in OFFICE_STEPS if one.may(step, today) and one.may_decide(step, str(reader.pk))
        ],
        "waits_for_another": one.appeal is not None and not one.may_decide(UPHELD, str(reader.pk)),
    }  # fmt: skip
    return render(request, "office/compliance_case.html", context)


@require_safe
@for_roles(OFFICER)
def letter(request: HttpRequest, kind: Kind, subject: UUID, number: int, letter: int) -> HttpResponse:
    """A letter, as the place reads it."""
    about = {"kind": kind, "subject": subject, "number": number}
    back = (_("Case"), reverse("office:compliance_case", kwargs=about))
    return letter_page(request, place_of(kind, subject), case_in_log(subject, number), letter, back)


class StepForm(BaseForm):
    """What the office writes, and by when something is to be done."""

    due = DateField(label=gettext_lazy("Until the end of this day"))
    text = forms.CharField(
        label=gettext_lazy("What you write to them"), max_length=MOST_LETTERS,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy("It stands in the letter, in these words. Leave out the names of patients."),
    )  # fmt: skip

    submit: ClassVar[Words] = gettext_lazy("Record it and send the letter")

    def __init__(self, *args: Any, found: CaseInLog, step: str, on: date, **kwargs: Any) -> None:
        self.found, self.on = found, on
        super().__init__(*args, **kwargs)
        if step not in WITH_DUE:
            del self.fields["due"]

    def clean_due(self) -> date:
        """A day ahead, and not too far."""
        day: date = self.cleaned_data["due"]
        if not self.on < day <= self.on + timedelta(days=MOST_DAYS):
            raise forms.ValidationError(_("Choose a day after today, within 180 days."))
        return day

    def clean_text(self) -> str:
        """Without the name of a patient whom the case is about. One query."""
        text: str = self.cleaned_data["text"]
        words = {word.strip(".,;:!?()“”\"'’").casefold() for word in text.split()}
        patients = {one["patient"] for one in self.found.signals}
        for patient in Patient.objects.filter(pk__in=patients):
            if patient.family_name.casefold() in words or patient.number.casefold() in words:
                raise forms.ValidationError(_("Leave out the patient’s name and number: the letter is printed."))
        return text


class SuspendStepForm(StepForm):
    """The suspension, which is taken back by its opposite alone."""

    danger = True


@for_roles(OFFICER)
def step(request: HttpRequest, kind: Kind, subject: UUID, number: int, step: str) -> HttpResponse:
    """Take a step of a case, with the letter that goes with it."""
    if step not in OFFICE_STEPS:
        raise Http404
    place, at = place_of(kind, subject), now()
    found, today = case_in_log(subject, number), program_day(at)
    form = (SuspendStepForm if step == SUSPENDED else StepForm)(
        request.POST or None, found=found, step=step, on=today,
        initial={"due": today + timedelta(days=ANSWER_DAYS)},
    )  # fmt: skip
    back = reverse("office:compliance_case", kwargs={"kind": kind, "subject": subject, "number": number})
    if request.method == "POST" and form.is_valid():
        said = Said(text=make_erasable(form.cleaned_data["text"]), due=form.cleaned_data.get("due"))
        try:
            noncompliance.take_step(
                kind=kind, subject=subject, case=number, step=step, said=said, by=actor_of(reader_of(request)), at=at,
                key=form.idempotency_key,
            )  # fmt: skip
        except SameOfficer:
            form.refuse(_("Another officer decides this appeal: it goes against a step of yours."))
        except WrongState:
            form.refuse(_("The case has moved on, or the certification is suspended already. Go back to see."))
        except KeyReused:
            form.refuse(OUT_OF_DATE)
        else:
            messages.success(request, _("It is recorded."))
            return redirect(back)
    return form_page(request, form, title=STEP[step], lead=name_of(place), back=(_("Case"), back))
