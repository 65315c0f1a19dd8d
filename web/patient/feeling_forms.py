"""Forms of how a patient feels and of side effects."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from compliance import documents
from compliance.documents.care import SIDE_EFFECTS
from compliance.rules.care import mood
from compliance.rules.care.side_effects import OF_CRISIS, SideEffectReported
from compliance.rules.editions import Program
from compliance.rules.records import Record
from ui.fields import FoldedCheckboxes
from ui.forms import BaseForm
from ui.navigation import Words
from web.prescriber.forms import offer_choices
from web.shared.common import EntryForm
from web.shared.page_language import document_language
from web.shared.reports import WORDS


class MoodForm(BaseForm):
    """One question about how the patient feels: each answer is a button, and goes alone."""

    submit: ClassVar[Words] = _("Answer")

    item = forms.TypedChoiceField(coerce=int, widget=forms.HiddenInput, choices=[(i, i) for i in mood.ITEMS[mood.PHQ9]])
    answer = forms.TypedChoiceField(coerce=int, widget=forms.HiddenInput, choices=[(a, a) for a in mood.ANSWERS])

    def with_answer(self, before: Mapping[str, int]) -> Mapping[str, int]:
        """The answers so far with this one."""
        return mood.settled({**before, str(self.cleaned_data["item"]): self.cleaned_data["answer"]})


class SideEffectsForm(EntryForm):
    """Symptoms to pick, and one's own words about them."""

    submit: ClassVar[Words] = _("Tell me what to do")
    about_self: ClassVar[bool] = True

    symptoms = forms.MultipleChoiceField(
        label=_("What do you notice?"), widget=FoldedCheckboxes,
        help_text=_("Open what fits, and pick all that you noticed in the last days. We then say at once what to do."),
    )  # fmt: skip
    words = forms.CharField(
        label=_("In your own words"), widget=forms.Textarea(attrs={"rows": 3}), max_length=1000, required=False,
        help_text=_("Since when, how bad, and what you have done about it. Your practice reads it."),
    )  # fmt: skip

    @cached_property
    def table(self) -> documents.SymptomTable:
        """The symptoms of today, in the language of the page."""
        return documents.symptom_table(document_language(), version=documents.version_on(SIDE_EFFECTS, self.today))

    def offer(self, program: Program) -> None:
        super().offer(program)
        grouped: Any = self.table.grouped()
        offer_choices(self, "symptoms", grouped)

    @property
    def is_crisis(self) -> bool:
        """Whether the valid form names thoughts of harm."""
        return not OF_CRISIS.isdisjoint(self.cleaned_data["symptoms"])

    def records(self) -> list[Record]:
        codes, words = self.cleaned_data["symptoms"], self.cleaned_data["words"]
        sealed = {WORDS: self.make_erasable(words)} if words else None
        urgency = self.table.urgency_of(codes)
        return [SideEffectReported(tuple(codes), self.table.version, self.table.language, urgency, sealed)]
