"""What the program office learns of a pregnancy, until its outcome. It advises nobody, and decides nothing."""

from dataclasses import dataclass

from ..fields import listed, number, text
from ..record import Record

#: Not known yet; and what a pregnancy came to, or that there was none, or that nobody could be reached any more.
PENDING = "pending"
OUTCOMES = (
    PENDING, "live-birth", "live-birth-affected", "stillbirth", "miscarriage", "termination", "ectopic",
    "not-pregnant", "lost",
)  # fmt: skip

#: Whether the medicine was taken during the pregnancy, or in the 30 days before it.
EXPOSURES = ("unknown", "exposed", "not-exposed")

#: Why it came to it, as far as the patient and the practice can say.
CAUSES = (
    "unknown", "no-method", "one-method", "method-failed", "method-changed", "pregnant-at-start", "after-treatment",
    "wrong-category", "not-pregnant", "other",
)  # fmt: skip

#: No pregnancy lasts longer.
MOST_WEEKS = 45


def weeks(raw: object) -> int:
    """Whole weeks of a pregnancy."""
    value = number(raw)
    if not 0 <= value <= MOST_WEEKS:
        raise ValueError("not-listed")
    return value


@dataclass(frozen=True, slots=True)
class PregnancyFollowed(Record):
    """What the office knows by now of a pregnancy: the latest of these about one case counts.

    `case` is the number of the record by which it was found; `note` the digest of the office's own words.
    """

    kind = "pregnancy_followed"
    readers = {
        "case": number, "outcome": listed(*OUTCOMES), "exposure": listed(*EXPOSURES), "cause": listed(*CAUSES),
        "gestation_weeks": weeks, "note": text,
    }  # fmt: skip
    case: int
    outcome: str
    exposure: str
    cause: str
    gestation_weeks: int | None = None
    note: str | None = None
