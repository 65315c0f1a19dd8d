"""The practice's worklist: its order, counts that add up and filter, the search, and how a reader keeps the place."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.roles import PRESCRIBER
from compliance.models import PatientStatus
from patients.models import Patient, Prescriber
from patients.names import name_key
from patients.search import searched
from tests import factories
from tests.factories import as_
from tests.histories import NOW, ClinicFactory
from tests.web.cases import case
from tests.web.unrendered import unrendered
from web.prescriber.worklist import Filters, filtered, in_order

pytestmark = pytest.mark.django_db

TODAY = NOW.date()


def on(days: int) -> date:
    return TODAY + timedelta(days=days)


def standing(prescriber: Prescriber, name: str = "Ada Quill", **columns: Any) -> Patient:
    """A patient whose status says this."""
    given, _space, family = name.partition(" ")
    row = factories.patient(prescriber)
    row.given_name, row.family_name, row.name_key = given, family, name_key(given, family)
    row.save(update_fields=["given_name", "family_name", "name_key"])
    values = {"stage": "month", "log_number": 1, "editions": "", "assessed_at": NOW, "program": row.program} | columns
    PatientStatus.objects.update_or_create(patient=row, defaults=values)
    return row


def names(answer: Any) -> list[str]:
    return [row.given_name for row in answer.context["page"]]


def page(user: User, query: str = "") -> Any:
    answer = as_(user).get(f"/prescriber/{query}")
    assert answer.status_code == 200
    return answer


def listed(doctor: Prescriber, query: str) -> int:
    """How many rows the prescriber's list of that address has: by the page's own query, without its words."""
    rows = in_order(Patient.objects.filter(prescriber=doctor), PRESCRIBER, TODAY)
    return filtered(rows, Filters.of(QueryDict(query.removeprefix("?"))), "").count()


def words(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


@pytest.fixture
def mixed(clinic: ClinicFactory) -> Prescriber:
    """One patient of each place in the list, in another order."""
    doctor = clinic.prescriber
    soon, missing = {"window_first": on(-3), "window_last": on(3)}, [["counselling-missing", None]]
    standing(doctor, "Later X", stage="between-fills", blockers=[["monthly-test-missing", None]],
             prescriber_acts_from=on(10), designee_acts_from=on(10))  # fmt: skip
    standing(doctor, "Closed X", stage="closed", blockers=[["not-enrolled", None]])
    standing(doctor, "Test X", stage="second-test", blockers=[["confirmatory-test-missing", None]],
             prescriber_acts_from=on(-1), designee_acts_from=on(-1))  # fmt: skip
    standing(doctor, "Pharmacy X", stage="ready", window_last=on(5))
    standing(doctor, "Soon X", blockers=missing, **soon, prescriber_acts_from=on(0), designee_acts_from=on(0))
    standing(doctor, "Theirs X", blockers=[["comprehension-missing", None]], **soon)
    standing(doctor, "Missed X", stage="window-missed", blockers=[["window-expired", None]], window_last=on(-2),
             prescriber_acts_from=on(0), designee_acts_from=on(0))  # fmt: skip
    standing(doctor, "Stopped X", stage="stopped", blockers=[["stop-open", None]], prescriber_acts_from=on(0))
    return doctor


def test_order_is_stops_missed_what_closes_what_can_be_done_today_and_the_rest(mixed: Prescriber) -> None:
    with unrendered():
        assert names(page(mixed.user)) == [
            "Stopped", "Missed", "Soon", "Theirs", "Pharmacy", "Test", "Later", "Closed",
        ]  # fmt: skip


def test_needs_me_today_holds_only_what_this_reader_can_do(mixed: Prescriber) -> None:
    with unrendered():
        assert names(page(mixed.user, "?mine=1")) == ["Stopped", "Missed", "Soon", "Test"]
    designee = factories.designee(mixed).user
    with unrendered():
        assert names(page(designee, "?mine=1")) == ["Missed", "Soon", "Test"], "nobody clears a stop for the prescriber"


def test_each_row_says_what_is_missing_who_acts_and_when(mixed: Prescriber) -> None:
    shown = words(page(mixed.user))
    for row in (
        "You: visit closes in 3 days, ",
        "Patient: questions closes in 3 days, ",
        "Pharmacy: authorization closes in 5 days, ",
        "You: second test now",
        f"You: test in 10 days, from {on(10):%a, %b} {on(10).day}",
    ):
        assert row in shown, row
    assert "Prescriber: stop to clear" in words(page(factories.designee(mixed).user))


def test_counts_of_stages_and_of_reasons_add_up_and_filter(mixed: Prescriber) -> None:
    for query in ["", "?mine=1", "?missing=counselling-missing", "?stage=month", "?mine=1&stage=month"]:
        with case(query):
            with unrendered():
                answer = page(mixed.user, query)
            shown, filters = len(names(answer)), answer.context["filters"]
            for choices, chosen in (
                (answer.context["stages"], filters.stage),
                (answer.context["reasons"], filters.missing),
            ):
                every, *each = choices
                assert every.number == sum(choice.number for choice in each)
                number = {choice.code: choice.number for choice in choices}
                assert number[chosen] == shown
                for choice in choices:
                    assert listed(mixed, choice.url) == choice.number, choice
            assert answer.context["numbers"].mine == listed(mixed, filters.address(mine="1"))


# --- who asks ---------------------------------------------------------------------------------------
@pytest.fixture
def asking(clinic: ClinicFactory) -> Prescriber:
    """Two who ask, one of them before the practice has anything else to do, and one who does not."""
    doctor = clinic.prescriber
    visit: dict[str, Any] = {"blockers": [["counselling-missing", None]], "window_last": on(3)}
    standing(doctor, "Waits X", stage="lead-in", blockers=[["lead-in-not-complete", on(9).isoformat()]],
             prescriber_acts_from=on(9), designee_acts_from=on(9), asks_since=on(-2))  # fmt: skip
    standing(doctor, "Both X", **visit, prescriber_acts_from=on(0), designee_acts_from=on(0), asks_since=on(0))
    standing(doctor, "Quiet X", stage="between-fills", blockers=[["monthly-test-missing", None]],
             prescriber_acts_from=on(9), designee_acts_from=on(9))  # fmt: skip
    return doctor


def test_who_asks_is_listed_as_such_counted_and_filtered(asking: Prescriber) -> None:
    for reader in (asking.user, factories.designee(asking).user):
        answer = page(reader)
        assert names(answer) == ["Both", "Waits", "Quiet"]
        shown = words(answer)
        assert "You: a question to answer, visit closes in 3 days" in shown
        assert "You: a question to answer now" in shown, "who asks waits for no day"
        assert "Asks you something 2" in shown
        with unrendered():
            assert names(page(reader, answer.context["asks_url"])) == ["Both", "Waits"]
            assert names(page(reader, "?mine=1")) == ["Both", "Waits"], "an answer is something that can be done today"


def test_counts_beside_the_questions_are_what_each_choice_shows(asking: Prescriber) -> None:
    for query in ["?asks=1", "?asks=1&mine=1", "?asks=1&stage=lead-in", "?mine=1"]:
        with case(query):
            with unrendered():
                answer = page(asking.user, query)
            filters, numbers = answer.context["filters"], answer.context["numbers"]
            for choice in (*answer.context["stages"], *answer.context["reasons"]):
                assert listed(asking, choice.url) == choice.number, choice
            assert numbers.asks == listed(asking, filters.address(asks="1"))
            assert numbers.mine == listed(asking, filters.address(mine="1"))


def test_nobody_asks_and_nothing_is_said_of_it(mixed: Prescriber) -> None:
    assert "Asks you something" not in words(page(mixed.user))
    assert "Nobody asks you anything now" in words(page(mixed.user, "?asks=1"))


# --- the search -----------------------------------------------------------------------------------
#: What is typed, and who is found.
FOUND = {
    "the given name": ("josé", "José"),
    "without its accent": ("jose", "José"),
    "in capitals": ("JOSE", "José"),
    "both names": ("José Núñez-Ortega", "José"),
    "the family name first": ("nunez jose", "José"),
    "with a comma": ("Núñez-Ortega, José", "José"),
    "the second half of a family name": ("ortega", "José"),
    "the beginnings of both": ("or jo", "José"),
    "three letters within a word": ("ose", "José"),
    "three letters of another alphabet": ("ван", "Анна"),
    "an apostrophe left out": ("oneill", "Maeve"),
    "what follows an apostrophe": ("neill", "Maeve"),
    "a curly apostrophe": ("O’Neill", "Maeve"),
    "an umlaut spelt out": ("mueller", "Jörg"),
    "an umlaut left out": ("muller", "Jörg"),
    "a letter of another alphabet": ("иванова", "Анна"),
    "the birth date, the month first": ("7/9/1998", "Maeve"),
    "the birth date in digits": ("07091998", "Maeve"),
    "the birth date as machines write it": ("1998-07-09", "Maeve"),
    "the telephone number": ("(212) 555-0147", "Jörg"),
    "the telephone number with its country": ("+1 212 555 0147", "Jörg"),
    "the end of the telephone number": ("555-0147", "Jörg"),
}


@pytest.fixture
def people(clinic: ClinicFactory) -> dict[str, Patient]:
    doctor = clinic.prescriber
    made = [standing(doctor, name) for name in ("José Núñez-Ortega", "Maeve O'Neill", "Jörg Müller", "Анна Иванова")]
    Patient.objects.filter(pk=made[1].pk).update(born_on=date(1998, 7, 9))
    Patient.objects.filter(pk=made[2].pk).update(phone="212-555-0147")
    return {row.given_name: row for row in made}


def test_search_finds(people: dict[str, Patient]) -> None:
    found = {name: [row.given_name for row in searched(Patient.objects.all(), FOUND[name][0])] for name in FOUND}
    assert found == {name: [given] for name, (_typed, given) in FOUND.items()}


def test_search_finds_by_the_number_however_it_is_typed(people: dict[str, Patient]) -> None:
    number = people["Maeve"].number
    for typed in (number, number.lower(), f"{number[:4]}-{number[4:]}", f" {number[:4]} {number[4:]} "):
        assert [row.given_name for row in searched(Patient.objects.all(), typed)] == ["Maeve"], typed


NOBODY = ("neill x", "se", "neill lle", "maeve jose", "07101998", "0147", "%", "_", "\\", "' or 1=1", "xyzzy")


def test_search_finds_nobody(people: dict[str, Patient]) -> None:
    assert [typed for typed in NOBODY if searched(Patient.objects.all(), typed).exists()] == []


def sought(client: Client, typed: str, **filters: str) -> Any:
    return client.post("/prescriber/", {"q": typed} | filters)


def test_what_is_typed_stands_in_no_address_and_filters_do(people: dict[str, Patient], clinic: ClinicFactory) -> None:
    client = as_(clinic.prescriber.user)
    answer = sought(client, "núñez", stage="month")
    assert re.fullmatch(r"/prescriber/\?stage=month&search=[0-9a-f]{8}", answer["Location"])
    assert names(client.get(answer["Location"])) == ["José"]
    assert len(names(client.get("/prescriber/?stage=month"))) == 4, "an address without a handle searches for nobody"
    assert len(names(client.get("/prescriber/"))) == 4


def test_two_windows_search_for_two_people(people: dict[str, Patient], clinic: ClinicFactory) -> None:
    client = as_(clinic.prescriber.user)
    one, other = (sought(client, typed)["Location"] for typed in ("núñez", "neill"))
    assert names(client.get(one)) == ["José"]
    assert names(client.get(other)) == ["Maeve"]
    assert sought(client, "  ")["Location"] == "/prescriber/"


def test_search_of_another_session_is_over(people: dict[str, Patient], clinic: ClinicFactory) -> None:
    address = sought(as_(clinic.prescriber.user), "núñez")["Location"]
    answer = page(clinic.prescriber.user, address.removeprefix("/prescriber/"))
    assert "This search is over" in words(answer)
    assert len(names(answer)) == 4


def test_search_is_among_the_readers_own(people: dict[str, Patient], clinic: ClinicFactory) -> None:
    client = as_(clinic.other.user)
    assert names(client.get(sought(client, "núñez")["Location"])) == []


@pytest.mark.parametrize(
    "query",
    [
        "?stage=x&missing=x&mine=&asks=&search=%27&after=x",
        "?list=1&after=5e0d6dd8-7b8f-4a53-a42c-4cf0b1d0f2a1&search=ff",
    ],
)
def test_filters_of_an_address_hold_only_what_is_listed(clinic: ClinicFactory, query: str) -> None:
    request: Any = page(clinic.prescriber.user, query).wsgi_request
    filters = Filters.of(request.GET)
    assert (filters.stage, filters.missing, filters.mine, filters.asks) == ("", "", False, False)
    assert "x" not in filters.here() and "'" not in filters.here()


# --- a thousand -----------------------------------------------------------------------------------
def test_a_thousand_patients_take_as_many_queries_as_one(clinic: ClinicFactory) -> None:
    doctor, client = clinic.prescriber, as_(clinic.prescriber.user)
    factories.patient(doctor)
    base = {"prescriber": doctor, "program": doctor.program, "created_at": NOW}
    alphabet = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
    rows = [
        Patient(
            number="2222" + "".join(alphabet[number // 30**place % 30] for place in range(4)), given_name=f"G{number}",
            family_name=f"Name{number % 700}", name_key=f"g{number} name{number % 700}",
            born_on=date(1990, 1, 1) + timedelta(days=number), **base,
        )
        for number in range(1000)
    ]  # fmt: skip
    Patient.objects.bulk_create(rows)
    stages = ("month", "between-fills", "lead-in", "stopped", "closed", "ready", "window-missed")
    PatientStatus.objects.bulk_create(
        PatientStatus(
            patient=row, program=row.program, stage=stages[number % 7], log_number=1, editions="", assessed_at=NOW,
            blockers=[["counselling-missing", None]], window_last=on(number % 9),
            prescriber_acts_from=on(number % 20 - 10), asks_since=on(-1) if number % 3 else None,
        )
        for number, row in enumerate(rows)
    )  # fmt: skip
    with connection.cursor() as cursor:  # As autovacuum does for rows that are committed.
        cursor.execute("ANALYZE patients_patient, compliance_patientstatus")
    found = sought(client, "name69 g6")["Location"]
    for path in ("/prescriber/", "/prescriber/?mine=1&stage=month", "/prescriber/?asks=1", found):
        with CaptureQueriesContext(connection) as queries:
            answer: Any = client.get(path)
        assert answer.status_code == 200
        assert answer.context["numbers"].every, path
        assert len(queries) <= 12, path
    assert all(row.family_name.startswith("Name69") for row in answer.context["page"])
