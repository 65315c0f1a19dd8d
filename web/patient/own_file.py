"""The patient context of the patient who is signed in."""

from datetime import datetime

from django.http import Http404, HttpRequest

from web.shared.common import PatientContext, patient_context, reader_of


def own_context(request: HttpRequest, at: datetime) -> PatientContext:
    """The context of the file that the reader chose, their own. Raises Http404 where the account belongs to none."""
    place = reader_of(request).place
    if place is None:
        raise Http404
    return patient_context(request, place.id, at)
