"""What goes on after treatment, to the day: tests, contraception, blood, skin."""

from collections.abc import Callable
from datetime import date

import pytest

from compliance.rules.care.after_treatment import FollowUpTest, after_treatment, is_shown, months_after
from compliance.rules.records import Authorized, Counselled, Discontinued, Dispensed, Enrolled, LastDoseCorrected
from tests.histories import CAN, CANNOT, HistoryFactory

START = date(2026, 10, 1)
LAST = date(2026, 11, 10)
END, MONTH = "end-of-treatment-test", "month-after-test"

Make = Callable[[], HistoryFactory]


def filled() -> HistoryFactory:
    made = HistoryFactory(START).begun().month(31)
    return made.enter(32, Authorized("1", "P", 30, date(2026, 11, 7)), Dispensed("1"))


def ended() -> HistoryFactory:
    """The last dose on 10 November, entered a day later."""
    return filled().enter(41, Discontinued("r", LAST))


def untested() -> HistoryFactory:
    made = HistoryFactory(START, category=CANNOT).sign().enter(0, Counselled(START))
    return made.enter(41, Discontinued("r", LAST))


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(2026, 11, 10), date(2027, 5, 10)),
        (date(2026, 6, 30), date(2026, 12, 30)),
        (date(2026, 7, 1), date(2027, 1, 1)),
        (date(2026, 12, 31), date(2027, 7, 1)),
        (date(2026, 8, 31), date(2027, 3, 1)),
        (date(2026, 8, 28), date(2027, 2, 28)),
        (date(2027, 8, 29), date(2028, 2, 29)),
        (date(2027, 8, 30), date(2028, 3, 1)),
    ],
)
def test_six_months_later_is_never_a_day_too_early(on: date, expected: date) -> None:
    assert months_after(on, 6) == expected


def test_days_follow_from_the_last_dose() -> None:
    found = after_treatment(ended().ask(42))
    assert found is not None
    assert found.last_dose_on == LAST
    assert found.contraception_until == found.no_blood_until == date(2026, 12, 10)
    assert found.no_waxing_until == found.last_day == date(2027, 5, 10)
    assert found.tests == (
        FollowUpTest(END, LAST, is_done=False),
        FollowUpTest(MONTH, date(2026, 12, 10), is_done=False),
    )


def test_tests_tick_themselves_off() -> None:
    first, both = after_treatment(ended().test(41).ask(72)), after_treatment(ended().test(41).test(70).ask(72))
    assert first is not None and both is not None
    assert [test.is_done for test in first.tests] == [True, False]
    assert [test.is_done for test in both.tests] == [True, True]


def test_corrected_last_dose_moves_every_day() -> None:
    found = after_treatment(ended().enter(43, LastDoseCorrected("r", date(2026, 11, 5))).ask(44))
    assert found is not None
    assert (found.last_dose_on, found.no_blood_until) == (date(2026, 11, 5), date(2026, 12, 5))
    assert found.no_waxing_until == date(2027, 5, 5)


def test_who_was_never_tested_owes_no_test_and_gives_no_blood_all_the_same() -> None:
    found = after_treatment(untested().ask(42))
    assert found is not None
    assert (found.tests, found.contraception_until) == ((), None)
    assert (found.no_blood_until, found.no_waxing_until) == (date(2026, 12, 10), date(2027, 5, 10))


NOTHING: dict[str, Make] = {
    "a course is open": filled,
    "no dose was taken": lambda: filled().enter(41, Discontinued("r")),
    "another course is open": lambda: ended().test(41).test(71).enter(100, Enrolled(CAN)),
    "the last dose was corrected away": lambda: ended().enter(43, LastDoseCorrected("r")),
}


@pytest.mark.parametrize("name", NOTHING)
def test_nothing_goes_on_without_a_last_dose(name: str) -> None:
    assert after_treatment(NOTHING[name]().ask(110)) is None


#: The day from 1 October, counted: 10 May is the 221st.
SHOWN: dict[str, tuple[Make, float, bool]] = {
    "on the day after the last dose": (ended, 41, True),
    "on the last day of six months": (lambda: ended().test(41).test(71), 221, True),
    "on the day after": (lambda: ended().test(41).test(71), 222, False),
    "on the day after, with a test still owed": (lambda: ended().test(41), 222, True),
    "of who was never tested, on the last day": (untested, 221, True),
    "of who was never tested, on the day after": (untested, 222, False),
}


@pytest.mark.parametrize("name", SHOWN)
def test_shown_until_nothing_is_to_be_kept_in_mind(name: str) -> None:
    make, day, shown = SHOWN[name]
    assessment = make().ask(day)
    found = after_treatment(assessment)
    assert found is not None
    assert is_shown(found, assessment) is shown
