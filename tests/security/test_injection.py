"""Injection: input in a search, a filter or an address is data, never a piece of SQL or a pattern."""

from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from itertools import product
from uuid import uuid4

import pytest
from django.test import Client

from patients.models import Patient
from patients.search import cleaned
from patients.visibility import visible_patients
from tests import amount
from tests.factories import as_
from tests.web.unrendered import unrendered

from .fixtures import SiteFixture
from .writes import watched

pytestmark = pytest.mark.usefixtures("no_time_passes")

#: What would find everything, wait, fail or destroy if it were taken as SQL, or as a pattern.
HOSTILE = {
    "always true": "' OR '1'='1",
    "always true, for a number": "1 OR 1=1",
    "a comment": "x'--",
    "a second statement": "'; DROP TABLE patients_patient;--",
    "a union": "' UNION SELECT password, email, name FROM accounts_user--",
    "a wait": "'||pg_sleep(10)||'",
    "a quoted name": '" OR ""="',
    "a dollar quote": "$$; SELECT 1; $$",
    "a backslash": "\\'",
    "any letters": "%",
    "any letter": "_",
    "an escaped pattern": "\\%",
    "a regular expression": ".*",
    "a parameter of ours": "%s",
    "a parameter with a name": "%(actor)s",
    "a brace": "{}",
    "a NUL": "\x00",
    "letters from right to left": "\u202e",
    "a letter of two halves": "\U0001f600",
    "long": "x" * 5000,
}


def patients_on(page: str) -> set[str]:
    """The patients whose pages a list leads to."""
    return {str(pk) for pk in Patient.objects.values_list("pk", flat=True) if str(pk) in page}


def by_turns[T](values: Iterable[T], turn: int, turns: int) -> list[T]:
    """One of so many values, by turns; in a run of everything all of them."""
    return [value for place, value in enumerate(values) if amount.EVERYTHING or (place + turn) % turns == 0]


@pytest.mark.parametrize("reader", ["prescriber", "designee"])
def test_the_worklist_finds_nobody_by_it(site: SiteFixture, reader: str) -> None:
    client = as_(site.readers[reader])
    with watched() as writes:
        for name, typed in by_turns(HOSTILE.items(), ["prescriber", "designee"].index(reader), 2):
            answer = client.post("/prescriber/", {"q": typed}, follow=True)
            assert answer.status_code == 200, name
            if cleaned(typed):  # of a NUL nothing is left to look for
                assert patients_on(answer.content.decode()) == set(), name
    assert writes.tables == []


def test_the_worklist_is_never_longer_than_what_is_ones_own(site: SiteFixture) -> None:
    own = {str(pk) for pk in visible_patients(site.readers["prescriber"]).values_list("pk", flat=True)}
    client = as_(site.readers["prescriber"])
    assert patients_on(client.get("/prescriber/").content.decode()) <= own
    for typed in (site.patient.family_name, site.patient.number, "Mo"):
        assert patients_on(client.post("/prescriber/", {"q": typed}, follow=True).content.decode()) <= own, typed


def lookups(site: SiteFixture) -> Iterator[tuple[str, Client, str, dict[str, str]]]:
    """The forms that look something up, with all but that as it should be: name, who, where, what."""
    counter = {"born_on": "04/02/2001", "days_supply": "30"}
    officer = as_(site.readers["officer"])
    yield "number", as_(site.readers["pharmacist"]), "/counter/", counter
    yield "number", officer, "/office/erasures/", {}
    yield "first", officer, "/office/links/", {"second": site.patient.number, "reason": "x"}
    yield "second", officer, "/office/links/", {"first": site.patient.number, "reason": "x"}
    yield "email", officer, "/office/accounts/", {"sure": "on"}
    yield "npi", as_(site.readers["prescriber"]), f"/prescriber/patients/{site.patient.pk}/hand-over/", {}
    yield "npi", as_(site.readers["prescriber"]), "/prescriber/practice/delegates/", {}
    yield "login", Client(), "/account/login/", {"password": "x"}
    yield "email", Client(), "/account/password/reset/", {}


def test_no_look_up_finds_anybody_by_it(site: SiteFixture) -> None:
    # The pages are drawn with each sort of value in `test_forms.py`.
    with watched() as writes, nullcontext() if amount.EVERYTHING else unrendered():
        for turn, (field, client, path, rest) in enumerate(lookups(site)):
            for name, typed in by_turns(HOSTILE.items(), turn, 3):
                answer = client.post(path, rest | {field: typed, "key": str(uuid4())})
                assert answer.status_code in (200, 422, 429), (path, field, name, answer.status_code)
    # Look-ups that found nobody pause whoever tries, which is told; and a letter goes to whoever asks for a link.
    assert set(writes.tables) <= {"accounts_user", "ledger_record", "outbox_message"}


#: By which a list is told its place: a page of each has them.
PLACES = ("after", "before")
#: Every page that reads its address beyond the path, with a reader.
FILTERS = {
    "/prescriber/": ("prescriber", ("stage", "missing", "mine", "search", "list", *PLACES)),
    "/office/certifications/": ("officer", ("kind", "after", "before")),
    "/office/duplicates/": ("officer", PLACES),
    "/office/overdue/": ("officer", PLACES),
    "/office/request-log/": ("officer", PLACES),
    "/office/outbox/": ("officer", PLACES),
    "/office/erasures/": ("officer", PLACES),
    "/office/accounts/": ("officer", PLACES),
    "/office/links/": ("officer", PLACES),
    "/counter/authorizations/": ("pharmacist", PLACES),
    "/patient/record/": ("patient", PLACES),
    "/patient/record/access-log/": ("patient", PLACES),
}
NUMBERS = ("-1", "0", "1.5", "NaN", "1e9", "9" * 300, "9" * 5000, "9223372036854775808", "٣", "", "last")


def typed_into(path: str) -> Iterator[tuple[str, str, bool]]:
    """A value in a filter of the page, alone or as one of two; in a run of everything each in each and both ways.

    Else each value stands in a filter of the page's own, and before or after a place on a fourth of the pages: what
    reads the places of a list is the same code on each.
    """
    _reader, names = FILTERS[path]
    values = (*HOSTILE.values(), *NUMBERS)
    if amount.EVERYTHING:
        yield from product(names, values, (False, True))
        return
    own, page = [name for name in names if name not in PLACES], [*FILTERS].index(path)
    for turn, typed in enumerate(values if own else ()):
        yield own[turn % len(own)], typed, turn // len(own) % 2 == 0
    for turn, typed in by_turns(enumerate(values), page, 4):
        yield PLACES[turn // 4 % 2], typed, turn // 8 % 2 == 0


@pytest.mark.parametrize("path", FILTERS)
def test_no_filter_takes_it_for_more_than_words(site: SiteFixture, path: str) -> None:
    client = as_(site.readers[FILTERS[path][0]])
    with watched() as writes:
        alone = 0
        for name, typed, is_twice in typed_into(path):
            # Of two the last is read, which is none of these; of what stands alone each second page is drawn.
            alone += not is_twice
            with nullcontext() if amount.EVERYTHING or (not is_twice and alone % 2) else unrendered():
                answer = client.get(path, {name: [typed, "2"] if is_twice else typed})
            assert answer.status_code == 200, (name, typed[:40], is_twice)
    assert writes.tables == []


def test_a_word_that_is_no_text_is_refused_or_read_as_one(site: SiteFixture) -> None:
    """Bytes that are no letters, in an address and in a form."""
    client = as_(site.readers["prescriber"])
    for raw in ("%ff%fe", "%00", "%ed%a0%80", "%c0%80", "%"):
        assert client.get("/prescriber/", QUERY_STRING=f"stage={raw}&page={raw}").status_code == 200, raw
        sent = client.post("/prescriber/", f"q={raw}&stage={raw}", content_type="application/x-www-form-urlencoded")
        assert sent.status_code == 302, raw
        assert client.get("/prescriber/").status_code == 200, raw
        assert client.get("/", PATH_INFO=f"/prescriber/patients/{raw}/").status_code == 404, raw
