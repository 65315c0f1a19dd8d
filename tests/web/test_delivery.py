"""Whom no e-mail reaches, and what was sent: on the patient's page for the practice, and for the office by no name."""

import re
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

import outbox
from accounts.roles import PRESCRIBER
from compliance.commands import contacts
from compliance.rules.records import PregnancyReported
from ledger.actor import Actor
from outbox import box, counts, outcomes, states, unreachable
from outbox.models import Message
from patients.models import Guardian, Patient
from tests import factories
from tests.clocks import Clock
from tests.factories import as_
from tests.histories import NOW, ClinicFactory
from tests.plans import plan_of
from tests.smtp import MailServer, mail_server
from web.office.delivery import AGES
from web.prescriber import worklist_lines
from web.prescriber.worklist import in_order
from web.shared.message_words import STATE, kind_words

__all__ = ["mail_server"]
pytestmark = pytest.mark.django_db
TELLS = "cannot be delivered since"


@pytest.fixture(autouse=True)
def today(clock: Clock) -> None:
    clock.set("2026-12-15T11:00-05:00")


def page_of(reader: Any, patient: Patient) -> str:
    return as_(reader).get(reverse("prescriber:patient", kwargs={"patient": patient.pk})).content.decode()


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def reachable(clinic: ClinicFactory) -> Patient:
    """A patient with an address, and no messages yet."""
    patient = clinic.ready()
    patient.email = "mina@example.org"
    patient.save(update_fields=["email"])
    Message.objects.all().delete()
    return patient


def message(patient: Patient | None = None, kind: str = "handed-over", **columns: Any) -> Message:
    row = Message(id=uuid4(), key=str(uuid4()), kind=kind, subject=patient.pk if patient else None, data={}, due_at=NOW)
    box.enqueue([row], at=columns.pop("enqueued_at", NOW))
    Message.objects.filter(pk=row.pk).update(**columns)
    return row


# --- cannot reach ---------------------------------------------------------------------------------
def test_a_refused_address_is_a_task_for_the_practice_until_it_is_corrected(
    clinic: ClinicFactory, mail_server: MailServer
) -> None:
    patient, reader = reachable(clinic), clinic.prescriber.user
    assert TELLS not in page_of(reader, patient)
    mail_server.at_address[patient.email] = b"550 5.1.1 no such user"
    message(patient)
    outbox.deliver(at=NOW)
    page = page_of(reader, patient)
    assert f"E-mail to the patient {TELLS} Tue, Dec 15, 2026" in words(page)
    assert reverse("prescriber:entry", kwargs={"patient": patient.pk, "slug": "contact"}) in page
    told = page[page.index('id="unreachable"') :]
    assert patient.email not in told[: told.index("</section>")], "what came back is told without the address"
    assert "Addresses that take no e-mail 1" in words(as_(factories.officer()).get("/office/").content.decode())
    Patient.objects.filter(pk=patient.pk).update(user=None)
    by = Actor(clinic.prescriber.user_id, "prescriber", clinic.prescriber.pk)
    contact = {"email": "right@example.org"}
    contacts.correct_patient(patient=patient.pk, contact=contact, reason="wrong", by=by, at=NOW, key=uuid4())
    assert TELLS not in page_of(reader, patient)
    assert unreachable.count() == 0


def test_the_worklist_marks_whom_no_email_reaches(clinic: ClinicFactory, django_assert_num_queries: Any) -> None:
    patient, client = reachable(clinic), as_(clinic.prescriber.user)
    clinic.ready()
    assert "Cannot be reached" not in client.get("/prescriber/").content.decode()
    unreachable.note(patient.email, at=NOW, answer="550")
    assert client.get("/prescriber/").content.decode().count("Cannot be reached") == 1
    row = in_order(Patient.objects.select_related("status"), PRESCRIBER, NOW.date()).get(pk=patient.pk)
    with django_assert_num_queries(1):
        worklist_lines.lines([row] * 9, PRESCRIBER, NOW.date())


def test_it_ends_when_an_email_arrives_after_all(clinic: ClinicFactory, mail_server: MailServer) -> None:
    patient = reachable(clinic)
    unreachable.note(patient.email, at=NOW, answer="550")
    assert TELLS in page_of(clinic.prescriber.user, patient)
    message(patient)
    outbox.deliver(at=NOW)
    assert TELLS not in page_of(clinic.prescriber.user, patient)


def test_a_patient_without_an_address_is_a_task_too(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    Patient.objects.filter(pk=patient.pk).update(email="")
    assert "The patient has no e-mail address: no reminder reaches them." in page_of(clinic.prescriber.user, patient)


@pytest.mark.parametrize(("email", "says"), [("", "has no e-mail address"), ("gloria@example.org", TELLS)])
def test_a_guardian_whom_no_email_reaches_is_a_task(clinic: ClinicFactory, email: str, says: str) -> None:
    patient = clinic.ready(born_on=date(2011, 4, 2))
    guardian = Guardian.objects.create(patient=patient, name="Gloria Diaz", email=email)
    unreachable.note(email, at=NOW, answer="550")
    page = words(page_of(clinic.prescriber.user, patient))
    assert re.search(rf"guardian Gloria Diaz {says}", page)
    url = reverse("prescriber:correct_guardian", kwargs={"patient": patient.pk, "guardian": guardian.pk})
    assert url in page_of(clinic.prescriber.user, patient)


def test_it_is_nothing_of_the_rules_and_only_the_practice_reads_it(clinic: ClinicFactory) -> None:
    patient = reachable(clinic)
    unreachable.note(patient.email, at=NOW, answer="550")
    assert clinic.authorize(patient).number is not None
    assert patient.user is not None
    assert TELLS not in as_(patient.user).get("/patient/").content.decode()


# --- what was sent --------------------------------------------------------------------------------
def test_the_patients_page_says_what_was_sent_when_and_what_became_of_it(clinic: ClinicFactory) -> None:
    other, patient = clinic.ready(), reachable(clinic)
    message(patient, "test-due", delivered_at=NOW, outcome="bounced", answer="550 5.1.1", data={"to": "patient"})
    message(other, "window-closing")
    page = words(page_of(clinic.prescriber.user, patient))
    assert "Reminder: next appointment, to the patient Came back by e-mail" in page
    assert "550 5.1.1" in page
    assert str(kind_words("window-closing")) not in page
    assert patient.email not in page.rpartition("Messages")[2]


def test_a_message_that_is_not_due_yet_is_not_shown(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    Message.objects.all().delete()
    message(patient, due_at=NOW + timedelta(days=3))
    assert "Messages</h2>" not in page_of(clinic.prescriber.user, patient)


def test_whoever_did_not_get_the_letter_of_a_stop_is_not_said_to_know(clinic: ClinicFactory) -> None:
    """They have to be told in another way. The office knows as soon as one officer does."""
    officers = [factories.officer(), factories.officer()]
    patient = reachable(clinic)
    assert clinic.enter(patient, PregnancyReported())
    stops = Message.objects.filter(kind="stop-by-report")
    assert "The letter did not arrive" not in page_of(clinic.prescriber.user, patient)
    for outcome in outcomes.UNDELIVERED:
        gone: dict[str, Any] = {"delivered_at": None, "dropped_at": NOW, "outcome": outcome}
        if outcome == outcomes.BOUNCED:
            gone |= {"delivered_at": NOW, "dropped_at": None}
        stops.update(delivered_at=None, dropped_at=None, outcome="")
        stops.filter(data__account=str(officers[0].pk)).update(**gone)
        assert "The letter did not arrive" not in page_of(clinic.prescriber.user, patient), outcome
        stops.update(**gone)
        page = words(page_of(clinic.prescriber.user, patient))
        assert "The program office: The letter did not arrive" in page, outcome
        shown = as_(officers[0]).get("/office/outbox/").content.decode()
        assert str(STATE[outcome].label) in shown, outcome
        assert "No longer wanted" not in shown, outcome


# --- the office -----------------------------------------------------------------------------------
def shown(query: str = "") -> str:
    page = as_(factories.officer()).get(f"/office/delivery/{query}").content.decode()
    return words(page[page.index("<table") if "<table" in page else page.index("No messages") :])


def test_the_office_filters_by_kind_outcome_and_age() -> None:
    message(kind="handed-over", delivered_at=NOW, outcome="bounced")
    message(kind="invitation", enqueued_at=NOW - timedelta(days=40))
    one, two = str(kind_words("handed-over")), str(kind_words("invitation"))
    found = {
        query: (one in (page := shown(query)), two in page)
        for query in ("", "?kind=invitation", "?state=bounced", "?state=waiting", "?age=day", "?age=older",
                      "?kind=invitation&state=bounced", "?kind=none&state=x&age=y", "?page=9")
    }  # fmt: skip
    assert found == {
        "": (True, True), "?kind=invitation": (False, True), "?state=bounced": (True, False),
        "?state=waiting": (False, True), "?age=day": (True, False), "?age=older": (False, True),
        "?kind=invitation&state=bounced": (False, False), "?kind=none&state=x&age=y": (True, True),
        "?page=9": (True, True),
    }  # fmt: skip


def test_the_office_reads_nobody_there(clinic: ClinicFactory) -> None:
    patient = reachable(clinic)
    message(patient, data={"to": patient.email, "account": str(clinic.prescriber.user_id)})
    page = as_(factories.officer()).get("/office/delivery/").content.decode()
    known = (patient.email, str(patient.pk), patient.number, str(clinic.prescriber.user_id))
    assert not any(word in page for word in known)


def test_long_lists_have_pages_and_cost_no_more_queries(django_assert_max_num_queries: Any) -> None:
    for _ in range(60):
        message(kind="invitation")
    client = as_(factories.officer())
    with django_assert_max_num_queries(6):
        page = client.get("/office/delivery/?kind=invitation").content.decode()
    assert "kind=invitation&amp;after=" in page


#: How far a message has come, by its columns.
COLUMNS: dict[str, dict[str, Any]] = {
    states.WAITING: {}, outcomes.FAILED: {"last_error": "OSError"}, outcomes.NOT_WANTED: {"dropped_at": NOW},
    outcomes.DELIVERED: {"delivered_at": NOW}, **{name: {"outcome": name} for name in outcomes.OUTCOMES},
}  # fmt: skip


@pytest.mark.parametrize("state", states.STATES)
def test_every_state_has_words_and_is_found(state: str) -> None:
    columns = {outcomes.NOT_WANTED: {"dropped_at": NOW}, outcomes.DELIVERED: {"delivered_at": NOW}}
    message(kind="invitation", **columns.get(state, COLUMNS[state]))
    assert str(STATE[state].label) in shown(f"?state={state}")
    assert set(STATE) == set(states.STATES)


def test_every_kind_has_words_and_none_says_what_it_is_about() -> None:
    for kind in box.kinds():
        said = str(kind_words(kind))
        assert said[0].isupper()
        assert not any(word in said.lower() for word in ("pregnan", "result", "positive", "isotretinoin", "contracep"))
    assert set(AGES) == {"day", "week", "month", "older"}


#: What the office looks for among all messages, and the index by which it is read.
LISTS: dict[str, tuple[dict[str, Any], str]] = {
    "what nobody took": ({"outcome__in": (outcomes.BOUNCED, *outcomes.FINAL)}, "message_undelivered"),
    "what was given up": ({"outcome": outcomes.GIVEN_UP}, "message_undelivered"),
    "text messages": ({"channel": "sms"}, "message_of_channel"),
    "all e-mails": ({"channel": "email"}, "message_newest"),
}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_of_few_messages_does_not_read_all(name: str) -> None:
    columns, index = LISTS[name]
    rows = states.with_state(Message.objects.filter(**columns)).order_by("-enqueued_at", "id")[:26]
    plan = plan_of(rows, off=("seqscan", "bitmapscan", "sort"))
    assert f"using {index} " in plan and "Sort" not in plan, plan


def test_messages_of_a_month_are_read_by_when_they_ended() -> None:
    rows = counts.ended_in(Message.objects.all(), NOW, NOW + timedelta(days=30)).order_by("-ended_at", "id")[:26]
    plan = plan_of(rows, off=("seqscan", "bitmapscan"))
    assert "Scan Backward using message_ended" in plan and "Seq Scan" not in plan, plan
