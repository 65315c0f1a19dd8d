"""Every shared part, filled with made-up facts: what the tests of the look render."""

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

from django import forms
from django.contrib.auth.models import AnonymousUser
from django.template import engines
from django.test import RequestFactory

from ui.components import Action, DecisionCard, OpenTask, StatusCard, Step
from ui.fields import BirthDateField, DateField
from ui.forms import BaseForm
from ui.navigation import Link, Navigation
from ui.templatetags.ui import TONES
from ui.timeline import Picture, TimelineMark, TimelineSpan

TODAY = date(2026, 11, 23)


class Enrol(BaseForm):
    """A form with every kind of field."""

    submit = "Enrol"

    given_name = forms.CharField(label="Given name")
    born_on = BirthDateField()
    visit_on = DateField(label="Day of the visit")
    setting = forms.ChoiceField(
        label="Where was the test done?",
        choices=[("laboratory", "Laboratory"), ("clinic", "Clinic"), ("home", "At home")],
        widget=forms.RadioSelect,
    )
    methods = forms.MultipleChoiceField(
        label="Methods",
        help_text="Two that are used together, of different kinds.",
        choices=[
            ("Primary", [("iud", "IUD"), ("implant", "Implant")]),
            ("Secondary", [("condom", "Latex condom")]),
        ],
        widget=forms.CheckboxSelectMultiple,
    )
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    agreed = forms.BooleanField(label="I have explained the program to the patient")


class Counter(BaseForm):
    """What the pharmacist types."""

    submit = "Ask"

    number = forms.CharField(label="Patient number", widget=forms.TextInput(attrs={"class": "input-number"}))
    born_on = BirthDateField(label="Patient's date of birth")
    supply = forms.IntegerField(label="Days' supply", widget=forms.NumberInput(attrs={"class": "input-short"}))


class Reverse(BaseForm):
    """Nothing to fill in, only to confirm."""

    submit = "Reverse it"
    danger = True


def picture() -> Picture:
    """A course with a lead-in, a missed window and two dispenses."""
    return Picture(
        title="Course since Jul 6, 2026",
        start=date(2026, 7, 6),
        today=TODAY,
        lanes=("Lead-in and windows", "Tests", "Dispensed"),
        spans=(
            TimelineSpan("lead-in", date(2026, 7, 6), date(2026, 8, 5), "Lead-in"),
            TimelineSpan("window", date(2026, 8, 7), date(2026, 8, 13), "Window"),
            TimelineSpan("window", date(2026, 9, 8), date(2026, 9, 14), "Window"),
            TimelineSpan("window-missed", date(2026, 10, 8), date(2026, 10, 14), "Missed window"),
            TimelineSpan("window", date(2026, 11, 20), date(2026, 11, 26), "Window"),
        ),
        marks=(
            TimelineMark("enrolled", date(2026, 7, 6), "Enrolled"),
            TimelineMark("test-negative", date(2026, 7, 6), "Screening test, negative"),
            TimelineMark("test-negative", date(2026, 8, 7), "Confirmatory test, negative"),
            TimelineMark("dispensed", date(2026, 8, 9), "Dispensed, 30 days"),
            TimelineMark("test-negative", date(2026, 9, 8), "Monthly test, negative"),
            TimelineMark("dispensed", date(2026, 9, 10), "Dispensed, 30 days"),
            TimelineMark("test-negative", date(2026, 10, 8), "Monthly test, negative"),
            TimelineMark("test-unclear", date(2026, 11, 17), "Monthly test, indeterminate"),
            TimelineMark("test-negative", date(2026, 11, 20), "Monthly test, negative"),
        ),
    )


def tasks() -> tuple[OpenTask, ...]:
    """Two that people clear, one that only time does."""
    return (
        OpenTask(
            "The monthly questions are not answered yet.",
            "The patient answers five questions online.",
            who=("Patient",),
            by=date(2026, 11, 26),
            code="comprehension-missing",
            source="Edition 2026, section 5.2",
        ),
        OpenTask(
            "The visit of this month is not entered.",
            "Enter the day on which you counselled the patient.",
            who=("You",),
            yours=True,
            by=date(2026, 11, 26),
            action=Action("Enter the visit", "/visit", "calendar-plus", tone="main"),
        ),
        OpenTask("The first 30 days of contraception are not over.", clears_on=date(2026, 12, 4)),
    )


def status() -> StatusCard:
    """The patient's turn."""
    return StatusCard(
        "Answer this month's five questions",
        "It takes about three minutes. You can try again as often as you need.",
        last_day=date(2026, 11, 26),
        actions=(Action("Answer the questions", "/questions", "arrow-right", tone="main"),),
        steps=(
            Step("Test entered", "done", "Nov 20, by your prescriber"),
            Step("Choose your two methods", "done"),
            Step("Answer the five questions", "now", action=Action("Answer", "/questions")),
            Step("Visit entered", "waiting", "Your prescriber does this"),
            Step("Pick up at the pharmacy", "later", "By Nov 26"),
        ),
    )


def answers() -> dict[str, DecisionCard]:
    """The counter's two answers."""
    return {
        "yes": DecisionCard(
            True, "Yes. You may dispense.", "7KQ4-2M9X", date(2026, 11, 26), note="30 days' supply at most."
        ),
        "no": DecisionCard(False, "No. Do not dispense.", tasks=tasks()[:1] + tasks()[2:], try_again=date(2026, 12, 4)),
    }


def patients() -> list[dict[str, Any]]:
    """A worklist of four."""
    return [
        {"name": "Maya Okafor", "number": "K7QM2XWT", "stage": ("act", "Visit missing"), "closes": date(2026, 11, 24)},
        {"name": "Elena Brandt-Castellanos", "number": "P3HV9RZA", "stage": ("wait", "Lead-in"), "closes": None},
        {"name": "Jonah Fields", "number": "B4TN6YCE", "stage": ("yes", "May be dispensed"), "closes": TODAY},
        {"name": "Rosa Lindqvist", "number": "D8WX5KJF", "stage": ("no", "Stopped"), "closes": None},
    ]


def context() -> dict[str, Any]:
    """All of it, under the names that the gallery's templates use."""
    navigation = Navigation(
        (Link("Patients", "/p/", "users-round", "page"), Link("Enrol a patient", "/e/", "user-round-plus", "")),
        Link("Your account", "/a/", "circle-user-round", ""),
        "Designee for Dr Amara Osei",
    )
    reader = SimpleNamespace(is_authenticated=True, name="Tomás Herrera", role_name="Designee")
    return {
        "navigation": navigation,
        "user": reader,
        "tasks": tasks(),
        "status": status(),
        "answers": answers(),
        "patients": patients(),
        "picture": picture(),
        "unbound": Counter(),
        "reverse": Reverse(),
        "consequences": ["The number can no longer be used.", "The product goes back to stock."],
        "wrong": Enrol({"given_name": "", "born_on": "31/31/2008", "note": "typed", "key": "x"}),
        "tones": list(TONES),
        "page": {"before": "21", "after": "40"},
        "rows": [("Patient number", "K7QM-2XWT"), ("Born", "Apr 27, 2008"), ("Category", "Can become pregnant")],
        "actions": [Action("Record a test", "/t", "test-tube", tone="main"), Action("Stop", "/s", "octagon-pause")],
        "action": Action("Enrol a patient", "/e", "user-round-plus", tone="main"),
        "at": datetime(2026, 11, 24, 4, 59, tzinfo=UTC),
        "day": date(2026, 11, 26),
    }


def render(body: str, *, width: str = "wide", **more: Any) -> str:
    """A whole page with that body."""
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    source = (
        '{% extends "base.html" %}{% load crispy_forms_tags %}{% block title %}Gallery{% endblock %}'
        "{% block width %}" + width + "{% endblock %}{% block content %}" + body + "{% endblock %}"
    )
    page = engines["django"].from_string(source)
    return str(page.render({**context(), **more}, request))


BODIES: dict[str, tuple[str, str]] = {
    "worklist": (
        """
{% include "components/page_header.html" with title="Patients" lead="What closes first stands first." actions=actions %}
<table class="worklist">
  <thead><tr><th scope="col">Patient</th><th scope="col">State</th><th scope="col">Closes</th></tr></thead>
  <tbody>
    {% for p in patients %}
    <tr>
      <th scope="row">
        <a href="/p">{{ p.name }}</a>
        <span class="worklist__sub">{{ p.number|patient_number }}</span>
      </th>
      <td data-label="State">{% pill p.stage.0 p.stage.1 %}</td>
      <td data-label="Closes">{{ p.closes|program_day }}</td>
    </tr>
    {% endfor %}
  </tbody>
</table>
{% include "components/pager.html" %}
{% include "components/empty.html" with title="No patients yet" text="Those you enrol appear here." action=action %}
""",
        "wide",
    ),
    "patient": (
        """
{% include "components/page_header.html" with back_url="/" back_label="Patients" title="Maya Okafor" actions=actions %}
<div class="columns"><div>
<section class="panel"><h2 class="panel__title">What blocks</h2>{% include "components/open_tasks.html" %}</section>
<section class="panel">{% timeline picture %}</section>
</div><div>
<section class="panel"><h2 class="panel__title">Patient</h2>{% include "components/data_list.html" %}</section>
{% include "components/notice.html" with tone="act" title="Hand-over waits" text="The new prescriber must accept." %}
{% include "components/notice.html" with tone="yes" text="The visit is entered." %}
</div></div>
""",
        "wide",
    ),
    "status": (
        """
{% include "components/status.html" %}
<h2>Your steps</h2>{% include "components/steps.html" with steps=status.steps %}
<p>{{ at|program_time }}</p>
""",
        "narrow",
    ),
    "counter": ("{% crispy unbound %}", "narrow"),
    "yes": ('{% include "components/decision.html" with decision=answers.yes %}', "medium"),
    "no": ('{% include "components/decision.html" with decision=answers.no %}', "medium"),
    "form": ("<h1>Enrol a patient</h1>{% crispy wrong %}", "medium"),
    "confirm": (
        """
{% include "components/page_header.html" with eyebrow="Authorization" title="7KQ4-2M9X" lead="Open until Nov 26." %}
{% include "components/confirm.html" with title="Reverse this?" text="Do this when" form=reverse cancel_url="/" %}
{% include "components/card.html" with title="Before you go on" icon_name="info" text="Return to stock." tone="act" %}
{% for tone in tones %}{% include "components/notice.html" with title="Notice" text="What it says." %}{% endfor %}
<dl class="figures"><div><dt>Open</dt><dd>12</dd></div><div><dt>Overdue</dt><dd>3</dd></div></dl>
<p>{% for tone in tones %}{% pill tone tone %} {% endfor %}</p>
<article class="document"><h2>1. What it is for</h2><p>A text to read, then to sign.</p></article>
""",
        "medium",
    ),
}
