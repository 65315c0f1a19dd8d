"""What of the reader's own pharmacy a page may show."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from compliance.models import Authorization
from patients.models import Patient, Pharmacy
from patients.visibility import is_on_both_sides
from web.shared.common import reader_of


def place_of(request: HttpRequest) -> UUID | None:
    """The pharmacy at which the reader acts now."""
    place = reader_of(request).place
    return place.id if place else None


def pharmacy_of(request: HttpRequest) -> Pharmacy:
    """The same, as its row. Raises Http404 where there is none."""
    return get_object_or_404(Pharmacy, pk=place_of(request))


def authorizations_of(request: HttpRequest) -> QuerySet[Authorization]:
    """The authorizations of this reader's pharmacy; none about themselves, or whom they stand beside."""
    reader = reader_of(request)
    rows = Authorization.objects.filter(pharmacy=place_of(request)).select_related("patient__prescriber__user")
    if not is_on_both_sides(reader):
        return rows
    return rows.exclude(patient__user=reader).exclude(patient__guardians__user=reader)


def patients_asked_about(request: HttpRequest, ids: Collection[UUID]) -> dict[UUID, Patient]:
    """The patients of those ids, of whom this reader's pharmacy was answered; none beside whom the reader stands."""
    reader = reader_of(request)
    rows = Patient.objects.filter(pk__in=ids)
    if is_on_both_sides(reader):
        rows = rows.exclude(user=reader).exclude(guardians__user=reader)
    return rows.in_bulk()
