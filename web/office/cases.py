"""The office's cases of pregnancies: found when, exposed or not, followed until the outcome. Shown to nobody else."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.roles import OFFICER, for_roles
from compliance.models import PregnancyCase as CaseRow
from compliance.rules.care.pregnancies import MOST_WEEKS, PENDING, PregnancyFollowed
from compliance.rules.pregnancies import PregnancyCase, pregnancy_cases
from compliance.rules.records import PregnancyTest, Record
from compliance.words.pregnancies import CAUSE, EXPOSURE, EXPOSURE_SHORT, FOUND_BY, OUTCOME, PHASE
from ledger import access_log
from ledger.clock import now
from ledger.erasable_text import read_texts
from patients.people import actor_of
from patients.visibility import visible_patients
from ui.navigation import Words
from web.shared.common import EntryForm, PatientContext, form_page, patient_context, reader_of
from web.shared.lists import page_of


class CaseLine(NamedTuple):
    """A case in the list."""

    row: CaseRow
    days: int
    found: Words
    phase: Words
    exposure: Words
    outcome: Words


class FollowUp(NamedTuple):
    """What was said of a case before."""

    at: datetime
    by: str
    outcome: Words
    weeks: int | None
    exposure: Words
    cause: Words
    note: str


@require_safe
@for_roles(OFFICER)
def cases(request: HttpRequest) -> HttpResponse:
    """Those whose outcome is not known, oldest first; or all, newest first. The access log says who was viewed."""
    is_all, at, reader = request.GET.get("state") == "all", now(), reader_of(request)
    rows = CaseRow.objects.filter(patient__in=visible_patients(reader)).select_related("patient__prescriber")
    page = (
        page_of(request, rows, "-found_at", "id")
        if is_all
        else page_of(request, rows.filter(outcome=PENDING), "found_at", "id")
    )
    viewed = [row.patient_id for row in page]
    access_log.add_all(viewed, by=actor_of(reader), what="cases", why="program-office", at=at)
    context = {"page": page, "lines": [_line(row, at) for row in page], "is_all": is_all, "counts": _counts()}
    return render(request, "office/cases.html", context)


def _line(row: CaseRow, at: datetime) -> CaseLine:
    return CaseLine(
        row, (at - row.found_at).days, FOUND_BY[row.found_by], PHASE[row.phase], EXPOSURE_SHORT[row.exposure],
        OUTCOME[row.outcome],
    )  # fmt: skip


def _counts() -> list[tuple[Words, int]]:
    """How many there are, by exposure and by outcome. They are few among all patients."""
    words = {"exposure": EXPOSURE_SHORT, "outcome": OUTCOME}
    found = []
    for column, labels in words.items():
        rows = dict(CaseRow.objects.values_list(column).annotate(count=Count("pk")).order_by(column))
        found += [(label, rows[code]) for code, label in labels.items() if code in rows]
    return found


class FollowUpForm(EntryForm):
    """What the office knows by now."""

    submit: ClassVar[Words] = gettext_lazy("Save the follow-up")

    outcome = forms.ChoiceField(
        label=gettext_lazy("Outcome of the pregnancy"), choices=list(OUTCOME.items()), widget=forms.RadioSelect
    )  # fmt: skip
    gestation_weeks = forms.IntegerField(
        label=gettext_lazy("Weeks of pregnancy"), min_value=0, max_value=MOST_WEEKS, required=False,
        widget=forms.NumberInput(attrs={"class": "input-short"}),
        help_text=gettext_lazy("When it was found, or at the outcome. Leave empty where nobody knows."),
    )  # fmt: skip
    exposure = forms.ChoiceField(
        label=gettext_lazy("Exposure"), choices=list(EXPOSURE.items()), widget=forms.RadioSelect
    )  # fmt: skip
    cause = forms.ChoiceField(label=gettext_lazy("Root cause"), choices=list(CAUSE.items()), widget=forms.RadioSelect)
    note = forms.CharField(
        label=gettext_lazy("Note of the office"), required=False, max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )  # fmt: skip

    def __init__(self, *args: Any, case: PregnancyCase, **kwargs: Any) -> None:
        self.case = case
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        """That there was no pregnancy is said of both or of neither."""
        data = super().clean() or {}
        if (data.get("outcome") == "not-pregnant") != (data.get("cause") == "not-pregnant") and data.get("cause"):
            self.add_error("cause", _("Say the same as in the outcome: there was a pregnancy, or there was none."))
        return data

    def records(self) -> list[Record]:
        """One record; the note stands beside the log, where it can be erased."""
        data = self.cleaned_data
        note = self.make_erasable(data["note"]) if data["note"] else None
        weeks = data["gestation_weeks"]
        return [
            PregnancyFollowed(self.case.opened.number, data["outcome"], data["exposure"], data["cause"], weeks, note)
        ]


@for_roles(OFFICER)
def case(request: HttpRequest, patient: UUID, number: int) -> HttpResponse:
    """One case: how it was found, what was said of it before, and what is known by now."""
    ctx = patient_context(request, patient, now())
    found = next((one for one in pregnancy_cases(ctx.file.history(ctx.at)) if one.opened.number == number), None)
    if found is None:
        raise Http404
    form = FollowUpForm(request.POST or None, ctx=ctx, case=found, initial=_initial(found))
    if request.method == "POST" and form.is_valid() and form.save_to_log():
        messages.success(request, _("The follow-up is saved."))
        return redirect("office:cases")
    return form_page(
        request, form, title=_("Case"), lead=ctx.patient.name, back=(_("Cases"), reverse("office:cases")),
        template="office/case.html", patient=ctx.patient,
        facts=_facts(found), earlier=_earlier(ctx, found),
    )  # fmt: skip


def _initial(case: PregnancyCase) -> dict[str, Any]:
    latest = case.latest
    if latest is None:
        return {"outcome": PENDING, "exposure": "unknown", "cause": "unknown"}
    return {
        "outcome": latest.outcome, "exposure": latest.exposure, "cause": latest.cause,
        "gestation_weeks": latest.gestation_weeks,
    }  # fmt: skip


def _facts(case: PregnancyCase) -> list[tuple[Words, Words | date]]:
    facts: list[tuple[Words, Words | date]] = [(_("Found by"), FOUND_BY[case.found_by]), (_("When"), PHASE[case.phase])]
    if isinstance(case.opened.record, PregnancyTest):
        facts.append((_("Day of the test"), case.opened.record.collected_on))
    return facts


def _earlier(ctx: PatientContext, case: PregnancyCase) -> Sequence[FollowUp]:
    """What was said before, newest first. Two queries where there is something."""
    own = [
        (entry, record)
        for entry, record in ctx.file.history(ctx.at).of(PregnancyFollowed)
        if record.case == case.opened.number
    ]
    if not own:
        return []
    notes = read_texts(record.note for _entry, record in own if record.note)
    accounts = {entry.by.account for entry, _record in own if entry.by is not None}
    names = dict(User.objects.filter(pk__in=accounts).values_list("pk", "name"))
    return [
        FollowUp(
            entry.at, names.get(entry.by.account, "") if entry.by else "", OUTCOME[record.outcome],
            record.gestation_weeks, EXPOSURE_SHORT[record.exposure], CAUSE[record.cause],
            notes.get(record.note or "", ""),
        )
        for entry, record in reversed(own)
    ]  # fmt: skip
