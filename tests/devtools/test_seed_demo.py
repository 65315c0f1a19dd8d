"""The demo's people: every stage, both categories; and the pages made from the code are as the code is."""

import pytest
from django.core.management import call_command

from compliance.management.commands import write_docs
from compliance.models import PatientStatus
from compliance.records.rebuild import differences
from compliance.rules.programs.isotretinoin_us import ISOTRETINOIN_US
from compliance.rules.stages import STAGES
from compliance.verification.check import problems
from devtools.demo.stories import PLOTS
from ledger.clock import now
from outbox.models import Message


@pytest.mark.django_db
def test_the_demo_has_everything_to_look_at() -> None:
    call_command("seed_demo", verbosity=0)
    assert PatientStatus.objects.count() == sum(plot.count for plot in PLOTS) >= 200
    assert set(PatientStatus.objects.values_list("stage", flat=True)) == set(STAGES)
    assert set(ISOTRETINOIN_US.categories) <= set(PatientStatus.objects.values_list("category", flat=True))
    assert list(problems(at=now(), rules=True)) == []
    assert list(differences()) == []
    # Whose window closes tomorrow has the letter waiting, for the outbox page.
    letters = Message.objects.filter(kind="window-closing", data__to="patient", delivered_at=None)
    assert letters.count() == next(plot.count for plot in PLOTS if plot.name == "closing")
    call_command("seed_demo", verbosity=0)
    assert PatientStatus.objects.count() == sum(plot.count for plot in PLOTS)


def test_the_page_of_the_rules_is_what_the_code_says() -> None:
    for where, text in write_docs.pages().items():
        assert where.read_text() == text, where.name
