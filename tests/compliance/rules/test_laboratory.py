"""Laboratory values: units, limits, the label's thresholds, what cannot be, and lines that are pasted."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.rules.care import laboratory
from compliance.rules.care.laboratory import LaboratoryPlanned, LaboratoryResult, Value
from compliance.rules.care.pasted import NAMES, read_lines
from compliance.rules.records import parse
from compliance.rules.refusals import Refused
from tests.compliance.rules.growing import SMALL

DAY = date(2026, 12, 1)


def result(test: str, number: str, unit: str, upper: str = "", *, fasting: bool | None = True) -> LaboratoryResult:
    plain = {"number": number, "unit": unit} | ({"upper": upper} if upper else {})
    return LaboratoryResult(DAY, {test: plain}, fasting)


#: Test, number, unit: in the unit in which it is compared.
CONVERTED: dict[str, tuple[str, str, str, Fraction]] = {
    "U/L": ("alt", "34", "U/L", Fraction(34)),
    "µkat/L": ("alt", "0.5", "µkat/L", Fraction(30)),
    "µkat/L of CK": ("ck", "3.25", "µkat/L", Fraction(195)),
    "mmol/L of triglycerides": ("triglycerides", "2", "mmol/L", Fraction("177.14")),
    "mmol/L of cholesterol": ("cholesterol", "5,1", "mmol/L", Fraction("197.217")),
    "mg/dL": ("cholesterol", "199.9", "mg/dL", Fraction("199.9")),
}


@pytest.mark.parametrize(("test", "number", "unit", "found"), CONVERTED.values(), ids=CONVERTED.keys())
def test_unit_is_converted_exactly(test: str, number: str, unit: str, found: Fraction) -> None:
    assert Value(number, unit).comparable(test) == found


#: Test, number, unit, the laboratory's own limit: what is advised.
ADVISED: dict[str, tuple[str, str, str, str, list[str]]] = {
    "triglycerides at the limit": ("triglycerides", "150", "mg/dL", "", []),
    "triglycerides above it": ("triglycerides", "151", "mg/dL", "", ["triglycerides-raised"]),
    "triglycerides of 499": ("triglycerides", "499", "mg/dL", "", ["triglycerides-raised"]),
    "triglycerides of 500": ("triglycerides", "500", "mg/dL", "", ["triglycerides-high"]),
    "triglycerides of 800": ("triglycerides", "800", "mg/dL", "", ["triglycerides-high"]),
    "triglycerides above 800": ("triglycerides", "800.1", "mg/dL", "", ["triglycerides-pancreatitis"]),
    "triglycerides above 800 in mmol/L": ("triglycerides", "9.04", "mmol/L", "", ["triglycerides-pancreatitis"]),
    "triglycerides below 800 in mmol/L": ("triglycerides", "9.03", "mmol/L", "", ["triglycerides-high"]),
    "ALT at the limit": ("alt", "40", "U/L", "", []),
    "ALT above it": ("alt", "41", "U/L", "", ["liver-raised"]),
    "ALT beneath three times": ("alt", "119", "U/L", "", ["liver-raised"]),
    "ALT at three times": ("alt", "120", "U/L", "", ["liver-three-times"]),
    "ALT by the laboratory's own limit": ("alt", "120", "U/L", "56", ["liver-raised"]),
    "ALT at three times that": ("alt", "168", "U/L", "56", ["liver-three-times"]),
    "AST at three times in µkat/L": ("ast", "2", "µkat/L", "", ["liver-three-times"]),
    "AST by a limit in µkat/L": ("ast", "2", "µkat/L", "0.7", ["liver-raised"]),
    "cholesterol at the limit": ("cholesterol", "200", "mg/dL", "", []),
    "cholesterol above it": ("cholesterol", "201", "mg/dL", "", ["cholesterol-raised"]),
    "CK at the limit": ("ck", "200", "U/L", "", []),
    "CK above it": ("ck", "201", "U/L", "", ["ck-raised"]),
    "CK at five times": ("ck", "1000", "U/L", "", ["ck-five-times"]),
}


@pytest.mark.parametrize(("test", "number", "unit", "upper", "codes"), ADVISED.values(), ids=ADVISED.keys())
def test_advice_at_its_threshold(test: str, number: str, unit: str, upper: str, codes: list[str]) -> None:
    assert [code for _test, code in laboratory.advice(result(test, number, unit, upper))] == codes


def test_each_threshold_stands_in_the_table() -> None:
    told = {code for *_, codes in ADVISED.values() for code in codes}
    assert told == {one.code for one in laboratory.THRESHOLDS}
    assert told >= laboratory.GRAVE


@pytest.mark.parametrize("fasting", [False, None])
def test_raised_triglycerides_without_a_fast_are_drawn_again(fasting: bool | None) -> None:
    raised = result("triglycerides", "200", "mg/dL", fasting=fasting)
    assert [code for _, code in laboratory.advice(raised)] == ["triglycerides-raised", "not-fasting"]
    usual = result("triglycerides", "100", "mg/dL", fasting=fasting)
    assert list(laboratory.advice(usual)) == []


def test_advice_in_the_order_of_the_tests() -> None:
    both = LaboratoryResult(DAY, {"ck": {"number": "300", "unit": "U/L"}, "alt": {"number": "50", "unit": "U/L"}})
    assert [test for test, _ in laboratory.advice(both)] == ["alt", "ck"]


#: Field and rule by which a result is refused, or None.
REFUSED: dict[str, tuple[LaboratoryResult, tuple[str, str] | None]] = {
    "a usual value": (result("alt", "30", "U/L"), None),
    "mmol/L that were meant": (result("triglycerides", "1.2", "mg/dL"), ("triglycerides", "value-impossible")),
    "mg/dL that were meant": (result("triglycerides", "180", "mmol/L"), ("triglycerides", "value-impossible")),
    "µkat/L that were meant": (result("alt", "0.5", "U/L"), ("alt", "value-impossible")),
    "beyond any body": (result("cholesterol", "2001", "mg/dL"), ("cholesterol", "value-impossible")),
    "a limit of nothing": (result("alt", "30", "U/L", "0"), ("alt", "value-impossible")),
    "a limit beyond any": (result("alt", "30", "U/L", "90000"), ("alt", "value-impossible")),
    "the least that is possible": (result("alt", "1", "U/L"), None),
    "the greatest that is possible": (result("alt", "20000", "U/L"), None),
    "a limit of the least": (result("alt", "30", "U/L", "1"), None),
    "a limit of the greatest": (result("alt", "30", "U/L", "20000"), None),
    "a usual limit": (result("alt", "30", "U/L", "40"), None),
    "of today": (LaboratoryResult(date(2026, 12, 2), {"alt": {"number": "30", "unit": "U/L"}}), None),
    "of the birth": (LaboratoryResult(date(2001, 4, 2), {"alt": {"number": "30", "unit": "U/L"}}), None),
    "a day to come": (
        LaboratoryResult(date(2026, 12, 3), {"alt": {"number": "30", "unit": "U/L"}}), ("drawn_on", "in-the-future")),
    "a day before the birth": (
        LaboratoryResult(date(1999, 1, 1), {"alt": {"number": "30", "unit": "U/L"}}), ("drawn_on", "before-birth")),
}  # fmt: skip


@pytest.mark.parametrize(("made", "refused"), REFUSED.values(), ids=REFUSED.keys())
def test_result_that_cannot_be_is_refused(made: LaboratoryResult, refused: tuple[str, str] | None) -> None:
    found = laboratory.refusal(made, date(2026, 12, 2), date(2001, 4, 2))
    assert (found and (found.field, found.rule)) == refused


@pytest.mark.parametrize(
    "values",
    [{}, {"psa": {"number": "1", "unit": "U/L"}}, {"alt": {"number": "1"}}, {"alt": {"number": "1", "unit": "mg/dL"}},
     {"alt": {"number": "x", "unit": "U/L"}}, {"alt": {"number": "-1", "unit": "U/L"}}, {"alt": 3},
     {"alt": {"number": "1", "unit": "U/L", "more": "x"}}, {"alt": {"number": 1, "unit": "U/L"}},
     {"alt": {"number": "NaN", "unit": "U/L"}}, {"alt": {"number": "1e99999999", "unit": "U/L"}}],
    ids=str,
)  # fmt: skip
def test_data_that_are_no_values_are_not_read(values: object) -> None:
    with pytest.raises(Refused):
        parse("laboratory_result", {"drawn_on": "2026-12-01", "values": values})


ALT = {"number": "1", "unit": "U/L"}

#: What is no values: the rule by which it is refused.
UNREAD: dict[str, tuple[object, str]] = {
    "nothing": ({}, "not-listed"),
    "a list": ([ALT], "not-listed"),
    "no test that is known": ({"psa": ALT}, "not-listed"),
    "a test that is known, and another": ({"alt": ALT, "psa": ALT}, "not-listed"),
    "a number alone": ({"alt": 3}, "not-listed"),
    "no unit": ({"alt": {"number": "1"}}, "not-listed"),
    "no number": ({"alt": {"unit": "U/L"}}, "not-listed"),
    "something more": ({"alt": {**ALT, "more": "x"}}, "not-listed"),
    "the unit of another test": ({"alt": {"number": "1", "unit": "mg/dL"}}, "not-listed"),
    "a number that is no text": ({"alt": {"number": 1, "unit": "U/L"}}, "not-listed"),
    "a number that is none": ({"alt": {"number": "x", "unit": "U/L"}}, "not-a-number"),
    "a limit that is no number": ({"alt": {**ALT, "upper": "x"}}, "not-a-number"),
    "a limit of nothing at all": ({"alt": {**ALT, "upper": ""}}, "not-a-number"),
    "a second test that is none": ({"alt": ALT, "ck": {"number": "-1", "unit": "U/L"}}, "not-a-number"),
}


@pytest.mark.parametrize(("raw", "refused"), UNREAD.values(), ids=UNREAD.keys())
def test_data_that_are_no_values_are_refused_by_their_rule(raw: object, refused: str) -> None:
    with pytest.raises(ValueError, match=rf"^{refused}$"):
        laboratory.values_of(raw)


def test_values_of_every_test_are_read_as_they_are() -> None:
    units = {test: next(iter(one)) for test, one in laboratory.UNITS.items()}
    values = {test: {"number": "1", "unit": unit, "upper": "2"} for test, unit in units.items()}
    assert laboratory.values_of(values) == values
    assert list(values) == list(laboratory.TESTS)


#: A number as it is typed, and as it is read; None where it is none.
NUMBERS: dict[str, tuple[str, str | None]] = {
    "whole": ("34", "34"),
    "a point": ("0.5", "0.5"),
    "a comma": ("5,1", "5.1"),
    "blanks around it": (" 34 ", "34"),
    "six figures": ("123456", "123456"),
    "seven figures": ("1234567", None),
    "four places": ("1.2345", "1.2345"),
    "five places": ("1.23456", None),
    "no places after the point": ("1.", None),
    "none before it": (".5", None),
    "two commas": ("1,2,3", None),
    "a sign": ("-1", None),
    "an exponent": ("1e3", None),
    "figures of another script": ("٣٤", None),
    "nothing": ("", None),
}


@pytest.mark.parametrize(("typed", "read"), NUMBERS.values(), ids=NUMBERS.keys())
def test_number_is_read_as_people_type_it(typed: str, read: str | None) -> None:
    if read is not None:
        assert laboratory.decimal(typed) == Decimal(read)
    else:
        with pytest.raises(ValueError, match=r"^not-a-number$"):
            laboratory.decimal(typed)


@pytest.mark.parametrize(("months", "taken"), [((), True), ((0, 2), True), ((2, 0), False), ((1, 1), False),
                                               ((12,), True), ((13,), False), ((-1,), False)])  # fmt: skip
def test_plan_is_of_months_in_order(months: tuple[int, ...], taken: bool) -> None:
    found = laboratory.plan_refusal(LaboratoryPlanned(months))
    assert (found and (found.field, found.rule)) == (None if taken else ("months", "not-listed"))


#: A record of the practice's schedule: its months, or the rule by which it is none.
SCHEDULES: dict[str, tuple[dict[str, object], tuple[int, ...] | str]] = {
    "two months": ({"months": [0, 2]}, (0, 2)),
    "as needed": ({"months": []}, ()),
    "every month": ({"months": list(range(13))}, tuple(range(13))),
    "out of order": ({"months": [2, 0]}, "not-listed"),
    "later than any course": ({"months": [13]}, "not-listed"),
    "no months": ({}, "not-a-whole-number"),
    "words": ({"months": ["2"]}, "not-a-whole-number"),
}


@pytest.mark.parametrize(("data", "found"), SCHEDULES.values(), ids=SCHEDULES.keys())
def test_schedule_of_a_practice_is_of_months_in_order(data: dict[str, object], found: tuple[int, ...] | str) -> None:
    if isinstance(found, tuple):
        assert laboratory.scheduled_months(data) == found
    else:
        with pytest.raises(ValueError, match=rf"^{found}$"):
            laboratory.scheduled_months(data)


def test_latest_result_of_a_day_counts() -> None:
    first, second = result("alt", "30", "U/L"), result("alt", "31", "U/L")
    earlier = LaboratoryResult(date(2026, 11, 1), first.values)
    assert laboratory.by_day([first, second, earlier]) == [earlier, second]


@pytest.mark.parametrize(("number", "doubled"), [("59", False), ("60", True), ("1", False)])
def test_value_of_twice_the_baseline(number: str, doubled: bool) -> None:
    assert laboratory.is_doubled("alt", Value(number, "U/L"), Value("0.5", "µkat/L")) == doubled


# --- pasted ---------------------------------------------------------------------------------------
#: A line: what is understood, as test, number, unit and limit; None where nothing is.
LINES: dict[str, tuple[str, str, str, str] | None] = {
    "ALT 34 U/L": ("alt", "34", "U/L", ""),
    "ALT: 34 U/L (7-56)": ("alt", "34", "U/L", "56"),
    "ALT (SGPT) 34 IU/L": ("alt", "34", "U/L", ""),
    "alt\t34\tu/l\t0 - 44": ("alt", "34", "U/L", "44"),
    "SGOT = 31 U/L [<40]": ("ast", "31", "U/L", "40"),
    "AST 131 H U/L (10-40)": ("ast", "131", "U/L", "40"),
    "Triglycerides 2,1 mmol/L": ("triglycerides", "2.1", "mmol/L", ""),
    "Triglicéridos: 180 mg/dL Ref: 0-150": ("triglycerides", "180", "mg/dL", "150"),
    "Cholesterol, Total 199 mg/dL": ("cholesterol", "199", "mg/dL", ""),
    "Colesterol total 5.1 mmol/l": ("cholesterol", "5.1", "mmol/L", ""),
    "CK 3.2 ukat/L": ("ck", "3.2", "µkat/L", ""),
    "- ALT 0.6 µkat/L": ("alt", "0.6", "µkat/L", ""),
    "Cholesterol HDL 50 mg/dL": None,
    "LDL Cholesterol 120 mg/dL": None,
    "ALT 34": None,
    "ALT 34 mg/dL": None,
    "ALT <5 U/L": None,
    "ALT ٣٤ U/L": None,
    "ALT 34 U/L (7-٥٦)": None,
    "ALT 34 U/L 2025-01-02": None,
    "Hemoglobin 14 g/dL": None,
    "hello": None,
}  # fmt: skip


@pytest.mark.parametrize(("line", "found"), LINES.items(), ids=LINES.keys())
def test_pasted_line(line: str, found: tuple[str, str, str, str] | None) -> None:
    pasted = read_lines(line)
    if found is None:
        assert not pasted.values
        assert pasted.not_understood == (" ".join(line.split()),)
    else:
        test, *value = found
        assert pasted.values == {test: Value(*value)}
        assert not pasted.not_understood


#: A test, and a unit as laboratories write it: the unit that is meant.
WRITTEN: dict[str, tuple[str, str]] = {
    "U/L": ("ALT", "U/L"), "IU/L": ("ALT", "U/L"), "UI/L": ("ALT", "U/L"), "u/l": ("CK", "U/L"),
    "mg/dl": ("Cholesterol", "mg/dL"), "MG/DL": ("Triglycerides", "mg/dL"), "mmol/l": ("Cholesterol", "mmol/L"),
    "µkat/l": ("ALT", "µkat/L"), "\N{GREEK SMALL LETTER MU}kat/l": ("AST", "µkat/L"), "ukat/l": ("CK", "µkat/L"),
}  # fmt: skip


@pytest.mark.parametrize(("written", "name", "unit"), [(one, *meant) for one, meant in WRITTEN.items()], ids=WRITTEN)
def test_pasted_unit_is_read_however_it_is_written(written: str, name: str, unit: str) -> None:
    (value,) = read_lines(f"{name} 31 {written}").values.values()
    assert value == Value("31", unit)


@pytest.mark.parametrize("written", ["g/L", "U/mL", "XX/L"])
def test_pasted_unit_that_nobody_knows_is_not_understood(written: str) -> None:
    assert read_lines(f"ALT 31 {written}").not_understood == (f"ALT 31 {written}",)


@pytest.mark.parametrize(("name", "test"), NAMES.items(), ids=NAMES.keys())
def test_pasted_name_is_that_of_its_test_in_any_case(name: str, test: str) -> None:
    unit = next(iter(laboratory.UNITS[test]))
    for written in (name, name.upper(), name.capitalize()):
        assert read_lines(f"{written}: 31 {unit}").values == {test: Value("31", unit)}


def test_pasted_report_gives_back_what_it_names_twice() -> None:
    pasted = read_lines("Name: Ana\n\nALT 34 U/L; AST 30 U/L\nALT 35 U/L\n")
    assert pasted.values == {"alt": Value("34", "U/L"), "ast": Value("30", "U/L")}
    assert pasted.not_understood == ("Name: Ana", "ALT 35 U/L")


@given(
    st.sampled_from([("ALT", "alt", "U/L"), ("Triglycerides", "triglycerides", "mmol/L"), ("CK", "ck", "µkat/L")]),
    st.decimals(Decimal("0.01"), 9999, places=2),
)
@SMALL
def test_value_that_is_written_as_a_line_is_read_back(kind: tuple[str, str, str], number: Decimal) -> None:
    name, test, unit = kind
    assert read_lines(f"{name} {number} {unit}").values == {test: Value(str(number), unit)}


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
@SMALL
def test_no_text_breaks_the_reading_and_no_line_is_lost(text: str) -> None:
    pasted = read_lines(text)
    assert bool(pasted.values or pasted.not_understood) == bool(text.replace(";", "").strip())
