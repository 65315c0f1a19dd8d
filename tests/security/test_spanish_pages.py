"""Every page of every reader in Spanish: no English of the catalog is left on it, nor in what its forms refuse."""

from typing import Any

import pytest

from accounts.models import User
from tests import amount
from tests.factories import as_
from tests.spanish import english_in, names_in_the_data

from .addresses import ROWS
from .fixtures import READERS, SiteFixture
from .writes import undone

#: One reader of each kind of page; the others see the same with other people's data.
FIRST = (
    "nobody", "prescriber", "designee", "patient", "fellow patient", "guardian", "pharmacist", "officer",
    "second officer", "applicant", "applicant at the counter",
)  # fmt: skip


@pytest.mark.parametrize("reader", READERS if amount.EVERYTHING else FIRST)
def test_no_page_in_spanish_shows_english(site: SiteFixture, reader: str) -> None:
    User.objects.update(language="es")
    client = as_(site.readers.get(reader))
    found: dict[str, list[str]] = {}
    data = names_in_the_data()
    for row in ROWS:
        get, post = row.expected(reader)
        path = row.path(site)
        with undone():
            answers = [client.get(path, headers={"Accept-Language": "es"})] if get in (200, 404) else []
        if post == 422:
            with undone():
                answers.append(client.post(path, {"probe": "1"}, headers={"Accept-Language": "es"}))
        for answer in answers:
            if english := english_of(answer, data):
                found[f"{row.name} {answer.status_code}"] = english
    assert not found, "\n".join(f"{page}: {line}" for page, lines in found.items() for line in lines)


def english_of(answer: Any, data: frozenset[str]) -> list[str]:
    """The English on that page, if it is one; it says itself that it is in Spanish."""
    if not answer.headers.get("Content-Type", "").startswith("text/html"):
        return []
    page = answer.content.decode()
    return english_in(page, data) + ([] if '<html lang="es">' in page else ["is not in Spanish"])
