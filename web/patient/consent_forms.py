"""One section's answer, the signature under all of them, a no to the whole, and a consent that is taken back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.core import signing
from django.utils.translation import gettext_lazy as _

from accounts.roles import GUARDIAN
from compliance.commands import consents
from compliance.commands.consents import MEANINGS
from compliance.documents import Document, Item
from compliance.rules.records import ConsentSigned, Record
from ledger.erasable_text import make_erasable
from ledger.models import ErasableText
from ui.forms import BaseForm
from ui.navigation import Words
from web.prescriber.forms import radio
from web.shared.common import EntryForm, PatientContext
from web.shared.signature_forms import SignedEntryForm
from web.shared.signed_text_forms import TEXT_CHANGED, NeverEchoedField

YES, NO = "yes", "no"


READ_FIRST = _("Please read this part first. Then send your answer.")

QUESTION_WITH_YES = _("A question goes with a no. Choose no, or take the question out.")

_SALT = "web.patient.section"


def question_field() -> forms.CharField:
    """What somebody who says no would like to know first."""
    return forms.CharField(
        label=_("Your question"), widget=forms.Textarea(attrs={"rows": 3}), max_length=1000, required=False,
        help_text=_("Only your practice reads it, and talks with you about it."),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class DisplayedSection:
    """One section on one reader's screen, about one patient.

    Its version token goes out with the page and comes back with the answer. It is good for as long as the text is.
    """

    account: UUID
    patient: UUID
    document: Document
    item: Item

    @property
    def version_token(self) -> str:
        """What nobody can send who had not this page."""
        rows = [str(self.account), str(self.patient), self.document.sha256, self.item.id]
        return signing.Signer(salt=_SALT).sign_object(rows)

    def check(self, token: str) -> None:
        """Raises ValidationError where the token is of another section, reader or patient, or of another text."""
        try:
            account, patient, sha256, item = signing.Signer(salt=_SALT).unsign_object(token)
        except signing.BadSignature as error:
            raise forms.ValidationError(READ_FIRST) from error
        if (account, patient) != (str(self.account), str(self.patient)):
            raise forms.ValidationError(READ_FIRST)
        if sha256 != self.document.sha256:
            raise forms.ValidationError(TEXT_CHANGED)
        if item != self.item.id:
            raise forms.ValidationError(READ_FIRST)


class SectionForm(BaseForm):
    """Yes or no to one item, by whoever had its section on the screen."""

    submit: ClassVar[Words] = _("Save and continue")

    version_token = NeverEchoedField(max_length=1000, error_messages={"required": READ_FIRST})
    required_note = ""

    def __init__(self, *args: Any, displayed: DisplayedSection, kept: object, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.displayed = displayed
        self.fields["version_token"].initial = displayed.version_token
        self.fields["answer"] = radio(
            displayed.item.statement,
            [(YES, _("Yes")), (NO, _("No, I want to talk about it first"))],
            initial=None if kept is None else YES if kept else NO,
            error_messages={"required": _("Answer this one.")},
        )
        # Shown beside a no alone, where the browser can (`pages.css`).
        self.fields["question"] = question_field()

    def clean_question(self) -> str:
        """The question, which goes with a no."""
        question: str = self.cleaned_data["question"].strip()
        if question and self.cleaned_data.get("answer") == YES:
            raise forms.ValidationError(QUESTION_WITH_YES)
        return question

    def erasable_question(self, at: datetime) -> ErasableText | None:
        """The question that was typed with the no; None for none."""
        question = self.cleaned_data["question"]
        return make_erasable(question, subject=self.displayed.patient, at=at) if question else None

    def clean_version_token(self) -> str:
        """The version token of this section, of the text that is asked about now."""
        token: str = self.cleaned_data["version_token"]
        self.displayed.check(token)
        return token


class SignatureForm(SignedEntryForm):
    """The signature on a document of which every item is answered."""

    submit: ClassVar[Words] = _("Sign")
    about_self: ClassVar[bool] = True
    has_boxes: ClassVar[bool] = False

    def __init__(
        self, *args: Any, ctx: PatientContext, document: Document, answers: Mapping[str, object], **kwargs: Any
    ) -> None:
        super().__init__(*args, ctx=ctx, **kwargs)
        self.document = document
        self.meaning = MEANINGS[ctx.reader.role]
        self.answers = {item.id: answers.get(item.id) is True for item in document.items}

    def item_answers(self) -> Mapping[str, bool]:
        return self.answers

    def records(self) -> list[Record]:
        ctx = self.ctx
        return [
            consents.consent(patient=ctx.patient.id, document=self.document, answers=self.answers, by=ctx.by)
        ]  # fmt: skip

    def enter(self) -> None:
        signature, (record,) = self.signature(), self.built_records
        assert signature is not None
        assert isinstance(record, ConsentSigned)
        consents.sign(
            patient=self.ctx.patient.id, record=record, signature=signature, by=self.ctx.by, at=self.ctx.at,
            key=self.idempotency_key,
        )  # fmt: skip


class RefuseForm(EntryForm):
    """A no to the whole document."""

    submit: ClassVar[Words] = _("I do not sign")
    danger: ClassVar[bool] = True
    document = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["question"] = question_field()

    def enter(self) -> None:
        question = self.cleaned_data["question"].strip()
        consents.refuse(
            patient=self.ctx.patient.id,
            document=self.document,
            by=self.ctx.by,
            at=self.ctx.at,
            key=self.idempotency_key,
            question=make_erasable(question, subject=self.ctx.patient.id, at=self.ctx.at) if question else None,
        )


class WithdrawForm(EntryForm):
    """Take the consent back."""

    submit: ClassVar[Words] = _("Withdraw my consent")
    danger: ClassVar[bool] = True
    document = ""

    sure = forms.BooleanField(label=_("I take my consent back. I get no more of the medicine until I sign again."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.ctx.reader.role == GUARDIAN:
            self.fields["sure"].label = _(
                "I take my consent back, and the patient’s with it. No more of the medicine is handed out until we "
                "both sign again."
            )

    def enter(self) -> None:
        consents.withdraw(
            patient=self.ctx.patient.id,
            document=self.document,
            by=self.ctx.by,
            at=self.ctx.at,
            key=self.idempotency_key,
        )
