"""How the medicine is taken, and what is done with what is left of it: advice of the label, in our own words."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from compliance.rules.care.after_treatment import SKIN_MONTHS
from compliance.rules.editions import Edition
from compliance.words.numbers import length_of
from ui.navigation import Words as Text


@dataclass(frozen=True, slots=True)
class Topic:
    """Advice under one heading; `{after_treatment}` and `{skin}` are filled in."""

    heading: Text
    points: tuple[Text, ...]
    #: Whether it is for those alone of whom tests are asked.
    tested: bool = False


HOW_TO_TAKE: tuple[Topic, ...] = (
    Topic(_("Each dose"), (
        _("Take it with food: it works better. With Absorica and Absorica LD, food makes no difference."),
        _("Swallow the capsule whole, with a full glass of water."),
        _("Do not chew, suck, crush or open it: it can hurt your throat."),
        _("Stay upright for ten minutes. Sit or stand, do not lie down."),
        _("Take what your label says: no more, and no less."),
    )),
    Topic(_("If you miss a dose"), (
        _("Skip it. Take the next one at its usual time."),
        _("Never take two doses at once."),
    )),
    Topic(_("If you took too much"), (
        _("Call your prescriber or the poison center at once: 1‑800‑222‑1222."),
    )),
    Topic(_("What to expect"), (
        _("Your acne may get worse in the first weeks. That is common, and it passes."),
        _("Most people see it get better after one to two months."),
        _("Dry skin, dry lips and dry eyes are common. Cream, lip balm and eye drops help."),
    )),
    Topic(_("Birth control"), (
        _("Go on with your two forms, or with no sex at all, until {after_treatment} after the last dose."),
        _("Did you miss a period, or did something fail? Take no more, and say so under “Urgent”."),
    ), tested=True),
    Topic(_("Where to keep it"), (
        _("In its pack, dry and dark, at 59 to 86 °F (15 to 30 °C). Not in the bathroom, and not in the car."),
        _("Where no child and no pet can get at it."),
    )),
    Topic(_("If a capsule breaks"), (
        _("Nobody who can get pregnant should touch it."),
        _("Pick it up with gloves or a cloth, throw it away, and wash your hands."),
    )),
    Topic(_("What to leave for later"), (
        _("Do not give blood: not now, and not until {after_treatment} after the last dose."),
        _("No waxing, peels, laser or sanding of the skin: not now, and not until {skin} after the last dose."),
        _("No vitamin A pills. Ask before you take any new medicine or herb."),
    )),
    Topic(_("Sun, eyes and the dark"), (
        _("You burn more easily. Stay out of strong sun, cover up, use sunscreen. No tanning beds."),
        _("Contact lenses may hurt, as your eyes get dry. Wear glasses then."),
        _("At night your sight can get worse all at once. Do not drive in the dark until you know how well you see."),
    )),
    Topic(_("For you alone"), (
        _("Never share it, not even with someone who has the same skin problem."),
    )),
)  # fmt: skip

#: What goes on after treatment, by code: while it does, and when it is over; `{day}` is filled in.
AFTER_TREATMENT: Mapping[str, tuple[Text, Text]] = {
    "end-of-treatment-test": (_("A test now, at the end of treatment"), _("Test at the end of treatment taken")),
    "month-after-test": (_("A test a month later, from {day}"), _("Test a month later taken")),
    "contraception": (_("Keep using birth control until {day}"), _("No more birth control because of this medicine")),
    "blood": (_("Give no blood until {day}"), _("You can give blood again")),
    "skin": (_("No waxing, peels or laser until {day}"), _("Waxing, peels and laser are possible again")),
}

#: What is done with capsules that are left.
CAPSULES_LEFT = Topic(_("Capsules left?"), (
    _("Take no more of them, and do not keep them for later."),
    _("Never give them to anyone, and never sell them."),
    _("Take them back: ask your pharmacy, or find a drop-off site for medicines near you. Call 1‑800‑882‑9539."),
    _("Is there no such place? Leave the capsules whole. Mix them with used coffee grounds, dirt or cat litter, close "
      "them in a bag, and put it in the trash. Do not flush them."),
))  # fmt: skip


def taking_numbers(edition: Edition) -> Mapping[str, str]:
    """What the placeholders of a topic stand for."""
    skin = ngettext("%(count)d month", "%(count)d months", SKIN_MONTHS) % {"count": SKIN_MONTHS}
    return {"after_treatment": length_of(edition.after_treatment_days), "skin": skin}
