"""The link by which the owner of a new account chooses the password: signed, good once, and ended after a while."""

from datetime import datetime
from uuid import UUID

from django.core import signing
from django.db import transaction
from django.utils.crypto import salted_hmac

from ledger.actor import Actor

from .events import note
from .models import User
from .tries import forget

#: Seconds for which the link can be used.
LIFETIME = 14 * 24 * 3600

_SALT = "accounts.choose-password"


class Used(ValueError):
    """A password was chosen since."""


def token(user: User) -> str:
    """What stands in the link. It goes with the password that there is now, or with there being none yet."""
    return signing.TimestampSigner(salt=_SALT).sign(f"{user.pk.hex}.{_state(user)}")


def of_token(text: str) -> User | None:
    """The account of a link; None for one that was not made here, ended, was used, or is of a closed account."""
    try:
        account, _, state = signing.TimestampSigner(salt=_SALT).unsign(text, max_age=LIFETIME).partition(".")
        user = User.objects.filter(pk=UUID(account), is_active=True).first()
    except (signing.BadSignature, ValueError):
        return None
    return user if user is not None and not user.has_usable_password() and state == _state(user) else None


def choose(user: User, password: str, *, at: datetime) -> None:
    """The owner of a link chooses the password. Raises Used for the second of two at once."""
    with transaction.atomic():
        owner = User.objects.select_for_update().get(pk=user.pk)
        if owner.password != user.password:
            raise Used
        owner.set_password(password)
        owner.save(update_fields=["password"])
        forget(owner)
        note(owner.pk, "password_chosen", by=Actor(owner.pk, owner.role), at=at)


def _state(user: User) -> str:
    # Where no password can be used there stands a random text instead: another one each time an account is re-issued.
    return salted_hmac(_SALT, user.password, algorithm="sha256").hexdigest()[:32]
