"""What a test would open on a day to come, in words: for the patient, who takes it, and for the practice."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from compliance.rules.planner import Plan, PlannerDay
from compliance.rules.shortfalls import Shortfall
from compliance.rules.workdays import holiday, is_weekend
from compliance.words.choices import SETTING
from compliance.words.outlook import shortfall_words
from ui import times
from ui.navigation import Words as Text


@dataclass(frozen=True, slots=True)
class StateWords:
    """What a day is worth, as a label with its tone."""

    label: Text
    tone: str


STATES: Mapping[str, StateWords] = {
    "best": StateWords(_("Best"), "yes"),
    "fits": StateWords(_("Possible"), "info"),
    "late": StateWords(_("Late"), "wait"),
    "again": StateWords(_("Not needed"), "quiet"),
    "too-early": StateWords(_("Too early"), "quiet"),
    "stopped": StateWords(_("On hold"), "no"),
    "lost": StateWords(_("Does not count"), "quiet"),
}

#: What is said instead of days, while something else comes first; `{day}` is filled in.
WAITS: Mapping[str, Mapping[str, Text]] = {
    "patient": {
        "stopped": _("Treatment is on hold. No test is planned until that is over."),
        "pick-up": _(
            "First comes the pick-up, possible until {day}. A test for the month after counts only when it is taken "
            "after that. Its days will stand here then."),
    },
    "prescriber": {
        "stopped": _("Treatment is stopped. No test opens a window before the stop is cleared."),
        "pick-up": _(
            "A window is open; pick-up is possible until {day}. A test for the next month counts only if it is "
            "collected after the day of that pick-up."),
    },
}  # fmt: skip

#: Why a test on a day to come would not count, by shortfall; `{day}` is filled in.
LOST: Mapping[str, Mapping[str, Text]] = {
    "patient": {
        "not-after-stop": _("It has to be taken after your treatment was put on hold. From {day} on it counts."),
        "not-after-fill": _("It does not count on the day of a pick-up. From {day} on it does."),
        "methods-not-declared": _(
            "Your prescriber has to enter your birth control first. The waiting time begins only then."),
        "too-soon-after-first": _("It is too soon after your first test. From {day} on it counts."),
        "in-lead-in": _("Your waiting time is not over yet. From {day} on it counts."),
        "in-lockout": _("After missed days the next test has to wait. From {day} on it counts."),
        "before-due": _("It is too early for the test after treatment. From {day} on it counts."),
        "after-due": _("It is too late for the test at the end of treatment. Ask your prescriber."),
        "already": _("A test of this day is in your record already."),
    },
    "prescriber": {
        "not-after-stop": _("It has to be collected after the stop. From {day} on it counts."),
        "not-after-fill": _("It has to be collected after the day of the last fill. From {day} on it counts."),
        "methods-not-declared": _("The prescriber enters the methods first. The lead-in counts from then."),
        "too-soon-after-first": _("It is too soon after the first test. From {day} on it counts."),
        "in-lead-in": _("The lead-in is not over. From {day} on it counts."),
        "in-lockout": _("After a missed first window the next test has to wait. From {day} on it counts."),
        "before-due": _("It is too early for the test that is owed. From {day} on it counts."),
        "after-due": _("It is too late for the test at the end of treatment, which stays owed."),
        "already": _("A test of this day is recorded already."),
    },
}  # fmt: skip

#: What a test on a day to come would open; `{…}` is filled in. `several-…` is said of a row of days.
OPENS: Mapping[str, Mapping[str, Text]] = {
    "patient": {
        "first-test": _("It counts as your first test. The second can be taken from {day} on."),
        "first-test-waits": _(
            "It counts as your first test. The waiting time begins once your prescriber has entered your birth "
            "control."),
        "owed": _("It counts as one of the tests after treatment. The other can be taken from {day} on."),
        "owed-last": _("It counts as the last test after treatment."),
        "pick-up": _("You can pick up your medicine from {first} until {last}, once everything else is done."),
        "lasts": _("What you have lasts until {day}."),
        "menses": _(
            "It has to be taken in the first five days of your period. If your periods are irregular or absent, any "
            "day counts."),
        "free": _("Its days to pick up end on {last}; a pick-up is possible at all from {day} on."),
        "again": _("You can pick up already. This test would only move the days, and you would be asked anew."),
        "late": _("What you have ends before that, on {day}."),
        "places": _("It counts when it is taken here: {places}."),
        "several-too-early": _(
            "What you have lasts until {day}. The days to pick up would be over before you need more."),
        "several-free": _("The days to pick up would be over before a pick-up is possible at all, on {day}."),
        "several-late": _("What you have ends before, on {day}."),
        "several-fits": _("These days count too."),
    },
    "prescriber": {
        "first-test": _("It counts as the first test. The second can be collected from {day} on."),
        "first-test-waits": _(
            "It counts as the first test. The lead-in begins once the prescriber has entered the methods."),
        "owed": _("It is one of the tests owed. The other can be collected from {day} on."),
        "owed-last": _("It is the last test that is owed."),
        "pick-up": _("Pick-up is possible from {first} until {last}, once nothing else is missing."),
        "lasts": _("The supply in hand lasts until {day}."),
        "menses": _("It counts in the first five days of menses, or with irregular or absent menses."),
        "free": _("Its window closes on {last}; a pick-up is possible at all from {day} on."),
        "again": _("A window is open already. This test would begin another one, and the patient is asked anew."),
        "late": _("The supply in hand ends before that, on {day}."),
        "places": _("It counts when it is taken here: {places}."),
        "several-too-early": _(
            "The supply in hand lasts until {day}. A window of these days closes before the next is needed."),
        "several-free": _("A window of these days closes before a pick-up is possible at all, on {day}."),
        "several-late": _("The supply in hand ends before, on {day}."),
        "several-fits": _("These days count too."),
    },
}  # fmt: skip

_OBSERVED = " (observed)"

#: By the English name that the library gives.
HOLIDAYS: Mapping[str, Text] = {
    "New Year's Day": _("New Year’s Day"),
    "Martin Luther King Jr. Day": _("Martin Luther King Jr. Day"),
    "Washington's Birthday": _("Presidents’ Day"),
    "Memorial Day": _("Memorial Day"),
    "Juneteenth National Independence Day": _("Juneteenth"),
    "Independence Day": _("Independence Day"),
    "Labor Day": _("Labor Day"),
    "Columbus Day": _("Columbus Day"),
    "Veterans Day": _("Veterans Day"),
    "Thanksgiving Day": _("Thanksgiving"),
    "Christmas Day": _("Christmas Day"),
}


def side_of(role: str) -> str:
    """Whose words a role reads: the patient's own, or the practice's."""
    return "patient" if role == "patient" else "prescriber"


def long_day(on: date) -> str:
    """A day with its weekday, as people enter it."""
    # Translators: a day in a sentence, in the letters of Django's `date` filter.
    return times.plain_day(on, gettext("l, F j"))


def days_from(on: date, today: date) -> str:
    """How far a day is from today, in words."""
    return times.days_away(on, today)


def closed_words(on: date) -> str:
    """Why laboratories may be closed on that day: the holiday's name, or a weekend; empty on working days."""
    name = holiday(on)
    if not name:
        return gettext("weekend") if is_weekend(on) else ""
    words = str(HOLIDAYS[name.removesuffix(_OBSERVED)])
    return gettext("{holiday}, observed").replace("{holiday}", words) if name.endswith(_OBSERVED) else words


def waits_words(plan: Plan, role: str) -> str:
    """What comes before any test; empty where nothing does."""
    if not plan.waits:
        return ""
    authorization, window = plan.assessment.authorization, plan.assessment.window
    until = authorization.record.dispense_by if authorization is not None else window.last if window else None
    words = str(WAITS[side_of(role)][plan.waits])
    return words.replace("{day}", _last(until)) if until is not None else words


def day_words(plan: Plan, day: PlannerDay, role: str) -> list[str]:
    """What a test of that day would open, or why it opens nothing, in sentences."""
    return list(_sentences(plan, day, side_of(role)))


def range_words(plan: Plan, day: PlannerDay, role: str) -> str:
    """What is said of several days in a row, of which this is the first."""
    words, until = OPENS[side_of(role)], plan.supply_until
    if day.state == "too-early" and day.pick_up is None and day.needed_on is not None:
        return _filled(words["several-free"], day=_first(day.needed_on))
    if day.state in ("too-early", "late") and until is not None:
        return _filled(words[f"several-{day.state}"], day=_last(until))
    if day.makes_sense:
        return str(words["several-fits"])
    return " ".join(day_words(plan, day, role))


def _sentences(plan: Plan, day: PlannerDay, side: str) -> Iterator[str]:
    words, next_on = OPENS[side], day.effect.next_on
    if day.state == "stopped":
        yield str(WAITS[side]["stopped"])
    elif day.state == "lost":
        yield _lost(plan, day, side)
    elif day.effect.code == "first-test":
        yield _filled(words["first-test" if next_on else "first-test-waits"], day=_first(next_on))
        yield from _places(day, side)
    elif day.effect.code == "owed-test":
        yield _filled(words["owed" if next_on else "owed-last"], day=_first(next_on))
        yield from _places(day, side)
    else:
        yield from _window(plan, day, side)


def _places(day: PlannerDay, side: str) -> Iterator[str]:
    """Where it has to be taken."""
    if day.places:
        yield _filled(OPENS[side]["places"], places="; ".join(str(SETTING[code]) for code in day.places))


def _lost(plan: Plan, day: PlannerDay, side: str) -> str:
    """The reason that holds longest."""
    worst = max(day.shortfalls, key=_holds_until)
    if worst.code in LOST[side]:
        return _filled(LOST[side][worst.code], day=_first(worst.from_day))
    words = shortfall_words(worst, plan.assessment)
    return f"{words.why} {words.would}".strip()


def _holds_until(shortfall: Shortfall) -> date:
    return shortfall.from_day or date.max


def _window(plan: Plan, day: PlannerDay, side: str) -> Iterator[str]:
    """A window, and how it lies beside the supply in hand."""
    words, until = OPENS[side], plan.supply_until
    if day.pick_up is not None:
        yield _filled(words["pick-up"], first=_first(day.pick_up.first), last=_last(day.pick_up.last))
    if day.state == "again":
        yield str(words["again"])
    elif day.state == "too-early" and day.pick_up is not None:
        yield _too_early(day.days_left or 0, side)
    elif day.state == "too-early" and day.open_on is not None:
        yield _filled(words["free"], last=_last(day.open_on.last), day=_first(day.needed_on))
    elif until is not None and day.days_left is not None:
        yield _filled(words["late" if day.state == "late" else "lasts"], day=_last(until))
    if day.menses_decide:
        yield str(words["menses"])
    yield from _places(day, side)


def _too_early(left: int, side: str) -> str:
    if side == "patient":
        words = ngettext(
            "You have {count} day left then: the days to pick up would be over before you need more.",
            "You have {count} days left then: the days to pick up would be over before you need more.",
            left,
        )
    else:
        words = ngettext(
            "{count} day of supply is left then: this window closes before the next is needed.",
            "{count} days of supply are left then: this window closes before the next is needed.",
            left,
        )
    return _filled(words, count=str(left))


def _first(on: date | None) -> str:
    # Translators: a day in a sentence, in the letters of Django's `date` filter.
    return times.first_day(on, gettext("l, F j")) if on is not None else ""


def _last(on: date) -> str:
    # Translators: a day in a sentence, in the letters of Django's `date` filter.
    return times.last_day(on, gettext("l, F j"))


def _filled(text: Text, **values: str) -> str:
    result = str(text)
    for name, value in values.items():
        result = result.replace(f"{{{name}}}", value)
    return result
