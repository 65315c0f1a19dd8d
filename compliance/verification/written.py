"""Which records the program would not have written: kind, format, shape, role, account, signature, text, order."""

from collections.abc import Iterator, Mapping, Sequence

from django.db import connection

from accounts.events import OWN_EVENTS, WRITERS
from compliance.export.verify import Written
from compliance.records.programs import DEFAULT, PROGRAMS
from compliance.rules.care.laboratory import SCHEDULED
from compliance.rules.records import FIRST_PROGRAM, FORMATS, KINDS, RENAMED_KINDS, dump, load
from compliance.rules.refusals import Refused
from ledger import canonical
from ledger.actor import SYSTEM
from ledger.erasable_text import ERASURE_KIND
from ledger.log import Row
from ledger.verify import WHOLE, Part, Problem, read_logs

from . import practices, signed_texts
from .staff import Staff, read_staff

BAD_SHAPE = "is not of the shape of its kind"

#: The members of what is written to the logs of practices, pharmacies and accounts.
MEMBERS: Mapping[str, frozenset[str]] = {
    "suspended": frozenset({"sealed", "case"}),
    "reinstated": frozenset({"case"}),
    "case_opened": frozenset({"signals", "sealed"}),
    "case_step": frozenset({"case", "step", "due", "sealed"}),
    "case_answered": frozenset({"case", "step", "sealed"}),
    "turned_down": frozenset({"sealed"}),
    "register_checked": frozenset({"register", "result", "sealed"}),
    "certified": frozenset({"first", "last", "program"}),
    SCHEDULED: frozenset({"months"}),
    "delegate_named": frozenset({"delegate"}),
    "delegate_ended": frozenset({"delegate"}),
    "account_opened": frozenset({"role"}),
    "account_registered": frozenset({"role", "officers"}),
    "account_reissued": frozenset({"asked_by"}),
    "address_changed": frozenset({"sealed"}),
    "name_corrected": frozenset({"sealed"}),
    "language_changed": frozenset({"sealed"}),
    ERASURE_KIND: frozenset({"asked_by", "texts"}),
    "signing_locked": frozenset({"until"}),
    "lookups_paused": frozenset({"until"}),
    "place_added": frozenset({"role", "from"}),
    "place_ended": frozenset({"role"}),
    "account_joined": frozenset({"account"}),
    "second_factor_added": frozenset({"type"}),
    "second_factor_removed": frozenset({"type"}),
    "recovery_codes_made": frozenset({"type"}),
}


def problems() -> Iterator[Problem]:
    """Every record of every log that the program would not have written, and why."""
    yield from of_logs(WHOLE)
    yield from beside()


def of_logs(part: Part) -> Iterator[Problem]:
    """What is found log by log, in a part of them."""
    staff = read_staff()
    for rows in read_logs(part):
        for row, what in _problems_of(rows, staff):
            yield Problem(row.subject_kind, row.subject, row.number, what)


def beside() -> Iterator[Problem]:
    """What one query finds in all of them."""
    yield from _accounts(read_staff())


def _problems_of(rows: Sequence[Row], staff: Staff) -> Iterator[tuple[Row, str]]:
    kind, unreadable = rows[0].subject_kind, [row for row in rows if not isinstance(row.data, dict)]
    if unreadable:
        yield from ((row, BAD_SHAPE) for row in unreadable)
        return
    if kind == "account":
        yield from _account(rows)
    else:
        by_number = {row.number: row for row in rows}
        for number, what in Written(as_bundled(rows)).problems():
            yield by_number[number], what
    if kind in ("prescriber", "pharmacy"):
        yield from practices.problems(kind, rows)
    program = PROGRAMS.get(rows[0].data.get("program", FIRST_PROGRAM), DEFAULT)
    for row in rows:
        if not _is_well_shaped(row):
            yield row, BAD_SHAPE
        elif row.kind == "attested":
            for what in signed_texts.problems(row, program):
                yield row, what
        if staff.is_own_application(row):
            yield row, "approves an application that came from the officer's own browser"
        if not staff.belongs(row):
            yield row, "is by an account that does not belong to whom it acts for"


def as_bundled(rows: Sequence[Row]) -> dict[str, object]:
    """A log in the form in which a bundle has it."""
    records = [canonical.members(row._asdict()) | {"hash": row.hash} for row in rows]
    return {"subject_kind": rows[0].subject_kind, "subject": str(rows[0].subject), "records": records}


def _is_well_shaped(row: Row) -> bool:
    """Whether the data is what the program writes for that kind, today or in an older format."""
    if row.kind in KINDS or row.kind in RENAMED_KINDS:
        try:
            record = load(row.kind, row.format, row.data)
        except (Refused, AttributeError, LookupError, TypeError, ValueError):
            return False
        return row.kind in RENAMED_KINDS or row.format != FORMATS[row.kind] or dump(record) == row.data
    return row.data.keys() <= MEMBERS.get(row.kind, frozenset())


def _account(rows: Sequence[Row]) -> Iterator[tuple[Row, str]]:
    """An account's own log: by its owner, by whoever opened or closed it, or by two officers."""
    requested_by: set[str] = set()
    for row in rows:
        if row.kind in OWN_EVENTS and row.actor == row.subject:
            pass
        elif row.kind in OWN_EVENTS and row.kind not in WRITERS:
            yield row, "is by another account than its own"
        elif row.role not in WRITERS.get(row.kind, frozenset()):
            yield row, "is of a kind, or by a role, that the program does not write"
        elif (row.role == SYSTEM.role) != (row.actor == SYSTEM.account):
            yield row, "is by the program in the name of a person, or the other way round"
        if row.format != 1:
            yield row, "is in a format that the program does not write"
        if row.kind == "reissue_asked":
            requested_by.add(str(row.actor))
        elif row.kind == "account_reissued":
            asked_by = row.data.get("asked_by")
            if asked_by not in requested_by or asked_by == str(row.actor) or row.actor == row.subject:
                yield row, "recovers an account without a second officer"
            requested_by.clear()
        elif row.kind == ERASURE_KIND and row.data.get("asked_by") == str(row.actor):
            yield row, "erases texts by one officer alone"


_SELECT_OTHER_ROLE = """
SELECT r.subject_kind, r.subject, r.number, u.id, r.role
FROM ledger_record r LEFT JOIN accounts_user u ON u.id = r.actor
WHERE r.role <> %s AND u.opened_as IS DISTINCT FROM r.role ORDER BY r.subject, r.number
"""


def _accounts(staff: Staff) -> Iterator[Problem]:
    """Records by an account that there is not, or in a role in which the account never held a place."""
    with connection.cursor() as cursor:
        cursor.execute(_SELECT_OTHER_ROLE, [SYSTEM.role])
        for kind, subject, number, account, role in cursor.fetchall():
            if account is None or not staff.holds(account, role):
                yield Problem(kind, subject, number, "is by no account that has this role")
