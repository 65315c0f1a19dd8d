"""The office's pages about links are fit for everybody: with what waits for a second officer, and by either of them."""

from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Page

from accounts.models import User
from compliance.commands import linking
from compliance.commands.linking_case import LINK
from compliance.models import PatientStatus, Proposal
from patients.people import actor_of
from tests import factories, linked
from tests.accessible import Seen, faults
from tests.clocks import Clock
from tests.conftest import RestoreSnapshot
from tests.journeys.sign_in import browse_as
from tests.journeys.test_pages_accessible import SEEDED

pytestmark = pytest.mark.browser


def _patients(stage: str, number: int) -> list[UUID]:
    return list(PatientStatus.objects.filter(stage=stage).values_list("patient", flat=True)[:number])


@pytest.mark.whole_run
@pytest.mark.usefixtures("no_time_passes")
def test_pages_of_links_are_fit_for_everybody(
    live: str, restored_snapshot: RestoreSnapshot, page: Page, clock: Clock, seen: Seen
) -> None:
    restored_snapshot(SEEDED)
    first, second = User.objects.get(email="officer@demo.invalid"), factories.officer()
    (stopped,), (ready,), (month, other) = _patients("stopped", 1), _patients("ready", 1), _patients("month", 2)
    linked.link(month, other, at=clock())
    by, reason = actor_of(first), "Both practices were called: one person, who moved in spring."
    assert not linking.link(files=(stopped, ready), reason=reason, by=by, at=clock(), key=uuid4())
    assert not linking.unlink(file=month, reason="They are cousins.", by=by, at=clock(), key=uuid4())
    confirm = f"/office/links/waiting/{Proposal.objects.get(action=LINK, ended_at=None).pk}/"
    found: list[str] = []
    for who in (first, second):
        browse_as(page, live, who)
        for path in ("/office/links/", confirm, f"/office/links/{month}/end/"):
            page.goto(f"{live}{path}")
            found += [f"{who.name} {path} {fault}" for fault in faults(page, seen)]
    assert found == []
