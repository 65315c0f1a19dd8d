"""Every form that any reader is shown, field by field, with what nobody in their right mind would type.

Everything else in the form would pass: it is signed with the right credentials, and dated yesterday.

What a field refuses by itself is typed into several fields of a form at once: each is read and answered by itself.

One value of each sort meets a field of each class, and of each kind, which is what the same code reads and draws, the
first of a class or every other sort, by turns; each value meets a field of each class that makes a number, a date or
the like of it; each field meets a value, and each form one from each reader. In a run of everything each field meets
each value from each reader. The token of a form: `test_csrf.py`.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from http.cookies import SimpleCookie
from itertools import count, cycle, islice, product, takewhile
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.forms import BaseForm, Field
from django.http import QueryDict
from django.test import Client
from django.utils.datastructures import MultiValueDict
from django.utils.html import escape

from accounts.models import User
from tests import amount
from tests.accounts.test_view_roles import EVERY
from tests.factories import PASSWORD, as_
from tests.web.opened import read_through

from .addresses import ROLE, ROWS
from .fixtures import SiteFixture
from .reading import Form, Page
from .writes import undone

#: What is typed into each field, one after the other; most fields take the values of one sort for the same.
SORTS: tuple[dict[str, str | list[str]], ...] = (
    {"nothing": ""},
    {"a script": "<script>alert(1)</script>", "out of an attribute": '"><img src=x onerror=alert(1)>'},
    # For another interpreter.
    {
        "a template": "{{7777777*7777777}}{% debug %}",
        "another format": "{0.__class__}%(key)s${7777777*7777777}",
        "SQL that is always true": "' OR '1'='1",
        "SQL that drops": "'; DROP TABLE patients_patient;--",
    },
    {"a NUL": "a\x00b"},
    {"letters from right to left": "\u202egnirts", "a letter that is none": "\ufffe\uffff"},
    {"100 kB": "x" * 100_000, "100 kB of brackets": "[" * 100_000},
    {"a list": ["1", "2", "'"]},
    # In the syntax of something else.
    {
        "the wrong JSON": '{"id": [], "response": {"clientDataJSON": 1}, "type": {}}',
        "a path": "../../etc/passwd",
        "a line of a header": "x\r\nSet-Cookie: stolen=1",
        "a line of a header, encoded": "%0d%0aSet-Cookie:stolen=1",
    },
    {
        "huge": "9" * 400,
        "just too large": "9223372036854775808",
        "just too large for JSON": "9007199254740992",
    },
    {"negative": "-1", "not a number": "NaN", "without end": "1e309", "other digits": "٣٠"},
    {
        "the year 1": "0001-01-01",
        "the year 9999": "9999-12-31",
        "the year 10000": "10000-01-01",
        "no such day": "2026-02-30",
    },
)
#: Classes of field that make something else of what was typed: a number, a date, an id, JSON; and the plainest of all.
READ = frozenset({
    "CharField", "BirthDateField", "DateField", "DecimalField", "IntegerField", "MeasuredField", "KeyField", "_Answer",
})  # fmt: skip
HOSTILE: dict[str, str | list[str]] = {name: value for sort in SORTS for name, value in sort.items()}
#: The readers, and how many different forms each is shown at least. In a quick run the other prescriber opens only what
#: the first has not opened.
LEAST = {
    "nobody": 6, "prescriber": 15, "other prescriber": amount.share(4, 1), "designee": 3, "patient": 8, "guardian": 4,
    "pharmacist": 5, "officer": 6,
}  # fmt: skip
#: What neither a form nor a page may make of it: nothing is calculated, nothing stands there as it was typed.
CALCULATED = "60493811617284"


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody before the forms."""

    name: str
    user: User | None
    client: Client
    cookies: str
    #: Whom a field may name, by the end of the address where it matters.
    somebody: dict[str, str]

    @classmethod
    def of(cls, site: SiteFixture, name: str) -> "Reader":
        user = site.readers.get(name)
        client = as_(user)
        client.raise_request_exception = False
        if user is not None:
            client.post("/account/reauthenticate/", {"password": PASSWORD})
        somebody = {
            "number": site.patient.number, "first": site.patient.number, "second": site.minor.number,
            "delegates/npi": site.clinic.other.npi, "accounts/email": site.readers["patient"].email,
            
        }  # fmt: skip
        return cls(name, user, client, client.cookies.output(header="", sep=";"), somebody)

    def send(self, form: Form, data: dict[str, Any]) -> Any:
        """The answer to one request, as if there had been none before."""
        self.client.cookies = SimpleCookie(self.cookies)
        ask = self.client.get if form.method == "get" else self.client.post
        return ask(form.action, data)

    def good(self, form: Form) -> dict[str, str]:
        """The form as it would pass."""
        good = form.filled()
        for name, value in self.somebody.items():
            place, _, field = name.rpartition("/")
            if field in good and place in form.action:
                good[field] = value
        return good


def read_to_the_end(reader: Reader, site: SiteFixture) -> None:
    """Agree to every section of a text, so that its signature is open."""
    start = {"patient": "/patient/", "guardian": f"/guardian/{site.minor.pk}/"}.get(reader.name)
    if start:
        read_through(reader.client, f"{start}sign/birth-defects/en/1/")


@dataclass(frozen=True, slots=True)
class Found:
    """A form on a page; and what reads the forms of that page."""

    form: Form
    readers: list[BaseForm]


def forms(reader: Reader, site: SiteFixture) -> Iterator[Found]:
    """Every form on every page that the reader may open, each shape once."""
    seen: set[tuple[str, ...]] = {("post", "csrfmiddlewaretoken")}  # buttons that send nothing: signing out
    for path in pages(reader.name, site):
        answer = reader.client.get(path)
        if answer.status_code != 200 or "html" not in answer["Content-Type"]:
            continue
        readers = [value for layer in answer.context or () for value in _values(layer) if isinstance(value, BaseForm)]
        for form in Page(path, answer.content.decode()).forms:
            if form.shape not in seen:
                seen.add(form.shape)
                yield Found(form, readers)


def pages(reader: str, site: SiteFixture) -> Iterator[str]:
    """The pages that the reader may open; those of others' views, the patient.

    What a reader of the same role has opened, or readers of many, only in a run of everything.
    """
    for row in ROWS:
        # What is not public sends nobody to sign in, and shows no form.
        others_alone = row.public if reader != "nobody" else not row.public and row.expected(reader) == (302, 302)
        if row.expected(reader)[0] in (200, 302) and not others_alone:
            before = [one for one in takewhile(lambda name: name != reader, LEAST) if row.expected(one)[0] == 200]
            is_new = not any(ROLE.get(one) == ROLE.get(reader) for one in before)
            if amount.EVERYTHING or (is_new and not (before and len({ROLE[one] for one in row.open_to}) > 3)):
                yield row.path(site)
    theirs = [place.path() for place in EVERY if place.theirs and "logout" not in place.name]
    # Some stand twice: where we have put them before theirs, one view answers for both.
    yield from dict.fromkeys(theirs) if amount.EVERYTHING or reader in ("nobody", "prescriber", "patient") else ()


def _values(context: Any) -> Iterator[object]:
    for layer in context.dicts if hasattr(context, "dicts") else [context]:
        yield from layer.values()


#: Fields that are the same in every form that has them: tried in the first. The last is read before any form is.
COMMON = frozenset(
    {"key", "assertion", "nonce", "signer_password"} if amount.EVERYTHING
    else {"key", "assertion", "nonce", "signer_password", "acting_in"}
)  # fmt: skip

TOKEN = frozenset({"csrfmiddlewaretoken"})

#: By what a field is read: the fields of one kind are read by the same code.
Kind = tuple[str, ...]
#: What reads a field, by the name that it has for it: a field that is typed in parts reads them together.
ReadBy = tuple[str, Field]
#: Where something is typed: a form and its field; and what reads the field, where a form does.
Place = tuple[Form, str, ReadBy | None]


def reader_of(field: str, readers: list[BaseForm]) -> ReadBy | None:
    """What reads a field, or a part of one: `alt_0`, `alt_1`."""
    whole, _, part = field.rpartition("_")
    for form in readers:
        for name in (field, *[whole] * part.isdecimal()):
            if name in form.fields:
                return name, form.fields[name]
    return None


def refuses(reader: ReadBy | None, form: Form, field: str, typed: str | list[str]) -> bool:
    """Whether it is refused as soon as it is read, whatever else was typed, and a form takes several such."""
    if reader is None or len(typed) > 10_000:
        return False
    name, read_by = reader
    sent = QueryDict(mutable=True)
    sent.update(form.filled())
    sent.setlist(field, typed if isinstance(typed, list) else [typed])
    try:
        read_by.clean(read_by.widget.value_from_datadict(sent, MultiValueDict(), name))
    except ValidationError:
        return True
    except Exception:  # a fault: it is seen when the form is sent
        return False
    return False


def kind(field: str, readers: list[BaseForm]) -> Kind:
    """Which class of field reads it, and which form cleans it by itself. What no form reads is its own kind."""
    found = reader_of(field, readers)
    if found is None:
        return (field,)
    name, of = found
    form = next(type(form) for form in readers if name in form.fields)
    own = [c.__qualname__ for c in form.__mro__ if f"clean_{name}" in vars(c)]
    part = [field.rpartition("_")[2]] * (field != name)
    return (type(of).__module__, type(of).__qualname__, type(of.widget).__qualname__, *part, *own)


def places(found: list[Found]) -> Iterator[tuple[Kind, Place]]:
    """Every field of every form, what is common to them once; and its kind."""
    seen = set(TOKEN)
    for one in found:
        for field in one.form.fields:
            if field not in seen:
                yield kind(field, one.readers), (one.form, field, reader_of(field, one.readers))
            seen |= COMMON & {field}


#: What is typed into a form before it is sent once: what into which field.
Filled = tuple[Form, dict[str, str]]


def together(tried: Iterator[tuple[Place, str]]) -> list[Filled]:
    """Each form as often as it is sent: what its fields refuse by themselves at once, and all else alone."""
    sent: list[Filled] = []
    #: What is open for more of a form, and by which names it is read.
    refused: dict[int, list[tuple[dict[str, str], set[str]]]] = {}
    for (form, field, reader), what in tried:
        filled = {field: what}
        if amount.EVERYTHING or form.method == "get" or not refuses(reader, form, field, HOSTILE[what]):
            sent.append((form, filled))
            continue
        name = reader[0] if reader is not None else field
        of_form = refused.setdefault(id(form), [])
        with_room = next(((others, names) for others, names in of_form if name not in names), None)
        if with_room is None:
            of_form.append((filled, {name}))
            sent.append((form, filled))
        else:
            with_room[0][field] = what
            with_room[1].add(name)
    return sent


class Tried:
    """What is typed where, one reader after the other."""

    def __init__(self) -> None:
        self.shapes: set[tuple[str, ...]] = set()
        self.kinds: set[Kind] = set()
        self.classes: set[str] = set()
        #: How many kinds of a class there were, by its module and name.
        self.of_class: Counter[Kind] = Counter()
        self.turn = count()

    def by(self, found: list[Found]) -> Iterator[tuple[Place, str]]:
        """What one reader types."""
        if amount.EVERYTHING:
            yield from product((place for _kind, place in places(found)), HOSTILE)
            return
        new = [one for one in found if one.form.shape not in self.shapes]
        self.shapes |= {one.form.shape for one in new}
        of_one_kind: dict[Kind, list[Place]] = {}
        for of, place in places(new):
            of_one_kind.setdefault(of, []).append(place)
        for of, alike in of_one_kind.items():
            values = self._values(of)
            least = 0 if of in self.kinds else len(values)
            self.of_class[of[:2]] += of not in self.kinds
            self.kinds.add(of)
            yield from zip(islice(cycle(alike), max(least, len(alike))), cycle(values), strict=False)
        for one in found:
            if one not in new and (fields := [field for field in one.form.fields if field not in COMMON | TOKEN]):
                turn = next(self.turn)
                field = fields[turn % len(fields)]
                yield (one.form, field, reader_of(field, one.readers)), [*HOSTILE][turn % len(HOSTILE)]

    def _values(self, of: Kind) -> list[str]:
        """Each value for the first kind of a class that is read; of any other one of each sort, by turns, where it is
        the first of its class, and else of each second sort.
        """
        turn, name = next(self.turn), of[1] if len(of) > 1 else ""
        values = [[*sort][turn % len(sort)] for sort in SORTS]
        if len(of) > 1 and of not in self.kinds and (before := self.of_class[of[:2]]):
            values = values[before % 2 :: 2]
        if name in READ - self.classes:
            self.classes.add(name)
            values = [*HOSTILE]
        return values[turn % len(values) :] + values[: turn % len(values)]


def faults(answer: Any, typed: str | list[str]) -> Iterator[str]:
    """What is wrong with an answer."""
    page = answer.content.decode(errors="replace")
    if answer.status_code not in (200, 302, 400, 403, 404, 409, 422):
        yield f"answered {answer.status_code}"
    if answer.status_code == 422 and 'class="error-summary' not in page:
        yield "refused without a word"
    if typed and isinstance(typed, str) and typed != escape(typed) and typed in page:
        yield "stands there as it was typed"
    if CALCULATED in page:
        yield "was calculated"
    if "stolen" in answer.cookies:
        yield "set a cookie"
    if answer.has_header("Location") and not answer["Location"].startswith(("/", "?")):
        yield f"sent to {answer['Location']}"


def tables() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        return int(cursor.fetchone()[0])


def typed_by(reader: Reader, site: SiteFixture, tried: Tried) -> Iterator[tuple[str, ...]]:
    """What is wrong with the answers to one reader: who, where, in which field, what was typed, the fault."""
    read_to_the_end(reader, site)
    reader.client.cookies = SimpleCookie(reader.cookies)
    found = list(forms(reader, site))
    assert len(found) >= LEAST[reader.name], [one.form.action for one in found]
    for form, filled in together(tried.by(found)):
        typed = {field: HOSTILE[what] for field, what in filled.items()}
        with undone():
            answers = [(form.action, reader.send(form, reader.good(form) | typed))]
            if answers[0][1].status_code == 302 and any("<" in one for one in typed.values()):
                place = answers[0][1]["Location"]
                answers.append((place, reader.client.get(place, follow=True)))
        for place, answer in answers:
            for field, what in filled.items():
                yield from ((reader.name, place, field, what, fault) for fault in faults(answer, HOSTILE[what]))


@pytest.mark.parametrize("readers", [[name] for name in LEAST] if amount.EVERYTHING else [[*LEAST]], ids="-".join)
def test_whatever_is_typed(site: SiteFixture, readers: list[str]) -> None:
    before, tried = tables(), Tried()
    wrong: list[tuple[str, ...]] = []
    for name in readers:
        with undone():
            wrong += typed_by(Reader.of(site, name), site, tried)
    assert not wrong
    assert tables() == before
    assert amount.EVERYTHING or (len(tried.kinds) > 50 and tried.classes == READ)
