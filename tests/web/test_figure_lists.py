"""The lists behind figures: whoever is counted is on the list, each view leaves a trace, and no list reads all rows."""

import re
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import UUID

import pytest
from django.db.models import Q, QuerySet
from django.test import Client

from accounts.models import User
from compliance.models import FigureProgress, MonthlyFigure, PatientStatus
from compliance.records.figures import Place, bounds, of_day, standing
from compliance.records.programs import program_day
from compliance.rules.records import Discontinued
from ledger.models import AccessEvent, LoggedRequest, LogRecord
from outbox import box, counts, states
from outbox.models import Message
from outbox.outcomes import OUTCOMES
from patients.models import Patient
from tests import factories
from tests.clocks import Clock
from tests.histories import NOW, OTHER_METHODS, ClinicFactory, by_patient
from tests.plans import plan_of
from tests.web.unrendered import unrendered
from web.office.figure_lists import BLOCKED
from web.office.figure_records import OF_PATIENTS, RECORDS, REQUESTS
from web.office.figures import FIGURES
from web.office.months import month_bounds

pytestmark = pytest.mark.django_db
TODAY = program_day(NOW)


@pytest.fixture
def officer() -> User:
    return factories.officer()


@pytest.fixture
def office(clock: Clock, officer: User) -> Client:
    clock.at = NOW + timedelta(hours=1)
    FigureProgress.objects.create(last_day=TODAY)
    return factories.as_(officer)


def page(client: Client, path: str) -> str:
    answer: Any = client.get(path)
    assert answer.status_code == 200
    return " ".join(unescape(answer.content.decode()).split())


@pytest.fixture
def filled(clinic: ClinicFactory) -> Patient:
    """Enrolled and tested before, authorized and dispensed to today, and the course ended."""
    patient = clinic.ready()
    number = clinic.authorize(patient).number
    assert number and clinic.dispense(patient, number) is None
    clinic.enter(patient, Discontinued("done"))
    return patient


def test_the_list_of_a_month_has_a_line_for_each_time_that_is_counted(
    clinic: ClinicFactory, office: Client, filled: Patient
) -> None:
    days = [of_day(TODAY - timedelta(days=ago)) for ago in range(TODAY.day)]
    for code in OF_PATIENTS:
        figure = FIGURES[code].of or code
        with unrendered():
            answer: Any = office.get(f"/office/oversight/happened/{code}/")
            assert len(answer.context["lines"]) == sum(day[Place(figure, None)] for day in days), code
        assert all(str(filled.pk) in line.url for line in answer.context["lines"]), code


def test_the_list_of_a_month_is_of_that_month_and_leaves_a_trace(
    office: Client, officer: User, filled: Patient
) -> None:
    path = "/office/oversight/happened/fills/"
    assert f"/office/patients/{filled.pk}/" in page(office, path)
    (seen,) = AccessEvent.objects.filter(subject=filled.pk)
    assert (seen.actor, seen.what, seen.why) == (officer.pk, "figure", "program-office")
    before = f"{TODAY.replace(day=1) - timedelta(days=1):%Y-%m}"
    assert str(filled.pk) not in page(office, f"{path}?month={before}")
    assert str(filled.pk) in page(office, f"{path}?month=x"), "what is no month is the last one"


def test_whose_methods_differ_stand_on_the_list_and_in_the_figure(
    clinic: ClinicFactory, office: Client, officer: User
) -> None:
    patient, other = clinic.ready(), clinic.ready()
    clinic._enter(patient, NOW, *by_patient(OTHER_METHODS))
    shown = page(office, "/office/oversight/now/mismatch/")
    assert str(patient.pk) in shown and str(other.pk) not in shown
    assert standing(TODAY)[Place("mismatch", None)] == 1
    assert [one.subject for one in AccessEvent.objects.filter(what="figure", actor=officer.pk)] == [patient.pk]
    assert str(patient.pk) not in page(office, "/office/oversight/now/gap/")


@pytest.mark.parametrize("code", BLOCKED)
def test_the_list_of_a_blocker_is_read_by_its_own_index(clinic: ClinicFactory, code: str) -> None:
    rows = PatientStatus.objects.filter(blockers__contains=[[BLOCKED[code]]]).order_by("pk")
    assert f"patient_status_{code}" in plan_of(rows)


#: By which index each list of a month is read; `record_of_kind` where none is named. What the counter was asked is read
#: by the instant alone: about one request in five is a question.
INDEXES = {
    "stops": "record_stopping", "lockouts": "record_locking",
    # Of a table with few rows, the index of another kind costs as much.
    "found-by-test": "record_(stopping|of_kind)", "lookups-paused": "record_of_",
    "asked": "ledger_logg_at_", "refused": "request_refused", "unknown": "request_of_nobody",
}  # fmt: skip


@pytest.mark.parametrize("code", [*RECORDS, *REQUESTS])
@pytest.mark.parametrize("after", [False, True], ids=["the first page", "a later one"])
def test_a_list_of_a_month_is_read_in_the_order_of_its_index(code: str, after: bool) -> None:
    """A page reads its own rows: none is sorted, whatever the number of the month."""
    since, until = month_bounds(TODAY.replace(day=1))
    rows: QuerySet[Any] = (
        LoggedRequest.objects.filter(REQUESTS[code])
        if code in REQUESTS
        else LogRecord.objects.filter(RECORDS[code][1], subject_kind__in=RECORDS[code][0])
    )
    rows = rows.filter(at__gte=since, at__lt=until)
    if after:
        rows = rows.filter(Q(at__lte=NOW) & (Q(at__lt=NOW) | Q(id__lt=7)))
    plan = plan_of(rows.order_by("-at", "-id")[:26], off=("seqscan", "bitmapscan", "sort"))
    assert re.search(f"using {INDEXES.get(code, 'record_of_kind')}", plan), plan
    assert "Sort" not in plan or code == "asked", plan


def test_every_figure_leads_to_its_list(office: Client) -> None:
    assert not [code for code, figure in FIGURES.items() if not figure.list_name]
    shown = page(office, "/office/oversight/")
    assert "/office/oversight/happened/enrolled/?month=" in shown and "/office/oversight/now/mismatch/" in shown
    month = "2026-11"
    assert f"/office/oversight/happened/fills/?month={month}" in page(office, f"/office/oversight/fills/?month={month}")


# --- messages -----------------------------------------------------------------------------------------
def message(number: int, **columns: Any) -> None:
    row = Message(id=UUID(int=number), key=str(number), kind="invitation", data={}, due_at=NOW)
    box.enqueue([row], at=NOW)
    Message.objects.filter(pk=row.pk).update(**columns)


def test_messages_are_counted_by_channel_and_what_became_of_them(office: Client) -> None:
    Message.objects.all().delete()
    went = {"delivered_at": NOW}
    dropped = {"dropped_at": NOW}
    ends: list[dict[str, Any]] = [
        *(went | {"outcome": outcome} for outcome in ("delivered", "bounced")),
        *(dropped | {"outcome": outcome} for outcome in ("refused", "invalid-address", "given-up", "not-wanted")),
        went, dropped, {}, {"delivered_at": NOW - timedelta(days=1)}, went | {"channel": "sms", "outcome": "delivered"},
        {"delivered_at": bounds(TODAY)[1]},
    ]  # fmt: skip
    for number, columns in enumerate(ends, start=1):
        message(number, **columns)
    found = {one.figure: n for one, n in of_day(TODAY).items() if one.figure.startswith("messages-")}
    assert found == {
        "messages-sent-email": 2, "messages-failed-email": 3, "messages-given-up-email": 1, "messages-sent-sms": 1,
    }  # fmt: skip
    for code, number in found.items():
        MonthlyFigure.objects.create(month=TODAY.replace(day=1), figure=code, number=number)
    shown = page(office, "/office/oversight/")
    assert "E-mail: refused, or came back" in shown
    assert "/office/delivery/?channel=email&state=not-arrived" in shown
    for code, listed in (("sent", 4), ("failed", 3), ("given-up", 1)):
        answer: Any = office.get("/office/delivery/?" + FIGURES[f"messages-{code}-email"].arguments)
        assert len(answer.context["page"]) == listed, code


def test_every_outcome_is_counted_or_is_of_no_interest() -> None:
    assert {*counts._END} == {*OUTCOMES} - {"not-wanted"}
    assert states.NOT_ARRIVED not in states.STATES


def test_a_line_of_a_digest_is_not_counted_beside_it() -> None:
    message(1, delivered_at=NOW)
    message(2, delivered_at=NOW, digest_id=UUID(int=1))
    assert counts.ended(NOW, NOW + timedelta(seconds=1)) == {"messages-sent-email": 1}
    assert counts.ended(NOW - timedelta(seconds=1), NOW) == {}, "that day had ended before"
