"""Error pages. A gate that cannot decide says so, in words that a pharmacist can act on."""

import sys

import structlog
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import get_template
from prometheus_client import Counter

from ledger.clock import ClockFault

log = structlog.get_logger(__name__)

NO_DECISION = "No decision. Do not dispense."

FAULTS = Counter("clearfill_faults_total", "Requests that ended in a fault", ["kind"])


def fault(request: HttpRequest) -> HttpResponse:
    """503 when the database or its clock does not answer, else 500; never a bare error, and no database access."""
    raised = sys.exc_info()[1]
    silent = isinstance(raised, (OperationalError, InterfaceError, ClockFault))
    kind = type(raised).__name__
    FAULTS.labels(kind=kind).inc()
    log.error("no_decision" if silent else "fault", kind=kind)
    status = 503 if silent else 500
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"error": "no-decision" if silent else "fault", "words": NO_DECISION}, status=status)
    page = get_template(f"errors/{status}.html").render({"words": NO_DECISION})
    return HttpResponse(page, status=status, headers={"Retry-After": "10"} if silent else {})
