"""Go on with a check of all logs where it stopped. A file holds which parts were checked, and of what.

What was checked is bound: of each part by a SHA-256 over its records, texts and signed documents, of all by the newest
checkpoint. A part that is not as it was is checked again, and so is each log that has grown. The file itself is
believed: it belongs where the owner of the database cannot write.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from uuid import UUID

from django.db import connection

from ledger.models import Checkpoint
from ledger.verify import Part, Problem

#: What the parts hold, each read by PostgreSQL alone: some twenty times quicker than to check it.
_DIGESTS = (
    """
    SELECT sha256(string_agg(sha256(convert_to(one::text, 'UTF8')), ''::bytea ORDER BY subject, number))
    FROM ledger_record AS one WHERE subject > %(after)s AND subject <= %(until)s AND id <= %(last)s
    """,
    """
    SELECT sha256(string_agg(sha256(convert_to(one::text, 'UTF8')), ''::bytea ORDER BY digest))
    FROM ledger_erasabletext AS one WHERE subject > %(after)s AND subject <= %(until)s
      AND EXISTS (SELECT 1 FROM ledger_record WHERE subject = one.subject AND id <= %(last)s)
    """,
    """
    SELECT sha256(string_agg(sha256(data), ''::bytea ORDER BY one.subject, signature))
    FROM compliance_signedpdf AS one WHERE subject > %(after)s AND subject <= %(until)s
    """,
)


class CannotResume(Exception):
    """Why the check begins anew, in a sentence."""


@dataclass
class State:
    """How far a check is: what it checks, and of each part that was checked the digest and what was found."""

    rules: bool
    #: Into how many parts the logs are divided, and the last record that was there when the check began.
    parts: int
    last: int
    #: Number and hash of the newest checkpoint when it began; 0 where there was none.
    checkpoint: int = 0
    checkpoint_hash: str = ""
    digests: dict[str, str] = field(default_factory=dict)
    found: dict[str, list[Sequence[object]]] = field(default_factory=dict)

    @classmethod
    def begin(cls, parts: int, *, rules: bool) -> "State":
        """A check of what there is now."""
        newest = Checkpoint.objects.order_by("-number").values_list("number", "hash").first()
        with connection.cursor() as cursor:
            cursor.execute("SELECT coalesce(max(id), 0) FROM ledger_record")
            (last,) = cursor.fetchone()
        return cls(rules, parts, last, *(newest or (0, "")))

    @classmethod
    def read(cls, path: Path, parts: int, *, rules: bool) -> "State":
        """The check of which the file tells. Raises CannotResume."""
        try:
            state = cls(**json.loads(path.read_text()))
        except (OSError, ValueError, TypeError):
            raise CannotResume(f"{path} does not tell of a check") from None
        if (state.parts, state.rules) != (parts, rules):
            raise CannotResume(f"{path} tells of a check of something else")
        seen = Checkpoint.objects.filter(number=state.checkpoint).values_list("hash", flat=True).first() or ""
        if seen != state.checkpoint_hash:
            raise CannotResume(f"checkpoint {state.checkpoint} is not the one that {path} names")
        return state

    def note(self, place: int, digest: str, found: Sequence[Problem]) -> None:
        """That part was checked."""
        self.digests[str(place)] = digest
        self.found[str(place)] = [[one.subject_kind, str(one.subject), one.number, one.what] for one in found]

    def problems(self, place: int) -> Iterator[Problem]:
        """What was found in that part when it was checked."""
        for kind, subject, number, what in self.found[str(place)]:
            yield Problem(str(kind), UUID(str(subject)), int(str(number)), str(what))

    def keep(self, path: Path) -> None:
        """Write the file anew, whole."""
        part = path.with_suffix(f"{path.suffix}.part")
        part.write_text(json.dumps(asdict(self)))
        part.rename(path)

    def is_as_checked(self, place: int, part: Part) -> bool:
        """Whether that part was checked, and is as it was then but for what was added."""
        known = self.digests.get(str(place))
        return known is not None and known == digest_of(part, self.last)


def digest_of(part: Part, last: int) -> str:
    """A SHA-256 over what the part holds, up to the record with that id."""
    whole = hashlib.sha256()
    with connection.cursor() as cursor:
        for sql in _DIGESTS:
            cursor.execute(sql, {"after": part.after, "until": part.until, "last": last})
            whole.update(bytes(cursor.fetchone()[0] or b"\0" * 32))
    return whole.hexdigest()


def grown_since(last: int, within: Sequence[Part]) -> list[Part]:
    """The logs in these parts that have records after the one with that id, each as a part of its own."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT subject FROM ledger_record WHERE id > %s ORDER BY subject", [last])
        subjects = [row[0] for row in cursor.fetchall()]
    return [
        Part(UUID(int=subject.int - 1), subject)
        for subject in subjects
        if any(part.after < subject <= part.until for part in within)
    ]
