"""A clock that goes back and forth, and a day without a worker: whatever is still so goes out, and goes out once.

Asked twice: as if every hour were a good one, and with quiet hours, nine o'clock and the digest. Then what is so at a
round may wait for its reader's hour, and be so no more when that comes: a round at night sends nothing that can wait.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta

import pytest

import outbox
from compliance.records.file import read_file
from compliance.rules import due
from compliance.rules.blockers import GUARDIAN, PRESCRIBER
from compliance.rules.due import DUE
from compliance.rules.notice import Notice
from notifications import hours
from notifications.kinds import KINDS
from notifications.sweep import sweep
from outbox.models import Message
from tests import amount
from tests.compliance.rules import test_due
from tests.notifications.test_every_kind import Scene
from tests.notifications.test_every_kind import scene as scene
from ui.zone import program

pytestmark = pytest.mark.django_db

#: The hours after a kind falls due at which the worker comes round, as its clock has them.
ROUNDS: Mapping[str, tuple[float, ...]] = {
    "the clock goes back an hour": (-1, 0, 0.5, -0.5, 0, 0.5, 1, 13, 25),
    "it goes back a day, and forth again": (0, 12, 24, 0, 12, 24, 36),
    "it runs ahead by two days, and is put right": (0, 48, 1, 12, 24, 48, 60),
    "a day without a worker": (-1, 24, 36, 48),
    "three days without a worker": (-1, 72, 84),
}


#: On which day after the begin of its file each kind falls due: of a file in which it is due later nothing is asked
#: before. (`DAYS` has the first of all files.)
BEGINS = {
    kind: next(
        min(first for _key, first, *_ in due_then)
        for one, _make, _day, due_then in test_due.DUE.values() if one == kind and due_then
    )
    for kind in DUE
}  # fmt: skip

#: Each kind by each of these clocks; without `--all` each kind by one clock for one of the two questions below, by
#: turns, and each clock by several kinds for each question.
_EACH = [(kind, way) for kind in DUE for way in ROUNDS]


def _cases(question: int) -> list[tuple[str, str]]:
    kinds, ways = list(DUE), list(ROUNDS)
    few = [(kind, ways[place % len(ways)]) for place, kind in enumerate(kinds) if place % 2 != question]
    return _EACH if amount.EVERYTHING else few


#: The worker goes on for more than a day, by a clock that is right: hours after the last of the rounds.
GOES_ON = (3, 9, 15, 21, 27)


def current(scene: Scene, at: datetime) -> dict[str, Notice]:
    """By their keys, the notices of the file that are so."""
    found = due.notices(read_file(scene.patient.pk, at).assess(at))
    return {f"{scene.patient.pk}:{notice.key}": notice for notice in found if notice.is_current(at)}


def wanted(scene: Scene, instants: Iterable[datetime]) -> set[str]:
    """By their keys, the notices of the file that are so at one of these instants."""
    return {key for at in instants for key in current(scene, at)}


def rounds(scene: Scene, kind: str, way: str, more: Iterable[float] = ()) -> list[datetime]:
    """The instants of the rounds, after the file was written."""
    begin = test_due.instant(scene.history, BEGINS[kind])
    after = [*ROUNDS[way], *(ROUNDS[way][-1] + count for count in more)]
    instants = [begin + timedelta(hours=count) for count in after]
    return [at for at in instants if at >= scene.history.entries[-1].at]


def went(scene: Scene, instants: Iterable[datetime]) -> set[str]:
    """By their keys, what went out at these rounds; each of it once to each."""
    for at in instants:
        sweep(at=at)
        outbox.deliver(at=at)
    rows = Message.objects.filter(subject=scene.patient.pk, kind__in=DUE)
    found = Counter((row.data.get("of", row.key), row.data.get("recipient")) for row in rows if row.delivered_at)
    assert set(found.values()) <= {1}
    return {key for key, _ in found}


@pytest.mark.usefixtures("at_any_hour")
@pytest.mark.parametrize(("kind", "way"), _cases(0))
def test_whatever_is_so_at_a_round_goes_out_once(scene: Scene, kind: str, way: str) -> None:
    scene.write()
    instants = rounds(scene, kind, way)
    assert went(scene, instants) == wanted(scene, instants) != set()


def has_its_hour(notice: Notice, known_at: datetime, at: datetime) -> bool:
    """Whether a round at that instant sends it, where one before enqueued it. In the program's zone, as no other is
    known of anybody here."""
    zone, kind = program(), KINDS[notice.kind]
    begins = hours.latest(notice.until, time(notice.from_hour), zone) if notice.from_hour else notice.due_at
    ends = hours.latest(notice.until, time(notice.until_hour), zone) if notice.until_hour else notice.until
    if not begins <= at < ends:
        return False
    if kind.at_any_hour:
        return True
    if kind.in_digest and notice.to in (PRESCRIBER, GUARDIAN):  # without a guardian it is the practice's
        return hours.following(known_at, hours.DIGEST, zone) <= at and not hours.is_quiet(at, zone)
    return not hours.is_quiet(at, zone)


@pytest.mark.parametrize(("kind", "way"), _cases(1))
def test_whatever_is_so_when_its_readers_hour_comes_goes_out_once(scene: Scene, kind: str, way: str) -> None:
    """What would make no sense at that hour goes before, and may have gone at any round. What a clock that ran ahead
    took to be over is dropped, and comes no more."""
    scene.write()
    instants = rounds(scene, kind, way, GOES_ON)
    known: dict[str, tuple[datetime, Notice]] = {}
    over, must = set(), set()
    for at in instants:
        found = current(scene, at)
        over |= {key for key, (_, notice) in known.items() if key not in found and at >= notice.until}
        for key, notice in found.items():
            known_at, _ = known.setdefault(key, (at, notice))
            if key not in over and known_at <= at and has_its_hour(notice, known_at, at):
                must.add(key)
    assert must
    assert must <= went(scene, instants) <= known.keys()
