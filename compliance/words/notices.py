"""Messages: subject and body. They name no drug, no program, no result: anybody may look over a shoulder.

A guardian's say no more than that there is something to sign.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from compliance.rules.blockers import GUARDIAN, OFFICE, PATIENT, PHARMACY, PRESCRIBER
from ui.navigation import Words as Text

#: What a text message says: one sentence, as little as can be. A text of 160 letters has none of these: á, í, ó, ú.
NEWS = _("Clearfill: you have a new message. Sign in: {link}")
TO_DO = _("Clearfill: something needs you. Sign in: {link}")
TO_DO_UNTIL = _("Clearfill: something needs you by {date}. Sign in: {link}")
URGENT = _("Clearfill, urgent: something needs you now. Sign in: {link}")


@dataclass(frozen=True, slots=True)
class NoticeWords:
    """A message; `{link}`, `{date}`, `{time}`, `{own}` (that in the reader's time) and `{missing}` are filled in."""

    subject: Text
    body: Text
    #: The same as a text message.
    text: Text = NEWS


NOTICES: Mapping[str, NoticeWords] = {
    "invitation": NoticeWords(
        _("You are invited to Clearfill"),
        _("Hello,\n\nyour prescriber's office invites you to read and sign something online. It takes about twenty "
          "minutes, and you can pause.\n\n{link}\n\nThe link can be used until {date}. It ends that day at {time}, New "
          "York time.")),
    "account": NoticeWords(
        _("Your Clearfill account"),
        _("Hello,\n\na colleague opened an account for you. Choose your password here:\n\n{link}")),
    "designee-known": NoticeWords(
        _("Somebody wanted to add you in Clearfill"),
        _("Hello,\n\na practice wanted to add you as a designee with this address. It has an account already, so "
          "nothing was changed. Sign in to see your account:\n\n{link}\n\nTo work for that practice too, give it "
          "another address of yours. If you do not know of it, there is nothing to do.")),
    "pharmacist-known": NoticeWords(
        _("Somebody wanted to add you in Clearfill"),
        _("Hello,\n\na pharmacy wanted to add you as a colleague with this address. It has an account already, so "
          "nothing was changed. Sign in to see your account:\n\n{link}\n\nTo work at that pharmacy too, give it "
          "another address of yours. If you do not know of it, there is nothing to do.")),
    "designee-joins": NoticeWords(
        _("Somebody wanted to add you in Clearfill"),
        _("Hello,\n\na practice wanted to add you as a designee with this address. It has an account already, so "
          "nothing was changed. To work for that practice too with the same account, go on here within two weeks:"
          "\n\n{link}\n\nOr give the practice another address of yours. If you do not know of it, there is nothing to "
          "do.")),
    "pharmacist-joins": NoticeWords(
        _("Somebody wanted to add you in Clearfill"),
        _("Hello,\n\na pharmacy wanted to add you as a colleague with this address. It has an account already, so "
          "nothing was changed. To work at that pharmacy too with the same account, go on here within two weeks:"
          "\n\n{link}\n\nOr give the pharmacy another address of yours. If you do not know of it, there is nothing to "
          "do.")),
    "officer-known": NoticeWords(
        _("Somebody wanted to add you in Clearfill"),
        _("Hello,\n\nthe program office wanted to add you as an officer with this address. It has an account already,"
          " so nothing was changed. Sign in to see your account:\n\n{link}\n\nTo work in the office too, give it "
          "another address of yours. If you do not know of it, there is nothing to do.")),
    "registration": NoticeWords(
        _("Register with Clearfill"),
        _("Hello,\n\nsomebody, we hope you, wants to register with this address. Go on here within a day:\n\n{link}"
          "\n\nIf it was not you, there is nothing to do.")),
    "registration-known": NoticeWords(
        _("You have a Clearfill account"),
        _("Hello,\n\nsomebody, perhaps you, wants to register with this address. It has an account already. Sign in, "
          "or ask there for a new password:\n\n{link}\n\nTo register a practice or a pharmacy beside it, use another "
          "address of yours. If it was not you, there is nothing to do.")),
    "address-confirm": NoticeWords(
        _("Please confirm your address for Clearfill"),
        _("Hello,\n\nthis address was given for a Clearfill account. If it is yours, open this link within three days "
          "and sign in:\n\n{link}\n\nIf it is not, there is nothing to do.")),
    "address-asked": NoticeWords(
        _("Another address was given for your Clearfill account"),
        _("Hello,\n\nanother e-mail address was given for your account. It counts once somebody opens a link that went "
          "to it and signs in with your password. If you know nothing of it, choose a new password:\n\n{link}")),
    "address-replaced": NoticeWords(
        _("Clearfill no longer writes to this address"),
        _("Hello,\n\nyou gave another address, or your practice put it right. We write to this one no more. If you "
          "know nothing of it, please tell your practice or the program office.")),
    "password-closed": NoticeWords(
        _("Please choose a new Clearfill password"),
        _("Hello,\n\nsomebody tried many wrong passwords or codes on your account, one after the other. Please choose a"
          " new password; until then the present one may be refused. A passkey still opens your account.\n\n{link}")),
    "number-confirm": NoticeWords(
        _("Your code for text messages"),
        _("Hello,\n\nyour code is {code}. It is good for ten minutes.\n\n{link}"),
        _("Clearfill: your code is {code}. It is good for 10 minutes.")),
    "test-due": NoticeWords(
        _("Something is due in Clearfill"),
        _("Hello,\n\na step can be taken now. Sign in to see which one:\n\n{link}"), TO_DO),
    "window-closing": NoticeWords(
        _("Something to do in Clearfill until {date}, New York time"),
        _("Hello,\n\nthe time for this month runs until the end of {date}, New York time{own}. {missing} Sign in to "
          "see what to do:\n\n{link}"), TO_DO_UNTIL),
    "month-open": NoticeWords(
        _("Your part of the month is open in Clearfill"),
        _("Hello,\n\nyour part of this month can be done now, until the end of {date}, New York time{own}:"
          "\n\n{link}"), TO_DO_UNTIL),
    "window-missed": NoticeWords(
        _("The time for this month is over"),
        _("Hello,\n\nthe days in which this month had to be finished are over. That can be put right: sign in to see "
          "what to do now, and from which day:\n\n{link}"), TO_DO),
    "lead-in-ending": NoticeWords(
        _("Please make an appointment: a waiting time ends soon"),
        _("Hello,\n\na waiting time ends. From {date}, New York time{own}, the next step can be taken. Please make an "
          "appointment with your practice now, and sign in to see the steps:\n\n{link}"), TO_DO),
    "book-ahead": NoticeWords(
        _("Please make an appointment for the next step"),
        _("Hello,\n\nthe next step counts from {date}, New York time{own}, and not before. Please make an appointment "
          "with your practice now, and sign in to see the steps:\n\n{link}"), TO_DO),
    "consent-unfinished": NoticeWords(
        _("Something still waits for your signature"),
        _("Hello,\n\nsome pages still wait to be read and signed. You can go on where you stopped. If you have a "
          "question first, call your practice:\n\n{link}"), TO_DO),
    "guardian-waited-for": NoticeWords(
        _("A signature is still waited for"),
        _("Hello,\n\na signature beside another one is still missing. Sign in to see what there is to read and sign:"
          "\n\n{link}"), TO_DO),
    "authorization-issued": NoticeWords(
        _("Ready to pick up until {date}, New York time"),
        _("Hello,\n\neverything is ready at your pharmacy. Please pick it up before the end of {date}, New York "
          "time{own}:\n\n{link}"), TO_DO_UNTIL),
    "supply-ending": NoticeWords(
        _("What you have at home ends soon"),
        _("Hello,\n\nwhat you have at home lasts until {date}, New York time, if you take it as agreed. Sign in to see "
          "what is next:\n\n{link}"), TO_DO),
    "owed-late": NoticeWords(
        _("A last step is late in Clearfill"),
        _("Hello,\n\na step that follows the end of treatment has not been entered yet. It can still be taken:"
          "\n\n{link}"), TO_DO),
    "precautions-over": NoticeWords(
        _("A waiting time is over"),
        _("Hello,\n\nthe month after the end of your treatment, in which some things were asked of you, is over. Sign "
          "in to see whether anything is left:\n\n{link}")),
    "last-dose": NoticeWords(
        _("Is a treatment over?"),
        _("Hello,\n\nfor forty days nothing was handed over to a patient of yours. If the treatment is over, please "
          "enter its last day:\n\n{link}"), TO_DO),
    "stop-unopened": NoticeWords(
        _("Clearfill: something urgent still waits for you"),
        _("Hello,\n\nsomething happened that somebody must act on at once, and nobody has looked at it yet. Sign in to "
          "see what, and what to do now:\n\n{link}"), URGENT),
    "report-unanswered": NoticeWords(
        _("Clearfill, urgent: a patient still needs your call"),
        _("Hello,\n\na patient of yours reported something that cannot wait, and nobody has looked at it yet. Sign in "
          "to see what, call the patient, and enter that you did:\n\n{link}"), URGENT),
    "report-same-day": NoticeWords(
        _("Clearfill: please look at a patient’s page now"),
        _("Hello,\n\na patient of yours wrote something that you should read without delay. Sign in to see it, and "
          "call the patient:\n\n{link}"), TO_DO),
    "report-soon": NoticeWords(
        _("A patient wrote something to talk about soon"),
        _("Hello,\n\na patient of yours wrote something that should be talked about soon, and not only at the next "
          "visit. Sign in to read it:\n\n{link}"), TO_DO),
    "health-changed": NoticeWords(
        _("A patient wrote that something has changed"),
        _("Hello,\n\na patient of yours wrote that something has changed. Sign in to read it, and to enter what "
          "follows:\n\n{link}"), TO_DO),
    "late-hand-over": NoticeWords(
        _("A hand-over was entered late in Clearfill"),
        _("Hello,\n\na pharmacy entered a hand-over on a later day than it was made. Sign in to see it:\n\n{link}")),
    "nobody-acts": NoticeWords(
        _("Patients of a practice have nobody who acts for them"),
        _("Hello,\n\nsomething is due for patients of a practice whose account is closed, and nobody covers. Sign in "
          "to hand the patients over:\n\n{link}"), TO_DO),
    "result-missing": NoticeWords(
        _("Was your appointment as planned?"),
        _("Hello,\n\nyou had an appointment, and nothing has been entered since. If it took place, ask your practice; "
          "if not, choose another day:\n\n{link}"), TO_DO),
    "laboratory-due": NoticeWords(
        _("Something that you planned for a patient is due"),
        _("Hello,\n\nsomething that you planned for a patient of yours is due. See what it is, and enter it once it is "
          "done:\n\n{link}"), TO_DO),
    "application-approved": NoticeWords(
        _("Your application was approved"),
        _("Hello,\n\nthe program office approved your application. You can begin:\n\n{link}")),
    "application-turned-down": NoticeWords(
        _("Your application was answered"),
        _("Hello,\n\nthe program office could not approve your application. Sign in to read why. You can apply again "
          "there:\n\n{link}")),
    "case-letter": NoticeWords(
        _("The program office has written to you"),
        _("Hello,\n\nthere is a letter from the program office for you. It may ask you to answer by a day. Sign in to "
          "read it:\n\n{link}"), TO_DO),
    "application-waiting": NoticeWords(
        _("An application has waited for two days"),
        _("Hello,\n\nsomebody applied two days ago and has no answer yet. Sign in to see who:\n\n{link}"), TO_DO),
    "certification-ending": NoticeWords(
        _("Your certification ends on {date}, New York time"),
        _("Hello,\n\nafter the end of {date}, New York time{own}, nothing can be authorized until you have signed "
          "anew. It takes a few minutes:\n\n{link}"), TO_DO_UNTIL),
    "digest": NoticeWords(
        _("Clearfill: what is to do at the practice"),
        _("Hello,\n\nthis is to do, what closes first comes first. There is one such letter a morning.\n\n{lines}")),
    "log-alarm": NoticeWords(
        _("Clearfill: the log is not as it was signed"),
        _("Hello,\n\nsomething in the log, or in what was kept outside, is not as it was signed. No checkpoint is made "
          "until that is explained. Please tell whoever runs this installation at once:\n\n{link}"), URGENT),
    "worker-silent": NoticeWords(
        _("Clearfill: no reminder goes out at the moment"),
        _("Hello,\n\nfor more than five minutes nothing was done in the background: no reminder falls due, and no "
          "message goes out. Please tell whoever runs this installation at once:\n\n{link}"), URGENT),
    "columns-differ": NoticeWords(
        _("Clearfill: lists do not agree with the log"),
        _("Hello,\n\nsomething that lists show is not what the log says. Please tell whoever runs this installation at "
          "once:\n\n{link}"), URGENT),
    "authorization-overdue": NoticeWords(
        _("An authorization is overdue in Clearfill"),
        _("Hello,\n\nan authorization of your pharmacy is no longer good. Return the product to stock and reverse it:"
          "\n\n{link}"), TO_DO),
    "declined": NoticeWords(
        _("A patient would like to talk"),
        _("Hello,\n\na patient, or a guardian, has a question before signing. Sign in to see who:\n\n{link}"), TO_DO),
    "signing-locked": NoticeWords(
        _("Clearfill: signing was locked for an account"),
        _("Hello,\n\nfailed attempts locked signing for one account for a while. Sign in to see which one:"
          "\n\n{link}")),
    "checkpoint": NoticeWords(
        _("Clearfill: checkpoint {number}"),
        _("Please keep this message: with it anybody can show that the log was not rewritten.\n\n{text}\n\n{link}")),
    "lookup-attack": NoticeWords(
        _("Clearfill: one number was looked up wrongly many times"),
        _("Hello,\n\none number was tried with many wrong dates in a short while. Whoever tried is paused. Sign in to"
          " see whom:\n\n{link}"), URGENT),
    "handed-over": NoticeWords(
        _("Your care has moved to another practice"),
        _("Hello,\n\nanother practice looks after you from now on. Sign in to see what is next:\n\n{link}")),
    "request-declined": NoticeWords(
        _("Clearfill: your request was answered"),
        _("Hello,\n\nthe practice that you asked cannot take you on. You can ask another one:\n\n{link}")),
    "offered-to-you": NoticeWords(
        _("Clearfill: you are asked to take somebody over"),
        _("Hello,\n\nyou are asked to look after somebody, or after several people, from now on. You accept or "
          "decline here:\n\n{link}"), TO_DO),
    "offered-by-office": NoticeWords(
        _("The program office asks another practice to take over"),
        _("Hello,\n\nthe program office asks another prescriber to look after patients of yours. Until that one "
          "accepts they stay with you. Sign in to see whom it is about:\n\n{link}")),
    "offered-in-your-name": NoticeWords(
        _("A patient of yours was offered to another practice"),
        _("Hello,\n\nsomebody who covers for you offered a patient of yours to another prescriber. You can take the "
          "offer back until it is accepted:\n\n{link}")),
    "handed-over-from-you": NoticeWords(
        _("A patient of yours has moved to another practice"),
        _("Hello,\n\nanother prescriber accepted a patient of yours. If somebody who covers for you made the "
          "offer, you can take the patient back for two weeks:\n\n{link}")),
    **{
        kind: NoticeWords(
            _("Clearfill: something urgent needs you"),
            _("Hello,\n\nsomething happened that somebody must act on at once. Sign in to see what, and what "
                "to do now:\n\n{link}"), URGENT)
        for kind in ("stop-by-test", "stop-by-report", "stop-by-patient")
    },
    "stop-to-patient": NoticeWords(
        _("Clearfill, urgent: please read what to do now"),
        _("Hello,\n\nsomething was entered for you that cannot wait. Sign in to read what to do now, and whom to call:"
          "\n\n{link}"), URGENT),
    "stop-mistaken": NoticeWords(
        _("Clearfill: a patient left you a note"),
        _("Hello,\n\na patient says that something was pressed by mistake. It stays as it is until you look at it:"
          "\n\n{link}"), URGENT),
    "problem-reported": NoticeWords(
        _("Clearfill: a patient needs your call"),
        _("Hello,\n\na patient of yours reported something that should be talked about at once. Sign in to see what, "
          "and whom to call:\n\n{link}"), URGENT),
    "report-urgent": NoticeWords(
        _("Clearfill, urgent: a patient needs your call now"),
        _("Hello,\n\na patient of yours reported something that cannot wait, and may be in danger. Sign in to see "
          "what, call the patient, and enter that you did:\n\n{link}"), URGENT),
    "report-answered": NoticeWords(
        _("Clearfill: your practice answered you"),
        _("Hello,\n\nyour practice answered what you reported. Sign in to read it:\n\n{link}")),
    "file-linked": NoticeWords(
        _("The program office linked two files in Clearfill"),
        _("Hello,\n\na patient of yours has another file. From now on the two are treated as one, and what a"
          " pharmacy had been allowed has to be asked for again. Sign in to see it:\n\n{link}")),
    "file-unlinked": NoticeWords(
        _("The program office ended a link between two files in Clearfill"),
        _("Hello,\n\na patient of yours had another file. The two are no longer treated as one, and what a"
          " pharmacy had been allowed has to be asked for again. Sign in to see it:\n\n{link}")),
    "held-enrolment": NoticeWords(
        _("The office has decided on an enrolment"),
        _("Hello,\n\nthe office has reviewed an enrolment of yours. Sign in to see the outcome:\n\n{link}")),
}  # fmt: skip

#: What a side reads instead of the words above, by kind and side.
OF_SIDE: Mapping[tuple[str, str], NoticeWords] = {
    ("window-closing", GUARDIAN): NoticeWords(
        _("Something to sign in Clearfill until {date}, New York time"),
        _("Hello,\n\na signature of yours is needed before the end of {date}, New York time{own}:\n\n{link}"),
        TO_DO_UNTIL),
    ("month-open", PRESCRIBER): NoticeWords(
        _("A part of the month is open at your practice"),
        _("Hello,\n\nfor a patient of yours something of this month is still to be entered, before the end of {date}, "
          "New York time{own}:\n\n{link}"), TO_DO_UNTIL),
    ("window-missed", PRESCRIBER): NoticeWords(
        _("A patient's time for this month is over"),
        _("Hello,\n\nthe days in which a patient of yours had to finish this month are over. Sign in to see what opens "
          "the next ones:\n\n{link}"), TO_DO),
    ("lead-in-ending", PRESCRIBER): NoticeWords(
        _("A patient's waiting time ends soon"),
        _("Hello,\n\na waiting time of a patient of yours ends. From {date}, New York time{own}, the next step counts. "
          "An appointment is due:\n\n{link}"), TO_DO),
    ("book-ahead", PRESCRIBER): NoticeWords(
        _("A patient's next step counts soon"),
        _("Hello,\n\nthe next step of a patient of yours counts from {date}, New York time{own}. An appointment is due:"
          "\n\n{link}"), TO_DO),
    ("result-missing", PRESCRIBER): NoticeWords(
        _("Something of a patient's appointment has not been entered"),
        _("Hello,\n\na patient of yours had an appointment, and nothing has been entered since. Please enter what came "
          "of it, or move the appointment:\n\n{link}"), TO_DO),
    ("consent-unfinished", PRESCRIBER): NoticeWords(
        _("A patient has not finished signing"),
        _("Hello,\n\na patient of yours still has something to read and sign, for five days now. A call may help:"
          "\n\n{link}"), TO_DO),
    ("guardian-waited-for", PATIENT): NoticeWords(
        _("A signature beside yours is still missing"),
        _("Hello,\n\nyou have signed, and a signature beside yours is still missing. Please ask whoever signs with you "
          "to open the letter from us:\n\n{link}"), TO_DO),
    ("guardian-waited-for", PRESCRIBER): NoticeWords(
        _("A guardian has not signed yet"),
        _("Hello,\n\na guardian's signature for a patient of yours is still missing. A call may help; you can also "
          "invite the guardian again, or name another one:\n\n{link}"), TO_DO),
    ("owed-late", PRESCRIBER): NoticeWords(
        _("A patient's last step is late in Clearfill"),
        _("Hello,\n\na step that follows the end of a patient's treatment has not been entered yet. It can still be "
          "taken:\n\n{link}"), TO_DO),
    ("certification-ending", PHARMACY): NoticeWords(
        _("Your pharmacy's certification ends on {date}, New York time"),
        _("Hello,\n\nafter the end of {date}, New York time{own}, your pharmacy gets no authorization until the yearly "
          "training is signed for. It takes a few minutes:\n\n{link}"), TO_DO_UNTIL),
    ("report-unanswered", OFFICE): NoticeWords(
        _("Clearfill, urgent: a practice has not looked at a report"),
        _("Hello,\n\na patient reported something to the practice that cannot wait, and nobody there has looked at it "
          "for hours. Please call the practice, or who covers for it:\n\n{link}"), URGENT),
    ("authorization-overdue", OFFICE): NoticeWords(
        _("A pharmacy has not reversed an authorization"),
        _("Hello,\n\na pharmacy was asked for three days to reverse an authorization, and has not. Sign in to see "
          "which one:\n\n{link}"), TO_DO),
}  # fmt: skip

#: Who still has something to do, as each reader reads it; nobody: only the pick-up is left.
NOTHING_MISSING = _("Everything is done but the pick-up at the pharmacy.")
MISSING: Mapping[str, Mapping[str, Text]] = {
    PATIENT: {
        PATIENT: _("Your part is still open."),
        PRESCRIBER: _("Something is still open at your practice."),
        GUARDIAN: _("A signature beside yours is still missing."),
    },
    PRESCRIBER: {
        PATIENT: _("The patient's part is still open."),
        PRESCRIBER: _("Something is still open at your practice."),
        GUARDIAN: _("A guardian's signature is still missing."),
    },
}

#: Below each message about a patient: to the patient and a guardian, and to everybody else. Of the patient it says the
#: number, and the initials where the name was not erased.
FROM_PRACTICE = _("Your practice: {practice}, phone {phone}")
FROM_PRACTICE_WITHOUT_PHONE = _("Your practice: {practice}")
ABOUT_PATIENT = _("Patient: {number} ({initials})")
ABOUT_PATIENT_WITHOUT_NAME = _("Patient: {number}")

#: Below a message that its reader may switch off.
UNSUBSCRIBE = _("To get no more messages of this kind, open this link: {link}")

#: How a message writes a day, in the letters of Django's `date` filter.
DAY_PATTERN = _("F j")


def words_of(kind: str, side: str = "") -> NoticeWords:
    """What that side reads in messages of that kind."""
    return OF_SIDE.get((kind, side)) or NOTICES[kind]


#: What no subject and no body may hold, in either language.
FORBIDDEN = (
    "isotretinoin", "accutane", "ipledge", "rems", "pregnan", "contracep", "birth", "test", "result", "method", "acne",
    "embaraz", "anticoncep", "nacimiento", "prueba", "método", "análisis",
)  # fmt: skip
