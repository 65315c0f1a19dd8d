"""How a wrong entry is put right: every kind has a way, and every page on which something is entered says it."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from accounts import events
from compliance.commands.entries import enter
from compliance.commands.permissions import MAY_ENTER, WRITERS
from compliance.management import corrections_page
from compliance.records.file import read_file
from compliance.rules.authorizations import VOIDING_KINDS, open_one, voids
from compliance.rules.entries import is_voidable_kind
from compliance.rules.records import (
    KINDS,
    BirthDateCorrected,
    CategoryChanged,
    ConsentWithdrawn,
    ContraceptionDeclared,
    Counselled,
    Discontinued,
    HomeTestingSet,
    PregnancyReported,
    PregnancyTest,
    Record,
)
from compliance.words.corrections import CORRECTIONS, EFFECTS, WAYS, correction_of
from compliance.words.kinds import ACCOUNT_EVENTS
from tests.clocks import Clock
from tests.factories import as_
from tests.histories import METHODS, ClinicFactory
from tests.security.addresses import ROWS
from tests.web.cases import case
from tests.web.unrendered import unrendered
from web.prescriber.entry_types import ENTRY_TYPES
from web.shared.put_right import ENTERED_ON, NOTHING_SAID


# --- the table --------------------------------------------------------------------------------------------
def test_every_kind_of_every_log_stands_in_the_table() -> None:
    assert CORRECTIONS["patient"].keys() == KINDS.keys()
    assert CORRECTIONS["account"].keys() == ACCOUNT_EVENTS.keys() == events.WRITERS.keys() | events.OWN_EVENTS
    for subject in ("prescriber", "pharmacy"):
        assert CORRECTIONS[subject].keys() == WRITERS[subject].keys()


@pytest.mark.parametrize("subject", CORRECTIONS)
def test_every_kind_has_a_way_or_says_why_none_is_needed(subject: str) -> None:
    for kind, correction in CORRECTIONS[subject].items():
        assert correction.way in WAYS, kind
        assert str(correction.sentence), kind
        assert bool(correction.by) is (correction.way != "none"), kind
        for log, by in corrections_page.places_of(subject, correction):
            assert corrections_page.writers_of(log, by), (kind, by)


def test_what_is_voided_is_what_the_rules_void() -> None:
    voided = {kind for kind, correction in CORRECTIONS["patient"].items() if correction.way == "voided"}
    bare: dict[str, Record] = {kind: cls.__new__(cls) for kind, cls in KINDS.items()}
    bare["pregnancy_test"] = PregnancyTest(date(2026, 12, 1), "negative", "clinic")
    assert voided == {kind for kind, record in bare.items() if is_voidable_kind(record)}
    assert all("entry_struck" in correction_of(kind).by for kind in voided)


def test_the_effects_are_of_what_puts_right_and_of_nothing_else() -> None:
    assert [name for name, _effects in corrections_page.effects_in_order()] == list(EFFECTS)
    for subject, table in CORRECTIONS.items():
        for correction in table.values():
            for log, kind in corrections_page.places_of(subject, correction):
                assert f"{log}/{kind}" in EFFECTS or kind in EFFECTS, kind


def test_the_kinds_that_void_are_those_of_the_rules() -> None:
    for kind, cls in KINDS.items():
        record = cls.__new__(cls)
        if cls is PregnancyTest:
            continue
        assert voids(record) is (kind in VOIDING_KINDS), kind


# --- the pages --------------------------------------------------------------------------------------------
def test_every_address_that_takes_something_stands_in_one_of_the_tables() -> None:
    taking = {row.name for row in ROWS if row.answer[1] not in (405, 404) and row.name != "prescriber:entry"}
    named = {name for name in ENTERED_ON if not name.startswith("prescriber:entry/")}
    reached = {row.name for row in ROWS}
    missing = taking - named - NOTHING_SAID.keys()
    assert not missing, "say on its page how what is entered there is put right: web/shared/put_right.py"
    assert (named | NOTHING_SAID.keys()) <= reached
    assert not named & NOTHING_SAID.keys()


def test_every_entry_of_the_practice_says_it() -> None:
    assert {name.partition("/")[2] for name in ENTERED_ON if name.startswith("prescriber:entry/")} == set(ENTRY_TYPES)


def test_every_kind_that_people_enter_is_said_on_some_page() -> None:
    said = {kind for kinds in ENTERED_ON.values() for kind in kinds}
    not_said = MAY_ENTER.keys() - said
    assert not_said == {"pdf_sealed", "invited", "guide_opened"}, "written beside another entry, or by a mere button"


# --- the lines of the record --------------------------------------------------------------------------------
@pytest.fixture
def clinic(clock: Clock, db: None) -> ClinicFactory:
    clock.set("2026-12-15T11:00-05:00")
    return ClinicFactory()


def _lines(clinic: ClinicFactory, patient: Any) -> dict[str, list[str]]:
    """The addresses that the prescriber's lines lead to, by the kind of entry."""
    with unrendered():
        page: Any = as_(clinic.prescriber.user).get(f"/prescriber/patients/{patient.pk}/")
    found: dict[str, list[str]] = {}
    kinds = {entry.number: entry.record.kind for entry in page.context["assessment"].history.entries}
    blocks = [block for month in page.context["months"] for block in month.blocks]
    for line in (line for block in blocks for line in block.lines):
        found.setdefault(kinds.get(line.number, ""), []).extend(url for _label, url in line.ways)
    return found


def test_a_line_leads_to_where_it_is_put_right_and_the_way_is_open(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    lines = _lines(clinic, patient)
    assert any("/void/" in url for url in lines["pregnancy_test"])
    assert any("/void/" in url for url in lines["counselled"])
    assert any(url.endswith("/category/") for url in lines["enrolled"])
    assert any(url.endswith("/birth-date/") for url in lines["registered"])
    client = as_(clinic.prescriber.user)
    with unrendered():
        for urls in lines.values():
            for url in urls:
                assert client.get(url).status_code == 200, url


def test_the_line_of_a_stop_leads_to_clearing_it_while_it_is_open(clinic: ClinicFactory, clock: Clock) -> None:
    patient = clinic.ready()
    assert "pregnancy_reported" not in _lines(clinic, patient)
    enter(patient=patient.pk, records=[PregnancyReported()], by=clinic.doctor, at=clock.at, key=uuid4())
    assert [url.rpartition("patients/")[2].split("/", 1)[1] for url in _lines(clinic, patient)["pregnancy_reported"]] \
        == ["clear-stop/"]  # fmt: skip


def test_an_older_visit_stays_voidable_and_the_patient_gets_no_such_way(clinic: ClinicFactory, clock: Clock) -> None:
    patient = clinic.ready()
    enter(patient=patient.pk, records=[Counselled(clock.at.date())], by=clinic.doctor, at=clock.at, key=uuid4())
    assert len(_lines(clinic, patient)["counselled"]) == 2
    assert patient.user is not None
    assert "/void/" not in as_(patient.user).get("/patient/record/").content.decode()


def test_the_patients_record_leads_to_withdrawing_and_choosing_again(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    assert patient.user is not None
    client = as_(patient.user)
    with unrendered():
        page: Any = client.get("/patient/record/")
    ways = {entry.record.kind: way[1] for entry, _t, _x, _m, way in page.context["page"] if way}
    assert ways.keys() >= {"consent_signed", "contraception_declared"}
    for url in ways.values():
        assert client.get(url).status_code == 200, url


# --- what putting right does ----------------------------------------------------------------------------------
#: A record of each kind as it is entered while a window and an authorization are open.
PUTTING_RIGHT: dict[str, Record] = {
    "birth_date_corrected": BirthDateCorrected(date(2000, 4, 2), "r"),
    "category_changed": CategoryChanged("cannot_become_pregnant", "hysterectomy"),
    "consent_withdrawn": ConsentWithdrawn("birth-defects"),
    "counselled": Counselled(date(2026, 12, 14)),
    "contraception_declared": ContraceptionDeclared("prescriber", METHODS, date(2026, 12, 1)),
    "home_testing_set": HomeTestingSet(True, "s"),
    "pregnancy_test": PregnancyTest(date(2026, 12, 14), "positive", "clinic"),
    "pregnancy_reported": PregnancyReported(),
    "discontinued": Discontinued("r"),
}


def test_what_the_table_says_of_window_and_authorization_is_so(clinic: ClinicFactory, clock: Clock) -> None:
    for kind in PUTTING_RIGHT:
        with case(kind, clock=clock):
            patient = clinic.ready()
            assert clinic.authorize(patient, at=clock.at).allowed
            clock.forward(minutes=1)
            assert clinic.enter(patient, PUTTING_RIGHT[kind], at=clock.at)
            clock.forward(minutes=1)
            assessment = read_file(patient.pk, clock.at).assess(clock.at)
            assert (open_one(assessment.history) is None) is (kind in VOIDING_KINDS)
            if EFFECTS[kind].windows.startswith("stays"):
                assert assessment.window is not None
