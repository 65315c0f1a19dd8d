"""Who does something: an account, in a role, for whom."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Actor:
    """The account that acts, its role, and the id of the one it acts for (a prescriber, a pharmacy, a patient)."""

    account: UUID
    role: str
    acting_for: UUID | None = None


#: The program itself, where no person acts.
SYSTEM = Actor(UUID(int=0), "system")
