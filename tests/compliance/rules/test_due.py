"""Which notices are due, to whom, from when and until when."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.rules import due
from compliance.rules.blockers import PRESCRIBER
from compliance.rules.care.health import HealthAnswered, HealthReviewed
from compliance.rules.care.laboratory import LaboratoryPlanned, LaboratoryResult
from compliance.rules.care.mood import MoodAnswered
from compliance.rules.care.notes import BookedTest
from compliance.rules.care.side_effects import ReportAnswered, SideEffectReported
from compliance.rules.due import Notice
from compliance.rules.gate import assess
from compliance.rules.programs.isotretinoin_us import ISOTRETINOIN_US
from compliance.rules.records import (
    Authorized,
    ComprehensionPassed,
    ConsentRefused,
    ConsentWithdrawn,
    ContraceptionDeclared,
    Counselled,
    Discontinued,
    Dispensed,
    GuardianNamed,
    InvitationAccepted,
    PregnancyReported,
    Reversed,
    StopCleared,
    Transferred,
)
from tests.compliance.rules.growing import SMALL, Log, logs
from tests.compliance.rules.test_boundaries import JUNE, MAY, OCTOBER, filled, further_course, ready, young
from tests.histories import ALWAYS, CANNOT, METHODS, NEW_YORK, HistoryFactory

#: What is due by the days of the history: key, from when until when (a whole number is the midnight that begins that
#: day), and the day that it names.
type Due = tuple[str, float, float, int | None]

BOTH = ("patient", "prescriber")


def begun(start: date = OCTOBER) -> HistoryFactory:
    return HistoryFactory(start).begun()


#: The day of the first fill in `filled`.
FILLED = 31


def drawn(day: int) -> LaboratoryResult:
    """Values of that day."""
    return LaboratoryResult(begun().on(day), {"alt": {"number": "30", "unit": "U/L"}})


def reported() -> HistoryFactory:
    return begun().enter(3, SideEffectReported(("belly-pain",), 1, "en", "today"))


def answered_mood(score: int, *, ninth: int = 0) -> HistoryFactory:
    """The PHQ-9 with that score, answered on day 3; `ninth` is the last answer, beside it."""
    answers = {str(item): min(3, max(0, score - 3 * (item - 1))) for item in range(1, 9)}
    return begun().enter(3, MoodAnswered("phq-9", 1, "en", answers | {"9": ninth}))


def booked() -> HistoryFactory:
    return begun().enter(1, BookedTest(begun().on(20)))


def unsigned() -> HistoryFactory:
    return HistoryFactory(OCTOBER)


def minor() -> HistoryFactory:
    return HistoryFactory(OCTOBER, date(2012, 1, 1)).begun()


def late_first() -> HistoryFactory:
    """The methods on the first day, and the first test on the fifteenth."""
    methods = ContraceptionDeclared("prescriber", METHODS, OCTOBER)
    return HistoryFactory(OCTOBER).sign().enter(0, methods).test(15, setting="clinic")


def in_the_window() -> HistoryFactory:
    return begun().test(31, menses="first_five_days")


def without_patients_part() -> HistoryFactory:
    return begun().month(31, without=[ComprehensionPassed])


def authorized(start: date = OCTOBER) -> HistoryFactory:
    history = ready(start)
    return history.enter(31.1, Authorized("1", "P", 30, history.on(37)))


def void() -> HistoryFactory:
    return authorized().enter(33, ConsentWithdrawn("birth-defects"))


def short_supply() -> HistoryFactory:
    history = ready()
    return history.enter(31.1, Authorized("1", "P", 5, history.on(37)), Dispensed("1"))


def entered_late() -> HistoryFactory:
    history = authorized()
    return history.enter(35, Dispensed("1", history.on(33)))


def cannot(*days: int) -> HistoryFactory:
    """A patient who cannot become pregnant, in the edition with a window, with a visit on each of these days."""
    history = HistoryFactory(JUNE, category=CANNOT).sign()
    for day in days:
        history.enter(day, Counselled(history.on(day)))
    return history


def ended() -> HistoryFactory:
    return filled().enter(40, Discontinued("r", filled().on(39)))


def stopped() -> HistoryFactory:
    return ready().enter(31.2, PregnancyReported())


def to(sides: Iterable[str], occasion: str, first: float, until: float, by: int | None = None) -> list[Due]:
    return [(f"{occasion}:{side}", first, until, by) for side in sides]


def closing(*sides: str) -> list[Due]:
    """The window of days 31 to 37 closes: two days before, one day before, and on its last day."""
    first = ready().on(31)
    return [
        *to(sides, f"window-closing:{first}", 36, 37, 37),
        *to(sides, f"window-closing-24:{first}", 37, 38, 37),
        *to(sides, f"window-closing-last:{first}", 37, 38, 37),
    ]


def overdue(number: str, since: float) -> list[Due]:
    key = f"authorization-overdue:{number}"
    days: list[Due] = [(f"{key}:{count}", since + count, since + count + 1, None) for count in (1, 2)]
    return [(key, since, since + 1, None), *days, (f"{key}:office", since + 3, since + 3653, None)]


HOUR = 1 / 24
#: Of an urgent report of day 3, at noon: twice to the practice, and then to the office.
WAITS: list[Due] = [
    *to([PRESCRIBER], "report-unanswered:7:1", 3.5 + HOUR, 3.5 + 4 * HOUR),
    *to([PRESCRIBER], "report-unanswered:7:4", 3.5 + 4 * HOUR, 3.5 + 8 * HOUR),
    *to(["office"], "report-unanswered:7", 3.5 + 8 * HOUR, 10.5 + 8 * HOUR),
]

#: Name -> (the kind, a history, the day of the question, what is due then or later).
DUE: dict[str, tuple[str, Callable[[], HistoryFactory], float, list[Due]]] = {
    "no test before the methods are declared": (
        "test-due", lambda: HistoryFactory(OCTOBER).sign().test(0, setting="clinic"), 1, []),
    "no second test before a first": (
        "test-due",
        lambda: HistoryFactory(OCTOBER).sign().enter(0, ContraceptionDeclared("prescriber", METHODS, OCTOBER)), 1, []),
    "the second test at the end of the lead-in": (
        "test-due", begun, 1, to(BOTH, f"test-due:{begun().on(30)}", 30, 60)),
    "the second test nineteen days after a late first": (
        "test-due", late_first, 16, to(BOTH, f"test-due:{begun().on(34)}", 34, 64)),
    "the next test a week before the supply ends": (
        "test-due", filled, 40, to(BOTH, f"test-due:{filled().on(54)}", 54, 84)),
    "the next test after a short supply on the day after": (
        "test-due", short_supply, 33, to(BOTH, f"test-due:{filled().on(32)}", 32, 62)),
    "no test so young that its window closes before the birthday": (
        "test-due", young, 31, to(BOTH, f"test-due:{young().on(45)}", 45, 75)),
    "the same test, once the birthday has come": (
        "test-due", young, 52, to(BOTH, f"test-due:{young().on(45)}", 45, 75)),
    "no test whose window closes before another course may begin": (
        "test-due", further_course, 90, to(BOTH, f"test-due:{further_course().on(109)}", 109, 139)),
    "the same test, once that time is over": (
        "test-due", further_course, 116, to(BOTH, f"test-due:{further_course().on(109)}", 109, 139)),
    "no test on the day of a stop that was cleared": (
        "test-due", lambda: filled().enter(58, PregnancyReported()).enter(58.1, StopCleared("r")), 58.2,
        to(BOTH, f"test-due:{filled().on(59)}", 59, 89)),
    "no test the day after a window, whose notice says it": ("test-due", ready, 40, []),
    "a new test after the lockout": (
        "test-due", lambda: ready(MAY), 40, to(BOTH, f"test-due:{ready(MAY).on(50)}", 50, 80)),
    "nobody is asked for a test while stopped": ("test-due", lambda: begun().enter(1, PregnancyReported()), 2, []),
    "both tests after treatment": (
        "test-due", ended, 41,
        [*to(BOTH, f"end-of-treatment-test:{ended().on(39)}", 39, 46),
         *to(BOTH, f"month-after-test:{ended().on(69)}", 69, 76)]),
    "one test after treatment is left": (
        "test-due", lambda: ended().test(41), 42, to(BOTH, f"month-after-test:{ended().on(69)}", 69, 76)),
    "a test after treatment is late, and late once more": (
        "owed-late", lambda: ended().test(41), 42,
        [*to(BOTH, f"owed-late-7:month-after-test:{ended().on(69)}", 76, 83),
         *to(BOTH, f"owed-late-14:month-after-test:{ended().on(69)}", 83, 434)]),
    "a booked test without a result": (
        "result-missing", booked, 2, to(BOTH, f"result-missing:{begun().on(20)}", 22, 36)),
    "a booked test that was entered": ("result-missing", lambda: booked().test(20), 20, []),
    "a booked test that was entered later, of a later day": ("result-missing", lambda: booked().test(23), 23, []),
    "a test of the day before does not settle it": (
        "result-missing", lambda: booked().test(19), 20, to(BOTH, f"result-missing:{begun().on(20)}", 22, 36)),
    "a booking that was moved": (
        "result-missing", lambda: booked().enter(3, BookedTest(begun().on(25))), 4,
        to(BOTH, f"result-missing:{begun().on(25)}", 27, 41)),
    "a booking that was taken back": ("result-missing", lambda: booked().enter(3, BookedTest()), 4, []),
    "a booking before a stop": ("result-missing", lambda: booked().enter(3, PregnancyReported()), 4, []),
    "a booking before a stop that was cleared": (
        "result-missing", lambda: booked().enter(3, PregnancyReported()).enter(4, StopCleared("x")), 5, []),
    "a booking before the end of the course": (
        "result-missing", lambda: booked().enter(3, Discontinued("x")), 4, []),
    "values before the first dose, by a plan": (
        "laboratory-due", lambda: begun().enter(0, LaboratoryPlanned((0, 1))), 2,
        to([PRESCRIBER], "laboratory-due:2:0", 0, 30)),
    "values before the first dose were never entered: those of month 2 are due all the same": (
        "laboratory-due", lambda: filled().enter(40, LaboratoryPlanned((0, 2))), 41,
        to([PRESCRIBER], "laboratory-due:2:0", 0, 30)
        + to([PRESCRIBER], "laboratory-due:2:2", FILLED + 60, FILLED + 90)),
    "values before the first dose that were drawn before": (
        "laboratory-due", lambda: begun().enter(1, LaboratoryPlanned((0, 1)), drawn(-40)), 2, []),
    "no plan and no values: kept elsewhere": ("laboratory-due", filled, 40, []),
    "month 2 by default, once values were entered": (
        "laboratory-due", lambda: filled().enter(40, drawn(0)), 41,
        to([PRESCRIBER], "laboratory-due:2:2", FILLED + 60, FILLED + 90)),
    "values of two weeks before do": (
        "laboratory-due", lambda: filled().enter(FILLED + 46, drawn(0), drawn(FILLED + 46)), FILLED + 46, []),
    "values of fifteen days before do not": (
        "laboratory-due", lambda: filled().enter(FILLED + 45, drawn(0), drawn(FILLED + 45)), FILLED + 46,
        to([PRESCRIBER], "laboratory-due:2:2", FILLED + 60, FILLED + 90)),
    "as needed": ("laboratory-due", lambda: filled().enter(40, LaboratoryPlanned(())), 41, []),
    "no values are due while stopped": (
        "laboratory-due", lambda: begun().enter(1, LaboratoryPlanned((0,)), PregnancyReported()), 2, []),
    "no values are due after the course": (
        "laboratory-due", lambda: begun().enter(1, LaboratoryPlanned((0,))).enter(2, Discontinued("x")), 3, []),
    "nothing is late while treated": ("owed-late", filled, 40, []),
    "the lead-in ends": ("lead-in-ending", begun, 1, to(BOTH, f"lead-in-ending:{begun().on(30)}", 27, 30, 30)),
    "no lead-in ends while stopped": ("lead-in-ending", lambda: begun().enter(1, PregnancyReported()), 2, []),
    "no lead-in ends after a fill": ("lead-in-ending", filled, 40, []),
    "a late first test moves the second": (
        "book-ahead", late_first, 16, to(BOTH, f"book-ahead:{begun().on(34)}", 31, 34, 34)),
    "the lockout ends": ("book-ahead", lambda: ready(MAY), 40, to(BOTH, f"book-ahead:{ready(MAY).on(50)}", 47, 50, 50)),
    "nothing to book where the lead-in says it": ("book-ahead", begun, 1, []),
    "nothing to book where a test counts at once": ("book-ahead", ready, 40, []),
    "a part of the month is open": (
        "month-open", in_the_window, 32,
        [(f"month-open:{ready().on(31)}:patient", 31.5, 36, 37),
         (f"month-open:{ready().on(31)}:prescriber", 32.5, 36, 37)]),
    "only the patient's part is open": (
        "month-open", without_patients_part, 32, [(f"month-open:{ready().on(31)}:patient", 31.5, 36, 37)]),
    "no part is open once all is done": ("month-open", ready, 32, []),
    "no part is open before a window": ("month-open", begun, 20, []),
    "a window closes on everybody while something is missing": (
        "window-closing", in_the_window, 32, closing("patient", "prescriber")),
    "a window closes on the practice too where the patient has to act": (
        "window-closing", without_patients_part, 32, closing("patient", "prescriber")),
    "a window closes on the guardian who has not signed": (
        "window-closing", lambda: minor().month(31), 32, closing("guardian", "patient", "prescriber")),
    "a window closes on the patient who only fetches": ("window-closing", ready, 32, closing("patient")),
    "a window closes on the patient whose pharmacy has a yes": ("window-closing", authorized, 32, closing("patient")),
    "a window closes on its last day too": ("window-closing", ready, 37.4, closing("patient")),
    "no window closes on who is stopped": ("window-closing", stopped, 32, []),
    "no window closes after the fill": ("window-closing", filled, 32, []),
    "a window was missed": ("window-missed", ready, 40, to(BOTH, f"test-due:{ready().on(38)}", 38, 68)),
    "a window was missed, and a lockout runs": (
        "window-missed", lambda: ready(MAY), 40, to(BOTH, f"window-missed:{ready(MAY).on(37)}", 38, 68)),
    "a window was missed after a fill, where no lockout runs": (
        "window-missed", lambda: filled(MAY).test(55), 70, to(BOTH, f"test-due:{filled(MAY).on(62)}", 62, 92)),
    "a visit's window was missed": (
        "window-missed", lambda: cannot(0), 40, to(BOTH, f"window-missed:{cannot().on(30)}", 31, 61)),
    "no window was missed after the fill": ("window-missed", filled, 40, []),
    "nothing is signed": (
        "consent-unfinished", unsigned, 1,
        [*to(["patient"], f"consent-unfinished-2:{OCTOBER}", 2.5, 5.5),
         *to(BOTH, f"consent-unfinished-5:{OCTOBER}", 5.5, 14.5)]),
    "what is signed anew is waited for anew": (
        "consent-unfinished", void, 34,
        [*to(["patient"], f"consent-unfinished-2:{ready().on(33)}", 35.5, 38.5),
         *to(BOTH, f"consent-unfinished-5:{ready().on(33)}", 38.5, 47.5)]),
    "the patient opened an account, and a guardian did": (
        "consent-unfinished",
        lambda: unsigned().enter(1, InvitationAccepted("i", "a")).enter(2, InvitationAccepted("i", "a", "g")), 2,
        [*to(["patient"], f"consent-unfinished-2:{ready().on(1)}", 3.5, 6.5),
         *to(BOTH, f"consent-unfinished-5:{ready().on(1)}", 6.5, 15.5)]),
    "a no begins the waiting anew": (
        "consent-unfinished", lambda: unsigned().enter(3, ConsentRefused("birth-defects", "patient")), 3,
        [*to(["patient"], f"consent-unfinished-2:{ready().on(3)}", 5.5, 8.5),
         *to(BOTH, f"consent-unfinished-5:{ready().on(3)}", 8.5, 17.5)]),
    "all is signed": ("consent-unfinished", begun, 1, []),
    "nobody signs while stopped": ("consent-unfinished", lambda: unsigned().enter(1, PregnancyReported()), 2, []),
    "a guardian is waited for": (
        "guardian-waited-for", minor, 1,
        [*to(["guardian", "patient"], f"guardian-waited-for-2:{OCTOBER}", 2.5, 5.5),
         *to(["guardian", "patient", "prescriber"], f"guardian-waited-for-5:{OCTOBER}", 5.5, 14.5)]),
    "another guardian is waited for": (
        "guardian-waited-for", lambda: minor().enter(4, GuardianNamed("g")), 4,
        [*to(["guardian", "patient"], f"guardian-waited-for-2:{ready().on(4)}", 6.5, 9.5),
         *to(["guardian", "patient", "prescriber"], f"guardian-waited-for-5:{ready().on(4)}", 9.5, 18.5)]),
    "no guardian of an adult is": ("guardian-waited-for", unsigned, 1, []),
    "no guardian is before the patient signed": (
        "guardian-waited-for", lambda: HistoryFactory(OCTOBER, date(2012, 1, 1)), 1, []),
    "ready to pick up": (
        "authorization-issued", authorized, 32, [("authorization-issued:1:patient", 31.6, 38, 37)]),
    "nothing to pick up after the fill": ("authorization-issued", filled, 32, []),
    "nothing to pick up once it is void": ("authorization-issued", void, 34, []),
    "the supply ends": (
        "supply-ending", filled, 40,
        [*to(["patient"], f"supply-ending-10:{filled().on(61)}", 51, 56, 60),
         *to(["patient"], f"supply-ending-5:{filled().on(61)}", 56, 61, 60)]),
    "a supply of five days was short from the first": ("supply-ending", short_supply, 33, []),
    "no supply ends before a fill": ("supply-ending", ready, 32, []),
    "no supply ends after the course": ("supply-ending", ended, 41, []),
    "a pharmacy hears of a yes that expired, and then the office": (
        "authorization-overdue", authorized, 40, overdue("1", 38)),
    "a pharmacy hears of a yes that is void": ("authorization-overdue", void, 34, overdue("1", 33.5)),
    "a pharmacy does not hear again of what expired and is void": (
        "authorization-overdue", lambda: authorized().enter(45, Discontinued("r")), 46, overdue("1", 38)),
    "no pharmacy hears of a yes that was used": ("authorization-overdue", filled, 40, []),
    "no pharmacy hears of a yes that was given back": (
        "authorization-overdue", lambda: authorized().enter(31.2, Reversed("1")), 40, []),
    "a hand-over was entered late": (
        "late-hand-over", entered_late, 36, [("late-hand-over:{0}:office", 35.5, 42.5, None)]),
    "a hand-over was entered on its day": ("late-hand-over", filled, 36, []),
    "the last dose is not entered": ("last-dose", filled, 40, [("last-dose:{0}:prescriber", 71, 131, None)]),
    "the last dose is entered": ("last-dose", ended, 41, []),
    "the course goes on": ("last-dose", lambda: filled().month(55), 55.1, []),
    "the month after the last dose is over": (
        "precautions-over", ended, 41, [(f"precautions-over:{ended().on(69)}:patient", 69, 76, None)]),
    "nothing is over while treated": ("precautions-over", filled, 41, []),
    "nobody has looked at a stop": (
        "stop-unopened", stopped, 33.3,
        [*to(["office", "prescriber"], f"stop-unopened:{stopped().at(31.2):%Y%m%dT%H%M%S}:2", 33.7, 34.7),
         *to(["office", "prescriber"], f"stop-unopened:{stopped().at(31.2):%Y%m%dT%H%M%S}:3", 34.7, 35.7)]),
    "a stop is told again for two weeks": ("stop-unopened", stopped, 47, []),
    "an urgent report waits": ("report-unanswered", reported, 3, WAITS),
    "thoughts of harm wait": ("report-unanswered", lambda: answered_mood(1, ninth=1), 3, WAITS),
    "a stop silences no report": (
        "report-unanswered", lambda: reported().enter(3.1, PregnancyReported()), 3.2, WAITS),
    "an answer ends the waiting": (
        "report-unanswered", lambda: reported().enter(3.01, ReportAnswered(99, talked=True)), 3.02, []),
    "a visit alone does not end it": (
        "report-unanswered", lambda: reported().enter(3.1, Counselled(begun().on(3))), 3.2, WAITS),
    "what can wait is not told again": (
        "report-unanswered", lambda: begun().enter(3, SideEffectReported(("hair",), 1, "en", "next-time")), 3, []),
    "severe answers": (
        "report-same-day", lambda: answered_mood(20), 3, to([PRESCRIBER], "report-same-day:7", 3.5, 10.5)),
    "severe answers that somebody talked about": (
        "report-same-day", lambda: answered_mood(24).enter(4, Counselled(begun().on(4))), 4, []),
    "answers that are not severe": ("report-same-day", lambda: answered_mood(19), 3, []),
    "severe answers with thoughts of harm were told at once": (
        "report-same-day", lambda: answered_mood(24, ninth=1), 3, []),
    "moderately severe answers": (
        "report-soon", lambda: answered_mood(15), 3, to([PRESCRIBER], "report-soon:7", 3.5, 10.5)),
    "moderate answers wait for the visit": ("report-soon", lambda: answered_mood(14), 3, []),
    "severe answers are in no digest": ("report-soon", lambda: answered_mood(20), 3, []),
    "something has changed": (
        "health-changed", lambda: begun().enter(3, HealthReviewed(True, "x")), 3,
        to([PRESCRIBER], "health-changed:7", 3.5, 17.5)),
    "nothing has changed": ("health-changed", lambda: begun().enter(3, HealthReviewed(False)), 3, []),
    "what has changed was entered": (
        "health-changed", lambda: begun().enter(3, HealthReviewed(True, "x")).enter(4, HealthAnswered((), (), ())), 4,
        []),
    "a stop is cleared": ("stop-unopened", lambda: stopped().enter(32, StopCleared("r")), 33.3, []),
}  # fmt: skip


def midnight(on: date) -> datetime:
    return datetime.combine(on, time(), NEW_YORK).astimezone(UTC)


def instant(history: HistoryFactory, day: float) -> datetime:
    """The midnight that begins a day, and a part of the day after it."""
    return midnight(history.on(int(day))) + timedelta(days=1) * (day - int(day))


def shown(notice: Notice) -> tuple[str, datetime, datetime, date | None]:
    return notice.key, notice.due_at, notice.until, notice.by


def is_due(kind: str, make: Callable[[], HistoryFactory], day: float, expected: list[Due]) -> list[Notice]:
    """The notices of that kind, which are those that are expected."""
    history = make()
    number = max((e.number for e in history.entries if isinstance(e.record, Dispensed)), default=0)
    found = [notice for notice in due.notices(history.ask(day)) if notice.kind == kind]
    assert sorted(map(shown, found)) == sorted(
        (key.format(number), instant(history, first), instant(history, until), None if by is None else history.on(by))
        for key, first, until, by in expected
    )
    return found


@pytest.mark.parametrize("name", DUE)
def test_what_is_due(name: str) -> None:
    found = is_due(*DUE[name])
    if DUE[name][0] != "authorization-overdue":
        assert [one.to for one in found] == [one.key.split(":")[-1] for one in found]


def test_every_kind_has_a_case_in_which_it_is_due_and_one_in_which_it_is_not() -> None:
    cases = {(kind, bool(expected)) for kind, _make, _day, expected in DUE.values()}
    assert cases == {(kind, expected) for kind in due.DUE for expected in (True, False)}


def test_a_pharmacy_hears_of_its_own_yes_alone() -> None:
    history = authorized().enter(31.2, Dispensed("1")).month(55)
    history.enter(55.1, Authorized("2", "Q", 30, history.on(61)))
    assert {one.pharmacy for one in due.notices(history.ask(63)) if one.to == "pharmacy"} == {"Q"}


def test_what_is_due_first_stands_first() -> None:
    found = due.notices(void().ask(34))
    assert [one.due_at for one in found] == sorted(one.due_at for one in found)


#: Name -> (a history, who has to act, as the window's closing says).
ACTS: dict[str, tuple[Callable[[], HistoryFactory], tuple[str, ...]]] = {
    "everybody": (in_the_window, ("patient", "prescriber")),
    "the patient": (without_patients_part, ("patient",)),
    "a guardian": (lambda: minor().month(31), ("guardian",)),
    "nobody": (ready, ()),
    "nobody but the pharmacy": (authorized, ()),
}  # fmt: skip


@pytest.mark.parametrize("name", ACTS)
def test_the_closing_says_who_has_to_act(name: str) -> None:
    make, acts = ACTS[name]
    assert {one.acts for one in due.notices(make().ask(32)) if one.kind == "window-closing"} == {acts}


def test_no_window_closes_where_only_time_helps() -> None:
    """Another course ended too short a while ago: there is nothing to pick up, and nothing to do."""
    history = HistoryFactory(OCTOBER, date(2014, 12, 30)).begun().sign("guardian").month(31)
    assert history.ask(32).blockers[0].code == "under-age"
    assert [one for one in due.notices(history.ask(32)) if one.kind == "window-closing"] == []


def test_who_takes_a_patient_over_hears_what_the_one_before_was_told() -> None:
    history = in_the_window().enter(36.1, Transferred("q"))
    first = history.on(31)
    found = {one.key for one in due.notices(history.ask(36.2)) if one.kind == "window-closing"}
    assert {key for key in found if ":prescriber" in key} == {
        f"window-closing:{first}:prescriber:q",
        f"window-closing-24:{first}:prescriber",
        f"window-closing-last:{first}:prescriber",
    }


def test_who_gets_a_patient_back_does_not_hear_again_what_they_were_told() -> None:
    history = in_the_window().enter(36.1, Transferred("q")).enter(36.2, Transferred("p"))
    found = {one.key for one in due.notices(history.ask(36.3)) if one.kind == "window-closing"}
    assert f"window-closing:{history.on(31)}:prescriber" in found
    assert not [key for key in found if key.endswith((":p", ":q"))]


def test_who_has_had_the_patient_since_before_hears_it_as_anybody() -> None:
    history = in_the_window().enter(32, Transferred("q")).enter(33, Transferred("p"))
    found = {one.key for one in due.notices(history.ask(36.3)) if one.kind == "window-closing"}
    assert f"window-closing:{history.on(31)}:prescriber" in found


#: Name -> (a history, the day of the question, the day of what comes next, as above).
NEXT: dict[str, tuple[Callable[[], HistoryFactory], float, float]] = {
    "the end of the lead-in, three days before": (begun, 1, 27),
    "the end of the lead-in": (begun, 28, 30),
    "the closing of a window, before it is over": (ready, 32, 36),
    "the last day, on which the last call goes at nine of each reader": (ready, 36, 37),
    "the window's end, once its closing was told": (ready, 37, 38),
    "the end of the supply": (filled, 40, 51),
    "the next test": (filled, 52, 54),
    "another day of a stop": (stopped, 32, 32.7),
}


@pytest.mark.parametrize("name", NEXT)
def test_what_comes_next(name: str) -> None:
    make, day, coming = NEXT[name]
    history = make()
    assert due.next_due(history.ask(day)) == instant(history, coming)


def test_a_notice_of_this_instant_is_none_that_comes() -> None:
    history = begun()
    at = history.at(30) - timedelta(hours=12)
    assert at == midnight(history.on(30))
    assert due.next_due(history.ask(29.5)) != at


def test_a_notice_is_due_at_a_midnight_of_the_programs_zone() -> None:
    history = begun()
    program = replace(ISOTRETINOIN_US, zone="America/Chicago")
    found = due.notices(assess(program, history.entries, at=history.at(1), prescribers={"p": ALWAYS}))
    found = [one for one in found if one.kind == "test-due"]
    assert {one.due_at for one in found} == {midnight(history.on(30)) + timedelta(hours=1)}


def current(log: Log, at: datetime) -> set[str]:
    return {one.key for one in due.notices(log.ask(at)) if one.is_current(at)}


@SMALL
@given(logs(), st.floats(0, 1))
def test_what_comes_next_is_never_late(log: Log, share: float) -> None:
    """Until then nothing becomes due that was not, from any instant on, and thrice in a row."""
    at = log.entries[-1].at
    for _ in range(3):
        end = due.next_due(log.ask(at)) or at + timedelta(days=400)
        assert end > at
        between = at + share * (end - at - timedelta(microseconds=1))
        assert current(log, between) <= current(log, at)
        at = end


@SMALL
@given(logs())
def test_each_notice_has_a_key_of_its_own_that_fits_its_row(log: Log) -> None:
    for after in (0, 3, 33, 70):
        found = due.notices(log.ask(log.entries[-1].at + timedelta(days=after)))
        keys = [one.key for one in found]
        assert len(set(keys)) == len(keys)
        # In the row the patient's id stands before it, and behind it that of the person it goes to.
        assert all(len(key) <= 200 - 2 * 37 for key in keys)
