"""Every form says what is wrong, keeps what was typed, and carries an idempotency key."""

import re
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from crispy_forms.utils import render_crispy_form
from django import forms

from ui.fields import BirthDateField, DateField
from ui.forms import BaseForm, problems
from web.styleguide.examples import Counter, Enrol

#: A day that was typed is asked about by its distance from today.
pytestmark = pytest.mark.usefixtures("clock")

ENROL: dict[str, Any] = {
    "given_name": "Maya",
    "born_on": "04/27/2008",
    "visit_on": "2026-11-23",
    "setting": "clinic",
    "methods": ["iud", "condom"],
    "agreed": "on",
}


class AboutMe(BaseForm):
    about_self = True

    email = forms.EmailField()
    phone = forms.CharField(required=False)
    nickname = forms.CharField(required=False)


class Search(BaseForm):
    method = "get"

    words = forms.CharField(required=False)


def html(form: forms.Form) -> str:
    return str(render_crispy_form(form, context={"csrf_token": "token"}))


def with_key(**changes: object) -> dict[str, Any]:
    return {**ENROL, "key": str(uuid4()), **changes}


def test_a_new_form_brings_a_key_of_its_own() -> None:
    keys = {re.search(r'name="key" value="([^"]+)"', html(Counter())) for _ in range(2)}
    found = {match.group(1) for match in keys if match}
    assert len(found) == 2
    assert all(UUID(key).version == 4 for key in found)


def test_a_form_of_one_request_keeps_its_key_over_an_error() -> None:
    sent = with_key(given_name="")
    form = Enrol(sent)
    assert not form.is_valid()
    assert f'name="key" value="{sent["key"]}"' in html(form)


def test_a_valid_form_hands_over_its_key() -> None:
    sent = with_key()
    form = Enrol(sent)
    assert form.is_valid(), form.errors
    assert form.idempotency_key == UUID(sent["key"])


@pytest.mark.parametrize("spoilt", ["", "no-key", None])
def test_a_missing_or_spoilt_key_is_replaced_and_said(spoilt: str | None) -> None:
    form = Counter({"number": "x", "born_on": "04/27/2008", "supply": "30", "key": spoilt})
    assert not form.is_valid()
    assert "out of date" in html(form)
    renewed = re.search(r'name="key" value="([^"]+)"', html(form))
    assert renewed is not None
    assert UUID(renewed.group(1))


def test_after_a_refusal_everything_typed_stands_and_the_key_is_new() -> None:
    sent = with_key(note="typed with care")
    form = Enrol(sent)
    assert form.is_valid()
    form.refuse("This patient is enrolled already.")
    page = html(form)
    assert "This patient is enrolled already." in page
    assert "typed with care" in page
    assert 'value="Maya"' in page
    assert sent["key"] not in page
    assert str(form.data["key"]) in page


def test_a_refusal_can_stand_beside_its_field() -> None:
    form = Enrol(with_key())
    assert form.is_valid()
    form.refuse("That day lies ahead.", "visit_on")
    assert 'href="#id_visit_on"' in html(form)


def test_nothing_typed_is_lost_by_an_error() -> None:
    page = html(Enrol(with_key(born_on="31/31/2008", note="a <b>note</b>", agreed="")))
    assert 'value="31/31/2008"' in page
    assert "a &lt;b&gt;note&lt;/b&gt;" in page
    assert re.search(r'value="iud"[^>]*checked', page)
    assert re.search(r'value="clinic"[^>]*checked', page)


def test_the_summary_takes_the_focus_and_leads_to_each_field() -> None:
    page = html(Enrol({"key": str(uuid4())}))
    summary = page[page.index("error-summary") : page.index("</ul>")]
    assert "autofocus" in summary
    targets = re.findall(r'href="#([^"]+)"', summary)
    assert targets == ["id_given_name", "id_born_on", "id_visit_on", "id_setting_0", "id_methods_0_0", "id_agreed"]
    for target in targets:
        assert re.search(rf'<(input|textarea|select)[^>]*id="{target}"', page), target


def test_no_error_no_summary() -> None:
    assert "error-summary" not in html(Enrol())


def test_an_error_is_tied_to_its_field() -> None:
    page = html(Enrol({"key": str(uuid4())}))
    assert 'aria-describedby="id_given_name_error"' in page
    assert 'id="id_given_name_error"' in page
    assert 'aria-describedby="id_methods_helptext id_methods_error"' in page


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("given_name", "Fill this in."),
        ("setting", "Choose one."),
        ("methods", "Choose at least one."),
        ("agreed", "Tick this box to go on."),
    ],
)
def test_what_is_missing_is_said_in_the_words_of_the_field(field: str, words: str) -> None:
    assert Enrol({"key": str(uuid4())}).errors[field] == [words]


def test_words_of_its_own_are_left_alone() -> None:
    class Own(BaseForm):
        name = forms.CharField(error_messages={"required": "Your name, please."})

    assert Own({"key": str(uuid4())}).errors["name"] == ["Your name, please."]


@pytest.mark.parametrize(
    ("form", "note"),
    [(Counter(), "Please fill in everything."), (Enrol(), "not marked optional"), (Search(), "")],
)
def test_it_says_what_is_required(form: BaseForm, note: str) -> None:
    assert note in str(form.required_note)
    assert bool(note) == bool(form.required_note)


def test_a_form_about_somebody_else_takes_nothing_from_the_browser() -> None:
    page = html(Enrol())
    assert set(re.findall(r'autocomplete="([^"]+)"', page)) == {"off"}


def test_a_form_about_oneself_may_be_filled_in_by_the_browser() -> None:
    assert re.findall(r'autocomplete="([^"]+)"', html(AboutMe())) == ["email", "tel", "off"]


def test_a_search_has_no_key_and_goes_by_get() -> None:
    page = html(Search())
    assert 'method="get"' in page
    assert 'name="key"' not in page
    assert "csrf" not in page


def test_problems_of_the_whole_form_come_first() -> None:
    form = Enrol(with_key(given_name=""))
    form.is_valid()
    form.add_error(None, "Something in general.")
    assert [problem.text for problem in problems(form)] == ["Something in general.", "Given name: Fill this in."]


@pytest.mark.parametrize("typed", ["04/27/2008", "04-27-2008", "04.27.2008", "2008-04-27", "04272008", " 04/27/2008 "])
def test_a_birth_date_may_be_typed_in_many_ways(typed: str) -> None:
    assert BirthDateField().clean(typed) == date(2008, 4, 27)


@pytest.mark.parametrize("typed", ["27/04/2008", "4/27/08", "00000000", "04/27/1899", "soon", "0427200"])
def test_what_is_no_birth_date_is_refused(typed: str) -> None:
    with pytest.raises(forms.ValidationError):
        BirthDateField().clean(typed)


def test_a_date_is_sent_back_as_the_browser_wants_it() -> None:
    bound = forms.Form(initial={"day": date(2026, 11, 3)})
    bound.fields["day"] = DateField()
    assert 'type="date"' in str(bound["day"])
    assert 'value="2026-11-03"' in str(bound["day"])
