"""Forms about the category: enrolling a patient, changing the category, beginning a further course."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, ClassVar

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from compliance.commands.enrolment import NewPatient, possible_from
from compliance.commands.invitations import under_age
from compliance.records.programs import program_day
from compliance.rules.editions import Program
from compliance.rules.records import CategoryChanged, Enrolled, Record
from compliance.words.choices import CATEGORY, PROOF_WORDS, REASON
from compliance.words.reasons import REASON_NOT_ACCEPTED
from compliance.words.refusals import refusal_words
from patients.fields import PhoneField
from ui import times
from ui.fields import BirthDateField, EmailField
from ui.forms import BaseForm
from ui.navigation import Words
from web.shared.common import EntryForm
from web.shared.help import explain
from web.shared.languages import LANGUAGE_HELP, language_field
from web.shared.signature_forms import SignedEntryForm

from .forms import choices, offer_choices, radio
from .known import AnotherCourse, another_course, initial_category

_REASON_FOR_NOTHING = {
    "reason": _("This is a reason for the other category, and “%(category)s” is chosen. Which of the two is right?"),
    "proof": _("These are findings for the other category, and “%(category)s” is chosen. Which is right?"),
}

TOO_YOUNG = _("Treatment is possible from the age of %(age)d. This patient can be enrolled from %(day)s on.")


def too_young(born_on: date | None, at: datetime, program: Program) -> str | None:
    """What is said of somebody who is too young to be enrolled; None for anybody else."""
    day = possible_from(born_on, at, program) if born_on else None
    if day is None:
        return None
    age = program.edition_on(program_day(at, program)).least_age
    # Translators: how a day is written, in the letters of Django's `date` filter.
    return TOO_YOUNG % {"age": age, "day": times.first_day(day, gettext("M j, Y"))}


#: Said where a name is typed in two fields.
ONE_NAME = _("One of the two is enough, where there is one legal name alone.")


def ask_for_a_name(form: forms.Form, data: Mapping[str, Any]) -> None:
    """At least one of the two names is needed."""
    names = ("given_name", "family_name")
    if not any(data.get(name) for name in names) and not any(name in form.errors for name in names):
        form.add_error("family_name", _("Fill in at least one name."))


class CategoryFields(forms.Form):
    """The category with its reason, and the findings that prove menopause."""

    category = radio(_("Category"), [])
    reason = forms.ChoiceField(
        label=_("Reason, for a patient who cannot become pregnant"),
        required=False,
    )
    proof = forms.MultipleChoiceField(
        label=_("Findings, where the reason is a confirmed menopause"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def offer_categories(self, program: Program) -> None:
        """Fill in the categories of the program, their reasons, and the findings that prove one."""
        self.program = program
        explain(self, category=("can-become-pregnant", "cannot-become-pregnant"))
        categories = program.categories.values()
        reasons = [reason for category in categories for reason in category.reasons]
        offer_choices(self, "category", choices(CATEGORY, program.categories))
        offer_choices(self, "reason", [("", "—"), *choices(REASON, reasons)])
        offer_choices(self, "proof", choices(PROOF_WORDS, program.findings))
        if program.reasons_not_accepted:
            never = ", ".join(str(REASON_NOT_ACCEPTED[code]) for code in program.reasons_not_accepted)
            self.fields["reason"].help_text = _("Not accepted as a reason: %(reasons)s.") % {"reasons": never}
        self.fields["category"].initial = next(iter(program.categories))
        self.fields["proof"].help_text = " ".join(
            _("Older than %(age)d: %(enough)s. %(age)d or younger: all.")
            % {"age": proof.all_up_to_age, "enough": ", ".join(str(PROOF_WORDS[name]) for name in proof.above)}
            for proof in program.proofs.values()
        )

    def _needs_reason(self, data: Mapping[str, Any]) -> bool:
        return bool(data.get("category")) and bool(self.program.categories[data["category"]].reasons)

    def clean(self) -> dict[str, Any]:
        """The other category needs a reason."""
        data = super().clean() or {}
        if self._needs_reason(data):
            if not data.get("reason"):
                self.add_error("reason", _("Choose the reason."))
        elif data.get("category"):
            # One of the two is a slip: nothing that was given is dropped without a word.
            for name, question in _REASON_FOR_NOTHING.items():
                if data.get(name):
                    self.add_error(name, question % {"category": CATEGORY[data["category"]]})
        return data

    def category_data(self) -> dict[str, Any]:
        """Category, reason and proof as a record takes them."""
        data = self.cleaned_data
        reasoned, findings = self._needs_reason(data), self.program.findings
        return {
            "category": data["category"],
            "reason": data["reason"] if reasoned else None,
            "proof": {name: findings[name] for name in data["proof"]} if reasoned and data["proof"] else None,
        }


class CategoryEntryForm(EntryForm, CategoryFields):
    """An entry that says the category. Shows a refusal of the proof beside the findings."""

    def offer(self, program: Program) -> None:
        super().offer(program)
        self.offer_categories(program)

    def show(self, refused: Any) -> None:
        show_proof(self, refused, self.program)


def show_proof(form: BaseForm, refused: Any, program: Program) -> None:
    """Each refusal beside its field; a finding that lacks, beside the findings."""
    for _place, refusal in refused.refusals:
        field = "proof" if refusal.field in program.findings else refusal.field
        form.refuse(refusal_words(refusal.rule), field if field in form.fields else None)


class CategoryForm(SignedEntryForm, CategoryEntryForm):
    """The patient belongs to the other category."""

    document_code = "changing-category"
    field_order = ["category", "reason", "proof"]
    submit: ClassVar[Words] = _("Change the category")
    danger: ClassVar[bool] = True

    def records(self) -> list[Record]:
        data = self.category_data()
        return [CategoryChanged(data["category"], data["reason"] or "entered by the prescriber", data["proof"])]


class CourseForm(CategoryEntryForm):
    """A further course of a patient who is known."""

    submit: ClassVar[Words] = _("Begin the course")

    def offer(self, program: Program) -> None:
        """The choices, with what is known filled in as it was before."""
        super().offer(program)
        for name, value in initial_category(self.ctx.file.history(self.ctx.at)).items():
            self.fields[name].initial = value

    @cached_property
    def another_course(self) -> AnotherCourse:
        """What is known, kept and new, for the page."""
        return another_course(self.ctx)

    def clean(self) -> dict[str, Any]:
        """A patient who is old enough: the birth date may have been corrected since the course before."""
        data = super().clean()
        born_on = self.ctx.file.history(self.ctx.at).born_on
        if (words := too_young(born_on, self.ctx.at, self.program)) is not None:
            self.add_error(None, words)
        return data

    def records(self) -> list[Record]:
        return [Enrolled(**self.category_data(), prescriber=str(self.ctx.patient.prescriber_id))]


class EnrolForm(BaseForm, CategoryFields):
    """Enrol a patient."""

    submit: ClassVar[Words] = _("Enrol the patient")
    field_order = [
        "given_name", "family_name", "born_on", "email", "phone", "language", "category", "reason", "proof",
        "guardian_name", "guardian_email", "guardian_phone", "guardian_language",
    ]  # fmt: skip

    given_name = forms.CharField(label=_("Given name"), max_length=60, required=False)
    family_name = forms.CharField(label=_("Family name"), max_length=60, required=False, help_text=ONE_NAME)
    born_on = BirthDateField(asks_age=True)
    email = EmailField(
        label=_("E-mail"),
        required=False,
        help_text=_(
            "The invitation to sign goes there, and the patient signs in with it. Nobody else's address: neither "
            "another patient's nor the guardian's. Patients who have an account keep their address. No e-mail? Leave "
            "this empty: you print a letter with a code next."
        ),
    )
    phone = PhoneField(label=_("Mobile phone"), required=False)
    language = language_field(_("Language"), help_text=LANGUAGE_HELP)
    guardian_name = forms.CharField(label=_("Guardian's name"), max_length=120, required=False)
    guardian_email = EmailField(
        label=_("Guardian's e-mail"),
        required=False,
        help_text=_("No e-mail? Leave this empty: you print a letter next."),
    )
    guardian_phone = PhoneField(label=_("Guardian's phone"), required=False)
    guardian_language = language_field(_("Guardian's language"))
    somebody_else = forms.BooleanField(
        label=_("This is somebody else. The program office looks at it first."), required=False
    )

    def __init__(self, *args: Any, at: datetime, program: Program, **kwargs: Any) -> None:
        self.at = at
        super().__init__(*args, **kwargs)
        self._somebody_else = self.fields["somebody_else"]
        if "somebody_else" not in self.data:
            del self.fields["somebody_else"]
        self.offer_categories(program)
        self.ages = {"age": program.adult_age}
        self.fields["guardian_name"].help_text = _("For a patient under %(age)d.") % self.ages
        # For the script that asks for a guardian where there is to be one.
        self.fields["born_on"].widget.attrs |= {
            "data-adult-age": program.adult_age, "data-today": self.today.isoformat(),
        }  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """A birth date that can be, and the guardian of a minor, who is somebody else."""
        data = super().clean() or {}
        ask_for_a_name(self, data)
        born_on = data.get("born_on")
        if born_on and born_on > program_day(self.at, self.program):
            self.add_error("born_on", _("This day is still to come."))
        elif (words := too_young(born_on, self.at, self.program)) is not None:
            self.add_error("born_on", words)
        elif born_on and under_age(born_on, self.at, self.program):
            # With a name alone the guardian gets a letter; without one there is no guardian.
            for name in ("guardian_name", "guardian_email") if not data.get("guardian_name") else ():
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, _("A patient under %(age)d signs together with a guardian.") % self.ages)
        elif born_on:
            for name in ("guardian_name", "guardian_email", "guardian_phone", "guardian_language"):
                if data.get(name):
                    alone = _("A patient of %(age)d or older signs alone. Leave this empty, or check the date.")
                    self.add_error(name, alone % self.ages)
        if data.get("guardian_email") and data["guardian_email"].lower() == (data.get("email") or "").lower():
            self.add_error("guardian_email", _("The guardian needs an address of their own."))
        return data

    @property
    def shows_own(self) -> bool:
        """Whether patients of the practice who may be the same are to be shown: not once it was said who it is not."""
        return not self.cleaned_data.get("somebody_else")

    def ask_who(self) -> None:
        """Ask whether it is one of the practice's own patients, who are shown above the form."""
        self.fields["somebody_else"] = self._somebody_else
        self.refuse(_("You may have this patient already. Look at who is named above."))

    @property
    def today(self) -> date:
        """The day, as the program counts days."""
        return program_day(self.at, self.program)

    def new_patient(self) -> NewPatient:
        """What the action takes."""
        data = self.cleaned_data
        return NewPatient(
            given_name=data["given_name"].strip(),
            family_name=data["family_name"].strip(),
            born_on=data["born_on"],
            email=data["email"].lower(),
            phone=data["phone"],
            language=data["language"],
            guardian_language=data["guardian_language"],
            guardian_name=data["guardian_name"],
            guardian_email=data["guardian_email"].lower(),
            guardian_phone=data["guardian_phone"],
            **self.category_data(),
        )
