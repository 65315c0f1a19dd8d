"""Icons, pills, numbers, and times with their zones."""

import re
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.test import RequestFactory
from lucide import IconDoesNotExist

from ui import zone
from ui.navigation import ENTRIES
from ui.templatetags import ui

ROOT = Path(__file__).resolve().parent.parent.parent
LATE = datetime(2026, 11, 24, 4, 59, tzinfo=UTC)
LOS_ANGELES = ZoneInfo("America/Los_Angeles")


@pytest.fixture
def in_los_angeles() -> object:
    token = zone.reader.set(LOS_ANGELES)
    yield
    zone.reader.reset(token)


def test_an_icon_is_decoration_unless_it_is_given_words() -> None:
    assert 'aria-hidden="true"' in ui.icon("clock")
    spoken = ui.icon("clock", label='Late & "lost"')
    assert 'role="img"' in spoken
    assert "Late &amp; &quot;lost&quot;" in spoken
    assert "aria-hidden" not in spoken


def test_an_icon_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(IconDoesNotExist):
        ui.icon("no-such-icon")


@pytest.mark.parametrize("name", sorted({*ui.TONES.values(), *(e.icon for row in ENTRIES.values() for e in row)}))
def test_every_icon_that_a_table_names_exists(name: str) -> None:
    assert ui.icon(name).startswith("<svg")


def test_icons_carry_no_style_and_no_script() -> None:
    page = engines["django"].from_string('{% icon "octagon-x" 44 css="big" %}').render()
    assert "style=" not in page
    assert 'class="icon big"' in page


def test_a_pill_escapes_its_words() -> None:
    assert "&lt;b&gt;" in ui.pill("wait", "<b>")


@pytest.mark.parametrize(
    ("tags", "tone"),
    [("success", "yes"), ("warning", "act"), ("error", "no"), ("info", "info"), ("extra error", "no"), ("", "info")],
)
def test_messages_have_a_tone(tags: str, tone: str) -> None:
    assert ui.message_tone(tags) == tone


@pytest.mark.parametrize(
    ("number", "shown"), [("K7QM2XWT", "K7QM-2XWT"), ("K7QM-2XWT", "K7QM-2XWT"), ("odd", "odd"), ("<", "&lt;")]
)
def test_a_patient_number_is_shown_in_two_halves(number: str, shown: str) -> None:
    assert ui.patient_number(number) == f'<span class="number">{shown}</span>'


def test_program_time_is_shown_with_its_zone() -> None:
    shown = ui.program_time(LATE)
    assert "Mon, Nov 23, 2026, 11:59 PM New York time" in shown
    assert 'datetime="2026-11-24T04:59:00Z"' in shown
    assert "where you are" not in shown


@pytest.mark.usefixtures("in_los_angeles")
def test_a_reader_elsewhere_sees_their_own_time_beside_it() -> None:
    assert "(8:59 PM where you are)" in ui.program_time(LATE)
    assert "the end of Thu, Nov 26, 2026, New York time" in ui.until_end(date(2026, 11, 26))
    assert "(Thu, Nov 26, 9:00 PM where you are)" in ui.until_end(date(2026, 11, 26))


def test_another_name_for_the_same_time_is_not_repeated() -> None:
    token = zone.reader.set(ZoneInfo("America/Toronto"))
    assert "where you are" not in ui.program_time(LATE)
    zone.reader.reset(token)


@pytest.mark.parametrize(
    ("day", "end"),
    [
        (date(2026, 11, 26), datetime(2026, 11, 27, 5, tzinfo=UTC)),
        (date(2026, 10, 31), datetime(2026, 11, 1, 4, tzinfo=UTC)),
        (date(2026, 11, 1), datetime(2026, 11, 2, 5, tzinfo=UTC)),
        (date(2027, 3, 14), datetime(2027, 3, 15, 4, tzinfo=UTC)),
    ],
)
def test_a_day_ends_at_the_next_midnight_in_new_york(day: date, end: datetime) -> None:
    assert zone.end_of(day) == end


def test_nothing_is_shown_for_nothing() -> None:
    assert ui.program_day(None) == ui.program_time(None) == ui.until_end(None) == ""


@pytest.mark.parametrize(
    ("cookie", "known"), [("America/Los_Angeles", LOS_ANGELES), ("", None), ("../etc/passwd", None), ("Mars/X", None)]
)
def test_the_cookie_names_the_readers_zone_for_one_request(cookie: str, known: ZoneInfo | None) -> None:
    seen: list[ZoneInfo | None] = []

    def view(_request: HttpRequest) -> HttpResponse:
        seen.append(zone.reader.get())
        return HttpResponse()

    request = RequestFactory().get("/")
    request.COOKIES[zone.COOKIES[0]] = cookie
    zone.ReaderZoneMiddleware(view)(request)
    assert seen == [known]
    assert zone.reader.get() is None


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+12125550100", '<a class="number" href="tel:+12125550100">(212) 555-0100</a>'),
        ("+442071838750", '<a class="number" href="tel:+442071838750">+44 20 7183 8750</a>'),
        ("ask <at> the desk", "ask &lt;at&gt; the desk"),
    ],
)
def test_telephone_is_shown_as_people_write_it_and_called_by_a_press(number: str, shown: str) -> None:
    assert ui.telephone(number) == shown


#: A sentence, and what a page makes of it.
SENTENCES = {
    "a number at its end": ("Call 1‑800‑222‑1222.", 'Call <a href="tel:+18002221222">1‑800‑222‑1222</a>.'),
    "two numbers": (
        "1‑800‑222‑1222 or 1‑800‑222‑1223",
        '<a href="tel:+18002221222">1‑800‑222‑1222</a> or <a href="tel:+18002221223">1‑800‑222‑1223</a>',
    ),
    "none": ("Call <b>today</b> & wait.", "Call &lt;b&gt;today&lt;/b&gt; &amp; wait."),
}


@pytest.mark.parametrize("name", SENTENCES)
def test_numbers_within_a_sentence_are_called_by_a_press(name: str) -> None:
    sentence, written = SENTENCES[name]
    assert ui.with_calls(sentence) == written


def test_every_telephone_number_of_a_page_is_one_to_press() -> None:
    """Written as its country writes it, and called by a press; an address of a link is the number alone."""
    bare = [
        f"{template.relative_to(ROOT)}: {drawn}"
        for template in ROOT.glob("templates/**/*.html")
        for before, drawn in re.findall(r"(tel:)?\{\{ ([\w.]*phone)(?: \}\}|\|(?!telephone))", template.read_text())
        if not before and drawn != "phone"
    ]
    assert not bare
