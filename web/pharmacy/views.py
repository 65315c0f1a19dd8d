"""The counter: one question, its answer, and what follows from a yes."""

from datetime import datetime
from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.rate_limits import is_rate_limited
from accounts.repeats import answers_again
from accounts.roles import PHARMACIST, for_roles
from compliance.commands import certifying, decisions, gate, lookups, people
from compliance.commands.decide import OwnFile
from compliance.models import Authorization
from compliance.records.programs import program_day, program_of
from compliance.rules.editions import NoEdition
from ledger import access_log, log
from ledger.actor import Actor
from ledger.clock import now
from ledger.idempotency import KeyReused
from patients.models import DECLINED, NOT_APPROVED, Patient, Pharmacist
from patients.people import actor_of, in_charge, those_of
from ui import times
from ui.fields import OUT_OF_DATE
from web.shared.approval import approved_first, not_yet, words_of
from web.shared.certification import NOT_TURNED_DOWN, attest, certification_of, signatures_of, why_turned_down
from web.shared.common import LINK_SENT, program_of_reader, reader_of
from web.shared.deactivation import closed, deactivation_page
from web.shared.noncompliance import has_open_letters
from web.shared.place_contact import contact_page
from web.shared.surveys import is_survey_offered

from . import presenters
from .authorization_views import CLOSED, guide_languages, hand_over_form
from .forms import ApplyAgainForm, ColleagueForm, CounterForm
from .own import authorizations_of, pharmacy_of, place_of


@for_roles(PHARMACIST)
@approved_first
def home(request: HttpRequest) -> HttpResponse:
    """Ask, and read the answer: as a page, or as JSON where a pharmacy's own program asks for it."""
    at = now()
    form = CounterForm(request.POST or None, largest_supply=_largest_supply(request, at))
    if request.method == "POST" and form.is_valid():
        answered = _ask(request, form, at)
        if answered is not None:
            return answered
    if _for_machines(request):
        return _errors(form, 422)
    rows = authorizations_of(request).filter(state="open", dispense_by__gte=program_day(at)).order_by("dispense_by")[:5]
    context = {
        "form": form, "open": presenters.lines(list(rows), at), "training_due": _is_training_due(request, at),
    }  # fmt: skip
    return render(request, "pharmacy/home.html", context, status=422 if form.errors else 200)


def _is_training_due(request: HttpRequest, at: datetime) -> bool:
    """Whether the counter offers the yearly training: on a page that is opened, not on one that is sent back."""
    pharmacy = place_of(request)
    if request.method == "POST" or pharmacy is None:
        return False
    return certification_of(log.read(pharmacy), at, program_of_reader(reader_of(request))).recertification_due


def _largest_supply(request: HttpRequest, at: datetime) -> int | None:
    """What most pharmacies ask for, and stands in the empty form. None where nothing is asked now."""
    if request.method == "POST":
        return None
    program = program_of_reader(reader_of(request))
    try:
        return program.edition_on(program_day(at, program)).largest_supply_days
    except NoEdition:
        return None


def _ask(request: HttpRequest, form: CounterForm, at: datetime) -> HttpResponse | None:
    """To the answer's page, or the answer as JSON; None when the form is shown again."""
    reader = reader_of(request)
    if reader.lookups_paused_until is not None and reader.lookups_paused_until > at:
        return _paused(request, form, reader.lookups_paused_until, at)
    by = actor_of(reader)
    data = form.cleaned_data
    assert by.acting_for is not None
    try:
        decision = gate.authorize(
            number=data["number"], born_on=data["born_on"], pharmacy=by.acting_for, days_supply=data["days_supply"],
            by=by, at=at, key=form.idempotency_key,
        )  # fmt: skip
    except KeyReused:
        form.refuse(OUT_OF_DATE, "key")
        return None
    except OwnFile:
        form.refuse(OWN_FILE)
        return None
    if decision.fault == gate.NO_SUCH_PATIENT:
        until = None if decision.repeated else _missed(data["number"], by, at)
        if until is not None:
            return _paused(request, form, until, at)
        form.refuse(_("No patient with that number and date of birth."))
        return None
    if _for_machines(request):
        return JsonResponse(presenters.decision_as_json(decision))
    return redirect("pharmacy:answer", key=form.idempotency_key)


#: What a pharmacist reads who asks about themselves, or about whom they stand beside.
OWN_FILE = gettext_lazy("This is you, or somebody whose parent or guardian you are. A colleague has to ask.")


def _missed(number: str, by: Actor, at: datetime) -> datetime | None:
    return lookups.missed(number=number, by=by, at=at, rate_limited=is_rate_limited("lookup_missed"))


def _paused(request: HttpRequest, form: CounterForm, until: datetime, at: datetime) -> HttpResponse:
    """Too many wrong look-ups: nothing is decided until then."""
    words = _("Too many look-ups without a match. Check number and date of birth, and try again at %(time)s.")
    form.refuse(words % {"time": times.clock_time(until)})
    headers = {"Retry-After": str(int((until - at).total_seconds()))}
    if _for_machines(request):
        return _errors(form, 429, headers)
    answer = render(request, "pharmacy/home.html", {"form": form, "open": []}, status=429)
    answer["Retry-After"] = headers["Retry-After"]
    return answer


def _for_machines(request: HttpRequest) -> bool:
    """Whether a pharmacy's own program asks, and not a person."""
    return request.headers.get("Accept") == "application/json"


def _errors(form: CounterForm, status: int, headers: dict[str, str] | None = None) -> JsonResponse:
    """What is wrong, for a program: a field's name and sentences. There is no page that could be out of date."""
    errors: dict[str, object] = dict(form.errors)
    if "key" in errors:
        errors["key"] = [KEY_FOR_MACHINES]
    return JsonResponse({"errors": errors}, status=status, headers=headers)


#: What a pharmacy's own program reads that sent no key, a text that is none, or one that it used before.
KEY_FOR_MACHINES = gettext_lazy(
    "Send a random UUID as “key”, a new one with each new question. Send the same one again only to repeat the very "
    "same question: it gets the recorded answer, and whether you may still dispense."
)


@require_safe
@for_roles(PHARMACIST)
def answer(request: HttpRequest, key: UUID) -> HttpResponse:
    """What this pharmacy was answered: recorded as it was, and whether it may dispense now."""
    by, at = actor_of(reader_of(request)), now()
    pharmacy = by.acting_for
    decision = decisions.recorded(key=key, pharmacy=pharmacy, reader=by.account, at=at) if pharmacy else None
    if decision is None:
        raise Http404
    if decision.patient is not None:
        access_log.add(decision.patient, by=by, what="answer", why="obtained-here", at=at)
    if _for_machines(request):
        return JsonResponse(presenters.decision_as_json(decision))
    about = None
    if decision.patient is not None:
        about = Patient.objects.select_related("prescriber__user").get(pk=decision.patient)
    own = None
    if decision.number is None and about is not None and pharmacy is not None:
        own = presenters.own_today(about.pk, pharmacy, at)
    context: dict[str, object] = {
        "decision": presenters.decision_card(decision, about, own), "guide_languages": guide_languages(at),
    }  # fmt: skip
    if not decision.number:
        # Nothing was authorized: there is no hand-over of which to say how it is put right.
        context["put_right"] = ()
    else:
        row = get_object_or_404(
            Authorization.objects.select_related("patient"), number=decision.number, pharmacy=pharmacy
        )
        form = hand_over_form(row, program_day(at)) if decision.hand_over == "now" else None
        context |= {"authorization": row, "hand_over": form, "closed": decision.state in CLOSED}
    return render(request, "pharmacy/decision.html", context)


@for_roles(PHARMACIST)
def profile(request: HttpRequest) -> HttpResponse:
    """The pharmacy: certification, yearly training, colleagues."""
    pharmacy, reader, at = pharmacy_of(request), reader_of(request), now()
    waits, is_turned_down = pharmacy.state in NOT_APPROVED, pharmacy.state == DECLINED
    if waits and request.method == "POST":
        return not_yet(request)
    form = ColleagueForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            people.add_pharmacist(
                pharmacy=pharmacy, name=form.cleaned_data["name"], email=form.cleaned_data["email"],
                by=actor_of(reader), at=at, key=form.idempotency_key,
            )  # fmt: skip
        except KeyReused:
            form.refuse(OUT_OF_DATE)
        else:
            messages.success(request, LINK_SENT)
            return redirect("pharmacy:profile")
    rows, first = log.read(pharmacy.pk), in_charge(pharmacy)
    context = {
        "pharmacy": pharmacy,
        "certification": certification_of(rows, at, program_of(pharmacy.program)),
        "signed": signatures_of(rows).get(pharmacy.pk, []),
        "form": None if waits else form,
        "not_yet": words_of(pharmacy.state, PHARMACIST),
        "why_turned_down": why_turned_down(rows).get(pharmacy.pk, "") if is_turned_down else "",
        "apply_again_url": reverse("pharmacy:apply_again") if is_turned_down else "",
        "colleagues": those_of(pharmacy.pharmacists.all()),
        "in_charge": first,
        "letters_wait": has_open_letters(pharmacy.pk),
        "own": first is not None and first.user_id == reader.pk,
        # Not at the counter, where seconds count.
        "survey_offered": not waits and request.method != "POST" and is_survey_offered(reader, at),
    }
    return render(request, "pharmacy/profile.html", context, status=422 if form.errors else 200)


@for_roles(PHARMACIST)
def contact(request: HttpRequest) -> HttpResponse:
    """Correct the pharmacy's name, telephone number and address: for who is in charge."""
    return contact_page(request, "pharmacy", pharmacy_of(request), (_("Pharmacy"), reverse("pharmacy:profile")))


def _closed(request: HttpRequest, *_args: object, **_parts: object) -> HttpResponse:
    return closed(request, reverse("pharmacy:profile"))


@for_roles(PHARMACIST)
@answers_again(_closed)
def deactivate_colleague(request: HttpRequest, colleague: UUID) -> HttpResponse:
    """Who is in charge closes the account of a colleague who leaves."""
    rows = Pharmacist.objects.select_related("user").filter(
        pharmacy=pharmacy_of(request), ended_at=None, user__is_active=True
    )
    row = get_object_or_404(rows, pk=colleague)
    return deactivation_page(request, row.user, back=(_("Pharmacy"), reverse("pharmacy:profile")))


@for_roles(PHARMACIST)
def apply_again(request: HttpRequest) -> HttpResponse:
    """Apply again after the program office has turned the pharmacy down."""
    pharmacy = pharmacy_of(request)
    form = ApplyAgainForm(request.POST or None, reader=reader_of(request), subject=pharmacy.pk, at=now())
    back = (_("Pharmacy"), reverse("pharmacy:profile"))
    return attest(
        request, form, partial(certifying.apply_again, kind="pharmacy"), title=_("Apply again"), back=back,
        done=_("Thank you. The program office looks at your application again."), refused=NOT_TURNED_DOWN,
    )  # fmt: skip
