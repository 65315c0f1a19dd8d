"""Answer scenario files, through the pure rules or through the store."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from compliance.rules.programs.isotretinoin_us import ISOTRETINOIN_US
from devtools.replay import scenario
from devtools.replay.scenario import ReplayAnswer, Runner


class Command(BaseCommand):
    """Prints a JSON line a scenario; exits 1 naming each step whose `expect` is not met."""

    help = __doc__ or ""
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE")
        parser.add_argument("--through", choices=["engine", "store"], default="engine")

    def handle(self, *args: Any, **options: Any) -> None:
        stories = [story for name in options["files"] for story in read(name)]
        wrong = 0
        with engine() if options["through"] == "engine" else store() as runner:
            for story in stories:
                answers = answer(runner(story), story)
                self.stdout.write(json.dumps({"name": story["name"], "answers": answers}))
                for place, keys in unmet(story, answers):
                    wrong += 1
                    self.stderr.write(f"{story['name']}, step {place}: not as expected: {', '.join(keys)}")
        if wrong:
            raise CommandError(f"{wrong} answers are not as expected", returncode=1)


def read(name: str) -> list[dict[str, Any]]:
    """The scenarios of one file."""
    try:
        with open(name, encoding="utf-8") as file:
            stories: list[dict[str, Any]] = json.load(file)
    except (OSError, ValueError) as error:
        raise CommandError(f"{name} is no scenario file: {type(error).__name__}") from None
    unknown = {story["program"] for story in stories} - {ISOTRETINOIN_US.code}
    if unknown:
        raise CommandError(f"{name}: unknown program {', '.join(sorted(unknown))}")
    return stories


def answer(runner: Runner, story: dict[str, Any]) -> list[ReplayAnswer]:
    """The answers to all steps of a scenario."""
    return [runner.answer(step) for step in story["steps"]]


def unmet(story: dict[str, Any], answers: list[ReplayAnswer]) -> Iterator[tuple[int, list[str]]]:
    """The steps, by their place from 0, whose `expect` is not met, with the keys that differ."""
    for place, (step, values) in enumerate(zip(story["steps"], answers, strict=True)):
        keys = scenario.unmet(step.get("expect"), values)
        if keys:
            yield place, keys


@contextmanager
def engine() -> Iterator[Any]:
    """The pure rules; no server is started."""
    from devtools.replay.engine import Engine

    yield lambda story: Engine(ISOTRETINOIN_US, story)


@contextmanager
def store() -> Iterator[Any]:
    """The real actions, in a database that is made for this and dropped afterwards."""
    from devtools.replay.scratch import scratch_database
    from devtools.replay.store import Store

    with scratch_database():
        yield Store
