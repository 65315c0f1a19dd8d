"""Places: for whom, and in which role, an account acts. An account may hold several; a session acts in one of them.

`accounts` knows neither practices nor patients: the setting `PLACES` names the function that finds an account's places.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string


@dataclass(frozen=True, slots=True)
class Place:
    """One role of an account, and for whom it acts there."""

    role: str
    #: Of the practice, the pharmacy or the file; of a guardian and an officer, who act for no single one, the account.
    id: UUID
    #: `applied`, `approved`, `suspended` or `declined`; empty for a patient, a guardian and an officer.
    state: str = ""
    program: str = ""
    #: For whom, as the log names it: the practice, the pharmacy, the file; nobody for a guardian and an officer.
    acting_for: UUID | None = None

    @property
    def code(self) -> str:
        """The place's name in a session and in a form."""
        return f"{self.role}:{self.id}"


Lookup = Callable[[UUID], tuple[Place, ...]]


def places_of(account: UUID) -> tuple[Place, ...]:
    """The places that an account holds now, in a fixed order: one query."""
    return _lookup()(account)


@cache
def _lookup() -> Lookup:
    lookup: Lookup = import_string(settings.PLACES)
    return lookup
