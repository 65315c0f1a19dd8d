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

#: Why a list of methods does not count, by the code of the rules, and what would.
METHODS_LACKING = {
    "not-listed": _("One of these is not accepted. Choose from the list."),
    "one-alone": _("One method alone does not count. Choose a second of another kind, or abstinence alone."),
    "stands-alone": _("Abstinence counts alone. Choose it without another method, or choose two others."),
    "not-two": _("Choose exactly two, those that are used together."),
    "one-kind": _("These two are of one kind and count as one. Choose a second of another kind."),
    "none-primary": _("Neither of these is a primary method. Choose one primary method, and one of another kind."),
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
