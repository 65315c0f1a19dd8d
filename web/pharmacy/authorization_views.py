"""The pharmacy's authorizations: the list, one of them, the hand-over, the reversal."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.roles import PHARMACIST, for_roles
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
from .forms import HandOverForm
from .own import authorizations_of


@require_safe
@for_roles(PHARMACIST)
def listing(request: HttpRequest) -> HttpResponse:
    """Open ones, and those overdue for reversal, which stand first."""
    at = now()
    rows = authorizations_of(request).filter(state__in=["open", "void"])
    page = page_of(request, rows, "dispense_by", "id")
    lines = presenters.lines(list(page), at)
    patients = sorted({row.patient_id for row in page})
    access_log.add_all(patients, by=actor_of(reader_of(request)), what="authorizations", why="obtained-here", at=at)
    return render(request, "pharmacy/list.html", {"page": page, "lines": lines})


@require_safe
@for_roles(PHARMACIST)
def authorization(request: HttpRequest, authorization: UUID) -> HttpResponse:
    """One authorization of this pharmacy."""
    row = get_object_or_404(authorizations_of(request), pk=authorization)
    return _authorization_page(request, row, now())


CLOSED = ("dispensed", "reversed")


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
    context = {"line": line, "authorization": row, "hand_over": form, "closed": line.state in CLOSED}
    return render(request, "pharmacy/authorization.html", context, status=status)


def hand_over_form(
    row: Authorization, today: date, data: Mapping[str, Any] | None = None, *, late: bool = False
) -> HandOverForm:
    """The form by which a hand-over on that authorization is recorded."""
    form = HandOverForm(data, today=today, late=late)
    form.helper.form_action = reverse("pharmacy:dispense", kwargs={"authorization": row.pk})
    return form


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
        messages.success(request, _("Dispensed. It is recorded."))
    else:
        messages.error(request, gate_words(code))
    return True


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
