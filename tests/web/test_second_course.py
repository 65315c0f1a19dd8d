"""The second course begins with what is known, asks for no proof twice, and has signed anew what must be."""

from datetime import date, timedelta
from html import unescape
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils.html import strip_tags

from accounts.models import User
from compliance.records.file import read_file
from compliance.rules.records import CategoryChanged, Discontinued, Enrolled, Record
from ledger.models import AccessEvent
from patients.models import Patient
from tests import factories, linked
from tests.clocks import Clock
from tests.factories import as_
from tests.histories import CAN, CANNOT, NOW, ClinicFactory
from tests.web.cases import case
from tests.web.unrendered import unrendered

pytestmark = pytest.mark.django_db

PROOF = {"fsh": "post-menopausal", "hcg": "negative", "estradiol": "low", "progesterone": "absent"}
YEARS_LATER = NOW + timedelta(days=700)


class Returning:
    """A patient whose first course has ended years ago."""

    #: Of another practice.
    other: Patient

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        clock.set(NOW.isoformat())
        self.clinic = ClinicFactory()
        self.patient = self.clinic.ready()
        self.path = f"/prescriber/patients/{self.patient.pk}/course/"

    def enter(self, *records: Record) -> None:
        for record in records:
            assert self.clinic.enter(self.patient, record, at=self.clock.at)
            self.clock.forward(minutes=1)

    def back(self) -> None:
        self.enter(Discontinued("r", None))
        self.clock.set(YEARS_LATER.isoformat())

    @property
    def doctors(self) -> Any:
        return as_(self.clinic.prescriber.user)

    def begin(self, **form: Any) -> Any:
        return self.doctors.post(self.path, {"key": str(uuid4())} | form)

    def patients(self, path: str = "/patient/") -> str:
        assert isinstance(self.patient.user, User)
        return words(as_(self.patient.user).get(path))


def words(answer: Any) -> str:
    return " ".join(unescape(strip_tags(answer.content.decode())).split())


@pytest.fixture
def returning(clock: Clock) -> Returning:
    return Returning(clock)


#: What the course before had last, and how the page of the next one is filled in.
KNOWN: dict[str, tuple[list[Record], dict[str, Any]]] = {
    "the category of the enrolment": ([], {"category": CAN, "reason": "", "proof": []}),
    "a reason": (
        [CategoryChanged(CANNOT, "hysterectomy")], {"category": CANNOT, "reason": "hysterectomy", "proof": []}),
    "a reason with its proof": (
        [CategoryChanged(CANNOT, "post-menopausal-confirmed", PROOF)],
        {"category": CANNOT, "reason": "post-menopausal-confirmed", "proof": list(PROOF)}),
    "changed, and back again": (
        [CategoryChanged(CANNOT, "hysterectomy"), CategoryChanged(CAN, "entered by the prescriber")],
        {"category": CAN, "reason": "", "proof": []}),
}  # fmt: skip


def test_the_page_begins_with_what_is_known_and_takes_it_as_it_stands(returning: Returning) -> None:
    for name in KNOWN:
        with case(name, clock=returning.clock):
            records, filled = KNOWN[name]
            returning.enter(*records)
            returning.back()
            with unrendered():
                page: Any = returning.doctors.get(returning.path)
                form = page.context["form"]
            stands = {field: form[field].value() or ([] if field == "proof" else "") for field in filled}
            assert {name: list(v) if name == "proof" else v for name, v in stands.items()} == filled
            assert returning.begin(**filled).status_code == 302
            record = read_file(returning.patient.pk, returning.clock.at).entries[-1].record
            assert isinstance(record, Enrolled)
            assert (record.category, record.reason or "") == (filled["category"], filled["reason"])
            assert dict(record.proof or {}) == ({} if not filled["proof"] else PROOF)


def test_the_other_category_is_asked_about_while_the_known_reason_stands_there(returning: Returning) -> None:
    returning.enter(CategoryChanged(CANNOT, "post-menopausal-confirmed", PROOF))
    returning.back()
    left = {"reason": "post-menopausal-confirmed", "proof": list(PROOF)}
    with unrendered():
        answer = returning.begin(category=CAN, **left)
        assert (answer.status_code, set(answer.context["form"].errors)) == (422, {"reason", "proof"})
    assert returning.begin(category=CAN).status_code == 302
    record = read_file(returning.patient.pk, returning.clock.at).entries[-1].record
    assert record == Enrolled(CAN, prescriber=str(returning.clinic.prescriber.pk))


def test_the_page_says_what_is_known_kept_and_new(returning: Returning) -> None:
    returning.enter(CategoryChanged(CANNOT, "hysterectomy"))
    returning.back()
    page = words(returning.doctors.get(returning.path))
    for said in (
        "Known from before", "Cannot become pregnant", "Hysterectomy", "Check that it still holds",
        "The patient’s account, with its password and passkeys",
        "Can become pregnant: the patient reads and signs again: Patient information, Birth defects",
        "Cannot become pregnant: the patient reads and signs again: Patient information",
    ):  # fmt: skip
        assert said in page, said


def test_without_an_account_the_page_says_how_the_patient_gets_one(returning: Returning) -> None:
    Patient.objects.filter(pk=returning.patient.pk).update(user=None)
    returning.back()
    page = words(returning.doctors.get(returning.path))
    assert "The patient has no account yet. Send the invitation again" in page
    assert "with its password and passkeys" not in page


@pytest.mark.parametrize(("known", "said"), [("", ""), ("es", "Language: Spanish"), ("en", "Language: English")])
def test_known_language_is_carried_over_and_not_asked_again(returning: Returning, known: str, said: str) -> None:
    User.objects.filter(patients=returning.patient).update(language=known)
    returning.back()
    page = words(returning.doctors.get(returning.path))
    assert said in page
    assert ("Language: " in page) is bool(known)


#: On the day of the second course: the birth date, whether a guardian stands there, and what is said.
GUARDIANS = {
    "a minor with one": (date(2012, 5, 1), True, "The guardian signs anew too.", "Guardian: "),
    "a minor without one": (date(2012, 5, 1), False, "The patient is under age and has no guardian here.", ""),
    "of age since": (date(2010, 5, 1), True, "", ""),
}


@pytest.mark.parametrize("name", GUARDIANS)
def test_a_guardian_signs_anew_where_the_patient_is_still_under_age(returning: Returning, name: str) -> None:
    born_on, stands, said, kept = GUARDIANS[name]
    returning.patient = returning.clinic.ready(born_on)
    returning.path = f"/prescriber/patients/{returning.patient.pk}/course/"
    guardian = factories.guardian(returning.patient) if stands else None
    returning.back()
    page = words(returning.doctors.get(returning.path))
    assert said in page
    assert ("The guardian signs anew too." in page) is (said == "The guardian signs anew too.")
    assert ("Guardian: " in page) is bool(kept)
    assert returning.begin(category=CAN).status_code == 302
    if guardian is not None:
        assert guardian.user is not None
        again = "A new course has begun. What you signed before counts no more" in words(
            as_(guardian.user).get("/guardian/")
        )
        assert again is bool(kept)


def test_the_patient_reads_what_is_new_and_what_was_kept_until_it_is_signed(returning: Returning) -> None:
    assert "Your new course" not in returning.patients()
    returning.back()
    assert "Your new course" not in returning.patients()
    assert returning.begin(category=CAN).status_code == 302
    page = returning.patients()
    for said in ("Your new course", "You read and sign again: Patient information, Birth defects.", "Kept:"):
        assert said in page, said
    assessment = read_file(returning.patient.pk, returning.clock.at).assess(returning.clock.at)
    assert {"consent-missing:patient-information", "consent-missing:birth-defects"} <= set(assessment.codes)


# --- elsewhere ----------------------------------------------------------------------------------------------
@pytest.fixture
def elsewhere(returning: Returning) -> Returning:
    """The same person in a second practice's file, whose category is another one."""
    second = ClinicFactory()
    other = second.ready()
    for record in (CategoryChanged(CANNOT, "hysterectomy"), Discontinued("r", None)):
        assert second.enter(other, record, at=returning.clock.at)
        returning.clock.forward(minutes=1)
    returning.other = other
    return returning


def views_of(patient: UUID) -> list[str]:
    return list(AccessEvent.objects.filter(subject=patient, why="linked-file").values_list("what", flat=True))


def test_a_stranger_s_file_tells_nothing_and_a_linked_one_the_category(elsewhere: Returning) -> None:
    other = elsewhere.other
    page = f"/prescriber/patients/{elsewhere.patient.pk}/"
    assert "Hysterectomy" not in words(elsewhere.doctors.get(page))
    assert views_of(other.pk) == []
    linked.link(elsewhere.patient.pk, other.pk, at=elsewhere.clock.at)
    elsewhere.clock.forward(minutes=1)
    shown = words(elsewhere.doctors.get(page))
    assert "The other file says: Cannot become pregnant · Hysterectomy" in shown
    assert other.number not in shown
    assert views_of(other.pk) == ["linked_file"], "the patient reads in that file who has viewed it"
    linked.unlink(other.pk, at=elsewhere.clock.at)
    elsewhere.clock.forward(minutes=1)
    assert "Hysterectomy" not in words(elsewhere.doctors.get(page))
    assert len(views_of(other.pk)) == 1


def test_another_course_begins_with_what_the_linked_file_knows(elsewhere: Returning) -> None:
    other = elsewhere.other
    elsewhere.enter(Discontinued("r", None))
    elsewhere.clock.set(YEARS_LATER.isoformat())
    assert elsewhere.doctors.get(elsewhere.path).context["form"]["category"].value() == CAN
    linked.link(elsewhere.patient.pk, other.pk, at=elsewhere.clock.at)
    elsewhere.clock.forward(minutes=1)
    page: Any = elsewhere.doctors.get(elsewhere.path)
    assert page.context["form"]["reason"].value() == "hysterectomy", "the latest of both"
    assert "in the other file of this person" in words(page)
    assert views_of(other.pk) == ["linked_file"]
