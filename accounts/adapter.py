"""What sign-in through allauth may and may not do here."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Nobody signs themselves up: accounts come from an invitation, or from registering a practice or pharmacy."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never."""
        return False
