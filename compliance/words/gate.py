"""Words for the state of an authorization, and of an invitation: before sign-in, and for the practice."""

from django.utils.translation import gettext_lazy as _

from ui.navigation import Words as Text

GATE: dict[str, Text] = {
    "authorization-unknown": _("Your pharmacy has no authorization with that number."),
    "authorization-dispensed": _("This authorization was used already: it is recorded as dispensed."),
    "authorization-reversed": _("This authorization was reversed. Ask again."),
    "authorization-void": _("Do not dispense. This authorization is void: return the product to stock and reverse it."),
    "authorization-expired": _(
        "Do not dispense. This authorization has expired: return the product to stock and reverse it."
    ),
}

#: An authorization that may not be dispensed on now, by its state: what is shouted, and what to do.
NOT_NOW: dict[str, tuple[Text, Text]] = {
    "open": (_("Do not dispense"), _("It was authorized, but hand nothing over until this is settled.")),
    "void": (_("Do not dispense"), _("This authorization is void. Return the product to stock, and reverse it.")),
    "expired": (
        _("Do not dispense"), _("This authorization has expired. Return the product to stock, and reverse it.")
    ),
    "reversed": (_("Do not dispense"), _("This authorization was reversed. Ask again.")),
    "dispensed": (_("Do not dispense again"), _("It was handed over, and that is recorded.")),
}  # fmt: skip

INVITATION: dict[str, Text] = {
    "invitation-unknown": _("This invitation was replaced by a newer one. Please use the newest link."),
    "invitation-used": _("This invitation was used already. Please sign in."),
    "invitation-expired": _("This invitation has expired. Ask the prescriber to send a new one."),
    "invitation-locked": _("Too many wrong dates. Ask the prescriber to send a new invitation."),
    "invitation-of-age": _("This invitation has ended: an adult signs alone. There is nothing left to do."),
    "birth-date-wrong": _("This is not the date of birth that we have."),
    "email-taken": _("There is an account with your address already. Sign in, and open this link again."),
    "user-name-taken": _("Somebody has this user name already. Choose another one."),
    "account-of-the-office": _(
        "This address belongs to an account of the program office, which can be nothing else. "
        "Ask for an invitation to another address."
    ),
    "account-on-the-other-side": _(
        "The account with this address stands on the other side of this file: one person cannot sign, or decide, for "
        "both. Ask the practice for an invitation to another address."
    ),
    "account-of-another-patient": _(
        "The account with this address is another patient's. Ask the practice for an invitation to another address."
    ),
    "account-is-guardian-already": _("You signed up for this already. There is nothing left to do."),
}


#: The latest invitation of somebody without an account, as the practice reads it: its tone, and what became of it.
INVITED: dict[str | None, tuple[str, Text]] = {
    None: ("wait", _("Not accepted yet")),
    "invitation-unknown": ("quiet", _("Replaced by a newer one")),
    "invitation-used": ("yes", _("Invitation accepted")),
    "invitation-expired": ("no", _("Invitation expired")),
    "invitation-locked": ("no", _("Invitation locked after wrong dates")),
    "invitation-of-age": ("quiet", _("Not needed: the patient is of age")),
}

#: Of somebody without an e-mail address, for whom no letter was printed yet.
NO_LETTER: tuple[str, Text] = ("act", _("No letter printed yet"))


def gate_words(code: str) -> Text:
    """Why it was not dispensed or reversed."""
    return GATE[code]


def not_now(state: str) -> tuple[Text, Text]:
    """Why an authorization in that state may not be dispensed on: a headline, and what to do."""
    return NOT_NOW[state]


def invitation_words(code: str) -> Text:
    """Why an invitation was not accepted."""
    return INVITATION[code]
