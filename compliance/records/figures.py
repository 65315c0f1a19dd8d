"""The figures of one day, from what was recorded on it; and what stands at its end, from the status rows.

A figure is a number of one month, of the whole program (no place) or of one practice or pharmacy. What a record does
not attribute to a place, such as what a patient entered, is in the program's number alone.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import batched
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from compliance.rules import days
from compliance.rules.editions import NoEdition
from compliance.rules.missed import PARTS, missed_by
from compliance.rules.noncompliance import OFFICE_STEPS, OPENED, PLACE_STEPS
from outbox import counts

from . import signals
from .file import File, read_files_of
from .programs import DEFAULT
from .signals import Raised
from .status import ANSWER_OWED

#: Added up over the days of a month, of what was recorded: the same whenever they are counted.
RECORDED: tuple[str, ...] = (
    "enrolled", "enrolled-can", "ended", "reopened",
    "tests", "tests-negative", "found-by-test", "tests-indeterminate",
    "tests-laboratory", "tests-clinic", "tests-home",
    "stops", "authorized", "authorized-at-once", "fills", "fills-late", "fills-after-test", "days-to-fill", "reversed",
    "asked", "refused", "unknown", "lookups-paused", "lockouts",
    "applied", "approved", "turned-down", "suspended", "reinstated", "renewed", "trained",
    *(f"missed-{part}" for part in PARTS),
    *(f"signal-{code}" for code in signals.CODES if code != signals.NEVER_REVERSED),
    *(f"case-{step}" for step in (OPENED, *OFFICE_STEPS, *PLACE_STEPS)),
)  # fmt: skip

#: Those and what became of messages, which may still change: an e-mail comes back days later.
FLOWS: tuple[str, ...] = (*RECORDED, *counts.FIGURES)

#: So many files are read at a time.
_BATCH = 200


class Place(NamedTuple):
    """Where a number stands: the figure, and the practice or pharmacy; None for the whole program."""

    figure: str
    place: UUID | None


Numbers = Counter[Place]


def bounds(on: date) -> tuple[datetime, datetime]:
    """The instants at which a day of the program begins and ends."""
    zone = days.zone(DEFAULT.zone)
    return days.midnight(on, zone), days.midnight(days.plus(on, 1), zone)


def of_day(on: date, raised: Sequence[Raised] | None = None) -> Numbers:
    """What is added to the figures by one day. `raised` are its signals, where they were looked for already."""
    numbers: Numbers = Counter()
    since, until = bounds(on)
    for signal in signals.of_day(on, (since, until)) if raised is None else raised:
        _add(numbers, f"signal-{signal.code}", signal.place, 1)
    with connection.cursor() as cursor:
        cursor.execute(_SELECT_FLOWS, {"since": since, "until": until, "day": on})
        for figure, place, number in cursor.fetchall():
            _add(numbers, figure, place, int(number))
    for part, prescriber in _missed(on):
        _add(numbers, f"missed-{part}", prescriber, 1)
    for figure, number in counts.ended(since, until).items():
        _add(numbers, figure, None, number)
    return numbers


def _add(numbers: Numbers, figure: str, place: UUID | None, number: int) -> None:
    numbers[Place(figure, None)] += number
    if place is not None:
        numbers[Place(figure, place)] += number


#: The days from the test to the fill of a patient who can become pregnant are counted from the latest negative test of
#: this qualifying period that was recorded before it, and was not known as entered in error by then.
_SELECT_FLOWS = """
WITH own AS MATERIALIZED (
    SELECT subject_kind, subject, number, kind, at, actor, data,
        CASE WHEN role IN ('prescriber', 'designee', 'pharmacist') THEN acting_for END AS place
    FROM ledger_record WHERE at >= %(since)s AND at < %(until)s
), fills AS MATERIALIZED (
    SELECT own.*, coalesce((data->>'handed_over_on')::date, %(day)s) AS handed_over_on, (
        SELECT max((test.data->>'collected_on')::date) FROM ledger_record test
        WHERE test.subject = own.subject AND test.number > period.number AND test.number < own.number
            AND test.kind = 'pregnancy_test' AND test.data->>'result' = 'negative'
            AND (test.data->>'collected_on')::date <= coalesce((own.data->>'handed_over_on')::date, %(day)s)
            AND NOT EXISTS (SELECT FROM ledger_record struck WHERE struck.subject = own.subject
                AND struck.number < own.number AND struck.kind = 'entry_struck'
                AND (struck.data->>'entry')::int = test.number)
    ) AS collected_on
    FROM own LEFT JOIN LATERAL (
        SELECT number, data->>'category' AS category FROM ledger_record began
        WHERE began.subject = own.subject AND began.number < own.number
            AND began.kind IN ('enrolled', 'category_changed')
        ORDER BY number DESC LIMIT 1
    ) AS period ON category = 'can_become_pregnant'
    WHERE kind = 'dispensed'
)
SELECT figure, place, sum(number) FROM (
    SELECT CASE kind WHEN 'discontinued' THEN 'ended' WHEN 'pregnancy_test' THEN 'tests' ELSE kind END AS figure,
        place, 1 AS number
    FROM own WHERE subject_kind = 'patient'
        AND kind IN ('enrolled', 'discontinued', 'pregnancy_test', 'authorized', 'reversed')
    UNION ALL SELECT 'enrolled-can', place, 1 FROM own
        WHERE kind = 'enrolled' AND data->>'category' = 'can_become_pregnant'
    UNION ALL SELECT 'reopened', place, 1 FROM own WHERE kind = 'entry_struck' AND EXISTS (
        SELECT FROM ledger_record struck WHERE struck.subject = own.subject AND struck.kind = 'discontinued'
            AND struck.number = (own.data->>'entry')::int)
    -- The code stands in an address, which names no result.
    UNION ALL SELECT CASE data->>'result' WHEN 'positive' THEN 'found-by-test' ELSE 'tests-' || (data->>'result') END,
        place, 1 FROM own WHERE kind = 'pregnancy_test'
    UNION ALL SELECT 'tests-' || (data->>'setting'), place, 1 FROM own WHERE kind = 'pregnancy_test'
    UNION ALL SELECT 'stops', place, 1 FROM own
        WHERE kind = 'pregnancy_reported' OR (kind = 'pregnancy_test' AND data->>'result' = 'positive')
    UNION ALL SELECT 'authorized-at-once', place, 1 FROM own WHERE kind = 'authorized' AND NOT EXISTS (
        SELECT FROM ledger_loggedrequest asked WHERE asked.subject = own.subject AND asked.action = 'authorize'
            AND asked.codes <> '[]'::jsonb AND asked.at < own.at AND asked.at > coalesce((
                SELECT max(before.at) FROM ledger_record before WHERE before.subject = own.subject
                    AND before.number < own.number AND before.kind IN ('dispensed', 'enrolled')), '-infinity'))
    UNION ALL SELECT 'fills', place, 1 FROM fills
    UNION ALL SELECT 'fills-late', place, 1 FROM fills WHERE handed_over_on < %(day)s
    UNION ALL SELECT 'fills-after-test', place, 1 FROM fills WHERE collected_on IS NOT NULL
    UNION ALL SELECT 'days-to-fill', place, handed_over_on - collected_on FROM fills WHERE collected_on IS NOT NULL
    UNION ALL SELECT CASE kind WHEN 'turned_down' THEN 'turned-down' ELSE kind END, subject, 1
        FROM own WHERE subject_kind IN ('prescriber', 'pharmacy')
            AND kind IN ('applied', 'approved', 'turned_down', 'suspended', 'reinstated', 'renewed', 'trained')
    UNION ALL SELECT 'lookups-paused', NULL, 1 FROM own WHERE subject_kind = 'account' AND kind = 'lookups_paused'
    UNION ALL SELECT 'lockouts', NULL, 1 FROM own
        WHERE subject_kind = 'account' AND kind IN ('signing_locked', 'password_closed')
    UNION ALL SELECT 'asked', NULL, 1 FROM ledger_loggedrequest
        WHERE at >= %(since)s AND at < %(until)s AND action = 'authorize'
    UNION ALL SELECT 'refused', NULL, 1 FROM ledger_loggedrequest
        WHERE at >= %(since)s AND at < %(until)s AND action = 'authorize' AND codes <> '[]'::jsonb
    UNION ALL SELECT 'unknown', NULL, 1 FROM ledger_loggedrequest
        WHERE at >= %(since)s AND at < %(until)s AND action = 'authorize' AND codes @> '["no-such-patient"]'::jsonb
    UNION ALL SELECT 'case-' || coalesce(data->>'step', 'opened'), subject, 1
        FROM own WHERE kind IN ('case_opened', 'case_step', 'case_answered')
    UNION ALL SELECT 'case-suspended', subject, 1 FROM own WHERE kind = 'suspended' AND data->'case' IS NOT NULL
) AS counted GROUP BY figure, place
"""


# --- windows that were missed -------------------------------------------------------------------------
def _missed(on: date) -> Iterator[tuple[str, UUID | None]]:
    """By whose part each window is missed that ends with this day, and the prescriber of then."""
    _since, until = bounds(on)
    at = until - timedelta(microseconds=1)
    for some in batched(_tested_for(on, until), _BATCH):
        for file in read_files_of(list(some), at).values():
            part = _part(file, at)
            if part is not None:
                prescriber = file.history(at).prescriber
                yield part, UUID(prescriber) if prescriber else None


def _part(file: File, at: datetime) -> str | None:
    try:
        return missed_by(file.assess(at))
    except NoEdition:
        return None


#: Whose test was collected on the days from which a window can end on this one.
_SELECT_TESTED = """
SELECT DISTINCT subject FROM ledger_record
WHERE at >= %(since)s AND at < %(until)s AND kind = 'pregnancy_test' AND data->>'collected_on' = ANY(%(collected)s)
    AND data->>'result' = 'negative'
ORDER BY subject
"""


def _tested_for(on: date, until: datetime) -> Sequence[UUID]:
    lengths = {edition.window_last_day for edition in DEFAULT.editions}
    collected = [days.plus(on, -length) for length in lengths]
    since, _end = bounds(min(collected))
    values: dict[str, Any] = {"since": since, "until": until, "collected": [day.isoformat() for day in collected]}
    with connection.cursor() as cursor:
        cursor.execute(_SELECT_TESTED, values)
        return [row[0] for row in cursor.fetchall()]


# --- what stands at the end of a day ------------------------------------------------------------------
#: By practice, or by pharmacy; one pass over the status rows.
_SELECT_STOCKS = f"""
WITH standing AS MATERIALIZED (
    SELECT p.prescriber_id AS place, s.stage, s.owed, s.blockers
    FROM compliance_patientstatus s JOIN patients_patient p ON p.id = s.patient_id WHERE s.stage <> ''
), tests AS (
    -- Of what is owed; the practice's answer to a report is none.
    SELECT place, (one->>1)::date AS due_on FROM standing, jsonb_array_elements(owed) AS one
    WHERE owed <> '[]'::jsonb AND one->>0 <> %(answer)s
)
SELECT 'stage-' || stage, place, count(*) FROM standing GROUP BY stage, place
UNION ALL SELECT 'owed', place, count(*) FROM tests GROUP BY place
UNION ALL SELECT 'owed-late', place, count(*) FROM tests WHERE due_on < %(day)s GROUP BY place
UNION ALL SELECT code, place, count(*) FROM standing, jsonb_array_elements(blockers) AS blocker,
    LATERAL (SELECT CASE blocker->>0 WHEN 'contraception-mismatch' THEN 'mismatch' WHEN 'course-gap' THEN 'gap' END)
        AS named (code)
    WHERE code IS NOT NULL GROUP BY code, place
UNION ALL SELECT 'overdue', pharmacy_id, count(*) FROM compliance_authorization
    WHERE state = 'void' OR (state = 'open' AND dispense_by <= %(day)s) GROUP BY pharmacy_id
UNION ALL SELECT 'signal-never-reversed', pharmacy_id, count(*) FROM compliance_authorization one
    WHERE {signals.IS_NEVER_REVERSED} GROUP BY pharmacy_id
"""


def standing(on: date) -> Numbers:
    """What stands now, as the number of the month of that day, which has just ended."""
    numbers: Numbers = Counter()
    with connection.cursor() as cursor:
        cursor.execute(_SELECT_STOCKS, signals.never_reversed_values(on) | {"answer": ANSWER_OWED})
        for figure, place, number in cursor.fetchall():
            _add(numbers, figure, place, int(number))
    return numbers
