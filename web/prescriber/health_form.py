"""Allergies, other medicines and conditions: asked at enrolment, and again when something has changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from compliance.documents.products import all_products
from compliance.rules.care.health import HealthAnswered, flags
from compliance.rules.records import Record
from compliance.words import health as words
from ledger.erasable_text import read_texts
from ui.navigation import Words
from web.shared.common import EntryForm, PatientContext, is_tested
from web.shared.health_changes import HealthChanges, health_changes
from web.shared.signed_text_forms import NeverEchoedField


def boxes(label: Words, table: Mapping[str, Words]) -> forms.MultipleChoiceField:
    """Several of a table, each with a box."""
    return forms.MultipleChoiceField(
        label=label, choices=list(table.items()), widget=forms.CheckboxSelectMultiple, required=False
    )


def last_answered(ctx: PatientContext) -> HealthAnswered | None:
    """What was answered last, in whichever course."""
    answered = ctx.file.history(ctx.at).of(HealthAnswered)
    return answered[-1][1] if answered else None


def other_words(answered: HealthAnswered | None) -> str:
    """What else was said, in their own words; empty where nothing was, or it is erased."""
    if answered is None or answered.other is None:
        return ""
    return read_texts([answered.other]).get(answered.other, "")


@dataclass(frozen=True, slots=True)
class FlagLine:
    """One answer that matters: what it is, and why."""

    label: str
    why: str
    is_grave: bool


def flag_lines(ctx: PatientContext, product: str) -> list[FlagLine]:
    """What the latest answers say against that product, or against the medicine where none is named."""
    answered = last_answered(ctx)
    if answered is None:
        return []
    found = flags(answered, all_products().get(product), contraception=is_tested(ctx))
    return [FlagLine(*words.flag_words(flag), flag.is_grave) for flag in found]


class HealthForm(EntryForm):
    """What was answered last stands in it; what is sent counts as a whole."""

    submit: ClassVar[Words] = _("Save the answers")

    allergies = boxes(_("Allergies"), words.ALLERGIES)
    medicines = boxes(_("Other medicines"), words.MEDICINES)
    conditions = boxes(_("Conditions"), words.CONDITIONS)
    other = forms.CharField(
        label=_("Anything else"), widget=forms.Textarea(attrs={"rows": 3}), max_length=500, required=False
    )

    #: The number of the patient's last word that was on the page.
    seen = NeverEchoedField(required=False, max_length=10)

    def __init__(self, *args: Any, ctx: PatientContext, **kwargs: Any) -> None:
        super().__init__(*args, ctx=ctx, **kwargs)
        self.fields["seen"].initial = self._last_change
        answered = last_answered(ctx)
        if answered is not None and not self.is_bound:
            for name in ("allergies", "medicines", "conditions"):
                self.fields[name].initial = list(getattr(answered, name))
            self.fields["other"].initial = other_words(answered)

    @cached_property
    def changes(self) -> HealthChanges:
        """What the patient said of it since it was entered."""
        return health_changes(self.ctx)

    @property
    def _last_change(self) -> str:
        waiting = self.changes.waiting
        return str(waiting[-1].number) if waiting else ""

    def clean(self) -> dict[str, Any]:
        """What the patient wrote while the page was open is not settled by answers that do not know of it."""
        data = super().clean() or {}
        if self._last_change and data.get("seen") != self._last_change:
            self.add_error(None, _("The patient has written something meanwhile. Read it above, then save."))
        return data

    def records(self) -> list[Record]:
        """The answers."""
        data = self.cleaned_data
        other = self.make_erasable(data["other"]) if data["other"] else None
        return [HealthAnswered(tuple(data["allergies"]), tuple(data["medicines"]), tuple(data["conditions"]), other)]
