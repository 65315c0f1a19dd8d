"""Components: the data of the shared parts of a page. Presenters fill them; they know no rule."""

from dataclasses import dataclass, field
from datetime import date, datetime

from .navigation import Words


@dataclass(frozen=True, slots=True)
class Action:
    """A link drawn as a button. Tones: main (one a page), danger, quiet."""

    label: Words
    url: str
    icon: str = ""
    tone: str = "quiet"


@dataclass(frozen=True, slots=True)
class Tab:
    """One of several parts of a page, each with an address; `chosen` is the one that is shown."""

    label: Words
    url: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class OpenTask:
    """An open task: one thing that blocks. `who` names those who must act; empty: only time helps.

    `by` is the last day to act, `clears_on` the day on which time clears it. `yours` marks what the reader can do.
    `code` and `source` are for those who want to know which rule stands behind it.
    """

    sentence: Words
    remedy: Words = ""
    who: tuple[Words, ...] = ()
    by: date | None = None
    clears_on: date | None = None
    yours: bool = False
    action: Action | None = None
    code: str = ""
    source: Words = ""
    #: What a pharmacist reads out to the patient.
    tell: Words = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that is recorded, with its instant or its day."""

    label: Words
    at: datetime | None = None
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Recipient:
    """For whom the counter was answered, as far as a pharmacist reads it, and for how many days."""

    number: str
    #: Empty where the names were erased.
    initials: str
    born_in: int
    days_supply: int | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to call."""

    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class DecisionCard:
    """The counter's answer. A yes has number and last day; a no has open tasks and, where known, the day
    to try again. `text` says what to do, `facts` what was recorded, `recipient` whom it is about."""

    yes: bool
    headline: Words
    number: str = ""
    last_day: date | None = None
    text: Words = ""
    facts: tuple[Fact, ...] = ()
    tasks: tuple[OpenTask, ...] = ()
    try_again: date | None = None
    note: Words = ""
    recipient: Recipient | None = None
    #: Whom the patient, or the pharmacy, calls.
    call: Contact | None = None
    action: Action | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A step on the way. State: done, now, later, waiting (somebody else's)."""

    label: Words
    state: str
    text: Words = ""
    action: Action | None = None
    #: Where one press is sent that takes the step, by POST.
    press: str = ""


@dataclass(frozen=True, slots=True)
class StatusCard:
    """The status of a patient: what can be done now and until when (the end of a day, or an instant)."""

    headline: Words
    text: Words = ""
    tone: str = "act"
    last_day: date | None = None
    until: datetime | None = None
    actions: tuple[Action, ...] = ()
    steps: tuple[Step, ...] = field(default=())
