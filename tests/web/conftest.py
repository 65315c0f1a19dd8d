"""What many pages are tried with: a patient who could be given the medicine now, and the prescriber."""

import pytest
from django.test import Client

from patients.models import Patient
from tests import factories
from tests.clocks import Clock
from tests.histories import NOW, ClinicFactory


@pytest.fixture
def patient(clinic: ClinicFactory, clock: Clock) -> Patient:
    clock.at = NOW
    return clinic.ready()


@pytest.fixture
def doctor(clinic: ClinicFactory, patient: Patient) -> Client:
    return factories.as_(clinic.prescriber.user)
