"""Which messages the owner of an account gets, and by which channel; and the link that ends one kind of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from accounts import rate_limits
from accounts.roles import DESIGNEE, GUARDIAN, PATIENT, PRESCRIBER, ROLES, for_roles, public
from compliance.rules.blockers import OFFICE, PHARMACY
from ledger.clock import now
from ledger.idempotency import KeyReused
from notifications import numbers, preferences, unsubscribe
from notifications.preferences import Box, Row
from outbox.channels import EMAIL, SMS
from ui.fields import OUT_OF_DATE
from ui.forms import BaseForm
from ui.navigation import Words
from web.shared.common import form_page, reader_of
from web.shared.message_words import kind_words

from .views import owner_of

#: What the columns are called: short, for a telephone.
_COLUMNS: Mapping[str, Words] = {EMAIL: gettext_lazy("E-mail"), SMS: gettext_lazy("Text")}
SIDE_WORDS: Mapping[str, Words] = {
    PATIENT: gettext_lazy("As a patient"),
    GUARDIAN: gettext_lazy("As a parent or guardian"),
    PRESCRIBER: gettext_lazy("As a prescriber"),
    DESIGNEE: gettext_lazy("As a designee: messages of the practice, if you want them"),
    PHARMACY: gettext_lazy("At the pharmacy"),
    OFFICE: gettext_lazy("At the program office"),
}
_URGENT = gettext_lazy("Urgent: it comes at any hour.")
_NONE_LEFT = gettext_lazy("Leave at least one of them on for each kind that the program requires.")


@dataclass(frozen=True, slots=True)
class Cell:
    """A kind by one channel, on the page: a box, or none where that channel does not reach its reader."""

    channel: Words
    code: str
    is_on: bool
    is_fixed: bool
    is_there: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A kind, or several of one name, with what is to know of it."""

    name: Words
    note: Words
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Group:
    """Kinds that may be switched off, or those that the program requires, with what that means."""

    name: Words
    why: Words
    lines: Sequence[Line]


#: In the order of the page: by whether the program requires them.
_GROUPS: Mapping[bool, tuple[Words, Words]] = {
    False: (gettext_lazy("You may switch these off"), gettext_lazy("Without a tick, none comes any more.")),
    True: (
        gettext_lazy("The program requires these"),
        gettext_lazy("Somebody waits for you then, or a day passes that does not come back. So each reaches you by "
                     "one way at least: you choose which."),
    ),
}  # fmt: skip


class PreferencesForm(BaseForm):
    """Boxes, one a kind and a channel. Only those are saved that were changed: another tab may have changed others."""

    submit: ClassVar[Words] = gettext_lazy("Save my choice")
    about_self: ClassVar[bool] = True

    shown = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, rows: Sequence[Row], **kwargs: Any) -> None:
        self.rows = rows
        on = sorted(box.code for row in rows for box in map(row.box, row.on))
        super().__init__(*args, initial={"shown": " ".join(on)}, **kwargs)

    @property
    def ticked(self) -> frozenset[str]:
        """The codes of the boxes that are ticked, as they were typed or as they stand."""
        if self.is_bound:
            return frozenset(self.data.getlist("on"))  # type: ignore[attr-defined]  # a QueryDict
        return frozenset(str(self.initial["shown"]).split())

    def changed(self, *, to: bool) -> list[Box]:
        """The boxes that were switched on, or off, since the page was shown."""
        shown, ticked = frozenset(self.cleaned_data["shown"].split()), self.ticked
        return [
            row.box(channel)
            for row in self.rows for channel in row.free
            if ((code := _box_of(self.rows, row, channel).code) in ticked) is to and (code in shown) is not to
        ]  # fmt: skip

    def sections(self) -> Iterator[tuple[Words, list[Group]]]:
        """Of each side on which the reader stands: what may be switched off, and what the program requires after."""
        for side in dict.fromkeys(row.side for row in self.rows):
            own = [row for row in self.rows if row.side == side and _leads(self.rows, row)]
            found = [self._group(own, is_required=is_required) for is_required in _GROUPS]
            yield SIDE_WORDS[side], [group for group in found if group.lines]

    def _group(self, rows: Sequence[Row], *, is_required: bool) -> Group:
        name, why = _GROUPS[is_required]
        return Group(name, why, [self._line(row) for row in rows if row.is_required is is_required])

    def _line(self, row: Row) -> Line:
        note = _URGENT if row.kind.urgent else ""
        return Line(kind_words(row.kind.code), note, [self._cell(row, channel) for channel in self.columns])

    def _cell(self, row: Row, channel: str) -> Cell:
        code, is_fixed = row.box(channel).code, channel not in row.free
        is_on = channel in row.on if is_fixed else code in self.ticked
        return Cell(_COLUMNS[channel], code, is_on, is_fixed, channel in row.reach)

    @property
    def columns(self) -> list[str]:
        """The channels that reach the reader with anything."""
        return [channel for channel in _COLUMNS if any(channel in row.reach for row in self.rows)]

    @property
    def column_words(self) -> list[Words]:
        """What they are called."""
        return [_COLUMNS[channel] for channel in self.columns]


def _leads(rows: Sequence[Row], row: Row) -> bool:
    """Whether it is the first of its name: kinds that are called alike are chosen together."""
    return _first(rows, row) is row


def _first(rows: Sequence[Row], row: Row) -> Row:
    name = str(kind_words(row.kind.code))
    return next(one for one in rows if one.side == row.side and str(kind_words(one.kind.code)) == name)


def _box_of(rows: Sequence[Row], row: Row, channel: str) -> Box:
    """The box on the page by which this one is switched."""
    return _first(rows, row).box(channel)


@for_roles(*ROLES)
def choices(request: HttpRequest) -> HttpResponse:
    """Choose which messages one gets, in all one's places, and by which channel."""
    reader = reader_of(request)
    form = PreferencesForm(request.POST or None, rows=preferences.rows_of(reader))
    if request.method == "POST" and form.is_valid():
        try:
            preferences.save(
                user=reader, on=form.changed(to=True), off=form.changed(to=False), by=owner_of(reader), at=now(),
                key=form.idempotency_key,
            )  # fmt: skip
        except preferences.NoneLeft:
            form.refuse(_NONE_LEFT)
        except KeyReused:
            form.refuse(OUT_OF_DATE)
        else:
            messages.success(request, _("Your choice is saved."))
            return redirect("own_account:messages")
    lead = _("Choose what we send you, and how.")
    back = (_("Your account"), reverse("mfa_index"))
    return form_page(
        request, form, title=_("Your messages"), lead=lead, back=back, template="own_account/messages.html",
        reader=reader, number=numbers.number_of(reader.pk), has_text_messages=bool(settings.SMS_GATEWAY),
    )  # fmt: skip


# A mail program that ends such messages for its reader (RFC 8058) sends no cookie: what counts is the link alone.
@csrf_exempt
@public
def switch_off(request: HttpRequest, token: str) -> HttpResponse:
    """The link below a message: a page with a button, since programs that examine mail open links; then it is off."""
    is_one_click = request.POST.get("List-Unsubscribe") == "One-Click"
    return (_switch_off if is_one_click else csrf_protect(_switch_off))(request, token)


def _switch_off(request: HttpRequest, token: str) -> HttpResponse:
    attempt = rate_limits.consume(request, "unsubscribe_failed")
    if attempt is None:
        return HttpResponse(status=HTTPStatus.TOO_MANY_REQUESTS)
    found = unsubscribe.box_of_token(token)
    if found is None:
        raise Http404
    attempt.rollback()
    if request.method == "POST":
        unsubscribe.switch_off(*found, at=now())
    return render(request, "own_account/switch_off.html", {"is_done": request.method == "POST"})
