"""Each stage, as a label and a sentence, for the practice."""

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
    "stopped": StageWords(_("Stopped"), _("Treatment is stopped until the stop is cleared.")),
    "followed-up": StageWords(_("Follow-up"), _("Tests after treatment are owed.")),
    "closed": StageWords(_("Closed"), _("No course is open, and nothing is owed.")),
}


def stage_words(stage: str, numbers: Numbers) -> StageWords:
    """A stage as the practice reads it. A patient reads the card (`compliance.words.card`)."""
    words = FOR_PRESCRIBER[stage]
    return StageWords(fill_in(words.label, numbers), fill_in(words.sentence, numbers))


def stage_label(stage: str) -> Text:
    """A stage's name in the lists of prescribers and of the program office."""
    return FOR_PRESCRIBER[stage].label
