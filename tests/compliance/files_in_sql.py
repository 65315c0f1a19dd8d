"""Where each patient stands at an instant, in plain SQL over the records: what the rules say in words, a second time.

Shares no code with the product and reads no projection. It knows editions 2023 and 2026, and no linked files.
"""

#: As of `%(at)s`, of the patients `%(of)s` (of all where that is none). In `file` a row a patient: the codes of
#: `blockers`, who is `lacking` (has to act), the window, how many tests are owed, the practice. In `allowed` a row each
#: authorization that was neither used nor given back.
FILES = """
WITH RECURSIVE moment AS (
    SELECT %(at)s::timestamptz AS at, (%(at)s::timestamptz AT TIME ZONE 'America/New_York')::date AS day
), entry AS (
    -- What was entered in error is left out from then on.
    SELECT subject, number, kind, record.at, role, data, (record.at AT TIME ZONE 'America/New_York')::date AS day
    FROM ledger_record record, moment WHERE subject_kind = 'patient' AND record.at <= moment.at
        AND (%(of)s::uuid[] IS NULL OR subject = ANY(%(of)s)) AND NOT EXISTS (
        SELECT FROM ledger_record struck WHERE struck.subject = record.subject AND struck.kind = 'entry_struck'
            AND struck.at <= moment.at AND (struck.data->>'entry')::int = record.number)
), person AS (
    SELECT subject,
        (array_agg(coalesce(data->>'born_on', '') ORDER BY number DESC)
            FILTER (WHERE kind IN ('registered', 'birth_date_corrected')))[1]::date AS born_on,
        coalesce((array_agg(data->>'prescriber' ORDER BY number DESC) FILTER (WHERE kind = 'transferred'))[1],
            (array_agg(data->>'prescriber' ORDER BY number DESC)
                FILTER (WHERE kind IN ('registered', 'enrolled', 'file_transferred')))[1])::uuid AS practice,
        bool_or(kind = 'invited' AND data->>'guardian' IS NULL) AS was_invited,
        bool_or(kind = 'invitation_accepted' AND data->>'guardian' IS NULL) AS has_accepted
    FROM entry GROUP BY subject
), enrolled AS (
    SELECT DISTINCT ON (subject) subject, number, at FROM entry WHERE kind = 'enrolled' ORDER BY subject, number DESC
), ended AS (
    SELECT subject, number, day, (
        -- The day of the last dose, as it was corrected since.
        SELECT data->>'last_dose_on' FROM entry said WHERE said.subject = own.subject AND (said.number = own.number
            OR (said.kind = 'last_dose_corrected' AND said.number > own.number AND NOT EXISTS (
                SELECT FROM entry later WHERE later.subject = own.subject AND later.kind = 'discontinued'
                    AND later.number > own.number AND later.number < said.number)))
        ORDER BY said.number DESC LIMIT 1)::date AS last_dose_on,
        (SELECT data->>'category' FROM entry said WHERE said.subject = own.subject AND said.number < own.number
            AND said.kind IN ('enrolled', 'category_changed') ORDER BY said.number DESC LIMIT 1) AS category
    FROM entry own WHERE kind = 'discontinued'
), latest_ended AS (
    SELECT DISTINCT ON (subject) * FROM ended ORDER BY subject, number DESC
), course AS (
    SELECT subject, enrolled.at AS begun_at, category.category, category.at AS qualifying_at
    FROM enrolled CROSS JOIN LATERAL (
        SELECT data->>'category' AS category, at FROM entry WHERE entry.subject = enrolled.subject
            AND entry.number >= enrolled.number AND kind IN ('enrolled', 'category_changed')
        ORDER BY number DESC LIMIT 1) AS category
    WHERE NOT EXISTS (SELECT FROM latest_ended WHERE latest_ended.subject = enrolled.subject
        AND latest_ended.number > enrolled.number)
), stop AS (
    SELECT subject, max(CASE kind WHEN 'pregnancy_test' THEN (data->>'collected_on')::date ELSE day END) AS last_on,
        max(number) > coalesce((SELECT max(number) FROM entry cleared WHERE cleared.subject = entry.subject
            AND cleared.kind = 'stop_cleared'), 0) AS is_open
    FROM entry WHERE kind = 'pregnancy_reported' OR (kind = 'pregnancy_test' AND data->>'result' = 'positive')
    GROUP BY subject
), filled AS (
    SELECT DISTINCT ON (course.subject) course.subject,
        coalesce((data->>'handed_over_on')::date, day) AS fill_on,
        CASE WHEN (data->>'handed_over_on')::date < day
            THEN ((data->>'handed_over_on')::date + 1)::timestamp AT TIME ZONE 'America/New_York' ELSE entry.at
        END AS fill_at
    FROM course JOIN entry ON entry.subject = course.subject AND kind = 'dispensed' AND entry.at >= qualifying_at
    ORDER BY course.subject, number DESC
), test AS (
    SELECT course.subject, number, entry.at, (data->>'collected_on')::date AS collected_on,
        data->>'menses' IS NOT NULL AS has_menses, data->>'setting' <> 'home' OR coalesce((
            SELECT (data->>'permitted')::boolean FROM entry permitted WHERE permitted.subject = course.subject
                AND permitted.kind = 'home_testing_set' AND permitted.at BETWEEN begun_at AND entry.at
            ORDER BY permitted.number DESC LIMIT 1), false) AS counts_later,
        data->>'setting' <> 'home' AS counts_first
    FROM course JOIN entry ON entry.subject = course.subject AND kind = 'pregnancy_test'
        AND data->>'result' = 'negative' AND entry.at >= qualifying_at
    LEFT JOIN stop ON stop.subject = course.subject
    WHERE category = 'can_become_pregnant' AND (last_on IS NULL OR (data->>'collected_on')::date > last_on)
), screening AS (
    SELECT DISTINCT ON (subject) subject, number, collected_on FROM test WHERE counts_first
    ORDER BY subject, collected_on, number
), lead_in AS (
    SELECT DISTINCT ON (course.subject) course.subject, 30 + greatest((data->>'started_on')::date,
        (qualifying_at AT TIME ZONE 'America/New_York')::date) AS over_on
    FROM course JOIN entry ON entry.subject = course.subject AND kind = 'contraception_declared'
        AND data->>'by' = 'prescriber' AND entry.at >= qualifying_at
    ORDER BY course.subject, number
), second AS (
    SELECT test.*, screening.collected_on AS screened_on, over_on,
        row_number() OVER (PARTITION BY test.subject ORDER BY test.collected_on, test.number) AS place
    FROM test JOIN screening USING (subject) LEFT JOIN lead_in USING (subject)
    WHERE test.number <> screening.number AND NOT EXISTS (SELECT FROM filled WHERE filled.subject = test.subject)
), walk AS (
    -- One test after the other: whether it opens a window rests on the window before.
    SELECT subject, 0::bigint AS place, NULL::date AS first, false AS opens FROM screening
    UNION ALL
    SELECT subject, place, CASE WHEN opens THEN collected_on ELSE first END, opens FROM (
        SELECT second.subject, second.place, second.collected_on, walk.first, coalesce(
            second.counts_first AND second.collected_on >= second.screened_on + 19
            AND second.collected_on >= second.over_on AND CASE
                WHEN walk.first IS NULL OR second.collected_on <= walk.first + 6 THEN second.has_menses
                WHEN moment.day < '2026-11-15' THEN second.has_menses AND second.collected_on >= walk.first + 19
                ELSE true END, false) AS opens
        FROM walk JOIN second ON second.subject = walk.subject AND second.place = walk.place + 1, moment) AS step
), opened AS (
    SELECT subject, first, first + 6 AS last FROM walk WHERE opens
    UNION SELECT subject, collected_on, collected_on + 6 FROM test JOIN filled USING (subject)
        WHERE collected_on > fill_on AND counts_later
), last_window AS (
    SELECT subject, max(first) AS first, max(last) AS last FROM opened GROUP BY subject
    UNION ALL SELECT course.subject, visit_on, visit_on + 30 FROM course, moment, LATERAL (
        SELECT (data->>'visit_on')::date AS visit_on FROM entry WHERE entry.subject = course.subject
            AND kind = 'counselled' AND entry.at >= begun_at AND entry.at > coalesce((
                SELECT fill_at FROM filled WHERE filled.subject = course.subject), '-infinity')
        ORDER BY number DESC LIMIT 1) AS visit
    WHERE category <> 'can_become_pregnant' AND moment.day < '2026-11-15'
), since AS (
    -- From when on the practice's part counts, and the patient's.
    SELECT subject, practice_from, CASE WHEN last_window.first <= moment.day AND last_window.last >= moment.day
        THEN greatest(practice_from, last_window.first::timestamp AT TIME ZONE 'America/New_York') END AS patient_from
    FROM moment, (SELECT course.subject, greatest(qualifying_at, fill_at, (
            SELECT max(last + 1)::timestamp AT TIME ZONE 'America/New_York' FROM opened, moment
            WHERE opened.subject = course.subject AND last < moment.day AND NOT EXISTS (SELECT FROM opened later
                WHERE later.subject = opened.subject AND later.first > opened.first AND later.first <= opened.last)
        )) AS practice_from FROM course LEFT JOIN filled USING (subject)
        WHERE category = 'can_become_pregnant') AS begun
    LEFT JOIN last_window USING (subject)
), methods AS (
    SELECT since.subject, by, (
        SELECT array_agg(method ORDER BY method) FROM (SELECT data->'methods' AS methods FROM entry
            WHERE entry.subject = since.subject AND kind = 'contraception_declared' AND data->>'by' = by
                AND at >= CASE by WHEN 'patient' THEN patient_from ELSE practice_from END
            ORDER BY number DESC LIMIT 1) AS latest, jsonb_array_elements_text(methods) AS method) AS named
    FROM since, unnest(ARRAY['prescriber', 'patient']) AS by
), signature AS (
    SELECT course.subject, document, (
        SELECT (array_agg(entry.day ORDER BY number DESC) FILTER (WHERE data->>'signer' = 'patient'))[1]
        FROM entry WHERE entry.subject = course.subject AND kind = 'consent_signed' AND at >= begun_at
            AND data->>'document' = document AND number > withdrawn) AS patient_on, (
        SELECT bool_or(data->>'signer' = 'guardian')
        FROM entry WHERE entry.subject = course.subject AND kind = 'consent_signed' AND at >= begun_at
            AND data->>'document' = document AND number > withdrawn) AS by_guardian
    FROM course, unnest(CASE category WHEN 'can_become_pregnant' THEN ARRAY['patient-information', 'birth-defects']
        ELSE ARRAY['patient-information'] END) AS document, LATERAL (
            SELECT coalesce(max(number), 0) AS withdrawn FROM entry WHERE entry.subject = course.subject
                AND kind = 'consent_withdrawn' AND data->>'document' = document) AS taken_back
), allowed AS (
    SELECT subject, number, at, data->>'number' AS code, (data->>'pharmacy')::uuid AS pharmacy,
        (data->>'dispense_by')::date AS dispense_by, (
            SELECT min(day) FROM entry after WHERE after.subject = entry.subject AND after.number > entry.number
                AND (kind IN ('category_changed', 'consent_withdrawn', 'discontinued', 'entry_struck', 'file_linked',
                    'file_unlinked', 'pregnancy_reported', 'transferred')
                    OR (kind = 'pregnancy_test' AND data->>'result' = 'positive'))) AS void_on
    FROM entry WHERE kind = 'authorized' AND NOT EXISTS (SELECT FROM entry done WHERE done.subject = entry.subject
        AND done.kind IN ('dispensed', 'reversed') AND done.data->>'authorization' = entry.data->>'number')
), blocker AS (
    SELECT subject, 'prescriber-not-certified' AS code, '{}'::text[] AS who FROM person, moment
        WHERE NOT EXISTS (SELECT FROM ledger_record certified WHERE certified.subject = practice
            AND certified.kind = 'certified' AND certified.at <= moment.at
            AND moment.day BETWEEN (certified.data->>'first')::date AND (certified.data->>'last')::date)
        OR 'suspended' = (SELECT kind FROM ledger_record step WHERE step.subject = practice AND step.at <= moment.at
            AND kind IN ('suspended', 'reinstated') ORDER BY number DESC LIMIT 1)
    UNION ALL SELECT subject, 'under-age', '{}' FROM course JOIN person USING (subject), moment
        WHERE moment.day < born_on + interval '12 years'
    UNION ALL SELECT subject, 'gap', '{}' FROM course, moment
        WHERE moment.day < 56 + (SELECT max(last_dose_on) FROM ended WHERE ended.subject = course.subject)
    UNION ALL SELECT subject, 'unsigned', '{patient}' FROM signature WHERE patient_on IS NULL
    UNION ALL SELECT subject, 'unsigned', CASE WHEN moment.day < born_on + interval '18 years'
            THEN '{guardian}'::text[] ELSE '{patient}' END
        FROM signature JOIN person USING (subject), moment
        WHERE patient_on < born_on + interval '18 years' AND by_guardian IS NOT TRUE
    UNION ALL SELECT subject, 'lead-in', '{}' FROM lead_in, moment WHERE moment.day < over_on
        AND NOT EXISTS (SELECT FROM filled WHERE filled.subject = lead_in.subject)
    UNION ALL SELECT subject, 'test', '{prescriber}' FROM course LEFT JOIN last_window USING (subject)
        WHERE category = 'can_become_pregnant' AND last IS NULL
    UNION ALL SELECT subject, 'window-expired', '{prescriber}' FROM last_window, moment WHERE last < moment.day
    UNION ALL SELECT subject, 'lockout', '{}' FROM last_window, moment WHERE last < moment.day
        AND moment.day < '2026-11-15' AND moment.day < first + 19
        AND NOT EXISTS (SELECT FROM filled WHERE filled.subject = last_window.subject)
    UNION ALL SELECT subject, 'visit', '{prescriber}' FROM since WHERE NOT EXISTS (SELECT FROM entry
        WHERE entry.subject = since.subject AND kind = 'counselled' AND at >= practice_from)
    UNION ALL SELECT subject, 'visit', '{prescriber}' FROM course, moment
        WHERE category <> 'can_become_pregnant' AND CASE WHEN moment.day < '2026-11-15'
            THEN NOT EXISTS (SELECT FROM last_window WHERE last_window.subject = course.subject)
            ELSE NOT EXISTS (SELECT FROM entry WHERE entry.subject = course.subject AND kind = 'counselled'
                AND entry.at >= begun_at) END
    UNION ALL SELECT subject, 'methods', ARRAY[by] FROM methods JOIN since USING (subject)
        WHERE named IS NULL AND (by = 'prescriber' OR patient_from IS NOT NULL)
    UNION ALL SELECT subject, 'nobody-asks-yet', '{}' FROM since WHERE patient_from IS NULL
    UNION ALL SELECT subject, 'mismatch', '{prescriber,patient}' FROM methods one JOIN methods other USING (subject)
        WHERE one.by = 'prescriber' AND other.by = 'patient' AND one.named <> other.named
    UNION ALL SELECT subject, 'questions', '{patient}' FROM since WHERE patient_from IS NOT NULL AND NOT EXISTS (
        SELECT FROM entry WHERE entry.subject = since.subject AND kind = 'comprehension_passed' AND at >= patient_from)
    UNION ALL SELECT subject, 'authorized', '{}' FROM allowed, moment
        WHERE void_on IS NULL AND dispense_by >= moment.day
), owed AS (
    SELECT subject, due_on FROM latest_ended, unnest(ARRAY[last_dose_on, last_dose_on + 30]) AS due_on
    WHERE category = 'can_become_pregnant' AND NOT EXISTS (
            SELECT FROM course WHERE course.subject = latest_ended.subject)
        AND NOT EXISTS (SELECT FROM entry WHERE entry.subject = latest_ended.subject AND kind = 'pregnancy_test'
            AND data->>'result' <> 'indeterminate' AND (data->>'collected_on')::date >= due_on
            AND (due_on <> last_dose_on OR (data->>'collected_on')::date < last_dose_on + 30))
), file AS (
    SELECT subject, practice, coalesce(stop.is_open, false) AS is_stopped, course.subject IS NOT NULL AS is_open,
        was_invited AND NOT has_accepted AS is_invited, last_window.first, last_window.last, category,
        array(SELECT code FROM blocker WHERE blocker.subject = person.subject) AS blockers,
        array(SELECT DISTINCT one FROM blocker, unnest(who) AS one WHERE blocker.subject = person.subject) AS lacking,
        (SELECT count(*) FROM owed WHERE owed.subject = person.subject) AS owed,
        (SELECT count(*) FROM owed, moment WHERE owed.subject = person.subject AND due_on < moment.day - 1) AS late,
        EXISTS (SELECT FROM filled WHERE filled.subject = person.subject) AS has_filled,
        (SELECT over_on FROM lead_in WHERE lead_in.subject = person.subject) AS over_on
    FROM person LEFT JOIN stop USING (subject) LEFT JOIN course USING (subject) LEFT JOIN last_window USING (subject)
)
"""

#: The stage of each file, the gravest first.
STAGE = """
SELECT practice, CASE
    WHEN is_stopped THEN 'stopped'
    WHEN NOT is_open AND owed > 0 THEN 'followed-up'
    WHEN NOT is_open THEN 'closed'
    WHEN 'authorized' = ANY(blockers) THEN 'authorized'
    WHEN 'unsigned' = ANY(blockers) AND is_invited THEN 'invited'
    WHEN 'unsigned' = ANY(blockers) THEN 'consent'
    WHEN blockers = '{}' THEN 'ready'
    WHEN 'window-expired' = ANY(blockers) THEN 'window-missed'
    WHEN first <= moment.day AND last >= moment.day THEN 'month'
    WHEN category <> 'can_become_pregnant' AND NOT (has_filled AND 'visit' = ANY(blockers)) THEN 'month'
    WHEN has_filled THEN 'between-fills'
    WHEN over_on IS NULL OR moment.day < over_on THEN 'lead-in'
    ELSE 'second-test' END AS stage FROM file, moment
"""

#: Windows whose last day it is, by whose part is lacking in its last instant; none while a stop is open.
MISSED = """
SELECT practice AS place, CASE cardinality(lacking) WHEN 0 THEN 'pick-up' WHEN 1 THEN lacking[1] ELSE 'several' END
FROM file, moment WHERE category = 'can_become_pregnant' AND last = moment.day AND NOT is_stopped
"""
