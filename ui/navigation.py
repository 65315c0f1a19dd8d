"""The way around, by role: one table, from which every page's header is made."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise as Promise
else:
    from django.utils.functional import Promise

#: Text that a person reads: written out, or translated when it is shown.
Words = str | Promise


@dataclass(frozen=True, slots=True)
class NavigationEntry:
    """One place in the navigation, by the name of its address; or several (`inside`), of which the first opens."""

    label: Words
    name: str
    icon: str
    inside: tuple["NavigationEntry", ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """The same, ready to be shown; `current` is `page` or `true` for where the reader is."""

    label: Words
    url: str
    icon: str
    current: str
    inside: tuple["Link", ...] = ()


@dataclass(frozen=True, slots=True)
class Navigation:
    """What the header shows."""

    links: tuple[Link, ...]
    account: Link | None = None
    #: Where the reader acts, in words; empty where their role says it all.
    place: Words = ""
    #: Whether the reader holds other places as well.
    has_other_places: bool = False

    @property
    def inside(self) -> Link | None:
        """The several places of which the reader is at one; None where they are at a single one."""
        return next((link for link in self.links if link.inside and link.current), None)


ACCOUNT = NavigationEntry(_("Your account"), "mfa_index", "user-round-cog")

_PRACTICE = (
    NavigationEntry(_("Patients"), "prescriber:home", "users-round"),
    NavigationEntry(_("Practice"), "prescriber:practice", "stethoscope"),
)

ENTRIES: Mapping[str, tuple[NavigationEntry, ...]] = {
    "prescriber": (_PRACTICE[0], NavigationEntry(_("Enrol"), "prescriber:enrol", "user-round-plus"), _PRACTICE[1]),
    "designee": _PRACTICE,
    "patient": (
        NavigationEntry(_("Today"), "patient:home", "house"),
        NavigationEntry(_("My health"), "patient:health", "heart-pulse"),
        NavigationEntry(_("My record"), "patient:record", "file-text"),
        NavigationEntry(_("Urgent"), "patient:urgent", "life-buoy"),
    ),
    "guardian": (NavigationEntry(_("Today"), "guardian:home", "house"),),
    "pharmacist": (
        NavigationEntry(_("Counter"), "pharmacy:home", "scan-line"),
        NavigationEntry(_("Authorizations"), "pharmacy:list", "list-checks"),
        NavigationEntry(_("Pharmacy"), "pharmacy:profile", "badge-check"),
    ),
    "officer": (
        NavigationEntry(_("Overview"), "office:home", "layout-dashboard"),
        NavigationEntry(_("Oversight"), "", "chart-column", (
            NavigationEntry(_("Figures"), "office:oversight", "chart-column"),
            NavigationEntry(_("Non-compliance"), "office:noncompliance", "gavel"),
            NavigationEntry(_("Refused requests"), "office:request_log", "shield-alert"),
        )),
        NavigationEntry(_("Certifications"), "office:certifications", "badge-check"),
        NavigationEntry(_("Files"), "", "users-round", (
            NavigationEntry(_("Duplicates"), "office:duplicates", "users-round"),
            NavigationEntry(_("Links"), "office:links", "link"),
            NavigationEntry(_("Erasures"), "office:erasures", "eraser"),
        )),
        NavigationEntry(_("Authorizations"), "", "alarm-clock", (
            NavigationEntry(_("Overdue"), "office:overdue", "alarm-clock"),
            NavigationEntry(_("Entered late"), "office:late", "clock-alert"),
        )),
        NavigationEntry(_("Accounts"), "office:accounts", "user-round-cog"),
        NavigationEntry(_("Messages"), "", "send", (
            NavigationEntry(_("Delivery"), "office:delivery", "send"),
            NavigationEntry(_("Outbox"), "office:outbox", "mail"),
        )),
    ),
}  # fmt: skip


def context(request: HttpRequest) -> dict[str, object]:
    """Context processor: `navigation`, worked out only when a page shows it."""
    return {"navigation": SimpleLazyObject(lambda: of(request))}


def of(request: HttpRequest) -> Navigation:
    """The navigation of that request's reader; empty for whoever is not signed in."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return Navigation(())
    account = next(iter(links((ACCOUNT,), request.path)), None)
    return Navigation(
        links(ENTRIES.get(user.role, ()), request.path), account, place=getattr(request, "place_label", ""),
        has_other_places=len(getattr(user, "places", ())) > 1,
    )  # fmt: skip


def links(entries: tuple[NavigationEntry, ...], path: str) -> tuple[Link, ...]:
    """The places that exist. The one that `path` is, or lies closest below, is marked as current."""
    every = [one for entry in entries for one in (entry.inside or (entry,))]
    here = max((url for one in every if (url := _url(one)) and path.startswith(url)), key=len, default="")
    return tuple(_links(entries, here, path))


def _links(entries: tuple[NavigationEntry, ...], here: str, path: str) -> Iterator[Link]:
    for entry in entries:
        inside = tuple(_links(entry.inside, here, path))
        if inside:
            current = "true" if any(link.current for link in inside) else ""
            yield Link(entry.label, inside[0].url, entry.icon, current, inside)
        elif url := _url(entry):
            yield Link(entry.label, url, entry.icon, _current(url, here, path))


def _url(entry: NavigationEntry) -> str:
    """Its address; empty where the page does not exist (yet)."""
    if not entry.name:
        return ""
    try:
        return reverse(entry.name)
    except NoReverseMatch:
        return ""


def _current(url: str, here: str, path: str) -> str:
    if url == path:
        return "page"
    return "true" if url == here else ""
