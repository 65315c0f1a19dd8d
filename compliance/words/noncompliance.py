"""Cases of non-compliance in words: signals, stages, the office's steps, and its letters to a practice or pharmacy.

A letter names no patient and no medicine: it is printed, and lies about.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from ui.navigation import Words

#: What the office reads of a signal, and the place in a letter.
SIGNAL: Mapping[str, Words] = {
    "after-last-day": _("Hand-over tried on an expired or void authorization"),
    "never-reversed": _("Authorization not reversed for more than 30 days"),
    "backdated": _("Entered long after its day: a hand-over by 7 days, a test by 14"),
    "at-once": _("Two patients signed for within 3 seconds"),
    "one-browser": _("Practice and patient signed in one browser on the same day"),
}
BY_HAND = _("Opened by an officer")

STAGE: Mapping[str, Words] = {
    "opened": _("Opened: they were told nothing yet"),
    "notice": _("Notice sent"),
    "reply": _("They answered the notice"),
    "plan-asked": _("Plan asked for"),
    "plan": _("Plan received"),
    "plan-accepted": _("Plan accepted"),
    "plan-refused": _("Plan not accepted"),
    "suspended": _("Suspended"),
    "appeal": _("Appealed"),
    "appeal-upheld": _("Appeal granted"),
    "appeal-dismissed": _("Appeal turned down"),
    "closed": _("Closed"),
}

#: What is to come next, by the stage of an open case; an appeal goes before.
NEXT: Mapping[str, Words] = {
    "opened": _("Send a notice or close"),
    "notice": _("Their answer"),
    "reply": _("Ask for a plan or close"),
    "plan-asked": _("Their plan"),
    "plan": _("Accept the plan or not"),
    "plan-accepted": _("See whether the plan worked"),
    "plan-refused": _("Their new plan"),
    "suspended": _("Look at the suspension again"),
    "appeal": _("Decide the appeal"),
    "appeal-upheld": _("Ask for a plan or close"),
}

#: The buttons of the office, and of the place.
STEP: Mapping[str, Words] = {
    "notice": _("Send a notice"),
    "plan-asked": _("Ask for a plan"),
    "plan-accepted": _("Accept the plan"),
    "plan-refused": _("Do not accept the plan"),
    "suspended": _("Suspend"),
    "appeal-upheld": _("Grant the appeal"),
    "appeal-dismissed": _("Turn the appeal down"),
    "closed": _("Close the case"),
    "reply": _("Answer the notice"),
    "plan": _("Send a plan"),
    "appeal": _("Appeal"),
}


@dataclass(frozen=True, slots=True)
class LetterWords:
    """A letter: what happened, what is asked, what the day is, and how to answer. Empty: nothing of that."""

    title: Words
    happened: Words
    asked: Words = ""
    answer_by: Words = ""
    answer: Words = ""


_ANSWER = _("To answer, sign in to Clearfill, open the page “Letters from the program office” and choose this case.")
_DUE = _("We need your answer by the end of this day:")
_PLAN = _("Send us a plan: what you change, who does it, and by when.")

LETTERS: Mapping[str, LetterWords] = {
    "notice": LetterWords(
        _("Notice: please tell us what happened"),
        _("We looked at what was recorded for you. Something does not seem to follow the program’s rules."),
        _("Tell us what happened, and what you do so that it does not happen again."), _DUE, _ANSWER),
    "plan-asked": LetterWords(
        _("Please send us a plan"),
        _("Something has to change so that it does not happen again."), _PLAN, _DUE, _ANSWER),
    "plan-accepted": LetterWords(
        _("Your plan is accepted"), _("We read your plan. It is good, thank you."),
        _("Please do what the plan says. You need not write to us. We look at the records again after this day."),
        _("Your plan should be done by the end of this day:")),
    "plan-refused": LetterWords(
        _("Your plan needs more"), _("We read your plan. It is not enough yet, and we say why below."), _PLAN, _DUE,
        _ANSWER),
    "suspended": LetterWords(
        _("Your certification is suspended"),
        _("From now on, nothing new is authorized for you, until we give your certification back. Authorizations that "
          "are open already stay as they are."),
        _("Call us if patients need help now. We look at the suspension again within 30 days.")),
    "appeal-upheld": LetterWords(
        _("Your appeal is granted"),
        _("Another officer looked at your appeal. You were right: the step you appealed no longer counts. If your "
          "certification was suspended by it, you have it back from now on."),
        _("You need not do anything. We tell you what happens next.")),
    "appeal-dismissed": LetterWords(
        _("Your appeal is turned down"),
        _("Another officer looked at your appeal. The step you appealed stays as it is, and we say why below."),
        _("What an earlier letter asks of you still counts, with its day.")),
    "closed": LetterWords(
        _("The case is closed"), _("We have all that we need."), _("You need not do anything more.")),
}  # fmt: skip

APPEAL = _(
    "Do you think this is wrong? You can appeal on the same page, until the end of the day below. Another officer "
    "than the one who wrote this letter decides."
)
