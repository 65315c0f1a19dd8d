"""What is missing of a patient, in a word or two: for the rows and filters of a practice's worklist."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from ui.navigation import Words as Text

#: By the code of the blocker; of a document's, what stands before the colon.
MISSING: Mapping[str, Text] = {
    "answer-owed": _("call about a report"),
    "prescriber-not-certified": _("certification"),
    "pharmacy-not-certified": _("certification of the pharmacy"),
    "not-enrolled": _("a course"),
    "under-age": _("least age"),
    "course-gap": _("time between courses"),
    "course-elsewhere": _("course in another file"),
    "stop-open": _("stop to clear"),
    "consent-missing": _("patient's signature"),
    "guardian-signature-missing": _("guardian's signature"),
    "lead-in-not-complete": _("end of the lead-in"),
    "screening-test-missing": _("first test"),
    "confirmatory-test-missing": _("second test"),
    "monthly-test-missing": _("test"),
    "window-expired": _("test for a new window"),
    "lockout": _("wait after a missed window"),
    "counselling-missing": _("visit"),
    "contraception-missing:prescriber": _("methods"),
    "contraception-missing:patient": _("patient's methods"),
    "contraception-mismatch": _("methods that agree"),
    "comprehension-missing": _("patient's questions"),
    "authorization-open": _("pick-up"),
    "supply-too-long": _("shorter supply"),
    "owed-test": _("test after treatment"),
    "pick-up": _("authorization"),
    "nothing": _("nothing"),
}

#: Said instead beside the one who acts.
OF_WHOM: Mapping[str, Text] = {
    "consent-missing": _("signature"),
    "guardian-signature-missing": _("signature"),
    "contraception-missing:patient": _("methods"),
    "contraception-mismatch": _("methods that differ"),
    "comprehension-missing": _("questions"),
    "question-asked": _("a question to answer"),
}

#: The codes of a document's signature, which name the document after a colon.
OF_DOCUMENTS = ("consent-missing", "guardian-signature-missing")


def reason_of(code: str) -> str:
    """The code under which a blocker is counted and named."""
    kind = code.partition(":")[0]
    return kind if kind in OF_DOCUMENTS else code


def missing_label(code: str) -> Text:
    """What is missing, by a blocker's code, beside the one who acts."""
    reason = reason_of(code)
    return OF_WHOM.get(reason) or MISSING[reason]
