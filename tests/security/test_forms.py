"""Every form that any reader is shown, field by field, with what nobody in their right mind would type.

Everything else in the form would pass: it is signed with the right credentials, and dated yesterday.

Each value meets a field of each kind, which is what the same code reads, for the first reader of a page; and each field
meets two values for every reader. In a run of everything each field meets each value. The token of a form:
`test_csrf.py`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from http.cookies import SimpleCookie
from itertools import cycle, islice, product, takewhile
from typing import Any

import pytest
from django.db import connection
from django.forms import BaseForm
from django.test import Client
from django.utils.html import escape

from accounts.models import User
from tests import amount
from tests.accounts.test_view_roles import EVERY
from tests.factories import PASSWORD, as_

from .addresses import ROWS
from .fixtures import SiteFixture
from .reading import Form, Page, read_through
from .writes import undone

#: What is typed into each field, one after the other.
HOSTILE: dict[str, str | list[str]] = {
    "nothing": "",
    "a script": "<script>alert(1)</script>",
    "out of an attribute": '"><img src=x onerror=alert(1)>',
    "a template": "{{7777777*7777777}}{% debug %}",
    "another format": "{0.__class__}%(key)s${7777777*7777777}",
    "SQL that is always true": "' OR '1'='1",
    "SQL that drops": "'; DROP TABLE patients_patient;--",
    "a NUL": "a\x00b",
    "letters from right to left": "\u202egnirts",
    "a letter that is none": "\ufffe\uffff",
    "100 kB": "x" * 100_000,
    "100 kB of brackets": "[" * 100_000,
    "the wrong JSON": '{"id": [], "response": {"clientDataJSON": 1}, "type": {}}',
    "a list": ["1", "2", "'"],
    "a path": "../../etc/passwd",
    "a line of a header": "x\r\nSet-Cookie: stolen=1",
    "a line of a header, encoded": "%0d%0aSet-Cookie:stolen=1",
    "huge": "9" * 400,
    "just too large": "9223372036854775808",
    "just too large for JSON": "9007199254740992",
    "negative": "-1",
    "not a number": "NaN",
    "without end": "1e309",
    "other digits": "٣٠",
    "the year 1": "0001-01-01",
    "the year 9999": "9999-12-31",
    "the year 10000": "10000-01-01",
    "no such day": "2026-02-30",
}
#: The readers, and how many different forms each is shown at least.
LEAST = {
    "nobody": 6, "prescriber": 15, "other prescriber": 4, "designee": 3, "patient": 8, "guardian": 4, "pharmacist": 5,
    "officer": 6,
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
    """A form on a page; what reads the forms of that page; and whether a reader before tries the same page."""

    form: Form
    readers: list[BaseForm]
    again: bool


def forms(reader: Reader, site: SiteFixture) -> Iterator[Found]:
    """Every form on every page that the reader may open, each sort once."""
    seen: set[tuple[str, ...]] = {("post", "csrfmiddlewaretoken")}  # buttons that send nothing: signing out
    for path, again in pages(reader.name, site):
        answer = reader.client.get(path)
        if answer.status_code != 200 or "html" not in answer["Content-Type"]:
            continue
        readers = [value for layer in answer.context or () for value in _values(layer) if isinstance(value, BaseForm)]
        for form in Page(path, answer.content.decode()).forms:
            if form.shape not in seen:
                seen.add(form.shape)
                yield Found(form, readers, again)


def pages(reader: str, site: SiteFixture) -> Iterator[tuple[str, bool]]:
    """The pages that the reader may open, and whether a reader before has them; those of others' views, the patient."""
    before = [*takewhile(lambda name: name != reader, LEAST)]
    for row in ROWS:
        if row.expected(reader)[0] in (200, 302) and (not row.public or reader == "nobody"):
            yield row.path(site), any(row.expected(other)[0] == 200 for other in before)
    for place in EVERY:
        if place.theirs and "logout" not in place.name:
            yield place.path(), reader not in ("nobody", "patient")


def _values(context: Any) -> Iterator[object]:
    for layer in context.dicts if hasattr(context, "dicts") else [context]:
        yield from layer.values()


#: Fields that are the same in every form that has them: tried in the first. The last is read before any form is.
COMMON = frozenset(
    {"key", "assertion", "nonce", "signer_password"} if amount.EVERYTHING
    else {"key", "assertion", "nonce", "signer_password", "acting_in"}
)  # fmt: skip

#: By what a field is read: the fields of one kind are read by the same code.
Kind = tuple[str, ...]
#: Where something is typed.
Place = tuple[Form, str]


def kind(field: str, readers: list[BaseForm]) -> Kind:
    """Which class of field reads it, and which form cleans it by itself. What no form reads is its own kind."""
    # Of a field that is typed in parts each part is sent by its own name: `alt_0`, `alt_1`.
    whole, _, part = field.rpartition("_")
    for form in readers:
        name, *rest = (field,) if field in form.fields or not part.isdecimal() else (whole, part)
        if name in form.fields:
            of = type(form.fields[name])
            own = [c.__qualname__ for c in type(form).__mro__ if f"clean_{name}" in vars(c)]
            return (of.__module__, of.__qualname__, type(form.fields[name].widget).__qualname__, *rest, *own)
    return (field,)


def places(found: list[Found]) -> Iterator[tuple[Kind, bool, Place]]:
    """Every field of every form, what is common to them once: its kind, and whether it is tried elsewhere."""
    seen = {"csrfmiddlewaretoken"}
    for one in found:
        for field in one.form.fields:
            if field not in seen:
                yield kind(field, one.readers), one.again, (one.form, field)
            seen |= COMMON & {field}


def tried(found: list[Found]) -> Iterator[tuple[Place, str]]:
    """What is typed where."""
    if amount.EVERYTHING:
        yield from product((place for _kind, _again, place in places(found)), HOSTILE)
        return
    of_one_kind: dict[tuple[Kind, bool], list[Place]] = {}
    for of, again, place in places(found):
        of_one_kind.setdefault((of, again), []).append(place)
    values = cycle(HOSTILE)
    for (_kind, again), alike in of_one_kind.items():
        least = 2 * len(alike)
        yield from zip(islice(cycle(alike), least if again else max(least, len(HOSTILE))), values, strict=False)


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


@pytest.mark.parametrize("name", LEAST)
def test_whatever_is_typed(site: SiteFixture, name: str) -> None:
    reader = Reader.of(site, name)
    read_to_the_end(reader, site)
    reader.client.cookies = SimpleCookie(reader.cookies)
    found, wrong, before = list(forms(reader, site)), [], tables()
    assert len(found) >= LEAST[name], [one.form.action for one in found]
    for (form, field), what in tried(found):
        typed = HOSTILE[what]
        with undone():
            answer = reader.send(form, reader.good(form) | {field: typed})
            wrong += [(form.action, field, what, fault) for fault in faults(answer, typed)]
            if "<" in typed and answer.status_code == 302:
                shown = reader.client.get(answer["Location"], follow=True)
                wrong += [(answer["Location"], field, what, fault) for fault in faults(shown, typed)]
    assert not wrong
    assert tables() == before
