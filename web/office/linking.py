"""Files of one person: linked by the office, and taken apart again where that was wrong."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.repeats import answers_again
from accounts.roles import OFFICER, for_roles
from compliance.commands import linking
from compliance.commands.linking_case import LINK, UNLINK, Case, waiting
from compliance.models import Proposal
from ledger import access_log
from ledger.clock import now
from ledger.idempotency import Answer, KeyReused
from patients.fields import PatientNumberField
from patients.models import Patient
from patients.people import actor_of
from ui.fields import OUT_OF_DATE
from ui.forms import BaseForm
from ui.navigation import Words
from web.shared.common import form_page, reader_of
from web.shared.lists import page_of

from .duplicates import ON_BOTH_SIDES, STATES, Row, Side, comparison


class _Reason(forms.CharField):
    """The reason, kept as an erasable text with both files."""

    def __init__(self) -> None:
        rows = forms.Textarea(attrs={"rows": 3})
        super().__init__(label=gettext_lazy("Why"), widget=rows, max_length=500)


#: Of a second officer, who may leave the reason of the first.
_CONFIRMED = gettext_lazy("Leave it empty to keep the first officer's reason.")


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


class ConfirmForm(BaseForm):
    """The second officer's yes to a link."""

    submit = gettext_lazy("Link them: it is the same person")

    reason = _Reason()

    def __init__(self, *args: Any, confirms: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if confirms:
            self.fields["reason"].required = False
            self.fields["reason"].help_text = _CONFIRMED


class EndForm(ConfirmForm):
    """Why a link was wrong."""

    submit = gettext_lazy("End the link")
    danger = True


@dataclass(frozen=True, slots=True)
class Concerned:
    """A link to be made or ended, as the page shows it: the files with where they stand, and who asked for it first."""

    case: Case
    files: Sequence[tuple[Patient, tuple[str, Words]]]
    proposal: Proposal | None
    asked_by: str
    #: Whether the reader asked for it.
    own: bool

    @property
    def confirms(self) -> bool:
        """Whether the reader is the second officer, whose yes does it."""
        return self.proposal is not None and not self.own

    @property
    def comparison(self) -> list[Row]:
        """The two files side by side, where it is about two: they stand before those that are linked with them."""
        one, other = [Side.of_file(file) for file, _state in self.files[:2]]
        return comparison(one, other) if self.case.action == LINK else []


def _concerned(case: Case, reader: User, at: datetime) -> Concerned:
    rows = Patient.objects.filter(pk__in=case.standings).select_related("prescriber").order_by("created_at", "id")
    files = sorted(rows, key=lambda row: row.pk not in case.files)
    proposal = case.proposal(at)
    asked_by = User.objects.filter(pk=proposal.asked_by).values_list("name", flat=True).first() if proposal else ""
    return Concerned(
        case, [(file, STATES[case.standings[file.pk].state]) for file in files], proposal, asked_by or "",
        own=proposal is not None and proposal.asked_by == reader.pk,
    )  # fmt: skip


@for_roles(OFFICER)
def links(request: HttpRequest) -> HttpResponse:
    """Files that are linked, what waits for a second officer, and linking two, which are shown first."""
    form = LinkForm(request.POST or None)
    reader, at = reader_of(request), now()
    shown: Concerned | None = None
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["version_token"] != form.current_token:
            shown = _concerned(Case.read(LINK, [file.pk for file in form.show()], at), reader, at)
        elif _linked(request, form, at):
            return redirect("office:links")
    rows = Patient.objects.exclude(linked_to=None).select_related("prescriber", "linked_to")
    page = page_of(request, rows, "linked_to__created_at", "linked_to", "created_at", "id")
    asked = {
        action: [_concerned(case, reader, at) for _proposal, case in waiting(action, at)] for action in (LINK, UNLINK)
    }
    _log_access(request, page, *([shown] if shown else []), *asked[LINK], *asked[UNLINK], at=at)
    context = {"form": form, "shown": shown, "page": page, "links": asked[LINK], "ends": asked[UNLINK]}
    return render(request, "office/links.html", context, status=422 if form.errors else 200)


def _log_access(request: HttpRequest, rows: Iterable[Patient], *concerned: Concerned, at: datetime) -> None:
    people = {row.pk for row in rows} | {file.pk for one in concerned for file, _state in one.files}
    access_log.add_all(sorted(people), by=actor_of(reader_of(request)), what="links", why="program-office", at=at)


def _linked(request: HttpRequest, form: LinkForm, at: datetime) -> bool:
    one, other = (file.pk for file in form.found)
    return _recorded(request, form, (one, other), at)


def _recorded(request: HttpRequest, form: BaseForm, files: tuple[UUID, UUID], at: datetime) -> bool:
    """Whether the link is recorded, or asked for, and the officer told which; the form says why not."""
    by, reason = actor_of(reader_of(request)), form.cleaned_data["reason"]
    try:
        done = linking.link(files=files, reason=reason, by=by, at=at, key=form.idempotency_key)
    except linking.NotLinked:
        form.refuse(_("They are linked already. Look below."))
    except linking.OnBothSides:
        form.refuse(ON_BOTH_SIDES)
    except KeyReused:
        form.refuse(OUT_OF_DATE)
    else:
        _tell(request, done=done, words=_("The link is recorded. Both prescribers get a message."))
        return True
    return False


def _tell(request: HttpRequest, *, done: bool, words: str) -> None:
    """What became of it: nothing is confirmed in green that is not done."""
    if done:
        messages.success(request, words)
    else:
        messages.info(request, _("Asked for. Nothing is done until another officer confirms it."))


def _confirmed(request: HttpRequest, answer: Answer, **_parts: object) -> HttpResponse:
    _tell(
        request, done=not answer.get("asked", False), words=_("The link is recorded. Both prescribers get a message.")
    )
    return redirect("office:links")


@for_roles(OFFICER)
@answers_again(_confirmed)
def confirm(request: HttpRequest, proposal: UUID) -> HttpResponse:
    """Two files that one officer wants to link: side by side, for the second one."""
    row, at = get_object_or_404(Proposal.objects.filter(action=LINK, ended_at=None), pk=proposal), now()
    concerned = _concerned(Case.read(LINK, [UUID(file) for file in row.payload["files"]], at), reader_of(request), at)
    if concerned.proposal is None:
        messages.error(request, _("The files have changed since it was asked for, or a week has passed. Ask anew."))
        return redirect("office:links")
    form = ConfirmForm(request.POST or None)
    one, other = concerned.case.files
    if request.method == "POST" and form.is_valid() and _recorded(request, form, (one, other), at):
        return redirect("office:links")
    _log_access(request, [], concerned, at=at)
    return form_page(
        request, form, title=_("Is this the same person?"), back=(_("Links"), reverse("office:links")),
        template="office/link.html", concerned=concerned,
    )  # fmt: skip


def _ended(request: HttpRequest, answer: Answer, **_parts: object) -> HttpResponse:
    words = _("The end of the link is recorded. The prescribers get a message.")
    _tell(request, done=not answer.get("asked", False), words=words)
    return redirect("office:links")


@for_roles(OFFICER)
@answers_again(_ended)
def end(request: HttpRequest, patient: UUID) -> HttpResponse:
    """Take a file out of those that it is linked with."""
    row, at = get_object_or_404(Patient.objects.exclude(linked_to=None), pk=patient), now()
    concerned = _concerned(Case.read(UNLINK, [row.pk], at), reader_of(request), at)
    form = EndForm(request.POST or None, confirms=concerned.confirms)
    if request.method == "POST" and form.is_valid():
        by, reason = actor_of(reader_of(request)), form.cleaned_data["reason"]
        try:
            done = linking.unlink(file=row.pk, reason=reason, by=by, at=at, key=form.idempotency_key)
        except linking.NotLinked:
            form.refuse(_("This was done already."))
        except KeyReused:
            form.refuse(OUT_OF_DATE)
        else:
            return _ended(request, {"asked": not done})
    _log_access(request, [], concerned, at=at)
    lead = _(
        "The file stands alone again: it shares no stop, no authorization and no waiting time with another. What was"
        " authorized becomes void, and a stop that only another file's prescriber cleared is open again."
    )
    return form_page(
        request, form, title=_("End a link"), lead=lead, back=(_("Links"), reverse("office:links")),
        template="office/link.html", concerned=concerned,
    )  # fmt: skip
