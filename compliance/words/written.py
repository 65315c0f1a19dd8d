"""What somebody typed in their own words into a record, by kind: in which member its digest is, and who reads it.

The words are erasable texts beside the log. Those who wrote them read them in the record, and those to whom they were
written; never a pharmacy or a guardian. A test holds every member of every kind against these tables.
"""

from collections.abc import Mapping
from typing import NamedTuple

from accounts.roles import OFFICER, PATIENT, PRESCRIBER
from compliance.rules import records as r
from compliance.rules.care.health import HealthAnswered, HealthReviewed
from compliance.rules.care.pregnancies import PregnancyFollowed
from compliance.rules.care.questions import QuestionAsked
from compliance.rules.care.side_effects import ReportAnswered, SideEffectReported

#: The name within `sealed` under which words stand.
WORDS = "words"


class Written(NamedTuple):
    """The member that has the digest of words, and the sides that read them: `prescriber` is the practice."""

    member: str
    readers: frozenset[str]


_BOTH = frozenset({PATIENT, PRESCRIBER})
_PRACTICE = frozenset({PRESCRIBER})
_OFFICE = frozenset({OFFICER})

WRITTEN: Mapping[type[r.Record], Written] = {
    HealthReviewed: Written("words", _BOTH),
    HealthAnswered: Written("other", _BOTH),
    SideEffectReported: Written("sealed", _BOTH),
    ReportAnswered: Written("sealed", _BOTH),
    QuestionAsked: Written("question", _BOTH),
    r.HomeTestingSet: Written("safeguard", _PRACTICE),
    r.BirthDateCorrected: Written("reason", _PRACTICE),
    r.ContactCorrected: Written("reason", _PRACTICE),
    r.GuardianCorrected: Written("reason", _PRACTICE),
    r.GuardianEnded: Written("reason", _PRACTICE),
    r.EntryStruck: Written("reason", _PRACTICE),
    r.StopCleared: Written("reason", _PRACTICE),
    r.Discontinued: Written("reason", _PRACTICE),
    r.LastDoseCorrected: Written("reason", _PRACTICE),
    r.FileLinked: Written("reason", _OFFICE),
    r.FileUnlinked: Written("reason", _OFFICE),
    r.KeptApart: Written("reason", _OFFICE),
    # The page of its case shows it, and nothing else does.
    PregnancyFollowed: Written("note", frozenset()),
}


def digest_for(record: r.Record, role: str) -> str:
    """The digest of the words that somebody of that role reads in the record; empty where there are none."""
    written = WRITTEN.get(type(record))
    if written is None or role not in written.readers:
        return ""
    if isinstance(record, QuestionAsked) and record.signer != "patient" and role == PATIENT:
        return ""  # a guardian's question is between them and the practice
    found = getattr(record, written.member)
    return str((found or {}).get(WORDS, "") if written.member == "sealed" else found or "")
