"""The signatures of one person, line by line: document, instant, and subject as far as the reader may know it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import PATIENT
from compliance.models import SignedPdf
from compliance.rules.records import Attested, load
from ledger.erasable_text import read_texts
from ledger.models import LogRecord
from patients.visibility import visible_patients
from ui.navigation import Words
from web.shared.manifestations import SignatureManifestation, manifestation_of, printed_name_of


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """One signature of the reader. `kept`: its document is there or will be, and was not erased with the names."""

    manifestation: SignatureManifestation
    about: Words
    kept: bool


def lines(rows: Sequence[LogRecord], reader: User) -> list[SignatureLine]:
    """A line for each of these signatures. Three queries, however many there are."""
    records = {row.pk: load(row.kind, row.format, row.data) for row in rows}
    signed = [(row, record) for row in rows if isinstance(record := records[row.pk], Attested)]
    names = read_texts(printed_name_of(record) for _row, record in signed)
    signed_pdfs = _signed_pdfs(rows, reader)
    patients = _patients(rows, reader)
    result = []
    for row, record in signed:
        name, signed_pdf = names.get(printed_name_of(record), ""), signed_pdfs.get((row.subject, row.number), "")
        manifestation = manifestation_of(row.number, row.at, record, name=name, pdf=signed_pdf)
        result.append(SignatureLine(manifestation, _about(row, reader, patients), kept=bool(signed_pdf or name)))
    return result


def _signed_pdfs(rows: Sequence[LogRecord], reader: User) -> dict[tuple[UUID, int], str]:
    """The signed documents there are: their ids, by subject and the number of the signature."""
    query = SignedPdf.objects.filter(signer=reader, subject__in={row.subject for row in rows})
    return {(subject, number): str(pk) for subject, number, pk in query.values_list("subject", "signature", "pk")}


def _patients(rows: Sequence[LogRecord], reader: User) -> dict[UUID, str]:
    """The names of those patients whom the reader may see."""
    subjects = {row.subject for row in rows if row.subject_kind == "patient"}
    return {row.pk: row.name for row in visible_patients(reader).filter(pk__in=subjects)}


def _about(row: LogRecord, reader: User, patients: Mapping[UUID, str]) -> Words:
    if row.subject_kind == "prescriber":
        return _("For your practice")
    if row.subject_kind == "pharmacy":
        return _("For your pharmacy")
    if reader.role == PATIENT:
        return ""
    if row.subject in patients:
        return _("About %(name)s") % {"name": patients[row.subject]}
    return _("About a patient whom you see no more")
