"""One story a stage, and the people they happen to. Days are counted back from today."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from compliance.commands.enrolment import NewPatient
from compliance.rules.programs.isotretinoin_us import CAN, CANNOT
from compliance.rules.records import (
    Counselled,
    Discontinued,
    HomeTestingSet,
    PregnancyReported,
)
from ledger.actor import Actor
from patients.models import Pharmacy

from .health import surround
from .patient_factory import PatientFactory
from .people import Staff

_GIVEN = """
    Maya Lena Zoe Iris Nora Ruth June Cleo Dana Elsa Faye Gina Hope Ivy Jade Kira Lila Mona Nell Opal Pia Rosa Sara
    Tess Uma Vera Wren Xenia Yara Zara Adam Bruno Caleb Diego Ethan Felix Gabe Hugo Ivan Jonas Kofi Liam Milo Noah
    Omar Pablo Quinn Rafi Samir Theo
"""
_FAMILY = """
    Abbott Bailey Castro Dalton Estrada Foster Garcia Hassan Ibarra Jensen Keller Larsen Mercer Novak Ortega Parker
    Quigley Rivera Sutton Turner Ueda Vargas Walsh Xiong Young Zimmer Alvarez Becker Chen Doyle Engel Farrow
"""
GIVEN, FAMILY = _GIVEN.split(), _FAMILY.split()

Counter = tuple[Pharmacy, Actor]
Story = Callable[[PatientFactory, Counter], None]


@dataclass(frozen=True, slots=True)
class Plot:
    """A story, how many days ago it begins, for whom, and how many patients have it."""

    name: str
    story: Story
    enrolled: float
    count: int
    category: str = CAN
    age: int = 24


def start(factory: PatientFactory, ago: float) -> None:
    """Account, signatures, lead-in."""
    factory.accept(ago)
    factory.sign(ago)
    factory.begin(ago)


def first_fill(factory: PatientFactory, counter: Counter, ago: float) -> None:
    """The second test, the month, the first fill."""
    factory.month(ago)
    factory.answer(ago)
    factory.prescribe(ago)
    factory.fill(ago, counter)


def invited(factory: PatientFactory, counter: Counter) -> None:
    """Nothing more happens."""


def consent(factory: PatientFactory, counter: Counter) -> None:
    factory.accept(2)
    factory.sign(1.5, only=1)


def minor_waiting(factory: PatientFactory, counter: Counter) -> None:
    factory.accept(3)
    factory.sign(2, guardian=False)


def lead_in(factory: PatientFactory, counter: Counter) -> None:
    start(factory, 11.9)


def second_test(factory: PatientFactory, counter: Counter) -> None:
    start(factory, 33.9)


def month(factory: PatientFactory, counter: Counter) -> None:
    start(factory, 38.9)
    factory.month(2)


def closing(factory: PatientFactory, counter: Counter) -> None:
    """The window closes tomorrow, and the patient's part is still open."""
    start(factory, 41.9)
    factory.month(5)


def mismatch(factory: PatientFactory, counter: Counter) -> None:
    start(factory, 38.9)
    factory.month(3)
    factory.answer(2, ("iud", "male-latex-condom"))


def ready(factory: PatientFactory, counter: Counter) -> None:
    start(factory, 38.9)
    factory.month(2)
    factory.answer(1)


def authorized(factory: PatientFactory, counter: Counter) -> None:
    ready(factory, counter)
    factory.authorize(0.1, counter)


def between(factory: PatientFactory, counter: Counter) -> None:
    start(factory, 53.9)
    first_fill(factory, counter, 12)


def third_month(factory: PatientFactory, counter: Counter) -> None:
    start(factory, 109.9)
    for ago in (70, 40):
        first_fill(factory, counter, ago)
    factory.enter(20, HomeTestingSet(True, "video visit"))
    factory.month(1.5)


def missed(factory: PatientFactory, counter: Counter) -> None:
    start(factory, 51.9)
    factory.month(10)
    factory.answer(9)


def expired(factory: PatientFactory, counter: Counter) -> None:
    start(factory, 51.9)
    factory.month(10)
    factory.answer(9)
    factory.authorize(8, counter)


def stopped(factory: PatientFactory, counter: Counter) -> None:
    start(factory, 69.9)
    first_fill(factory, counter, 30)
    factory.enter(1, factory.test(1, result="positive"))


def void(factory: PatientFactory, counter: Counter) -> None:
    ready(factory, counter)
    factory.authorize(0.5, counter)
    factory.enter(0.2, PregnancyReported(), by=factory.me)


def followed_up(factory: PatientFactory, counter: Counter) -> None:
    start(factory, 89.9)
    first_fill(factory, counter, 45)
    factory.enter(12, Discontinued("course complete", factory.day(14)))


def closed(factory: PatientFactory, counter: Counter) -> None:
    start(factory, 139.9)
    first_fill(factory, counter, 100)
    factory.enter(60, Discontinued("course complete", factory.day(70)), factory.test(65))
    factory.enter(35, factory.test(36))


def visit_only(factory: PatientFactory, counter: Counter) -> None:
    factory.accept(6)
    factory.sign(5)


def visited(factory: PatientFactory, counter: Counter) -> None:
    factory.accept(6)
    factory.sign(5)
    factory.enter(2, Counselled(factory.day(2)))


def cannot_authorized(factory: PatientFactory, counter: Counter) -> None:
    visited(factory, counter)
    factory.authorize(0.1, counter)


def cannot_filled(factory: PatientFactory, counter: Counter) -> None:
    visited(factory, counter)
    factory.fill(0.5, counter)


def cannot_closed(factory: PatientFactory, counter: Counter) -> None:
    visited(factory, counter)
    factory.enter(1, Discontinued("moved away"))


PLOTS = (
    Plot("invited", invited, 2, 14),
    Plot("consent", consent, 3, 10),
    Plot("minor", minor_waiting, 4, 6, age=16),
    Plot("lead-in", lead_in, 12, 22),
    Plot("second-test", second_test, 34, 12),
    Plot("month", month, 39, 16),
    Plot("mismatch", mismatch, 39, 5),
    Plot("ready", ready, 39, 16),
    Plot("authorized", authorized, 39, 10),
    Plot("between", between, 54, 22),
    Plot("third-month", third_month, 110, 6),
    Plot("missed", missed, 52, 10),
    Plot("expired", expired, 52, 5),
    Plot("stopped", stopped, 70, 4),
    Plot("void", void, 39, 2),
    Plot("followed-up", followed_up, 90, 8),
    Plot("closed", closed, 140, 8),
    Plot("cannot-invited", invited, 2, 4, CANNOT, 19),
    Plot("cannot-month", visit_only, 7, 8, CANNOT, 19),
    Plot("cannot-ready", visited, 7, 10, CANNOT, 22),
    Plot("cannot-authorized", cannot_authorized, 7, 4, CANNOT, 22),
    Plot("cannot-filled", cannot_filled, 7, 6, CANNOT, 30),
    Plot("cannot-closed", cannot_closed, 7, 4, CANNOT, 30),
    Plot("closing", closing, 42, 4),
)

#: Every story once, and no more.
ONE_OF_EACH = tuple(replace(plot, count=1) for plot in PLOTS)


def tell(staff: Staff, today: datetime, plots: tuple[Plot, ...] = PLOTS) -> Iterator[tuple[Plot, PatientFactory]]:
    """Make every patient of every plot."""
    number = 0
    for plot in plots:
        for ordinal in range(1, plot.count + 1):
            number += 1
            factory = _one(plot, number, staff, today)
            surround(plot.name, ordinal, factory)
            yield plot, factory


def _one(plot: Plot, number: int, staff: Staff, today: datetime) -> PatientFactory:
    prescriber = staff.prescribers[0 if number % 2 else 1 + number % 4 // 2]
    counter = staff.pharmacies[number % 2]
    factory = PatientFactory(
        name=f"{plot.name}-{number}",
        # Nobody signs for two patients within a breath: that would be a signal of non-compliance.
        today=today - timedelta(seconds=4 * number),
        prescriber=prescriber,
        new=_person(plot, number, today),
        enrolled=plot.enrolled,
    )
    plot.story(factory, counter)
    return factory


def _person(plot: Plot, number: int, today: datetime) -> NewPatient:
    given_name = GIVEN[number % 30] if plot.category == CAN else GIVEN[30 + number % 20]
    born_on = (today - timedelta(days=365.25 * plot.age + 40 + number)).date()
    minor = plot.age < 18
    return NewPatient(
        given_name=given_name,
        family_name=FAMILY[number * 7 % len(FAMILY)],
        born_on=date(born_on.year, born_on.month, min(born_on.day, 28)),
        email=f"patient{number}@demo.invalid",
        phone=f"+1212555{1000 + number}",
        category=plot.category,
        reason=None if plot.category == CAN else "male",
        guardian_name="Gloria Guardian" if minor else "",
        guardian_email=f"guardian{number}@demo.invalid" if minor else "",
        language=(language := "es" if number % 5 == 0 else "en"),
        guardian_language=language if minor else "",
    )
