"""The page of the reader's calendar address, and single dates to take into a calendar."""

from typing import Any, ClassVar
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts import calendar_feeds
from accounts.calendar_feeds import Replaced
from accounts.places import Place
from accounts.roles import GUARDIAN, PATIENT, for_roles
from ledger import access_log
from ledger.clock import now
from ledger.idempotency import KeyReused
from patients.language import language_of
from patients.people import actor_of
from ui.fields import OUT_OF_DATE
from ui.forms import BaseForm
from ui.navigation import Words
from web.shared.common import form_page, pressed, reader_of

from . import ics
from .files import dates_of


class MakeForm(BaseForm):
    """A first address."""

    submit: ClassVar[Words] = gettext_lazy("Make an address")


class RenewForm(BaseForm):
    """Another address in place of the one there is."""

    submit: ClassVar[Words] = gettext_lazy("Make a new address")


def _place_of(request: HttpRequest) -> Place:
    place = reader_of(request).place
    if place is None:
        raise Http404
    return place


@for_roles(PATIENT, GUARDIAN)
def dates(request: HttpRequest) -> HttpResponse:
    """What the address is, whether there is one, and a button that makes another. It is shown when it is made."""
    reader, place = reader_of(request), _place_of(request)
    feed = calendar_feeds.feed_of(reader, place)
    form = (RenewForm if feed else MakeForm)(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            token = calendar_feeds.make(
                user=reader, place=place, by=actor_of(reader), at=now(), key=form.idempotency_key
            )  # fmt: skip
        except Replaced:
            messages.error(request, _("This address works no more: it was replaced or switched off since."))
            return redirect("calendar:dates")
        except KeyReused:
            form.refuse(OUT_OF_DATE)
        else:
            feed = calendar_feeds.feed_of(reader, place)
            return _page(request, RenewForm(), feed=feed, **_addresses(token))
    return _page(request, form, feed=feed)


def _addresses(token: str) -> dict[str, str]:
    """The address to copy, and the same for a browser that hands it to a calendar program."""
    address = f"{settings.SITE_URL}{reverse('calendar:feed', kwargs={'token': token})}"
    return {"address": address, "webcal": f"webcal://{address.partition('://')[2]}"}


def _page(request: HttpRequest, form: BaseForm, **more: Any) -> HttpResponse:
    home = reverse("guardian:home" if reader_of(request).role == GUARDIAN else "patient:home")
    return form_page(
        request, form, title=_("Dates in your calendar"), back=(_("Today"), home), template="calendar/dates.html",
        is_guardian=reader_of(request).role == GUARDIAN, **more,
    )  # fmt: skip


@require_POST
@for_roles(PATIENT, GUARDIAN)
def switch_off(request: HttpRequest) -> HttpResponse:
    """The address ends; there is none until another is made."""
    reader, place, key = reader_of(request), _place_of(request), pressed(request)
    if key is not None:
        try:
            calendar_feeds.switch_off(user=reader, place=place, by=actor_of(reader), at=now(), key=key)
        except KeyReused:
            messages.error(request, OUT_OF_DATE)
        else:
            messages.success(request, _("Switched off. The old address finds nothing any more."))
    return redirect("calendar:dates")


@require_safe
@for_roles(PATIENT, GUARDIAN)
def date(request: HttpRequest, occasion: UUID) -> HttpResponse:
    """One date of the reader's, to take into a calendar. For everybody else there is none."""
    reader, at = reader_of(request), now()
    found = {one.uid: (patient, one) for patient, dates in dates_of(reader, at).items() for one in dates}
    if occasion not in found:
        raise Http404
    patient, one = found[occasion]
    why = GUARDIAN if reader.role == GUARDIAN else "self"
    access_log.add(patient, by=actor_of(reader), what="calendar", why=why, at=at)
    path = reverse("guardian:home" if reader.role == GUARDIAN else "patient:home")
    body = ics.write([one], path=path, language=language_of(reader))
    headers = {"Content-Disposition": 'attachment; filename="clearfill.ics"', "Cache-Control": "private, no-store"}
    return HttpResponse(body, content_type=ics.CONTENT_TYPE, headers=headers)
