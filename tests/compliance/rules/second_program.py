"""A made-up program: a 14-day window, no lead-in, one document, other methods. It runs by its tables alone."""

from datetime import date

from compliance.rules.categories import Category
from compliance.rules.contraception import table
from compliance.rules.editions import Edition, Program
from compliance.rules.sources import Source

ANYWHERE = frozenset({"laboratory", "clinic", "home"})

EDITION = Edition(
    code="one",
    in_force_from=date(2026, 1, 1),
    screening=ANYWHERE,
    confirmatory=ANYWHERE,
    retest=ANYWHERE,
    monthly=ANYWHERE,
    lockout_days=None,
    retest_asks_menses=False,
    cannot_counselling_days=10,
    window_last_day=13,
    screening_gap_days=5,
    lead_in_days=None,
    largest_supply_days=60,
    between_courses_days=7,
    least_age=16,
    windowless_days=10,
    after_treatment_days=20,
    sources={},
)
_NAMES = [f for f in Edition.__dataclass_fields__ if f not in ("code", "version", "known_from", "sources")]

SECOND = Program(
    code="second",
    zone="America/Chicago",
    editions=(
        Edition(**{
            **{name: getattr(EDITION, name) for name in Edition.__dataclass_fields__},
            "sources": dict.fromkeys(_NAMES, Source.ASSUMED),
        }),
    ),
    categories={
        "can_become_pregnant": Category(code="can_become_pregnant", documents=("agreement",), tests=True),
        "cannot_become_pregnant": Category(
            code="cannot_become_pregnant", documents=("agreement",), tests=False, reasons=("male",)
        ),
    },
    methods=table(("ring", "primary", "hormonal"), ("foam", "secondary", "foam"), ("none", "alone", "none")),
    settings=("laboratory", "clinic", "home"),
    adult_age=18,
    entries_back_days=60,
)  # fmt: skip
