"""The order between two logs, on real connections: what was decided before a change is dated before it.

A change is one in another log than the patient's: of a prescriber, a pharmacy or an account. Either comes first five
times; clocks are a second apart in both directions, or are those of the machine.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from pytest_django import DjangoDbBlocker

from accounts.models import User
from accounts.roles import DESIGNEE, PHARMACIST, PRESCRIBER
from compliance import documents
from compliance.commands import certifying, delegation, gate, offers, people, transfers
from compliance.commands.certifying import Kind, certification_record
from compliance.commands.decide import NotPermitted, by_id
from compliance.commands.entries import enter
from compliance.records.file import certified
from compliance.records.programs import DEFAULT, program_day
from compliance.rules.certification import covers
from compliance.rules.records import Counselled
from compliance.signatures import make_signature
from ledger import clock, log
from ledger.actor import SYSTEM, Actor
from ledger.erasable_text import make_erasable
from ledger.models import LoggedRequest
from patients.models import Delegate, Designee, Patient, Pharmacist, Pharmacy, Prescriber
from patients.people import actor_of
from tests import amount, factories
from tests.compliance.races import Rounds, Runners, committed_copy
from tests.databases import Snapshot
from tests.histories import NOW, ClinicFactory

SKEWS = [timedelta(seconds=seconds) for seconds in (-1, 0, 1)]


def skews_of(name: str, *, at_odds: timedelta) -> list[timedelta]:
    """Where who comes first is told, and not by chance: the one by which the clocks say the contrary, and by turns one
    of the others. With `--all` each of them, ten in all."""
    few = [at_odds, [skew for skew in SKEWS if skew != at_odds][list(CASES).index(name) % 2]]
    return [SKEWS[round_ % 3] for round_ in range(10)] if amount.EVERYTHING else few


@pytest.fixture(scope="module")
def runners() -> Iterator[Runners]:
    threads = Runners(2)
    yield threads
    threads.close()


@dataclass
class Scene:
    """A patient, their prescriber and a pharmacy of their own; and what somebody asks or enters about the patient."""

    clinic: ClinicFactory
    prescriber: Prescriber
    counter: Pharmacist
    patient: Patient
    key: UUID
    entry_by: User | None = None
    delegation: Delegate | None = None

    @property
    def pharmacy(self) -> Pharmacy:
        return self.counter.pharmacy

    def ask(self, at: datetime | None = None) -> bool:
        """Whether the pharmacy gets a yes."""
        by = Actor(self.counter.user_id, PHARMACIST, self.pharmacy.pk)
        return gate.authorize_patient(
            patient=self.patient.pk, pharmacy=self.pharmacy.pk, days_supply=30, by=by, at=at or clock.now(),
            key=self.key,
        ).allowed  # fmt: skip

    def enter(self, at: datetime | None = None) -> bool:
        """Whether a visit is taken from the designee or delegate."""
        assert self.entry_by is not None
        by = Actor(self.entry_by.pk, self.entry_by.role, self.prescriber.pk)
        visit = Counselled(date(2026, 11, 20) if at is None else date(2026, 12, 14))
        try:
            enter(patient=self.patient.pk, records=[visit], by=by, at=at or clock.now(), key=self.key)
        except NotPermitted:
            return False
        return True

    def accept(self, at: datetime | None = None) -> bool:
        """Whether the prescriber to whom the patient is offered takes the patient over."""
        assert self.entry_by is not None
        by = actor_of(self.entry_by)
        try:
            transfers.accept(patient=self.patient.pk, by=by, at=at or clock.now(), key=self.key)
        except (NotPermitted, transfers.CannotTakeOver):
            return False
        return True

    def requested_at(self) -> datetime:
        return LoggedRequest.objects.get(key=self.key).at


def certify(kind: Kind, subject: UUID) -> None:
    span = certification_record(date(2020, 1, 1), date(2095, 1, 1), DEFAULT.code)
    at = datetime(2020, 1, 1, tzinfo=UTC)
    log.append(kind, subject, [span], head=log.EMPTY, by=SYSTEM, at=at, request_id=uuid4())


class Prepared(ClinicFactory):
    """With a prescriber, a pharmacy and a patient for each of so many rounds, all certified; the next are made anew."""

    def __init__(self, now: datetime, count: int = 14) -> None:
        super().__init__(now)
        self.made: list[tuple[Prescriber, Pharmacist, Patient]] = []
        scenes = [scene(self) for _ in range(count)]
        self.made = [(one.prescriber, one.counter, one.patient) for one in scenes]


#: By a clock that stands, and by the machine's.
STANDING = Snapshot("order_standing", lambda _: Prepared(NOW), at=NOW.isoformat())
RUNNING = Snapshot("order_running", lambda _: Prepared(datetime.now(UTC)), at=NOW.isoformat())


@pytest.fixture
def prepared(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, runners: Runners, by: Snapshot[Prepared]
) -> Iterator[Prepared]:
    with django_db_blocker.unblock(), committed_copy(by) as clinic:
        runners.leave()
        yield clinic
        runners.leave()


def scene(clinic: ClinicFactory, *, uncertified: Kind | None = None) -> Scene:
    if isinstance(clinic, Prepared) and clinic.made and not uncertified:
        clinic.prescriber, counter, patient = clinic.made.pop()
        return Scene(clinic, clinic.prescriber, counter, patient, uuid4())
    clinic.prescriber = factories.prescriber()
    counter = factories.pharmacist()
    for kind, subject in (("prescriber", clinic.prescriber.pk), ("pharmacy", counter.pharmacy.pk)):
        if kind != uncertified:
            certify(kind, subject)  # type: ignore[arg-type]
    return Scene(clinic, clinic.prescriber, counter, clinic.ready(), uuid4())


def suspend(kind: Kind, scene: Scene, at: datetime | None = None) -> None:
    subject = scene.prescriber.pk if kind == "prescriber" else scene.pharmacy.pk
    at = at or clock.now()
    reason = make_erasable("licence lost", subject=subject, at=at)
    certifying.suspend(kind=kind, subject=subject, reason=reason, by=scene.clinic.officer, at=at, key=uuid4())


def reinstate_taker(scene: Scene, at: datetime | None = None) -> None:
    assert scene.entry_by is not None
    other = Scene(scene.clinic, scene.entry_by.prescriber, scene.counter, scene.patient, scene.key)
    reinstate("prescriber", other, at)


def reinstate(kind: Kind, scene: Scene, at: datetime | None = None) -> None:
    subject = scene.prescriber.pk if kind == "prescriber" else scene.pharmacy.pk
    certifying.reinstate(kind=kind, subject=subject, by=scene.clinic.officer, at=at or clock.now(), key=uuid4())


def approve(kind: Kind, scene: Scene, at: datetime | None = None) -> None:
    subject = scene.prescriber.pk if kind == "prescriber" else scene.pharmacy.pk
    certifying.approve(kind=kind, subject=subject, by=scene.clinic.officer, at=at or clock.now(), key=uuid4())


def recertify(scene: Scene, at: datetime | None = None) -> None:
    at, by, key = at or clock.now(), actor_of(scene.prescriber.user), uuid4()
    document = documents.current("prescriber-attestation", on=at.date())
    signed = make_signature(document, "N", certifying.RECERTIFICATION, subject=scene.prescriber.pk, by=by, key=key)
    certifying.recertify(subject=scene.prescriber.pk, signature=signed, by=by, at=at, key=key)


def train(scene: Scene, at: datetime | None = None) -> None:
    at, key = at or clock.now(), uuid4()
    by = Actor(scene.counter.user_id, PHARMACIST, scene.pharmacy.pk)
    document = documents.current("pharmacy-attestation", on=at.date())
    signed = make_signature(document, "N", certifying.TRAINING, subject=scene.pharmacy.pk, by=by, key=key)
    certifying.complete_training(subject=scene.pharmacy.pk, signature=signed, by=by, at=at, key=key)


def end_delegation(scene: Scene, at: datetime | None = None) -> None:
    assert scene.delegation is not None
    by = actor_of(scene.prescriber.user)
    delegation.end_delegation(row=scene.delegation, by=by, at=at or clock.now(), key=uuid4())


def close(scene: Scene, at: datetime | None = None) -> None:
    assert scene.entry_by is not None
    by = scene.clinic.officer
    people.deactivate(account=scene.entry_by, by=by, at=at or clock.now(), key=uuid4())


def suspend_delegate(scene: Scene, at: datetime | None = None) -> None:
    assert scene.entry_by is not None
    other = Scene(scene.clinic, scene.entry_by.prescriber, scene.counter, scene.patient, scene.key)
    suspend("prescriber", other, at)


def suspended(kind: Kind, clinic: ClinicFactory) -> Scene:
    made = scene(clinic)
    suspend(kind, made, clinic.now - timedelta(days=1))
    return made


def applied(kind: Kind, clinic: ClinicFactory) -> Scene:
    made = scene(clinic, uncertified=kind)
    Prescriber.objects.filter(pk=made.prescriber.pk).update(state="applied" if kind == "prescriber" else "approved")
    Pharmacy.objects.filter(pk=made.pharmacy.pk).update(state="applied" if kind == "pharmacy" else "approved")
    return made


def uncertified(kind: Kind, clinic: ClinicFactory) -> Scene:
    return scene(clinic, uncertified=kind)


def with_delegate(clinic: ClinicFactory) -> Scene:
    made = scene(clinic)
    delegate = factories.prescriber()
    by, at = actor_of(made.prescriber.user), clinic.now - timedelta(days=1)
    made.delegation = delegation.add_delegate(prescriber=made.prescriber, delegate=delegate, by=by, at=at, key=uuid4())
    made.entry_by = delegate.user
    assert made.entry_by.role == PRESCRIBER
    return made


def offered(clinic: ClinicFactory) -> Scene:
    made = scene(clinic)
    taker = factories.prescriber()
    certify("prescriber", taker.pk)
    at = clinic.now - timedelta(days=1)
    of, patients = made.prescriber.pk, [made.patient.pk]
    offers.hand_over(of=of, patients=patients, to=taker.pk, by=clinic.officer, at=at, key=uuid4())
    made.entry_by = taker.user
    return made


def offered_to_suspended(clinic: ClinicFactory) -> Scene:
    made = offered(clinic)
    suspend_delegate(made, clinic.now - timedelta(hours=12))
    return made


def with_designee(clinic: ClinicFactory) -> Scene:
    made = scene(clinic)
    made.entry_by = factories.account(DESIGNEE)
    Designee.objects.create(user=made.entry_by, prescriber=made.prescriber)
    return made


@dataclass(frozen=True)
class Case:
    """A change in another log, and what it allows or forbids: whether the request is taken before it, not after."""

    made: Callable[[ClinicFactory], Scene]
    change: Callable[..., None]
    asks: Callable[[Scene, datetime | None], bool]
    subject: Callable[[Scene], UUID]  # whose log has the change
    #: Whether the request is taken before the change; after it, it is the other way.
    before: bool = True


def _prescriber(scene: Scene) -> UUID:
    return scene.prescriber.pk


def _pharmacy(scene: Scene) -> UUID:
    return scene.pharmacy.pk


def _account(scene: Scene) -> UUID:
    assert scene.entry_by is not None
    return scene.entry_by.pk


def _delegate(scene: Scene) -> UUID:
    assert scene.entry_by is not None
    return UUID(str(scene.entry_by.prescriber.pk))


CASES: dict[str, Case] = {
    "the prescriber is suspended": Case(scene, partial(suspend, "prescriber"), Scene.ask, _prescriber),
    "the pharmacy is suspended": Case(scene, partial(suspend, "pharmacy"), Scene.ask, _pharmacy),
    "the prescriber is reinstated": Case(
        partial(suspended, "prescriber"), partial(reinstate, "prescriber"), Scene.ask, _prescriber, before=False
    ),
    "the pharmacy is reinstated": Case(
        partial(suspended, "pharmacy"), partial(reinstate, "pharmacy"), Scene.ask, _pharmacy, before=False
    ),
    "the prescriber is approved": Case(
        partial(applied, "prescriber"), partial(approve, "prescriber"), Scene.ask, _prescriber, before=False
    ),
    "the pharmacy is approved": Case(
        partial(applied, "pharmacy"), partial(approve, "pharmacy"), Scene.ask, _pharmacy, before=False
    ),
    "the prescriber attests": Case(partial(uncertified, "prescriber"), recertify, Scene.ask, _prescriber, before=False),
    "the pharmacy is trained": Case(partial(uncertified, "pharmacy"), train, Scene.ask, _pharmacy, before=False),
    "a delegation ends": Case(with_delegate, end_delegation, Scene.enter, _prescriber),
    "the delegate is suspended": Case(with_delegate, suspend_delegate, Scene.enter, _delegate),
    "the delegate's account closes": Case(with_delegate, close, Scene.enter, _account),
    "the designee's account closes": Case(with_designee, close, Scene.enter, _account),
    "who takes the patient over is suspended": Case(offered, suspend_delegate, Scene.accept, _delegate),
    "who takes the patient over is reinstated": Case(
        offered_to_suspended, reinstate_taker, Scene.accept, _delegate, before=False
    ),
    "who takes the patient over has their account closed": Case(offered, close, Scene.accept, _account),
}


def in_order(case: Case, scene: Scene, taken: bool) -> bool:
    """Whether the request came first, as both logs must say by their instants alone."""
    changed, requested = log.read(case.subject(scene))[-1].at, scene.requested_at()
    first = taken is case.before
    # An entry that is not permitted leaves nothing in the patient's log that could be dated wrongly.
    if taken or case.asks is Scene.ask:
        assert (requested < changed) is first, (taken, requested, changed)
    yes = [row.at for row in log.read(scene.patient.pk) if row.kind == "authorized"]
    assert all(certified_at(scene, at) for at in yes), "a yes that the certifications of its instant do not justify"
    return first


def certified_at(scene: Scene, at: datetime) -> bool:
    """Whether prescriber and pharmacy were certified by what their logs had at that instant."""
    spans = [certified(log.read(one), at, DEFAULT) for one in (scene.prescriber.pk, scene.pharmacy.pk)]
    return all(covers(span, program_day(at)) for span in spans)


#: By turns each case by one of the two clocks; with `--all` by both.
_NAMES = list(CASES)
BY_STANDING = _NAMES if amount.EVERYTHING else _NAMES[::2]
BY_RUNNING = _NAMES if amount.EVERYTHING else _NAMES[1::2]


@pytest.mark.parametrize("by", [STANDING], ids=["a clock that stands"])
@pytest.mark.parametrize("name", BY_STANDING)
def test_request_and_change_are_dated_in_the_order_in_which_they_came(
    prepared: Prepared, runners: Runners, name: str
) -> None:
    """Also where the clock of either lies behind."""
    case, rounds = CASES[name], Rounds(150, ways=2)
    for round_ in rounds:
        made, skew = case.made(prepared), SKEWS[round_ % 3]
        steps: list[Callable[[], Any]] = [partial(case.asks, made, NOW), partial(case.change, made, NOW + skew)]
        taken, _ = runners.together(steps, late=rounds.late(round_))
        rounds.ended(in_order(case, made, taken))


@pytest.mark.parametrize("by", [RUNNING], ids=["the machine's"])
@pytest.mark.parametrize("name", BY_RUNNING)
def test_request_and_change_are_dated_in_order_by_the_machines_clock(
    prepared: Prepared, runners: Runners, name: str
) -> None:
    case, rounds = CASES[name], Rounds(150, ways=2)
    for round_ in rounds:
        made = case.made(prepared)
        steps: list[Callable[[], Any]] = [partial(case.asks, made, None), partial(case.change, made, None)]
        taken, _ = runners.together(steps, late=rounds.late(round_))
        rounds.ended(in_order(case, made, taken))


@pytest.mark.parametrize("name", CASES)
def test_request_that_waits_for_a_change_sees_it_and_is_dated_after_it(
    committed: str, runners: Runners, name: str
) -> None:
    case, clinic = CASES[name], ClinicFactory()
    for skew in skews_of(name, at_odds=SKEWS[2]):
        made = case.made(clinic)
        with runners.overtaken(partial(case.change, made, NOW + skew), partial(case.asks, made, NOW)) as asked:
            assert not asked.done()
        assert in_order(case, made, asked.result()) is False


@pytest.mark.parametrize("name", CASES)
def test_change_that_waits_for_a_request_is_dated_after_it(committed: str, runners: Runners, name: str) -> None:
    case, clinic = CASES[name], ClinicFactory()
    for skew in skews_of(name, at_odds=SKEWS[0]):
        made = case.made(clinic)
        with runners.overtaken(partial(case.asks, made, NOW), partial(case.change, made, NOW + skew)) as changed:
            assert not changed.done()
        changed.result()
        assert in_order(case, made, case.before)


def test_request_is_dated_after_its_wait(committed: str, runners: Runners) -> None:
    """What the clock said before the wait is no longer so."""
    clinic = ClinicFactory(datetime.now(UTC))
    for _ in range(10):
        made = scene(clinic)
        with runners.overtaken(by_id(made.patient.pk), partial(made.ask, None)):
            given_back = datetime.now(UTC)
        runners.pool.submit(lambda: None).result()
        while not LoggedRequest.objects.filter(key=made.key).exists():
            pass
        assert made.requested_at() >= given_back
