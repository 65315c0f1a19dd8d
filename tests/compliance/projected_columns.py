"""Each column that is a projection, and how the owner's SQL changes it."""

#: Table, row, column, value, and what the check says of it.
type Case = tuple[str, str, str, str, str]

CASES: list[Case] = [
    ("patients_patient", "linked", "linked_to_id", "NULL", "linked_to_id"),
    ("patients_patient", "other", "linked_to_id", "NULL", "linked_to_id"),
    ("patients_patient", "offered", "linked_to_id", "id", "linked_to_id"),
    ("patients_patient", "linked", "number", "'23456789'", "number"),
    ("patients_patient", "linked", "born_on", "'1999-09-09'", "born_on"),
    ("patients_patient", "linked", "program", "'other-program'", "program"),
    ("patients_patient", "linked", "prescriber_id", "'{other_prescriber}'", "prescriber_id"),
    ("patients_patient", "offered", "offered_to_id", "NULL", "offered_to_id"),
    ("patients_patient", "linked", "offered_to_id", "'{other_prescriber}'", "offered_to_id"),
    ("patients_patient", "minor", "user_id", "NULL", "user_id"),
    ("patients_patient", "minor", "user_id", "'{stranger}'", "user_id"),
    ("patients_guardian", "guardian", "user_id", "NULL", "guardian.user_id"),
    ("patients_guardian", "guardian", "user_id", "'{stranger}'", "guardian.user_id"),
    ("patients_guardian", "guardian", "patient_id", "'{linked}'", "guardian.patient_id"),
    ("patients_prescriber", "other_prescriber", "state", "'approved'", "state"),
    ("patients_prescriber", "prescriber", "program", "'other-program'", "program"),
    ("patients_pharmacy", "pharmacy", "state", "'approved'", "state"),
    ("patients_pharmacy", "pharmacy", "program", "'other-program'", "program"),
    ("patients_delegate", "delegation", "ended_at", "named_at", "delegations"),
    ("patients_delegate", "delegation", "named_at", "named_at - interval '1 day'", "delegations"),
    *[
        ("compliance_authorization", row, column, value, f"authorization.{column}")
        for row, column, value in [
            ("linked", "pharmacy_id", "'{pharmacy}'"),
            ("linked", "record", "record + 1"),
            ("linked", "issued_at", "issued_at - interval '1 minute'"),
            ("offered", "first_day", "first_day - 1"),
            ("offered", "dispense_by", "dispense_by + 1"),
            ("offered", "days_supply", "days_supply + 1"),
            ("offered", "state", "'reversed'"),
            ("linked", "handed_over_on", "handed_over_on + 1, entered_on = entered_on + 1"),
            ("linked", "entered_on", "entered_on + 1"),
        ]
    ],
    ("compliance_authorization", "linked", "number", "'XXXXXXXXXX'", "authorization.not recorded"),
    ("compliance_authorization", "linked", "number", "'XXXXXXXXXX'", "authorization.missing"),
    ("compliance_authorization", "linked", "patient_id", "'{offered}'", "authorization.missing"),
    ("compliance_pregnancycase", "pregnant", "patient_id", "'{linked}'", "pregnancy.missing"),
    ("compliance_pregnancycase", "pregnant", "patient_id", "'{linked}'", "pregnancy.not recorded"),
    ("compliance_pregnancycase", "pregnant", "record", "record + 1", "pregnancy.not recorded"),
    *[
        ("compliance_pregnancycase", "pregnant", column, value, f"pregnancy.{column}")
        for column, value in [
            ("found_at", "found_at - interval '1 day'"),
            ("found_by", "'test'"),
            ("phase", "'after-treatment'"),
            ("outcome", "'live-birth'"),
            ("exposure", "'exposed'"),
            ("cause", "'method-failed'"),
            ("followed_at", "found_at"),
        ]
    ],
    ("compliance_compliancecase", "other_prescriber", "place", "'{pharmacy}'", "case.missing"),
    ("compliance_compliancecase", "other_prescriber", "place", "'{pharmacy}'", "case.not recorded"),
    ("compliance_compliancecase", "other_prescriber", "number", "number + 1", "case.not recorded"),
    *[
        ("compliance_compliancecase", "other_prescriber", column, value, f"case.{column}")
        for column, value in [
            ("place_kind", "'pharmacy'"),
            ("signal", "'backdated'"),
            ("opened_at", "opened_at - interval '1 day'"),
            ("stage", "'notice'"),
            ("stage_at", "stage_at + interval '1 day'"),
            ("is_appealed", "true"),
            ("waits_for", "'place'"),
            ("due_on", "due_on + 1"),
            ("closed_at", "now(), due_on = NULL"),
        ]
    ],
    *[
        ("compliance_patientstatus", "linked", column, value, column)
        for column, value in [
            ("program", "'other-program'"),
            ("stage", "'ready'"),
            ("category", "'cannot_become_pregnant'"),
            ("window_first", "'2026-01-01'"),
            ("window_last", "'2030-01-01'"),
            ("blockers", "'[]'"),
            ("acts", "'[\"nobody\"]'"),
            ("owed", "'[[\"x\", null]]'"),
            ("log_number", "log_number + 1"),
            ("editions", "'none'"),
            ("assessed_at", "assessed_at - interval '40 days'"),
            ("next_due_at", "'2040-01-01'"),
            ("prescriber_acts_from", "'2040-01-01'"),
            ("designee_acts_from", "'2040-01-01'"),
            ("asks_since", "'2026-01-01'"),
        ]
    ],
]


def together(cases: list[Case]) -> list[list[Case]]:
    """Groups that are tried together: of each row one column, and no two columns that the check names alike."""
    groups: list[list[Case]] = []
    for case in cases:
        fitting = (group for group in groups if len(group) < 4 and not any(_clash(case, other) for other in group))
        group = next(fitting, None)
        if group is None:
            groups.append([case])
        else:
            group.append(case)
    return groups


def _clash(one: Case, other: Case) -> bool:
    return one[:2] == other[:2] or one[4] in other[4] or other[4] in one[4]
