"""A form that was answered a moment ago and comes once more, as by a double click: the same answer.

A command knows a request again by its key. But the page before it may find nothing more to do: who was offered is
offered no longer, what was open is closed. Then it is asked whether this very form was answered before.
"""

from collections.abc import Callable
from functools import partial, update_wrapper
from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse

from ledger import idempotency
from ledger.idempotency import Answer

from . import failed_attempts
from .models import User

View = Callable[..., HttpResponse]
#: The answer's page, from the request, what was answered, and the parts of the address; None where it is none now.
Done = Callable[..., HttpResponse | None]

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def key_of(request: HttpRequest) -> UUID | None:
    """The key of what was posted, if there is one."""
    try:
        return UUID(request.POST.get("key", ""))
    except ValueError:
        return None


def posted(request: HttpRequest) -> dict[str, Any]:
    """All that was posted and where, but for what a browser adds, and passwords."""
    added = ("csrfmiddlewaretoken", "acting_in", "acting_in_confirmed")
    names = sorted(name for name in request.POST if name not in added and "password" not in name)
    return {"path": request.path, "fields": {name: request.POST.getlist(name) for name in names}}


def reader(request: HttpRequest, **_parts: object) -> UUID | None:
    """The account that is signed in, or None."""
    return request.user.pk if isinstance(request.user, User) else None


class answers_again:  # a decorator
    """Marks a view whose page is gone once its work is done: the same form gets `done` then, and not the page's no.

    `actor` says whose key it is, from the request and the parts of the address.
    """

    def __init__(self, done: Done, *, actor: Callable[..., UUID | None] = reader) -> None:
        self.done, self.actor = done, actor

    def __call__(self, view: View) -> View:
        """The view that looks for an earlier answer where it came to no command itself."""
        guarded = partial(self._answer, view)
        update_wrapper(guarded, view)
        return guarded

    def _answer(self, view: View, request: HttpRequest, **parts: Any) -> HttpResponse:
        key = key_of(request) if request.method == "POST" else None
        if key is None:
            return view(request, **parts)
        with idempotency.answering(posted(request)) as form:
            try:
                response = view(request, **parts)
            except Http404:
                again = self._again(form, key, request, parts)
                if again is None:
                    raise
                return again
            return (None if form.reached else self._again(form, key, request, parts)) or response

    def _again(
        self, form: idempotency.Form, key: UUID, request: HttpRequest, parts: dict[str, Any]
    ) -> HttpResponse | None:  # fmt: skip
        actor = self.actor(request, **parts)
        earlier: Answer | None = idempotency.answered(form, actor, key) if actor is not None else None
        return self.done(request, earlier, **parts) if earlier is not None else None


def is_their_password(request: HttpRequest, user: User, password: str) -> bool:
    """Whether that is the account's password, where a request with it comes again; a wrong one counts as at sign-in."""
    if not failed_attempts.is_locked_out(user, request) and user.check_password(password):
        return True
    failed_attempts.record_failure(user.sign_in_name, request)
    return False


def let_in(request: HttpRequest, user: User) -> bool:
    """Sign in the owner of an account that was just opened. Not where signing in asks for more than the password, and
    not in the session of somebody else.
    """
    if request.user == user:
        return True
    if (
        request.user.is_authenticated
        or not user.is_active
        or failed_attempts.is_locked_out(user, request)
        or Authenticator.objects.filter(user=user).exists()
    ):
        return False
    login(request, user, backend=BACKEND)
    return True
