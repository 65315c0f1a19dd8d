"""Words for when something is wrong: what a patient does first. The sources are named in `docs/urgent.md`."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from ui.navigation import Words as Text


@dataclass(frozen=True, slots=True)
class ProblemWords:
    """A report: the value that is recorded, the name of its page, and what it is about."""

    record: str
    title: Text
    text: Text


#: By the last part of the address, which names nothing.
PROBLEMS: Mapping[str, ProblemWords] = {
    "missed": ProblemWords(
        "missed_period", _("I missed a period"),
        _("It can have many reasons, also with two methods. Until you know, take no more of the medicine. Your "
          "practice tells you when to take a test.")),
    "failed": ProblemWords(
        "method_failed", _("Something failed"),
        _("A condom broke, a pill was forgotten, a patch or ring came off, an injection is late, or nothing was used: "
          "take no more of the medicine until you have talked with your practice.")),
}  # fmt: skip

#: Emergency contraception, and until when it works.
EMERGENCY: tuple[Text, ...] = (
    _("If you had sex in the last 5 days, emergency contraception can still prevent a pregnancy. The sooner, the "
      "better it works."),
    _("A pharmacy sells one kind of pill without a prescription. It works best in the first 3 days."),
    _("Another kind of pill, or an IUD, works up to 5 days. Ask your practice, a clinic or any doctor today."),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CrisisLine:
    """A way to somebody who helps at once: what it is, the address that a phone opens, and what it is good for."""

    label: Text
    url: Text
    text: Text


#: Whom to turn to with thoughts of harm. 988 Suicide & Crisis Lifeline; Crisis Text Line. In Spanish the words differ.
CRISIS: tuple[CrisisLine, ...] = (
    CrisisLine(
        _("Call 988"), "tel:988",
        _("The 988 Suicide & Crisis Lifeline: free, day and night, and they keep it to themselves.")),
    CrisisLine(_("Text 988"), _("sms:988"), _("The same people, if you would rather write.")),
    CrisisLine(
        # Translators: the address of a text message, with the word that begins a talk in that language.
        _("Text HOME to 741741"), _("sms:741741?&body=HOME"), _("The Crisis Text Line, day and night.")),
    CrisisLine(
        _("Call 911"), "tel:911", _("If you, or somebody with you, are in danger now. Or go to an emergency room.")),
)  # fmt: skip

#: What needs a call at once, whoever takes the medicine.
SIGNS: tuple[Text, ...] = (
    _("You feel very low, or think of hurting yourself"),
    _("A strong headache, blurred sight, or vomiting"),
    _("Strong pain in the belly or chest, or trouble breathing"),
    _("Yellow skin or eyes, or dark urine"),
    _("A rash with blisters, or a swollen face"),
)  # fmt: skip
