"""The practice's letters from the program office. The prescriber answers; nobody does it for another."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from accounts.roles import PRESCRIBER, for_roles
from patients.models import Prescriber
from web.shared import noncompliance as shared
from web.shared.common import reader_of
from web.shared.noncompliance import PRACTICE


def _own(request: HttpRequest) -> Prescriber:
    return get_object_or_404(Prescriber, user=reader_of(request))


@require_safe
@for_roles(PRESCRIBER)
def cases(request: HttpRequest) -> HttpResponse:
    """The cases of which the practice was told."""
    return shared.own_cases(request, PRACTICE, _own(request))


@require_safe
@for_roles(PRESCRIBER)
def case(request: HttpRequest, number: int) -> HttpResponse:
    """One case with its letters."""
    return shared.own_case(request, PRACTICE, _own(request), number)


@require_safe
@for_roles(PRESCRIBER)
def letter(request: HttpRequest, number: int, letter: int) -> HttpResponse:
    """One letter."""
    return shared.own_letter(request, PRACTICE, _own(request), number, letter)


@for_roles(PRESCRIBER)
def answer(request: HttpRequest, number: int, step: str) -> HttpResponse:
    """Answer, send a plan, or appeal."""
    return shared.answer_page(request, PRACTICE, _own(request), number, step)
