"""What a browser puts on paper: who printed it and when, each sheet with its number, nothing to press."""

import re
import subprocess

import pytest

from tests.journeys.journey import Journey, StartJourney
from tests.journeys.posted import DOCTOR
from tests.journeys.snapshots import READY

pytestmark = pytest.mark.browser


def on_paper(journey: Journey) -> str:
    """The texts of the page that is open, as it is printed."""
    pdf = journey.page.pdf(prefer_css_page_size=True, format="Letter")
    run = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    return run.stdout.decode()


def in_spanish(journey: Journey) -> None:
    journey.page.get_by_role("button", name="Español").click()
    journey.page.locator("html[lang=es]").wait_for()


@pytest.mark.parametrize(
    ("spanish", "printed", "sheet", "pressed"),
    [
        (False, r"Printed by Robin Hale on Fri, Jan 1, 2027\.", r"Page (\d+) of (\d+)", "Sign out"),
        (True, r"Impreso por Robin Hale el vie 1 de enero de 2027\.", r"Página (\d+) de (\d+)", "Cerrar"),
    ],
)
def test_record_on_paper_says_who_printed_it_and_numbers_its_sheets(
    start_journey: StartJourney, spanish: bool, printed: str, sheet: str, pressed: str
) -> None:
    journey = start_journey(READY).as_(DOCTOR)
    journey.opens_patient()
    if spanish:
        in_spanish(journey)
    journey.page.emulate_media(color_scheme="dark")  # Paper is white all the same.
    text = on_paper(journey)
    assert re.search(printed, re.sub(r"\s+", " ", text)), text[:400]
    assert pressed not in text
    sheets = re.findall(sheet, text)
    assert [int(number) for number, _ in sheets] == [*range(1, len(sheets) + 1)]
    assert {int(of) for _, of in sheets} == {len(sheets)}


def test_paper_is_white_in_the_dark(start_journey: StartJourney) -> None:
    journey = start_journey(READY).as_(DOCTOR)
    page = journey.page
    page.emulate_media(color_scheme="dark")
    journey.go("/prescriber/")
    colors = "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]"
    assert page.evaluate(colors)[0] == "rgb(23, 18, 27)"
    page.emulate_media(color_scheme="dark", media="print")
    assert page.evaluate(colors) == ["rgb(255, 255, 255)", "rgb(36, 26, 43)"]
