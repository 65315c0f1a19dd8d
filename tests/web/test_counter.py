"""The pharmacy's desk: the question, its answer, the label, what goes back to stock, the day's sheet, the training."""

import re
from datetime import UTC, date, datetime
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from compliance import documents
from compliance.commands.certifying import certification_record
from compliance.commands.lookups import MAX_OF_ONE_NUMBER
from compliance.models import Authorization
from compliance.records.programs import DEFAULT
from compliance.rules.records import PregnancyReported
from ledger import log
from ledger.actor import SYSTEM
from ledger.models import LoggedRequest
from patients import numbers
from patients.models import Patient, Prescriber
from tests import factories
from tests.clocks import Clock
from tests.factories import PASSWORD, as_, ticks
from tests.histories import ClinicFactory
from tests.web.cases import case

pytestmark = pytest.mark.django_db

MISTYPED = "This number is mistyped. Check each letter and digit."
NOBODY = "No patient with that number and date of birth."


def text_of(answer: Any) -> str:
    """What a reader reads."""
    return " ".join(re.sub(r"<[^>]+>", " ", unescape(answer.content.decode())).split())


class Counter:
    """A patient who is ready, and the pharmacist before whom they stand, on 15 December at 3:06 PM."""

    def __init__(self, clock: Clock) -> None:
        clock.set("2026-12-15T15:06-05:00")
        self.clock, self.clinic = clock, ClinicFactory()
        self.patient: Patient = self.clinic.ready()
        Patient.objects.update(given_name="Ana", family_name="Mora")
        self.patient.refresh_from_db()
        user = self.clinic.pharmacies[0].pharmacists.get().user
        user.set_password(PASSWORD)
        user.save()
        self.client: Client = as_(user)

    def ask(self, **typed: str) -> Any:
        form = {"number": self.patient.number, "born_on": "04/02/2001", "days_supply": "30", "key": str(uuid4())}
        return self.client.post("/counter/", form | typed, follow=True)

    def says(self, **typed: str) -> str:
        return str(self.ask(**typed).content.decode())


@pytest.fixture
def counter(clock: Clock) -> Counter:
    return Counter(clock)


def mistyped(number: str) -> str:
    """The number with a wrong check character."""
    return number[:-1] + next(c for c in numbers.ALPHABET if c != number[-1])


def test_the_first_field_has_the_focus_when_the_page_is_opened(counter: Counter) -> None:
    page = counter.client.get("/counter/").content.decode()
    first = page.index('name="number"')
    assert page.count("autofocus") == 1
    assert first < page.index("autofocus") < page.index('name="born_on"')


def test_wrong_check_character_is_said_beside_its_field_and_costs_no_try(counter: Counter) -> None:
    before = LoggedRequest.objects.count()
    for _ in range(MAX_OF_ONE_NUMBER + 1):
        answer = counter.ask(number=mistyped(counter.patient.number))
        assert answer.status_code == 422
        assert MISTYPED in answer.content.decode()
    assert LoggedRequest.objects.count() == before
    assert "Yes, dispense" in counter.says()


def test_number_that_belongs_to_nobody_costs_one(counter: Counter) -> None:
    before = LoggedRequest.objects.count()
    assert NOBODY in counter.says(number="ABCD2348")
    assert LoggedRequest.objects.count() == before + 1


SCANNED = {
    "the number": "{}",
    "as it is printed": "{pretty}",
    "an address": "https://clearfill.example/card/{}",
    "a card with more on it": "Patient {pretty} Ana Mora, born 04/02/2001",
}


def test_of_what_a_scanner_reads_the_number_is_taken(counter: Counter) -> None:
    for code in SCANNED.values():
        with case(code):
            number = counter.patient.number
            scanned = code.format(number, pretty=numbers.pretty(number))
            assert "Yes, dispense" in counter.says(number=scanned)


def test_scan_without_a_birth_date_keeps_the_number_and_nothing_else_of_the_code(counter: Counter) -> None:
    """Without JavaScript the Enter of a scanner sends the form; the name in the code is dropped."""
    page = counter.says(number=f"{counter.patient.number} Ana Mora", born_on="")
    assert f'value="{numbers.pretty(counter.patient.number)}"' in page
    assert "Mora" not in page


# --- the answer -------------------------------------------------------------------------------------------
def test_yes_says_for_whom_and_for_how_many_days(counter: Counter) -> None:
    page = text_of(counter.ask())
    number = numbers.pretty(counter.patient.number)
    assert f"{number} A. M., born 2001 30 days" in page
    assert f"Record hand-over to {number}, 30 days" in page


def test_no_says_for_whom_what_to_tell_the_patient_and_whom_to_call(counter: Counter) -> None:
    counter.clinic.enter(counter.patient, PregnancyReported())
    Prescriber.objects.update(phone="+12125550100")
    page = text_of(counter.ask(days_supply="28"))
    assert f"Do not dispense {numbers.pretty(counter.patient.number)} A. M., born 2001 28 days" in page
    assert "Tell the patient: Your prescriber’s practice still has something to complete. Please call them." in page
    assert f"Whom to call {counter.clinic.prescriber.practice_name}: (212) 555-0100" in page


def test_of_a_hand_over_a_yes_says_how_it_is_put_right_and_a_no_nothing(counter: Counter) -> None:
    assert "A hand-over cannot be taken back" in counter.says()
    counter.clinic.enter(counter.patient, PregnancyReported())
    assert "A hand-over cannot be taken back" not in counter.says()


def test_answer_names_no_name_and_no_birth_date(counter: Counter) -> None:
    page = counter.says()
    assert counter.patient.family_name not in page
    assert "04/02/2001" not in page and "2001-04-02" not in page


def test_no_after_a_hand_over_of_today_says_when_it_was(counter: Counter) -> None:
    assert "Yes, dispense" in counter.says()
    hand_over(counter)
    counter.clock.set("2026-12-15T16:30-05:00")
    page = text_of(counter.ask())
    assert "Do not dispense" in page
    assert "You handed this out today at 3:06 PM New York time." in page
    counter.clock.set("2026-12-16T09:00-05:00")
    assert "You handed this out" not in text_of(counter.ask())


def test_another_pharmacy_is_not_told_of_it(counter: Counter) -> None:
    assert "Yes, dispense" in counter.says()
    hand_over(counter)
    other = as_(counter.clinic.pharmacies[1].pharmacists.get().user)
    form = {"number": counter.patient.number, "born_on": "04/02/2001", "days_supply": "30", "key": str(uuid4())}
    page = text_of(other.post("/counter/", form, follow=True))
    assert "Do not dispense" in page
    assert "You handed this out" not in page


def test_no_beside_an_open_authorization_of_this_pharmacy_leads_to_it(counter: Counter) -> None:
    assert "Yes, dispense" in counter.says()
    row = Authorization.objects.get()
    page = counter.says()
    assert "Your pharmacy has an open authorization for this patient, from 3:06 PM" in page
    assert f"/counter/authorizations/{row.pk}/" in page


def test_answer_is_the_same_after_back_and_reload_and_asks_nothing_again(counter: Counter) -> None:
    answer = counter.ask()
    path = answer.redirect_chain[-1][0]
    before = LoggedRequest.objects.count()
    again = counter.client.get(path)
    assert text_of(again) == text_of(answer)
    assert LoggedRequest.objects.count() == before


def hand_over(counter: Counter) -> str:
    row = Authorization.objects.get()
    form = {"key": str(uuid4())}
    return text_of(counter.client.post(f"/counter/authorizations/{row.pk}/dispense/", form, follow=True))


def test_after_a_hand_over_the_next_patient_has_the_focus(counter: Counter) -> None:
    counter.ask()
    row = Authorization.objects.get()
    said = hand_over(counter)
    assert f"Recorded: handed over to {numbers.pretty(counter.patient.number)}, 30 days." in said
    page = counter.client.get(f"/counter/authorizations/{row.pk}/").content.decode()
    (focused,) = re.findall(r"<a [^>]*autofocus[^>]*>([^<]*)", page)
    assert focused == "Next patient"


# --- the label --------------------------------------------------------------------------------------------
def test_label_is_there_while_it_may_be_dispensed(counter: Counter) -> None:
    counter.ask()
    row = Authorization.objects.get()
    path = f"/counter/authorizations/{row.pk}/label/"
    page = text_of(counter.client.get(path))
    assert f"Authorization: {row.number} Do not dispense after: Sat, Dec 19, 2026" in page
    assert f"Patient number: {numbers.pretty(counter.patient.number)}" in page
    hand_over(counter)
    assert counter.client.get(path).status_code == 404


# --- what goes back to stock ------------------------------------------------------------------------------
def authorized(clinic: ClinicFactory, count: int) -> list[Authorization]:
    patients = [clinic.ready() for _ in range(count)]
    for patient in patients:
        assert clinic.authorize(patient).allowed
    return [Authorization.objects.get(patient=patient) for patient in patients]


def shown_numbers(page: str, rows: list[Authorization]) -> list[str]:
    """The authorizations in the order in which the page lists them."""
    return sorted((row.number for row in rows if row.number in page), key=page.index)


def test_void_stands_before_expired_before_open(counter: Counter) -> None:
    first, void = authorized(counter.clinic, 2)
    Authorization.objects.filter(pk=first.pk).update(dispense_by="2026-12-14", first_day="2026-12-10")
    counter.clinic.enter(void.patient, PregnancyReported())
    (still_open,) = authorized(counter.clinic, 1)
    page = counter.client.get("/counter/authorizations/").content.decode()
    assert shown_numbers(page, [first, void, still_open]) == [void.number, first.number, still_open.number]


def test_those_that_are_ticked_are_reversed_and_no_other(counter: Counter) -> None:
    rows = authorized(counter.clinic, 3)
    for row in rows:
        counter.clinic.enter(row.patient, PregnancyReported())
    path = "/counter/authorizations/"
    page = counter.client.get(path).content.decode()
    assert page.count('name="back_in_stock"') == 3
    assert "checked" not in page
    form = {"back_in_stock": [str(row.pk) for row in rows[:2]], "key": str(uuid4())}
    for _ in range(2):
        said = text_of(counter.client.post(f"{path}reverse/", form, follow=True))
        assert "2 authorizations are reversed." in said
    states = [Authorization.objects.get(pk=row.pk).state for row in rows]
    assert states == ["reversed", "reversed", "void"]


def test_nothing_ticked_reverses_nothing_and_says_so(counter: Counter) -> None:
    (row,) = authorized(counter.clinic, 1)
    said = text_of(counter.client.post("/counter/authorizations/reverse/", {"key": str(uuid4())}, follow=True))
    assert "Tick each product that is back in stock" in said
    assert Authorization.objects.get(pk=row.pk).state == "open"


def test_one_of_another_pharmacy_is_not_reversed(counter: Counter) -> None:
    (row,) = authorized(counter.clinic, 1)
    other = as_(counter.clinic.pharmacies[1].pharmacists.get().user)
    form = {"back_in_stock": [str(row.pk)], "key": str(uuid4())}
    other.post("/counter/authorizations/reverse/", form)
    assert Authorization.objects.get(pk=row.pk).state == "open"


# --- the sheet of the day ---------------------------------------------------------------------------------
def test_sheet_names_what_happened_by_number_and_initials(counter: Counter) -> None:
    counter.ask()
    hand_over(counter)
    counter.clock.set("2026-12-15T16:30-05:00")
    counter.ask()
    row, number = Authorization.objects.get(), numbers.pretty(counter.patient.number)
    answer = counter.client.get("/counter/authorizations/day/")
    page = text_of(answer)
    assert f"3:06 PM {number} A. M. Authorized {row.number} 30" in page
    assert f"3:06 PM {number} A. M. Handed over {row.number} 30" in page
    assert f"4:30 PM {number} A. M. Do not dispense 30" in page
    assert "As of: Tue, Dec 15, 2026, 4:30 PM New York time" in page
    assert counter.clinic.pharmacies[0].pharmacists.get().user.name in page
    assert "Mora" not in answer.content.decode()


def test_sheet_of_another_day_or_pharmacy_has_none_of_it(counter: Counter) -> None:
    counter.ask()
    number = numbers.pretty(counter.patient.number)
    other = as_(counter.clinic.pharmacies[1].pharmacists.get().user)
    assert number not in text_of(other.get("/counter/authorizations/day/"))
    counter.clock.set("2026-12-16T09:00-05:00")
    assert number not in text_of(counter.client.get("/counter/authorizations/day/"))
    assert number in text_of(counter.client.get("/counter/authorizations/day/?day=2026-12-15"))


def test_sheet_takes_the_same_queries_however_long_it_is(counter: Counter) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert counter.client.get("/counter/authorizations/day/").status_code == 200
        return len(captured)

    counter.ask()
    few = queries()
    authorized(counter.clinic, 5)
    assert queries() == few


# --- the training -----------------------------------------------------------------------------------------
def test_wrong_answer_is_explained_and_nothing_is_signed(counter: Counter) -> None:
    question = documents.questions(version=1, bank="pharmacy-questions")[0]
    form = ticks("pharmacy-attestation") | {"signer_password": PASSWORD, "key": str(uuid4())}
    wrong = form | {question.id: str((question.right + 1) % len(question.choices))}
    page = counter.client.get("/counter/profile/training/").content.decode()
    sent = form_with_text(page)
    answer = counter.client.post("/counter/profile/training/", sent | wrong)
    assert answer.status_code == 422
    assert question.explanation in text_of(answer)
    assert [row.kind for row in log.read(counter.clinic.pharmacies[0].pk)].count("trained") == 0
    assert counter.client.post("/counter/profile/training/", sent | form).status_code == 302
    assert [row.kind for row in log.read(counter.clinic.pharmacies[0].pk)].count("trained") == 1


def form_with_text(page: str) -> dict[str, str]:
    """What the page shows of the text that is signed."""
    (sha256,) = re.findall(r'name="displayed_sha256" value="([^"]*)"', page)
    return {"displayed_sha256": sha256}


def test_training_has_ten_questions(counter: Counter) -> None:
    questions = documents.questions(version=1, bank="pharmacy-questions")
    assert len({question.id for question in questions}) == 10
    assert len({question.right for question in questions}) == 3, "the right answer stands in each place"


@pytest.mark.parametrize(("last", "offered"), [("2027-02-01", False), ("2026-12-20", True)])
def test_training_is_offered_at_the_counter_when_it_is_due(clock: Clock, last: str, offered: bool) -> None:
    clock.set("2026-12-15T15:06-05:00")
    counter = factories.pharmacist()
    span = certification_record(date(2026, 1, 1), date.fromisoformat(last), DEFAULT.code)
    at = datetime(2026, 1, 1, tzinfo=UTC)
    log.append("pharmacy", counter.pharmacy.pk, [span], head=log.EMPTY, by=SYSTEM, at=at, request_id=uuid4())
    page = as_(counter.user).get("/counter/").content.decode()
    assert ("/counter/profile/training/" in page) is offered
