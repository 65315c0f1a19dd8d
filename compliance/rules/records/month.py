"""Records of each month and of the end of a course: counselling, contraception, tests, stops, fills."""

from dataclasses import dataclass
from datetime import date

from ..fields import flag, listed, methods, number, on, text
from ..record import Record

RESULTS = ("negative", "positive", "indeterminate")
MENSES = ("first_five_days", "irregular_or_absent")
DECLARERS = ("prescriber", "patient")


@dataclass(frozen=True, slots=True)
class Counselled(Record):
    """The prescriber counselled the patient at a visit."""

    kind = "counselled"
    readers = {"visit_on": on}
    visit_on: date


@dataclass(frozen=True, slots=True)
class ContraceptionDeclared(Record):
    """The methods in use, as declared by one side; the prescriber also says since when."""

    kind = "contraception_declared"
    readers = {"by": listed(*DECLARERS), "methods": methods, "started_on": on}
    by: str
    methods: tuple[str, ...]
    started_on: date | None = None


@dataclass(frozen=True, slots=True)
class HomeTestingSet(Record):
    """Whether tests at home are permitted, and what guards against misreading and falsification."""

    kind = "home_testing_set"
    readers = {"permitted": flag, "safeguard": text}
    permitted: bool
    safeguard: str | None = None


@dataclass(frozen=True, slots=True)
class PregnancyTest(Record):
    """A pregnancy test, by the day on which the specimen was collected."""

    kind = "pregnancy_test"
    readers = {
        "collected_on": on, "result": listed(*RESULTS), "setting": text, "menses": listed(*MENSES),
    }  # fmt: skip
    collected_on: date
    result: str
    setting: str
    menses: str | None = None


@dataclass(frozen=True, slots=True)
class PregnancyReported(Record):
    """A pregnancy, or the suspicion of one, was reported."""

    kind = "pregnancy_reported"
    readers = {}


@dataclass(frozen=True, slots=True)
class StopCleared(Record):
    """The prescriber cleared every stop that was open, in this file and in those that were linked with it."""

    kind = "stop_cleared"
    readers = {"reason": text}
    reason: str


@dataclass(frozen=True, slots=True)
class Discontinued(Record):
    """The course ended; `last_dose_on` is None when no dose was taken."""

    kind = "discontinued"
    readers = {"last_dose_on": on, "reason": text}
    reason: str
    last_dose_on: date | None = None


@dataclass(frozen=True, slots=True)
class LastDoseCorrected(Record):
    """The day of the last dose of the latest course that ended was wrong; None when no dose was taken after all."""

    kind = "last_dose_corrected"
    readers = {"last_dose_on": on, "reason": text}
    reason: str
    last_dose_on: date | None = None


@dataclass(frozen=True, slots=True)
class Authorized(Record):
    """The gate said yes. `decided_on` is the log's last number that the decision read."""

    kind = "authorized"
    readers = {
        "number": text, "pharmacy": text, "days_supply": number, "dispense_by": on, "first_day": on,
        "edition": text, "edition_version": number, "decided_on": number,
    }  # fmt: skip
    number: str
    pharmacy: str
    days_supply: int
    dispense_by: date
    first_day: date | None = None
    edition: str = ""
    edition_version: int = 1
    decided_on: int = 0


@dataclass(frozen=True, slots=True)
class Dispensed(Record):
    """The pharmacy handed the supply over, on the day of the entry where `handed_over_on` is None."""

    kind = "dispensed"
    readers = {"authorization": text, "handed_over_on": on}
    authorization: str
    handed_over_on: date | None = None


@dataclass(frozen=True, slots=True)
class Reversed(Record):
    """The pharmacy gave the authorization back; the product is in stock again."""

    kind = "reversed"
    readers = {"authorization": text}
    authorization: str
