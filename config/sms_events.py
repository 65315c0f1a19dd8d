"""What the provider of text messages tells: which arrived, and which did not. Public, and proved by its signature."""

from http import HTTPStatus

import structlog
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts import rate_limits
from accounts.roles import public
from ledger.clock import now
from outbox import sms, sms_statuses

log = structlog.get_logger(__name__)


# No browser sends this with somebody's cookie: what counts is the signature alone.
@csrf_exempt
@public
@require_POST
def sms_events(request: HttpRequest) -> HttpResponse:
    """Take what the provider tells of our text messages. Without its signature nothing is read, and that is limited."""
    gateway = sms.gateway()
    if gateway is None:
        raise Http404
    attempt = rate_limits.consume(request, "sms_event_refused")
    if attempt is None:
        return HttpResponse(status=HTTPStatus.TOO_MANY_REQUESTS)
    try:
        statuses = gateway.statuses(request)
    except sms.UnprovedError:
        log.warning("sms_event_refused")
        return HttpResponse(status=HTTPStatus.FORBIDDEN)
    except RequestDataTooBig:
        return HttpResponse(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    except (ValueError, KeyError):
        # Its signature is right and its words are not: it is told so.
        log.warning("sms_event_unreadable")
        return HttpResponse(status=HTTPStatus.BAD_REQUEST)
    attempt.rollback()
    for status in statuses:
        sms_statuses.take(status, at=now())
    return HttpResponse(status=HTTPStatus.NO_CONTENT)
