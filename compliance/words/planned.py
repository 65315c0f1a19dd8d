"""The dates ahead in words: neutral titles for a calendar, which anybody may look into, and what the page says."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from ui.navigation import Words as Text


@dataclass(frozen=True, slots=True)
class DateWords:
    """One kind of date. `title` stands in a calendar, `label` on a page behind the sign-in."""

    title: Text
    label: Text
    #: Whether something ends with that day; otherwise it begins then.
    ends: bool = False
    #: The label on a guardian's page, where it differs.
    to_guardian: Text = ""


#: A title says no more than that something begins or ends: no word of `compliance.words.notices.FORBIDDEN`.
DATES: Mapping[str, DateWords] = {
    "lead-in-over": DateWords(_("Clearfill: a waiting time is over"), _("Your waiting time is over")),
    "test-from": DateWords(_("Clearfill: an appointment is due"), _("Your next test counts from this day")),
    "test-booked": DateWords(_("Clearfill: an appointment"), _("Your test is booked for this day")),
    "window-first": DateWords(_("Clearfill: your days begin"), _("Your days for this month begin")),
    "window-last": DateWords(
        _("Clearfill: last day"), _("Last day to finish this month's steps and to pick up"), ends=True),
    "pick-up": DateWords(_("Clearfill: last day to pick up"), _("Last day to pick up at your pharmacy"), ends=True),
    "supply-ends": DateWords(
        _("Clearfill: a day to remember"), _("Your supply at home lasts until this day"), ends=True),
    "end-of-treatment-test": DateWords(
        _("Clearfill: an appointment is due"), _("Test at the end of your treatment, from this day")),
    "month-after-test": DateWords(
        _("Clearfill: an appointment is due"), _("Test a month after your treatment, from this day")),
    "precautions-over": DateWords(
        _("Clearfill: a waiting time is over"), _("The month of precautions after your treatment is over")),
    "sign-by": DateWords(_("Clearfill: last day to sign"), _("Last day to sign for this month"), ends=True),
    "of-age": DateWords(
        _("Clearfill: a day to remember"), _("You turn 18, and sign alone from this day on"),
        to_guardian=_("Your part is over: from this day on, they sign alone")),
}  # fmt: skip

#: The name of the calendar.
CALENDAR = _("Clearfill")

#: What stands in an event below its title; `{link}` is filled in.
DETAILS = _("Sign in to see what it is about: {link}")
DETAILS_LAST = _("The day ends at midnight, New York time. Sign in to see what it is about: {link}")
