"""What the mail provider tells: e-mails that arrived or came back. Public, and proved by the provider's secret."""

from http import HTTPStatus
from importlib import import_module
from typing import Any

import structlog
from anymail.exceptions import AnymailError, AnymailWebhookValidationFailure
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts import rate_limits
from accounts.roles import public
from config.mail_providers import PROVIDERS
from ledger.clock import now
from outbox import bounces

log = structlog.get_logger(__name__)


# No browser sends this with somebody's cookie: what counts is the secret alone.
@csrf_exempt
@public
@require_POST
def mail_events(request: HttpRequest) -> HttpResponse:
    """Take events of the provider that sends our e-mails. Without its secret nothing is read, and that is limited."""
    if not settings.MAIL_PROVIDER:
        raise Http404
    attempt = rate_limits.consume(request, "mail_event_refused")
    if attempt is None:
        return HttpResponse(status=HTTPStatus.TOO_MANY_REQUESTS)
    try:
        events = _proved(request)
    except AnymailWebhookValidationFailure:
        log.warning("mail_event_refused")
        return HttpResponse(status=HTTPStatus.FORBIDDEN)
    except RequestDataTooBig:
        return HttpResponse(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    except (AnymailError, ValueError, TypeError, AttributeError, KeyError):
        # Its secret is right and its words are not: it is told so, and tells again.
        log.warning("mail_event_unreadable")
        return HttpResponse(status=HTTPStatus.BAD_REQUEST)
    attempt.rollback()
    for event in events:
        bounces.take(event, at=now())
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


def _proved(request: HttpRequest) -> list[Any]:
    """The events, after the secret was checked."""
    module, _dot, name = PROVIDERS[settings.MAIL_PROVIDER].events.rpartition(".")
    view = getattr(import_module(module), name)()
    view.run_validators(request)
    return list(view.parse_events(request))
