"""The bulk seeder: its logs, statuses and authorizations are those that the program itself would have written."""

from collections import Counter
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Count

from compliance.models import Authorization, PatientStatus
from compliance.records.rebuild import differences
from devtools.bench import bulk
from devtools.bench.bulk import seed_many
from devtools.bench.bulk_stories import LONGEST_AGO, PACES
from ledger.models import LogRecord
from ledger.verify import verify
from notifications.sweep import sweep
from outbox.models import Message
from patients.models import Patient
from tests.histories import NOW


def lengths() -> Counter[int]:
    rows = LogRecord.objects.filter(subject_kind="patient").values("subject").annotate(records=Count("id"))
    return Counter(row["records"] for row in rows)


@pytest.mark.django_db
def test_every_story_stands_as_the_program_would_have_written_it() -> None:
    count = LONGEST_AGO * len(PACES)
    seed_many(count, NOW, processes=1)
    assert Patient.objects.count() == PatientStatus.objects.count() == count
    assert (min(lengths()), max(lengths())) == (8, 25)
    assert list(verify()) == []
    assert list(differences()) == []
    assert Authorization.objects.filter(state="dispensed").count() > count / 2
    stages = set(PatientStatus.objects.values_list("stage", flat=True))
    assert {"lead-in", "between", "month"} <= {stage.replace("_", "-").split("-fills")[0] for stage in stages}


@pytest.mark.django_db
def test_a_sweep_of_the_next_day_finds_what_the_statuses_said() -> None:
    seed_many(200, NOW, processes=1)
    at = NOW + timedelta(days=1)
    due, before = PatientStatus.objects.filter(next_due_at__lte=at).count(), Message.objects.count()
    assert 10 < due == sweep(at=at)
    assert Message.objects.count() > before
    assert list(differences()) == []


def test_two_processes_and_a_second_time_add_to_one_cohort(committed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "CHUNK", 10)
    seed_many(24, NOW, processes=2)
    seed_many(4, NOW, processes=1)
    assert Patient.objects.count() == 28
    assert list(verify()) == []


def test_two_processes_check_the_logs_and_name_what_one_would(committed: str) -> None:
    seed_many(30, NOW, processes=1)
    alone, together = StringIO(), StringIO()
    for out, options in ((alone, []), (together, ["--processes=2"])):
        with pytest.raises(CommandError):  # what is seeded nobody has signed
            call_command("verify_log", *options, stdout=StringIO(), stderr=out)
    assert sorted(together.getvalue().splitlines()) == sorted(alone.getvalue().splitlines()) != []
