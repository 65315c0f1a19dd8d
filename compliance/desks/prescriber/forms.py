"""The prescriber's entries: one form a kind, each of which says which records it makes."""

from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.roles import DESIGNEE
from compliance.actions.enrolment import NewPatient, needs_guardian
from compliance.desks.common import Case, EntryForm
from compliance.rules.categories import CAN, CANNOT, CATEGORIES, PROOF, REASONS
from compliance.rules.contraception import METHODS, acceptable
from compliance.rules.records import (
    MENSES,
    RESULTS,
    SETTINGS,
    BirthDateCorrected,
    CategoryChanged,
    ContraceptionDeclared,
    Counselled,
    Discontinued,
    Enrolled,
    EntryStruck,
    HomeTestingSet,
    PregnancyReported,
    PregnancyTest,
    Record,
    StopCleared,
)
from compliance.words.choices import CATEGORY, MENSES_WORDS, PROOF_WORDS, REASON, RESULT, SETTING
from compliance.words.methods import METHOD_LABELS
from ledger.seal import seal
from patients.fields import PhoneField
from ui.fields import BirthDateField, DateField
from ui.forms import BaseForm
from ui.navigation import Words


def choices(table: Any, codes: tuple[str, ...]) -> list[tuple[str, Words]]:
    """The codes with their labels."""
    return [(code, table[code]) for code in codes]


def radio(label: Words, options: Sequence[tuple[str, Words]], **kwargs: Any) -> forms.ChoiceField:
    """One of a few, all to be seen at once."""
    return forms.ChoiceField(label=label, choices=options, widget=forms.RadioSelect, **kwargs)


class TestForm(EntryForm):
    """A pregnancy test."""

    submit: ClassVar[Words] = _("Save the test")

    collected_on = DateField(label=_("Day the specimen was collected"))
    result = radio(_("Result"), choices(RESULT, RESULTS))
    setting = radio(_("Where"), choices(SETTING, SETTINGS))
    menses = radio(
        _("Menses at collection"),
        [*choices(MENSES_WORDS, MENSES), ("", _("Not known"))],
        required=False,
        help_text=_("Needed for the second test before the first fill."),
    )

    def records(self) -> list[Record]:
        data = self.cleaned_data
        return [PregnancyTest(data["collected_on"], data["result"], data["setting"], data["menses"] or None)]


class VisitForm(EntryForm):
    """A visit with counselling."""

    submit: ClassVar[Words] = _("Save the visit")

    visit_on = DateField(label=_("Day of the visit with counselling"))

    def records(self) -> list[Record]:
        return [Counselled(self.cleaned_data["visit_on"])]


class MethodsForm(EntryForm):
    """Both methods of contraception, as a prescriber declares them."""

    submit: ClassVar[Words] = _("Save the methods")

    methods = forms.MultipleChoiceField(
        label=_("Methods in use"),
        choices=[(code, METHOD_LABELS[code]) for code in METHODS],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Two of different kinds, at least one of them primary; or abstinence alone."),
    )
    started_on = DateField(label=_("Both in use since"))

    def clean_methods(self) -> list[str]:
        """Two methods that go together, or abstinence alone."""
        return clean_methods(self.cleaned_data["methods"])

    def records(self) -> list[Record]:
        data = self.cleaned_data
        return [ContraceptionDeclared("prescriber", tuple(data["methods"]), data["started_on"])]


def clean_methods(methods: list[str]) -> list[str]:
    """The methods as they are, if the rules accept them."""
    if not acceptable(methods, METHODS):
        raise forms.ValidationError(
            _("Choose two methods of different kinds, at least one of them primary, or abstinence alone.")
        )
    return methods


class MonthlyForm(TestForm, VisitForm, MethodsForm):
    """The month in one go: the test, the visit, the methods."""

    submit: ClassVar[Words] = _("Confirm the month")
    field_order = ["collected_on", "result", "setting", "menses", "visit_on", "methods", "started_on"]

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        self._as_last_time()
        if case.reader.role == DESIGNEE:  # a designee never attests
            for name in ("methods", "started_on"):
                del self.fields[name]

    def _as_last_time(self) -> None:
        """The methods stand as the prescriber declared them last in this course: most months nothing changes."""
        found = self.case.file.history(self.case.at).in_course(ContraceptionDeclared)
        last = next((record for _entry, record in reversed(found) if record.by == "prescriber"), None)
        if last is not None:
            self.fields["methods"].initial = list(last.methods)
            self.fields["started_on"].initial = last.started_on

    def records(self) -> list[Record]:
        own = [TestForm.records(self), VisitForm.records(self)]
        if "methods" in self.fields:
            own.append(MethodsForm.records(self))
        return [record for records in own for record in records]


class HomeTestingForm(EntryForm):
    """Permission for tests at home."""

    permitted = radio(_("Tests at home"), [("yes", _("Permitted")), ("no", _("Not permitted"))])
    safeguard = forms.CharField(
        label=_("How misreading and falsification are guarded against"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=500,
        required=False,
        help_text=_("For example: the test is shown on a video visit, with the day's date beside it."),
    )

    def clean(self) -> dict[str, Any]:
        """A permission needs its safeguard."""
        data = super().clean() or {}
        if data.get("permitted") == "yes" and not data.get("safeguard"):
            self.add_error("safeguard", _("Say how misreading and falsification are guarded against."))
        return data

    def enter(self) -> None:
        self.sealed = seal(self.cleaned_data["safeguard"], subject=self.case.patient.id, at=self.case.at)
        enter_sealed(self)

    def records(self) -> list[Record]:
        return [HomeTestingSet(self.cleaned_data["permitted"] == "yes", self.sealed.digest)]


def enter_sealed(form: Any) -> None:
    """Enter records of which one refers to the form's sealed text."""
    from compliance.actions.entries import enter

    case: Case = form.case
    enter(
        patient=case.patient.id,
        records=form.records(),
        by=case.by,
        at=case.at,
        key=form.idempotency_key,
        sealed=[form.sealed],
    )


class CategoryFields(forms.Form):
    """The category with its reason, and the findings that prove menopause."""

    category = radio(_("Category"), choices(CATEGORY, CATEGORIES), initial=CAN)
    reason = forms.ChoiceField(
        label=_("Reason, for a patient who cannot become pregnant"),
        choices=[("", "—"), *choices(REASON, REASONS)],
        required=False,
        help_text=_(
            "Tubal sterilization, a partner's vasectomy, abstinence, not yet menstruating and a menopause that is "
            "not confirmed are no reasons."
        ),
    )
    proof = forms.MultipleChoiceField(
        label=_("Findings, where the reason is a confirmed menopause"),
        choices=[(name, PROOF_WORDS[name]) for name in PROOF],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("Older than 54: FSH. 54 or younger: all four."),
    )

    def clean(self) -> dict[str, Any]:
        """The other category needs a reason."""
        data = super().clean() or {}
        if data.get("category") == CANNOT and not data.get("reason"):
            self.add_error("reason", _("Choose the reason."))
        return data

    def category_data(self) -> dict[str, Any]:
        """Category, reason and proof as a record takes them."""
        data = self.cleaned_data
        cannot = data["category"] == CANNOT
        return {
            "category": data["category"],
            "reason": data["reason"] if cannot else None,
            "proof": {name: PROOF[name] for name in data["proof"]} if cannot and data["proof"] else None,
        }


class ShowsProof(EntryForm):
    """Shows a refusal of the proof beside the findings."""

    def show(self, refused: Any) -> None:
        show_proof(self, refused)


def show_proof(form: BaseForm, refused: Any) -> None:
    """Each refusal beside its field; a finding that lacks, beside the findings."""
    from compliance.words.refusals import refusal_words

    for _place, refusal in refused.refusals:
        field = "proof" if refusal.field in PROOF else refusal.field
        form.refuse(refusal_words(refusal.rule), field if field in form.fields else None)


class CategoryForm(ShowsProof, CategoryFields):
    """The patient belongs to the other category."""

    submit: ClassVar[Words] = _("Change the category")
    danger: ClassVar[bool] = True

    def records(self) -> list[Record]:
        data = self.category_data()
        return [CategoryChanged(data["category"], data["reason"] or "entered by the prescriber", data["proof"])]


class CourseForm(ShowsProof, CategoryFields):
    """A further course of a patient who is known."""

    submit: ClassVar[Words] = _("Begin the course")

    def records(self) -> list[Record]:
        return [Enrolled(**self.category_data(), prescriber=str(self.case.patient.prescriber_id))]


class WithReason(EntryForm):
    """An entry that is explained in free words, which are sealed."""

    danger: ClassVar[bool] = True

    reason = forms.CharField(label=_("Why"), widget=forms.Textarea(attrs={"rows": 3}), max_length=500)

    def enter(self) -> None:
        self.sealed = seal(self.cleaned_data["reason"], subject=self.case.patient.id, at=self.case.at)
        enter_sealed(self)


class StopForm(WithReason):
    """Clear every open stop."""

    submit: ClassVar[Words] = _("Clear the stop")

    def records(self) -> list[Record]:
        return [StopCleared(self.sealed.digest)]


class BirthDateForm(WithReason):
    """Put a birth date right."""

    submit: ClassVar[Words] = _("Correct the birth date")
    field_order = ["born_on", "reason"]

    born_on = BirthDateField()

    def clean_born_on(self) -> Any:
        """A day that has been."""
        born_on = self.cleaned_data["born_on"]
        if born_on > self.case.at.date():
            raise forms.ValidationError(_("This day is still to come."))
        return born_on

    def records(self) -> list[Record]:
        return [BirthDateCorrected(self.cleaned_data["born_on"], self.sealed.digest)]


class DiscontinueForm(WithReason):
    """End the course."""

    submit: ClassVar[Words] = _("End the course")
    field_order = ["dose", "last_dose_on", "reason"]

    dose = radio(_("Was any dose taken?"), [("yes", _("Yes")), ("no", _("No, none"))])
    last_dose_on = DateField(label=_("Day of the last dose"), required=False)

    def clean(self) -> dict[str, Any]:
        """The day of the last dose, if there was one."""
        data = super().clean() or {}
        if data.get("dose") == "yes" and not data.get("last_dose_on") and "last_dose_on" not in self.errors:
            self.add_error("last_dose_on", _("Enter the day of the last dose."))
        return data

    def records(self) -> list[Record]:
        last = self.cleaned_data["last_dose_on"] if self.cleaned_data["dose"] == "yes" else None
        return [Discontinued(self.sealed.digest, last)]


class PregnancyForm(EntryForm):
    """Report a pregnancy."""

    submit: ClassVar[Words] = _("Report a pregnancy")
    danger: ClassVar[bool] = True

    sure = forms.BooleanField(label=_("Treatment stops at once, and an open authorization becomes void."))

    def records(self) -> list[Record]:
        return [PregnancyReported()]


class StrikeForm(WithReason):
    """Strike a wrong entry; which one, the address says."""

    submit: ClassVar[Words] = _("Strike the entry")
    entry: int = 0

    def records(self) -> list[Record]:
        return [EntryStruck(self.entry, self.sealed.digest)]


class EnrolForm(BaseForm, CategoryFields):
    """Enrol a patient."""

    submit: ClassVar[Words] = _("Enrol the patient")
    field_order = [
        "given_name", "family_name", "born_on", "email", "phone", "category", "reason", "proof",
        "guardian_name", "guardian_email",
    ]  # fmt: skip

    given_name = forms.CharField(label=_("Given name"), max_length=60)
    family_name = forms.CharField(label=_("Family name"), max_length=60)
    born_on = BirthDateField()
    email = forms.EmailField(label=_("E-mail"), help_text=_("The invitation to sign goes there."))
    phone = PhoneField(label=_("Mobile phone"), required=False)
    guardian_name = forms.CharField(
        label=_("Guardian's name"), max_length=120, required=False, help_text=_("For a patient under 18.")
    )
    guardian_email = forms.EmailField(label=_("Guardian's e-mail"), required=False)

    def __init__(self, *args: Any, at: Any, **kwargs: Any) -> None:
        self.at = at
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        """A birth date that can be, and the guardian of a minor, who is somebody else."""
        data = super().clean() or {}
        born_on = data.get("born_on")
        if born_on and born_on > self.at.date():
            self.add_error("born_on", _("This day is still to come."))
        elif born_on and needs_guardian(born_on, self.at):
            for name in ("guardian_name", "guardian_email"):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, _("A patient under 18 signs together with a guardian."))
        if data.get("guardian_email") and data.get("guardian_email") == data.get("email"):
            self.add_error("guardian_email", _("The guardian needs an address of their own."))
        return data

    def new_patient(self) -> NewPatient:
        """What the action takes."""
        data = self.cleaned_data
        guardian = bool(data["guardian_email"])
        return NewPatient(
            given_name=data["given_name"].strip(),
            family_name=data["family_name"].strip(),
            born_on=data["born_on"],
            email=data["email"].lower(),
            phone=data["phone"],
            guardian_name=data["guardian_name"] if guardian else "",
            guardian_email=data["guardian_email"].lower() if guardian else "",
            **self.category_data(),
        )


class DesigneeForm(BaseForm):
    """An account for one who works for this prescriber."""

    submit: ClassVar[Words] = _("Add the designee")

    name = forms.CharField(label=_("Name"), max_length=120)
    email = forms.EmailField(label=_("E-mail"))


class InviteForm(EntryForm):
    """Send an invitation again; `guardian` from the address."""

    submit: ClassVar[Words] = _("Send the invitation again")
    guardian: UUID | None = None
