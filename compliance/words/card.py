"""What a patient's one card says, by the case of the day. A sentence names a day, never a result or a method."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from ui.navigation import Words as Text


@dataclass(frozen=True, slots=True)
class CardWords:
    """A case in words; `{from}`, `{until}`, `{day}` and `{lead_in}` are filled in."""

    headline: Text
    text: Text
    tone: str


#: One case holds at a time: `web.patient.card` says which.
CARDS: Mapping[str, CardWords] = {
    "no-edition": CardWords(_("Nothing to do yet"), "", "wait"),
    "stopped": CardWords(
        _("Stop taking the medicine"),
        _("Call your prescriber today. Whatever it turns out to be, you will be helped with it."), "no"),
    "problem": CardWords(
        _("Do not take the medicine until you have talked with your practice"),
        _("They were told what you reported. Call them today if they have not called you."), "act"),
    "missed": CardWords(
        _("The days to pick up have passed"),
        _("That happens. A new test opens new days: call your practice and book it."), "act"),
    "missed-wait": CardWords(
        _("The days to pick up have passed"),
        _("That happens. A new test opens new days, and it can be taken from {from}. Call your practice and book it."),
        "act"),
    "missed-visit": CardWords(
        _("The days to pick up have passed"),
        _("That happens. A visit or a call with your prescriber opens new ones: call your practice."), "act"),
    "month": CardWords(
        _("Your part of this month"), _("Five short questions, then your signature. It takes about a minute."), "act"),
    "waiting-guardian": CardWords(
        _("You have signed"), _("Your parent or guardian still has to sign. They know about it."), "wait"),
    "first-test": CardWords(
        _("Next: your first test"), _("Your practice orders it. Call them if you have heard nothing."), "wait"),
    "practice-begins": CardWords(
        _("Next: your prescriber enters your birth control"),
        _("The {lead_in} before your second test begin only then. Call your practice if you have heard nothing."),
        "wait"),
    "second-test-later": CardWords(
        _("Next: your second test, from {from}"),
        _("Use both methods of birth control until then. Nothing else to do."), "wait"),
    "second-test": CardWords(
        _("Time for your second test"),
        _("Take it in the first five days of your period. If your periods are irregular or absent, any day counts. "
          "Call your practice and book it."), "act"),
    "test-later": CardWords(
        _("Next: your test, between {from} and {until}"), _("Nothing to do until then."), "wait"),
    "test": CardWords(
        _("Time for this month’s test"),
        _("Take it by {until}, so that your medicine does not run out. Call your practice and book it."), "act"),
    "test-late": CardWords(
        _("Time for this month’s test"),
        _("What you had lasted until {day}. A test opens new days to pick up: call your practice and book it."), "act"),
    "visit-later": CardWords(
        _("You are all set"), _("A visit or a call with your prescriber comes before you need more, by {until}."),
        "wait"),
    "visit": CardWords(
        _("Next: a visit or a call with your prescriber"), _("Then you can pick up your medicine. Call your practice."),
        "act"),
    "done": CardWords(
        _("You have done your part"), _("Somebody else still has a step to take. You see below who."), "wait"),
    "ready": CardWords(
        _("Pick up your medicine"), _("Everything is done. Take your patient number along."), "act"),
    "more": CardWords(
        _("You are all set"), _("You have medicine until {day}. You can pick up more before it runs out."), "yes"),
    "authorized": CardWords(
        _("Pick up your medicine"), _("Your pharmacy has the go-ahead and expects you."), "act"),
    "owed-later": CardWords(
        _("Next: your last test, from {from}"),
        _("Keep using birth control, and give no blood, until then. Nothing else to do."), "wait"),
    "owed-end": CardWords(
        _("Time for a test, now that treatment has ended"),
        _("It is the first of two. Call your practice and book it."), "act"),
    "owed-last": CardWords(
        _("Time for your last test"), _("It is the last step. Call your practice and book it."), "act"),
    "safe-later": CardWords(
        _("The tests are done"), _("Keep using birth control, and give no blood, until {day}."), "wait"),
    "closed": CardWords(_("You are done"), _("There is nothing to do for you here. All the best."), "yes"),
}  # fmt: skip

#: A step of the way once it is done, by the first of the blockers that it clears.
DONE: Mapping[str, Text] = {
    "consent-missing:patient-information": _("Patient information signed"),
    "consent-missing:birth-defects": _("Page on birth defects signed"),
    "screening-test-missing": _("First test taken"),
    "lead-in-not-complete": _("{lead_in} with both methods are over"),
    "confirmatory-test-missing": _("Second test taken"),
    "monthly-test-missing": _("Test of this month taken"),
    "counselling-missing": _("Visit with your prescriber"),
    "contraception-missing:prescriber": _("Birth control entered by your prescriber"),
    "contraception-missing:patient": _("Birth control signed by you"),
    "comprehension-missing": _("Five questions answered"),
}

#: The step beside them that no gate asks for.
OPEN_GUIDE: Text = _("Open the Medication Guide")
GUIDE_OPENED: Text = _("Medication Guide opened")
GUIDE_WHY: Text = _("Once for each fill: there may be something new in it.")

#: The last step of each month.
PICK_UP: Text = _("Pick up your medicine")
