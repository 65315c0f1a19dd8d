"""Long lists by keyset: every list page gives each row once, forwards and backwards, and neither counts nor skips rows.

What is asked of the database is seen at the statement, and addresses say nothing of anybody.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import events
from accounts.models import User
from accounts.roles import PRESCRIBER
from compliance.commands import erasure
from compliance.commands.enrolment import NewPatient
from compliance.models import (
    Authorization,
    ComplianceCase,
    ComplianceSignal,
    FigureProgress,
    MonthlyFigure,
    PatientStatus,
    WhatIf,
)
from compliance.records.programs import program_day
from compliance.rules.records import Counselled, Entry, PregnancyReported
from ledger import access_log, clock
from ledger.actor import Actor
from ledger.models import LoggedRequest, LogRecord
from outbox.models import Message
from patients.models import HeldEnrolment, Patient, Pharmacy
from patients.people import actor_of
from tests import amount, factories
from tests.factories import as_
from tests.histories import NOW, ClinicFactory
from tests.linked import link
from tests.security.reading import next_page
from tests.web.test_delivery import message
from tests.web.test_signed_documents import confirm
from tests.web.unrendered import unrendered
from web.office import months
from web.patient import access_log_presenter
from web.shared import lists

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parents[2]


# --- the lists, each with what adds a row to it -----------------------------------------------------------
@dataclass
class Place:
    """Those who stand in all lists."""

    clinic: ClinicFactory
    patient: Patient
    officer: User

    @property
    def doctor(self) -> User:
        return self.clinic.prescriber.user

    @property
    def pharmacist(self) -> User:
        return self.clinic.pharmacies[0].pharmacists.get().user


def patient(place: Place, number: int) -> Patient:
    """Of one name each two, in three stages, some with a window."""
    row = factories.patient(place.clinic.prescriber)
    row.family_name, row.given_name = "Same", "Name" if number % 2 else "Other"
    row.save(update_fields=["family_name", "given_name"])
    window = {"window_last": NOW.date() + timedelta(days=number // 2)} if number % 3 else {}
    stage = ("stopped", "lead-in", "stopped", "")[number % 4]
    PatientStatus.objects.create(
        patient=row, program=row.program, stage=stage, log_number=1, editions="", assessed_at=NOW, **window
    )
    return row


def authorization(place: Place, number: int, **columns: Any) -> None:
    """Two each of one day."""
    row = factories.patient(place.clinic.prescriber)
    day = NOW.date() + timedelta(days=number // 2)
    values = {"first_day": day - timedelta(days=7), "dispense_by": day, **columns}
    Authorization.objects.create(
        number=f"A{number:07d}", patient=row, pharmacy=place.clinic.pharmacies[0], record=1, issued_at=NOW,
        days_supply=30, **values,
    )  # fmt: skip


def handed_over(place: Place, number: int) -> None:
    on = NOW.date() + timedelta(days=number // 2)
    authorization(place, number, state="dispensed", handed_over_on=on, entered_on=on + timedelta(days=1))


def held(place: Place, number: int) -> None:
    new = NewPatient(
        given_name="A", family_name="B", born_on=date(2001, 4, 2), email="", phone="", category="can_become_pregnant"
    )
    at = NOW - timedelta(hours=number // 2)
    HeldEnrolment.objects.create(prescriber=place.clinic.prescriber, created_at=at, data=new.plain())


def erasure_asked(place: Place, number: int) -> None:
    row = factories.patient(place.clinic.prescriber)
    erasure.ask(patient=row.pk, by=Actor(factories.officer().pk, "officer"), at=NOW, key=uuid4())


def refused(place: Place, number: int) -> None:
    LoggedRequest.objects.create(
        actor=uuid4(), key=uuid4(), action="authorize", at=NOW + timedelta(seconds=number // 2), body_hash="0" * 64,
        codes=["no-such-patient"], request_id=uuid4(),
    )  # fmt: skip


def account_event(place: Place, number: int) -> None:
    events.note(place.officer.pk, "account_closed", by=actor_of(place.officer), at=NOW, key=uuid4())


def linked(place: Place, number: int) -> None:
    one, other = place.clinic.ready(), place.clinic.ready()
    link(one.pk, other.pk, at=NOW + timedelta(hours=1))


def suspended(place: Place, number: int) -> None:
    row = factories.prescriber(state="suspended")
    factories.patient(row)


def pharmacy(place: Place, number: int) -> None:
    program = place.clinic.prescriber.program
    Pharmacy.objects.create(name="Corner", npi=factories.npi(), state="applied", program=program)


def offered(place: Place, number: int) -> None:
    row = factories.patient(factories.prescriber())
    row.offered_to = place.clinic.prescriber
    row.save(update_fields=["offered_to"])


def viewed(place: Place, number: int) -> None:
    by = Actor(factories.account(PRESCRIBER).pk, PRESCRIBER)
    access_log.add(place.patient.pk, by=by, what="patient", why="own-patient", at=NOW - timedelta(days=number // 2))


def expecting(place: Place, number: int) -> None:
    assert place.clinic.enter(place.clinic.ready(), PregnancyReported())


def compliance_case(place: Place, number: int) -> None:
    """Two each due on one day."""
    ComplianceCase.objects.create(
        place_kind="prescriber", place=place.clinic.prescriber.pk, number=number + 10, signal="", opened_at=NOW,
        stage="opened", stage_at=NOW, is_appealed=False, waits_for="office",
        due_on=NOW.date() + timedelta(days=number // 2),
    )  # fmt: skip


def signal(place: Place, number: int) -> None:
    ComplianceSignal.objects.create(
        code="backdated", day=NOW.date() - timedelta(days=number // 2), place_kind="prescriber",
        place=place.clinic.prescriber.pk, patient=place.patient.pk, record=number + 1,
    )  # fmt: skip


def ended(place: Place, number: int) -> None:
    place.clinic.ended()


def methods_differ(place: Place, number: int) -> None:
    status = PatientStatus.objects.get(patient=place.clinic.ready())
    status.blockers = [["contraception-mismatch", None]]
    status.save(update_fields=["blockers"])


def figure_of_a_place(place: Place, number: int) -> None:
    """Two each of one number, in the month that is shown first: the last one that is over."""
    month = months.before(program_day(clock.now()).replace(day=1))
    FigureProgress.objects.get_or_create(defaults={"last_day": months.following(month) - timedelta(days=1)})
    MonthlyFigure.objects.create(month=month, figure="fills", place=uuid4(), number=100 - number // 2)


Add = Callable[[Place, int], object]
Open = Callable[[Place], tuple[User | None, str]]


def office(name: str, chosen: str = "") -> Open:
    return lambda place: (place.officer, f"/office/{name}/{chosen}")


LISTS: dict[str, tuple[Add, Open]] = {
    "worklist": (patient, lambda place: (place.doctor, "/prescriber/")),
    "worklist of a stage": (patient, lambda place: (place.doctor, "/prescriber/?stage=stopped")),
    "practice": (held, lambda place: (place.doctor, "/prescriber/practice/")),
    "offers": (offered, lambda place: (place.doctor, reverse("prescriber:transfers"))),
    "counter": (authorization, lambda place: (place.pharmacist, "/counter/authorizations/")),
    "record": (
        lambda place, _n: place.clinic.enter(place.patient, Counselled(NOW.date())),
        lambda place: (place.patient.user, "/patient/record/"),
    ),
    "access log": (viewed, lambda place: (place.patient.user, "/patient/record/access-log/")),
    "signed": (lambda place, n: confirm(place.clinic, place.patient, n), lambda place: (place.doctor, "/documents/")),
    "practices": (lambda *_: factories.prescriber(), office("certifications")),
    "office patient": (
        lambda place, _n: place.clinic.enter(place.patient, Counselled(NOW.date())),
        lambda place: (place.officer, reverse("office:patient", kwargs={"patient": place.patient.pk})),
    ),
    "what if": (
        lambda place, n: WhatIf.objects.create(
            edition="2026", total=1, asked_by=place.officer.pk, asked_at=NOW + timedelta(hours=n // 2)
        ),
        office("oversight/what-if"),
    ),
    "cases": (expecting, office("oversight/cases")),
    "all cases": (expecting, office("oversight/cases", "?state=all")),
    "cases of non-compliance": (compliance_case, office("oversight/noncompliance")),
    "all cases of non-compliance": (compliance_case, office("oversight/noncompliance", "?state=all")),
    "signals": (signal, office("oversight/noncompliance/signals")),
    "signals of a kind": (signal, office("oversight/noncompliance/signals", "?kind=backdated")),
    "a stage": (patient, office("oversight/stages/stopped")),
    "ended courses": (ended, office("oversight/happened/ended")),
    "methods that differ": (methods_differ, office("oversight/now/mismatch")),
    "a figure": (figure_of_a_place, office("oversight/fills")),
    "applications": (lambda *_: factories.prescriber(state="applied"), office("applications")),
    "pharmacies": (pharmacy, office("certifications", "?kind=pharmacy")),
    "held": (held, office("duplicates")),
    "overdue": (lambda place, n: authorization(place, n, state="void"), office("overdue")),
    "late": (handed_over, office("late")),
    "request log": (refused, office("request-log")),
    "accounts": (account_event, office("accounts")),
    "account": (account_event, lambda place: (place.officer, f"/office/accounts/{place.officer.pk}/")),
    "erasures": (erasure_asked, office("erasures")),
    "outbox": (lambda *_: message(kind="invitation"), office("outbox")),
    "delivery": (lambda *_: message(kind="invitation"), office("delivery", "?kind=invitation")),
    "links": (linked, office("links")),
    "without prescriber": (suspended, lambda place: (place.officer, reverse("office:without_prescriber"))),
    "hand over": (
        patient,
        lambda place: (place.officer, reverse("office:hand_over", kwargs={"prescriber": place.clinic.prescriber.pk})),
    ),
}  # fmt: skip


@pytest.fixture
def place(clinic: ClinicFactory) -> Place:
    return Place(clinic, clinic.ready(), factories.officer())


def ids(answer: Any) -> list[str]:
    """The rows of a page, by what tells one from another."""
    page = answer.context.get("held") if "delegates" in answer.context else answer.context["page"]
    return [str(_id(row)) for row in page]


def _id(row: Any) -> object:
    if isinstance(row, tuple):
        return row[0].number
    if isinstance(row, Entry):
        return row.number
    return row.pk if hasattr(row, "pk") else access_log_presenter.id_of(row)


def test_every_list_of_the_pages_is_in_the_table() -> None:
    used = re.compile(r"(?<!def )\bpage_of(?:_list)?\(")
    calls = [call for path in (ROOT / "web").rglob("*.py") for call in used.findall(path.read_text())]
    assert len(calls) == len(LISTS.keys() - {"worklist of a stage", "signals of a kind"})


@dataclass
class Walk:
    """A reader who goes from page to page."""

    client: Client
    path: str
    add: Callable[[], object]
    statements: list[list[str]]

    def get(self, more: str = "") -> Any:
        with CaptureQueriesContext(connection) as queries:
            answer = self.client.get(self.path.split("?")[0] + more if more else self.path)
        assert answer.status_code == 200, (self.path, more)
        self.statements.append([query["sql"] for query in queries])
        return answer

    def through(self, first: Any, rel: str = "next") -> list[list[str]]:
        """The rows of each page from that one on; before each of the next two, a row is added to the list."""
        pages, answer = [ids(first)], first
        while more := next_page(answer.content.decode(), rel):
            assert len(pages) < 40
            if len(pages) <= 2:
                self.add()
            answer = self.get(more)
            pages.append(ids(answer))
        self.last = answer
        return pages


def walk(place: Place, name: str) -> Walk:
    add, opened = LISTS[name]
    for number in range(5):
        add(place, number)
    numbers = iter(range(5, 200))
    reader, path = opened(place)
    return Walk(as_(reader), path, lambda: add(place, next(numbers)), [])


@pytest.mark.parametrize("name", LISTS)
def test_every_list_gives_each_row_once_while_rows_are_added_at_the_same_cost(
    place: Place, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forwards and back; and no page counts or skips rows, or takes an id for more than it is."""
    reader = walk(place, name)
    with unrendered():
        every = ids(reader.get())
    assert len(every) >= 3 and len({*every}) == len(every)
    monkeypatch.setattr(lists, "PAGE_LENGTH", 2)
    reader.statements.clear()
    first = reader.get()
    address = next_page(first.content.decode())
    assert re.fullmatch(r"\?(?:(?:stage|kind|state)=\w+&)?after=[0-9a-f-]{1,36}", address), "it says more than an id"
    pages = reader.through(first)
    told = [row for page in pages for row in page]
    assert len({*told}) == len(told), "a row stands on two pages"
    assert [row for row in told if row in every] == every, "a row is missing, or the order is another"
    assert all(len(page) == 2 for page in pages[:-1])
    if amount.EVERYTHING or [*LISTS].index(name) % 3 == 2:
        back = reader.through(reader.last, "prev")
        told = [row for page in reversed(back) for row in page]
        assert len({*told}) == len(told)
        assert [row for row in told if row in every] == every
    costs_the_same(reader.statements)
    gives_its_first_page(reader, name)


def costs_the_same(statements: list[list[str]]) -> None:
    """None of the statements of the pages counts or skips, and there are as many for each page."""
    for statement in (one for page in statements for one in page):
        assert "OFFSET" not in statement
        # Those of the rows that are shown, and of the reader's own, are counted by an index.
        # A figure's rows of one month are as many as there are places.
        few = ("GROUP BY", "patients_patient", "compliance_monthlyfigure")
        assert not re.search(r"COUNT\(", statement) or any(one in statement for one in few)
    first, *later = [len(page) for page in statements]
    assert max(later) <= first + 1, "a page takes one query more than the first: where the row stands"
    assert max(later) - min(later) <= 1


HOSTILE = ("x", "", "0", "-1", "9" * 300, "1e9", "\0", "%00", "٣", str(uuid4()), "' OR 1=1", "after")


def gives_its_first_page(reader: Walk, name: str) -> None:
    """An id that is not in the list does, whatever it is: typed by hand, or of somebody else's row."""
    stranger = str(factories.patient(factories.prescriber()).pk)
    with unrendered():
        first = ids(reader.get())
    filters = dict(pair.split("=") for pair in reader.path.partition("?")[2].split("&") if pair)
    for typed, word in hostile(name, stranger):
        with unrendered():
            answer: Any = reader.client.get(reader.path.split("?")[0], {**filters, word: typed})
        assert answer.status_code == 200, typed
        assert ids(answer) == first or (name in ("request log", "accounts", "a figure") and typed.isdigit()), typed


def hostile(name: str, stranger: str) -> list[tuple[str, str]]:
    """What is typed, and in which word. Without `--all` each list gets a sixth of the values, each in one word; each
    value stands before a sixth of the lists, in each word before some of them."""
    values = (*HOSTILE, stranger)
    if amount.EVERYTHING:
        return list(product(values, (lists.AFTER, lists.BEFORE)))
    turn, part = divmod([*LISTS].index(name), 6)
    return [
        (typed, (lists.AFTER, lists.BEFORE)[(place + turn) % 2])
        for place, typed in enumerate([*HOSTILE[part::6], stranger])
    ]


def test_filters_are_kept_and_words_tell_no_number_of_pages(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "PAGE_LENGTH", 2)
    reader = walk(place, "worklist of a stage")
    for number in (8, 12, 16):
        patient(place, number)
    first = reader.get().content.decode()
    assert "stage=stopped&amp;after=" in first
    second = reader.get(next_page(first)).content.decode()
    assert "stage=stopped&amp;before=" in second
    assert "First page" in second
    assert not re.search(r"[Pp]age \d", first + second)


@pytest.mark.parametrize("count", [0, 3, 4])
def test_no_more_rows_are_counted_than_asked(count: int, django_assert_num_queries: Any) -> None:
    for _ in range(count + 2 * (count == 4)):
        message()
    rows: QuerySet[Message] = Message.objects.order_by("-enqueued_at")
    with django_assert_num_queries(1) as asked:
        assert lists.count_up_to(rows, 3) == count
    assert "LIMIT 4" in asked[0]["sql"]


def test_a_page_that_is_empty_by_now_is_the_first() -> None:
    rows = [message() for _ in range(3)]
    order = sorted(str(row.pk) for row in rows)
    for word, place_ in ((lists.AFTER, -1), (lists.BEFORE, 0)):
        page = lists.page_of(RequestFactory().get("/", {word: order[place_]}), Message.objects.all(), "id")
        assert [str(row.pk) for row in page] == order
        listed = lists.page_of_list(RequestFactory().get("/", {word: order[place_]}), order, str)
        assert listed.rows == order


def test_an_order_that_leaves_ties_is_refused() -> None:
    with pytest.raises(AssertionError, match="the same place"):
        lists.page_of(RequestFactory().get("/"), LogRecord.objects.all(), "-at")
