"""Template tags and filters that every page has without loading them."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import phonenumbers
from django import forms, template
from django.template import Context
from django.template.defaulttags import CsrfTokenNode
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from lucide.templatetags.lucide import lucide

from ledger import clock
from ui import numbers, times, zone
from ui.forms import FormProblem, Press
from ui.forms import anchor as field_anchor
from ui.forms import problems as problems_of
from ui.timeline import Drawing, Picture, draw

#: The country whose numbers are written without their country code.
AMERICAN = 1

register = template.Library()

#: The icon of each tone; a tone never speaks by its colour alone.
TONES = {
    "yes": "circle-check",
    "no": "octagon-x",
    "wait": "clock",
    "act": "circle-alert",
    "info": "info",
    "quiet": "circle-dashed",
}


@register.simple_tag
def icon(name: str, size: int = 20, label: str = "", css: str = "") -> SafeString:
    """An icon of the lucide set, inline: `{% icon "clock" %}`. With `label` it speaks, without it is decoration."""
    return _icon(str(name), size, str(label), str(css))


@lru_cache(maxsize=512)
def _icon(name: str, size: int, label: str, css: str) -> SafeString:
    payload = {"role": "img", "aria-label": label} if label else {"aria-hidden": "true"}
    # The set's own renderer escapes attributes; what it returns is safe.
    drawn = lucide(name, size=size, focusable="false", **{"class": f"icon {css}".strip()}, **payload)
    return SafeString(drawn)  # nosec B703


@register.simple_tag
def pill(tone: str, text: str, icon_name: str = "") -> SafeString:
    """A short state: `{% pill "wait" _("Waiting") %}`. Tones: yes, no, wait, act, info, quiet."""
    drawn = _icon(icon_name or TONES[tone], 16, "", "")
    return format_html('<span class="pill pill--{}">{}{}</span>', tone, drawn, text)


@register.simple_tag(takes_context=True)
def csrf_token(context: Context) -> SafeString:
    """Django's hidden token against foreign forms, and the place for which the page is shown: no form lacks either."""
    hidden = SafeString(CsrfTokenNode().render(context))  # nosec B703
    place = getattr(getattr(context.get("request"), "user", None), "place", None)
    if not hidden or place is None:
        return hidden
    return format_html('{}<input type="hidden" name="acting_in" value="{}">', hidden, place.code)


@register.simple_tag
def request_key() -> SafeString:
    """The hidden key of a form that is a button and no more: `{% request_key %}`. It makes pressing twice harmless."""
    return Press()["key"].as_widget()


@register.filter
def as_json(value: Any) -> str:
    """Plain data for a script, to stand in an attribute: the template escapes it like any text."""
    return json.dumps(value)


@register.filter
def tone_icon(tone: str) -> str:
    """The name of the icon that belongs to a tone."""
    return TONES[tone]


@register.filter
def message_tone(tags: str) -> str:
    """The tone of one of Django's messages, by its tags."""
    return {"success": "yes", "warning": "act", "error": "no"}.get(tags.split(" ")[-1], "info")


@register.filter
def program_day(day: date | None) -> SafeString:
    """A plain date of the program: Mon, Nov 23, 2026."""
    return _time_element(day, times.plain_day(day)) if day else SafeString("")


@register.filter
def short_day(day: date) -> str:
    """A day in a picture: Nov 23."""
    return times.plain_day(day, times.SHORT_DAY)


@register.filter
def last_day(day: date | None) -> SafeString:
    """A day until whose end something may be done, with its zone to a reader in another, and when it ends there."""
    return _in_zone(day, zone.end_of(day)) if day else SafeString("")


@register.filter
def first_day(day: date | None) -> SafeString:
    """A day from whose beginning something may be done, with its zone to a reader in another."""
    return _in_zone(day, zone.begin_of(day)) if day else SafeString("")


@register.filter
def program_time(at: datetime | None) -> SafeString:
    """An instant in the program's zone, with the zone's name, and the reader's own time beside it when it differs."""
    if at is None:
        return SafeString("")
    own = times.own_time(at, named=at.astimezone(zone.program()).date())
    return format_html('<time datetime="{}">{}</time>{}', times.machine(at), times.program_moment(at), _beside(own))


@register.filter
def until_end(day: date | None) -> SafeString:
    """To follow "until": the end of a day of the program, with the reader's own time beside it when it differs."""
    if day is None:
        return SafeString("")
    shown = _("the end of %(day)s, New York time") % {"day": times.plain_day(day)}
    return format_html("{}{}", _time_element(day, shown), _beside(times.own_time(zone.end_of(day))))


@register.filter
def from_today(day: date | None) -> SafeString:
    """To stand before a day that is near: "in 3 days, ". Empty where the day is far, or long past."""
    away = times.from_today(day) if day else ""
    return format_html('<span class="away">{}</span>, ', away) if away else SafeString("")


@register.simple_tag
def today() -> str:
    """The word "today" in a sentence, with the program's day where it is another day for the reader."""
    return times.today()


@register.simple_tag
def today_in_a_picture() -> str:
    """The name of the line of today in a picture."""
    return _("Today in New York") if times.today_note() else _("Today")


@register.simple_tag
def zone_of_days() -> str:
    """To follow days where there is no room for more: the zone, to a reader in another."""
    return _(", New York time") if zone.differs(clock.for_display()) else ""


@register.inclusion_tag("components/printed.html")
def printed(user: object) -> dict[str, object]:
    """What stands on paper alone: who printed the page, and on which day."""
    return {"name": getattr(user, "name", ""), "day": times.program_today()}


@register.inclusion_tag("components/today_note.html")
def today_note() -> dict[str, str]:
    """What is said on every page to a reader for whom it is another day than for the program."""
    return {"note": times.today_note()}


def _time_element(day: date, shown: str) -> SafeString:
    return format_html('<time datetime="{}">{}</time>', day.isoformat(), shown)


def _in_zone(day: date, at: datetime) -> SafeString:
    """A day that begins or ends at that instant; to a reader elsewhere with the zone, and their own time."""
    own = times.own_time(at)
    if not own:
        return _time_element(day, times.plain_day(day))
    # The comma keeps to the day, and all of it together: a cell or a card lays it out as one.
    shown, name = _time_element(day, f"{times.plain_day(day)},"), _("New York time")
    return format_html('<span class="in-zone">{} <span class="zone">{}</span>{}</span>', shown, name, _beside(own))


def _beside(own: str) -> SafeString:
    return format_html(' <span class="own-time">({})</span>', own) if own else SafeString("")


@register.filter
def patient_number(number: str) -> SafeString:
    """A patient number as it is read aloud, kept on one line."""
    return format_html('<span class="number">{}</span>', numbers.patient_number(number))


@register.filter
def telephone(number: str) -> SafeString:
    """A telephone number as people write it, to be called by a press; what is no number as it stands."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return format_html("{}", number)
    national = parsed.country_code == AMERICAN
    style = phonenumbers.PhoneNumberFormat.NATIONAL if national else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return format_html('<a class="number" href="tel:{}">{}</a>', number, phonenumbers.format_number(parsed, style))


#: A number within a sentence, as one calls it in the United States; its hyphens never break a line.
_WITHIN = re.compile(r"\b1‑\d{3}‑\d{3}‑\d{4}\b")


@register.filter
def with_calls(sentence: str) -> SafeString:
    """A sentence whose telephone numbers are called by a press."""
    pieces, end = [], 0
    for found in _WITHIN.finditer(str(sentence)):
        pieces.append((sentence[end : found.start()], found[0].replace("‑", ""), found[0]))
        end = found.end()
    return format_html("{}{}", format_html_join("", '{}<a href="tel:+{}">{}</a>', pieces), sentence[end:])


@register.filter
def problems(form: forms.BaseForm) -> Iterator[FormProblem]:
    """Every error of any Django form, for the summary above it."""
    return problems_of(form)


@register.filter
def anchor(bound: forms.BoundField) -> str:
    """The id of the element that takes the focus for that field."""
    return field_anchor(bound)


@register.filter
def is_group(bound: forms.BoundField) -> bool:
    """Whether the field is several controls, which need a legend and not a label."""
    return bool(bound.use_fieldset)


@register.filter
def is_ticked(options: Iterable[Mapping[str, Any]]) -> bool:
    """Whether one of these options of a widget is chosen."""
    return any(option["selected"] for option in options)


@register.inclusion_tag("components/timeline.html")
def timeline(picture: Picture) -> dict[str, Any]:
    """The picture of a course: `{% timeline picture %}` with a `ui.timeline.Picture`."""
    drawing: Drawing = draw(picture)
    return {"drawing": drawing, "picture": picture}


#: What browsers call themselves, the particular before the common; and what they run on.
_BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("FxiOS", "Firefox"), ("CriOS", "Chrome"),
             ("Chrome", "Chrome"), ("Safari", "Safari"))  # fmt: skip
_SYSTEMS = (("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
            ("Mac OS", "Mac"), ("CrOS", "Chromebook"), ("Linux", "Linux"))  # fmt: skip


@register.filter
def device(user_agent: str) -> str:
    """A browser's own long name in words its owner knows: "Chrome on Android"."""
    browser = next((words for mark, words in _BROWSERS if mark in user_agent), "")
    system = next((words for mark, words in _SYSTEMS if mark in user_agent), "")
    if not (browser and system):
        return user_agent[:60]
    return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
