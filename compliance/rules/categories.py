"""Who can and who cannot become pregnant, and what proves the second (rules, section 7)."""

from collections.abc import Mapping

CAN = "can_become_pregnant"
CANNOT = "cannot_become_pregnant"
CATEGORIES = (CAN, CANNOT)

POST_MENOPAUSAL = "post-menopausal-confirmed"
REASONS = ("male", "hysterectomy", "bilateral-oophorectomy", POST_MENOPAUSAL)

#: Offered, often enough, and never accepted; named so that a page can say so.
NOT_REASONS = (
    "tubal-sterilization",
    "partner-vasectomy",
    "abstinence",
    "not-yet-menstruating",
    "menopause-not-confirmed",
)

#: The finding that each laboratory value must show.
PROOF = {"fsh": "post-menopausal", "hcg": "negative", "estradiol": "low", "progesterone": "absent"}

#: Up to and including this age (in years) all four findings are asked for; above it FSH alone.
STRICT_PROOF_UP_TO_AGE = 54


def proof_asked(age: int) -> tuple[str, ...]:
    """The findings that prove menopause at `age` years."""
    return tuple(PROOF) if age <= STRICT_PROOF_UP_TO_AGE else ("fsh",)


def proof_lacking(age: int, proof: Mapping[str, object] | None) -> str | None:
    """The first finding that is asked for at `age` and not shown by `proof`; None when it is whole."""
    shown = proof or {}
    return next((name for name in proof_asked(age) if shown.get(name) != PROOF[name]), None)
