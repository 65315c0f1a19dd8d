"""An application that the office turns down: the reason is read by the applicant, who applies again."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.mail import EmailMessage
from django.test import Client

from accounts.models import User
from compliance.commands import certifying
from compliance.commands.certifying import Kind, WrongState
from compliance.commands.decide import NotPermitted
from compliance.records.places import differs
from compliance.verification import practices
from ledger import erasable_text, log
from ledger.actor import Actor
from ledger.erasable_text import make_erasable
from ledger.verify import Problem
from notifications import places
from outbox.models import Message
from patients.models import Pharmacy, Prescriber
from patients.people import actor_of
from tests import factories
from tests.clocks import Clock
from tests.histories import NOW
from tests.mailbox import emails
from tests.web.opened import send

pytestmark = pytest.mark.django_db

REASON = "The licence number is of another state."
TEXT = {"prescriber": "prescriber-attestation", "pharmacy": "pharmacy-attestation"}
PAGE = {"prescriber": "/prescriber/practice/", "pharmacy": "/counter/profile/"}
AGAIN = {"prescriber": "/prescriber/practice/apply/", "pharmacy": "/counter/profile/apply/"}
FIRST = {"prescriber": "/prescriber/enrol/", "pharmacy": "/counter/"}


@dataclass(frozen=True)
class Applicant:
    """A practice or a pharmacy that was just registered, as its owner is signed in."""

    kind: Kind
    user: User
    place: UUID
    client: Client

    @property
    def state(self) -> str:
        model: Any = Prescriber if self.kind == "prescriber" else Pharmacy
        return str(model.objects.get(pk=self.place).state)

    def signed(self) -> dict[str, str]:
        text = factories.ticks(TEXT[self.kind])
        return text | {"signer_password": factories.PASSWORD, "key": str(uuid4())}

    def apply_again(self) -> Any:
        return send(self.client, AGAIN[self.kind], self.signed())

    def get(self, path: str) -> str:
        return str(self.client.get(path).content.decode())


@pytest.fixture(params=["prescriber", "pharmacy"])
def applicant(request: pytest.FixtureRequest, clock: Clock) -> Applicant:
    clock.at = NOW
    kind, what = (request.param, "practice" if request.param == "prescriber" else "pharmacy")
    form = {"name": "New One", "password1": factories.PASSWORD, f"{what}_name": "New", "npi": factories.npi(),
            "address": "1 Main Street", "phone": "", "key": str(uuid4()), **factories.ticks(TEXT[kind])}  # fmt: skip
    path = factories.registration(what, "new@example.org")
    client = Client()
    assert send(client, path, form).status_code == 302
    user = User.objects.get(email="new@example.org")
    return Applicant(kind, user, user.places[0].id, factories.as_(user))


@pytest.fixture
def office() -> Client:
    return factories.as_(factories.officer())


def turn_down(office: Client, applicant: Applicant, reason: str = REASON) -> Any:
    path = f"/office/certifications/{applicant.kind}/{applicant.place}/turn-down/"
    return office.post(path, {"reason": reason, "key": str(uuid4())})


def test_applicant_reads_the_reason_and_applies_again(applicant: Applicant, office: Client) -> None:
    assert turn_down(office, applicant).status_code == 302
    assert applicant.state == "declined"
    page = applicant.get(PAGE[applicant.kind])
    assert REASON in page
    assert f'href="{AGAIN[applicant.kind]}"' in page
    assert applicant.apply_again().status_code == 302
    assert applicant.state == "applied"
    page = applicant.get(PAGE[applicant.kind])
    assert REASON not in page
    assert "reviews" in page
    assert [row.kind for row in log.read(applicant.place) if row.kind != "pdf_sealed"] == [
        "applied", "attested", "turned_down", "applied", "attested",
    ]  # fmt: skip


def test_office_approves_who_has_applied_again(applicant: Applicant, office: Client) -> None:
    turn_down(office, applicant)
    applicant.apply_again()
    path = f"/office/certifications/{applicant.kind}/{applicant.place}/approve/"
    assert office.post(path, {"key": str(uuid4())}).status_code == 302
    assert applicant.state == "approved"


def test_lists_of_the_office_say_who_was_turned_down_and_why(applicant: Applicant, office: Client) -> None:
    path = f"/office/certifications/?kind={applicant.kind}"
    link = f"/office/certifications/{applicant.kind}/{applicant.place}/turn-down/"
    assert link in office.get(path).content.decode()
    turn_down(office, applicant)
    page = office.get(path).content.decode()
    assert link not in page
    assert REASON in page
    assert "Turned down" in page
    assert f"/{applicant.place}/reinstate/" not in page


def test_who_was_turned_down_asks_about_nobody(applicant: Applicant, office: Client) -> None:
    turn_down(office, applicant)
    page = applicant.client.get(FIRST[applicant.kind])
    assert "turned the application" in page.content.decode()
    assert f'href="{PAGE[applicant.kind]}"' in page.content.decode()
    assert applicant.client.post(FIRST[applicant.kind], {"key": str(uuid4())}).status_code == 403
    assert applicant.client.post(PAGE[applicant.kind], {"key": str(uuid4())}).status_code == 403


@pytest.mark.usefixtures("at_any_hour")
def test_applicant_hears_of_it_once_in_neutral_words(
    applicant: Applicant, office: Client, mailoutbox: list[EmailMessage]
) -> None:
    turn_down(office, applicant)
    told = [email for email in emails() if "application" in str(email.subject)]
    assert [email.to for email in told] == [["new@example.org"]]
    assert REASON not in str(told[0].body)
    assert PAGE[applicant.kind] in str(told[0].body)


def test_message_is_dropped_where_they_have_applied_again(applicant: Applicant, office: Client) -> None:
    turn_down(office, applicant)
    applicant.apply_again()
    assert [email for email in emails() if "answered" in str(email.subject)] == []
    assert Message.objects.get(kind="application-turned-down").dropped_at is not None


def test_office_is_told_anew_of_an_application_that_waits_again(applicant: Applicant, office: Client) -> None:
    def waiting() -> int:
        places.tell(at=NOW + timedelta(days=2, minutes=1))
        return Message.objects.filter(kind="application-waiting").count()

    assert waiting() == 1
    turn_down(office, applicant)
    applicant.apply_again()
    assert waiting() == 2


# --- what is refused --------------------------------------------------------------------------------
def _down(applicant: Applicant, by: Actor) -> None:
    reason = make_erasable(REASON, subject=applicant.place, at=NOW)
    certifying.turn_down(kind=applicant.kind, subject=applicant.place, reason=reason, by=by, at=NOW, key=uuid4())


def test_only_the_office_turns_down_and_only_what_waits(applicant: Applicant, office: Client) -> None:
    with pytest.raises(NotPermitted):
        _down(applicant, actor_of(applicant.user))
    officer = actor_of(factories.officer())
    _down(applicant, officer)
    with pytest.raises(WrongState):
        _down(applicant, officer)
    assert turn_down(office, applicant).status_code == 422


def test_reason_is_required(applicant: Applicant, office: Client) -> None:
    assert turn_down(office, applicant, " ").status_code == 422
    assert applicant.state == "applied"


def test_nobody_applies_again_who_was_not_turned_down(applicant: Applicant) -> None:
    assert applicant.apply_again().status_code == 422
    assert applicant.state == "applied"


def test_office_approves_nobody_whom_it_has_turned_down(applicant: Applicant, office: Client) -> None:
    turn_down(office, applicant)
    office.post(f"/office/certifications/{applicant.kind}/{applicant.place}/approve/", {"key": str(uuid4())})
    assert applicant.state == "declined"


def test_log_and_columns_are_as_the_program_writes_them(applicant: Applicant, office: Client) -> None:
    turn_down(office, applicant)
    assert not differs(applicant.place)
    applicant.apply_again()
    assert not differs(applicant.place)
    found: list[Problem | object] = list(practices.problems(applicant.kind, log.read(applicant.place)))
    assert found == []


def test_reason_can_be_erased_and_the_page_still_stands(applicant: Applicant, office: Client) -> None:
    turn_down(office, applicant)
    (row,) = (row for row in log.read(applicant.place) if row.kind == "turned_down")
    erasable_text.erase([row.data["sealed"]["reason"]])
    page = applicant.get(PAGE[applicant.kind])
    assert REASON not in page
    assert "Apply again" in page
