"""What the surveys add to the assessment of a period: how many answered, and of each question the share that knew."""

from collections.abc import Mapping
from datetime import date, timedelta
from html import unescape

import pytest
from django.test import Client

from compliance import documents
from compliance.commands import checkpoints, figures
from compliance.models import SurveySum
from compliance.records.surveys import answers_of
from tests import factories
from tests.clocks import Clock
from tests.histories import NOW, ClinicFactory
from web.office.figures import FLOOR

pytestmark = pytest.mark.django_db
NOVEMBER, DECEMBER, JANUARY = date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1)
COUNTED = NOW + timedelta(days=18)
PAGE, ADDRESS = "/office/oversight/assessment/", "?from=2026-12&to=2026-12"
PATIENTS = documents.SURVEYS[0]


def add(month: date, answered: int, right: int, *, question: str = "blood", version: int = 1) -> None:
    SurveySum.objects.create(
        month=month, survey=PATIENTS, version=version, question=question, answered=answered, right=right
    )


#: The months with how many answered and knew, and what a period of November and December says of them.
MONTHS: Mapping[str, tuple[list[tuple[date, int, int]], tuple[int, int] | None]] = {
    "nobody": ([], None),
    "both are enough": ([(NOVEMBER, 5, 3), (DECEMBER, 10, 10)], (15, 13)),
    "one is too small, and left out": ([(NOVEMBER, 4, 4), (DECEMBER, 10, 7)], (10, 7)),
    "both are too small, though not together": ([(NOVEMBER, 4, 4), (DECEMBER, 4, 1)], None),
    "another month is not of the period": ([(NOVEMBER, 6, 5), (JANUARY, 9, 9)], (6, 5)),
}


@pytest.mark.parametrize("name", MONTHS)
def test_a_period_adds_up_the_months_in_which_enough_answered(name: str) -> None:
    months, expected = MONTHS[name]
    for month, answered, right in months:
        add(month, answered, right)
    of_patients = next(one for one in answers_of(NOVEMBER, date(2026, 12, 31), floor=FLOOR) if one.survey == PATIENTS)
    assert of_patients.questions.get("blood") == expected
    assert of_patients.answered == (expected[0] if expected else 0)


def test_no_difference_of_two_periods_tells_of_fewer_than_the_floor() -> None:
    """December alone would be the difference: what four people answered."""
    add(NOVEMBER, 20, 10)
    add(DECEMBER, 4, 4)
    shorter, longer = (answers_of(NOVEMBER, last, floor=FLOOR)[0] for last in (date(2026, 11, 30), date(2026, 12, 31)))
    assert shorter == longer


def test_each_version_stands_by_itself_and_who_answered_is_who_answered_most(monkeypatch: pytest.MonkeyPatch) -> None:
    for version in (1, 2):
        add(DECEMBER, 10 * version, 5, version=version)
        add(DECEMBER, 6, 5, version=version, question="how-long-after")
    found = [one for one in answers_of(DECEMBER, date(2026, 12, 31), floor=FLOOR) if one.survey == PATIENTS]
    assert [(one.version, one.answered, one.questions["how-long-after"]) for one in found] == [
        (1, 10, (6, 5)), (2, 20, (6, 5)),
    ]  # fmt: skip


# --- the pages ----------------------------------------------------------------------------------------
@pytest.fixture
def office(clinic: ClinicFactory, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setattr(figures, "_first_day", lambda: DECEMBER)
    clock.at = COUNTED
    figures.count_days(at=COUNTED)
    checkpoints.publish(at=COUNTED)
    return factories.as_(factories.officer())


def _rows(office: Client) -> dict[str, str]:
    text = office.get(f"{PAGE}csv/{ADDRESS}").content.decode()
    return dict(line.split(",") for line in text.splitlines())


def test_page_and_csv_say_how_many_answered_and_how_many_of_them_knew(office: Client) -> None:
    add(DECEMBER, 40, 35)
    add(DECEMBER, 4, 4, question="how-long-after")
    rows = _rows(office)
    assert (rows["survey-patient-1-answered"], rows["survey-patient-1-blood"]) == ("40", "87.5")
    assert (rows["survey-patient-1-how-long-after"], rows["survey-patient-1-supply"]) == ("", "")
    assert rows["survey-pharmacist-1-answered"] == "0"
    page = " ".join(unescape(office.get(PAGE + ADDRESS).content.decode()).split())
    assert "<dt>When can you give blood again?</dt> <dd> 87.5 </dd>" in page
    assert "<dt>How long do you go on with birth control after the last dose?</dt> <dd> — </dd>" in page
    assert "Surveys of patients" not in page, "they are collected"
    assert office.get(f"{PAGE}pdf/{ADDRESS}").content.startswith(b"%PDF-")


def test_asked_a_year_later_the_same_period_says_the_same(office: Client, clock: Clock) -> None:
    add(DECEMBER, 40, 35)
    before = _rows(office), office.get(f"{PAGE}pdf/{ADDRESS}").content
    add(JANUARY, 40, 1)
    clock.at = COUNTED + timedelta(days=365)
    checkpoints.publish(at=clock.at)
    office = factories.as_(factories.officer())
    assert (_rows(office), office.get(f"{PAGE}pdf/{ADDRESS}").content) == before


def test_the_codes_do_not_change_with_the_language(office: Client) -> None:
    add(DECEMBER, 40, 35)
    before = _rows(office)
    office.cookies["language"] = "es"
    assert _rows(office) == before
    assert "¿Cuándo puede volver a donar sangre?" in office.get(PAGE + ADDRESS).content.decode()
