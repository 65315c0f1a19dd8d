"""The prescriber's pages."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.repeats import answers_again
from accounts.roles import DESIGNEE, PRESCRIBER, for_roles
from compliance.commands import enrolment, invitations, people
from compliance.commands.entries import EntryRefused
from compliance.commands.forgetting import TURNED_DOWN_KEPT
from compliance.records.programs import program_day
from compliance.rules.entries import is_voidable_kind, voidable
from compliance.rules.records import Discontinued, Entry
from compliance.words.refusals import refusal_words
from ledger.clock import now
from ledger.idempotency import KeyReused
from patients.models import NOT_APPROVED, Designee, Guardian, HeldEnrolment, Patient, Prescriber
from patients.numbers import pretty
from patients.people import actor_of, those_of
from patients.visibility import visible_patients
from ui.fields import OUT_OF_DATE
from web.shared import searches
from web.shared.approval import approved_first, is_waiting, not_yet, words_of
from web.shared.common import (
    LINK_SENT,
    PatientContext,
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
from web.shared.noncompliance import has_open_letters
from web.shared.place_contact import contact_page
from web.shared.planner import planner_panel
from web.shared.surveys import is_survey_offered

from . import presenters, stop_presenter, worklist, worklist_lines
from .category_forms import EnrolForm, show_proof
from .contact_forms import WAITS, ContactForm
from .entry_types import ENTRY_TYPES
from .forms import DesigneeForm, VoidEntryForm
from .month_form import MonthlyForm
from .record_lines import record_line
from .treatment import treatment_panel
from .worklist import Filters


@for_roles(PRESCRIBER, DESIGNEE)
def home(request: HttpRequest) -> HttpResponse:
    """The worklist: stops first, then missed windows, what closes first, what can be done today, and the rest."""
    reader, at = reader_of(request), now()
    today = program_day(at)
    if is_waiting(reader):
        return not_yet(request)
    if request.method == "POST":
        return _search(request)
    filters = Filters.of(request.GET)
    text = searches.sought(request.session, filters.search)
    rows = worklist.in_order(visible_patients(reader), reader.role, today)
    shown = worklist.filtered(rows, filters, text).select_related("status", "prescriber__user")
    page = page_of(request, shown, *worklist.ORDER)
    numbers = worklist.counts(rows, filters, text)
    context = {
        "page": page,
        "rows": worklist_lines.lines(page, reader.role, today),
        "filters": filters,
        "numbers": numbers,
        "stages": worklist_lines.stage_choices(filters, numbers),
        "reasons": worklist_lines.reason_choices(filters, numbers),
        "mine_url": filters.address(mine="" if filters.mine else "1"),
        "asks_url": filters.address(asks="" if filters.asks else "1"),
        "q": text,
        "survey_offered": is_survey_offered(reader, at),
    }
    return render(request, "prescriber/home.html", context)


def _search(request: HttpRequest) -> HttpResponse:
    """Keep what is searched for, until it is searched for no more, beside the filters that are set."""
    handle = searches.remember(request.session, request.POST.get("q", ""))
    return redirect(reverse("prescriber:home") + Filters.of(request.POST).address(search=handle))


@require_safe
@for_roles(PRESCRIBER, DESIGNEE)
def patient(request: HttpRequest, patient: UUID) -> HttpResponse:
    """One patient: what blocks, who must act and by when; what is known; what can be entered."""
    ctx = patient_context(request, patient, now())
    filters = worklist.from_list(request)
    query = filters.of_patient() if filters else ""
    page = presenters.patient_page(ctx, query)
    more = {
        "treatment": treatment_panel(ctx, may_prescribe=ctx.reader.role in ENTRY_TYPES["prescription"].roles),
        "planner": planner_panel(ctx, request.GET.get("day", ""), presenters.entry_url(ctx.patient, "booking") + query),
        "back_url": _list_url(filters, patient),
        "next_url": _next_url(request, filters, ctx) if filters else "",
    }
    return render(request, "prescriber/patient.html", page | more)


def _list_url(filters: Filters | None, patient: UUID) -> str:
    """The list from which the reader came, on its page and with the row of this patient in focus."""
    return reverse("prescriber:home") + (f"{filters.here()}#row-{patient}" if filters else "")


def _next_url(request: HttpRequest, filters: Filters, ctx: PatientContext, *, month: bool = False) -> str:
    """The next patient of that list, or (`month`) their monthly form if they wait for it; empty after the last."""
    rows = worklist.in_order(visible_patients(ctx.reader), ctx.reader.role, ctx.today)
    listed = worklist.filtered(rows, filters, searches.sought(request.session, filters.search))
    following = worklist.next_of(listed, rows, ctx.patient.pk)
    if following is None:
        return ""
    if month and worklist_lines.asks_month(following):
        return presenters.entry_url(following, "month") + filters.of_patient()
    return presenters.url_of(following) + filters.of_patient()


#: Above the form of one who goes through the list of whom the practice can do something for.
GOES_ON = gettext_lazy("Once this is saved, the next patient who needs you today opens.")
#: Above the monthly form of a patient of whom the practice has entered all that can count now.
ASKS_NOTHING = gettext_lazy("Nothing is asked for now. Enter it all the same if something was repeated or came early.")


@for_roles(PRESCRIBER, DESIGNEE)
def entry(request: HttpRequest, patient: UUID, slug: str) -> HttpResponse:
    """Enter something: one view for the whole table of entries."""
    page = ENTRY_TYPES.get(slug)
    if page is None:
        raise Http404
    if reader_of(request).role not in page.roles:
        raise PermissionDenied
    ctx = patient_context(request, patient, now())
    filters = worklist.from_list(request)
    query = filters.of_patient() if filters else ""
    form = page.form(request.POST or None, ctx=ctx)
    # Looked up before anything is entered, which may give this patient another place in the list.
    goes_on = filters is not None and filters.mine and slug == "month"
    following = ""
    if filters and goes_on and request.method == "POST":
        following = _next_url(request, filters, ctx, month=True)
    if request.method == "POST" and form.is_valid() and form.save_to_log():
        if isinstance(form, StoppingForm) and form.stopping:
            return redirect("prescriber:stopped", patient=patient)
        if isinstance(form, ContactForm) and form.corrected.waits:
            messages.info(request, WAITS)
        else:
            tell_saved(request, form, form.done or page.done, about=pretty(ctx.patient.number) if following else "")
        if goes_on and not following:
            messages.info(request, _("That was the last one who needs you today."))
        return redirect(following or presenters.url_of(ctx.patient) + query)
    back = (presenters.short_name(ctx.patient), presenters.url_of(ctx.patient) + query)
    if asks_to_repeat(request, form):
        return form_page(request, form, title=page.title, template="prescriber/confirm_stop.html", patient=ctx.patient)
    lead = GOES_ON if goes_on else page.lead_for(tested=is_tested(ctx))
    if isinstance(form, MonthlyForm) and form.asks_nothing:
        lead = ASKS_NOTHING
    # What the patient reported is talked about at the visit.
    more = presenters.report_panel(ctx, query) if slug in ("month", "visit") else {}
    return form_page(request, form, title=page.title, lead=lead, back=back, template=page.template, **more)


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
    line = record_line(record, ctx, {})
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
        "letters_wait": is_own and has_open_letters(prescriber.pk),
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
