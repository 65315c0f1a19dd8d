"""Texts to read, the bytes behind their hashes, and signed documents for whoever may have them."""

from uuid import UUID

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.roles import GUARDIAN, OFFICER, PATIENT, PHARMACIST, ROLES, for_roles
from compliance import documents
from compliance.documents import Document
from compliance.models import SignedPdf
from compliance.records.programs import program_day
from compliance.rules.records import Attested
from ledger import access_log
from ledger.clock import now
from ledger.models import LogRecord
from patients.models import Guardian, Patient, Pharmacy, Prescriber
from patients.people import actor_of
from patients.visibility import visible_patients
from web.shared.common import access_reason, acting, reader_of
from web.shared.lists import page_of
from web.shared.tested import tests_concern

from .presenters import lines


def _document(code: str, version: int, language: str) -> Document:
    try:
        return documents.load(code, version, language)
    except (FileNotFoundError, KeyError):
        raise Http404 from None


@require_safe
@for_roles(*ROLES)
def guide(request: HttpRequest, language: str) -> HttpResponse:
    """The medication guide, as it is today; with `?print` it is put on paper as soon as it is there."""
    document = documents.current(documents.GUIDE, language, on=program_day(now()))
    return _shown(request, document, at_once="print" in request.GET)


def _tailored(document: Document, reader: User) -> Document:
    """The text for its reader: who cannot become pregnant is not addressed as if; nor a guardian of theirs."""
    return document if tests_concern(reader, now()) else document.for_untested()


@require_safe
@for_roles(*ROLES)
def text(request: HttpRequest, code: str, version: int, language: str) -> HttpResponse:
    """One text in one version and language, to read; `?reader=guardian`: in the words that a guardian signs."""
    document = _document(code, version, language)
    reads_as_guardian = reader_of(request).role == GUARDIAN or request.GET.get("reader") == GUARDIAN
    return _shown(request, document.for_guardian() if reads_as_guardian else document)


def _shown(request: HttpRequest, document: Document, *, at_once: bool = False) -> HttpResponse:
    reader = reader_of(request)
    back = (_("Today"), reverse("patient:home")) if reader.role == PATIENT else None
    context = {"document": _tailored(document, reader), "at_once": at_once, "back": back}
    return render(request, "documents/text.html", context)


@require_safe
@for_roles(*ROLES)
def text_file(request: HttpRequest, code: str, version: int, language: str) -> HttpResponse:
    """The very bytes whose SHA-256 a signature names."""
    document = _document(code, version, language)
    name = f"{document.code}-{document.version}-{document.language}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(documents.bytes_of(document), content_type="application/json", headers=headers)


@require_safe
@for_roles(*ROLES)
def signed(request: HttpRequest) -> HttpResponse:
    """What the reader signed where they act now, the newest first, each with its signed document: for good, whoever it
    was about.
    """
    reader = reader_of(request)
    own = LogRecord.objects.filter(actor=reader.pk, role=reader.role, kind=Attested.kind)
    if reader.place is not None and reader.role in (PATIENT, PHARMACIST):
        own = own.filter(acting_for=reader.place.acting_for)
    page = page_of(request, own, "-at", "-id")
    return render(request, "documents/signed.html", {"page": page, "lines": lines(list(page), reader)})


def visible_signed_pdfs(user: User) -> Q:
    """The signed documents that this person may have: their own signatures, and what is about whom they may see.

    A guardian and a pharmacist have their own signatures only; the office those of practices and pharmacies too.
    """
    own = _signed_here(user)
    if user.role in (GUARDIAN, PHARMACIST):
        return own
    query = own | Q(subject__in=visible_patients(user).values("pk"))
    if user.role != OFFICER:
        return query
    return query | Q(subject__in=Prescriber.objects.values("pk")) | Q(subject__in=Pharmacy.objects.values("pk"))


def _signed_here(user: User) -> Q:
    """The signed documents of the reader's own signatures in the place in which they act."""
    own, place = Q(signer=user), user.place
    if place is None:
        return Q(pk=None)
    if place.role in (PATIENT, PHARMACIST):
        return own & Q(subject=place.id)
    wards = Guardian.objects.filter(user=user).values("patient")
    if place.role == GUARDIAN:
        return own & Q(subject__in=wards)
    files = Patient.objects.filter(user=user).values("pk")
    return own & ~Q(subject__in=wards) & ~Q(subject__in=files) & ~Q(subject__in=Pharmacy.objects.values("pk"))


@require_safe
@for_roles(*ROLES)
def signed_pdf(request: HttpRequest, pdf: UUID) -> HttpResponse:
    """A signed document, the bytes as they were made."""
    row = get_object_or_404(SignedPdf.objects.filter(visible_signed_pdfs(reader_of(request))), pk=pdf)
    reader, at = reader_of(request), now()
    about = visible_patients(reader).select_related("prescriber").filter(pk=row.subject).first()
    if about is not None:
        access_log.add(about.pk, by=acting(reader, about), what="signed_pdf", why=access_reason(reader, about), at=at)
    elif Patient.objects.filter(pk=row.subject).exists():
        # One's own signature stays one's own after the patient has gone to somebody else.
        access_log.add(row.subject, by=actor_of(reader), what="signed_pdf", why="signer", at=at)
    # The name of the file says nothing: it stands in the list of downloads of a shared telephone.
    headers = {"Content-Disposition": f'attachment; filename="clearfill-{str(row.pk)[:8]}.pdf"'}
    return HttpResponse(bytes(row.data), content_type="application/pdf", headers=headers)
