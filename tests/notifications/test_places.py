"""Messages about a practice or a pharmacy: its application and its certification, and alarms to the office."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

import outbox
from accounts.models import User
from accounts.roles import OFFICER
from compliance.commands import certifying, checkpoints
from compliance.commands.certifying import Kind, certification_record
from compliance.records.programs import DEFAULT
from ledger import log
from ledger.actor import SYSTEM, Actor
from ledger.checkpoints import NotAsSigned
from ledger.log import NewRecord
from notifications import places
from outbox.models import CapturedEmail, Message
from patients.models import Pharmacy, Prescriber
from tests import factories

pytestmark = pytest.mark.usefixtures("at_any_hour")

NOW = datetime(2026, 12, 15, 15, tzinfo=UTC)
LAST = date(2026, 12, 31)


def write(kind: Kind, subject: UUID, *drafts: NewRecord, at: datetime = NOW - timedelta(days=300)) -> None:
    log.append(kind, subject, drafts, head=log.head_of(log.read(subject)), by=SYSTEM, at=at, request_id=uuid4())


def prescriber() -> tuple[Kind, UUID, User]:
    row = factories.prescriber()
    return "prescriber", row.pk, row.user


def pharmacy() -> tuple[Kind, UUID, User]:
    row = factories.pharmacist()
    return "pharmacy", row.pharmacy_id, row.user


@pytest.fixture
def mailed(settings: Any) -> Callable[[datetime], list[tuple[str, str]]]:
    """What goes out at an instant: to whom, with which subject."""
    settings.EMAIL_BACKEND = "outbox.mail.PageBackend"

    def work(at: datetime) -> list[tuple[str, str]]:
        CapturedEmail.objects.all().delete()
        places.tell(at=at)
        outbox.deliver(at=at)
        return sorted(CapturedEmail.objects.values_list("to", "subject"))

    return work


type Mailed = Callable[[datetime], list[tuple[str, str]]]


def noon(on: date) -> datetime:
    return datetime(on.year, on.month, on.day, 17, tzinfo=UTC)


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("made", [prescriber, pharmacy])
def test_its_holder_hears_of_the_end_once_each_time(
    mailed: Mailed, made: Callable[[], tuple[Kind, UUID, User]], language: str
) -> None:
    kind, subject, user = made()
    User.objects.update(language=language)
    write(kind, subject, certification_record(date(2026, 1, 1), LAST, DEFAULT.code))
    whose = {
        ("prescriber", "en"): "Your certification ends on December 31, New York time",
        ("prescriber", "es"): "Su certificación termina el 31 de diciembre, hora de Nueva York",
        ("pharmacy", "en"): "Your pharmacy's certification ends on December 31, New York time",
        ("pharmacy", "es"): "La certificación de su farmacia termina el 31 de diciembre, hora de Nueva York",
    }[kind, language]
    told = {left for left in range(40, -3, -1) if mailed(noon(LAST - timedelta(days=left))) == [(user.email, whose)]}
    assert told == {30, 7, 1}


@pytest.mark.django_db
def test_no_end_is_announced_once_it_is_renewed_or_suspended(mailed: Mailed) -> None:
    kind, subject, _user = prescriber()
    write(kind, subject, certification_record(date(2026, 1, 1), LAST, DEFAULT.code))
    at = noon(LAST - timedelta(days=7))
    places.tell(at=at)
    assert Message.objects.filter(kind="certification-ending").count() == 1
    # It waits while the practice attests anew.
    write(kind, subject, certification_record(date(2026, 12, 20), date(2027, 12, 20), DEFAULT.code))
    assert mailed(at) == []
    Prescriber.objects.update(state="suspended")
    assert mailed(noon(date(2027, 12, 19))) == []


@pytest.mark.django_db
def test_the_office_hears_of_an_application_after_two_days_once(mailed: Mailed) -> None:
    officers = sorted(factories.officer().email for _ in range(2))
    row = factories.prescriber(state="applied")
    write("prescriber", row.pk, NewRecord("applied", {}), at=NOW)
    subject = "An application has waited for two days"
    assert mailed(NOW + timedelta(days=2, seconds=-1)) == []
    assert mailed(NOW + timedelta(days=2)) == [(one, subject) for one in officers]
    assert mailed(NOW + timedelta(days=3)) == []


@pytest.mark.django_db
def test_the_office_does_not_hear_of_an_application_that_was_answered(mailed: Mailed) -> None:
    factories.officer()
    row = factories.prescriber(state="applied")
    write("prescriber", row.pk, NewRecord("applied", {}), at=NOW)
    places.tell(at=NOW + timedelta(days=2))
    Prescriber.objects.update(state="approved")
    assert mailed(NOW + timedelta(days=2)) == []


@pytest.mark.django_db
@pytest.mark.parametrize("made", [prescriber, pharmacy])
def test_who_applied_hears_that_it_was_approved(mailed: Mailed, made: Callable[[], tuple[Kind, UUID, User]]) -> None:
    kind, subject, user = made()
    (Prescriber if kind == "prescriber" else Pharmacy).objects.update(state="applied")
    key, officer = uuid4(), Actor(factories.officer().pk, OFFICER)
    for _ in range(2):
        certifying.approve(kind=kind, subject=subject, by=officer, at=NOW, key=key)
    assert mailed(NOW) == [(user.email, "Your application was approved")]


@pytest.mark.django_db
def test_the_office_hears_each_day_that_no_checkpoint_can_be_made(
    mailed: Mailed, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer = factories.officer()

    def refused(at: datetime) -> None:
        raise NotAsSigned(["checkpoint 1 is missing"])

    monkeypatch.setattr(checkpoints, "_make", refused)
    found = []
    for hours in (0, 1, 24, 25):
        with pytest.raises(NotAsSigned):
            checkpoints.publish(at=NOW + timedelta(hours=hours))
        found.append(mailed(NOW + timedelta(hours=hours)))
    told = [(officer.email, "Clearfill: the log is not as it was signed")]
    assert found == [told, [], told, []]


@pytest.mark.django_db
def test_two_queries_ask_for_all_of_them(django_assert_num_queries: Any) -> None:
    for _ in range(3):
        kind, subject, _user = prescriber()
        write(kind, subject, certification_record(date(2026, 1, 1), date(2027, 6, 1), DEFAULT.code))
    with django_assert_num_queries(4):  # of practices and of pharmacies
        places.tell(at=NOW)
