"""Oversight: figures as they were counted, their charts, and no small number of one place."""

import re
from datetime import date
from html import unescape
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from compliance.commands import figures
from compliance.models import FigureProgress, MonthlyFigure
from compliance.records.figures import FLOWS
from compliance.rules.stages import STAGES
from ledger.models import AccessEvent
from tests import amount, factories
from tests.clocks import Clock
from tests.histories import NOW, ClinicFactory
from tests.plans import plan
from tests.web.cases import case
from tests.web.turns import by_turns
from ui import bars
from web.office.figures import FIGURES, GROUPS

pytestmark = pytest.mark.django_db
DECEMBER, NOVEMBER, OCTOBER = date(2026, 12, 1), date(2026, 11, 1), date(2026, 10, 1)


@pytest.fixture
def office(clock: Clock) -> Client:
    clock.at = NOW
    FigureProgress.objects.create(last_day=date(2026, 12, 14))
    return factories.as_(factories.officer())


def page(client: Client, path: str) -> str:
    answer: Any = client.get(path)
    assert answer.status_code == 200
    return " ".join(unescape(answer.content.decode()).split())


def counted(figure: str, number: int, *, month: date = DECEMBER, place: Any = None) -> None:
    MonthlyFigure.objects.create(month=month, figure=figure, place=place, number=number)


def test_every_figure_of_the_page_is_one_that_is_counted() -> None:
    standing = {
        "mismatch",
        "gap",
        "owed",
        "owed-late",
        "overdue",
        "signal-never-reversed",
        *(f"stage-{stage}" for stage in STAGES),
    }
    for figure in FIGURES.values():
        assert figure.code in (standing if figure.is_standing else {*FLOWS})
        assert not figure.of or figure.of in FLOWS
    assert len(FIGURES) == sum(len(group) for _heading, group in GROUPS), "no figure stands twice"


def test_numbers_shares_and_averages_by_month(office: Client) -> None:
    counted("fills", 1234)
    counted("fills", 7, month=NOVEMBER)
    counted("authorized", 8)
    counted("authorized-at-once", 6)
    counted("fills-after-test", 4)
    counted("days-to-fill", 10)
    shown = page(office, "/office/oversight/")
    assert "Dec 14, 2026" in shown
    assert ">1,234<" in shown and ">7<" in shown
    assert ">75 %<" in shown and ">2.5<" in shown


def test_a_chart_has_the_numbers_of_twelve_months_as_a_table_too(office: Client) -> None:
    counted("fills", 40)
    counted("fills", 10, month=NOVEMBER)
    shown = page(office, "/office/oversight/fills/")
    assert shown.count('class="bars__bar"') == 12
    assert f'height="{bars.HEIGHT}"' in shown and f'height="{bars.HEIGHT // 4}"' in shown
    table = shown[shown.index("<details") : shown.index("</details>")]
    assert "Dec 2026" in table and "Jan 2026" in table and ">40<" in table and ">10<" in table


def test_no_place_is_named_with_fewer_than_five(clinic: ClinicFactory, office: Client) -> None:
    many, few = clinic.pharmacies
    type(many).objects.filter(pk=many.pk).update(name="Many Fills")
    type(few).objects.filter(pk=few.pk).update(name="Few Fills")
    counted("fills", 5, month=NOVEMBER, place=many.pk)
    counted("fills", 4, month=NOVEMBER, place=few.pk)
    counted("fills", 3, month=NOVEMBER, place=factories.pharmacist().pharmacy.pk)
    counted("fills", 12, month=NOVEMBER)
    shown = page(office, "/office/oversight/fills/")
    assert "Many Fills" in shown and "Few Fills" not in shown
    assert "Numbers below 5 are not shown by place" in shown


#: How many asked, how many of them had a yes at once, and the share that is shown of such a place.
SHARES = {
    "of fewer than five": (4, 4, None),
    "of which fewer than five had it": (12, 3, "—"),
    "of which fewer than five had it not": (12, 9, "—"),
    "of which five had it, and five had it not": (10, 5, "50 %"),
    "of which all had it": (6, 6, "100 %"),
    "of which none had it": (6, 0, "0 %"),
}


def test_a_share_tells_of_no_fewer_than_five(clinic: ClinicFactory, office: Client) -> None:
    for name in SHARES:
        with case(name):
            asked, at_once, share = SHARES[name]
            one, other = clinic.pharmacies
            type(one).objects.filter(pk=one.pk).update(name="Main Street Drugs")
            few, fewer = factories.pharmacist().pharmacy, factories.pharmacist().pharmacy
            for pharmacy, whole, part in ((one, asked, at_once), (other, 40, 20), (few, 4, 4), (fewer, 3, 3)):
                counted("authorized", whole, month=NOVEMBER, place=pharmacy.pk)
                counted("authorized-at-once", part, month=NOVEMBER, place=pharmacy.pk)
            shown = page(office, "/office/oversight/authorized-at-once/")
            row = re.search(r"Main Street Drugs</a></th>\s*<td[^>]*>([^<]*)</td>", shown)
            assert (row.group(1) if row else None) == share


def test_what_nobody_looked_at_is_no_nought(office: Client) -> None:
    counted("stage-ready", 3)
    counted("fills", 2)
    table = page(office, "/office/oversight/stage-ready/").partition("<details")[2]
    assert ">3<" in table and table.count(">—<") == 11
    assert page(office, "/office/oversight/fills/").partition("<details")[2].count(">0<") == 11
    assert ">0<" in page(office, "/office/oversight/overdue/").partition("<details")[2], "looked at: none"


def test_a_signal_is_shown_of_each_place(clinic: ClinicFactory, office: Client) -> None:
    counted("signal-backdated", 1, place=clinic.pharmacies[0].pk)
    shown = page(office, "/office/oversight/signal-backdated/")
    assert f">{clinic.pharmacies[0].name}<" in shown and "are not shown by place, nor" not in shown


def test_another_month_is_chosen(clinic: ClinicFactory, office: Client) -> None:
    counted("fills", 6, month=OCTOBER, place=clinic.pharmacies[0].pk)
    type(clinic.pharmacies[0]).objects.filter(pk=clinic.pharmacies[0].pk).update(name="In October")
    places = "/office/oversight/fills/"
    assert ">In October<" not in page(office, places)
    assert ">In October<" in page(office, places + "?month=2026-10")
    for hostile in ("2026-13", "x", "1999-01", ""):
        assert ">In October<" not in page(office, f"{places}?month={hostile}")


#: The figures that are shown of a place from five on, each with a month that is asked for. Without `--all` a sixth of
#: them, of those that stand and of those that are added up.
SMALL = [code for code, figure in FIGURES.items() if figure.floor > 1]
GROWING = by_turns(SMALL if amount.EVERYTHING else SMALL[::6], ["2026-12", "2026-11", ""])


def test_two_looks_at_a_month_that_grows_tell_nothing_of_a_place(clinic: ClinicFactory, office: Client) -> None:
    """Seven today and eight tomorrow: somebody of that practice did something in between."""
    pharmacy = clinic.pharmacies[0]
    type(pharmacy).objects.filter(pk=pharmacy.pk).update(name="A Small Place")
    for code, month in GROWING:
        looks = []
        for day, number in ((14, 7), (15, 8)):
            _counted_up_to(date(2026, 12, day), FIGURES[code].of or code, number, pharmacy.pk)
            shown = page(office, f"/office/oversight/{code}/?month={month}")
            assert "A Small Place" not in shown and "By place, a month is shown once it is over" in shown, code
            assert '<option value="2026-12"' not in shown, code
            looks.append(shown.partition('id="places"')[2].partition("</section>")[0])
        assert looks[0] == looks[1], code
        FigureProgress.objects.update(last_day=date(2026, 12, 31))
        assert "A Small Place" in page(office, f"/office/oversight/{code}/?month=2026-12"), code


def _counted_up_to(day: date, figure: str, number: int, place: UUID) -> None:
    """December up to that day: so many of one figure, all of them of one place."""
    FigureProgress.objects.update(last_day=day)
    MonthlyFigure.objects.filter(month=DECEMBER).delete()
    counted(figure, number, place=place)
    counted(figure, number)


def test_the_list_of_a_stage_leaves_a_trace_of_each_patient_on_it(clinic: ClinicFactory, office: Client) -> None:
    patient = clinic.ready()
    assert str(patient.pk) in page(office, "/office/oversight/stages/ready/")
    assert [one.subject for one in AccessEvent.objects.filter(what="stage")] == [patient.pk]
    assert str(patient.pk) not in page(office, "/office/oversight/stages/closed/")


def test_a_look_at_the_figures_reads_no_record(clinic: ClinicFactory, office: Client) -> None:
    counted("fills", 9, place=uuid4())
    office.get("/office/oversight/")
    with CaptureQueriesContext(connection) as queries:
        for path in ("/office/oversight/", "/office/oversight/fills/", "/office/oversight/days-to-fill/"):
            assert office.get(path).status_code == 200
    assert not [one["sql"] for one in queries if "ledger_" in one["sql"]]
    assert len(queries) <= 30


def test_stages_are_read_as_they_were_counted_and_no_patient_is(clinic: ClinicFactory, office: Client) -> None:
    clinic.ready()
    for path in ("/office/", "/office/oversight/"):
        assert _read(office, path), "before the first day is counted, the patients are"
    counted("stage-ready", 4321)
    for path in ("/office/", "/office/oversight/"):
        assert not _read(office, path)
        assert re.search(r">4,?321<", page(office, path))


def _read(office: Client, path: str) -> bool:
    """Whether a look at that page counts the rows of all patients."""
    with CaptureQueriesContext(connection) as queries:
        assert office.get(path).status_code == 200
    return any("compliance_patientstatus" in one["sql"] and "GROUP BY" in one["sql"] for one in queries)


def test_figures_of_the_program_are_not_looked_for_among_those_of_places(office: Client) -> None:
    counted("fills", 9)
    with CaptureQueriesContext(connection) as queries:
        office.get("/office/oversight/")
    read = [one["sql"] for one in queries if "compliance_monthlyfigure" in one["sql"]]
    for sql in read:
        assert "Index Cond: (((figure)::text = ANY" in plan(sql), sql
    assert read


def test_before_anything_is_counted_the_page_says_so(office: Client) -> None:
    FigureProgress.objects.all().delete()
    assert "Nothing was counted yet." in page(office, "/office/oversight/")
    assert figures.counted_to() is None


def test_overview_leads_to_the_patients_of_each_stage_stopped_ones_first(office: Client, clinic: ClinicFactory) -> None:
    clinic.ready()
    overview = page(office, "/office/")
    links = re.findall(r'<dt><a href="/office/oversight/stages/([a-z-]+)/">[^<]+</a></dt>\s*<dd>(\d+)</dd>', overview)
    assert [stage for stage, _number in links] == ["stopped", *(one for one in STAGES if one != "stopped")]
    assert dict(links)["ready"] == "1"
    assert dict(links)["closed"] == "0"
