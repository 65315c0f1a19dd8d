"""The gate: may this be dispensed to this patient now? One function a blocker; `assess` returns all (section 5)."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from . import authorizations, certification, consents, days, followup, windows
from .assessment import STATUS, Assessment, GateQuestion
from .authorizations import AuthorizationFact
from .blockers import NOBODY, PATIENT, Blocker, block
from .certification import Spans
from .days import Span
from .editions import Edition, Program
from .history import History, read
from .records import ComprehensionPassed, ContraceptionDeclared, Counselled, Dispensed, Entry
from .windows import Testing


def assess(
    program: Program,
    entries: Iterable[Entry],
    *,
    at: datetime,
    prescribers: Mapping[str, Spans],
    question: GateQuestion = STATUS,
) -> Assessment:
    """Assess `entries` as of `at`. Raises NoEdition before the program's first edition.

    `prescribers` gives the certifications by prescriber; one who is not in it has none.
    """
    return judge(read(program, entries, at), prescribers=prescribers, question=question)


def judge(history: History, *, prescribers: Mapping[str, Spans], question: GateQuestion = STATUS) -> Assessment:
    """As `assess`, for a history that was read already."""
    edition = history.program.edition_on(history.day)
    course = history.course
    spans = prescribers.get(history.prescriber or "", ())
    testing = windows.testing(history, edition) if course and course.category.tests else None
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


def _certifications(history: History, edition: Edition, spans: Spans, question: GateQuestion) -> Iterator[Blocker]:
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
    authorization: AuthorizationFact | None,
    question: GateQuestion,
) -> Iterator[Blocker]:
    """All that is asked once a course is open, in the order of the rules."""
    yield from _under_age(history, edition)
    yield from _course_gap(history, edition)
    if any(file.course is not None for file in history.linked):
        yield block("course-elsewhere", edition)
    if history.stops.open:
        yield block("stop-open", edition)
    yield from _consents(history, edition)
    if testing is not None:
        yield from _tests(history, edition, testing)
        yield from _attested(history, edition, testing)
    else:
        yield from _cannot(history, edition, latest)
    if authorization is not None or authorizations.open_elsewhere(history):
        yield block("authorization-open", edition)
    if question.days_supply > edition.largest_supply_days:
        yield block("supply-too-long", edition)


def _consents(history: History, edition: Edition) -> Iterator[Blocker]:
    """A signature of a guardian is asked of the patient, who signs anew, once the patient is of age (section 5.1)."""
    adult = not consents.is_minor(history)
    for code in consents.missing(history, edition):
        guardian = code.startswith(consents.GUARDIAN_MISSING)
        yield block(code, edition, who=(PATIENT,) if guardian and adult else None)


def _under_age(history: History, edition: Edition) -> Iterator[Blocker]:
    if history.born_on is None:
        yield block("under-age", edition)
    elif history.day < (of_age := days.birthday(history.born_on, edition.least_age)):
        yield block("under-age", edition, of_age)


def _course_gap(history: History, edition: Edition) -> Iterator[Blocker]:
    over = followup.gap_over_on(history, edition)
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
    """Requirements of each month: counselling, both declarations, the questions (sections 4.4 and 5.2)."""
    since = windows.cycle_start(history, testing)
    patient_part = windows.patient_part_start(history, testing)
    who = (NOBODY,) if patient_part is None else None
    by_prescriber = declared(history, "prescriber", since)
    by_patient = None if patient_part is None else declared(history, "patient", patient_part)
    if not history.of(Counselled, since):
        yield block("counselling-missing", edition)
    if by_prescriber is None:
        yield block("contraception-missing:prescriber", edition)
    if by_patient is None:
        yield block("contraception-missing:patient", edition, who=who)
    if None not in (by_prescriber, by_patient) and by_prescriber != by_patient:
        yield block("contraception-mismatch", edition)
    if patient_part is None or not history.of(ComprehensionPassed, patient_part):
        yield block("comprehension-missing", edition, who=who)


def declared(history: History, by: str, since: datetime) -> frozenset[str] | None:
    """The methods that the latest declaration by that side names, of those recorded at or after `since`."""
    named = [record.methods for _, record in history.of(ContraceptionDeclared, since) if record.by == by]
    return frozenset(named[-1]) if named else None


def _counselling_window(history: History, edition: Edition) -> Span | None:
    """The window that a visit opens for a patient who cannot become pregnant; None in editions without one."""
    if history.course is None or edition.cannot_counselling_days is None:
        return None
    dispensed = history.in_course(Dispensed)
    since = windows.handed_over_at(history, *dispensed[-1]) if dispensed else None
    visits = [record.visit_on for entry, record in history.in_course(Counselled) if since is None or entry.at > since]
    return Span(visits[-1], days.plus(visits[-1], edition.cannot_counselling_days)) if visits else None


def _cannot(history: History, edition: Edition, latest: Span | None) -> Iterator[Blocker]:
    if edition.cannot_counselling_days is None:
        if not history.in_course(Counselled):
            yield block("counselling-missing", edition)
    elif latest is None:
        yield block("counselling-missing", edition)
    elif latest.last < history.day:
        yield block("window-expired", edition)
