"""Each page on which something is entered says how a wrong entry is put right, to each reader."""

from html import unescape
from typing import Any

import pytest
from django.utils.html import strip_tags

from compliance.words.corrections import correction_sentences
from tests.factories import as_
from web.shared.put_right import ENTERED_ON

from .addresses import ROLE, ROWS, Row
from .fixtures import SiteFixture


def _said_on(client: Any, row: Row, site: SiteFixture) -> str:
    return unescape(strip_tags(client.get(row.path(site)).content.decode()))


@pytest.mark.parametrize("role", ["", "prescriber", "designee", "patient", "guardian", "pharmacist", "officer"])
def test_each_page_says_how_its_entry_is_put_right(site: SiteFixture, role: str) -> None:
    checked = 0
    for row in ROWS:
        slug = row.about(site).get("slug") if row.name == "prescriber:entry" else None
        kinds = ENTERED_ON.get(f"{row.name}/{slug}" if slug else row.name, ())
        readers = [None] if row.public and not role else [r for r in row.open_to if ROLE[r] == role]
        if not kinds or not readers or row.expected(readers[0] or "nobody")[0] != 200:
            continue
        if row.about(site).get("key") == site.answer_key:
            continue  # a no: nothing was authorized, and nothing is handed over
        text = _said_on(as_(site.readers[readers[0]] if readers[0] else None), row, site)
        for sentence in correction_sentences(kinds, role):
            assert str(sentence) in text, (row.name, slug)
        checked += 1
    assert checked
