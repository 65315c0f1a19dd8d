"""Old records are read today: `golden/records.json` has each kind in each format it ever had.

A kind that gets another format gets another line there. No line of it is ever changed or taken away.
"""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from compliance.rules import authorizations, windows
from compliance.rules.history import read
from compliance.rules.programs.isotretinoin_us import ISOTRETINOIN_US
from compliance.rules.records import (
    FORMATS,
    KINDS,
    RENAMED_KINDS,
    Authorized,
    Dispensed,
    Entry,
    PregnancyTest,
    Registered,
    dump,
    load,
)
from tests.histories import HistoryFactory

GOLDEN: list[dict[str, Any]] = json.loads((Path(__file__).parent / "golden/records.json").read_text())


def test_every_kind_stands_there_in_each_of_its_formats() -> None:
    present = {(line["kind"], line["format"]) for line in GOLDEN}
    renamed = {(kind, 1) for kind in RENAMED_KINDS}
    assert present == renamed | {(kind, step) for kind in KINDS for step in range(1, FORMATS[kind] + 1)}


@pytest.mark.parametrize(
    "line", [line for line in GOLDEN if line["kind"] in KINDS], ids=lambda line: f"{line['kind']}-{line['format']}"
)
def test_it_is_read_and_nothing_of_it_is_lost(line: dict[str, Any]) -> None:
    read_again = dump(load(line["kind"], line["format"], line["data"]))
    if line["format"] == FORMATS[line["kind"]]:
        assert read_again == line["data"]
    assert read_again.items() >= line["data"].items()


def test_a_file_opened_before_records_named_their_program_is_of_the_first() -> None:
    first, second = (
        load(line["kind"], line["format"], line["data"]) for line in GOLDEN if line["kind"] == "registered"
    )
    assert isinstance(first, Registered)
    assert isinstance(second, Registered)
    assert (first.program, second.program) == ("isotretinoin-us", "second")


def test_a_kind_that_was_renamed_is_read_as_the_new_one() -> None:
    (old,) = (line for line in GOLDEN if line["kind"] == "paper_made")
    (new,) = (line for line in GOLDEN if line["kind"] == "pdf_sealed")
    assert load(old["kind"], old["format"], old["data"]) == load(new["kind"], new["format"], new["data"])


def test_an_old_hand_over_was_on_the_day_it_was_entered() -> None:
    """Entered on day 33 at noon, on a yes of day 31: what comes after counts from day 33."""
    first, second = (line for line in GOLDEN if line["kind"] == "dispensed")
    number = first["data"]["authorization"]
    for line, days in ((first, 33), (second, 32)):
        history = HistoryFactory(date(2026, 11, 14)).begun().month(31)
        history.enter(31.1, Authorized(number, "P", 30, history.on(37)))
        record = load(line["kind"], line["format"], line["data"])
        assert isinstance(record, Dispensed)
        history.entries.append(Entry(len(history.entries) + 1, history.at(33), record))
        history.enter(34, PregnancyTest(history.on(34), "negative", "clinic"))
        found = read(ISOTRETINOIN_US, history.entries, history.at(35))
        assert windows.testing(found, ISOTRETINOIN_US.edition_on(found.day)).dispensed_on == history.on(days)
        assert authorizations.all_of(found)[number].state == "dispensed"
