"""Records that are hashed and chained rightly, and that the program would not have written: each is named."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from compliance import documents
from compliance.export.verify import Written
from compliance.rules.records import (
    BirthDateCorrected,
    CategoryChanged,
    ContraceptionDeclared,
    Dispensed,
    FileLinked,
    FileTransferred,
    FileUnlinked,
    GuardianNamed,
    HomeTestingSet,
    KeptApart,
    PdfSealed,
    PregnancyTest,
    Registered,
    Reversed,
    StopCleared,
    TransferOffered,
    Transferred,
)
from compliance.signatures import agreed
from compliance.verification.written import as_bundled
from ledger import log
from ledger.actor import SYSTEM, Actor
from tests.compliance.verification.worlds import LATER, Forger, named, said_of, verify_log
from tests.histories import METHODS

from .forging import (
    ON,
    Forgery,
    approved_own,
    before_its_registration,
    by_practice,
    certified,
    consent,
    designee,
    dispensed,
    entered,
    erased,
    in_role,
    own_account,
    practice,
    raw,
    recovered,
    signed,
    struck_unsigned,
    yes,
)

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
    "a file that is taken over though nobody offered it": (
        lambda f: entered(
            f, p := f.patient("ready"), FileTransferred(str(f.other_practice(p).acting_for)), by=f.other_practice(p)
        ),
        "whose patient it is not",
    ),
    "a patient who is named another's once more": (
        lambda f: entered(f, p := f.patient("ready"), Transferred(str(f.other_practice(p).acting_for)),
                          by=f.practice(p)),
        "whose patient it is not",
    ),
    "an offer by another patient": (
        lambda f: entered(
            f, p := f.patient("ready"), TransferOffered(str(f.other_practice(p).acting_for)),
            by=f.own(f.patient("month")),
        ),
        "no invitation opened",
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
    "a link by one officer in the name of two": (
        lambda f: in_role(f, FileLinked(str(uuid4()), "x", str(f.officers[0].account)), f.officers[0]),
        "by one officer alone",
    ),
    "the end of a link by one officer in the name of two": (
        lambda f: in_role(f, FileUnlinked(str(uuid4()), "x", str(f.officers[0].account)), f.officers[0]),
        "by one officer alone",
    ),
    "a file kept apart by one officer in the name of two": (
        lambda f: in_role(f, KeptApart(str(uuid4()), "x", str(f.officers[0].account)), f.officers[0]),
        "by one officer alone",
    ),
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


@pytest.mark.parametrize("name", FORGED)
def test_forged_record_is_named(forger: Forger, name: str) -> None:
    forge, said = FORGED[name]
    subject = forge(forger)
    assert said in said_of(subject)


def test_forged_record_is_named_by_the_command(forger: Forger) -> None:
    """It reads all logs, and says nothing of the others."""
    forge, said = FORGED["a consent without a signature"]
    subject = forge(forger)
    output = verify_log()
    assert said in named(output, subject)
    assert named(output, subject) == output.removesuffix("\n")


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
