"""A partial sign-in: the password was right, the code is still asked for. It ends when the account changes
meanwhile."""

from collections.abc import Callable

from allauth.account.models import Login
from django.http import HttpRequest, HttpResponse

from .allauth_private import LOGIN_SESSION_KEY, clear_login

#: Where in the session stands, as a hash, with which password one came so far.
SESSION_KEY = "came_by"


class PartialSignInMiddleware:
    """Middleware: ends a partial sign-in once the account is closed or has another password.

    Without it the code's page and the page for the password would send one to each other without end, when an account
    was re-issued; and a password that was changed because somebody knew it would still be half of a way in.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request. A query only for whoever waits."""
        if LOGIN_SESSION_KEY in request.session and not _is_current(request):
            clear_login(request)
        return self.get_response(request)


def _is_current(request: HttpRequest) -> bool:
    try:
        user = Login.deserialize(request.session[LOGIN_SESSION_KEY]).user
    except ValueError:
        return False
    return user is not None and user.is_active and user.get_session_auth_hash() == request.session.get(SESSION_KEY)
