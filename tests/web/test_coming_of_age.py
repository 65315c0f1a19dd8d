"""On the 18th birthday a guardian's part ends, at New York's midnight; the patient signs anew, and alone."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

import outbox
from accounts.models import User
from accounts.roles import GUARDIAN, PATIENT
from compliance import documents
from compliance.commands import consents, enrolment, invitations
from compliance.commands.decide import NotPermitted
from compliance.commands.enrolment import NewPatient
from compliance.commands.entries import EntryRefused
from compliance.commands.invitations import Acceptance, NotAccepted
from compliance.models import Draft, PatientStatus
from compliance.records.rebuild import differences
from compliance.signatures import CONFIRM, CONSENT, agreed, make_signature, pairs
from ledger import log
from ledger.actor import Actor
from notifications.sweep import sweep
from outbox.models import CapturedEmail, Message
from patients.invitations import make_token
from patients.models import Guardian, HeldEnrolment, Invitation, Patient, Prescriber
from tests import factories
from tests.clocks import Clock
from tests.factories import PASSWORD, as_
from tests.histories import ClinicFactory
from tests.security.writes import undone
from tests.web.opened import brought, read_through, send
from tests.web.unrendered import unrendered

pytestmark = pytest.mark.django_db

#: The patient's 18th birthday is in the open window, which goes to the 19th.
BORN, BEFORE, BIRTHDAY = date(2008, 12, 18), "2026-12-17T23:59:59-05:00", "2026-12-18T00:00-05:00"
DOCUMENTS = ("patient-information", "birth-defects")
NOTHING_LEFT = "An adult signs alone. There is nothing left for you to do there."
OF_AGE = "The patient is of age now, and signs alone."


class Household:
    """A patient of 17 who has done the whole month and signed; the guardian beside has not."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        clock.set("2026-12-15T11:00-05:00")
        self.clinic = ClinicFactory()
        self.patient = self.clinic.ready(BORN)
        Patient.objects.filter(pk=self.patient.pk).update(
            given_name="Winnie", family_name="Ward", email="w@example.org"
        )
        self.row = factories.guardian(self.patient)
        Guardian.objects.filter(pk=self.row.pk).update(email="g@example.org")
        assert self.row.user is not None
        assert self.patient.user is not None
        self.parent, self.child = self.row.user, self.patient.user
        for user in (self.parent, self.child):
            user.set_password(PASSWORD)
            user.save()
        self.start = f"/guardian/{self.patient.pk}/sign/birth-defects/"

    def page(self, user: User, path: str) -> str:
        return unescape(as_(user).get(path).content.decode())

    @property
    def kinds(self) -> list[str]:
        return [row.kind for row in log.read(self.patient.pk)]

    @property
    def blockers(self) -> dict[str, tuple[str, ...]]:
        with unrendered():
            page = as_(self.clinic.prescriber.user).get(f"/prescriber/patients/{self.patient.pk}/")
            return {b.code: b.who for b in page.context["assessment"].blockers}

    def signs(self, code: str, user: User, role: str) -> None:
        """Sign that text, without its pages."""
        document, patient, key = documents.current(code, on=self.clock.at.date()), self.patient.pk, uuid4()
        by = Actor(user.pk, role, patient if role == PATIENT else None)
        record = consents.consent(patient=patient, document=document, answers=agreed(document), by=by)
        meaning = CONSENT if role == PATIENT else CONFIRM
        signature = make_signature(document, "X", pairs([record]), subject=patient, by=by, key=key, meaning=meaning)
        consents.sign(patient=patient, record=record, signature=signature, by=by, at=self.clock.at, key=key)
        self.clock.forward(microseconds=1)

    def authorize(self) -> bool:
        return self.clinic.authorize(self.patient, at=self.clock.at).allowed


def sign(user: User) -> dict[str, str]:
    own = {"signer_password": PASSWORD}
    return own | {"key": str(uuid4())}


@pytest.fixture
def household(clock: Clock) -> Household:
    return Household(clock)


# --- the guardian's pages ---------------------------------------------------------------------------
def test_until_the_birthday_there_is_something_to_sign_and_then_nothing_of_the_patient(household: Household) -> None:
    household.clock.set(BEFORE)
    page = household.page(household.parent, "/guardian/")
    assert "For Winnie" in page
    assert household.start in page
    household.clock.set(BIRTHDAY)
    page = household.page(household.parent, "/guardian/")
    assert "There is nothing for you to sign" in page
    for gone in ("Winnie", "Ward", household.start, str(household.patient.pk), household.patient.number):
        assert gone not in page, gone


def test_guardian_has_one_next_step_and_somebody_to_call(household: Household) -> None:
    Prescriber.objects.update(phone="+12125550142", hours="Monday to Friday, 9 to 5")
    household.clock.set(BEFORE)
    page = household.page(household.parent, "/guardian/")
    own = page.partition("<main")[2].partition("</main>")[0]
    assert own.count("Read and sign") == 2
    assert own.count('class="btn btn-primary"') == 1
    assert 'href="tel:+12125550142">(212) 555-0142</a>' in page
    assert "Monday to Friday, 9 to 5" in page


def test_a_younger_patient_of_the_same_guardian_stays(household: Household) -> None:
    younger = household.clinic.ready(date(2011, 3, 4))
    Patient.objects.filter(pk=younger.pk).update(given_name="Yves")
    factories.guardian(younger, user=household.parent)
    household.clock.set(BIRTHDAY)
    page = household.page(household.parent, "/guardian/")
    assert "For Yves" in page
    assert "Winnie" not in page
    assert as_(household.parent).get(f"/guardian/{younger.pk}/sign/birth-defects/").status_code == 200


SIGN_PAGES = ("", "no/", "en/1/", "en/signature/")


def test_the_way_to_sign_leads_home_with_the_reason(household: Household) -> None:
    client = as_(household.parent)
    household.clock.set(BEFORE)
    for page in SIGN_PAGES:
        before: Any = client.get(household.start + page, follow=True)
        assert before.redirect_chain == ([(f"{household.start}en/1/", 302)] if page == "en/signature/" else [])
        assert NOTHING_LEFT not in before.content.decode(), page
    household.clock.set(BIRTHDAY)
    for page in SIGN_PAGES:
        answer: Any = client.get(household.start + page, follow=True)
        assert answer.redirect_chain == [("/guardian/", 302)], page
        assert NOTHING_LEFT in answer.content.decode(), page
        assert "Winnie" not in answer.content.decode()


def a_section(household: Household, client: Client) -> tuple[str, dict[str, str]]:
    path = f"{household.start}en/1/"
    return path, {"answer": "yes", "key": str(uuid4())} | brought(client, path)


def a_signature(household: Household, client: Client) -> tuple[str, dict[str, str]]:
    path = read_through(client, f"{household.start}en/1/")
    return path, sign(household.parent) | brought(client, path)


def a_no(household: Household, client: Client) -> tuple[str, dict[str, str]]:
    path = f"{household.start}no/"
    return path, {"sure": "on", "key": str(uuid4())} | brought(client, path)


SENT: dict[str, Callable[[Household, Client], tuple[str, dict[str, str]]]] = {
    "a section's answer": a_section, "a signature": a_signature, "a no": a_no,
}  # fmt: skip


@pytest.mark.parametrize("name", SENT)
def test_what_a_page_of_before_sends_is_not_taken(household: Household, name: str) -> None:
    """Just before it is; at midnight it leads home."""
    client = as_(household.parent)
    path, form = SENT[name](household, client)
    before = what_is_kept(household)
    household.clock.set(BEFORE)
    with undone():
        assert client.post(path, form).status_code == 302
        assert what_is_kept(household) != before
    household.clock.set(BIRTHDAY)
    answer: Any = client.post(path, form)
    assert (answer.status_code, answer["Location"]) == (302, "/guardian/")
    assert NOTHING_LEFT in client.get("/guardian/").content.decode()
    assert what_is_kept(household) == before


def what_is_kept(household: Household) -> tuple[list[str], list[Any]]:
    """The records of the patient, and the answers before a signature."""
    return household.kinds, list(Draft.objects.values_list("answers", flat=True))


@pytest.mark.parametrize("verb", ["sign", "refuse"])
def test_no_action_takes_a_guardians_word_for_an_adult(household: Household, verb: str) -> None:
    by, key, before = Actor(household.parent.pk, GUARDIAN), uuid4(), household.kinds
    at = household.clock.set(BIRTHDAY)
    document, patient = documents.load("birth-defects", 1, "en"), household.patient.pk
    if verb == "sign":
        record = consents.consent(patient=patient, document=document, answers=agreed(document), by=by)
        signature = make_signature(document, "X", pairs([record]), subject=patient, by=by, key=key, meaning=CONFIRM)
        with pytest.raises(EntryRefused) as refused:
            consents.sign(patient=patient, record=record, signature=signature, by=by, at=at, key=key)
        assert refused.value.first.rule == "patient-of-age"
    else:
        with pytest.raises(NotPermitted):
            consents.refuse(patient=patient, document="birth-defects", by=by, at=at, key=key)
    assert household.kinds == before


# --- the guardian who has no account yet ---------------------------------------------------------------
@pytest.fixture
def invited(household: Household) -> Invitation:
    """A second guardian, whose invitation is open."""
    guardian = Guardian.objects.create(patient=household.patient, name="Gloria", email="gloria@example.org")
    by, at = household.clinic.doctor, household.clock.at
    invitations.invite(patient=household.patient.pk, guardian=guardian.pk, by=by, at=at, key=uuid4())
    return Invitation.objects.get(guardian=guardian)


def test_an_invitation_ends_in_words_before_anything_is_typed(household: Household, invited: Invitation) -> None:
    path, words = f"/invitation/{make_token(invited.pk)}/", "This invitation has ended: an adult signs alone."
    typed = {"born_on": f"{BORN:%m/%d/%Y}", "password1": PASSWORD, "key": str(uuid4())}
    household.clock.set(BEFORE)
    assert "password1" in Client().get(path).content.decode()
    at = household.clock.set(BIRTHDAY)
    page = Client().get(path).content.decode()
    assert words in page
    for shown in ("born_on", "password1", "<form", "Winnie", "Gloria"):
        assert shown not in page, shown
    accounts = User.objects.count()
    sent = Client().post(path, typed)
    assert (sent.status_code, words in sent.content.decode()) == (422, True)
    with pytest.raises(NotAccepted, match="invitation-of-age"):
        invitations.accept(
            invitation=invited.pk, acceptance=Acceptance(born_on=BORN, password=PASSWORD), at=at, key=uuid4()
        )
    assert User.objects.count() == accounts
    assert "invitation_accepted" not in household.kinds


def test_just_before_it_is_accepted(household: Household, invited: Invitation) -> None:
    household.clock.set(BEFORE)
    typed = {"born_on": f"{BORN:%m/%d/%Y}", "password1": PASSWORD, "key": str(uuid4())}
    assert Client().post(f"/invitation/{make_token(invited.pk)}/", typed).status_code == 302
    assert household.kinds[-1] == "invitation_accepted"


@pytest.mark.usefixtures("at_any_hour")
@pytest.mark.parametrize(("at", "goes_out"), [(BEFORE, True), (BIRTHDAY, False)], ids=["just before", "at midnight"])
def test_the_mail_that_waits_is_dropped(
    household: Household, invited: Invitation, settings: Any, at: str, goes_out: bool
) -> None:
    settings.EMAIL_BACKEND = "outbox.mail.PageBackend"
    waiting = Message.objects.filter(kind="invitation", data__invitation=str(invited.pk))
    assert waiting.get().delivered_at is None
    outbox.deliver(at=household.clock.set(at))
    assert CapturedEmail.objects.filter(to="gloria@example.org").exists() is goes_out
    assert (waiting.get().dropped_at is None) is goes_out


def test_the_practice_is_offered_no_invitation(household: Household, invited: Invitation) -> None:
    client, page = as_(household.clinic.prescriber.user), f"/prescriber/patients/{household.patient.pk}/"
    again = f"{page}invite/{invited.guardian_id}/"
    household.clock.set(BEFORE)
    assert again in client.get(page).content.decode()
    household.clock.set(BIRTHDAY)
    shown = client.get(page).content.decode()
    assert again not in shown
    assert "Gloria" in shown
    before = household.kinds
    answer: Any = client.post(again, {"key": str(uuid4())}, follow=True)
    assert OF_AGE in answer.content.decode()
    assert household.kinds == before
    assert Invitation.objects.filter(guardian=invited.guardian_id).count() == 1


# --- what goes out --------------------------------------------------------------------------------------
def reminded(patient: Patient) -> set[str]:
    return {m.data["to"] for m in Message.objects.filter(subject=patient.pk, kind="window-closing")}


#: The birthday; whether a reminder is laid for the guardian on the 18th, and whether one goes out on the 19th.
REMINDED = {
    "of age before it falls due": (date(2008, 12, 18), False, False),
    "of age before it goes out": (date(2008, 12, 19), True, False),
    "under age throughout": (date(2008, 12, 20), True, True),
}


@pytest.mark.usefixtures("at_any_hour")
@pytest.mark.parametrize("name", REMINDED)
def test_a_guardian_is_not_reminded_for_an_adult(household: Household, settings: Any, name: str) -> None:
    settings.EMAIL_BACKEND = "outbox.mail.PageBackend"
    born_on, restored_snapshot, sent = REMINDED[name]
    patient = household.clinic.ready(born_on)
    Guardian.objects.create(patient=patient, name="G", email="other@example.org")
    Patient.objects.filter(pk=patient.pk).update(email="patient@example.org")
    sweep(at=household.clock.set("2026-12-18T00:00-05:00"))
    assert ("guardian" in reminded(patient)) is restored_snapshot
    # On the 19th the first reminder is pointless: the second one goes out.
    household.clock.set("2026-12-19T00:00-05:00")
    for _ in range(2):
        outbox.deliver(at=household.clock.at)
        sweep(at=household.clock.at)
    told = set(CapturedEmail.objects.filter(subject__contains="December 19").values_list("to", flat=True))
    assert ("other@example.org" in told) is sent
    letter = CapturedEmail.objects.filter(to="patient@example.org", subject__contains="December 19").latest("pk")
    assert ("Your part is still open." in letter.body) is not sent, "what is missing is asked of the patient"


# --- the patient signs anew -------------------------------------------------------------------------------
def test_the_patient_is_asked_to_sign_anew_and_can(household: Household) -> None:
    missing = [f"guardian-signature-missing:{document}" for document in DOCUMENTS]
    household.clock.set(BEFORE)
    assert household.blockers == dict.fromkeys(missing, ("guardian",))
    assert not household.authorize()
    assert "You are 18 now" not in household.page(household.child, "/patient/")
    household.clock.set(BIRTHDAY)
    assert household.blockers == dict.fromkeys(missing, ("patient",))
    page = household.page(household.child, "/patient/")
    assert "You are 18 now: read and sign the patient information again" in page
    assert "Your parent or guardian signs" not in page
    for document in DOCUMENTS:
        assert not household.authorize()
        assert f"/patient/sign/{document}/" in household.page(household.child, "/patient/")
        if document == "birth-defects":
            client = as_(household.child)
            place = read_through(client, f"/patient/sign/{document}/en/1/")
            assert send(client, place, sign(household.child)).status_code == 302
            household.clock.forward(minutes=1)
        else:
            household.signs(document, household.child, PATIENT)
    assert household.blockers == {}
    assert household.authorize()
    assert list(differences()) == []


def test_the_worklist_follows_at_midnight(household: Household) -> None:
    """Who acts stands in the row of the standing, which the sweep brings up to date."""
    sweep(at=household.clock.set(BEFORE))
    assert PatientStatus.objects.get(patient=household.patient).acts == ["guardian"]
    sweep(at=household.clock.set(BIRTHDAY))
    assert PatientStatus.objects.get(patient=household.patient).acts == ["patient"]
    assert list(differences()) == []


def test_where_a_guardian_signed_in_time_nothing_is_asked_anew(household: Household) -> None:
    household.clock.set(BEFORE)
    for code in DOCUMENTS:
        household.signs(code, household.parent, GUARDIAN)
    household.clock.set(BIRTHDAY)
    assert household.blockers == {}
    assert household.authorize()
    signed = household.page(household.parent, "/documents/")
    assert "You have signed nothing yet." not in signed, "what the guardian signed is kept for them"


# --- at the enrolment ---------------------------------------------------------------------------------------
TYPED = {
    "given_name": "Nora", "family_name": "Newman", "email": "nora@example.org", "phone": "+12125550177",
    "category": "can_become_pregnant", "guardian_name": "Paula Newman", "guardian_email": "paula@example.org",
}  # fmt: skip
ALONE = "A patient of 18 or older signs alone. Leave this empty, or check the date."
TOGETHER = "A patient under 18 signs together with a guardian."
#: Birth date on 15 December 2026, the guardian's fields as typed, and the errors.
ENROLLED: dict[str, tuple[str, dict[str, str], dict[str, list[str]]]] = {
    "18 today, with a guardian": ("12/15/2008", {}, {"guardian_name": [ALONE], "guardian_email": [ALONE]}),
    "long of age, with a guardian's name": ("04/02/1990", {"guardian_email": ""}, {"guardian_name": [ALONE]}),
    "long of age, with a guardian's e-mail": ("04/02/1990", {"guardian_name": ""}, {"guardian_email": [ALONE]}),
    "18 today, alone": ("12/15/2008", {"guardian_name": "", "guardian_email": ""}, {}),
    "18 tomorrow, with a guardian": ("12/16/2008", {}, {}),
    "18 tomorrow, alone": (
        "12/16/2008", {"guardian_name": "", "guardian_email": ""},
        {"guardian_name": [TOGETHER], "guardian_email": [TOGETHER]}),
}  # fmt: skip


def test_no_adult_is_enrolled_with_a_guardian(household: Household) -> None:
    client = as_(household.clinic.prescriber.user)
    for name in ENROLLED:
        with undone():
            enrolled(client, name)


def enrolled(client: Client, name: str) -> None:
    """Send the form of that case."""
    born_on, own, errors = ENROLLED[name]
    typed = TYPED | own | {"born_on": born_on}
    answer: Any = client.post("/prescriber/enrol/", typed | {"key": str(uuid4())})
    assert answer.status_code == (422 if errors else 302), name
    assert Patient.objects.filter(given_name="Nora").exists() is not bool(errors)
    if errors:
        form = answer.context["form"]
        assert form.errors == errors
        assert {field: form[field].value() for field in typed} == typed
        assert all(f'value="{value}"' in answer.content.decode() for value in typed.values() if value)


def test_the_action_refuses_it_too(household: Household) -> None:
    new = NewPatient(**{**TYPED, "born_on": date(1990, 4, 2)})  # type: ignore[arg-type]
    with pytest.raises(EntryRefused) as refused:
        enrolment.enrol(new=new, by=household.clinic.doctor, at=household.clock.at, key=uuid4())
    assert refused.value.first.rule == "patient-of-age"
    assert not Patient.objects.filter(given_name="Nora").exists()


@pytest.mark.parametrize(("days", "guardians"), [(0, 1), (1, 0)], ids=["the day before", "on the birthday"])
def test_an_enrolment_that_was_held_over_the_birthday_is_let_through(
    household: Household, days: int, guardians: int
) -> None:
    """Then without the guardian: whoever is 18 signs alone."""
    born_on = date(2008, 12, 16)
    factories.patient(household.clinic.other, given_name="Nora", family_name="Newman", born_on=born_on)
    new = NewPatient(**{**TYPED, "born_on": born_on})  # type: ignore[arg-type]
    by, at = household.clinic.doctor, datetime(2026, 12, 15, 16, tzinfo=UTC)
    held = enrolment.enrol(new=new, by=by, at=at, key=uuid4()).held
    assert held is not None
    household.clock.forward(days=days)
    path, form = f"/office/duplicates/{held}/", {"decision": "through", "reason": "two cousins", "key": str(uuid4())}
    assert as_(factories.officer()).post(path, form).status_code == 302
    assert HeldEnrolment.objects.get(pk=held).state == "let_through"
    patient = Patient.objects.get(given_name="Nora", prescriber=household.clinic.prescriber)
    assert patient.guardians.count() == guardians
    assert [row.kind for row in log.read(patient.pk)].count("guardian_named") == guardians
    assert Invitation.objects.filter(patient=patient).count() == 1 + guardians
