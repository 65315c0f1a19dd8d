"""Records that are hashed and chained rightly, and that the program would not have written: each is named."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from compliance import documents
from compliance.export.verify import Written
from compliance.rules.records import (
    Authorized,
    BirthDateCorrected,
    CategoryChanged,
    ConsentSigned,
    ContraceptionDeclared,
    Counselled,
    Dispensed,
    Enrolled,
    EntryStruck,
    ErasureAsked,
    FileLinked,
    GuardianNamed,
    HomeTestingSet,
    PdfSealed,
    PregnancyTest,
    Registered,
    Reversed,
    StopCleared,
    TextsErased,
    Transferred,
)
from compliance.signatures import agreed
from compliance.verification.written import as_bundled
from ledger import log
from ledger.actor import SYSTEM, Actor
from ledger.log import NewRecord
from patients.models import Patient, Pharmacy, Prescriber
from tests.compliance.verification.worlds import LATER, Forger, draft, named, verify_log
from tests.histories import METHODS, NOW

ON = NOW.date()
#: Done to the database; gives the subject of the log in which the problem is.
type Forgery = Callable[[Forger], UUID]


def consent(**changed: object) -> ConsentSigned:
    """A consent by the patient, as the page gives it."""
    text = documents.current("birth-defects", on=ON)
    record = ConsentSigned(text.code, "patient", agreed(text), text.version, text.language, text.sha256)
    return replace(record, **changed)  # type: ignore[arg-type]


def yes(f: Forger, patient: Patient, by: Actor | None = None, **changed: object) -> UUID:
    """An authorization of today, of what stands in the log."""
    by = by or f.counter()
    known = {
        "number": "FRGD234567", "pharmacy": str(by.acting_for), "days_supply": 30,
        "dispense_by": ON + timedelta(days=4), "first_day": ON, "edition": "2026",
        "decided_on": log.read(patient.pk)[-1].number,
    }  # fmt: skip
    f.append(patient.pk, [draft(Authorized(**known | changed), "2026")], by)  # type: ignore[arg-type]
    return patient.pk


def entered(f: Forger, patient: Patient, *records: object, by: Actor) -> UUID:
    f.enter(patient, *records, by=by)  # type: ignore[arg-type]
    return patient.pk


def signed(f: Forger, record: ConsentSigned | None = None, as_: Actor | None = None, **changed: object) -> UUID:
    """A consent of a patient who has signed before, with something wrong about its signature."""
    patient = f.patient("ready")
    f.sign(patient, record or consent(), by=f.own(patient), as_=as_, **changed)
    return patient.pk


def by_practice(f: Forger, stage: str, *records: object) -> UUID:
    patient = f.patient(stage)
    return entered(f, patient, *records, by=f.practice(patient))


def in_role(f: Forger, record: object, by: Actor, stage: str = "ready") -> UUID:
    return entered(f, f.patient(stage), record, by=by)


def designee(f: Forger, patient: Patient) -> Actor:
    return Actor(uuid4(), "designee", patient.prescriber_id)


def raw(f: Forger, kind: str, data: dict[str, object], format_: int = 1) -> UUID:
    patient = f.patient("ready")
    f.append(patient.pk, [NewRecord(kind, data, format_)], f.practice(patient))
    return patient.pk


def about(f: Forger, kind: str, subject: UUID, by: Actor, *drafts: NewRecord) -> UUID:
    f.append(subject, drafts, by, kind=kind)
    return subject


def practice(f: Forger, by: str, *kinds: str) -> UUID:
    """Records without data in the log of a practice that is approved, by its prescriber or an officer."""
    row = Prescriber.objects.filter(state="approved").order_by("npi")[0]
    who = f.officers[0] if by == "officer" else Actor(row.user_id, "prescriber", row.pk)
    return about(f, "prescriber", row.pk, who, *(NewRecord(kind, {}) for kind in kinds))


def certified(f: Forger) -> UUID:
    """The pharmacy that nobody approved, certified for a hundred years."""
    data = {"first": "2026-01-01", "last": "2126-01-01", "program": "isotretinoin-us"}
    pharmacy = Pharmacy.objects.filter(state="applied")[0]
    return about(f, "pharmacy", pharmacy.pk, f.officers[0], NewRecord("certified", data))


def approved_own(f: Forger) -> UUID:
    """A practice that an officer registered, and approved."""
    row, officer = Prescriber.objects.filter(state="applied")[0], f.officers[0]
    data = {"role": "prescriber", "officers": [str(officer.account)]}
    f.append(row.user_id, [NewRecord("account_registered", data)], Actor(row.user_id, "prescriber"), kind="account")
    return about(f, "prescriber", row.pk, officer, NewRecord("approved", {}))


def own_account(f: Forger, kind: str, by: Actor | None = None, data: dict[str, object] | None = None) -> UUID:
    account = f.practice(f.patient("ready")).account
    return about(f, "account", account, by or f.officers[0], NewRecord(kind, data or {}))


def recovered(f: Forger) -> UUID:
    own_account(f, "reissue_asked")
    return own_account(f, "account_reissued", data={"asked_by": str(f.officers[0].account)})


def erased(f: Forger, *, asked: bool) -> UUID:
    patient, officer = f.patient("ready"), f.officers[0]
    records = [*([ErasureAsked()] if asked else []), TextsErased(str(officer.account), 0)]
    return entered(f, patient, *records, by=officer)


def erased_during_a_course(f: Forger) -> UUID:
    patient, (one, other) = f.patient("ready"), f.officers
    f.enter(patient, ErasureAsked(), by=one)
    return entered(f, patient, TextsErased(str(one.account), 0), by=other)


def before_its_registration(f: Forger) -> UUID:
    patient, subject = f.patient("ready"), uuid4()
    f.append(subject, [draft(Counselled(ON))], f.practice(patient))
    return subject


def struck_unsigned(f: Forger) -> UUID:
    patient = f.patient("ready")
    number = next(row.number for row in reversed(log.read(patient.pk)) if row.kind == "counselled")
    return entered(f, patient, EntryStruck(number, "x"), by=f.practice(patient))


def dispensed(f: Forger, by: int) -> UUID:
    """The authorization that is open in the demo, handed over by this or another pharmacy."""
    patient = f.patient("authorized")
    row = next(row for row in log.read(patient.pk) if row.kind == "authorized")
    counters = [f.counter(place=place) for place in range(2)]
    counters.sort(key=lambda counter: str(counter.acting_for) != row.data["pharmacy"])
    return entered(f, patient, Dispensed(row.data["number"], ON), by=counters[by])


def dispensed_twice(f: Forger) -> UUID:
    dispensed(f, 0)
    return dispensed(f, 0)


TEST = PregnancyTest(ON, "negative", "laboratory")
DECLARED = ContraceptionDeclared("prescriber", METHODS, ON)

#: What is forged, and what is said of it.
FORGED: dict[str, tuple[Forgery, str]] = {
    "a consent without a signature": (
        lambda f: entered(f, p := f.patient("ready"), consent(), by=f.own(p)), "no signature covers it",
    ),
    "a declaration without a signature": (lambda f: by_practice(f, "month", DECLARED), "no signature covers it"),
    "a clearing without a signature": (lambda f: by_practice(f, "stopped", StopCleared("x")), "no signature covers it"),
    "a striking without a signature": (struck_unsigned, "no signature covers it"),
    "a category changed without a signature": (
        lambda f: by_practice(f, "ready", CategoryChanged("cannot_become_pregnant", "hysterectomy")),
        "no signature covers it",
    ),
    "a birth date corrected without a signature": (
        lambda f: by_practice(f, "ready", BirthDateCorrected(date(1990, 1, 1), "x")), "no signature covers it",
    ),
    "home tests permitted without a signature": (
        lambda f: by_practice(f, "ready", HomeTestingSet(True, "x")), "no signature covers it",
    ),
    "an approval of one's own application": (approved_own, "the officer's own browser"),
    "an attestation without a signature": (lambda f: practice(f, "prescriber", "renewed"), "no signature covers it"),
    "a clearing by an officer": (
        lambda f: in_role(f, StopCleared("x"), f.officers[0], "stopped"), "a role that may not write it",
    ),
    "a clearing by a designee": (
        lambda f: entered(f, p := f.patient("stopped"), StopCleared("x"), by=designee(f, p)),
        "a role that may not write it",
    ),
    "a clearing by the program": (
        lambda f: in_role(f, StopCleared("x"), SYSTEM, "stopped"), "a role that may not write it",
    ),
    "a test by the patient": (
        lambda f: entered(f, p := f.patient("ready"), TEST, by=f.own(p)), "a role that may not write it",
    ),
    "a birth date corrected by an officer": (
        lambda f: in_role(f, BirthDateCorrected(date(1990, 1, 1), "x"), f.officers[0]), "a role that may not write it",
    ),
    "a link by a practice": (
        lambda f: by_practice(f, "ready", FileLinked(str(uuid4()), "x")), "a role that may not write it",
    ),
    "a guardian named by an officer": (
        lambda f: in_role(f, GuardianNamed(str(uuid4())), f.officers[0]), "a role that may not write it",
    ),
    "a suspension by a practice": (
        lambda f: practice(f, "prescriber", "suspended"), "a role that may not write it",
    ),
    "an event of an account by its owner": (
        lambda f: own_account(f, "account_closed", f.own(f.patient("ready"))), "that the program does not write",
    ),
    "a program that is a person": (
        lambda f: in_role(f, PdfSealed(1, str(uuid4()), "0" * 64), Actor(uuid4(), "system")), "in the name of a person",
    ),
    "a test by another practice": (
        lambda f: entered(f, p := f.patient("ready"), TEST, by=f.other_practice(p)), "whose patient it is not",
    ),
    "a test by an account of nobody": (
        lambda f: entered(f, p := f.patient("ready"), TEST, by=replace(f.practice(p), account=uuid4())),
        "does not belong to whom it acts for",
    ),
    "a test by another practice's account": (
        lambda f: entered(
            f, p := f.patient("ready"), TEST, by=replace(f.practice(p), account=f.other_practice(p).account)
        ),
        "does not belong to whom it acts for",
    ),
    "an officer's account in a practice's role": (
        lambda f: entered(f, p := f.patient("ready"), TEST, by=replace(f.practice(p), account=f.officers[0].account)),
        "is by no account that has this role",
    ),
    "a consent by another patient's account": (
        lambda f: entered(
            f, p := f.patient("ready"), consent(), by=replace(f.own(p), account=f.own(f.patient("month")).account)
        ),
        "no invitation opened",
    ),
    "a consent of a patient in the guardian's role": (
        lambda f: entered(f, p := f.minor(), consent(), by=f.guardian(p)), "another role than its author's",
    ),
    "a transfer that nobody offered": (
        lambda f: entered(
            f, p := f.patient("ready"), Transferred(str(f.other_practice(p).acting_for)), by=f.other_practice(p)
        ),
        "whose patient it is not",
    ),
    "a signature by another account": (
        lambda f: signed(f, as_=replace(f.own(f.patient("ready")), account=uuid4())), "by another account",
    ),
    "a signature of other records": (lambda f: signed(f, covers=(1,)), "another account than the author's"),
    "a signature of nothing": (lambda f: signed(f, covers=()), "is a signature of nothing"),
    "a signature under a text that there is not": (
        lambda f: signed(f, consent(version=1, sha256="0" * 64), sha256="0" * 64), "was never published",
    ),
    "a signature under a version that there is not": (
        lambda f: signed(f, version=9), "was never published",
    ),
    "a signature under another text": (
        lambda f: signed(f, document="patient-information"), "does not belong to what it covers",
    ),
    "a signature with another statement": (lambda f: signed(f, statement="0" * 64), "is not what was signed"),
    "a signature at another time": (
        lambda f: signed(f, local_time="2026-12-15T12:00:01-05:00"), "another time than it says",
    ),
    "a signature without a name": (lambda f: signed(f, sealed=None), "without means, or without a name"),
    "a signature with another meaning": (lambda f: signed(f, meaning="I attest"), "another meaning"),
    "a signature by means that there are not": (lambda f: signed(f, means="word"), "without means"),
    "a passkey that signed nothing": (
        lambda f: signed(f, means="passkey", proof={"client_data": "e30"}), "that its passkey did not make",
    ),
    "an item that was not agreed to": (
        lambda f: signed(f, answers=dict.fromkeys(agreed(documents.current("birth-defects", on=ON)), False)),
        "was not agreed to",
    ),
    "an item that was not answered": (lambda f: signed(f, answers={}), "not answer every item"),
    "an erasure that one officer asked for and did": (lambda f: erased(f, asked=True), "by one officer alone"),
    "an erasure that nobody asked for": (lambda f: erased(f, asked=False), "no officer asked"),
    "an account recovered by one officer": (recovered, "without a second officer"),
    "a password changed by another": (lambda f: own_account(f, "password_changed"), "another account than its own"),
    "an unknown kind": (lambda f: raw(f, "forgiven", {}), "of a kind that the program does not write"),
    "an unknown event": (lambda f: own_account(f, "promoted"), "that the program does not write"),
    "an unknown format": (
        lambda f: raw(f, "counselled", {"visit_on": ON.isoformat()}, 9), "in a format that the program does not write",
    ),
    "a member that there is not": (
        lambda f: raw(f, "counselled", {"visit_on": ON.isoformat(), "x": 1}), "the shape of its kind",
    ),
    "a member that is missing": (lambda f: raw(f, "counselled", {}), "the shape of its kind"),
    "a member of another type": (lambda f: raw(f, "counselled", {"visit_on": 7}), "the shape of its kind"),
    "a record from the future": (
        lambda f: f.enter(
            p := f.patient("ready"), TEST, by=f.practice(p), at=LATER + timedelta(minutes=1)
        )[0].subject,
        "later than now",
    ),
    "a record before the registration": (before_its_registration, "before the record that opens the file"),
    "a second registration": (
        lambda f: by_practice(f, "ready", Registered(date(2001, 1, 1))), "opens a file that is open",
    ),
    "a certification without an approval": (certified, "certifies without an approval"),
    "a second approval": (lambda f: practice(f, "officer", "approved"), "in that state does not take"),
    "a reinstatement without a suspension": (
        lambda f: practice(f, "officer", "reinstated"), "in that state does not take",
    ),
    "a yes that another pharmacy asked for": (
        lambda f: yes(f, f.patient("ready"), pharmacy=str(f.counter(place=1).acting_for)), "than the one that asked",
    ),
    "a yes on something else": (lambda f: yes(f, f.patient("ready"), decided_on=3), "on something else"),
    "a yes of two editions": (lambda f: yes(f, f.patient("ready"), edition="2023"), "names two editions"),
    "a hand-over without a yes": (
        lambda f: in_role(f, Dispensed("FRGD234567"), f.counter()), "names an authorization that there is not",
    ),
    "a reversal without a yes": (
        lambda f: in_role(f, Reversed("FRGD234567"), f.counter()), "names an authorization that there is not",
    ),
    "a hand-over by another pharmacy": (lambda f: dispensed(f, 1), "than the one that was authorized"),
}  # fmt: skip

#: The same for `--rules`.
JUDGED: dict[str, tuple[Forgery, str]] = {
    "a yes beside a stop": (lambda f: yes(f, f.patient("stopped")), "do not justify"),
    "a yes before the lead-in is over": (lambda f: yes(f, f.patient("lead-in")), "do not justify"),
    "a yes beside another": (lambda f: yes(f, f.patient("authorized")), "do not justify"),
    "a yes for a pharmacy that nobody approved": (
        lambda f: yes(f, f.patient("ready"), f.counter("applied")), "do not justify",
    ),
    "a yes for too long": (lambda f: yes(f, f.patient("ready"), days_supply=31), "do not justify"),
    "a yes for other days": (
        lambda f: yes(f, f.patient("ready"), dispense_by=ON + timedelta(days=60)), "for other days than the rules give",
    ),
    "a yes of an edition that there is not": (
        lambda f: yes(f, f.patient("ready"), edition="1999"), "names an edition that there is not",
    ),
    "a yes of a version that there is not": (
        lambda f: yes(f, f.patient("ready"), edition_version=7), "names an edition that there is not",
    ),
    "a second hand-over": (dispensed_twice, "is a hand-over that the rules refuse"),
    "an erasure during a course": (erased_during_a_course, "while a course is open"),
    "a second enrolment": (
        lambda f: by_practice(f, "ready", Enrolled("can_become_pregnant")), "is an entry that the rules refuse",
    ),
    "a test from before the course": (
        lambda f: by_practice(f, "ready", PregnancyTest(date(2019, 1, 1), "negative", "clinic")),
        "is an entry that the rules refuse",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FORGED)
def test_forged_record_is_named(forger: Forger, name: str) -> None:
    forge, said = FORGED[name]
    subject = forge(forger)
    assert said in named(verify_log(), subject)


#: What a log in a bundle cannot show: it has no accounts, no texts but those that were signed, and no calendar.
NOT_IN_A_BUNDLE = frozenset(
    {
        "a member of another type", "a member that is missing", "a member that there is not",
        "a passkey that signed nothing", "a password changed by another", "a record from the future",
        "an approval of one's own application",
        "a reinstatement without a suspension", "a second approval", "a signature at another time",
        "a signature under a text that there is not", "a signature under a version that there is not",
        "a test by an account of nobody", "a test by another practice's account", "an account recovered by one officer",
        "an item that was not answered", "an officer's account in a practice's role",
    }
)  # fmt: skip


def said_by_bundle(subject: UUID) -> str:
    """What `verify.py` says of a log, whatever else a bundle would have."""
    return "\n".join(what for _number, what in Written(as_bundled(log.read(subject))).problems())


@pytest.mark.parametrize("name", sorted(FORGED.keys() - NOT_IN_A_BUNDLE))
def test_forged_record_is_named_by_a_bundle(forger: Forger, name: str) -> None:
    forge, said = FORGED[name]
    assert said in said_by_bundle(forge(forger))


@pytest.mark.parametrize("name", sorted(NOT_IN_A_BUNDLE))
def test_forged_record_that_no_bundle_can_name(forger: Forger, name: str) -> None:
    forge, said = FORGED[name]
    assert said not in said_by_bundle(forge(forger))


@pytest.mark.parametrize("name", JUDGED)
def test_decision_that_the_rules_refuse_is_named(forger: Forger, name: str) -> None:
    forge, said = JUDGED[name]
    subject = forge(forger)
    assert said not in verify_log()
    assert said in named(verify_log("--rules"), subject)
