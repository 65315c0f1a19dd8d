"""The worklist's rows and filters in words: what is missing, who must act, and by when."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.roles import DESIGNEE
from compliance.models import PatientStatus
from compliance.records.programs import program_of
from compliance.records.status import ANSWER_OWED
from compliance.rules.blockers import GUARDIAN, NOBODY, PATIENT, PRESCRIBER, rule
from compliance.rules.practice import STEPS
from compliance.rules.stages import STAGES
from compliance.words.planner import days_from
from compliance.words.stages import stage_label
from compliance.words.worklist import MISSING, missing_label, reason_of
from outbox import unreachable
from patients.models import Patient
from ui import times
from ui.navigation import Words

from .worklist import CLOSES, MISSED, REPORTED, STOPPED, Counts, Filters, listed

TONES = {
    "ready": "yes", "authorized": "yes", "between-fills": "quiet", "closed": "quiet", "stopped": "no",
    "window-missed": "act", "month": "act", "consent": "act", "invited": "wait", "lead-in": "wait",
    "second-test": "act", "followed-up": "wait",
}  # fmt: skip

#: Who acts, as a practice reads it.
_ACTORS = {
    PRESCRIBER: _("Prescriber"), PATIENT: _("Patient"), GUARDIAN: _("Guardian"), "pharmacy": _("Pharmacy"),
    "office": _("Program office"),
}  # fmt: skip
_YOU = _("You")

#: The patient's own part of the month: nobody is asked for it before a window is open.
_IN_WINDOW = ("contraception-missing:patient", "comprehension-missing")

#: Somebody of the family asks, and nobody noted an answer: designees talk with them too.
QUESTION_ASKED = "question-asked"

#: What a stage waits for where the rules name no blocker of it.
_WAITS: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "stopped": (("stop-open", (PRESCRIBER,)),),
    "ready": (("pick-up", ("pharmacy",)),),
    "closed": (),
    "": (),
}


@dataclass(frozen=True, slots=True)
class Share:
    """What one side has to do."""

    who: Words
    what: tuple[Words, ...]
    yours: bool = False


@dataclass(frozen=True, slots=True)
class WorklistLine:
    """A patient in the worklist."""

    patient: Patient
    stage: Words
    tone: str
    shares: tuple[Share, ...] = ()
    #: The last day of a window, or the first day on which there is something to do, as seen from today and as a day.
    when: str = ""
    #: Nobody has anything to do yet.
    is_quiet: bool = False
    #: Their address takes no e-mail, or their number no text message: the practice corrects it.
    is_unreachable: bool = False


def lines(rows: Iterable[Patient], role: str, today: date) -> list[WorklistLine]:
    """A line each, of rows in the worklist's order. One query, for whom e-mail or text messages do not reach."""
    patients = list(rows)
    silent = unreachable.since(where for row in patients for where in (row.email, row.phone))
    return [_line(row, role, today, row.email in silent or row.phone in silent) for row in patients]


def _line(row: Patient, role: str, today: date, is_unreachable: bool) -> WorklistLine:
    status: PatientStatus | None = getattr(row, "status", None)
    if status is None:
        return WorklistLine(row, "", "quiet", is_unreachable=is_unreachable)
    # Annotated by `worklist.in_order`.
    annotated: Any = row
    place, on = annotated.place, annotated.on
    closes = place == CLOSES
    known = on if on != date.max and (closes or on > today) else None
    # Who asks waits for an answer and for no day.
    day = known or (None if annotated.asks else _time_alone(status, today))
    return WorklistLine(
        row,
        stage_label(status.stage) if status.stage else "",
        TONES.get(status.stage, "quiet"),
        tuple(_shares(status, role, today)),
        when=_when(day, today, closes=closes, acts=bool(annotated.acts)),
        is_quiet=place not in (REPORTED, STOPPED, MISSED, CLOSES) and known is not None,
        is_unreachable=is_unreachable,
    )


def _when(day: date | None, today: date, *, closes: bool, acts: bool) -> str:
    """By when, or from when."""
    if day is None:
        return gettext("now") if acts else ""
    # Translators: a day of this year in a list, in the letters of Django's `date` filter.
    pattern = gettext("D, M j")
    if closes:
        words, shown = gettext("closes {when}, {day}"), times.last_day(day, pattern)
    else:
        words, shown = gettext("{when}, from {day}"), times.first_day(day, pattern)
    return words.replace("{when}", days_from(day, today)).replace("{day}", shown)


def _time_alone(status: PatientStatus, today: date) -> date | None:
    """The day on which time clears something, where nobody has a day of their own."""
    known = [date.fromisoformat(clears_on) for _code, clears_on in status.blockers if clears_on]
    return max((day for day in known if day > today), default=None)


def _shares(status: PatientStatus, role: str, today: date) -> Iterator[Share]:
    """What is missing, by who acts, the reader first."""
    found: dict[str, list[Words]] = {}
    for code, who in _missing(status, today):
        for one in who:
            words, label = found.setdefault(_side(one, code, role), []), missing_label(code)
            if label not in words:
                words.append(label)
    for side in sorted(found, key=lambda side: side != "you"):
        yield Share(_YOU if side == "you" else _ACTORS[side], tuple(found[side]), yours=side == "you")


def _missing(status: PatientStatus, today: date) -> Sequence[tuple[str, tuple[str, ...]]]:
    """Each thing that is missing, with who acts; what time alone brings is left out."""
    asked: list[tuple[str, tuple[str, ...]]] = []
    if any(code == ANSWER_OWED for code, _on in status.owed):
        asked.append(("answer-owed", (PRESCRIBER,)))
    if status.asks_since:
        asked.append((QUESTION_ASKED, (PRESCRIBER,)))
    return [*asked, *_others_missing(status, today)]


def _others_missing(status: PatientStatus, today: date) -> Sequence[tuple[str, tuple[str, ...]]]:
    if status.stage in _WAITS:
        return _WAITS[status.stage]
    if status.stage == "followed-up":
        return [("owed-test", (PRESCRIBER,))]
    is_open = status.window_last is not None and status.window_last >= today
    codes = [code for code, _clears_on in status.blockers]
    asked = [code for code in codes if is_open or code not in _IN_WINDOW]
    return [(code, who) for code in asked if (who := _who(code, status)) != (NOBODY,)]


def _who(code: str, status: PatientStatus) -> tuple[str, ...]:
    """Who acts; a patient who is of age signs anew where a guardian's signature was missing."""
    who = rule(code).who
    return (PATIENT,) if who == (GUARDIAN,) and GUARDIAN not in status.acts else who


def _side(who: str, code: str, role: str) -> str:
    """Whether the reader does it: a designee attests to nothing, which then is the prescriber's."""
    if who != PRESCRIBER:
        return who
    if code in ("answer-owed", QUESTION_ASKED):
        return "you"
    step = "enter-test" if code == "owed-test" else "clear-stop" if code == "stop-open" else rule(code).step
    return "you" if role != DESIGNEE or STEPS.get(step, False) else PRESCRIBER


def asks_month(row: Patient) -> bool:
    """Whether what a patient who needs the practice waits for is on the monthly form."""
    status: PatientStatus | None = getattr(row, "status", None)
    category = program_of(row.program).categories.get(status.category) if status else None
    if status is None or category is None or not category.tests or status.stage == "stopped":
        return False
    return any(rule(code).step in ("enter-test", "counsel", "declare-methods") for code, _clears_on in status.blockers)


# --- the filters --------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Choice:
    """One choice of a filter: how many it shows, and its address."""

    code: str
    label: Words
    number: int
    url: str
    chosen: bool


def stage_choices(filters: Filters, numbers: Counts) -> list[Choice]:
    """The stages with somebody in them, in the order of a course, and all of them together."""
    codes = listed((*_BY_URGENCY, ""), numbers.stages, filters.stage)
    every = Choice("", _("All"), sum(numbers.stages.values()), filters.address(stage=""), not filters.stage)
    return [every] + [
        Choice(code, stage_label(code), number, filters.address(stage=code), code == filters.stage)
        for code, number in codes
        if code
    ]


#: The stages as the filters name them: what is urgent first, then as a course goes.
_BY_URGENCY = tuple(
    sorted(STAGES, key=lambda code: ({"stopped": -2, "window-missed": -1}.get(code, 0), STAGES.index(code)))
)


def reason_choices(filters: Filters, numbers: Counts) -> list[Choice]:
    """What is missing first, with how many of whom it is, and all together."""
    codes = listed(dict.fromkeys(reason_of(code) for code in MISSING), numbers.reasons, filters.missing)
    every = Choice("", _("Anything"), sum(numbers.reasons.values()), filters.address(missing=""), not filters.missing)
    return [every] + [
        Choice(code, MISSING[code], number, filters.address(missing=code), code == filters.missing)
        for code, number in codes
    ]
