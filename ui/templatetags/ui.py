"""Template tags and filters that every page has without loading them."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from django import forms, template
from django.utils import formats
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from lucide.templatetags.lucide import lucide

from ui import zone
from ui.forms import FormProblem, Press
from ui.forms import anchor as field_anchor
from ui.forms import problems as problems_of
from ui.timeline import Drawing, Picture, draw

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
_DAY, _TIME = "D, M j, Y", "g:i A"


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
    if day is None:
        return SafeString("")
    return format_html('<time datetime="{}">{}</time>', day.isoformat(), formats.date_format(day, _DAY))


@register.filter
def program_time(at: datetime | None) -> SafeString:
    """An instant in the program's zone, with the zone's name, and the reader's own time beside it when it differs."""
    if at is None:
        return SafeString("")
    here = at.astimezone(zone.program())
    shown = _("%(day)s, %(time)s New York time") % {
        "day": formats.date_format(here, _DAY),
        "time": formats.date_format(here, _TIME),
    }
    return format_html('<time datetime="{}">{}</time>{}', _machine(at), shown, _own(at))


@register.filter
def until_end(day: date | None) -> SafeString:
    """To follow "until": the end of a day of the program, with the reader's own time beside it when it differs."""
    if day is None:
        return SafeString("")
    shown = _("the end of %(day)s, New York time") % {"day": formats.date_format(day, _DAY)}
    end = zone.end_of(day)
    return format_html('<time datetime="{}">{}</time>{}', day.isoformat(), shown, _own(end))


def _machine(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _own(at: datetime) -> SafeString:
    reader_zone = zone.differs(at)
    if reader_zone is None:
        return SafeString("")
    mine = at.astimezone(reader_zone)
    same_day = mine.date() == at.astimezone(zone.program()).date()
    shown = formats.date_format(mine, _TIME if same_day else f"D, M j, {_TIME}")
    return format_html(' <span class="own-time">{}</span>', _("(%(time)s where you are)") % {"time": shown})


@register.filter
def patient_number(number: str) -> SafeString:
    """A patient number as it is read aloud: ABCD-EFGH, kept on one line."""
    plain = str(number).replace("-", "")
    shown = f"{plain[:4]}-{plain[4:]}" if len(plain) == 8 else plain
    return format_html('<span class="number">{}</span>', shown)


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
