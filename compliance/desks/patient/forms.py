"""What a patient and a guardian fill in."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from compliance.actions import consents
from compliance.actions.comprehension import Round
from compliance.actions.consents import Signature
from compliance.desks.common import EntryForm
from compliance.desks.prescriber.forms import clean_methods, radio
from compliance.documents import Document
from compliance.rules.contraception import METHODS
from compliance.rules.records import ContraceptionDeclared, PregnancyReported, Record
from compliance.words.methods import METHOD_LABELS
from ui.forms import BaseForm
from ui.navigation import Words

YES, NO = "yes", "no"


class SignForm(EntryForm):
    """Every item of a document, the printed name, and the password at the moment of signing."""

    submit: ClassVar[Words] = _("Sign")
    about_self: ClassVar[bool] = True

    printed_name = forms.CharField(label=_("Your full name"), max_length=120)
    password = forms.CharField(
        label=_("Your password"),
        widget=forms.PasswordInput,
        strip=False,
        help_text=_("Signing asks for it each time, so that nobody else can sign for you."),
    )

    def __init__(self, *args: Any, document: Document, signer: User, answers: dict[str, object], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.document, self.signer = document, signer
        for item in document.items:
            kept = answers.get(item.id)
            self.fields[item.id] = radio(
                item.statement,
                [(YES, _("Yes")), (NO, _("No, I want to talk about it first"))],
                initial=None if kept is None else YES if kept else NO,
                error_messages={"required": _("Answer this one.")},
            )

    @property
    def item_fields(self) -> list[tuple[Any, Any]]:
        """Each item of the text with its field, in the text's order."""
        return [(item, self[item.id]) for item in self.document.items]

    def given(self) -> dict[str, object]:
        """The answers given so far, also in a form that is not valid."""
        raw = {item.id: self.data.get(self.add_prefix(item.id)) for item in self.document.items}
        return {item: answer == YES for item, answer in raw.items() if answer in (YES, NO)}

    def clean(self) -> dict[str, Any]:
        """Every item answered yes, and the password right."""
        data = super().clean() or {}
        for item in self.document.items:
            if data.get(item.id) == NO:
                self.add_error(item.id, _("You can sign when this is answered with yes. Your prescriber is told."))
        if data.get("password") and not self.signer.check_password(data["password"]):
            self.add_error("password", _("This is not your password."))
        return data

    def enter(self) -> None:
        consents.sign(
            patient=self.case.patient.id,
            signature=Signature(
                document=self.document, answers=self.given(), printed_name=self.cleaned_data["printed_name"]
            ),
            by=self.case.by,
            at=self.case.at,
            key=self.idempotency_key,
        )


class WithdrawForm(EntryForm):
    """Take a signature back."""

    submit: ClassVar[Words] = _("Withdraw my consent")
    danger: ClassVar[bool] = True
    document = ""

    sure = forms.BooleanField(label=_("I take my consent back. I get no more of the medicine until I sign again."))

    def enter(self) -> None:
        consents.withdraw(
            patient=self.case.patient.id,
            document=self.document,
            by=self.case.by,
            at=self.case.at,
            key=self.idempotency_key,
        )


class OwnMethodsForm(EntryForm):
    """The methods that a patient uses."""

    submit: ClassVar[Words] = _("Save")

    methods = forms.MultipleChoiceField(
        label=_("What do you use?"),
        choices=[(code, METHOD_LABELS[code]) for code in METHODS],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Choose the two that you use together. Or choose abstinence alone."),
    )

    def clean_methods(self) -> list[str]:
        """Two methods that go together, or abstinence alone."""
        return clean_methods(self.cleaned_data["methods"])

    def records(self) -> list[Record]:
        return [ContraceptionDeclared("patient", tuple(self.cleaned_data["methods"]))]


class QuestionsForm(BaseForm):
    """The questions of this month that are still open."""

    submit: ClassVar[Words] = _("Check my answers")

    def __init__(self, *args: Any, asked: Round, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for question in asked.left:
            options = [(str(place), text) for place, text in enumerate(question.choices)]
            self.fields[question.id] = radio(question.question, options)

    def choices(self) -> dict[str, int]:
        """The choice for each question."""
        return {name: int(value) for name, value in self.cleaned_data.items() if name != "key"}


class MaybePregnantForm(EntryForm):
    """One press."""

    submit: ClassVar[Words] = _("I may be pregnant")
    danger: ClassVar[bool] = True

    def records(self) -> list[Record]:
        return [PregnancyReported()]
