"""Cases of non-compliance before the office and the place: from a signal to the letter, the answer and the appeal."""

from datetime import timedelta
from html import unescape
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from accounts.models import User
from accounts.roles import PHARMACIST
from compliance.commands import certifying, figures, noncompliance
from compliance.commands.certifying import WrongState
from compliance.commands.decide import NotPermitted
from compliance.commands.noncompliance import Said, SameOfficer
from compliance.models import ComplianceCase, ComplianceSignal
from compliance.records.programs import program_day
from compliance.verification import practices
from ledger import log
from ledger.actor import Actor
from ledger.erasable_text import make_erasable
from ledger.log import NewRecord, Row
from ledger.models import AccessEvent
from outbox.models import Message
from patients.models import Pharmacy
from patients.people import actor_of
from tests import factories
from tests.clocks import Clock
from tests.histories import NOW, ClinicFactory
from tests.mailbox import emails

pytestmark = pytest.mark.django_db
TODAY = program_day(NOW)
DUE = (TODAY + timedelta(days=14)).isoformat()


@pytest.fixture
def officer(clock: Clock) -> User:
    clock.at = NOW
    return factories.officer()


@pytest.fixture
def office(officer: User) -> Client:
    return factories.as_(officer)


@pytest.fixture
def pharmacist(clinic: ClinicFactory) -> User:
    return User.objects.get(pharmacists__pharmacy=clinic.pharmacies[0])


@pytest.fixture
def counter(pharmacist: User) -> Client:
    return factories.as_(pharmacist)


def page(client: Client, path: str) -> str:
    answer: Any = client.get(path)
    assert answer.status_code == 200, path
    return " ".join(unescape(answer.content.decode()).split())


def tried_too_late(clinic: ClinicFactory, monkeypatch: pytest.MonkeyPatch, clock: Clock) -> ComplianceSignal:
    """The signal of a hand-over that was tried on an expired authorization, two days ago."""
    patient = clinic.ready()
    number = clinic.authorize(patient, at=NOW - timedelta(days=1)).number
    assert number and clinic.dispense(patient, number, at=NOW + timedelta(days=8)) == "authorization-expired"
    monkeypatch.setattr(figures, "_first_day", lambda: TODAY)
    clock.at = NOW + timedelta(days=10)
    figures.count_days(at=clock.at)
    return ComplianceSignal.objects.get()


def opened(kind: certifying.Kind, place: UUID, officer: User) -> str:
    """A case that was opened by hand; the address of it before the office."""
    number = noncompliance.open_case(
        kind=kind, subject=place, signals=[], note=make_erasable("A call."), by=actor_of(officer), at=NOW, key=uuid4()
    )
    return f"/office/certifications/{kind}/{place}/cases/{number}/"


def take(client: Client, path: str, step: str, text: str = "Please explain.", **form: str) -> Any:
    due = {"due": DUE} if step in ("notice", "plan-asked", "plan-accepted", "plan-refused") else {}
    return client.post(f"{path}{step}/", {"key": str(uuid4()), "text": text, **due, **form})


def own(path: str) -> str:
    """The same case on the pharmacy's own pages."""
    return f"/counter/profile/letters/{path.rstrip('/').rpartition('/')[2]}/"


def wrong_steps(rows: list[Row]) -> list[int]:
    """The steps of cases that `verify_log` would not believe."""
    return [row.number for row, what in practices.problems("pharmacy", rows) if "case of non-compliance" in what]


# --- signals ------------------------------------------------------------------------------------------
def test_a_signal_opens_what_raised_it_and_becomes_a_case(
    clinic: ClinicFactory, office: Client, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    signal = tried_too_late(clinic, monkeypatch, clock)
    assert (signal.code, signal.place) == ("after-last-day", clinic.pharmacies[0].pk)
    shown = page(office, "/office/oversight/noncompliance/signals/")
    assert "Hand-over tried on an expired or void authorization" in shown and clinic.pharmacies[0].name in shown
    assert "No signals here" in page(office, "/office/oversight/noncompliance/signals/?kind=backdated")
    path = f"/office/oversight/noncompliance/signals/{signal.pk}/"
    shown = page(office, path)
    assert "Hand-over that was refused" in shown and f"/office/patients/{signal.patient}/" in shown
    assert AccessEvent.objects.filter(subject=signal.patient, what="signal").exists()
    form = {"key": str(uuid4()), "signals": [str(signal.pk)], "note": "Look at their counter."}
    answer: Any = office.post(path, form)
    assert answer.status_code == 302
    assert "Look at their counter." in page(office, answer["Location"])
    assert "No signals here" in page(office, "/office/oversight/noncompliance/signals/")
    assert "Open its case" in page(office, path)
    record = log.read(clinic.pharmacies[0].pk)[-1]
    assert (record.kind, record.data["signals"][0]["code"]) == ("case_opened", "after-last-day")
    assert "counter" not in str(record.data), "what is said in words can be erased"
    with pytest.raises(WrongState):
        noncompliance.open_case(
            kind="pharmacy", subject=signal.place, signals=[signal.pk], note=make_erasable("x"),
            by=actor_of(factories.officer()), at=NOW, key=uuid4(),
        )  # fmt: skip


def test_signals_are_kept_once_however_often_days_are_counted(
    clinic: ClinicFactory, office: Client, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    signal = tried_too_late(clinic, monkeypatch, clock)
    figures.rebuild(at=clock.at)
    assert ComplianceSignal.objects.get() == signal


def test_a_letter_leaves_out_the_patients_of_its_signals(
    clinic: ClinicFactory, office: Client, officer: User, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    signal = tried_too_late(clinic, monkeypatch, clock)
    number = noncompliance.open_case(
        kind="pharmacy", subject=signal.place, signals=[signal.pk], note=make_erasable("x"), by=actor_of(officer),
        at=clock.at, key=uuid4(),
    )  # fmt: skip
    path = f"/office/certifications/pharmacy/{signal.place}/cases/{number}/"
    due = (program_day(clock.at) + timedelta(days=14)).isoformat()
    answer = take(office, path, "notice", "It was about B, twice.", due=due)
    assert answer.status_code == 422 and "It was about B, twice." in answer.content.decode()
    assert take(office, path, "notice", "It was about a fill, twice.", due=due).status_code == 302


# --- the steps ----------------------------------------------------------------------------------------
def test_a_case_goes_from_notice_to_plan_and_is_closed_with_a_letter_each(
    clinic: ClinicFactory, office: Client, officer: User, counter: Client
) -> None:
    path = opened("pharmacy", clinic.pharmacies[0].pk, officer)
    assert "No letters" in page(counter, "/counter/profile/letters/"), "they are told nothing yet"
    assert counter.get(own(path)).status_code == 404
    assert take(office, path, "notice", "Two fills came late.").status_code == 302
    shown = page(counter, "/counter/profile/")
    assert "The office waits for your answer." in shown
    shown = page(counter, own(path))
    assert "Two fills came late." in shown and "Answer the notice" in shown and "You can appeal until" in shown
    assert "A call." not in shown, "the office's note"
    assert counter.post(own(path) + "reply/", {"key": str(uuid4()), "text": "Staff was new."}).status_code == 302
    assert "Staff was new." in page(office, path)
    assert take(office, path, "plan-asked").status_code == 302
    assert counter.post(own(path) + "plan/", {"key": str(uuid4()), "text": "We train."}).status_code == 302
    assert take(office, path, "plan-refused", "Say who trains.").status_code == 302
    assert counter.post(own(path) + "plan/", {"key": str(uuid4()), "text": "Pat trains."}).status_code == 302
    assert take(office, path, "plan-accepted", "Good.").status_code == 302
    assert take(office, path, "closed", "It worked.").status_code == 302
    assert "No case is open" in page(office, "/office/oversight/noncompliance/")
    assert "Closed" in page(office, "/office/oversight/noncompliance/?state=all")
    rows = log.read(clinic.pharmacies[0].pk)
    assert wrong_steps(rows) == []
    assert Message.objects.filter(kind="case-letter").count() == 5, "one for each letter"


def test_each_letter_says_what_by_when_and_how_to_appeal(
    clinic: ClinicFactory, office: Client, officer: User, counter: Client
) -> None:
    path = opened("pharmacy", clinic.pharmacies[0].pk, officer)
    take(office, path, "notice", "Two fills came late.")
    number = log.read(clinic.pharmacies[0].pk)[-1].number
    for client, address in ((counter, own(path)), (office, path)):
        shown = page(client, f"{address}{number}/")
        for part in ("Notice: please tell us what happened", "Two fills came late.", "by the end of this day",
                     "If you do not agree", clinic.pharmacies[0].name):  # fmt: skip
            assert part in shown, part
    assert counter.get(f"{own(path)}1/").status_code == 404, "what is no letter"


def test_the_mail_says_nothing_but_that_there_is_a_letter(
    clinic: ClinicFactory, office: Client, officer: User, pharmacist: User
) -> None:
    path = opened("pharmacy", clinic.pharmacies[0].pk, officer)
    take(office, path, "notice", "Two fills came late.")
    letter = emails()[-1]
    assert letter.to == [pharmacist.email] and "/counter/profile/letters/" in str(letter.body)
    for word in ("fills", "compliance", "Notice"):
        assert word not in f"{letter.body}{letter.subject}"


def test_the_suspension_is_the_one_that_there_is_and_an_appeal_that_is_granted_ends_it(
    clinic: ClinicFactory, office: Client, officer: User, counter: Client
) -> None:
    place = clinic.pharmacies[0]
    path = opened("pharmacy", place.pk, officer)
    take(office, path, "notice")
    assert take(office, path, "suspended", "Too often.").status_code == 302
    assert Pharmacy.objects.get(pk=place.pk).state == "suspended"
    assert log.read(place.pk)[-1].data["case"] == ComplianceCase.objects.get().number
    assert counter.post(own(path) + "appeal/", {"key": str(uuid4()), "text": "It was not us."}).status_code == 302
    shown = page(office, path)
    assert "Another officer decides this appeal" in shown and "Grant the appeal" not in shown
    answer = take(office, path, "appeal-upheld", "Right.")
    assert answer.status_code == 422 and "Another officer decides" in answer.content.decode()
    other = factories.as_(factories.officer())
    assert "Grant the appeal" in page(other, path)
    assert take(other, path, "appeal-upheld", "Right.").status_code == 302
    assert Pharmacy.objects.get(pk=place.pk).state == "approved"
    assert "Your appeal is granted" in page(counter, f"{own(path)}{log.read(place.pk)[-2].number}/")
    assert wrong_steps(log.read(place.pk)) == []


def test_a_case_that_is_closed_before_a_notice_is_not_told(
    clinic: ClinicFactory, office: Client, officer: User, counter: Client
) -> None:
    path = opened("pharmacy", clinic.pharmacies[0].pk, officer)
    of_place = path.partition("cases/")[0]
    assert f'href="{path}"' in page(office, of_place) and "Opened: they were told nothing yet" in page(office, of_place)
    assert take(office, path, "closed", "Nothing wrong.").status_code == 302
    assert "Closed" in page(office, of_place).partition(f'href="{path}"')[2].partition("</li>")[0]
    assert not Message.objects.filter(kind="case-letter").exists()
    assert counter.get(own(path)).status_code == 404


@pytest.mark.parametrize("day", ["", "2020-01-01", TODAY.isoformat(), "2090-01-01"])
def test_a_day_that_cannot_be_is_refused_with_what_was_typed(
    clinic: ClinicFactory, office: Client, officer: User, day: str
) -> None:
    path = opened("pharmacy", clinic.pharmacies[0].pk, officer)
    answer = take(office, path, "notice", "Kept.", due=day)
    assert answer.status_code == 422 and "Kept." in answer.content.decode()
    assert set(answer.context["form"].errors) == {"due"}


def test_a_forged_step_of_a_case_is_found_in_the_log(clinic: ClinicFactory, office: Client, officer: User) -> None:
    place, by = clinic.pharmacies[0].pk, actor_of(officer)
    number = int(opened("pharmacy", place, officer).rstrip("/").rpartition("/")[2])
    forged = [
        {"case": number, "step": "plan-accepted"},
        {"case": 77, "step": "notice"},
    ]  # fmt: skip
    for data in forged:
        log.append(
            "pharmacy", place, [NewRecord("case_step", data | {"sealed": {"text": "0" * 64}})],
            head=log.head_of(log.read(place)), by=by, at=NOW, request_id=uuid4(),
        )  # fmt: skip
    assert wrong_steps(log.read(place)) == [number + 1, number + 2]


# --- the queue ----------------------------------------------------------------------------------------
def test_the_queue_shows_what_is_due_first_and_what_is_late(
    clinic: ClinicFactory, office: Client, officer: User, clock: Clock
) -> None:
    for place, name in zip(clinic.pharmacies, ("Later", "Sooner"), strict=True):
        Pharmacy.objects.filter(pk=place.pk).update(name=name)
    first, second = (opened("pharmacy", place.pk, officer) for place in clinic.pharmacies)
    take(office, first, "notice", due=(TODAY + timedelta(days=20)).isoformat())
    take(office, second, "notice", due=(TODAY + timedelta(days=10)).isoformat())
    clock.at = NOW + timedelta(days=12)
    shown = page(office, "/office/oversight/noncompliance/")
    assert shown.index("Sooner") < shown.index("Later")
    assert "12 days ago" in shown and "Overdue" in shown and "in 8 days" in shown


# --- who may ------------------------------------------------------------------------------------------
def test_nobody_else_takes_a_step_or_answers(clinic: ClinicFactory, officer: User) -> None:
    place, other = clinic.pharmacies[0].pk, clinic.pharmacies[1].pk
    opened("pharmacy", place, officer)
    case, by = ComplianceCase.objects.get().number, actor_of(officer)
    about: dict[str, Any] = {"kind": "pharmacy", "subject": place, "case": case, "at": NOW}

    def said(day: bool = True) -> Said:
        return Said(text=make_erasable("x"), due=TODAY + timedelta(days=9) if day else None)

    noncompliance.take_step(**about, step="notice", said=said(), by=by, key=uuid4())
    for stranger in (Actor(uuid4(), PHARMACIST, other), clinic.doctor, by):
        with pytest.raises(NotPermitted):
            noncompliance.answer(**about, step="reply", said=said(False), by=stranger, key=uuid4())
    for stranger in (clinic.counters[0], clinic.doctor):
        with pytest.raises(NotPermitted):
            noncompliance.take_step(**about, step="plan-asked", said=said(), by=stranger, key=uuid4())
        with pytest.raises(NotPermitted):
            noncompliance.take_step(**about, step="suspended", said=said(False), by=stranger, key=uuid4())
    with pytest.raises(WrongState):
        noncompliance.take_step(**about, step="plan-accepted", said=said(), by=by, key=uuid4())
    with pytest.raises(WrongState):
        noncompliance.answer(
            **{**about, "case": case + 50}, step="reply", said=said(False), by=clinic.counters[0], key=uuid4()
        )
    for step, text in (("reply", said(False)), ("notice", said(False)), ("closed", said())):
        with pytest.raises(ValueError, match="not a step"):
            noncompliance.take_step(**about, step=step, said=text, by=by, key=uuid4())
    noncompliance.answer(**about, step="appeal", said=said(False), by=clinic.counters[0], key=uuid4())
    with pytest.raises(SameOfficer):
        noncompliance.take_step(**about, step="appeal-dismissed", said=said(False), by=by, key=uuid4())
