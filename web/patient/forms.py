"""Forms of a patient and a guardian."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from compliance.documents import Question
from compliance.rules.editions import Program
from compliance.rules.records import ContraceptionDeclared, PregnancyReported, Record, ReportMistaken
from compliance.words.methods import METHOD_LABELS
from ui.forms import BaseForm
from ui.navigation import Words
from web.prescriber.forms import BookingForm, choices, clean_methods, offer_choices, radio
from web.shared.common import EntryForm
from web.shared.confirm_entry import TellingForm
from web.shared.signature_forms import SignedEntryForm


class OwnMethodsForm(SignedEntryForm, TellingForm):
    """The methods that a patient uses, and this month's attestation."""

    submit: ClassVar[Words] = _("Sign for this month")
    about_self: ClassVar[bool] = True
    document_code = "monthly-patient"
    asks_first: ClassVar[bool] = False

    methods = forms.MultipleChoiceField(
        label=_("What do you use?"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Choose the two that you use together. Or choose abstinence alone."),
    )

    def offer(self, program: Program) -> None:
        super().offer(program)
        offer_choices(self, "methods", choices(METHOD_LABELS, program.methods))

    def clean_methods(self) -> list[str]:
        """Two methods that go together, or abstinence alone."""
        return clean_methods(self.cleaned_data["methods"], self.ctx.program)

    def records(self) -> list[Record]:
        return [ContraceptionDeclared("patient", tuple(self.cleaned_data["methods"]))]


class QuestionsForm(BaseForm):
    """The questions of this month that are still open."""

    submit: ClassVar[Words] = _("Check my answers")

    def __init__(self, *args: Any, questions: Sequence[Question], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for question in questions:
            options = [(str(place), text) for place, text in enumerate(question.choices)]
            self.fields[question.id] = radio(question.question, options)

    def choices(self) -> dict[str, int]:
        """The choice for each question."""
        return {name: int(value) for name, value in self.cleaned_data.items() if name != "key"}


class OwnBookingForm(BookingForm):
    """The day of one's own next test."""

    about_self: ClassVar[bool] = True


class MistakeForm(EntryForm):
    """A note to the prescriber, and no more."""

    submit: ClassVar[Words] = _("It was a mistake")

    def records(self) -> list[Record]:
        return [ReportMistaken()]


class MaybePregnantForm(EntryForm):
    """One press."""

    submit: ClassVar[Words] = _("I may be pregnant")
    danger: ClassVar[bool] = True

    def records(self) -> list[Record]:
        return [PregnancyReported()]
