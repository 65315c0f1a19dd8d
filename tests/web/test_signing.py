"""Signatures, document language and signature manifestation: who signs which text, with credentials each time."""

import hashlib
import json
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from allauth.core import context
from allauth.mfa.models import Authenticator
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.core import mail
from django.test import Client, RequestFactory
from django.utils.html import escape
from fido2 import cbor
from fido2.utils import websafe_decode

import outbox
from accounts import signature_credentials as credentials
from accounts.models import SigningLockout, User
from accounts.roles import PATIENT
from accounts.signature_credentials import LOCKOUT, Credentials, LockedOut, Proof, WrongCredentials, prove
from compliance import documents
from compliance.commands import consents, drafts
from compliance.commands.decide import NotPermitted
from compliance.commands.entries import enter
from compliance.commands.permissions import MUST_BE_SIGNED
from compliance.models import Draft
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
from compliance.signatures import CONFIRM, Signature, agreed, make_signature, pairs
from ledger import log
from ledger.actor import Actor
from ledger.models import ErasableText, LoggedRequest
from patients.models import Patient
from tests import factories
from tests.accounts.passkey import Passkey
from tests.clocks import Clock
from tests.histories import METHODS, NOW, ClinicFactory
from tests.security.reading import brought_by
from tests.web.cases import case
from tests.web.opened import send

pytestmark = pytest.mark.django_db

PASSWORD = "a good long pass phrase"
STATEMENT = "ab" * 32


def client_of(user: User) -> Client:
    user.set_password(PASSWORD)
    user.save()
    client = Client()
    factories.sign_in(client, user)
    return client


def kinds(patient: Patient) -> list[str]:
    return [row.kind for row in log.read(patient.pk)]


def fields(user: User, **more: str) -> dict[str, Any]:
    own = {"signer_password": PASSWORD, "key": str(uuid4())}
    return own | more


def month(user: User, **more: str) -> dict[str, Any]:
    return fields(user, **factories.ticks("monthly-patient"), **more) | {"methods": list(METHODS)}


# --- the record of it -----------------------------------------------------------------------------
def test_what_is_recorded(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    user = patient.user
    assert user is not None
    user.name = "Ana Mora"
    assert send(client_of(user), "/patient/methods/", month(user)).status_code == 302
    declared, signed = log.read(patient.pk)[-2:]
    document = documents.load("monthly-patient", 2, "en")
    assert declared.kind == "contraception_declared"
    assert (signed.kind, signed.actor, signed.role, signed.acting_for) == ("attested", user.pk, "patient", patient.pk)
    assert {**signed.data, "statement": "", "sealed": ""} == {
        "document": "monthly-patient",
        "version": 2,
        "language": "en",
        "sha256": document.sha256,
        "answers": agreed(document),
        "meaning": "I attest",
        "means": "password",
        "local_time": "2026-12-15T11:00:00-05:00",
        "covers": [declared.number],
        "statement": "",
        "sealed": "",
    }
    assert ErasableText.objects.get(pk=signed.data["sealed"]["printed_name"]).text == "Ana Mora"
    page = client_of(user).get("/patient/record/").content.decode()
    for part in (
        "Ana Mora",
        "I attest",
        "2026-12-15 16:00:00 UTC",
        document.sha256[:16],
        "e-mail address and password",
    ):
        assert part in page, part
    # The signature says when: the entry that it covers need not say it again.
    assert page.count("Tue, Dec 15, 2026, 11:00 AM") == 1


def test_document_language_follows_a_browser_in_spanish(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    assert patient.user is not None
    client, user = client_of(patient.user), patient.user
    document, asked = documents.load("monthly-patient", 2, "es"), {"Accept-Language": "de, es-MX;q=0.8, en;q=0.5"}
    page = client.get("/patient/methods/", headers=asked).content.decode()
    assert document.title in page
    assert document.items[0].text in page
    assert '<html lang="es">' in page
    assert f'lang="es">{document.title}' in page
    sent = month(user) | brought_by("/patient/methods/", page)
    assert client.post("/patient/methods/", sent, headers=asked).status_code == 302
    signed = log.read(patient.pk)[-1]
    assert (signed.data["language"], signed.data["sha256"]) == ("es", document.sha256)
    assert documents.load("monthly-patient", 2, "en").title in client.get("/patient/methods/").content.decode()


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_very_text_whose_hash_is_recorded_is_on_the_screen(clinic: ClinicFactory, language: str) -> None:
    """Title, introduction, and each point's heading, text and statement, on every page that is signed."""
    patient, counter = clinic.ready(), clinic.pharmacies[0].pharmacists.get().user
    tested = clinic.ready()
    assert tested.user is not None
    clinic.enter(patient, PregnancyReported())
    page, doctor = f"/prescriber/patients/{patient.pk}", clinic.prescriber.user
    number = next(row.number for row in log.read(patient.pk) if row.kind == "counselled")
    pages = [
        ("monthly-patient", tested.user, "/patient/methods/"),
        ("monthly-prescriber", doctor, f"{page}/month/"),
        ("striking", doctor, f"{page}/void/{number}/"),
        ("clearing-stop", doctor, f"{page}/clear-stop/"),
        ("changing-category", doctor, f"{page}/category/"),
        ("correcting-birth-date", doctor, f"{page}/birth-date/"),
        ("permitting-home-tests", doctor, f"{page}/home-testing/"),
        ("prescriber-attestation", None, factories.registration("practice")),
        ("pharmacy-attestation", None, factories.registration("pharmacy")),
        ("prescriber-attestation", doctor, "/prescriber/practice/attest/"),
        ("pharmacy-attestation", counter, "/counter/profile/training/"),
    ]
    shown = {code for code, _reader, _path in pages} | {"patient-information", "birth-defects"}
    assert shown == documents.CODES - {*documents.QUESTION_BANKS, *documents.TABLES, "medication-guide"}
    for code, reader, path in pages:
        client = Client() if reader is None else client_of(reader)
        answer = client.get(path, headers={"Accept-Language": language})
        assert answer.status_code == 200, path
        document = documents.current(code, language, on=NOW.date())
        for part in (document.title, document.introduction, *(text for i in document.items for text in parts(i))):
            assert escape(part) in answer.content.decode(), (path, part)


def parts(item: documents.Item) -> tuple[str, str, str]:
    return item.heading, item.text, item.statement


def test_the_prescribers_month_is_one_signature_on_all_of_it(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    user = clinic.prescriber.user
    form = fields(
        user, collected_on="2026-12-14", result="negative", setting="clinic", menses="first_five_days",
        visit_on="2026-12-14", started_on="2026-11-01", **factories.ticks("monthly-prescriber"),
    )  # fmt: skip
    path = f"/prescriber/patients/{patient.pk}/month/"
    assert send(client_of(user), path, form | {"methods": list(METHODS)}).status_code == 302
    *entered, signed = log.read(patient.pk)[-4:]
    assert [row.kind for row in entered] == ["pregnancy_test", "counselled", "contraception_declared"]
    assert signed.data["covers"] == [row.number for row in entered]
    shown = client_of(user).get(f"/prescriber/patients/{patient.pk}/").content.decode()
    assert shown.count('<details class="manifestation"') == 1, "a signature stands once, below what it covers"


def test_signature_manifestation_stands_wherever_the_record_is_shown(clinic: ClinicFactory) -> None:
    """On the prescriber's page and the guardian's; the patient's is looked at above, the signed PDF's in `test_pdf`."""
    patient, doctor = clinic.ready(date(2011, 3, 4)), clinic.prescriber.user
    guardian = factories.guardian(patient).user
    assert guardian is not None
    clinic.enter(patient, ContraceptionDeclared("prescriber", METHODS, NOW.date()))
    document, key = documents.load("patient-information", 2, "en"), uuid4()
    by = Actor(guardian.pk, "guardian")
    record = consents.consent(patient=patient.pk, document=document, answers=agreed(document), by=by)
    signature = make_signature(
        document, "Paula Mora", pairs([record]), subject=patient.pk, by=by, key=key, meaning=CONFIRM
    )  # fmt: skip
    consents.sign(patient=patient.pk, record=record, signature=signature, by=by, at=NOW, key=key)
    monthly = documents.current("monthly-prescriber", "en", on=NOW.date())
    shown = {
        f"/prescriber/patients/{patient.pk}/": [
            (doctor, ["Some One", "I attest", monthly.sha256[:16]]),
            (doctor, ["Paula Mora", "I confirm as guardian", document.sha256[:16]]),
        ],
        "/guardian/": [(guardian, ["Paula Mora", "I confirm as guardian", document.sha256[:16]])],
    }
    for path, readers in shown.items():
        for reader, parts in readers:
            page = client_of(reader).get(path).content.decode()
            for part in (*parts, "2026-12-15 15:00:00 UTC", "10:00 AM", "e-mail address and password"):
                assert part in page, (path, part)


def test_voiding_an_entry_and_clearing_a_stop_are_signed(clinic: ClinicFactory) -> None:
    patient, user = clinic.ready(), clinic.prescriber.user
    number = next(row.number for row in log.read(patient.pk) if row.kind == "counselled")
    client = client_of(user)
    form = fields(user, reason="wrong patient", **factories.ticks("striking"))
    assert send(client, f"/prescriber/patients/{patient.pk}/void/{number}/", form).status_code == 302
    assert [(r.kind, r.data.get("document")) for r in log.read(patient.pk)[-2:]] == [
        ("entry_struck", None),
        ("attested", "striking"),
    ]
    clinic.enter(patient, PregnancyReported())
    form = fields(user, reason="two negative tests", **factories.ticks("clearing-stop"))
    assert send(client, f"/prescriber/patients/{patient.pk}/clear-stop/", form).status_code == 302
    assert [(r.kind, r.data.get("document")) for r in log.read(patient.pk)[-2:]] == [
        ("stop_cleared", None),
        ("attested", "clearing-stop"),
    ]


def test_a_pharmacy_signs_its_training(clinic: ClinicFactory) -> None:
    pharmacy = clinic.pharmacies[0]
    user = pharmacy.pharmacists.get().user
    form = fields(user, **factories.ticks("pharmacy-attestation"))
    assert send(client_of(user), "/counter/profile/training/", form).status_code == 302
    trained, certified, signed = log.read(pharmacy.pk)[-3:]
    assert [row.kind for row in (trained, certified, signed)] == ["trained", "certified", "attested"]
    assert signed.data["covers"] == [trained.number]


# --- proving it -----------------------------------------------------------------------------------
WRONG = {
    "a wrong password": {"signer_password": "not my password"},
    "no password": {"signer_password": ""},
    "a passkey's answer that is none": {"assertion": "{}", "nonce": "x"},
    "nothing but noise": {"assertion": "\x00", "nonce": "\x00"},
}


def test_without_the_right_credentials_nothing_is_signed(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    user = patient.user
    assert user is not None
    before, client = kinds(patient), client_of(user)
    for name, wrong in WRONG.items():
        answer = send(client, "/patient/methods/", month(user) | wrong)
        assert answer.status_code == 422, name
        assert kinds(patient) == before, name
        page = answer.content.decode()
        assert 'value="combined-pill" checked' in page.replace("\n", " ") or "checked" in page
        assert PASSWORD not in page, name


def test_being_signed_in_is_never_enough(clinic: ClinicFactory) -> None:
    """Whoever finds the telephone unlocked, a minute after a signature, signs nothing."""
    patient = clinic.ready()
    user = patient.user
    assert user is not None
    client = client_of(user)
    assert send(client, "/patient/methods/", month(user)).status_code == 302
    assert send(client, "/patient/methods/", month(user) | {"signer_password": ""}).status_code == 422


def test_five_wrong_ones_lock_signing_and_the_office_is_told(clinic: ClinicFactory, clock: Clock) -> None:
    patient, officer = clinic.ready(), factories.officer()
    user = patient.user
    assert user is not None
    client = client_of(user)
    for _ in range(4):
        answer = send(client, "/patient/methods/", month(user) | {"signer_password": "wrong"})
        assert "This is not your password." in answer.content.decode()
    answer = send(client, "/patient/methods/", month(user) | {"signer_password": "wrong"})
    assert "Signing is locked until 11:30 AM" in answer.content.decode()
    assert send(client, "/patient/methods/", month(user)).status_code == 422
    assert [row.kind for row in log.read(user.pk)] == ["signing_locked"]
    outbox.deliver(at=clock())
    assert [letter.to for letter in mail.outbox if "locked" in letter.subject] == [[officer.email]]
    assert "Signing locked after failed attempts" in client_of(officer).get("/office/accounts/").content.decode()
    clock.forward(minutes=31)
    assert send(client_of(user), "/patient/methods/", month(user)).status_code == 302
    assert not SigningLockout.objects.exists()


def test_a_right_one_forgets_the_wrong_ones_before() -> None:
    user = factories.account(PATIENT, password=PASSWORD)
    right = Credentials(password=PASSWORD)
    for _ in range(3):
        for _ in range(4):
            with pytest.raises(WrongCredentials):
                prove(user, Credentials(password="wrong"), statement=STATEMENT, at=NOW)
        assert prove(user, right, statement=STATEMENT, at=NOW).means == "password"


def test_another_persons_lock_is_not_mine() -> None:
    one, other = (factories.account(PATIENT, password=PASSWORD) for _ in range(2))
    for _ in range(5):
        with pytest.raises((WrongCredentials, LockedOut)):
            prove(one, Credentials(password="wrong"), statement=STATEMENT, at=NOW)
    assert prove(other, Credentials(password=PASSWORD), statement=STATEMENT, at=NOW)
    assert prove(
        one, Credentials(password=PASSWORD), statement=STATEMENT, at=NOW + LOCKOUT
    ).statement == STATEMENT  # fmt: skip


# --- a passkey ------------------------------------------------------------------------------------
@pytest.fixture
def passkey() -> Any:
    user = factories.account(PATIENT, password=PASSWORD)
    key = Passkey("testserver")
    Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data=key.registration())
    request = RequestFactory().get("/")
    with context.request_context(request):
        yield user, key


def test_a_passkey_signs_that_statement_and_no_other(passkey: tuple[User, Passkey]) -> None:
    user, key = passkey
    options = credentials.passkey_challenge(user, STATEMENT)["publicKey"]
    assert options["userVerification"] == "required"
    signer_credentials = Credentials(assertion=json.dumps(key.answer(bytes.fromhex(STATEMENT))))
    proof = prove(user, signer_credentials, statement=STATEMENT, at=NOW)
    assert (proof.means, proof.statement) == ("passkey", STATEMENT)
    assert proof.evidence is not None
    assert set(proof.evidence) == {"credential", "public_key", "client_data", "authenticator_data", "signature"}
    with pytest.raises(WrongCredentials):
        prove(user, signer_credentials, statement="cd" * 32, at=NOW)


def test_an_outsider_verifies_the_passkeys_signature_from_what_is_recorded(passkey: tuple[User, Passkey]) -> None:
    """As `docs/record-log.md` describes it, from the evidence alone."""
    user, key = passkey
    signer_credentials = Credentials(assertion=json.dumps(key.answer(bytes.fromhex(STATEMENT))))
    evidence = prove(user, signer_credentials, statement=STATEMENT, at=NOW).evidence
    assert evidence is not None
    raw = {name: websafe_decode(text) for name, text in evidence.items()}
    assert websafe_decode(json.loads(raw["client_data"])["challenge"]).hex() == STATEMENT
    about = raw["authenticator_data"]
    assert about[:32] == hashlib.sha256(b"testserver").digest()
    assert about[32] & 5 == 5
    cose: Any = cbor.decode(raw["public_key"])
    assert (cose[1], cose[3], cose[-1]) == (2, -7, 1)
    numbers = ec.EllipticCurvePublicNumbers(
        int.from_bytes(cose[-2], "big"), int.from_bytes(cose[-3], "big"), ec.SECP256R1()
    )
    signed = about + hashlib.sha256(raw["client_data"]).digest()
    numbers.public_key().verify(raw["signature"], signed, ec.ECDSA(hashes.SHA256()))
    with pytest.raises(InvalidSignature):
        numbers.public_key().verify(raw["signature"], signed + b"x", ec.ECDSA(hashes.SHA256()))


BROKEN: dict[str, dict[str, Any]] = {
    "its owner was not verified": {"verified": False},
    "nobody was present": {"present": False},
    "another site": {"origin": "https://evil.example"},
    "another site's credential": {"rp": "evil.example"},
    "a signature that is false": {"spoil": True},
    "a credential that is not registered": {"credential": b"x" * 16},
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_passkeys_answer_that_is_wrong_signs_nothing(passkey: tuple[User, Passkey], name: str) -> None:
    user, key = passkey
    signer_credentials = Credentials(assertion=json.dumps(key.answer(bytes.fromhex(STATEMENT), **BROKEN[name])))
    with pytest.raises(WrongCredentials):
        prove(user, signer_credentials, statement=STATEMENT, at=NOW)


def test_another_persons_passkey_signs_nothing_of_mine(passkey: tuple[User, Passkey]) -> None:
    _owner, key = passkey
    signer_credentials = Credentials(assertion=json.dumps(key.answer(bytes.fromhex(STATEMENT))))
    with pytest.raises(WrongCredentials):
        prove(factories.account(PATIENT, password=PASSWORD), signer_credentials, statement=STATEMENT, at=NOW)


def test_a_form_signed_with_a_passkey(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    user = patient.user
    assert user is not None
    client, key = client_of(user), Passkey("testserver")
    Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data=key.registration())
    form = month(user) | {"signer_password": ""}
    begun = send(client, "/patient/methods/", form | {"passkey": "begin"})
    assert begun.status_code == 200
    asked = begun.json()
    before = kinds(patient)
    answer = key.answer(key.challenge(asked["options"]))
    signed = form | {"assertion": json.dumps(answer), "nonce": asked["nonce"]}
    changed = signed | {"methods": ["iud", "male-latex-condom"]}
    assert send(client, "/patient/methods/", changed).status_code == 422
    assert kinds(patient) == before
    assert send(client, "/patient/methods/", signed).status_code == 302
    record = log.read(patient.pk)[-1]
    assert record.data["means"] == "passkey"
    assert send(client, "/patient/methods/", signed).status_code == 302  # sent twice: once recorded
    assert kinds(patient)[len(before) :] == ["contraception_declared", "attested"]
    again = signed | {"key": str(uuid4())}
    assert send(client, "/patient/methods/", again).status_code == 422  # replayed as another request


def test_a_passkeys_answer_that_comes_too_late(
    clinic: ClinicFactory, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient = clinic.ready()
    user = patient.user
    assert user is not None
    client, key = client_of(user), Passkey("testserver")
    Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data=key.registration())
    form = month(user) | {"signer_password": ""}
    asked = send(client, "/patient/methods/", form | {"passkey": "begin"}).json()
    monkeypatch.setattr("web.shared.signature_forms.PASSKEY_TIMEOUT", -1)
    answer = json.dumps(key.answer(key.challenge(asked["options"])))
    late = send(client, "/patient/methods/", form | {"assertion": answer, "nonce": asked["nonce"]})
    assert "took too long" in late.content.decode()


# --- in another's place ---------------------------------------------------------------------------
def _signed(record: Record, subject: UUID, by: Actor, key: UUID) -> Signature:
    text = documents.load("monthly-prescriber", 1, "en")
    return make_signature(text, "Some One", pairs([record]), subject=subject, by=by, key=key)


MUST: list[Record] = [
    ConsentSigned("patient-information", "patient"),
    ContraceptionDeclared("prescriber", METHODS, NOW.date()),
    StopCleared("r"),
    EntryStruck(6, "r"),
    CategoryChanged("cannot_become_pregnant", "hysterectomy"),
    BirthDateCorrected(date(2001, 4, 3), "r"),
    HomeTestingSet(True, "on video"),
]


def test_all_that_must_be_signed_is_tried() -> None:
    assert {record.kind for record in MUST} == MUST_BE_SIGNED


def test_what_attests_is_not_entered_without_a_signature(clinic: ClinicFactory) -> None:
    for record in MUST:
        with case(record):
            patient, key = clinic.ready(), uuid4()
            before = kinds(patient)
            assert patient.user is not None
            by = Actor(patient.user.pk, PATIENT, patient.pk) if record.kind == "consent_signed" else clinic.doctor
            with pytest.raises(NotPermitted):
                enter(patient=patient.pk, records=[record], by=by, at=NOW, key=key)
            assert kinds(patient) == before
            assert LoggedRequest.objects.get(key=key).codes == ["not-permitted"]


def test_a_signature_goes_with_its_own_records_person_patient_and_request(clinic: ClinicFactory) -> None:
    patient, other, key = clinic.ready(), clinic.ready(), uuid4()
    record = ContraceptionDeclared("prescriber", METHODS, NOW.date())
    elsewhere = Actor(clinic.other.user_id, "prescriber", clinic.prescriber.pk)
    right = _signed(record, patient.pk, clinic.doctor, key)
    wrong = {
        "another record": _signed(ContraceptionDeclared("prescriber", METHODS), patient.pk, clinic.doctor, key),
        "another patient": _signed(record, other.pk, clinic.doctor, key),
        "another person": _signed(record, patient.pk, elsewhere, key),
        "another request": _signed(record, patient.pk, clinic.doctor, uuid4()),
        "another statement": Signature(right.statement, Proof(statement=STATEMENT, means="password")),
    }
    for name, signature in wrong.items():
        assert not signature.fits(pairs([record]), subject=patient.pk, by=clinic.doctor, key=key), name
    before, unfit = kinds(patient), uuid4()
    with pytest.raises(NotPermitted):
        enter(patient=patient.pk, records=[record], by=clinic.doctor, at=NOW, key=unfit, signature=right)
    assert kinds(patient) == before
    assert enter(patient=patient.pk, records=[record], by=clinic.doctor, at=NOW, key=key, signature=right)


def test_nobody_signs_a_consent_in_the_patients_place(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    stranger = factories.patient(clinic.prescriber, user=factories.account(PATIENT))
    assert stranger.user is not None
    assert patient.user is not None
    guardian = factories.guardian(factories.patient(clinic.prescriber)).user
    assert guardian is not None
    document = documents.load("patient-information", 2, "en")
    others = {
        "the prescriber": clinic.doctor,
        "a designee": Actor(factories.designee(clinic.prescriber).user_id, "designee", clinic.prescriber.pk),
        "an officer": Actor(factories.officer().pk, "officer"),
        "another patient": Actor(stranger.user.pk, PATIENT, stranger.pk),
        "another patient who says so": Actor(stranger.user.pk, PATIENT, patient.pk),
        "a guardian of someone else": Actor(guardian.pk, "guardian"),
        "the account in another role": Actor(patient.user.pk, "guardian"),
    }
    before = kinds(patient)
    for name, by in others.items():
        key = uuid4()
        record = consents.consent(patient=patient.pk, document=document, answers=agreed(document), by=by)
        signature = make_signature(document, "Ana Mora", pairs([record]), subject=patient.pk, by=by, key=key)
        with pytest.raises(NotPermitted):
            consents.sign(patient=patient.pk, record=record, signature=signature, by=by, at=NOW, key=key)
        assert kinds(patient) == before, name


# --- reading before signing -----------------------------------------------------------------------
def _draft(patient: Patient, code: str, language: str = "en") -> str:
    """Where the answers to a text are kept in the course that is open."""
    enrolled = next(row.number for row in reversed(log.read(patient.pk)) if row.kind == "enrolled")
    return consents.draft_name(documents.load(code, 2, language), enrolled)


def test_a_section_opens_when_those_before_it_are_answered(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    user = patient.user
    assert user is not None
    client, start = client_of(user), "/patient/sign/birth-defects/en"
    items = documents.load("birth-defects", 2, "en").items
    draft = _draft(patient, "birth-defects")
    for jump in (f"{start}/2/", f"{start}/{len(items)}/", f"{start}/signature/"):
        assert client.get(jump).headers["Location"] == f"{start}/1/"
    assert send(client, f"{start}/5/", {"answer": "yes", "key": str(uuid4())}).headers["Location"] == f"{start}/1/"
    assert not Draft.objects.exists()
    for place, item in enumerate(items, 1):
        page = client.get(f"{start}/{place}/").content.decode()
        for text in (item.heading, item.text, item.statement):
            assert text in page.replace("&#x27;", "'"), text
        form = {"answer": "yes", "key": str(uuid4())} | brought_by(f"{start}/{place}/", page)
        client.post(f"{start}/{place}/", form)
        assert len(drafts.read(patient=patient.pk, account=user.pk, what=draft)) == place
        # A closed tab: another browser goes on where this one stopped.
        client = client_of(user) if place == 2 else client
    assert client.get(f"{start}/signature/").status_code == 200


def test_document_language_answers_in_one_are_none_in_the_other(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    user = patient.user
    assert user is not None
    client = client_of(user)
    send(client, "/patient/sign/birth-defects/en/1/", {"answer": "yes", "key": str(uuid4())})
    assert client.get("/patient/sign/birth-defects/es/2/").headers["Location"].endswith("/es/1/")
    spanish = documents.load("birth-defects", 2, "es").items[0]
    assert spanish.heading in client.get("/patient/sign/birth-defects/es/1/").content.decode()


def test_a_no_a_withdrawal_and_an_invitation_that_expired_are_three_things(clinic: ClinicFactory, clock: Clock) -> None:
    patient = clinic.ready()
    user = patient.user
    assert user is not None
    client, key = client_of(user), str(uuid4())
    path = f"/prescriber/patients/{patient.pk}/"
    answer = client.post("/patient/sign/birth-defects/no/", {"key": key})
    assert answer.status_code == 302
    assert kinds(patient)[-1] == "consent_refused"
    page = client_of(clinic.prescriber.user).get(path).content.decode()
    assert "Signed; said no later" in page
    assert "Consent withdrawn" not in page
    clock.forward(minutes=1)
    form = {"key": str(uuid4()), "sure": "on"}
    assert client_of(user).post("/patient/withdraw/patient-information/", form).status_code == 302
    page = client_of(clinic.prescriber.user).get(path).content.decode()
    assert "Consent withdrawn" in page
    assert "Invitation expired" not in page
    waiting = factories.patient(clinic.prescriber)
    factories.invitation(waiting)
    clock.forward(days=15)
    page = client_of(clinic.prescriber.user).get(f"/prescriber/patients/{waiting.pk}/").content.decode()
    assert "Invitation expired" in page
    assert "Said no" not in page


def test_a_refusal_takes_nothing_back(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    assert patient.user is not None
    by = Actor(patient.user.pk, PATIENT, patient.pk)
    consents.refuse(patient=patient.pk, document="birth-defects", by=by, at=NOW, key=uuid4())
    assert clinic.authorize(patient, at=NOW + timedelta(minutes=1)).allowed
