"""The tests that open a window, and the start of the cycle (rules, sections 4.3 and 4.4)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from . import days
from .days import Span
from .editions import Edition
from .history import History
from .records import ContraceptionDeclared, Dispensed, Entry, HomeTestingSet, PregnancyTest
from .shortfalls import Shortfall

Test = tuple[Entry, PregnancyTest]


@dataclass(frozen=True, slots=True)
class Judged:
    """A test that could open a window, and why it opens none; it opens one where nothing is lacking."""

    entry: Entry
    shortfalls: tuple[Shortfall, ...]
    window: Span | None


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
    #: The negative tests that could open a window, in the order in which they are judged.
    judged: tuple[Judged, ...] = ()

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
        judged = _after_dispense(history, edition, tests, dispensed_on)
    else:
        judged = _before_first(history, edition, tests, screening, over)
    return Testing(
        anchor=anchor,
        lead_in_over_on=over,
        screening=screening,
        dispensed=dispensed,
        dispensed_on=dispensed_on,
        windows=tuple(one.window for one in judged if one.window is not None),
        judged=tuple(judged),
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


def disregarded(history: History, record: PregnancyTest) -> Shortfall | None:
    """Why a test counts for nothing before it is asked what it could open (rules, section 4.2); None: it may count."""
    if record.result != "negative":
        return Shortfall("not-negative")
    after = history.stops.last_on
    if after is not None and record.collected_on <= after:
        return Shortfall("not-after-stop", days.plus(after, 1))
    return None


def _counting(history: History) -> list[Test]:
    """Negative tests from `Q` on, collected after every stop event, by (collected, recorded)."""
    tests = [pair for pair in history.qualifying(PregnancyTest) if disregarded(history, pair[1]) is None]
    return sorted(tests, key=lambda pair: (pair[1].collected_on, pair[0].at, pair[0].number))


def _setting(history: History, test: Test, settings: frozenset[str]) -> Shortfall | None:
    """What is wrong with the place in which a test was taken; None where `settings` take it."""
    entry, record = test
    if record.setting not in settings:
        return Shortfall("setting-not-accepted")
    if record.setting == "home" and not home_permitted(history, entry.at):
        return Shortfall("home-not-permitted")
    return None


def home_permitted(history: History, at: datetime) -> bool:
    """Whether a test at home that is recorded at that instant is permitted (rules, section 4.3)."""
    answers = [record.permitted for entry, record in history.in_course(HomeTestingSet) if entry.at <= at]
    return bool(answers) and answers[-1]


def _anchor(history: History) -> date | None:
    assert history.course is not None
    first = next((r for _, r in history.qualifying(ContraceptionDeclared) if r.by == "prescriber"), None)
    if first is None or first.started_on is None:
        return None
    return max(history.day_of(history.course.qualifying), first.started_on)


def _screening(history: History, edition: Edition, tests: list[Test]) -> Test | None:
    return next((test for test in tests if _setting(history, test, edition.screening) is None), None)


def _window(test: Test, edition: Edition) -> Span:
    collected = test[1].collected_on
    return Span(collected, days.plus(collected, edition.window_last_day))


def _judged(test: Test, edition: Edition, shortfalls: Iterator[Shortfall]) -> Judged:
    lacking = tuple(shortfalls)
    return Judged(test[0], lacking, None if lacking else _window(test, edition))


def _after_dispense(history: History, edition: Edition, tests: list[Test], dispensed_on: date) -> list[Judged]:
    return [_judged(test, edition, _monthly(history, edition, test, dispensed_on)) for test in tests]


def _monthly(history: History, edition: Edition, test: Test, dispensed_on: date) -> Iterator[Shortfall]:
    """Why a test after a fill opens no window."""
    if test[1].collected_on <= dispensed_on:
        yield Shortfall("not-after-fill", days.plus(dispensed_on, 1))
    if (setting := _setting(history, test, edition.monthly)) is not None:
        yield setting


def _before_first(
    history: History, edition: Edition, tests: list[Test], screening: Test | None, over: date | None
) -> list[Judged]:
    """Every test but the screening test. Before there is one, each lacks what a screening test needs."""
    judged: list[Judged] = []
    last: Span | None = None
    for test in tests:
        if test is screening:
            continue
        if screening is None:
            setting = _setting(history, test, edition.screening)
            one = Judged(test[0], () if setting is None else (setting,), None)
        else:
            one = _judged(test, edition, _second(history, edition, test, screening[1].collected_on, over, last))
        judged.append(one)
        last = one.window or last
    return judged


def second_from(edition: Edition, screened_on: date, over: date | None) -> date:
    """The first day on which a test that opens a window may be collected; `over`: the first after the lead-in."""
    earliest = days.plus(screened_on, edition.screening_gap_days)
    return earliest if over is None else max(earliest, over)


def settings_asked(edition: Edition, testing: Testing | None, collected_on: date) -> frozenset[str]:
    """Where a test of that day counts: by the phase of the course, or after treatment (`testing` is None)."""
    if testing is None or testing.dispensed is not None:
        return edition.monthly
    if testing.screening is None:
        return edition.screening
    retest = testing.last is not None and collected_on > testing.last.last
    return edition.retest if retest else edition.confirmatory


def asks_menses(edition: Edition, last: Span | None, collected_on: date) -> bool:
    """Whether a test of that day before the first fill opens no window without its menses timing."""
    return last is None or collected_on <= last.last or edition.retest_asks_menses


def _second(
    history: History, edition: Edition, test: Test, screened_on: date, over: date | None, last: Span | None
) -> Iterator[Shortfall]:
    """Why a test opens no window as confirmatory test or, after a missed window, as a retest."""
    record = test[1]
    retest = last is not None and record.collected_on > last.last
    if over is None and edition.lead_in_days is not None:
        yield Shortfall("methods-not-declared")
    if record.collected_on < (earliest := days.plus(screened_on, edition.screening_gap_days)):
        yield Shortfall("too-soon-after-first", earliest)
    if over is not None and record.collected_on < over:
        yield Shortfall("in-lead-in", over)
    if (setting := _setting(history, test, edition.retest if retest else edition.confirmatory)) is not None:
        yield setting
    if last is not None and retest and edition.lockout_days is not None:
        free = days.plus(last.first, edition.lockout_days)
        if record.collected_on < free:
            yield Shortfall("in-lockout", free)
    if record.menses is None and asks_menses(edition, last, record.collected_on):
        yield Shortfall("menses-not-known")
