"""Second factors of the demo's people and of tests: an app with a key that is known, and recovery codes."""

from allauth.mfa.models import Authenticator

from accounts.models import User


def activate_app(user: User, secret: str) -> None:
    """Give an account an authenticator app with that key."""
    # What `wrap` gives knows how its kind is kept: no private module of allauth is named here.
    Authenticator(type=Authenticator.Type.TOTP).wrap().activate(user, secret)


def activate_recovery_codes(user: User) -> list[str]:
    """Give an account recovery codes, where it has none; those that are not used up."""
    codes = Authenticator(type=Authenticator.Type.RECOVERY_CODES).wrap().activate(user)
    return list(codes.get_unused_codes())
