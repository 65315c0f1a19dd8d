"""A prescriber asks about health, works a dose out and enters laboratory values, in both languages."""

import pytest
from playwright.sync_api import expect

from compliance.rules.care.prescription import Prescribed
from compliance.rules.records import Record, load
from ledger.models import LogRecord
from patients.models import Patient
from tests import amount
from tests.journeys.journey import StartJourney
from tests.journeys.posted import DOCTOR
from tests.journeys.snapshots import READY
from tests.journeys.test_in_spanish import in_spanish

pytestmark = pytest.mark.browser

WHY = "Who reacts to peanut may react to soy, and capsules are filled with soybean oil."
DANGER = (
    "Above 800 mg/dL: danger of acute pancreatitis. Stop the medicine if they cannot be brought down, and at once at "
    "signs of pancreatitis."
)


@pytest.mark.whole_run
@pytest.mark.parametrize("language", ["en", "es"][: amount.share(2, 1)])
def test_prescriber_asks_prescribes_and_enters_values(start_journey: StartJourney, language: str) -> None:
    journey = start_journey(READY)
    if language == "es":
        in_spanish(journey)
    journey.as_(DOCTOR)
    page = journey.page
    main = page.locator("main")

    journey.enters("health")
    page.get_by_label(journey.said("Peanut")).check()
    journey.send("Save the answers")
    journey.sees(WHY)

    journey.enters("prescription")
    page.locator("[name=product]").select_option("claravis")
    page.locator("[name=weight]").fill("150")
    page.locator("[name=target]").fill("1")
    journey.send("Show the capsules")
    expect(main).to_contain_text("331 lb")
    page.locator("[name=weight]").fill("60")
    journey.send("Enter the prescription")
    expect(main.locator("h2").first).to_contain_text("2 × 30 mg")
    journey.sees(WHY)
    assert not prescribed(), "other numbers than those that were shown are shown first"
    journey.send("Enter the prescription")
    expect(page.locator("body")).to_contain_text(journey.said("The prescription is saved."))
    journey.looks()
    assert prescribed() == [Prescribed("claravis", (30, 30), 60_000, 30)]

    journey.enters("laboratory")
    page.get_by_label(journey.said("Paste from the report")).fill("ALT 34 U/L (7-56)\nTriglycerides 10 mmol/L")
    journey.send("Save the values")
    journey.sees("Nothing is entered yet")
    expect(page.locator("[name=triglycerides_0]")).to_have_value("10")
    journey.send("Save the values")
    journey.sees(DANGER)
    journey.enters("laboratory")
    expect(main.locator(".care__chart")).to_have_count(2)
    journey.looks()


def prescribed() -> list[Record]:
    """The prescriptions of the one patient there is."""
    rows = LogRecord.objects.filter(kind=Prescribed.kind, subject=Patient.objects.get().pk)
    return [load(row.kind, row.format, row.data) for row in rows]
