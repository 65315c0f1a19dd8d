"""Each role does its main job in the dark, in a desk's browser at 200 %. Axe looks at each step."""

from collections.abc import Callable

import pytest

from patients.models import Prescriber
from tests import amount, factories
from tests.accessible import DESK, Seen, looked_at
from tests.databases import Snapshot
from tests.journeys.journey import Journey, StartJourney
from tests.journeys.posted import ANA, DOCTOR, OFFICE, PHARMACIST
from tests.journeys.snapshots import BEGUN, READY, STAFFED

pytestmark = pytest.mark.browser

#: A desk's width at 200 %.
ZOOMED = DESK // 2


class WatchedJourney(Journey):
    """A journey of which axe looks at each page that is opened, and at each that is read."""

    found: list[str]
    seen: Seen

    def looks(self) -> None:
        """Also whether it is no wider than the screen."""
        path = self.page.url.removeprefix(self.address)
        self.found += [f"{path} {fault}" for fault in looked_at(self.page, ZOOMED, self.seen)]


def fills_the_next_month(journey: Journey) -> None:
    """The patient, from the first page to the one that says what comes next."""
    journey.posted.fills()
    journey.forward(days=29)
    journey.posted.month()
    journey.as_(ANA).go("/patient/")
    journey.answers()
    journey.declares()
    journey.sees("Pick up your medicine")


def confirms_a_month(journey: Journey) -> None:
    """The prescriber, from the list to the signature."""
    journey.forward(days=31)
    journey.month()


def enters_a_test(journey: Journey) -> None:
    """A designee, who may attest to nothing."""
    designee = factories.designee(Prescriber.objects.get(user__email=DOCTOR)).user
    journey.forward(days=31)
    journey.as_(designee.email).go("/prescriber/")
    journey.page.click(".worklist tbody a >> nth=0")
    journey.sees("What is missing")
    journey.go(f"{journey.page.url.removeprefix(journey.address).partition('?')[0]}test/")
    journey.page.fill("input[name=collected_on]", journey.today)
    journey.choose("result", "negative")
    journey.choose("setting", "laboratory")
    journey.choose("menses", "first_five_days")
    journey.send("Save the test")
    journey.sees("The test is saved")


def hands_over(journey: Journey) -> None:
    """The pharmacist, from the question to the next patient, and the day's list."""
    journey.fills(journey.number())
    journey.looks()
    journey.as_(PHARMACIST).go("/counter/authorizations/")


def approves(journey: Journey) -> None:
    """An officer, from the overview to the approval of a practice."""
    journey.registers("practice", "practice_name", "Elm Street Skin Clinic", "second@example.org", 3)
    journey.as_(OFFICE).go("/office/")
    journey.page.get_by_role("link", name=journey.said("Applications waiting")).first.click()
    journey.sees("Elm Street Skin Clinic")
    journey.page.locator(".worklist tbody a").first.click()
    journey.sees("Elm Street Skin Clinic")
    journey.send("Approve")
    journey.sees("Approved")


#: Where each begins, and what is done.
WALKS: dict[str, tuple[Snapshot[None], Callable[[Journey], None]]] = {
    "pharmacist": (READY, hands_over),
    "patient": (READY, fills_the_next_month),
    "prescriber": (BEGUN, confirms_a_month),
    "designee": (BEGUN, enters_a_test),
    "officer": (STAFFED, approves),
}


@pytest.mark.parametrize("role", [*WALKS][: amount.share(len(WALKS), 1)])
def test_each_role_does_its_main_job_in_the_dark_at_twice_the_size(
    start_journey: StartJourney, role: str, seen: Seen
) -> None:
    snapshot, walk = WALKS[role]
    begun = start_journey(snapshot)
    begun.page.emulate_media(color_scheme="dark")
    begun.page.set_viewport_size({"width": ZOOMED, "height": 450})
    journey = WatchedJourney(begun.page, begun.address, begun.clock)
    journey.found, journey.seen = [], seen
    walk(journey)
    assert journey.found == []
