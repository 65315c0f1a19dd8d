"""Delivery: what was sent, through what, and what became of it. It names nobody: no subject, no address, no link."""

from datetime import date, datetime, timedelta

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.roles import OFFICER, for_roles
from ledger.clock import now
from outbox import box, states
from outbox.counts import ended_in
from outbox.models import Message
from web.shared.lists import page_of
from web.shared.message_words import CHANNEL_WORDS, STATE, kind_words

from .months import choices, last_months, month_bounds

_DAY = timedelta(days=1)
#: How old the messages are that are shown: enqueued since then, or before it.
AGES = {
    "day": (_("In the last 24 hours"), _DAY, True),
    "week": (_("In the last 7 days"), 7 * _DAY, True),
    "month": (_("In the last 30 days"), 30 * _DAY, True),
    "older": (_("More than 30 days ago"), 30 * _DAY, False),
}


class FilterForm(forms.Form):
    """What is shown. An empty or unknown choice shows all."""

    kind = forms.ChoiceField(label=_("Kind"), required=False)
    channel = forms.ChoiceField(label=_("Channel"), required=False, choices=[("", _("All")), *CHANNEL_WORDS.items()])
    state = forms.ChoiceField(
        label=_("Outcome"), required=False,
        choices=[
            ("", _("All")), *((name, STATE[name].label) for name in STATE),
            (states.NOT_ARRIVED, _("Refused, or came back")),
        ],
    )  # fmt: skip
    age = forms.ChoiceField(
        label=_("Enqueued"), required=False, choices=[("", _("At any time")), *((age, AGES[age][0]) for age in AGES)]
    )
    # One that goes out within a digest is not counted beside it, and stands on no list of a month.
    month = forms.ChoiceField(label=_("Sent or given up in"), required=False)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        months = [(value, label) for value, label, _chosen in choices(last_months(), None)]
        self.fields["month"].choices = [("", _("Any")), *months]  # type: ignore[attr-defined]
        named = sorted((str(kind_words(kind)), kind) for kind in box.kinds())
        self.fields["kind"].choices = [("", _("All")), *((kind, name) for name, kind in named)]  # type: ignore[attr-defined]
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-select"

    def chosen(self, name: str) -> str:
        """The choice, where it is one."""
        return str(self.cleaned_data.get(name) or "")


@require_safe
@for_roles(OFFICER)
def delivery(request: HttpRequest) -> HttpResponse:
    """Messages, newest first, by kind, channel, outcome and age; those of a month by when they came to their end."""
    form = FilterForm(request.GET or None)
    rows, order = states.with_state(Message.objects.all()), "-enqueued_at"
    if form.is_bound:
        form.is_valid()  # what is no choice is left out
        rows = rows.filter(**{name: form.chosen(name) for name in ("kind", "channel") if form.chosen(name)})
        if state := form.chosen("state"):
            rows = states.in_state(rows, state)
        if age := form.chosen("age"):
            rows = rows.filter(**_enqueued(age, now()))
        if month := form.chosen("month"):
            rows, order = ended_in(rows, *month_bounds(date.fromisoformat(f"{month}-01"))), "-ended_at"
    page = page_of(request, rows, order, "id")
    for row in page:
        row.kind_words, row.state_words = kind_words(row.kind), STATE[row.state]
        row.channel_words = CHANNEL_WORDS[row.channel]
    return render(request, "office/delivery.html", {"page": page, "form": form})


def _enqueued(age: str, at: datetime) -> dict[str, datetime]:
    _label, length, is_since = AGES[age]
    return {"enqueued_at__gte" if is_since else "enqueued_at__lt": at - length}
