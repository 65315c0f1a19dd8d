"""Every figure of the office, and every number of the assessment, held against a second count of the same records.

The demo's people, and a small history by hand of whatever the demo has none of. The second count
(`tests.compliance.figures_in_sql`) is plain SQL over the records, written from the definitions. A figure that is zero
on both sides shows nothing: it fails.
"""

import csv
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from io import StringIO
from typing import Any
from unittest import mock
from uuid import UUID, uuid4

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Min, Q
from django.test import Client

from accounts.roles import OFFICER
from compliance.commands import checkpoints, erasure, figures
from compliance.commands.certifying import certification_record
from compliance.models import Authorization, MonthlyFigure, PregnancyCase
from compliance.records import figures as counted
from compliance.records.programs import DEFAULT, program_day
from compliance.records.yearly import assessed
from compliance.rules.care.pregnancies import PregnancyFollowed
from compliance.rules.records import EntryStruck, LastDoseCorrected, PregnancyReported, Transferred
from ledger import log
from ledger.actor import SYSTEM, Actor
from ledger.models import LogRecord
from notifications.sweep import sweep
from patients.models import Patient
from tests import amount, factories
from tests.clocks import Clock
from tests.compliance.figure_histories import HISTORIES, LATE
from tests.compliance.figures_in_sql import (
    CERTIFIED,
    MISSED_ON_A_DAY,
    MISSED_PARTS,
    OPEN_COURSES,
    PREGNANCIES,
    RECORDED,
    STANDING,
    STANDING_AT,
)  # fmt: skip
from tests.compliance.verification.worlds import DEMO
from tests.conftest import RestoreSnapshot
from tests.databases import Snapshot
from tests.histories import NEW_YORK, NOW, ClinicFactory
from tests.web.turns import by_turns
from tests.web.unrendered import unrendered
from web.office.assessment import SECTIONS
from web.office.figures import FIGURES

#: The year is over, its last record committed; and the first instant of the day after.
COUNTED = datetime(2027, 1, 1, 5, 15, tzinfo=UTC)
YEAR_ENDS = datetime(2027, 1, 1, 5, tzinfo=UTC)
FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
DECEMBER = date(2026, 12, 1)
#: By month and place; of the whole program with no place.
Numbers = Counter[tuple[date, UUID | None]]


def _build(_before: object) -> ClinicFactory:
    if amount.EVERYTHING:
        call_command("seed_demo", verbosity=0, stdout=StringIO())
    first = LogRecord.objects.aggregate(first=Min("at"))["first"]
    clinic = ClinicFactory()
    for history in HISTORIES:
        history(clinic)
    sweep(at=COUNTED)
    # The clinic's certifications are of 2020; nothing else is.
    with mock.patch.object(figures, "_first_day", return_value=program_day(first)):
        figures.rebuild(at=COUNTED)
    checkpoints.publish(at=COUNTED)
    return clinic


YEAR = Snapshot("figures", _build, at=NOW.isoformat(), of=None if amount.EVERYTHING else DEMO)


@pytest.fixture(autouse=True)
def year(shared_snapshot: RestoreSnapshot, clock: Clock) -> ClinicFactory:
    clinic: ClinicFactory = shared_snapshot(YEAR)
    clock.at = COUNTED
    return clinic


@pytest.fixture(autouse=True)
def rolled_back(year: ClinicFactory, db: None) -> None:
    """`db` comes after the snapshot."""


def rows(sql: str, **values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values or None)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


_BY_MONTH = """
SELECT date_trunc('month', at AT TIME ZONE 'America/New_York')::date, place, sum(number)
FROM ({sql}) AS once (at, place, number) WHERE at < '{end}' GROUP BY 1, 2
"""
#: The midnights of New York that end the last day of some window, each with whose window it is.
_ENDS_OF_WINDOWS = """
SELECT ((data->>'collected_on')::date + 7)::timestamp AT TIME ZONE 'America/New_York', array_agg(DISTINCT subject)
FROM ledger_record WHERE kind = 'pregnancy_test' GROUP BY 1 ORDER BY 1
"""


def in_sql(code: str) -> Numbers:
    """What is added up, by month and place, as the second count has it."""
    if code in MISSED_PARTS:
        return missed()[code]
    found: Numbers = Counter()
    for month, place, number in rows(_BY_MONTH.format(sql=RECORDED[code].sql, end=YEAR_ENDS.isoformat())):
        _add(found, month, place, int(number))
    return found


def _add(numbers: Numbers, month: date, place: UUID | None, number: int) -> None:
    numbers[month, None] += number
    if place is not None:
        numbers[month, place] += number


@cache
def missed() -> Mapping[str, Numbers]:
    """The windows that were missed, by whose part; each is asked about in its last instant."""
    found: dict[str, Numbers] = {code: Counter() for code in MISSED_PARTS}
    for end, patients in rows(_ENDS_OF_WINDOWS):
        if end <= YEAR_ENDS:
            at = end - timedelta(microseconds=1)
            for place, part in rows(MISSED_ON_A_DAY, at=at, of=patients):
                _add(found[f"missed-{part}"], at.astimezone(NEW_YORK).date().replace(day=1), place, 1)
    return found


@cache
def standing() -> Mapping[str, Numbers]:
    """What stands when the year ends."""
    found: dict[str, Numbers] = {code: Counter() for code in STANDING}
    for code, place, number in rows(STANDING_AT, at=YEAR_ENDS, of=None):
        _add(found[code], DECEMBER, place, int(number))
    return found


def of_product(code: str, **months: date) -> Numbers:
    """The same numbers as the office is shown them."""
    found = MonthlyFigure.objects.filter(figure=code, **months).values_list("month", "place", "number")
    return Counter({(month, place): number for month, place, number in found})


def _names(numbers: Numbers) -> dict[str, int]:
    return {f"{month:%Y-%m} {place or 'program'}": number for (month, place), number in numbers.items() if number}


@pytest.mark.parametrize("code", [*RECORDED, *MISSED_PARTS])
def test_what_is_added_up_is_what_the_records_say(code: str) -> None:
    expected = in_sql(code)
    assert expected.total() > 0, "a figure that is zero on both sides shows nothing: add a history"
    assert _names(of_product(code)) == _names(expected)


@pytest.mark.parametrize("code", STANDING)
def test_what_stands_is_what_the_records_say(code: str) -> None:
    expected = standing()[code]
    assert expected.total() > 0, "a figure that is zero on both sides shows nothing: add a history"
    assert _names(of_product(code, month=DECEMBER)) == _names(expected)


def test_no_figure_is_left_out() -> None:
    assert {*RECORDED, *MISSED_PARTS} == {*counted.FLOWS}
    standing = {code for code, figure in FIGURES.items() if figure.is_standing}
    assert {*STANDING} == standing
    shown = {code for _heading, lines in SECTIONS for code, _label in lines}
    assert shown <= {*numbers_of(FIRST, LAST)} | {*QUOTIENTS}, "a number of the assessment has no second count"


# --- the page of all figures --------------------------------------------------------------------------
def test_the_page_shows_these_numbers(clock: Clock) -> None:
    client: Any = factories.as_(factories.officer())
    with unrendered():
        groups = client.get("/office/oversight/").context["groups"]
    lines = {line.figure.code: line for _heading, group in groups for line in group}
    assert {*lines} == {*FIGURES}
    for code, line in lines.items():
        if code in STANDING:
            assert line.now == f"{standing()[code][DECEMBER, None]:,}", code
        elif not FIGURES[code].of:
            assert line.now == f"{in_sql(code)[DECEMBER, None]:,}", code
    of_fills = in_sql("days-to-fill")[DECEMBER, None] / in_sql("fills-after-test")[DECEMBER, None]
    at_once = in_sql("authorized-at-once")[DECEMBER, None] / in_sql("authorized")[DECEMBER, None]
    assert lines["days-to-fill"].now == f"{of_fills:.1f}"
    assert lines["authorized-at-once"].now == f"{100 * at_once:.0f} %"


# --- the assessment -----------------------------------------------------------------------------------
PERIODS = {
    "the year": (FIRST, LAST),
    "its last month": (DECEMBER, LAST),
    "three months of autumn": (date(2026, 9, 1), date(2026, 11, 30)),
}
QUOTIENTS: Mapping[str, tuple[int, str, str]] = {
    "rate": (1000, "pregnancies", "fills-after-test"),
    "days": (1, "days-to-fill", "fills-after-test"),
    "at-once": (100, "authorized-at-once", "authorized"),
}


def numbers_of(first: date, last: date) -> Counter[str]:
    """Each number of the assessment of a period, as the second count has it."""
    since, until = (datetime.combine(day, time(), NEW_YORK) for day in (first, last + timedelta(days=1)))
    found: Counter[str] = Counter()
    for code in (*RECORDED, *MISSED_PARTS):
        found[code] = sum(n for (month, place), n in in_sql(code).items() if place is None and first <= month <= last)
    for code, at in (("open-before", since), ("open", until)):
        found[code] = rows(OPEN_COURSES, at=at)[0][0]
    for kind in ("prescriber", "pharmacy"):
        found[f"certified-{kind}"] = rows(CERTIFIED, kind=kind, at=until, day=last)[0][0]
    found.update(dict.fromkeys((*PREGNANCY_CODES, "pregnancies"), 0))
    found.update(code for (code,) in rows(PREGNANCIES, since=since, until=until, known=COUNTED))
    return found


PREGNANCY_CODES = [code for _h, lines in SECTIONS for code, _l in lines if code.startswith(("phase", "expos", "outco"))]


@pytest.mark.parametrize("name", PERIODS)
def test_the_assessment_is_what_the_records_say(name: str) -> None:
    first, last = PERIODS[name]
    expected = numbers_of(first, last)
    found = assessed(first, last)
    assert found is not None
    assert {code: n for code, n in found.numbers.items() if n} == {
        code: n for code, n in expected.items() if n and not code.startswith("messages-")
    }
    if name == "the year":
        zero = {code for code, number in expected.items() if not number} - {"open-before"}
        assert not zero, "a number that is zero on both sides shows nothing: add a history"
    if name == "its last month":
        assert expected["open-before"] > 0
    client: Any = factories.as_(factories.officer())
    answer = client.get(f"/office/oversight/assessment/csv/?from={first:%Y-%m}&to={last:%Y-%m}")
    written = {row[0]: row[1] for row in csv.reader(StringIO(answer.content.decode()))}
    for _heading, lines in SECTIONS:
        for code, _label in lines:
            if code in QUOTIENTS:
                times, number, divisor = QUOTIENTS[code]
                assert written[code] == f"{times * expected[number] / expected[divisor]:.1f}", code
            else:
                assert written[code] == str(expected[code]), code


def test_the_courses_of_the_assessment_add_up() -> None:
    for first, last in PERIODS.values():
        found = assessed(first, last)
        assert found is not None
        n = found.numbers
        assert n["open-before"] + n["enrolled"] - n["ended"] + n["reopened"] == n["open"]
    assert {"open-before", "enrolled", "ended", "reopened", "open"} <= {code for _h, ls in SECTIONS for code, _l in ls}


# --- a year later -------------------------------------------------------------------------------------
LATER, A_YEAR_LATER = COUNTED + timedelta(days=20), COUNTED + timedelta(days=365)
#: The last of what is written since; then it is counted.
END = LATER + timedelta(days=50)


def answers(client: Client) -> list[Any]:
    """What page, CSV and PDF say of each period, in English and in Spanish by turns."""
    found: list[Any] = []
    for (first, last), language in by_turns(PERIODS.values(), ("en", "es")):
        address = f"?from={first:%Y-%m}&to={last:%Y-%m}"
        client.cookies["django_language"] = language
        with unrendered():
            page: Any = client.get(f"/office/oversight/assessment/{address}")
        report = page.context["report"]
        found += [report.checkpoint.number, report.checkpoint.hash, page.context["sections"]]
        found += [client.get(f"/office/oversight/assessment/{form}/{address}").content for form in ("csv", "pdf")]
    return found


def written_since(clinic: ClinicFactory) -> None:
    """Late entries, corrections, marks of error, moved files, an erased patient, a certification for days gone by."""
    entered_late = Authorization.objects.get(state="open", dispense_by__gte=LAST, issued_at=LATE)
    patient = entered_late.patient
    counter = [pharmacy.pk for pharmacy in clinic.pharmacies].index(entered_late.pharmacy_id)
    assert clinic.dispense(patient, entered_late.number, counter, at=LATER, on=LAST) is None
    own = Patient.objects.filter(prescriber=clinic.prescriber)
    wrong = LogRecord.objects.filter(Q(kind="discontinued") | Q(kind="pregnancy_test", data__result="negative"))
    for subject, number in wrong.filter(subject__in=own.values("pk"), at__gte=NOW).values_list("subject", "number"):
        clinic.enter(own.get(pk=subject), EntryStruck(number, "wrong one"), at=LATER)
    assert LogRecord.objects.filter(kind="entry_struck", at=LATER).count() > 3
    for case in PregnancyCase.objects.select_related("patient"):
        told = PregnancyFollowed(case.record, "lost", "exposed", "one-method")
        clinic._enter(case.patient, LATER, told, PregnancyReported())
    moved = Patient.objects.filter(prescriber=clinic.prescriber, status__stage="window-missed").first()
    assert moved is not None
    clinic._enter(moved, LATER, Transferred(str(clinic.other.pk)))
    erased = Patient.objects.exclude(user=None).filter(status__stage="followed-up").first()
    assert erased is not None
    clinic._enter(erased, LATER, LastDoseCorrected("earlier", NOW.date() - timedelta(days=20)))
    for officer, step in zip((factories.officer(), factories.officer()), (erasure.ask, erasure.confirm), strict=True):
        step(patient=erased.pk, by=Actor(officer.pk, OFFICER), at=LATER + timedelta(days=1), key=uuid4())
    for kind, place in (("pharmacy", uuid4()), ("prescriber", uuid4())):
        span = [certification_record(FIRST, LAST, DEFAULT.code)]
        log.append(kind, place, span, head=log.EMPTY, by=SYSTEM, at=LATER, request_id=uuid4())
    clinic.now = END
    assert clinic.authorize(clinic.ready(), at=END).number


def test_asked_a_year_later_page_csv_and_pdf_are_the_same(year: ClinicFactory, clock: Clock) -> None:
    client = factories.as_(factories.officer())
    before = answers(client)
    written_since(year)
    sweep(at=END + timedelta(days=2))
    checkpoints.publish(at=END + timedelta(days=2))
    first = MonthlyFigure.objects.aggregate(first=Min("month"))["first"]
    figures.count_days(at=END + timedelta(days=2))
    clock.at = A_YEAR_LATER
    client = factories.as_(factories.officer())
    assert answers(client) == before
    with mock.patch.object(figures, "_first_day", return_value=first):
        figures.rebuild(at=END + timedelta(days=2))
    assert answers(client) == before, "counted anew as well"
