"""Each figure of oversight has a list: its rows add up to the figure, or the page says why they do not."""

from collections.abc import Mapping
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import pytest
from django.test import Client

from accounts import events
from compliance.commands import certifying, figures, noncompliance
from compliance.models import MonthlyFigure
from compliance.records.programs import program_day
from compliance.rules.missed import PARTS, PICK_UP
from compliance.rules.records import Discontinued, Enrolled
from compliance.rules.stages import STAGES
from ledger.erasable_text import make_erasable
from outbox import box
from outbox.models import Message
from patients.people import actor_of
from tests import factories
from tests.clocks import Clock
from tests.compliance.test_figures import DAYS, SIGNALS
from tests.histories import NOW, OTHER_METHODS, ClinicFactory, by_patient
from tests.web.unrendered import unrendered
from web.office.figures import FIGURES, Figure

pytestmark = pytest.mark.django_db
TODAY = program_day(NOW)
#: So many rows of one figure: more than a page has.
MANY = 27

#: Nothing of these happens here: their lists are looked at all the same.
NEVER = {
    *(f"stage-{stage}" for stage in STAGES if stage not in ("ready", "authorized", "stopped", "followed-up")),
    *(f"missed-{part}" for part in PARTS if part != PICK_UP),
    "gap", "signal-never-reversed", "signal-one-browser", "case-appeal", "case-closed", "applied", "approved",
    "turned-down", "lookups-paused",
}  # fmt: skip


@pytest.fixture
def office(clinic: ClinicFactory, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Client:
    """All that the tests of figures let happen, in one month that is counted to the day before."""
    monkeypatch.setattr(figures, "_first_day", lambda: TODAY.replace(day=1))
    officer = factories.officer()
    for happens in (*(case[0] for case in DAYS.values()), *(case[0] for case in SIGNALS.values())):
        happens(clinic)
    for number in range(MANY):
        events.note(clinic.doctor.account, "signing_locked", by=clinic.doctor, at=NOW, data={"until": f"{number}"})
    clinic._enter(clinic.ready(), NOW, *by_patient(OTHER_METHODS))
    filled = clinic.ready()
    fill = clinic.authorize(filled).number
    assert fill and clinic.dispense(filled, fill) is None
    assert clinic.enter(filled, Discontinued("done", last_dose_on=TODAY))
    begun = factories.patient(clinic.prescriber)
    clinic._enter(begun, NOW, Enrolled("can_become_pregnant", prescriber=str(clinic.prescriber.pk)))
    place, by = clinic.pharmacies[1].pk, actor_of(officer)
    noncompliance.open_case(
        kind="pharmacy", subject=place, signals=[], note=make_erasable("A call."), by=by, at=NOW, key=uuid4()
    )
    reason = make_erasable("A call.", subject=place, at=NOW)
    certifying.suspend(kind="pharmacy", subject=place, reason=reason, by=by, at=NOW, key=uuid4())
    _messages()
    clock.at = NOW + timedelta(days=10)
    figures.count_days(at=clock.at)
    return factories.as_(officer)


def _messages() -> None:
    """Three of each channel, of which one was sent, one is not taken and one is given up; and one in a digest."""
    ends: tuple[dict[str, Any], ...] = (
        {"delivered_at": NOW, "outcome": "delivered"}, {"delivered_at": NOW, "outcome": "bounced"},
        {"dropped_at": NOW, "outcome": "given-up"}, {"delivered_at": NOW, "digest_id": UUID(int=1)},
        {"delivered_at": NOW - timedelta(days=40), "outcome": "delivered"},
    )  # fmt: skip
    Message.objects.all().delete()
    for number, columns in enumerate([end | {"channel": channel} for channel in ("email", "sms") for end in ends], 1):
        row = Message(id=UUID(int=number), key=str(number), kind="invitation", data={}, due_at=NOW)
        box.enqueue([row], at=NOW)
        Message.objects.filter(pk=row.pk).update(**columns)


def test_each_list_adds_up_to_its_figure_or_says_why_not(office: Client) -> None:
    numbers = dict(MonthlyFigure.objects.filter(place=None).values_list("figure", "number"))
    with unrendered():
        lines: Any = office.get("/office/oversight/")
    found = {line.figure.code: line for _heading, group in lines.context["groups"] for line in group}
    assert found.keys() == FIGURES.keys()
    assert {code for code in FIGURES if not _number(FIGURES[code], numbers)} - NEVER == set()
    wrong = {}
    for code, figure in FIGURES.items():
        assert found[code].list_url, code
        listed = _listed(office, found[code].list_url)
        if figure.note:
            assert str(figure.note) in _text(office, f"/office/oversight/{code}/"), code
        elif listed != _number(figure, numbers):
            wrong[code] = (listed, _number(figure, numbers))
    assert wrong == {}


def _number(figure: Figure, numbers: Mapping[str, int]) -> int:
    return numbers.get(figure.of or figure.code, 0)


def _listed(office: Client, url: str) -> int:
    """How many rows the list has, all its pages together."""
    rows, after = 0, ""
    while True:
        joint = "&" if "?" in url else "?"
        with unrendered():
            answer: Any = office.get(url + (f"{joint}{urlencode({'after': after})}" if after else ""))
        assert answer.status_code == 200, url
        rows, after = rows + len(answer.context["page"]), answer.context["page"].after
        if not after:
            return rows


def test_a_list_of_tests_owed_says_each_with_its_day(office: Client) -> None:
    shown = _text(office, "/office/oversight/now/owed/")
    numbers = dict(MonthlyFigure.objects.filter(place=None).values_list("figure", "number"))
    with unrendered():
        answer: Any = office.get("/office/oversight/now/owed/")
    tests = [test for _row, owed in answer.context["lines"] for test in owed]
    assert len(tests) == numbers["owed"] and sum(is_late for _day, is_late in tests) == numbers["owed-late"] >= 1
    assert all(day in shown for day, _is_late in tests)


def _text(office: Client, path: str) -> str:
    return " ".join(unescape(office.get(path).content.decode()).split())
