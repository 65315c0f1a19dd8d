"""What the desks have in common: the patient whom this reader may see, the file, forms that enter records."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from compliance.actions.decide import KeyReused
from compliance.actions.entries import EntryRefused, enter
from compliance.projection.file import File, read_file
from compliance.rules.editions import NoEdition
from compliance.rules.gate import Assessment
from compliance.rules.records import Record
from compliance.words.refusals import refusal_words
from ledger.actor import Actor
from patients.models import Patient
from patients.people import actor_of
from patients.visibility import visible_patients
from ui.forms import BaseForm
from ui.navigation import Words

PAGE_LENGTH = 25

OUT_OF_DATE = _("This page was out of date. Please check it and send it again.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One patient before one reader at one instant."""

    patient: Patient
    reader: User
    at: datetime
    file: File
    #: None before the first edition of the program.
    assessment: Assessment | None

    @property
    def by(self) -> Actor:
        """The reader as one who acts."""
        return actor_of(self.reader)


def reader_of(request: HttpRequest) -> User:
    """The person who is signed in."""
    assert isinstance(request.user, User)
    return request.user


def key_of(request: HttpRequest) -> UUID:
    """The key of a button's request; one that came without gets its own."""
    try:
        return UUID(request.POST.get("key", ""))
    except ValueError:
        return uuid4()


def case_of(request: HttpRequest, patient: UUID, at: datetime) -> Case:
    """The case of a patient whom this reader may see; 404 for any other."""
    reader = reader_of(request)
    row = get_object_or_404(visible_patients(reader).select_related("prescriber__user", "user"), pk=patient)
    file = read_file(row.id, at)
    try:
        found: Assessment | None = file.assess(at)
    except NoEdition:
        found = None
    return Case(patient=row, reader=reader, at=at, file=file, assessment=found)


class EntryForm(BaseForm):
    """A form whose fields make records. `case` is the patient it is about."""

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        self.case = case
        super().__init__(*args, **kwargs)

    def records(self) -> list[Record]:
        """The records that the valid form enters."""
        raise NotImplementedError

    def save_to_log(self) -> bool:
        """Enter the records; False when the rules refuse them, which is then shown beside the fields."""
        try:
            self.enter()
        except EntryRefused as refused:
            self.show(refused)
        except KeyReused:
            self.refuse(OUT_OF_DATE)
        else:
            return True
        return False

    def enter(self) -> None:
        """Hand the records to the action."""
        enter(
            patient=self.case.patient.id,
            records=self.records(),
            by=self.case.by,
            at=self.case.at,
            key=self.idempotency_key,
        )

    def show(self, refused: EntryRefused) -> None:
        """Each refusal beside the field it names, or above the form."""
        for _place, refusal in refused.refusals:
            field = refusal.field if refusal.field in self.fields else None
            self.refuse(refusal_words(refusal.rule), field)


def form_page(
    request: HttpRequest,
    form: forms.Form,
    *,
    title: Words,
    lead: Words = "",
    back: tuple[Words, str] | None = None,
    status: int | None = None,
    template: str = "desk/form.html",
    **more: Any,
) -> HttpResponse:
    """A page that is one form. An invalid one answers 422, so that nothing takes it for done."""
    context = {"form": form, "title": title, "lead": lead, "back": back} | more
    return render(request, template, context, status=status or (422 if form.is_bound and form.errors else 200))


def page_of[Row](request: HttpRequest, rows: QuerySet[Any] | Sequence[Row]) -> Page[Any]:
    """The page of a long list that the address asks for."""
    return Paginator(rows, PAGE_LENGTH).get_page(request.GET.get("page"))
