"""The columns that show names and addresses: what the erasable texts of the latest correction say."""

from collections.abc import Mapping
from uuid import UUID

from compliance.rules.records import ContactCorrected, GuardianCorrected
from ledger.erasable_text import read_texts
from patients.models import Guardian, Patient
from patients.names import name_key


def texts_of(sealed: Mapping[str, str]) -> dict[str, str]:
    """The texts behind these digests, by name; without those that were erased."""
    texts = read_texts(sealed.values())
    return {name: texts[digest] for name, digest in sealed.items() if digest in texts}


def project_patient(patient: UUID, record: ContactCorrected) -> None:
    """The columns of the patient's row that the correction names, and the key of the name for the search."""
    columns = texts_of(record.sealed)
    if not columns:
        return
    row = Patient.objects.get(pk=patient)
    given, family = (columns.get(name, getattr(row, name)) for name in ("given_name", "family_name"))
    Patient.objects.filter(pk=patient).update(**columns, name_key=name_key(given, family))


def project_guardian(record: GuardianCorrected) -> None:
    """The columns of a guardian's row that the correction names."""
    columns = texts_of(record.sealed)
    if columns:
        Guardian.objects.filter(pk=record.guardian).update(**columns)
