"""Another program beside the first, through commands and database: each file is answered by its own tables."""

import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from compliance.documents import library
from compliance.models import PatientStatus
from compliance.records import programs
from compliance.records.file import certified, read_file
from compliance.records.rebuild import differences
from compliance.rules import due
from compliance.rules.days import Span
from devtools.replay.engine import Engine
from devtools.replay.scenario import unmet
from devtools.replay.store import Store
from ledger import log
from ledger.actor import SYSTEM
from ledger.log import NewRecord
from patients.models import Patient
from tests.compliance.rules.second_program import SECOND

pytestmark = pytest.mark.django_db

ALWAYS = [["2015-01-01", "2035-01-01"]]


@pytest.fixture(autouse=True)
def two_programs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """The second program is installed, with a text of its own."""
    files = shutil.copytree(library.FILES, tmp_path / "files")
    shutil.copytree(files / "patient-information", files / "agreement")
    monkeypatch.setattr(library, "FILES", files)
    monkeypatch.setattr(library, "CODES", library.CODES | {"agreement"})
    monkeypatch.setitem(programs.PROGRAMS, SECOND.code, SECOND)
    for cached in (library.versions, library.load):
        cached.cache_clear()
    yield
    for cached in (library.versions, library.load):
        cached.cache_clear()


def begun(program: str, **more: Any) -> dict[str, Any]:
    return {
        "name": program, "program": program, "patient": {"born_on": "2001-04-02"},
        "prescriber": {"certified": ALWAYS}, "pharmacies": {"P": {"certified": ALWAYS}},
        "steps": [{"at": "2026-12-01T09:00:00-06:00", "do": "enrolled", "category": "can_become_pregnant"}],
    } | more  # fmt: skip


#: A fill without a lead-in, five days after the first test, of sixty days, in a window of fourteen.
FILL = [
    {"at": "2026-12-01T09:00:00-06:00", "do": "enrolled", "category": "can_become_pregnant"},
    {"at": "2026-12-01T09:01:00-06:00", "do": "consent_signed", "document": "agreement", "signer": "patient"},
    {
        "at": "2026-12-01T09:02:00-06:00", "do": "consent_signed", "document": "birth-defects", "signer": "patient",
        "expect": {"refused": True},
    },
    {
        "at": "2026-12-01T09:03:00-06:00", "do": "pregnancy_test", "collected_on": "2026-12-01", "result": "negative",
        "setting": "clinic", "menses": None,
    },
    {
        "at": "2026-12-06T09:00:00-06:00", "do": "pregnancy_test", "collected_on": "2026-12-06", "result": "negative",
        "setting": "clinic", "menses": "first_five_days",
    },
    {"at": "2026-12-06T09:01:00-06:00", "do": "counselled", "visit_on": "2026-12-06"},
    {
        "at": "2026-12-06T09:02:00-06:00", "do": "contraception_declared", "by": "prescriber",
        "methods": ["combined-pill", "male-latex-condom"], "started_on": "2026-12-06", "expect": {"refused": True},
    },
    {
        "at": "2026-12-06T09:03:00-06:00", "do": "contraception_declared", "by": "prescriber",
        "methods": ["ring", "foam"], "started_on": "2026-12-06",
    },
    {
        "at": "2026-12-06T09:04:00-06:00", "do": "contraception_declared", "by": "patient",
        "methods": ["ring", "foam"],
    },
    {"at": "2026-12-06T09:05:00-06:00", "do": "comprehension_passed"},
    {
        "at": "2026-12-19T12:00:00-06:00", "ask": "authorize", "pharmacy": "P", "days_supply": 60,
        "expect": {
            "edition": "one", "allowed": True, "blockers": [], "window": ["2026-12-06", "2026-12-19"],
            "dispense_by": "2026-12-19",
        },
    },
    # Half past midnight in New York: in Chicago, where this program counts its days, the window is still open.
    {
        "at": "2026-12-20T00:30:00-05:00", "ask": "dispense", "pharmacy": "P", "authorization": 1,
        "expect": {"done": True},
    },
]  # fmt: skip


def test_second_program_store_answers_by_its_own_tables() -> None:
    scenario = begun("second", steps=FILL)
    engine, store = Engine(SECOND, scenario), Store(scenario)
    for place, step in enumerate(scenario["steps"]):
        answer = store.answer(step)
        assert answer == engine.answer(step), place
        assert not unmet(step.get("expect"), answer), (place, answer)
    status = PatientStatus.objects.get(patient=store.patient)
    assert (status.program, status.editions) == ("second", f"one.1;due.{due.VERSION}")
    assert list(differences()) == []


def test_files_of_two_programs_side_by_side_keep_theirs() -> None:
    first, second = Store(begun("isotretinoin-us")), Store(begun("second"))
    for store in (first, second):
        for step in begun("")["steps"]:
            assert store.answer(step) == {"refused": False}
    when = "2026-12-02T09:00:00-06:00"
    asked = {"at": when, "ask": "status"}
    missing = [
        {b["code"] for b in store.answer(asked)["blockers"] if b["code"].startswith("consent")}
        for store in (first, second)
    ]
    assert missing == [
        {"consent-missing:patient-information", "consent-missing:birth-defects"},
        {"consent-missing:agreement"},
    ]
    assert set(Patient.objects.values_list("program", flat=True)) == {"isotretinoin-us", "second"}
    assert list(differences()) == []


def test_certification_for_one_program_is_none_for_the_other() -> None:
    """The prescriber of the first program takes over a patient of the second: certified there, and not here."""
    first, second = Store(begun("isotretinoin-us")), Store(begun("second"))
    second.prescribers["other"] = first.prescribers["the-prescriber"]
    second.pharmacies["other"] = first.pharmacies["P"]
    steps = [*begun("")["steps"], {"at": "2026-12-02T09:00:00-06:00", "do": "transferred", "prescriber": "other"}]
    for step in steps:
        assert second.answer(step) == {"refused": False}
    asked = {"at": "2026-12-03T09:00:00-06:00", "ask": "authorize", "pharmacy": "other", "days_supply": 30}
    codes = [blocker["code"] for blocker in second.answer(asked)["blockers"]]
    assert codes[:2] == ["prescriber-not-certified", "pharmacy-not-certified"]


def test_certification_recorded_before_programs_were_named_is_for_the_first() -> None:
    practice, at = uuid4(), datetime(2026, 1, 1, tzinfo=UTC)
    old = NewRecord(kind="certified", data={"first": "2026-01-01", "last": "2026-12-31"})
    log.append("prescriber", practice, [old], head=log.EMPTY, by=SYSTEM, at=at, request_id=uuid4())
    rows = log.read(practice)
    assert certified(rows, at, programs.DEFAULT) == (Span(date(2026, 1, 1), date(2026, 12, 31)),)
    assert certified(rows, at, SECOND) == ()


def test_program_of_a_file_is_that_of_its_first_record_not_of_its_row() -> None:
    store = Store(begun("second"))
    store.answer(begun("")["steps"][0])
    Patient.objects.filter(pk=store.patient).update(program="isotretinoin-us")
    at = PatientStatus.objects.get(patient=store.patient).assessed_at
    assert read_file(store.patient, at).program is SECOND
