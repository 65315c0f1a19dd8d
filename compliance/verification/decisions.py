"""Judge every decision and entry anew, by the rules, on what stood in the logs before it: `verify_log --rules`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from uuid import UUID

from compliance.commands.transfers import can_take_back
from compliance.records.file import certified, entries_of, program_in
from compliance.rules import authorizations, entries, gate
from compliance.rules.assessment import GateQuestion
from compliance.rules.editions import NoEdition, Program
from compliance.rules.history import History, read
from compliance.rules.records import (
    Authorized,
    Dispensed,
    Entry,
    FileLinked,
    FileTransferred,
    Record,
    Reversed,
    TextsErased,
    TransferDeclined,
    Transferred,
)
from compliance.rules.refusals import Refused
from ledger import log
from ledger.actor import Actor
from ledger.log import Row
from ledger.verify import WHOLE, Part, Problem, read_logs

#: What a prescriber writes who takes a patient over, or does not.
_ANSWERS = (Transferred, FileTransferred, TransferDeclined)

#: Raised by what no log of the program holds; the shape of a record is reported by `written`.
_MALFORMED = (Refused, AttributeError, AssertionError, LookupError, TypeError, ValueError)


def problems(part: Part = WHOLE) -> Iterator[Problem]:
    """Every authorization, hand-over and entry that the rules do not justify at its instant."""
    _rows_of.cache_clear()
    for rows in read_logs(part):
        if rows[0].subject_kind != "patient":
            continue
        for row, what in _judged(rows):
            yield Problem(row.subject_kind, row.subject, row.number, what)


def _judged(rows: Sequence[Row]) -> Iterator[tuple[Row, str]]:
    try:
        every = entries_of(rows)
        program = program_in(every)
        linked = {str(file): entries_of(_rows_of(file)) for file in _linked(every)}
    except _MALFORMED:
        yield rows[0], "cannot be judged: a record in it cannot be read"
        return
    if program is None:
        return
    for place, row in enumerate(rows):
        judge = _Judging(program=program, row=row, before=every[:place], linked=linked)
        try:
            found = judge.refusal(every[place].record)
        except _MALFORMED:
            found = "cannot be judged on what stands before it"
        if found is not None:
            yield row, found


def _linked(every: Sequence[Entry]) -> set[UUID]:
    return {UUID(entry.record.file) for entry in every if isinstance(entry.record, FileLinked)}


@lru_cache(maxsize=512)
def _rows_of(subject: UUID) -> tuple[Row, ...]:
    """The log of a prescriber, a pharmacy or a linked file."""
    return tuple(log.read(subject))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judging:
    """One record of a patient's log, and what was known when it was written."""

    program: Program
    row: Row
    before: tuple[Entry, ...]
    linked: Mapping[str, Sequence[Entry]]

    def refusal(self, record: Record) -> str | None:
        """Why the rules did not let this record be written; None where they did."""
        if isinstance(record, Authorized):
            return self._authorization(record)
        history = self._history(self.program)
        if isinstance(record, Dispensed):
            code = authorizations.refuse_dispense(
                history, record.authorization, str(self.row.acting_for), record.handed_over_on
            )
            return "is a hand-over that the rules refuse" if code else None
        if isinstance(record, Reversed):
            refused = authorizations.refuse_reverse(history, record.authorization, str(self.row.acting_for))
            return "is a reversal that the rules refuse" if refused else None
        if isinstance(record, TextsErased):
            return "erases texts while a course is open" if history.course is not None else None
        if isinstance(record, _ANSWERS) and self.row.role == "prescriber" and not self._may_answer(history, record):
            return "answers an offer that there is not"
        if entries.refusal(history, self.before, record, self.row.at) is not None:
            return "is an entry that the rules refuse"
        return None

    def _may_answer(self, history: History, record: Record) -> bool:
        """Whether the patient is offered to that one, or taken back, or was taken over before the course began."""
        by, own = Actor(self.row.actor, self.row.role, self.row.acting_for), str(self.row.acting_for)
        named = isinstance(record, Transferred) and record.prescriber == history.holder == own
        return named or history.offered_to == own or can_take_back(history, by, self.row.at)

    def _history(self, program: Program) -> History:
        return read(program, self.before, self.row.at, self.linked, str(self.row.subject))

    def _authorization(self, record: Authorized) -> str | None:
        """A yes is judged by the version of the edition that it names."""
        named = [e for e in self.program.editions if (e.code, e.version) == (record.edition, record.edition_version)]
        if not named:
            return "names an edition that there is not"
        known = tuple(e for e in self.program.editions if e.code != record.edition or e.version <= named[0].version)
        history = self._history(replace(self.program, editions=known))
        prescriber, pharmacy = history.prescriber, UUID(record.pharmacy)
        spans = {prescriber: certified(_rows_of(UUID(prescriber)), self.row.at, self.program)} if prescriber else {}
        question = GateQuestion(
            pharmacy=certified(_rows_of(pharmacy), self.row.at, self.program), days_supply=record.days_supply
        )
        try:
            assessment = gate.judge(history, prescribers=spans, question=question)
        except NoEdition:
            return "is a yes before the first edition"
        if assessment.edition != named[0]:
            return "names another edition than was in force"
        if assessment.blockers:
            return f"is a yes that the rules of edition {record.edition} do not justify"
        if record.dispense_by != assessment.dispense_by or record.first_day not in (None, assessment.day):
            return "is a yes for other days than the rules give"
        return None
