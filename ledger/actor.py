"""The actor of a request or record: an account, its role, and for whom it acts."""

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
