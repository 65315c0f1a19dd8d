"""The lines of a digest: what is to do for one patient of a practice, or for the practice. As `notices`, they name no
drug, no program, no result: anybody may look over a shoulder.
"""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from ui.navigation import Words as Text

#: By kind. `{missing}` is filled in as in a message.
LINES: Mapping[str, Text] = {
    "consent-unfinished": _("The patient has not finished signing. A call may help."),
    "guardian-waited-for": _("A guardian has not signed yet. A call may help."),
    "lead-in-ending": _("A waiting time ends. Make an appointment."),
    "book-ahead": _("The next step counts soon. Make an appointment."),
    "test-due": _("A step can be taken now."),
    "result-missing": _("An appointment brought no result yet. Enter it, or move the appointment."),
    "laboratory-due": _("Something that you planned for the patient is due."),
    "month-open": _("Something of this month is still to be entered."),
    "window-closing": _("The time for this month ends. {missing}"),
    "window-missed": _("The time for this month is over. See what opens the next days."),
    "last-dose": _("Nothing was handed over for forty days. Is the treatment over? Enter its last day."),
    "owed-late": _("A last step is late. It can still be taken."),
    "report-soon": _("The patient wrote something that should be talked about soon. Read it."),
    "health-changed": _("The patient wrote that something has changed. Read it, and enter it."),
    "declined": _("Somebody has a question before signing. Call them."),
    "file-linked": _("The program office linked two files. See what has to be asked for again."),
    "file-unlinked": _("The program office ended a link of two files. See what has to be asked for again."),
    "offered-in-your-name": _("Somebody who covers for you offered the patient to another practice."),
    "handed-over-from-you": _("The patient has moved to another practice."),
    "offered-to-you": _("You are asked to take patients over. Accept or decline."),
    "offered-by-office": _("The program office asks another practice to take patients of yours over."),
    "held-enrolment": _("The program office has decided on an enrolment. See the outcome."),
    "application-approved": _("Your application was approved. You can begin."),
    "application-turned-down": _("Your application was not approved. Read why, and apply again."),
    "case-letter": _("The program office has written to you. Read the letter."),
    "certification-ending": _("Your certification ends. Sign anew."),
}

#: Above the lines of one day, by whether something ends or begins on it; and above those that name none.
ENDS = _("Until the end of {date}, New York time{own}:")
BEGINS = _("From {date}, New York time{own}:")
NO_DAY = _("Without a last day:")

#: A line about a patient, and one whose name was erased.
ABOUT = _("{number} ({initials}): {text}")
ABOUT_WITHOUT_NAME = _("{number}: {text}")

#: Below the lines, for each kind of them that its reader may switch off.
NO_MORE = _("To get no more of “{text}” by e-mail, open this link: {link}")
