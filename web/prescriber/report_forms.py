"""The practice's answer to what a patient reported."""

from typing import Any, ClassVar

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from compliance.rules.care.open_reports import reports
from compliance.rules.care.side_effects import ReportAnswered
from compliance.rules.records import Record
from ui.navigation import Words
from web.shared.common import EntryForm, PatientContext
from web.shared.reports import WORDS, ReportLine, latest, waiting


class AnswerForm(EntryForm):
    """Whether somebody talked with the patient, and what the patient reads: one of the two, or both."""

    submit: ClassVar[Words] = _("Save the answer")

    report = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1, required=False)
    talked = forms.BooleanField(label=_("I have talked with the patient"), required=False)
    words = forms.CharField(
        label=_("What the patient reads"), widget=forms.Textarea(attrs={"rows": 4}), max_length=1000, required=False,
        help_text=_("Short and plain. The patient gets a message that there is an answer, and reads it signed in."),
    )  # fmt: skip

    def __init__(self, *args: Any, ctx: PatientContext, **kwargs: Any) -> None:
        super().__init__(*args, ctx=ctx, **kwargs)
        # What comes in after this page was opened stays open.
        last = reports(ctx.file.history(ctx.at).entries)[-1:]
        self.fields["report"].initial = last[0][0].number if last else 0

    @cached_property
    def waiting(self) -> list[ReportLine]:
        """What is answered: all that waits, or else the latest."""
        found, last = waiting(self.ctx), latest(self.ctx)
        return found or ([last] if last is not None else [])

    def clean(self) -> dict[str, Any]:
        """An answer says something."""
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors and not cleaned.get("talked") and not cleaned.get("words"):
            self.add_error("talked", _("Tick this, or write what the patient should read."))
        return cleaned

    def records(self) -> list[Record]:
        data = self.cleaned_data
        sealed = {WORDS: self.make_erasable(data["words"])} if data["words"] else None
        return [ReportAnswered(data["report"] or 0, data["talked"], sealed)]
