"""The dates ahead of a patient on pages and in calendars: one reading of the file for both."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid5

from django.urls import reverse

from compliance.records.file import File
from compliance.rules.assessment import Assessment
from compliance.rules.blockers import GUARDIAN, PATIENT
from compliance.rules.planned import PlannedDate, Revised, planned, revised
from compliance.words.planned import DATES
from ui.navigation import Words

#: How far ahead the page looks. A calendar takes what lies further ahead as well.
_AHEAD = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class DateLine:
    """One date on a page, with where it is taken into a calendar."""

    label: Words
    on: date
    ends: bool
    url: str


def occasion_id(patient: UUID, one: PlannedDate) -> UUID:
    """The id of an occasion: the same however often it moves. It tells neither the patient nor what it is of."""
    return uuid5(patient, one.occasion)


def lines(patient: UUID, assessment: Assessment | None, side: str = PATIENT) -> list[DateLine]:
    """The dates of the year from today on, for the page; none before the first edition."""
    if assessment is None:
        return []
    today = assessment.day
    return [_line(patient, one, side) for one in planned(assessment, side) if today <= one.on <= today + _AHEAD]


def _line(patient: UUID, one: PlannedDate, side: str) -> DateLine:
    words, url = DATES[one.code], reverse("calendar:date", kwargs={"occasion": occasion_id(patient, one)})
    label = (side == GUARDIAN and words.to_guardian) or words.label
    return DateLine(label, one.on, words.ends, url)


def revised_in(file: File, at: datetime, side: str = PATIENT) -> Sequence[Revised]:
    """Every date of a file with its revision, for a calendar."""
    entries = [*file.entries, *(entry for entries in file.linked.values() for entry in entries)]
    return revised(file.assess, [entry.at for entry in entries], at, side=side)
