"""One table of the messages: a row a kind. `docs/reminders.md` is made from it.

A kind that follows from a patient's file is due by a function in `compliance.rules.due.DUE`, of the same code; all
others are enqueued by the command that the row names, in its transaction. Words: `compliance.words.notices`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from accounts.roles import DESIGNEE
from compliance.rules.blockers import GUARDIAN, OFFICE, PATIENT, PHARMACY, PRESCRIBER
from outbox.channels import CHANNELS, EMAIL, SMS

#: When a message goes that is not urgent. By day: not in its reader's quiet hours, and to a practice in the digest of a
#: morning. At once: it answers what its reader does now. While the practice works: at once too, but at night.
BY_DAY, AT_ONCE, WITH_PRACTICE = "by day", "at once", "by the practice's day or the reader's"

#: To the owner of an account, whatever they are in the program; and to an address that has none.
OWNER, ADDRESS = "owner", "address"

#: Named beside the sides, since a reader of the table would look for them.
SIDES: Mapping[str, str] = {
    PATIENT: "patient", GUARDIAN: "every guardian who signs", PRESCRIBER: "prescriber and who covers",
    DESIGNEE: "designees by choice",
    PHARMACY: "who is in charge at the pharmacy", OFFICE: "each officer", OWNER: "owner of the account",
    ADDRESS: "the address",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of message."""

    code: str
    to: tuple[str, ...]
    #: When it is due, until when it makes sense and how often it comes again, in words.
    when: str
    until: str
    again: str = "once"
    #: The module that enqueues it; empty where it follows from the file.
    event: str = ""
    channels: tuple[str, ...] = CHANNELS
    #: By which it goes as well where none of those takes it. Nobody chooses that.
    instead: tuple[str, ...] = ()
    #: Goes at once and alone, whatever the hour.
    urgent: bool = False
    #: When it goes where it is not urgent.
    goes: str = BY_DAY
    #: Whether its reader may switch it off. What the program requires, and what protects an account, may not be.
    optional: bool = False
    #: The codes of its words, where there are others than its own.
    words: tuple[str, ...] = ()
    #: The office's page to which it leads.
    office_page: str = "office:home"

    @property
    def for_designees(self) -> bool:
        """Whether designees of the practice may have it too: it is about a patient, not about the prescriber."""
        return PRESCRIBER in self.to and (self.from_file or self.code in _OF_PRACTICE)

    def is_for(self, side: str) -> bool:
        """Whether the owner of an account may get it on that side; a designee by their own choice."""
        if side == DESIGNEE:
            return self.for_designees
        return side in self.to and self.code not in _BEFORE_ACCOUNT

    @property
    def from_file(self) -> bool:
        """Whether it follows from a patient's file, and is worked out once more before it is sent."""
        return not self.event

    @property
    def at_any_hour(self) -> bool:
        """Whether its reader gets it at night too."""
        return self.urgent or self.goes == AT_ONCE

    @property
    def in_digest(self) -> bool:
        """Whether the practice gets it as a line of the morning's digest."""
        return PRESCRIBER in self.to and not self.urgent and self.goes == BY_DAY


#: What a command tells the practice of a patient.
_OF_PRACTICE = frozenset(
    {
        "declined",
        "file-linked",
        "file-unlinked",
        "stop-by-test",
        "stop-by-report",
        "stop-by-patient",
        "stop-mistaken",
        "problem-reported",
        "report-urgent",
    }
)
#: To who has no account yet.
_BEFORE_ACCOUNT = frozenset({"invitation"})
_BOTH = (PATIENT, PRESCRIBER)
_CLOSED = "the account is closed"

_FROM_FILE = (
    Kind(
        code="consent-unfinished", to=_BOTH, until="14 days have passed, or all is signed",
        when="2 days after the last step (patient), 5 days after it (prescriber too)", again="after 5 days",
    ),
    Kind(
        code="guardian-waited-for", to=(GUARDIAN, PATIENT, PRESCRIBER), until="14 days have passed, or all is signed",
        when="2 days after the patient signed (guardian, patient), 5 days (prescriber too)", again="after 5 days",
    ),
    Kind(code="lead-in-ending", to=_BOTH, when="3 days before the lead-in ends", until="it has ended"),
    Kind(
        code="book-ahead", to=_BOTH, until="that day", optional=True,
        when="3 days before a test can count, where that is not the end of the lead-in",
    ),
    Kind(
        code="test-due", to=_BOTH, until="30 days have passed, or it is entered; after treatment 7 days",
        when="a test can count; 7 days before the supply ends; a test after treatment is due",
    ),
    Kind(
        code="result-missing", to=_BOTH,
        until="14 days have passed, it is entered, or the booking is moved or taken back",
        when="24 hours after the end of the day for which a test is booked, without a test of that day or later",
    ),
    Kind(
        code="laboratory-due", to=(PRESCRIBER,), optional=True, until="30 days have passed, or they are entered",
        when="laboratory values are due, where the practice set a schedule, or entered values or a plan in the course",
    ),
    Kind(
        code="month-open", to=_BOTH, until="the window closes in 48 hours",
        when="a part of the month is open: at once (patient), a day later (prescriber)",
    ),
    Kind(
        code="window-closing", to=(PATIENT, PRESCRIBER, GUARDIAN), until="the window is over, or the product picked up",
        when="48 hours before the window ends; to others than the patient while more than the pick-up is open",
        again="24 hours before, and at 9:00 of the last day",
    ),
    Kind(
        code="window-missed", to=_BOTH, when="the window ended without a pick-up",
        until="30 days have passed, or something opens another one",
    ),
    Kind(
        code="authorization-issued", to=(PATIENT,), when="an authorization is issued",
        until="it is used, given back, void or over", optional=True,
    ),
    Kind(
        code="supply-ending", to=(PATIENT,), when="10 days before the supply ends", again="5 days before",
        until="the supply has ended, or more is authorized", optional=True,
    ),
    Kind(
        code="authorization-overdue", to=(PHARMACY, OFFICE), until="it is reversed",
        when="an authorization is void or expired and not reversed", again="each day, and on the fourth to the office",
        office_page="office:overdue",
    ),
    Kind(
        code="late-hand-over", to=(OFFICE,), when="a hand-over was entered on a later day", until="7 days have passed",
        office_page="office:late",
    ),
    Kind(
        code="last-dose", to=(PRESCRIBER,), until="100 days after the hand-over, or the course ended",
        when="40 days after the last hand-over, without a window or an authorization", optional=True,
    ),
    Kind(
        code="owed-late", to=_BOTH, when="7 days after a test after treatment fell due", again="after 14 days",
        until="it is entered",
    ),
    Kind(
        code="precautions-over", to=(PATIENT,), until="7 days have passed",
        when="the month of contraception and without blood donations after the last dose is over",
    ),
    Kind(
        code="stop-unopened", to=(PRESCRIBER, OFFICE), urgent=True, when="a stop was not looked at for a day",
        until="somebody of the practice or the office opens the patient's page", again="each day for 14 days",
    ),
    Kind(
        code="report-unanswered", to=(PRESCRIBER, OFFICE), urgent=True,
        when="an urgent report of a patient (`report-urgent`) was not looked at for an hour (prescriber)",
        again="after 4 hours (prescriber), and after 8 to the office, without what was reported",
        until="the practice answers it, or somebody of the practice opens the patient's page",
    ),
    Kind(
        code="report-same-day", to=(PRESCRIBER,), goes=AT_ONCE,
        when="a patient's answers are severe (PHQ-9 of 20 and more), without thoughts of harm",
        until="the practice answers, a visit is entered, or 7 days have passed",
    ),
    Kind(
        code="report-soon", to=(PRESCRIBER,),
        when="a patient's answers are moderately severe (PHQ-9 of 15 to 19), without thoughts of harm",
        until="the practice answers, a visit is entered, or 7 days have passed",
    ),
    Kind(
        code="health-changed", to=(PRESCRIBER,), when="the patient says that allergies, medicines or illness changed",
        until="the practice enters the answers, or 14 days have passed", again="for each time that they say so",
    ),
)  # fmt: skip

_FROM_EVENT = (
    Kind(
        code="invitation", to=(PATIENT, GUARDIAN), event="compliance.commands.invitations",
        channels=(EMAIL,),
        when="the practice invites to sign", until="it is accepted, replaced or over", goes=WITH_PRACTICE,
    ),
    Kind(
        code="declined", to=(PRESCRIBER,), event="compliance.commands.drafts", until=_CLOSED,
        when="somebody said no to an item", again="for each no",
    ),
    *(
        Kind(
            code=code, to=(PRESCRIBER, OFFICE), event="compliance.commands.stops", urgent=True, when=when,
            until=_CLOSED,
        )
        for code, when in (
            ("stop-by-test", "a positive test is entered"),
            ("stop-by-report", "a pregnancy is reported"),
            ("stop-by-patient", "the patient says that she may be pregnant"),
        )
    ),
    Kind(
        code="stop-to-patient", to=(PATIENT,), event="compliance.commands.stops", urgent=True,
        until="no stop is open", when="somebody else enters what stops the treatment: what to do now",
    ),
    Kind(
        code="stop-mistaken", to=(PRESCRIBER,), event="compliance.commands.stops", urgent=True, until=_CLOSED,
        when="the patient says that it was pressed by mistake",
    ),
    Kind(
        code="problem-reported", to=(PRESCRIBER,), event="compliance.commands.stops", urgent=True, until=_CLOSED,
        when="the patient reports a missed period, or that a method failed",
    ),
    Kind(
        code="report-urgent", to=(PRESCRIBER,), event="compliance.commands.stops", urgent=True, until=_CLOSED,
        when="the patient reports what cannot wait: a grave side effect, or thoughts of harm",
    ),
    Kind(
        code="report-answered", to=(PATIENT,), event="compliance.commands.stops", until=_CLOSED, goes=AT_ONCE,
        when="the practice answers what the patient reported", again="for each answer",
    ),
    Kind(
        code="handed-over", to=(PATIENT,), event="compliance.commands.transfers", until=_CLOSED,
        when="another prescriber accepted the patient",
    ),
    Kind(
        code="request-declined", to=(PATIENT,), event="compliance.commands.transfers", until=_CLOSED,
        when="the prescriber whom the patient asked said no",
    ),
    Kind(
        code="offered-to-you", to=(PRESCRIBER,), event="compliance.commands.offers", until="no offer is open",
        when="patients are offered to the prescriber", again="once for all that are offered together",
    ),
    Kind(
        code="offered-by-office", to=(PRESCRIBER,), event="compliance.commands.offers", until=_CLOSED,
        when="the office offers the prescriber's patients to another one",
    ),
    Kind(
        code="offered-in-your-name", to=(PRESCRIBER,), event="compliance.commands.transfers", until=_CLOSED,
        when="who covers offered a patient to another prescriber",
    ),
    Kind(
        code="handed-over-from-you", to=(PRESCRIBER,), event="compliance.commands.transfers", until=_CLOSED,
        when="another prescriber accepted the patient",
    ),
    *(
        Kind(code=code, to=(PRESCRIBER,), event="compliance.commands.linking", until=_CLOSED, when=when)
        for code, when in (
            ("file-linked", "the office linked two files"),
            ("file-unlinked", "the office ended the link of two files"),
        )
    ),
    Kind(
        code="held-enrolment", to=(PRESCRIBER,), event="compliance.commands.held_decisions", until=_CLOSED,
        when="the office decided on an enrolment that it had held",
    ),
    Kind(
        code="nobody-acts", to=(OFFICE,), event="notifications.reminders", until=_CLOSED,
        when="something was due at a practice whose account is closed and where nobody covers",
        again="once a day for each practice", office_page="office:without_prescriber",
    ),
    Kind(
        code="application-approved", to=(PRESCRIBER, PHARMACY), event="compliance.commands.certifying",
        when="the office approved the application (to who applied)", until="the office suspends it",
    ),
    Kind(
        code="application-turned-down", to=(PRESCRIBER, PHARMACY), event="compliance.commands.certifying",
        when="the office turned the application down (to who applied)", until="they apply again",
    ),
    Kind(
        code="case-letter", to=(PRESCRIBER, PHARMACY), event="compliance.commands.noncompliance",
        when="the office took a step of a case of non-compliance (to the practice or the pharmacy that it is about)",
        until="their account is closed",
    ),
    Kind(
        code="application-waiting", to=(OFFICE,), event="notifications.places", office_page="office:certifications",
        when="an application has waited for 2 days", again="for each time that they apply", until="it is decided",
    ),
    Kind(
        code="certification-ending", to=(PRESCRIBER, PHARMACY), event="notifications.places",
        when="30 days before a certification ends (to the prescriber alone; to who is in charge at the pharmacy)",
        again="7 days and 1 day before", until="its last day, or it is renewed",
    ),
    Kind(
        code="digest", to=(PRESCRIBER,), event="notifications.digest", until="nothing in it is due any more",
        channels=(EMAIL,), instead=(SMS,),
        when="7:30 of the practice's morning, where anything is due", again="each morning", goes=AT_ONCE,
    ),
    Kind(
        code="log-alarm", to=(OFFICE,), event="compliance.commands.checkpoints", until=_CLOSED, urgent=True,
        when="no checkpoint was made: something is not as it was signed", again="each day",
    ),
    Kind(
        code="columns-differ", to=(OFFICE,), event="compliance.commands.column_check", until=_CLOSED, urgent=True,
        when="columns differ from the log", again="each day",
    ),
    Kind(
        code="worker-silent", to=(OFFICE,), event="notifications.silence", until="the worker works again", urgent=True,
        when="the worker left no heartbeat for 5 minutes; sent by a timer beside it", again="once for each silence",
    ),
    Kind(
        code="signing-locked", to=(OFFICE,), event="accounts.signature_credentials", until=_CLOSED,
        when="failed attempts locked signing for an account", office_page="office:accounts",
    ),
    Kind(
        code="lookup-attack", to=(OFFICE,), event="compliance.commands.lookups", until=_CLOSED, urgent=True,
        when="one number was looked up wrongly many times", again="once an hour", office_page="office:accounts",
    ),
    Kind(
        code="checkpoint", to=(OFFICE,), event="compliance.commands.checkpoints", until=_CLOSED,
        channels=(EMAIL,),
        when="a checkpoint was made", again="each hour",
        goes=AT_ONCE,  # it is kept where nobody of this installation can change it, and so before anybody might
    ),
    Kind(
        code="account", to=(OWNER,), event="compliance.commands.people", until="a password is chosen",
        channels=(EMAIL,),
        when="somebody else opened the account, or two officers recovered it", goes=AT_ONCE,
        words=(
            "account", "designee-known", "pharmacist-known", "officer-known", "designee-joins", "pharmacist-joins",
        ),
    ),
    Kind(
        code="password-closed", to=(OWNER,), event="accounts.failed_attempts", until="a password is chosen",
        channels=(EMAIL,),
        when="the password was tried wrongly too often", urgent=True,
        goes=AT_ONCE,
    ),
    Kind(
        code="password_reset_key", to=(ADDRESS,), event="accounts.recovery_letter", until="its link is over",
        channels=(EMAIL,),
        when="somebody asks for a new password", urgent=True, words=("account/email/password_reset_key",),
        goes=AT_ONCE,
    ),
    Kind(
        code="registration", to=(ADDRESS,), event="compliance.commands.registering", until="its link is over",
        channels=(EMAIL,),
        when="somebody wants to register", urgent=True, words=("registration", "registration-known"),
        goes=AT_ONCE,
    ),
    Kind(
        code="address-confirm", to=(ADDRESS,), event="compliance.commands.address_change", until="its link is over",
        channels=(EMAIL,),
        when="another address is given for an account", urgent=True,
        goes=AT_ONCE,
    ),
    Kind(
        code="address-asked", to=(OWNER,), event="compliance.commands.address_change", until=_CLOSED, urgent=True,
        channels=(EMAIL,),
        when="another address is given for the account",
        goes=AT_ONCE,
    ),
    Kind(
        code="number-confirm", to=(OWNER,), event="compliance.commands.text_number", until="ten minutes have passed",
        channels=(SMS,),
        when="its owner wants text messages to go to a number", urgent=True,
    ),
    Kind(
        code="address-replaced", to=(ADDRESS,), event="compliance.commands.address_change", until="it is sent",
        channels=(EMAIL,),
        when="an account or a person is written to elsewhere from now on",
        goes=AT_ONCE,
    ),
)  # fmt: skip

KINDS: Mapping[str, Kind] = {kind.code: kind for kind in (*_FROM_FILE, *_FROM_EVENT)}
