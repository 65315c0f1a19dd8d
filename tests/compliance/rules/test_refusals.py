"""More entries that are refused, each beside one that is taken; and what linked files and unknown birth dates do."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from compliance.rules import authorizations, blockers, consents, due
from compliance.rules.assessment import Assessment
from compliance.rules.care.guide import GuideOpened
from compliance.rules.care.health import HealthAnswered, HealthReviewed
from compliance.rules.care.laboratory import LaboratoryPlanned
from compliance.rules.care.prescription import Prescribed
from compliance.rules.care.questions import QuestionAsked
from compliance.rules.editions import Reissue
from compliance.rules.entries import refusal
from compliance.rules.followup import owed
from compliance.rules.gate import judge
from compliance.rules.history import History, read
from compliance.rules.programs.isotretinoin_us import EDITION_2026, ISOTRETINOIN_US
from compliance.rules.records import (
    Authorized,
    CategoryChanged,
    ComprehensionPassed,
    ConsentSigned,
    ConsentWithdrawn,
    ContraceptionDeclared,
    Counselled,
    Discontinued,
    Dispensed,
    Enrolled,
    EntryStruck,
    FileLinked,
    FileTransferred,
    HomeTestingSet,
    PregnancyReported,
    PregnancyTest,
    Record,
    TransferDeclined,
    TransferOffered,
    Transferred,
    TransferWithdrawn,
)
from compliance.rules.sources import Source
from tests.compliance.rules.test_boundaries import OCTOBER, filled, ready
from tests.compliance.rules.test_care import EXAMPLES
from tests.histories import ALWAYS, CAN, CANNOT, METHODS, HistoryFactory

FSH: dict[str, str] = {"fsh": "post-menopausal"}
MENOPAUSE = "post-menopausal-confirmed"


def never_enrolled() -> HistoryFactory:
    history = HistoryFactory(OCTOBER)
    del history.entries[1:]
    return history


def nameless() -> HistoryFactory:
    """Enrolled; nothing says when the patient was born."""
    history = HistoryFactory(OCTOBER)
    del history.entries[0]
    return history


def aged(years: int) -> HistoryFactory:
    return HistoryFactory(OCTOBER, born_on=date(2026 - years, 11, 20))


#: Name -> (a history, a record, the field and the rule by which it is refused; None where it is taken).
REFUSALS: dict[str, tuple[Callable[[], HistoryFactory], Record, tuple[str, str] | None]] = {
    "a category without a reason": (
        lambda: never_enrolled(), Enrolled(CANNOT), ("reason", "missing")),
    "a category with a reason that is none": (
        lambda: never_enrolled(), Enrolled(CANNOT, "abstinence"), ("reason", "reason-not-listed")),
    "a category with a reason": (lambda: never_enrolled(), Enrolled(CANNOT, "hysterectomy"), None),
    "who can become pregnant gives no reason": (lambda: never_enrolled(), Enrolled(CAN), None),
    "FSH alone at 55": (lambda: aged(55), CategoryChanged(CANNOT, MENOPAUSE, FSH), None),
    "FSH alone at 54": (lambda: aged(54), CategoryChanged(CANNOT, MENOPAUSE, FSH), ("hcg", "proof-missing")),
    "FSH alone of who knows which age": (
        nameless, CategoryChanged(CANNOT, MENOPAUSE, FSH), ("hcg", "proof-missing")),
    "methods to come": (
        ready, ContraceptionDeclared("prescriber", METHODS, date(2099, 1, 1)), ("started_on", "in-the-future")),
    "methods from before who knows which birth": (
        nameless, ContraceptionDeclared("prescriber", METHODS, date(1900, 1, 1)), None),
    "methods of today": (ready, ContraceptionDeclared("prescriber", METHODS, date(2026, 12, 30)), None),
    "a test of who was never enrolled": (
        never_enrolled, PregnancyTest(OCTOBER, "negative", "clinic"), ("", "no-course")),
    "a positive test of who was never enrolled": (
        never_enrolled, PregnancyTest(OCTOBER, "positive", "clinic"), ("", "no-course")),
    "a pregnancy of who was never enrolled": (never_enrolled, PregnancyReported(), ("", "never-enrolled")),
    "a pregnancy of who was enrolled once": (lambda: ready().enter(32, Discontinued("r")), PregnancyReported(), None),
    "an offer": (ready, TransferOffered("q"), None),
    "an offer to the same": (ready, TransferOffered("p"), ("prescriber", "same-prescriber")),
    "a second offer": (
        lambda: ready().enter(32, TransferOffered("q")), TransferOffered("s"), ("", "offer-open")),
    "an offer after one was declined": (
        lambda: ready().enter(32, TransferOffered("q"), TransferDeclined()), TransferOffered("s"), None),
    "an offer after one was withdrawn": (
        lambda: ready().enter(32, TransferOffered("q"), TransferWithdrawn()), TransferOffered("s"), None),
    "an offer after one was accepted": (
        lambda: ready().enter(32, TransferOffered("q"), Transferred("q")), TransferOffered("s"), None),
    "an offer in the next course": (
        lambda: ready().enter(32, TransferOffered("q"), Discontinued("r"), Enrolled(CAN)), TransferOffered("s"), None),
    # Between courses the file goes over, by another record than the law's.
    "an offer between courses": (lambda: ready().enter(32, Discontinued("r")), TransferOffered("q"), None),
    "an offer between courses to the same": (
        lambda: ready().enter(32, Discontinued("r")), TransferOffered("p"), ("prescriber", "same-prescriber")),
    "an offer between courses to who has the file": (
        lambda: ready().enter(32, Discontinued("r"), FileTransferred("q")), TransferOffered("q"),
        ("prescriber", "same-prescriber")),
    "taking a file over between courses": (
        lambda: ready().enter(32, Discontinued("r")), FileTransferred("q"), None),
    "taking a file over in a course": (ready, FileTransferred("q"), ("", "course-open")),
    "taking one's own file over": (
        lambda: ready().enter(32, Discontinued("r"), FileTransferred("q")), FileTransferred("q"),
        ("prescriber", "same-prescriber")),
    "declining": (lambda: ready().enter(32, TransferOffered("q")), TransferDeclined(), None),
    "declining nothing": (ready, TransferDeclined(), ("", "no-offer")),
    "withdrawing": (lambda: ready().enter(32, TransferOffered("q")), TransferWithdrawn(), None),
    "withdrawing nothing": (ready, TransferWithdrawn(), ("", "no-offer")),
    "taking back what the patient alone signed": (ready, ConsentWithdrawn("birth-defects"), None),
    "taking back what the guardian alone signed": (
        lambda: HistoryFactory(OCTOBER, born_on=date(2011, 4, 2)).sign("guardian"),
        ConsentWithdrawn("birth-defects"), None),
    "taking back what nobody signed": (
        lambda: HistoryFactory(OCTOBER), ConsentWithdrawn("birth-defects"), ("document", "nothing-signed")),
    "a visit of today": (ready, Counselled(date(2026, 12, 30)), None),
    "a visit of tomorrow": (ready, Counselled(date(2026, 12, 31)), ("visit_on", "in-the-future")),
    "striking what was entered at this instant": (
        lambda: ready().enter(40, Counselled(OCTOBER)), EntryStruck(12, "r"), None),
    "striking what is entered a day later": (
        lambda: ready().enter(41, Counselled(OCTOBER)), EntryStruck(12, "r"), ("entry", "no-such-entry")),
}  # fmt: skip


def refused(history: HistoryFactory, record: Record, day: float) -> tuple[str, str] | None:
    """The field and the rule by which it is refused on that day; None where it is taken."""
    at = history.at(day)
    found = refusal(read(ISOTRETINOIN_US, history.entries, at), history.entries, record, at)
    return None if found is None else (found.field, found.rule)


@pytest.mark.parametrize("name", REFUSALS)
def test_an_entry_is_refused_or_taken(name: str) -> None:
    make, record, expected = REFUSALS[name]
    assert refused(make(), record, 40) == expected


#: The kinds of what surrounds the fill that belong to a course.
OF_CARE = (GuideOpened, HealthAnswered, HealthReviewed, LaboratoryPlanned, Prescribed, QuestionAsked)


@pytest.mark.parametrize(
    "record",
    [
        CategoryChanged(CANNOT, "male"), ComprehensionPassed(), ConsentSigned("birth-defects", "patient"),
        ConsentWithdrawn("birth-defects"), ContraceptionDeclared("patient", METHODS), Counselled(OCTOBER),
        Discontinued("r"), HomeTestingSet(True), Transferred("q"),
        *(EXAMPLES[kind][0] for kind in OF_CARE),
    ],
    ids=lambda record: record.kind,
)  # fmt: skip
def test_without_a_course_it_is_refused(record: Record) -> None:
    assert refused(ready().enter(32, Discontinued("r")), record, 33) == ("", "no-course")


def linked(history: HistoryFactory, other: HistoryFactory, day: float) -> History:
    """Both name each other from that day on."""
    for one, name in ((history, "other"), (other, "this")):
        one.enter(day, FileLinked(name, "r"))
    return read(ISOTRETINOIN_US, history.entries, history.at(day + 1), {"other": other.entries}, "this")


def asked(history: History) -> Assessment:
    return judge(history, prescribers={"p": ALWAYS})


def test_who_has_a_course_elsewhere_is_not_enrolled() -> None:
    history = never_enrolled()
    seen = linked(history, ready(), 32)
    found = refusal(seen, history.entries, Enrolled(CAN), seen.at)
    assert found is not None
    assert (found.field, found.rule) == ("", "course-elsewhere")
    gone = never_enrolled()
    seen = linked(gone, ready().enter(31.5, Discontinued("r")), 32)
    assert refusal(seen, gone.entries, Enrolled(CAN), seen.at) is None


def test_a_course_elsewhere_blocks() -> None:
    assert "course-elsewhere" in asked(linked(ready(), ready(), 32)).codes
    assert "course-elsewhere" not in asked(linked(ready(), never_enrolled(), 32)).codes


def test_an_authorization_that_is_open_elsewhere_blocks() -> None:
    other = ready().enter(32, FileLinked("this", "r"))
    other.enter(32.1, Authorized("1", "P", 30, date(2026, 12, 27)))
    history = ready().enter(32, FileLinked("other", "r"))
    seen = read(ISOTRETINOIN_US, history.entries, history.at(33), {"other": other.entries}, "this")
    assert authorizations.open_elsewhere(seen) is True
    assert authorizations.open_one(seen) is None
    assert "authorization-open" in asked(seen).codes
    assert authorizations.open_elsewhere(linked(ready(), ready(), 32)) is False


def test_who_was_born_who_knows_when_is_under_age() -> None:
    history = read(ISOTRETINOIN_US, nameless().entries, nameless().at(1))
    assert consents.signed_as_minor(history, history.at) is True
    assert consents.is_minor(history) is True
    assert "under-age" in asked(history).codes


def test_without_a_course_nothing_is_missing() -> None:
    history = read(ISOTRETINOIN_US, never_enrolled().entries, never_enrolled().at(1))
    assert consents.missing(history, EDITION_2026) == []


def test_the_latest_ended_course_says_what_is_owed() -> None:
    history = HistoryFactory(OCTOBER, category=CANNOT).enter(1, Discontinued("r", OCTOBER))
    history.enter(2, Enrolled(CAN), Discontinued("r", history.on(2)))
    seen = read(ISOTRETINOIN_US, history.entries, history.at(3))
    assert [one.code for one in owed(seen, EDITION_2026)] == ["end-of-treatment-test", "month-after-test"]
    history.enter(4, Enrolled(CANNOT, "male"), Discontinued("r", history.on(4)))
    assert owed(read(ISOTRETINOIN_US, history.entries, history.at(5)), EDITION_2026) == ()


def test_a_document_is_named_by_all_that_stands_behind_the_colon() -> None:
    for kind in ("consent-missing", "guardian-signature-missing"):
        assert blockers.rule(f"{kind}:a:b").step == "sign:a:b"


def test_a_blocker_cites_the_source_of_its_number() -> None:
    sources = {one.code: one.source for one in ready().ask(40).blockers}
    assert sources["window-expired"] is Source.NOTICES
    assert {one.code: one.source for one in HistoryFactory(OCTOBER).ask(1).blockers}[
        "consent-missing:birth-defects"
    ] is EDITION_2026.sources["in_force_from"]


def test_the_latest_supply_says_when_the_next_test_is_worth_asking_for() -> None:
    history = filled().month(55)
    history.enter(55.1, Authorized("2", "P", 10, history.on(61)), Dispensed("2"))
    days = {notice.due_at for notice in due.notices(history.ask(56)) if notice.kind == "test-due"}
    assert days == {history.at(58).replace(hour=5)}


def test_nothing_is_due_where_nothing_is_ahead() -> None:
    history = nameless()
    history.enter(1, Discontinued("r"))
    assert due.next_due(history.ask(2, ())) is None


def test_the_latest_of_the_versions_that_are_asked_for_counts() -> None:
    on, later = date(2026, 12, 1), date(2026, 12, 2)
    asks = replace(EDITION_2026, new_versions_signed_again=True)
    program = replace(ISOTRETINOIN_US, reissues={"d": (Reissue(2, on), Reissue(3, later))})
    assert program.least_version("d", date(2026, 11, 30), asks) == 1
    assert program.least_version("d", on, asks) == 2
    assert program.least_version("d", later, asks) == 3
    assert program.least_version("other", later, asks) == 1
    assert program.least_version("d", later, EDITION_2026) == 1


def test_a_corrected_edition_counts_from_the_day_on_which_it_is_known() -> None:
    known = date(2026, 12, 1)
    corrected = replace(EDITION_2026, version=2, known_from=known, lead_in_days=31)
    program = replace(ISOTRETINOIN_US, editions=(*ISOTRETINOIN_US.editions, corrected))
    assert program.edition_on(known).version == 2
    assert program.edition_on(date(2026, 11, 30)).version == 1
    assert program.edition_on(known, known_on=date(2026, 11, 30)).version == 1
    assert program.edition_on(date(2026, 11, 30), known_on=known).version == 2


def test_a_guardian_may_sign_while_the_birth_date_is_unknown() -> None:
    history = nameless()
    at = history.at(1)
    seen = read(ISOTRETINOIN_US, history.entries, at)
    assert refusal(seen, history.entries, ConsentSigned("birth-defects", "guardian"), at) is None
