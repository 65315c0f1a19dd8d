"""The pharmacy's authorizations: the list, one of them, the hand-over, the reversal."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from django.contrib import messages
from django.db.models import Case, Value, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.roles import PHARMACIST, for_roles
from compliance import documents
from compliance.commands import gate
from compliance.commands.entries import EntryRefused
from compliance.models import Authorization
from compliance.records.programs import program_day
from compliance.words.gate import gate_words
from compliance.words.refusals import refusal_words
from ledger import access_log
from ledger.clock import now
from ledger.idempotency import KeyReused
from patients.people import actor_of
from ui.fields import OUT_OF_DATE
from web.shared.common import pressed, reader_of
from web.shared.lists import page_of

from . import presenters
from .forms import BackInStockForm, HandOverForm
from .own import authorizations_of

#: The order of the list: what is void goes back to stock first, then what has expired.
_VOID, _EXPIRED, _OPEN = 0, 1, 2


@require_safe
@for_roles(PHARMACIST)
def listing(request: HttpRequest) -> HttpResponse:
    """Those overdue for reversal, void ones first, to be reversed several at once; and those that are open."""
    at = now()
    rank = Case(
        When(state="void", then=Value(_VOID)), When(dispense_by__lt=program_day(at), then=Value(_EXPIRED)),
        default=Value(_OPEN),
    )  # fmt: skip
    rows = authorizations_of(request).filter(state__in=["open", "void"]).annotate(rank=rank)
    page = page_of(request, rows, "rank", "dispense_by", "id")
    lines = presenters.lines(list(page), at)
    patients = sorted({row.patient_id for row in page})
    access_log.add_all(patients, by=actor_of(reader_of(request)), what="authorizations", why="obtained-here", at=at)
    context = {"page": page, "lines": lines, "overdue": any(line.is_overdue for line in lines)}
    return render(request, "pharmacy/list.html", context)


@require_POST
@for_roles(PHARMACIST)
def reverse_several(request: HttpRequest) -> HttpResponse:
    """Each product that is ticked is back in stock: its authorization is reversed, one by one.

    Each reversal is a request of its own, whose key follows from the form's: what was refused among them stops none.
    """
    back, form = redirect("pharmacy:list"), BackInStockForm(request.POST, rows=authorizations_of(request))
    if not form.is_valid():
        for sentence in dict.fromkeys(str(sentences[0]) for sentences in form.errors.values()):
            messages.error(request, sentence)
        return back
    by, at, done = actor_of(reader_of(request)), now(), 0
    assert by.acting_for is not None
    for row in form.cleaned_data["back_in_stock"]:
        code = gate.reverse(
            patient=row.patient_id, number=row.number, pharmacy=by.acting_for, by=by, at=at,
            key=uuid5(form.idempotency_key, str(row.pk)),
        )  # fmt: skip
        if code is None:
            done += 1
        else:
            messages.error(request, f"{row.number}: {gate_words(code)}")
    if done:
        messages.success(request, presenters.reversed_words(done))
    return back


@require_safe
@for_roles(PHARMACIST)
def authorization(request: HttpRequest, authorization: UUID) -> HttpResponse:
    """One authorization of this pharmacy."""
    row = get_object_or_404(authorizations_of(request), pk=authorization)
    return _authorization_page(request, row, now())


CLOSED = ("dispensed", "reversed")


def guide_languages(at: datetime) -> tuple[str, ...]:
    """The languages in which the Medication Guide is printed: the counter does not know the patient's."""
    return documents.languages(documents.GUIDE, on=program_day(at))


def _authorization_page(
    request: HttpRequest, row: Authorization, at: datetime, form: HandOverForm | None = None
) -> HttpResponse:
    """Where the authorization stands, and what can be done with it; `form` is a hand-over that was refused."""
    access_log.add(row.patient_id, by=actor_of(reader_of(request)), what="authorization", why="obtained-here", at=at)
    line = presenters.lines([row], at)[0]
    status = 422 if form and form.errors else 200
    if line.hand_over == "none":
        # Why it was refused is said, but nothing is offered that the rules would not take.
        for sentences in form.errors.values() if form else ():
            messages.error(request, str(sentences[0]))
        form = None
    elif form is None:
        form = hand_over_form(row, program_day(at), late=line.hand_over == "before")
    context = {
        "line": line, "authorization": row, "hand_over": form, "closed": line.state in CLOSED,
        "recipient": presenters.recipient_of(row.patient, row.days_supply), "form": form,
        "guide_languages": guide_languages(at),
    }  # fmt: skip
    return render(request, "pharmacy/authorization.html", context, status=status)


def hand_over_form(
    row: Authorization, today: date, data: Mapping[str, Any] | None = None, *, late: bool = False
) -> HandOverForm:
    """The form by which a hand-over on that authorization is recorded."""
    return HandOverForm(data, number=row.patient.number, days_supply=row.days_supply, today=today, late=late)


@require_POST
@for_roles(PHARMACIST)
def dispense(request: HttpRequest, authorization: UUID) -> HttpResponse:
    """The product was handed over, today or on the day that is given."""
    row, at = get_object_or_404(authorizations_of(request), pk=authorization), now()
    today = program_day(at)
    late = row.state == "void" or row.dispense_by < today
    form = hand_over_form(row, today, request.POST or None, late=late)
    if form.is_valid() and _recorded(request, row, form, at):
        return redirect("pharmacy:authorization", authorization=row.pk)
    return _authorization_page(request, row, at, form)


def _recorded(request: HttpRequest, row: Authorization, form: HandOverForm, at: datetime) -> bool:
    """Record the hand-over, or say why it is not taken; False when the form is shown again."""
    by = actor_of(reader_of(request))
    assert by.acting_for is not None
    try:
        code = gate.dispense(
            patient=row.patient_id, number=row.number, pharmacy=by.acting_for, by=by, at=at, key=form.idempotency_key,
            handed_over_on=form.cleaned_data["handed_over_on"],
        )  # fmt: skip
    except KeyReused:
        form.refuse(OUT_OF_DATE)
        return False
    except EntryRefused as refused:
        form.refuse(refusal_words(refused.first.rule), "handed_over_on")
        return False
    if code is None:
        messages.success(request, presenters.recorded_words(row))
    else:
        messages.error(request, gate_words(code))
    return True


@require_safe
@for_roles(PHARMACIST)
def label(request: HttpRequest, authorization: UUID) -> HttpResponse:
    """What is to stand on the product's label, to print or to copy: while it may be dispensed."""
    row, at = get_object_or_404(authorizations_of(request), pk=authorization), now()
    if not presenters.lines([row], at)[0].may_dispense:
        raise Http404
    access_log.add(row.patient_id, by=actor_of(reader_of(request)), what="authorization", why="obtained-here", at=at)
    return render(request, "pharmacy/label.html", {"authorization": row})


@require_POST
@for_roles(PHARMACIST)
def reverse_it(request: HttpRequest, authorization: UUID) -> HttpResponse:
    """The product is back in stock."""
    row = get_object_or_404(authorizations_of(request), pk=authorization)
    back = redirect("pharmacy:authorization", authorization=authorization)
    if (key := pressed(request)) is None:
        return back
    by, at = actor_of(reader_of(request)), now()
    assert by.acting_for is not None
    try:
        code = gate.reverse(patient=row.patient_id, number=row.number, pharmacy=by.acting_for, by=by, at=at, key=key)
    except KeyReused:
        messages.error(request, OUT_OF_DATE)
    else:
        if code is not None:
            messages.error(request, gate_words(code))
        else:
            messages.success(request, _("Reversed. It is recorded."))
    return back
