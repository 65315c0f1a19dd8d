"""The names of the kinds of record."""

from django.utils.translation import gettext_lazy as _

KIND_LABELS = {
    "registered": _("File opened"),
    "birth_date_corrected": _("Birth date corrected"),
    "guardian_named": _("Guardian named"),
    "invited": _("Invitation sent"),
    "invitation_accepted": _("Invitation accepted"),
    "enrolled": _("Enrolled"),
    "category_changed": _("Category changed"),
    "consent_signed": _("Signed"),
    "consent_withdrawn": _("Consent withdrawn"),
    "counselled": _("Visit with counselling"),
    "contraception_declared": _("Methods declared"),
    "home_testing_set": _("Tests at home"),
    "pregnancy_test": _("Pregnancy test"),
    "transferred": _("Handed to another prescriber"),
    "comprehension_passed": _("Questions answered"),
    "pregnancy_reported": _("Pregnancy reported"),
    "stop_cleared": _("Stop cleared"),
    "discontinued": _("Course ended"),
    "entry_struck": _("Entry struck"),
    "authorized": _("Authorized"),
    "dispensed": _("Dispensed"),
    "reversed": _("Authorization reversed"),
    "erasure_asked": _("Erasure of names asked for"),
    "texts_erased": _("Names erased"),
}
