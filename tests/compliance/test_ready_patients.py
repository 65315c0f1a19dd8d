"""The patients of most tests: all but the first are laid as the commands wrote the first (`ClinicFactory.ready`)."""

from datetime import date
from typing import Any

import pytest

from compliance.models import PatientStatus
from compliance.records.rebuild import differences
from tests import histories
from tests.compliance import row_counts
from tests.histories import ClinicFactory


@pytest.mark.parametrize("born_on", [date(2001, 4, 2), date(2012, 2, 3)], ids=["of age", "under age"])
def test_who_is_laid_is_as_the_commands_write_one(
    clinic: ClinicFactory, born_on: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(histories, "_STATUSES", {})
    written = _rows_and_status(clinic, born_on)
    assert histories._STATUSES
    assert _rows_and_status(clinic, born_on) == written
    assert list(differences()) == []


def _rows_and_status(clinic: ClinicFactory, born_on: date) -> tuple[dict[str, int], dict[str, Any]]:
    before = row_counts.tables()
    patient = clinic.ready(born_on)
    status = PatientStatus.objects.filter(patient=patient).values().get()
    return row_counts.grown(before), {name: value for name, value in status.items() if name != "patient_id"}
