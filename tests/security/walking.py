"""Requests to an address by every method, and the faults of each answer; and all the pages that a reader is shown."""

from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.test import Client

from tests import amount
from tests.config.test_headers import EVERYWHERE
from tests.web.unrendered import unrendered

from .addresses import ROWS
from .fixtures import SiteFixture
from .writes import undone, watched

#: How an address is asked beside by GET.
WAYS = ("HEAD", "OPTIONS", "an empty POST")


def unsaid(answer: Any) -> list[str]:
    """What the answer should tell the browser and does not."""
    missing = [name for name, value in EVERYWHERE.items() if answer.headers.get(name) != value]
    policy = answer.headers.get("Content-Security-Policy", "")
    kept = "no-store" not in answer.headers.get("Cache-Control", "")
    return [*missing, *["Content-Security-Policy"] * ("default-src 'self'" not in policy), *["Cache-Control"] * kept]


def unlooked(way: str, answer: Any) -> Iterator[str]:
    """For those who look at statuses and headers alone."""
    yield from ()


def ask(
    client: Client, path: str, expected: tuple[int, int], *, ways: Collection[str] = WAYS,
    look: Callable[[str, Any], Iterator[str]] = unlooked, listening: AbstractContextManager[None] | None = None,
    by_get: bool = True,
) -> Iterator[str]:  # fmt: skip
    """What is wrong with the answers to all but a filled-in form; `expected` is the status of GET, of an empty POST.

    Nothing is changed by it, unless the empty POST is answered with 302; that is taken back. `look` finds more faults
    of an answer; while GET is answered, somebody may listen.

    What has no words, or the page that GET has shown, is not drawn for the others: it is asked which page it is.
    """
    others = nullcontext if amount.EVERYTHING or not by_get else unrendered
    with undone() if "an empty POST" in ways else nullcontext(), watched() as writes:
        answers: dict[str, tuple[Any, int]] = {}
        with listening or nullcontext():
            if by_get:
                answers["GET"] = (client.get(path), expected[0])
        if "HEAD" in ways:
            with others():
                answers["HEAD"] = (client.head(path), expected[0])
        if "OPTIONS" in ways:
            answers["OPTIONS"] = (client.options(path), 405)
        if by_looking := writes.taken():
            yield f"{path}: {by_looking} were written by looking"
        if "an empty POST" in ways:
            with others():
                answers["an empty POST"] = (client.post(path), expected[1])
        if expected[1] != 302 and writes:
            yield f"{path}: {writes.tables} were written by an empty POST"
    shown = template_of(answers["GET"][0]) if by_get and expected[0] == 200 else ""
    for way, (answer, status) in answers.items():
        if answer.status_code != status:
            yield f"{path}: {way} is answered {answer.status_code}, not {status}"
        yield from (f"{path}: {way} says no {name}" for name in unsaid(answer))
        if shown and status == 200 and template_of(answer) not in ("", shown):
            yield f"{path}: {way} shows {template_of(answer)}, and no word of it was read"
        yield from look(way, answer)


def template_of(answer: Any) -> str:
    """Which page an answer is: the name of its template; none has no name."""
    return next((template.name or "" for template in answer.templates), "")


def pages(client: Client, site: SiteFixture, reader: str) -> Iterator[tuple[str, str]]:
    """Every page that the reader may open: its address, and what stands there."""
    for row in ROWS:
        if row.expected(reader)[0] == 200:
            path = row.path(site)
            answer = client.get(path)
            if "html" in answer["Content-Type"]:
                yield path, answer.content.decode()
