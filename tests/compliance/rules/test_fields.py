"""How plain data is read: what is taken as it is meant, and what is refused with the code of its rule."""

import dataclasses
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest

from compliance.rules import fields, records
from compliance.rules.records import (
    KINDS,
    Authorized,
    ContraceptionDeclared,
    Counselled,
    PregnancyTest,
    StopCleared,
    dump,
    names_of,
    parse,
)
from compliance.rules.refusals import Refusal, Refused

#: Name -> (reader, plain data, what it means).
TAKEN: dict[str, tuple[Callable[[object], Any], object, object]] = {
    "a date in words": (fields.on, "2026-02-28", date(2026, 2, 28)),
    "a date": (fields.on, date(2026, 2, 28), date(2026, 2, 28)),
    "words": (fields.text, "x", "x"),
    "true": (fields.flag, True, True),
    "false": (fields.flag, False, False),
    "a number": (fields.number, 7, 7),
    "nought": (fields.number, 0, 0),
    "numbers": (fields.numbers, [1, 2], (1, 2)),
    "numbers in a tuple": (fields.numbers, (1, 2), (1, 2)),
    "plain data": (fields.plain, {"a": 1}, {"a": 1}),
    "methods": (fields.methods, ["iud", "sponge"], ("iud", "sponge")),
    "methods in a tuple": (fields.methods, ("iud",), ("iud",)),
    "no methods": (fields.methods, [], ()),
    "one of a list": (fields.listed("a", "b"), "b", "b"),
    "several of a list": (fields.several("a", "b", "c"), ["c", "a"], ("c", "a")),
    "several of a list in a tuple": (fields.several("a", "b"), ("a", "b"), ("a", "b")),
    "none of a list": (fields.several("a", "b"), [], ()),
}

#: Name -> (reader, plain data, the rule).
REFUSED: dict[str, tuple[Callable[[object], Any], object, str]] = {
    "a day that is none": (fields.on, "2026-02-29", "not-a-date"),
    "a date of another form": (fields.on, "20260228", "not-a-date"),
    "a date with more behind": (fields.on, "2026-02-28T00:00", "not-a-date"),
    "an instant": (fields.on, datetime(2026, 2, 28), "not-a-date"),  # noqa: DTZ001
    "a number as a date": (fields.on, 20260228, "not-a-date"),
    "a number as words": (fields.text, 7, "not-listed"),
    "a number as true": (fields.flag, 1, "not-listed"),
    "words as true": (fields.flag, "true", "not-listed"),
    "true as a number": (fields.number, True, "not-a-whole-number"),
    "a part of a number": (fields.number, 1.0, "not-a-whole-number"),
    "words as a number": (fields.number, "1", "not-a-whole-number"),
    "a number as numbers": (fields.numbers, 1, "not-a-whole-number"),
    "words among numbers": (fields.numbers, [1, "2"], "not-a-whole-number"),
    "a list as plain data": (fields.plain, [], "not-listed"),
    "words as methods": (fields.methods, "iud", "methods-not-acceptable"),
    "a number among methods": (fields.methods, ["iud", 7], "methods-not-acceptable"),
    "what is not listed": (fields.listed("a", "b"), "c", "not-listed"),
    "a number that is not listed": (fields.listed("a", "b"), 1, "not-listed"),
    "a list of what is listed": (fields.listed("a", "b"), ["a"], "not-listed"),
    "several, one of them not listed": (fields.several("a", "b"), ["a", "c"], "not-listed"),
    "several, one of them twice": (fields.several("a", "b"), ["a", "a"], "not-listed"),
    "several, one of them a list": (fields.several("a", "b"), [["a"]], "not-listed"),
    "one where several are asked for": (fields.several("a", "b"), "a", "not-listed"),
}


@pytest.mark.parametrize("name", TAKEN)
def test_what_is_meant_is_taken(name: str) -> None:
    read, raw, value = TAKEN[name]
    found = read(raw)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_meant_is_refused_by_the_code_of_its_rule(name: str) -> None:
    read, raw, rule = REFUSED[name]
    with pytest.raises(ValueError) as refused:
        read(raw)
    assert str(refused.value) == rule


#: Name -> (kind, plain data, the field, the rule).
NO_RECORD: dict[str, tuple[str, dict[str, object], str, str]] = {
    "a kind that is none": ("nonsense", {}, "kind", "not-listed"),
    "a required field that is missing": ("counselled", {}, "visit_on", "missing"),
    "a required field that is null": ("counselled", {"visit_on": None}, "visit_on", "missing"),
    "a date that is none": ("counselled", {"visit_on": "soon"}, "visit_on", "not-a-date"),
    "a start that is none, of the prescriber's": (
        "contraception_declared", {"by": "prescriber", "methods": ["iud"], "started_on": "soon"}, "started_on",
        "not-a-date"),
    "a date that is none, of the patient's": (
        "pregnancy_test", {"by": "patient", "collected_on": "x", "result": "negative", "setting": "home"},
        "collected_on", "not-a-date"),
    "a value that is not listed": (
        "pregnancy_test", {"collected_on": "2026-01-01", "result": "fine", "setting": "home"}, "result", "not-listed"),
}  # fmt: skip


@pytest.mark.parametrize("name", NO_RECORD)
def test_what_makes_no_record_names_the_field_and_the_rule(name: str) -> None:
    kind, data, field, rule = NO_RECORD[name]
    with pytest.raises(Refused) as refused:
        parse(kind, data)
    assert refused.value.refusal == Refusal(field, rule)
    assert str(refused.value) == f"{field}: {rule}"


def test_a_refusal_of_the_entry_as_a_whole_says_entry() -> None:
    assert str(Refused(Refusal("", "no-course"))) == "entry: no-course"


def test_a_patients_start_is_ignored_whatever_it_says() -> None:
    data = {"by": "patient", "methods": ["iud"], "started_on": "soon"}
    assert parse("contraception_declared", data) == ContraceptionDeclared("patient", ("iud",))


def test_what_is_null_and_what_is_missing_are_the_same() -> None:
    data = {"collected_on": "2026-01-01", "result": "negative", "setting": "home"}
    expected = PregnancyTest(date(2026, 1, 1), "negative", "home")
    assert parse("pregnancy_test", data) == parse("pregnancy_test", data | {"menses": None}) == expected


def test_plain_data_leaves_out_what_is_null_and_nothing_else() -> None:
    assert dump(Counselled(date(2026, 1, 2))) == {"visit_on": "2026-01-02"}
    assert dump(ContraceptionDeclared("patient", ("iud", "sponge"))) == {"by": "patient", "methods": ["iud", "sponge"]}
    assert dump(StopCleared("")) == {"reason": ""}
    assert dump(Authorized("1", "P", 30, date(2026, 1, 2))) == {
        "number": "1", "pharmacy": "P", "days_supply": 30, "dispense_by": "2026-01-02", "edition": "",
        "edition_version": 1, "decided_on": 0,
    }  # fmt: skip


def test_a_kind_is_known_by_todays_name_and_by_older_ones() -> None:
    assert names_of(records.PdfSealed) == {"pdf_sealed", "paper_made"}
    assert names_of(Counselled) == {"counselled"}


def test_a_kind_that_nobody_knows_is_refused_in_whatever_format() -> None:
    with pytest.raises(Refused) as refused:
        records.load("nonsense", 3, {})
    assert refused.value.refusal == Refusal("kind", "not-listed")


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_reads_each_of_its_fields(kind: str) -> None:
    assert set(KINDS[kind].readers) == {one.name for one in dataclasses.fields(KINDS[kind])}
    assert KINDS[kind].kind == kind
