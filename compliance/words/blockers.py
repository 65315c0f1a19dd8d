"""Each blocker in the words of each role. A test holds the table total and free of what a role must not see.

A pharmacist reads who must act and from when. A guardian reads only that a guardian's signature is missing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from compliance.rules.blockers import NOBODY, rule
from ui import times
from ui.navigation import Words as Text

from .numbers import Numbers, fill_in


@dataclass(frozen=True, slots=True)
class BlockerWords:
    """What stands in the way, and what to do about it."""

    sentence: Text
    remedy: Text
    #: What the pharmacist tells the patient, in words that can be read out.
    tell: Text = ""


CLINICAL: Mapping[str, BlockerWords] = {
    "prescriber-not-certified": BlockerWords(
        _("The prescriber is not certified {today}."),
        _("The prescriber attests for another year, or asks the program office.")),
    "pharmacy-not-certified": BlockerWords(
        _("The pharmacy is not certified {today}."), _("The pharmacy attests its yearly training.")),
    "not-enrolled": BlockerWords(
        _("No course of treatment is open."), _("Begin a course.")),
    "under-age": BlockerWords(
        _("The patient is younger than {least_age}."), _("Treatment can begin at the age of {least_age}, on {date}.")),
    "course-gap": BlockerWords(
        _("The last dose of the course before is less than {between_courses} ago."),
        _("The next course can be dispensed from {date}.")),
    "course-elsewhere": BlockerWords(
        _("The same person has an open course in another file."),
        _("One of the two courses is ended, or the program office ends the link between the files.")),
    "stop-open": BlockerWords(
        _("Treatment is stopped: a positive test, or a report of pregnancy."),
        _("Find out what happened, then clear the stop. Only tests collected after it count.")),
    "consent-missing:patient-information": BlockerWords(
        _("The patient has not signed the patient information."), _("The patient reads and signs it online.")),
    "consent-missing:birth-defects": BlockerWords(
        _("The patient has not signed the consent on birth defects."), _("The patient reads and signs it online.")),
    "guardian-signature-missing:patient-information": BlockerWords(
        _("A guardian has not signed the patient information."),
        _("The guardian signs, or the patient signs again once of age.")),
    "guardian-signature-missing:patient-information/of-age": BlockerWords(
        _("The patient signed the patient information under age, and no guardian signed it."),
        _("The patient is of age now, and signs it again online.")),
    "guardian-signature-missing:birth-defects": BlockerWords(
        _("A guardian has not signed the consent on birth defects."),
        _("The guardian signs, or the patient signs again once of age.")),
    "guardian-signature-missing:birth-defects/of-age": BlockerWords(
        _("The patient signed the consent on birth defects under age, and no guardian signed it."),
        _("The patient is of age now, and signs it again online.")),
    "lead-in-not-complete": BlockerWords(
        _("Both methods have not been in use for {lead_in}."), _("The second test can be collected from {date}.")),
    "screening-test-missing": BlockerWords(
        _("There is no screening test."), _("Enter a test from a laboratory or clinic.")),
    "confirmatory-test-missing": BlockerWords(
        _("There is no second test that opens a window."),
        _("Enter a test: 19 days or more after the first, after the lead-in, with its menses timing.")),
    "monthly-test-missing": BlockerWords(
        _("There is no test for this month."), _("Enter a test collected after the day of the last fill.")),
    "window-expired": BlockerWords(
        _("The window has closed."), _("Enter what opens the next one; the month's entries are asked again.")),
    "lockout": BlockerWords(
        _("After a missed first window the next test must wait."), _("Collect it on {date} or later.")),
    "counselling-missing": BlockerWords(
        _("Counselling is not recorded."), _("Enter the visit.")),
    "contraception-missing:prescriber": BlockerWords(
        _("The prescriber has not declared the methods."), _("Enter both methods and since when they are in use.")),
    "contraception-missing:patient": BlockerWords(
        _("The patient has not declared the methods."), _("The patient enters both methods online.")),
    "contraception-missing:patient/later": BlockerWords(
        _("The patient has not declared the methods."),
        _("The patient is asked once the test of the month is entered: what is said before it does not count.")),
    "contraception-mismatch": BlockerWords(
        _("Prescriber and patient name different methods."),
        _("Speak with each other; one of you then enters the methods again.")),
    "comprehension-missing": BlockerWords(
        _("The patient has not answered the month's questions."), _("The patient answers them online.")),
    "comprehension-missing/later": BlockerWords(
        _("The patient has not answered the month's questions."),
        _("The patient is asked once the test of the month is entered: what is said before it does not count.")),
    "authorization-open": BlockerWords(
        _("An authorization is open."), _("The pharmacy that has it dispenses or reverses it.")),
    "supply-too-long": BlockerWords(
        _("The requested supply is longer than {largest_supply}."),
        _("The pharmacy requests {largest_supply} or fewer.")),
}  # fmt: skip

#: A designee enters tests and visits; what only the prescriber can do is said as what the prescriber does.
FOR_DESIGNEE: Mapping[str, BlockerWords] = {
    **CLINICAL,
    "not-enrolled": BlockerWords(CLINICAL["not-enrolled"].sentence, _("The prescriber begins a course.")),
    "course-elsewhere": BlockerWords(
        CLINICAL["course-elsewhere"].sentence,
        _("The prescriber ends one of the two courses, or the program office ends the link between the files.")),
    "stop-open": BlockerWords(
        CLINICAL["stop-open"].sentence,
        _("The prescriber finds out what happened, then clears the stop. Only tests collected after it count.")),
    "contraception-missing:prescriber": BlockerWords(
        CLINICAL["contraception-missing:prescriber"].sentence,
        _("The prescriber enters both methods and since when they are in use.")),
    "contraception-mismatch": BlockerWords(
        CLINICAL["contraception-mismatch"].sentence,
        _("The prescriber and the patient speak with each other; one of them then enters the methods again.")),
}  # fmt: skip

_TALK = _("Your prescriber takes care of it. You can call and ask.")

FOR_PATIENT: Mapping[str, BlockerWords] = {
    "prescriber-not-certified": BlockerWords(_("Your prescriber has paperwork to renew."), _TALK),
    "pharmacy-not-certified": BlockerWords(
        _("This pharmacy has paperwork to renew."), _("You can go to another pharmacy.")),
    "not-enrolled": BlockerWords(_("You are not in treatment right now."),
        _("Your prescriber can begin a new course.")),
    "under-age": BlockerWords(_("You are too young for this medicine."),
        _("It can begin on your 12th birthday, {date}.")),
    "course-gap": BlockerWords(
        _("Your skin needs a rest between two courses."), _("The next one can begin on {date}.")),
    "course-elsewhere": BlockerWords(_("You are in treatment in another practice too."), _TALK),
    "stop-open": BlockerWords(
        _("Your treatment is on hold."), _("Do not take the medicine. Your prescriber talks with you.")),
    "consent-missing:patient-information": BlockerWords(
        _("Read and sign the patient information"), _("It takes about ten minutes. You can stop and go on later.")),
    "consent-missing:birth-defects": BlockerWords(
        _("Read and sign the page on birth defects"), _("It takes about ten minutes. You can stop and go on later.")),
    "guardian-signature-missing:patient-information": BlockerWords(
        _("Your parent or guardian signs the patient information too"), _("They have a link of their own.")),
    "guardian-signature-missing:patient-information/of-age": BlockerWords(
        _("You are {adult_age} now: read and sign the patient information again"),
        _("You signed it under age. Now your own signature is enough.")),
    "guardian-signature-missing:birth-defects": BlockerWords(
        _("Your parent or guardian signs the page on birth defects too"), _("They have a link of their own.")),
    "guardian-signature-missing:birth-defects/of-age": BlockerWords(
        _("You are {adult_age} now: read and sign the page on birth defects again"),
        _("You signed it under age. Now your own signature is enough.")),
    "lead-in-not-complete": BlockerWords(
        _("Use both methods of birth control for {lead_in} first"), _("Your second test can be taken from {date}.")),
    "screening-test-missing": BlockerWords(
        _("Your first pregnancy test"), _("Your prescriber orders it and enters it.")),
    "confirmatory-test-missing": BlockerWords(
        _("Your second pregnancy test"), _("Take it in the first five days of your period. Ask your prescriber when.")),
    "monthly-test-missing": BlockerWords(
        _("This month's pregnancy test"), _("Take it before your supply runs out. Your prescriber enters it.")),
    "window-expired": BlockerWords(
        _("The days to pick up have passed."), _("That happens. Your prescriber opens new ones: call and ask.")),
    "lockout": BlockerWords(_("The next test has to wait."), _("It can be taken from {date}.")),
    "counselling-missing": BlockerWords(_("This month's visit"), _("See or call your prescriber, who enters it.")),
    "contraception-missing:prescriber": BlockerWords(_("Your prescriber enters your birth control"), _TALK),
    "contraception-missing:patient": BlockerWords(
        _("Tell us which birth control you use"), _("Two taps, and you are done.")),
    "contraception-missing:patient/later": BlockerWords(
        _("Your birth control this month"),
        _("We ask you here once your prescriber has entered this month's test. Nothing to do before that.")),
    "contraception-mismatch": BlockerWords(
        _("You and your prescriber named different birth control"),
        _("Talk with your prescriber. If yours was wrong, choose again here.")),
    "comprehension-missing": BlockerWords(
        _("Answer five short questions"), _("A wrong answer is explained, and you try again.")),
    "comprehension-missing/later": BlockerWords(
        _("Five short questions"),
        _("They come once your prescriber has entered this month's test. Nothing to do before that.")),
    "authorization-open": BlockerWords(
        _("Your pharmacy has the go-ahead."), _("Pick up your medicine there.")),
    "supply-too-long": BlockerWords(
        _("The pharmacy can give {largest_supply} at most."), _("It asks again with fewer days.")),
}  # fmt: skip

_PRESCRIBER = BlockerWords(
    _("The prescriber still has something to complete."),
    _("The patient can call the prescriber. Ask again afterwards."),
    _("Your prescriber’s practice still has something to complete. Please call them."),
)
_PATIENT = BlockerWords(
    _("The patient still has something to complete online."),
    _("It can be done on a phone, here. Ask again afterwards."),
    _("There is something left for you to complete online. You can do it here, on your phone."),
)
_GUARDIAN = BlockerWords(
    _("A guardian still has something to complete online."),
    _("Ask again afterwards."),
    _("Your parent or guardian still has something to complete online."),
)
_TIME = BlockerWords(
    _("It is too early."), _("Ask again from {date}."), _("It is too early today. We can ask again from {date}.")
)

FOR_PHARMACIST: Mapping[str, BlockerWords] = {
    "prescriber-not-certified": _PRESCRIBER,
    "pharmacy-not-certified": BlockerWords(
        _("Your pharmacy is not certified {today}."), _("Renew the yearly training, or ask the program office."),
        _("We cannot hand this out today. Another pharmacy may be able to.")),
    "not-enrolled": _PRESCRIBER,
    "under-age": _TIME,
    "course-gap": _TIME,
    "course-elsewhere": _PRESCRIBER,
    "stop-open": _PRESCRIBER,
    "consent-missing:patient-information": _PATIENT,
    "consent-missing:birth-defects": _PATIENT,
    "guardian-signature-missing:patient-information": _GUARDIAN,
    "guardian-signature-missing:patient-information/of-age": _PATIENT,
    "guardian-signature-missing:birth-defects": _GUARDIAN,
    "guardian-signature-missing:birth-defects/of-age": _PATIENT,
    "lead-in-not-complete": _TIME,
    "screening-test-missing": _PRESCRIBER,
    "confirmatory-test-missing": _PRESCRIBER,
    "monthly-test-missing": _PRESCRIBER,
    "window-expired": _PRESCRIBER,
    "lockout": _TIME,
    "counselling-missing": _PRESCRIBER,
    "contraception-missing:prescriber": _PRESCRIBER,
    "contraception-missing:patient": _PATIENT,
    "contraception-missing:patient/later": _PRESCRIBER,
    # Both sides have to speak; a sentence of its own would tell the counter what about.
    "contraception-mismatch": _PRESCRIBER,
    "comprehension-missing": _PATIENT,
    "comprehension-missing/later": _PRESCRIBER,
    "authorization-open": BlockerWords(
        _("A pharmacy has an open authorization for this patient."),
        _("It is used or reversed there first. Yours stand under Authorizations."),
        _("A pharmacy already has the go-ahead for you. Please ask the one where you asked last.")),
    "supply-too-long": BlockerWords(_("The supply is too long."), _("Ask for {largest_supply} or fewer.")),
}  # fmt: skip


def sends_to_prescriber(key: str) -> bool:
    """Whether a pharmacy reads of the blocker with that key of words that the prescriber is to be called."""
    return FOR_PHARMACIST[key] is _PRESCRIBER


FOR_GUARDIAN: Mapping[str, BlockerWords | None] = dict.fromkeys(CLINICAL) | {
    "guardian-signature-missing:patient-information": BlockerWords(
        _("Your signature on the patient information is missing."), _("Read it and sign.")),
    "guardian-signature-missing:birth-defects": BlockerWords(
        _("Your signature on the page on birth defects is missing."), _("Read it and sign.")),
}  # fmt: skip

TABLE: Mapping[str, Mapping[str, BlockerWords | None]] = {
    "prescriber": CLINICAL,
    "designee": FOR_DESIGNEE,
    "officer": CLINICAL,
    "patient": FOR_PATIENT,
    "pharmacist": FOR_PHARMACIST,
    "guardian": FOR_GUARDIAN,
}

#: What a role must never read, whatever stands in the way.
FORBIDDEN: Mapping[str, tuple[str, ...]] = {
    "pharmacist": (
        "test", "pregnan", "contracep", "birth control", "method", "abstin", "stop", "categor", "counsel", "lead-in",
        "lockout", "consent", "defect", "menses",
    ),
    "guardian": ("test", "pregnan", "contracep", "birth control", "method", "stop", "question", "visit"),
}  # fmt: skip


#: Instead of a guardian's missing signature, where no guardian stands beside the minor: who can still act is another.
NO_GUARDIAN: Mapping[str, BlockerWords] = {
    **dict.fromkeys(("prescriber", "designee", "officer"), BlockerWords(
        _("A guardian’s signature is missing, and no guardian stands beside the patient."),
        _("The practice names one, who gets an invitation to read and sign."))),
    "patient": BlockerWords(
        _("A parent or guardian signs too, and none is named yet"),
        _("Tell your prescriber’s practice who it is. They get a link of their own.")),
}  # fmt: skip


def words_key(code: str, who: Sequence[str]) -> str:
    """The key of a blocker's words: its code, and behind it what sets it apart where others act than at first.

    `/later`: nobody can act yet. `/of-age`: the patient signs anew in the guardian's stead.
    """
    usual = rule(code).who
    if tuple(who) == usual:
        return code
    return f"{code}/later" if tuple(who) == (NOBODY,) else f"{code}/of-age"


def blocker_words(key: str, role: str, clears_on: date | None, numbers: Numbers) -> BlockerWords | None:
    """A blocker, by the key of its words, as this role reads it; None when the role is not shown it."""
    words = TABLE[role][key]
    if words is None:
        return None
    values = {
        **numbers,
        "date": times.first_day(clears_on, gettext("M j, Y")) if clears_on else "",
        "today": times.today(),
    }
    return BlockerWords(*(fill_in(text, values) for text in (words.sentence, words.remedy, words.tell)))
