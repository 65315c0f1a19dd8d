"""The link by which the owner of an account chooses a password, for letters that are not an answer to a request."""

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.urls import reverse

from .models import User


def choose_password_path(user: User) -> str:
    """The path of the page; good for PASSWORD_RESET_TIMEOUT, and until the password is changed. It is a secret."""
    token = default_token_generator.make_token(user)
    return reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": token})
