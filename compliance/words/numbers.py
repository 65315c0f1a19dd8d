"""The numbers that sentences name: of the program and of its edition, never written into a sentence."""

from collections.abc import Mapping

from django.utils.translation import ngettext

from compliance.rules.editions import Edition, Program
from ui.navigation import Words as Text

#: What stands for each placeholder of a sentence.
Numbers = Mapping[str, str]


def numbers_of(program: Program, edition: Edition) -> Numbers:
    """What the placeholders stand for under that edition. One that the edition does not ask for is left out."""
    days = {
        "lead_in": edition.lead_in_days,
        "largest_supply": edition.largest_supply_days,
        "between_courses": edition.between_courses_days,
    }
    ages = {"least_age": edition.least_age, "adult_age": program.adult_age}
    return {name: str(age) for name, age in ages.items()} | {
        name: length_of(length) for name, length in days.items() if length is not None
    }


def length_of(days: int) -> str:
    """A length of time; whole weeks as such from six weeks on."""
    if days % 7 == 0 and days >= 42:
        return ngettext("%(count)d week", "%(count)d weeks", days // 7) % {"count": days // 7}
    return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}


def fill_in(text: Text, values: Numbers) -> str:
    """The sentence with its placeholders filled in."""
    result = str(text)
    for name, value in values.items():
        result = result.replace(f"{{{name}}}", value)
    return result
