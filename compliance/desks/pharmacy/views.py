"""The counter: one question, its answer, and what follows from a yes."""

from uuid import UUID, uuid4

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.roles import PHARMACIST, for_roles
from compliance import documents
from compliance.actions import certifying, gate, people
from compliance.actions.decide import KeyReused
from compliance.actions.gate import Decision
from compliance.desks.attesting import attested_by
from compliance.desks.common import OUT_OF_DATE, form_page, key_of, page_of, reader_of
from compliance.models import Authorization
from compliance.projection.file import PROGRAM, certified
from compliance.rules.certification import covers
from compliance.rules.days import day, zone
from compliance.words.gate import gate_words
from ledger import log
from ledger.clock import now
from patients.models import Pharmacy
from patients.people import actor_of

from . import presenters
from .forms import AttestForm, ColleagueForm, CounterForm


def _pharmacy(request: HttpRequest) -> Pharmacy:
    return get_object_or_404(Pharmacy, pharmacists__user=reader_of(request))


def _authorizations(request: HttpRequest) -> QuerySet[Authorization]:
    """The authorizations of this reader's pharmacy, and of no other."""
    return Authorization.objects.filter(pharmacy__pharmacists__user=reader_of(request)).select_related("patient")


@for_roles(PHARMACIST)
def home(request: HttpRequest) -> HttpResponse:
    """Ask, and read the answer: as a page, or as JSON where a pharmacy's own program asks for it."""
    form = CounterForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        answered = _ask(request, form)
        if answered is not None:
            return answered
    if _for_machines(request):
        return JsonResponse({"errors": form.errors}, status=422)
    today = day(now(), zone(PROGRAM.zone))
    open_ones = _authorizations(request).filter(state="open", dispense_by__gte=today).order_by("dispense_by")[:5]
    return render(request, "pharmacy/home.html", {"form": form, "open": open_ones}, status=422 if form.errors else 200)


def _ask(request: HttpRequest, form: CounterForm) -> HttpResponse | None:
    """The answer's page; None when the form is shown again."""
    by, at = actor_of(reader_of(request)), now()
    data = form.cleaned_data
    assert by.acting_for is not None
    try:
        decision = gate.authorize(
            number=data["number"], born_on=data["born_on"], pharmacy=by.acting_for, days_supply=data["days_supply"],
            by=by, at=at, key=form.idempotency_key,
        )  # fmt: skip
    except KeyReused:
        form.refuse(OUT_OF_DATE)
        return None
    if decision.fault == gate.NO_SUCH_PATIENT:
        form.refuse(_("No patient with that number and date of birth."))
        return None
    return _answer(request, decision)


def _for_machines(request: HttpRequest) -> bool:
    """Whether a pharmacy's own program asks, and not a person."""
    return request.headers.get("Accept") == "application/json"


def _answer(request: HttpRequest, decision: Decision) -> HttpResponse:
    if _for_machines(request):
        return JsonResponse(presenters.plain(decision))
    context = {"answer": presenters.answer(decision), "decision": decision}
    if decision.number:
        context["authorization"] = get_object_or_404(_authorizations(request), number=decision.number)
        context["key"] = uuid4()
    return render(request, "pharmacy/answer.html", context)


@for_roles(PHARMACIST)
def listing(request: HttpRequest) -> HttpResponse:
    """Open ones, and those overdue for reversal, which stand first."""
    today = day(now(), zone(PROGRAM.zone))
    rows = _authorizations(request).filter(state__in=["open", "void"]).order_by("dispense_by", "id")
    page = page_of(request, rows)
    lines = [presenters.line(row, today) for row in page]
    return render(request, "pharmacy/list.html", {"page": page, "lines": lines})


@for_roles(PHARMACIST)
def authorization(request: HttpRequest, authorization: UUID) -> HttpResponse:
    """One authorization of this pharmacy."""
    row = get_object_or_404(_authorizations(request), pk=authorization)
    today = day(now(), zone(PROGRAM.zone))
    context = {
        "line": presenters.line(row, today),
        "authorization": row,
        "key": uuid4(),
        "closed": row.state in _CLOSED,
    }
    return render(request, "pharmacy/authorization.html", context)


_CLOSED = ("dispensed", "reversed")


@require_POST
@for_roles(PHARMACIST)
def dispense(request: HttpRequest, authorization: UUID) -> HttpResponse:
    """The product was handed over."""
    return _end(request, authorization, "dispense")


@require_POST
@for_roles(PHARMACIST)
def reverse_it(request: HttpRequest, authorization: UUID) -> HttpResponse:
    """The product is back in stock."""
    return _end(request, authorization, "reverse")


def _end(request: HttpRequest, authorization: UUID, what: str) -> HttpResponse:
    row = get_object_or_404(_authorizations(request), pk=authorization)
    by, at = actor_of(reader_of(request)), now()
    assert by.acting_for is not None
    verb = gate.dispense if what == "dispense" else gate.reverse
    try:
        code = verb(
            patient=row.patient_id, number=row.number, pharmacy=by.acting_for, by=by, at=at, key=key_of(request)
        )
    except KeyReused:
        messages.error(request, OUT_OF_DATE)
    else:
        if code is not None:
            messages.error(request, gate_words(code))
        elif what == "dispense":
            messages.success(request, _("Dispensed. It is recorded."))
        else:
            messages.success(request, _("Reversed. It is recorded."))
    return redirect("pharmacy:authorization", authorization=authorization)


@for_roles(PHARMACIST)
def profile(request: HttpRequest) -> HttpResponse:
    """The pharmacy: certification, yearly training, colleagues."""
    pharmacy = _pharmacy(request)
    form = ColleagueForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            people.add_pharmacist(
                pharmacy=pharmacy, name=form.cleaned_data["name"], email=form.cleaned_data["email"], at=now()
            )
        except people.EmailTaken:
            form.refuse(_("This address cannot be used."), "email")
        else:
            messages.success(request, _("The colleague is added and gets a message to choose a password."))
            return redirect("pharmacy:profile")
    at = now()
    spans = certified(log.read(pharmacy.pk), at)
    context = {
        "pharmacy": pharmacy,
        "certified": covers(spans, day(at, zone(PROGRAM.zone))),
        "certified_until": max((span.last for span in spans), default=None),
        "form": form,
        "colleagues": pharmacy.pharmacists.select_related("user").order_by("user__name"),
    }
    return render(request, "pharmacy/profile.html", context, status=422 if form.errors else 200)


@for_roles(PHARMACIST)
def train(request: HttpRequest) -> HttpResponse:
    """Attest the yearly training, which certifies the pharmacy for another year."""
    pharmacy = _pharmacy(request)
    document = documents.current("pharmacy-attestation", "en")
    reader, at = reader_of(request), now()
    form = AttestForm(request.POST or None, signer=reader)
    if request.method == "POST" and form.is_valid():
        attested, name = attested_by(document, form.cleaned_data["printed_name"], pharmacy.pk, at)
        try:
            certifying.train(
                subject=pharmacy.pk, attested=attested, sealed=[name], by=actor_of(reader), at=at,
                key=form.idempotency_key,
            )  # fmt: skip
        except certifying.WrongState:
            form.refuse(_("The program office has not approved the pharmacy, or has suspended it."))
        except KeyReused:
            form.refuse(OUT_OF_DATE)
        else:
            messages.success(request, _("Thank you. The pharmacy is certified for another year."))
            return redirect("pharmacy:profile")
    back = (_("Pharmacy"), reverse("pharmacy:profile"))
    return form_page(
        request, form, title=_("Yearly training"), back=back, template="desk/attest.html", document=document
    )
