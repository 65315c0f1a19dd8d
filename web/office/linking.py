"""Files of one person: linked by the office, and taken apart again where that was wrong."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.repeats import answers_again
from accounts.roles import OFFICER, for_roles
from compliance.commands import linking
from ledger import access_log
from ledger.clock import now
from ledger.idempotency import KeyReused
from patients.fields import PatientNumberField
from patients.models import Patient
from patients.people import actor_of
from ui.fields import OUT_OF_DATE
from ui.forms import BaseForm
from web.shared.common import form_page, page_of, reader_of


class _Reason(forms.CharField):
    """The reason, kept as an erasable text with both files."""

    def __init__(self) -> None:
        rows = forms.Textarea(attrs={"rows": 3})
        super().__init__(label=gettext_lazy("Why"), widget=rows, max_length=500)


class LinkForm(BaseForm):
    """Two files. What was found is shown before the link is made: `version_token` holds what the officer looked at."""

    submit = gettext_lazy("Show me the two files")

    first = PatientNumberField(label=gettext_lazy("Number of one file"))
    second = PatientNumberField(label=gettext_lazy("Number of the other file"))
    reason = _Reason()
    version_token = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean(self) -> None:
        """Both files are there, and are not the same."""
        super().clean()
        self.found: list[Patient] = []
        for name in ("first", "second"):
            number = self.cleaned_data.get(name)
            file = Patient.objects.select_related("prescriber").filter(number=number).first() if number else None
            if file is not None:
                self.found.append(file)
            elif number:
                self.refuse(_("No patient has that number."), name)
        if len(self.found) == 2 and self.found[0] == self.found[1]:
            self.refuse(_("This is the same file."), "second")

    @property
    def current_token(self) -> str:
        """What `version_token` holds once both files were shown."""
        return ":".join(str(file.pk) for file in self.found)

    def show(self) -> list[Patient]:
        """Both files, to be looked at; sent again, the form links them."""
        data: Any = self.data.copy()  # type: ignore[attr-defined]  # a QueryDict
        data["version_token"] = self.current_token
        self.data = data
        self.submit = gettext_lazy("Link them: it is the same person")  # type: ignore[misc]
        return self.found


class EndForm(BaseForm):
    """Why a link was wrong."""

    submit = gettext_lazy("End the link")
    danger = True

    reason = _Reason()


@for_roles(OFFICER)
def links(request: HttpRequest) -> HttpResponse:
    """Files that are linked; and linking two, which are shown first."""
    form = LinkForm(request.POST or None)
    displayed: list[Patient] = []
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["version_token"] != form.current_token:
            displayed = form.show()
        elif _linked(request, form):
            return redirect("office:links")
    rows = Patient.objects.exclude(linked_to=None).select_related("prescriber", "linked_to")
    page = page_of(request, rows.order_by("linked_to__created_at", "linked_to", "created_at", "id"))
    people = {row.pk for row in (*page, *displayed)}
    access_log.add_all(sorted(people), by=actor_of(reader_of(request)), what="links", why="program-office", at=now())
    context = {"form": form, "shown": displayed, "page": page}
    return render(request, "office/links.html", context, status=422 if form.errors else 200)


def _linked(request: HttpRequest, form: LinkForm) -> bool:
    one, other = (file.pk for file in form.found)
    by, reason = actor_of(reader_of(request)), form.cleaned_data["reason"]
    try:
        linking.link(files=(one, other), reason=reason, by=by, at=now(), key=form.idempotency_key)
    except linking.NotLinked:
        form.refuse(_("They are linked already. Look below."))
        return False
    except KeyReused:
        form.refuse(OUT_OF_DATE)
        return False
    messages.success(request, _("The link is recorded. Both prescribers get a message."))
    return True


def _ended(request: HttpRequest, *_args: object, **_parts: object) -> HttpResponse:
    messages.success(request, _("The end of the link is recorded. The prescribers get a message."))
    return redirect("office:links")


@for_roles(OFFICER)
@answers_again(_ended)
def end(request: HttpRequest, patient: UUID) -> HttpResponse:
    """Take a file out of those that it is linked with."""
    row = get_object_or_404(Patient.objects.exclude(linked_to=None), pk=patient)
    form = EndForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        by, reason = actor_of(reader_of(request)), form.cleaned_data["reason"]
        try:
            linking.unlink(file=row.pk, reason=reason, by=by, at=now(), key=form.idempotency_key)
        except linking.NotLinked:
            form.refuse(_("This was done already."))
        except KeyReused:
            form.refuse(OUT_OF_DATE)
        else:
            return _ended(request)
    lead = _(
        "The file stands alone again: it shares no stop, no authorization and no waiting time with another. What was"
        " authorized becomes void, and a stop that only another file's prescriber cleared is open again."
    )
    return form_page(request, form, title=_("End a link"), lead=lead, back=(_("Links"), reverse("office:links")))
