"""Requests to an address by every method, and the faults of each answer."""

from collections.abc import Iterator
from typing import Any

from django.test import Client

from tests.config.test_headers import EVERYWHERE

from .writes import undone, watched


def unsaid(answer: Any) -> list[str]:
    """What the answer should tell the browser and does not."""
    missing = [name for name, value in EVERYWHERE.items() if answer.headers.get(name) != value]
    policy = answer.headers.get("Content-Security-Policy", "")
    kept = "no-store" not in answer.headers.get("Cache-Control", "")
    return [*missing, *["Content-Security-Policy"] * ("default-src 'self'" not in policy), *["Cache-Control"] * kept]


def ask(client: Client, path: str, expected: tuple[int, int], *, thorough: bool = True) -> Iterator[str]:
    """What is wrong with the answers to all but a filled-in form; `expected` is the status of GET, of an empty POST.

    Nothing is changed by it, unless the empty POST is answered with 302. What is not asked thoroughly is asked by GET.
    """
    with undone(), watched() as writes:
        answers = {"GET": (client.get(path), expected[0])}
        if thorough:
            answers |= {"HEAD": (client.head(path), expected[0]), "OPTIONS": (client.options(path), 405)}
        if by_looking := writes.taken():
            yield f"{path}: {by_looking} were written by looking"
        if thorough:
            answers["an empty POST"] = (client.post(path), expected[1])
        if expected[1] != 302 and writes:
            yield f"{path}: {writes.tables} were written by an empty POST"
    for way, (answer, status) in answers.items():
        if answer.status_code != status:
            yield f"{path}: {way} is answered {answer.status_code}, not {status}"
        yield from (f"{path}: {way} says no {name}" for name in unsaid(answer))
