"""The program's words, for those who use the pages: on the page "Words", and beside the fields that ask for them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from ui.navigation import Words as Text


@dataclass(frozen=True, slots=True)
class Term:
    """A word of the program and what it means, in a few sentences."""

    code: str
    word: Text
    text: Text

    @property
    def for_tested(self) -> bool:
        """Whether it speaks of what is asked alone of those who have tests."""
        return self.code in _FOR_TESTED


_TERMS: tuple[tuple[str, Text, Text], ...] = (
    ("abstinence", _("Abstinence"), _(
        "No sex at all that could lead to a pregnancy, without exception. It counts by itself; then there is no second "
        "method.")),
    ("authorization", _("Authorization"), _(
        "The yes that a pharmacy gets before it hands out the medicine. It has a number and a last day. After that day "
        "it cannot be used.")),
    ("can-become-pregnant", _("Can become pregnant"), _(
        "The group for whom the whole program applies. Everybody is in it who could become pregnant, also without sex, "
        "with tubes tied, or with a partner who had a vasectomy.")),
    ("cannot-become-pregnant", _("Cannot become pregnant"), _(
        "The group of whom less is asked: patients who were assigned male at birth, who have no uterus or no ovaries "
        "any more, or whose menopause is proved.")),
    ("consent", _("Consent"), _(
        "The texts that a patient reads and signs before treatment, part by part. It can be withdrawn at any time.")),
    ("course", _("Course"), _("One treatment, from the enrolment until it is ended. Another one can follow later.")),
    ("days-supply", _("Days’ supply"), _(
        "For how many days the medicine that is handed out lasts, taken as prescribed. It is 30 at most each time.")),
    ("delegate", _("Delegate"), _("A prescriber who acts for another one’s patients while that one is away.")),
    ("designee", _("Designee"), _(
        "Somebody at a practice who enters tests and visits for a prescriber, and signs nothing.")),
    ("first-five-days", _("First five days of the period"), _(
        "The day on which bleeding begins is the first. The second test before the first medicine is taken on one of "
        "the first five. Without periods, or with irregular ones, there is an answer of its own.")),
    ("guardian", _("Guardian"), _(
        "A parent or another adult who signs beside a patient under 18. A guardian sees what is to be signed, and "
        "nothing else.")),
    ("home-test", _("Home test"), _(
        "A pregnancy test that the patient takes at home. It counts only where the prescriber has permitted it, and "
        "never before the first medicine.")),
    ("laboratory-test", _("Laboratory test, clinic test"), _(
        "A laboratory test is one that a certified laboratory does on blood or urine. A clinic test is done by the "
        "practice itself.")),
    ("lead-in", _("Waiting time of 30 days"), _(
        "Before the first medicine both methods of birth control are used together for 30 days. Practices call it the "
        "lead-in.")),
    ("medication-guide", _("Medication Guide"), _(
        "The leaflet about the medicine. The pharmacy gives it with each supply, and it can be read here.")),
    ("monthly-test", _("First, second and monthly test"), _(
        "Two pregnancy tests come before the first medicine, at least 19 days apart. After that there is one each "
        "month, one at the end of treatment and one a month later.")),
    ("passkey", _("Passkey"), _(
        "A key on your own phone or computer that you open with a fingerprint, your face or a PIN. It signs you in, "
        "and signs for you, without a password.")),
    ("patient-number", _("Patient number"), _(
        "Eight letters and digits that stand for the patient. The pharmacy asks for it with the date of birth. It is "
        "on the wallet card.")),
    ("seven-days", _("Seven days to pick up"), _(
        "A pregnancy test opens seven days in which the medicine can be picked up. The day of the test is the first. "
        "When they are over, a new test opens new ones. Practices call these days the window.")),
    ("primary-method", _("Primary method"), _(
        "A strong method of birth control: tubes tied, a partner’s vasectomy, an IUD, or hormones (combined pill, "
        "patch, injection, implant, vaginal ring). At least one of the two methods is a primary one.")),
    ("program-time", _("Days and New York time"), _(
        "All days of the program begin and end at midnight in New York. If your clock shows another time, yours stands "
        "beside it.")),
    ("reversal", _("Reversal"), _(
        "An authorization that was not used is given back, and the medicine goes back to the shelf.")),
    ("secondary-method", _("Secondary method"), _(
        "A method that is used together with a primary one: a male latex condom, a diaphragm or cervical cap with "
        "spermicide, or the sponge.")),
    ("stop", _("Stop"), _(
        "After a positive test, or a report of a pregnancy, nothing is handed out until a prescriber has talked with "
        "the patient and ends the stop.")),
    ("transfer", _("Transfer"), _("A patient goes to another prescriber. Nothing changes until that one accepts.")),
)  # fmt: skip

#: Of what who cannot become pregnant is never asked.
_FOR_TESTED = frozenset({
    "abstinence", "first-five-days", "home-test", "laboratory-test", "lead-in", "monthly-test", "primary-method",
    "secondary-method", "seven-days",
})  # fmt: skip

GLOSSARY: Mapping[str, Term] = {code: Term(code, word, text) for code, word, text in _TERMS}


def terms(codes: Iterable[str]) -> tuple[Term, ...]:
    """Those words, in that order. Raises KeyError for one that there is not."""
    return tuple(GLOSSARY[code] for code in codes)


def in_order(*, tested: bool = True) -> list[Term]:
    """The words, by the alphabet of the reader's language; without those for the tested where the reader is none."""
    shown = [term for term in GLOSSARY.values() if tested or not term.for_tested]
    return sorted(shown, key=lambda term: _sorted_as(str(term.word)))


def _sorted_as(word: str) -> str:
    return word.casefold().translate(str.maketrans("áéíóúñü", "aeiounu"))
