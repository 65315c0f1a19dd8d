"""The published scenarios, through the pure rules and through the store."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from compliance.rules.programs.isotretinoin_us import ISOTRETINOIN_US
from devtools.replay.engine import Engine
from devtools.replay.scenario import unmet
from devtools.replay.store import Store
from tests import amount

Stories = list[dict[str, Any]]


def load(folder: Path, name: str) -> Stories:
    published: Stories = json.loads((folder / name).read_text())
    assert published
    return published


@pytest.mark.parametrize("name", ["named.json", "random.json"])
def test_the_rules_answer_as_the_scenarios_expect(scenarios: Callable[[], Path], name: str) -> None:
    for scenario in load(scenarios(), name):
        engine = Engine(ISOTRETINOIN_US, scenario)
        for place, step in enumerate(scenario["steps"]):
            answer = engine.answer(step)
            assert not unmet(step["expect"], answer), (scenario["name"], place, answer)


def kinds(scenario: dict[str, Any]) -> set[tuple[object, ...]]:
    """What is done or asked in it, each with how it ends: refused, done, not done and why; or one of the blockers."""
    found = set[tuple[object, ...]]()
    for step in scenario["steps"]:
        said, what = step["expect"], step.get("do") or step["ask"]
        found.add((what, *(said.get(word) for word in ("refused", "allowed", "done", "code", "error"))))
        found |= {(what, one["code"], one["clears_on"] is None) for one in said.get("blockers") or ()}
    return found


def one_of_each_kind(published: Stories) -> Stories:
    """Few of them that together have every kind of step and ending: again and again the one with most new in a step."""
    of_each = [(kinds(one), one) for one in published]
    chosen, left = Stories(), set[tuple[object, ...]]().union(*(found for found, _ in of_each))
    while left:
        found, one = max(of_each, key=lambda pair: len(pair[0] & left) / len(pair[1]["steps"]))
        chosen.append(one)
        left -= found
    return chosen


def through_the_store(folder: Path, part: str) -> Stories:
    """As few as have each kind of step and ending, and a sixth of the other named ones; with `--all` every one."""
    named, random = load(folder, "named.json"), load(folder, "random.json")
    if amount.EVERYTHING:
        return named if part == "named" else random[int(part.removeprefix("random ")) :: 8]
    chosen = one_of_each_kind(named + random)
    return [*chosen, *[one for one in named if one not in chosen][::6]]


PARTS = ["named", *(f"random {part}" for part in range(8))] if amount.EVERYTHING else ["one of each kind"]


@pytest.mark.django_db
@pytest.mark.parametrize("part", PARTS)
def test_the_store_answers_as_the_rules_do(scenarios: Callable[[], Path], part: str) -> None:
    published = through_the_store(scenarios(), part)
    assert published
    for scenario in published:
        engine, store = Engine(ISOTRETINOIN_US, scenario), Store(scenario)
        for place, step in enumerate(scenario["steps"]):
            answer = store.answer(step)
            assert answer == engine.answer(step), (scenario["name"], place)
            assert not unmet(step["expect"], answer), (scenario["name"], place, answer)


def moved_before(first: list[list[str]], second: list[list[str]]) -> dict[str, Any]:
    """A patient who was handed over, ended the course, and began another."""
    return {
        "name": "moved, then enrolled anew", "program": "isotretinoin-us", "patient": {"born_on": "2001-04-02"},
        "prescriber": {"certified": first}, "prescribers": {"D3": {"certified": second}}, "pharmacies": {},
        "steps": [
            {"at": "2026-12-01T09:00:00-05:00", "do": "enrolled", "category": "can_become_pregnant"},
            {"at": "2026-12-02T09:00:00-05:00", "do": "transferred", "prescriber": "D3"},
            {"at": "2026-12-03T09:00:00-05:00", "do": "discontinued", "last_dose_on": None, "reason": "x"},
            {"at": "2026-12-04T09:00:00-05:00", "do": "enrolled", "category": "can_become_pregnant"},
            {"at": "2026-12-05T09:00:00-05:00", "ask": "status"},
        ],
    }  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("covered", ["the first", "the second"])
def test_who_took_a_patient_over_prescribes_in_the_next_course_too(covered: str) -> None:
    """Section 5.1: the prescriber is that of the latest `transferred`, or else of the enrolment."""
    always, never = [["2015-01-01", "2035-01-01"]], list[list[str]]()
    scenario = moved_before(*((always, never) if covered == "the first" else (never, always)))
    for runner in (Engine(ISOTRETINOIN_US, scenario), Store(scenario)):
        *_rest, answer = [runner.answer(step) for step in scenario["steps"]]
        codes = [blocker["code"] for blocker in answer["blockers"]]
        assert ("prescriber-not-certified" in codes) is (covered == "the first"), type(runner)


@pytest.mark.django_db
@pytest.mark.parametrize("name", [None, 7, "P9", ["P1"], {"P1": 1}])
def test_what_is_no_pharmacy_is_one_that_nobody_knows(name: object) -> None:
    always = [["2015-01-01", "2035-01-01"]]
    asked = {"at": "2026-12-05T09:00:00-05:00", "ask": "authorize", "pharmacy": name, "days_supply": 30}
    scenario = moved_before(always, always) | {"pharmacies": {"P1": {"certified": always}}, "steps": [asked]}
    for runner in (Engine(ISOTRETINOIN_US, scenario), Store(scenario)):
        codes = [blocker["code"] for blocker in runner.answer(asked)["blockers"]]
        assert codes == ["pharmacy-not-certified", "not-enrolled"], type(runner)
