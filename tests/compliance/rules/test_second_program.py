"""Another program, by its tables alone."""

from datetime import UTC, date, datetime, timedelta

from compliance.rules.assessment import Assessment, GateQuestion
from compliance.rules.days import Span
from compliance.rules.entries import refusal
from compliance.rules.gate import assess
from compliance.rules.history import read
from compliance.rules.records import (
    ComprehensionPassed,
    ConsentSigned,
    ContraceptionDeclared,
    Counselled,
    Enrolled,
    Entry,
    PregnancyTest,
    Record,
    Registered,
)
from tests.compliance.rules.second_program import SECOND

SPANS = {"p": (Span(date(2026, 1, 1), date(2027, 1, 1)),)}
START = datetime(2026, 3, 1, 18, tzinfo=UTC)


def entries_of(*dated: tuple[int, Record]) -> list[Entry]:
    return [Entry(number, START + timedelta(days=days), record) for number, (days, record) in enumerate(dated, 1)]


def ask(entries: list[Entry], days: int, days_supply: int = 1) -> Assessment:
    at = START + timedelta(days=days)
    return assess(SECOND, entries, at=at, prescribers=SPANS, question=GateQuestion(days_supply=days_supply))


BEGUN: list[tuple[int, Record]] = [
    (0, Registered(date(2000, 1, 1), prescriber="p")),
    (0, Enrolled("can_become_pregnant", prescriber="p")),
    (0, ConsentSigned("agreement", "patient")),
    (0, PregnancyTest(date(2026, 3, 1), "negative", "home", None)),
]
DONE: list[tuple[int, Record]] = [
    (5, PregnancyTest(date(2026, 3, 6), "negative", "clinic", "first_five_days")),
    (5, Counselled(date(2026, 3, 6))),
    (5, ContraceptionDeclared("prescriber", ("ring", "foam"), date(2026, 3, 6))),
    (5, ContraceptionDeclared("patient", ("ring", "foam"))),
    (5, ComprehensionPassed()),
]


def test_no_lead_in_and_a_window_of_fourteen_days() -> None:
    begun = [*BEGUN]
    begun[3] = (0, PregnancyTest(date(2026, 3, 1), "negative", "clinic", None))
    entries = entries_of(*begun, *DONE)
    assert ask(entries, 5).window == Span(date(2026, 3, 6), date(2026, 3, 19))
    assert ask(entries, 18).allowed
    assert ask(entries, 19).codes[0] == "window-expired"


def test_a_home_test_still_needs_the_permission() -> None:
    assert ask(entries_of(*BEGUN), 1).codes[0] == "screening-test-missing"


def test_one_document_is_asked_for() -> None:
    entries = entries_of(*BEGUN[:2])
    assert [code for code in ask(entries, 1).codes if code.startswith("consent")] == ["consent-missing:agreement"]


def test_a_supply_of_sixty_days() -> None:
    assert "supply-too-long" not in ask(entries_of(*BEGUN), 1, days_supply=60).codes
    assert ask(entries_of(*BEGUN), 1, days_supply=61).codes[-1] == "supply-too-long"


def test_its_own_methods_and_no_others() -> None:
    entries = entries_of(*BEGUN)
    at = START + timedelta(days=1)
    history = read(SECOND, entries, at)
    other = ContraceptionDeclared("patient", ("iud", "male-latex-condom"))
    refused = refusal(history, entries, other, at)
    assert refused is not None
    assert refused.rule == "methods-not-acceptable"
    assert refusal(history, entries, ContraceptionDeclared("patient", ("none",)), at) is None
