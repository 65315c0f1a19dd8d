"""The prescriber's page agrees with the rules at the questions of the named scenarios.

With `--all` at every question. Without it where a list of blockers comes for the first time, of those that have a
blocker which was on no page before. That rules and store agree at every question is tested in
`tests/compliance/rules/test_scenarios.py`.
"""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from compliance.rules.programs.isotretinoin_us import ISOTRETINOIN_US
from devtools.replay import scenario
from devtools.replay.engine import Engine
from devtools.replay.store import Store
from patients.models import Patient
from tests import amount, factories
from tests.clocks import Clock

type Story = Mapping[str, Any]
#: Codes of blockers, by the step of a story at which somebody asks.
type Asked = dict[int, tuple[str, ...]]


@pytest.mark.django_db
def test_the_page_names_the_same_blockers(scenarios: Callable[[], Path], clock: Clock) -> None:
    stories = json.loads((scenarios() / "named.json").read_text())
    chosen = looked_at([asked(story) for story in stories])
    assert sum(len(questions) for questions in chosen) >= amount.share(190, 15)
    for story, questions in zip(stories, chosen, strict=True):
        if questions:
            compare(story, questions, clock)


def asked(story: Story) -> Asked:
    """What the rules answer at each question of a story."""
    engine, answers = Engine(ISOTRETINOIN_US, story), dict[int, tuple[str, ...]]()
    for number, step in enumerate(story["steps"]):
        engine.answer(step)
        if "ask" in step:
            status = engine.answer(step | {"ask": "status"})
            answers[number] = tuple(blocker["code"] for blocker in status.get("blockers", []))
    return answers


def looked_at(every: list[Asked]) -> list[Asked]:
    """The questions at which the page is asked, of each story."""
    if amount.EVERYTHING:
        return every
    first = dict[tuple[str, ...], tuple[int, int]]()
    for story, answers in enumerate(every):
        for step, codes in answers.items():
            first.setdefault(codes, (story, step))
    shown, chosen = set[str](), set[tuple[int, int]]()
    for codes, (story, step) in sorted(first.items(), key=lambda one: one[1][1]):  # the shortest stories first
        if not codes or not shown.issuperset(codes):
            chosen.add((story, step))
            shown.update(codes)
    return [
        {step: codes for step, codes in answers.items() if (story, step) in chosen}
        for story, answers in enumerate(every)
    ]


def compare(story: Story, questions: Asked, clock: Clock) -> None:
    """Tell the story up to its last question; at each the prescriber's page names what the rules answer."""
    store, client = Store(story), Client()
    for number, step in enumerate(story["steps"][: max(questions) + 1]):
        store.answer(step)
        if number not in questions:
            continue
        clock.at = scenario.instant(step)
        patient = Patient.objects.select_related("prescriber__user").get(pk=store.patient)
        factories.sign_in(client, patient.prescriber.user)
        page = client.get(f"/prescriber/patients/{patient.pk}/").content.decode()
        shown = re.findall(r"<code>([a-z:-]+)</code>", page)
        assert tuple(shown) == questions[number], (story["name"], step["at"])
