"""Error pages. A gate that cannot decide says so, in words that a pharmacist can act on."""

import sys

import structlog
from django.contrib.sessions.exceptions import SessionInterrupted
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, InternalError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import get_template
from prometheus_client import Counter

from compliance.records.columns import NotAsRecorded
from config.middleware.kept_answer import is_answered, kept_answer
from ledger.clock import ClockFault

log = structlog.get_logger(__name__)

NO_DECISION = "No decision. Do not dispense."

FAULTS = Counter("clearfill_faults_total", "Requests that ended in a fault", ["kind"])

#: The database does not answer, ended what was asked, cannot write, or contradicts the log; or nobody knows what time
#: it is.
_SILENT = (OperationalError, InterfaceError, InternalError, ClockFault, NotAsRecorded)


def fault(request: HttpRequest) -> HttpResponse:
    """503 when the database or its clock does not answer, or contradicts the log; else 500. Never a bare error, and
    no database access.

    Where the view had answered, what failed came after it: its answer holds.
    """
    raised = sys.exc_info()[1]
    kind = type(raised).__name__
    FAULTS.labels(kind=kind).inc()
    if is_answered(request):
        return _after_the_answer(request, kind)
    return _no_answer(request, kind, silent=isinstance(raised, _SILENT))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400 or 413, which `config.middleware.bare_pages` puts into words.

    Where the view had answered, its answer, such as when the session was ended meanwhile.
    """
    if is_answered(request) or isinstance(exception, SessionInterrupted):
        return _after_the_answer(request, type(exception).__name__)
    return HttpResponse(status=413 if isinstance(exception, RequestDataTooBig) else 400)


def _after_the_answer(request: HttpRequest, kind: str) -> HttpResponse:
    """What the view answered; where that is worth nothing, no answer: the same request, sent again, gets it."""
    answer = kept_answer(request)
    if answer is None:
        return _no_answer(request, kind, silent=True)
    log.error("fault_after_answer", kind=kind)
    return answer


def _no_answer(request: HttpRequest, kind: str, *, silent: bool) -> HttpResponse:
    log.error("no_decision" if silent else "fault", kind=kind)
    status = 503 if silent else 500
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"error": "no-decision" if silent else "fault", "words": NO_DECISION}, status=status)
    page = get_template(f"errors/{status}.html").render({"words": NO_DECISION})
    return HttpResponse(page, status=status, headers={"Retry-After": "10"} if silent else {})
