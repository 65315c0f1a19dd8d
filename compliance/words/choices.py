"""The values that people choose from, by name."""

from django.utils.translation import gettext_lazy as _

CATEGORY = {
    "can_become_pregnant": _("Can become pregnant"),
    "cannot_become_pregnant": _("Cannot become pregnant"),
}
REASON = {
    "male": _("Assigned male at birth"),
    "hysterectomy": _("Hysterectomy"),
    "bilateral-oophorectomy": _("Both ovaries removed"),
    "post-menopausal-confirmed": _("Menopause, confirmed"),
}
PROOF_WORDS = {
    "fsh": _("FSH in the laboratory's post-menopausal range"),
    "hcg": _("Negative hCG"),
    "estradiol": _("Low estradiol"),
    "progesterone": _("Progesterone absent"),
}
RESULT = {"negative": _("Negative"), "positive": _("Positive"), "indeterminate": _("Indeterminate")}
SETTING = {"laboratory": _("Laboratory"), "clinic": _("Clinic or office"), "home": _("At home")}
MENSES_WORDS = {
    "first_five_days": _("First five days of menses"),
    "irregular_or_absent": _("Menses irregular or absent"),
}
#: What a patient reports that is no stop by itself.
PROBLEM = {"missed_period": _("A missed period"), "method_failed": _("A method failed, or none was used")}
DOCUMENT = {"patient-information": _("Patient information"), "birth-defects": _("Birth defects")}
#: Who signs a document.
SIGNER = {"patient": _("Patient"), "guardian": _("Guardian")}
#: The languages of the texts that are read and signed.
LANGUAGE = {"en": _("English"), "es": _("Spanish")}
#: Whose log a signature stands in.
SUBJECT = {"patient": _("patient"), "prescriber": _("prescriber"), "pharmacy": _("pharmacy")}
#: What a signature means; in the log it is always the English sentence.
MEANING = {
    "I consent": _("I consent"),
    "I attest": _("I attest"),
    "I confirm as guardian": _("I confirm as guardian"),
}
#: By which means the signer proved who they are.
MEANS = {"password": _("e-mail address and password"), "passkey": _("passkey")}
