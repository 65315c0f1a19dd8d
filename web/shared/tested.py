"""Whether a reader is one whom tests concern: who cannot become pregnant is not addressed as if."""

from datetime import datetime

from accounts.models import User
from accounts.roles import GUARDIAN, PATIENT
from compliance.records.file import File, read_file
from compliance.rules.consents import is_minor
from patients.visibility import visible_patients

from .common import are_tests_asked


def files_of(reader: User, at: datetime) -> list[File]:
    """The files of a patient, or of the minors beside whom a guardian stands.

    What somebody who is of age is asked, a guardian does not learn any more.
    """
    files = [read_file(patient, at) for patient in visible_patients(reader).values_list("pk", flat=True)]
    return [file for file in files if reader.role != GUARDIAN or is_minor(file.history(at))]


def tests_concern(reader: User, at: datetime) -> bool:
    """Whether this reader is addressed as one of whom tests are asked. Whoever reads for their work reads all."""
    if reader.role not in (PATIENT, GUARDIAN):
        return True
    files = files_of(reader, at)
    # In an account without a file the default category stands, as in a file without a course.
    return not files or any(are_tests_asked(file, at) for file in files)
