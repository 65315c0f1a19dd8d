"""The prescriber's pages."""

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Case, DateField, F, Q, QuerySet, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.repeats import answers_again
from accounts.roles import DESIGNEE, PRESCRIBER, for_roles
from accounts.sessions import SOUGHT
from compliance.commands import enrolment, invitations, people
from compliance.commands.entries import EntryRefused
from compliance.commands.forgetting import TURNED_DOWN_KEPT
from compliance.records.programs import program_day
from compliance.rules.entries import is_voidable_kind, voidable
from compliance.rules.records import Discontinued, Entry
from compliance.rules.stages import STAGES
from compliance.words.refusals import refusal_words
from compliance.words.stages import stage_label
from ledger.clock import now
from ledger.idempotency import KeyReused
from patients.models import NOT_APPROVED, Designee, Guardian, HeldEnrolment, Patient, Prescriber
from patients.numbers import normalise
from patients.people import actor_of, those_of
from patients.visibility import visible_patients
from ui.fields import OUT_OF_DATE
from web.shared.approval import approved_first, not_yet, words_of
from web.shared.common import (
    LINK_SENT,
    form_page,
    is_tested,
    patient_context,
    pressed,
    program_of_reader,
    reader_of,
)
from web.shared.confirm_entry import tell_saved
from web.shared.confirm_stop import StoppingForm, asks_to_repeat
from web.shared.deactivation import closed, deactivation_page
from web.shared.lists import page_of
from web.shared.place_contact import contact_page
from web.shared.planner import planner_panel

from . import presenters, stop_presenter
from .category_forms import EnrolForm, show_proof
from .contact_forms import WAITS, ContactForm
from .entry_types import ENTRY_TYPES
from .forms import DesigneeForm, VoidEntryForm


@for_roles(PRESCRIBER, DESIGNEE)
def home(request: HttpRequest) -> HttpResponse:
    """The worklist: what closes first stands first."""
    if request.method == "POST":
        return _search(request)
    at = now()
    sought = request.session.get(SOUGHT, "")
    rows = _searched(visible_patients(reader_of(request)), sought)
    stage = request.GET.get("stage", "")
    if stage in STAGES:
        rows = rows.filter(status__stage=stage)
    if request.GET.get("mine"):
        rows = rows.filter(status__acts__contains=["prescriber"])
    closing = When(status__window_last__gte=program_day(at), then=F("status__window_last"))
    rows = rows.select_related("status", "prescriber__user").annotate(
        # A stop stands above everything that closes, and what does not close below it.
        place=Case(When(status__stage="stopped", then=0), default=1),
        closes=Case(closing, default=date.max, output_field=DateField()),
    )
    page = page_of(request, rows, "place", "closes", "family_name", "given_name", "id")
    context = {
        "page": page,
        "rows": presenters.lines(page, at),
        "stage": stage,
        "stages": [(code, stage_label(code)) for code in STAGES],
        "q": sought,
        "mine": bool(request.GET.get("mine")),
    }
    return render(request, "prescriber/home.html", context)


def _search(request: HttpRequest) -> HttpResponse:
    """Keep what is searched for, until something else is or nothing."""
    request.session[SOUGHT] = request.POST.get("q", "").replace("\0", "").strip()[:60]
    chosen = {"stage": stage} if (stage := request.POST.get("stage", "")) in STAGES else {}
    if request.POST.get("mine"):
        chosen["mine"] = "1"
    return redirect(reverse("prescriber:home") + (f"?{urlencode(chosen)}" if chosen else ""))


def _searched(rows: QuerySet[Patient], text: str) -> QuerySet[Patient]:
    """By patient number, or by the beginning of a name."""
    text = text.strip()
    if not text:
        return rows
    named = Q(family_name__istartswith=text) | Q(given_name__istartswith=text)
    return rows.filter(named | Q(number=normalise(text)))


@require_safe
@for_roles(PRESCRIBER, DESIGNEE)
def patient(request: HttpRequest, patient: UUID) -> HttpResponse:
    """One patient: what blocks, who must act and by when; what is known; what can be entered."""
    ctx = patient_context(request, patient, now())
    planner = {"planner": planner_panel(ctx, request.GET.get("day", ""))}
    return render(request, "prescriber/patient.html", presenters.patient_page(ctx) | planner)


@for_roles(PRESCRIBER, DESIGNEE)
def entry(request: HttpRequest, patient: UUID, slug: str) -> HttpResponse:
    """Enter something: one view for the whole table of entries."""
    page = ENTRY_TYPES.get(slug)
    if page is None:
        raise Http404
    if reader_of(request).role not in page.roles:
        raise PermissionDenied
    ctx = patient_context(request, patient, now())
    form = page.form(request.POST or None, ctx=ctx)
    if request.method == "POST" and form.is_valid() and form.save_to_log():
        if isinstance(form, StoppingForm) and form.stopping:
            return redirect("prescriber:stopped", patient=patient)
        if isinstance(form, ContactForm) and form.corrected.waits:
            messages.info(request, WAITS)
        else:
            tell_saved(request, form, page.done)
        return redirect("prescriber:patient", patient=patient)
    back = (presenters.short_name(ctx.patient), presenters.url_of(ctx.patient))
    if asks_to_repeat(request, form):
        return form_page(request, form, title=page.title, template="prescriber/confirm_stop.html", patient=ctx.patient)
    lead = page.lead_for(tested=is_tested(ctx))
    return form_page(request, form, title=page.title, lead=lead, back=back, template=page.template)


@for_roles(PRESCRIBER, DESIGNEE)
def stopped(request: HttpRequest, patient: UUID) -> HttpResponse:
    """What is to be done now that treatment is stopped, and who was told. 404 where no stop is open."""
    ctx = patient_context(request, patient, now())
    if ctx.assessment is None or not ctx.assessment.history.stops.open:
        raise Http404
    return render(request, "prescriber/stopped.html", stop_presenter.stopped_page(ctx))


@for_roles(PRESCRIBER)
def void_entry(request: HttpRequest, patient: UUID, number: int) -> HttpResponse:
    """Strike a wrong entry."""
    ctx = patient_context(request, patient, now())
    record = next((e for e in ctx.file.entries if e.number == number), None)
    if record is None or not (number in voidable(ctx.file.entries) or _was_open(request, record)):
        raise Http404
    form = VoidEntryForm(request.POST or None, ctx=ctx)
    form.entry = number
    if request.method == "POST" and form.is_valid() and form.save_to_log():
        messages.success(request, _voided_words(record))
        return redirect("prescriber:patient", patient=patient)
    back = (presenters.short_name(ctx.patient), presenters.url_of(ctx.patient))
    lead = _("The entry stays in the log and counts no more. An open authorization becomes void.")
    line = presenters.record_line(record, ctx, {})
    return form_page(request, form, title=_("Mark an entry as entered in error"), lead=lead, back=back, about=line)


def _was_open(request: HttpRequest, entry: Entry) -> bool:
    """Whether a form is sent that was opened while the entry could be voided: the rules say why it cannot be now."""
    return request.method == "POST" and is_voidable_kind(entry.record)


def _voided_words(entry: Entry) -> str:
    """What the voided entry means from now on."""
    if isinstance(entry.record, Discontinued):
        return _("The end of the course is marked as entered in error. The course goes on as if it had never ended.")
    return _("The entry is marked as entered in error. It stays in the log and no longer counts.")


@for_roles(PRESCRIBER)
@approved_first
def enrol(request: HttpRequest) -> HttpResponse:
    """Enrol a patient."""
    at = now()
    program = program_of_reader(reader_of(request))
    form = EnrolForm(request.POST or None, at=at, program=program)
    own: list[presenters.OwnPatient] = []
    if request.method == "POST" and form.is_valid():
        try:
            result = enrolment.enrol(
                new=form.new_patient(), by=actor_of(reader_of(request)), at=at, key=form.idempotency_key,
                shows_own=form.shows_own,
            )  # fmt: skip
        except EntryRefused as refused:
            show_proof(form, refused, program)
        except KeyReused:
            form.refuse(OUT_OF_DATE)
        else:
            if not result.own:
                return _enrolled(request, result)
            form.ask_who()
            own = presenters.own_patients(visible_patients(reader_of(request)).filter(pk__in=result.own), at)
    lead = _("The patient gets an invitation to read and sign. Nobody signs in another's place.")
    return form_page(
        request, form, title=_("Enrol a patient"), lead=lead, template="prescriber/enrol.html", own_patients=own
    )


def _enrolled(request: HttpRequest, result: enrolment.Enrolment) -> HttpResponse:
    if result.patient is None:
        if not HeldEnrolment.objects.filter(pk__in=[result.held], state="waiting").exists():
            # The form came once more, after the office had decided.
            messages.info(request, _("The program office has decided about this enrolment. You got a message."))
            return redirect("prescriber:practice")
        messages.warning(request, _("The program office reviews this enrolment first. You will get a message."))
        return redirect("prescriber:practice")
    _tell_enrolled(request, result.patient)
    return redirect("prescriber:patient", patient=result.patient)


def _tell_enrolled(request: HttpRequest, patient: UUID) -> None:
    """What comes next: nothing to do, or a letter for each who has no e-mail address."""
    people: list[Patient | Guardian] = [*Patient.objects.filter(pk=patient), *Guardian.objects.filter(patient=patient)]
    if all(person.email for person in people):
        messages.success(request, _("The patient is enrolled and invited to sign."))
    else:
        messages.success(
            request, _("The patient is enrolled. Where there is no e-mail address, print the letter below.")
        )


@require_POST
@for_roles(PRESCRIBER, DESIGNEE)
def invite(request: HttpRequest, patient: UUID, guardian: UUID | None = None) -> HttpResponse:
    """Send an invitation again."""
    at = now()
    ctx = patient_context(request, patient, at)
    person: Guardian | Patient = ctx.patient
    if guardian is not None:
        person = get_object_or_404(Guardian, pk=guardian, patient=ctx.patient, user=None)
    elif ctx.patient.user_id is not None:
        raise Http404
    if not person.email:
        messages.error(request, _("There is no e-mail address. Print a letter instead."))
    elif (key := pressed(request)) is not None:
        try:
            invitations.invite(patient=patient, guardian=guardian, by=ctx.by, at=at, key=key)
        except KeyReused:
            messages.error(request, OUT_OF_DATE)
        except EntryRefused as refused:
            messages.error(request, refusal_words(refused.first.rule))
        else:
            messages.success(request, _("The invitation was sent."))
    return redirect("prescriber:patient", patient=patient)


@for_roles(PRESCRIBER, DESIGNEE)
def practice(request: HttpRequest) -> HttpResponse:
    """The practice: certification, enrolments that the office holds, designees."""
    reader = reader_of(request)
    prescriber = _prescriber_of(reader)
    is_own, waits = reader.role == PRESCRIBER, prescriber.state in NOT_APPROVED
    form = DesigneeForm(request.POST or None)
    if request.method == "POST":
        if not is_own:
            raise PermissionDenied
        if waits:
            return not_yet(request)
        if form.is_valid() and _add_designee(form, prescriber):
            messages.success(request, LINK_SENT)
            return redirect("prescriber:practice")
    at = now()
    gone = Q(data={}, decided_at__lte=at - TURNED_DOWN_KEPT)
    held = HeldEnrolment.objects.filter(prescriber=prescriber, is_correction=False).exclude(gone)
    context = presenters.practice_page(prescriber, at) | {
        "form": form if is_own and not waits else None,
        "not_yet": words_of(prescriber.state, PRESCRIBER) if is_own and waits else "",
        "held": page_of(request, held, "-created_at", "id"),
        "delegates": prescriber.delegates.filter(ended_at=None).select_related("delegate__user").order_by("named_at"),
        "offered": prescriber.offered.count(),
        "own": is_own,
        "designees": those_of(prescriber.designees.all()),
    }
    return render(request, "prescriber/practice.html", context, status=422 if form.errors else 200)


@for_roles(PRESCRIBER)
def practice_contact(request: HttpRequest) -> HttpResponse:
    """Correct the practice's name, telephone number and address."""
    back = (_("Practice"), reverse("prescriber:practice"))
    return contact_page(request, "prescriber", _prescriber_of(reader_of(request)), back)


def _closed(request: HttpRequest, *_args: object, **_parts: object) -> HttpResponse:
    return closed(request, reverse("prescriber:practice"))


@for_roles(PRESCRIBER)
@answers_again(_closed)
def deactivate_designee(request: HttpRequest, designee: UUID) -> HttpResponse:
    """Close the account of a designee who leaves."""
    rows = Designee.objects.select_related("user").filter(
        prescriber=_prescriber_of(reader_of(request)), ended_at=None, user__is_active=True
    )
    row = get_object_or_404(rows, pk=designee)
    return deactivation_page(request, row.user, back=(_("Practice"), reverse("prescriber:practice")))


def _prescriber_of(reader: User) -> Prescriber:
    """The practice in which the reader acts now."""
    place = reader.place
    return get_object_or_404(Prescriber.objects.select_related("user"), pk=place.id if place else None)


def _add_designee(form: DesigneeForm, prescriber: Prescriber) -> bool:
    try:
        people.add_designee(
            prescriber=prescriber, name=form.cleaned_data["name"], email=form.cleaned_data["email"],
            by=actor_of(prescriber.user), at=now(), key=form.idempotency_key,
        )  # fmt: skip
    except KeyReused:
        form.refuse(OUT_OF_DATE)
        return False
    return True
