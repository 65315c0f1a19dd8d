"""Why an entry was refused, one clear sentence a rule."""

from django.utils.translation import gettext_lazy as _

from ui import times
from ui.navigation import Words as Text

REFUSALS: dict[str, Text] = {
    "no-course": _("No course of treatment is open, so this cannot be entered."),
    "course-open": _("A course of treatment is open already."),
    "stop-open": _("Treatment is stopped. Clear the stop first."),
    "reason-not-listed": _("This is not a reason for that category."),
    "same-category": _("The patient is in that category already."),
    "item-not-agreed": _("Every item must be answered yes before you can sign."),
    "document-not-used": _("This document is not asked for in the patient's category."),
    "nothing-signed": _("There is no signature to take back."),
    "course-elsewhere": _("The same person has an open course in another file. Ask the program office."),
    "under-age": _("The patient is too young for this medicine."),
    "patient-of-age": _("The patient is of age now, and signs alone."),
    "in-the-future": _("This day is still to come."),
    "is-over": _("This day is over. Enter the test instead, or choose another day."),
    "too-far-ahead": _("This day is too far ahead. Check the year."),
    "too-long-ago": _("This day is too long before the enrolment to belong to this course. Check the year."),
    "before-birth": _("This day lies before the patient was born. Check the year."),
    "before-the-course": _("This day lies before the course began. Check the year."),
    "before-the-authorization": _("This day lies before the authorization was issued."),
    "never-discontinued": _("No course has ended, so there is no last dose to correct."),
    "methods-not-acceptable": _(
        "Choose two methods of different kinds, at least one of them primary, or abstinence alone."
    ),
    "never-enrolled": _("The patient was never enrolled."),
    "same-prescriber": _("This prescriber has the patient already."),
    "offer-open": _("The patient is offered to somebody already. Take that offer back first."),
    "no-offer": _("There is no offer any more."),
    "no-stop-open": _("No stop is open."),
    "no-such-guardian": _("This guardian does not stand beside the patient any more."),
    "nothing-changed": _("Nothing is different from before."),
    "erased": _("Two officers erased the names in this file. They come back with a new course alone."),
    "not-tested": _("This is asked of those who have pregnancy tests."),
    "no-report": _("There is no report of yours that could be a mistake."),
    "no-report-to-answer": _("There is no report of the patient to answer."),
    "no-question": _("There is no question any more that is not answered."),
    "no-such-entry": _("There is no such entry."),
    "already-struck": _("This entry is already marked as entered in error."),
    "cannot-be-struck": _("This entry cannot be marked as entered in error."),
    "missing": _("Fill this in."),
    "not-a-date": _("Enter a date."),
    "not-listed": _("Choose one of the values offered."),
    "proof-missing": _("The findings that prove it are not complete for the patient's age."),
    "address-of-another-patient": _(
        "Another of your patients has this address. Each patient needs an address of their own. "
        "A parent's address can be the guardian's of several children."
    ),
    "guardians-own-address": _("The guardian needs an address of their own."),
    "has-an-address": _("There is an e-mail address, or an account that is open: no letter is needed."),
    "address-of-the-account": _(
        "The account signs in by this address. Its owner takes it away: signed in, under Your account, with “I have no "
        "e-mail any more”. If they cannot sign in, the program office recovers the account; then leave this empty."
    ),
    "weight-impossible": _("Nobody who is treated has this weight. Check the number and the unit."),
    "prescribed-too-long": _("A prescription is for 30 days at most."),
    "dose-impossible": _("This dose is far outside what is ever prescribed. Check weight, unit and dose."),
    "value-impossible": _("No body has this value. Check the number and the unit."),
    "not-a-whole-number": _("Enter a whole number."),
}


def refusal_words(rule: str) -> Text:
    """The sentence of a rule. That a day is still to come, a reader for whom it has come is told with New York's."""
    note = times.today_note() if rule == "in-the-future" else ""
    return f"{REFUSALS[rule]} {note}" if note else REFUSALS[rule]
