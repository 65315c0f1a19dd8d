"""The law's tables, twice: as they stand in the code, and as they were reviewed (`golden/tables.json`).

A number, a code or a source that changes is changed in both, on purpose.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest

from compliance.rules import (
    assessment,
    blockers,
    consents,
    due,
    due_signatures,
    due_supplies,
    due_tests,
    due_windows,
    editions,
    planner,
    records,
    stages,
)
from compliance.rules.programs.isotretinoin_us import ISOTRETINOIN_US
from compliance.rules.sources import TITLES, Source

GOLDEN: dict[str, Any] = json.loads((Path(__file__).parent / "golden/tables.json").read_text())


def plain(value: object) -> Any:
    """As JSON has it; sets in order."""
    if isinstance(value, StrEnum):
        return value.value
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, Mapping):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, (tuple, list)):
        return [plain(one) for one in value]
    return {one.name: plain(getattr(value, one.name)) for one in fields(value)}  # type: ignore[arg-type]


def rule(one: blockers.Rule) -> Any:
    """Without its sentences."""
    return plain(one) | {"sentence": None, "remedy": None}


def shape(kind: type[records.Record]) -> dict[str, Any]:
    """Each field with its default, or `required`."""
    return {one.name: "required" if one.default is MISSING else plain(one.default) for one in fields(kind)}


TABLES: dict[str, Callable[[], Any]] = {
    "the program": lambda: plain(ISOTRETINOIN_US),
    "the blockers": lambda: {code: rule(one) for code, one in blockers.RULES.items()},
    "the blockers of a document": lambda: [
        rule(blockers.rule(f"{kind}:a-text")) for kind in ("consent-missing", "guardian-signature-missing")
    ],
    "the sides": lambda: [
        blockers.PRESCRIBER, blockers.PATIENT, blockers.GUARDIAN, blockers.OFFICE, blockers.PHARMACY, blockers.NOBODY,
    ],
    "the kinds of records": lambda: {kind: shape(cls) for kind, cls in records.KINDS.items()},
    "the formats": lambda: records.FORMATS,
    "the kinds that people enter": lambda: plain(records.ENTERED),
    "what is listed": lambda: [
        plain(one) for one in (
            records.RESULTS, records.MENSES, records.SIGNERS, records.DECLARERS,
            consents.SIGNATURE_STATES, stages.STAGES,
        )
    ],
    "the sources": lambda: {source.name: source.value for source in Source},
    "the planner": lambda: {
        "states": list(planner.STATES),
        "states that make sense": list(planner.SENSIBLE),
        "days before the supply ends that leave time": planner.MARGIN_DAYS,
        "days that are soon": planner.SOON_DAYS,
    },
    # Whoever changes them raises the version, so that rows are worked out anew.
    "the notices": lambda: {
        "version": due.VERSION,
        "kinds": list(due.DUE),
        "hours before a window closes": due_windows.CLOSING_AHEAD.total_seconds() / 3600,
        "hour of its last day": due_windows.LAST_DAY_HOUR,
        "days before the supply ends at which a test is asked for": due_tests.TEST_AHEAD_DAYS,
        "days ahead to book": due_tests.BOOK_AHEAD_DAYS,
        "days a test after treatment is late": list(due_tests.LATE_DAYS),
        "days after which a signature is asked for": [
            span.days for span in (due_signatures.FIRST, due_signatures.SECOND, due_signatures.GIVEN_UP)
        ],
        "days before the supply ends": list(due_supplies.SUPPLY_AHEAD_DAYS),
        "days until a last dose is asked for": [due_supplies.LAST_DOSE_DAYS, due_supplies.LAST_DOSE_UNTIL_DAYS],
        "days a pharmacy is reminded": due_supplies.OVERDUE_DAYS,
        "days a stop is told again": due_supplies.STOP_DAYS,
    },
    "what is asked if nothing is said": lambda: plain(assessment.STATUS),
    "what an edition says if nothing is said": lambda: {
        one.name: plain(one.default) for one in fields(editions.Edition) if one.default is not MISSING
    },
}  # fmt: skip


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_as_it_was_reviewed(name: str) -> None:
    now = json.loads(json.dumps(TABLES[name]()))
    assert now == GOLDEN[name]
    if isinstance(now, dict):
        assert list(now) == list(GOLDEN[name])


def test_every_source_has_its_title_and_every_blocker_its_words() -> None:
    assert set(TITLES) == set(Source)
    assert all(TITLES.values())
    for code in (*blockers.RULES, "consent-missing:x", "guardian-signature-missing:x"):
        assert blockers.rule(code).code == code
        assert blockers.rule(code).sentence
        assert blockers.rule(code).remedy
