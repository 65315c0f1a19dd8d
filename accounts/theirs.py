"""allauth's own pages that write: each is carried out once a key, although it knows of none.

The whole page is the work. Where it sends its reader on, that is the answer, and is given once more to the same form;
a page that is shown again, with a mistake in it, leaves the key unused. All our templates send a key. A form without
one is carried out each time it comes, as allauth does by itself.
"""

from collections.abc import Callable, Mapping
from functools import partial, update_wrapper
from typing import Any
from uuid import UUID, uuid5

from allauth.account.utils import url_str_to_user_pk
from django.contrib import messages
from django.contrib.messages import get_messages
from django.contrib.messages.storage.base import BaseStorage
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from ledger.actor import Actor
from ledger.clock import now
from ledger.idempotency import UNDECIDED, KeyReused, Request, Result, once
from ui.fields import OUT_OF_DATE

from .events import lock
from .models import User
from .repeats import is_their_password, key_of, posted, reader

View = Callable[..., HttpResponseBase]
Who = Callable[..., UUID | None]

#: Under this name whoever asks for a link acts: none of them is an account.
_ASKING = UUID("a1b3a4a8-8e0a-5d5c-8a1f-2f6a0c3f9d70")


def asking(request: HttpRequest, **_parts: object) -> UUID | None:
    """The actor who requests a link to that address, whether there is an account or not."""
    return uuid5(_ASKING, request.POST.get("email", "").strip().lower())


def linked(request: HttpRequest, uidb36: str, **_parts: object) -> UUID | None:
    """The owner of a link to a new password."""
    try:
        return UUID(str(url_str_to_user_pk(uidb36)))
    except (ValidationError, ValueError):
        return None


def once_a_key(view: View, who: Who = reader) -> View:
    """The view, carried out once a key by whom `who` names."""
    guarded = partial(_answer, view, who)
    update_wrapper(guarded, view)
    return guarded


def _answer(view: View, who: Who, request: HttpRequest, **parts: Any) -> HttpResponseBase:
    key = key_of(request) if request.method == "POST" else None
    actor = who(request, **parts) if key is not None else None
    if key is None or actor is None:
        with transaction.atomic():
            return _whole(view, request, parts)
    page = _Page(view, request, parts)
    action = request.resolver_match.url_name if request.resolver_match else None
    by = Actor(actor, "account")
    keyed = Request(action=action or "account", by=by, at=now(), key=key, body=posted(request))
    try:
        answer = once(keyed, partial(lock, actor), page)
    except KeyReused:
        return _out_of_date(request)
    if answer["repeated"]:
        return _again(request, actor, answer)
    assert page.response is not None
    return page.response


def _whole(view: View, request: HttpRequest, parts: Mapping[str, Any]) -> HttpResponseBase:
    """The page, with what allauth leaves until after the transaction: what changes an account, the record of it and the
    e-mail that tells its owner are one.
    """
    response = view(request, **parts)
    hooks = list(connection.run_on_commit)
    connection.run_on_commit = [hook for hook in hooks if not _is_of_allauth(hook[1])]
    for hook in hooks:
        if _is_of_allauth(hook[1]):
            hook[1]()
    return response


def _is_of_allauth(hook: Callable[[], object]) -> bool:
    return getattr(hook, "__module__", "").startswith("allauth.")


class _Page:
    """The page as the work of one request. Its answer is where it sends its reader, and what it tells them there."""

    def __init__(self, view: View, request: HttpRequest, parts: Mapping[str, Any]) -> None:
        self.view, self.request, self.parts = view, request, parts
        self.response: HttpResponseBase | None = None

    def __call__(self, _locked: bool) -> Result:
        storage = get_messages(self.request)
        assert isinstance(storage, BaseStorage)
        before = len(storage)
        self.response = _whole(self.view, self.request, self.parts)
        to = self.response.headers.get("Location", "")
        if not to or _is_asked_first(to):
            return UNDECIDED
        answers = [[message.level, str(message.message)] for message in list(storage)[before:]]
        # They were read here only to be kept: the next page shows them.
        storage.used = False
        return Result(answer={"to": to, "said": answers})


def _is_asked_first(to: str) -> bool:
    """Whether one is sent to say who they are, before anything is done."""
    names = ("account_login", "account_reauthenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn")
    return to.split("?")[0] in [reverse(name) for name in names]


def _again(request: HttpRequest, actor: UUID, answer: Mapping[str, Any]) -> HttpResponseBase:
    password = request.POST.get("password1")
    if password is not None and not is_their_password(request, User.objects.get(pk=actor), password):
        return _out_of_date(request)
    # Where the first one ended this very session, as a new password does, nothing can be said in it.
    if request.session.session_key is None or request.session.exists(request.session.session_key):
        for level, text in answer["said"]:
            messages.add_message(request, level, text)
    return redirect(answer["to"])


def _out_of_date(request: HttpRequest) -> HttpResponseBase:
    messages.error(request, OUT_OF_DATE)
    return redirect(request.get_full_path())
