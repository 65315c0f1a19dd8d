"""The young hour: what is written is signed within a minute, at the cost of what changed."""

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from compliance.commands.checkpoints import publish, publish_minute
from ledger import canonical, checkpoints, keys, minutes
from ledger.checkpoints import NotAsSigned
from ledger.models import Checkpoint, MinuteCheckpoint
from ledger.verify import verify

from .tampering import TICK, TamperingFixture, chained

MINUTE = timedelta(minutes=1)


def write_one(tampering: TamperingFixture, minute: int) -> None:
    """A record as the application writes it in that minute after the last checkpoint over all logs."""
    rows = tampering.rows()
    new = rows[-1]._replace(kind="counselled", at=TICK + minute * MINUTE, data={"visit_on": "2026-12-15"})
    tampering.insert(chained([*rows, new])[-1])


@pytest.fixture
def young(tampering: TamperingFixture) -> TamperingFixture:
    """An hour that has begun: a checkpoint over all logs, and two records since, each signed in its minute."""
    publish(at=TICK)
    for minute in (1, 2):
        write_one(tampering, minute)
        assert publish_minute(at=TICK + minute * MINUTE) == minute
    assert tampering.by_log() == ""
    return tampering


def test_minute_signs_what_was_written_and_nothing_where_nothing_was(young: TamperingFixture) -> None:
    first, second = MinuteCheckpoint.objects.order_by("number")
    assert [head[0] for head in first.heads] == [str(young.patient)]
    assert (first.previous, second.previous) == ("", first.hash)
    assert keys.verifies(keys.known()[second.key], second.signature, canonical.encode(minutes.signed_payload(second)))
    assert publish_minute(at=TICK + 3 * MINUTE) is None
    assert MinuteCheckpoint.objects.count() == 2
    (file,) = Path(django_settings.CHECKPOINT_FOLDER).glob("minutes-*.jsonl")
    assert len(file.read_text().splitlines()) == 2


def test_minute_takes_as_many_queries_however_many_logs_there_are(young: TamperingFixture) -> None:
    write_one(young, 3)
    with CaptureQueriesContext(connection) as queries:
        publish_minute(at=TICK + 3 * MINUTE)
    assert len(queries) < 30
    assert not any("GROUP BY subject" in query["sql"] for query in queries), "it does not read all logs"


# --- what the owner of the database does within the hour --------------------------------------------
def rewritten(young: TamperingFixture) -> None:
    *before, last = young.rows()
    young.write(chained([*before, last._replace(data={"visit_on": "2026-12-14"})]))


def cut_off(young: TamperingFixture) -> None:
    young.run("DELETE FROM ledger_record WHERE subject = %s AND number = %s", young.patient, len(young.rows()))


def rewritten_with_its_minute(young: TamperingFixture) -> None:
    rewritten(young)
    young.run("DELETE FROM ledger_minutecheckpoint WHERE number = 2")


def every_minute_removed(young: TamperingFixture) -> None:
    rewritten(young)
    young.run("DELETE FROM ledger_minutecheckpoint")


def a_minute_removed_in_the_middle(young: TamperingFixture) -> None:
    rewritten(young)
    young.run("DELETE FROM ledger_minutecheckpoint WHERE number = 1")
    shutil.rmtree(django_settings.CHECKPOINT_FOLDER)


def a_minute_changed(young: TamperingFixture) -> None:
    young.run("UPDATE ledger_minutecheckpoint SET heads = '[]' WHERE number = 2")


def a_minute_signed_by_nobody(young: TamperingFixture) -> None:
    young.run("UPDATE ledger_minutecheckpoint SET signature = repeat('00', 64) WHERE number = 2")
    shutil.rmtree(django_settings.CHECKPOINT_FOLDER)


def an_old_record_rewritten(young: TamperingFixture) -> None:
    """Signed at the checkpoint over all logs, and written to since: the minute signs nothing on top of it."""
    rows = young.rows()
    young.write(chained([*rows[:-3], rows[-3]._replace(data={"visit_on": "2026-12-01"}), *rows[-2:]]))


TAMPERING: list[tuple[Callable[[TamperingFixture], None], str]] = [
    (rewritten, "was otherwise at that minute"),
    (cut_off, "is missing, and was there at that minute"),
    (rewritten_with_its_minute, "was handed out and is gone"),
    (every_minute_removed, "was handed out and is gone"),
    (a_minute_removed_in_the_middle, "one is missing"),
    (a_minute_changed, "its hash or its root is not that of what it says"),
    (a_minute_signed_by_nobody, "is not signed by the program's key"),
    (an_old_record_rewritten, "was otherwise at"),
]


@pytest.mark.parametrize(("tamper", "said"), TAMPERING, ids=lambda value: getattr(value, "__name__", ""))
def test_tampering_within_the_hour_is_seen_and_not_signed_over(
    young: TamperingFixture, tamper: Callable[[TamperingFixture], None], said: str
) -> None:
    tamper(young)
    assert any(said in problem.what for problem in verify()), [problem.what for problem in verify()]
    with pytest.raises(NotAsSigned):
        publish_minute(at=TICK + 3 * MINUTE)
    with pytest.raises(NotAsSigned):
        publish(at=TICK + 60 * MINUTE)
    with pytest.raises(CommandError):
        call_command("checkpoint")
    assert Checkpoint.objects.count() == 3
    assert MinuteCheckpoint.objects.count() <= 2


def test_nobody_sees_what_is_undone_within_its_minute(young: TamperingFixture) -> None:
    """What is written and rewritten before the minute is over is signed as it stands then."""
    write_one(young, 3)
    rewritten(young)
    assert publish_minute(at=TICK + 3 * MINUTE) == 3
    assert young.by_log() == ""


def test_hour_signs_on_and_the_next_minute_follows(young: TamperingFixture) -> None:
    publish(at=TICK + 60 * MINUTE)
    assert publish_minute(at=TICK + 61 * MINUTE) is None
    write_one(young, 61)
    assert publish_minute(at=TICK + 62 * MINUTE) == 3
    assert MinuteCheckpoint.objects.get(number=3).after == Checkpoint.objects.order_by("-number")[0].number
    assert young.by_log() == ""


def test_line_cut_short_by_a_crash_is_written_again(young: TamperingFixture) -> None:
    (file,) = Path(django_settings.CHECKPOINT_FOLDER).glob("minutes-*.jsonl")
    text = file.read_text()
    file.write_text(text[: -len(text.splitlines()[-1]) // 2 - 1])
    assert minutes.publish() == 1
    assert young.by_log() == ""


def test_beat_makes_one_each_minute() -> None:
    entry = django_settings.CELERY_BEAT_SCHEDULE["minute-checkpoint"]
    assert entry == {
        "task": "notifications.tasks.minute_checkpoint",
        "schedule": 60.0,
        "options": {"expires": 60},
    }
    assert checkpoints.SLACK < minutes.REACH
