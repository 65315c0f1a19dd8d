"""The program `isotretinoin-us`: its tables and its three editions, each number with its source.

The only module that knows the drug: categories, reasons and their proof, methods, settings of tests, documents, ages.
"""

from dataclasses import fields, replace
from datetime import date

from compliance.rules.categories import Category, Proof
from compliance.rules.contraception import table
from compliance.rules.editions import Edition, Program
from compliance.rules.sources import Source

CODE = "isotretinoin-us"

SETTINGS = ("laboratory", "clinic", "home")
LABORATORY = frozenset({"laboratory"})
CLINICAL = frozenset({"laboratory", "clinic"})
ANYWHERE = frozenset(SETTINGS)

PATIENT_INFORMATION = "patient-information"
BIRTH_DEFECTS = "birth-defects"

CAN = "can_become_pregnant"
CANNOT = "cannot_become_pregnant"
POST_MENOPAUSAL = "post-menopausal-confirmed"

#: Source: rules.md, section 7.
CATEGORIES = (
    Category(code=CAN, documents=(PATIENT_INFORMATION, BIRTH_DEFECTS), tests=True),
    Category(
        code=CANNOT,
        documents=(PATIENT_INFORMATION,),
        tests=False,
        reasons=("male", "hysterectomy", "bilateral-oophorectomy", POST_MENOPAUSAL),
    ),
)

#: Offered, often enough, and never accepted.
REASONS_NOT_ACCEPTED = (
    "tubal-sterilization",
    "partner-vasectomy",
    "abstinence",
    "not-yet-menstruating",
    "menopause-not-confirmed",
)

PROOF_OF_MENOPAUSE = Proof(
    findings={"fsh": "post-menopausal", "hcg": "negative", "estradiol": "low", "progesterone": "absent"},
    all_up_to_age=54,
    above=("fsh",),
)

#: Source: rules.md, section 6.
METHODS = table(
    ("tubal-sterilization", "primary", "tubal"),
    ("partner-vasectomy", "primary", "vasectomy"),
    ("iud", "primary", "iud"),
    ("combined-pill", "primary", "hormonal"),
    ("patch", "primary", "hormonal"),
    ("injection", "primary", "hormonal"),
    ("implant", "primary", "hormonal"),
    ("vaginal-ring", "primary", "hormonal"),
    ("male-latex-condom", "secondary", "condom"),
    ("diaphragm-with-spermicide", "secondary", "diaphragm"),
    ("cervical-cap-with-spermicide", "secondary", "cap"),
    ("sponge", "secondary", "sponge"),
    ("abstinence", "alone", "abstinence"),
)

#: Looked for now and then, and never accepted.
METHODS_NOT_ACCEPTED = (
    "progestin-only-pill",
    "female-condom",
    "withdrawal",
    "fertility-awareness",
    "breastfeeding",
    "cervical-shield",
    "spermicide-alone",
)

_NOT_PARAMETERS = {"code", "version", "known_from", "sources"}


def _cited(default: Source, **entry: Source) -> dict[str, Source]:
    """A source for every parameter of an edition: `default`, but for those named."""
    names = {f.name for f in fields(Edition)} - _NOT_PARAMETERS
    return {name: entry.get(name, default) for name in names}


EDITION_2021 = Edition(
    code="2021",
    in_force_from=date(2021, 12, 13),
    screening=CLINICAL,
    confirmatory=LABORATORY,
    retest=LABORATORY,
    monthly=LABORATORY,
    lockout_days=19,
    retest_asks_menses=True,
    cannot_counselling_days=30,
    window_last_day=6,
    screening_gap_days=19,
    lead_in_days=30,
    largest_supply_days=30,
    between_courses_days=56,
    least_age=12,
    windowless_days=30,
    after_treatment_days=30,
    sources=_cited(
        Source.FDA_REMS_2021,
        lockout_days=Source.NOTICES,
        window_last_day=Source.NOTICES,
        lead_in_days=Source.ASSUMED,
        between_courses_days=Source.LABEL,
        least_age=Source.LABEL,
        windowless_days=Source.ASSUMED,
        new_versions_signed_again=Source.ASSUMED,
    ),
)

EDITION_2023 = replace(
    EDITION_2021,
    code="2023",
    in_force_from=date(2023, 10, 3),
    confirmatory=CLINICAL,
    retest=CLINICAL,
    monthly=ANYWHERE,
    sources=_cited(
        Source.FDA_REMS_2023,
        confirmatory=Source.ENFORCEMENT_2023,
        retest=Source.ENFORCEMENT_2023,
        monthly=Source.ENFORCEMENT_2023,
        lockout_days=Source.NOTICES,
        window_last_day=Source.NOTICES,
        lead_in_days=Source.ASSUMED,
        between_courses_days=Source.LABEL,
        least_age=Source.LABEL,
        windowless_days=Source.ASSUMED,
        new_versions_signed_again=Source.ASSUMED,
    ),
)

EDITION_2026 = replace(
    EDITION_2023,
    code="2026",
    in_force_from=date(2026, 11, 15),
    lockout_days=None,
    retest_asks_menses=False,
    cannot_counselling_days=None,
    sources=_cited(
        Source.FDA_2026,
        in_force_from=Source.ASSUMED,
        retest_asks_menses=Source.ASSUMED,
        screening_gap_days=Source.ASSUMED,
        window_last_day=Source.NOTICES,
        lead_in_days=Source.ASSUMED,
        between_courses_days=Source.LABEL,
        least_age=Source.LABEL,
        windowless_days=Source.ASSUMED,
        new_versions_signed_again=Source.ASSUMED,
    ),
)

ISOTRETINOIN_US = Program(
    code=CODE,
    zone="America/New_York",
    editions=(EDITION_2021, EDITION_2023, EDITION_2026),
    categories={category.code: category for category in CATEGORIES},
    reasons_not_accepted=REASONS_NOT_ACCEPTED,
    proofs={POST_MENOPAUSAL: PROOF_OF_MENOPAUSE},
    methods=METHODS,
    methods_not_accepted=METHODS_NOT_ACCEPTED,
    settings=SETTINGS,
    adult_age=18,
    entries_back_days=60,
)
