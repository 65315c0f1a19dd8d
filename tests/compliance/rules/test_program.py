"""What a program answers about its own tables, and what it does not list."""

from dataclasses import replace
from datetime import date

import pytest

from compliance.rules.editions import NoEdition
from compliance.rules.entries import refusal
from compliance.rules.programs.isotretinoin_us import CAN, EDITION_2023, ISOTRETINOIN_US
from compliance.rules.records import CategoryChanged, Discontinued, Enrolled, PregnancyTest, Record
from compliance.rules.refusals import Refusal
from tests.compliance.rules.second_program import SECOND
from tests.histories import HistoryFactory


def test_documents_of_a_program_are_those_of_its_categories_each_once() -> None:
    assert ISOTRETINOIN_US.documents == ("patient-information", "birth-defects")
    assert SECOND.documents == ("agreement",)


def test_findings_of_a_program_are_those_of_all_its_proofs() -> None:
    assert ISOTRETINOIN_US.findings == {
        "fsh": "post-menopausal", "hcg": "negative", "estradiol": "low", "progesterone": "absent",
    }  # fmt: skip
    assert SECOND.findings == {}


def test_edition_by_code_is_its_latest_version() -> None:
    corrected = replace(EDITION_2023, version=2, known_from=date(2024, 1, 1))
    program = replace(ISOTRETINOIN_US, editions=(corrected, *ISOTRETINOIN_US.editions))
    assert program.edition("2023") is corrected
    assert program.edition("2021").code == "2021"


def test_edition_by_unknown_code_is_refused() -> None:
    with pytest.raises(NoEdition, match="1999"):
        ISOTRETINOIN_US.edition("1999")


#: Name -> (record, refusal). Whatever else is wrong, it is refused for what the program does not list.
NOT_LISTED: dict[str, tuple[Record, Refusal]] = {
    "a course of another category": (Enrolled("x"), Refusal("category", "not-listed")),
    "a change to another category": (CategoryChanged("x", "r"), Refusal("category", "not-listed")),
    "a test in another place": (
        PregnancyTest(date(2026, 11, 23), "negative", "pharmacy"), Refusal("setting", "not-listed")),
}  # fmt: skip


@pytest.mark.parametrize("name", NOT_LISTED)
def test_record_that_the_program_does_not_list_is_refused(name: str) -> None:
    record, expected = NOT_LISTED[name]
    over = HistoryFactory(date(2026, 11, 23)).enter(0.5, Discontinued("r"))
    for history in (HistoryFactory(date(2026, 11, 23)).begun(), over):
        assert refusal(history.ask(1).history, history.entries, record, history.at(1)) == expected


def test_record_that_the_program_lists_is_not_refused_for_it() -> None:
    history = HistoryFactory(date(2026, 11, 23)).begun()
    taken = PregnancyTest(date(2026, 11, 23), "negative", "home")
    assert refusal(history.ask(1).history, history.entries, taken, history.at(1)) is None
    same = refusal(history.ask(1).history, history.entries, CategoryChanged(CAN, "r"), history.at(1))
    assert same == Refusal("category", "same-category")
