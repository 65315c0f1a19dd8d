"""The pharmacy's letters from the program office. Whoever works there reads and answers."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts.roles import PHARMACIST, for_roles
from web.shared import noncompliance as shared
from web.shared.noncompliance import PHARMACY

from .own import pharmacy_of


@require_safe
@for_roles(PHARMACIST)
def cases(request: HttpRequest) -> HttpResponse:
    """The cases of which the pharmacy was told."""
    return shared.own_cases(request, PHARMACY, pharmacy_of(request))


@require_safe
@for_roles(PHARMACIST)
def case(request: HttpRequest, number: int) -> HttpResponse:
    """One case with its letters."""
    return shared.own_case(request, PHARMACY, pharmacy_of(request), number)


@require_safe
@for_roles(PHARMACIST)
def letter(request: HttpRequest, number: int, letter: int) -> HttpResponse:
    """One letter."""
    return shared.own_letter(request, PHARMACY, pharmacy_of(request), number, letter)


@for_roles(PHARMACIST)
def answer(request: HttpRequest, number: int, step: str) -> HttpResponse:
    """Answer, send a plan, or appeal."""
    return shared.answer_page(request, PHARMACY, pharmacy_of(request), number, step)
