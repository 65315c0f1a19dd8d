"""The way around, by role: one table, from which every page's header is made."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

#: Text that a person reads: written out, or translated when it is shown.
Words = str | Promise


@dataclass(frozen=True, slots=True)
class Entry:
    """One place in the navigation, by the name of its address."""

    label: Words
    name: str
    icon: str


@dataclass(frozen=True, slots=True)
class Link:
    """The same, ready to be shown; `current` is `page` or `true` for where the reader is."""

    label: Words
    url: str
    icon: str
    current: str


@dataclass(frozen=True, slots=True)
class Navigation:
    """What the header shows."""

    links: tuple[Link, ...]
    account: Link | None = None
    acting_for: str = ""


ACCOUNT = Entry(_("Your account"), "mfa_index", "user-round-cog")

_PRACTICE = (
    Entry(_("Patients"), "prescriber:home", "users-round"),
    Entry(_("Practice"), "prescriber:practice", "stethoscope"),
)

ENTRIES: Mapping[str, tuple[Entry, ...]] = {
    "prescriber": (_PRACTICE[0], Entry(_("Enrol"), "prescriber:enrol", "user-round-plus"), _PRACTICE[1]),
    "designee": _PRACTICE,
    "patient": (
        Entry(_("Today"), "patient:home", "house"),
        Entry(_("My record"), "patient:record", "file-text"),
    ),
    "guardian": (Entry(_("Today"), "guardian:home", "house"),),
    "pharmacist": (
        Entry(_("Counter"), "pharmacy:home", "scan-line"),
        Entry(_("Authorizations"), "pharmacy:list", "list-checks"),
        Entry(_("Pharmacy"), "pharmacy:profile", "badge-check"),
    ),
    "officer": (
        Entry(_("Overview"), "office:home", "layout-dashboard"),
        Entry(_("Certifications"), "office:certifications", "badge-check"),
        Entry(_("Duplicates"), "office:duplicates", "users-round"),
        Entry(_("Overdue"), "office:overdue", "alarm-clock"),
        Entry(_("Attempts"), "office:attempts", "shield-alert"),
        Entry(_("Outbox"), "office:outbox", "mail"),
    ),
}


def context(request: HttpRequest) -> dict[str, object]:
    """What every page's header needs; nothing for whoever is not signed in."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    links = tuple(link for entry in ENTRIES[user.role] if (link := _link(entry, request.path)))
    return {"navigation": Navigation(links, _link(ACCOUNT, request.path), getattr(request, "acting_for_name", ""))}


def _link(entry: Entry, path: str) -> Link | None:
    try:
        url = reverse(entry.name)
    except NoReverseMatch:
        return None
    current = "page" if path == url else ""
    return Link(entry.label, url, entry.icon, current)
