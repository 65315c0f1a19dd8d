"""Histories for tests: of records alone (`HistoryFactory`), and of patients whom the real actions have written
(`ClinicFactory`)."""

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from accounts.roles import OFFICER, PATIENT, PHARMACIST, PRESCRIBER
from compliance.commands import gate
from compliance.commands.certifying import certification_record
from compliance.commands.decide import Outcome, write
from compliance.commands.enrolment import empty_file
from compliance.commands.entries import EntryRefused, enter
from compliance.models import PatientStatus
from compliance.records.file import File, read_file
from compliance.records.programs import DEFAULT
from compliance.records.status import editions_of
from compliance.rules.assessment import Assessment, GateQuestion
from compliance.rules.certification import Spans
from compliance.rules.days import Span, day, zone
from compliance.rules.gate import assess
from compliance.rules.programs.isotretinoin_us import ISOTRETINOIN_US
from compliance.rules.records import (
    FORMATS,
    ComprehensionPassed,
    ConsentSigned,
    ContraceptionDeclared,
    Counselled,
    Discontinued,
    Enrolled,
    Entry,
    PregnancyTest,
    Record,
    Registered,
    dump,
)
from compliance.signatures import signature_for_records
from ledger import log
from ledger.actor import SYSTEM, Actor
from ledger.idempotency import Request
from outbox.models import Message
from patients.models import Patient
from patients.numbers import new_number
from tests import factories

NEW_YORK = ZoneInfo("America/New_York")
CAN, CANNOT = "can_become_pregnant", "cannot_become_pregnant"
#: Two that go together.
METHODS = ("combined-pill", "male-latex-condom")
#: Two others that do: who declared the first declares something new by them.
OTHER_METHODS = ("iud", "male-latex-condom")
#: When people act, unless a test says otherwise.
NOW = datetime(2026, 12, 15, 15, tzinfo=UTC)
ALWAYS: Spans = (Span(date(2000, 1, 1), date(2099, 1, 1)),)


def begun(on: date, methods: tuple[str, ...] = METHODS) -> list[Record]:
    """What the practice enters first: the screening test and the methods."""
    return [PregnancyTest(on, "negative", "clinic"), ContraceptionDeclared("prescriber", methods, on)]


def by_practice(on: date, setting: str = "laboratory", methods: tuple[str, ...] = METHODS) -> list[Record]:
    """What the practice enters each month: the test, the visit, the methods."""
    return [
        PregnancyTest(on, "negative", setting, "first_five_days"),
        Counselled(on),
        ContraceptionDeclared("prescriber", methods, on),
    ]


def by_patient(methods: tuple[str, ...] = METHODS) -> list[Record]:
    """What the patient does each month: the methods, the questions."""
    return [ContraceptionDeclared("patient", methods), ComprehensionPassed()]


class HistoryFactory:
    """Records by the day on which they are entered, at noon in New York."""

    def __init__(self, start: date = date(2026, 10, 1), born_on: date = date(2001, 4, 2), category: str = CAN) -> None:
        self.start = start
        self.entries: list[Entry] = []
        self.enter(0, Registered(born_on, prescriber="p"), Enrolled(category, "male", prescriber="p"))

    def at(self, day: float) -> datetime:
        noon = datetime(self.start.year, self.start.month, self.start.day, 12, tzinfo=NEW_YORK)
        local = noon.replace(tzinfo=None) + timedelta(days=day)
        return local.replace(tzinfo=NEW_YORK).astimezone(UTC)

    def on(self, day: int) -> date:
        return self.start + timedelta(days=day)

    def enter(self, day: float, *records: Record) -> "HistoryFactory":
        for record in records:
            self.entries.append(Entry(len(self.entries) + 1, self.at(day), record))
        return self

    def sign(self, *signers: str) -> "HistoryFactory":
        for signer in signers or ("patient",):
            self.enter(0, ConsentSigned("patient-information", signer), ConsentSigned("birth-defects", signer))
        return self

    def test(self, day: int, result: str = "negative", setting: str = "laboratory", menses: str | None = None,
             entered: float | None = None) -> "HistoryFactory":  # fmt: skip
        return self.enter(day if entered is None else entered, PregnancyTest(self.on(day), result, setting, menses))

    def month(self, day: int, setting: str = "laboratory", *, without: Iterable[type[Record]] = ()) -> "HistoryFactory":
        """A whole month on one day: test, visit, both declarations, questions."""
        records = [*by_practice(self.on(day), setting), *by_patient()]
        return self.enter(day, *(record for record in records if type(record) not in set(without)))

    def begun(self) -> "HistoryFactory":
        """Signed, with the methods and the screening test of the first day."""
        return self.sign().enter(0, *begun(self.on(0)))

    def ask(self, day: float, prescriber: Spans = ALWAYS, question: GateQuestion | None = None) -> Assessment:
        return assess(
            ISOTRETINOIN_US, self.entries, at=self.at(day), prescribers={"p": prescriber},
            question=question or GateQuestion(),
        )  # fmt: skip

    def codes(self, day: float) -> tuple[str, ...]:
        return self.ask(day).codes


#: What the real commands left in the status of a ready patient, by the day, the birth, the editions, and what was
#: recorded since. Those of a worker are alike: all but the first of them are laid as it was, without working out again
#: what follows.
_STATUSES: dict[tuple[datetime, date, str, tuple[Record, ...]], PatientStatus] = {}


def _status(patient: Patient) -> PatientStatus:
    assert not Message.objects.filter(subject=patient.pk).exists(), "a message is due, which is not laid"
    return PatientStatus.objects.get(patient=patient)


def _lay(patient: Patient, recorded: Mapping[datetime, Sequence[Record]], status: PatientStatus) -> None:
    """A patient with an account, their records and the status that the real commands left: two statements."""
    assert patient.user is not None
    own = copy(status)
    own.patient = patient
    factories.lay(patient.user, patient, own)
    rows: list[log.Row] = []
    for at, records in recorded.items():
        drafts = [log.NewRecord(kind=r.kind, data=dump(r), format=FORMATS[r.kind]) for r in records]
        rows += log.build("patient", patient.pk, drafts, head=log.head_of(rows), by=SYSTEM, at=at, request_id=uuid4())
    log.insert(rows)


class ClinicFactory:
    """A certified prescriber and two certified pharmacies, for many patients."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now
        (self.prescriber, self.other), self.pharmacies = factories.practice()
        span = certification_record(date(2020, 1, 1), date(2035, 1, 1), DEFAULT.code)
        at = datetime(2020, 1, 1, tzinfo=UTC)
        certified = [
            ("prescriber", self.prescriber.pk),
            ("prescriber", self.other.pk),
            *[("pharmacy", p.pk) for p in self.pharmacies],
        ]
        log.insert([
            row for kind, subject in certified
            for row in log.build(kind, subject, [span], head=log.EMPTY, by=SYSTEM, at=at, request_id=uuid4())
        ])  # fmt: skip
        self.doctor = Actor(self.prescriber.user_id, PRESCRIBER, self.prescriber.pk)
        self.officer = Actor(uuid4(), OFFICER)
        self.counters = [Actor(uuid4(), PHARMACIST, pharmacy.pk) for pharmacy in self.pharmacies]
        #: Patients of `ready` that were made before and that nobody has taken.
        self.waiting: list[Patient] = []
        #: And those of `ended`.
        self.over: list[Patient] = []

    def ended(self) -> Patient:
        """A patient who was ready, and whose course has ended now without a dose: the last of their records."""
        return self.over.pop() if self.over else self._made(date(2001, 4, 2), Discontinued("done"))

    def ready(self, born_on: date = date(2001, 4, 2)) -> Patient:
        """A patient whom a pharmacy may dispense to now; one under age still lacks a guardian's signature."""
        if self.waiting and born_on == self.waiting[-1].born_on:
            return self.waiting.pop()
        return self._made(born_on)

    def ready_until(self, *now: Record) -> Patient:
        """A patient who was ready, and of whom these were recorded now, without the messages that are due at once."""
        return self._made(date(2001, 4, 2), *now, silent=True)

    def _made(self, born_on: date, *now: Record, silent: bool = False) -> Patient:
        user = factories.unsaved_account(PATIENT)
        patient = Patient(
            number=new_number(), given_name="A", family_name="B", born_on=born_on, user=user,
            prescriber=self.prescriber, created_at=self.now, program=DEFAULT.code,
        )  # fmt: skip
        first, second = self.now - timedelta(days=40), self.now - timedelta(days=2)
        enrolled: list[Record] = [
            Registered(patient.born_on, patient.number, str(self.prescriber.pk)),
            Enrolled("can_become_pregnant", prescriber=str(self.prescriber.pk)),
            ConsentSigned("patient-information", "patient"),
            ConsentSigned("birth-defects", "patient"),
            *begun(_on(first)),
        ]
        month = [*by_practice(_on(second)), *by_patient()]
        made = (self.now, born_on, editions_of(DEFAULT), now)
        certified = len(log.read(self.prescriber.pk)) == 1  # and nothing since, that such a patient's status might show
        if certified and made in _STATUSES:
            _lay(patient, {first: enrolled, second: month, self.now: now}, _STATUSES[made])
            return patient
        factories.lay(user, patient)
        self._write(empty_file(patient.pk, self.prescriber.pk, first, DEFAULT), first, *enrolled)
        self._write(read_file(patient.pk, second), second, *month)
        if now:
            self._write(read_file(patient.pk, self.now), self.now, *now)
        if silent:
            Message.objects.filter(subject=patient.pk).delete()
        if certified:
            _STATUSES[made] = _status(patient)
        return patient

    def _enter(self, patient: Patient, at: datetime, *records: Record) -> None:
        file = (
            read_file(patient.pk, at)
            if log.read(patient.pk)
            else empty_file(patient.pk, self.prescriber.pk, at, DEFAULT)
        )
        self._write(file, at, *records)

    def _write(self, file: File, at: datetime, *records: Record) -> None:
        request = Request(action="seed", by=SYSTEM, at=at, key=uuid4(), body={})
        write(file, Outcome(records=records), request, at)

    # --- what threads do, each at its own instant ---------------------------------------------
    def authorize(
        self, patient: Patient, counter: int = 0, at: datetime = NOW, key: UUID | None = None
    ) -> gate.Decision:
        by = self.counters[counter]
        return gate.authorize_patient(
            patient=patient.pk, pharmacy=self.pharmacies[counter].pk, days_supply=30, by=by, at=at, key=key or uuid4()
        )

    def dispense(
        self, patient: Patient, number: str, counter: int = 0, at: datetime = NOW, on: date | None = None
    ) -> str | None:
        by, pharmacy = self.counters[counter], self.pharmacies[counter].pk
        return gate.dispense(
            patient=patient.pk, number=number, pharmacy=pharmacy, by=by, at=at, key=uuid4(), handed_over_on=on
        )

    def reverse(self, patient: Patient, number: str, counter: int = 0, at: datetime = NOW) -> str | None:
        by, pharmacy = self.counters[counter], self.pharmacies[counter].pk
        return gate.reverse(patient=patient.pk, number=number, pharmacy=pharmacy, by=by, at=at, key=uuid4())

    def enter(self, patient: Patient, record: Record, at: datetime = NOW) -> bool:
        """Enter one record as whoever may; whether it was taken."""
        by = self.doctor
        if record.kind == "transferred":
            by = self.officer
        elif record.kind == "consent_withdrawn":
            assert patient.user_id is not None
            by = Actor(patient.user_id, PATIENT, patient.pk)
        try:
            key = uuid4()
            signature = signature_for_records([record], "Some One", subject=patient.pk, by=by, key=key, on=at.date())
            enter(patient=patient.pk, records=[record], by=by, at=at, key=key, signature=signature)
        except EntryRefused:
            return False
        return True


def _on(at: datetime) -> date:
    return day(at, zone("America/New_York"))
