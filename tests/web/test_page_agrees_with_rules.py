"""The prescriber's page agrees with the rules at every question of the named scenarios."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from compliance.rules.programs.isotretinoin_us import ISOTRETINOIN_US
from devtools.replay import scenario
from devtools.replay.engine import Engine
from devtools.replay.store import Store
from patients.models import Patient
from tests import factories
from tests.clocks import Clock


@pytest.mark.django_db
@pytest.mark.parametrize("part", range(4))
def test_the_page_names_the_same_blockers(scenarios: Callable[[], Path], clock: Clock, part: int) -> None:
    asked = 0
    for story in json.loads((scenarios() / "named.json").read_text())[part::4]:
        engine, store, client = Engine(ISOTRETINOIN_US, story), Store(story), Client()
        for step in story["steps"]:
            store.answer(step)
            engine.answer(step)
            if "ask" not in step:
                continue
            expected = engine.answer(step | {"ask": "status"})
            clock.at = scenario.instant(step)
            patient = Patient.objects.select_related("prescriber__user").get(pk=store.patient)
            factories.sign_in(client, patient.prescriber.user)
            page = client.get(f"/prescriber/patients/{patient.pk}/").content.decode()
            shown = re.findall(r"<code>([a-z:-]+)</code>", page)
            assert shown == [blocker["code"] for blocker in expected.get("blockers", [])], (story["name"], step["at"])
            asked += 1
    assert asked > 10
