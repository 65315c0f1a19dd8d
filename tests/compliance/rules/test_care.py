"""What surrounds the fill advises and is recorded: no record of it changes an answer of the gate."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.rules.care.guide import GuideOpened
from compliance.rules.care.health import HealthAnswered, HealthReviewed
from compliance.rules.care.kinds import CARE
from compliance.rules.care.laboratory import LaboratoryPlanned, LaboratoryResult
from compliance.rules.care.mood import MoodAnswered
from compliance.rules.care.notes import BookedTest, ProblemReported, ReportMistaken
from compliance.rules.care.pregnancies import PregnancyFollowed
from compliance.rules.care.prescription import Prescribed
from compliance.rules.care.questions import QuestionAnswered, QuestionAsked
from compliance.rules.care.side_effects import ReportAnswered, SideEffectReported
from compliance.rules.record import Record
from compliance.rules.records import Entry, EntryStruck, dump, parse
from compliance.rules.stages import stage
from tests.compliance.rules.growing import SMALL, Log, logs

#: Records of each kind, those first that most likely would matter.
EXAMPLES: dict[type[Record], list[Record]] = {
    ReportMistaken: [ReportMistaken()],
    ProblemReported: [ProblemReported("method_failed"), ProblemReported("missed_period")],
    BookedTest: [BookedTest(date(2026, 12, 1)), BookedTest()],
    MoodAnswered: [
        MoodAnswered("phq-9", 1, "en", {str(item): 3 for item in range(1, 10)}),
        MoodAnswered("phq-2", 1, "es", {"1": 0, "2": 1}),
    ],
    SideEffectReported: [
        SideEffectReported(("harm",), 1, "en", "ambulance"),
        SideEffectReported(("dry-lips", "hair"), 1, "es", "next-time", {"words": "a" * 64}),
    ],
    ReportAnswered: [ReportAnswered(1, True), ReportAnswered(3, False, {"words": "b" * 64})],
    QuestionAsked: [
        QuestionAsked("birth-defects", "patient", "ab" * 32, "tests"),
        QuestionAsked("patient-information", "guardian", "cd" * 32),
    ],
    QuestionAnswered: [QuestionAnswered()],
    GuideOpened: [GuideOpened(3, "es", "0" * 64)],
    Prescribed: [Prescribed("claravis", (40, 20), 70_500, 30), Prescribed("absorica-ld", (32, 32), 60_000, 28, True)],
    HealthAnswered: [HealthAnswered(("peanut",), ("tetracyclines",), ("liver",), "x"), HealthAnswered((), (), ())],
    HealthReviewed: [HealthReviewed(True, "x"), HealthReviewed(False)],
    LaboratoryResult: [
        LaboratoryResult(date(2026, 11, 1), {"triglycerides": {"number": "900", "unit": "mg/dL"}}, True),
        LaboratoryResult(date(2026, 12, 1), {"alt": {"number": "3", "unit": "µkat/L", "upper": "0.7"}}),
    ],
    LaboratoryPlanned: [LaboratoryPlanned((0, 1, 2)), LaboratoryPlanned(()), LaboratoryPlanned((0, 2), True)],
    PregnancyFollowed: [
        PregnancyFollowed(1, "not-pregnant", "not-exposed", "not-pregnant"),
        PregnancyFollowed(2, "live-birth", "exposed", "method-failed", 39, "digest"),
    ],
}

ALL = [record for records in EXAMPLES.values() for record in records]


def test_each_kind_has_an_example() -> None:
    assert set(EXAMPLES) == set(CARE)
    assert all(EXAMPLES.values())


@pytest.mark.parametrize("record", [pytest.param(one, id=one.kind) for one in ALL])
def test_an_example_is_read_back_as_it_was_written(record: Record) -> None:
    assert parse(record.kind, dump(record)) == record


def beside(log: Log, cares: list[tuple[int, Record]]) -> list[Entry]:
    """The log's entries with `cares` behind those of their places, each at the instant of the entry before it."""
    entries: list[Entry] = []
    numbers: dict[int, int] = {}
    for place, entry in enumerate(log.entries):
        numbers[entry.number] = len(entries) + 1
        record = entry.record
        if isinstance(record, EntryStruck):
            record = replace(record, entry=numbers.get(record.entry, record.entry))
        entries.append(Entry(numbers[entry.number], entry.at, record))
        for at_place, care in cares:
            if at_place % len(log.entries) == place:
                entries.append(Entry(len(entries) + 1, entry.at, care))
    return entries


@given(logs(), st.lists(st.tuples(st.integers(0, 500), st.sampled_from(ALL)), min_size=1))
@SMALL
def test_no_answer_changes_whatever_of_it_is_recorded(log: Log, cares: list[tuple[int, Record]]) -> None:
    """Asked at the last entry and on days after it: blockers, windows, last day, what is owed, stage."""
    with_care = Log(date(2001, 4, 2))
    with_care.entries = beside(log, cares)
    for days in (0, 1, 5, 30):
        at = log.entries[-1].at + timedelta(days=days)
        without, beside_it = log.ask(at), with_care.ask(at)
        assert beside_it.blockers == without.blockers
        assert (beside_it.latest_window, beside_it.dispense_by) == (without.latest_window, without.dispense_by)
        assert (beside_it.owed, stage(beside_it)) == (without.owed, stage(without))
