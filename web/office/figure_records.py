"""What the figures of a month count: the rows of each list, as `compliance.records.figures` counts them."""

from collections.abc import Mapping

from django.db.models import Q

#: In the logs of patients.
OF_PATIENTS: Mapping[str, Q] = {
    "enrolled": Q(kind="enrolled"),
    "ended": Q(kind="discontinued"),
    "tests": Q(kind="pregnancy_test"),
    "fills": Q(kind="dispensed"),
    "days-to-fill": Q(kind="dispensed"),
    "authorized-at-once": Q(kind="authorized"),
    "reversed": Q(kind="reversed"),
    "found-by-test": Q(kind="pregnancy_test", data__result="positive"),
    "stops": Q(kind="pregnancy_reported") | Q(kind="pregnancy_test", data__result="positive"),
}

#: In the logs of practices and pharmacies.
OF_PLACES: Mapping[str, Q] = {
    "applied": Q(kind="applied"),
    "approved": Q(kind="approved"),
    "turned-down": Q(kind="turned_down"),
    "suspended": Q(kind="suspended"),
    "case-opened": Q(kind="case_opened"),
    "case-appeal": Q(kind="case_answered", data__step="appeal"),
    "case-closed": Q(kind="case_step", data__step="closed"),
}

#: In the logs of accounts.
OF_ACCOUNTS: Mapping[str, Q] = {
    "lookups-paused": Q(kind="lookups_paused"),
    "lockouts": Q(kind__in=("signing_locked", "password_closed")),
}

#: In the request log.
REQUESTS: Mapping[str, Q] = {
    "asked": Q(action="authorize"),
    "refused": Q(action="authorize") & ~Q(codes=[]),
    "unknown": Q(action="authorize", codes__contains=["no-such-patient"]),
}

#: By figure: whose logs, and which of their records.
RECORDS: Mapping[str, tuple[tuple[str, ...], Q]] = {
    **{code: (("patient",), counted) for code, counted in OF_PATIENTS.items()},
    **{code: (("prescriber", "pharmacy"), counted) for code, counted in OF_PLACES.items()},
    **{code: (("account",), counted) for code, counted in OF_ACCOUNTS.items()},
}
