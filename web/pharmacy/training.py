"""The yearly training: ten questions on what a pharmacist must do, answered and signed in one form."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.roles import PHARMACIST, for_roles
from compliance import documents
from compliance.commands import certifying
from compliance.documents import Question
from compliance.records.programs import program_day
from ledger.clock import now
from web.shared.certification import YearlyForm, attest
from web.shared.common import reader_of
from web.shared.page_language import document_language

from .own import pharmacy_of

BANK = "pharmacy-questions"


class TrainingForm(YearlyForm):
    """The yearly training, attested by who has answered each of its questions right.

    A wrong answer is explained beside its question, before the signature is looked at: it costs no try.
    """

    submit = gettext_lazy("Sign the training")
    document_code = "pharmacy-attestation"
    records = certifying.TRAINING

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        version = documents.version_on(BANK, program_day(self.at))
        self._questions = documents.questions(document_language(), version=version, bank=BANK)
        for number, question in enumerate(self._questions, 1):
            self.fields[question.id] = _choice(number, question)

    def clean(self) -> dict[str, Any]:
        """Explain what is wrong. Nothing is kept of wrong answers: who signs has corrected them."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for question in self._questions:
            chosen = cleaned.get(question.id)
            if chosen is not None and int(chosen) != question.right:
                self.add_error(question.id, ValidationError(question.explanation))
        return cleaned


def _choice(number: int, question: Question) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=f"{number}. {question.question}",
        choices=[(str(place), text) for place, text in enumerate(question.choices)],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose an answer.")},
    )


@for_roles(PHARMACIST)
def training(request: HttpRequest) -> HttpResponse:
    """The training, which certifies the pharmacy for another year."""
    pharmacy = pharmacy_of(request)
    form = TrainingForm(request.POST or None, reader=reader_of(request), subject=pharmacy.pk, at=now())
    return attest(
        request, form, certifying.complete_training, title=_("Yearly training"),
        lead=_("Ten questions on what you must do. A wrong answer is explained, and you try again. Then you sign."),
        done=_("Thank you. The training is recorded, and the pharmacy is certified for another year."),
        back=(_("Pharmacy"), reverse("pharmacy:profile")),
    )  # fmt: skip
