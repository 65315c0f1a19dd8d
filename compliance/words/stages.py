"""Each stage, as a label and a sentence, for the prescriber's side and for the patient's."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from ui.navigation import Words as Text

from .numbers import Numbers, fill_in


@dataclass(frozen=True, slots=True)
class StageWords:
    """A stage in words."""

    label: Text
    sentence: Text


FOR_PRESCRIBER: Mapping[str, StageWords] = {
    "invited": StageWords(_("Invited"), _("The patient has not opened the account yet.")),
    "consent": StageWords(_("Consent"), _("Something to sign is missing.")),
    "lead-in": StageWords(_("Lead-in"), _("Both methods are being used for {lead_in}.")),
    "second-test": StageWords(_("Second test"), _("The lead-in is over; the second test opens the window.")),
    "month": StageWords(_("This month"), _("Somebody still has to act.")),
    "ready": StageWords(_("Ready"), _("A pharmacy can authorize now.")),
    "authorized": StageWords(_("Authorized"), _("A pharmacy has an open authorization.")),
    "between-fills": StageWords(_("Between fills"), _("Supply is in hand; the next month's entries are to come.")),
    "window-missed": StageWords(_("Window missed"), _("The window closed without a fill.")),
    "stopped": StageWords(_("Stopped"), _("Treatment is stopped until you clear it.")),
    "followed-up": StageWords(_("Follow-up"), _("Tests after treatment are owed.")),
    "closed": StageWords(_("Closed"), _("No course is open, and nothing is owed.")),
}

FOR_PATIENT: Mapping[str, StageWords] = {
    "invited": StageWords(_("Welcome"), _("Let us begin with what there is to read and sign.")),
    "consent": StageWords(_("Reading and signing"), _("Somebody beside you still has to sign. They know about it.")),
    "lead-in": StageWords(_("Your first {lead_in}"), _("Keep using both methods of birth control.")),
    "second-test": StageWords(_("Time for your second test"), _("Ask your prescriber where to take it.")),
    "month": StageWords(_("Almost there"), _("You have done your part. Somebody else still has a step to take.")),
    "ready": StageWords(_("Pick up your medicine"), _("Everything is done. Go to your pharmacy.")),
    "authorized": StageWords(_("Your pharmacy has the go-ahead"), _("Pick up your medicine there.")),
    "between-fills": StageWords(
        _("You are all set"), _("Take your medicine as told. We remind you when the next month's steps begin.")),
    "window-missed": StageWords(
        _("The days to pick up have passed"), _("That happens. Call your prescriber, who opens new ones.")),
    "stopped": StageWords(
        _("Stop taking the medicine"),
        _("Call your prescriber today. Whatever it turns out to be, you will be helped with it.")),
    "followed-up": StageWords(_("After your treatment"), _("There are still two short things to do, below.")),
    "closed": StageWords(_("You are done"), _("There is nothing to do for you here. All the best.")),
}  # fmt: skip


def stage_words(stage: str, role: str, numbers: Numbers) -> StageWords:
    """A stage as this side reads it."""
    words = (FOR_PATIENT if role == "patient" else FOR_PRESCRIBER)[stage]
    return StageWords(fill_in(words.label, numbers), fill_in(words.sentence, numbers))


def stage_label(stage: str) -> Text:
    """A stage's name in the lists of prescribers and of the program office."""
    return FOR_PRESCRIBER[stage].label
