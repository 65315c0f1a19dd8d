"""Two cases of non-compliance of the demo: one that its pharmacy has answered, and one that waits for a plan."""

from datetime import datetime, timedelta
from typing import NamedTuple

from compliance.commands import noncompliance
from compliance.commands.certifying import Kind
from compliance.commands.noncompliance import Said
from compliance.records.programs import program_day
from compliance.rules.noncompliance import NOTICE, OFFICE_STEPS, PLAN_ASKED, REPLY, WITH_DUE
from ledger.erasable_text import make_erasable
from patients.people import actor_of

from .people import Staff, key

#: How many days the office gives.
_DAYS = 14


class _Story(NamedTuple):
    """A case of one of the demo's places: what the office noted, and each step with its words, so many days ago."""

    kind: Kind
    place: int
    opened: int
    note: str
    steps: tuple[tuple[str, int, str], ...]


_STORIES = (
    _Story("pharmacy", 1, 9, "Three hand-overs were entered more than a week later.", (
        (NOTICE, 8, "Hand-overs were entered more than a week after their day. Please write how this happened."),
        (REPLY, 2, "Our counter's computer was being replaced. Hand-overs are entered on the same day again."),
    )),
    _Story("prescriber", 2, 20, "Tests were entered weeks after they were taken.", (
        (NOTICE, 19, "Tests were entered more than two weeks after they were taken."),
        (PLAN_ASKED, 12, "Please send a plan: who enters a test, by when, and who stands in."),
    )),
)  # fmt: skip


def open_cases(people: Staff, at: datetime) -> None:
    """An officer opens both, some days ago, by hand."""
    for story in _STORIES:
        _tell(story, people, at)


def _tell(story: _Story, people: Staff, at: datetime) -> None:
    if story.kind == "pharmacy":
        pharmacy, answers = people.pharmacies[story.place]
        subject = pharmacy.pk
    else:
        prescriber = people.prescribers[story.place]
        subject, answers = prescriber.pk, actor_of(prescriber.user)
    when = at - timedelta(days=story.opened)
    case = noncompliance.open_case(
        kind=story.kind, subject=subject, signals=[],
        note=make_erasable(story.note, subject=subject, at=when), by=people.officer, at=when, key=key("case", subject),
    )  # fmt: skip
    for step, ago, words in story.steps:
        when = at - timedelta(days=ago)
        due = program_day(when + timedelta(days=_DAYS)) if step in WITH_DUE else None
        said = Said(text=make_erasable(words, subject=subject, at=when), due=due)
        act, by = (noncompliance.take_step, people.officer) if step in OFFICE_STEPS else (noncompliance.answer, answers)
        act(
            kind=story.kind, subject=subject, case=case, step=step, said=said, by=by, at=when,
            key=key("case", subject, step),
        )  # fmt: skip
