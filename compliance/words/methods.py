"""Methods of contraception by name, also those that are not accepted, with the reason."""

from django.utils.translation import gettext_lazy as _

METHOD_LABELS = {
    "tubal-sterilization": _("Tubal sterilization (tubes tied)"),
    "partner-vasectomy": _("Partner's vasectomy"),
    "iud": _("IUD"),
    "combined-pill": _("Combined pill"),
    "patch": _("Patch"),
    "injection": _("Injection (shot)"),
    "implant": _("Implant"),
    "vaginal-ring": _("Vaginal ring"),
    "male-latex-condom": _("Male latex condom"),
    "diaphragm-with-spermicide": _("Diaphragm with spermicide"),
    "cervical-cap-with-spermicide": _("Cervical cap with spermicide"),
    "sponge": _("Sponge (contains spermicide)"),
    "abstinence": _("Continuous abstinence (no sex with a partner who could make me pregnant)"),
    "progestin-only-pill": _("Progestin-only “mini-pill”"),
    "female-condom": _("Female condom"),
    "withdrawal": _("Withdrawal"),
    "fertility-awareness": _("Fertility awareness or rhythm"),
    "breastfeeding": _("Breastfeeding"),
    "cervical-shield": _("Cervical shield"),
    "spermicide-alone": _("Spermicide alone"),
}

NOT_ACCEPTED_REASONS = {
    "progestin-only-pill": _("It may not work well enough together with this medicine."),
    "female-condom": _("It fails too often."),
    "withdrawal": _("It fails too often."),
    "fertility-awareness": _("Cycles change, and a mistake is easy to make."),
    "breastfeeding": _("It does not protect reliably."),
    "cervical-shield": _("It is not reliable enough."),
    "spermicide-alone": _("It fails too often without a barrier."),
}
