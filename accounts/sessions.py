"""Session limits: staff are signed out after 15 minutes without a request, everybody after twelve hours at most."""

import time
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import partial
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.dispatch import receiver
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ledger.actor import Actor
from ledger.clock import now
from ledger.idempotency import KeyReused, Request, Result, once
from ui.fields import OUT_OF_DATE
from ui.forms import Press

from .events import lock
from .models import User
from .repeats import answers_again
from .roles import ROLES, for_roles

#: Seconds without a request after which staff are signed out, and how long before that they are warned.
IDLE_LIMIT = 15 * 60
WARNING_BEFORE = 2 * 60

#: Seconds after which everybody is signed out, whatever they do.
ABSOLUTE_LIMIT = 12 * 3600

#: Behind the address of the page for signing in: somebody comes back, for whom a passkey is the quickest way.
AGAIN = "?again=1"

#: The session is written no oftener than this, in seconds: a write costs more than all the rest of a page's sign-in.
_WRITE_EVERY = 30

#: Where in the session stands when it began, and when its reader was last seen, in seconds.
BEGAN, SEEN = "signed_in_at", "seen_at"

#: Where in the session waits what staff search for, by handles: a name must not stand in an address.
SOUGHT = "sought"


@receiver(user_logged_in)
def _begin(request: HttpRequest | None = None, **_: object) -> None:
    """Start the session's times and add its row to the owner's list, whatever the way of signing in."""
    if request is None:
        return
    request.session[BEGAN] = request.session[SEEN] = int(time.time())
    # One made by hand came through no middleware: it has no reader, and no browser behind it.
    if hasattr(request, "user"):
        UserSession.objects.create_from_request(request)


class SessionLimitMiddleware:
    """Middleware: ends the sessions whose time is up. Reads the session and nothing else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request, or send its reader to sign in."""
        if not request.session.get("_auth_user_id"):
            return self.get_response(request)
        now = int(time.time())
        began, seen = request.session.get(BEGAN, now), request.session.get(SEEN, now)
        staff = getattr(request.user, "is_staff_account", False)
        if now - began >= ABSOLUTE_LIMIT:
            return self._ended(request, _("You were signed out after twelve hours."))
        if staff and now - seen >= IDLE_LIMIT:
            return self._ended(request, _("You were signed out because nothing happened for a while."))
        if now - seen >= _WRITE_EVERY or BEGAN not in request.session:
            request.session[BEGAN], request.session[SEEN] = began, now
        return self.get_response(request)

    def _ended(self, request: HttpRequest, why: str) -> HttpResponseBase:
        logout(request)
        if request.headers.get("Accept") == "application/json":
            return JsonResponse({"error": "signed-out"}, status=401)
        messages.info(request, f"{why} {_('Please sign in again.')}")
        return redirect(reverse("account_login") + AGAIN)


def _seconds_left(request: HttpRequest) -> int:
    """Seconds until the longest end of this session."""
    now = int(time.time())
    return max(0, int(request.session.get(BEGAN, now)) + ABSOLUTE_LIMIT - now)


def context(request: HttpRequest) -> dict[str, int]:
    """Context processor: in how many seconds a page's session ends at the latest, and how long before is warned; for
    staff also after how many without doing anything.
    """
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    payload = {"session_left": _seconds_left(request), "session_warned": WARNING_BEFORE}
    return payload | {"session_idle": IDLE_LIMIT} if user.is_staff_account else payload


@for_roles(*ROLES)
def stay(request: HttpRequest) -> JsonResponse:
    """Still here: the session goes on. Gives the token that forms opened before need after signing in anew, for how
    long it is at most, and whose session it is: a page of somebody else's is not shown again.
    """
    payload = {"csrf": get_token(request), "reader": str(request.user.pk), "left": _seconds_left(request)}
    return JsonResponse(payload, headers={"Cache-Control": "no-store"})


def end_all(user: User) -> None:
    """End all sessions of this account."""
    for session in UserSession.objects.filter(user=user):
        session.end()


def forget(names: Collection[str], addresses: Collection[str]) -> None:
    """Drop from every session the searches that would find one of these names, and what names one of the addresses.

    What is written at that very moment by a page that had read the session before may stand until the session ends.
    """
    for session in Session.objects.iterator():
        data = session.get_decoded()
        kept = {key: value for key, value in data.items() if not _names(key, value, names, addresses)}
        if kept != data:
            Session.objects.filter(pk=session.pk).update(session_data=SessionStore().encode(kept))


def _names(key: str, value: object, names: Iterable[str], addresses: Iterable[str]) -> bool:
    text = str(value).casefold()
    if key == SOUGHT and _may_find(value, [name.casefold() for name in names]):
        return True
    return any(address in text for address in addresses)


def _may_find(searches: object, names: Sequence[str]) -> bool:
    """Whether one of the searches has a word of a name, or has a digit: a number, a date, a telephone."""
    if not isinstance(searches, list):
        return bool(searches)
    typed = [str(text).casefold() for _handle, text in searches]
    named = any(word in name or name in text for text in typed for word in text.split() for name in names)
    return named or any(letter.isdigit() for text in typed for letter in text)


def _ended_there(request: HttpRequest, *_args: object, **_parts: object) -> HttpResponse:
    messages.success(request, _("Signed out there."))
    return redirect("usersessions_list")


def end_others(user: User, session_key: str) -> None:
    """End all sessions of this account but the one with that key."""
    for session in UserSession.objects.filter(user=user).exclude(session_key=session_key):
        session.end()


@require_POST
@for_roles(*ROLES)
@answers_again(_ended_there)
def end(request: HttpRequest, session: int) -> HttpResponse:
    """End another of one's own sessions, after being asked who one is."""
    get_object_or_404(UserSession, pk=session, user=request.user)
    press = Press(request.POST)
    if not press.is_valid():
        messages.error(request, OUT_OF_DATE)
        return redirect("usersessions_list")
    answer: HttpResponse = reauthentication_required(partial(_end, session, press.idempotency_key))(request)
    return answer


def _end(session: int, key: UUID, request: HttpRequest) -> HttpResponse:
    assert isinstance(request.user, User)
    by, body = Actor(request.user.pk, request.user.opened_as), {"session": session}
    end_request = Request(action="end-session", by=by, at=now(), key=key, body=body)
    try:
        answer = once(end_request, partial(lock, by.account), partial(_end_of, by.account, session))
    except KeyReused:
        messages.error(request, OUT_OF_DATE)
        return redirect("usersessions_list")
    if answer["codes"]:
        raise Http404
    return _ended_there(request)


def _end_of(owner: UUID, session: int, _locked: bool) -> Result:
    row = UserSession.objects.filter(pk=session, user=owner).first()
    if row is None:
        return Result(codes=("no-such-session",), subject=owner)
    row.end()
    return Result(subject=owner)
