"""Which new record is refused, and why (rules, section 3)."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any

from . import booking, consents, contraception, days
from .care import laboratory, prescription
from .care.guide import GuideOpened
from .care.health import HealthAnswered, HealthReviewed
from .care.laboratory import LaboratoryPlanned, LaboratoryResult
from .care.mood import MoodAnswered
from .care.notes import BookedTest, ProblemReported, ReportMistaken
from .care.open_reports import reports
from .care.pregnancies import PregnancyFollowed
from .care.prescription import Prescribed
from .care.questions import QuestionAnswered, QuestionAsked
from .care.side_effects import ReportAnswered, SideEffectReported
from .days import age
from .history import History, in_order, reported_by_patient
from .pregnancies import pregnancy_cases
from .questions import open_questions
from .records import (
    CategoryChanged,
    ComprehensionPassed,
    ConsentSigned,
    ConsentWithdrawn,
    ContactCorrected,
    ContraceptionDeclared,
    Counselled,
    Discontinued,
    Enrolled,
    Entry,
    EntryStruck,
    FileTransferred,
    GuardianCorrected,
    GuardianEnded,
    GuardianNamed,
    HomeTestingSet,
    Invited,
    LastDoseCorrected,
    PregnancyReported,
    PregnancyTest,
    Record,
    StopCleared,
    TransferDeclined,
    TransferOffered,
    Transferred,
    TransferWithdrawn,
)
from .refusals import Refusal

#: The kinds that belong to a course: without an open one they are refused.
_NEED_A_COURSE = (
    CategoryChanged, ComprehensionPassed, ConsentSigned, ConsentWithdrawn, ContraceptionDeclared,
    Counselled, Discontinued, GuideOpened, HealthAnswered, HealthReviewed, HomeTestingSet, LaboratoryPlanned,
    Prescribed, QuestionAsked, Transferred,
)  # fmt: skip


def refusal(history: History, entries: Iterable[Entry], record: Record, at: datetime) -> Refusal | None:
    """Why `record` is refused at `at`, or None when it is taken.

    `history` is what `entries`, the whole log, mean at that instant. Kinds that the rules say
    nothing about (an invitation, say) are taken.
    """
    not_listed = _not_listed(history, record)
    if not_listed is not None:
        return not_listed
    if isinstance(record, _NEED_A_COURSE) and history.course is None:
        return Refusal("", "no-course")
    if isinstance(record, EntryStruck):
        return _void(history, entries, record)
    check = _CHECKS.get(type(record))
    return check(history, record, at) if check else None


def _not_listed(history: History, record: Record) -> Refusal | None:
    """A category or a setting that the program does not have."""
    if isinstance(record, (Enrolled, CategoryChanged)) and record.category not in history.program.categories:
        return Refusal("category", "not-listed")
    if isinstance(record, PregnancyTest) and record.setting not in history.program.settings:
        return Refusal("setting", "not-listed")
    return None


def _enrolled(history: History, record: Enrolled, at: datetime) -> Refusal | None:
    if history.course is not None:
        return Refusal("", "course-open")
    if history.stops.open:
        return Refusal("", "stop-open")
    if any(file.course is not None for file in history.linked):
        return Refusal("", "course-elsewhere")
    return _category(history, record, at)


def _category_changed(history: History, record: CategoryChanged, at: datetime) -> Refusal | None:
    assert history.course is not None
    if record.category == history.course.category.code:
        return Refusal("category", "same-category")
    return _category(history, record, at)


def _category(history: History, record: Enrolled | CategoryChanged, at: datetime) -> Refusal | None:
    """The reason that the category needs, and the proof that the reason needs."""
    reasons = history.program.categories[record.category].reasons
    if not reasons:
        return None
    if record.reason not in reasons:
        return Refusal("reason", "missing" if record.reason is None else "reason-not-listed")
    proof = history.program.proofs.get(record.reason)
    if proof is None:
        return None
    years = age(history.born_on, history.day_of(at)) if history.born_on else 0
    lacking = proof.lacking(years, record.proof)
    return None if lacking is None else Refusal(lacking, "proof-missing")


def _consent_signed(history: History, record: ConsentSigned, at: datetime) -> Refusal | None:
    assert history.course is not None
    if record.document not in history.course.category.documents:
        return Refusal("document", "document-not-used")
    if record.signer == "guardian" and not consents.is_minor(history):
        return Refusal("signer", "patient-of-age")
    if record.answers is not None:
        return consents.answers_refusal(record.answers.keys(), record.answers)
    return None


def _guardian(history: History, record: GuardianNamed | Invited, at: datetime) -> Refusal | None:
    """Refuse a guardian's signature for a patient who is of age (rules, section 5.1), and one whose part has ended."""
    if record.guardian is None:
        return None
    if not consents.is_minor(history):
        return Refusal("guardian", "patient-of-age")
    ended = any(earlier.guardian == record.guardian for _, earlier in history.of(GuardianEnded))
    return Refusal("guardian", "no-such-guardian") if ended else None


def _present_guardian(history: History, record: GuardianCorrected | GuardianEnded, at: datetime) -> Refusal | None:
    """Only who was named, and whose part has not ended, is corrected or ended."""
    present = {one.guardian for _, one in history.of(GuardianNamed)}
    present -= {one.guardian for _, one in history.of(GuardianEnded)}
    return None if record.guardian in present else Refusal("guardian", "no-such-guardian")


def _guardian_corrected(history: History, record: GuardianCorrected, at: datetime) -> Refusal | None:
    """As a patient's contact data: a correction names at least one thing."""
    return _present_guardian(history, record, at) or (None if record.sealed else Refusal("", "nothing-changed"))


#: What of a patient a correction of contact data may name.
CONTACT = frozenset({"given_name", "family_name", "email", "phone", "language"})


def _contact_corrected(history: History, record: ContactCorrected, at: datetime) -> Refusal | None:
    """A correction names at least one thing, and nothing but contact data."""
    return None if record.sealed and record.sealed.keys() <= CONTACT else Refusal("", "nothing-changed")


def _consent_withdrawn(history: History, record: ConsentWithdrawn, at: datetime) -> Refusal | None:
    return None if consents.valid_signatures(history, record.document).any else Refusal("document", "nothing-signed")


def _counselled(history: History, record: Counselled, at: datetime) -> Refusal | None:
    if record.visit_on > history.day_of(at):
        return Refusal("visit_on", "in-the-future")
    return Refusal("visit_on", "too-long-ago") if record.visit_on < _earliest(history) else None


def _earliest(history: History) -> date:
    """The earliest day of a visit or a specimen that belongs to the course. Source: rules.md, section 3 (assumed)."""
    assert history.enrolled_on is not None
    return days.plus(history.enrolled_on, -history.program.entries_back_days)


def _declared(history: History, record: ContraceptionDeclared, at: datetime) -> Refusal | None:
    if not contraception.acceptable(record.methods, history.program.methods):
        return Refusal("methods", "methods-not-acceptable")
    if record.by != "prescriber":
        return None
    if record.started_on is None:
        return Refusal("started_on", "missing")
    if record.started_on > history.day_of(at):
        return Refusal("started_on", "in-the-future")
    born_on = history.born_on
    return Refusal("started_on", "before-birth") if born_on is not None and record.started_on < born_on else None


def _tested(history: History, record: PregnancyTest, at: datetime) -> Refusal | None:
    if history.course is None and history.last_ended is None:
        return Refusal("", "no-course")
    if record.collected_on > history.day_of(at):
        return Refusal("collected_on", "in-the-future")
    too_old = record.result != "positive" and record.collected_on < _earliest(history)
    return Refusal("collected_on", "too-long-ago") if too_old else None


def _transferred(history: History, record: Transferred, at: datetime) -> Refusal | None:
    return Refusal("prescriber", "same-prescriber") if record.prescriber == history.prescriber else None


def _file_transferred(history: History, record: FileTransferred, at: datetime) -> Refusal | None:
    """What `transferred` is while a course is open."""
    if history.course is not None:
        return Refusal("", "course-open")
    return Refusal("prescriber", "same-prescriber") if record.prescriber == history.holder else None


def _offered(history: History, record: TransferOffered, at: datetime) -> Refusal | None:
    if record.prescriber == history.holder:
        return Refusal("prescriber", "same-prescriber")
    return Refusal("", "offer-open") if history.offered_to is not None else None


def _answered(history: History, record: TransferDeclined | TransferWithdrawn, at: datetime) -> Refusal | None:
    return Refusal("", "no-offer") if history.offered_to is None else None


def _reported(
    history: History, record: PregnancyReported | MoodAnswered | SideEffectReported, at: datetime
) -> Refusal | None:
    return None if history.of(Enrolled) else Refusal("", "never-enrolled")


def _mistaken(history: History, record: ReportMistaken, at: datetime) -> Refusal | None:
    """A note of the patient's on the patient's own report, while the stop that it opened is open."""
    return None if reported_by_patient(history) else Refusal("", "no-report")


def _problem(history: History, record: ProblemReported, at: datetime) -> Refusal | None:
    """A note of somebody who is tested, while a course is open or its last dose may still harm."""
    course = history.course or history.last_ended
    if course is None:
        return Refusal("", "never-enrolled")
    return None if course.category.tests else Refusal("", "not-tested")


def _booked(history: History, record: BookedTest, at: datetime) -> Refusal | None:
    """A booking is of a day to come; taking it back needs one."""
    if history.course is None and history.last_ended is None:
        return Refusal("", "no-course")
    if record.booked_on == booking.booked_on(history):
        return Refusal("booked_on", "nothing-changed")
    if record.booked_on is None:
        return None
    today = history.day_of(at)
    if record.booked_on < today:
        return Refusal("booked_on", "is-over")
    too_far = record.booked_on > days.plus(today, booking.LONGEST_AHEAD_DAYS)
    return Refusal("booked_on", "too-far-ahead") if too_far else None


def _report_answered(history: History, record: ReportAnswered, at: datetime) -> Refusal | None:
    """An answer is to a report, also to one that was answered before."""
    known = {entry.number for entry, _report in reports(history.entries)}
    return None if record.report in known else Refusal("", "no-report-to-answer")


def _asked(history: History, record: QuestionAsked, at: datetime) -> Refusal | None:
    """A question is about a text that this course asks to be signed."""
    course = history.course
    assert course is not None
    return None if record.document in course.category.documents else Refusal("document", "document-not-used")


def _question_answered(history: History, record: QuestionAnswered, at: datetime) -> Refusal | None:
    return None if open_questions(history) else Refusal("", "no-question")


def _prescribed(history: History, record: Prescribed, at: datetime) -> Refusal | None:
    return prescription.refusal(record)


def _laboratory(history: History, record: LaboratoryResult, at: datetime) -> Refusal | None:
    """Values may also be drawn after a course, until what was raised has settled."""
    if history.course is None and history.last_ended is None:
        return Refusal("", "no-course")
    return laboratory.refusal(record, history.day_of(at), history.born_on)


def _laboratory_planned(history: History, record: LaboratoryPlanned, at: datetime) -> Refusal | None:
    return laboratory.plan_refusal(record)


def _cleared(history: History, record: StopCleared, at: datetime) -> Refusal | None:
    return None if history.stops.open else Refusal("", "no-stop-open")


def _discontinued(history: History, record: Discontinued, at: datetime) -> Refusal | None:
    assert history.course is not None
    return _last_dose(history, record.last_dose_on, history.course.opened, at)


def _last_dose_corrected(history: History, record: LastDoseCorrected, at: datetime) -> Refusal | None:
    ended = history.last_ended
    if ended is None:
        return Refusal("", "never-discontinued")
    return _last_dose(history, record.last_dose_on, ended.opened, at)


def _last_dose(history: History, last_dose_on: date | None, opened: Entry, at: datetime) -> Refusal | None:
    """The last dose of a course lies between its enrolment and the day of the entry."""
    if last_dose_on is None:
        return None
    if last_dose_on > history.day_of(at):
        return Refusal("last_dose_on", "in-the-future")
    return Refusal("last_dose_on", "before-the-course") if last_dose_on < history.day_of(opened.at) else None


def is_voidable_kind(record: Record) -> bool:
    """Whether entries of this kind are corrected by voiding them (rules, section 3)."""
    if isinstance(record, PregnancyTest):
        return record.result != "positive"
    return isinstance(record, (Counselled, ContraceptionDeclared, Discontinued))


def voidable(entries: Iterable[Entry]) -> frozenset[int]:
    """The numbers of the entries that can be voided; an ended course until another, or a corrected last dose, follows.

    Source: rules.md, section 3.
    """
    result: set[int] = set()
    voided: set[int] = set()
    followed = False
    for entry in sorted(entries, key=in_order, reverse=True):
        record = entry.record
        if isinstance(record, EntryStruck):
            voided.add(record.entry)
        followed = followed or isinstance(record, (Enrolled, LastDoseCorrected))
        if is_voidable_kind(record) and not (followed and isinstance(record, Discontinued)):
            result.add(entry.number)
    return frozenset(result - voided)


def _void(history: History, entries: Iterable[Entry], record: EntryStruck) -> Refusal | None:
    if record.entry in history.voided:
        return Refusal("entry", "already-struck")
    log = [entry for entry in entries if entry.at <= history.at]
    if all(entry.number != record.entry for entry in log):
        return Refusal("entry", "no-such-entry")
    return None if record.entry in voidable(log) else Refusal("entry", "cannot-be-struck")


def _followed_up(history: History, record: PregnancyFollowed, at: datetime) -> Refusal | None:
    """What is followed up was found."""
    known = {case.opened.number for case in pregnancy_cases(history)}
    return None if record.case in known else Refusal("case", "no-such-entry")


_CHECKS: dict[type[Record], Callable[[History, Any, datetime], Refusal | None]] = {
    ContactCorrected: _contact_corrected,
    GuardianNamed: _guardian,
    GuardianCorrected: _guardian_corrected,
    GuardianEnded: _present_guardian,
    Invited: _guardian,
    Enrolled: _enrolled,
    CategoryChanged: _category_changed,
    ConsentSigned: _consent_signed,
    ConsentWithdrawn: _consent_withdrawn,
    Counselled: _counselled,
    ContraceptionDeclared: _declared,
    PregnancyTest: _tested,
    Transferred: _transferred,
    FileTransferred: _file_transferred,
    TransferOffered: _offered,
    TransferDeclined: _answered,
    TransferWithdrawn: _answered,
    PregnancyReported: _reported,
    ReportMistaken: _mistaken,
    ProblemReported: _problem,
    BookedTest: _booked,
    MoodAnswered: _reported,
    SideEffectReported: _reported,
    ReportAnswered: _report_answered,
    QuestionAsked: _asked,
    QuestionAnswered: _question_answered,
    Prescribed: _prescribed,
    LaboratoryResult: _laboratory,
    LaboratoryPlanned: _laboratory_planned,
    PregnancyFollowed: _followed_up,
    StopCleared: _cleared,
    Discontinued: _discontinued,
    LastDoseCorrected: _last_dose_corrected,
}
