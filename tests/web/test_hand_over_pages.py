"""Pages of handing over: the office's, the patient's, the other prescriber's; and advice that follows who can act."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from accounts.roles import OFFICER, PATIENT, PRESCRIBER
from compliance.commands import certifying, delegation, offers, people, transfers
from compliance.commands.certifying import certification_record
from compliance.models import Authorization
from compliance.records.programs import DEFAULT
from compliance.rules.records import CategoryChanged, Discontinued, EntryStruck, PregnancyReported
from ledger import log
from ledger.actor import SYSTEM, Actor
from ledger.erasable_text import make_erasable
from patients.models import Patient, Prescriber
from tests import amount, factories
from tests.factories import as_
from tests.histories import NOW, ClinicFactory
from tests.web.cases import case
from tests.web.unrendered import unrendered

pytestmark = pytest.mark.django_db


def press() -> dict[str, str]:
    return {"key": str(uuid4())}


def certified(practice: str) -> Prescriber:
    row = factories.prescriber()
    Prescriber.objects.filter(pk=row.pk).update(
        practice_name=practice, address="1 Main St, Springfield", phone="555-01"
    )
    span = certification_record(date(2020, 1, 1), date(2035, 1, 1), DEFAULT.code)
    at = NOW - timedelta(days=900)
    log.append("prescriber", row.pk, [span], head=log.EMPTY, by=SYSTEM, at=at, request_id=uuid4())
    row.refresh_from_db()
    return row


def suspend(whom: Prescriber) -> None:
    reason, by = make_erasable("licence lost", subject=whom.pk, at=NOW), Actor(factories.officer().pk, OFFICER)
    certifying.suspend(kind="prescriber", subject=whom.pk, reason=reason, by=by, at=NOW, key=uuid4())


def close(whom: Prescriber) -> None:
    by = Actor(factories.officer().pk, OFFICER)
    people.deactivate(account=whom.user, by=by, at=NOW, key=uuid4())
    whom.user.refresh_from_db()


def cover(whose: Prescriber, by: Prescriber) -> None:
    own = Actor(whose.user_id, PRESCRIBER, whose.pk)
    delegation.add_delegate(prescriber=whose, delegate=by, by=own, at=NOW, key=uuid4())


FALLS: dict[str, Callable[[Prescriber], None]] = {"suspended": suspend, "closed": close}


def text(client_of: object, path: str) -> str:
    """The page that this account gets."""
    response = as_(client_of).get(path)  # type: ignore[arg-type]
    assert response.status_code == 200, path
    return str(response.content.decode())


def offer_url(patient: Patient) -> str:
    return reverse("prescriber:answer_transfer", kwargs={"patient": patient.pk})


# --- the office ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("fall", FALLS)
def test_the_office_sees_whose_prescriber_cannot_act_and_hands_over_one_or_all(
    clinic: ClinicFactory, fall: str
) -> None:
    patients, officer = [clinic.ready() for _ in range(3)], factories.officer()
    assert "Every prescriber who has patients can act" in text(officer, reverse("office:without_prescriber"))
    FALLS[fall](clinic.prescriber)
    assert reverse("office:hand_over", kwargs={"prescriber": clinic.prescriber.pk}) in text(
        officer, reverse("office:without_prescriber")
    )
    page, client = reverse("office:hand_over", kwargs={"prescriber": clinic.prescriber.pk}), as_(officer)
    one = press() | {"npi": clinic.other.npi, "whom": "chosen", "patients": [str(patients[0].pk)]}
    assert client.post(page, one).status_code == 302
    assert Patient.objects.filter(offered_to=clinic.other).count() == 1
    assert client.post(page, press() | {"npi": clinic.other.npi, "whom": "all"}).status_code == 302
    assert Patient.objects.filter(offered_to=clinic.other).count() == 3
    shown = text(clinic.other.user, reverse("prescriber:transfers"))
    assert shown.count("The program office asks you.") == 3
    for patient in patients:
        answer = as_(clinic.other.user).post(offer_url(patient), press() | {"decision": "accept"})
        assert answer.status_code == 302
    assert Patient.objects.filter(prescriber=clinic.other).count() == 3


def test_the_office_is_told_what_is_wrong(clinic: ClinicFactory) -> None:
    patient, stranger = clinic.ready(), factories.patient(clinic.other)
    gone = certified("Gone")
    suspend(gone)
    right = {"npi": clinic.other.npi, "whom": "chosen", "patients": [str(patient.pk)]}
    wrong: dict[str, dict[str, Any]] = {
        "nobody ticked": {"patients": []},
        "of another": {"patients": [str(stranger.pk)]},
        "no such NPI": {"npi": factories.npi()},
        "not certified": {"npi": factories.prescriber().npi},
        "suspended": {"npi": gone.npi},
        "own": {"npi": clinic.prescriber.npi},
    }
    page, office = reverse("office:hand_over", kwargs={"prescriber": clinic.prescriber.pk}), as_(factories.officer())
    with unrendered():
        for name, form in wrong.items():
            assert office.post(page, press() | right | form).status_code == 422, name
            assert not Patient.objects.exclude(offered_to=None).exists(), name


def test_pages_of_the_office_name_no_patient(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    Patient.objects.filter(pk=patient.pk).update(given_name="Ana", family_name="Quispe")
    page = text(factories.officer(), reverse("office:hand_over", kwargs={"prescriber": clinic.prescriber.pk}))
    assert "Quispe" not in page
    assert f"{patient.number[:4]}-{patient.number[4:]}" in page


# --- the patient -----------------------------------------------------------------------------------------
def test_a_patient_finds_asks_and_is_accepted(clinic: ClinicFactory) -> None:
    patient, wanted = clinic.ready(), certified("Skin Center")
    assert patient.user is not None
    client = as_(patient.user)
    find = reverse("patient:find_prescriber")
    assert client.post(find, press() | {"sought": "springfield"}).status_code == 302
    ask = reverse("patient:ask_prescriber", kwargs={"prescriber": wanted.pk})
    assert ask in client.get(find).content.decode()
    clinic.authorize(patient)
    assert "Your pharmacy has to ask anew then" in client.get(ask).content.decode()
    assert client.post(ask, press()).status_code == 302
    assert "You asked for another prescriber" in client.get(reverse("patient:prescriber")).content.decode()
    assert "The patient asked for it" in text(
        clinic.prescriber.user, reverse("prescriber:patient", kwargs={"patient": patient.pk})
    )
    assert "The patient asks for you." in text(wanted.user, reverse("prescriber:transfers"))
    answer = as_(wanted.user).post(offer_url(patient), press() | {"decision": "accept"})
    assert answer.status_code == 302
    assert Authorization.objects.get(patient=patient).state == "void"
    assert "Skin Center" in client.get(reverse("patient:prescriber")).content.decode()


def test_the_search_finds_only_who_can_take_over_and_tells_nothing_of_patients(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    assert patient.user is not None
    names = {name: certified(f"Springfield {name}") for name in ("open", "suspended", "closed")}
    suspend(names["suspended"])
    close(names["closed"])
    lapsed, waiting = factories.prescriber(), factories.prescriber(state="applied")
    Prescriber.objects.filter(pk__in=[lapsed.pk, waiting.pk]).update(practice_name="Springfield no")
    Patient.objects.filter(pk=clinic.ready().pk).update(family_name="Springfield", prescriber=names["open"])
    client, find = as_(patient.user), reverse("patient:find_prescriber")
    for sought, found in (("springfield", ["open"]), (names["open"].npi, ["open"]), (names["closed"].npi, [])):
        client.post(find, press() | {"sought": sought})
        page = client.get(find).content.decode()
        assert [name for name in names if reverse("patient:ask_prescriber", args=[names[name].pk]) in page] == found
        assert "Springfield no" not in page
    assert client.post(find, press() | {"sought": "sp"}).status_code == 422
    for whom in (names["suspended"], names["closed"], lapsed, waiting, clinic.prescriber):
        ask = reverse("patient:ask_prescriber", args=[whom.pk])
        with unrendered():
            assert (client.get(ask).status_code, client.post(ask, press()).status_code) == (404, 404)


def test_a_patient_takes_the_request_back(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    assert patient.user is not None
    client = as_(patient.user)
    client.post(reverse("patient:ask_prescriber", args=[clinic.other.pk]), press())
    assert client.post(reverse("patient:take_request_back"), press()).status_code == 302
    patient.refresh_from_db()
    assert patient.offered_to is None
    # Once more there is nothing to take back, and the page says so.
    again = client.post(reverse("patient:take_request_back"), press(), follow=True)
    assert "There is no request of yours any more." in again.content.decode()


def test_the_practice_ends_neither_what_the_patient_asked_nor_what_the_office_offers(clinic: ClinicFactory) -> None:
    for offered in ("patient", "office"):
        patient = clinic.ready()
        if offered == "patient":
            assert patient.user_id is not None
            own = Actor(patient.user_id, PATIENT, patient.pk)
            offers.ask(patient=patient.pk, to=clinic.other.pk, by=own, at=NOW, key=uuid4())
        else:
            of, to = clinic.prescriber.pk, clinic.other.pk
            offers.hand_over(of=of, patients=[patient.pk], to=to, by=clinic.officer, at=NOW, key=uuid4())
        take_back = reverse("prescriber:entry", kwargs={"patient": patient.pk, "slug": "take-back"})
        client = as_(clinic.prescriber.user)
        page = client.get(reverse("prescriber:patient", kwargs={"patient": patient.pk})).content.decode()
        assert take_back not in page
        assert client.post(take_back, press()).status_code == 403
        patient.refresh_from_db()
        assert patient.offered_to == clinic.other


# --- who is asked ----------------------------------------------------------------------------------------
def test_a_suspended_prescriber_reads_why_and_cannot_accept(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    of, to = clinic.prescriber.pk, clinic.other.pk
    offers.hand_over(of=of, patients=[patient.pk], to=to, by=clinic.officer, at=NOW, key=uuid4())
    suspend(clinic.other)
    client = as_(clinic.other.user)
    page = client.get(reverse("prescriber:transfers")).content.decode()
    assert "You can take nobody over today" in page
    assert 'value="accept"' not in page
    answer = client.post(offer_url(patient), press() | {"decision": "accept"}, follow=True)
    assert "You can take nobody over today: you are not certified." in answer.content.decode()
    patient.refresh_from_db()
    assert (patient.prescriber, patient.offered_to) == (clinic.prescriber, clinic.other)
    assert "They take nobody over at the moment." in text(patient.user, reverse("patient:prescriber"))
    prescribers = text(clinic.prescriber.user, reverse("prescriber:patient", kwargs={"patient": patient.pk}))
    assert "They can take nobody over at the moment." in prescribers


def test_between_courses_the_hand_over_stands_on_the_page_and_works(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    assert clinic.enter(patient, Discontinued("done"))
    page, client = reverse("prescriber:patient", kwargs={"patient": patient.pk}), as_(clinic.prescriber.user)
    assert f"{page}hand-over/" in client.get(page).content.decode()
    assert client.post(f"{page}hand-over/", press() | {"npi": clinic.other.npi}).status_code == 302
    assert as_(clinic.other.user).post(offer_url(patient), press() | {"decision": "accept"}).status_code == 302
    suspend(clinic.prescriber)
    theirs = text(clinic.other.user, page)
    # What the gate says of the prescriber of the last course is nothing to who has the file now.
    assert "The prescriber is not certified today." not in theirs
    assert f"{page}course/" in theirs


# --- advice ----------------------------------------------------------------------------------------------
def _stopped(clinic: ClinicFactory, patient: Patient) -> None:
    assert clinic.enter(patient, PregnancyReported())


def _ended(clinic: ClinicFactory, patient: Patient) -> None:
    assert clinic.enter(patient, Discontinued("done"))


def _begun_anew(clinic: ClinicFactory, patient: Patient) -> None:
    assert clinic.enter(patient, CategoryChanged("cannot_become_pregnant", "hysterectomy"))


def _ready(clinic: ClinicFactory, patient: Patient) -> None: ...


STAGES: dict[str, Callable[[ClinicFactory, Patient], None]] = {
    "ready": _ready, "stopped": _stopped, "ended": _ended, "without a visit": _begun_anew,
}  # fmt: skip

#: What sends a patient to the prescriber.
SENDS = ("Your prescriber takes care of it", "call your prescriber", "Call your prescriber", "Ask your prescriber",
         "Your prescriber talks", "Your prescriber can begin", "See or call your prescriber", "Your prescriber enters",
         "Talk with your prescriber")  # fmt: skip


#: Each stage with two of four: each way to fall once, and once with somebody who covers.
FALLEN = [
    (stage, fall, covered)
    for place, stage in enumerate(STAGES)
    for turn, fall in enumerate(FALLS)
    for covered in ((False, True) if amount.EVERYTHING else ((place + turn) % 2 == 0,))
]


def test_no_patient_is_sent_to_a_prescriber_who_cannot_act(clinic: ClinicFactory) -> None:
    for stage, fall, covered in FALLEN:
        with case(stage, fall, covered):
            patient, covering = clinic.ready(), certified("Covering Practice")
            assert patient.user is not None
            STAGES[stage](clinic, patient)
            if covered:
                cover(clinic.prescriber, covering)
            FALLS[fall](clinic.prescriber)
            page = text(patient.user, reverse("patient:home"))
            if stage != "without a visit":
                page += text(patient.user, reverse("patient:pregnant"))
            if stage in ("ready", "stopped"):
                page += text(patient.user, reverse("patient:refuse", kwargs={"document": "birth-defects"}))
            if not covered:
                assert "your prescriber will talk" not in page.lower()
            assert [words for words in SENDS if words in page] == []
            assert reverse("patient:prescriber") in page
            assert ("Covering Practice" in page) is covered


@pytest.mark.parametrize("fall", FALLS)
def test_who_is_left_in_the_practice_reads_what_they_can_do(clinic: ClinicFactory, fall: str) -> None:
    """A designee goes on entering tests and visits; of the rest, and of the certification, the office is named."""
    patient, designee, covering = clinic.ready(), factories.designee(clinic.prescriber).user, certified("Covering")
    for row in log.read(patient.pk):
        if row.kind == "counselled":
            assert clinic.enter(patient, EntryStruck(row.number, "x"))
    cover(clinic.prescriber, covering)
    FALLS[fall](clinic.prescriber)
    path = reverse("prescriber:patient", kwargs={"patient": patient.pk})
    hands = "The program office helps: it reinstates, or hands the patient to another prescriber."
    assert (hands in text(covering.user, path)) is (fall == "suspended")
    for reader in (designee, covering.user):
        page = text(reader, path)
        assert "Enter the visit." in page
        assert "The prescriber attests for another year" not in page


@pytest.mark.parametrize("covered", [False, True])
@pytest.mark.parametrize("fall", FALLS)
def test_the_counter_sends_nobody_to_a_prescriber_who_cannot_act(
    clinic: ClinicFactory, fall: str, covered: bool
) -> None:
    patient, pharmacist = clinic.ready(), clinic.pharmacies[0].pharmacists.get().user
    assert clinic.enter(patient, PregnancyReported())
    if covered:
        cover(clinic.prescriber, certified("Covering Practice"))
    FALLS[fall](clinic.prescriber)
    form = press() | {"number": patient.number, "born_on": "2001-04-02", "days_supply": "30"}
    answer = as_(pharmacist).post(reverse("pharmacy:home"), form, headers={"Accept": "application/json"}).json()
    assert not answer["allowed"]
    assert answer["missing"]
    for missing in answer["missing"]:
        assert "call the prescriber" not in missing["remedy"]
        assert missing["who"] in (["who covers"] if covered else ["another prescriber"], ["the patient"], [])


def test_the_prescriber_of_today_is_told_of_nothing_that_is_theirs_no_more(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    of, to = clinic.prescriber.pk, clinic.other.pk
    offers.hand_over(of=of, patients=[patient.pk], to=to, by=clinic.officer, at=NOW, key=uuid4())
    transfers.accept(patient=patient.pk, by=Actor(clinic.other.user_id, PRESCRIBER, to), at=NOW, key=uuid4())
    assert "Covering" not in text(patient.user, reverse("patient:home"))
    assert as_(clinic.prescriber.user).get(
        reverse("prescriber:patient", kwargs={"patient": patient.pk})
    ).status_code == 404  # fmt: skip
