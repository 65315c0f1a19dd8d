"""The actions themselves refuse a consent with an item unanswered, and a signature on a text that is not its own."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from uuid import UUID, uuid4

import pytest

from accounts.roles import DESIGNEE, GUARDIAN, PATIENT, PHARMACIST, PRESCRIBER
from compliance import documents
from compliance.commands import certifying, consents
from compliance.commands.decide import NotPermitted
from compliance.commands.entries import EntryRefused, enter
from compliance.commands.permissions import MAY_ENTER, MUST_BE_SIGNED
from compliance.documents import Document
from compliance.rules.records import (
    BirthDateCorrected,
    CategoryChanged,
    ConsentSigned,
    ContraceptionDeclared,
    EntryStruck,
    HomeTestingSet,
    PregnancyReported,
    Record,
    StopCleared,
)
from compliance.signatures import CONSENT, TEXTS, agreed, make_signature, pairs
from devtools.replay.store import Store
from ledger import log
from ledger.actor import Actor
from ledger.models import LoggedRequest
from patients.models import Patient
from tests.histories import METHODS, NOW, ClinicFactory

pytestmark = pytest.mark.django_db

TEXT = documents.load("birth-defects", 1, "en")
ITEMS = [item.id for item in TEXT.items]
Answers = dict[str, bool]


@pytest.fixture
def patient(clinic: ClinicFactory) -> Patient:
    return clinic.ready()


def own(patient: Patient) -> Actor:
    """The patient, as one who acts."""
    assert patient.user is not None
    return Actor(patient.user.pk, PATIENT, patient.pk)


# --- a consent ------------------------------------------------------------------------------------
def sign(
    patient: Patient, record: ConsentSigned, answers: Answers, *, text: Document = TEXT, key: UUID | None = None
) -> None:
    """Sign that record under that text with those answers. Raises what `consents.sign` raises."""
    by, key = own(patient), key or uuid4()
    signature = make_signature(
        text, "Ana Mora", pairs([record]), subject=patient.pk, by=by, key=key, meaning=CONSENT, answers=answers
    )  # fmt: skip
    consents.sign(patient=patient.pk, record=record, signature=signature, by=by, at=NOW, key=key)


def consent(patient: Patient, answers: Answers) -> ConsentSigned:
    """The record of a consent with those answers."""
    return consents.consent(patient=patient.pk, document=TEXT, answers=answers, by=own(patient))


LACKING: dict[str, Answers] = {
    "none": {},
    "the first alone": {ITEMS[0]: True},
    "all but the last": dict.fromkeys(ITEMS[:-1], True),
    "all but the first": dict.fromkeys(ITEMS[1:], True),
    "a no among them": agreed(TEXT) | {ITEMS[3]: False},
    "nothing but noes": dict.fromkeys(ITEMS, False),
    "those of another text": agreed(documents.load("patient-information", 1, "en")),
}


@pytest.mark.parametrize("name", LACKING)
def test_a_consent_with_an_item_that_is_not_agreed_to_is_refused(patient: Patient, name: str) -> None:
    before, answers, key = log.read(patient.pk), LACKING[name], uuid4()
    with pytest.raises(EntryRefused) as refused:
        sign(patient, consent(patient, answers), answers, key=key)
    lacking = [item for item in ITEMS if answers.get(item) is not True]
    assert (refused.value.first.field, refused.value.first.rule) == (lacking[0], "item-not-agreed")
    assert log.read(patient.pk) == before
    assert LoggedRequest.objects.get(key=key).codes == ["item-not-agreed"]


def test_a_consent_that_is_agreed_to_in_every_item_is_taken(patient: Patient) -> None:
    sign(patient, consent(patient, agreed(TEXT)), agreed(TEXT))
    signed = log.read(patient.pk)[-2]
    assert (signed.kind, signed.data["answers"], signed.data["sha256"]) == (
        "consent_signed", agreed(TEXT), TEXT.sha256,
    )  # fmt: skip


OTHER_TEXT: dict[str, Document] = {
    "another's": documents.load("striking", 1, "en"),
    "the other consent": documents.load("patient-information", 1, "en"),
    "in another language": documents.load("birth-defects", 1, "es"),
    "in another version": replace(TEXT, version=2),
    "with another hash": replace(TEXT, sha256="f" * 64),
}


@pytest.mark.parametrize("name", OTHER_TEXT)
def test_a_consent_is_not_signed_by_a_text_that_it_does_not_name(patient: Patient, name: str) -> None:
    before, key = log.read(patient.pk), uuid4()
    with pytest.raises(NotPermitted):
        sign(patient, consent(patient, agreed(TEXT)), agreed(TEXT), text=OTHER_TEXT[name], key=key)
    assert log.read(patient.pk) == before
    assert LoggedRequest.objects.get(key=key).codes == ["not-permitted"]


NAMES_LESS: dict[str, Callable[[ConsentSigned], ConsentSigned]] = {
    "no text": lambda record: ConsentSigned("birth-defects", "patient"),
    "no answers": lambda record: replace(record, answers=None),
    "no version": lambda record: replace(record, version=None),
    "no language": lambda record: replace(record, language=None),
    "no hash": lambda record: replace(record, sha256=None),
    "other answers than are signed": lambda record: replace(record, answers={**agreed(TEXT), "more": True}),
}


@pytest.mark.parametrize("name", NAMES_LESS)
def test_a_consent_that_does_not_say_what_is_signed_is_not_taken(patient: Patient, name: str) -> None:
    before = log.read(patient.pk)
    with pytest.raises(NotPermitted):
        sign(patient, NAMES_LESS[name](consent(patient, agreed(TEXT))), agreed(TEXT))
    assert log.read(patient.pk) == before


# --- what attests ---------------------------------------------------------------------------------
ATTESTS: dict[tuple[str, str], Callable[[ClinicFactory, Patient], Record]] = {
    ("contraception_declared", PRESCRIBER): lambda t, p: ContraceptionDeclared("prescriber", METHODS, NOW.date()),
    ("contraception_declared", PATIENT): lambda t, p: ContraceptionDeclared("patient", METHODS),
    ("stop_cleared", PRESCRIBER): lambda t, p: StopCleared("r"),
    ("entry_struck", PRESCRIBER): lambda t, p: EntryStruck(
        next(row.number for row in log.read(p.pk) if row.kind == "counselled"), "r"
    ),
    ("category_changed", PRESCRIBER): lambda t, p: CategoryChanged("cannot_become_pregnant", "hysterectomy"),
    ("birth_date_corrected", PRESCRIBER): lambda t, p: BirthDateCorrected(date(2001, 4, 3), "r"),
    ("home_testing_set", PRESCRIBER): lambda t, p: HomeTestingSet(True, "on video"),
}
CERTIFIES = {("applied", PRESCRIBER), ("applied", PHARMACIST), ("renewed", PRESCRIBER), ("trained", PHARMACIST)}


def test_all_that_must_be_signed_has_its_text_in_each_role_that_may_sign_it() -> None:
    needed = {(kind, role) for kind in MUST_BE_SIGNED - {"consent_signed"} for role in MAY_ENTER[kind]}
    assert set(ATTESTS) == needed
    assert set(TEXTS) == needed | CERTIFIES
    assert not [role for _kind, role in TEXTS if role in (DESIGNEE, GUARDIAN)]


def attest(
    clinic: ClinicFactory, patient: Patient, role: str, record: Record, text: Document, answers: Answers | None = None
) -> None:
    """Enter the record in that role, signed by that text."""
    key, by = uuid4(), own(patient) if role == PATIENT else clinic.doctor
    signature = make_signature(text, "Some One", pairs([record]), subject=patient.pk, by=by, key=key, answers=answers)
    enter(patient=patient.pk, records=[record], by=by, at=NOW, key=key, signature=signature)


@pytest.mark.parametrize(("kind", "role"), ATTESTS)
def test_what_attests_is_signed_by_its_own_text_alone(
    clinic: ClinicFactory, patient: Patient, kind: str, role: str
) -> None:
    clinic.enter(patient, PregnancyReported())
    record, before = ATTESTS[kind, role](clinic, patient), log.read(patient.pk)
    for code in sorted(
        documents.CODES - {TEXTS[kind, role], *documents.QUESTION_BANKS, *documents.TABLES, "medication-guide"}
    ):
        with pytest.raises(NotPermitted):
            attest(clinic, patient, role, record, documents.load(code, 1, "en"))
    assert log.read(patient.pk) == before
    attest(clinic, patient, role, record, documents.load(TEXTS[kind, role], 1, "es"))
    assert log.read(patient.pk)[-1].data["document"] == TEXTS[kind, role]


def test_what_attests_is_attested_in_every_point(clinic: ClinicFactory, patient: Patient) -> None:
    text = documents.load("monthly-patient", 1, "en")
    record, before = ContraceptionDeclared("patient", METHODS), log.read(patient.pk)
    first = text.items[0].id
    for answers in ({}, {first: True}, agreed(text) | {first: False}, agreed(text) | {"more": True}):
        with pytest.raises(NotPermitted):
            attest(clinic, patient, PATIENT, record, text, answers)
    assert log.read(patient.pk) == before
    attest(clinic, patient, PATIENT, record, text, agreed(text))


def test_a_training_is_signed_by_its_own_text_alone(clinic: ClinicFactory) -> None:
    pharmacy = clinic.pharmacies[0]
    by, before = Actor(uuid4(), PHARMACIST, pharmacy.pk), len(log.read(pharmacy.pk))

    def train(code: str) -> None:
        key, text = uuid4(), documents.load(code, 1, "en")
        signature = make_signature(
            text, "Some One", certifying.TRAINING, subject=pharmacy.pk, by=by, key=key
        )  # fmt: skip
        certifying.complete_training(subject=pharmacy.pk, signature=signature, by=by, at=NOW, key=key)

    for code in ("prescriber-attestation", "striking", "patient-information"):
        with pytest.raises(NotPermitted):
            train(code)
    assert len(log.read(pharmacy.pk)) == before
    train("pharmacy-attestation")


def test_another_year_is_signed_by_its_own_text_alone(clinic: ClinicFactory) -> None:
    subject, by = clinic.prescriber.pk, clinic.doctor
    before = len(log.read(subject))

    def renew(code: str) -> None:
        key, text = uuid4(), documents.load(code, 1, "en")
        signature = make_signature(text, "Some One", certifying.RECERTIFICATION, subject=subject, by=by, key=key)
        certifying.recertify(subject=subject, signature=signature, by=by, at=NOW, key=key)

    for code in ("pharmacy-attestation", "monthly-prescriber", "patient-information"):
        with pytest.raises(NotPermitted):
            renew(code)
    assert len(log.read(subject)) == before
    renew("prescriber-attestation")


# --- a scenario, which leaves out what is always the same ------------------------------------------
def test_a_scenarios_consent_is_signed_whole() -> None:
    story = {
        "patient": {"born_on": "2001-04-02"},
        "prescriber": {"certified": [["2020-01-01", "2035-01-01"]]},
        "pharmacies": {},
        "steps": [{"at": "2026-12-01T12:00:00-05:00"}],
    }
    store = Store(story)

    def does(kind: str, **fields: object) -> dict[str, object]:
        return store.answer({"at": "2026-12-01T12:00:00-05:00", "do": kind, **fields})

    assert does("enrolled", category="can_become_pregnant") == {"refused": False}
    assert does("consent_signed", document="birth-defects", signer="patient") == {"refused": False}
    signed = log.read(store.patient)[-2]
    assert (signed.data["answers"], signed.data["sha256"]) == (agreed(TEXT), TEXT.sha256)
    refused: dict[str, dict[str, object]] = {
        "a no": {"document": "birth-defects", "answers": {ITEMS[0]: False}},
        "a text that is not the category's": {"document": "striking"},
        "a text that nobody knows": {"document": "nothing"},
    }
    for name, fields in refused.items():
        assert does("consent_signed", signer="patient", **fields) == {"refused": True}, name
