"""Cases of non-compliance: which step may follow which, whose turn it is and until when, and who decides an appeal."""

from datetime import date, timedelta

import pytest

from compliance.rules.noncompliance import (
    ANSWER_DAYS,
    APPEAL_DAYS,
    OFFICE_STEPS,
    PLACE_STEPS,
    REVIEW_DAYS,
    TELL_DAYS,
    WITH_DUE,
    Case,
    Event,
)

DAY = date(2026, 11, 2)
DUE = DAY + timedelta(days=10)
WITH_DAY = {"notice", "plan-asked", "plan-accepted", "plan-refused"}


def case(*steps: str) -> Case:
    """A case of these steps, one a day from DAY on, those of the office by one officer each."""
    events = [
        Event(number, DAY + timedelta(days=number - 1), step, f"officer-{number}", DUE if step in WITH_DAY else None)
        for number, step in enumerate(("opened", *steps), 1)
    ]
    return Case(tuple(events))


def after(days: int) -> date:
    return DAY + timedelta(days=days)


#: The steps of a case; what may come next on the day after; whose turn it is and until when.
CASES: dict[tuple[str, ...], tuple[set[str], str, date | None]] = {
    (): ({"notice", "suspended", "closed"}, "office", after(TELL_DAYS)),
    ("notice",): ({"reply", "plan-asked", "suspended", "closed", "appeal"}, "place", DUE),
    ("notice", "reply"): ({"plan-asked", "suspended", "closed", "appeal"}, "office", after(2 + ANSWER_DAYS)),
    ("notice", "plan-asked"): ({"plan", "plan-asked", "suspended", "closed", "appeal"}, "place", DUE),
    ("notice", "plan-asked", "plan"): (
        {"plan-accepted", "plan-refused", "suspended", "closed", "appeal"}, "office", after(3 + ANSWER_DAYS),
    ),
    ("notice", "plan-asked", "plan", "plan-accepted"): ({"suspended", "closed", "appeal"}, "office", DUE),
    ("notice", "plan-asked", "plan", "plan-refused"): ({"plan", "suspended", "closed", "appeal"}, "place", DUE),
    ("suspended",): ({"plan-asked", "closed", "appeal"}, "office", after(1 + REVIEW_DAYS)),
    ("notice", "appeal"): (
        {"reply", "suspended", "appeal-upheld", "appeal-dismissed"}, "office", after(2 + ANSWER_DAYS),
    ),
    ("notice", "appeal", "appeal-dismissed"): ({"reply", "plan-asked", "suspended", "closed"}, "place", DUE),
    ("suspended", "appeal", "appeal-upheld"): (
        {"plan-asked", "suspended", "closed"}, "office", after(3 + TELL_DAYS),
    ),
    ("notice", "closed"): ({"appeal"}, "", None),
    ("notice", "closed", "appeal"): ({"appeal-upheld", "appeal-dismissed"}, "office", after(3 + ANSWER_DAYS)),
    ("closed",): (set(), "", None),
}  # fmt: skip


@pytest.mark.parametrize("steps", CASES, ids=lambda steps: " ".join(steps) or "opened")
def test_what_may_come_next_and_whose_turn_it_is(steps: tuple[str, ...]) -> None:
    may, waits_for, due_on = CASES[steps]
    one = case(*steps)
    assert {step for step in (*OFFICE_STEPS, *PLACE_STEPS) if one.may(step, after(len(steps) + 1))} == may
    assert (one.waits_for, one.due_on, one.is_open) == (waits_for, due_on, bool(waits_for))
    assert one.number == 1, "a case has the number of what opened it, however far it has come"


def test_the_steps_by_which_the_office_sets_a_day() -> None:
    assert WITH_DUE == WITH_DAY


def test_the_days_that_each_side_has() -> None:
    """As `docs/` and the letters say them."""
    assert (APPEAL_DAYS, TELL_DAYS, ANSWER_DAYS, REVIEW_DAYS) == (30, 7, 14, 30)


def test_an_appeal_against_a_plan_that_is_refused_goes_from_then_on() -> None:
    assert case("notice", "plan-asked", "plan", "plan-refused").appeal_until == after(4 + APPEAL_DAYS)


def test_an_appeal_goes_until_the_last_of_thirty_days() -> None:
    one = case("notice", "reply")
    assert one.appeal_until == after(1 + APPEAL_DAYS)
    assert one.may("appeal", after(1 + APPEAL_DAYS)) and not one.may("appeal", after(2 + APPEAL_DAYS))


def test_a_step_is_appealed_against_once_and_a_later_one_anew() -> None:
    turned_down = case("notice", "appeal", "appeal-dismissed")
    assert turned_down.appeal_until is None and not turned_down.may("appeal", after(5))
    assert case("notice", "appeal", "appeal-dismissed", "suspended").may("appeal", after(6))
    waits = case("notice", "appeal", "appeal-dismissed", "suspended", "appeal").appeal
    assert waits is not None and waits.number == 6, "the second appeal waits, and not the first"


def test_who_took_the_step_does_not_decide_the_appeal_against_it() -> None:
    one = case("notice", "plan-asked", "suspended", "appeal")
    for step in ("appeal-upheld", "appeal-dismissed"):
        assert not one.may_decide(step, "officer-4"), "who suspended"
        assert one.may_decide(step, "officer-2"), "who sent the notice that is not appealed against"
    assert one.may_decide("closed", "officer-4")
