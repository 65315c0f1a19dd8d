"""May this be dispensed to this patient now? One small function a blocker; `assess` returns all of them (section 5)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from . import authorizations, certification, consents, days, followup, windows
from .authorizations import Authorization
from .blockers import Blocker, block
from .categories import CAN
from .certification import Spans
from .days import Span
from .editions import Edition, Program
from .followup import Owed
from .history import Course, History, read
from .records import ComprehensionPassed, ContraceptionDeclared, Counselled, Discontinued, Dispensed, Entry
from .windows import Testing


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked: by a pharmacy with these certifications (None: any that is certified), for so many days."""

    pharmacy: Spans | None = None
    days_supply: int = 1


STATUS = Question()


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """Everything that follows from a patient's log at an instant."""

    history: History
    edition: Edition
    question: Question
    prescriber_spans: Spans
    testing: Testing | None
    #: The latest window, whether it is open or over; None where there is none.
    latest_window: Span | None
    blockers: tuple[Blocker, ...]
    authorization: Authorization | None
    owed: tuple[Owed, ...]

    @property
    def at(self) -> datetime:
        """The instant of the question."""
        return self.history.at

    @property
    def day(self) -> date:
        """The day of the question, in program time."""
        return self.history.day

    @property
    def course(self) -> Course | None:
        """The course that is open."""
        return self.history.course

    @property
    def allowed(self) -> bool:
        """Whether the answer is yes."""
        return not self.blockers

    @property
    def codes(self) -> tuple[str, ...]:
        """The blockers' codes, in order."""
        return tuple(b.code for b in self.blockers)

    @property
    def window(self) -> Span | None:
        """The window, if it is open on this day."""
        latest = self.latest_window
        return latest if latest is not None and latest.covers(self.day) else None

    @property
    def dispense_by(self) -> date | None:
        """The last day on which an authorization issued now could be used; None when the answer is no."""
        if not self.allowed:
            return None
        return self.window.last if self.window else days.plus(self.day, self.edition.windowless_days)

    @cached_property
    def stage(self) -> str:
        """Where the patient stands, by one code of section 11."""
        from .stages import stage

        return stage(self)

    @cached_property
    def next_change(self) -> datetime | None:
        """The next instant at which the answer can change without a record; never late, None when there is none."""
        from .change import next_change

        return next_change(self)

    @cached_property
    def steps(self) -> Mapping[str, tuple[str, ...]]:
        """What each role can do next, as codes of steps."""
        from .stages import steps

        return steps(self)


def assess(
    program: Program,
    entries: Iterable[Entry],
    *,
    at: datetime,
    prescribers: Mapping[str, Spans],
    question: Question = STATUS,
) -> Assessment:
    """What `entries` answer at `at`. Raises NoEdition before the program's first edition.

    `prescribers` gives the certifications by prescriber; one who is not in it has none.
    """
    return judge(read(program, entries, at), prescribers=prescribers, question=question)


def judge(history: History, *, prescribers: Mapping[str, Spans], question: Question = STATUS) -> Assessment:
    """As `assess`, for a history that was read already."""
    edition = history.program.edition_on(history.day)
    course = history.course
    spans = prescribers.get(history.prescriber or "", ())
    testing = windows.testing(history, edition) if course and course.category == CAN else None
    latest = testing.last if testing else _counselling_window(history, edition)
    authorization = authorizations.open_one(history)
    blockers = [
        *_certifications(history, edition, spans, question),
        *(_course(history, edition, testing, latest, authorization, question) if course else _no_course(edition)),
    ]
    return Assessment(
        history=history,
        edition=edition,
        question=question,
        prescriber_spans=spans,
        testing=testing,
        latest_window=latest,
        blockers=tuple(blockers),
        authorization=authorization,
        owed=followup.owed(history, edition),
    )


def _certifications(history: History, edition: Edition, spans: Spans, question: Question) -> Iterator[Blocker]:
    if not certification.covers(spans, history.day):
        yield block("prescriber-not-certified", edition)
    if question.pharmacy is not None and not certification.covers(question.pharmacy, history.day):
        yield block("pharmacy-not-certified", edition)


def _no_course(edition: Edition) -> Iterator[Blocker]:
    yield block("not-enrolled", edition)


def _course(
    history: History,
    edition: Edition,
    testing: Testing | None,
    latest: Span | None,
    authorization: Authorization | None,
    question: Question,
) -> Iterator[Blocker]:
    """All that is asked once a course is open, in the order of the rules."""
    yield from _under_age(history, edition)
    yield from _course_gap(history, edition)
    if history.stops.open:
        yield block("stop-open", edition)
    for code in consents.missing(history, edition):
        yield block(code, edition)
    if testing is not None:
        yield from _tests(history, edition, testing)
        yield from _attested(history, edition, testing)
    else:
        yield from _cannot(history, edition, latest)
    if authorization is not None or authorizations.open_elsewhere(history):
        yield block("authorization-open", edition)
    if question.days_supply > edition.largest_supply_days:
        yield block("supply-too-long", edition)


def _under_age(history: History, edition: Edition) -> Iterator[Blocker]:
    if history.born_on is None:
        yield block("under-age", edition)
    elif history.day < (of_age := days.birthday(history.born_on, edition.least_age)):
        yield block("under-age", edition, of_age)


def gap_over_on(history: History, edition: Edition) -> date | None:
    """The day from which a further course may be dispensed; None when no dose of an earlier one is known."""
    ended = [r for file in (history, *history.linked) for _, r in file.of(Discontinued)]
    doses = [r.last_dose_on for r in ended if r.last_dose_on is not None]
    return days.plus(max(doses), edition.between_courses_days) if doses else None


def _course_gap(history: History, edition: Edition) -> Iterator[Blocker]:
    over = gap_over_on(history, edition)
    if over is not None and history.day < over:
        yield block("course-gap", edition, over)


def _tests(history: History, edition: Edition, testing: Testing) -> Iterator[Blocker]:
    """Lead-in, at most one of the four on tests and windows, and the lockout."""
    first = testing.dispensed is None
    over, last = testing.lead_in_over_on, testing.last
    if first and over is not None and history.day < over:
        yield block("lead-in-not-complete", edition, over)
    if first and testing.screening is None:
        yield block("screening-test-missing", edition)
    elif last is None:
        yield block("confirmatory-test-missing" if first else "monthly-test-missing", edition)
    elif last.last < history.day:
        yield block("window-expired", edition)
        if first and edition.lockout_days is not None:
            free = days.plus(last.first, edition.lockout_days)
            if history.day < free:
                yield block("lockout", edition, free)


def _attested(history: History, edition: Edition, testing: Testing) -> Iterator[Blocker]:
    """What is asked anew each cycle: counselling, both declarations, the questions."""
    since = windows.cycle_start(history, testing)
    if not history.of(Counselled, since):
        yield block("counselling-missing", edition)
    declared = {r.by: frozenset(r.methods) for _, r in history.of(ContraceptionDeclared, since)}
    for by in ("prescriber", "patient"):
        if by not in declared:
            yield block(f"contraception-missing:{by}", edition)
    if len(declared) == 2 and declared["prescriber"] != declared["patient"]:
        yield block("contraception-mismatch", edition)
    if not history.of(ComprehensionPassed, since):
        yield block("comprehension-missing", edition)


def _counselling_window(history: History, edition: Edition) -> Span | None:
    """The window that a visit opens for a patient who cannot become pregnant; None in editions without one."""
    if history.course is None or edition.cannot_counselling_days is None:
        return None
    dispensed = [entry.at for entry, _ in history.in_course(Dispensed)]
    visits = [
        record.visit_on for entry, record in history.in_course(Counselled) if not dispensed or entry.at > dispensed[-1]
    ]
    return Span(visits[-1], days.plus(visits[-1], edition.cannot_counselling_days)) if visits else None


def _cannot(history: History, edition: Edition, latest: Span | None) -> Iterator[Blocker]:
    if edition.cannot_counselling_days is None:
        if not history.in_course(Counselled):
            yield block("counselling-missing", edition)
    elif latest is None:
        yield block("counselling-missing", edition)
    elif latest.last < history.day:
        yield block("window-expired", edition)
