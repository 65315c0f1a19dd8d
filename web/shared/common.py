"""The patient context (one patient, one reader, one instant), and the forms that enter records."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import DESIGNEE, GUARDIAN, OFFICER, PATIENT, PRESCRIBER
from compliance.commands.decide import OwnFile
from compliance.commands.entries import EntryRefused, enter, refusals_of
from compliance.records.file import File, read_file
from compliance.records.programs import program_day, program_of
from compliance.rules.assessment import Assessment
from compliance.rules.consents import is_minor
from compliance.rules.editions import NoEdition, Program
from compliance.rules.records import Record
from compliance.rules.refusals import Refusal
from compliance.signatures import Signature
from compliance.words.refusals import refusal_words
from ledger import access_log, request_log
from ledger.actor import Actor
from ledger.erasable_text import make_erasable
from ledger.idempotency import KeyReused
from ledger.models import ErasableText
from patients.models import Patient
from patients.people import actor_of
from patients.visibility import visible_patients
from ui.fields import OUT_OF_DATE
from ui.forms import BaseForm, Press
from ui.navigation import Words
from web.shared.prescribers import NOT_TO_THEM

#: To whoever added somebody by an address: the same whosever that is.
LINK_SENT = _("We sent a link to that address. It can be used for two weeks.")


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientContext:
    """The patient context of a page: one patient, one reader, one instant."""

    patient: Patient
    reader: User
    at: datetime
    file: File
    #: None before the first edition of the program.
    assessment: Assessment | None

    @property
    def program(self) -> Program:
        """The program to which the patient's file belongs."""
        return self.file.program

    @property
    def today(self) -> date:
        """The day, as the patient's program counts days."""
        return program_day(self.at, self.program)

    @property
    def by(self) -> Actor:
        """The reader as one who acts: a prescriber for the patient's own, also where they are only a delegate of that
        one."""
        return acting(self.reader, self.patient)

    @property
    def access_reason(self) -> str:
        """Why the reader may view the record, as it stands in `access_log`."""
        return access_reason(self.reader, self.patient)


def reader_of(request: HttpRequest) -> User:
    """The person who is signed in."""
    assert isinstance(request.user, User)
    return request.user


def program_of_reader(reader: User) -> Program:
    """The program of the reader's practice or pharmacy. Raises KeyError for anybody else."""
    place = reader.place
    return program_of(place.program if place else "")


def pressed(request: HttpRequest) -> UUID | None:
    """The key of a button that was pressed. None where it came without one, which the reader is told."""
    press = Press(request.POST)
    if press.is_valid():
        return press.idempotency_key
    messages.error(request, OUT_OF_DATE)
    return None


#: Why a role may view a patient's record, as it stands in `access_log`.
ACCESS_REASONS = {
    PRESCRIBER: "own-patient",
    DESIGNEE: "for-prescriber",
    PATIENT: "self",
    GUARDIAN: "guardian",
    OFFICER: "program-office",
}


def acting(reader: User, patient: Patient) -> Actor:
    """A reader as one who acts for this patient: a prescriber for the patient's own, also where they only cover."""
    if reader.role == PRESCRIBER:
        return Actor(reader.pk, PRESCRIBER, patient.prescriber_id)
    return actor_of(reader)


def access_reason(reader: User, patient: Patient) -> str:
    """Why a reader may view the record of this patient, whom they can see."""
    place = reader.place
    covers = reader.role == PRESCRIBER and place is not None and patient.prescriber_id != place.id
    return "delegate" if covers else ACCESS_REASONS[reader.role]


def _page(request: HttpRequest) -> str:
    """Which page was viewed, by the name of its address."""
    return (getattr(request.resolver_match, "url_name", "") or "page")[:16]


class PatientOfAge(Http404):
    """A guardian asks for a patient who is of age by now: nothing of theirs is a guardian's to see any more."""


def patient_context(request: HttpRequest, patient: UUID, at: datetime) -> PatientContext:
    """The context of a patient whom this reader may see.

    Raises Http404 for any other patient, PatientOfAge for a guardian whose patient is of age.
    """
    reader = reader_of(request)
    row = get_object_or_404(visible_patients(reader).select_related("prescriber__user", "user"), pk=patient)
    file = read_file(row.id, at)
    try:
        assessment: Assessment | None = file.assess(at)
    except NoEdition:
        assessment = None
    if reader.role == GUARDIAN and not is_minor(file.history(at)):
        raise PatientOfAge
    ctx = PatientContext(patient=row, reader=reader, at=at, file=file, assessment=assessment)
    if request.method == "GET":
        _log_access(request, ctx)
    return ctx


def is_tested(ctx: PatientContext) -> bool:
    """Whether tests are asked of this patient, or were in the latest course: else nothing is asked about pregnancy."""
    return are_tests_asked(ctx.file, ctx.at)


def are_tests_asked(file: File, at: datetime) -> bool:
    """The same, of a file."""
    history = file.history(at)
    course = history.course or history.last_ended
    # In a file without a course the default category stands (rules, section 7).
    return course is None or course.category.tests


def _log_access(request: HttpRequest, ctx: PatientContext) -> None:
    access_log.add(ctx.patient.id, by=ctx.by, what=_page(request), why=ctx.access_reason, at=ctx.at)


class EntryForm(BaseForm):
    """A form whose fields make records. `ctx` is the patient it is about."""

    @property
    def done(self) -> Words:
        """What is said once it is entered, where that is not what the kind of entry says; empty otherwise."""
        return ""

    def __init__(self, *args: Any, ctx: PatientContext, **kwargs: Any) -> None:
        self.ctx = ctx
        self.texts: list[ErasableText] = []
        #: The numbers of the records in the log, once they are entered.
        self.numbers: list[int] = []
        super().__init__(*args, **kwargs)
        self.offer(ctx.program)

    @property
    def today(self) -> date:
        """The day, as the patient's program counts days."""
        return self.ctx.today

    @cached_property
    def was_sent_before(self) -> bool:
        """Whether this key was carried out already: the same answer is given again, and nothing is asked."""
        return request_log.find(self.ctx.by.account, self.idempotency_key) is not None

    @cached_property
    def refusals(self) -> list[tuple[int, Refusal]]:
        """Why the rules would refuse the records of this form, which is in order by itself."""
        return refusals_of(self.ctx.file, self.previewed, self.ctx.at)

    def _post_clean(self) -> None:
        super()._post_clean()
        if not self.errors and self.waits and (self.was_sent_before or self.refusals):
            # What the rules refuse anyway, or what was answered before, is asked about no more.
            self.ask_nothing()
            if self.waits:
                self.show(EntryRefused(self.refusals))

    def offer(self, program: Program) -> None:
        """Fill in the choices that the patient's program has."""

    def records(self) -> list[Record]:
        """The records that the valid form enters."""
        raise NotImplementedError

    @cached_property
    def built_records(self) -> list[Record]:
        """The records, made once: each erasable text in them gets one salt only."""
        return self.records()

    @property
    def previewed(self) -> list[Record]:
        """The records as the page looks at them before they are entered; none while they cannot be made."""
        return self.built_records

    def make_erasable(self, text: str) -> str:
        """The digest that stands for a text in a record; the text is entered beside it."""
        salt = self.salt_for(len(self.texts))
        erasable = make_erasable(text, subject=self.ctx.patient.id, at=self.ctx.at, salt=salt)
        self.texts.append(erasable)
        return erasable.digest

    def salt_for(self, place: int) -> bytes | None:
        """The salt of the erasable text in that place; None: a random one."""
        return None

    def signature(self) -> Signature | None:
        """The signature on the records, for a form that is signed."""
        return None

    def prove(self) -> bool:
        """Check the credentials of this valid form, where it is signed; False with what is wrong beside its field."""
        return True

    def save_to_log(self) -> bool:
        """Enter the records; False when the rules refuse them, which is then shown beside the fields."""
        if not self.prove():
            return False
        try:
            self.enter()
        except EntryRefused as refused:
            self.show(refused)
        except OwnFile:
            self.refuse(NOT_TO_THEM)
        except KeyReused:
            self.refuse(OUT_OF_DATE)
        else:
            return True
        return False

    def enter(self) -> None:
        """Hand the records to the action."""
        self.numbers = enter(
            patient=self.ctx.patient.id,
            records=self.built_records,
            by=self.ctx.by,
            at=self.ctx.at,
            key=self.idempotency_key,
            texts=self.texts,
            signature=self.signature(),
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
    template: str = "shared/form.html",
    ctx: PatientContext | None = None,
    **more: Any,
) -> HttpResponse:
    """A page that is one form. An invalid one answers 422, so that nothing takes it for done.

    `ctx` is the patient whom the page is about, where the form does not know it.
    A form that is about to be signed with a passkey answers with what the browser asks of it.
    """
    if (options := getattr(form, "passkey_options", None)) is not None:
        return JsonResponse(options)
    about = form.ctx if isinstance(form, EntryForm) else ctx
    if about is not None and request.method == "POST":
        # Shown again it is an access like any other: posting nonsense, or nothing, is no way to read without a trace.
        _log_access(request, about)
    context = {"form": form, "title": title, "lead": lead, "back": back} | more
    return render(request, template, context, status=status or (422 if form.is_bound and form.errors else 200))
