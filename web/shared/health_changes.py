"""What the patient said of allergies, medicines and conditions: the same lines for the practice and the patient."""

from dataclasses import dataclass
from datetime import datetime

from compliance.rules.care.health_review import open_changes, settled_changes, unchanged_since
from ledger.erasable_text import read_texts
from web.shared.common import PatientContext


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """What the patient said has changed, and when; the words are empty where they were erased."""

    number: int
    at: datetime
    words: str
    #: When the practice entered the answers anew; None while it has not.
    settled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class HealthChanges:
    """What waits for the practice, and when the patient last said that nothing has changed."""

    waiting: list[ChangeLine]
    unchanged_at: datetime | None


def health_changes(ctx: PatientContext) -> HealthChanges:
    """Of the patient's file. One query where something waits."""
    history = ctx.file.history(ctx.at)
    found, unchanged = open_changes(history), unchanged_since(history)
    texts = read_texts(record.words for _entry, record in found if record.words) if found else {}
    lines = [ChangeLine(entry.number, entry.at, texts.get(record.words or "", "")) for entry, record in found]
    return HealthChanges(lines, unchanged.at if unchanged is not None else None)


def changes_before(ctx: PatientContext) -> list[ChangeLine]:
    """What the patient said before and the practice has entered since, newest first. One query where there is any."""
    found = settled_changes(ctx.file.history(ctx.at))
    texts = read_texts(record.words for _entry, record, _answer in found if record.words) if found else {}
    return [
        ChangeLine(entry.number, entry.at, texts.get(record.words or "", ""), answer.at)
        for entry, record, answer in reversed(found)
    ]
