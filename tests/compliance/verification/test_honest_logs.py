"""What the program wrote gives no problem: the demo, the pages' own entries, and what each command writes."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import recovery
from accounts.models import User
from compliance import documents
from compliance.commands import certifying, delegation, erasure, gate, offers, people, transfers
from compliance.commands.entries import enter
from compliance.commands.erasure import NotErased
from compliance.models import PdfJob
from compliance.rules.records import (
    BirthDateCorrected,
    CategoryChanged,
    ConsentWithdrawn,
    Counselled,
    Discontinued,
    Enrolled,
    EntryStruck,
    PregnancyTest,
    Record,
    StopCleared,
    TransferOffered,
)
from compliance.signatures import Pair, Signature, make_signature, signature_for_records
from compliance.verification import pdfs
from compliance.verification.check import problems
from ledger import log
from ledger.actor import Actor
from ledger.erasable_text import make_erasable
from ledger.models import LogRecord
from ledger.verify import WHOLE
from patients.models import Patient, Pharmacy, Prescriber
from patients.people import actor_of
from tests import amount, factories, linked
from tests.clocks import Clock
from tests.compliance.verification.test_forgeries import said_by_bundle
from tests.compliance.verification.worlds import LATER, NAME, Forger, problems_around
from tests.conftest import RestoreSnapshot
from tests.databases import Snapshot
from tests.histories import NOW
from tests.journeys import snapshots

ON = NOW.date()
YEARS = timedelta(days=1000)


def found() -> list[tuple[str, int, str]]:
    """What `verify_log --rules` says, later than anything that was written, of all logs."""
    return [(p.subject_kind, p.number, p.what) for p in problems(at=LATER + YEARS, rules=True)]


def found_in_what_was_written() -> list[tuple[str, int, str]]:
    """The same, of the logs to which something was written in the test."""
    grown = set(LogRecord.objects.filter(at__gte=LATER).values_list("subject", flat=True))
    assert grown
    at = LATER + YEARS
    return [(p.subject_kind, p.number, p.what) for p in problems_around(grown, at=at, rules=True)]


def test_demo_has_no_problems(forger: Forger) -> None:
    assert found() == []


def test_signed_documents_of_twenty_logs_take_two_statements(forger: Forger) -> None:
    signed = set(PdfJob.objects.values_list("subject", flat=True))
    assert len(signed) > 20
    with CaptureQueriesContext(connection) as asked:
        assert list(pdfs.of_logs(WHOLE)) == []
    beside = [one["sql"] for one in asked if "pdf" in one["sql"] and "ledger_record" not in one["sql"]]
    assert len(beside) <= 2 * (len(signed) // 20 + 1)


EVERY = [value for value in vars(snapshots).values() if isinstance(value, Snapshot)]
#: Those from which no other begins, so that all pages were used before; but a minor's who can become pregnant, of
#: whom no page writes what it does not write of one of the others.
LAST = [one for one in EVERY if one is not snapshots.MINOR_SIGNED and not any(other.of is one for other in EVERY)]
PAGES = EVERY if amount.EVERYTHING else LAST


@pytest.mark.parametrize("snapshot", PAGES, ids=lambda snapshot: snapshot.name)
def test_what_was_entered_on_pages_has_no_problems(
    restored_snapshot: RestoreSnapshot, snapshot: Snapshot[None]
) -> None:
    restored_snapshot(snapshot)
    assert found() == []


def does(patient: Patient, *records: Record, by: Actor) -> list[int]:
    """Enter records as the pages do, signed where they are."""
    key = uuid4()
    signature = signature_for_records(records, NAME, subject=patient.pk, by=by, key=key, on=ON)
    return enter(patient=patient.pk, records=records, by=by, at=LATER, key=key, signature=signature)


def test_entries_have_no_problems(forger: Forger, clock: Clock) -> None:
    ready, stopped, month = (forger.patient(stage) for stage in ("ready", "stopped", "month"))
    does(stopped, StopCleared("x"), PregnancyTest(ON, "negative", "laboratory"), by=forger.practice(stopped))
    numbers = does(ready, Counselled(ON), BirthDateCorrected(ready.born_on, "x"), by=forger.practice(ready))
    does(ready, EntryStruck(numbers[0], "x"), by=forger.practice(ready))
    does(ready, ConsentWithdrawn("birth-defects"), by=forger.own(ready))
    does(month, CategoryChanged("cannot_become_pregnant", "hysterectomy"), by=forger.practice(month))
    assert found_in_what_was_written() == []


def test_authorization_hand_over_and_reversal_have_no_problems(forger: Forger) -> None:
    patient, by = forger.patient("ready"), forger.counter()
    assert by.acting_for is not None
    for end in (gate.reverse, gate.dispense):
        yes = gate.authorize_patient(
            patient=patient.pk, pharmacy=by.acting_for, days_supply=30, by=by, at=LATER, key=uuid4()
        )
        assert yes.number is not None
        assert end(
            patient=patient.pk, number=yes.number, pharmacy=by.acting_for, by=by, at=LATER, key=uuid4()
        ) is None  # fmt: skip
    assert found_in_what_was_written() == []


def test_transfer_and_delegation_have_no_problems(forger: Forger) -> None:
    patient = forger.patient("ready")
    old = forger.practice(patient)
    new, third = forger.other_practices(patient)
    for answer in (transfers.decline, transfers.accept):
        does(patient, TransferOffered(str(new.acting_for)), by=old)
        answer(patient=patient.pk, by=new, at=LATER, key=uuid4())
    theirs, delegate = (Prescriber.objects.get(user_id=actor.account) for actor in (new, old))
    row = delegation.add_delegate(prescriber=theirs, delegate=delegate, by=new, at=LATER, key=uuid4())
    does(patient, Counselled(ON), by=Actor(old.account, "prescriber", new.acting_for))
    does(patient, TransferOffered(str(third.acting_for)), by=Actor(old.account, "prescriber", new.acting_for))
    transfers.accept(patient=patient.pk, by=third, at=LATER, key=uuid4())
    transfers.take_back(patient=patient.pk, by=new, at=LATER, key=uuid4())
    delegation.end_delegation(row=row, by=new, at=LATER, key=uuid4())
    designee = people.add_designee(prescriber=theirs, name="D", email="d@example.org", by=new, at=LATER, key=uuid4())
    does(patient, Counselled(ON), by=actor_of(designee.user))
    assert found_in_what_was_written() == []


def test_hand_overs_by_the_office_and_between_courses_have_no_problems(forger: Forger) -> None:
    """Of a bundle's own check too: what it says of the log is nothing."""
    patient = forger.patient("ready")
    old, (new, third) = forger.practice(patient), forger.other_practices(patient)[:2]
    officer = forger.officers[0]

    def offer(of: Actor, to: Actor) -> None:
        offers.hand_over(
            of=UUID(str(of.acting_for)), patients=[patient.pk], to=UUID(str(to.acting_for)), by=officer, at=LATER,
            key=uuid4(),
        )  # fmt: skip

    def ask(to: Actor) -> None:
        own, key = forger.own(patient), uuid4()
        offers.ask(patient=patient.pk, to=UUID(str(to.acting_for)), by=own, at=LATER, key=key)

    ask(third)
    offers.take_request_back(patient=patient.pk, by=forger.own(patient), at=LATER, key=uuid4())
    ask(third)
    offer(old, new)
    transfers.accept(patient=patient.pk, by=new, at=LATER, key=uuid4())
    does(patient, Discontinued("x"), by=new)
    ask(third)
    transfers.accept(patient=patient.pk, by=third, at=LATER, key=uuid4())
    does(patient, Enrolled("cannot_become_pregnant", "male", prescriber=str(third.acting_for)), by=third)
    kinds = [row.kind for row in log.read(patient.pk)]
    begun = kinds[kinds.index("file_transferred") + 1 :]
    assert [kind for kind in begun if kind in ("enrolled", "transferred")] == ["enrolled", "transferred"]
    assert found_in_what_was_written() == []
    assert said_by_bundle(patient.pk) == ""


def test_a_course_that_goes_on_with_who_took_it_over_has_no_problems(forger: Forger) -> None:
    patient = forger.patient("ready")
    new = forger.other_practices(patient)[0]
    (number,) = does(patient, Discontinued("x"), by=forger.practice(patient))[:1]
    offers.ask(patient=patient.pk, to=UUID(str(new.acting_for)), by=forger.own(patient), at=LATER, key=uuid4())
    transfers.accept(patient=patient.pk, by=new, at=LATER, key=uuid4())
    does(patient, EntryStruck(number, "x"), by=new)
    assert [row.kind for row in log.read(patient.pk)][-3:] == ["entry_struck", "attested", "transferred"]
    assert found_in_what_was_written() == []
    assert said_by_bundle(patient.pk) == ""


def test_linked_files_have_no_problems(forger: Forger) -> None:
    one, other = forger.patient("ready"), forger.patient("stopped")
    linked.link(one.pk, other.pk, by=forger.officers, at=LATER)
    does(one, StopCleared("x"), by=forger.practice(one))
    linked.unlink(one.pk, by=forger.officers, at=LATER)
    assert found_in_what_was_written() == []


def test_erasure_by_two_officers_has_no_problems(forger: Forger) -> None:
    patient, (one, other) = forger.patient("ready"), forger.officers
    does(patient, Discontinued("x", None), by=forger.practice(patient))
    erasure.ask(patient=patient.pk, by=one, at=LATER, key=uuid4())
    with pytest.raises(NotErased):
        erasure.confirm(patient=patient.pk, by=one, at=LATER, key=uuid4())
    assert erasure.confirm(patient=patient.pk, by=other, at=LATER, key=uuid4())
    assert found_in_what_was_written() == []


def signed(by: Actor, kind: str, records: tuple[Pair, ...], key: UUID) -> Signature:
    """A signature on what certifies for another year."""
    assert by.acting_for is not None
    document = documents.current(f"{kind}-attestation", on=ON)
    return make_signature(document, NAME, records, subject=by.acting_for, by=by, key=key)


def test_certification_has_no_problems(forger: Forger) -> None:
    officer = forger.officers[0]
    prescriber, pharmacy = Prescriber.objects.filter(state="approved")[0], Pharmacy.objects.filter(state="approved")[0]
    for kind, subject in (("prescriber", prescriber.pk), ("pharmacy", pharmacy.pk)):
        text = make_erasable("x")
        certifying.suspend(kind=kind, subject=subject, reason=text, by=officer, at=LATER, key=uuid4())  # type: ignore[arg-type]
        certifying.reinstate(kind=kind, subject=subject, by=officer, at=LATER, key=uuid4())  # type: ignore[arg-type]
    counter = forger.counter()
    doctor = Actor(prescriber.user_id, "prescriber", prescriber.pk)
    for act, by, kind in (
        (certifying.recertify, doctor, "prescriber"), (certifying.complete_training, counter, "pharmacy"),
    ):  # fmt: skip
        assert by.acting_for is not None
        pairs, key = (certifying.RECERTIFICATION if kind == "prescriber" else certifying.TRAINING), uuid4()
        signature = signed(by, kind, pairs, key)
        act(subject=by.acting_for, signature=signature, by=by, at=LATER, key=key)
    assert found_in_what_was_written() == []


def test_accounts_have_no_problems(forger: Forger) -> None:
    account = factories.account("designee")
    one, other = forger.officers
    people.deactivate(account=account, by=one, at=LATER, key=uuid4())
    people.reactivate(account=account, by=one, at=LATER, key=uuid4())
    recovery.request(account=account, by=one, at=LATER, key=uuid4())
    recovery.confirm(account=account, by=other, at=LATER, key=uuid4())
    assert log.read(account.pk)[-1].kind == "account_reissued"
    assert User.objects.get(pk=account.pk).is_active
    assert found_in_what_was_written() == []
