"""Health checks and metrics for machines: live, ready, counters."""

from contextlib import suppress

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest

from accounts.roles import ROLES, for_roles
from config.readiness import broker, migrations, unready
from ledger.clock import ClockFault, now
from notifications.worker_health import measure, standstill

_READY = Gauge("clearfill_ready", "Whether each part that the work needs is there", ["part"])
_TEXT = "text/plain; charset=utf-8"
_LOOPBACK = {"127.0.0.1", "::1", ""}


@login_not_required
def live(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("live", content_type=_TEXT)


@login_not_required
def ready(request: HttpRequest) -> HttpResponse:
    """The database answers as well."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ready", content_type=_TEXT)


@login_not_required
def worker(request: HttpRequest) -> HttpResponse:
    """The worker does its work: reminders are swept, messages delivered, documents made. Else 503, and what is not."""
    found = standstill(now())
    if found:
        return HttpResponse("\n".join(found), status=503, content_type=_TEXT)
    return HttpResponse("works", content_type=_TEXT)


@login_not_required
def readyz(request: HttpRequest) -> HttpResponse:
    """All of the work can be done: database, migrations, queue, clock, and the worker's. Else 503, and what is not.

    No proxy goes by it: the counter answers while the worker stands (`ready`).
    """
    found = unready()
    if found:
        return HttpResponse("\n".join(found), status=503, content_type=_TEXT)
    return HttpResponse("ready", content_type=_TEXT)


@for_roles(*ROLES)
def signed_in(request: HttpRequest) -> HttpResponse:
    """The reader is signed in: nothing but that, and therefore what every other page is measured by."""
    return HttpResponse("signed in", content_type=_TEXT)


@login_not_required
def metrics(request: HttpRequest) -> HttpResponse:
    """Figures for Prometheus, to this machine only: a proxy's requests carry its header and are refused."""
    forwarded = "X-Forwarded-For" in request.headers
    if forwarded or (request.META.get("REMOTE_ADDR", "") not in _LOOPBACK and not settings.DEBUG):
        return HttpResponseForbidden()
    # Without the database the figures of this process are still told.
    _READY.labels(part="queue").set(not broker())
    _READY.labels(part="database").set(0)
    with suppress(DatabaseError, InterfaceError, ClockFault):
        _READY.labels(part="migrations").set(not migrations())
        _READY.labels(part="database").set(1)
        measure(now())
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)
