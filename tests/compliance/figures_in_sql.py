"""Each figure of the office a second time: its definition in one line, and plain SQL over the records that counts it.

It reads the log, the request log and the outbox alone: no figure by month, no status, no other projection. It shares no
code with the product. Of what is added up, each row is one time that it happened: when, at which place (none where the
records name none), and how much it adds. Of what stands, each row is one that stands, as of `%(at)s`.
"""

from typing import NamedTuple

from .files_in_sql import FILES, MISSED, STAGE


class InSql(NamedTuple):
    """A figure: what it is in words, and the SQL of its rows."""

    definition: str
    sql: str


#: Who acted for a practice or a pharmacy did it there; what patients, guardians and officers enter is of no place.
_PLACE = "CASE WHEN role IN ('prescriber', 'designee', 'pharmacist') THEN acting_for END"
_DAY = "(at AT TIME ZONE 'America/New_York')::date"


def _each(condition: str, *, of: str = "patient", place: str = _PLACE) -> str:
    """A row for each record of such a log."""
    return f"SELECT at, {place}, 1 FROM ledger_record WHERE subject_kind = '{of}' AND ({condition})"


def _of_place(condition: str) -> str:
    """A row for each record in the log of a practice or pharmacy, which is the place."""
    return f"SELECT at, subject, 1 FROM ledger_record WHERE subject_kind IN ('prescriber', 'pharmacy') AND {condition}"


def _step(step: str) -> InSql:
    return InSql(f"records that are the step “{step}” of a case", _of_place(f"data->>'step' = '{step}'"))


_ASKED = "SELECT at, NULL::uuid, 1 FROM ledger_loggedrequest WHERE action = 'authorize'"

#: Of a fill by somebody who can become pregnant: the day of the latest negative test of the time since the enrolment
#: or change of category, taken until the hand-over, entered before it, and not known as entered in error by then.
_FILLS = f"""
SELECT at, {_PLACE} AS place, handed_over_on - (
    SELECT max((test.data->>'collected_on')::date) FROM ledger_record test
    WHERE test.subject = fill.subject AND test.kind = 'pregnancy_test' AND test.data->>'result' = 'negative'
        AND test.number BETWEEN began.number AND fill.number AND (test.data->>'collected_on')::date <= handed_over_on
        AND NOT EXISTS (SELECT FROM ledger_record struck WHERE struck.subject = fill.subject
            AND struck.kind = 'entry_struck' AND (struck.data->>'entry')::int = test.number
            AND struck.number < fill.number)
) AS days FROM ledger_record fill, LATERAL (
    SELECT coalesce((fill.data->>'handed_over_on')::date, (fill.at AT TIME ZONE 'America/New_York')::date)
        AS handed_over_on) AS given, LATERAL (
    SELECT number, data->>'category' AS category FROM ledger_record began WHERE began.subject = fill.subject
        AND began.number < fill.number AND began.kind IN ('enrolled', 'category_changed')
    ORDER BY began.number DESC LIMIT 1) AS began
WHERE fill.kind = 'dispensed' AND began.category = 'can_become_pregnant'
"""

_SIGNED = "SELECT * FROM ledger_record WHERE subject_kind = 'patient' AND kind = 'attested'"

#: The pharmacy of an account, as its own records have it.
_PHARMACY_OF = """(SELECT acting_for FROM ledger_record own WHERE own.actor = asked.actor AND own.role = 'pharmacist'
    ORDER BY own.at DESC LIMIT 1)"""

RECORDED: dict[str, InSql] = {
    "enrolled": InSql("courses begun", _each("kind = 'enrolled'")),
    "enrolled-can": InSql(
        "courses begun by whoever can become pregnant",
        _each("kind = 'enrolled' AND data->>'category' = 'can_become_pregnant'"),
    ),
    "ended": InSql("ends of courses entered", _each("kind = 'discontinued'")),
    "reopened": InSql(
        "ends of courses marked as entered in error",
        f"SELECT struck.at, {_PLACE.replace('role', 'struck.role').replace('acting_for', 'struck.acting_for')}, 1"
        " FROM ledger_record struck JOIN ledger_record discontinued USING (subject) WHERE struck.kind = 'entry_struck'"
        " AND discontinued.kind = 'discontinued' AND discontinued.number::text = struck.data->>'entry'",
    ),
    "tests": InSql("pregnancy tests entered", _each("kind = 'pregnancy_test'")),
    "tests-negative": InSql("of them negative", _each("kind = 'pregnancy_test' AND data->>'result' = 'negative'")),
    "found-by-test": InSql("of them positive", _each("kind = 'pregnancy_test' AND data->>'result' = 'positive'")),
    "tests-indeterminate": InSql(
        "of them neither", _each("kind = 'pregnancy_test' AND data->>'result' NOT IN ('negative', 'positive')")
    ),
    "tests-laboratory": InSql(
        "of them in a laboratory", _each("kind = 'pregnancy_test' AND data->>'setting' = 'laboratory'")
    ),
    "tests-clinic": InSql("of them in a clinic", _each("kind = 'pregnancy_test' AND data->>'setting' = 'clinic'")),
    "tests-home": InSql("of them at home", _each("kind = 'pregnancy_test' AND data->>'setting' = 'home'")),
    "stops": InSql(
        "what opens a stop: a positive test, or a report of a pregnancy",
        _each("kind = 'pregnancy_reported' OR (kind = 'pregnancy_test' AND data->>'result' = 'positive')"),
    ),
    "authorized": InSql("questions at the counter answered yes", _each("kind = 'authorized'")),
    "authorized-at-once": InSql(
        "of them those of a patient for whom no question was answered no since the enrolment or last fill",
        f"SELECT at, {_PLACE}, 1 FROM ledger_record yes WHERE kind = 'authorized' AND NOT EXISTS ("
        " SELECT FROM ledger_loggedrequest asked WHERE asked.subject = yes.subject AND action = 'authorize'"
        " AND jsonb_array_length(codes) > 0 AND asked.at < yes.at AND NOT EXISTS ("
        " SELECT FROM ledger_record between_them WHERE between_them.subject = yes.subject"
        " AND between_them.kind IN ('enrolled', 'dispensed') AND between_them.at >= asked.at"
        " AND between_them.number < yes.number))",
    ),
    "fills": InSql("hand-overs entered", _each("kind = 'dispensed'")),
    "fills-late": InSql(
        "of them on a later day than that of the hand-over",
        _each(f"kind = 'dispensed' AND (data->>'handed_over_on')::date < {_DAY}"),
    ),
    "fills-after-test": InSql(
        "of them after a test of this course", f"SELECT at, place, 1 FROM ({_FILLS}) AS fills WHERE days IS NOT NULL"
    ),
    "days-to-fill": InSql(
        "the days from that test to the hand-over", f"SELECT * FROM ({_FILLS}) AS fills WHERE days IS NOT NULL"
    ),
    "reversed": InSql("authorizations given back", _each("kind = 'reversed'")),
    "asked": InSql("questions at the counter", _ASKED),
    "refused": InSql("of them answered no", f"{_ASKED} AND jsonb_array_length(codes) > 0"),
    "unknown": InSql("of them those that found no patient", f"{_ASKED} AND codes ? 'no-such-patient'"),
    "lookups-paused": InSql(
        "pauses of a pharmacist's look-ups", _each("kind = 'lookups_paused'", of="account", place="NULL::uuid")
    ),
    "lockouts": InSql(
        "locks of signing, or of a password",
        _each("kind IN ('signing_locked', 'password_closed')", of="account", place="NULL::uuid"),
    ),
    "applied": InSql("applications", _of_place("kind = 'applied'")),
    "approved": InSql("applications approved", _of_place("kind = 'approved'")),
    "turned-down": InSql("applications turned down", _of_place("kind = 'turned_down'")),
    "suspended": InSql("certifications suspended", _of_place("kind = 'suspended'")),
    "reinstated": InSql("certifications given back", _of_place("kind = 'reinstated'")),
    "renewed": InSql("yearly attestations", _of_place("kind = 'renewed'")),
    "trained": InSql("yearly trainings", _of_place("kind = 'trained'")),
    "signal-after-last-day": InSql(
        "hand-overs refused because the authorization had expired or was void, of the pharmacy that tried",
        f"SELECT at, {_PHARMACY_OF}, 1 FROM ledger_loggedrequest asked WHERE action = 'dispense'"
        " AND (codes ? 'authorization-expired' OR codes ? 'authorization-void')",
    ),
    "signal-backdated": InSql(
        "hand-overs entered more than 7 days after their day, and tests more than 14 days",
        _each(
            f"(kind = 'dispensed' AND {_DAY} - (data->>'handed_over_on')::date > 7)"
            f" OR (kind = 'pregnancy_test' AND {_DAY} - (data->>'collected_on')::date > 14)"
        ),
    ),
    "signal-at-once": InSql(
        "signatures less than 3 seconds after the signer's last one, about another patient",
        f"SELECT at, {_PLACE}, 1 FROM ({_SIGNED}) AS one WHERE EXISTS (SELECT FROM ("
        f" SELECT subject, at FROM ({_SIGNED}) AS other WHERE other.actor = one.actor"
        " AND (other.at, other.subject, other.number) <> (one.at, one.subject, one.number)"
        " AND (other.at, other.number) <= (one.at, one.number)"
        " ORDER BY other.at DESC, other.number DESC LIMIT 1) AS last"
        " WHERE last.subject <> one.subject AND one.at - last.at < interval '3 seconds')",
    ),
    "signal-one-browser": InSql(
        "a practice's patients for whom practice and patient (or guardian) signed in one browser, by day",
        "SELECT min(one.at), one.acting_for, 1"
        f" FROM (SELECT *, {_DAY} AS day FROM ({_SIGNED}) AS own) AS one"
        f" JOIN (SELECT *, {_DAY} AS day FROM ({_SIGNED}) AS own) AS other"
        " ON one.subject = other.subject AND one.day = other.day AND one.data->>'browser' = other.data->>'browser'"
        " WHERE one.role = 'prescriber' AND other.role IN ('patient', 'guardian')"
        " GROUP BY one.subject, one.acting_for, one.day",
    ),
    "case-opened": InSql("cases of non-compliance opened", _of_place("kind = 'case_opened'")),
    "case-suspended": InSql("suspensions that name a case", _of_place("kind = 'suspended' AND data->>'case' <> ''")),
    **{
        f"case-{step}": _step(step)
        for step in (
            "notice", "plan-asked", "plan-accepted", "plan-refused", "appeal-upheld", "appeal-dismissed", "closed",
            "reply", "plan", "appeal",
        )
    },
}  # fmt: skip

#: Of one channel: when each message came to its end. What goes out within a digest is no message of its own.
_ENDED = """
SELECT coalesce(delivered_at, dropped_at), NULL::uuid, 1 FROM outbox_message
WHERE digest_id IS NULL AND channel = '{channel}' AND coalesce(delivered_at, dropped_at) IS NOT NULL AND {end}
"""
_ENDS = {
    "sent": (
        "that went out and did not come back",
        "(outcome = 'delivered' OR (outcome = '' AND delivered_at > '-infinity'))",
    ),
    "failed": (
        "that came back, or that nobody takes",
        "outcome IN ('bounced', 'refused', 'invalid-address', 'unknown-kind', 'unknown-recipient')",
    ),
    "given-up": ("that were tried as often as anything is", "outcome = 'given-up'"),
}  # fmt: skip
RECORDED |= {
    f"messages-{code}-{channel}": InSql(f"messages {words}", _ENDED.format(channel=channel, end=end))
    for channel in ("email", "sms")
    for code, (words, end) in _ENDS.items()
}

#: What stands when a day ends, over the files of that instant: of each row its place, and how much it adds.
_ALLOWED = "SELECT pharmacy, 1 FROM allowed, moment WHERE "
STANDING: dict[str, InSql] = {
    **{
        f"stage-{stage}": InSql(
            f"files in the stage “{stage}”",
            f"SELECT practice, 1 FROM ({STAGE}) AS staged WHERE stage = '{stage}'",
        )
        for stage in (
            "invited", "consent", "lead-in", "second-test", "month", "ready", "authorized", "between-fills",
            "window-missed", "stopped", "followed-up", "closed",
        )
    },
    "mismatch": InSql(
        "open courses in which patient and practice name different methods for this month",
        "SELECT practice, 1 FROM file WHERE 'mismatch' = ANY(blockers)",
    ),
    "gap": InSql(
        "open courses begun less than 56 days after the last dose of the one before",
        "SELECT practice, 1 FROM file WHERE 'gap' = ANY(blockers)",
    ),
    "owed": InSql(
        "tests owed after the last dose of who could become pregnant, also those not due yet",
        "SELECT practice, owed FROM file WHERE owed > 0",
    ),
    "owed-late": InSql(
        "of them those that were due before the day that ends",
        "SELECT practice, late FROM file WHERE late > 0",
    ),
    "overdue": InSql(
        "authorizations that are void or expired, and not given back",
        f"{_ALLOWED} void_on IS NOT NULL OR dispense_by < moment.day",
    ),
    "signal-never-reversed": InSql(
        "of them those that have been so for more than 30 days on the day that ends",
        f"{_ALLOWED} moment.day - 1 - least(void_on, dispense_by) > 30",
    ),
}  # fmt: skip

#: All of those at once, each row with its figure.
STANDING_AT = FILES + " UNION ALL ".join(
    f"SELECT '{code}', one.* FROM ({it.sql}) AS one" for code, it in STANDING.items()
)

#: Windows missed on the day that ends, by whose part was lacking: asked at its last instant.
MISSED_ON_A_DAY = f"{FILES} {MISSED}"
MISSED_PARTS = {
    "missed-prescriber": "windows that closed without a fill while something of the practice was lacking",
    "missed-patient": "windows that closed without a fill while something of the patient was lacking",
    "missed-guardian": "windows that closed without a fill while a guardian's signature was lacking",
    "missed-several": "windows that closed without a fill while more than one of them had something to do",
    "missed-pick-up": "windows that closed without a fill with nothing lacking",
}

#: How many courses are open at an instant: the latest of a file is an enrolment, leaving out ends entered in error.
OPEN_COURSES = """
SELECT count(*) FROM (
    SELECT DISTINCT ON (subject) kind FROM ledger_record record
    WHERE at < %(at)s AND kind IN ('enrolled', 'discontinued') AND NOT EXISTS (
        SELECT FROM ledger_record struck WHERE struck.subject = record.subject AND struck.kind = 'entry_struck'
            AND struck.at < %(at)s AND (struck.data->>'entry')::int = record.number)
    ORDER BY subject, number DESC) AS latest
WHERE kind = 'enrolled'
"""

#: Places certified on a day: a certification covers it, and they are not suspended.
CERTIFIED = """
SELECT count(*) FROM (
    SELECT subject FROM ledger_record WHERE subject_kind = %(kind)s AND at < %(at)s GROUP BY subject
    HAVING bool_or(kind = 'certified' AND %(day)s BETWEEN (data->>'first')::date AND (data->>'last')::date)
        AND coalesce(max(number) FILTER (WHERE kind = 'suspended'), 0)
            <= coalesce(max(number) FILTER (WHERE kind = 'reinstated'), 0)) AS places
"""

#: Pregnancies found from `%(since)s` to `%(until)s`, as known at `%(known)s`. A stop is one, unless that before it in
#: the file still waits for its outcome. With the stage of treatment, and what the office's latest word on it says.
PREGNANCIES = """
WITH RECURSIVE stop AS (
    SELECT subject, number, at, row_number() OVER (PARTITION BY subject ORDER BY number) AS place FROM ledger_record
    WHERE kind = 'pregnancy_reported' OR (kind = 'pregnancy_test' AND data->>'result' = 'positive')
), walk AS (
    SELECT subject, number, at, place, number AS found FROM stop WHERE place = 1
    UNION ALL SELECT stop.subject, stop.number, stop.at, stop.place, CASE WHEN coalesce((
        SELECT data->>'outcome' FROM ledger_record said WHERE said.subject = stop.subject
            AND said.kind = 'pregnancy_followed' AND (said.data->>'case')::int = walk.found
            AND said.number < stop.number ORDER BY said.number DESC LIMIT 1), 'pending') = 'pending'
        THEN walk.found ELSE stop.number END
    FROM walk JOIN stop ON stop.subject = walk.subject AND stop.place = walk.place + 1
), pregnancy AS (
    SELECT walk.*, (SELECT data FROM ledger_record said WHERE said.subject = walk.subject
        AND said.kind = 'pregnancy_followed' AND (said.data->>'case')::int = walk.number AND said.at <= %(known)s
        ORDER BY said.number DESC LIMIT 1) AS said, (
        SELECT array_agg(kind ORDER BY number) FROM ledger_record record WHERE record.subject = walk.subject
            AND record.number < walk.number AND kind IN ('enrolled', 'dispensed', 'discontinued') AND NOT EXISTS (
                SELECT FROM ledger_record struck WHERE struck.subject = record.subject
                    AND struck.kind = 'entry_struck' AND struck.at <= %(known)s
                    AND (struck.data->>'entry')::int = record.number)
            AND number >= coalesce((SELECT max(number) FROM ledger_record began WHERE began.subject = walk.subject
                AND began.number < walk.number AND began.kind = 'enrolled'), 0)) AS course
    FROM walk WHERE number = found AND at >= %(since)s AND at < %(until)s
)
SELECT unnest(ARRAY['pregnancies', 'exposure-' || coalesce(said->>'exposure', 'unknown'),
    'outcome-' || coalesce(said->>'outcome', 'pending'),
    'phase-' || CASE WHEN NOT 'dispensed' = ANY(course) THEN 'before-first-fill'
        WHEN 'discontinued' = ANY(course) THEN 'after-treatment' ELSE 'during-treatment' END]) AS code
FROM pregnancy
"""
