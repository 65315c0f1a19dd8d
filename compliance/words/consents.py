"""Words for the state of a signature on a document, by role: three total tables over the rules' states.

A refusal, a withdrawal and a text that has changed are three things, and none of them is "never signed".
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from compliance.words.blockers import BlockerWords
from ui.navigation import Words as Text


@dataclass(frozen=True, slots=True)
class SignatureStateWords:
    """A state as a role reads it: its tone and its name; what it means, and the way on, for whoever signs."""

    tone: str
    label: Text
    text: Text = ""
    action: Text = ""


FOR_PRESCRIBER: Mapping[str, SignatureStateWords] = {
    "unsigned": SignatureStateWords("wait", _("Not signed yet")),
    "refused": SignatureStateWords("no", _("Said no")),
    "withdrawn": SignatureStateWords("no", _("Consent withdrawn")),
    "outdated": SignatureStateWords("act", _("Text has changed: to sign again")),
    "of-age": SignatureStateWords("act", _("Signed under age: to sign again")),
    "signed": SignatureStateWords("yes", _("Signed")),
    "said-no-later": SignatureStateWords("act", _("Signed; said no later")),
    "not-asked": SignatureStateWords("quiet", _("Not needed: the patient is of age")),
}

_AGAIN = _("Read and sign again")

FOR_PATIENT: Mapping[str, SignatureStateWords] = {
    "unsigned": SignatureStateWords("act", _("Not signed yet"), "", _("Read and sign")),
    "refused": SignatureStateWords(
        "no", _("You said no"),
        _("Your prescriber knows and talks with you. If you change your mind, you can read and sign at any time."),
        _("Read and sign after all")),
    "withdrawn": SignatureStateWords(
        "no", _("The consent was taken back"),
        _("You get no more of the medicine. If you want to go on, you can read and sign again at any time."),
        _AGAIN),
    "outdated": SignatureStateWords(
        "act", _("The text has changed"),
        _("You signed it as it was before. Please read it as it is now, and sign again."), _AGAIN),
    "of-age": SignatureStateWords(
        "act", _("You signed before you were an adult"),
        _("No parent or guardian signed with you. You are an adult now: read it once more, and sign for yourself."),
        _AGAIN),
    "signed": SignatureStateWords(
        "yes", _("Signed"), _("There is nothing to do here. You can take your consent back at any time."),
        _("Read it again")),
    "said-no-later": SignatureStateWords(
        "act", _("You signed, and said no later"),
        _("Your signature still counts, and your prescriber knows of your no. If you want to take your consent back, "
          "withdraw it."),
        _("Read it again")),
    "not-asked": SignatureStateWords("quiet", _("Not needed")),
}  # fmt: skip

FOR_GUARDIAN: Mapping[str, SignatureStateWords] = {
    "unsigned": SignatureStateWords("act", _("Not signed yet"), "", _("Read and sign")),
    "refused": SignatureStateWords(
        "no", _("You said no"),
        _("The prescriber knows and talks with you. If you change your mind, you can read and sign at any time."),
        _("Read and sign after all")),
    "withdrawn": SignatureStateWords(
        "no", _("The consent was taken back"),
        _("Your signature was taken back with it, and counts no more. If you agree, read and sign again."), _AGAIN),
    "outdated": SignatureStateWords(
        "act", _("The text has changed"),
        _("You signed it as it was before. Please read it as it is now, and sign again."), _AGAIN),
    "of-age": SignatureStateWords("quiet", _("The patient signs again"), _("The patient is of age, and signs alone.")),
    "signed": SignatureStateWords("yes", _("Signed"), _("There is nothing to do here."), _("Read it again")),
    "said-no-later": SignatureStateWords(
        "act", _("You signed, and said no later"),
        _("Your signature still counts, and the prescriber knows of your no. If you want to take your consent back, "
          "withdraw it."),
        _("Read it again")),
    "not-asked": SignatureStateWords(
        "quiet", _("Your signature is not needed"), _("The patient is of age, and signs alone.")),
}  # fmt: skip

TABLE: Mapping[str, Mapping[str, SignatureStateWords]] = {
    "prescriber": FOR_PRESCRIBER,
    "patient": FOR_PATIENT,
    "guardian": FOR_GUARDIAN,
}

#: A document inside a sentence, as the practice and as the patient reads it.
_NAMES: Mapping[str, Mapping[str, Text]] = {
    "prescriber": {
        "patient-information": _("the patient information"), "birth-defects": _("the consent on birth defects"),
    },
    "patient": {
        "patient-information": _("the patient information"), "birth-defects": _("the page on birth defects"),
    },
}  # fmt: skip

#: What is missing, where it is missing for another reason than that nobody has signed yet.
MISSING: Mapping[str, Mapping[tuple[str, str], BlockerWords]] = {
    "prescriber": {
        ("consent-missing", "refused"): BlockerWords(
            _("The patient said no to {document}."), _("Speak about it. The patient can still read and sign.")),
        ("consent-missing", "withdrawn"): BlockerWords(
            _("The patient's signature on {document} was taken back."),
            _("Speak about it. The patient can read and sign again.")),
        ("consent-missing", "outdated"): BlockerWords(
            _("The text has changed since the patient signed {document}."),
            _("The patient reads the new text and signs again online.")),
        ("guardian-signature-missing", "refused"): BlockerWords(
            _("The guardian said no to {document}."),
            _("Speak about it. The guardian can still sign, or the patient signs again once of age.")),
        ("guardian-signature-missing", "withdrawn"): BlockerWords(
            _("The guardian's signature on {document} was taken back."),
            _("The guardian signs again, or the patient signs again once of age.")),
        ("guardian-signature-missing", "outdated"): BlockerWords(
            _("The text has changed since the guardian signed {document}."),
            _("The guardian reads the new text and signs again, or the patient signs again once of age.")),
    },
    "patient": {
        ("consent-missing", "refused"): BlockerWords(_("You said no to {document}"), FOR_PATIENT["refused"].text),
        ("consent-missing", "withdrawn"): BlockerWords(
            _("The consent to {document} was taken back"), FOR_PATIENT["withdrawn"].text),
        ("consent-missing", "outdated"): BlockerWords(
            _("The text has changed: read and sign {document} again"), FOR_PATIENT["outdated"].text),
        ("guardian-signature-missing", "refused"): BlockerWords(
            _("Your parent or guardian said no to {document}"), _("Your prescriber knows and talks with them.")),
        ("guardian-signature-missing", "withdrawn"): BlockerWords(
            _("Your parent or guardian signs {document} again too"),
            _("When consent was taken back, their signature went with it. They have a page of their own.")),
        ("guardian-signature-missing", "outdated"): BlockerWords(
            _("Your parent or guardian signs {document} again too"),
            _("The text has changed. They have a page of their own.")),
    },
}  # fmt: skip

_SIDE = {"prescriber": "prescriber", "designee": "prescriber", "officer": "prescriber", "patient": "patient"}


def signature_state_words(state: str, role: str) -> SignatureStateWords:
    """A state as this role reads it."""
    return TABLE[role][state]


def missing_words(kind: str, document: str, state: str, role: str) -> BlockerWords | None:
    """Why this signature is missing, as this role reads it; None where the blocker's own words say it."""
    side = _SIDE.get(role, "")
    words = MISSING.get(side, {}).get((kind, state))
    if words is None:
        return None
    return BlockerWords(str(words.sentence).replace("{document}", str(_NAMES[side][document])), words.remedy)
