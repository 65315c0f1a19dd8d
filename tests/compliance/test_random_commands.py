"""Random commands by random people: after each step the tables say what the rules say of the log, and nothing else.

Whoever may not, or comes too late, is refused, and a refusal leaves nothing behind.
"""

import re
from collections.abc import Callable
from contextlib import ExitStack
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from accounts.roles import DESIGNEE, GUARDIAN, OFFICER, PATIENT, PRESCRIBER
from compliance import documents
from compliance.commands import certifying, consents, gate, linking, offers, transfers
from compliance.commands.certifying import WrongState
from compliance.commands.decide import NotPermitted
from compliance.commands.entries import EntryRefused, enter
from compliance.commands.offers import NotOffered
from compliance.commands.permissions import MAY_ENTER
from compliance.commands.transfers import NoTransferOffer, NotTakenBack
from compliance.models import PatientStatus
from compliance.records.file import read_file
from compliance.records.rebuild import differences
from compliance.rules import due
from compliance.rules.records import (
    BirthDateCorrected,
    CategoryChanged,
    ConsentRefused,
    ConsentWithdrawn,
    Discontinued,
    Enrolled,
    EntryStruck,
    HomeTestingSet,
    PregnancyReported,
    PregnancyTest,
    Record,
    StopCleared,
    TransferDeclined,
    TransferOffered,
    TransferWithdrawn,
)
from compliance.signatures import agreed, signature_for_records
from ledger import log
from ledger.actor import Actor
from ledger.erasable_text import make_erasable
from ledger.models import LogRecord
from ledger.verify import verify
from notifications.sweep import sweep
from outbox.models import Message
from patients.models import Patient
from tests import factories
from tests.amount import EVERYTHING, share
from tests.clocks import frozen_clock
from tests.compliance.races import unjustified
from tests.histories import CAN, CANNOT, METHODS, NOW, OTHER_METHODS, ClinicFactory, by_patient, by_practice

pytestmark = pytest.mark.django_db

#: What a command may raise: whoever sent it is told no. Anything else is a fault.
NO = (EntryRefused, NotPermitted, NotOffered, NoTransferOffer, NotTakenBack, WrongState, linking.NotLinked)

#: Days between two steps; with hours, so that they come at any time of a day.
PAUSES = st.sampled_from([timedelta(0), timedelta(hours=5), *(timedelta(days=n) for n in (1, 2, 3, 6, 8, 20, 31))])


#: The place of somebody among those who could be asked; mostly None: whoever does that as a rule.
WHO = st.sampled_from([None, None, None, *range(9)])
PLACE = st.integers(0, 2)
_WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE|WITH|MERGE|TRUNCATE|COPY)\b", re.IGNORECASE)


class Program(RuleBasedStateMachine):
    """Two practices, two pharmacies, three patients, of whom one is a minor: and whatever they do."""

    def __init__(self) -> None:
        super().__init__()
        self.around = ExitStack()
        self.around.enter_context(transaction.atomic())
        self.clock = self.around.enter_context(frozen_clock(NOW))
        self.clinic = ClinicFactory(NOW)
        clinic = self.clinic
        self.patients: list[Patient] = [clinic.ready(), clinic.ready(date(1999, 2, 28)), clinic.ready(date(2010, 6, 1))]
        guardian = factories.guardian(self.patients[2])
        doctor, other = clinic.doctor, Actor(clinic.other.user_id, PRESCRIBER, clinic.other.pk)
        designee = factories.designee(clinic.prescriber)
        self.staff: list[Actor] = [
            doctor, other, Actor(designee.user_id, DESIGNEE, clinic.prescriber.pk), clinic.officer,
            Actor(factories.officer().pk, OFFICER), *clinic.counters,
        ]  # fmt: skip
        assert guardian.user_id is not None
        self.guardian = Actor(guardian.user_id, GUARDIAN)
        #: Whether a row was written since the tables were last compared with the logs.
        self.moved = True
        self.around.enter_context(connection.execute_wrapper(self._watch))
        #: Each notice that fell due when a status was worked out, by its message's key.
        self.fell_due: set[str] = set()
        self.statuses: dict[UUID, Any] = {}
        self._follow()

    def teardown(self) -> None:
        """Every yes was justified, and the logs verify, in which nothing heals; then all is as before."""
        try:
            assert list(verify([patient.pk for patient in self.patients])) == []
            for patient in self.patients:
                assert unjustified(patient) == []
        finally:
            transaction.set_rollback(True)
            self.around.close()

    # --- who, and about whom ------------------------------------------------------------------------------
    def patient(self, place: int) -> Patient:
        return Patient.objects.get(pk=self.patients[place].pk)

    def themselves(self, patient: Patient) -> Actor:
        assert patient.user_id is not None
        return Actor(patient.user_id, PATIENT, patient.pk)

    def holder(self, patient: Patient) -> Actor:
        """The patient's prescriber of today."""
        return self.staff[1 if patient.prescriber_id == self.clinic.other.pk else 0]

    def actor(self, who: int | None, usual: Actor, patient: Patient | None = None) -> Actor:
        """Who does it: somebody, or who does it as a rule."""
        themselves = [self.themselves(patient)] if patient else []
        everybody = [*self.staff, self.guardian, *themselves]
        return usual if who is None else everybody[who % len(everybody)]

    def tried(self, act: Callable[..., object]) -> bool:
        """Sent twice with one key: the second answer is the first one. Whether it was done."""
        key = uuid4()
        answers: list[object] = []
        for _ in range(2):
            before = LogRecord.objects.count()
            try:
                answers.append(act(key=key))
            except NO as no:
                answers.append(type(no))
                assert LogRecord.objects.count() == before, "a refusal leaves no record"
        assert _same(*answers), answers
        self._follow()
        # Nothing else happens at that instant.
        self.clock.at += timedelta(seconds=1)
        return not isinstance(answers[0], type)

    def enters(self, patient: Patient, records: list[Record], by: Actor) -> bool:
        at = self.clock.at

        def act(*, key: UUID) -> object:
            signature = signature_for_records(
                records, "Some One", subject=patient.pk, by=by, key=key, on=at.date()
            )  # fmt: skip
            return enter(patient=patient.pk, records=records, by=by, at=at, key=key, signature=signature)

        return self.tried(act)

    # --- what happens -------------------------------------------------------------------------------------
    @initialize()
    def begin(self) -> None:
        sweep(at=self.clock.at)

    @rule(pause=PAUSES)
    def time_passes(self, pause: timedelta) -> None:
        self.clock.at += pause

    @rule()
    def the_worker_sweeps(self) -> None:
        sweep(at=self.clock.at)
        for row in PatientStatus.objects.all():
            assert row.next_due_at is None or row.next_due_at > self.clock.at

    @rule(place=PLACE, visits=st.booleans(), methods=st.sampled_from([METHODS, OTHER_METHODS]))
    def a_month(self, place: int, visits: bool, methods: tuple[str, ...]) -> None:
        patient, today = self.patient(place), self.clock.at.date()
        records = by_practice(today, methods=methods)
        self.enters(patient, records if visits else records[:1], self.holder(patient))
        self.enters(patient, by_patient(methods), self.themselves(patient))

    @rule(place=PLACE, who=WHO, what=st.data())
    def somebody_enters(self, place: int, who: int | None, what: st.DataObject) -> None:
        patient = self.patient(place)
        records = what.draw(st.sampled_from(self._entries(patient)))
        self.enters(patient, records, self.actor(who, self._enters_it(patient, records[0]), patient))

    def _enters_it(self, patient: Patient, record: Record) -> Actor:
        allowed = MAY_ENTER.get(record.kind, frozenset())
        return self.holder(patient) if PRESCRIBER in allowed else self.themselves(patient)

    def _entries(self, patient: Patient) -> list[list[Record]]:
        """Whatever may be entered, likely or not."""
        today, last = self.clock.at.date(), log.read(patient.pk)[-1].number
        return [
            [PregnancyTest(today, "positive", "laboratory")],
            [PregnancyTest(today - timedelta(days=3), "negative", "home")], [PregnancyReported()],
            [StopCleared("r")], [CategoryChanged(CAN, "r")], [CategoryChanged(CANNOT, "male")],
            [ConsentWithdrawn("birth-defects")], [ConsentRefused("birth-defects", "patient")], [HomeTestingSet(True)],
            [Discontinued("r", today)], [Discontinued("r")], [EntryStruck(last, "r")], [EntryStruck(last - 1, "r")],
            [Enrolled(CAN, prescriber=str(patient.prescriber_id))], [BirthDateCorrected(date(2011, 1, 1), "r")],
            [BirthDateCorrected(patient.born_on, "r")], [TransferOffered(str(self.clinic.other.pk))],
            [TransferOffered(str(self.clinic.prescriber.pk))], [TransferWithdrawn()], [TransferDeclined()],
        ]  # fmt: skip

    @rule(place=PLACE, who=WHO, code=st.sampled_from(["patient-information", "birth-defects"]))
    def somebody_signs(self, place: int, who: int | None, code: str) -> None:
        patient, document = self.patient(place), documents.current(code, on=self.clock.at.date())
        by = self.guardian if who else self.themselves(patient)
        record = consents.consent(patient=patient.pk, document=document, answers=agreed(document), by=by)
        self.enters(patient, [record], by)

    @rule(place=PLACE, counter=st.integers(0, 1), days=st.sampled_from([7, 30, 30, 31]), fills=st.booleans())
    def a_counter_asks(self, place: int, counter: int, days: int, fills: bool) -> None:
        patient, by = self.patient(place), self.clinic.counters[counter]
        assert by.acting_for is not None
        asked = partial(gate.authorize_patient, patient=patient.pk, pharmacy=by.acting_for, days_supply=days, by=by)
        if self.tried(partial(asked, at=self.clock.at)) and fills:
            self.a_counter_closes(place, counter, gate.dispense)

    @rule(place=PLACE, counter=st.integers(0, 1), verb=st.sampled_from([gate.dispense, gate.reverse]))
    def a_counter_closes(self, place: int, counter: int, verb: Callable[..., str | None]) -> None:
        patient, by = self.patient(place), self.clinic.counters[counter]
        assert by.acting_for is not None
        rows = patient.authorizations.order_by("-issued_at").values_list("number", flat=True)
        number, pharmacy = rows.first() or "2222222222", by.acting_for
        self.tried(partial(verb, patient=patient.pk, number=number, pharmacy=pharmacy, by=by, at=self.clock.at))

    @rule(place=PLACE, who=WHO, verb=st.sampled_from(["accept", "decline", "take_back"]))
    def somebody_answers_an_offer(self, place: int, who: int | None, verb: str) -> None:
        patient = self.patient(place)
        usual = self.staff[1 if patient.offered_to_id == self.clinic.other.pk else 0]
        by = self.actor(who, usual, patient)
        self.tried(partial(getattr(transfers, verb), patient=patient.pk, by=by, at=self.clock.at))

    @rule(place=PLACE, who=WHO)
    def another_prescriber_is_asked(self, place: int, who: int | None) -> None:
        patient, to = self.patient(place), self.clinic.other.pk
        by = self.actor(who, self.themselves(patient), patient)
        self.tried(partial(offers.ask, patient=patient.pk, to=to, by=by, at=self.clock.at))

    @rule(who=WHO)
    def the_office_hands_over(self, who: int | None) -> None:
        of, to = self.clinic.prescriber.pk, self.clinic.other.pk
        patients = [patient.pk for patient in self.patients]
        by, at = self.actor(who, self.staff[3]), self.clock.at
        self.tried(partial(offers.hand_over, of=of, patients=patients, to=to, by=by, at=at))

    @rule(who=WHO, other=st.booleans(), verb=st.sampled_from(["suspend", "reinstate"]))
    def a_prescriber_is_suspended(self, who: int | None, other: bool, verb: str) -> None:
        subject, at = (self.clinic.other if other else self.clinic.prescriber).pk, self.clock.at
        more = {"reason": make_erasable("r", subject=subject, at=at)} if verb == "suspend" else {}
        act, by = getattr(certifying, verb), self.actor(who, self.staff[3])
        self.tried(partial(act, kind="prescriber", subject=subject, by=by, at=at, **more))

    @rule(first=PLACE, second=PLACE, who=WHO, ends=st.booleans())
    def the_office_links(self, first: int, second: int, who: int | None, ends: bool) -> None:
        files, at = (self.patients[first].pk, self.patients[second].pk), self.clock.at
        # Beside an open course two officers do it.
        for officer in self.staff[3:5]:
            by = self.actor(who, officer)
            if ends:
                self.tried(partial(linking.unlink, file=files[0], reason="r", by=by, at=at))
            else:
                self.tried(partial(linking.link, files=files, reason="r", by=by, at=at))

    # --- what holds after each step -----------------------------------------------------------------------
    @invariant()
    def the_tables_say_what_the_log_says(self) -> None:
        if self.moved or EVERYTHING:
            assert list(differences()) == []
            self.moved = False

    def _watch(
        self, execute: Callable[..., Any], statement: str, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        """Notes each statement that writes a row of which a log says something: of a request none does."""
        if _WRITES.match(statement) and "ledger_loggedrequest" not in statement:
            self.moved = True
        return execute(statement, params, many, context)

    @invariant()
    def what_fell_due_is_a_message_and_nothing_else_is(self) -> None:
        self._follow()
        prefixes = {f"{patient.pk}:" for patient in self.patients}
        keys = set(Message.objects.exclude(subject=None).values_list("key", flat=True))
        reminders = {key for key in keys if any(key.startswith(prefix) for prefix in prefixes)}
        assert reminders == self.fell_due

    def _follow(self) -> None:
        """What fell due by the statuses that were worked out since the last look: by a reading of its own."""
        for row in PatientStatus.objects.all():
            seen = (row.assessed_at, row.log_number)
            if self.statuses.get(row.patient_id) == seen:
                continue
            self.statuses[row.patient_id] = seen
            assessment = read_file(row.patient_id, row.assessed_at).assess(row.assessed_at)
            self.fell_due |= {
                f"{row.patient_id}:{notice.key}"
                for notice in due.notices(assessment)
                if notice.due_at <= row.assessed_at < notice.until
            }


def _same(first: object, second: object) -> bool:
    """Whether two answers are one; a decision says of the second that it is told again."""
    if isinstance(first, gate.Decision) and isinstance(second, gate.Decision):
        return (first.number, first.allowed, first.blockers) == (second.number, second.allowed, second.blockers)
    return first == second


def test_random_commands_of_random_people_leave_tables_as_the_rules_say() -> None:
    run_state_machine_as_test(
        Program,
        settings=settings(
            max_examples=share(400, 13), stateful_step_count=share(50, 20), deadline=None,
            suppress_health_check=list(HealthCheck), report_multiple_bugs=False,
        ),
    )  # fmt: skip


@pytest.mark.django_db
def test_a_suspension_at_the_very_instant_of_a_sweep_is_no_difference(clinic: ClinicFactory) -> None:
    """The statuses are due, and the next sweep brings them up to date."""
    patient, subject, later = clinic.ready(), clinic.prescriber.pk, NOW + timedelta(days=1)
    PatientStatus.objects.update(next_due_at=later)
    sweep(at=later)
    reason = make_erasable("r", subject=subject, at=later)
    certifying.suspend(kind="prescriber", subject=subject, reason=reason, by=clinic.officer, at=later, key=uuid4())
    assert list(differences()) == []
    sweep(at=later)
    assert list(differences()) == []
    assert PatientStatus.objects.get(pk=patient.pk).next_due_at != later
