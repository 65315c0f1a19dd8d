"""Signals of non-compliance: what may be a breach, each with its place and the record or request that raised it.

A signal says what to look at, and decides nothing. An officer looks, and opens a case where there is one.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from compliance.models import ComplianceSignal
from compliance.rules import days
from compliance.rules.authorizations import VOIDING_KINDS

from .programs import DEFAULT

AFTER_LAST_DAY, NEVER_REVERSED, BACKDATED, AT_ONCE, ONE_BROWSER = CODES = (
    "after-last-day", "never-reversed", "backdated", "at-once", "one-browser",
)  # fmt: skip

#: A hand-over entered more than so many days after its day, or a test; an authorization that is to be reversed
#: since more than so many days; and two signatures of one person about two patients within so many seconds.
BACKDATED_FILL_DAYS, BACKDATED_TEST_DAYS, NEVER_REVERSED_DAYS, AT_ONCE_SECONDS = 7, 14, 30, 3


class Raised(NamedTuple):
    """A signal: what, by which place (None where the records do not say), and what raised it."""

    code: str
    place_kind: str
    place: UUID | None
    patient: UUID
    record: int | None
    request: int | None


#: What was recorded on one day; of signatures also those of the last seconds before it.
#: `browser` in a signature is the same in one file and day alone (`Attested`).
_SELECT_OF_DAY = """
WITH seen AS MATERIALIZED (
    SELECT subject, number, kind, at, actor, role, data,
        CASE role WHEN 'pharmacist' THEN 'pharmacy' ELSE 'prescriber' END AS place_kind,
        CASE WHEN role IN ('prescriber', 'designee', 'pharmacist') THEN acting_for END AS place
    FROM ledger_record
    WHERE at >= %(since)s - make_interval(secs => %(at_once)s) AND at < %(until)s AND subject_kind = 'patient'
        AND kind IN ('dispensed', 'pregnancy_test', 'attested')
), own AS (
    SELECT * FROM seen WHERE at >= %(since)s
)
SELECT 'backdated', place_kind, place, subject, number, NULL::bigint FROM own
    WHERE kind = 'dispensed' AND (data->>'handed_over_on')::date < %(day)s - %(fill)s
UNION ALL SELECT 'backdated', place_kind, place, subject, number, NULL FROM own
    WHERE kind = 'pregnancy_test' AND (data->>'collected_on')::date < %(day)s - %(test)s
UNION ALL SELECT 'at-once', place_kind, place, subject, number, NULL FROM (
    SELECT place_kind, place, subject, number, at, lag(subject) OVER signed AS before,
        lag(at) OVER signed AS signed_before
    FROM seen WHERE kind = 'attested' WINDOW signed AS (PARTITION BY actor ORDER BY at, number)
) AS signatures
    WHERE before <> subject AND at - signed_before < make_interval(secs => %(at_once)s) AND at >= %(since)s
UNION ALL SELECT 'one-browser', 'prescriber', practice.place, practice.subject, max(patient.number), NULL
    FROM own practice JOIN own patient ON patient.subject = practice.subject
        AND patient.data->>'browser' = practice.data->>'browser'
    WHERE practice.kind = 'attested' AND practice.role = 'prescriber'
        AND patient.kind = 'attested' AND patient.role IN ('patient', 'guardian')
    GROUP BY practice.place, practice.subject
UNION ALL SELECT 'after-last-day', 'pharmacy', coalesce((answer->>'pharmacy')::uuid, (
        -- Requests of before said not which pharmacy asked: the last one that had an authorization.
        SELECT pharmacy_id FROM compliance_authorization one
        WHERE one.patient_id = asked.subject AND one.issued_at < asked.at ORDER BY one.issued_at DESC LIMIT 1)),
        asked.subject, NULL, asked.id
    FROM ledger_loggedrequest asked WHERE at >= %(since)s AND at < %(until)s AND action = 'dispense'
        AND codes ?| ARRAY['authorization-expired', 'authorization-void']
"""


def of_day(on: date, bounds: tuple[Any, Any]) -> list[Raised]:
    """The signals of what was recorded on one day, which begins and ends at those instants. One query."""
    values: dict[str, Any] = {
        "since": bounds[0], "until": bounds[1], "day": on, "fill": BACKDATED_FILL_DAYS, "test": BACKDATED_TEST_DAYS,
        "at_once": AT_ONCE_SECONDS,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_SELECT_OF_DAY, values)
        return [Raised(*row) for row in cursor.fetchall()]


#: Of an authorization `one`: that it is to be reversed for too long at the end of a day. It is so since its last day,
#: or since the first record that made it void.
IS_NEVER_REVERSED = """
state IN ('void', 'open') AND issued_at < %(begun)s AND (dispense_by < %(day)s - %(never_reversed)s
    OR (state = 'void' AND EXISTS (
        SELECT FROM ledger_record ended WHERE ended.subject = one.patient_id AND ended.number > one.record
            AND ended.at < %(begun)s AND ended.kind = ANY(%(voiding)s)
            AND (ended.kind <> 'pregnancy_test' OR ended.data->>'result' = 'positive'))))
"""


def never_reversed_values(on: date) -> dict[str, Any]:
    """What `IS_NEVER_REVERSED` asks of that day: what was so when `begun` came is so for too long."""
    begun = days.midnight(days.plus(on, -NEVER_REVERSED_DAYS), days.zone(DEFAULT.zone))
    return {
        "day": on, "never_reversed": NEVER_REVERSED_DAYS, "begun": begun, "voiding": sorted(VOIDING_KINDS),
    }  # fmt: skip


_SELECT_NEVER_REVERSED = f"""
SELECT 'never-reversed', 'pharmacy', pharmacy_id, patient_id, record, NULL FROM compliance_authorization one
WHERE {IS_NEVER_REVERSED} AND NOT EXISTS (
    SELECT FROM compliance_compliancesignal known
    WHERE known.patient = one.patient_id AND known.record = one.record AND known.code = 'never-reversed')
"""


def never_reversed(on: date) -> list[Raised]:
    """What is not reversed for too long at the end of that day, and was no signal yet. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_SELECT_NEVER_REVERSED, never_reversed_values(on))
        return [Raised(*row) for row in cursor.fetchall()]


def keep(on: date, raised: Sequence[Raised]) -> None:
    """Keep the signals of a day for the office, those of a known place; each once, however often it is counted."""
    rows = [
        ComplianceSignal(
            code=one.code, day=on, place_kind=one.place_kind, place=one.place, patient=one.patient, record=one.record,
            request=one.request,
        )
        for one in raised if one.place is not None
    ]  # fmt: skip
    ComplianceSignal.objects.bulk_create(rows, ignore_conflicts=True)
