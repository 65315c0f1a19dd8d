"""The demo's people: every stage, both categories; and the pages made from the code are as the code is."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command

import outbox
from compliance.management.commands import write_docs
from compliance.models import PatientStatus
from compliance.records.rebuild import differences
from compliance.rules.programs.isotretinoin_us import ISOTRETINOIN_US
from compliance.rules.stages import STAGES
from compliance.verification.check import problems
from devtools.demo import hours
from devtools.demo.stories import ONE_OF_EACH, PLOTS
from devtools.management.commands import seed_demo
from ledger.clock import now
from outbox.models import CapturedEmail, Message
from tests import amount
from tests.clocks import Clock


def command(*, whole: bool) -> list[str]:
    return ["seed_demo"] if whole else ["seed_demo", "--one-of-each"]


def seed_and_look(*, whole: bool) -> None:
    """Make the demo, whole or with one patient of each plot. It has everything to look at, and is made once."""
    call_command(*command(whole=whole), verbosity=0)
    people = sum(plot.count if whole else 1 for plot in PLOTS)
    assert PatientStatus.objects.count() == people
    assert set(PatientStatus.objects.values_list("stage", flat=True)) == set(STAGES)
    assert set(ISOTRETINOIN_US.categories) <= set(PatientStatus.objects.values_list("category", flat=True))
    assert list(problems(at=now(), rules=True)) == []
    assert list(differences()) == []
    # Whose window closes tomorrow has the letter waiting, for the outbox page.
    letters = Message.objects.filter(kind="window-closing", data__to="patient", delivered_at=None)
    assert letters.count() == next(plot.count if whole else 1 for plot in PLOTS if plot.name == "closing")
    call_command(*command(whole=whole), verbosity=0)
    assert PatientStatus.objects.count() == people


@pytest.mark.django_db
@pytest.mark.skipif(not amount.EVERYTHING, reason="one of each is looked at at the hours below; all of them with --all")
def test_the_demo_has_everything_to_look_at() -> None:
    seed_and_look(whole=True)


def test_the_whole_demo_has_two_hundred_people() -> None:
    assert sum(plot.count for plot in PLOTS) >= 200


@pytest.mark.django_db
@pytest.mark.parametrize("hour", [3, 18, 13][: amount.share(3, 2)])
def test_at_whatever_hour_it_starts_its_letters_go_within_a_minute(
    clock: Clock, settings: Any, monkeypatch: pytest.MonkeyPatch, hour: int
) -> None:
    """The patient's whose window closes tomorrow, and the digest of this morning of each practice."""
    settings.EMAIL_BACKEND = "outbox.mail.PageBackend"
    at = clock.set(f"2026-12-15T{hour:02}:10+00:00")
    if hour == 3 or amount.EVERYTHING:
        seed_and_look(whole=False)
    else:
        few = tuple(one for place, one in enumerate(ONE_OF_EACH) if one.name == "closing" or place % 3 == 0)
        monkeypatch.setattr(seed_demo, "ONE_OF_EACH", few)
        call_command(*command(whole=False), verbosity=0)
    for seconds in (20, 40):
        while outbox.deliver(at=at + timedelta(seconds=seconds)):
            pass
    closing = CapturedEmail.objects.filter(to__startswith="patient", subject__contains="Clearfill until December")
    assert closing.count() == 1
    digests = CapturedEmail.objects.filter(subject="Clearfill: what is to do at the practice")
    assert {one.to for one in digests} >= {"okafor@demo.invalid", "lindqvist@demo.invalid"}
    assert digests.count() == len({one.to for one in digests})
    assert any("Until the end of December" in one.body for one in digests)


def test_somewhere_it_is_always_day() -> None:
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    found = {hours.zone_where_it_is_day(begin + timedelta(minutes=15 * count)) for count in range(4 * 24 * 365)}
    assert len(found) > 2


def test_the_page_of_the_rules_is_what_the_code_says() -> None:
    for where, text in write_docs.pages().items():
        assert where.read_text() == text, where.name
