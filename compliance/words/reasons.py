"""What is often offered as a reason for a category and never accepted, and why methods do not count: words of forms.

None of them stands in a signed PDF.
"""

from django.utils.translation import gettext_lazy as _

REASON_NOT_ACCEPTED = {
    "tubal-sterilization": _("tubal sterilization"),
    "partner-vasectomy": _("a partner's vasectomy"),
    "abstinence": _("abstinence"),
    "not-yet-menstruating": _("not yet menstruating"),
    "menopause-not-confirmed": _("a menopause that is not confirmed"),
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
