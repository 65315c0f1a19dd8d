"""The published scenarios, through the pure rules and through the store."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from compliance.replay.engine import Engine
from compliance.replay.scenario import unmet
from compliance.replay.store import Store
from compliance.rules.isotretinoin import ISOTRETINOIN_US

Stories = list[dict[str, Any]]


def load(folder: Path, name: str) -> Stories:
    stories: Stories = json.loads((folder / name).read_text())
    assert stories
    return stories


@pytest.mark.parametrize("name", ["named.json", "random.json"])
def test_the_rules_answer_as_the_scenarios_expect(scenarios: Callable[[], Path], name: str) -> None:
    for story in load(scenarios(), name):
        engine = Engine(ISOTRETINOIN_US, story)
        for place, step in enumerate(story["steps"]):
            answer = engine.answer(step)
            assert not unmet(step["expect"], answer), (story["name"], place, answer)


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "part"), [("named.json", None), *[("random.json", part) for part in range(4)]])
def test_the_store_answers_as_the_rules_do(scenarios: Callable[[], Path], name: str, part: int | None) -> None:
    stories = load(scenarios(), name)
    for story in stories if part is None else stories[part::8]:
        engine, store = Engine(ISOTRETINOIN_US, story), Store(story)
        for place, step in enumerate(story["steps"]):
            answer = store.answer(step)
            assert answer == engine.answer(step), (story["name"], place)
            assert not unmet(step["expect"], answer), (story["name"], place, answer)
