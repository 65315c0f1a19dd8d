"""A link that somebody else opens, who is signed in: the page says so, and does nothing else.

Nobody's session becomes another's, and nobody is signed out without asking for it.
"""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from .models import User


def page(request: HttpRequest) -> HttpResponse:
    """The page that says so. Signing out is the reader's own step."""
    return render(request, "account/other_reader.html", status=422 if request.POST else 200)


def refused_by_address(request: HttpRequest, address: str) -> HttpResponse | None:
    """The page where the link went to another address than that of the reader's account; None where it did not."""
    if not isinstance(request.user, User) or request.user.email == address != "":
        return None
    return page(request)


class of_owner:  # a decorator
    """Marks a view behind a link of one account: nobody else who is signed in comes to it."""

    def __init__(self, owner: Callable[..., UUID | None]) -> None:
        self.owner = owner

    def __call__(self, view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        """The view, guarded."""

        def guarded(request: HttpRequest, *args: Any, **parts: Any) -> HttpResponseBase:
            if request.user.is_authenticated and self.owner(request, **parts) not in (None, request.user.pk):
                return page(request)
            return view(request, *args, **parts)

        update_wrapper(guarded, view)
        return guarded
