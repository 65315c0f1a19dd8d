"""Forms of a patient and a guardian."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any, ClassVar

from crispy_forms.helper import FormHelper
from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext as translated
from django.utils.translation import gettext_lazy as _

from compliance.documents import Question
from compliance.rules.care.notes import ProblemReported, ReportMistaken
from compliance.rules.contraception import acceptable
from compliance.rules.editions import Program
from compliance.rules.records import ContraceptionDeclared, PregnancyReported, Record
from compliance.words.methods import METHOD_LABELS
from compliance.words.planner import long_day
from ui.forms import BaseForm
from ui.navigation import Words
from web.prescriber.forms import BookingForm, choices, clean_methods, offer_choices, radio
from web.shared.common import EntryForm, PatientContext
from web.shared.confirm_entry import TellingForm
from web.shared.help import explain
from web.shared.signature_forms import SignedEntryForm


class OwnMethodsForm(SignedEntryForm, TellingForm):
    """The methods that a patient uses, and this month's attestation: one signature on all of its points."""

    submit: ClassVar[Words] = _("All of this is true: sign")
    about_self: ClassVar[bool] = True
    document_code = "monthly-patient"
    asks_first: ClassVar[bool] = False
    has_boxes: ClassVar[bool] = False

    methods = forms.MultipleChoiceField(
        label=_("What do you use?"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Choose the two that you use together. Or choose abstinence alone."),
    )

    def __init__(self, *args: Any, ctx: PatientContext, **kwargs: Any) -> None:
        super().__init__(*args, ctx=ctx, **kwargs)
        self.fields["methods"].initial = self.last_time
        explain(self, methods=("primary-method", "secondary-method", "abstinence"))

    @cached_property
    def helper(self) -> FormHelper:
        """Drawn with the methods of last time, to be signed as they are."""
        helper = super().helper
        helper.template = "patient/month_form.html"
        return helper

    @cached_property
    def last_time(self) -> list[str]:
        """The methods as the patient named them last in this course, where they are accepted still; else none."""
        result = self.ctx.file.history(self.ctx.at).in_course(ContraceptionDeclared)
        last = next((record for _entry, record in reversed(result) if record.by == "patient"), None)
        return list(last.methods) if last and acceptable(last.methods, self.ctx.program.methods) else []

    @property
    def is_as_last_time(self) -> bool:
        """Whether the page shows the methods of last time, to be signed as they are."""
        return bool(self.last_time) and (not self.is_bound or sorted(self["methods"].value()) == sorted(self.last_time))

    @property
    def last_time_words(self) -> list[Words]:
        """The names of the methods of last time."""
        return [METHOD_LABELS[code] for code in self.ctx.program.methods if code in self.last_time]

    def offer(self, program: Program) -> None:
        super().offer(program)
        offer_choices(self, "methods", choices(METHOD_LABELS, program.methods))

    def clean_methods(self) -> list[str]:
        """Two methods that go together, or abstinence alone."""
        return clean_methods(self.cleaned_data["methods"], self.ctx.program)

    def records(self) -> list[Record]:
        return [ContraceptionDeclared("patient", tuple(self.cleaned_data["methods"]))]


class QuestionsForm(BaseForm):
    """Questions of this month: the page asks one, and each of its answers is a button."""

    submit: ClassVar[Words] = _("Check my answers")

    def __init__(self, *args: Any, questions: Sequence[Question], seed: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questions = questions
        for question in questions:
            self.fields[question.id] = radio(question.question, shuffled(question, seed))

    def choices(self) -> dict[str, int]:
        """The choice for each question."""
        return {name: int(value) for name, value in self.cleaned_data.items() if name != "key"}


def shuffled(question: Question, seed: str) -> list[tuple[str, str]]:
    """The choices in an order of this month's: nobody learns that the second is right."""
    options = [(str(place), text) for place, text in enumerate(question.choices)]
    return sorted(options, key=lambda option: sha256(f"{seed}:{question.id}:{option[0]}".encode()).digest())


class OwnBookingForm(BookingForm):
    """The day of one's own next test."""

    about_self: ClassVar[bool] = True

    @property
    def done(self) -> Words:
        """For which day it is booked, and what follows."""
        if (day := self.cleaned_data["booked_on"]) is None:
            return _("No test is booked any more.")
        words = translated(
            "Your test is booked for %(day)s. The day stands in your calendar. If no result is entered a day later, "
            "we ask about it."
        )
        return words % {"day": long_day(day)}


class MistakeForm(EntryForm):
    """A note to the prescriber, and no more."""

    submit: ClassVar[Words] = _("It was a mistake")

    def records(self) -> list[Record]:
        return [ReportMistaken()]


class ProblemForm(EntryForm):
    """One press: what happened is in the address."""

    submit: ClassVar[Words] = _("Tell my practice now")

    def __init__(self, *args: Any, what: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.what = what

    def records(self) -> list[Record]:
        return [ProblemReported(self.what)]


class MaybePregnantForm(EntryForm):
    """One press."""

    submit: ClassVar[Words] = _("I may be pregnant")
    danger: ClassVar[bool] = True

    def records(self) -> list[Record]:
        return [PregnancyReported()]
