"""The patient context of the patient who is signed in."""

from datetime import datetime

from django.http import Http404, HttpRequest

from patients.models import Patient
from web.shared.common import PatientContext, patient_context, reader_of


def own_context(request: HttpRequest, at: datetime) -> PatientContext:
    """The reader's own patient context. Raises Http404 where the account belongs to no patient."""
    patient = Patient.objects.filter(user=reader_of(request)).values_list("id", flat=True).first()
    if patient is None:
        raise Http404
    return patient_context(request, patient, at)
