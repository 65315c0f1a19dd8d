"""The monthly form: it asks what this patient's stage needs and no more, and takes the pairs that the rules take."""

from datetime import date
from itertools import product
from typing import Any
from uuid import uuid4

import pytest
from django.utils.datastructures import MultiValueDict

from accounts.models import User
from compliance.rules.care.notes import BookedTest
from compliance.rules.contraception import acceptable
from compliance.rules.programs.isotretinoin_us import ISOTRETINOIN_US
from compliance.rules.records import ContraceptionDeclared, Counselled, PregnancyTest
from ledger import log
from tests import factories
from tests.clocks import Clock
from tests.factories import as_
from tests.histories import METHODS, OTHER_METHODS
from tests.web.test_what_it_opens import TODAY, Practice, ago, said, words
from tests.web.unrendered import unrendered
from web.prescriber.method_forms import first_options, second_options

pytestmark = pytest.mark.django_db

TEST, VISIT, PAIR = {"collected_on", "result", "setting"}, {"visit_on"}, {"methods"}
SIGNATURE = {"item_all", "signer_password"}
HIDDEN = {"key", "told", "repeated", "displayed_sha256", "assertion", "nonce"}


@pytest.fixture
def practice(clock: Clock) -> Practice:
    return Practice(clock)


def fields(practice: Practice, reader: User | None = None) -> set[str]:
    """What the form asks the reader to fill in."""
    with unrendered():
        answer = as_(reader or practice.doctor).get(practice.path("month"))
    assert answer.status_code == 200
    return set(answer.context["form"].fields) - HIDDEN


# --- what is asked ----------------------------------------------------------------------------------
def test_routine_month_asks_six_things_and_the_signature(practice: Practice) -> None:
    """Eight controls, of which four are filled in: the pair is two lists, and since when it is used is known."""
    practice.filled()
    assert fields(practice) == TEST | VISIT | PAIR | SIGNATURE
    with unrendered():
        form = practice.client.get(practice.path("month")).context["form"]
        assert (form["collected_on"].value(), form["visit_on"].value()) == (TODAY, TODAY)
    assert form["methods"].value() == list(METHODS)
    assert not form["result"].value() and not form["setting"].value(), "result and place are never guessed"


def test_what_is_recorded_already_is_not_asked_again(practice: Practice) -> None:
    practice.filled(PregnancyTest(TODAY, "negative", "clinic"), Counselled(TODAY))
    # A fill of today: a test of today does not lie after it, so that it is still asked.
    assert fields(practice) == TEST | PAIR | SIGNATURE


def test_in_the_lead_in_no_test_is_asked(practice: Practice) -> None:
    practice.enrolled(
        PregnancyTest(ago(3), "negative", "clinic"), ContraceptionDeclared("prescriber", METHODS, ago(3)), days=3
    )
    assert fields(practice) == VISIT | PAIR | SIGNATURE


def test_first_month_asks_since_when_the_methods_are_used(practice: Practice) -> None:
    practice.enrolled(days=1)
    assert fields(practice) == TEST | VISIT | PAIR | {"started_on"} | SIGNATURE


def test_second_test_asks_for_the_menses(practice: Practice) -> None:
    practice.begun()
    assert fields(practice) == TEST | {"menses"} | VISIT | PAIR | SIGNATURE
    assert "What is still asked for, in one go." in practice.client.get(practice.path("month")).content.decode()


def test_where_nothing_is_asked_the_month_can_be_entered_once_more(practice: Practice) -> None:
    assert "Nothing is asked for now." in practice.client.get(practice.path("month")).content.decode()
    assert fields(practice) == TEST | {"menses"} | VISIT | PAIR | SIGNATURE


def test_designee_is_asked_neither_the_methods_nor_a_signature(practice: Practice) -> None:
    practice.filled()
    assert fields(practice, factories.designee(practice.clinic.prescriber).user) == TEST | VISIT


def test_day_for_which_a_test_was_booked_is_the_guess(practice: Practice) -> None:
    practice.begun()
    practice.clinic._enter(practice.patient, practice.clinic.now, BookedTest(TODAY))
    form = practice.client.get(practice.path("month")).context["form"]
    assert form["collected_on"].value() == TODAY
    assert "As booked" in str(form["collected_on"].help_text)


# --- what is entered --------------------------------------------------------------------------------
def typed(on: date = TODAY, **more: Any) -> dict[str, Any]:
    day = on.isoformat()
    return {
        "collected_on": day, "result": "negative", "setting": "laboratory", "visit_on": day, "methods": list(METHODS),
        "menses": "first_five_days",
    } | more  # fmt: skip


def test_month_is_three_records_and_one_signature(practice: Practice) -> None:
    practice.begun()
    before = practice.records()
    answer = practice.client.post(practice.path("month"), practice.signed(typed()) | {"key": str(uuid4())})
    assert answer.status_code == 302, answer.context["form"].errors
    *entered, signature = log.read(practice.patient.pk)[before:]
    assert [row.kind for row in entered] == ["pregnancy_test", "counselled", "contraception_declared"]
    assert signature.kind == "attested"
    assert signature.data["covers"] == [row.number for row in entered]
    assert signature.data["answers"] == dict.fromkeys(("identity", "result", "counselled", "methods"), True)
    assert entered[-1].data["started_on"] == ago(40).isoformat(), "as it was declared last"


def test_other_methods_than_last_month_ask_since_when(practice: Practice) -> None:
    practice.begun()
    form = typed(methods=list(OTHER_METHODS))
    asked = practice.send("month", form, step="tell")
    assert asked.status_code == 422
    assert list(asked.context["form"].errors) == ["started_on"]
    assert asked.context["form"]["methods"].value() == list(OTHER_METHODS)
    told = practice.send("month", form | {"started_on": ago(2).isoformat()}, step="tell")
    assert (told.status_code, "What this opens" in words(told)) == (200, True)


def test_part_that_was_asked_when_the_page_was_opened_is_still_taken(practice: Practice) -> None:
    """Meanwhile the designee has entered the visit: what the prescriber typed is not dropped in silence."""
    practice.begun()
    practice.clinic._enter(practice.patient, practice.clinic.now, Counselled(ago(1)))
    assert "visit_on" not in fields(practice)
    before = practice.records()
    assert practice.client.post(
        practice.path("month"), practice.signed(typed()) | {"key": str(uuid4())}
    ).status_code == 302  # fmt: skip
    assert [row.kind for row in log.read(practice.patient.pk)[before:]].count("counselled") == 1


def test_what_is_asked_is_required(practice: Practice) -> None:
    practice.filled()
    whole = {name: value for name, value in typed().items() if name != "menses"}
    for left_out in whole:
        rest = {name: value for name, value in whole.items() if name != left_out}
        with unrendered():
            answer = practice.send("month", rest, step="tell")
            assert answer.status_code == 422, left_out
        assert list(answer.context["form"].errors) == [left_out]


# --- the pairs --------------------------------------------------------------------------------------
def codes(options: Any) -> list[str]:
    return [
        code
        for value, label in options
        for code in ([c for c, _label in label] if isinstance(label, list) else [value])
    ]


FIRST, SECOND = (codes(options(ISOTRETINOIN_US.methods)) for options in (first_options, second_options))


def test_form_accepts_each_pair_of_its_lists_as_the_rules_do(practice: Practice) -> None:
    form = practice.client.get(practice.path("methods")).context["form"]
    accepted = set()
    for pair in product(FIRST, SECOND):
        data = MultiValueDict({"methods": list(pair), "started_on": [ago(40).isoformat()], "step": ["tell"]})
        chosen = form.fields["methods"].widget.value_from_datadict(data, {}, "methods")
        checked = type(form)(data, ctx=form.ctx)
        taken = "methods" not in checked.errors
        assert taken == acceptable(chosen, ISOTRETINOIN_US.methods), pair
        if taken:
            assert set(checked.cleaned_data["methods"]) == {code for code in pair if code}
            accepted.add(frozenset(chosen))
    every = {frozenset(pair) for pair in product(ISOTRETINOIN_US.methods, repeat=2)}
    assert accepted == {pair for pair in every if acceptable(pair, ISOTRETINOIN_US.methods)}, "a pair is in no list"


def test_each_pair_stands_in_its_lists_when_the_form_is_shown_again(practice: Practice) -> None:
    widget = practice.client.get(practice.path("methods")).context["form"].fields["methods"].widget
    for pair in product(FIRST[1:], SECOND[1:]):
        if acceptable(pair, ISOTRETINOIN_US.methods):
            assert set(widget._placed(pair)) == set(pair)
            assert widget._placed(pair)[0] in FIRST


def test_page_names_what_is_not_accepted(practice: Practice) -> None:
    practice.filled()
    page = words(practice.client.get(practice.path("month")))
    for name in ("mini-pill", "Female condom", "Withdrawal", "Fertility awareness", "Cervical shield"):
        assert name in page, name


# --- several in a row -------------------------------------------------------------------------------
def test_next_patient_who_needs_the_reader_opens_once_the_month_is_saved(practice: Practice) -> None:
    practice.begun()
    first = practice.patient
    practice.begun()
    second = practice.patient
    with unrendered():
        mine = practice.client.get("/prescriber/?mine=1")
    listed = [row.pk for row in mine.context["page"] if row.pk in (first.pk, second.pk)]
    assert len(listed) == 2
    practice.patient = first if listed[0] == first.pk else second
    address = practice.path("month") + "?mine=1&list=1"
    answer = practice.client.post(address, practice.signed(typed()) | {"key": str(uuid4())})
    assert answer["Location"] == f"/prescriber/patients/{listed[1]}/month/?mine=1&list=1"
    number = practice.patient.number
    assert said(answer)[0][1].startswith(f"{number[:4]}-{number[4:]}: "), "it says of whom, on another's page"
    practice.patient = second if practice.patient is first else first
    last = practice.client.post(
        practice.path("month") + "?mine=1&list=1", practice.signed(typed()) | {"key": str(uuid4())}
    )
    assert last["Location"] == f"/prescriber/patients/{listed[1]}/?mine=1&list=1"
    assert "That was the last one who needs you today." in [text for _level, text in said(last)]


def test_reader_who_came_another_way_stays_with_the_patient(practice: Practice) -> None:
    practice.begun()
    answer = practice.client.post(practice.path("month"), practice.signed(typed()) | {"key": str(uuid4())})
    assert answer["Location"] == f"/prescriber/patients/{practice.patient.pk}/"


def test_patients_page_leads_back_to_the_place_and_on_to_the_next(practice: Practice) -> None:
    practice.begun()
    practice.begun()
    with unrendered():
        rows = [row.pk for row in practice.client.get("/prescriber/?stage=second-test").context["page"]]
        if len(rows) < 2:
            rows = [row.pk for row in practice.client.get("/prescriber/").context["page"]]
        page = practice.client.get(f"/prescriber/patients/{rows[0]}/?list=1")
        every = [row.pk for row in practice.client.get("/prescriber/").context["page"]]
    after = every[every.index(rows[0]) + 1]
    assert page.context["next_url"] == f"/prescriber/patients/{after}/?list=1"
    assert page.context["back_url"] == f"/prescriber/#row-{rows[0]}"
    with unrendered():
        assert practice.client.get(f"/prescriber/patients/{rows[0]}/").context["next_url"] == ""
