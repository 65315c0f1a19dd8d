"""The prescription: what is taken, at which weight. It advises: no gate asks for it."""

from dataclasses import dataclass

from ..fields import flag, listed, number, numbers
from ..record import Record
from ..refusals import Refusal
from . import dose
from .products import PRODUCTS, table_of

#: More capsules a day nobody is asked to swallow.
MOST_CAPSULES = 20


@dataclass(frozen=True, slots=True)
class Prescribed(Record):
    """A product, the capsules of a day, the weight that they are for, and for how many days. No gate asks for it."""

    kind = "prescribed"
    readers = {
        "product": listed(*PRODUCTS), "capsules": numbers, "weight_g": number, "days_supply": number,
        "very_severe": flag,
    }  # fmt: skip
    product: str
    #: The strength of each capsule of a day, in mg, largest first.
    capsules: tuple[int, ...]
    weight_g: int
    days_supply: int
    very_severe: bool = False

    @property
    def daily_mg(self) -> int:
        """mg a day."""
        return sum(self.capsules)


def refusal(record: Prescribed) -> Refusal | None:
    """Why this cannot be meant: a slip of the hand, whoever the patient is."""
    if not dose.WEIGHTS_G[0] <= record.weight_g <= dose.WEIGHTS_G[1]:
        return Refusal("weight", "weight-impossible")
    if not 1 <= record.days_supply <= dose.LONGEST_DAYS:
        return Refusal("days_supply", "prescribed-too-long")
    if not 1 <= len(record.capsules) <= MOST_CAPSULES or min(record.capsules) < 1:
        return Refusal("target", "dose-impossible")
    bounds = dose.RANGES[table_of(record.product)]
    taken = dose.per_kg(record.daily_mg, record.weight_g)
    return None if bounds.least <= taken <= bounds.most else Refusal("target", "dose-impossible")
