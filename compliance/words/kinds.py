"""The names of the kinds of record."""

from django.utils.translation import gettext_lazy as _

KIND_LABELS = {
    "registered": _("File opened"),
    "birth_date_corrected": _("Birth date corrected"),
    "contact_corrected": _("Name or contact data corrected"),
    "guardian_named": _("Guardian named"),
    "guardian_corrected": _("Guardian’s name or contact data corrected"),
    "guardian_ended": _("Guardian’s part ended"),
    "invited": _("Invitation sent"),
    "invitation_accepted": _("Invitation accepted"),
    "enrolled": _("Enrolled"),
    "category_changed": _("Category changed"),
    "consent_signed": _("Signed"),
    "consent_refused": _("Said no to signing"),
    "attested": _("Signature"),
    "pdf_sealed": _("Signed document made"),
    "consent_withdrawn": _("Consent withdrawn"),
    "counselled": _("Visit with counselling"),
    "contraception_declared": _("Methods declared"),
    "home_testing_set": _("Tests at home"),
    "pregnancy_test": _("Pregnancy test"),
    "transferred": _("Handed to another prescriber"),
    "file_transferred": _("Taken over by another prescriber between two courses"),
    "transfer_offered": _("Offered to another prescriber"),
    "transfer_declined": _("Offer declined"),
    "transfer_withdrawn": _("Offer taken back"),
    "file_linked": _("Linked with another file of the same person"),
    "file_unlinked": _("Link with another file ended"),
    "kept_apart": _("Identity checked by the program office"),
    "comprehension_passed": _("Questions answered"),
    "pregnancy_reported": _("Pregnancy reported"),
    "report_mistaken": _("Report said to be a mistake"),
    "stop_cleared": _("Stop cleared"),
    "discontinued": _("Course ended"),
    "last_dose_corrected": _("Last dose corrected"),
    "entry_struck": _("Entry marked as entered in error"),
    "authorized": _("Authorized"),
    "dispensed": _("Dispensed"),
    "reversed": _("Authorization reversed"),
    "erasure_asked": _("Erasure of names asked for"),
    "texts_erased": _("Names erased"),
}

#: What a practice or a pharmacy signs.
APPLICANT_LABELS = {
    "applied": _("Application"),
    "renewed": _("Yearly attestation"),
    "trained": _("Yearly training"),
}

#: What else happens to a practice or a pharmacy.
PLACE_LABELS = {
    "approved": _("Approved by the program office"),
    "certified": _("Certified"),
    "suspended": _("Suspended"),
    "reinstated": _("Reinstated"),
    "contact_corrected": _("Name, phone, address or NPI corrected"),
    "delegate_named": _("Delegate named"),
    "delegate_ended": _("Delegation ended"),
}

#: What happens to an account, in the account's own log.
ACCOUNT_EVENTS = {
    "account_opened": _("Account opened by another"),
    "account_registered": _("Account opened by registering"),
    "account_closed": _("Account closed"),
    "account_reopened": _("Account opened again"),
    "signing_locked": _("Signing locked after failed attempts"),
    "second_factor_added": _("Second factor added"),
    "second_factor_removed": _("Second factor removed"),
    "recovery_codes_made": _("New recovery codes made"),
    "recovery_code_used": _("Signed in with a recovery code"),
    "password_closed": _("Password locked after many failed attempts in a row"),
    "password_chosen": _("Password chosen by a link"),
    "password_changed": _("Password changed"),
    "address_changed": _("E-mail address changed"),
    "name_corrected": _("Name corrected"),
    "language_changed": _("Language changed"),
    "closing_asked": _("An officer asked to close the account"),
    "opening_asked": _("An officer asked to open the account"),
    "reissue_asked": _("An officer requested recovery of the account"),
    "account_reissued": _("Account recovered by two officers"),
    "lookups_paused": _("Look-ups paused after many wrong ones"),
    "texts_erased": _("Names erased"),
    "place_added": _("Another place added to the account"),
    "place_ended": _("One place of the account ended"),
    "reopened_by_link": _("Account opened again by a link, for another place"),
    "calendar_feed_made": _("Calendar address made"),
    "calendar_feed_ended": _("Calendar address switched off"),
    "account_joined": _("Joined to the account with that address"),
}
