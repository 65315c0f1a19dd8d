"""What a calendar program reads at a secret address. Public: whoever has the address has the dates.

Another person who is signed in and opens it gets the same: a program has no session, and the address alone counts.
"""

import hashlib
from http import HTTPStatus

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from accounts import calendar_feeds, rate_limits
from accounts.calendar_feeds import Reader
from accounts.roles import GUARDIAN, public
from compliance.records.programs import program_day
from ledger import access_log
from ledger.clock import now
from patients.language import language_of
from patients.people import actor_of

from . import ics
from .files import dates_of

#: No cache keeps it; the program that asked has a copy of its own, of which it says by the ETag which one.
_HEADERS = {
    "Cache-Control": "private, no-store",
    "X-Robots-Tag": "noindex, nofollow",
    "Content-Disposition": 'inline; filename="clearfill.ics"',
}


@public
@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponseBase:
    """The dates of the place for which the address was made; 404 where it is none any more."""
    reader = calendar_feeds.reader_of(token)
    if reader is None:
        return _missed(request)
    if rate_limits.consume(request, "feed_read", key=str(reader.feed.pk)) is None:
        return _too_often()
    body = _calendar(reader)
    if body is None:
        raise Http404
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    response = HttpResponse(body, content_type=ics.CONTENT_TYPE, headers=_HEADERS | {"ETag": etag})
    return get_conditional_response(request, etag=etag, response=response) or response


def _missed(request: HttpRequest) -> HttpResponse:
    if rate_limits.consume(request, "feed_missed") is None:
        return _too_often()
    raise Http404


def _too_often() -> HttpResponse:
    return HttpResponse(status=HTTPStatus.TOO_MANY_REQUESTS, headers={"Retry-After": "3600"})


def _calendar(reader: Reader) -> bytes | None:
    """The calendar; None where the place has no file any more: a guardian's minors are of age."""
    at = now()
    found = dates_of(reader.user, at)
    if not found:
        return None
    if calendar_feeds.is_first_today(reader.feed, program_day(at)):
        why = GUARDIAN if reader.place.role == GUARDIAN else "self"
        access_log.add_all(list(found), by=actor_of(reader.user), what="calendar", why=why, at=at)
    path = reverse("guardian:home" if reader.place.role == GUARDIAN else "patient:home")
    return ics.write(
        (one for dates in found.values() for one in dates), path=path, language=language_of(reader.user)
    )  # fmt: skip
