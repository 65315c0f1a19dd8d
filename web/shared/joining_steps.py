"""The way of a new practice or pharmacy into the program, as its pages show it: three steps, and what comes then."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.roles import PHARMACIST, PRESCRIBER
from ui.components import Step
from ui.navigation import Words

#: The steps, by what they are called and how long they take.
ADDRESS, APPLICATION, DECISION = 1, 2, 3
_STEPS: dict[int, tuple[Words, Words]] = {
    ADDRESS: (_("Your e-mail address"), _("We send a link to it. It works for one day.")),
    APPLICATION: (
        _("Your data, your password and the statement"),
        _("About ten minutes. Have your NPI at hand. You read the statement and sign it."),
    ),
    DECISION: (
        _("The program office decides"),
        _(
            "Somebody reads your application, usually within a few working days. You get an e-mail either way. If it "
            "is turned down, you read why and can apply again."
        ),
    ),
}

#: What comes then, by role; without one, for who has not said yet what is registered.
_THEN: dict[str, tuple[Words, Words]] = {
    "": (_("You can begin"), _("As soon as the application is approved.")),
    PRESCRIBER: (
        _("Enrol your first patient"),
        _("About five minutes. The patient gets an invitation to read and sign. You can add designees, too."),
    ),
    PHARMACIST: (
        _("Ask for your first patient"),
        _("At the counter, in seconds. You can add your colleagues, too."),
    ),
}


def joining_steps(here: int, role: str = "") -> list[Step]:
    """The steps, those before `here` done; the office's decision is waited for."""
    steps = []
    for number, (label, text) in _STEPS.items():
        now = "waiting" if number == DECISION else "now"
        steps.append(Step(label, "done" if number < here else now if number == here else "later", text))
    return [*steps, Step(_THEN[role][0], "later", _THEN[role][1])]


def step_of_all(here: int) -> str:
    """Which step of how many the page is."""
    return gettext("Step %(number)s of %(all)s") % {"number": here, "all": len(_STEPS)}
