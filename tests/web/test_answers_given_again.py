"""An answer given again: what was recorded is told as a fact, and whether it may be dispensed on is judged of now."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from compliance.commands import certifying
from compliance.commands.certifying import Kind, certification_record
from compliance.models import Authorization
from compliance.records.programs import DEFAULT
from compliance.rules.records import (
    BirthDateCorrected,
    CategoryChanged,
    ConsentWithdrawn,
    ContraceptionDeclared,
    Counselled,
    Discontinued,
    EntryStruck,
    PregnancyReported,
    PregnancyTest,
    Record,
    StopCleared,
    Transferred,
)
from ledger import log
from ledger.actor import SYSTEM, Actor
from ledger.erasable_text import make_erasable
from ledger.models import AccessEvent
from tests import amount, factories
from tests.clocks import Clock
from tests.factories import as_
from tests.histories import METHODS, ClinicFactory
from tests.linked import link
from tests.security.reading import Page
from tests.security.writes import undone

pytestmark = pytest.mark.django_db


def text_of(answer: Any) -> str:
    """What a reader reads."""
    return " ".join(re.sub(r"<[^>]+>", " ", unescape(answer.content.decode())).split())


def offers_hand_over(path: str, answer: Any) -> bool:
    """Whether that page offers to record a hand-over."""
    return any("/dispense/" in form.action for form in Page(path, answer.content.decode()).forms)


YES, NO = "Yes, dispense", "Do not dispense"
VISIT = 8


class Asked:
    """A yes of 15 December, 2:02 PM, good until the 19th, before the pharmacist who got it."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        clock.set("2026-12-15T11:00-05:00")
        self.clinic = ClinicFactory()
        counter = factories.pharmacist()
        self.pharmacy, self.client = counter.pharmacy, as_(counter.user)
        self._certify("pharmacy", self.pharmacy.pk, date(2035, 1, 1))
        self.patient = self.clinic.ready()
        self.form = {
            "number": self.patient.number, "born_on": "04/02/2001", "days_supply": "30", "key": str(uuid4()),
        }  # fmt: skip
        clock.set("2026-12-15T14:02-05:00")
        self.path = self.ask()["Location"]
        self.row = Authorization.objects.get(patient=self.patient)
        clock.set("2026-12-15T14:40-05:00")

    def _certify(self, kind: Kind, subject: Any, last: date) -> None:
        span = certification_record(date(2020, 1, 1), last, DEFAULT.code)
        at = datetime(2020, 1, 1, tzinfo=UTC)
        log.append(kind, subject, [span], head=log.EMPTY, by=SYSTEM, at=at, request_id=uuid4())

    def ask(self, **more: str) -> Any:
        return self.client.post("/counter/", self.form | more)

    def json(self) -> Any:
        return self.client.post("/counter/", self.form, headers={"Accept": "application/json"}).json()

    def page(self) -> str:
        return text_of(self.client.get(self.path))

    def hand_over(self, path: str) -> bool:
        """Whether the page there offers to record a hand-over."""
        return offers_hand_over(path, self.client.get(path))

    def enter(self, *records: Record) -> None:
        self.clinic._enter(self.patient, self.clock.at, *records)

    def suspend(self, kind: Kind, subject: Any) -> None:
        reason = make_erasable("licence lost", subject=subject, at=self.clock.at)
        by = self.clinic.officer
        certifying.suspend(kind=kind, subject=subject, reason=reason, by=by, at=self.clock.at, key=uuid4())

    def counter_actor(self) -> Actor:
        user = self.pharmacy.pharmacists.get().user
        return Actor(user.pk, "pharmacist", self.pharmacy.pk)


@pytest.fixture
def asked(clock: Clock) -> Asked:
    return Asked(clock)


def dispensed(asked: Asked) -> None:
    form = {"key": str(uuid4()), "handed_over_on": "2026-12-15"}
    assert asked.client.post(f"/counter/authorizations/{asked.row.pk}/dispense/", form).status_code == 302


def reversed_(asked: Asked) -> None:
    path = f"/counter/authorizations/{asked.row.pk}/reverse/"
    assert asked.client.post(path, {"key": str(uuid4())}).status_code == 302


def linked(asked: Asked) -> None:
    link(asked.patient.pk, asked.clinic.ready().pk, at=asked.clock.at)


def after(record: Record) -> Callable[[Asked], None]:
    return lambda asked: asked.enter(record)


#: What may happen after a yes, and the state of the authorization that it leaves.
ENDED: dict[str, tuple[Callable[[Asked], Any], str]] = {
    "a positive test": (after(PregnancyTest(date(2026, 12, 15), "positive", "home")), "void"),
    "a report": (after(PregnancyReported()), "void"),
    "a withdrawal": (after(ConsentWithdrawn("birth-defects")), "void"),
    "another category": (after(CategoryChanged("cannot_become_pregnant", "hysterectomy")), "void"),
    "the end of the course": (after(Discontinued("moved")), "void"),
    "an entry in error": (after(EntryStruck(VISIT, "wrong day")), "void"),
    "a transfer": (lambda asked: asked.enter(Transferred(str(asked.clinic.other.pk))), "void"),
    "a link with another file": (linked, "void"),
    "the hand-over": (dispensed, "dispensed"),
    "the reversal": (reversed_, "reversed"),
    "the last day": (lambda asked: asked.clock.set("2026-12-20T09:00-05:00"), "expired"),
    "a suspension of the prescriber": (lambda asked: asked.suspend("prescriber", asked.clinic.prescriber.pk), "open"),
    "a suspension of the pharmacy": (lambda asked: asked.suspend("pharmacy", asked.pharmacy.pk), "open"),
    "a birth date of a child": (after(BirthDateCorrected(date(2016, 1, 1), "typed wrong")), "open"),
}  # fmt: skip


def test_a_yes_given_again_says_what_was_recorded_and_no_list_offers_it_now(asked: Asked) -> None:
    """Whatever happened after it; each is undone before the next."""
    first = asked.json()
    assert (first["allowed"], first["recorded"]["state"], asked.hand_over(asked.path)) == (True, "open", True)
    for what in ENDED:
        with undone():
            says_what_was_recorded(asked, what)
        asked.clock.set("2026-12-15T14:40-05:00")


def says_what_was_recorded(asked: Asked, what: str) -> None:
    """After this the yes is told as a fact."""
    happens, state = ENDED[what]
    happens(asked)
    no_list_offers_it(asked, what)
    again = asked.json()
    assert (again["allowed"], again["headline"][: len(NO)]) == (False, NO), what
    assert (again["authorization"], again["recorded"]["state"]) == (asked.row.number, state), what
    assert again["recorded"]["allowed"], what
    assert datetime.fromisoformat(again["recorded"]["at"]) == asked.row.issued_at, what
    shown = asked.client.get(asked.path)
    page = text_of(shown)
    assert YES not in page, what
    assert asked.row.number in page, what
    assert "Authorized Tue, Dec 15, 2026, 2:02 PM" in page, what
    assert not offers_hand_over(asked.path, shown), what
    assert asked.ask()["Location"] == asked.path, "the same key leads to the same address"
    assert (again["missing"] != []) is (state == "open"), what


def no_list_offers_it(asked: Asked, what: str) -> None:
    """What may not be dispensed on now; without `--all` the list and the first page are looked at by turns."""
    state = ENDED[what][1]
    turn = [*ENDED].index(what) % 2
    if amount.EVERYTHING or turn == 0:
        assert '"pill pill--act"' not in asked.client.get("/counter/authorizations/").content.decode()
    if amount.EVERYTHING or turn == 1:
        home = asked.client.get("/counter/").content.decode()
        assert (asked.row.number in home) is (state == "open")
        assert ("Do not dispense now" in home) is (state == "open")
    own = asked.client.get(f"/counter/authorizations/{asked.row.pk}/").content.decode()
    assert "Handed over today?" not in own
    assert "pill--act" not in own


#: After what, the facts that are told of it.
FACTS = {
    "a positive test": ["Void since Tue, Dec 15, 2026, 2:40 PM"],
    "the hand-over": ["Hand-over recorded Tue, Dec 15, 2026, 2:40 PM", "Handed over Tue, Dec 15, 2026"],
    "the reversal": ["Reversed Tue, Dec 15, 2026, 2:40 PM"],
    "the last day": ["This authorization has expired"],
    "a suspension of the pharmacy": ["Your pharmacy is not certified today"],
}


def test_what_became_of_an_authorization_is_told_with_its_time(asked: Asked) -> None:
    for what, facts in FACTS.items():
        with undone():
            ENDED[what][0](asked)
            asked.clock.forward(minutes=10)
            page = asked.page()
            assert [fact for fact in facts if fact not in page] == [], what
        asked.clock.set("2026-12-15T14:40-05:00")


@pytest.mark.parametrize(
    "what",
    [Counselled(date(2026, 12, 15)), ContraceptionDeclared("patient", METHODS)],
    ids=["another visit", "the same methods"],
)
def test_what_takes_nothing_from_an_authorization_leaves_its_yes(asked: Asked, what: Record) -> None:
    asked.enter(what)
    assert (asked.json()["allowed"], YES in asked.page(), asked.hand_over(asked.path)) == (True, True, True)


def test_a_yes_stands_again_once_the_suspension_has_ended(asked: Asked) -> None:
    subject, by = asked.clinic.prescriber.pk, asked.clinic.officer
    asked.suspend("prescriber", subject)
    asked.clock.forward(minutes=5)
    assert not asked.json()["allowed"]
    certifying.reinstate(kind="prescriber", subject=subject, by=by, at=asked.clock.at, key=uuid4())
    assert (asked.json()["allowed"], asked.hand_over(asked.path)) == (True, True)


def test_a_stop_that_was_cleared_gives_no_yes_back(asked: Asked) -> None:
    asked.enter(PregnancyReported())
    asked.clock.forward(minutes=5)
    asked.enter(StopCleared("a mistake"))
    assert (asked.json()["allowed"], asked.json()["recorded"]["state"]) == (False, "void")


@pytest.mark.parametrize("kind", ["prescriber", "pharmacy"])
def test_a_yes_ends_with_the_certification(clock: Clock, kind: Kind) -> None:
    asked = Asked(clock)
    last = date(2026, 12, 16)
    if kind == "prescriber":
        asked.clinic.prescriber = factories.prescriber()
        asked._certify(kind, asked.clinic.prescriber.pk, last)
    else:
        counter = factories.pharmacist()
        asked.pharmacy, asked.client = counter.pharmacy, as_(counter.user)
        asked._certify(kind, asked.pharmacy.pk, last)
    patient = asked.clinic.ready()
    asked.form |= {"number": patient.number, "key": str(uuid4())}
    asked.path = asked.ask()["Location"]
    assert asked.json()["allowed"]
    clock.set("2026-12-16T23:59-05:00")
    assert asked.json()["allowed"]
    clock.set("2026-12-17T00:01-05:00")
    assert not asked.json()["allowed"]
    assert YES not in asked.page()
    assert not asked.hand_over(asked.path)


def test_an_earlier_hand_over_can_be_entered_although_nothing_is_handed_over_now(asked: Asked) -> None:
    """The rules take what happened: the authorization's own page asks for the day, and offers none."""
    asked.suspend("pharmacy", asked.pharmacy.pk)
    path = f"/counter/authorizations/{asked.row.pk}/"
    page = asked.client.get(path).content.decode()
    assert "It was handed over on" in page
    form = {"key": str(uuid4()), "handed_over_on": "2026-12-15"}
    assert "Recorded: handed over to" in text_of(asked.client.post(f"{path}dispense/", form, follow=True))


def test_a_patient_is_not_sent_to_the_counter_while_the_prescriber_is_suspended(asked: Asked) -> None:
    assert asked.patient.user is not None
    before = text_of(as_(asked.patient.user).get("/patient/"))
    assert "Your prescriber has paperwork to renew" not in before
    asked.suspend("prescriber", asked.clinic.prescriber.pk)
    assert "status--yes" not in as_(asked.patient.user).get("/patient/").content.decode()
    assert "Your prescriber has paperwork to renew" in text_of(as_(asked.patient.user).get("/patient/"))


def test_a_refusal_given_again_tells_what_became_of_the_authorization(asked: Asked) -> None:
    """Nobody is told to return to stock what was handed over, and entered late."""
    path = f"/counter/authorizations/{asked.row.pk}/dispense/"
    asked.clock.set("2026-12-20T09:00-05:00")
    refused = {"key": str(uuid4()), "handed_over_on": "2026-12-20"}
    assert "This authorization has expired" in text_of(asked.client.post(path, refused, follow=True))
    assert "This authorization has expired" in text_of(asked.client.post(path, refused, follow=True))
    asked.client.post(path, {"key": str(uuid4()), "handed_over_on": "2026-12-18"}, follow=True)
    again = text_of(asked.client.post(path, refused, follow=True))
    assert "return the product to stock" not in again
    assert "it is recorded as dispensed" in again


def test_a_day_that_is_refused_offers_no_hand_over_on_what_is_void(asked: Asked) -> None:
    asked.enter(PregnancyReported())
    path = f"/counter/authorizations/{asked.row.pk}/dispense/"
    answer = asked.client.post(path, {"key": str(uuid4()), "handed_over_on": "2026-12-31"})
    assert answer.status_code == 422
    assert not any("/dispense/" in form.action for form in Page(path, answer.content.decode()).forms)
    assert "notice--no" in answer.content.decode()


# --- the address ------------------------------------------------------------------------------------
def test_a_no_has_an_address_and_says_when_it_was_asked(asked: Asked) -> None:
    answer = asked.ask(key=str(uuid4()))
    assert answer.status_code == 302
    asked.clock.forward(hours=2)
    page = text_of(asked.client.get(answer["Location"]))
    assert NO in page
    assert "Asked Tue, Dec 15, 2026, 2:40 PM" in page
    assert "A pharmacy has an open authorization for this patient" in page


def test_an_answer_is_its_pharmacys_alone(asked: Asked) -> None:
    colleague = factories.account("pharmacist")
    asked.pharmacy.pharmacists.create(user=colleague)
    assert as_(colleague).get(asked.path).status_code == 200
    stranger = as_(factories.pharmacist().user)
    unknown = stranger.get(f"/counter/answers/{uuid4()}/")
    theirs = stranger.get(asked.path)
    assert (theirs.status_code, unknown.status_code) == (404, 404)
    assert as_(asked.clinic.prescriber.user).get(asked.path).status_code == 403
    assert "login" in Client().get(asked.path)["Location"]


def test_the_key_of_another_request_is_no_address(asked: Asked) -> None:
    key = str(uuid4())
    form = {"key": key, "handed_over_on": "2026-12-15"}
    asked.client.post(f"/counter/authorizations/{asked.row.pk}/dispense/", form)
    assert asked.client.get(f"/counter/answers/{key}/").status_code == 404


def test_a_look_up_that_finds_nobody_has_no_answer(asked: Asked) -> None:
    form = {"born_on": "04/02/1999", "key": str(uuid4())}
    assert asked.ask(**form).status_code == 422
    assert asked.client.get(f"/counter/answers/{form['key']}/").status_code == 404


def test_the_address_names_nobody(asked: Asked) -> None:
    key = str(asked.form["key"])
    assert asked.path == f"/counter/answers/{key}/"
    # Beside the key, which is random and may begin like any of these.
    for part in (asked.patient.number, "2001", "04", asked.row.number):
        assert part not in asked.path.replace(key, "")


def test_each_look_at_an_answer_is_an_access(asked: Asked) -> None:
    asked.page()
    event = AccessEvent.objects.get(subject=asked.patient.pk, what="answer")
    assert (event.actor, event.why) == (asked.counter_actor().account, "obtained-here")


def test_a_program_gets_no_redirect(asked: Asked) -> None:
    answer = asked.client.post("/counter/", asked.form, headers={"Accept": "application/json"})
    assert answer.status_code == 200
    assert answer.json() == asked.client.get(asked.path, headers={"Accept": "application/json"}).json()
