"""What somebody who owns the database appends to logs: each gives the subject of the log in which it stands."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

from compliance import documents
from compliance.commands import certifying
from compliance.rules.records import (
    Authorized,
    ConsentSigned,
    Counselled,
    Dispensed,
    EntryStruck,
    ErasureAsked,
    TextsErased,
)
from compliance.signatures import agreed
from ledger import log
from ledger.actor import Actor
from ledger.erasable_text import make_erasable
from ledger.log import NewRecord
from patients.models import Patient, Pharmacy, Prescriber
from tests import linked
from tests.compliance.verification.worlds import Forger, draft
from tests.histories import NOW

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


def beside_a_linked_stop(f: Forger) -> UUID:
    ready, stopped = f.patient("ready"), f.patient("stopped")
    linked.link(ready.pk, stopped.pk, by=f.officers, at=NOW)
    return yes(f, ready)


def for_a_suspended_prescriber(f: Forger) -> UUID:
    patient, reason = f.patient("ready"), make_erasable("x")
    assert patient.prescriber_id is not None
    certifying.suspend(
        kind="prescriber", subject=patient.prescriber_id, reason=reason, by=f.officers[0], at=NOW, key=uuid4()
    )  # fmt: skip
    return yes(f, patient)


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
