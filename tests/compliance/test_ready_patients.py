"""The patients of most tests: all but the first are laid as the commands wrote the first (`ClinicFactory.ready`)."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from compliance.models import PatientStatus
from compliance.records.rebuild import differences
from patients.models import Patient
from tests import histories
from tests.compliance import row_counts
from tests.histories import ClinicFactory

MADE: dict[str, Callable[[ClinicFactory], Patient]] = {
    "of age": lambda c: c.ready(),
    "under age": lambda c: c.ready(date(2012, 2, 3)),
    "whose course has ended": lambda c: c.ended(),
}


@pytest.mark.parametrize("make", MADE.values(), ids=MADE)
def test_who_is_laid_is_as_the_commands_write_one(
    clinic: ClinicFactory, make: Callable[[ClinicFactory], Patient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(histories, "_STATUSES", {})
    written = _rows_and_status(clinic, make)
    assert histories._STATUSES
    assert _rows_and_status(clinic, make) == written
    assert list(differences()) == []


def _rows_and_status(
    clinic: ClinicFactory, make: Callable[[ClinicFactory], Patient]
) -> tuple[dict[str, int], dict[str, Any]]:
    before = row_counts.tables()
    patient = make(clinic)
    status = PatientStatus.objects.filter(patient=patient).values().get()
    return row_counts.grown(before), {name: value for name, value in status.items() if name != "patient_id"}
