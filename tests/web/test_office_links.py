"""The office's pages on which two files of one person are linked, looked at and parted."""

from datetime import date, timedelta
from html import unescape
from pathlib import Path
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import User
from compliance.commands import enrolment, held_decisions
from compliance.commands.enrolment import NewPatient
from compliance.models import Proposal
from compliance.rules.records import Discontinued, PregnancyReported
from patients.models import HeldEnrolment, Patient
from tests import factories, linked
from tests.compliance.commands.test_linked_files import LATER, codes, sound
from tests.histories import NOW, ClinicFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(clinic: ClinicFactory) -> Client:
    client = Client()
    factories.sign_in(client, factories.officer())
    return client


@pytest.fixture
def second() -> Client:
    return factories.as_(factories.officer())


def press(client: Client, path: str, **form: str) -> str:
    """What the officer reads after a form that is taken: redirected, and the page there."""
    answer = client.post(path, {"key": str(uuid4())} | form, follow=True)
    assert (answer.status_code, answer.redirect_chain) == (200, [("/office/links/", 302)])
    return unescape(answer.content.decode())


def ask_to_link(client: Client, one: Patient, other: Patient) -> str:
    seen = f"{one.pk}:{other.pk}"
    return press(
        client, "/office/links/", first=one.number, second=other.number, reason="two practices", version_token=seen
    )


DONE, PARTED = "The link is recorded.", "The end of the link"
ASKED = "Nothing is done until another officer confirms it."


def test_linking_shows_both_files_first(clinic: ClinicFactory, office: Client) -> None:
    one, other = clinic.ready(), clinic.ready()
    for file in (one, other):
        assert clinic.enter(file, Discontinued("done"))
    form = {"first": one.number, "second": other.number, "reason": "two practices", "key": str(uuid4())}
    shown = office.post("/office/links/", form)
    assert shown.status_code == 200
    assert "Is this the same person?" in shown.content.decode()
    assert shown.content.decode().count("Course ended") == 2
    assert "two officers decide" not in shown.content.decode()
    assert Patient.objects.filter(linked_to=None).count() == 2
    seen = f"{one.pk}:{other.pk}"
    other_two = office.post("/office/links/", form | {"second": clinic.ready().number, "version_token": seen})
    assert "Is this the same person?" in other_two.content.decode(), "another number was typed than was looked at"
    assert "two officers decide" in other_two.content.decode()
    assert office.post("/office/links/", form | {"version_token": seen}).status_code == 302
    page = office.get("/office/links/").content.decode()
    assert page.count("End the link") == 2
    doctor = factories.as_(clinic.prescriber.user)
    assert "another file" in doctor.get(f"/prescriber/patients/{one.pk}/").content.decode()
    end = f"/office/links/{one.pk}/end/"
    assert office.post(end, {"reason": "", "key": str(uuid4())}).status_code == 422
    assert PARTED in press(office, end, reason="wrong")
    assert office.get(end).status_code == 404


def test_link_beside_a_stop_waits_for_the_second_officer(clinic: ClinicFactory, office: Client, second: Client) -> None:
    one, other = clinic.ready(), clinic.ready()
    assert clinic.enter(one, PregnancyReported())
    asked = ask_to_link(office, one, other)
    assert ASKED in asked
    assert DONE not in asked
    proposal, name = Proposal.objects.get(), User.objects.get(pk=Proposal.objects.get().asked_by).name
    path = f"/office/links/waiting/{proposal.pk}/"
    for client, own in ((office, True), (second, False)):
        listed = unescape(client.get("/office/links/").content.decode())
        page = unescape(client.get(path).content.decode())
        for words in (listed, page):
            assert f"{name} asked for it" in words
            assert "two practices" in words
            assert "Stop open" in words
            assert "Course open" in words
            assert ("Another officer confirms" in words) is own
        assert path in listed
        assert ("Link them" in page) is not own
    figure = "Links that wait for a second officer</a></dt><dd>1</dd>"
    assert figure in second.get("/office/").content.decode()
    assert ASKED in press(office, path)
    assert ASKED in ask_to_link(office, other, one)
    assert not Patient.objects.filter(linked_to__isnull=False).exists()
    assert DONE in press(second, path)
    assert Patient.objects.filter(linked_to__isnull=False).count() == 2
    assert "Waiting for a second officer" not in second.get("/office/links/").content.decode()
    assert second.get(path).status_code == 404
    assert figure not in second.get("/office/").content.decode()


def test_second_officer_may_type_the_numbers_too(clinic: ClinicFactory, office: Client, second: Client) -> None:
    one, other = clinic.ready(), clinic.ready()
    ask_to_link(office, one, other)
    form = {"first": other.number, "second": one.number, "reason": "I called both", "key": str(uuid4())}
    assert "asked for it" in second.post("/office/links/", form).content.decode()
    assert DONE in ask_to_link(second, other, one)


def test_end_of_a_link_beside_a_course_waits_for_the_second_officer(
    clinic: ClinicFactory, office: Client, second: Client
) -> None:  # fmt: skip
    one, other = clinic.ready(), clinic.ready()
    linked.link(one.pk, other.pk, at=NOW)
    path = f"/office/links/{one.pk}/end/"
    assert "two officers decide" in office.get(path).content.decode()
    assert ASKED in press(office, path, reason="somebody else")
    assert Patient.objects.filter(linked_to__isnull=False).count() == 2
    name = User.objects.get(pk=Proposal.objects.latest("asked_at").asked_by).name
    for page in ("/office/links/", path):
        words = unescape(second.get(page).content.decode())
        assert f"{name} asked for it" in words
        assert "somebody else" in words
    assert PARTED in press(second, path)
    assert not Patient.objects.filter(linked_to__isnull=False).exists()


def test_what_has_lapsed_is_not_confirmed_by_its_page(clinic: ClinicFactory, office: Client, second: Client) -> None:
    one, other = clinic.ready(), clinic.ready()
    ask_to_link(office, one, other)
    path = f"/office/links/waiting/{Proposal.objects.get().pk}/"
    clinic.enter(one, PregnancyReported())
    assert "have changed since it was asked for" in press(second, path)
    assert "asked for it" not in second.get("/office/links/").content.decode()
    assert not Patient.objects.filter(linked_to__isnull=False).exists()


def test_no_page_can_pass_by_the_second_officer() -> None:
    """`link_agreed` is for the command that settled who agrees, and for no page."""
    callers = {path for path in Path("web").rglob("*.py") if "link_agreed" in path.read_text()}
    assert callers == set()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"second": "22222222"}, "No patient has that number."),
        ({"second": "FIRST"}, "This is the same file."),
        ({"reason": ""}, "Fill this in."),
    ],
)
def test_what_the_office_is_told(clinic: ClinicFactory, office: Client, change: dict[str, str], sentence: str) -> None:
    one, other = clinic.ready(), clinic.ready()
    form = {"first": one.number, "second": other.number, "reason": "x", "key": str(uuid4())} | change
    form = {name: one.number if value == "FIRST" else value for name, value in form.items()}
    answer = office.post("/office/links/", form)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()


def test_a_held_enrolment_is_let_through_and_linked(clinic: ClinicFactory, office: Client) -> None:
    one = clinic.ready()
    Patient.objects.filter(pk=one.pk).update(email="ana@example.org", name_key="mora ana")
    new = NewPatient(
        given_name="A", family_name="B", born_on=one.born_on, email="ana@example.org", phone="",
        category="can_become_pregnant",
    )  # fmt: skip
    clinic.enter(one, PregnancyReported())
    held = enrolment.enrol(new=new, by=clinic.doctor, at=NOW, key=uuid4()).held
    assert held is not None
    assert HeldEnrolment.objects.get(pk=held).candidates == [str(one.pk)]
    stranger = clinic.ready(born_on=date(1990, 11, 30))
    with pytest.raises(LookupError):
        held_decisions.decide_held(
            held=held, let_through=True, by=clinic.officer, at=NOW, key=uuid4(), same_as=stranger.pk
        )
    path = f"/office/duplicates/{held}/"
    assert office.post(path, {"decision": f"link:{stranger.pk}", "key": str(uuid4())}).status_code == 400
    assert path in office.get("/office/duplicates/").content.decode()
    page = office.get(path).content.decode()
    assert f"link:{one.pk}" in page
    assert "Stop open" in page
    typed = {"decision": f"link:{one.pk}", "reason": "both doctors were called"}
    assert office.post(path, typed | {"reason": "", "key": str(uuid4())}).status_code == 422
    for client in (office, office, factories.as_(factories.officer())):
        assert not Patient.objects.filter(linked_to=one.pk).exists()
        assert client.post(path, typed | {"key": str(uuid4())}).status_code == 302
    second = Patient.objects.get(email="ana@example.org", linked_to=one.pk, number__isnull=False, user=None)
    assert "stop-open" in codes(second, LATER + timedelta(hours=1))
    sound(one, second)
