"""The program office: certifications, duplicates, what is overdue, what was refused, the outbox."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db.models import Case, F, Q, QuerySet, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts import recovery, two_officers
from accounts.models import User
from accounts.roles import OFFICER, for_roles
from compliance.commands import certifying, people
from compliance.commands.certifying import Kind
from compliance.commands.figures import counted_to
from compliance.commands.linking_case import LINK, UNLINK, waiting
from compliance.models import Authorization, ColumnCheck
from compliance.records.programs import program_day, program_of
from compliance.records.signals import NEVER_REVERSED_DAYS
from compliance.rules.stages import STAGES
from compliance.words.kinds import ACCOUNT_EVENTS
from compliance.words.stages import stage_label
from ledger import log
from ledger.clock import now
from ledger.erasable_text import make_erasable
from ledger.idempotency import KeyReused
from ledger.log import Row
from ledger.models import LoggedRequest, LogRecord
from notifications.worker_health import heart_stops
from outbox import states, unreachable
from outbox.models import CapturedEmail, CapturedText, Message
from patients.models import HeldEnrolment, Patient, Pharmacy, Prescriber
from patients.people import actor_of
from patients.who_acts import who_cannot_act
from ui.components import Tab
from ui.fields import OUT_OF_DATE
from ui.forms import BaseForm
from ui.navigation import Words
from ui.times import short_month
from web.shared.certification import Certification, Signed, certification_of, signatures_of, why_turned_down
from web.shared.common import form_page, pressed, reader_of
from web.shared.lists import page_of
from web.shared.message_words import CHANNEL_WORDS, STATE
from web.shared.place_contact import contact_page

from . import refused
from .applications import APPLICANTS
from .months import following, named_month
from .stage_counts import stage_counts


def _entered_late() -> QuerySet[Authorization]:
    return Authorization.objects.filter(entered_on__gt=F("handed_over_on"))


def _overdue(today: object) -> Q:
    return Q(state="void") | Q(state="open", dispense_by__lt=today)


def _stops_first(stage: str) -> Case:
    """Orders a list so that whoever is stopped stands on top of it; `stage` is the column."""
    return Case(When(**{stage: "stopped"}, then=0), default=1)


@for_roles(OFFICER)
def place_contact(request: HttpRequest, kind: Kind, subject: UUID) -> HttpResponse:
    """Correct the contact data of a practice or a pharmacy."""
    place = _applicant(kind, subject)
    return contact_page(request, kind, place, (_("Certifications"), f"{_certifications_url()}?kind={kind}"))


@require_safe
@for_roles(OFFICER)
def home(request: HttpRequest) -> HttpResponse:
    """The figures."""
    at = now()
    today = program_day(at)
    stages = stage_counts()
    context = {
        "applications": Prescriber.objects.filter(state="applied").count()
        + Pharmacy.objects.filter(state="applied").count(),
        "links": sum(1 for action in (LINK, UNLINK) for _asked in waiting(action, at)),
        "held": HeldEnrolment.objects.filter(state="waiting").count(),
        "overdue": Authorization.objects.filter(_overdue(today)).count(),
        "without_prescriber": Patient.objects.filter(prescriber__in=who_cannot_act()).count(),
        "late": _entered_late().filter(entered_on__gt=today - timedelta(days=30)).count(),
        "waiting": Message.objects.filter(delivered_at=None, dropped_at=None).count(),
        "unreachable": unreachable.count(),
        "failing": Message.objects.filter(delivered_at=None, dropped_at=None).exclude(last_error="").count(),
        "silent": heart_stops(at),
        "columns": ColumnCheck.objects.exclude(finished_at=None).order_by("-finished_at").first(),
        "stages": [
            (one, stage_label(one), stages.get(one, 0)) for one in sorted(STAGES, key=lambda one: one != "stopped")
        ],
        "counted_to": counted_to(),
    }
    return render(request, "office/home.html", context)


class SuspendForm(BaseForm):
    """Why a certification is suspended."""

    submit = gettext_lazy("Suspend")
    danger = True

    reason = forms.CharField(label=gettext_lazy("Why"), widget=forms.Textarea(attrs={"rows": 3}), max_length=500)


class TurnDownForm(BaseForm):
    """Why an application is turned down."""

    submit = gettext_lazy("Turn down")
    danger = True

    reason = forms.CharField(
        label=gettext_lazy("Why, as the applicant reads it"), widget=forms.Textarea(attrs={"rows": 3}), max_length=500
    )


@require_safe
@for_roles(OFFICER)
def certifications(request: HttpRequest) -> HttpResponse:
    """Practices and pharmacies; those that wait stand first."""
    kind = "pharmacy" if request.GET.get("kind") == "pharmacy" else "prescriber"
    if kind == "pharmacy":
        page = page_of(request, Pharmacy.objects.all(), "state", "name", "id")
    else:
        page = page_of(request, Prescriber.objects.select_related("user"), "state", "practice_name", "id")
    # "applied" comes first in the alphabet, as it should on the page.
    lines = _lines(list(page), now())
    tabs = [Tab(label, f"?kind={code}", kind == code) for code, label in APPLICANTS.items()]
    context = {"page": page, "lines": lines, "kind": kind, "tabs": tabs, "with_pdf": True}
    return render(request, "office/certifications.html", context)


#: Who asks to be certified.


class ApplicantLine(NamedTuple):
    """A practice or a pharmacy in the list, with its certification and what was signed for it."""

    applicant: Prescriber | Pharmacy
    certification: Certification
    signed: list[Signed]
    #: The reason of the latest no, where the application was turned down.
    why_turned_down: str


def _lines(applicants: Sequence[Prescriber | Pharmacy], at: datetime) -> list[ApplicantLine]:
    """Each with its certification and what was signed for it. Three queries at most, however many there are."""
    rows = log.read(*[applicant.pk for applicant in applicants])
    entry: dict[UUID, list[Row]] = {applicant.pk: [] for applicant in applicants}
    for row in rows:
        entry[row.subject].append(row)
    signed, why = signatures_of(rows), why_turned_down(rows)
    return [
        ApplicantLine(
            one,
            certification_of(entry[one.pk], at, program_of(one.program)),
            signed.get(one.pk, []),
            why.get(one.pk, ""),
        )
        for one in applicants
    ]


def _applicant(kind: str, subject: UUID) -> Prescriber | Pharmacy:
    if kind == "prescriber":
        return get_object_or_404(Prescriber, pk=subject)
    if kind == "pharmacy":
        return get_object_or_404(Pharmacy, pk=subject)
    raise Http404


@require_POST
@for_roles(OFFICER)
def decide(request: HttpRequest, kind: Kind, subject: UUID, action: str) -> HttpResponse:
    """Approve, reinstate. Nobody is certified anew but by what they sign."""
    _applicant(kind, subject)
    verbs = {"approve": certifying.approve, "reinstate": certifying.reinstate}
    if action not in verbs:
        raise Http404
    if (key := pressed(request)) is not None:
        try:
            verbs[action](kind=kind, subject=subject, by=actor_of(reader_of(request)), at=now(), key=key)
        except certifying.OwnApplication:
            messages.error(request, _("This application came from you. Another officer approves it."))
        except certifying.WrongState:
            messages.error(request, _("This was decided already. Here is where it stands."))
        except KeyReused:
            messages.error(request, OUT_OF_DATE)
        else:
            messages.success(request, _("It is recorded."))
    return redirect(f"{_certifications_url()}?kind={kind}")


def _certifications_url() -> str:
    return reverse("office:certifications")


@for_roles(OFFICER)
def suspend(request: HttpRequest, kind: Kind, subject: UUID) -> HttpResponse:
    """Suspend a certification, with its reason."""
    form = SuspendForm(request.POST or None)
    return _with_reason(
        request, kind, subject, form, certifying.suspend, title=_("Suspend a certification"),
        done=_("The suspension is recorded."),
    )  # fmt: skip


@for_roles(OFFICER)
def turn_down(request: HttpRequest, kind: Kind, subject: UUID) -> HttpResponse:
    """Turn an application down, with the reason that the applicant reads."""
    form = TurnDownForm(request.POST or None)
    return _with_reason(
        request, kind, subject, form, certifying.turn_down, title=_("Turn an application down"),
        done=_("It is recorded, and the applicant is told."),
        lead=_("The applicant reads the reason, can put right what is wrong, and can apply again."),
    )  # fmt: skip


def _with_reason(
    request: HttpRequest, kind: Kind, subject: UUID, form: BaseForm, command: Callable[..., None], *, title: Words,
    done: Words, lead: Words = "",
) -> HttpResponse:  # fmt: skip
    """The page of a step that the office gives a reason for."""
    applicant = _applicant(kind, subject)
    if request.method == "POST" and form.is_valid():
        at = now()
        reason = make_erasable(form.cleaned_data["reason"], subject=subject, at=at)
        try:
            command(
                kind=kind, subject=subject, reason=reason, by=actor_of(reader_of(request)), at=at,
                key=form.idempotency_key,
            )  # fmt: skip
        except certifying.WrongState:
            form.refuse(_("This was decided already."))
        except KeyReused:
            form.refuse(OUT_OF_DATE)
        else:
            messages.success(request, done)
            return redirect(f"{_certifications_url()}?kind={kind}")
    name = applicant.practice_name if isinstance(applicant, Prescriber) else applicant.name
    back = (_("Certifications"), f"{_certifications_url()}?kind={kind}")
    return form_page(request, form, title=title, lead=lead or name, back=back)


@require_safe
@for_roles(OFFICER)
def overdue(request: HttpRequest) -> HttpResponse:
    """Authorizations to be reversed, with the pharmacies that have them; of those for very long, if so asked."""
    today = program_day(now())
    rows = Authorization.objects.filter(_overdue(today)).select_related("pharmacy")
    if request.GET.get("for") == str(NEVER_REVERSED_DAYS):
        rows = rows.filter(dispense_by__lt=today - timedelta(days=NEVER_REVERSED_DAYS + 1))
    rows = rows.annotate(place=_stops_first("patient__status__stage"))
    return render(request, "office/overdue.html", {"page": page_of(request, rows, "place", "dispense_by", "id")})


@require_safe
@for_roles(OFFICER)
def late(request: HttpRequest) -> HttpResponse:
    """Hand-overs that were entered after their day, newest first; of the month that the address names."""
    rows, month = _entered_late().select_related("pharmacy"), named_month(request)
    if month is not None:
        rows = rows.filter(entered_on__gte=month, entered_on__lt=following(month))
    context = {"page": page_of(request, rows, "-entered_on", "id"), "chosen": short_month(month) if month else ""}
    return render(request, "office/late.html", context)


@require_safe
@for_roles(OFFICER)
def request_log(request: HttpRequest) -> HttpResponse:
    """Requests that were refused, newest first."""
    rows = LoggedRequest.objects.exclude(codes=[])
    page = page_of(request, rows, "-at", "-id")
    return render(request, "office/request_log.html", {"page": page, "lines": refused.lines(page)})


class RecoveryForm(BaseForm):
    """Whose account is to be recovered."""

    submit = gettext_lazy("Ask for it")
    danger = True

    email = forms.CharField(label=gettext_lazy("E-mail address or user name of the account"), max_length=254)
    sure = forms.BooleanField(label=gettext_lazy("I have made sure who it is, by another way than e-mail."))


@for_roles(OFFICER)
def accounts(request: HttpRequest) -> HttpResponse:
    """What happened to accounts, newest first; and opening one anew whose owner has lost everything."""
    form = RecoveryForm(request.POST or None)
    by, at = actor_of(reader_of(request)), now()
    if request.method == "POST" and form.is_valid():
        account = recovery.account_of(form.cleaned_data["email"])
        try:
            if account is None:
                form.refuse(_("No account has that address or user name."), "email")
            else:
                recovery.request(account=account, by=by, at=at, key=form.idempotency_key)
                messages.success(request, _("Asked for. Another officer confirms it."))
                return redirect("office:accounts")
        except recovery.RecoveryRefused:
            form.refuse(_("Another officer asks for yours."), "email")
        except KeyReused:
            form.refuse(OUT_OF_DATE)
    page = page_of(request, LogRecord.objects.filter(subject_kind="account"), "-at", "-id")
    pending = list(recovery.pending(at))
    officers = list(people.waiting_officers(at))
    names = {
        user.pk: user for user in User.objects.filter(pk__in=[row.subject for row in (*page, *pending, *officers)])
    }
    context = {
        "form": form,
        "page": page,
        "lines": [{"entry": row, "account": names.get(row.subject), "words": ACCOUNT_EVENTS[row.kind]} for row in page],
        "officers": [(row, names.get(row.subject), ACCOUNT_EVENTS[row.kind]) for row in officers],
        "asked": [(r, names.get(r.subject), r.actor == by.account, r.at + two_officers.LIFETIME) for r in pending],
    }
    return render(request, "office/accounts.html", context, status=422 if form.errors else 200)


@require_POST
@for_roles(OFFICER)
def confirm_recovery(request: HttpRequest, account: UUID) -> HttpResponse:
    """The second officer confirms the account recovery."""
    user = get_object_or_404(User, pk=account)
    if (key := pressed(request)) is not None:
        try:
            recovery.confirm(account=user, by=actor_of(reader_of(request)), at=now(), key=key)
        except recovery.RecoveryRefused:
            messages.error(request, _("Not done: another officer has to ask for it first."))
        except KeyReused:
            messages.error(request, OUT_OF_DATE)
        else:
            messages.success(request, RECOVERED if user.address else RECOVERED_WITHOUT_ADDRESS)
    return redirect("office:accounts")


RECOVERED = gettext_lazy("Done. Its owner gets a message to choose a new password.")
RECOVERED_WITHOUT_ADDRESS = gettext_lazy(
    "Done. Its owner has no e-mail address. Tell the practice: it prints a letter with a code for them."
)


#: So many of what was captured: all that the demo sends in its first minute, each e-mail closed until it is opened.
_CAPTURED = 200


@require_safe
@for_roles(OFFICER)
def outbox(request: HttpRequest) -> HttpResponse:
    """The outbox: messages; in the demo, what was captured too. Nowhere else are links that open something shown."""
    page = page_of(request, states.with_state(Message.objects.all()), "-enqueued_at", "id")
    for row in page:
        row.state_words = STATE[row.state]
        row.channel_words = CHANNEL_WORDS[row.channel]
    emails = CapturedEmail.objects.order_by("-at")[:_CAPTURED] if settings.DEMO else []
    texts = CapturedText.objects.order_by("-at")[:_CAPTURED] if settings.DEMO else []
    return render(request, "office/outbox.html", {"page": page, "captured_emails": emails, "captured_texts": texts})
