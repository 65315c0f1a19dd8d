"""How a wrong entry is put right: one total table over the kinds of record, in each kind of log.

No entry is without a way, or it says why none is needed. Every way is a record itself, and the wrong one stays in the
log. Who may enter that record, and what it makes void, `docs/corrections.md` takes from the code.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from ui.navigation import Words

#: The ways. `none` needs none, and the sentence says why.
WAYS: Mapping[str, Words] = {
    "voided": _("marked as entered in error"),
    "corrected": _("corrected"),
    "again": _("entered again; the latest counts"),
    "withdrawn": _("withdrawn"),
    "cleared": _("cleared"),
    "reversed": _("reversed"),
    "ended": _("ended"),
    "undone": _("undone by its opposite"),
    "none": _("needs no way"),
}


@dataclass(frozen=True, slots=True)
class Correction:
    """How one kind of record is put right."""

    way: str
    #: One short sentence, for the page on which it is entered.
    sentence: Words
    #: The kinds of record that put it right; `account/` before one that stands in an account's log.
    by: tuple[str, ...] = ()
    #: The same for a patient or a guardian who enters it themselves; for a guardian, where that is something else.
    own: Words = ""
    guardian: Words = ""


_VOID = _("Entered in error? The prescriber marks it so in the record. It stays there and no longer counts.")
_TYPED = _("Mistyped? Correct it on the same page at any time. What stood there before stays in the record.")
_FREE = _("Changed, or entered wrong? Enter it again on the same page: the latest counts, and the record keeps both.")
_CHOSEN = _("Chosen wrong? Choose again at any time. What you signed stays as it is.")
_NAMED = _("The wrong guardian, or the wrong address? Correct, replace or end it on the patient’s page.")
_SIGN_LATER = _("Changed your mind? You can read and sign at any time.")
_TEST = _("A positive test stays in the record: the prescriber clears the stop that it opened.")
_SECURITY = _("It tells what happened, not what somebody typed: there is nothing to put right.")
_GOES_WITH = _("It goes with what it signs, and is put right with it.")
_PDF = _("The program makes it. It keeps what it said on its day; what is signed later gets another.")
_OPENED = _("The wrong person or address? Close the account: nothing more can be done with it.")
_CERTIFIED = _("Attested in error? Call the program office, which can suspend the certification.")
_ALONE = _("An officer’s request alone does nothing: another officer has to confirm it.")

PATIENT: Mapping[str, Correction] = {
    "registered": Correction(
        "corrected", _("Mistyped? Correct birth date, name, e-mail, phone and language on the patient’s page."),
        ("birth_date_corrected", "contact_corrected")),
    "birth_date_corrected": Correction("corrected", _TYPED, ("birth_date_corrected",)),
    "contact_corrected": Correction("corrected", _TYPED, ("contact_corrected",), _TYPED),
    "guardian_named": Correction("corrected", _NAMED, ("guardian_corrected", "guardian_ended")),
    "guardian_corrected": Correction("corrected", _TYPED, ("guardian_corrected",), _TYPED),
    "guardian_ended": Correction(
        "undone", _("Ended in error? Name the guardian again: they get another invitation."), ("guardian_named",)),
    "invited": Correction(
        "corrected",
        _("Sent to the wrong address? Correct the address: the link that was sent ends. A lost letter? Print a new "
          "one: its code ends the one before."),
        ("contact_corrected", "guardian_corrected", "guardian_ended")),
    "invitation_accepted": Correction(
        "ended", _("Opened by somebody else? Call the program office: two officers close the account or recover it."),
        ("account/account_closed", "account/account_reissued"),
        _("Not meant for you? Close this page, and call the practice that sent it.")),
    "enrolled": Correction(
        "corrected",
        _("The wrong category? Change it on the patient’s page. Enrolled in error? End the course; no dose was taken."),
        ("category_changed", "discontinued")),
    "category_changed": Correction(
        "again", _("The wrong category? Change it again: the record keeps both."), ("category_changed",)),
    "consent_signed": Correction(
        "withdrawn", _("Whoever signed withdraws it: patients on the page “My record”, guardians on the page “Today”."),
        ("consent_withdrawn",),
        _("You can take your consent back at any time, on the page “My record”. The record keeps both."),
        _("You can take your consent back at any time, on the page “Today”. The record keeps both.")),
    "consent_refused": Correction("undone", _SIGN_LATER, ("consent_signed",), _SIGN_LATER),
    "attested": Correction("none", _GOES_WITH),
    "pdf_sealed": Correction("none", _PDF),
    "consent_withdrawn": Correction("undone", _SIGN_LATER, ("consent_signed",), _SIGN_LATER),
    "counselled": Correction("voided", _VOID, ("entry_struck",)),
    "contraception_declared": Correction(
        "voided", _VOID, ("entry_struck", "contraception_declared"),
        _("Chosen wrong? Choose and sign again: the latest counts, and the record keeps both.")),
    "home_testing_set": Correction("again", _FREE, ("home_testing_set",)),
    "pregnancy_test": Correction("voided", _VOID, ("entry_struck", "stop_cleared")),
    "transferred": Correction(
        "undone", _("Handed over in error? Whoever has the patient now offers them back, and the other accepts."),
        ("transfer_offered", "transferred")),
    "file_transferred": Correction(
        "undone", _("Handed over in error? Whoever has the patient now offers them back, and the other accepts."),
        ("transfer_offered", "file_transferred")),
    "transfer_offered": Correction(
        "undone", _("Offered in error? Take the offer back, as long as it is not accepted."), ("transfer_withdrawn",)),
    "transfer_declined": Correction(
        "undone", _("Declined in error? Ask the other prescriber to offer the patient again."), ("transfer_offered",)),
    "transfer_withdrawn": Correction(
        "undone", _("Taken back in error? Offer the patient again."), ("transfer_offered",)),
    "file_linked": Correction(
        "undone", _("Linked in error? The program office ends the link; the record keeps both."), ("file_unlinked",)),
    "file_unlinked": Correction(
        "undone", _("Ended in error? Link the two files again; the record keeps both."), ("file_linked",)),
    "kept_apart": Correction(
        "undone", _("The same person after all? Link the two files on the page of links."), ("file_linked",)),
    "comprehension_passed": Correction(
        "none", _("It is recorded once every answer is right."),
        (), _("A wrong answer is explained, and you try again. Only right answers are recorded.")),
    "pregnancy_reported": Correction(
        "cleared", _("Reported in error? The prescriber clears the stop; the record keeps both."), ("stop_cleared",),
        _("Pressed by mistake? Say so on the page “Today”. The stop stays until a prescriber has talked with you and "
          "ends it.")),
    "report_mistaken": Correction(
        "none", _("It is a note, and changes nothing: the stop stays until the prescriber clears it."), (),
        _("This is a note. Treatment stays stopped until a prescriber ends the stop.")),
    "problem_reported": Correction(
        "none", _("It is a note, and stops nothing: the practice talks with the patient and enters what follows."), (),
        _("Reported by mistake? Say so when your practice calls. The note stops nothing by itself.")),
    "test_booked": Correction(
        "again", _("Wrong day, or not booked any more? Enter another day, or none."), ("test_booked",),
        _("Wrong day, or not booked any more? Enter another day, or none.")),
    "mood_answered": Correction(
        "again", _("The patient can answer again at any time; the record keeps both."), ("mood_answered",),
        _("Chosen wrong? Answer again at any time. The record keeps both.")),
    "side_effect_reported": Correction(
        "again", _("The patient can report again at any time; the record keeps both."), ("side_effect_reported",),
        _("Chosen wrong, or forgot something? Report again at any time. The record keeps both.")),
    "report_answered": Correction(
        "again", _("Said something wrong? Answer again: the patient reads the latest, and the record keeps both."),
        ("report_answered",)),
    "question_asked": Correction(
        "none", _("It is a note to the practice. Whoever asked can ask again, or sign."), (),
        _("Something to add? Ask again. Your practice sees every question.")),
    "question_answered": Correction(
        "again", _("Not answered after all? Call them: they can ask again at any time."), ("question_asked",)),
    "guide_opened": Correction(
        "none", _("It is a note that the guide was opened, and decides nothing. It can be opened again at any time."),
        (), _("This is a note that you opened the guide. You can open it again at any time.")),
    "prescribed": Correction("again", _FREE, ("prescribed",)),
    "health_answered": Correction("again", _FREE, ("health_answered",)),
    "health_reviewed": Correction(
        "again", _("The patient can say it again at any time; the record keeps both."), ("health_reviewed",),
        _("Pressed by mistake, or forgot something? Say it again at any time. The record keeps both.")),
    "laboratory_result": Correction(
        "again", _("A wrong value? Enter all values of that day again: the latest of a day count."),
        ("laboratory_result",)),
    "laboratory_planned": Correction("again", _FREE, ("laboratory_planned",)),
    "pregnancy_followed": Correction(
        "again", _("Something is different, or was entered wrong? Enter it again: the latest counts."),
        ("pregnancy_followed",)),
    "stop_cleared": Correction(
        "undone", _("Cleared too early? Enter the positive test or report the pregnancy: treatment stops again."),
        ("pregnancy_reported", "pregnancy_test")),
    "discontinued": Correction(
        "voided",
        _("Ended in error? The prescriber marks it so in the record, and the course goes on, until another course "
          "begins or the last dose is corrected. The day of the last dose can be corrected at any time."),
        ("entry_struck", "last_dose_corrected")),
    "last_dose_corrected": Correction("corrected", _TYPED, ("last_dose_corrected",)),
    "entry_struck": Correction(
        "again", _("Was the entry right after all? Enter it again: the record keeps all three."),
        ("counselled", "contraception_declared", "pregnancy_test", "discontinued")),
    "authorized": Correction(
        "reversed", _("Asked in error? Reverse the authorization, as long as nothing was handed over."), ("reversed",)),
    "dispensed": Correction(
        "again",
        _("A hand-over cannot be taken back, so check the day first. After one that never happened, the prescriber "
          "enters the next month, and you ask again."),
        ("authorized",)),
    "reversed": Correction(
        "again", _("Reversed in error? Ask again: the same window can be authorized once more."), ("authorized",)),
    "erasure_asked": Correction("none", _ALONE),
    "texts_erased": Correction("none", _("Erasing cannot be undone. That is why it takes two officers.")),
}  # fmt: skip

_SUSPENDED = Correction("undone", _("Suspended in error? The office reinstates it at once."), ("reinstated",))
_TURNED_DOWN = Correction("again", _("Turned down in error? The applicant applies again on their page."), ("applied",))
_CHECKED = Correction(
    "again", _("Looked up wrong? Look it up again: the latest of each register counts, and the record keeps both."),
    ("register_checked",))  # fmt: skip
_CASE_OPENED = Correction(
    "ended", _("Opened in error? Close the case: as long as the place was told nothing, it gets no letter."),
    ("case_step",))  # fmt: skip
_CASE_STEP = Correction(
    "again", _("Said wrong? Say it right in the next step: the place reads both letters, and the record keeps them."),
    ("case_step", "suspended", "reinstated"))  # fmt: skip
_CASE_ANSWERED = Correction(
    "none", _("Left something out? Call the program office, which asks for it again."), (),
    _("Left something out? Call the program office, which asks for it again."))  # fmt: skip
_PLACE_CORRECTED = Correction("corrected", _TYPED, ("contact_corrected",))
_APPROVED = Correction("undone", _("Approved in error? The office suspends it."), ("suspended",))
_APPLIED = Correction(
    "corrected",
    _("Mistyped? Name, phone and address are corrected on the page of the place, the NPI by the office."),
    ("contact_corrected", "suspended"))  # fmt: skip

PRACTICE: Mapping[str, Correction] = {
    "applied": _APPLIED,
    "approved": _APPROVED,
    "turned_down": _TURNED_DOWN,
    "register_checked": _CHECKED,
    "certified": _APPROVED,
    "renewed": Correction("ended", _CERTIFIED, ("suspended",)),
    "suspended": _SUSPENDED,
    "reinstated": Correction("undone", _("Reinstated in error? Suspend it again."), ("suspended",)),
    "case_opened": _CASE_OPENED,
    "case_step": _CASE_STEP,
    "case_answered": _CASE_ANSWERED,
    "contact_corrected": _PLACE_CORRECTED,
    "laboratory_scheduled": Correction("again", _FREE, ("laboratory_scheduled",)),
    "delegate_named": Correction(
        "ended", _("The wrong prescriber? End it on the page “Practice”. The record keeps both."), ("delegate_ended",)),
    "delegate_ended": Correction(
        "undone", _("Ended in error? Add the prescriber again: the record keeps both."), ("delegate_named",)),
    "attested": Correction("none", _GOES_WITH),
    "pdf_sealed": Correction("none", _PDF),
}  # fmt: skip

PHARMACY: Mapping[str, Correction] = {
    "applied": _APPLIED,
    "approved": _APPROVED,
    "turned_down": _TURNED_DOWN,
    "register_checked": _CHECKED,
    "certified": _APPROVED,
    "contact_corrected": _PLACE_CORRECTED,
    "trained": Correction("ended", _CERTIFIED, ("suspended",)),
    "suspended": _SUSPENDED,
    "reinstated": PRACTICE["reinstated"],
    "case_opened": _CASE_OPENED,
    "case_step": _CASE_STEP,
    "case_answered": _CASE_ANSWERED,
    "attested": PRACTICE["attested"],
    "pdf_sealed": PRACTICE["pdf_sealed"],
}

ACCOUNT: Mapping[str, Correction] = {
    "account_opened": Correction("ended", _OPENED, ("account_closed",)),
    "account_registered": Correction(
        "corrected", _("Mistyped? Name, e-mail and language are corrected on the page “Your account”."),
        ("name_corrected", "address_changed", "language_changed", "account_closed")),
    "account_closed": Correction(
        "undone", _("Closed in error? Call the program office, which opens it again."), ("account_reopened",)),
    "account_reopened": Correction("ended", _("Opened in error? The office closes it again."), ("account_closed",)),
    "account_joined": Correction("none", _SECURITY),
    "calendar_feed_made": Correction(
        "ended", _("Made in error, or somebody else has it? Switch it off, or make a new one."),
        ("calendar_feed_ended", "calendar_feed_made")),
    "calendar_feed_ended": Correction(
        "undone", _("Switched off in error? Make a new address."), ("calendar_feed_made",)),
    "place_added": Correction(
        "ended", _("Not yours? Do not take it. Taken in error? The practice or pharmacy ends it."), ("place_ended",)),
    "place_ended": Correction(
        "undone", _("Ended in error? Add the person by the same address again."), ("place_added",)),
    "reopened_by_link": Correction("ended", _OPENED, ("account_closed",)),
    "name_corrected": Correction("corrected", _TYPED, ("name_corrected",), _TYPED),
    "language_changed": Correction("again", _CHOSEN, ("language_changed",), _CHOSEN),
    "texts_erased": Correction("none", _("Erasing cannot be undone. That is why it takes two officers.")),
    "address_changed": Correction(
        "corrected", _("Mistyped? Nothing changes before the link at the new address is opened. Change it again."),
        ("address_changed",),
        _("Mistyped? Nothing changes before the link at the new address is opened. Change it again.")),
    **dict.fromkeys(("closing_asked", "opening_asked", "reissue_asked"), Correction("none", _ALONE)),
    **dict.fromkeys(
        ("signing_locked", "second_factor_added", "second_factor_removed", "recovery_codes_made", "recovery_code_used",
         "password_closed", "password_chosen", "password_changed", "account_reissued", "lookups_paused"),
        Correction("none", _SECURITY)),
}  # fmt: skip

#: By the kind of log.
CORRECTIONS: Mapping[str, Mapping[str, Correction]] = {
    "patient": PATIENT, "prescriber": PRACTICE, "pharmacy": PHARMACY, "account": ACCOUNT,
}  # fmt: skip

_OWN = frozenset({"patient", "guardian", ""})


def correction_of(name: str) -> Correction:
    """That of a kind: of a patient's log, or of the one that stands before it (`prescriber/applied`)."""
    subject, _slash, kind = name.rpartition("/")
    return CORRECTIONS[subject or "patient"][kind]


def _said(correction: Correction, role: str) -> Words:
    if role == "guardian" and correction.guardian:
        return correction.guardian
    return correction.own if role in _OWN and correction.own else correction.sentence


def correction_sentences(names: Iterable[str], role: str) -> list[Words]:
    """What is said below a page on which these kinds are entered, each sentence once."""
    sentences: list[Words] = []
    for name in names:
        correction = correction_of(name)
        said = _said(correction, role)
        sentences += [said] if said not in sentences else []
        # Of what is voided a positive test alone is not.
        sentences += [_TEST] if name == "pregnancy_test" and role not in _OWN else []
    return sentences


@dataclass(frozen=True, slots=True)
class Effects:
    """What a correcting record does besides; a dash: nothing. What it makes void is known from the rules."""

    windows: str = "—"
    invitations: str = "—"
    sessions: str = "—"


_LEFT_OUT = "worked out anew as if the entry had never been: a window that it opened is gone, one that it hid is back"
_STAYS = "stays, and so does every signature, in the language that was on the screen"

#: Of each kind that puts another right, for `docs/corrections.md`.
EFFECTS: Mapping[str, Effects] = {
    "birth_date_corrected": Effects(
        "stays", "a guardian's ends once the patient is of age", "go on; a guardian of an adult sees nothing more"),
    "contact_corrected": Effects(
        _STAYS,
        "a new address before there is an account ends the open one, and another goes there; without an address "
        "a letter is printed",
        "go on; a new address of an account counts once its link is opened, which ends every other session; its owner "
        "takes it away, or the practice once two officers have recovered the account"),
    "guardian_named": Effects("stays", "one is sent, or printed where there is no address"),
    "guardian_corrected": Effects(
        _STAYS,
        "a new address before there is an account ends the open one, and another goes there; without an address "
        "a letter is printed",
        "go on; a new address of an account counts once its link is opened, which ends every other session; its owner "
        "takes it away, or the practice once two officers have recovered the account"),
    "guardian_ended": Effects("stays", "the guardian's ends", "go on; the guardian sees nothing more of the patient"),
    "category_changed": Effects("to “can become pregnant”: all are gone, the sequence begins again"),
    "consent_signed": Effects("stays"),
    "consent_withdrawn": Effects("stays; nothing is authorized until it is signed again"),
    "entry_struck": Effects(_LEFT_OUT),
    "counselled": Effects("opens one where the category asks for a visit each month"),
    "contraception_declared": Effects("the prescriber's first one begins the lead-in; else it stays"),
    "home_testing_set": Effects("stays; home tests entered from then on count, or do not"),
    "pregnancy_test": Effects("a negative one can open one; a positive one stops treatment"),
    "pregnancy_reported": Effects("treatment is stopped; tests up to that day open none any more"),
    "test_booked": Effects("stays: nothing is decided by it"),
    **dict.fromkeys(
        ("mood_answered", "side_effect_reported", "report_answered"), Effects("stays: nothing is decided by it")),
    "question_asked": Effects("stays: nothing is decided by it"),
    "prescribed": Effects("stays: nothing is decided by it"),
    "health_answered": Effects("stays: nothing is decided by it"),
    "health_reviewed": Effects("stays: nothing is decided by it"),
    "laboratory_result": Effects("stays: nothing is decided by it"),
    "laboratory_planned": Effects("stays: nothing is decided by it"),
    "pregnancy_followed": Effects("stays: nothing is decided by it"),
    "stop_cleared": Effects("opens none: a test collected after the stop does"),
    "discontinued": Effects("the course is over"),
    "last_dose_corrected": Effects("the wait between courses and the tests after treatment follow the new day"),
    "transfer_offered": Effects("stays"),
    "transfer_withdrawn": Effects("stays"),
    "transferred": Effects("stays"),
    "file_transferred": Effects("none is open between courses"),
    "file_linked": Effects("what stops in one file stops in both"),
    "file_unlinked": Effects("each file stands alone again"),
    "authorized": Effects("stays"),
    "reversed": Effects("stays, and can be authorized again"),
    "applied": Effects("stays; nothing is authorized before the approval"),
    "register_checked": Effects(),
    "prescriber/contact_corrected": Effects(),
    "pharmacy/contact_corrected": Effects(),
    "suspended": Effects("stays; nothing is authorized meanwhile"),
    "reinstated": Effects("stays"),
    "laboratory_scheduled": Effects("stays: nothing is decided by it"),
    "case_step": Effects(),
    "delegate_named": Effects(),
    "delegate_ended": Effects(sessions="go on; the patients are seen no more"),
    "name_corrected": Effects(),
    "language_changed": Effects("stays", sessions="go on; signatures and their documents keep their language"),
    "address_changed": Effects(
        sessions="every other one of the account ends; the old address is told. An address takes the place of a user "
                 "name, and a user name that of an address"),
    "account_closed": Effects(sessions="all end"),
    "calendar_feed_ended": Effects(sessions="go on; the address finds nothing any more"),
    "calendar_feed_made": Effects(sessions="go on; the address before it finds nothing any more"),
    "place_added": Effects(sessions="the account chooses the place in which it acts"),
    "place_ended": Effects(sessions="those in that place see nothing of it any more; the others go on"),
    "account_reopened": Effects(sessions="none: the owner signs in again"),
    "account_reissued": Effects(sessions="all end; a link to choose a password goes to the address"),
}  # fmt: skip
