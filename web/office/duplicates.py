"""Possible duplicates: two files side by side, and what the office decides about them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.roles import OFFICER, for_roles
from compliance.commands import held_decisions, held_enrolments, identity
from compliance.commands.enrolment import NewPatient, NotDecided
from compliance.commands.entries import EntryRefused
from compliance.models import Proposal
from compliance.words.refusals import refusal_words
from ledger import access_log
from ledger.clock import now
from ledger.idempotency import KeyReused
from patients.duplicates import Identity, agreement
from patients.models import HeldEnrolment, Patient, Prescriber
from patients.numbers import pretty
from patients.people import actor_of
from ui.fields import OUT_OF_DATE
from ui.forms import BaseForm
from ui.navigation import Words
from web.shared.common import reader_of
from web.shared.lists import page_of

STATES: dict[str, tuple[str, Words]] = {
    held_enrolments.STOP: ("no", gettext_lazy("Stop open")),
    held_enrolments.COURSE: ("act", gettext_lazy("Course open")),
    held_enrolments.ENDED: ("quiet", gettext_lazy("Course ended")),
    held_enrolments.NONE: ("quiet", gettext_lazy("No course")),
}

#: Why two files are not of one person.
ON_BOTH_SIDES = gettext_lazy(
    "Who signs in as the patient of one is the guardian or the prescriber of the other: these are two people."
)

NOT_DECIDED: dict[str, Words] = {
    "decided-already": gettext_lazy("This was decided already."),
    "new-candidates": gettext_lazy("Another file has come up that may be the same person. Compare again."),
    "prescriber-not-certified": gettext_lazy(
        "The prescriber is not certified now. Wait until they are, or turn the enrolment down."
    ),
    "both-sides": ON_BOTH_SIDES,
    "reason-missing": gettext_lazy("Say how you made sure."),
    "not-a-candidate": gettext_lazy("That file is no match any more. Compare again."),
    "not-an-enrolment": gettext_lazy("A file that is open cannot be turned down. Link the two, or keep them apart."),
}


class DecisionForm(BaseForm):
    """Whether it is the same person, and why."""

    submit = gettext_lazy("Decide")

    decision = forms.ChoiceField(label=gettext_lazy("Is it the same person?"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=gettext_lazy("Why"), widget=forms.Textarea(attrs={"rows": 3}), max_length=500, required=False,
        help_text=gettext_lazy("How you made sure. It is recorded with your name. Not needed to turn down."),
    )  # fmt: skip

    def __init__(self, *args: Any, choices: list[tuple[str, str]], confirms: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["decision"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices
        self.confirms = confirms

    def clean(self) -> dict[str, Any]:
        """Letting through needs its reason; the second officer confirms that of the first."""
        data = super().clean() or {}
        decision = data.get("decision")
        if decision and decision not in ("down", self.confirms) and not data.get("reason"):
            self.add_error("reason", _("Say how you made sure."))
        return data


@dataclass(frozen=True, slots=True)
class Side:
    """One of two persons who are compared."""

    identity: Identity
    prescriber: Prescriber

    @classmethod
    def of_file(cls, patient: Patient) -> "Side":
        """A file's."""
        return cls(identity.identity_of(patient), patient.prescriber)

    @classmethod
    def of_case(cls, case: HeldEnrolment) -> "Side":
        """That of the one who is enrolled, or whose file was corrected."""
        if case.is_correction and case.patient is not None:
            return cls.of_file(case.patient)
        return cls(NewPatient.of_plain(case.data).identity, case.prescriber)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the comparison; `level` is `same`, `alike` or nothing."""

    label: Words
    one: Any
    other: Any
    level: str


def comparison(one: Side, other: Side) -> list[Row]:
    """Two persons side by side, each line with how far they agree."""
    a, b, levels = one.identity, other.identity, agreement(one.identity, other.identity)
    practice = "same" if one.prescriber.pk == other.prescriber.pk else ""
    address = one.prescriber.address.strip().casefold()
    same_address = "same" if address and address == other.prescriber.address.strip().casefold() else ""
    return [
        Row(_("Name"), a.name, b.name, levels["name"]),
        Row(_("Born"), a.born_on, b.born_on, levels["born_on"]),
        Row(_("E-mail"), a.email, b.email, levels["email"]),
        Row(_("Phone"), a.phone, b.phone, levels["phone"]),
        Row(_("Practice"), one.prescriber.practice_name, other.prescriber.practice_name, practice),
        Row(_("Practice address"), one.prescriber.address, other.prescriber.address, same_address),
    ]


#: Enrolments of which nothing is kept: their persons were erased, or they were turned down 30 days ago.
_EMPTIED = Q(is_correction=False, data={})


@require_safe
@for_roles(OFFICER)
def duplicates(request: HttpRequest) -> HttpResponse:
    """Enrolments, and corrected files, of persons who may be in the program already."""
    rows = HeldEnrolment.objects.exclude(_EMPTIED).select_related("prescriber__user", "patient__prescriber")
    page = page_of(request, rows, "-state", "created_at", "id")
    at = now()
    own = [case.patient_id for case in page if case.is_correction and case.patient_id]
    by = actor_of(reader_of(request))
    access_log.add_all(own, by=by, what="duplicates", why="program-office", at=at)
    waits = held_decisions.waiting(page, at)
    lines = [(case, Side.of_case(case), len(case.candidates), case.pk in waits) for case in page]
    return render(request, "office/duplicates.html", {"page": page, "lines": lines})


@for_roles(OFFICER)
def decide_held(request: HttpRequest, held: UUID) -> HttpResponse:
    """Compare; let an enrolment through, alone or linked with the file of the same person, or turn it down."""
    rows = HeldEnrolment.objects.select_related("prescriber__user", "patient__prescriber")
    case, at = get_object_or_404(rows.exclude(_EMPTIED), pk=held), now()
    proposal = held_decisions.proposal_of(case, at)
    files = list(Patient.objects.filter(pk__in=case.candidates).select_related("prescriber").order_by("created_at"))
    choices = _choices(case, files)
    decision = request.POST.get("decision", "")
    if decision and decision not in dict(choices):
        return HttpResponseBadRequest()
    form = DecisionForm(request.POST or None, choices=choices, confirms=_confirms(proposal, reader_of(request)))
    if request.method == "POST" and form.is_valid() and _decided(request, case, form, at):
        return redirect("office:duplicates")
    viewed = [file.pk for file in files] + ([case.patient_id] if case.patient_id else [])
    access_log.add_all(viewed, by=actor_of(reader_of(request)), what="duplicates", why="program-office", at=at)
    context = _case_page(case, files, proposal, at) | {
        "form": form if case.state == HeldEnrolment.State.WAITING else None,
        "own": proposal is not None and proposal.asked_by == reader_of(request).pk,
    }
    return render(request, "office/duplicate.html", context, status=422 if form.errors else 200)


def _case_page(
    case: HeldEnrolment, files: list[Patient], proposal: Proposal | None, at: datetime
) -> dict[str, Any]:  # fmt: skip
    one = Side.of_case(case)
    asked_by = proposal.asked_by if proposal else case.asked_by
    officers = [officer for officer in (asked_by, case.decided_by) if officer]
    names: dict[UUID | None, str] = dict(User.objects.filter(pk__in=officers).values_list("pk", "name"))
    return {
        "case": case,
        "one": one,
        "files": [
            (file, STATES[held_enrolments.file_state(file.pk, at)], comparison(one, Side.of_file(file)))
            for file in files
        ],
        "two": case.state == HeldEnrolment.State.WAITING and held_enrolments.needs_two(case, at),
        "proposal": proposal,
        "proposed": dict(_choices(case, files)).get(_decision_of(proposal), "") if proposal else "",
        "asked_by": names.get(asked_by, ""),
        "decided_by": names.get(case.decided_by, ""),
    }


def _choices(case: HeldEnrolment, files: list[Patient]) -> list[tuple[str, str]]:
    apart = _("Another person: keep the files apart") if case.is_correction else _("Another person: let through")
    link = _("The same person: link with %(number)s")
    through = _("The same person: let through, linked with %(number)s")
    same = [
        (f"link:{file.pk}", (link if case.is_correction else through) % {"number": pretty(file.number)})
        for file in files
    ]
    down = [] if case.is_correction else [("down", _("The same person: turn down"))]
    return [*same, *down, ("through", apart)]


def _decision_of(proposal: Proposal) -> str:
    same_as = proposal.payload["same_as"]
    return f"link:{same_as}" if same_as else "through"


def _confirms(proposal: Proposal | None, reader: User) -> str:
    """The decision that this officer would confirm."""
    return _decision_of(proposal) if proposal is not None and proposal.asked_by != reader.pk else ""


def _decided(request: HttpRequest, case: HeldEnrolment, form: DecisionForm, at: datetime) -> bool:
    """Whether it is decided, or asked for; the form says why not."""
    decision = form.cleaned_data["decision"]
    same_as = UUID(decision.removeprefix("link:")) if decision.startswith("link:") else None
    try:
        result = held_decisions.decide_held(
            held=case.pk, let_through=decision != "down", by=actor_of(reader_of(request)), at=at,
            key=form.idempotency_key, same_as=same_as, reason=form.cleaned_data["reason"],
        )  # fmt: skip
    except NotDecided as error:
        form.refuse(NOT_DECIDED.get(error.code, NOT_DECIDED["decided-already"]))
    except EntryRefused as refused:
        form.refuse(refusal_words(refused.first.rule))
    except KeyReused:
        form.refuse(OUT_OF_DATE)
    else:
        messages.success(request, _done(case, waits=result.waits))
        return True
    return False


def _done(case: HeldEnrolment, *, waits: bool) -> str:
    if waits:
        return _("Asked for. Nothing is done until another officer confirms it.")
    if case.is_correction:
        return _("It is recorded.")
    return _("It is recorded, and the prescriber gets a message.")
