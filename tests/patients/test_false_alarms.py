"""How often the search holds an enrolment of somebody new: at most 5 in 1,000, by names as frequent as in the census.

Everybody is made up and is there once, with a telephone and an address of their own: whatever is found is a false
alarm. The same seed makes the same people.
"""

import random
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import pytest

from patients.duplicates import Identity, matches_of, name_key
from patients.models import Patient
from patients.numbers import new_number
from tests import amount, factories
from tests.histories import NOW

#: The share of surnames in the census that are rarer than those that stand in the table with theirs.
RARE = 100 - 43.384
#: Ages at enrolment: from the least, to the greatest, most often.
AGES = (12, 50, 17)
FILES, ENROLMENTS, MOST_FALSE_ALARMS = (50_000, 1000, 5) if amount.EVERYTHING else (4_000, 500, 0)


class Names(NamedTuple):
    """Names with their weights."""

    names: list[str]
    weights: list[float]

    def draw(self, chance: random.Random) -> str:
        """One of them, as often as its weight says."""
        return chance.choices(self.names, self.weights)[0]


def census() -> dict[str, Names]:
    """The table's parts."""
    text = (Path(__file__).parent / "census_1990.txt").read_text()
    found = {}
    for title, body in re.findall(r"^\[(.+)\]\n([^\[]+)", text, re.MULTILINE):
        rows = [one.split() for one in body.replace("\n", " ").split(",")]
        found[title] = Names([row[0] for row in rows], [float(row[1]) if row[1:] else 0.0 for row in rows])
    rare = found.pop("rare surnames").names
    common = found["surnames"]
    share = RARE / len(rare)
    found["surnames"] = Names(common.names + rare, common.weights + [share] * len(rare))
    return found


def people(seed: int) -> Iterator[Identity]:
    """People without end, each another one."""
    chance, names = random.Random(seed), census()
    number = 0
    while True:
        number += 1
        given = names["women" if chance.random() < 0.55 else "men"].draw(chance)
        family = names["surnames"].draw(chance)
        if chance.random() < 0.03:
            family += f"-{names['surnames'].draw(chance)}"
        days = chance.triangular(*(365.25 * age for age in AGES))
        born_on: date = NOW.date() - timedelta(days=int(days))
        yield Identity(given, family, born_on, f"+1212{number:07d}", f"{number}@example.org")


@pytest.mark.django_db
def test_false_alarms_are_at_most_five_in_a_thousand_enrolments() -> None:
    everybody, prescriber, numbers = people(1), factories.prescriber(), set[str]()
    while len(numbers) < FILES:  # one draw of so many in sixteen has a number twice
        numbers.add(new_number())
    rows = (_row(number, next(everybody), prescriber.pk) for number in numbers)
    Patient.objects.bulk_create(rows, batch_size=2000)
    enrolling = [next(everybody) for _ in range(ENROLMENTS)]
    held = [person for person in enrolling if matches_of(person)]
    assert len(held) <= MOST_FALSE_ALARMS, f"{len(held)} of {ENROLMENTS} with {FILES} files"


def _row(number: str, person: Identity, prescriber: UUID) -> Patient:
    return Patient(
        program="isotretinoin-us", number=number, given_name=person.given_name, family_name=person.family_name,
        name_key=name_key(person.given_name, person.family_name), born_on=person.born_on, phone=person.phone,
        email=person.email, prescriber_id=prescriber, created_at=NOW,
    )  # fmt: skip
