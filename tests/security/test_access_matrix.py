"""Access control: every address with an object in it, opened and posted to by owner, colleague and stranger.

Everybody and everything in the site has a mark in its name. Each answer is looked at (`looks.py`): names stand, as
letters, on the pages of the people concerned, and in no address, title, line of a log or count; what is typed comes
back as letters; a page in Spanish has no English; and where something is entered it says how that is put right.
"""

import re
from collections.abc import Collection, Iterator
from contextlib import nullcontext
from itertools import takewhile
from typing import Any

import pytest
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import resolve

from accounts.models import User
from tests import amount
from tests.accounts.test_view_roles import EVERY, MACHINES
from tests.factories import as_
from tests.web.refusals import drawn_once
from tests.web.unrendered import unrendered

from .addresses import ROLE, ROWS, Row
from .fixtures import READERS, SiteFixture
from .looks import PERSON, Lines, Looks
from .marked import MARK, TYPED, strike
from .reading import words_of
from .walking import WAYS, ask
from .writes import undone, watched

#: Values for every form and button here: where access is not denied, they change something.
DAMAGE = {
    "sure": "on", "reason": "x", "decision": "down", "number": "ABCD2348", "born_on": "04/02/2001",
    "collected_on": "2026-12-14", "result": "positive", "setting": "clinic", "visit_on": "2026-12-14",
    "answer": "no", "category": "cannot_become_pregnant", "permitted": "no", "dose": "no", "days_supply": "30",
    "name": "X", "email": "x@example.org", "key": "5e0d6dd8-7b8f-4a53-a42c-4cf0b1d0f2a1",
}  # fmt: skip
#: What comes before the mark on the pages of each reader: the free texts that their pages are looked at for.
SHOWN = {
    "nobody": "Typed",
    "prescriber": "Ana Guardian Lindgren Mina Mora Practice Reason Robin Safeguard Sought Struck Typed",
    "delegate": "Ana Guardian Lindgren Mina Mora Reason Robin Safeguard Sought Struck Typed",
    "other prescriber": "Robin Sought",
    "designee": "Ana Guardian Lindgren Mina Mora Practice Reason Robin Safeguard Sought Struck Typed",
    "patient": "Key Pharmacy Practice Robin Typed",
    "guardian": "Mina Practice Robin Typed",
    "pharmacist": "Pharmacy Robin Typed",
    "officer": "Ana Body Email Fault Lindgren Mina Mora Pharmacy Practice Reader Robin Typed",
}

#: Each role's first reader, to whom most of its pages are opened; and nobody.
FIRST = ("nobody", *(next(one for one in ROLE if ROLE[one] == role) for role in dict.fromkeys(ROLE.values())))


def test_every_address_of_ours_stands_in_the_table() -> None:
    ours = {
        ":".join((*place.namespaces, place.name))
        for place in EVERY
        if not place.theirs and place.view.__name__ != "closed"
    }
    assert ours == {row.name for row in ROWS}, "give the new address its row in tests/security/addresses.py"
    assert ours >= MACHINES


def alike(reader: str) -> list[str]:
    """All of that reader's role; whose practice or pharmacy is not approved is none of them."""
    if reader == "nobody" or reader.startswith("applicant"):
        return [reader]
    return [one for one in ROLE if ROLE[one] == ROLE[reader] and not one.startswith("applicant")]


#: Where each row stands in the table: who takes turns does so by it.
_PLACE = {id(row): place for place, row in enumerate(ROWS)}
_named: dict[str, frozenset[str] | None] = {}


def shut_out(row: Row, site: SiteFixture) -> list[str]:
    """The readers whose role the view does not name; machines' views name none.

    That the mark shuts out whom it does not name: `tests/accounts/test_view_roles.py`.
    """
    if row.name not in _named:
        _named[row.name] = getattr(resolve(row.path(site)).func, "roles", None)
    roles = _named[row.name]
    return [] if roles is None else [reader for reader in ROLE if ROLE[reader] not in roles]


def _rule(row: Row) -> tuple[object, ...]:
    """Which page, and the answer to each reader: rows of one rule differ in what they are about."""
    return row.name, *map(row.expected, READERS)


#: The rows of each rule, by their places.
_ALIKE: dict[tuple[object, ...], list[int]] = {}
for _place, _row in enumerate(ROWS):
    _ALIKE.setdefault(_rule(_row), []).append(_place)


def is_turn(row: Row, reader: str) -> bool:
    """Whether it is a reader's turn at one of several rows of one rule: each third of three or more, all of them in
    three."""
    rows = _ALIKE[_rule(row)]
    return len(rows) < 3 or (rows.index(_PLACE[id(row)]) + READERS.index(reader)) % 3 == 0


def asks(row: Row, reader: str, site: SiteFixture) -> bool:
    """Whether that reader opens that address.

    Of a role that is answered alike, the first: what they open says nothing about whose it is. Of those whose role the
    view does not name, one, by turns. What is public asks nobody whether they are approved, nor of which role they are:
    two roles open it, by turns. Of several rows of one rule, as the entries of a patient are, all but the first of a
    role open each third. In a run of everything each reader opens all but what is shut to the whole role.
    """
    first = alike(reader)[0] == reader
    answers = {row.expected(one) for one in alike(reader)}
    if amount.EVERYTHING:
        return first or not all({*answer} <= {403, 405} for answer in answers)
    if row.public and reader.startswith("applicant"):
        return False
    shut = shut_out(row, site)
    if reader in shut:
        return shut[_PLACE[id(row)] % len(shut)] == reader
    if first and reader != "nobody" and row.expected(reader)[0] in (200, 302):
        return not row.public or (_PLACE[id(row)] + FIRST.index(reader)) % 3 == 0
    return (first or len(answers) > 1) and is_turn(row, reader)


def ways(row: Row, reader: str, site: SiteFixture) -> Collection[str]:
    """By which methods a reader asks beside GET: the first of those who are answered alike, and in a run of everything
    each reader by each.

    Whoever is let in asks by OPTIONS and by an empty POST. Whoever is denied first asks by HEAD, which renders no page
    then: whether there is such a method is asked before whose the page is. Others who are denied ask by another method.
    """
    if amount.EVERYTHING:
        return WAYS
    own, answers = row.expected(reader), list(dict.fromkeys(row.expected(one) for one in READERS))
    if next(one for one in READERS if row.expected(one) == own and asks(row, one, site)) != reader:
        return ()
    let_in = next((answer for answer in answers if {200, 422} & {*answer}), answers[0])
    denied = [answer for answer in answers if answer not in (let_in, (302, 302))]
    if own == let_in:
        return WAYS if row.role_first or not denied else WAYS[1:]
    return WAYS[:1] if own in denied[:1] else WAYS[1 + (_PLACE[id(row)] + answers.index(own)) % 2 :][:1]


def methods(row: Row, reader: str, site: SiteFixture) -> tuple[bool, bool]:
    """Whether a reader asks by GET, and by POST: by one of both, by turns, who is answered as another reader is.

    That is whose role the view does not name, and who is not signed in, as they are turned away before it is asked how
    they ask (`tests/accounts/test_view_roles.py`); who is let in beside another of the role; and whose practice is not
    approved, where they find nothing.
    """
    own = row.expected(reader)
    before = takewhile(lambda one: one != reader, alike(reader))
    is_another = (
        reader in shut_out(row, site)
        or (reader == "nobody" and not row.public)
        or (own[0] == 200 and any(row.expected(one) == own for one in before))
        or (own == (404, 404) and reader.startswith("applicant"))
    )
    if amount.EVERYTHING or not is_another or 405 in own:
        return True, True
    by_get = (_PLACE[id(row)] // 2 + READERS.index(reader)) % 2 == 0
    return by_get, not by_get


def languages(row: Row, reader: str) -> Collection[str]:
    """In which languages a reader asks: the first of a role to whom a page opens in Spanish, the others in English.

    In a run of everything each in Spanish, and what opens in English too.
    """
    if amount.EVERYTHING:
        return ("es", "en") if row.expected(reader)[0] == 200 else ("es",)
    before = takewhile(lambda one: one != reader, (one for one in ROLE if ROLE[one] == ROLE.get(reader)))
    return ("en",) if row.expected(reader) in map(row.expected, before) else ("es",)


def is_drawn(row: Row, reader: str) -> bool:
    """Whether what a reader is shown is drawn: all that is in Spanish, and of what others of a role then read in
    English, by the same templates, a third, by turns."""
    return "es" in languages(row, reader) or (_PLACE[id(row)] + READERS.index(reader)) % 3 == 0


def _unfilled(status: int) -> int:
    """The answer to a POST with nothing in it, where a form that is filled in wrongly gets `status`."""
    return 200 if status == 422 else status


class Walk:
    """One reader before all addresses, in one language: what is wrong with what they get."""

    def __init__(self, site: SiteFixture, reader: str, language: str, lines: Lines) -> None:
        User.objects.update(language=language)
        self.site, self.reader, self.lines = site, reader, lines
        self.client = as_(site.readers.get(reader))
        self.client.defaults["HTTP_ACCEPT_LANGUAGE"] = language
        self.looks = Looks(site, reader, language)

    def ask(self, row: Row) -> Iterator[str]:
        """Ask that address by each method."""
        path, expected = row.path(self.site), row.expected(self.reader)

        def look(way: str, answer: Any) -> Iterator[str]:
            if way in ("GET", "an empty POST"):
                yield from self.looks.at(row, answer) if way == "GET" else self.looks.at_what_comes_back(answer)

        beside = ways(row, self.reader, self.site)
        by_get, by_post = methods(row, self.reader, self.site)
        # Whether there is such a method is asked before whose the page is: one of those who are answered alike asks it.
        with undone(), nullcontext() if is_drawn(row, self.reader) else unrendered():
            if (by_get and expected[0] != 405) or beside:
                # Who is shut out is told no alike by both.
                by_head_alone = "HEAD" in beside and not (by_get and by_post)
                yield from ask(
                    self.client, path, (expected[0], _unfilled(expected[1])), ways=beside, look=look,
                    by_get=by_get and not by_head_alone,
                    listening=self.lines.heard() if expected[0] == 200 else None,
                )  # fmt: skip
            # Whether there is a POST at all the empty one has asked.
            if by_post and (expected[1] != 405 or (beside and (amount.EVERYTHING or WAYS[2] not in beside))):
                yield from self.post(row, path, expected[1])

    def post(self, row: Row, path: str, expected: int) -> Iterator[str]:
        """Send what changes something, where access is not denied, or what is not taken."""
        may_write = self.reader in row.open_to or row.public
        form = DAMAGE if not may_write else {"probe": "1"} if expected == 302 else TYPED
        with watched() as writes:
            sent = self.client.post(path, form)
        if sent.status_code != expected or (writes and not (may_write and expected == 302)):
            yield f"{path}: a POST is answered {sent.status_code}, written: {writes.tables}"
        if self.reader == "nobody" and row.expected("nobody") == (302, 302) and not row.public:
            yield from [f"{path}: sent elsewhere"] * (not sent["Location"].startswith("/account/login/?next=/"))
        if row.name not in MACHINES:
            yield from self.looks.at_what_comes_back(sent)

    def beside(self) -> Iterator[str]:
        """What stands on pages that no row is about: what was looked for, another patient, allauth's forms, letters."""
        answers = []
        if ROLE.get(self.reader) in ("prescriber", "designee"):
            answers.append(self.client.post("/prescriber/", {"q": f"Sought{MARK}"}, follow=True))
            answers.append(self.client.get(f"/prescriber/patients/{self.site.minor.pk}/"))
            if self.reader != "other prescriber":
                strike(self.site)
            answers.append(self.client.get(f"/prescriber/patients/{self.site.patient.pk}/"))
        for place in EVERY if self.reader in ("nobody", "patient") else ():
            if place.theirs and "log" not in place.name:
                answers.append(self.client.get(place.path()))
                with undone():
                    answers.append(self.client.post(place.path(), TYPED))
        if ROLE.get(self.reader) == "officer":
            with override_settings(DEMO=True):
                answers.append(self.client.get("/office/outbox/"))
        for answer in answers:
            yield from self.looks.at_what_comes_back(answer)


def counted(site: SiteFixture) -> Iterator[str]:
    """Who or what is told by the figures of an installation."""
    text = Client().get("/metrics").content.decode()
    assert "clearfill_" in text
    named = [person for one in (site.patient, site.minor) for person in (str(one.pk), one.number) if person in text]
    samples = " ".join(line for line in text.splitlines() if not line.startswith("#"))
    yield from (f"{it} is counted" for it in [*named, *re.findall(f"(?i){PERSON}|isotretinoin", samples)])


@pytest.mark.parametrize("reader", READERS)
def test_what_each_reader_gets(marked: SiteFixture, reader: str) -> None:
    """Who may what; and of each page whether it discloses, takes what was typed for more, or is not translated."""
    wrong: list[str] = []
    lines, seen, put_right = Lines(), set[str](), 0
    for tongue in ("es", "en"):
        with undone(), drawn_once():
            walk = Walk(marked, reader, tongue, lines)
            for row in ROWS:
                if asks(row, reader, marked) and tongue in languages(row, reader):
                    wrong += walk.ask(row)
            wrong += walk.beside() if tongue == "es" or amount.EVERYTHING else []
            seen, put_right = seen | walk.looks.marked, put_right + walk.looks.put_right
    wrong += [*lines.about_somebody(), *counted(marked)]
    assert not wrong, "\n".join(wrong)
    assert seen >= set(SHOWN.get(reader, "").split())
    if reader in FIRST:
        assert lines.written, "nothing was searched"
        assert put_right, "no page was looked at"


def test_whom_a_view_does_not_name_the_table_shuts_out(site: SiteFixture) -> None:
    for row in ROWS:
        for reader in shut_out(row, site):
            assert 403 in row.expected(reader), (row.name, reader)
            assert set(row.expected(reader)) <= {403, 405}, (row.name, reader)


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
