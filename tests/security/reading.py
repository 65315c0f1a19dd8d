"""Reads a page as a browser does: its forms with fields and values, its addresses, its title."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from typing import Any

from django.test import Client

from tests.factories import PASSWORD

#: What a person might type, by the type of the field and the end of its name; else a word.
TYPED = {"email": "somebody@example.org", "date": "2026-12-14", "number": "1", "tel": "+12125550199"}
TYPED["password"] = PASSWORD
NAMED = {
    "born_on": "2001-04-02", "npi": "1234567893", "code": "123456", "days_supply": "30", "methods": "abstinence",
    "guardian_email": "guardian@example.org",
}  # fmt: skip


def next_page(shown: str, rel: str = "next") -> str:
    """What a list's link to its next page, or to the one before, adds to its address; empty without one."""
    found = re.search(rf'rel="{rel}"\s+href="([^"]*)"', shown)
    return unescape(found[1]) if found else ""


@dataclass(slots=True)
class Field:
    """One name that a form sends."""

    name: str
    kind: str
    value: str = ""

    @property
    def filled(self) -> str:
        """What stands in it, or what would pass at first sight."""
        if self.kind in ("hidden", "button", "radio", "select"):
            return self.value
        return NAMED.get(self.name) or self.value or TYPED.get(self.kind, "Something")


@dataclass(slots=True)
class Form:
    """One form: where it goes, and what it sends."""

    action: str
    method: str
    fields: dict[str, Field] = field(default_factory=dict)

    def filled(self) -> dict[str, str]:
        """Every field as it stands, or with something that looks right."""
        return {name: entry.filled for name, entry in self.fields.items()}

    @property
    def shape(self) -> tuple[str, ...]:
        """What tells one form from another: the same form for another patient is the same."""
        return (self.method, *sorted(self.fields))


#: What differs from one request to the next, whoever asks: tokens, keys, the seconds until the session ends.
_EACH_TIME = re.compile(r'nonce="[^"]*"|name="(?:csrfmiddlewaretoken|key)" value="[^"]*"|data-left="[^"]*"')


def words_of(answer: Any) -> str:
    """A page without what differs each time, to be compared with another."""
    return _EACH_TIME.sub("", answer.content.decode())


class Page(HTMLParser):
    """The forms, addresses and title of a page."""

    def __init__(self, path: str, text: str) -> None:
        super().__init__()
        self.path = path
        self.forms: list[Form] = []
        self.addresses: list[str] = []
        self.title = ""
        self._form: Form | None = None
        self._select: Field | None = None
        self._in_title = False
        self.feed(text)

    def updatepos(self, i: int, j: int) -> int:
        """Nobody asks in which line something stands."""
        return j

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        of = {name: value or "" for name, value in attrs}
        self.addresses += [value for name, value in of.items() if name in ("href", "action", "src")]
        # Pictures have titles too, further down.
        self._in_title = tag == "title" and not self.title
        if tag == "form":
            self._form = Form(of.get("action") or self.path, of.get("method", "get").lower())
            self.forms.append(self._form)
        elif tag == "option" and self._select is not None:
            if not self._select.value or "selected" in of:
                self._select.value = of.get("value", "")
        elif self._form is not None and of.get("name") and tag in ("input", "select", "textarea", "button"):
            self._take(tag, of)

    def _take(self, tag: str, of: dict[str, str]) -> None:
        assert self._form is not None
        kind = of.get("type", "text") if tag == "input" else tag
        entry = self._form.fields.setdefault(of["name"], Field(of["name"], kind, of.get("value", "")))
        if "checked" in of:
            entry.value = of.get("value", "on")
        if tag == "select":
            self._select = entry

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None
        self._in_title = False

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data


def brought(client: Client, path: str, **more: Any) -> dict[str, str]:
    """What a page's form sends back of itself: which text, and which section of it, was on the screen."""
    return brought_by(path, client.get(path, **more).content.decode())


def brought_by(path: str, shown: str) -> dict[str, str]:
    """The same of a page that was asked for already."""
    return {
        name: entry.value
        for form in Page(path, shown).forms
        for name, entry in form.fields.items()
        if name in ("displayed_sha256", "version_token", "letter")
    }


def send(client: Client, path: str, form: Mapping[str, Any], **more: Any) -> Any:
    """The answer to a form that is opened, filled in and sent."""
    return client.post(path, brought(client, path, **more) | dict(form), **more)


def confirmed(client: Client, path: str, form: Mapping[str, Any], **more: Any) -> Any:
    """The answer to a form, once all that its page asks once more, or repeats, is answered with yes."""
    sent = dict(form)
    answer = client.post(path, sent, **more)
    while answer.status_code == 200:
        asked = {
            name: entry.value
            for shown in Page(path, answer.content.decode()).forms
            for name, entry in shown.fields.items()
            if entry.value and (name in ("told", "repeated") or name.endswith("_is_right"))
        }
        if asked.items() <= sent.items():
            break
        sent |= asked
        answer = client.post(path, sent, **more)
    return answer
