"""After an erasure by two officers no word of the person stands in any column of any table, session or log line."""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from allauth.mfa.models import Authenticator
from django.conf import LazySettings
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client, override_settings
from structlog.testing import capture_logs

import outbox
from accounts.address_change import make_token
from accounts.erased import is_erased
from accounts.models import TextNumber, User
from accounts.recovery import RecoveryRefused
from accounts.recovery import confirm as confirm_recovery
from accounts.recovery import request as request_recovery
from accounts.roles import GUARDIAN, OFFICER, PATIENT, PRESCRIBER
from compliance.commands import (
    address_change,
    contacts,
    drafts,
    enrolment,
    erasure,
    guardians,
    held_decisions,
    invitations,
    letters,
    people,
    text_number,
)
from compliance.commands.enrolment import NewPatient
from compliance.commands.entries import EntryRefused, enter
from compliance.commands.erasure import NotErased
from compliance.commands.invitations import Acceptance
from compliance.models import Draft, SignedPdf
from compliance.records.rebuild import differences
from compliance.rules.records import ContraceptionDeclared, Discontinued, Enrolled
from compliance.signing.pdf.queue import process_due_jobs
from compliance.verification import decisions, pdfs, written
from ledger import log
from ledger.actor import Actor
from ledger.erasable_text import make_erasable
from ledger.models import ErasableText
from ledger.verify import verify
from outbox.models import CapturedEmail, CapturedText, Message
from patients.models import Guardian, HeldEnrolment, Invitation, Patient
from tests import factories
from tests.clocks import Clock
from tests.conftest import RestoreSnapshot
from tests.databases import Snapshot
from tests.histories import METHODS, NOW, ClinicFactory

CHILD = date(2012, 2, 3)
PASSWORD = "a good long pass phrase"
NEW = NewPatient(
    given_name="Zorblatina", family_name="Quexworth", born_on=CHILD, email="zorbla@quex.example", phone="+12127736401",
    category="can_become_pregnant", guardian_name="Vipplemore Quexworth", guardian_email="vipple@quex.example",
    language="es", guardian_language="es", guardian_phone="+12127736403",
)  # fmt: skip

#: All that was ever typed about the person.
WORDS = (
    "zorblat", "quexw", "zorbla@", "quex.example", "7736401", "773-6401", "773) 6401", "vipplem", "yimblat", "yimbla@",
    "7736402", "7736403", "krozzle", "krozz@", "frimbulous",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _today(clock: Clock, settings: LazySettings) -> None:
    clock.at = NOW
    settings.EMAIL_BACKEND = "outbox.mail.PageBackend"


# --- what is looked through -------------------------------------------------------------------------------
def every_row() -> Iterator[tuple[str, str]]:
    """Each row of each table, as text; a session is read as what it says, since its coded text may hold any letters."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
        tables = [row[0] for row in cursor.fetchall() if row[0] != Session._meta.db_table]
        assert len(tables) > 30
        for table in tables:
            cursor.execute(f'SELECT row_to_json(t)::text FROM "{table}" t')
            yield from ((table, row[0]) for row in cursor.fetchall())


def every_session() -> Iterator[tuple[str, str]]:
    for session in Session.objects.all():
        yield "session", str(session.get_decoded())


def inside_pdfs() -> Iterator[tuple[str, str]]:
    """What is attached and drawn in the signed PDFs: every stream, inflated."""
    for pdf in SignedPdf.objects.all():
        for part in bytes(pdf.data).split(b"stream\n")[1:]:
            try:
                yield "pdf", zlib.decompressobj().decompress(part).decode("latin-1")
            except zlib.error:
                continue


def found(words: Sequence[str] = WORDS) -> set[tuple[str, str]]:
    """Where words still stand: place and word."""
    places = (every_row, every_session, inside_pdfs)
    texts = [(place, text.casefold()) for look in places for place, text in look()]
    return {(place, word) for place, text in texts for word in words if word.casefold() in text}


# --- a person who went through everything -----------------------------------------------------------------
def officer() -> Actor:
    return Actor(factories.officer().pk, OFFICER)


def other_doctor(clinic: ClinicFactory) -> Actor:
    return Actor(clinic.other.user_id, PRESCRIBER, clinic.other.pk)


def enrolled(by: Actor, new: NewPatient = NEW) -> enrolment.Enrolment:
    return enrolment.enrol(new=new, by=by, at=NOW, key=uuid4())


def accepted(patient: Patient, guardian: Guardian | None = None, account: User | None = None) -> User:
    invitation = Invitation.objects.get(patient=patient, guardian=guardian, accepted_at=None, revoked_at=None)
    acceptance = Acceptance(born_on=patient.born_on, password="" if account else PASSWORD, account=account)
    return invitations.accept(invitation=invitation.pk, acceptance=acceptance, at=NOW, key=uuid4())


def decide(case: UUID, *, by: Actor, let_through: bool = True, same_as: UUID | None = None) -> None:
    held_decisions.decide_held(
        held=case, let_through=let_through, by=by, at=NOW, key=uuid4(), same_as=same_as, reason="frimbulous case"
    )


def end_course(clinic: ClinicFactory, patient: Patient, by: Actor | None = None) -> None:
    reason = make_erasable("frimbulous end", subject=patient.pk, at=NOW)
    enter(patient=patient.pk, records=[Discontinued(reason.digest)], by=by or clinic.doctor, at=NOW, key=uuid4(),
          texts=[reason])  # fmt: skip


def _build(_: object) -> ClinicFactory:
    clinic = ClinicFactory()
    with override_settings(EMAIL_BACKEND="outbox.mail.PageBackend"), outbox.without_notifying():
        _went_through_everything(clinic)
    return clinic


ERASED = Snapshot("erased", _build, at=NOW.isoformat())


@pytest.fixture
def _kept(shared_snapshot: RestoreSnapshot) -> ClinicFactory:
    """Before `db`: the tests work in the snapshot's copy."""
    clinic: ClinicFactory = shared_snapshot(ERASED)
    return clinic


@pytest.fixture
def clinic(_kept: ClinicFactory, db: None) -> ClinicFactory:
    return _kept


@pytest.fixture
def person(clinic: ClinicFactory) -> Patient:
    """Held, turned down, enrolled, corrected, invited, with accounts, drafts, PDFs, letters and searches."""
    return Patient.objects.get()


def _went_through_everything(clinic: ClinicFactory) -> None:
    made = enrolled(clinic.doctor)
    assert made.patient is not None
    patient = Patient.objects.get(pk=made.patient)
    turned_down = enrolled(other_doctor(clinic)).held
    assert turned_down is not None
    decide(turned_down, by=officer(), let_through=False)
    # Held before the file was opened, beside somebody else, and turned down.
    HeldEnrolment.objects.create(
        prescriber=clinic.other, data=NEW.plain(), candidates=[str(uuid4())], state="turned_down", created_at=NOW,
        decided_by=uuid4(), decided_at=NOW, reason="frimbulous",
    )  # fmt: skip
    guardian = Guardian.objects.get(patient=patient)
    account, beside = accepted(patient), accepted(patient, guardian)
    _corrected(clinic, patient, account)
    _second_guardian(clinic, patient, guardian)
    by = Actor(account.pk, PATIENT, patient.pk)
    drafts.save(patient=patient.pk, what="questions:1", answers={"why": "frimbulous"}, by=by, at=NOW, key=uuid4())
    assert clinic.enter(patient, ContraceptionDeclared("prescriber", METHODS, NOW.date()))
    process_due_jobs(at=NOW)
    _letters(account, beside)
    _searched(clinic)
    end_course(clinic, patient)


def _corrected(clinic: ClinicFactory, patient: Patient, account: User) -> None:
    contact = {"given_name": "Yimblatina", "phone": "+12127736402", "email": "yimbla@quex.example"}
    contacts.correct_patient(
        patient=patient.pk, contact=contact, reason="frimbulous", by=clinic.doctor, at=NOW, key=uuid4()
    )
    token, by = make_token(account, "yimbla@quex.example"), Actor(account.pk, PATIENT, patient.pk)
    address_change.confirm(token=token, by=by, at=NOW, key=uuid4())


def _second_guardian(clinic: ClinicFactory, patient: Patient, first: Guardian) -> None:
    guardians.name_guardian(
        patient=patient.pk, name="Krozzle Quexworth", email="krozz@quex.example", by=clinic.doctor, at=NOW,
        key=uuid4(), instead_of=first.pk, reason="frimbulous",
    )  # fmt: skip


def _letters(account: User, beside: User) -> None:
    """Letters delivered and captured, and others that still wait: with a link to a password, and to a new address."""
    Client().post("/account/password/reset/", {"email": "yimbla@quex.example", "key": str(uuid4())})
    address_change.send_link(account, "zorbla@quex.example", at=NOW)
    _asked_for_a_code(account, "+12127736402")
    outbox.deliver(at=NOW)
    assert CapturedText.objects.filter(to="+12127736402").exists()
    assert CapturedEmail.objects.filter(to="yimbla@quex.example").exists()
    Client().post("/account/password/reset/", {"email": "vipple@quex.example", "key": str(uuid4())})
    address_change.send_link(beside, "krozz@quex.example", at=NOW)
    address_change.tell_old("zorbla@quex.example", at=NOW)
    _asked_for_a_code(beside, "+12127736403")
    assert Message.objects.filter(delivered_at=None, dropped_at=None).count() >= 4


def _asked_for_a_code(user: User, number: str) -> None:
    """A code goes to a number, where the texts of the account are to go."""
    text_number.ask(user=user, number=number, by=Actor(user.pk, PATIENT), at=NOW, key=uuid4())
    TextNumber.objects.filter(user=user).update(number=number)


def _searched(clinic: ClinicFactory) -> None:
    """By the practice, by another one, and by somebody at the sign-in."""
    for sought, prescriber in (("Quexw", clinic.prescriber), ("Yimblatina", clinic.other)):
        client = factories.as_(prescriber.user)
        client.post("/prescriber/", {"q": sought})
        assert [text for _handle, text in client.session["sought"]] == [sought]


def erase(patient: Patient) -> int:
    erasure.ask(patient=patient.pk, by=officer(), at=NOW, key=uuid4())
    return erasure.confirm(patient=patient.pk, by=officer(), at=NOW, key=uuid4())


def problems() -> list[Any]:
    """What verifying names; but that the practices and pharmacies of this test never applied."""
    checks = (verify(), pdfs.problems(), decisions.problems(), written.problems(), differences())
    found = [one for check in checks for one in check if one[0] not in ("prescriber", "pharmacy")]
    return [one for one in found if one[-1] != "is by an account that does not belong to whom it acts for"]


def test_no_word_of_the_person_is_left_in_any_column(
    clinic: ClinicFactory, person: Patient, caplog: pytest.LogCaptureFixture
) -> None:
    assert {word for _place, word in found()} >= {"zorblat", "quexw", "vipplem", "yimblat", "krozzle", "frimbulous"}
    assert problems() == []
    with capture_logs() as lines:
        erase(person)
    assert found() == set()
    assert not [word for word in WORDS if word in f"{lines} {caplog.text}".casefold()]
    assert problems() == []
    assert "Quexworth" not in factories.as_(clinic.prescriber.user).get("/prescriber/").content.decode()


def test_no_word_of_a_user_name_is_left(clinic: ClinicFactory, person: Patient) -> None:
    """Of one who gave the address up, and to whom a letter was printed after two officers recovered the account."""
    account = Patient.objects.get(pk=person.pk).user
    assert account is not None
    by = Actor(account.pk, PATIENT, person.pk)
    address_change.give_up(user=account, user_name="quexworth-42", by=by, at=NOW, key=uuid4())
    for step in (request_recovery, confirm_recovery):
        step(account=account, by=officer(), at=NOW, key=uuid4())
    letters.print_letter(patient=person.pk, by=clinic.doctor, at=NOW, key=uuid4())
    assert "quexw" in {word for place, word in found() if "accounts_user" in place}
    erase(person)
    assert found() == set()
    account.refresh_from_db()
    assert account.user_name == ""
    assert not Invitation.objects.filter(patient=person, accepted_at=None, revoked_at=None).exists()


def test_every_file_of_the_person_goes_together(clinic: ClinicFactory, person: Patient) -> None:
    held = enrolled(other_doctor(clinic), replace(NEW, email="other@quex.example")).held
    assert held is not None
    for by in (officer(), officer()):
        if HeldEnrolment.objects.get(pk=held).state == "waiting":
            decide(held, by=by, same_as=person.pk)
    other = Patient.objects.get(prescriber=clinic.other)
    erasure.ask(patient=person.pk, by=officer(), at=NOW, key=uuid4())
    with pytest.raises(NotErased) as refused:
        erasure.confirm(patient=person.pk, by=officer(), at=NOW, key=uuid4())
    assert refused.value.code == "course-open", "that of the other file"
    end_course(clinic, other, other_doctor(clinic))
    erasure.confirm(patient=person.pk, by=officer(), at=NOW, key=uuid4())
    assert found() == set()
    for file in (person, other):
        assert [row.kind for row in log.read(file.pk)][-1] == "texts_erased"
    assert list(verify()) == []


def test_enrolment_of_the_same_person_that_waits_is_turned_down(clinic: ClinicFactory, person: Patient) -> None:
    held = enrolled(other_doctor(clinic), replace(NEW, given_name="Yimblatina")).held
    assert held is not None
    erase(person)
    case = HeldEnrolment.objects.get(pk=held)
    assert (case.state, case.data, case.reason) == ("turned_down", {}, "")
    assert Message.objects.filter(key=f"held-enrolment:{held}").exists(), "who enrolled is told"
    assert found() == set()


def test_enrolment_of_somebody_who_may_be_the_person_is_decided_first(clinic: ClinicFactory, person: Patient) -> None:
    held = enrolled(other_doctor(clinic), replace(NEW, given_name="Zorblatine")).held
    assert held is not None
    erasure.ask(patient=person.pk, by=officer(), at=NOW, key=uuid4())
    with pytest.raises(NotErased) as refused:
        erasure.confirm(patient=person.pk, by=officer(), at=NOW, key=uuid4())
    assert refused.value.code == "enrolment-held"
    assert ErasableText.objects.filter(subject=person.pk).exists()
    decide(held, by=officer(), let_through=False)
    erasure.confirm(patient=person.pk, by=officer(), at=NOW, key=uuid4())
    assert found() == set()


def test_accounts_are_closed_for_good(clinic: ClinicFactory, person: Patient) -> None:
    account = person.user
    assert account is not None
    Authenticator.objects.create(user=account, type="totp", data={"secret": "x"})
    erase(person)
    account.refresh_from_db()
    assert (account.name, account.email, account.is_active) == ("—", f"{account.pk}@erased.invalid", False)
    for rows in (Patient.objects.filter(pk=person.pk), Guardian.objects.filter(patient=person), User.objects):
        assert not rows.exclude(language="").exists()
    assert not account.has_usable_password()
    assert not Authenticator.objects.filter(user=account).exists()
    assert [row.kind for row in log.read(account.pk)][-2:] == ["account_closed", "texts_erased"]
    with pytest.raises(people.NotChanged):
        people.reactivate(account=account, by=officer(), at=NOW, key=uuid4())
    page = factories.as_(User.objects.get(pk=officer().account))
    assert "Nobody opens it again" in page.get(f"/office/accounts/{account.pk}/").content.decode()
    pressed = page.post(f"/office/accounts/{account.pk}/reopen/", {"key": str(uuid4())})
    assert "Nobody opens it again" in pressed.content.decode()
    with pytest.raises(RecoveryRefused):
        request_recovery(account=account, by=officer(), at=NOW, key=uuid4())
    assert User.objects.filter(email__endswith="@erased.invalid").count() == 2, "the first guardian's as well"


def test_erased_person_can_be_enrolled_again_under_the_same_address(clinic: ClinicFactory, person: Patient) -> None:
    erase(person)
    again = enrolled(clinic.doctor, replace(NEW, email="yimbla@quex.example"))
    assert again.patient is not None
    new = Patient.objects.get(pk=again.patient)
    assert accepted(new).email == "yimbla@quex.example"


def _sibling(clinic: ClinicFactory) -> Patient:
    sibling = replace(NEW, given_name="Brother", born_on=date(2014, 5, 6), email="b@example.org", phone="+12125550199")
    made = enrolled(clinic.doctor, sibling)
    assert made.patient is not None
    return Patient.objects.get(pk=made.patient)


def test_guardian_of_another_patient_keeps_account_name_and_letters(db: None) -> None:
    clinic = ClinicFactory()
    made = enrolled(clinic.doctor)
    assert made.patient is not None
    patient, sibling = Patient.objects.get(pk=made.patient), _sibling(clinic)
    outbox.deliver(at=NOW)
    account = accepted(patient, Guardian.objects.get(patient=patient))
    accepted(sibling, Guardian.objects.get(patient=sibling), account)
    end_course(clinic, patient)
    erase(patient)
    account.refresh_from_db()
    assert (account.name, account.email, account.is_active) == (NEW.guardian_name, NEW.guardian_email, True)
    assert CapturedEmail.objects.filter(to=NEW.guardian_email).exists()
    assert {place for place, word in found(["vipplem"])} == {
        "accounts_user", "patients_guardian", "ledger_erasabletext",
    }  # fmt: skip
    assert found(["zorblat"]) == set()
    assert Guardian.objects.get(patient=patient).name == "—"
    by = Actor(account.pk, GUARDIAN)
    address_change.correct_name(user=account, name="Vipplemore Quexworth-Roe", by=by, at=NOW, key=uuid4())
    assert Guardian.objects.get(patient=patient).name == "—", "nothing of theirs comes back to the erased file"
    assert not ErasableText.objects.filter(subject=patient.pk).exists()
    end_course(clinic, sibling)
    erase(sibling)
    assert is_erased(User.objects.get(pk=account.pk))
    assert found() == set()


def test_sessions_of_the_person_end_and_those_of_others_go_on(clinic: ClinicFactory, person: Patient) -> None:
    assert person.user is not None
    own, practice = factories.as_(person.user), factories.as_(clinic.prescriber.user)
    practice.post("/prescriber/", {"q": "Somebody"})
    erase(person)
    assert own.get("/patient/").status_code == 302
    assert practice.get("/prescriber/").status_code == 200
    assert [text for _handle, text in practice.session["sought"]] == ["Somebody"]


@pytest.mark.parametrize("typed", ["+1 212 555 0147", "04/02/2001", "K7QM-2XWT", "quexworth somebody"])
def test_search_that_may_find_the_person_is_dropped(clinic: ClinicFactory, person: Patient, typed: str) -> None:
    """By a name, or by what is none: whose number or date it is cannot be told from it."""
    practice = factories.as_(clinic.prescriber.user)
    practice.post("/prescriber/", {"q": typed})
    erase(person)
    assert "sought" not in practice.session


def test_nothing_goes_out_to_the_person_any_more(clinic: ClinicFactory, person: Patient) -> None:
    erase(person)
    outbox.deliver(at=NOW + timedelta(days=1))
    assert not CapturedEmail.objects.filter(to__contains="quex").exists()
    assert not CapturedEmail.objects.filter(to__contains="erased.invalid").exists()
    assert not Draft.objects.exists()


def test_guardian_account(clinic: ClinicFactory, person: Patient) -> None:
    """One whose part ended before stands beside nobody, and goes with the file."""
    first = User.objects.get(opened_as=GUARDIAN)
    assert not Guardian.objects.filter(user=first).exists()
    erase(person)
    assert is_erased(User.objects.get(pk=first.pk))


def test_nothing_of_the_person_is_written_anew_before_a_new_course(clinic: ClinicFactory, person: Patient) -> None:
    erase(person)
    guardian = Guardian.objects.filter(patient=person).last()
    assert guardian is not None
    common: dict[str, Any] = {"patient": person.pk, "by": clinic.doctor, "at": NOW, "reason": "frimbulous"}
    steps = (
        partial(contacts.correct_patient, contact={"given_name": "Zorblatina"}, **common),
        partial(contacts.correct_patient, contact={"email": "zorbla@quex.example"}, **common),
        partial(guardians.name_guardian, name="Vipplemore", email="vipple@quex.example", **common),
        partial(guardians.correct_guardian, guardian=guardian.pk, contact={"name": "Vipplemore"}, **common),
    )
    for step in steps:
        with pytest.raises(EntryRefused, match="erased"):
            step(key=uuid4())
    assert found() == set()
    enrolled_again = Enrolled("can_become_pregnant", prescriber=str(clinic.prescriber.pk))
    assert clinic.enter(person, enrolled_again)
    steps[0](key=uuid4())
    assert Patient.objects.get(pk=person.pk).given_name == "Zorblatina"
