"""A clock that goes back and forth, and a day without a worker: whatever is still so goes out, and goes out once."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import pytest

import outbox
from compliance.records.file import read_file
from compliance.rules import due
from compliance.rules.due import DUE
from notifications.sweep import sweep
from outbox.models import Message
from tests.compliance.rules import test_due
from tests.notifications.test_every_kind import DAYS, Scene
from tests.notifications.test_every_kind import scene as scene

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_any_hour")]

#: The hours after a kind falls due at which the worker comes round, as its clock has them.
ROUNDS: Mapping[str, tuple[float, ...]] = {
    "the clock goes back an hour": (-1, 0, 0.5, -0.5, 0, 0.5, 1, 13, 25),
    "it goes back a day, and forth again": (0, 12, 24, 0, 12, 24, 36),
    "it runs ahead by two days, and is put right": (0, 48, 1, 12, 24, 48, 60),
    "a day without a worker": (-1, 24, 36, 48),
    "three days without a worker": (-1, 72, 84),
}


def wanted(scene: Scene, instants: Iterable[datetime]) -> set[str]:
    """By their keys, the notices of the file that are so at one of these instants."""
    return {
        f"{scene.patient.pk}:{notice.key}"
        for at in instants
        for notice in due.notices(read_file(scene.patient.pk, at).assess(at))
        if notice.is_current(at)
    }


@pytest.mark.parametrize("way", ROUNDS)
@pytest.mark.parametrize("kind", DUE)
def test_whatever_is_so_at_a_round_goes_out_once(scene: Scene, kind: str, way: str) -> None:
    scene.write()
    begin = test_due.instant(scene.history, DAYS[kind])
    instants = [begin + timedelta(hours=hours) for hours in ROUNDS[way]]
    instants = [at for at in instants if at >= scene.history.entries[-1].at]
    for at in instants:
        sweep(at=at)
        outbox.deliver(at=at)
    rows = Message.objects.filter(subject=scene.patient.pk, kind__in=DUE)
    went = Counter((row.data.get("of", row.key), row.data.get("recipient")) for row in rows if row.delivered_at)
    assert set(went.values()) <= {1}
    assert {key for key, _ in went} == wanted(scene, instants)
