"""Version token: an answer or signature to anything but what was displayed is refused."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import User
from compliance import documents
from compliance.documents import library
from compliance.models import Draft
from compliance.rules.records import PregnancyReported
from compliance.signatures import agreed
from ledger import log
from ledger.models import LogRecord
from patients.models import Patient
from tests import factories
from tests.clocks import Clock
from tests.compliance.test_documents import third_version
from tests.histories import METHODS, OTHER_METHODS, ClinicFactory
from tests.security.reading import brought
from tests.security.writes import undone
from tests.web.cases import case
from tests.web.opened import read_through, send
from tests.web.test_signing import client_of, fields, month
from tests.web.turns import by_turns
from tests.web.unrendered import unrendered

__all__ = ["third_version"]

pytestmark = pytest.mark.django_db

MINOR = date(2011, 3, 4)
START = "/patient/sign/birth-defects/en"
READ_FIRST = "Please read this part first. Then send your answer."
CHANGED = "The text has changed since you opened this page. Please read it again."


@pytest.fixture
def patient(clinic: ClinicFactory) -> Patient:
    """One beside whom a guardian can sign."""
    return clinic.ready(MINOR)


@pytest.fixture
def reader(patient: Patient) -> Client:
    """The patient before the consent."""
    assert patient.user is not None
    return client_of(patient.user)


def answer(said: str = "yes", **more: str) -> dict[str, str]:
    """A section's answer."""
    return {"answer": said, "key": str(uuid4())} | more


def kept(patient: Patient, version: int = 2) -> list[object]:
    """The answers that are kept, in their order."""
    assert patient.user is not None
    about = f"consent:birth-defects:{version}:en:"
    draft = Draft.objects.filter(patient=patient, account=patient.user, what__startswith=about).first()
    found = draft.answers if draft is not None else {}
    ids = [item.id for item in documents.load("birth-defects", version, "en").items]
    return [found[name] for name in ids if name in found]


# --- a section ------------------------------------------------------------------------------------
def test_a_section_that_was_not_opened_is_shown_instead_of_answered(reader: Client, patient: Patient) -> None:
    item = documents.load("birth-defects", 2, "en").items[0]
    for said in ("yes", "no"):
        page = reader.post(f"{START}/1/", answer(said))
        assert page.status_code == 422
        text = page.content.decode().replace("&#x27;", "'")
        for part in (READ_FIRST, item.heading, item.text, item.statement):
            assert part in text
        assert page.context["form"]["answer"].value() == said, "what was chosen stays"
    assert not Draft.objects.exists()
    mark = page.context["form"]["version_token"].value()
    assert reader.post(f"{START}/1/", answer(version_token=mark)).headers["Location"] == f"{START}/2/"
    assert kept(patient) == [True]


def test_no_consent_is_signed_by_sending_alone(reader: Client, patient: Patient) -> None:
    assert patient.user is not None
    before = len(log.read(patient.pk))
    for place in range(1, len(documents.load("birth-defects", 2, "en").items) + 1):
        reader.post(f"{START}/{place}/", answer())
    sent = reader.post(f"{START}/signature/", fields(patient.user))
    assert sent.headers["Location"] == f"{START}/1/"
    assert len(log.read(patient.pk)) == before


def of_another(clinic: ClinicFactory) -> dict[str, str]:
    """The mark of the same section, on another patient's screen."""
    other = clinic.ready().user
    assert other is not None
    return brought(client_of(other), f"{START}/1/")


def of_a_guardian(clinic: ClinicFactory) -> dict[str, str]:
    """The mark of the same section, about the same patient, on the guardian's screen."""
    patient = Patient.objects.get()
    guardian = factories.guardian(patient).user
    assert guardian is not None
    mark = brought(client_of(guardian), f"/guardian/{patient.pk}/sign/birth-defects/en/1/")
    assert mark["version_token"]
    return mark


NOT_ITS_MARK: dict[str, Callable[[ClinicFactory, Client], dict[str, str]]] = {
    "none": lambda clinic, reader: {},
    "an empty one": lambda clinic, reader: {"version_token": ""},
    "noise": lambda clinic, reader: {"version_token": "x:y"},
    "one that was changed": lambda clinic, reader: {
        "version_token": brought(reader, f"{START}/1/")["version_token"] + "x"
    },
    "of a guardian": lambda clinic, reader: of_a_guardian(clinic),
    "of another patient": lambda clinic, reader: of_another(clinic),
    "of the other document": lambda clinic, reader: brought(reader, "/patient/sign/patient-information/en/1/"),
    "of the other language": lambda clinic, reader: brought(reader, "/patient/sign/birth-defects/es/1/"),
}


def test_another_mark_answers_nothing(clinic: ClinicFactory, reader: Client, patient: Patient) -> None:
    for name, mark_of in NOT_ITS_MARK.items():
        with undone():
            sent = answer() | mark_of(clinic, reader)
            assert reader.post(f"{START}/1/", sent).status_code == 422, name
            assert kept(patient) == [], name


def test_the_mark_of_one_section_answers_no_other(reader: Client, patient: Patient) -> None:
    first = brought(reader, f"{START}/1/")
    assert reader.post(f"{START}/1/", answer() | first).status_code == 302
    assert reader.post(f"{START}/2/", answer() | first).status_code == 422
    assert kept(patient) == [True]


def test_the_mark_of_one_patients_page_answers_for_no_other(clinic: ClinicFactory) -> None:
    """A guardian of two reads it for each."""
    one, other = clinic.ready(date(2011, 3, 4)), clinic.ready(date(2011, 3, 4))
    guardian = factories.guardian(one).user
    assert guardian is not None
    factories.guardian(other, user=guardian)
    client = client_of(guardian)
    mark = brought(client, f"/guardian/{one.pk}/sign/birth-defects/en/1/")
    assert client.post(f"/guardian/{other.pk}/sign/birth-defects/en/1/", answer() | mark).status_code == 422
    assert client.post(f"/guardian/{one.pk}/sign/birth-defects/en/1/", answer() | mark).status_code == 302


def test_back_and_in_two_windows(reader: Client, patient: Patient) -> None:
    """A page that is still open is good, as often as it is sent; the last answer stands."""
    first = brought(reader, f"{START}/1/")
    assert reader.post(f"{START}/1/", answer() | first).status_code == 302
    second, in_another_window = brought(reader, f"{START}/2/"), brought(reader, f"{START}/2/")
    assert reader.post(f"{START}/2/", answer() | second).status_code == 302
    assert reader.post(f"{START}/1/", answer("no") | first).status_code == 302
    assert reader.post(f"{START}/2/", answer("no") | in_another_window).status_code == 302
    assert kept(patient) == [False, False]
    assert reader.post(f"{START}/1/", answer() | first).status_code == 302
    assert kept(patient) == [True, False]


def test_a_page_that_was_open_for_long_is_still_good(
    reader: Client, patient: Patient, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A session ends after twelve hours; whoever signs in again goes on where they were."""
    assert patient.user is not None
    mark = brought(reader, f"{START}/1/")
    later = clock.forward(hours=13).timestamp()
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)
    reader = client_of(patient.user)
    assert reader.post(f"{START}/1/", answer() | mark).headers["Location"] == f"{START}/2/"
    assert kept(patient) == [True]


@pytest.fixture
def another_text(third_version: None) -> str:
    """From 10 January 2027 on the first point says something else. Gives what."""
    path = library.FILES / "birth-defects/3/en.json"
    text = json.loads(path.read_text())
    text["items"][0]["statement"] = "I agree to something else."
    path.write_text(json.dumps(text))
    return "I agree to something else."


def test_a_text_that_is_replaced_while_it_is_read_is_read_again(
    another_text: str, reader: Client, patient: Patient, clock: Clock
) -> None:
    assert patient.user is not None
    clock.set("2027-01-09T23:59-05:00")
    reader = client_of(patient.user)
    assert another_text not in reader.get(f"{START}/1/").content.decode()
    mark = brought(reader, f"{START}/1/")
    clock.set("2027-01-10T00:01-05:00")
    page = reader.post(f"{START}/1/", answer() | mark)
    assert page.status_code == 422
    assert another_text in page.content.decode()
    assert CHANGED in page.content.decode()
    assert page.context["form"]["answer"].value() == "yes"
    assert not Draft.objects.exists()
    assert (
        reader.post(f"{START}/1/", answer(version_token=page.context["form"]["version_token"].value())).status_code
        == 302
    )
    assert (kept(patient), kept(patient, version=3)) == ([], [True])


@pytest.mark.parametrize("place", ["3", "signature"])
def test_whoever_was_further_on_begins_again_and_is_told_why(
    another_text: str, clinic: ClinicFactory, clock: Clock, place: str
) -> None:
    clock.set("2027-01-09T23:50-05:00")
    patient = clinic.ready()
    assert patient.user is not None
    client = client_of(patient.user)
    for section in (1, 2):
        send(client, f"{START}/{section}/", answer())
    if place == "signature":
        read_through(client, f"{START}/3/")
    sent = answer() | fields(patient.user) | brought(client, f"{START}/{place}/")
    if place == "signature":
        del sent["answer"]
    before = len(log.read(patient.pk))
    clock.set("2027-01-10T00:01-05:00")
    page = client.post(f"{START}/{place}/", sent, follow=True)
    assert page.redirect_chain == [(f"{START}/1/", 302)]
    assert another_text in page.content.decode()
    assert (CHANGED if place == "signature" else "Please go on reading here.") in page.content.decode()
    assert len(log.read(patient.pk)) == before


# --- a signature ----------------------------------------------------------------------------------
Sent = tuple[User | None, str, dict[str, Any]]


def consent(clinic: ClinicFactory, patient: Patient) -> Sent:
    """The signature under a consent that was read."""
    assert patient.user is not None
    return patient.user, read_through(client_of(patient.user), f"{START}/1/"), fields(patient.user)


def own_month(clinic: ClinicFactory, patient: Patient) -> Sent:
    assert patient.user is not None
    return patient.user, "/patient/methods/", month(patient.user)


def entry(slug: str, text: str, **more: Any) -> Callable[[ClinicFactory, Patient], Sent]:
    """What a prescriber signs about the patient."""

    def sent(clinic: ClinicFactory, patient: Patient) -> Sent:
        if slug == "clear-stop":
            clinic.enter(patient, PregnancyReported())
        user = clinic.prescriber.user
        return user, f"/prescriber/patients/{patient.pk}/{slug}/", fields(user, **factories.ticks(text)) | more

    return sent


def training(clinic: ClinicFactory, patient: Patient) -> Sent:
    user = clinic.pharmacies[0].pharmacists.get().user
    return user, "/counter/profile/training/", fields(user, **factories.ticks("pharmacy-attestation"))


def another_year(clinic: ClinicFactory, patient: Patient) -> Sent:
    user = clinic.prescriber.user
    return user, "/prescriber/practice/attest/", fields(user, **factories.ticks("prescriber-attestation"))


def registration(what: str, place: str, code: str) -> Callable[[ClinicFactory, Patient], Sent]:
    """What attests before there is an account."""
    form = {
        place: "New", "address": "1 Main Street", "name": "New One",
        "password1": factories.PASSWORD, **factories.ticks(code),
    }  # fmt: skip
    path = factories.registration(what)
    return lambda clinic, patient: (None, path, form | {"npi": factories.npi(), "key": str(uuid4())})


DECLARED = {"methods": list(OTHER_METHODS), "started_on": "2026-11-01"}
TESTED = {"collected_on": "2026-12-14", "result": "negative", "setting": "clinic", "visit_on": "2026-12-14",
          "menses": "first_five_days"}  # fmt: skip

CATEGORY_FORM = {"category": "cannot_become_pregnant", "reason": "hysterectomy"}

SIGNED: dict[str, Callable[[ClinicFactory, Patient], Sent]] = {
    "a consent": consent,
    "the patient's month": own_month,
    "the prescriber's month": entry("month", "monthly-prescriber", **DECLARED, **TESTED),
    "the methods": entry("methods", "monthly-prescriber", **DECLARED),
    "voiding an entry": entry("void/8", "striking", reason="x"),
    "clearing a stop": entry("clear-stop", "clearing-stop", reason="x"),
    "changing a category": entry("category", "changing-category", **CATEGORY_FORM),
    "correcting a birth date": entry("birth-date", "correcting-birth-date", reason="x", born_on="04/03/2001"),
    "permitting home tests": entry("home-testing", "permitting-home-tests", permitted="no"),
    "a pharmacy's training": training,
    "a prescriber's other year": another_year,
    "a practice's application": registration("practice", "practice_name", "prescriber-attestation"),
    "a pharmacy's application": registration("pharmacy", "pharmacy_name", "pharmacy-attestation"),
}


UNSAID = "Please read the text on this page, and send it once more."
#: What is sent that says not which text was shown, and the sentence that answers it: nothing; an empty word; and what
#: stands in a page that was opened before the text was replaced, or in another language.
NOT_SAID: tuple[tuple[dict[str, str], str], ...] = (
    ({}, UNSAID), ({"displayed_sha256": ""}, UNSAID), ({"displayed_sha256": "0" * 64}, CHANGED),
)  # fmt: skip


def test_what_does_not_say_which_text_was_shown_signs_nothing(clinic: ClinicFactory, patient: Patient) -> None:
    for name, (told, sentence) in by_turns(SIGNED, NOT_SAID):
        with case(name, told):
            user, path, form = SIGNED[name](clinic, patient)
            client = Client() if user is None else client_of(user)
            before = LogRecord.objects.filter(kind="attested").count()
            page = client.post(path, form | told)
            assert page.status_code == 422
            assert sentence in page.content.decode()
            assert LogRecord.objects.filter(kind="attested").count() == before
            assert send(client, path, form).status_code == 302
            assert LogRecord.objects.filter(kind="attested").count() == before + 1


# --- each point by itself ------------------------------------------------------------------------
EACH_POINT: dict[str, tuple[str, str, dict[str, Any]]] = {
    "the prescriber's month": ("monthly-prescriber", "{page}/month/", {
        "collected_on": "2026-12-14", "result": "negative", "setting": "clinic", "menses": "first_five_days",
        "visit_on": "2026-12-14", "started_on": "2026-11-01", "methods": list(METHODS)}),
    "the methods": ("monthly-prescriber", "{page}/methods/", {
        "started_on": "2026-11-01", "methods": list(OTHER_METHODS)}),
    "voiding an entry": ("striking", "{page}/void/{number}/", {"reason": "x"}),
    "clearing a stop": ("clearing-stop", "{page}/clear-stop/", {"reason": "x"}),
    "changing a category": ("changing-category", "{page}/category/", CATEGORY_FORM),
    "correcting a birth date": (
        "correcting-birth-date", "{page}/birth-date/", {"reason": "x", "born_on": "04/03/2001"}),
    "permitting home tests": ("permitting-home-tests", "{page}/home-testing/", {"permitted": "no"}),
    "another year of a prescriber": ("prescriber-attestation", "/prescriber/practice/attest/", {}),
    "a pharmacy's training": ("pharmacy-attestation", "/counter/profile/training/", {}),
}  # fmt: skip


def test_each_point_is_ticked_by_itself(clinic: ClinicFactory) -> None:
    """An answer is recorded for each, so each is given: with one left out nothing is signed."""
    for name in EACH_POINT:
        with case(name):
            code, path, form = EACH_POINT[name]
            patient, counter = clinic.ready(), clinic.pharmacies[0].pharmacists.get().user
            assert patient.user is not None
            number = next(row.number for row in log.read(patient.pk) if row.kind == "counselled")
            if code == "clearing-stop":
                clinic.enter(patient, PregnancyReported())
            user = {"/patient/": patient.user, "/counter/": counter}.get(
                path[: path.index("/", 1) + 1], clinic.prescriber.user
            )
            path = path.format(page=f"/prescriber/patients/{patient.pk}", number=number)
            client, ticks = client_of(user), factories.ticks(code)
            subject = {"pharmacy-attestation": clinic.pharmacies[0], "prescriber-attestation": clinic.prescriber}.get(
                code, patient
            )
            before, shown = len(log.read(subject.pk)), brought(client, path)
            with unrendered():
                for left_out in ticks:
                    rest = {box: "on" for box in ticks if box != left_out}
                    assert client.post(path, shown | fields(user, **rest) | form).status_code == 422, left_out
            assert len(log.read(subject.pk)) == before
            assert client.post(path, shown | fields(user, **ticks) | form).status_code == 302
            assert log.read(subject.pk)[-1].data["answers"] == agreed(documents.load(code, 1, "en"))
