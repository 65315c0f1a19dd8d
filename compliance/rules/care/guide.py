"""The Medication Guide, opened by the patient before a fill."""

from dataclasses import dataclass

from ..fields import number, text
from ..record import Record


@dataclass(frozen=True, slots=True)
class GuideOpened(Record):
    """The patient opened the Medication Guide, and which text that was. A note: no gate asks for it."""

    kind = "guide_opened"
    readers = {"version": number, "language": text, "sha256": text}
    version: int
    language: str
    sha256: str
