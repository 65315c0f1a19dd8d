"""Words for the kinds and the states of messages, where it is shown what was sent. None says what one is about."""

from collections.abc import Mapping
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from compliance.words.notices import NOTICES
from outbox.channels import EMAIL, SMS
from outbox.outcomes import (
    BOUNCED,
    DELIVERED,
    FAILED,
    GIVEN_UP,
    INVALID_ADDRESS,
    NOT_WANTED,
    REFUSED,
    UNKNOWN_KIND,
    UNKNOWN_RECIPIENT,
)
from outbox.states import WAITING
from ui.navigation import Words

#: What each channel is called.
CHANNEL_WORDS: Mapping[str, Words] = {EMAIL: _("E-mail"), SMS: _("Text message")}


class StateWords(NamedTuple):
    """A state as a pill: its tone and its label."""

    tone: str
    label: Words


STATE: Mapping[str, StateWords] = {
    WAITING: StateWords("wait", _("Waiting")),
    FAILED: StateWords("act", _("Tried again")),
    DELIVERED: StateWords("yes", _("Sent")),
    BOUNCED: StateWords("no", _("Came back")),
    REFUSED: StateWords("no", _("Refused")),
    INVALID_ADDRESS: StateWords("no", _("No valid address")),
    UNKNOWN_RECIPIENT: StateWords("no", _("Recipient unknown")),
    UNKNOWN_KIND: StateWords("no", _("Kind unknown")),
    GIVEN_UP: StateWords("no", _("Given up after several tries")),
    NOT_WANTED: StateWords("quiet", _("No longer wanted")),
}

#: Where the subject of the letter is not a name for it.
_KINDS: Mapping[str, Words] = {
    "invitation": _("Invitation"),
    "test-due": _("Reminder: next appointment"),
    "window-closing": _("Reminder: last day"),
    "authorization-overdue": _("Reminder: overdue"),
    "declined": _("Answer before signing"),
    "digest": _("Digest of the morning"),
    "checkpoint": _("Checkpoint"),
    "number-confirm": _("Code for a phone number"),
    "signing-locked": _("Signing is locked"),
    "lookup-attack": _("Look-ups paused"),
    **dict.fromkeys(("stop-by-test", "stop-by-report", "stop-by-patient", "stop-to-patient"), _("Urgent notice")),
    "stop-mistaken": _("Note of a patient"),
    "problem-reported": _("Report of a patient"),
    "report-urgent": _("Urgent report of a patient"),
    "report-unanswered": _("Urgent report of a patient, once more"),
    **dict.fromkeys(("report-same-day", "report-soon"), _("Report of a patient")),
    "authorization-issued": _("Authorization issued"),
    "certification-ending": _("Certification ending"),
    "password_reset_key": _("Password reset key"),
}


def kind_words(kind: str) -> Words:
    """A name for messages of that kind: its own, the subject of its letter, or its code in words."""
    if kind in _KINDS:
        return _KINDS[kind]
    if kind in NOTICES and "{" not in str(NOTICES[kind].subject):
        return NOTICES[kind].subject
    return kind.replace("_", " ").replace("-", " ").capitalize()
