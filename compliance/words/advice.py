"""Who can help where the prescriber cannot: words that take the place of "your prescriber" and "the prescriber".

The rules name who must act by their role. Who can still act is another question: an account is closed, the office has
suspended somebody. Then the advice goes to who covers, or to another prescriber whom the patient or the office asks.
"""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from ui.navigation import Words as Text

#: By who can act (`covered`: who covers; `nobody`) and role; `{name}`, `{practice}` and `{phone}` are of who covers.
REMEDY: Mapping[str, Mapping[str, Text]] = {
    "covered": {
        "patient": _("{name}, {practice}, stands in for your prescriber. {phone}"),
        "designee": _("{name}, {practice}, covers for the prescriber, who cannot act now."),
        "pharmacist": _("Somebody covers for the prescriber. The patient sees on their page whom to call."),
    },
    "nobody": {
        "patient": _("Your prescriber cannot act in the program now. You can ask for another one here."),
        "designee": _("The prescriber cannot act now. The program office hands the patient to another one."),
        "prescriber": _("The program office helps: it reinstates, or hands the patient to another prescriber."),
        "pharmacist": _("The prescriber cannot act now. The patient can ask for another one online."),
    },
}

#: Who acts then.
WHO: Mapping[str, Text] = {"covered": _("who covers"), "nobody": _("another prescriber")}

#: What the pharmacist tells the patient then.
TELL: Mapping[str, Text] = {
    "covered": _("Somebody stands in for your prescriber. Your own page says whom to call."),
    "nobody": _("Your prescriber cannot act in the program now. You can ask for another one on your own page."),
}

#: What a patient is told first of a prescriber who cannot act, and for whom nobody stands in.
ASK_ANOTHER = _("You can ask for another one here. The program office looks for one, too.")

#: What a patient is told whose treatment is stopped and whom no prescriber can help now.
ANY_DOCTOR = _("Call any doctor today. The program office knows of it, and you can ask for another prescriber.")


def filled(text: Text, *, name: str = "", practice: str = "", phone: str = "") -> str:
    """The words with who covers in them."""
    words = str(text)
    for place, value in (("name", name), ("practice", practice), ("phone", phone)):
        words = words.replace(f"{{{place}}}", value)
    return words.strip()
