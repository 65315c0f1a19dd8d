"""The number to which text messages to somebody go: one that its owner confirmed, while there is a gateway."""

from accounts.models import User

from .recipients import Recipient


def number_of(to: Recipient) -> str:
    """The number of a recipient; empty where none reaches them."""
    return ""


def number_of_account(user: User) -> str:
    """The number of an account; empty where there is none."""
    return ""


def is_silent(number: str) -> bool:
    """Whether that number takes nothing."""
    return False
