"""Notices at their edges: several fills, the first and the last day of a stop, a hand-over at the very instant."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from compliance.rules import due
from compliance.rules.blockers import OFFICE, PRESCRIBER
from compliance.rules.days import plus
from compliance.rules.due_places import APPLICATION_WAITS_DAYS, certification_ending
from compliance.rules.gate import assess
from compliance.rules.notice import Notice
from compliance.rules.records import (
    Authorized,
    ComprehensionPassed,
    ConsentSigned,
    ConsentWithdrawn,
    Counselled,
    Dispensed,
    InvitationAccepted,
    PregnancyReported,
    Transferred,
)
from tests.compliance.rules.test_boundaries import OCTOBER, SIGN_AGAIN, filled, ready
from tests.compliance.rules.test_due import (
    BOTH,
    Due,
    cannot,
    in_the_window,
    instant,
    is_due,
    minor,
    reported,
    stopped,
    to,
    unsigned,
)
from tests.histories import ALWAYS, HistoryFactory

SINCE = f"stop-unopened:{stopped().at(31.2):%Y%m%dT%H%M%S}"


def filled_twice(supply: int) -> HistoryFactory:
    """Filled on days 31 and 55, the second time for so many days."""
    history = filled().month(55)
    return history.enter(55.1, Authorized("2", "P", supply, history.on(61)), Dispensed("2"))


def authorized_again() -> HistoryFactory:
    history = filled().month(55)
    return history.enter(55.1, Authorized("2", "P", 30, history.on(61)))


#: Name -> (the kind, a history, the day of the question, what is due then or later).
EDGES: dict[str, tuple[str, Callable[[], HistoryFactory], float, list[Due]]] = {
    "a second supply of ten days was short for the first call": (
        "supply-ending", lambda: filled_twice(10), 56,
        to(["patient"], f"supply-ending-5:{plus(OCTOBER, 65)}", 60, 65, 64)),
    "the last dose after two fills": (
        "last-dose", lambda: filled_twice(30), 70, [("last-dose:{0}:prescriber", 95, 155, None)]),
    "the first day of a stop": (
        "stop-unopened", stopped, 31.3, to([OFFICE, PRESCRIBER], f"{SINCE}:1", 32.7, 33.7)),
    "the last day of a stop": (
        "stop-unopened", stopped, 46, to([OFFICE, PRESCRIBER], f"{SINCE}:14", 45.7, 46.7)),
    "no supply ends while a fill is authorized": (
        "supply-ending", authorized_again, 56, []),
    "no window was missed while stopped": (
        "window-missed", lambda: cannot(0).enter(38, PregnancyReported()), 40, []),
    "a patient who has signed one of two texts is waited for as before": (
        "consent-unfinished", lambda: unsigned().enter(1, ConsentSigned("patient-information", "patient")), 2,
        [*to(["patient"], f"consent-unfinished-2:{OCTOBER}", 2.5, 5.5),
         *to(BOTH, f"consent-unfinished-5:{OCTOBER}", 5.5, 14.5)]),
    "a guardian who has signed one of two texts is waited for as before": (
        "guardian-waited-for", lambda: minor().enter(1, ConsentSigned("patient-information", "guardian")), 2,
        [*to(["guardian", "patient"], f"guardian-waited-for-2:{OCTOBER}", 2.5, 5.5),
         *to(["guardian", "patient", "prescriber"], f"guardian-waited-for-5:{OCTOBER}", 5.5, 14.5)]),
    "a guardian does not wait for the patient's account": (
        "guardian-waited-for", lambda: minor().enter(1, InvitationAccepted("i", "a")), 2,
        [*to(["guardian", "patient"], f"guardian-waited-for-2:{OCTOBER}", 2.5, 5.5),
         *to(["guardian", "patient", "prescriber"], f"guardian-waited-for-5:{OCTOBER}", 5.5, 14.5)]),
}  # fmt: skip


@pytest.mark.parametrize("name", EDGES)
def test_what_is_due(name: str) -> None:
    is_due(*EDGES[name])


def test_a_window_is_open_since_the_latest_entry_of_its_tests() -> None:
    history = filled().month(55, without=[ComprehensionPassed]).test(55, entered=57)
    (notice,) = [one for one in due.notices(history.ask(58)) if one.kind == "month-open" and one.to == "patient"]
    assert notice.due_at == history.at(57)


def test_a_new_version_is_waited_for_since_its_day() -> None:
    history = ready()
    asked = assess(SIGN_AGAIN, history.entries, at=history.at(33), prescribers={"p": ALWAYS})
    found = {one.key: one.due_at for one in due.notices(asked) if one.kind == "consent-unfinished"}
    on = history.on(33)
    assert found == {
        f"consent-unfinished-2:{on}:patient": instant(history, 35),
        f"consent-unfinished-5:{on}:patient": instant(history, 38),
        f"consent-unfinished-5:{on}:prescriber": instant(history, 38),
    }


def test_a_window_of_a_visit_is_open_since_the_latest_entry_of_that_visit() -> None:
    """Something is missing there only where a text is to be signed again."""
    history = cannot(2, 3)
    history.enter(5, Counselled(history.on(3))).enter(6, ConsentWithdrawn("patient-information"))
    (notice,) = [one for one in due.notices(history.ask(7)) if one.kind == "month-open" and one.to == "patient"]
    assert notice.due_at == history.at(5)


def test_what_waits_says_since_when() -> None:
    """Whether somebody has looked since then, the outbox asks."""
    for make, kind, day in ((stopped, "stop-unopened", 31.2), (reported, "report-unanswered", 3)):
        history = make()
        found = [one for one in due.notices(history.ask(day + 0.1)) if one.kind == kind]
        assert found
        assert {one.since for one in found} == {history.at(day)}


def test_the_last_call_goes_at_nine_of_the_reader_and_the_one_before_until_then() -> None:
    found = [one for one in due.notices(ready().ask(32)) if one.kind == "window-closing"]
    assert {one.key.split(":")[0]: (one.from_hour, one.until_hour) for one in found} == {
        "window-closing": (None, None),
        "window-closing-24": (None, 9),
        "window-closing-last": (9, None),
    }


def test_who_takes_a_patient_over_is_told_in_place_of_the_one_before() -> None:
    history = in_the_window().enter(36.1, Transferred("q"))
    found = [one for one in due.notices(history.ask(36.2)) if one.key.endswith(":q")]
    assert [one.before for one in found] == [one.key.removesuffix(":q") for one in found] != []


def test_who_takes_a_patient_over_at_the_very_instant_hears_it_as_anybody() -> None:
    """The window's closing is due at the midnight at which the patient comes."""
    history = in_the_window().enter(35.5, Transferred("q"))
    keys = {one.key for one in due.notices(history.ask(36.2)) if one.kind == "window-closing"}
    assert f"window-closing:{history.on(31)}:prescriber" in keys


#: The last day of a certification, and how many days before it -> which announcement is due.
LAST, ANNOUNCED = date(2026, 12, 31), {31: None, 30: 30, 29: 30, 8: 30, 7: 7, 2: 7, 1: 1, 0: 1, -1: None}


@pytest.mark.parametrize("left", ANNOUNCED)
def test_a_certifications_end_is_announced_thrice(left: int) -> None:
    assert certification_ending(LAST, plus(LAST, -left)) == ANNOUNCED[left]


def test_an_application_that_waits_is_told_after_two_days() -> None:
    assert APPLICATION_WAITS_DAYS == 2


def test_a_notice_is_current_from_the_instant_at_which_it_is_due_until_before_that_at_which_it_is_pointless() -> None:
    due_at, until = (datetime(2026, 12, day, 14, tzinfo=UTC) for day in (1, 3))
    one, moment = Notice("window-closes", "k", PRESCRIBER, due_at, until), timedelta(microseconds=1)
    asked = (due_at - moment, due_at, until - moment, until)
    assert [one.is_current(at) for at in asked] == [False, True, True, False]
    assert (one.pharmacy, one.before) == ("", ""), "it is of no pharmacy, and was nobody else's before"
