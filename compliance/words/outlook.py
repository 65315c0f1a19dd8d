"""What an entry opens, or why it counts for nothing and what would, in words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext_lazy as _

from compliance.rules import windows
from compliance.rules.assessment import Assessment
from compliance.rules.outlook import Effect, Outlook
from compliance.rules.records import Counselled, HomeTestingSet, PregnancyTest
from compliance.rules.shortfalls import Shortfall
from compliance.words.blockers import blocker_words
from compliance.words.choices import SETTING
from compliance.words.kinds import KIND_LABELS
from compliance.words.numbers import numbers_of
from ui import times
from ui.navigation import Words as Text

#: Both sides have declared, and not the same.
MISMATCH = "contraception-mismatch"


@dataclass(frozen=True, slots=True)
class ShortfallWords:
    """Why an entry counts for nothing, and what would count; `{day}` and `{places}` are filled in."""

    why: Text
    would: Text = ""


SHORTFALLS: Mapping[str, ShortfallWords] = {
    "not-negative": ShortfallWords(
        _("An indeterminate result says nothing either way."), _("Test again: a negative result counts.")),
    "not-conclusive": ShortfallWords(
        _("An indeterminate result settles no test after treatment."), _("Test again.")),
    "not-after-stop": ShortfallWords(
        _("The specimen was not collected after the stop."), _("One collected on {day} or later counts.")),
    "setting-not-accepted": ShortfallWords(
        _("A test taken there does not count at this stage."), _("One taken here counts: {places}.")),
    "home-not-permitted": ShortfallWords(
        _("Tests at home are not permitted for this patient."),
        _("The prescriber permits them under “Tests at home” before the test is entered. Elsewhere a test counts "
          "without: {places}.")),
    "not-after-fill": ShortfallWords(
        _("The specimen was not collected after the day of the last fill."),
        _("One collected on {day} or later counts.")),
    "methods-not-declared": ShortfallWords(
        _("The prescriber has not entered the methods, so the lead-in has not begun."),
        _("Enter the methods; the lead-in counts from then.")),
    "too-soon-after-first": ShortfallWords(
        _("The specimen was collected too soon after the first test."), _("One collected on {day} or later counts.")),
    "in-lead-in": ShortfallWords(
        _("The specimen was collected during the lead-in."), _("One collected on {day} or later counts.")),
    "in-lockout": ShortfallWords(
        _("After a missed first window the next test has to wait."), _("One collected on {day} or later counts.")),
    "menses-not-known": ShortfallWords(
        _("It is not known when in the cycle the specimen was collected."),
        _("A test counts when that is known: in the first five days of menses, or with irregular or absent menses.")),
    "window-over": ShortfallWords(
        _("Its window has closed already."), _("One of {day} or later opens a window that is still open.")),
    "no-window": ShortfallWords(
        _("It does not count before the test of the month is entered, in an open window."),
        _("Come back once the test is entered.")),
    "already": ShortfallWords(_("The record says the same already. Entered again, it changes nothing.")),
    "not-asked": ShortfallWords(_("It is not asked for in this patient's category.")),
    "no-home-tests": ShortfallWords(_("No test at home counts under the rules of today.")),
    "nothing-owed": ShortfallWords(_("No test is owed, and no course is open.")),
    "before-due": ShortfallWords(
        _("The specimen was collected too early for the test that is owed."),
        _("One collected on {day} or later counts.")),
    "after-due": ShortfallWords(
        _("The specimen was collected too late for the test at the end of treatment, which stays owed.")),
}  # fmt: skip


def _last_day(on: date) -> str:
    # Translators: a day in a sentence, in the letters of Django's `date` filter.
    return times.last_day(on, gettext("l, F j"))


def _short_day(on: date | None) -> str:
    # Translators: how a day is written, in the letters of Django's `date` filter.
    return times.plain_day(on, gettext("M j, Y")) if on else ""


def _places(after: Assessment) -> str:
    """Where a test counts at this stage."""
    settings = windows.settings_asked(after.edition, after.testing, after.day)
    named = [str(SETTING[code]) for code in after.history.program.settings if code in settings and code != "home"]
    return "; ".join(named)


def shortfall_words(shortfall: Shortfall, after: Assessment) -> ShortfallWords:
    """Why, and what would, with day and places filled in."""
    words = SHORTFALLS[shortfall.code]
    values = {"{day}": _short_day(shortfall.from_day), "{places}": _places(after)}

    def filled(text: Text) -> str:
        result = str(text)
        for name, value in values.items():
            result = result.replace(name, value)
        return result

    return ShortfallWords(filled(words.why), filled(words.would))


def _window(effect: Effect, after: Assessment) -> str:
    assert effect.window is not None
    words = gettext("It opens a window: pick-up is possible until {day}, once nothing else is missing.")
    if after.allowed:
        words = gettext("It opens a window: pick-up is possible until {day}.")
    return words.replace("{day}", _last_day(effect.window.last))


def _first_test(effect: Effect, after: Assessment) -> str:
    if effect.next_on is None:
        return gettext("It counts as the first test. The lead-in begins once the prescriber has entered the methods.")
    words = gettext("It counts as the first test. The second can be collected from {day} on.")
    return words.replace("{day}", _short_day(effect.next_on))


def _owed(effect: Effect, after: Assessment) -> str:
    if effect.next_on is None:
        return gettext("It is the last test that was owed.")
    words = gettext("It is one of the tests owed. The other can be collected from {day} on.")
    return words.replace("{day}", _short_day(effect.next_on))


def _visit(effect: Effect, after: Assessment) -> str:
    return gettext("It counts for this month.") if after.testing else gettext("It counts for the whole course.")


def _methods(effect: Effect, after: Assessment) -> str:
    if MISMATCH in after.codes:
        return gettext("They count, but the other side named different methods. Speak with each other first.")
    over = after.testing.lead_in_over_on if after.testing else None
    if over is not None and after.day < over:
        words = gettext("They count. The lead-in goes on until {day}.")
        return words.replace("{day}", _short_day(over))
    return gettext("They count for this month.")


def _home(effect: Effect, after: Assessment) -> str:
    record = effect.entry.record
    if isinstance(record, HomeTestingSet) and record.permitted:
        return gettext("Monthly tests at home count if they are entered from now on.")
    return gettext("Tests at home that are entered from now on count for nothing.")


def _questions(effect: Effect, after: Assessment) -> str:
    return gettext("They count for this month.")


def _stop(effect: Effect, after: Assessment) -> str:
    return gettext("It stops treatment at once.")


_EFFECTS: Mapping[str, Callable[[Effect, Assessment], str]] = {
    "window": _window,
    "first-test": _first_test,
    "owed-test": _owed,
    "visit": _visit,
    "methods": _methods,
    "home-tests": _home,
    "questions": _questions,
    "stop": _stop,
}

#: What an entry that counts for nothing opens, by what it is.
_NOTHING: Mapping[type, Text] = {
    PregnancyTest: gettext_lazy("It opens nothing."),
    Counselled: gettext_lazy("It opens nothing."),
}


@dataclass(frozen=True, slots=True)
class EffectWords:
    """One entry as the page tells of it before it is signed: what it opens, or why nothing, and what would."""

    title: Text
    counts: bool
    sentence: str
    reasons: tuple[ShortfallWords, ...] = ()


def effect_words(effect: Effect, after: Assessment) -> EffectWords | None:
    """One effect in words; None for an entry that nothing is to be said about."""
    title = KIND_LABELS[effect.entry.record.kind]
    if not effect.counts:
        opens = {} if effect.repeats else _NOTHING
        sentence = str(opens.get(type(effect.entry.record), gettext("It changes nothing.")))
        return EffectWords(title, False, sentence, tuple(shortfall_words(one, after) for one in effect.shortfalls))
    tell = _EFFECTS.get(effect.code)
    return EffectWords(title, True, tell(effect, after)) if tell else None


def outlook_words(outlook: Outlook) -> list[EffectWords]:
    """Each entry in words. What repeats the record, beside something that counts, is no fault."""
    told = (
        EffectWords(KIND_LABELS[effect.entry.record.kind], True, gettext("It confirms what the record says."))
        if effect.repeats and outlook.counts
        else effect_words(effect, outlook.after)
        for effect in outlook.effects
    )
    return [words for words in told if words is not None]


@dataclass(frozen=True, slots=True)
class SavedWords:
    """What is said once it is entered, and whether it is good news."""

    text: str
    good: bool


def saved_words(outlook: Outlook, done: Text, role: str) -> SavedWords:
    """What follows of what was entered: the day until which pick-up is possible, or why nothing is opened.

    `done` says what was done where the rules say no more of it.
    """
    after = outlook.after
    if not outlook.counts:
        return SavedWords(_saved_for_nothing(outlook), good=False)
    if MISMATCH in after.codes and any(effect.code == "methods" for effect in outlook.effects):
        words = blocker_words(MISMATCH, role, None, numbers_of(after.history.program, after.edition))
        assert words is not None
        return SavedWords(" ".join([gettext("Saved."), str(words.sentence), str(words.remedy)]), good=False)
    if after.allowed and after.window is not None:
        until = gettext("Pick-up is possible until {day}.").replace("{day}", _last_day(after.window.last))
        return SavedWords(f"{done} {until}", good=True)
    # The window or the first test before what merely counts.
    counting = [effect for effect in outlook.effects if effect.counts]
    first = min(counting, key=lambda effect: effect.code not in ("window", "first-test", "owed-test"))
    told = _EFFECTS.get(first.code)
    return SavedWords(f"{done} {told(first, after)}" if told else str(done), good=True)


def _saved_for_nothing(outlook: Outlook) -> str:
    """What opened nothing, each with its first reason and what would."""
    sentences = [gettext("Saved.")]
    for effect in outlook.effects:
        if not effect.counts:
            words = effect_words(effect, outlook.after)
            assert words is not None
            because = [f"{one.why} {one.would}".strip() for one in words.reasons[:1]]
            sentences.append(" ".join([f"{words.title}: {words.sentence}", *because]))
    return " ".join(sentences)
