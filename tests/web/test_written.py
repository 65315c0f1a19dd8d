"""What somebody wrote into a record stands in the record of its author and its reader for good, and nowhere else."""

from collections.abc import Callable, Mapping
from html import unescape
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import User
from accounts.roles import OFFICER, PATIENT, PRESCRIBER
from compliance.records.programs import program_day
from compliance.rules.care.health import HealthAnswered, HealthReviewed
from compliance.rules.care.questions import QuestionAsked
from compliance.rules.care.side_effects import ReportAnswered, SideEffectReported
from compliance.rules.records import (
    Discontinued,
    EntryStruck,
    HomeTestingSet,
    LastDoseCorrected,
    Record,
    StopCleared,
    dump,
)
from compliance.words.written import WRITTEN
from ledger import log
from ledger.actor import SYSTEM
from ledger.erasable_text import erase, make_erasable
from ledger.log import NewRecord
from patients.models import Patient
from tests import factories
from tests.factories import as_
from tests.histories import NOW, ClinicFactory

pytestmark = pytest.mark.django_db
SAID = "I take a new vitamin now"

#: A record with those words, by kind. Those of guardians and linked files name rows of others, and are read as these.
RECORDS: Mapping[type[Record], Callable[[str], Record]] = {
    HealthReviewed: lambda digest: HealthReviewed(True, digest),
    HealthAnswered: lambda digest: HealthAnswered((), (), (), digest),
    SideEffectReported: lambda digest: SideEffectReported(("hair",), 1, "en", "next-time", {"words": digest}),
    ReportAnswered: lambda digest: ReportAnswered(1, True, {"words": digest}),
    QuestionAsked: lambda digest: QuestionAsked("birth-defects", "patient", digest),
    HomeTestingSet: lambda digest: HomeTestingSet(True, digest),
    StopCleared: lambda digest: StopCleared(digest),
    Discontinued: lambda digest: Discontinued(digest),
    LastDoseCorrected: lambda digest: LastDoseCorrected(digest, program_day(NOW)),
    EntryStruck: lambda digest: EntryStruck(3, digest),
}


def write(patient: Patient, *records: Record) -> None:
    """Records as rows of the log alone."""
    drafts = [NewRecord(record.kind, dump(record)) for record in records]
    head = log.head_of(log.read(patient.pk))
    log.append("patient", patient.pk, drafts, head=head, by=SYSTEM, at=NOW, request_id=uuid4())


def digest(patient: Patient, words: str = SAID) -> str:
    text = make_erasable(words, subject=patient.pk, at=NOW)
    text.save(force_insert=True)
    return text.digest


def shown(user: User, path: str) -> str:
    answer = as_(user).get(path)
    assert answer.status_code == 200, path
    return unescape(answer.content.decode())


def records_of(patient: Patient, officer: User) -> Mapping[str, str]:
    """The record as each side reads it."""
    assert patient.user is not None
    return {
        PATIENT: shown(patient.user, "/patient/record/"),
        PRESCRIBER: shown(patient.prescriber.user, f"/prescriber/patients/{patient.pk}/"),
        OFFICER: shown(officer, f"/office/patients/{patient.pk}/"),
    }


def test_words_stand_in_the_record_of_those_who_read_them(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    said = {kind: f"{SAID}: {kind.kind}." for kind in RECORDS}
    write(patient, *(RECORDS[kind](digest(patient, words)) for kind, words in said.items()))
    # The page's own panels show what waits; a later record stands for the time when nothing does.
    write(patient, HealthAnswered((), (), ()), ReportAnswered(100, True), Discontinued("done"))
    pages = records_of(patient, factories.officer())
    found = {kind: {role for role, page in pages.items() if words in page} for kind, words in said.items()}
    assert found == {kind: WRITTEN[kind].readers for kind in RECORDS}


def test_what_changed_stands_in_my_health_after_the_practice_has_entered_it(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    assert patient.user is not None
    write(patient, HealthReviewed(True, words := digest(patient)))
    page = shown(patient.user, "/patient/health/")
    assert SAID in page and "What you said before" not in page
    write(patient, HealthAnswered((), ("vitamin-a",), ()))
    page = shown(patient.user, "/patient/health/")
    before = page[page.index("What you said before") :]
    assert SAID in before and "Your practice entered what followed" in before
    assert SAID in as_(patient.user).get("/patient/record/record.json").content.decode()
    erase([words])
    page = shown(patient.user, "/patient/health/")
    assert SAID not in page and "It was erased." in page


def test_neither_pharmacy_nor_guardian_reads_them(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    guardian = factories.guardian(patient)
    write(patient, *(make(digest(patient)) for make in RECORDS.values()))
    counter = User.objects.get(pharmacists__pharmacy=clinic.pharmacies[0])
    for client, path in ((as_(guardian.user), "/guardian/"), (as_(counter), "/counter/")):
        answer = client.get(path, follow=True)
        assert answer.status_code == 200 and SAID not in unescape(answer.content.decode()), path
    assert Client().get("/patient/record/").status_code == 302
