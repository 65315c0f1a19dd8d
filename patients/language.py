"""The language in which somebody is addressed: one function for whoever writes to them or shows them a text."""

from accounts.models import User

from .models import Guardian, Patient


def language_of(recipient: Patient | Guardian | User) -> str:
    """`en`, `es`, or empty where it is not known.

    What stands in the account counts, because its owner chooses it; without one, what the practice was told.
    """
    account = recipient if isinstance(recipient, User) else recipient.user
    return (account.language if account is not None else "") or recipient.language
