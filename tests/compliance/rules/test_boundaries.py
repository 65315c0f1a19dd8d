"""Each blocker, refusal and edition boundary by a named example on both sides of it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from compliance.rules import entries
from compliance.rules.assessment import GateQuestion
from compliance.rules.change import next_change
from compliance.rules.days import Span
from compliance.rules.editions import NoEdition, Program, Reissue
from compliance.rules.gate import assess
from compliance.rules.history import read
from compliance.rules.programs.isotretinoin_us import ISOTRETINOIN_US
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
    GuardianNamed,
    HomeTestingSet,
    Invited,
    LastDoseCorrected,
    PregnancyReported,
    PregnancyTest,
    Record,
    StopCleared,
    Transferred,
)
from compliance.rules.stages import stage as stage_of
from tests.histories import ALWAYS, CAN, CANNOT, METHODS, HistoryFactory

MAY = date(2022, 5, 1)  # edition 2021
JUNE = date(2024, 6, 1)  # edition 2023
OCTOBER = date(2026, 11, 20)  # edition 2026


def ready(start: date = OCTOBER, setting: str = "laboratory", born_on: date = date(2001, 4, 2)) -> HistoryFactory:
    return HistoryFactory(start, born_on).begun().month(31, setting)


def filled(start: date = OCTOBER) -> HistoryFactory:
    history = ready(start)
    return history.enter(31.1, Authorized("1", "P", 30, history.on(37)), Dispensed("1"))


def further_course(start: date = OCTOBER) -> HistoryFactory:
    """Another course, enrolled the day after the last dose: eight weeks have to go by."""
    history = filled(start).enter(60, Discontinued("r", filled(start).on(59))).enter(61, Enrolled(CAN, prescriber="p"))
    both = ("patient-information", "birth-defects")
    history.enter(61, *(ConsentSigned(document, "patient") for document in both))
    return history.test(61).enter(61, ContraceptionDeclared("prescriber", ("iud", "sponge"), history.on(61)))


def young() -> HistoryFactory:
    """Twelve years old on day 51, in the window of who is tested on day 45."""
    return HistoryFactory(OCTOBER, born_on=date(2015, 1, 10)).begun()


#: Name -> (a history, the day on which the blocker stands, the day on which it does not, its code).
BLOCKERS: dict[str, tuple[Callable[[], HistoryFactory], float, float, str]] = {
    "the lead-in lasts thirty days": (lambda: HistoryFactory(OCTOBER).begun(), 29, 30, "lead-in-not-complete"),
    "the window's last day is the seventh": (ready, 38, 37, "window-expired"),
    "the window ends at midnight": (ready, 37.501, 37.499, "window-expired"),
    "old rules lock out for nineteen days": (lambda: ready(MAY), 49, 50, "lockout"),
    "a course waits eight weeks after the last dose": (
        lambda: filled().enter(40, Discontinued("r", filled().on(39))).enter(41, Enrolled(CAN, prescriber="p")),
        94, 95, "course-gap",
    ),
    "an authorization is open until its day is over": (
        lambda: ready().enter(31.1, Authorized("1", "P", 30, date(2026, 12, 27))), 37, 38, "authorization-open",
    ),
    "twelve years are enough": (lambda: ready(born_on=date(2015, 1, 1)), 41, 42, "under-age"),
    "after a fill a new test is asked": (filled, 32, 31, "monthly-test-missing"),
}  # fmt: skip


@pytest.mark.parametrize("name", BLOCKERS)
def test_a_blocker_stands_and_then_does_not(name: str) -> None:
    make, stands, gone, code = BLOCKERS[name]
    assert code in make().codes(stands)
    assert code not in make().codes(gone)


#: Name -> (with it, without it, the code that differs), asked on the day after the month's entries.
MISSING: dict[str, tuple[HistoryFactory, HistoryFactory, str]] = {
    "counselling": (ready(), HistoryFactory(OCTOBER).begun().month(31, without=[Counselled]), "counselling-missing"),
    "the questions": (
        ready(), HistoryFactory(OCTOBER).begun().month(31, without=[ComprehensionPassed]), "comprehension-missing",
    ),
    "the second test's menses timing": (
        ready(), HistoryFactory(OCTOBER).begun().test(31), "confirmatory-test-missing",
    ),
    "a screening test": (HistoryFactory(OCTOBER).begun(), HistoryFactory(OCTOBER).sign(), "screening-test-missing"),
    "a signature": (ready(), HistoryFactory(OCTOBER).test(0), "consent-missing:birth-defects"),
    "a guardian beside a minor": (
        HistoryFactory(OCTOBER, date(2010, 1, 1)).sign("patient", "guardian"), HistoryFactory(OCTOBER, date(2010, 1,
            1)).sign(),
        "guardian-signature-missing:patient-information",
    ),
    "the same methods": (
        ready(), ready().enter(31, ContraceptionDeclared("patient", ("iud", "sponge"))), "contraception-mismatch",
    ),
    "the patient's methods": (
        ready(), HistoryFactory(OCTOBER).begun().month(31, without=[ContraceptionDeclared]),
        "contraception-missing:patient",
    ),
    "the prescriber's methods after a fill": (ready(), filled(), "contraception-missing:prescriber"),
    "a cleared stop": (
        ready().enter(31, PregnancyReported(), StopCleared("r")), ready().enter(31, PregnancyReported()), "stop-open",
    ),
    "an open course": (ready(), ready().enter(31, Discontinued("r")), "not-enrolled"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISSING)
def test_what_is_missing_blocks_and_what_is_there_does_not(name: str) -> None:
    there, missing, code = MISSING[name]
    assert code in missing.codes(31.2)
    assert code not in there.codes(31.2)


def test_certifications_cover_both_their_ends() -> None:
    history = ready()
    span = (Span(history.on(31), history.on(32)),)
    for day, covered in [(30, False), (31, True), (32, True), (33, False)]:
        assert ("prescriber-not-certified" in history.ask(day, span).codes) is not covered
        asked = history.ask(day, question=GateQuestion(pharmacy=span))
        assert ("pharmacy-not-certified" in asked.codes) is not covered


@pytest.mark.parametrize(("days", "blocked"), [(1, False), (30, False), (31, True)])
def test_the_supply_is_thirty_days_at_most(days: int, blocked: bool) -> None:
    assert ("supply-too-long" in ready().ask(32, question=GateQuestion(days_supply=days)).codes) is blocked


#: Setting -> whether it counts as the second test and as a monthly test, by edition.
SETTINGS = {
    "2021": (MAY, {"laboratory"}, {"laboratory"}),
    "2023": (JUNE, {"laboratory", "clinic"}, {"laboratory", "clinic", "home"}),
    "2026": (OCTOBER, {"laboratory", "clinic"}, {"laboratory", "clinic", "home"}),
}


@pytest.mark.parametrize("setting", ["laboratory", "clinic", "home"])
@pytest.mark.parametrize("edition", SETTINGS)
def test_where_a_test_counts(edition: str, setting: str) -> None:
    start, second, monthly = SETTINGS[edition]
    first = HistoryFactory(start).begun().enter(0, HomeTestingSet(True)).month(31, setting)
    assert first.ask(32).edition.code == edition
    assert first.ask(32).allowed is (setting in second)
    later = filled(start).enter(40, HomeTestingSet(True)).month(55, setting)
    assert later.ask(56).allowed is (setting in monthly)


@pytest.mark.parametrize(
    ("on", "edition"),
    [
        (date(2021, 12, 12), None), (date(2021, 12, 13), "2021"), (date(2023, 10, 2), "2021"),
        (date(2023, 10, 3), "2023"), (date(2026, 11, 14), "2023"), (date(2026, 11, 15), "2026"),
    ],
)  # fmt: skip
def test_an_edition_is_in_force_from_its_day_on(on: date, edition: str | None) -> None:
    if edition is None:
        with pytest.raises(NoEdition):
            ISOTRETINOIN_US.edition_on(on)
    else:
        assert ISOTRETINOIN_US.edition_on(on).code == edition


def test_who_cannot_become_pregnant_is_counselled_each_month_until_2026() -> None:
    old = HistoryFactory(JUNE, category=CANNOT).sign().enter(0, Counselled(JUNE))
    assert old.ask(30).allowed
    assert old.codes(31) == ("window-expired",)
    new = HistoryFactory(OCTOBER, category=CANNOT).sign().enter(0, Counselled(OCTOBER))
    assert new.ask(300).allowed


def test_the_latest_visit_since_the_last_fill_opens_the_window_of_who_cannot_become_pregnant() -> None:
    history = HistoryFactory(JUNE, category=CANNOT).sign()
    history.enter(0, Counselled(JUNE)).enter(10, Counselled(history.on(10)))
    assert history.ask(40).allowed
    assert history.codes(41) == ("window-expired",)
    history.enter(11, Authorized("1", "P", 30, history.on(40)), Dispensed("1")).enter(35, Counselled(history.on(35)))
    assert history.ask(36).allowed
    history.enter(36, Authorized("2", "P", 30, history.on(65)), Dispensed("2"))
    assert history.codes(37) == ("counselling-missing",)


def test_every_parameter_has_a_source() -> None:
    for edition in ISOTRETINOIN_US.editions:
        names = set(edition.__dataclass_fields__) - {"code", "version", "known_from", "sources"}
        assert set(edition.sources) == names


#: Name -> (a history, a record that is refused, the field, the rule, a record of the kind that is taken).
REFUSALS: dict[str, tuple[HistoryFactory, Record, str, str, Record | None]] = {
    "a second enrolment": (ready(), Enrolled(CAN), "", "course-open", None),
    "an enrolment while stopped": (
        ready().enter(31, PregnancyReported(), Discontinued("r")), Enrolled(CAN), "", "stop-open", None),
    "a reason that is none": (
        ready(), CategoryChanged(CANNOT, "tubal-sterilization"), "reason", "reason-not-listed",
        CategoryChanged(CANNOT, "hysterectomy")),
    "menopause without its proof": (
        ready(), CategoryChanged(CANNOT, "post-menopausal-confirmed"), "fsh", "proof-missing", None),
    "the same category": (ready(), CategoryChanged(CAN, "r"), "category", "same-category", None),
    "an item that is not agreed to": (
        ready(), ConsentSigned("birth-defects", "patient", {"risk": False}), "risk", "item-not-agreed",
        ConsentSigned("birth-defects", "patient", {"risk": True})),
    "a document of the other category": (
        HistoryFactory(OCTOBER, category=CANNOT), ConsentSigned("birth-defects", "patient"), "document",
        "document-not-used",
        ConsentSigned("patient-information", "patient")),
    "a withdrawal of nothing": (
        HistoryFactory(OCTOBER), ConsentWithdrawn("birth-defects"), "document", "nothing-signed", None),
    "a visit to come": (
        ready(), Counselled(OCTOBER.replace(year=2027)), "visit_on", "in-the-future", Counselled(OCTOBER)),
    "three methods": (
        ready(), ContraceptionDeclared("patient", (*METHODS, "iud")), "methods", "methods-not-acceptable",
        ContraceptionDeclared("patient", METHODS)),
    "methods without their start": (
        ready(), ContraceptionDeclared("prescriber", METHODS), "started_on", "missing", None),
    "a test before any course": (
        HistoryFactory(OCTOBER).enter(0), PregnancyTest(date(2099, 1, 1), "negative", "clinic"), "collected_on",
        "in-the-future", PregnancyTest(OCTOBER, "negative", "clinic")),
    "a transfer to the same": (ready(), Transferred("p"), "prescriber", "same-prescriber", Transferred("q")),
    "clearing nothing": (ready(), StopCleared("r"), "", "no-stop-open", None),
    "a last dose to come": (
        ready(), Discontinued("r", date(2099, 1, 1)), "last_dose_on", "in-the-future", Discontinued("r")),
    "striking what is not there": (ready(), EntryStruck(99, "r"), "entry", "no-such-entry", EntryStruck(6, "r")),
    "voiding a consent": (ready(), EntryStruck(3, "r"), "entry", "cannot-be-struck", None),
    "striking twice": (
        ready().enter(31, EntryStruck(6, "r")), EntryStruck(6, "r"), "entry", "already-struck", EntryStruck(7, "r")),
    "striking an ended course that another follows": (
        ready().enter(31, Discontinued("r")).enter(32, Enrolled(CAN)), EntryStruck(12, "r"), "entry",
        "cannot-be-struck", EntryStruck(7, "r")),
    "striking an ended course whose last dose was corrected": (
        ready().enter(31, Discontinued("r")).enter(32, LastDoseCorrected("r")), EntryStruck(12, "r"), "entry",
        "cannot-be-struck", EntryStruck(7, "r")),
    "striking the earlier of two ended courses": (
        ready().enter(31, Discontinued("r")).enter(32, Enrolled(CAN), Discontinued("r")), EntryStruck(12, "r"),
        "entry", "cannot-be-struck", EntryStruck(14, "r")),
    "a visit too long before the enrolment": (
        ready(), Counselled(date(2026, 9, 20)), "visit_on", "too-long-ago", Counselled(date(2026, 9, 21))),
    "a specimen too long before the enrolment": (
        ready(), PregnancyTest(date(2026, 9, 20), "negative", "clinic"), "collected_on", "too-long-ago",
        PregnancyTest(date(2026, 9, 21), "negative", "clinic")),
    "a specimen that proves nothing, too long before": (
        ready(), PregnancyTest(date(2026, 9, 20), "indeterminate", "clinic"), "collected_on", "too-long-ago",
        PregnancyTest(date(2025, 9, 20), "positive", "clinic")),
    "a specimen too long before the latest course, which has ended": (
        ready().enter(31, Discontinued("r")), PregnancyTest(date(2026, 9, 20), "negative", "clinic"), "collected_on",
        "too-long-ago", PregnancyTest(date(2026, 9, 21), "negative", "clinic")),
    "a specimen too long before the second course": (
        ready().enter(31, Discontinued("r"), Enrolled(CAN)), PregnancyTest(date(2026, 10, 21), "negative", "clinic"),
        "collected_on", "too-long-ago", PregnancyTest(date(2026, 10, 22), "negative", "clinic")),
    "methods from before birth": (
        ready(), ContraceptionDeclared("prescriber", METHODS, date(2001, 4, 1)), "started_on", "before-birth",
        ContraceptionDeclared("prescriber", METHODS, date(2001, 4, 2))),
    "a last dose before the course": (
        ready(), Discontinued("r", date(2026, 11, 19)), "last_dose_on", "before-the-course",
        Discontinued("r", OCTOBER)),
    "correcting the last dose of no course": (ready(), LastDoseCorrected("r"), "", "never-discontinued", None),
    "a last dose corrected to come": (
        ready().enter(31, Discontinued("r")), LastDoseCorrected("r", date(2026, 12, 31)), "last_dose_on",
        "in-the-future", LastDoseCorrected("r", date(2026, 12, 30))),
    "a last dose corrected to before its course": (
        ready().enter(31, Discontinued("r")), LastDoseCorrected("r", date(2026, 11, 19)), "last_dose_on",
        "before-the-course", LastDoseCorrected("r", OCTOBER)),
    "a last dose of the first course, while a third is open": (
        ready().enter(10, Discontinued("r"), Enrolled(CAN)).enter(20, Discontinued("r"), Enrolled(CAN)),
        LastDoseCorrected("r", date(2026, 11, 29)), "last_dose_on", "before-the-course",
        LastDoseCorrected("r", date(2026, 11, 30))),
    "a guardian's signature beside an adult": (
        ready(born_on=date(2008, 12, 30)), ConsentSigned("birth-defects", "guardian"), "signer", "patient-of-age",
        ConsentSigned("birth-defects", "patient")),
    "a guardian for an adult": (ready(), GuardianNamed("g"), "guardian", "patient-of-age", None),
    "an invitation of an adult's guardian": (
        ready(), Invited("i", "g"), "guardian", "patient-of-age", Invited("i")),
    "an entry without a course": (
        ready().enter(31, Discontinued("r")), Counselled(OCTOBER), "", "no-course",
        PregnancyTest(OCTOBER, "negative", "clinic")),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refusal_names_the_field_and_the_rule(name: str) -> None:
    history, record, field, rule, taken = REFUSALS[name]
    at = history.at(40)
    seen = read(ISOTRETINOIN_US, history.entries, at)
    refused = entries.refusal(seen, history.entries, record, at)
    assert refused is not None
    assert (refused.field, refused.rule) == (field, rule)
    if taken is not None:
        assert entries.refusal(seen, history.entries, taken, at) is None


STAGES: dict[str, tuple[HistoryFactory, float, str]] = {
    "consent": (HistoryFactory(OCTOBER), 1, "consent"),
    "lead-in": (HistoryFactory(OCTOBER).begun(), 5, "lead-in"),
    "second test": (HistoryFactory(OCTOBER).begun(), 31, "second-test"),
    "month": (HistoryFactory(OCTOBER).begun().test(31, menses="first_five_days"), 32, "month"),
    "ready": (ready(), 32, "ready"),
    "authorized": (ready().enter(31.1, Authorized("1", "P", 30, date(2026, 12, 27))), 32, "authorized"),
    "between fills": (filled(), 40, "between-fills"),
    "window missed": (ready(), 40, "window-missed"),
    "stopped": (ready().enter(31, PregnancyReported()), 32, "stopped"),
    "followed up": (filled().enter(40, Discontinued("r", filled().on(39))), 41, "followed-up"),
    "closed": (ready().enter(32, Discontinued("r")), 33, "closed"),
}


@pytest.mark.parametrize("name", STAGES)
def test_the_stage_a_patient_is_in(name: str) -> None:
    history, day, stage = STAGES[name]
    assert stage_of(history.ask(day)) == stage


@pytest.mark.parametrize("name", [name for name in BLOCKERS if not name.startswith("after a fill")])
def test_the_change_is_announced_in_time(name: str) -> None:
    make, stands, gone, _code = BLOCKERS[name]
    before, after = sorted((stands, gone))
    answer = make().ask(before)
    change = next_change(answer)
    assert change is not None
    assert change <= make().at(after)


def test_the_latest_day_of_all_stops_counts_whichever_was_recorded_last() -> None:
    history = ready()
    history.test(31, "positive", entered=31.1).test(10, "positive", entered=31.2).enter(31.3, StopCleared("r"))
    assert "screening-test-missing" in history.codes(32)
    assert "screening-test-missing" not in history.test(32).codes(32.1)


SIGN_AGAIN = replace(
    ISOTRETINOIN_US,
    editions=tuple(replace(edition, new_versions_signed_again=True) for edition in ISOTRETINOIN_US.editions),
    reissues={"birth-defects": (Reissue(2, date(2026, 12, 23)),)},
)
OFF = replace(SIGN_AGAIN, editions=ISOTRETINOIN_US.editions)


def codes_on(program: Program, history: HistoryFactory, day: float) -> tuple[str, ...]:
    return assess(program, history.entries, at=history.at(day), prescribers={"p": ALWAYS}).codes


def test_a_new_version_is_signed_again_from_its_day_on_where_the_edition_asks_for_it() -> None:
    """Day 33 is the twenty-third of December."""
    history = ready()
    assert "consent-missing:birth-defects" not in codes_on(SIGN_AGAIN, history, 32)
    assert "consent-missing:birth-defects" in codes_on(SIGN_AGAIN, history, 33)
    assert "consent-missing:patient-information" not in codes_on(SIGN_AGAIN, history, 33)
    assert "consent-missing:birth-defects" not in codes_on(OFF, history, 33)
    old, new = (ConsentSigned("birth-defects", "patient", version=version) for version in (1, 2))
    assert "consent-missing:birth-defects" in codes_on(SIGN_AGAIN, ready().enter(32, old), 33)
    assert "consent-missing:birth-defects" not in codes_on(SIGN_AGAIN, ready().enter(32, new), 33)


def test_a_guardian_signs_the_new_version_as_well() -> None:
    history = ready(born_on=date(2010, 1, 1)).sign("guardian")
    history.enter(31, ConsentSigned("birth-defects", "patient", version=2))
    assert "guardian-signature-missing:birth-defects" not in codes_on(SIGN_AGAIN, history, 32)
    assert "guardian-signature-missing:birth-defects" in codes_on(SIGN_AGAIN, history, 33)
    history.enter(32, ConsentSigned("birth-defects", "guardian", version=2))
    assert "guardian-signature-missing:birth-defects" not in codes_on(SIGN_AGAIN, history, 33)


def test_the_day_of_a_new_version_is_a_change_that_is_announced() -> None:
    found = assess(SIGN_AGAIN, ready().entries, at=ready().at(32), prescribers={"p": ALWAYS})
    assert next_change(found) == datetime(2026, 12, 23, 5, tzinfo=UTC)
