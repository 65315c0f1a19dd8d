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
DOCUMENT = {"patient-information": _("Patient information"), "birth-defects": _("Birth defects")}
