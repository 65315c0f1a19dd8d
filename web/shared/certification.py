"""Certification on the pages of practice and pharmacy: last day, signatures, and when recertification is due."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from compliance.commands import certifying
from compliance.records.file import certified
from compliance.records.programs import program_day
from compliance.rules.certification import covers
from compliance.rules.days import plus
from compliance.rules.editions import Program
from compliance.signatures import Pair
from compliance.words.kinds import APPLICANT_LABELS
from ledger.erasable_text import read_texts
from ledger.idempotency import KeyReused
from ledger.log import Row
from patients.people import actor_of
from ui.fields import OUT_OF_DATE
from ui.navigation import Words
from web.shared.common import form_page
from web.shared.manifestations import SignatureManifestation, manifestations_of
from web.shared.signature_forms import SignatureMixin


@dataclass(frozen=True, slots=True)
class Signed:
    """Something that was signed for a practice or a pharmacy."""

    label: Words
    manifestation: SignatureManifestation
    signer: UUID


@dataclass(frozen=True, slots=True)
class Certification:
    """The certification on one day, and whether recertification is due."""

    certified: bool
    until: date | None
    recertification_due: bool


def certification_of(rows: Sequence[Row], at: datetime, program: Program) -> Certification:
    """The certification of a practice or a pharmacy by its log; recertification is due only where none is suspended."""
    spans, today = certified(rows, at, program), program_day(at, program)
    until = max((span.last for span in spans), default=None)
    return Certification(
        certified=covers(spans, today),
        until=until,
        recertification_due=until is not None and until <= plus(today, certifying.ASKED_AHEAD_DAYS),
    )


def signatures_of(rows: Sequence[Row]) -> dict[UUID, list[Signed]]:
    """The signatures in the logs of practices and pharmacies, by the log's subject, the newest first. One query."""
    result: dict[UUID, list[Signed]] = {}
    manifestations = manifestations_of(rows)
    for row in reversed(rows):
        manifestation = manifestations.get((row.subject, row.number))
        if manifestation is not None:
            result.setdefault(row.subject, []).append(Signed(APPLICANT_LABELS[row.kind], manifestation, row.actor))
    return result


def why_turned_down(rows: Sequence[Row]) -> dict[UUID, str]:
    """The office's reason for the latest no to each application in these logs. One query, where there was a no."""
    latest = {row.subject: row.data["sealed"]["reason"] for row in rows if row.kind == "turned_down"}
    texts = read_texts(latest.values()) if latest else {}
    return {subject: texts.get(digest, "") for subject, digest in latest.items()}


class YearlyForm(SignatureMixin):
    """The form that is signed each year for recertification."""

    submit: ClassVar[Words] = _("Sign")
    about_self: ClassVar[bool] = True
    records: ClassVar[tuple[Pair, ...]]

    def __init__(self, *args: Any, reader: User, subject: UUID, at: datetime, **kwargs: Any) -> None:
        self.reader, self._subject, self.at = reader, subject, at
        super().__init__(*args, **kwargs)

    @property
    def signer(self) -> User:
        """The reader."""
        return self.reader

    @property
    def signed_at(self) -> datetime:
        """The instant of the request."""
        return self.at

    @property
    def subject(self) -> UUID:
        """The practice or the pharmacy."""
        return self._subject

    def signed_records(self) -> tuple[Pair, ...]:
        """The attestation alone."""
        return self.records


#: Where somebody signs for another year who may not.
NOT_APPROVED = _("The program office has not approved this yet, or has suspended it.")

#: Where somebody applies again who was not turned down.
NOT_TURNED_DOWN = _("Your application was not turned down, or you have applied again already.")


def attest(
    request: HttpRequest, form: YearlyForm, sign: Callable[..., None], *, title: Words, done: Words,
    back: tuple[Words, str], lead: Words = "", refused: Words = NOT_APPROVED,
) -> HttpResponse:  # fmt: skip
    """The page on which that form is signed; `sign` is the action that writes it down, where the state allows it."""
    if request.method == "POST" and form.is_valid() and form.prove():
        try:
            sign(
                subject=form.subject, signature=form.signature(), by=actor_of(form.reader), at=form.at,
                key=form.idempotency_key,
            )  # fmt: skip
        except certifying.WrongState:
            form.refuse(refused)
        except KeyReused:
            form.refuse(OUT_OF_DATE)
        else:
            messages.success(request, done)
            return redirect(back[1])
    return form_page(request, form, title=title, lead=lead, back=back)
