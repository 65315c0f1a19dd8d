"""The tests that open a window, and the start of the cycle (rules, sections 4.3 and 4.4)."""

from dataclasses import dataclass
from datetime import date, datetime

from . import days
from .days import Span
from .editions import Edition
from .history import History
from .records import ContraceptionDeclared, Dispensed, Entry, HomeTestingSet, PregnancyTest

Test = tuple[Entry, PregnancyTest]


@dataclass(frozen=True, slots=True, kw_only=True)
class Testing:
    """The result of the tests of a patient who can become pregnant, at an instant."""

    anchor: date | None
    #: The first day after the lead-in; None when nothing anchors it, or the edition has none.
    lead_in_over_on: date | None
    screening: Test | None
    #: The latest dispense from `Q` on, and the day `D` on which the patient got the product.
    dispensed: tuple[Entry, Dispensed] | None
    dispensed_on: date | None
    windows: tuple[Span, ...]

    @property
    def last(self) -> Span | None:
        """The one window that matters."""
        return self.windows[-1] if self.windows else None


def testing(history: History, edition: Edition) -> Testing:
    """The tests, windows and lead-in of the open course's qualifying period; the course must be open."""
    dispenses = history.qualifying(Dispensed)
    dispensed = dispenses[-1] if dispenses else None
    dispensed_on = handed_over_on(history, *dispensed) if dispensed else None
    anchor = _anchor(history)
    over = None
    if anchor is not None and edition.lead_in_days is not None:
        over = days.plus(anchor, edition.lead_in_days)
    tests = _counting(history)
    screening = _screening(history, edition, tests)
    if dispensed_on is not None:
        windows = _after_dispense(history, edition, tests, dispensed_on)
    else:
        windows = _before_first(history, edition, tests, screening, over)
    return Testing(
        anchor=anchor,
        lead_in_over_on=over,
        screening=screening,
        dispensed=dispensed,
        dispensed_on=dispensed_on,
        windows=tuple(windows),
    )


def cycle_start(history: History, testing: Testing) -> datetime:
    """`C`: from here on what is asked of the prescriber each month must have been recorded (section 4.4)."""
    assert history.course is not None
    starts = [history.course.qualifying]
    if testing.dispensed is not None:
        starts.append(handed_over_at(history, *testing.dispensed))
    ended = [w.last for w in missed(testing.windows, history.day)]
    if ended:
        starts.append(days.midnight(days.plus(max(ended), 1), history.zone))
    return max(starts)


def handed_over_on(history: History, entry: Entry, record: Dispensed) -> date:
    """The day `D` on which the patient got the product (rules, section 5.3)."""
    return record.handed_over_on or history.day_of(entry.at)


def handed_over_at(history: History, entry: Entry, record: Dispensed) -> datetime:
    """The instant from which the next month counts: of the entry, or the midnight that ends an earlier hand-over."""
    on = handed_over_on(history, entry, record)
    return days.midnight(days.plus(on, 1), history.zone) if on < history.day_of(entry.at) else entry.at


def patient_part_start(history: History, testing: Testing) -> datetime | None:
    """`P`: from here on the patient's own part of the month counts; None while no window is open (section 4.4)."""
    last = testing.last
    if last is None or not last.covers(history.day):
        return None
    return max(cycle_start(history, testing), days.midnight(last.first, history.zone))


def missed(windows: tuple[Span, ...], on: date) -> list[Span]:
    """The windows that ended before day `on` without a later one that starts on or before their last day."""
    return [
        window
        for place, window in enumerate(windows)
        if window.last < on and all(later.first > window.last for later in windows[place + 1 :])
    ]


def _counting(history: History) -> list[Test]:
    """Negative tests from `Q` on, collected after every stop event, by (collected, recorded)."""
    after = history.stops.last_on
    tests = [
        (entry, test)
        for entry, test in history.qualifying(PregnancyTest)
        if test.result == "negative" and (after is None or test.collected_on > after)
    ]
    return sorted(tests, key=lambda pair: (pair[1].collected_on, pair[0].at, pair[0].number))


def _setting_ok(history: History, test: Test, settings: frozenset[str]) -> bool:
    entry, record = test
    if record.setting not in settings:
        return False
    return record.setting != "home" or _home_permitted(history, entry.at)


def _home_permitted(history: History, at: datetime) -> bool:
    answers = [record.permitted for entry, record in history.in_course(HomeTestingSet) if entry.at <= at]
    return bool(answers) and answers[-1]


def _anchor(history: History) -> date | None:
    assert history.course is not None
    first = next((r for _, r in history.qualifying(ContraceptionDeclared) if r.by == "prescriber"), None)
    if first is None or first.started_on is None:
        return None
    return max(history.day_of(history.course.qualifying), first.started_on)


def _screening(history: History, edition: Edition, tests: list[Test]) -> Test | None:
    return next((test for test in tests if _setting_ok(history, test, edition.screening)), None)


def _window(test: Test, edition: Edition) -> Span:
    collected = test[1].collected_on
    return Span(collected, days.plus(collected, edition.window_last_day))


def _after_dispense(history: History, edition: Edition, tests: list[Test], dispensed_on: date) -> list[Span]:
    return [
        _window(test, edition)
        for test in tests
        if test[1].collected_on > dispensed_on and _setting_ok(history, test, edition.monthly)
    ]


def _before_first(
    history: History, edition: Edition, tests: list[Test], screening: Test | None, over: date | None
) -> list[Span]:
    windows: list[Span] = []
    if screening is None or (over is None and edition.lead_in_days is not None):
        return windows
    earliest = days.plus(screening[1].collected_on, edition.screening_gap_days)
    for test in tests:
        collected = test[1].collected_on
        if test is screening or collected < earliest or (over is not None and collected < over):
            continue
        if _opens(history, edition, test, windows[-1] if windows else None):
            windows.append(_window(test, edition))
    return windows


def _opens(history: History, edition: Edition, test: Test, last: Span | None) -> bool:
    """Whether a test late enough for both tests opens a window, as confirmatory test or as a retest."""
    record = test[1]
    if last is None or record.collected_on <= last.last:
        return record.menses is not None and _setting_ok(history, test, edition.confirmatory)
    if edition.lockout_days is not None and record.collected_on < days.plus(last.first, edition.lockout_days):
        return False
    if edition.retest_asks_menses and record.menses is None:
        return False
    return _setting_ok(history, test, edition.retest)
