"""What is often offered as a reason for a category, and never accepted. It stands on forms, not in signed PDFs."""

from django.utils.translation import gettext_lazy as _

REASON_NOT_ACCEPTED = {
    "tubal-sterilization": _("tubal sterilization"),
    "partner-vasectomy": _("a partner's vasectomy"),
    "abstinence": _("abstinence"),
    "not-yet-menstruating": _("not yet menstruating"),
    "menopause-not-confirmed": _("a menopause that is not confirmed"),
}
