"""Decisions and entries that the rules refuse, hashed and chained rightly: `verify_log --rules` names each."""

from datetime import date, timedelta

import pytest

from compliance.rules.records import (
    Enrolled,
    PregnancyTest,
)
from tests.compliance.verification.worlds import Forger, named, said_of, verify_log

from .forging import (
    ON,
    Forgery,
    beside_a_linked_stop,
    by_practice,
    dispensed_twice,
    erased_during_a_course,
    for_a_suspended_prescriber,
    yes,
)

#: The same for `--rules`.
JUDGED: dict[str, tuple[Forgery, str]] = {
    "a yes beside a stop": (lambda f: yes(f, f.patient("stopped")), "do not justify"),
    "a yes beside a stop of a linked file": (beside_a_linked_stop, "do not justify"),
    "a yes for a prescriber who was suspended": (for_a_suspended_prescriber, "do not justify"),
    "a yes before the lead-in is over": (lambda f: yes(f, f.patient("lead-in")), "do not justify"),
    "a yes beside another": (lambda f: yes(f, f.patient("authorized")), "do not justify"),
    "a yes for a pharmacy that nobody approved": (
        lambda f: yes(f, f.patient("ready"), f.counter("applied")), "do not justify",
    ),
    "a yes for too long": (lambda f: yes(f, f.patient("ready"), days_supply=31), "do not justify"),
    "a yes for other days": (
        lambda f: yes(f, f.patient("ready"), dispense_by=ON + timedelta(days=60)), "for other days than the rules give",
    ),
    "a yes of an edition that there is not": (
        lambda f: yes(f, f.patient("ready"), edition="1999"), "names an edition that there is not",
    ),
    "a yes of a version that there is not": (
        lambda f: yes(f, f.patient("ready"), edition_version=7), "names an edition that there is not",
    ),
    "a second hand-over": (dispensed_twice, "is a hand-over that the rules refuse"),
    "an erasure during a course": (erased_during_a_course, "while a course is open"),
    "a second enrolment": (
        lambda f: by_practice(f, "ready", Enrolled("can_become_pregnant")), "is an entry that the rules refuse",
    ),
    "a test from before the course": (
        lambda f: by_practice(f, "ready", PregnancyTest(date(2019, 1, 1), "negative", "clinic")),
        "is an entry that the rules refuse",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", JUDGED)
def test_decision_that_the_rules_refuse_is_named(forger: Forger, name: str) -> None:
    forge, said = JUDGED[name]
    subject = forge(forger)
    assert said not in said_of(subject)
    assert said in said_of(subject, rules=True)


def test_decision_that_the_rules_refuse_is_named_by_the_command(forger: Forger) -> None:
    """It judges only where it is asked to."""
    forge, said = JUDGED["a yes beside a stop"]
    subject = forge(forger)
    assert said not in verify_log()
    assert said in named(verify_log("--rules"), subject)
