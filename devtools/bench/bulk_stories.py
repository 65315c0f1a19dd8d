"""The histories of many patients: where one stands is a matter of the day of enrolment and of how quick people are.

A story is told once for each day and pace; patients of the same day and pace have the same one, but for who is in it.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from compliance.commands.certifying import certification_record
from compliance.records.file import File, file_of
from compliance.records.programs import DEFAULT
from compliance.records.status import Projection, authorization_rows, projection_of
from compliance.rules.days import day, zone
from compliance.rules.records import (
    FORMATS,
    Authorized,
    ComprehensionPassed,
    ConsentSigned,
    ContraceptionDeclared,
    Counselled,
    Dispensed,
    Enrolled,
    HomeTestingSet,
    PregnancyTest,
    Record,
    Registered,
    dump,
)
from ledger import log
from ledger.actor import SYSTEM
from ledger.log import EMPTY, NewRecord, Row

BORN = date(2001, 4, 2)
METHODS = ("combined-pill", "male-latex-condom")

#: Days ago on which a patient of the cohort was enrolled at the most.
LONGEST_AGO = 95
#: How many days later than at the earliest the practice acts in each month.
PACES = (0, 1, 2, 4)


class Cast(NamedTuple):
    """Who is in a story: what differs between two patients who have the same one."""

    patient: UUID
    number: str
    prescriber: str
    pharmacy: str
    #: Begins the number of each authorization.
    fills: str


#: Stand in the story for those who are in it.
_NAMED = Cast(UUID(int=0), "{number}", str(UUID(int=1)), str(UUID(int=2)), "{fills}")


@dataclass(frozen=True, slots=True)
class Story:
    """A history up to now, and what follows of it."""

    steps: Sequence[tuple[datetime, Sequence[NewRecord]]]
    projection: Projection
    authorizations: Sequence[Mapping[str, Any]]

    def rows(self, cast: Cast) -> Iterator[Row]:
        """The log of that patient, by the encoder and the chain of every log."""
        head = EMPTY
        for at, drafts in self.steps:
            own = [draft if _is_for_all(draft) else _for(draft, cast) for draft in drafts]
            written = log.build("patient", cast.patient, own, head=head, by=SYSTEM, at=at, request_id=uuid4())
            head = log.head_of(written)
            yield from written


def _is_for_all(draft: NewRecord) -> bool:
    return draft.kind not in ("registered", "enrolled", "authorized", "dispensed")


def _for(draft: NewRecord, cast: Cast) -> NewRecord:
    return NewRecord(kind=draft.kind, data=put_in(draft.data, cast), format=draft.format, edition=draft.edition)


def put_in(values: Mapping[str, Any], cast: Cast) -> dict[str, Any]:
    """The same values with this cast in the place of the names."""
    names = {str(_NAMED.patient): str(cast.patient), _NAMED.number: cast.number,
             _NAMED.prescriber: cast.prescriber, _NAMED.pharmacy: cast.pharmacy}  # fmt: skip
    result = {}
    for name, value in values.items():
        if isinstance(value, str):
            result[name] = names.get(value) or value.replace(_NAMED.fills, cast.fills)
        else:
            result[name] = value
    return result


def story(ago: int, pace: int, now: datetime) -> Story:
    """Of who was enrolled so many days before `now`, with everybody as quick as `pace` says."""
    steps = [
        (now - timedelta(days=ago - after), [_draft(record) for record in records])
        for after, records in _timeline(now - timedelta(days=ago), pace)
        if after <= ago
    ]
    file = _file(steps, now)
    return Story(steps, projection_of(file, now), authorization_rows(_NAMED.patient, file.history(now)))


def _draft(record: Record) -> NewRecord:
    return NewRecord(kind=record.kind, data=dump(record), format=FORMATS[record.kind])


def _timeline(begun: datetime, pace: int) -> Iterator[tuple[int, list[Record]]]:
    """What is recorded so many days after the enrolment: a lead-in, two fills, and the beginning of a third month."""

    def on(after: int) -> date:
        return day(begun + timedelta(days=after), zone("America/New_York"))

    def practice(after: int) -> tuple[int, list[Record]]:
        test = PregnancyTest(on(after), "negative", "laboratory", "first_five_days")
        return after, [test, Counselled(on(after)), ContraceptionDeclared("prescriber", METHODS, on(after))]

    def patient(after: int) -> tuple[int, list[Record]]:
        return after, [ContraceptionDeclared("patient", METHODS), ComprehensionPassed()]

    def fill(after: int, tested: int) -> tuple[int, list[Record]]:
        number = f"{_NAMED.fills}{tested % 10}{after % 10}"
        last, first = on(tested + 6), on(after)
        return after, [Authorized(number, _NAMED.pharmacy, 30, last, first), Dispensed(number)]

    yield (
        0,
        [
            Registered(BORN, _NAMED.number, _NAMED.prescriber),
            Enrolled("can_become_pregnant", prescriber=_NAMED.prescriber),
            ConsentSigned("patient-information", "patient"),
            ConsentSigned("birth-defects", "patient"),
            HomeTestingSet(permitted=True, safeguard="read at the practice"),
            PregnancyTest(on(0), "negative", "clinic"),
            Counselled(on(0)),
            ContraceptionDeclared("prescriber", METHODS, on(0)),
        ],
    )
    for first in (31, 59):
        tested = first + pace
        yield practice(tested)
        yield patient(tested + 1)
        yield fill(tested + 2, tested)
    yield practice(87 + pace)


def _file(steps: Sequence[tuple[datetime, Sequence[NewRecord]]], now: datetime) -> File:
    rows, head = [], EMPTY
    for at, drafts in steps:
        written = log.build("patient", _NAMED.patient, drafts, head=head, by=SYSTEM, at=at, request_id=UUID(int=0))
        rows += written
        head = log.head_of(written)
    prescriber = UUID(_NAMED.prescriber)
    rows += log.build(
        "prescriber", prescriber, [certified(now)], head=EMPTY, by=SYSTEM, at=now - CERTIFIED, request_id=UUID(int=0)
    )
    return file_of(log.by_subject(rows), _NAMED.patient, prescriber=prescriber, pharmacy=None, at=now, program=DEFAULT)


#: Since when, and for how long, every practice and pharmacy of the cohort is certified.
CERTIFIED = timedelta(days=300)


def certified(now: datetime) -> NewRecord:
    """The record of that certification."""
    return certification_record((now - CERTIFIED).date(), (now + CERTIFIED).date(), DEFAULT.code)


def messages(one: Story, cast: Cast) -> Iterator[dict[str, Any]]:
    """The messages that this patient's history has led to: sent long ago."""
    for message in one.projection.messages:
        key = message.key.replace(str(_NAMED.patient), str(cast.patient))
        yield {
            "id": uuid4(), "key": key.replace(_NAMED.fills, cast.fills), "kind": message.kind, "subject": cast.patient,
            "data": json.dumps(put_in(message.data, cast)), "due_at": message.due_at,
        }  # fmt: skip
