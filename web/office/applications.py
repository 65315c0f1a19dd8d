"""Applications: who waits, oldest first; and a practice or a pharmacy with all that is known of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.roles import OFFICER, for_roles
from compliance.commands import register_checks
from compliance.commands.certifying import Kind
from compliance.commands.own_applications import is_own_application
from compliance.records.noncompliance import cases_of
from compliance.records.programs import program_of
from compliance.words.kinds import APPLICANT_LABELS, PLACE_LABELS
from compliance.words.noncompliance import STAGE
from ledger import log
from ledger.clock import now
from ledger.erasable_text import read_texts
from ledger.idempotency import KeyReused
from ledger.log import Row
from ledger.models import LogRecord
from patients.models import APPLIED, Designee, Patient, Pharmacist, Pharmacy, Prescriber
from patients.people import actor_of
from ui.components import Tab
from ui.fields import OUT_OF_DATE
from ui.forms import BaseForm
from ui.navigation import Words
from web.shared.certification import certification_of, signatures_of, why_turned_down
from web.shared.common import form_page, reader_of
from web.shared.lists import page_of
from web.shared.manifestations import SHOWN_WITH_OTHERS

#: Where an officer looks something up, and what the register is good for.
REGISTERS: Mapping[str, Words] = {
    "nppes": gettext_lazy("NPI register (NPPES)"),
    "state-license": gettext_lazy("License register of the state"),
    "ncpdp": gettext_lazy("Pharmacy register (NCPDP)"),
    "other": gettext_lazy("Another register"),
}
RESULTS: Mapping[str, tuple[str, Words]] = {
    "agrees": ("yes", gettext_lazy("Agrees")),
    "differs": ("no", gettext_lazy("Differs")),
    "not-found": ("no", gettext_lazy("Not found")),
}
_OF_PHARMACIES = "ncpdp"

#: Of an applicant without an application in the log.
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Check:
    """A look-up that was recorded, in words."""

    register: Words
    tone: str
    result: Words
    looked_up: str
    found: str
    at: datetime
    by: str


class HistoryLine(NamedTuple):
    """A record of the place's log, without the look-ups, which stand by themselves."""

    at: datetime
    title: Words
    reason: str
    by: str


class WaitingLine(NamedTuple):
    """One that waits, for how long, and what the registers said."""

    applicant: Prescriber | Pharmacy
    since: datetime
    days: int
    checks: Sequence[Check]


def place_of(kind: str, subject: UUID) -> Prescriber | Pharmacy:
    """The practice or the pharmacy; Http404 for any other."""
    if kind == "prescriber":
        return get_object_or_404(Prescriber.objects.select_related("user"), pk=subject)
    if kind == "pharmacy":
        return get_object_or_404(Pharmacy, pk=subject)
    raise Http404


def _waiting(kind: str) -> QuerySet[Any, Any]:
    applied = LogRecord.objects.filter(subject=OuterRef("pk"), kind="applied").order_by("-number").values("at")[:1]
    model: Any = Pharmacy.objects.all() if kind == "pharmacy" else Prescriber.objects.select_related("user")
    rows: QuerySet[Any, Any] = model.filter(state=APPLIED).annotate(
        applied_at=Coalesce(Subquery(applied), Value(_LONG_AGO))
    )
    return rows


#: Who applies, by the kind in an address.
APPLICANTS = {"prescriber": gettext_lazy("Practices"), "pharmacy": gettext_lazy("Pharmacies")}


@require_safe
@for_roles(OFFICER)
def applications(request: HttpRequest) -> HttpResponse:
    """Who applied and waits, oldest first."""
    kind = "pharmacy" if request.GET.get("kind") == "pharmacy" else "prescriber"
    page, at = page_of(request, _waiting(kind), "applied_at", "id"), now()
    rows: dict[UUID, list[Row]] = {one.pk: [] for one in page}
    for row in log.read(*rows):
        rows[row.subject].append(row)
    checks = checks_of([row for own in rows.values() for row in own])
    lines = [
        WaitingLine(one, one.applied_at, (at - one.applied_at).days, checks.get(one.pk, ())) for one in page
    ]  # fmt: skip
    tabs = [Tab(label, f"?kind={code}", kind == code) for code, label in APPLICANTS.items()]
    return render(request, "office/applications.html", {"page": page, "lines": lines, "kind": kind, "tabs": tabs})


def checks_of(rows: Sequence[Row]) -> dict[UUID, list[Check]]:
    """The look-ups in these logs, the newest first. Two queries where there are any."""
    own = [row for row in rows if row.kind == register_checks.KIND]
    if not own:
        return {}
    texts = read_texts(digest for row in own for digest in row.data["sealed"].values())
    names = dict(User.objects.filter(pk__in={row.actor for row in own}).values_list("pk", "name"))
    result: dict[UUID, list[Check]] = {}
    for row in reversed(own):
        tone, words = RESULTS[row.data["result"]]
        said = {name: texts.get(digest, "") for name, digest in row.data["sealed"].items()}
        check = Check(
            REGISTERS[row.data["register"]], tone, words, said.get("looked_up", ""), said.get("found", ""), row.at,
            names.get(row.actor, ""),
        )  # fmt: skip
        result.setdefault(row.subject, []).append(check)
    return result


@require_safe
@for_roles(OFFICER)
def place(request: HttpRequest, kind: Kind, subject: UUID) -> HttpResponse:
    """All that is known of a practice or a pharmacy, beside what the registers say; and the steps to decide."""
    one, at = place_of(kind, subject), now()
    rows = log.read(subject)
    context = {
        "place": one,
        "kind": kind,
        "name": one.practice_name if isinstance(one, Prescriber) else one.name,
        "certification": certification_of(rows, at, program_of(one.program)),
        "signed": signatures_of(rows).get(subject, []),
        "why_turned_down": why_turned_down(rows).get(subject, ""),
        "checks": checks_of(rows).get(subject, []),
        "own": is_own_application(kind, subject, reader_of(request).pk),
        "people": _people(one),
        "cases": [
            (number, STAGE["appeal" if case.appeal is not None else case.stage.step], case.is_open)
            for number, case in reversed(cases_of(rows).items())
        ],
        "patients": Patient.objects.filter(prescriber=subject).count() if kind == "prescriber" else None,
        "history": _history(rows),
        "with_pdf": True,
    }
    return render(request, "office/place.html", context)


def _people(one: Prescriber | Pharmacy) -> list[User]:
    """Who works there now, and can sign in."""
    if isinstance(one, Prescriber):
        held = Designee.objects.filter(prescriber=one, ended_at=None, user__is_active=True).select_related("user")
        return [one.user, *(row.user for row in held.order_by("user__name", "id"))]
    counter = Pharmacist.objects.filter(pharmacy=one, ended_at=None, user__is_active=True).select_related("user")
    return [row.user for row in counter.order_by("user__created_at", "id")]


def _history(rows: Sequence[Row]) -> list[HistoryLine]:
    """What happened to it, newest first, with the reason where the office gave one. Two queries."""
    shown = [row for row in rows if row.kind not in SHOWN_WITH_OTHERS and row.kind != register_checks.KIND]
    reasons = {row.number: digest for row in shown if (digest := _reason(row.data))}
    texts = read_texts(reasons.values()) if reasons else {}
    names = dict(User.objects.filter(pk__in={row.actor for row in shown}).values_list("pk", "name"))
    labels = {**APPLICANT_LABELS, **PLACE_LABELS}
    return [
        HistoryLine(
            row.at, labels[row.kind], texts.get(reasons.get(row.number, ""), ""), names.get(row.actor, _("Clearfill"))
        )
        for row in reversed(shown)
    ]


def _reason(data: Mapping[str, Any]) -> str:
    reason = data.get("reason") or (data.get("sealed") or {}).get("reason")
    return reason if isinstance(reason, str) else ""


class CheckForm(BaseForm):
    """What was looked up, where, and what stood there."""

    submit: ClassVar[Words] = gettext_lazy("Record the look-up")

    register = forms.ChoiceField(label=gettext_lazy("Where you looked"), widget=forms.RadioSelect)
    looked_up = forms.CharField(
        label=gettext_lazy("What you looked up"), max_length=120,
        help_text=gettext_lazy("The NPI, or the number of the license."),
    )  # fmt: skip
    result = forms.ChoiceField(
        label=gettext_lazy("What it says, beside the application"), widget=forms.RadioSelect,
        choices=[(code, words) for code, (_tone, words) in RESULTS.items()],
    )  # fmt: skip
    found = forms.CharField(
        label=gettext_lazy("What stands there"), max_length=500, required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Name, address, state of the license. Needed where it differs."),
    )  # fmt: skip

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["register"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            (code, words) for code, words in REGISTERS.items() if kind == "pharmacy" or code != _OF_PHARMACIES
        ]

    def clean(self) -> dict[str, Any]:
        """What differs is said."""
        data = super().clean() or {}
        if data.get("result") == "differs" and not data.get("found"):
            self.add_error("found", _("Say what stands there."))
        return data


@for_roles(OFFICER)
def check_register(request: HttpRequest, kind: Kind, subject: UUID) -> HttpResponse:
    """Record what a register says of a practice or a pharmacy."""
    one = place_of(kind, subject)
    form = CheckForm(request.POST or None, kind=kind, initial={"looked_up": one.npi})
    back = reverse("office:place", kwargs={"kind": kind, "subject": subject})
    name = one.practice_name if isinstance(one, Prescriber) else one.name
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            register_checks.note_check(
                kind=kind, subject=subject, register=data["register"], result=data["result"],
                texts={"looked_up": data["looked_up"], "found": data["found"]}, by=actor_of(reader_of(request)),
                at=now(), key=form.idempotency_key,
            )  # fmt: skip
        except KeyReused:
            form.refuse(OUT_OF_DATE)
        else:
            messages.success(request, _("The look-up is recorded."))
            return redirect(back)
    lead = _("Clearfill asks no register by itself: look it up there, and say here what you found.")
    return form_page(request, form, title=_("Look-up in a register"), lead=lead, back=(name, back))
