"""A patient's own copy of the record, to take along: as JSON and as a PDF that has the JSON attached.

It says what the page "My record" says, and no more.
"""

import json
from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.roles import PATIENT, for_roles
from compliance.signing.pdf.render import draw
from ledger.clock import now
from patients.numbers import pretty
from ui import times
from web.shared.common import PatientContext
from web.shared.manifestations import SignatureManifestation, manifestations_in

from . import presenters
from .own_file import own_context

#: The version of the JSON's shape.
FORMAT = 1


@require_safe
@for_roles(PATIENT)
def as_json(request: HttpRequest) -> HttpResponse:
    """The record as JSON."""
    return _download(_json(own_context(request, now())).encode(), "application/json", "json")


@require_safe
@for_roles(PATIENT)
def as_pdf(request: HttpRequest) -> HttpResponse:
    """The record as a PDF."""
    ctx = own_context(request, now())
    return _download(draw(_content(ctx), ctx.at), "application/pdf", "pdf")


def _download(data: bytes, kind: str, ending: str) -> HttpResponse:
    # The name of the file says nothing: it stands in the list of downloads of a shared telephone.
    headers = {"Content-Disposition": f'attachment; filename="clearfill-record.{ending}"'}
    return HttpResponse(data, content_type=kind, headers=headers)


def _json(ctx: PatientContext) -> str:
    patient = ctx.patient
    whole = {
        "format": FORMAT, "made_at": times.machine(ctx.at), "patient_number": pretty(patient.number),
        "name": patient.name, "born_on": patient.born_on.isoformat(), "language": get_language(),
        "practice": patient.prescriber.practice_name, "records": list(_records(ctx)),
    }  # fmt: skip
    return json.dumps(whole, ensure_ascii=False, indent=1)


def _records(ctx: PatientContext) -> Iterator[dict[str, Any]]:
    """Each line of the record, newest first, with its signature."""
    for entry, title, text, manifestation, _way in presenters.lines(ctx, manifestations_in(ctx.file)):
        yield {
            "number": entry.number, "kind": entry.record.kind, "at": times.machine(entry.at), "title": str(title),
            "text": str(text), "signature": _signature(manifestation) if manifestation is not None else None,
        }  # fmt: skip


def _signature(manifestation: SignatureManifestation) -> dict[str, Any]:
    return {
        "name": manifestation.name, "meaning": str(manifestation.meaning), "at": times.machine(manifestation.at),
        "document": manifestation.code, "version": manifestation.version, "language": manifestation.language,
        "sha256": manifestation.sha256,
    }  # fmt: skip


def _content(ctx: PatientContext) -> dict[str, Any]:
    """What the PDF says, in the reader's language."""
    lines = list(presenters.lines(ctx, manifestations_in(ctx.file)))
    # Translators: the second line of the PDF of a patient's record.
    version = _("Patient number %(number)s, made on %(at)s") % {
        "number": pretty(ctx.patient.number), "at": times.moment(ctx.at),
    }  # fmt: skip
    return {
        "title": _("My record"), "version": version, "language": get_language(), "items": [],
        "introduction": f"{ctx.patient.name}. {ctx.patient.prescriber.practice_name}.",
        "entries_title": _("Everything that was recorded about you here, newest first."),
        "entries": [_line(entry, title, text, manifestation) for entry, title, text, manifestation, _way in lines],
        "signature_title": "", "signature": [], "footer": _("Clearfill is not the official program."),
        "attached": _("The same record as data"), "record": _json(ctx),
    }  # fmt: skip


def _line(entry: Any, title: object, text: object, manifestation: SignatureManifestation | None) -> dict[str, str]:
    parts = [str(text), times.program_moment(entry.at)]
    if manifestation is not None:
        parts.append(_("signed by %(name)s") % {"name": manifestation.name})
    return {"title": str(title), "text": " · ".join(part for part in parts if part)}
