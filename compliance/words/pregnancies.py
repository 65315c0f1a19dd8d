"""The office's follow-up of a pregnancy, in words."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from ui.navigation import Words

FOUND_BY: Mapping[str, Words] = {"test": _("Positive test"), "report": _("Report of pregnancy")}
PHASE: Mapping[str, Words] = {
    "before-first-fill": _("Before the first fill"),
    "during-treatment": _("During treatment"),
    "after-treatment": _("After treatment"),
}
OUTCOME: Mapping[str, Words] = {
    "pending": _("Not known yet"),
    "live-birth": _("Live birth"),
    "live-birth-affected": _("Live birth, with a birth defect"),
    "stillbirth": _("Stillbirth"),
    "miscarriage": _("Miscarriage"),
    "termination": _("Termination"),
    "ectopic": _("Ectopic pregnancy"),
    "not-pregnant": _("There was no pregnancy"),
    "lost": _("Nobody could be reached"),
}
EXPOSURE: Mapping[str, Words] = {
    "unknown": _("Not known yet"),
    "exposed": _("Exposed: the medicine was taken in the pregnancy, or within 30 days before it"),
    "not-exposed": _("Not exposed"),
}
EXPOSURE_SHORT: Mapping[str, Words] = {
    "unknown": _("Exposure not known yet"),
    "exposed": _("Exposed"),
    "not-exposed": _("Not exposed"),
}
CAUSE: Mapping[str, Words] = {
    "unknown": _("Not known yet"),
    "no-method": _("No method was used"),
    "one-method": _("One method was used instead of two"),
    "method-failed": _("A method failed"),
    "method-changed": _("The method was changed or interrupted"),
    "pregnant-at-start": _("Pregnant before treatment began"),
    "after-treatment": _("Conceived after treatment"),
    "wrong-category": _("Enrolled as one who cannot become pregnant"),
    "not-pregnant": _("There was no pregnancy"),
    "other": _("Something else"),
}
