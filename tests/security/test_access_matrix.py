"""Access control: every address with an object in it, opened and posted to by owner, colleague and stranger."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import amount
from tests.accounts.test_view_roles import EVERY, MACHINES
from tests.factories import as_

from .addresses import ROLE, ROWS, Row
from .fixtures import READERS, SiteFixture
from .reading import words_of
from .walking import ask
from .writes import undone, watched

#: Values for every form and button here: where access is not denied, they change something.
DAMAGE = {
    "sure": "on", "reason": "x", "decision": "down", "number": "ABCD2348", "born_on": "04/02/2001",
    "collected_on": "2026-12-14", "result": "positive", "setting": "clinic", "visit_on": "2026-12-14",
    "answer": "no", "category": "cannot_become_pregnant", "permitted": "no", "dose": "no", "days_supply": "30",
    "name": "X", "email": "x@example.org", "key": "5e0d6dd8-7b8f-4a53-a42c-4cf0b1d0f2a1",
}  # fmt: skip


def test_every_address_of_ours_stands_in_the_table() -> None:
    ours = {
        ":".join((*place.namespaces, place.name))
        for place in EVERY
        if not place.theirs and place.view.__name__ != "closed"
    }
    assert ours == {row.name for row in ROWS}, "give the new address its row in tests/security/addresses.py"
    assert ours >= MACHINES


def forbidden_to_the_whole_role(row: Row, reader: str) -> bool:
    """Whether the role alone shuts the page: then one reader of the role will do."""
    mine = ROLE.get(reader, "")
    return mine != "" and set(row.expected(reader)) <= {403, 405} and next(r for r in ROLE if ROLE[r] == mine) != reader


def first_of_its_kind(row: Row, reader: str) -> bool:
    """Whether this reader asks by every method: the first who gets just that, and in a run of everything each."""
    alike = (other for other in READERS if row.expected(other) == row.expected(reader))
    return amount.EVERYTHING or next(alike) == reader


def _unfilled(status: int) -> int:
    """The answer to a POST with nothing in it, where a form that is filled in wrongly gets `status`."""
    return 200 if status == 422 else status


@pytest.mark.parametrize("reader", READERS)
def test_what_each_reader_gets(site: SiteFixture, reader: str) -> None:
    client = as_(site.readers.get(reader))
    wrong = []
    for row in ROWS:
        if forbidden_to_the_whole_role(row, reader):
            continue
        path, expected = row.path(site), row.expected(reader)
        may_write = reader in row.open_to or row.public
        thorough = first_of_its_kind(row, reader)
        wrong += list(ask(client, path, (expected[0], _unfilled(expected[1])), thorough=thorough))
        with undone(), watched() as writes:
            sent = client.post(path, {"probe": "1"} if may_write else DAMAGE)
        moved = not (may_write and expected[1] == 302) and bool(writes)
        if sent.status_code != expected[1] or moved:
            wrong.append(f"{path}: a POST is answered {sent.status_code}, written: {writes.tables}")
    assert not wrong


def test_who_is_not_signed_in_is_sent_to_sign_in_and_nowhere_else(site: SiteFixture) -> None:
    client = as_(None)
    for row in ROWS:
        answer = client.post(row.path(site), DAMAGE)
        if row.expected("nobody") == (302, 302) and not row.public:
            assert answer["Location"].startswith("/account/login/?next=/"), row.name


def test_what_is_anothers_is_told_from_what_is_not_there_by_nothing(site: SiteFixture) -> None:
    """The same words and as many queries: nobody learns that a number in an address belongs to somebody."""
    nothing = "00000000-0000-4000-8000-000000000000"
    for reader, path, theirs in (
        ("other prescriber", "/prescriber/patients/{}/", site.patient.pk),
        ("other pharmacist", "/counter/authorizations/{}/", site.authorization.pk),
        ("other patient", "/documents/{}/", site.signed_pdf.pk),
        ("other guardian", "/guardian/{}/sign/birth-defects/", site.minor.pk),
    ):
        client, answers = as_(site.readers[reader]), []
        client.get(path.format(nothing))  # content types and the like are known from here on
        for identifier in (nothing, theirs):
            with CaptureQueriesContext(connection) as queries:
                answer = client.get(path.format(identifier))
            answers.append((answer.status_code, words_of(answer), len(queries)))
        assert answers[0] == answers[1], reader
        assert answers[0][0] == 404
