"""Rows of the log keep the kind under which their hashes were made; they are read under today's name."""

import pytest

from compliance.rules.records import FORMATS, KINDS, RENAMED_KINDS, PdfSealed, dump, load, names_of


def test_paper_made_is_read_as_pdf_sealed() -> None:
    record = load("paper_made", 1, {"signature": 3, "paper": "b0d1", "sha256": "ab"})
    assert record == PdfSealed(3, "b0d1", "ab")
    assert (record.kind, dump(record)) == ("pdf_sealed", {"signature": 3, "pdf": "b0d1", "sha256": "ab"})


def test_names_of_a_kind_are_todays_and_older_ones() -> None:
    assert names_of(PdfSealed) == {"pdf_sealed", "paper_made"}


@pytest.mark.parametrize("old", RENAMED_KINDS)
def test_renamed_kind_is_written_no_more(old: str) -> None:
    assert old not in KINDS
    assert old not in FORMATS
    assert RENAMED_KINDS[old][0] in KINDS
