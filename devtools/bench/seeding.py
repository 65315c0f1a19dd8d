"""Many patients at once, written through the same encoder as every other record."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from accounts.models import User
from accounts.roles import PHARMACIST, PRESCRIBER
from compliance.commands.certifying import certification_record
from compliance.records.programs import DEFAULT
from compliance.rules.days import day, zone
from compliance.rules.records import (
    Authorized,
    ConsentSigned,
    Dispensed,
    Enrolled,
    Record,
    Registered,
    dump,
)
from ledger import log
from ledger.actor import SYSTEM
from ledger.log import EMPTY, NewRecord, Row
from patients.models import Patient, Pharmacist, Pharmacy, Prescriber
from patients.numbers import new_number, npi_check_digit
from tests.histories import by_patient, by_practice

BORN = date(2001, 4, 2)
BATCH = 200


@dataclass(frozen=True, slots=True)
class Seeded:
    """Who can be asked about: numbers of patients with a yes ahead, and with a no; the pharmacists who ask."""

    yes: list[str]
    no: list[str]
    pharmacists: list[User]


def history(
    prescriber: str, pharmacy: str, number: str, now: datetime, *, complete: bool
) -> list[tuple[datetime, Record]]:
    """A first month with its fill, and this month; without the patient's part when not `complete`."""

    def on(ago: float) -> date:
        return day(now - timedelta(days=ago), zone("America/New_York"))

    own = by_patient()
    fill = f"{number}-1"
    story: list[tuple[float, Sequence[Record]]] = [
        (75, [Registered(BORN, number, prescriber), Enrolled("can_become_pregnant", prescriber=prescriber)]),
        (75, [ConsentSigned("patient-information", "patient"), ConsentSigned("birth-defects", "patient")]),
        (75, by_practice(on(75))),
        (40, by_practice(on(40))),
        (40, own),
        (39, [Authorized(fill, pharmacy, 30, on(34), on(39)), Dispensed(fill)]),
        (2, by_practice(on(2))),
        (1, own if complete else own[1:]),
    ]
    return [(now - timedelta(days=ago), record) for ago, records in story for record in records]


def rows_of(subject: UUID, entries: Sequence[tuple[datetime, Record]]) -> Iterator[Row]:
    """The entries as rows of one log."""
    head = EMPTY
    for at, record in entries:
        draft = NewRecord(kind=record.kind, data=dump(record))
        (row,) = log.build("patient", subject, [draft], head=head, by=SYSTEM, at=at, request_id=uuid4())
        head = log.head_of([row])
        yield row


def seed(count: int, now: datetime, password: str) -> Seeded:
    """A prescriber, eight pharmacists at two pharmacies, `count` patients of whom every second is ready."""
    doctor = User.objects.create_user(email="d@bench.invalid", password=None, name="D", role=PRESCRIBER)
    prescriber = Prescriber.objects.create(
        user=doctor, practice_name="B", npi=_npi(1), state="approved", program=DEFAULT.code
    )
    _certify("prescriber", prescriber.pk, now)
    pharmacists = _pharmacists(now, password)
    numbers: list[str] = []
    pharmacy = str(pharmacists[0].pharmacists.get().pharmacy_id)
    for start in range(0, count, BATCH):
        numbers += _batch(prescriber, pharmacy, min(BATCH, count - start), now)
    return Seeded(numbers[::2], numbers[1::2], pharmacists)


def _npi(place: int) -> str:
    body = f"1{place:08d}"
    return body + npi_check_digit(body)


def _certify(kind: str, subject: UUID, now: datetime) -> None:
    span = now.date() - timedelta(days=400), now.date() + timedelta(days=400)
    draft = certification_record(*span, DEFAULT.code)
    log.append(kind, subject, [draft], head=EMPTY, by=SYSTEM, at=now - timedelta(days=400), request_id=uuid4())


def _pharmacists(now: datetime, password: str) -> list[User]:
    users = []
    for place in range(8):
        user = User.objects.create_user(email=f"p{place}@bench.invalid", password=password, name="P", role=PHARMACIST)
        if place % 4 == 0:
            pharmacy = Pharmacy.objects.create(name="B", npi=_npi(10 + place), state="approved", program=DEFAULT.code)
            _certify("pharmacy", pharmacy.pk, now)
        Pharmacist.objects.create(user=user, pharmacy=pharmacy)
        users.append(user)
    return users


def _batch(prescriber: Prescriber, pharmacy: str, count: int, now: datetime) -> list[str]:
    patients = [
        Patient(
            program=DEFAULT.code,
            number=new_number(),
            given_name="B",
            family_name="B",
            born_on=BORN,
            prescriber=prescriber,
            created_at=now,
        )
        for _ in range(count)
    ]
    Patient.objects.bulk_create(patients)
    rows: list[Row] = []
    for place, patient in enumerate(patients):
        entries = history(str(prescriber.pk), pharmacy, patient.number, now, complete=place % 2 == 0)
        rows += rows_of(patient.pk, entries)
    log.insert(rows)
    return [patient.number for patient in patients]
