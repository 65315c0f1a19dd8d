"""What is at stake when two files are linked, or a link is ended, and what waits for a second officer."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from django.db.models import Q

from compliance.models import Proposal
from compliance.records.columns import NotAsRecorded
from ledger.actor import Actor
from patients.models import Patient

from . import two_officers
from .held_enrolments import Standing, plain, standings
from .two_officers import Agreed

#: Under these names a link, and the end of one, wait for a second officer.
LINK, UNLINK = "link-files", "unlink-file"

#: A link is between two files, in whichever order they are named.
_PAIRS = UUID("0c5b7b1e-52a3-5d4c-8a8e-6f0f6f1d2b90")


@dataclass(frozen=True, slots=True)
class Case:
    """A link to be made or ended: between which files, and where each of all that it concerns stands."""

    action: str
    #: The two files to link, or the one to take out.
    files: tuple[UUID, ...]
    #: Of these files and all that are linked with them.
    standings: Mapping[UUID, Standing]

    @classmethod
    def of(cls, action: str, files: Iterable[UUID], group: Iterable[UUID], at: datetime) -> "Case":
        """As the files stand at `at`; `group` is all that are concerned."""
        return cls(action, tuple(sorted(files)), standings(sorted(group), at))

    @classmethod
    def read(cls, action: str, files: Sequence[UUID], at: datetime) -> "Case":
        """As the files stand at `at`, without a lock: for pages."""
        oldest = Patient.objects.filter(pk__in=files).exclude(linked_to=None).values("linked_to")
        group = Patient.objects.filter(Q(pk__in=files) | Q(linked_to__in=oldest)).values_list("pk", flat=True)
        return cls.of(action, files, group, at)

    @property
    def needs_two(self) -> bool:
        """Whether two officers decide: a stop or an open course stands in one of the files."""
        return any(standing.at_stake for standing in self.standings.values())

    @property
    def subject(self) -> UUID:
        """What is decided about: the file that is taken out, or the pair."""
        return self.files[0] if self.action == UNLINK else uuid5(_PAIRS, ":".join(map(str, self.files)))

    @property
    def payload(self) -> dict[str, object]:
        """What exactly two officers agree on. As soon as a file stands elsewhere, nothing is agreed."""
        return {"files": [str(file) for file in self.files], "states": plain(self.standings)}

    def settle(self, reason: str, *, by: Actor, at: datetime) -> Agreed | None:
        """What is agreed; None while it waits for the second officer. Runs under the locks on all the files."""
        step = two_officers.Step(action=self.action, subject=self.subject, payload=self.payload, reason=reason)
        return two_officers.settle(step, two=self.needs_two, by=by, at=at)

    def proposal(self, at: datetime) -> Proposal | None:
        """What one officer asked for and another one can confirm now."""
        row = two_officers.waiting(self.action, at).filter(subject=self.subject).first()
        return row if row is not None and self.needs_two and row.payload == self.payload else None


def waiting(action: str, at: datetime) -> Iterator[tuple[Proposal, Case]]:
    """What waits for a second officer, oldest first: of links, or of ends. What has lapsed is left out.

    So is what concerns a file that columns contradict: nobody confirms that, and it keeps no other from the list.
    """
    for row in two_officers.waiting(action, at):
        with suppress(NotAsRecorded):
            case = Case.read(action, [UUID(file) for file in row.payload["files"]], at)
            if case.proposal(at) is not None:
                yield row, case
